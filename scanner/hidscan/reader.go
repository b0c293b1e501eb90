package hidscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// reader reads from a device until its context ends. The file does not block, so
// that its reads obey deadlines: a read that blocked would outlive Close, and hold
// the grab.
type reader struct {
	ctx  context.Context
	file *os.File
	stop func() bool
}

func newReader(ctx context.Context, file *os.File) reader {
	past := time.Unix(1, 0)
	return reader{ctx, file, context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(past) })}
}

// read waits for bytes, for wait at most if it is not 0; then it gives none. Its
// error is the context's, or says that the device is gone.
func (r reader) read(p []byte, wait time.Duration) (int, error) {
	var deadline time.Time
	if wait > 0 {
		deadline = time.Now().Add(wait)
	}
	if err := r.file.SetReadDeadline(deadline); err != nil {
		return 0, fmt.Errorf("%s: %w", r.file.Name(), err)
	}
	if r.ctx.Err() != nil { // its end may have set a deadline that was just moved
		return 0, r.ctx.Err()
	}
	n, err := r.file.Read(p)
	switch {
	case n > 0:
		return n, nil
	case r.ctx.Err() != nil:
		return 0, r.ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return r.waiting(p)
	}
	return 0, r.unplugged(err)
}

// waiting reads what is there already. On a busy machine the deadline may pass before
// this process gets its turn; what the device has sent meanwhile is no silence.
func (r reader) waiting(p []byte) (n int, err error) {
	err = with(r.file, func(fd int) error {
		n, err = unix.Read(fd, p)
		return err
	})
	switch {
	case errors.Is(err, unix.EAGAIN):
		return 0, nil
	case err == nil && n == 0:
		err = io.EOF
	}
	if err != nil {
		return 0, r.unplugged(err)
	}
	return n, nil
}

func (r reader) unplugged(err error) error {
	return fmt.Errorf("%s: unplugged: %w", r.file.Name(), err)
}
