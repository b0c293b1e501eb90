package ui

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"saoma/terminal/txn"
)

// bodyMax is the largest JSON body, bytes.
const bodyMax = 64 << 10

// transactionJSON is a transaction as the API tells it. docs/api.md has the words.
type transactionJSON struct {
	Order       txn.Order  `json:"order"`
	Kind        string     `json:"kind"`
	State       txn.Phase  `json:"state"`
	AmountFen   txn.Amount `json:"amount_fen"`
	Family      string     `json:"family"`
	Wallet      string     `json:"wallet"`
	Clearing    string     `json:"clearing"`
	Acquirer    string     `json:"acquirer"`
	AcquirerRef string     `json:"acquirer_ref"`
	ChannelRef  string     `json:"channel_ref"`
	Trace       uint32     `json:"trace"`
	Batch       uint32     `json:"batch"`
	CreatedAt   time.Time  `json:"created_at"`
	ChangedAt   time.Time  `json:"changed_at"`
	EndsAt      *time.Time `json:"ends_at"` // of the present wait
	Reason      string     `json:"reason"`
	Text        string     `json:"text"` // the acquirer's words
	Masked      string     `json:"masked"`
	Override    txn.Order  `json:"override"`
	Slips       []slipJSON `json:"slips"`
}

type slipJSON struct {
	Copy    txn.Copy      `json:"copy"`
	State   txn.SlipPhase `json:"state"`
	Trouble string        `json:"trouble"`
	Count   int           `json:"count"` // how often printing has begun
	URL     string        `json:"url"`
}

// viewJSON is what pages show.
type viewJSON struct {
	Revision  uint64            `json:"revision"`
	Now       time.Time         `json:"now"`
	Current   *transactionJSON  `json:"current"`
	InDoubt   []transactionJSON `json:"in_doubt"`
	Recent    []transactionJSON `json:"recent"`
	Unprinted int               `json:"unprinted"`
	Notice    *txn.Notice       `json:"notice"`
	Devices   []Device          `json:"devices"`
	Shop      string            `json:"shop"`
	Language  string            `json:"language"`
	Demo      bool              `json:"demo"`
}

func (s *server) describe(sale txn.Sale) transactionJSON {
	a := sale.Answer
	t := transactionJSON{
		Order: sale.Order, Kind: "sale", State: sale.Phase, AmountFen: sale.Amount,
		Family: sale.Family, Wallet: a.Wallet, Clearing: a.Clearing, Acquirer: s.Acquirer,
		AcquirerRef: a.AcquirerRef, ChannelRef: a.ChannelRef, Trace: sale.Trace, Batch: sale.Batch,
		CreatedAt: sale.OpenedAt.UTC(), ChangedAt: sale.ChangedAt.UTC(), Reason: string(sale.Reason),
		Text: a.Text, Override: sale.Override, Slips: []slipJSON{},
	}
	if sale.Phase == txn.Approved {
		t.Masked = sale.Masked
	}
	if !sale.Ends.IsZero() {
		ends := sale.Ends.UTC()
		t.EndsAt = &ends
	}
	for _, slip := range sale.Slips {
		t.Slips = append(t.Slips, slipJSON{Copy: slip.Copy, State: slip.Phase, Trouble: slip.Trouble,
			Count: slip.Starts, URL: "/api/slips/" + string(sale.Order) + "-" + string(slip.Copy) + ".png"})
	}
	return t
}

func (s *server) describeAll(sales []txn.Sale) []transactionJSON {
	all := make([]transactionJSON, len(sales))
	for i, sale := range sales {
		all[i] = s.describe(sale)
	}
	return all
}

func (s *server) describeView(v txn.View) viewJSON {
	d := viewJSON{
		Revision: v.Revision, Now: v.Now.UTC(), InDoubt: s.describeAll(v.InDoubt),
		Recent: s.describeAll(v.Recent), Unprinted: v.Unprinted, Notice: v.Notice,
		Devices: s.Devices(), Shop: s.Shop, Language: s.Language, Demo: s.Sim != nil,
	}
	if v.Current != nil {
		current := s.describe(*v.Current)
		d.Current = &current
	}
	return d
}

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
	txn.ErrNotApproved: "there is no slip of a sale that is not approved",
}

// failWith writes what the engine said.
func (s *server) failWith(w http.ResponseWriter, err error) {
	var refusal txn.Refusal
	if !errors.As(err, &refusal) {
		s.Log.Error("request could not be served", "err", err)
		fail(w, http.StatusServiceUnavailable, "trouble", "the terminal can't do this now; see its log")
		return
	}
	status := http.StatusConflict
	switch refusal {
	case txn.ErrAmount:
		status = http.StatusBadRequest
	case txn.ErrNoOrder:
		status = http.StatusNotFound
	}
	message := messages[refusal]
	if message == "" {
		message = "the code was refused"
	}
	fail(w, status, string(refusal), message)
}

// take reads a strict JSON body into v; an empty one leaves v as it is. False
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
		fail(w, http.StatusBadRequest, "bad_json", err.Error())
		return false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		fail(w, http.StatusBadRequest, "bad_json", "something follows the JSON value")
		return false
	}
	return true
}
