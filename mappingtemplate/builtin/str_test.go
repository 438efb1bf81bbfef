package builtin_test

import (
	"strings"
	"testing"
)

// AWS's page "String helpers in $util.str"; forms are those of Unicode's UAX 15,
// letter case that of java.lang.String.
func TestStringHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"toUpper", []any{"straße"}, "STRASSE"},
		{"toLower", []any{"ÀBC"}, "àbc"},
		{"toUpper", []any{nil}, nil},
		{"toReplace", []any{"hello world", "hello", "mellow"}, "mellow world"},
		{"toReplace", []any{"a.b.c", ".", "-"}, "a-b-c"},
		{"toReplace", []any{"ab", "", "-"}, "-a-b-"}, // java.lang.String.replace
		{"toReplace", []any{"a$1", "$1", "\\0"}, "a\\0"},
		{"toReplace", []any{"a.b.c", ".", nil}, nil},
		{"normalize", []any{"e\u0301", "nfc"}, "\u00e9"},
		{"normalize", []any{"\u00e9", "nfd"}, "e\u0301"},
		{"normalize", []any{"\ufb01", "nfkc"}, "fi"},
		{"normalize", []any{"\ufb01", "nfkd"}, "fi"},
		{"normalize", []any{"e\u0301", "NFC"}, "\u00e9"},
		{"normalize", []any{"a", "nfx"}, nil},
		{"normalize", []any{"a", nil}, nil},
		{"normalize", []any{"", "nfc"}, ""},
		{"toLower", []any{"ΟΔΟΣ"}, "οδος"}, // a final sigma
		{"toLower", []any{strings.Repeat("A", 1<<20)}, strings.Repeat("a", 1<<20)},
	} {
		mustEqual(t, c.name, call(t, u, "str", c.name, c.args...), c.want)
	}
}
