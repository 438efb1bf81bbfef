package attribute_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"appsync-emulator/storage/attribute"
)

// The forms and limits are those of the DynamoDB developer guide, "Number" under
// "Supported data types". That the answer is in plain notation, and the accepted
// and refused spellings, follow scylladb/scylladb test/alternator/test_number.py
// and mhart/dynalite test/putItem.js, both of which were run against DynamoDB.
func TestParseNumberReturnsTheCanonicalForm(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"0.000", "0"},
		{"0e1000", "0"},
		{"7", "7"},
		{"-7", "-7"},
		{"+3", "3"},
		{"100", "100"},
		{"1E+2", "100"},
		{"1e+5", "100000"},
		{"-17e5", "-1700000"},
		{"-17.4E37", "-174" + strings.Repeat("0", 36)},
		{".123", "0.123"},
		{"5.", "5"},
		{"1.50", "1.5"},
		{"0001.23", "1.23"},
		{"-0.0010", "-0.001"},
		{"1.23E-4", "0.000123"},
		{"12345e-3", "12.345"},
		{"1e125", "1" + strings.Repeat("0", 125)},
		{"9." + strings.Repeat("9", 37) + "E125", strings.Repeat("9", 38) + strings.Repeat("0", 88)},
		{"1e-130", "0." + strings.Repeat("0", 129) + "1"},
		{"3.1415926535897932384626433832795028841", "3.1415926535897932384626433832795028841"},
		{strings.Repeat("9", 38), strings.Repeat("9", 38)},
		{"1" + strings.Repeat("0", 40), "1" + strings.Repeat("0", 40)},
	} {
		got, err := attribute.ParseNumber(test.text)
		if err != nil || got.Kind() != attribute.N || got.Text() != test.want {
			t.Errorf("ParseNumber(%q) = %v %q, %v; want %q", test.text, got.Kind(), got.Text(), err, test.want)
		}
	}
}

// The texts are recorded in mhart/dynalite test/putItem.js.
func TestParseNumberRefusesWhatDynamoDBRefuses(t *testing.T) {
	const (
		overflow  = "Number overflow. Attempting to store a number with magnitude larger than supported range"
		underflow = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
		digits    = "Attempting to store more than 38 significant digits in a Number"
	)
	for _, test := range []struct{ text, want string }{
		{"", "The parameter cannot be converted to a numeric value"},
		{"b", "The parameter cannot be converted to a numeric value: b"},
		{" 1", "The parameter cannot be converted to a numeric value:  1"},
		{"1 ", "The parameter cannot be converted to a numeric value: 1 "},
		{"NaN", "The parameter cannot be converted to a numeric value: NaN"},
		{"-Infinity", "The parameter cannot be converted to a numeric value: -Infinity"},
		{"-", "The parameter cannot be converted to a numeric value: -"},
		{".", "The parameter cannot be converted to a numeric value: ."},
		{"1e", "The parameter cannot be converted to a numeric value: 1e"},
		{"1.2.3", "The parameter cannot be converted to a numeric value: 1.2.3"},
		{"0x10", "The parameter cannot be converted to a numeric value: 0x10"},
		{"1e126", overflow},
		{"-11e125", overflow},
		{"1.0e100000000000000000000", overflow},
		{"1e-131", underflow},
		{"0.9e-130", underflow},
		{"1e-100000000000000000000", underflow},
		{"3.14159265358979323846264338327950288419", digits},
		{"-" + strings.Repeat("1", 39), digits},
	} {
		got, err := attribute.ParseNumber(test.text)
		if err == nil || err.Error() != test.want {
			t.Errorf("ParseNumber(%q) = %q, %v; want %q", test.text, got.Text(), err, test.want)
		}
	}
}

func TestParseNumberDoesNotAllocateForIntegers(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = attribute.ParseNumber("-1234567890") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// anyNumber draws numbers that DynamoDB accepts.
func anyNumber() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		digits := rapid.StringMatching(`-?[0-9]{1,38}`).Draw(t, "digits")
		limit := rapid.SampledFrom([]int{0, 5, 80}).Draw(t, "limit")
		exponent := rapid.IntRange(-limit, limit).Draw(t, "exponent")
		v, err := attribute.ParseNumber(fmt.Sprintf("%se%d", digits, exponent))
		if err != nil {
			t.Fatalf("%se%d: %v", digits, exponent, err)
		}
		return v.Text()
	})
}

func rational(t interface{ Fatalf(string, ...any) }, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func TestParseNumberKeepsTheValueAndIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[-+]?[0-9]{0,20}\.[0-9]{1,18}([eE][-+]?[0-9]{1,2})?`).Draw(t, "text")
		v, err := attribute.ParseNumber(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if rational(t, v.Text()).Cmp(rational(t, text)) != 0 {
			t.Fatalf("%q became %q", text, v.Text())
		}
		again, err := attribute.ParseNumber(v.Text())
		if err != nil || again.Text() != v.Text() {
			t.Fatalf("%q is not canonical: %q, %v", v.Text(), again.Text(), err)
		}
	})
}

func TestCompareNumbersAgreesWithMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNumber().Draw(t, "a"), anyNumber().Draw(t, "b")
		if got, want := attribute.CompareNumbers(a, b), rational(t, a).Cmp(rational(t, b)); got != want {
			t.Fatalf("CompareNumbers(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}

func TestSumsAgreeWithMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNumber().Draw(t, "a"), anyNumber().Draw(t, "b")
		x, y := rational(t, a), rational(t, b)
		checkSum(t, "+", a, b, attribute.AddNumbers, new(big.Rat).Add(x, y))
		checkSum(t, "-", a, b, attribute.SubNumbers, new(big.Rat).Sub(x, y))
	})
}

// checkSum expects the exact result, or a refusal of one that needs more than 38
// digits.
func checkSum(t *rapid.T, sign, a, b string, sum func(a, b string) (string, error), want *big.Rat) {
	got, err := sum(a, b)
	_, refusal := attribute.ParseNumber(want.FloatString(250))
	switch {
	case refusal != nil && err == nil:
		t.Fatalf("%s %s %s = %s, want a refusal: %v", a, sign, b, got, refusal)
	case refusal == nil && err != nil:
		t.Fatalf("%s %s %s: %v", a, sign, b, err)
	case err == nil && rational(t, got).Cmp(want) != 0:
		t.Fatalf("%s %s %s = %s, want %s", a, sign, b, got, want.FloatString(50))
	}
}

// See scylladb/scylladb test/alternator/test_number.py: DynamoDB calls a sum of
// too many digits an overflow.
func TestSumsBeyondTheRangeOverflow(t *testing.T) {
	const overflow = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	zeros := strings.Repeat("0", 125)
	for _, test := range [][2]string{{"9" + zeros, "9" + zeros}, {"1" + strings.Repeat("0", 50), "1"}} {
		if got, err := attribute.AddNumbers(test[0], test[1]); err == nil || err.Error() != overflow {
			t.Errorf("%s + %s = %s, %v", test[0], test[1], got, err)
		}
		if got, err := attribute.SubNumbers(test[0], "-"+test[1]); err == nil || err.Error() != overflow {
			t.Errorf("%s - -%s = %s, %v", test[0], test[1], got, err)
		}
	}
}

func TestSumsAreCanonical(t *testing.T) {
	for _, test := range []struct{ a, b, sum, difference string }{
		{"1", "2", "3", "-1"},
		{"0.1", "0.2", "0.3", "-0.1"},
		{"1.5", "0.5", "2", "1"},
		{"-5", "5", "0", "-10"},
		{"0.5", "0.5", "1", "0"},
		{"10000000000000000000000", "1", "10000000000000000000001", "9999999999999999999999"},
		{"999999999999999999", "1", "1000000000000000000", "999999999999999998"},
	} {
		if got, err := attribute.AddNumbers(test.a, test.b); err != nil || got != test.sum {
			t.Errorf("%s + %s = %s, %v; want %s", test.a, test.b, got, err, test.sum)
		}
		if got, err := attribute.SubNumbers(test.a, test.b); err != nil || got != test.difference {
			t.Errorf("%s - %s = %s, %v; want %s", test.a, test.b, got, err, test.difference)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"0", "-1.50e3", "1e-130", "9e125", "+.5", "1e99999999999", "--1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := attribute.ParseNumber(text)
		if err != nil {
			return
		}
		again, err := attribute.ParseNumber(v.Text())
		if err != nil || again.Text() != v.Text() {
			t.Fatalf("%q gives %q, which gives %q, %v", text, v.Text(), again.Text(), err)
		}
		// The value is what math/big makes of the text; that refuses some forms of
		// long exponents.
		if len(text) < 200 {
			if want, ok := new(big.Rat).SetString(text); ok && want.Cmp(rational(t, v.Text())) != 0 {
				t.Fatalf("%q gives %q", text, v.Text())
			}
		}
	})
}

func FuzzAddNumbers(f *testing.F) {
	for _, seed := range [][2]string{{"1", "-1"}, {"0.1", "0.2"}, {"9e125", "9e125"}, {"1e20", "1e-17"}, {"99999999999999999999999999999999999999", "1"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := attribute.ParseNumber(a)
		y, errY := attribute.ParseNumber(b)
		if errX != nil || errY != nil {
			return
		}
		sum, err := attribute.AddNumbers(x.Text(), y.Text())
		if err != nil {
			return
		}
		difference, err := attribute.SubNumbers(sum, y.Text())
		if err != nil {
			return
		}
		if want := new(big.Rat).Add(rational(t, x.Text()), rational(t, y.Text())); want.Cmp(rational(t, sum)) == 0 && attribute.CompareNumbers(difference, x.Text()) != 0 {
			t.Fatalf("%s + %s - %s = %s", x.Text(), y.Text(), y.Text(), difference)
		}
		if parsed, err := attribute.ParseNumber(sum); err != nil || parsed.Text() != sum {
			t.Fatalf("%s + %s = %s, which is not canonical: %v", x.Text(), y.Text(), sum, err)
		}
	})
}

func BenchmarkCompareNumbers(b *testing.B) {
	for b.Loop() {
		attribute.CompareNumbers("1700000000.25", "1700000000.5")
	}
}

func BenchmarkAddNumbers(b *testing.B) {
	b.Run("integers", func(b *testing.B) {
		for b.Loop() {
			_, _ = attribute.AddNumbers("41", "1")
		}
	})
	b.Run("decimals", func(b *testing.B) {
		for b.Loop() {
			_, _ = attribute.AddNumbers("41.5", "0.25")
		}
	})
}
