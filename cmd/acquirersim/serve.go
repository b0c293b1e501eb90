package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"saoma/terminal/txn/acquirer/acquirersim"
)

// The merchant of the simulator: the one of Allinpay's published examples.
const (
	cusID = "990581007426001"
	appID = "00000051"
)

// stopMax is how long requests in progress may take once we are told to stop.
const stopMax = 2 * time.Second

// serve runs both interfaces until ctx ends or one of them does.
func serve(ctx context.Context, set settings, out io.Writer) error {
	keys, err := acquirersim.GenerateKeys(set.sign)
	if err != nil {
		return err
	}
	sim, err := acquirersim.New(acquirersim.Options{
		Merchant: acquirersim.Merchant{CusID: cusID, AppID: appID, TermNo: set.termNo},
		Keys:     keys, Now: time.Now, Seed: rand.Uint64(),
		TakesCPMPayload: set.cpm, Magic: set.magic,
		Refunds: acquirersim.Refunds{AfterS: set.refundS},
	})
	if err != nil {
		return err
	}
	hosts := set.certificateHosts()
	certificate, _, caPEM, err := acquirersim.SelfSigned(time.Now(), hosts...)
	if err != nil {
		return err
	}
	acquirer, control, err := listen(set)
	if err != nil {
		return err
	}
	files, err := writeFiles(set.dir, keys, caPEM)
	if err != nil {
		return errors.Join(err, acquirer.Close(), control.Close())
	}
	announce(out, set, hosts[0], acquirer.Addr(), control.Addr(), files)
	acquirer = tls.NewListener(acquirer, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
	})
	return serveBoth(ctx, sim, acquirer, control)
}

func listen(set settings) (acquirer, control net.Listener, err error) {
	if acquirer, err = net.Listen("tcp", set.addr); err != nil {
		return nil, nil, err
	}
	if control, err = net.Listen("tcp", set.control); err != nil {
		return nil, nil, errors.Join(err, acquirer.Close())
	}
	return acquirer, control, nil
}

func serveBoth(ctx context.Context, sim *acquirersim.Sim, acquirer, control net.Listener) error {
	bank := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	knobs := &http.Server{Handler: sim.ControlHandler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 2)
	go func() { ended <- bank.Serve(acquirer) }()
	go func() { ended <- knobs.Serve(control) }()
	var trouble error
	running := 2
	select {
	case <-ctx.Done():
	case trouble = <-ended:
		running--
	}
	for _, server := range []*http.Server{bank, knobs} {
		shut(server)
	}
	for range running {
		<-ended
	}
	return trouble
}

// shut lets requests end for a while, then ends them: a silent fault never would.
func shut(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopMax)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
	}
}

// certificateHosts are the names in the certificate; the first is in base_url.
func (set settings) certificateHosts() []string {
	host, _, _ := net.SplitHostPort(set.addr) // its form was checked
	hosts := set.hosts
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		hosts = append([]string{host}, hosts...)
	}
	return append(hosts, "127.0.0.1", "localhost")
}
