package receipt

// word is a field's name in both languages.
type word struct{ zh, en string }

var (
	wordTitle     = word{"签购单", "SALES SLIP"}
	wordMerchant  = word{"商户存根", "MERCHANT COPY"}
	wordCustomer  = word{"顾客存根", "CUSTOMER COPY"}
	wordDuplicate = word{"重打印凭证", "DUPLICATE"}
	wordName      = word{"商户名称", "MERCHANT"}
	wordMID       = word{"商户编号", "MID"}
	wordTID       = word{"终端编号", "TID"}
	wordOperator  = word{"操作员号", "OPERATOR"}
	wordAcquirer  = word{"收单机构", "ACQUIRER"}
	wordWallet    = word{"支付方式", "WALLET"}
	wordClearing  = word{"清算机构", "CLEARING"}
	wordCode      = word{"支付码号", "CODE"}
	wordType      = word{"交易类型", "TYPE"}
	wordSale      = word{"消费", "SALE"}
	wordBatch     = word{"批次号", "BATCH"}
	wordTrace     = word{"凭证号", "TRACE"}
	wordRef       = word{"参考号", "REF"}
	wordChannel   = word{"渠道单号", "CHANNEL"}
	wordOrder     = word{"订单号", "ORDER"}
	wordTime      = word{"日期时间", "DATE/TIME"}
	wordAmount    = word{"金额", "AMOUNT"}
	wordRemarks   = word{"备注", "REMARKS"}
	wordRefund    = word{"退货", "REFUND"}
	wordVoid      = word{"撤销", "VOID"}
	wordOffline   = word{"脱机消费", "OFFLINE SALE"}
	wordNotYet    = word{"未经批准，待联机上传", "OFFLINE - NOT YET APPROVED"}
	wordOriginal  = word{"原订单号", "OF ORDER"}
	wordOrigTrace = word{"原凭证号", "OF TRACE"}
	wordHand      = word{"待人工处理", "FOR A PERSON TO RESOLVE"}
	wordNoReceipt = word{"非收款凭证", "NOT A RECEIPT"}
	wordState     = word{"状态", "STATE"}
	wordReason    = word{"原因", "REASON"}
	wordSaid      = word{"收单应答", "ACQUIRER SAID"}
	wordSince     = word{"自", "SINCE"}
	wordLookUp    = word{"请在收单方账目中核对此订单，再在终端上结案",
		"Look this order up in the acquirer's books, then close it on the terminal."}
	wordSettlement = word{"结算单", "SETTLEMENT"}
	wordUnbalanced = word{"对账不平，已上送明细", "OUT OF BALANCE - BATCH UPLOADED"}
	wordClosed     = word{"关批时间", "CLOSED"}

	wordUnconfirmed = word{"收单方未确认，请核对账单", "NOT CONFIRMED - CHECK THE BILL"}
	wordSettled     = word{"结算时间", "SETTLED"}
	wordNet         = word{"净额", "NET"}
	wordByBill      = word{"收单方不与终端结算，以其账单为准",
		"This acquirer settles by its own books: compare its bill."}
	wordSupervisor  = word{"主管授权", "AUTHORISED BY"}
	wordShiftReport = word{"交接班报表", "SHIFT REPORT"}
	wordTotals      = word{"当前批次汇总", "TOTALS OF THE OPEN BATCH"}
	wordRunning     = word{"中间报表，当班未结束", "X REPORT - SHIFT STILL RUNNING"}
	wordNotClosed   = word{"中间报表，批次未关闭", "X REPORT - BATCH STILL OPEN"}
	wordShift       = word{"班次", "SHIFT"}
	wordPerson      = word{"姓名", "NAME"}
	wordRole        = word{"角色", "ROLE"}
	wordSignedOn    = word{"签到时间", "SIGNED ON"}
	wordSignedOff   = word{"签退时间", "SIGNED OFF"}
	wordAsOf        = word{"截至", "AS OF"}
	wordOpen        = word{"未决交易（不计入）", "STILL OPEN, NOT COUNTED"}
	wordOther       = word{"其他", "OTHER"}
	wordVoidsToo    = word{"撤销的消费同时计入消费与撤销", "A voided sale counts as a sale and as a void."}

	wordOverride = word{"另一订单未决时由人工确认收款", "SOLD WHILE ANOTHER ORDER WAS IN DOUBT"}
)

var walletNames = map[string]word{
	"wechat": {"微信支付", "WeChat Pay"}, "alipay": {"支付宝", "Alipay"},
	"unionpay": {"云闪付", "UnionPay"}, "ecny": {"数字人民币", "e-CNY"}, "qq": {"QQ钱包", "QQ Wallet"},
}

var roleNames = map[string]word{
	"cashier": {"收银员", "Cashier"}, "supervisor": {"主管", "Supervisor"}, "technician": {"技术员", "Technician"},
}

var clearingNames = map[string]word{
	"nucc": {"网联", "NetsUnion"}, "cup": {"银联", "UnionPay"}, "pboc": {"人民银行", "PBOC"},
}
