package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func at(text, source string, after time.Duration) Scan {
	return Scan{Text: NewText(text), Source: source, At: start.Add(after)}
}

func TestARepeatIsDroppedWhileTheCodeIsInView(t *testing.T) {
	g := NewGate([32]byte{1})
	for _, tt := range []struct {
		scan Scan
		want bool
	}{
		{at("a", "serial", 0), true},
		{at("a", "serial", 100*time.Millisecond), false},
		{at("a", "camera", 2*time.Second), false}, // two devices see one phone
		{at("b", "camera", 2*time.Second), true},
		{at("a", "camera", 4900*time.Millisecond), false}, // seen 2.9 s ago
		{at("a", "camera", 8*time.Second), true},          // 3.1 s out of view
	} {
		if got := g.Admit(tt.scan); got != tt.want {
			t.Errorf("%s after %s: want %t", tt.scan.Source, tt.scan.At.Sub(start), tt.want)
		}
	}
	if len(g.seen) != 1 {
		t.Errorf("want old fingerprints forgotten, got %d", len(g.seen))
	}
}

func TestACodeIsTheSameWithAndWithoutItsAIMIdentifier(t *testing.T) {
	g := NewGate([32]byte{1})
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"]Q1134567890123456789", true},
		{"134567890123456789", false}, // a camera sends none
		{"]C0134567890123456789 ", false},
		{"]C0134567890123456788", true},
		{"]", true},
	} {
		if got := g.Admit(at(tt.text, "x", 0)); got != tt.want {
			t.Errorf("%s: want %t", tt.text, tt.want)
		}
	}
}

func TestAGateRemembersAsManyCodesAsItMayAndTheNewestOfThem(t *testing.T) {
	g := NewGate([32]byte{1})
	for i := range GateMax + 1 {
		if !g.Admit(at(fmt.Sprint(i), "x", time.Duration(i))) {
			t.Errorf("%d: want it new", i)
		}
	}
	if len(g.seen) != GateMax {
		t.Errorf("want %d fingerprints, got %d", GateMax, len(g.seen))
	}
	later := time.Duration(GateMax + 1)
	if g.Admit(at("1", "x", later)) {
		t.Error("1 was forgotten before it had to be")
	}
	if !g.Admit(at("0", "x", later)) {
		t.Error("0 is the oldest, and was not forgotten")
	}
}

func TestACodeThatWasShownTooEarlyIsReadOnceOneIsAwaited(t *testing.T) {
	g := NewGate([32]byte{1})
	early, used := at("early", "camera", 0), at("used", "camera", 0)
	g.Admit(early)
	g.Unused(early)
	g.Admit(used)
	if g.Admit(at("early", "camera", time.Second)) {
		t.Error("nobody awaits it, and it is still in view")
	}
	g.Await()
	for _, tt := range []struct {
		scan Scan
		want bool
	}{
		{at("early", "camera", 2*time.Second), true},
		{at("early", "camera", 3*time.Second), false},
		{at("used", "camera", 2*time.Second), false},
	} {
		if got := g.Admit(tt.scan); got != tt.want {
			t.Errorf("%s after %s: want %t", tt.scan.Text.Reveal(), tt.scan.At.Sub(start), tt.want)
		}
	}
	g.Await()
	if g.Admit(at("early", "camera", 4*time.Second)) {
		t.Error("it was used: awaiting the next code does not make it news")
	}
}

func TestAGateForgetsUnusedCodesWithTheOthers(t *testing.T) {
	g := NewGate([32]byte{1})
	for i := range 10 * GateMax {
		s := at(fmt.Sprint(i), "x", time.Duration(i))
		g.Admit(s)
		g.Unused(s)
	}
	if len(g.unused) > GateMax {
		t.Errorf("it remembers %d", len(g.unused))
	}
}

func TestAClockThatIsSetBackShutsNobodyOut(t *testing.T) {
	g := NewGate([32]byte{1})
	g.Admit(at("a", "x", time.Hour))
	if !g.Admit(at("a", "x", 0)) {
		t.Error("want it new")
	}
}

func TestEveryOverlongScanIsNew(t *testing.T) {
	g := NewGate([32]byte{1})
	for range 2 {
		if !g.Admit(Scan{Overlong: true, At: start}) {
			t.Error("want it new: two too long codes can't be told apart")
		}
	}
}

func TestAScannedTextIsShownByNothing(t *testing.T) {
	const secret = "134567890123456789"
	s := at(secret, "x", 0)
	if shown := fmt.Sprintf("%v %+v %#v %s", s, s, s, s.Text); strings.Contains(shown, secret) {
		t.Errorf("in clear: %s", shown)
	}
	if text, err := json.Marshal(s); err == nil {
		t.Errorf("JSON took it: %s", text)
	}
}

// flaky is a device that comes and goes by plan.
type flaky struct {
	plan []error // how each run ends; nil: it stays until its context ends
	runs int
}

func (f *flaky) Name() string { return "flaky" }

func (f *flaky) Run(ctx context.Context, _ chan<- Scan, ready func()) error {
	end := f.plan[min(f.runs, len(f.plan)-1)]
	f.runs++
	if end == nil {
		ready()
		<-ctx.Done()
		return ctx.Err()
	}
	return end
}

func TestADeviceThatIsGoneIsLookedForEveryMomentAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("no such device")
		src := &flaky{plan: []error{gone, gone, gone, nil}}
		var log strings.Builder
		var told []Status
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		began := time.Now()
		go func() {
			defer close(done)
			Keeper{Log: slog.New(slog.NewTextHandler(&log, nil)),
				Told: func(s Status) { told = append(told, s) }}.Keep(ctx, src)
		}()
		time.Sleep(3*retryPause + time.Millisecond) // virtual time
		synctest.Wait()
		if src.runs != 4 || time.Since(began) > 2*time.Second {
			t.Errorf("want the fourth try within 2 s, got %d tries", src.runs)
		}
		cancel()
		<-done
		if n := strings.Count(log.String(), "scanner is gone"); n != 1 {
			t.Errorf("want one line in the log, got %d", n)
		}
		want := []Status{{Name: "flaky", Cause: gone.Error()}, {Name: "flaky", Here: true}}
		if !slices.Equal(told, want) {
			t.Errorf("want %+v told, got %+v", want, told)
		}
	})
}

func TestADeviceIsLookedForAtOnceWhenItIsPluggedInAndUntilItsPathIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plugs := NewPlugs()
		gone := errors.New("no such device")
		src := &flaky{plan: []error{gone, gone, gone, nil}} // its link comes late
		here := make(chan time.Time, 1)
		go Keeper{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Plugs: plugs,
			Told: func(s Status) {
				if s.Here {
					here <- time.Now()
				}
			}}.Keep(t.Context(), src)
		time.Sleep(retryPause / 4) // virtual time
		synctest.Wait()
		plugged := time.Now()
		for range 100 {
			plugs.tell() // a hub has many devices
		}
		if took := (<-here).Sub(plugged); took > 4*hurryPause || src.runs != 4 {
			t.Errorf("want it at once, got it after %s and %d tries", took, src.runs)
		}
	})
}

func TestKeepEndsWithItsContextWhileTheDeviceIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			Keeper{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Told: func(Status) {}}.
				Keep(ctx, &flaky{plan: []error{io.EOF}})
		}()
		synctest.Wait()
		cancel()
		<-done
	})
}
