package terminal_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The limits of the house style: a hard limit is cheap and does all the work.
const (
	functionLinesMax = 60
	fileLinesMax     = 400
)

func TestFunctionsAndFilesStaySmall(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			name = filepath.Join(p.Dir, name)
			if n := lines(t, name); n > fileLinesMax {
				t.Errorf("%s has %d lines, more than %d: find the missing noun", name, n, fileLinesMax)
			}
			longFunctions(t, name)
		}
	}
}

func longFunctions(t *testing.T, name string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1
		if n > functionLinesMax {
			t.Errorf("%s: %s has %d lines, more than %d",
				files.Position(f.Pos()), f.Name.Name, n, functionLinesMax)
		}
	}
}

func lines(t *testing.T, name string) int {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
		if strings.HasPrefix(s.Text(), "// Code generated ") {
			return 0
		}
	}
	return n
}
