package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"saoma/terminal/txn"
)

// bodyMax is the largest JSON body, bytes.
const bodyMax = 64 << 10

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		fail(w, http.StatusInternalServerError, "trouble", "the answer can't be written")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // who asked has gone: nobody to tell
}

// fail writes an error: a stable code, and words for a programmer.
func fail(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}

// messages are the refusals in words, for programmers; the pages have their own.
var messages = map[txn.Refusal]string{
	txn.ErrAmount:      "the amount is not above zero, or above the limit",
	txn.ErrBusy:        "another sale is open: end or cancel it first",
	txn.ErrInDoubt:     "an order is in doubt: charging again could charge twice",
	txn.ErrDoubtMax:    "too many orders are in doubt",
	txn.ErrNoSale:      "there is no sale that waits for a code",
	txn.ErrNoOrder:     "there is no such order",
	txn.ErrTooLate:     "the order is past the point of cancelling",
	txn.ErrConfirmCode: "the code may be no payment code: the cashier has to confirm it",
	txn.ErrCodeUsed:    "this code was already sent for another order",
	txn.ErrNotApproved: "only money that has moved has a slip, or a way back",
	txn.ErrRefundSum:   "the refund is more than is left of the sale",
	txn.ErrRefundsMax:  "the sale has too many refunds",
	txn.ErrHasRefunds:  "the sale has refunds: refund the rest, it can't be voided",
	txn.ErrVoidTooLate: "the sale is of another business day: refund it",
	txn.ErrNoQuestion:  "the transaction is final: there is nothing to ask",
	txn.ErrUnsettled:   "the terminal is still finding out about a sale of this batch",
	txn.ErrSettled:     "the sale is settled: refund it, it can't be voided",
	txn.ErrNotUndone:   "only a sale that ended without money is undone again",
	txn.ErrNotFinal:    "the terminal is still finding out",
	txn.ErrTooSoon:     "it was asked a moment ago: wait some seconds",

	txn.ErrNothingToSettle: "the batch is empty",
	txn.ErrNoMerchantCode:  "this acquirer gives no merchant codes",
	txn.ErrDiskFull:        "the disk is full: there is room only to end what is under way",
	txn.ErrArchive:         "the archive can't be read",
	txn.ErrFound:           "this is no payment code, but the number of a transaction",
	txn.ErrMoneyOpen:       "money is open: end it first",
	txn.ErrNoPrinter:       "this terminal has no printer",
	txn.ErrClock:           "the terminal's clock can't be right: set the date and time",
	txn.ErrNotSignedOn:     "nobody is on duty: an operator has to sign on",
	txn.ErrOnDuty:          "somebody is on duty: they have to sign off first",
	txn.ErrNeedsSupervisor: "this takes a supervisor, on duty or named in the request",
	txn.ErrNoOperators:     "no operators are set up, or their list can't be read",
	txn.ErrReportsMax:      "too many reports wait for paper",
}

// failWith writes what the engine said.
func (s *server) failWith(w http.ResponseWriter, err error) {
	var refusal txn.Refusal
	if !errors.As(err, &refusal) {
		if !errors.Is(err, context.Canceled) { // who asked has gone: no person must come
			s.Log.Error("request could not be served", "err", err)
		}
		fail(w, http.StatusServiceUnavailable, "trouble", "the terminal can't do this now; see its log")
		return
	}
	status := http.StatusConflict
	switch refusal {
	case txn.ErrAmount, txn.ErrRefundSum:
		status = http.StatusBadRequest
	case txn.ErrNoOrder:
		status = http.StatusNotFound
	case txn.ErrNotSignedOn, txn.ErrNeedsSupervisor:
		status = http.StatusForbidden
	}
	message := messages[refusal]
	if message == "" {
		message = "the code was refused"
	}
	fail(w, status, string(refusal), message)
}

// take reads a strict JSON body into v; what is not in it stays as it is in v. False
// means that the request is answered already.
func take(w http.ResponseWriter, r *http.Request, v any) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, "not_json", "the body must be application/json")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(w, http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 64 KiB")
		return false
	case err != nil:
		fail(w, http.StatusBadRequest, "bad_json", jsonFault(err))
		return false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		fail(w, http.StatusBadRequest, "bad_json", "something follows the JSON value")
		return false
	}
	return true
}

// jsonFault says what is wrong with a body, and repeats nothing of it: a scanner
// that types like a keyboard may have put a payer code there, and who asked may log
// the answer.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "the body is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the body ends in the middle"
	case errors.As(err, &syntax):
		return fmt.Sprintf("the body is no JSON from byte %d on", syntax.Offset)
	case errors.As(err, &kind) && kind.Field == "":
		return "the body is no JSON object"
	case errors.As(err, &kind):
		return kind.Field + " has a value of another type, or one that is too large"
	}
	return "the body has a field that this address does not take"
}
