package configs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNoConfig means that there is no file, which is not the same as a wrong one.
var ErrNoConfig = errors.New("there is no config")

// Fault is one thing that is wrong with a config.
type Fault struct {
	File    string
	Line    int    // from 1; of the key, or of the table that lacks it
	Key     string // such as terminal.id or scanner[0].baud
	Problem string // what is wrong, and with which value
	Want    string // what may stand there
}

// String is one line for a technician.
func (f Fault) String() string {
	text := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Key != "" {
		text += f.Key + ": "
	}
	text += f.Problem
	if f.Want != "" {
		text += "; " + f.Want
	}
	return text
}

// Faults is every fault of a config, in the order of the file.
type Faults []Fault

// Error has one line for each fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func (fs Faults) inOrder() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
	return fs
}

// nearest gives the word that is at most two typing errors away, or "".
func nearest(word string, words []string) string {
	best, distance := "", 3
	for _, w := range words {
		if d := typingErrors(word, w); d < distance {
			best, distance = w, d
		}
	}
	return best
}

// typingErrors is the Levenshtein distance.
func typingErrors(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
