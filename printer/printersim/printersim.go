// Package printersim is a printer that prints into memory and, if it is given a
// directory, into PNG files: the demo's and a printer of kind "file". Its paper
// can run out and its cover be opened. It knows dots and files, no money.
package printersim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"saoma/terminal/printer"
)

// keptMax is how many slips are kept in memory.
const keptMax = 100

// Draw turns a page into a picture and its length in dot rows.
type Draw func(printer.Page) (png []byte, rows int, err error)

// Slip is what came out.
type Slip struct {
	ID    string
	Whole bool
	PNG   []byte // of the whole page, also when the paper ran out in the middle
}

// Device is a simulated printer. Its methods may be called from any goroutine,
// Print by one at a time.
type Device struct {
	draw Draw
	dir  string // "" for none

	mu       sync.Mutex
	rowsLeft int // of paper; below 0: no end
	cover    bool
	slips    []Slip
}

var _ printer.Device = (*Device)(nil)

// New makes a printer with paper without end. With a directory, which is made if
// it is missing, each slip becomes a file there.
func New(draw Draw, dir string) (*Device, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("directory for slips: %w", err)
		}
	}
	return &Device{draw: draw, dir: dir, rowsLeft: -1}, nil
}

// Name is for screens.
func (d *Device) Name() string { return "simulated printer" }

// SetPaper puts in paper of so many dot rows; below 0 it has no end, 0 takes it out.
func (d *Device) SetPaper(rows int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rowsLeft = rows
}

// SetCover opens or closes the cover.
func (d *Device) SetCover(open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cover = open
}

// Trouble is what would stop the next page.
func (d *Device) Trouble() printer.Trouble {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.cover:
		return printer.CoverOpen
	case d.rowsLeft == 0:
		return printer.PaperOut
	}
	return printer.NoTrouble
}

// Slips are the newest that came out, oldest first.
func (d *Device) Slips() []Slip {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Slip(nil), d.slips...)
}

// Print puts a page on paper. See printer.Device.
func (d *Device) Print(ctx context.Context, p printer.Page) error {
	if err := ctx.Err(); err != nil {
		return &printer.Error{Trouble: printer.Offline, Err: err}
	}
	if t := d.Trouble(); t != printer.NoTrouble {
		return &printer.Error{Trouble: t}
	}
	picture, rows, err := d.draw(p)
	if err != nil {
		return &printer.Error{Trouble: printer.CanNotDraw, Err: err}
	}
	done := d.roll(rows)
	if done == rows && d.dir != "" {
		if err := writeFile(d.dir, p.ID, picture); err != nil {
			return &printer.Error{Trouble: printer.Disk, Err: err}
		}
	}
	d.keep(Slip{p.ID, done == rows, picture})
	if done < rows {
		return &printer.Error{Trouble: printer.PaperOut, RowsDone: done}
	}
	return nil
}

// roll feeds paper, as far as there is any.
func (d *Device) roll(rows int) (done int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rowsLeft < 0 {
		return rows
	}
	done = min(rows, d.rowsLeft)
	d.rowsLeft -= done
	return done
}

func (d *Device) keep(s Slip) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slips = append(d.slips, s)
	d.slips = d.slips[max(0, len(d.slips)-keptMax):]
}

var idForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// copiesMax bounds the files of one page.
const copiesMax = 1000

// writeFile writes a slip so that a file with its name is whole, and never over
// another: a second one is ID-2.png.
func writeFile(dir, id string, text []byte) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("page %q has no name for a file", id)
	}
	temp, err := os.CreateTemp(dir, ".slip-*")
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(text).WriteTo(temp)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	for n := 1; n <= copiesMax; n++ {
		name := id + ".png"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.png", id, n)
		}
		err = os.Link(temp.Name(), filepath.Join(dir, name)) // refuses to replace
		if !errors.Is(err, os.ErrExist) {
			break
		}
	}
	return errors.Join(err, os.Remove(temp.Name()), syncDir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
