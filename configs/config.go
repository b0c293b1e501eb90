// Package configs reads a terminal's config: strictly, and with every fault of it
// reported at once, each with its line and the allowed values. It knows what may
// stand in the file and what that must look like. It does not know what the other
// packages make of it.
package configs

import "time"

// Version is the only version of the file that this release reads.
const Version = 1

// Config is a whole file. The comments of terminal.toml say what each key means;
// a test holds the two together.
type Config struct {
	Version  int       `toml:"version"`
	Terminal Terminal  `toml:"terminal"`
	Scanners []Scanner `toml:"scanner"`
	Printer  Printer   `toml:"printer"`
	Acquirer Acquirers `toml:"acquirer"`
	Timing   Timing    `toml:"timing"`
	Offline  Offline   `toml:"offline"`
	Codes    Codes     `toml:"codes"`
	Board    Board     `toml:"board"`
	Log      Log       `toml:"log"`
}

// Terminal says who this terminal is and where it stands.
type Terminal struct {
	ID             string `toml:"id"`
	Serial         string `toml:"serial"`
	MerchantID     string `toml:"merchant_id"`
	MerchantName   string `toml:"merchant_name"`
	MerchantNameEn string `toml:"merchant_name_en"`
	Operator       string `toml:"operator"`
	Language       string `toml:"language"`
	DataDir        string `toml:"data_dir"`
	Listen         string `toml:"listen"`
	Latitude       string `toml:"latitude"`
	Longitude      string `toml:"longitude"`
	IP             string `toml:"ip"`
	MaxAmountFen   int64  `toml:"max_amount_fen"`
}

// Scanner is one device that reads codes.
type Scanner struct {
	Name      string `toml:"name"`
	Kind      string `toml:"kind"`
	Path      string `toml:"path"`
	Baud      int    `toml:"baud"`
	Framing   string `toml:"framing"`
	IdleGapMS int    `toml:"idle_gap_ms"`
	Prefix    string `toml:"prefix"`

	// Of a camera.
	Width       int    `toml:"width"`
	Height      int    `toml:"height"`
	FPS         int    `toml:"fps"`
	Format      string `toml:"format"`
	Exposure    string `toml:"exposure"`
	Gain        string `toml:"gain"`
	Focus       string `toml:"focus"`
	Brightness  string `toml:"brightness"`
	PowerLineHz int    `toml:"power_line_hz"`
}

// IdleGap is the silence that ends a code without a terminator.
func (s Scanner) IdleGap() time.Duration { return time.Duration(s.IdleGapMS) * time.Millisecond }

// Printer is where slips go.
type Printer struct {
	Kind      string   `toml:"kind"`
	Dir       string   `toml:"dir"`
	Copies    []string `toml:"copies"`
	OrderCode string   `toml:"order_code"`
	Language  string   `toml:"language"`
}

// Acquirers has a block for each acquirer; just one is filled in.
type Acquirers struct {
	Allinpay *Allinpay `toml:"allinpay"`
}

// Allinpay is what Allinpay issues at boarding, and where its host is.
type Allinpay struct {
	BaseURL           string `toml:"base_url"`
	CAFile            string `toml:"ca_file"`
	OrgID             string `toml:"orgid"`
	CusID             string `toml:"cusid"`
	AppID             string `toml:"appid"`
	Sign              string `toml:"sign"`
	PrivateKeyFile    string `toml:"private_key_file"`
	AcquirerKeyFile   string `toml:"acquirer_public_key_file"`
	AnswerTimeoutS    int    `toml:"answer_timeout_s"`
	DeviceType        string `toml:"device_type"`
	EncryptRand       string `toml:"encrypt_rand"`
	AcceptsCPMPayload bool   `toml:"accepts_cpm_payload"`

	ConnectTimeoutS int      `toml:"connect_timeout_s"`
	PresentPayType  string   `toml:"present_paytype"`
	PresentHosts    []string `toml:"present_hosts"`
	BillURL         string   `toml:"bill_url"`
	BillHosts       []string `toml:"bill_hosts"`
}

// ConnectTimeout is how long the way to the host may take before it counts as dead.
func (a Allinpay) ConnectTimeout() time.Duration { return seconds(a.ConnectTimeoutS) }

// AnswerTimeout is how long one request waits.
func (a Allinpay) AnswerTimeout() time.Duration { return seconds(a.AnswerTimeoutS) }

// Timing is when the terminal asks again, and when it gives up waiting.
type Timing struct {
	ScanWindowS      int `toml:"scan_window_s"`
	FirstQueryS      int `toml:"first_query_s"`
	QueryEveryS      int `toml:"query_every_s"`
	PayWindowS       int `toml:"pay_window_s"`
	MessageLifeS     int `toml:"message_life_s"`
	ReverseRetryS    int `toml:"reverse_retry_s"`
	ReverseRetryMaxS int `toml:"reverse_retry_max_s"`
	SlipRetryS       int `toml:"slip_retry_s"`
	PresentWindowS   int `toml:"present_window_s"`
	RefundQueryS     int `toml:"refund_query_s"`
	CodeLifeS        int `toml:"code_life_s"`
	HandTries        int `toml:"hand_tries"`
	HandAfterH       int `toml:"hand_after_h"`
}

// Offline bounds what a merchant risks with sales that are taken while the line is
// down. All limits hold together.
type Offline struct {
	PerSaleFen int64  `toml:"per_sale_fen"`
	Count      int    `toml:"count"`
	SumFen     int64  `toml:"sum_fen"`
	AgeH       int    `toml:"age_h"`
	KeyFile    string `toml:"key_file"`
}

// StoresOffline says whether any family that is enabled is taken offline.
func (c *Config) StoresOffline() bool {
	for _, f := range c.Codes.Families {
		if f.Enabled && f.Offline == "store" {
			return true
		}
	}
	return false
}

// Codes is the table of payment codes. Which acquirer takes what is not in it.
type Codes struct {
	Charset          string   `toml:"charset"`
	OnUnknownNumeric string   `toml:"on_unknown_numeric"`
	UnknownLen       []int    `toml:"unknown_len"`
	CPMAIDs          []string `toml:"cpm_aids"`
	CPMPreference    []string `toml:"cpm_preference"`
	Families         []Family `toml:"family"`
}

// Family is one kind of payer code.
type Family struct {
	ID         string   `toml:"id"`
	Label      string   `toml:"label"`
	RE         string   `toml:"re"`
	Network    string   `toml:"network"`
	Wallet     string   `toml:"wallet"`
	Confidence string   `toml:"confidence"`
	Enabled    bool     `toml:"enabled"`
	Soft       []string `toml:"soft"`
	Offline    string   `toml:"offline"`
}

// Board names the pins of lights, as the board's GPIO lines are called. An empty
// name means that there is no such light.
type Board struct {
	GreenPin   string `toml:"green_pin"`
	RedPin     string `toml:"red_pin"`
	ScannerPin string `toml:"scanner_pin"`
	ActiveLow  bool   `toml:"active_low"`
}

// Log says how much is told.
type Log struct {
	Level string `toml:"level"`
}

// defaults are what holds where the file is silent. What has no default here and
// is not said to be optional must stand in the file.
func defaults() Config {
	return Config{
		Terminal: Terminal{Language: "zh-CN", DataDir: "/var/lib/terminal",
			Listen: "127.0.0.1:8080", Operator: "01", MaxAmountFen: 5_000_000},
		Printer: Printer{Kind: "none", Copies: []string{"merchant"}, OrderCode: "qr",
			Language: "both"},
		Timing: Timing{ScanWindowS: 120, FirstQueryS: 5, QueryEveryS: 10, PayWindowS: 60,
			MessageLifeS: 180, ReverseRetryS: 5, ReverseRetryMaxS: 300, SlipRetryS: 15,
			PresentWindowS: 180, RefundQueryS: 60, CodeLifeS: 55, HandTries: 20, HandAfterH: 24},
		Offline: Offline{PerSaleFen: 10_000, Count: 20, SumFen: 100_000, AgeH: 24,
			KeyFile: "/etc/terminal/vault.key"},
		Codes: Codes{Charset: "digits", OnUnknownNumeric: "ask_acquirer",
			UnknownLen: []int{16, 24}, CPMAIDs: []string{"A000000333"}},
		Log: Log{Level: "info"},
	}
}

// fill sets the defaults of what may stand several times.
func (c *Config) fill() {
	for i := range c.Scanners {
		s := &c.Scanners[i]
		orElse(&s.Kind, "serial")
		orElse(&s.Name, s.Path)
		orElse(&s.Baud, 9600)
		orElse(&s.Framing, "auto")
		orElse(&s.IdleGapMS, 150)
		s.fillCamera()
	}
	for i := range c.Codes.Families {
		f := &c.Codes.Families[i]
		if f.Network == "wallet" {
			orElse(&f.Offline, "hold") // its codes live for a minute: worth the wait
		}
		orElse(&f.Offline, "refuse")
	}
	if a := c.Acquirer.Allinpay; a != nil {
		orElse(&a.Sign, "RSA")
		orElse(&a.AnswerTimeoutS, 30)
		orElse(&a.ConnectTimeoutS, 2)
		orElse(&a.BillURL, "https://cus.allinpay.com/cusapi/trxfile/get")
		orElse(&a.DeviceType, "10")
		orElse(&a.EncryptRand, "last6")
	}
}

func orElse[T comparable](value *T, other T) {
	var zero T
	if *value == zero {
		*value = other
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
