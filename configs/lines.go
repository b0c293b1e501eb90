package configs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines says where each key and each table of a file stands. Elements of arrays
// of tables are numbered: scanner[0].baud.
type lines map[string]int

// indexLines reads the places of all keys. The fault, if any, means that it is
// not TOML.
func indexLines(text []byte) (lines, *Fault) {
	at := lines{}
	counts := map[string]int{}
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
			continue
		}
		name, line := keyOf(&p, e)
		full := strings.TrimPrefix(table+"."+name, ".")
		switch e.Kind {
		case unstable.Table:
			full, table = name, name
		case unstable.ArrayTable:
			table = fmt.Sprintf("%s[%d]", name, counts[name])
			counts[name]++
			full = table
		}
		if at[full] != 0 {
			return nil, &Fault{Line: line, Key: full, Problem: "stands twice",
				Want: fmt.Sprintf("first in line %d", at[full])}
		}
		at[full] = line
	}
	return at, notTOML(p.Error(), text)
}

// keyOf gives the dotted name of an expression and its line.
func keyOf(p *unstable.Parser, e *unstable.Node) (name string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		if line == 0 {
			line = p.Shape(p.Range(it.Node().Data)).Start.Line
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), line
}

// of gives the line of a key, or of the nearest table around it.
func (at lines) of(key string) int {
	for key != "" {
		if line, ok := at[key]; ok {
			return line
		}
		cut := strings.LastIndex(key, ".")
		if cut < 0 {
			cut = strings.LastIndex(key, "[")
		}
		if cut < 0 {
			break
		}
		key = key[:cut]
	}
	return 1
}

// notTOML turns the parser's error into a fault.
func notTOML(err error, text []byte) *Fault {
	if err == nil {
		return nil
	}
	f := &Fault{Line: 1, Problem: err.Error(), Want: "this is not TOML"}
	var parse *unstable.ParserError
	if errors.As(err, &parse) && len(parse.Highlight) > 0 {
		f.Line += bytes.Count(text[:offset(text, parse.Highlight)], []byte("\n"))
	}
	return f
}

// offset says where in text a part of it begins.
func offset(text, part []byte) int { return max(0, min(len(text), cap(text)-cap(part))) }

// key gives the key or table that stands in a line, "" for none.
func (at lines) key(line int) string {
	for key, l := range at {
		if l == line {
			return key
		}
	}
	return ""
}
