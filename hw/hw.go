// Package hw says what a board can do, in the terminal's words: show how a sale
// stands by lights and a buzzer. It knows no pins and no money: board does it on
// real pins, hwsim in memory.
package hw

// Signal is what a cashier and a customer can see and hear from the board.
type Signal uint8

// The signals. Each has a light of its own, so that nobody has to tell colours
// apart by memory: approved is steady green, declined steady red, doubt is both.
const (
	Idle     Signal = iota // nothing to do: all off
	Waiting                // for a customer's code
	Approved               // money moved
	Declined               // no money moved
	Doubt                  // not known: do not charge again
)

// Board is what the terminal stands on. One goroutine may use it.
type Board interface {
	// Show replaces the signal before. An error names the output that is stuck;
	// the others have been set all the same.
	Show(s Signal) error

	// Halt leaves every output inert: off, and driven so. It may be called twice.
	Halt() error
}
