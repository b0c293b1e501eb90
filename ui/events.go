package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// The rhythm of the stream. A device that comes or goes changes no book, so it is
// looked at now and then.
const (
	heartbeat    = 15 * time.Second
	lookAtDevice = time.Second
)

// events streams views: the whole one at once, and each newer one. A reader that
// is slow gets the newest and misses those in between.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		fail(w, http.StatusInternalServerError, "trouble", "this connection can't stream")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	beat, look := time.NewTicker(heartbeat), time.NewTicker(lookAtDevice)
	defer beat.Stop()
	defer look.Stop()
	views := s.Till.Watch(r.Context())
	devices := ""
	send := func(v viewJSON) error {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		devices = deviceList(v.Devices)
		_, err = fmt.Fprintf(w, "event: view\ndata: %s\n\n", text)
		flusher.Flush()
		return err
	}
	for {
		var err error
		select {
		case v, open := <-views:
			if !open {
				return
			}
			err = send(s.describeView(v))
		case <-look.C:
			if now := deviceList(s.Devices()); now != devices {
				v := s.describeView(s.Till.View())
				err = send(v)
			}
		case <-beat.C:
			_, err = fmt.Fprint(w, ": still here\n\n")
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
		if err != nil {
			return // the reader has gone
		}
	}
}

func deviceList(devices []Device) string { return fmt.Sprint(devices) }
