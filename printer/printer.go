// Package printer is what a slip is, before it is dots, and what a printer
// promises. It knows neither money nor fonts nor a device.
package printer

import (
	"context"
	"fmt"
)

// DotsPerRow is the width of the paper that slips are laid out for: 58 mm paper,
// 48 mm of it printed, 8 dots to the millimetre (LTP02-245 and most others).
const DotsPerRow = 384

// Page is one slip: blocks from top to bottom.
type Page struct {
	ID     string // digits, letters and -; the same for every copy of the same content
	Blocks []Block
}

// Block is one part of a page. Only the types of this file are blocks.
type Block interface{ block() }

// Align is where a text stands.
type Align uint8

// The places.
const (
	Left Align = iota
	Centre
	Right
)

// Text is a paragraph. It is wrapped where the paper ends.
type Text struct {
	Text   string
	Align  Align
	Double bool // twice as wide and high
}

// Pair is a label at the left and its value at the right, or below it when both
// don't fit in one line.
type Pair struct {
	Label, Value string
	Double       bool // the value, twice as wide and high
}

// Rule is a dotted line. A solid one would heat the whole head at once.
type Rule struct{}

// Feed is blank paper, in dot rows of 1/8 mm.
type Feed struct{ Rows int }

// QR is a QR code with its quiet zone.
type QR struct{ Text string }

// Bars is a Code 128.
type Bars struct{ Text string }

func (Text) block() {}
func (Pair) block() {}
func (Rule) block() {}
func (Feed) block() {}
func (QR) block()   {}
func (Bars) block() {}

// Trouble is what stopped a printer, in a word that a screen turns into help.
type Trouble string

// The troubles. A person can mend all but the last two.
const (
	NoTrouble  Trouble = ""
	PaperOut   Trouble = "paper_out"
	CoverOpen  Trouble = "cover_open"
	TooHot     Trouble = "too_hot"
	Offline    Trouble = "offline"      // it does not answer
	CanNotDraw Trouble = "can_not_draw" // the page itself is at fault
	Disk       Trouble = "disk"         // of a printer that writes files
)

// Error says why a page is not on paper, and how much of it surely is.
type Error struct {
	Trouble  Trouble
	RowsDone int // dot rows of this page that surely are on paper
	Err      error
}

// Error gives the trouble, for the screen.
func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Trouble)
	}
	return fmt.Sprintf("%s: %v", e.Trouble, e.Err)
}

// Unwrap gives what was beneath.
func (e *Error) Unwrap() error { return e.Err }

// Device puts pages on paper. One goroutine may use it.
type Device interface {
	// Name is for screens and logs.
	Name() string

	// Print returns nil once the whole page is on paper. Otherwise its error is a
	// *Error, and the page is to be printed again from its beginning, marked. It
	// ends soon after ctx does.
	Print(ctx context.Context, p Page) error

	// Trouble is what would stop the next page, as far as the device can tell.
	Trouble() Trouble
}
