package storetest_test

import (
	"errors"
	"testing"

	"saoma/terminal/store/storetest"
)

func TestDiskKeepsTheContract(t *testing.T) {
	storetest.Suite(t, func(*testing.T) func() (storetest.Journal, error) {
		disk := &storetest.Disk{}
		return func() (storetest.Journal, error) { return disk.Open() }
	})
}

func TestAPowerCutKeepsAllOfAnAppendOrNothing(t *testing.T) {
	for _, tt := range []struct {
		cut  storetest.Cut
		want int
	}{
		{storetest.NoCut, 2}, {storetest.CutBefore, 0}, {storetest.CutAfter, 2},
	} {
		disk := &storetest.Disk{Power: func() storetest.Cut { return tt.cut }}
		j, _ := disk.Open()
		err := j.Append([]byte("a"), []byte("b"))
		if (err != nil) != (tt.cut != storetest.NoCut) {
			t.Errorf("cut %d: got error %v", tt.cut, err)
		}
		if got := len(disk.Records()); got != tt.want {
			t.Errorf("cut %d: want %d durable records, got %d", tt.cut, tt.want, got)
		}
		if tt.cut == storetest.NoCut {
			continue
		}
		if err := j.Append([]byte("c")); !errors.Is(err, storetest.ErrPowerCut) {
			t.Errorf("cut %d: a dead process appended: %v", tt.cut, err)
		}
	}
}
