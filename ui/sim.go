package ui

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// imageMax is the largest picture that is shown to the simulated scanner, bytes.
const imageMax = 10 << 20

// done answers a request to the made-up world.
func (s *server) done(w http.ResponseWriter, err error) {
	if err != nil {
		fail(w, http.StatusBadRequest, "sim", err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}

func (s *server) simScan(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Code string `json:"code"`
	}
	if take(w, r, &body) {
		s.done(w, s.Sim.Scan(body.Code))
	}
}

func (s *server) simCode(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Wallet string `json:"wallet"`
	}
	if !take(w, r, &body) {
		return
	}
	code, err := s.Sim.NewCode(body.Wallet)
	if err != nil {
		s.done(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"code": code})
}

func (s *server) simPresent(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Order string `json:"order"`
	}
	if take(w, r, &body) {
		s.done(w, s.Sim.ScanCode(body.Order))
	}
}

func (s *server) simPayer(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Mode string `json:"mode"`
	}
	if take(w, r, &body) {
		s.done(w, s.Sim.SetPayer(body.Mode))
	}
}

func (s *server) simLine(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Up bool `json:"up"`
	}{true}
	if take(w, r, &body) {
		s.done(w, s.Sim.SetLine(body.Up))
	}
}

func (s *server) simPaper(w http.ResponseWriter, r *http.Request) {
	body := struct {
		In bool `json:"in"`
	}{true}
	if take(w, r, &body) {
		s.done(w, s.Sim.SetPaper(body.In))
	}
}

// simImage takes a picture as the body itself.
func (s *server) simImage(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "image/") {
		fail(w, http.StatusUnsupportedMediaType, "not_image", "the body must be image/png or image/jpeg")
		return
	}
	picture, err := io.ReadAll(http.MaxBytesReader(w, r.Body, imageMax))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		fail(w, http.StatusRequestEntityTooLarge, "too_large", "the picture is larger than 10 MiB")
		return
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "bad_body", err.Error())
		return
	}
	codes, reason, err := s.Sim.Image(picture)
	if err != nil {
		s.done(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"found": len(codes), "reason": reason})
}
