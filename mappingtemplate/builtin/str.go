package builtin

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Str is $util.str.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/str-helpers-in-util-str.html
type Str Util

// Property finds nothing: the family has only methods.
func (s *Str) Property(string) (any, bool) { return nil, false }

// Invoke calls a string helper.
func (s *Str) Invoke(name string, args []any) (any, bool, error) {
	var texts [3]string
	if len(args) == 0 || len(args) > len(texts) {
		return notFound()
	}
	anyNull := false
	for i, a := range args {
		t, null, ok := text(a)
		if !ok {
			return notFound()
		}
		texts[i] = t
		anyNull = anyNull || null
	}
	var f func() string
	switch {
	case name == "toUpper" && len(args) == 1:
		f = func() string { return toUpper(texts[0]) }
	case name == "toLower" && len(args) == 1:
		f = func() string { return toLower(texts[0]) }
	case name == "toReplace" && len(args) == 3:
		f = func() string { return strings.ReplaceAll(texts[0], texts[1], texts[2]) }
	case name == "normalize" && len(args) == 2:
		var form norm.Form
		switch strings.ToLower(texts[1]) {
		case "nfc":
			form = norm.NFC
		case "nfd":
			form = norm.NFD
		case "nfkc":
			form = norm.NFKC
		case "nfkd":
			form = norm.NFKD
		default:
			return found(nil)
		}
		f = func() string { return form.String(texts[0]) }
	default:
		return notFound()
	}
	if anyNull {
		return found(nil)
	}
	return found(f())
}

// toUpper and toLower know that some letters have no counterpart of one letter.
func toUpper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

func toLower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
