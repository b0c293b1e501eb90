package allinpay

import "saoma/terminal/txn"

// The values of retcode, version 12: whether the gateway took the request.
const (
	retSuccess  = "SUCCESS"
	retParamErr = "PARAMERR"    // not handed on: a field is wrong
	retSignErr  = "SIGNAUTHERR" // not handed on: our signature is wrong
)

// question is what was asked; a code does not mean the same for each.
type question uint8

const (
	askPay     question = iota
	askPresent          // approved: the order was taken, nobody has paid yet
	askQuery
	askUndo    // cancel, refund
	askNothing // whether the way works, or for a bill: no outcome
	askClose   // its answer is never believed by itself: a query follows
)

// outcomeOf gives the meaning of an authenticated answer.
//
// Only codes that the published table names as a final no are one at first sight
// (named). The table ends in "other 3xxx", which must not be believed of a payment
// that has just been sent: such a no counts once a query repeats it.
func outcomeOf(q question, retcode, status string) txn.Outcome {
	if q == askClose || q == askNothing {
		return txn.OutcomeUnknown
	}
	switch retcode {
	case retSuccess:
	case retParamErr, retSignErr:
		if q == askQuery {
			return txn.OutcomeUnknown // says nothing about the order
		}
		return txn.OutcomeDeclined
	default: // FAIL, SYSTEMERR: the gateway does not know either
		return txn.OutcomeUnknown
	}
	switch status {
	case statusDone:
		if q == askPresent {
			return txn.OutcomePending
		}
		return txn.OutcomeApproved
	case "1001":
		return txn.OutcomeNotFound
	case "2000", "2008":
		return txn.OutcomePending
	case "3050":
		return txn.OutcomeReversed
	case "3088", "3089": // Allinpay corrects them within a day
		return txn.OutcomeUnknown
	case statusDuplicate: // the number is known: ask what became of it
		return txn.OutcomeUnknown
	case "3014", "3031", "3045", "3099", "3889", "3999":
		return txn.OutcomeDeclined
	}
	if q == askQuery && len(status) == 4 && status[0] == '3' {
		return txn.OutcomeDeclined
	}
	return txn.OutcomeUnknown
}

// The values of trxstatus that more than outcomeOf looks at.
const (
	statusDone      = "0000"
	statusDuplicate = "3888" // the order number was used before
)

// walletOf and clearingOf read what a payment ran over. Both are for slips and
// reconciliation alone.
func (c *Client) walletOf(fields params) string {
	if wallet := walletByPayType(fields["paytype"]); wallet != "" {
		return wallet
	}
	if wallet := walletByTrxCode(fields["trxcode"]); wallet != "" {
		return wallet
	}
	// NetsUnion (N03) does not name the wallet in paytype. Its names are not
	// published: the acquirer's own table comes first, then what the answer says.
	if wallet := c.cfg.Channels[fields["chnlid"]]; wallet != "" {
		return wallet
	}
	return walletByChannelText(fields["chnldata"])
}

func walletByPayType(payType string) string {
	if len(payType) != 3 {
		return ""
	}
	return map[byte]string{
		'W': "wechat", 'A': "alipay", 'Q': "qq", 'U': "unionpay", 'S': "ecny",
	}[payType[0]]
}

// walletByTrxCode knows the codes of payment, cancel and refund alike.
func walletByTrxCode(trxCode string) string {
	switch trxCode {
	case "VSP501", "VSP502", "VSP503":
		return "wechat"
	case "VSP505", "VSP506", "VSP507":
		return "qq"
	case "VSP511", "VSP512", "VSP513":
		return "alipay"
	case "VSP551", "VSP552", "VSP553":
		return "unionpay"
	}
	return ""
}

// walletByChannelText takes the member "wallet" of chnldata, if chnldata is a JSON
// object that has one, in plain characters.
func walletByChannelText(text string) string {
	said, err := parseAnswer([]byte(text))
	if err != nil || len(said["wallet"]) > walletLenMax || !plainText.MatchString(said["wallet"]) {
		return ""
	}
	return said["wallet"]
}

const walletLenMax = 32

// clearingOf names the clearing house: NetsUnion for N03, UnionPay for its own
// codes, the central bank for e-CNY. The rest is not told.
func clearingOf(payType string) string {
	switch {
	case payType == "N03":
		return "nucc"
	case len(payType) == 3 && payType[0] == 'U':
		return "cup"
	case len(payType) == 3 && payType[0] == 'S':
		return "pboc"
	}
	return ""
}

func accountOf(acctType string) string {
	return map[string]string{
		"00": "debit", "01": "passbook", "02": "credit", "03": "quasi-credit",
		"04": "prepaid", "05": "foreign", "99": "other",
	}[acctType]
}
