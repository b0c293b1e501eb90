package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/printer"
	"saoma/terminal/store"
	"saoma/terminal/txn"
)

// What a disk must have left: a day's books are some hundred kilobytes, and an
// update is staged beside the program that runs.
const (
	diskLeast  = 64 << 20
	filesLeast = 1000
)

// disk looks at the room where the books are, or will be.
func (d *doctor) disk(context.Context) finding {
	f := finding{Check: "disk", State: healthy}
	dir := d.cfg.Terminal.DataDir
	for !exists(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir) // made at the first start
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		f.State, f.Text = trouble, fmt.Sprintf("%s: %v", dir, err)
		return f
	}
	free := int64(fs.Bavail) * int64(fs.Bsize)
	f.Text = fmt.Sprintf("%d MiB are free at %s", free>>20, dir)
	if free < diskLeast || fs.Files > 0 && fs.Ffree < filesLeast {
		f.State = trouble
		f.Text += fmt.Sprintf(" in %d files", fs.Ffree)
		f.Cure = "remove what does not belong to the terminal; never the books"
	}
	if fs.Flags&unix.ST_RDONLY != 0 {
		f.State, f.Text = trouble, dir+" can only be read"
		f.Cure = "a disk that has failed is often made read-only by the kernel: look at dmesg, and replace it"
	}
	return f
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// errLate ends a verification that takes too long.
var errLate = errors.New("it takes longer than the doctor may")

// journal verifies the books, and closes them.
func (d *doctor) journal(ctx context.Context, books *store.Books, openErr error) finding {
	f := finding{Check: "journal", State: healthy}
	switch {
	case d.busy:
		f.State, f.Text = skipped, "the terminal is running and has the books; it has verified them at its start"
		return f
	case errors.Is(openErr, os.ErrNotExist):
		f.Text = "there are no books yet"
		return f
	case openErr != nil:
		f.State, f.Text = trouble, openErr.Error()
		f.Cure = "don't sell; keep the data directory as it is, and call service"
		if books != nil {
			_ = books.Close()
		}
		return f
	}
	defer func() { _ = books.Close() }()
	var last time.Time
	err := books.Replay(func(record []byte) error {
		if ctx.Err() != nil {
			return errLate
		}
		r, err := txn.DecodeRecord(record)
		last = r.At
		return err
	})
	switch {
	case errors.Is(err, errLate):
		f.State, f.Text = skipped, fmt.Sprintf("%d records: %v; use terminal journal verify", books.Len(), errLate)
	case err != nil:
		f.State, f.Text = trouble, err.Error()
		f.Cure = "don't sell; keep the data directory as it is: it is evidence. Call service"
	case last.After(d.now().Add(time.Minute)):
		f.State = trouble
		f.Text = fmt.Sprintf("the last of %d records is of %s, which is in the future: the clock was set back",
			books.Len(), last.Format(time.RFC3339))
		f.Cure = "set the clock; the books are sound"
	default:
		f.Text = fmt.Sprintf("%d records, each in its place and unchanged", books.Len())
	}
	if found := books.Findings(); err == nil && len(found) > 0 {
		f.State = trouble
		f.Text = fmt.Sprintf("%s: %s; all %d records are whole", found[0].Code, found[0].Detail, books.Len())
		f.Cure = "the next start mends it; replace the disk soon"
	}
	return f
}

// clock asks if the time can be right. The acquirer's own time is compared by the
// check "time".
func (d *doctor) clock(context.Context) finding {
	f := finding{Check: "clock", State: healthy}
	now := d.now()
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	const unsynchronised = 5
	f.Text = now.Format(time.RFC3339) + ", kept right by a time server"
	if err != nil || state == unsynchronised {
		f.Text = now.Format(time.RFC3339) + ", not kept right by any time server that the kernel knows of"
	}
	program, err := os.Executable()
	if err != nil {
		return f
	}
	if info, err := os.Stat(program); err == nil && info.ModTime().After(now.Add(24*time.Hour)) {
		f.State = trouble
		f.Text = fmt.Sprintf("%s is before this program was installed (%s)", now.Format(time.RFC3339),
			info.ModTime().Format(time.DateOnly))
		f.Cure = "set the clock, and look at its battery and at the time server"
	}
	return f
}

// mending says what a person does about a printer's trouble.
func mending(t printer.Trouble) string {
	switch t {
	case printer.PaperOut:
		return "put a new roll in"
	case printer.CoverOpen:
		return "close the cover"
	case printer.TooHot:
		return "let it cool down; what waits is printed then"
	case printer.Offline:
		return "look at its cable and its power"
	case printer.Disk:
		return "look at the directory that printer.dir names"
	}
	return "call service"
}

// printer asks for paper and whatever else would stop a slip.
func (d *doctor) printer(context.Context) finding {
	f := finding{Check: "printer", State: healthy}
	shop, err := newSlips(d.cfg, "doctor")
	if err != nil {
		f.State, f.Text = trouble, err.Error()
		return f
	}
	p, err := newPrinter(d.cfg, shop)
	switch {
	case err != nil:
		f.State, f.Text = trouble, err.Error()
	case p == nil:
		f.State, f.Text = skipped, "none is configured"
	case p.Trouble() != printer.NoTrouble:
		f.Name, f.State, f.Text = p.Name(), trouble, strings.ReplaceAll(string(p.Trouble()), "_", " ")
		f.Cure = mending(p.Trouble())
	default:
		f.Name, f.Text = p.Name(), "it has paper and would print"
	}
	return f
}

// board takes the lights for a moment.
func (d *doctor) board(context.Context) finding {
	f := finding{Check: "board", State: healthy, Text: "its lights are there"}
	b := d.cfg.Board
	switch {
	case b.GreenPin+b.RedPin+b.ScannerPin == "":
		f.State, f.Text = skipped, "no light is configured"
		return f
	case d.busy:
		f.State, f.Text = skipped, "the running terminal has the lights"
		return f
	}
	lights, err := newLights(b, d.log)
	if err == nil {
		err = lights.board.Halt()
	}
	if err != nil {
		f.State, f.Text = trouble, err.Error()
		f.Cure = "name the pins as the board's GPIO lines are called, in the block [board]"
	}
	return f
}
