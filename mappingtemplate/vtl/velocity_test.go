package vtl_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// velocityCase is a template with what Apache Velocity 1.7 makes of it in the
// context of testdata/context.json.
type velocityCase struct {
	Source    string  `json:"source"`
	Behaviour string  `json:"behaviour"`
	Template  string  `json:"template"`
	Want      *string `json:"want"`
	Error     *string `json:"error"`
	// Calls are the Java methods that the template calls, where that is what
	// the case is about.
	Calls []string `json:"calls"`
}

func readCases(t testing.TB, path string) []velocityCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []velocityCase
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c velocityCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Source == "" {
			cases = append(cases, c)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

func velocityRoots(t testing.TB) []vtl.Root {
	t.Helper()
	text, err := os.ReadFile("testdata/context.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		t.Fatal(err)
	}
	roots := []vtl.Root{{Name: "decimal", Value: decimals{}}}
	for name, v := range v.(*value.Map).All() {
		roots = append(roots, vtl.Root{Name: name, Value: v})
	}
	return roots
}

// decimals makes BigDecimals, which no literal does.
type decimals struct{}

func (decimals) Property(string) (any, bool) { return nil, false }

func (decimals) Invoke(name string, args []any) (any, bool, error) {
	if name != "of" || len(args) != 1 {
		return nil, false, nil
	}
	d, ok := value.NewBigDecimal(value.ToString(args[0]))
	if !ok {
		return nil, false, nil
	}
	return d.Value(), true, nil
}

// renderCase renders a template in the context of testdata/context.json.
func renderCase(t testing.TB, template string) (string, error) {
	t.Helper()
	tmpl, err := vtl.Compile("test", template)
	if err != nil {
		return "", err
	}
	result, err := tmpl.Execute(context.Background(), velocityRoots(t), vtl.Options{LoopIterations: 1 << 30})
	return result.Text, err
}

// TestVelocity renders what Apache Velocity 1.7 rendered, and compares output
// and error texts.
func TestVelocity(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, c := range readCases(t, path) {
				name := c.Behaviour
				if name == "" {
					name = c.Template
				}
				got, err := renderCase(t, c.Template)
				switch {
				case c.Error == nil && err != nil:
					t.Errorf("%s\ntemplate %q\nerror    %v\nwant     %q", name, c.Template, err, *c.Want)
				case c.Error == nil && got != *c.Want:
					t.Errorf("%s\ntemplate %q\ngot      %q\nwant     %q", name, c.Template, got, *c.Want)
				case c.Error != nil && err == nil:
					t.Errorf("%s\ntemplate %q\ngot        %q\nwant error %q", name, c.Template, got, *c.Error)
				case c.Error != nil && err.Error() != *c.Error:
					t.Errorf("%s\ntemplate %q\nerror      %q\nwant error %q", name, c.Template, err, *c.Error)
				}
			}
		})
	}
}
