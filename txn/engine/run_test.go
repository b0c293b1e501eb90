package engine

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
)

// world is an engine with an acquirer and a printer that do as they are told.
type world struct {
	t      *testing.T
	disk   storetest.Disk
	engine *Engine
	stop   func() error
	log    lockedLog

	pay, query, reverse func(context.Context, txn.Order, txn.Amount) txn.Result
	print               func(context.Context, txn.Print) error
	pays                atomic.Int32
	deaf                atomic.Bool // an echo has no answer
}

type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func yes(_ context.Context, order txn.Order, amount txn.Amount) txn.Result {
	return txn.Result{Outcome: txn.OutcomeApproved, Authentic: true, Order: order, Amount: amount}
}

func silence(ctx context.Context, _ txn.Order, _ txn.Amount) txn.Result {
	<-ctx.Done()
	return txn.Result{Layer: txn.LayerLine}
}

func (w *world) Pay(ctx context.Context, e txn.Authorize) txn.Result {
	w.pays.Add(1)
	return w.pay(ctx, e.Order, e.Amount)
}

func (w *world) Query(ctx context.Context, e txn.Query) txn.Result {
	return w.query(ctx, e.Order, 1050)
}

func (w *world) Reverse(ctx context.Context, e txn.Reverse) txn.Result {
	return w.reverse(ctx, e.Order, e.Amount)
}

func (w *world) Present(ctx context.Context, e txn.Present) txn.Result {
	return w.pay(ctx, e.Order, e.Amount)
}

func (w *world) Refund(ctx context.Context, e txn.Refund) txn.Result {
	return w.pay(ctx, e.Order, e.Amount)
}

func (w *world) QueryRefund(ctx context.Context, e txn.QueryRefund) txn.Result {
	return w.query(ctx, e.Order, e.Amount)
}

func (w *world) Settle(ctx context.Context, _ txn.Settle) txn.Result { return w.pay(ctx, "", 0) }

func (w *world) Upload(ctx context.Context, _ txn.Upload) txn.Result { return w.pay(ctx, "", 0) }

func (w *world) Echo(context.Context) txn.Result { return txn.Result{Authentic: !w.deaf.Load()} }

func (w *world) PrintSlip(ctx context.Context, e txn.Print) error { return w.print(ctx, e) }

// newWorld starts an engine whose acquirer approves all.
func newWorld(t *testing.T) *world {
	w := &world{t: t, pay: yes, query: yes, reverse: silence,
		print: func(context.Context, txn.Print) error { return nil }}
	w.start()
	return w
}

func (w *world) start() {
	w.engine = New(Options{
		Rules:    testRules(w.t),
		Journal:  func() (Journal, error) { return w.disk.Open() },
		Acquirer: w, Printer: w,
		Timeouts: Timeouts{Pay: 30 * time.Second, Query: 10 * time.Second,
			Reverse: 20 * time.Second, Print: time.Minute},
		Chance: func(below time.Duration) time.Duration { return below / 2 },
		Log:    slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	engine := w.engine
	go func() { ended <- engine.Run(ctx) }()
	w.stop = func() error { cancel(); return <-ended }
}

func (w *world) submit(ev txn.Event) error {
	_, err := w.engine.Submit(w.t.Context(), ev)
	return err
}

// sell sells ¥10.50 up to the scan.
func (w *world) sell(code string) {
	w.t.Helper()
	err := errors.Join(w.submit(txn.SaleAsked{Amount: 1050}),
		w.submit(txn.CodeScanned{Code: txn.NewPayCode(code)}))
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) phase() txn.Phase { return w.engine.View().Current.Phase }

func TestASaleRunsFromTheScanToTheSlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var printed []txn.Copy
		w.print = func(_ context.Context, e txn.Print) error {
			printed = append(printed, e.Copy)
			return nil
		}
		w.sell(wechatCode)
		synctest.Wait()
		if w.phase() != txn.Approved || len(printed) != 1 {
			t.Errorf("want approved and one slip, got %s and %v", w.phase(), printed)
		}
		if err := w.stop(); err != nil {
			t.Error(err)
		}
		if strings.Contains(w.log.String(), wechatCode) {
			t.Error("the code is in the log")
		}
	})
}

func TestASilentAcquirerIsQueriedThenReversed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.pay, w.query = silence, silence
		w.reverse = func(_ context.Context, order txn.Order, _ txn.Amount) txn.Result {
			return txn.Result{Outcome: txn.OutcomeReversed, Authentic: true, Order: order}
		}
		w.sell(wechatCode)
		for _, stop := range []struct {
			at   time.Duration
			want txn.Phase
		}{
			{29 * time.Second, txn.Authorizing}, {31 * time.Second, txn.Unknown},
			{36 * time.Second, txn.Querying}, {75 * time.Second, txn.Reversed},
		} {
			time.Sleep(stop.at - time.Since(w.engine.View().Current.OpenedAt)) // virtual time
			synctest.Wait()
			if w.phase() != stop.want {
				t.Errorf("after %s: want %s, got %s", stop.at, stop.want, w.phase())
			}
		}
		if w.pays.Load() != 1 {
			t.Errorf("sent %d times", w.pays.Load())
		}
		_ = w.stop()
	})
}

func TestADeadPrinterDelaysNoSale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.print = func(ctx context.Context, _ txn.Print) error {
			<-ctx.Done()
			return errors.New("printer does not answer")
		}
		for _, code := range []string{"134567890123456701", "134567890123456702"} {
			began := time.Now()
			w.sell(code)
			synctest.Wait()
			if w.phase() != txn.Approved || time.Since(began) != 0 {
				t.Errorf("%s after %s", w.phase(), time.Since(began))
			}
		}
		if n := w.engine.View().Unprinted; n != 2 {
			t.Errorf("want 2 slips waiting, got %d", n)
		}
		_ = w.stop()
	})
}

func TestAfterAJournalErrorTheEngineOpensItAnewAndQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.submit(txn.SaleAsked{Amount: 1050}); err != nil {
			t.Fatal(err)
		}
		w.disk.Power = func() storetest.Cut { w.disk.Power = nil; return storetest.CutAfter }
		err := w.submit(txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})
		var journal *JournalError
		if !errors.As(err, &journal) {
			t.Fatalf("want a JournalError, got %v", err)
		}
		time.Sleep(reopenAfter + time.Second) // virtual time
		synctest.Wait()
		if w.phase() != txn.Approved || w.pays.Load() != 0 {
			t.Errorf("want approved by a query alone, got %s after %d sends", w.phase(), w.pays.Load())
		}
		_ = w.stop()
	})
}

func TestAVaultThatCanNotBeOpenedStopsNoSale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_ = w.stop()
		w.engine = New(Options{Rules: testRules(t), Acquirer: w, Printer: w,
			Journal: func() (Journal, error) { return w.disk.Open() },
			Vault:   func() (Vault, error) { return nil, errors.New("no key") },
			Timeouts: Timeouts{Pay: time.Second, Query: time.Second, Reverse: time.Second,
				Print: time.Second},
			Log: slog.New(slog.NewTextHandler(&w.log, nil))})
		w.engine.o.Rules.Offline = map[string]txn.Offline{"unionpay": txn.OfflineStore}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Run(ctx) }()
		w.pay = notSent
		w.sell(unionpayCode)
		synctest.Wait()
		if w.phase() != txn.NotSent || !strings.Contains(w.log.String(), "no key") {
			t.Errorf("want it refused and the log to say why, got %s: %s", w.phase(), w.log.String())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWhoComesAfterTheEndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		if err := w.submit(txn.SaleAsked{Amount: 1}); !errors.Is(err, ErrStopped) {
			t.Errorf("want %v, got %v", ErrStopped, err)
		}
	})
}

func TestAStopInTheMiddleOfASaleIsFollowedByAQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.pay = silence
		w.sell(wechatCode)
		synctest.Wait()
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.start()
		synctest.Wait()
		if w.phase() != txn.Approved || w.pays.Load() != 1 {
			t.Errorf("want approved by a query, got %s after %d sends", w.phase(), w.pays.Load())
		}
		_ = w.stop()
	})
}

func TestAWatcherSeesTheNewestViewAndSkipsWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		views := w.engine.Watch(ctx)
		synctest.Wait()
		w.sell(wechatCode)
		synctest.Wait()
		<-views // what it had in hand before the sale
		if v := <-views; v.Current == nil || v.Current.Phase != txn.Approved {
			t.Errorf("want the newest view, got %+v", v.Current)
		}
		cancel()
		synctest.Wait()
		for range views {
			t.Error("a view after the end")
		}
		_ = w.stop()
	})
}

func TestSalesAreListedNewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sell("134567890123456701")
		synctest.Wait()
		w.sell("134567890123456702")
		synctest.Wait()
		sales, err := w.engine.Sales(t.Context(), 1)
		if err != nil || len(sales) != 1 || sales[0].Order != w.engine.View().Current.Order {
			t.Errorf("want the newest sale alone, got %v %v", sales, err)
		}
		sale, ok, err := w.engine.Sale(t.Context(), sales[0].Order)
		if err != nil || !ok || sale.Masked != "13****6702" && sale.Masked == "" {
			t.Errorf("want the sale, got %+v %t %v", sale, ok, err)
		}
		if _, ok, _ := w.engine.Sale(t.Context(), "1"); ok {
			t.Error("there is no order 1")
		}
		_ = w.stop()
	})
}
