// Package scanner is what devices see: codes, and where they come from. It knows
// how a source behaves, how a device that comes and goes is kept running, and
// that the same code seen twice in a moment was shown once. It does not know what
// a code means.
package scanner

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ScanMax is the longest text of a scan, bytes. A longer one comes as Overlong.
const ScanMax = 4096

// Text is what was read. It may be a payment code, a bearer secret, so no verb of
// fmt and no encoder shows it.
type Text struct{ read *string } // a pointer: fmt prints unexported strings in clear

// NewText takes what a device has read.
func NewText(read string) Text { return Text{&read} }

// Reveal gives the text in clear.
func (t Text) Reveal() string {
	if t.read == nil {
		return ""
	}
	return *t.read
}

// Format hides the text from every verb of fmt.
func (t Text) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "scanned text") }

// MarshalText refuses: it may be a payment code, which is never written down.
func (t Text) MarshalText() ([]byte, error) {
	return nil, errors.New("a scanned text is never written down")
}

// Scan is one code that a device has seen.
type Scan struct {
	Text     Text   // without its AIM identifier
	AIM      string // such as ]Q1, if the device says what it has read; see Symbology
	Overlong bool   // more than ScanMax bytes came; Text is empty
	Source   string
	At       time.Time
}

// Seen makes the scan of what a device has read: it takes the AIM identifier off,
// and keeps nothing of a text that is too long.
func Seen(read, source string, at time.Time) Scan {
	aim, text := SplitAIM(read)
	if len(text) > ScanMax {
		return Scan{Overlong: true, Source: source, At: at}
	}
	return Scan{Text: NewText(text), AIM: aim, Source: source, At: at}
}

// Source is a device that sees codes.
type Source interface {
	// Name is for screens and logs. It may be called from any goroutine.
	Name() string

	// Run opens the device, calls ready once it is open, and sends what is seen
	// until ctx ends or the device is gone. Its error says which: ctx's, or what
	// was wrong. It sends nothing after it has returned. To go on, it is called
	// again, never twice at once.
	Run(ctx context.Context, out chan<- Scan, ready func()) error
}

// Complainer is a source that can tell a person what is wrong with what comes from
// its device while the device is here.
type Complainer interface {
	// Complaint is a sentence, "" while there is nothing to complain of. Any
	// goroutine may call it.
	Complaint() string
}

// Hinter is a source that can tell why it sees no code while one is awaited.
type Hinter interface {
	// Hint is a word that screens know, such as blurred; "" while there is nothing to
	// say. Any goroutine may call it.
	Hint() string
}

// Prompter is a source whose device is told what the terminal is doing, because it
// lights up, beeps, or looks for codes only when it has to. Any goroutine may call
// its methods at any time, also while the device is away. They don't wait.
type Prompter interface {
	// Await says whether a code is awaited from now on.
	Await(waiting bool)

	// Refuse says that the code that the source sent last was refused.
	Refuse()
}
