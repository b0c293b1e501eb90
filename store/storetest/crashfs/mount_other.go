//go:build !linux || !(amd64 || arm64)

package crashfs

import (
	"errors"
	"os/exec"
)

// Mount is a mounted directory. There is none on this machine.
type Mount struct{}

// Why says why there can be no mount here.
func Why() string { return "the FUSE library is built for 64-bit Linux only" }

// New says that there is no mount here.
func New(Faults) (*Mount, error) { return nil, errors.New(Why()) }

// Command makes a command that finds no mount.
func (m *Mount) Command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }

// Log is empty.
func (m *Mount) Log() *Log { return &Log{} }

// Close does nothing.
func (m *Mount) Close() error { return nil }
