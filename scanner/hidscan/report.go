package hidscan

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"saoma/terminal/scanner"
)

// The usages of the page for scanners that matter here; see the HID point of sale
// usage tables.
const (
	usageSymbology   = 0x8c00fb // three of them: the AIM identifier
	usageDecodedData = 0x8c00fe
	usageContinued   = 0x8c00ff
	usagePreventRead = 0x8c005f
	usageInitiate    = 0x8c0060
	usageErrorBeep   = 0x8c0085
	usageByteCount   = 0x01003b // of the page for desktops: how much of the data counts
)

// scanReport is where a report of scanned data has its parts.
type scanReport struct {
	number    byte
	numbered  bool
	length    int // bytes, with its number
	data      field
	symbology []field
	continued *field
	byteCount *field
}

// errNotScanner means that a device sends no decoded data: many have several faces.
var errNotScanner = errors.New("sends no decoded data of usage page 0x8C: " +
	"it is another part of the scanner, or the scanner has to be set to HID POS")

// scanReports finds the reports that carry scanned data.
func (d descriptor) scanReports() ([]scanReport, error) {
	var reports []scanReport
	for _, f := range d.fields {
		if f.item == inputItem && f.usage == usageDecodedData && f.size == 8 && f.offset%8 == 0 {
			reports = append(reports, d.scanReport(f))
		}
	}
	if len(reports) == 0 {
		return nil, errNotScanner
	}
	return reports, nil
}

func (d descriptor) scanReport(data field) scanReport {
	r := scanReport{number: data.report, numbered: d.numbered, data: data,
		length: (d.bits[[2]byte{inputItem, data.report}] + 7) / 8}
	if d.numbered {
		r.length++
	}
	for _, f := range d.fields {
		switch {
		case f.item != inputItem || f.report != data.report:
		case f.usage >= usageSymbology && f.usage < usageSymbology+3 && f.size == 8:
			r.symbology = append(r.symbology, f)
		case f.usage == usageContinued && r.continued == nil:
			r.continued = &f
		case f.usage == usageByteCount && f.offset < data.offset:
			r.byteCount = &f
		}
	}
	return r
}

// piece is what one report carries of a code.
type piece struct {
	aim       string
	data      []byte
	continued bool
}

// read takes a report apart; false if it is another one, or too short.
func (r scanReport) read(report []byte) (p piece, short, ours bool) {
	body := report
	if r.numbered {
		if len(report) == 0 || report[0] != r.number {
			return piece{}, false, false
		}
		body = report[1:]
	}
	if len(report) < r.length {
		return piece{}, true, true
	}
	begin := r.data.offset / 8
	p.data = body[begin : begin+r.data.count]
	if r.byteCount != nil {
		p.data = p.data[:min(len(p.data), int(bitsOf(body, *r.byteCount)))]
	} else {
		p.data = bytes.TrimRight(p.data, "\x00") // nothing says how much of it counts
	}
	var aim strings.Builder
	for _, f := range r.symbology {
		for i := range f.count {
			f := field{offset: f.offset + 8*i, size: 8}
			aim.WriteByte(byte(bitsOf(body, f)))
		}
	}
	if known, rest := scanner.SplitAIM(aim.String()); rest == "" {
		p.aim = known
	}
	p.continued = r.continued != nil && bitsOf(body, *r.continued) != 0
	return p, false, true
}

// bitsOf is the first value of a field, up to 32 bits of it, little-endian.
func bitsOf(body []byte, f field) (v uint32) {
	for i := range min(f.size, 32) {
		at := f.offset + i
		if at/8 < len(body) && body[at/8]>>(at%8)&1 == 1 {
			v |= 1 << i
		}
	}
	return v
}

// Why a code in reports was dropped.
const (
	brokenSentence = "the parts of a long code did not follow each other, and it was dropped: scan again"
	shortSentence  = "a report was shorter than the scanner's descriptor says, and was dropped: scan again"
)

// joiner makes codes of reports. It knows no device and no clock.
type joiner struct {
	reports []scanReport

	// What has come of a code that is to be continued.
	text     []byte
	aim      string
	begun    bool
	overlong bool
	dropped  string // why it is no code; its other parts are dropped, too
}

// feed takes one report and gives the codes that it ends.
func (j *joiner) feed(report []byte) []code {
	for _, r := range j.reports {
		p, short, ours := r.read(report)
		switch {
		case !ours:
			continue
		case short && j.begun:
			j.dropped = shortSentence
			return nil
		case short:
			return []code{{complaint: shortSentence}}
		}
		return j.join(p)
	}
	return nil // of another kind: a key, a state
}

func (j *joiner) join(p piece) (codes []code) {
	if j.begun && p.aim != j.aim { // the end of the one before was lost
		codes = append(codes, code{complaint: brokenSentence})
		*j = joiner{reports: j.reports}
	}
	j.begun, j.aim = true, p.aim
	if len(j.text)+len(p.data) > textMax {
		j.overlong = true
	} else {
		j.text = append(j.text, p.data...)
	}
	if p.continued {
		return codes
	}
	return append(codes, j.end()...)
}

// silence ends a code whose other parts did not come.
func (j *joiner) silence() []code {
	j.dropped = brokenSentence
	return j.end()
}

func (j *joiner) end() []code {
	c := j.ended()
	*j = joiner{reports: j.reports}
	if c == (code{}) {
		return nil
	}
	return []code{c}
}

func (j *joiner) ended() code {
	text, whole := scanner.Clean(j.text)
	switch {
	case j.dropped != "":
		return code{complaint: j.dropped}
	case j.overlong:
		return code{overlong: true}
	case !whole:
		return code{complaint: noiseSentence}
	case len(text) == 0:
		return code{}
	case bytes.HasPrefix(text, []byte(j.aim)): // some send it in the data, too
		return code{read: string(text)}
	}
	return code{read: j.aim + string(text)}
}

// order makes the report that tells the scanner something, if it can be told: one
// bit of an output report.
func (d descriptor) order(usage uint32) ([]byte, bool) {
	i := slices.IndexFunc(d.fields, func(f field) bool { return f.item == outputItem && f.usage == usage })
	if i < 0 {
		return nil, false
	}
	f := d.fields[i]
	body := make([]byte, (d.bits[[2]byte{outputItem, f.report}]+7)/8)
	body[f.offset/8] |= 1 << (f.offset % 8)
	return append([]byte{f.report}, body...), true // hidraw wants the number, 0 for none
}
