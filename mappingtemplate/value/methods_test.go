package value_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate/value"
)

func invoke(t *testing.T, v any, name string, args ...any) any {
	t.Helper()
	var m value.Methods
	result, _, err := m.Invoke(v, name, args)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return result
}

// The methods themselves are compared with a JVM through templates, in package
// vtl. Here is what templates cannot see, and what Go code relies on.

func TestViewsFollowTheirMap(t *testing.T) {
	m := value.MapOf("a", int32(1), "b", int32(2))
	keys, values, entries := m.Keys(), m.Values(), m.Entries()
	m.Set("c", int32(3))
	m.Set("a", int32(9))
	m.Delete("b")
	for _, test := range []struct {
		view *value.Set
		want string
	}{{keys, "[a, c]"}, {values, "[9, 3]"}, {entries, "[a=9, c=3]"}} {
		if got := value.ToString(test.view); got != test.want {
			t.Errorf("view %s, want %s", got, test.want)
		}
	}
	invoke(t, keys, "remove", "a")
	invoke(t, values, "removeAll", value.NewList(int32(3)))
	if m.Len() != 0 {
		t.Errorf("map %s after removing through its views, want it empty", value.ToString(m))
	}
}

func TestEntryWritesToItsMap(t *testing.T) {
	m := value.MapOf("a", int32(1))
	e := m.Entries().Members()[0].(*value.Entry)
	if old := invoke(t, e, "setValue", "x"); old != int32(1) {
		t.Errorf("setValue returns %v, want 1", old)
	}
	if got := m.Value("a"); got != "x" {
		t.Errorf("map holds %v, want x", got)
	}
	m.Set("a", "y")
	if got := invoke(t, e, "getValue"); got != "y" {
		t.Errorf("entry has %v, want y", got)
	}
}

func TestSubListWritesToItsList(t *testing.T) {
	l := value.NewList("a", "b", "c", "d")
	part := invoke(t, l, "subList", int32(1), int32(3)).(*value.List)
	invoke(t, part, "set", int32(0), "B")
	invoke(t, part, "add", "x")
	if got, want := value.ToString(l), "[a, B, c, x, d]"; got != want {
		t.Errorf("list %s, want %s", got, want)
	}
	invoke(t, part, "clear")
	if got, want := value.ToString(l), "[a, d]"; got != want {
		t.Errorf("list %s, want %s", got, want)
	}
}

func TestIteratorNoticesChanges(t *testing.T) {
	for _, test := range []struct {
		name   string
		v      any
		change func(v any)
	}{
		{"list", value.NewList(1, 2), func(v any) { v.(*value.List).Append(3) }},
		{"map", value.MapOf("a", 1, "b", 2), func(v any) { v.(*value.Map).Set("c", 3) }},
		{"set", &value.Set{Items: []any{1, 2}}, func(v any) { s := v.(*value.Set); s.Items = append(s.Items, 3) }},
	} {
		it := value.Iterate(test.v)
		if _, err := it.Next(); err != nil {
			t.Fatal(err)
		}
		test.change(test.v)
		_, err := it.Next()
		var thrown *value.Exception
		if !errors.As(err, &thrown) || thrown.Class != "java.util.ConcurrentModificationException" {
			t.Errorf("%s: error %v, want ConcurrentModificationException", test.name, err)
		}
	}
	for _, v := range []any{nil, "text", int32(5), true} {
		if value.Iterate(v) != nil {
			t.Errorf("%v can be iterated", v)
		}
	}
}

func TestCollectionsThatHoldThemselves(t *testing.T) {
	m := value.MapOf("k", "v")
	m.Set("self", m)
	l := value.NewList("a")
	l.Append(l)
	deep := value.NewList()
	for range 5000 {
		deep = value.NewList(deep)
	}
	wide := value.NewList("x")
	for range 60 {
		wide = value.NewList(wide, wide)
	}
	// Java's AbstractMap and AbstractCollection print themselves so.
	if got, want := value.ToString(m), "{k=v, self=(this Map)}"; got != want {
		t.Errorf("map %s, want %s", got, want)
	}
	if got, want := value.ToString(l), "[a, (this Collection)]"; got != want {
		t.Errorf("list %s, want %s", got, want)
	}
	for _, v := range []any{m, l, deep, wide} {
		value.ToString(v)
		value.JSON(v)
		value.HashCode(v)
		value.Equals(v, value.DeepCopy(v))
	}
}

// Class names are those of OpenJDK's exceptions.
func TestClassName(t *testing.T) {
	m := value.MapOf("a", 1)
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "null"}, {"", "java.lang.String"}, {int32(1), "java.lang.Integer"}, {int64(1), "java.lang.Long"},
		{1.0, "java.lang.Double"}, {big.NewInt(1), "java.math.BigInteger"}, {value.Decimal("1"), "java.math.BigDecimal"},
		{true, "java.lang.Boolean"}, {value.Char('a'), "java.lang.Character"}, {value.NewList(), "java.util.ArrayList"},
		{m, "java.util.LinkedHashMap"}, {m.Keys(), "java.util.LinkedHashMap$LinkedKeySet"}, {&value.Set{}, "java.util.LinkedHashSet"},
		{&value.Array{Type: "[Ljava.lang.String;"}, "[Ljava.lang.String;"},
	} {
		if got := value.ClassName(test.v); got != test.want {
			t.Errorf("class of %v is %s, want %s", test.v, got, test.want)
		}
	}
}

// Texts and results are those of java.math.BigDecimal.
func TestBigDecimal(t *testing.T) {
	parse := func(s string) value.BigDecimal {
		d, ok := value.NewBigDecimal(s)
		if !ok {
			t.Fatalf("%q is no number", s)
		}
		return d
	}
	for text, want := range map[string]string{
		"1.50": "1.50", "-0.001": "-0.001", "1E+3": "1E+3", "1e3": "1E+3", "0.0000001": "1E-7", "0.000001": "0.000001",
		"12345E-10": "0.0000012345", "1.5E10": "1.5E+10", "-12E5": "-1.2E+6", "0E5": "0E+5",
	} {
		if got := parse(text).String(); got != want {
			t.Errorf("%s prints as %s, want %s", text, got, want)
		}
	}
	for _, test := range []struct{ got, want string }{
		{parse("1.5").Add(parse("2.25")).String(), "3.75"},
		{parse("1.50").Sub(parse("1.5")).String(), "0.00"},
		{parse("1.5").Mul(parse("-2.50")).String(), "-3.750"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
	if parse("1.0").Cmp(parse("1.00")) != 0 || parse("-1").Cmp(parse("0.5")) >= 0 {
		t.Error("comparing goes by the text")
	}
	// The table of java.math.RoundingMode's documentation.
	modes := []value.Rounding{value.RoundUp, value.RoundDown, value.RoundCeiling, value.RoundFloor, value.RoundHalfUp, value.RoundHalfDown, value.RoundHalfEven}
	for _, test := range []struct {
		text string
		want []string
	}{
		{"5.5", []string{"6", "5", "6", "5", "6", "5", "6"}},
		{"2.5", []string{"3", "2", "3", "2", "3", "2", "2"}},
		{"1.6", []string{"2", "1", "2", "1", "2", "2", "2"}},
		{"-1.1", []string{"-2", "-1", "-1", "-2", "-1", "-1", "-1"}},
		{"-2.5", []string{"-3", "-2", "-2", "-3", "-3", "-2", "-2"}},
		{"-5.5", []string{"-6", "-5", "-5", "-6", "-6", "-5", "-6"}},
	} {
		for i, mode := range modes {
			got, ok := parse(test.text).SetScale(0, mode)
			if !ok || got.String() != test.want[i] {
				t.Errorf("%s rounded by mode %d is %s, want %s", test.text, mode, got, test.want[i])
			}
		}
	}
	for _, bad := range []string{"", "x", "1.2.3", "1e", "1e99999999", "--1", "1_0", "0x1"} {
		if d, ok := value.NewBigDecimal(bad); ok {
			t.Errorf("%q parses as %s", bad, d)
		}
	}
	// new BigDecimal(0.1) is exact.
	d, _ := value.BigDecimalOf(0.1)
	if got, want := d.String(), "0.1000000000000000055511151231257827021181583404541015625"; got != want {
		t.Errorf("0.1 is %s, want %s", got, want)
	}
}

func TestPatternTimeout(t *testing.T) {
	p, err := value.CompilePattern("(a+)+b")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = p.Matches(strings.Repeat("a", 60) + "!")
	if !errors.Is(err, value.ErrPatternTimeout) {
		t.Errorf("error %v, want %v", err, value.ErrPatternTimeout)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// Examples from the documentation of java.util.regex.Pattern, String.split and
// Matcher.replaceAll.
func TestPattern(t *testing.T) {
	for _, test := range []struct {
		expr, text string
		limit      int
		want       string
	}{
		{":", "boo:and:foo", 0, "boo|and|foo"},
		{":", "boo:and:foo", 2, "boo|and:foo"},
		{":", "boo:and:foo", 5, "boo|and|foo"},
		{"o", "boo:and:foo", 5, "b||:and:f||"},
		{"o", "boo:and:foo", -2, "b||:and:f||"},
		{"o", "boo:and:foo", 0, "b||:and:f"},
	} {
		p, err := value.CompilePattern(test.expr)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := p.Split(test.text, test.limit)
		if got := strings.Join(parts, "|"); err != nil || got != test.want {
			t.Errorf("%q split by %q with limit %d: %q %v, want %q", test.text, test.expr, test.limit, got, err, test.want)
		}
	}
	p, err := value.CompilePattern("a*b")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Replace("aabfooaabfooabfoob", "-", -1); err != nil || got != "-foo-foo-foo-" {
		t.Errorf("got %q %v, want -foo-foo-foo-", got, err)
	}
	for _, bad := range []string{"(", "[a", "*", "a{2", `\`, `\y`, "(?<n>a)(?<n>b)", `\k<x>`, ")"} {
		if _, err := value.CompilePattern(bad); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, expr := range []string{"a|b", "[a-z&&[^b]]+", `(?i)\Qx.\E*+`, `(?<n>\d{2,})\k<n>`, "^$", `\p{Alpha}`, "[^[a]b&&c]", `(?x) a # b`} {
		f.Add(expr, "ab\ncab", "$1-")
	}
	f.Fuzz(func(t *testing.T, expr, text, replacement string) {
		p, err := value.CompilePattern(expr)
		if err != nil {
			return
		}
		_, _ = p.Matches(text)
		_, _ = p.Replace(text, replacement, -1)
		_, _ = p.Split(text, 0)
	})
}

func FuzzFormat(f *testing.F) {
	for _, format := range []string{"%d", "%05.2f|%-8s", "%,d %x %o", "%2$s %1$s %<s", "%e %g", "%%%n", "%c%b%h", "%S"} {
		f.Add(format, int32(42), 1.5, "text")
	}
	f.Fuzz(func(t *testing.T, format string, n int32, d float64, s string) {
		text, err := value.Format(format, []any{n, d, s, nil, value.Decimal("1.50"), big.NewInt(7)})
		if err == nil && len(text) > value.MaxText {
			t.Errorf("%d bytes", len(text))
		}
	})
}
