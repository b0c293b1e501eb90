package acquirersim

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// relayDialMax is how long a relay tries to reach its target.
const relayDialMax = 5 * time.Second

// Relay stands for the terminal's line: a TCP relay that can be cut and mended.
type Relay struct {
	target string
	addr   string

	mu       sync.Mutex
	listener net.Listener // nil while it is cut
	live     map[net.Conn]bool
	closed   bool
	running  sync.WaitGroup
}

// NewRelay listens on addr, such as 127.0.0.1:0, and carries bytes to target. The
// line is whole.
func NewRelay(addr, target string) (*Relay, error) {
	r := &Relay{target: target, addr: addr, live: map[net.Conn]bool{}}
	if err := r.Mend(); err != nil {
		return nil, err
	}
	return r, nil
}

// Addr is where the relay listens, also while it is cut.
func (r *Relay) Addr() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addr
}

// Cut closes every connection and refuses new ones.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != nil {
		_ = r.listener.Close()
		r.listener = nil
	}
	for conn := range r.live {
		_ = conn.Close()
	}
	clear(r.live)
}

// Mend takes connections again, on the same address. It does nothing to a line
// that is whole.
func (r *Relay) Mend() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errors.New("relay: closed")
	}
	if r.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", r.addr)
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	r.listener, r.addr = listener, listener.Addr().String()
	r.running.Go(func() { r.accept(listener) })
	return nil
}

// Close cuts the line for good and waits for everything to end.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.Cut()
	r.running.Wait()
}

func (r *Relay) accept(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return // cut
		}
		r.running.Go(func() { r.carry(listener, near) })
	}
}

func (r *Relay) carry(listener net.Listener, near net.Conn) {
	defer func() { _ = near.Close() }()
	far, err := net.DialTimeout("tcp", r.target, relayDialMax)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	if !r.enter(listener, near, far) {
		return
	}
	defer r.leave(near, far)
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		_ = near.Close()
	})
	_, _ = io.Copy(far, near)
	_ = far.Close()
	back.Wait()
}

// enter notes a connection, unless the line was cut since it was accepted.
func (r *Relay) enter(listener net.Listener, conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != listener {
		return false
	}
	for _, conn := range conns {
		r.live[conn] = true
	}
	return true
}

func (r *Relay) leave(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range conns {
		delete(r.live, conn)
	}
}
