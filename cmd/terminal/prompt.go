package main

import (
	"saoma/terminal/scanner"
	"saoma/terminal/txn"
)

// prompt tells the scanners when a code is awaited, so that they light up then and
// only then. It ends when views is closed.
func (t *terminal) prompt(views <-chan txn.View) {
	awaited := false
	for v := range views {
		now := v.Current != nil && v.Current.Phase == txn.Created
		if now == awaited {
			continue
		}
		awaited = now
		for _, src := range t.sources {
			if p, ok := src.(scanner.Prompter); ok {
				p.Await(awaited)
			}
		}
	}
}

// tellRefused lets the scanner that has read a refused code say so.
func (t *terminal) tellRefused(name string) {
	for _, src := range t.sources {
		if p, ok := src.(scanner.Prompter); ok && src.Name() == name {
			p.Refuse()
		}
	}
}
