package project

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(text string) (*node, []string) {
	var problems []string
	n := parseYAML(text, func(p place, message, hint string) {
		if hint != "" {
			message += " (" + hint + ")"
		}
		problems = append(problems, fmt.Sprintf("%d:%d: %s", p.line, p.column, message))
	})
	return n, problems
}

func TestYAMLValues(t *testing.T) {
	tests := []struct {
		name, text string
		want       any
	}{
		{"scalars", `{a: x, b: 1, c: 0x1F, d: 1.5, e: true, f: ~, g: "q\n", h: 'it''s', i: yes}`, map[string]any{
			"a": "x", "b": int64(1), "c": int64(31), "d": 1.5, "e": true, "f": nil, "g": "q\n", "h": "it's", "i": "yes"}},
		{"keys that are no strings", "1: a\ntrue: b\n", map[string]any{"1": "a", "true": "b"}},
		{"block scalars", "a: |\n  x\n   y\nb: >-\n  x\n  y\n", map[string]any{"a": "x\n y\n", "b": "x y"}},
		{"an anchor", "a: &x [1, 2]\nb: *x\n", map[string]any{"a": []any{int64(1), int64(2)}, "b": []any{int64(1), int64(2)}}},
		{"an anchor defined again", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", map[string]any{"a": int64(1), "b": int64(1), "c": int64(2), "d": int64(2)}},
		{"a merge key", "base: &b {x: 1, y: 2}\na:\n  y: 3\n  <<: *b\n", map[string]any{
			"base": map[string]any{"x": int64(1), "y": int64(2)}, "a": map[string]any{"x": int64(1), "y": int64(3)}}},
		{"a merge of several", "a: {<<: [{x: 1}, {x: 2, y: 2}], z: 3}\n", map[string]any{
			"a": map[string]any{"x": int64(1), "y": int64(2), "z": int64(3)}}},
		{"a tag of YAML", "a: !!str 12\nb: !!int 12\n", map[string]any{"a": "12", "b": int64(12)}},
		{"a directive and a document start", "%YAML 1.2\n---\na: b\n", map[string]any{"a": "b"}},
		{"a byte order mark is not YAML's", "a: b\n", map[string]any{"a": "b"}},
		{"JSON", `{"a": {"b": [1, null]}}`, map[string]any{"a": map[string]any{"b": []any{int64(1), nil}}}},
		{"Windows line ends", "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 2\r\n", map[string]any{"a": int64(1), "b": "x\ny\n", "c": int64(2)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, problems := parse(tt.text)
			if problems != nil {
				t.Fatal(problems)
			}
			if diff := cmp.Diff(tt.want, n.plain()); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestYAMLMistakes(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"an open bracket", "a: [1,\nb: 2\n", []string{"1:4: YAML syntax: sequence end token ']' not found"}},
		{"a tab", "a:\n\tb: 2\n", []string{"2:1: YAML syntax: found character '\t' that cannot start any token"}},
		{"an open quote", "a: \"x\nb: 2\n", []string{"1:4: YAML syntax: could not find end character of double-quoted text"}},
		{"duplicate keys, all of them", "a: 1\nb: {c: 1, c: 2}\na: 3\n", []string{
			"2:11: key `c` stands here a second time, first in line 2",
			"3:1: key `a` stands here a second time, first in line 1",
		}},
		{"an unknown alias", "a: &name 1\nb: *nane\n", []string{"2:4: alias `*nane` names no anchor before it (did you mean `name`?)"}},
		{"an alias of what it stands in", "a: &x [*x]\n", []string{"1:8: alias `*x` stands inside what it names"}},
		{"a merge of no map", "a: {<<: [1]}\nb: {<<: x}\n", []string{"1:10: `<<` merges maps, not a number", "2:9: `<<` needs a map or a list of maps, not a string"}},
		{"a key that is a list", "? [a]\n: b\n", []string{"2:1: YAML syntax: found an invalid key for this map"}},
		{"binary", "a: !!binary aGk=\n", []string{"1:4: binary values are not understood here"}},
		{"two documents", "a: 1\n---\nb: 2\n", []string{"3:1: the file holds more than one YAML document"}},
		{"a file that is too large", strings.Repeat("#", 1<<20+1), []string{"0:0: the file is larger than 1048576 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := parse(tt.text)
			if diff := cmp.Diff(tt.want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHostileYAMLIsRefused holds texts that are small and expand, or
// nest, beyond measure.
func TestHostileYAMLIsRefused(t *testing.T) {
	var laughs, merges strings.Builder
	laughs.WriteString("a0: &a0 [lol, lol]\n")
	merges.WriteString("m0: &m0 {k0: 1}\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	for i := 1; i < 2000; i++ {
		fmt.Fprintf(&merges, "m%d: &m%d {<<: *m%d, k%d: 1}\n", i, i, i-1, i)
	}
	var stairs strings.Builder
	for i := range 1000 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	tests := []struct{ name, text, want string }{
		{"a billion laughs", laughs.String(), "expand to more than 100000 values"},
		{"a chain of merges", merges.String(), "expand to more than 100000 values"},
		{"open brackets", strings.Repeat("[", 100_000), "nested more than 100 deep"},
		{"as many brackets as fit", strings.Repeat("[", 1<<20), "more than 100000 words and signs"},
		{"a map without end", strings.Repeat("a:\n", 1<<18), "more than 100000 words and signs"},
		{"closed brackets", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested more than 100 deep"},
		{"braces", strings.Repeat("{a: ", 5000), "nested more than 100 deep"},
		{"dashes", strings.Repeat("- ", 5000) + "x", "nested more than 100 deep"},
		{"question marks", strings.Repeat("? ", 5000) + "x", "nested more than 100 deep"},
		{"tags", strings.Repeat("!a ", 5000) + "x", "nested more than 100 deep"},
		{"anchors", strings.Repeat("&a ", 5000) + "x", "nested more than 100 deep"},
		{"indentation", stairs.String(), "nested more than 100 deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := parse(tt.text)
			if len(problems) != 1 || !strings.Contains(problems[0], tt.want) {
				t.Errorf("problems %.300q, want %q", problems, tt.want)
			}
		})
	}
}

func TestAMistakeInAnAnchorIsReportedOnce(t *testing.T) {
	_, problems := loadText(head+`resolvers:
  Query.a: &r {kind: UNIT, dataSource: none, requst: false}
  Query.b: *r
  Query.c:
    <<: *r
    response: false
`, nil)
	want := []string{
		"appsync.yml:7:46: unknown key `requst` in resolver Query.a (did you mean `request`?)",
	}
	if diff := cmp.Diff(want, messages(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// In braces a key ends at a colon with a space after it, and not before.
//
// See: https://yaml.org/spec/1.2.2/#733-plain-style
func TestColonsWithinKeysInBraces(t *testing.T) {
	for _, text := range []string{
		"{Fn::GetAtt: [a, b], x: y}", "{ Fn::GetAtt: [a, b], x: y }", "{\"Fn::GetAtt\": [a, b], x: y}", "Fn::GetAtt: [a, b]\nx: y",
	} {
		n := parseYAML(text, func(p place, message, hint string) { t.Errorf("%s: %d: %s", text, p.column, message) })
		if n == nil || n.find("Fn::GetAtt") == nil || n.find("x") == nil {
			t.Errorf("%s is read as %v", text, n)
			continue
		}
		if list := n.find("Fn::GetAtt").value; list.kind != kindList || len(list.items) != 2 {
			t.Errorf("%s: the value is %v", text, list.kind)
		}
	}
	n := parseYAML("a: {b: AWS::Region, c: d}", func(p place, message, hint string) { t.Error(message) })
	if b := n.find("a").value.find("b"); b == nil || b.value.text != "AWS::Region" || n.find("a").value.find("c").pos.column != 21 {
		t.Errorf("a value with colons is read as %v", n.find("a").value.entries)
	}
}
