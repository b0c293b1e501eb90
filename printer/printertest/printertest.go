// Package printertest is the suite that every printer must pass. The words of the
// promise stand at printer.Device.
package printertest

import (
	"context"
	"errors"
	"testing"

	"saoma/terminal/printer"
)

// Bench is a printer and what can be done to it.
type Bench struct {
	Device    printer.Device
	PaperOut  func()          // in the middle of the next page
	PaperIn   func()          // a new roll
	WholeOnes func() []string // IDs of the pages that are wholly on paper
}

// Page is a page of some length.
func Page(id string) printer.Page {
	return printer.Page{ID: id, Blocks: []printer.Block{
		printer.Text{Text: "签购单 SALES SLIP", Align: printer.Centre, Double: true},
		printer.Rule{}, printer.Pair{Label: "金额 AMOUNT", Value: "RMB 10.50", Double: true},
		printer.QR{Text: "8000000126112417230000000014"}, printer.Feed{Rows: 40},
	}}
}

// Suite runs against printers of one kind.
func Suite(t *testing.T, start func(t *testing.T) Bench) {
	t.Run("a page is on paper when Print returns nil", func(t *testing.T) {
		b := start(t)
		for _, id := range []string{"1-merchant", "2-merchant", "2-merchant"} {
			if err := b.Device.Print(t.Context(), Page(id)); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.WholeOnes(); len(got) != 3 {
			t.Errorf("want 3 pages, got %v", got)
		}
		if got := b.Device.Trouble(); got != printer.NoTrouble {
			t.Errorf("want no trouble, got %s", got)
		}
	})
	t.Run("paper that runs out is told, with the rows that are done", func(t *testing.T) {
		b := start(t)
		b.PaperOut()
		var e *printer.Error
		if err := b.Device.Print(t.Context(), Page("1-merchant")); !errors.As(err, &e) ||
			e.Trouble != printer.PaperOut || e.RowsDone <= 0 {
			t.Fatalf("want paper out after some rows, got %v", err)
		}
		if len(b.WholeOnes()) != 0 || b.Device.Trouble() != printer.PaperOut {
			t.Errorf("half a page counts as a whole, or the trouble is not seen")
		}
		b.PaperIn()
		if err := b.Device.Print(t.Context(), Page("1-merchant")); err != nil {
			t.Fatal(err)
		}
		if got := b.WholeOnes(); len(got) != 1 {
			t.Errorf("want the whole page, got %v", got)
		}
	})
	t.Run("it ends with its context", func(t *testing.T) {
		b := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var e *printer.Error
		if err := b.Device.Print(ctx, Page("1-merchant")); !errors.As(err, &e) {
			t.Errorf("want a *printer.Error, got %v", err)
		}
	})
	t.Run("a page that can't be drawn is refused", func(t *testing.T) {
		b := start(t)
		var e *printer.Error
		err := b.Device.Print(t.Context(), printer.Page{ID: "1", Blocks: []printer.Block{printer.QR{}}})
		if !errors.As(err, &e) || e.Trouble != printer.CanNotDraw {
			t.Errorf("want %s, got %v", printer.CanNotDraw, err)
		}
	})
}
