package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"saoma/terminal/txn"
)

// Operators finds out who people are. Any goroutine may call it.
type Operators interface {
	// Check gives the person of a number, and the name for the screen, if the PIN is
	// right. The error is ErrWrongPIN, a *LockedError, ErrNoOperators,
	// ErrOperatorsBroken (wrapped), ctx's, or trouble. The digits are wiped.
	Check(ctx context.Context, number string, pin []byte) (who txn.Person, name string, err error)
}

// What can be wrong with a person.
var (
	ErrWrongPIN        = errors.New("wrong operator or PIN")
	ErrNoOperators     = errors.New("no operators are set up")
	ErrOperatorsBroken = errors.New("the operators can't be read")
)

// LockedError means that there were too many wrong PINs.
type LockedError struct{ Left time.Duration }

func (e *LockedError) Error() string { return "locked after wrong PINs" }

// credentials are what a person types.
type credentials struct {
	Operator string `json:"operator"`
	PIN      secret `json:"pin"`
}

// secretMax is far above the longest PIN, in bytes.
const secretMax = 32

// secret is a PIN on its way. No verb of fmt, no log and no encoder can show it.
type secret struct{ digits *[]byte } // a pointer: fmt prints unexported bytes in clear

// UnmarshalJSON takes a plain text. Its error repeats nothing of it.
func (s *secret) UnmarshalJSON(text []byte) error {
	if len(text) < 2 || len(text) > secretMax || text[0] != '"' || bytes.ContainsRune(text, '\\') {
		return &json.UnmarshalTypeError{Field: "pin", Value: "value", Type: reflect.TypeFor[string]()}
	}
	digits := bytes.Clone(text[1 : len(text)-1])
	s.digits = &digits
	return nil
}

// MarshalJSON refuses: a PIN is never written down.
func (s secret) MarshalJSON() ([]byte, error) { return nil, errors.New("a PIN is never written down") }

// Format hides the digits from every verb of fmt.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "PIN") }

func (s secret) reveal() []byte {
	if s.digits == nil {
		return nil
	}
	return *s.digits
}

// who checks what a person typed. False means that the request is answered already.
func (s *server) who(w http.ResponseWriter, r *http.Request, c credentials) (txn.Person, string, bool) {
	person, name, err := s.Operators.Check(r.Context(), c.Operator, c.PIN.reveal())
	var locked *LockedError
	switch {
	case err == nil:
		return person, name, true
	case errors.As(err, &locked):
		// What was typed as a number may be a PIN: it is in no log.
		s.Log.Warn("an operator is locked", "seconds_left", seconds(locked.Left))
		w.Header().Set("Retry-After", strconv.Itoa(seconds(locked.Left)))
		answer(w, http.StatusLocked, map[string]any{"error": map[string]any{"code": "pin_locked",
			"message": "too many wrong PINs: wait, or set a new one", "seconds_left": seconds(locked.Left)}})
	case errors.Is(err, ErrWrongPIN):
		s.Log.Warn("a PIN was wrong")
		fail(w, http.StatusUnauthorized, "wrong_pin", "the operator or the PIN is wrong")
	case errors.Is(err, ErrNoOperators):
		s.failWith(w, txn.ErrNoOperators)
	case errors.Is(err, ErrOperatorsBroken):
		s.Log.Error("operators can't be read", "err", err)
		fail(w, http.StatusServiceUnavailable, "operators_broken",
			"the list of operators can't be read; see the terminal's log")
	default:
		s.failWith(w, err)
	}
	return txn.Person{}, "", false
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// supervisor checks who was called for one act; nobody is no error. False means
// that the request is answered already.
func (s *server) supervisor(w http.ResponseWriter, r *http.Request, c *credentials) (txn.Person, bool) {
	if c == nil {
		return txn.Person{}, true
	}
	person, _, ok := s.who(w, r, *c)
	if ok && person.Role != txn.Supervisor {
		fail(w, http.StatusForbidden, "not_supervisor", "the PIN is right, but of no supervisor")
		return txn.Person{}, false
	}
	return person, ok
}

// takeSupervisor reads a body that says nothing else.
func (s *server) takeSupervisor(w http.ResponseWriter, r *http.Request) (txn.Person, bool) {
	var body struct {
		Supervisor *credentials `json:"supervisor"`
	}
	if !take(w, r, &body) {
		return txn.Person{}, false
	}
	return s.supervisor(w, r, body.Supervisor)
}

// signOn puts an operator on duty.
func (s *server) signOn(w http.ResponseWriter, r *http.Request) {
	var body credentials
	if !take(w, r, &body) {
		return
	}
	if person, name, ok := s.who(w, r, body); ok {
		s.submit(w, r, txn.SignedOnAsked{Person: person, Name: name})
	}
}

func (s *server) signOff(w http.ResponseWriter, r *http.Request) {
	if take(w, r, &struct{}{}) {
		s.submit(w, r, txn.SignedOffAsked{})
	}
}

// shiftJSON is a shift as the API tells it.
type shiftJSON struct {
	Number   uint32          `json:"shift"`
	Operator string          `json:"operator"`
	Name     string          `json:"name"`
	Role     txn.Role        `json:"role"`
	From     time.Time       `json:"from"`
	To       *time.Time      `json:"to"` // null: it is running
	Totals   txn.ShiftTotals `json:"totals"`
	NetFen   txn.Amount      `json:"net_fen"`
}

func describeShift(sh txn.Shift) shiftJSON {
	d := shiftJSON{Number: sh.Number, Operator: sh.Operator, Name: sh.Name, Role: sh.Role,
		From: sh.From.UTC(), To: when(sh.To), Totals: sh.Totals, NetFen: sh.Totals.Net()}
	if d.Totals.Wallets == nil {
		d.Totals.Wallets = []txn.WalletSums{}
	}
	return d
}

// shift tells who is on duty, and the shifts of before, the newest first.
func (s *server) shift(w http.ResponseWriter, r *http.Request) {
	all, err := s.Till.Shifts(r.Context())
	if err != nil {
		s.failWith(w, err)
		return
	}
	told := struct {
		Guard  txn.Guard   `json:"guard"`
		OnDuty *shiftJSON  `json:"on_duty"`
		Ended  []shiftJSON `json:"ended"`
	}{Guard: s.Till.View().Guard, Ended: []shiftJSON{}}
	for _, sh := range all {
		d := describeShift(sh)
		if sh.To.IsZero() {
			told.OnDuty = &d
			continue
		}
		told.Ended = append(told.Ended, d)
	}
	answer(w, http.StatusOK, told)
}

// printShift wants the report of the running shift, or once more of one that ended.
func (s *server) printShift(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Shift uint32 `json:"shift"`
	}
	if take(w, r, &body) {
		s.submit(w, r, txn.ShiftSlipAsked{Shift: body.Shift})
	}
}

// printTotals wants the totals of the open batch on paper.
func (s *server) printTotals(w http.ResponseWriter, r *http.Request) {
	if take(w, r, &struct{}{}) {
		s.submit(w, r, txn.TotalsSlipAsked{})
	}
}
