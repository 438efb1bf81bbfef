package docs_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "rewrite the README's support table")

// row is one behaviour of AppSync in parity.yml.
type row struct {
	Behaviour string `yaml:"behaviour"`
	State     string `yaml:"state"`
	Test      string `yaml:"test"`
	Note      string `yaml:"note"`
}

type area struct {
	Area string `yaml:"area"`
	Rows []row  `yaml:"rows"`
}

var states = map[string]string{
	"works":   "works",
	"partly":  "partly",
	"not yet": "not yet",
	"never":   "never",
}

func ledger(t *testing.T) []area {
	t.Helper()
	text, err := os.ReadFile("parity.yml")
	if err != nil {
		t.Fatal(err)
	}
	var areas []area
	if err := yaml.UnmarshalWithOptions(text, &areas, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return areas
}

// TestParityLedgerNamesExistingTests fails when a behaviour is said to work
// without a test that proves it. A test is named as "folder.TestName", or as
// "folder/file.test.js: name" for the tests with real clients.
func TestParityLedgerNamesExistingTests(t *testing.T) {
	tests := map[string]map[string]bool{}
	for _, a := range ledger(t) {
		for _, r := range a.Rows {
			if states[r.State] == "" {
				t.Errorf("%s: %s: unknown state %q", a.Area, r.Behaviour, r.State)
			}
			proven := r.State == "works" || r.State == "partly"
			if proven && r.Test == "" {
				t.Errorf("%s: %s: state %q needs a test", a.Area, r.Behaviour, r.State)
			}
			if r.State != "works" && r.Note == "" {
				t.Errorf("%s: %s: state %q needs a note", a.Area, r.Behaviour, r.State)
			}
			if r.Test != "" && !exists(t, tests, r.Test) {
				t.Errorf("%s: %s: there is no test %s", a.Area, r.Behaviour, r.Test)
			}
		}
	}
}

func exists(t *testing.T, tests map[string]map[string]bool, name string) bool {
	t.Helper()
	if file, title, ok := strings.Cut(name, ": "); ok {
		text, err := os.ReadFile(filepath.Join("..", file))
		title = strings.ReplaceAll(title, "'", `\'`)
		return err == nil && strings.Contains(string(text), "test('"+title+"'")
	}
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		return false
	}
	dir, fn := name[:dot], name[dot+1:]
	if tests[dir] == nil {
		tests[dir] = testNames(t, filepath.Join("..", dir))
	}
	return tests[dir][fn]
}

// testNames lists the test and fuzz functions of a folder.
func testNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz")) {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

const (
	tableStart = "<!-- support table: made from docs/parity.yml by go test ./docs -update -->"
	tableEnd   = "<!-- end of support table -->"
)

// TestReadmeSupportTable fails when the README's table is not what parity.yml
// says.
func TestReadmeSupportTable(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableStart)
	if !ok {
		t.Fatal("README.md has no support table")
	}
	_, after, ok := strings.Cut(rest, tableEnd)
	if !ok {
		t.Fatal("README.md has a support table without an end")
	}
	want := before + tableStart + "\n" + supportTable(ledger(t)) + tableEnd + after
	if want == string(text) {
		return
	}
	if *update {
		if err := os.WriteFile("../README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("README.md's support table is old: run go test ./docs -update")
}

func supportTable(areas []area) string {
	var b strings.Builder
	b.WriteString("| area | behaviours that work | partly | not yet, or never |\n|---|---|---|---|\n")
	for _, a := range areas {
		byState := map[string][]string{}
		for _, r := range a.Rows {
			byState[r.State] = append(byState[r.State], r.Behaviour)
		}
		missing := append(byState["not yet"], byState["never"]...)
		fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", a.Area,
			len(byState["works"]), strings.Join(byState["partly"], ", "), strings.Join(missing, ", "))
	}
	return b.String()
}
