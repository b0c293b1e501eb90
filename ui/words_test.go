package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants gives the texts of all constants of a type, from the source of its
// package: one that is added there has no words here until this test is green.
func constants(t *testing.T, dir, typeName string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != typeName {
				return true
			}
			for _, v := range spec.Values {
				lit, ok := v.(*ast.BasicLit)
				if !ok {
					continue
				}
				if text, err := strconv.Unquote(lit.Value); err == nil && text != "" {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	if len(texts) < 2 {
		t.Fatalf("%s has no constants of type %s", dir, typeName)
	}
	return texts
}

func words(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := static.ReadFile("static/words." + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return all
}

// scripts is the page's code in one piece.
func scripts(t *testing.T) string {
	t.Helper()
	names, err := fs.Glob(static, "static/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := static.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// wantWords wants words for keys in both languages.
func wantWords(t *testing.T, prefix string, keys []string) {
	t.Helper()
	for _, language := range []string{"zh-CN", "en"} {
		all := words(t, language)
		for _, key := range keys {
			if all[prefix+key] == "" {
				t.Errorf("%s has no words for %s", language, prefix+key)
			}
		}
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	zh := slices.Sorted(maps.Keys(words(t, "zh-CN")))
	en := slices.Sorted(maps.Keys(words(t, "en")))
	for _, key := range zh {
		if !slices.Contains(en, key) {
			t.Errorf("English has no words for %s", key)
		}
	}
	for _, key := range en {
		if !slices.Contains(zh, key) {
			t.Errorf("Chinese has no words for %s", key)
		}
	}
}

func TestEveryConstantThatAScreenShowsHasWords(t *testing.T) {
	for _, tt := range []struct{ prefix, dir, typeName string }{
		{"refusal.", "../txn", "Refusal"}, {"refusal.", "../txn/paycode", "Reason"},
		{"reason.", "../txn", "Reason"}, {"state.", "../txn", "Phase"}, {"copy.", "../txn", "Copy"},
		{"role.", "../txn", "Role"},
		{"trouble.", "../printer", "Trouble"}, {"difference.", "../txn/recon", "Kind"},
		{"do.", "../txn/recon", "Action"}, {"layer.", "../txn", "Layer"}, {"sim.", "../scanner/decode", "Reason"},
	} {
		wantWords(t, tt.prefix, constants(t, tt.dir, tt.typeName))
	}
	wantWords(t, "device.", []string{"scanner", "printer", "disk"})
	wantWords(t, "trouble.", []string{"journal_log_mended", "journal_db_mended", "archive_mended",
		"journal_loss"}) // the store's findings
	wantWords(t, "clearing.", []string{"nucc", "cup", "pboc"})
	wantWords(t, "wallet.", []string{"wechat", "alipay", "unionpay", "ecny", "qq"})
	wantWords(t, "refusal.", []string{"trouble"})
}

// matches gives what the first group of a pattern matches, and wants some of it.
func matches(t *testing.T, text, pattern string) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("the page's code has nothing like %s", pattern)
	}
	return all
}

func TestEveryKeyThatThePageSaysHasWords(t *testing.T) {
	code := scripts(t)
	wantWords(t, "", matches(t, code, `say\("([^"]+)"[,)]`))
	hints := matches(t, code, `const hints = (\{[^}]*\})`)[0]
	wantWords(t, "", matches(t, hints, `"(\w+)"`))
	for _, question := range matches(t, code, `ask\("(\w+)"`) {
		wantWords(t, question, []string{"_title", "_text"})
	}
	wantWords(t, "sim.", matches(t, code, `choice\("(\w+)"`))
	choices := strings.Join(matches(t, code, `choice\("\w+", \[(.*)\],`), " ")
	wantWords(t, "sim.", matches(t, choices, `, "(\w+)"\]`))
	wallets := matches(t, code, `const wallets = (\[[^\]]*\])`)[0]
	zh, en := words(t, "zh-CN"), words(t, "en")
	for _, w := range matches(t, wallets, `"(\w+)"`) {
		if zh["wallet."+w]+zh["sim."+w] == "" || en["wallet."+w]+en["sim."+w] == "" {
			t.Errorf("the panel has no words for %s", w)
		}
	}
}

func TestEveryPictureOfThePageIsThere(t *testing.T) {
	for _, name := range matches(t, scripts(t), `"(\w+\.svg)"`) {
		if _, err := static.ReadFile("static/" + name); err != nil {
			t.Error(err)
		}
	}
}
