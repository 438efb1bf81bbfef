package attribute_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"appsync-emulator/storage/attribute"
)

func encodeKey(t interface{ Fatal(...any) }, v attribute.Value) []byte {
	b, err := attribute.AppendKey(nil, v)
	if err != nil {
		t.Fatal(v.Kind(), v.Text(), err)
	}
	return b
}

// The order of numbers is that of their values, up to DynamoDB's 38 digits and
// from -9.99...E+125 to 9.99...E+125; see "Number" in HowItWorks.NamingRulesDataTypes.
func TestKeyOrderOfNumbers(t *testing.T) {
	ascending := []string{
		"-9.9999999999999999999999999999999999999E+125", "-1E125", "-1E100",
		"-99999999999999999999999999999999999999", "-99999999999999999999999999999999999998",
		"-1000", "-999.5", "-999", "-101", "-100", "-99.9", "-99", "-11", "-10.1", "-10", "-9.9", "-9", "-2", "-1.5", "-1.01", "-1",
		"-0.5", "-0.1", "-0.01", "-0.001", "-1E-130",
		"0",
		"1E-130", "9E-130", "1E-129", "0.001", "0.01", "0.05", "0.1", "0.11", "0.5", "1", "1.01", "1.1", "1.5", "2", "9", "9.9", "10",
		"10.1", "11", "12", "20", "99", "99.9", "100", "100.1", "101", "110", "999", "999.5", "1000", "1001",
		"99999999999999999999999999999999999998", "99999999999999999999999999999999999999",
		"1E100", "1E125", "9.9999999999999999999999999999999999999E+125",
	}
	var last []byte
	for i, text := range ascending {
		v, err := attribute.ParseNumber(text)
		if err != nil {
			t.Fatal(text, err)
		}
		b := encodeKey(t, v)
		if i > 0 && bytes.Compare(last, b) >= 0 {
			t.Errorf("%s does not sort after %s: %x, %x", text, ascending[i-1], b, last)
		}
		if rest, ok := attribute.SkipKey(append(b, 7), attribute.N); !ok || !bytes.Equal(rest, []byte{7}) {
			t.Errorf("%s: skipping leaves %x, %v", text, rest, ok)
		}
		// A text that is not canonical has the same key.
		if other := encodeKey(t, attribute.Number(text)); !bytes.Equal(other, b) {
			t.Errorf("%s: %x, canonical %x", text, other, b)
		}
		last = b
	}
}

func TestKeyRefusesWhatIsNoKey(t *testing.T) {
	for _, v := range []attribute.Value{
		{}, attribute.Bool(true), attribute.Null(), attribute.ListOf(nil), attribute.MapOf(nil),
		attribute.SetOf(attribute.SS, []attribute.Value{attribute.String("a")}),
		attribute.Number(""), attribute.Number("-"), attribute.Number("."), attribute.Number("1.2.3"), attribute.Number("x"), attribute.Number("1e999"),
		attribute.Number(strings.Repeat("1", 39)), attribute.Number("0." + strings.Repeat("0", 130) + "1"), attribute.Number("1" + strings.Repeat("0", 126)),
	} {
		if b, err := attribute.AppendKey(nil, v); err == nil {
			t.Errorf("%s %q is encoded as %x", v.Kind(), v.Text(), b)
		}
	}
}

func drawNumber(t *rapid.T, label string) attribute.Value {
	digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(t, label+" digits")
	exponent := rapid.IntRange(-80, 80).Draw(t, label+" exponent")
	sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, label+" sign")
	v, err := attribute.ParseNumber(fmt.Sprintf("%s%se%d", sign, digits, exponent))
	if err != nil {
		t.Skip(err)
	}
	return v
}

func TestKeyOrderIsTheOrderOfValues(t *testing.T) {
	t.Run("N", rapid.MakeCheck(func(t *rapid.T) {
		a, b := drawNumber(t, "a"), drawNumber(t, "b")
		want := attribute.CompareNumbers(a.Text(), b.Text())
		if got := bytes.Compare(encodeKey(t, a), encodeKey(t, b)); got != want {
			t.Fatalf("%s and %s compare as %d, their keys as %d", a.Text(), b.Text(), want, got)
		}
	}))
	t.Run("B", rapid.MakeCheck(func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 'a', 'b', 0xFE, 0xFF}), 0, 6)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		ka, kb := encodeKey(t, attribute.Binary(a)), encodeKey(t, attribute.Binary(b))
		if got, want := bytes.Compare(ka, kb), bytes.Compare(a, b); got != want {
			t.Fatalf("%x and %x compare as %d, their keys as %d", a, b, want, got)
		}
		// Behind a key anything may follow without changing the order.
		tail := gen.Draw(t, "tail")
		if !bytes.Equal(a, b) && bytes.Compare(append(bytes.Clone(ka), tail...), kb) != bytes.Compare(a, b) {
			t.Fatalf("%x followed by %x sorts otherwise against %x", a, tail, b)
		}
		if rest, ok := attribute.SkipKey(append(ka, tail...), attribute.B); !ok || !bytes.Equal(rest, tail) {
			t.Fatalf("skipping %x leaves %x, %v, not %x", a, rest, ok, tail)
		}
		prefix := attribute.AppendKeyPrefix(nil, attribute.Binary(b))
		if got, want := bytes.HasPrefix(ka, prefix), bytes.HasPrefix(a, b); got != want {
			t.Fatalf("%x begins with %x: %v, its key: %v", a, b, want, got)
		}
	}))
}

func FuzzSkipKey(f *testing.F) {
	f.Add([]byte{0, 1}, uint8(attribute.S))
	f.Add([]byte{'a', 0, 0xFF, 0, 1, 9}, uint8(attribute.B))
	f.Add([]byte{3, 130, 2, 0}, uint8(attribute.N))
	f.Fuzz(func(t *testing.T, b []byte, kind uint8) {
		rest, ok := attribute.SkipKey(b, attribute.Kind(kind))
		if ok && (len(rest) >= len(b) || !bytes.HasSuffix(b, rest)) {
			t.Fatalf("%x leaves %x", b, rest)
		}
	})
}

// The order of keys is that of the values: of numbers that of math/big, of texts
// and binaries that of their bytes.
func FuzzAppendKey(f *testing.F) {
	for _, seed := range [][2]string{
		{"0", "-0"}, {"-1", "1"}, {"1e-130", "-1e-130"}, {"9.9999999999999999999999999999999999999e125", "1e125"}, {"10", "9"}, {"1.5", "1.50"},
		{"-100", "-99.5"}, {"", "\x00"}, {"a\x00", "a\x00\x01"}, {"a\xff", "a"}, {"\x00\xff", "\x00\x01"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if ka, kb := encodeKey(t, attribute.String(a)), encodeKey(t, attribute.String(b)); bytes.Compare(ka, kb) != strings.Compare(a, b) {
			t.Fatalf("%q and %q have the keys %x and %x", a, b, ka, kb)
		}
		x, errX := attribute.ParseNumber(a)
		y, errY := attribute.ParseNumber(b)
		if errX != nil || errY != nil {
			return
		}
		want := rational(t, x.Text()).Cmp(rational(t, y.Text()))
		if got := attribute.CompareNumbers(x.Text(), y.Text()); got != want {
			t.Fatalf("%s and %s compare as %d", x.Text(), y.Text(), got)
		}
		kx, ky := encodeKey(t, x), encodeKey(t, y)
		if bytes.Compare(kx, ky) != want {
			t.Fatalf("%s and %s have the keys %x and %x", x.Text(), y.Text(), kx, ky)
		}
		if rest, ok := attribute.SkipKey(append(kx, b...), attribute.N); !ok || string(rest) != b {
			t.Fatalf("skipping the key of %s leaves %q, %v", x.Text(), rest, ok)
		}
	})
}
