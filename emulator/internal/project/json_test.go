package project

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func readJSON(text string) (*node, []string) {
	var problems []string
	f := NewFile("t.json", text)
	root, ok := parseJSON(f, text, func(p place, message, hint string) {
		problems = append(problems, Problem{Pos: p.position(), Message: message, Hint: hint}.Error())
	})
	if !ok && len(problems) == 0 {
		problems = append(problems, "failed without a word")
	}
	return root, problems
}

func TestJSONKeepsPlaces(t *testing.T) {
	root, problems := readJSON("{\n  \"é\": {\"b\": [1, -2.5e3, true]},\n\t\"s\": \"x\"\n}")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	list := root.find("é").value.find("b").value
	for what, tt := range map[string]struct {
		got  place
		want string
	}{
		"the root":      {root.pos, "t.json:1:1"},
		"a key":         {root.find("é").value.find("b").pos, "t.json:2:9"},
		"a list":        {list.pos, "t.json:2:14"},
		"a number":      {list.items[1].pos, "t.json:2:18"},
		"a boolean":     {list.items[2].pos, "t.json:2:26"},
		"after a tab":   {root.find("s").pos, "t.json:3:2"},
		"a short value": {root.find("s").value.pos, "t.json:3:7"},
	} {
		if got := tt.got.position().String(); got != tt.want {
			t.Errorf("%s is at %s, want %s", what, got, tt.want)
		}
	}
}

// Where the characters of a string's value are in the file: escapes are longer than
// what they stand for.
func TestPlacesWithinJSONStrings(t *testing.T) {
	const text = `{"a": "x\n\u00e9\ud83d\ude00 y\"z"}`
	root, problems := readJSON(text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	n := root.find("a").value
	if n.text != "x\né😀 y\"z" {
		t.Fatalf("%q", n.text)
	}
	template := InlineTemplate(n)
	at := map[string]int{"x": 8, "\n": 9, "é": 11, "😀": 17, " ": 29, "y": 30, "\"": 31, "z": 33}
	line, column := 1, 1
	for _, r := range n.text {
		if got := template.Position(line, column).Column; got != at[string(r)] {
			t.Errorf("%q is in column %d, want %d", r, got, at[string(r)])
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
}

func TestMistakesInJSON(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, "t.json:1:1: JSON syntax: the file ends where a value should be"},
		{`{"a" 1}`, "t.json:1:6: JSON syntax: '1' stands where a colon should be"},
		{`{"a": 1,}`, "t.json:1:9: JSON syntax: '}' stands where a key in quotes should be"},
		{`{a: 1}`, "t.json:1:2: JSON syntax: 'a' stands where a key in quotes should be"},
		{`[1 2]`, "t.json:1:4: JSON syntax: '2' stands where a comma or ] should be"},
		{`{"a": 1`, "t.json:1:8: JSON syntax: the file ends where a comma or } should be"},
		{`[01]`, "t.json:1:2: JSON syntax: this is no number"},
		{`[-]`, "t.json:1:2: JSON syntax: this is no number"},
		{`["a` + "\n" + `"]`, "t.json:1:4: JSON syntax: a string may not hold a line end or another control character"},
		{`["\x"]`, "t.json:1:3: JSON syntax: this is no escape of JSON"},
		{`["abc`, "t.json:1:6: JSON syntax: the file ends in a string"},
		{`{} {}`, "t.json:1:4: JSON syntax: nothing may follow the value"},
		{`nul`, "t.json:1:1: JSON syntax: 'n' stands where a value should be"},
		{`{"a": 1, "a": 2}`, "t.json:1:10: key `a` stands here a second time, first in line 1"},
		{strings.Repeat("[", 300), "t.json:1:202: JSON syntax: nested more than 200 deep"},
	}
	for _, tt := range tests {
		if _, problems := readJSON(tt.text); len(problems) != 1 || problems[0] != tt.want {
			t.Errorf("%.30s: %q, want %q", tt.text, problems, tt.want)
		}
	}
}

// A long object notices repeats, too.
func TestLongJSONObjects(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "%q: %d, ", fmt.Sprint("k", i), i)
	}
	root, problems := readJSON("{" + b.String() + `"k5": 1, "k99": 2, "z": 3}`)
	if len(root.entries) != 101 || len(problems) != 2 {
		t.Errorf("%d entries, problems %q", len(root.entries), problems)
	}
}

// FuzzJSON compares with encoding/json: what is refused, and the values.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a": [1, -0.5e+3, "x\u00e9\ud83d\ude00\n", true, false, null]}`, `[[], {}, ""]`, `"\ud800"`, ` 1 `, `{"a":1,"a":2}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		root, problems := readJSON(text)
		var want any
		err := json.Unmarshal([]byte(text), &want)
		syntax, deep := false, false
		for _, p := range problems {
			syntax = syntax || strings.Contains(p, "JSON syntax")
			deep = deep || strings.Contains(p, "nested more than")
		}
		if deep || err != nil && strings.Contains(err.Error(), "out of range") {
			return
		}
		if syntax != (err != nil) {
			t.Fatalf("problems %q, encoding/json says %v", problems, err)
		}
		if len(problems) == 0 && !reflect.DeepEqual(asDecoded(root), want) {
			t.Errorf("got %v, want %v", asDecoded(root), want)
		}
	})
}

// asDecoded is a value as encoding/json has it.
func asDecoded(n *node) any {
	switch n.kind {
	case kindInt, kindFloat:
		return n.float
	case kindMap:
		out := map[string]any{}
		for _, e := range n.entries {
			out[e.key] = asDecoded(e.value)
		}
		return out
	case kindList:
		out := []any{}
		for _, item := range n.items {
			out = append(out, asDecoded(item))
		}
		return out
	}
	return n.plain()
}
