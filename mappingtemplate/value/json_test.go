package value_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// Jackson 2.9: of the members with one name the last one counts, in the place of
// the first, as in a LinkedHashMap.
func TestTheLastMemberOfANameCounts(t *testing.T) {
	v, err := value.ParseJSON(`{"a":1,"b":2,"a":{"c":3}}`)
	if err != nil || value.JSON(v) != `{"a":{"c":3},"b":2}` {
		t.Errorf("%s, %v", value.JSON(v), err)
	}
}

func TestNumbersHaveTheSmallestClass(t *testing.T) {
	for text, want := range map[string]any{
		"-0": int32(0), "2147483647": int32(math.MaxInt32), "2147483648": int64(2147483648),
		"-9223372036854775808": int64(math.MinInt64), "1.0": 1.0, "-0.0": math.Copysign(0, -1), "1e400": math.Inf(1),
	} {
		v, err := value.ParseJSON(text)
		if err != nil || !value.Equals(v, want) {
			t.Errorf("%s: %v (%T), %v", text, v, v, err)
		}
	}
}

// A comma may trail in what templates render, and nowhere else.
func TestTrailingCommas(t *testing.T) {
	for _, text := range []string{`[1,]`, `{"a":1,}`, `{"a":[{},],}`, "[1,\n]"} {
		if _, err := value.ParseLenientJSON(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := value.ParseJSON(text); err == nil {
			t.Errorf("%s is strict JSON", text)
		}
	}
	for _, text := range []string{`[,]`, `{,}`, `[1,,]`, `{"a":1,,}`, `[1,}`, `{"a":1,]`} {
		if _, err := value.ParseLenientJSON(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestSyntaxErrorsHaveSaneColumnsForPeople(t *testing.T) {
	for text, want := range map[string]string{
		"{\"a\": [1":      "Unexpected end-of-input: expected close marker for Array (start marker at line 1, column 7) at line 1, column 9",
		"{\r\n\"ü😀\": x}": "Unrecognized token 'x': was expecting ('true', 'false' or 'null') at line 2, column 9",
		"":                "Unexpected end-of-input: expected a value at line 1, column 1",
	} {
		_, err := value.ParseJSON(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 1e6), strings.Repeat(`{"a":`, 1e6)} {
		var syntax *value.SyntaxError
		if _, err := value.ParseJSON(text); !errors.As(err, &syntax) || !strings.HasPrefix(syntax.Msg, "Document nesting depth") {
			t.Errorf("%.100v", err)
		}
	}
}

func FuzzParseLenientJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-2.5e3,"x\u00e9\n",true,false,null],}`, `[1,}`, `{"a" 1}`, `{"a":tru`, "\"a\nb\"", `-I`, `+INF`, `[NaN`, `"\u12`, "{\r\n 'a'", "[1.\ufeff", "// c", "\xff", "$a😀",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseLenientJSON(text)
		if err == nil {
			// What was read is written as JSON that reads as the same value.
			again, err := value.ParseJSON(value.JSON(v))
			if err != nil || value.JSON(again) != value.JSON(v) {
				t.Fatalf("%q became %s, and that %v", text, value.JSON(v), err)
			}
			return
		}
		var syntax *value.SyntaxError
		if !errors.As(err, &syntax) || v != nil {
			t.Fatalf("%q: value %v, error %v (%T)", text, v, err, err)
		}
		if syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1 {
			t.Fatalf("%q: offset %d, line %d, column %d", text, syntax.Offset, syntax.Line, syntax.Column)
		}
		if lines := strings.Count(text[:syntax.Offset], "\n") + strings.Count(text[:syntax.Offset], "\r"); syntax.Line > lines+1 {
			t.Fatalf("%q: line %d of %d", text, syntax.Line, lines+1)
		}
		if words := syntax.Jackson(text); !strings.HasPrefix(words, syntax.Msg) || !strings.HasSuffix(words, "]") {
			t.Fatalf("%q: %s", text, words)
		}
		// A strict reader refuses it too.
		if _, err := value.ParseJSON(text); err == nil {
			t.Fatalf("%q is strict JSON and not lenient", text)
		}
	})
}

func BenchmarkParseJSON(b *testing.B) {
	text := value.JSON(func() any {
		l := value.NewList()
		for range 50 {
			l.Append(value.MapOf("id", "1", "title", "A title", "done", false, "n", int32(12), "tags", value.NewList("a", "b"), "x", 1.5))
		}
		return l
	}())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := value.ParseLenientJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}
