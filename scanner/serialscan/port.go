package serialscan

import (
	"errors"
	"fmt"
	"os"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// port is an open line, and a second descriptor of it that does not block: it holds
// the lock, and orders are written through it. A write through the library could wait
// for ever for a scanner that takes nothing.
type port struct {
	*serial.Port
	own *os.File
}

// open is the only place that opens a line. A second open of the same one would be
// let through, and two readers would get half a code each: hence the lock.
func open(cfg Config) (*port, error) {
	fd, err := unix.Open(cfg.Path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Path, err)
	}
	own := os.NewFile(uintptr(fd), cfg.Path)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is used by another program: %w", cfg.Path, err),
			own.Close())
	}
	p, err := serial.OpenPort(&serial.Config{Name: cfg.Path, Baud: cfg.Baud, ReadTimeout: readTimeout,
		Size: byte(cfg.DataBits), Parity: parities[cfg.Parity], StopBits: serial.StopBits(cfg.StopBits)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s at %d baud: %w", cfg.Path, cfg.Baud, err), own.Close())
	}
	return &port{p, own}, nil
}

// Close gives the line free.
func (p *port) Close() error { return errors.Join(p.Port.Close(), p.own.Close()) }

// order writes an order at once or not at all.
func (p *port) order(bytes string) error {
	raw, err := p.own.SyscallConn()
	if err != nil {
		return err
	}
	n := 0
	controlled := raw.Control(func(fd uintptr) { n, err = unix.Write(int(fd), []byte(bytes)) })
	if err == nil && n < len(bytes) {
		err = errors.New("only a part of it was taken")
	}
	return errors.Join(controlled, err)
}

func (s *Source) attach(p *port) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.port = p
	if s.waiting {
		s.order(s.cfg.Orders.Start)
	}
}

// detach closes the line; a scanner that looks for a code stops that.
func (s *Source) detach() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting {
		s.order(s.cfg.Orders.Stop)
	}
	p := s.port
	s.port = nil
	return p.Close()
}

// Await orders the scanner to look for a code, or to stop.
func (s *Source) Await(waiting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = waiting
	if waiting {
		s.order(s.cfg.Orders.Start)
	} else {
		s.order(s.cfg.Orders.Stop)
	}
}

// Refuse orders the scanner to beep.
func (s *Source) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order(s.cfg.Orders.Refuse)
}

// order is a wish: a scanner that does not take it reads as before. mu is held.
func (s *Source) order(bytes string) {
	if s.port == nil || bytes == "" {
		return
	}
	if err := s.port.order(bytes); err != nil {
		s.Add("the scanner takes no orders: " + err.Error())
	}
}
