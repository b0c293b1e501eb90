package operators

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The length of a PIN, in digits.
const (
	pinMin = 4
	pinMax = 8
)

// PIN is the secret of an operator. No verb of fmt, no log and no encoder can show
// it. The zero value holds none.
type PIN struct{ digits *[]byte } // a pointer: fmt prints unexported bytes in clear

// NewPIN takes over what a person typed: the slice is wiped with the PIN.
func NewPIN(typed []byte) PIN { return PIN{&typed} }

// Wipe overwrites the digits in memory, for every copy of this value.
func (p PIN) Wipe() {
	if p.digits != nil {
		clear(*p.digits)
		*p.digits = nil
	}
}

// Format hides the digits from every verb of fmt.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "PIN") }

// MarshalText refuses: a PIN is never written down.
func (p PIN) MarshalText() ([]byte, error) { return nil, errors.New("a PIN is never written down") }

// Same says whether two PINs have the same digits: a person types a new one twice.
func (p PIN) Same(other PIN) bool { return string(p.reveal()) == string(other.reveal()) }

func (p PIN) reveal() []byte {
	if p.digits == nil {
		return nil
	}
	return *p.digits
}

// wellFormed says whether this could be a PIN at all.
func (p PIN) wellFormed() bool {
	d := p.reveal()
	if len(d) < pinMin || len(d) > pinMax {
		return false
	}
	for _, c := range d {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// WeakPIN is why a PIN is not taken. It repeats no digit of it.
type WeakPIN struct{ Why string }

func (e *WeakPIN) Error() string { return "the PIN is not taken: " + e.Why }

// check refuses a new PIN that the first tries of anybody would find: four digits
// bear no waste.
func (p PIN) check(number string) error {
	d := string(p.reveal())
	switch {
	case !p.wellFormed():
		return &WeakPIN{fmt.Sprintf("it takes %d to %d digits", pinMin, pinMax)}
	case steps(d, 0):
		return &WeakPIN{"all its digits are the same"}
	case steps(d, 1) || steps(d, 9):
		return &WeakPIN{"its digits only count up or down"}
	case len(d)%2 == 0 && d[:len(d)/2] == d[len(d)/2:]:
		return &WeakPIN{"its second half repeats the first"}
	case strings.Trim(d, "0") == strings.TrimLeft(number, "0"):
		return &WeakPIN{"it is the operator's own number"}
	}
	return nil
}

// steps says whether each digit is the one before plus step, round after 9.
func steps(digits string, step byte) bool {
	for i := 1; i < len(digits); i++ {
		if (digits[i-1]-'0'+step)%10 != digits[i]-'0' {
			return false
		}
	}
	return true
}
