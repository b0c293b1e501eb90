package scannersim

import (
	"errors"
	"testing"
	"testing/synctest"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
)

func TestItKeepsTheContract(t *testing.T) {
	scannertest.Suite(t, func(t *testing.T) (scanner.Source, func(string)) {
		src := New("demo")
		return src, func(code string) {
			if err := src.Show(code); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestACodeThatNobodyLooksAtIsToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := New("demo").Show("1"); !errors.Is(err, ErrNotLooking) {
			t.Errorf("want %v, got %v", ErrNotLooking, err)
		}
	})
}
