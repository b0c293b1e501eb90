package main

import (
	"context"
	"encoding/json"
	"fmt"

	"saoma/terminal/configs"
	"saoma/terminal/txn/acquirer/allinpay"
	"saoma/terminal/txn/paycode"
)

// check reports every fault of a config.
func check(_ context.Context, io streams, args []string) error {
	flags := newFlags("check")
	path := flags.String("config", "", "the config")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if *path == "" || flags.NArg() > 0 {
		return &usageError{"check needs -config FILE and nothing else"}
	}
	if _, _, err := wholeConfig(*path); err != nil {
		return err
	}
	_, err := fmt.Fprintf(io.out, "%s: no fault found\n", *path)
	return err
}

// wholeConfig reads a config and whatever it names, and lets each part of the
// terminal look at what is its own.
func wholeConfig(path string) (*configs.Config, allinpay.Config, error) {
	cfg, err := loadConfig(path)
	if err != nil {
		return nil, allinpay.Config{}, err
	}
	c, err := allinpayConfig(cfg)
	if err != nil {
		return nil, allinpay.Config{}, err
	}
	client, err := allinpay.New(c)
	if err != nil {
		return nil, allinpay.Config{}, &configError{err}
	}
	client.Close()
	if _, err := paycode.New(codeRules(cfg.Codes)); err != nil {
		return nil, allinpay.Config{}, &configError{err}
	}
	return cfg, c, nil
}

// classified is the machine-readable line of classify.
type classified struct {
	Input  string   `json:"input"`
	Result string   `json:"result"`
	Flags  []string `json:"flags"`
	Family string   `json:"family"`
	Factor string   `json:"factor"`
	Reason string   `json:"reason,omitempty"`
}

// classify says what codes are. It is for codes that somebody typed on purpose,
// so it repeats them.
func classify(_ context.Context, io streams, args []string) error {
	flags := newFlags("classify")
	asJSON := flags.Bool("json", false, "one JSON object for each code")
	all := flags.Bool("all", false, "every family on")
	path := flags.String("config", "", "the config whose table is used; the shipped one, if empty")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return &usageError{"classify needs at least one CODE"}
	}
	table, err := classifyTable(*path, *all)
	if err != nil {
		return err
	}
	out := json.NewEncoder(io.out)
	out.SetEscapeHTML(false)
	for _, input := range flags.Args() {
		c := table.Classify(input)
		if !*asJSON {
			_, err = fmt.Fprintf(io.out, "%s\t%s\t%s\n", c.Label(), c.Family, c.Reason)
		} else {
			err = out.Encode(classified{Input: input, Result: c.Result,
				Flags: append([]string{}, c.Flags...), Family: c.Family, Factor: c.Factor,
				Reason: string(c.Reason)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func classifyTable(path string, all bool) (*paycode.Table, error) {
	name, text := configs.Default()
	cfg, err := configs.Parse(name, text)
	if path != "" {
		cfg, err = configs.Load(path)
	}
	if err != nil {
		return nil, &configError{err}
	}
	rules := codeRules(cfg.Codes)
	if all {
		rules = rules.AllOn()
	}
	table, err := paycode.New(rules)
	if err != nil {
		return nil, &configError{err}
	}
	return table, nil
}
