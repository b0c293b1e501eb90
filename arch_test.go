package terminal_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "saoma/terminal"

// mayImport is the table of docs/architecture.md: which of our packages a
// package may import. A pattern ends in * for any one folder. The first pattern
// that fits a package is the one that counts. "*" allows all.
var mayImport = []struct {
	packages string
	ours     []string
}{
	{"cmd/*", []string{"*"}},
	{"txn", []string{"txn/paycode"}},
	{"txn/paycode", nil},
	{"txn/engine", []string{"txn"}},
	{"txn/recon", []string{"txn", "txn/acquirer"}},
	{"txn/sim", []string{"txn", "txn/paycode", "txn/engine", "store/storetest"}},
	{"txn/acquirer", []string{"txn"}},
	{"txn/acquirer/acquirertest", []string{"txn", "txn/acquirer", "txn/acquirer/acquirersim"}},
	{"txn/acquirer/*", []string{"txn", "txn/acquirer"}},
	{"ui", []string{"txn"}},
	{"printer/receipt", []string{"txn", "printer"}},
	{"store/storetest", nil},
	{"store/storetest/crashfs", nil},
	{"store/vault", nil},
	{"store/operators", nil},
	{"scanner/camera", []string{"scanner", "scanner/decode", "scanner/camera/v4l2", "scanner/camera/mjpeg"}},
	{"scanner/camera/camerasim", []string{"scanner/camera/v4l2"}},
	{"scanner/camera/*", nil},
	{"scanner/*", []string{"scanner"}},
	{"scanner/decode/screens", nil},
	{"printer/raster/fontgen", nil},
	{"printer/*", []string{"printer"}},
	{"hw/*", []string{"hw"}},
	{"scanner", nil}, {"printer", nil}, {"hw", nil}, {"store", nil}, {"configs", nil},
}

// goPackage is what go list says about one package.
type goPackage struct {
	ImportPath, Dir, Doc string
	GoFiles, Imports     []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,GoFiles,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// ours gives a package's path within the module, "" for others'.
func ours(importPath string) string {
	if rest, ok := strings.CutPrefix(importPath, module+"/"); ok {
		return rest
	}
	return ""
}

func TestImportsAreAsTheArchitectureHasThem(t *testing.T) {
	for _, p := range packages(t) {
		name := ours(p.ImportPath)
		if name == "" {
			continue // the module's root holds only this test
		}
		i := slices.IndexFunc(mayImport, func(row struct {
			packages string
			ours     []string
		}) bool {
			fits, _ := path.Match(row.packages, name)
			return fits
		})
		if i < 0 {
			t.Errorf("%s stands in no row of the table: give it one, or a better place", name)
			continue
		}
		allowed := mayImport[i].ours
		for _, imported := range p.Imports {
			dep := ours(imported)
			if dep != "" && !slices.Contains(allowed, dep) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s; it may import of ours only %v", name, dep, allowed)
			}
		}
	}
}

// testOnly are packages that bring others' code, which has no place in a terminal.
var testOnly = []string{"store/storetest/crashfs"}

func TestNoProgramHasWhatIsForTestsOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if slices.Contains(testOnly, ours(imported)) {
				t.Errorf("%s imports %s, which is for tests only", p.ImportPath, imported)
			}
		}
	}
}

func TestEveryPackageSaysWhatItKnows(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && len(p.Doc) < 20 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// purePackages decide about money: no clock, no I/O, no goroutine, no chance.
var purePackages = []string{"txn", "txn/paycode", "txn/recon"}

// impure are packages of the standard library that a pure one may not import.
var impure = []string{
	"os", "io", "net", "net/http", "log", "log/slog", "sync", "sync/atomic", "math/rand",
	"math/rand/v2", "crypto/rand", "context", "runtime", "syscall", "unsafe", "reflect",
}

func TestMoneyIsDecidedByPureCode(t *testing.T) {
	for _, p := range packages(t) {
		if !slices.Contains(purePackages, ours(p.ImportPath)) {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
		for _, name := range p.GoFiles {
			lookForImpurity(t, filepath.Join(p.Dir, name))
		}
	}
}

func lookForImpurity(t *testing.T, name string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s starts a goroutine", files.Position(n.Pos()))
		case *ast.ChanType, *ast.SelectStmt:
			t.Errorf("%s has a channel", files.Position(n.Pos()))
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
				t.Errorf("%s reads the clock: time.%s", files.Position(n.Pos()), n.Sel.Name)
			}
		}
		return true
	})
}
