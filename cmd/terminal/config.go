package main

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/acquirer/allinpay"
	"saoma/terminal/txn/paycode"
)

// configError is a config that is wrong or missing: exit code 3.
type configError struct{ err error }

func (e *configError) Error() string { return "the config is wrong:\n" + e.err.Error() }

// Unwrap gives the faults.
func (e *configError) Unwrap() error { return e.err }

// loadConfig reads a config and looks at the files that it names.
func loadConfig(path string) (*configs.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &configError{fmt.Errorf("%w: %w", configs.ErrNoConfig, err)}
	}
	cfg, err := configs.Parse(path, text)
	if err != nil {
		return nil, &configError{err}
	}
	if err := cfg.CheckFiles(path, text); err != nil {
		return nil, &configError{err}
	}
	return cfg, nil
}

// codeRules turns the config's table into that of txn/paycode.
func codeRules(c configs.Codes) paycode.Rules {
	rules := paycode.Rules{
		AskUnknown: c.OnUnknownNumeric == "ask_acquirer",
		UnknownLen: [2]int(c.UnknownLen), // its length was checked
		CPMAIDs:    c.CPMAIDs, CPMPreference: c.CPMPreference,
	}
	for _, f := range c.Families {
		rules.Families = append(rules.Families, paycode.Family{ID: f.ID, Label: f.Label,
			Pattern: f.RE, Network: f.Network, Wallet: f.Wallet, Enabled: f.Enabled, Soft: f.Soft})
	}
	return rules
}

// moneyRules are the figures that sales go by.
func moneyRules(cfg *configs.Config, can acquirer.Capabilities) (txn.Rules, error) {
	table, err := paycode.New(codeRules(cfg.Codes))
	if err != nil {
		return txn.Rules{}, &configError{err}
	}
	t := cfg.Timing
	rules := txn.Rules{
		TerminalID: cfg.Terminal.ID, AmountMax: txn.Amount(cfg.Terminal.MaxAmountFen),
		ScanWindow: inSeconds(t.ScanWindowS), FirstQuery: inSeconds(t.FirstQueryS),
		QueryEvery: inSeconds(t.QueryEveryS), PayWindow: inSeconds(t.PayWindowS),
		MessageLife: inSeconds(t.MessageLifeS), RetryFirst: inSeconds(t.ReverseRetryS),
		RetryMax: inSeconds(t.ReverseRetryMaxS), SlipRetry: inSeconds(t.SlipRetryS),
		RefundQueryEvery: inSeconds(t.RefundQueryS), CodeLife: inSeconds(t.CodeLifeS),
		HandTries: t.HandTries, HandAfter: time.Duration(t.HandAfterH) * time.Hour,
		VoidsSameDay: can.VoidsSameDay, Settles: can.Settles, Offline: offlineModes(cfg.Codes),
		Codes: table, CodeLenMax: can.CodeLenMax, ClockFrom: clockFrom(), ClockUntil: clockUntil(),
	}
	if can.PresentWindow > 0 {
		rules.PresentWindow = inSeconds(t.PresentWindowS)
	}
	o := cfg.Offline
	rules.Store = txn.StoreLimits{PerSale: txn.Amount(o.PerSaleFen), Count: o.Count,
		Sum: txn.Amount(o.SumFen), Age: time.Duration(o.AgeH) * time.Hour}
	if rules.NoPrinter = cfg.Printer.Kind == "none"; !rules.NoPrinter {
		for _, c := range cfg.Printer.Copies {
			rules.Copies = append(rules.Copies, txn.Copy(c))
		}
	}
	if _, err := rand.Read(rules.Secret[:]); err != nil {
		return txn.Rules{}, err
	}
	return rules, rules.Check()
}

// clockFrom is before any release that has this line, and clockUntil after its use: a
// clock that is not between them was never set, or wrongly.
func clockFrom() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func clockUntil() time.Time { return clockFrom().AddDate(16, 0, 0) }

// offlineModes says what is done with codes of a family when the line is down.
func offlineModes(c configs.Codes) map[string]txn.Offline {
	modes := map[string]txn.Offline{}
	for _, f := range c.Families {
		modes[f.ID] = txn.Offline(f.Offline)
	}
	return modes
}

func inSeconds(n int) time.Duration { return time.Duration(n) * time.Second }

// allinpayConfig is what the config says of Allinpay, with the files that it names.
func allinpayConfig(cfg *configs.Config) (allinpay.Config, error) {
	a := cfg.Acquirer.Allinpay
	private, err := os.ReadFile(a.PrivateKeyFile)
	if err != nil {
		return allinpay.Config{}, err
	}
	public, err := os.ReadFile(a.AcquirerKeyFile)
	if err != nil {
		return allinpay.Config{}, err
	}
	c, err := allinpayParts(cfg, private, public)
	if err != nil {
		return allinpay.Config{}, &configError{err}
	}
	if a.CAFile == "" {
		return c, nil
	}
	ca, err := os.ReadFile(a.CAFile)
	if err != nil {
		return allinpay.Config{}, err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(ca) {
		return allinpay.Config{}, &configError{fmt.Errorf("%s holds no certificate in PEM", a.CAFile)}
	}
	return c, nil
}

// allinpayParts takes the keys as they stand in their files.
func allinpayParts(cfg *configs.Config, private, public []byte) (allinpay.Config, error) {
	a, t := cfg.Acquirer.Allinpay, cfg.Terminal
	key, err := allinpay.ParsePrivateKey(private)
	if err != nil {
		return allinpay.Config{}, fmt.Errorf("%s: %w", a.PrivateKeyFile, err)
	}
	theirs, err := allinpay.ParsePublicKey(public)
	if err != nil {
		return allinpay.Config{}, fmt.Errorf("%s: %w", a.AcquirerKeyFile, err)
	}
	return allinpay.Config{
		BaseURL: a.BaseURL, OrgID: a.OrgID, CusID: a.CusID, AppID: a.AppID,
		Sign: allinpay.SignType(a.Sign), PrivateKey: key, AcquirerKey: theirs,
		Terminal: allinpay.Terminal{TermNo: t.ID, DeviceType: a.DeviceType, SerialNo: t.Serial,
			Longitude: t.Longitude, Latitude: t.Latitude, DeviceIP: t.IP,
			AppVersion: appVersion(), Factor: allinpay.FactorPolicy(a.EncryptRand)},
		TakesCPMPayload: a.AcceptsCPMPayload, AnswerTimeout: a.AnswerTimeout(),
		ConnectTimeout: a.ConnectTimeout(), PresentPayType: allinpay.PayType(a.PresentPayType),
		PresentWindow: inSeconds(cfg.Timing.PresentWindowS), PresentHosts: a.PresentHosts,
		BillURL: a.BillURL, BillHosts: a.BillHosts,
		Now: time.Now, Rand: rand.Reader,
	}, nil
}

// appVersion is what the acquirer is told; the field takes 8 characters.
func appVersion() string {
	if len(release) > 8 {
		return release[:8]
	}
	return release
}
