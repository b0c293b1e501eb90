package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"saoma/terminal/txn/acquirer/acquirersim"
)

// settings are what the command line says.
type settings struct {
	addr    string
	control string
	dir     string
	sign    string
	termNo  string
	hosts   []string // of the certificate, besides addr's own
	cpm     bool
	magic   bool
	refundS int // how long refunds take, seconds
}

var termNoForm = regexp.MustCompile(`^[0-9]{8}$`)

// parseSettings reads the command line. What is wrong with it is said on complaints.
func parseSettings(args []string, complaints io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("acquirersim", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.StringVar(&set.addr, "addr", "127.0.0.1:8443", "`address` of the acquirer, HTTPS")
	flags.StringVar(&set.control, "control", "127.0.0.1:8444",
		"`address` of the control interface, HTTP without a password")
	flags.StringVar(&set.dir, "dir", "acquirersim", "`directory` for keys and certificate")
	flags.StringVar(&set.sign, "sign", acquirersim.SignRSA, "signature: RSA or SM2")
	flags.StringVar(&set.termNo, "termno", "10000001", "the registered terminal, 8 `digits`")
	hosts := flags.String("hosts", "", "more `names` for the certificate, with commas")
	flags.BoolVar(&set.cpm, "cpm", false, "take EMVCo payloads as payer codes")
	flags.BoolVar(&set.magic, "magic", false, "amounts ending in .91 to .94 misbehave")
	flags.IntVar(&set.refundS, "refund-s", 0, "refunds are pending for so many `seconds`")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	for host := range strings.SplitSeq(*hosts, ",") {
		if host != "" {
			set.hosts = append(set.hosts, host)
		}
	}
	if err := set.check(flags.Args()); err != nil {
		_, _ = fmt.Fprintf(complaints, "acquirersim: %v\n", err)
		return settings{}, err
	}
	return set, nil
}

func (set settings) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("argument %q is not expected", rest[0])
	case set.sign != acquirersim.SignRSA && set.sign != acquirersim.SignSM2:
		return fmt.Errorf("-sign %s: RSA or SM2", set.sign)
	case !termNoForm.MatchString(set.termNo):
		return fmt.Errorf("-termno %s: 8 digits", set.termNo)
	case set.refundS < 0:
		return fmt.Errorf("-refund-s %d is below zero", set.refundS)
	case set.dir == "":
		return fmt.Errorf("-dir is empty")
	}
	for _, addr := range []string{set.addr, set.control} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("address %q: host and port, such as 127.0.0.1:8443", addr)
		}
	}
	return nil
}
