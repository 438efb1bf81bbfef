package scalar_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/scalar"
	"appsync-emulator/mappingtemplate/value"
)

func lookup(t testing.TB, name string) scalar.Scalar {
	t.Helper()
	s, ok := scalar.Lookup(name)
	if !ok {
		t.Fatalf("no scalar %s", name)
	}
	return s
}

// The scalars that the AppSync developer guide lists under "Scalar types".
func TestAllListsTheScalarsOfAppSync(t *testing.T) {
	var names []string
	for _, s := range scalar.All() {
		names = append(names, s.Name())
		if s.Description() == "" {
			t.Errorf("%s has no description", s.Name())
		}
	}
	want := []string{"ID", "String", "Int", "Float", "Boolean", "AWSDate", "AWSTime", "AWSDateTime",
		"AWSTimestamp", "AWSEmail", "AWSJSON", "AWSURL", "AWSPhone", "AWSIPAddress"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if _, ok := scalar.Lookup("Date"); ok {
		t.Error("a scalar that AppSync does not have is found")
	}
}

// Formats: AppSync developer guide, "Scalar types", the descriptions that
// AppSync's introspection publishes, and the issues named beside a value.
func TestTextFormats(t *testing.T) {
	tests := []struct {
		scalar  string
		accepts []string
		refuses []string
	}{
		{
			"AWSDate",
			[]string{"1970-01-01", "1970-01-01Z", "1970-01-01-07:00", "1970-01-01+05:30", "-2017-05-01", "2000-02-29", "1970-01-01-07:00:30", "0000-01-01", "1970-01-01+18:00"},
			[]string{
				"", "2021-01-1", "1970-01-01+5:30", "1970-01-01T00:00Z", "1900-02-29", "2021-02-30", "2021-04-31", "2021-13-01", "2021-00-01",
				"2021-01-00", "19700-01-01", "1970-01-01z", "1970-01-01+0530", "1970-01-01+05", "1970-01-01+18:01", "1970/01/01", "-0000-01-01", "--017-05-01", "1970-01-01 ",
			},
		},
		{
			"AWSTime",
			[]string{"12:30", "12:30Z", "12:30:24", "12:30:24Z", "12:30:24.1-07:00", "12:30:24.500+05:30", "00:00:00.123456789Z", "12:30:24-07:00", "23:59", "12:30-07:00:30"},
			[]string{"", "1:30", "12:30.500Z", "12:30:24-07:00Z", "24:00", "12:60", "12:30:60", "12:30:24.", "12:30:24.1234567890", "12:3", "12", "12:30:2", "12:30:24+0700", "12:30:24.5x"},
		},
		{
			"AWSDateTime",
			[]string{
				"1970-01-01T12:30Z", "1970-01-01T12:00:00.2Z", "1970-01-01T12:00:00.277Z", "1970-01-01T12:00:00.123456789Z",
				"-2017-01-01T00:00Z", "2020-01-01T00:00+00:00",
				"2023-11-30T11:04:03+08:00:30",
				"2019-04-26T19:45:13.970Z",
			},
			[]string{
				"2019",                     // amplify-cli#2033
				"2020-05-19T11:5:29.000Z",  // amplify-js#5963
				"2020-05-23T06:4:37.000Z",  // amplify-js#5963
				"2023-11-30T11:04:03+0800", // amplify-swift#3393
				"2020-01-01T00:00", "2020-01-01 00:00Z", "2020-01-01", "2020-01-01T", "2020-01-01T00:00.5Z", "2019-12-19 16:59:09.966", "",
			},
		},
		{
			// amplify-js#7717 lists what the client was aligned with.
			"AWSEmail",
			[]string{"a@b", "a@b.c", "jeff@amazon.com", "first.last+tag@mail.example.com", `"quoted name"@example.com`, `"a@b"@c`, "a@[127.0.0.1]"},
			[]string{"", "a", "@", "a@", "@b", "a@@", "a@@b", "a @b.c", "a@b .c", "a@b.", ".a@b", "a..b@c", "a@b@c", "a,b@c", "ä@b", "a@[]"},
		},
		{
			"AWSURL",
			[]string{
				"https://www.amazon.com/dp/B000NZW3KC/", "mailto:example@example.com", // developer guide
				"http://localhost:3000/a?b=c&d=%20#e", "https://user:pw@host.example/x", "ftp://ftp.example.com/a/b;type=i",
				"https://[::1]:8443/x", "https://example.com", "file:///etc/hosts", "s3://bucket/key", "https://x/y", "https://example.com/a?u=http://b//c",
			},
			[]string{"", "example", "//example", "www.example.com", "https://", "https:///x", "https://example.com//x", "https://example.com/a b", "://x", "1http://x", "https://exa mple.com", "https://x/%zz", "https://x:99999/", "https://x:a/", "https://-x/", "https://x..y/", "mailto:", "https://[::1/x", "https://x/<y>"},
		},
		{
			"AWSPhone",
			[]string{"+12065550100", "206-555-0100", "206 555 0100", "(206) 555-0100", "+44 20 7946 0958", "+41 44 668 18 00"},
			[]string{
				"1110004444", // not in the North American numbering plan
				"", "abc", "1-800-FLOWERS", "206-555-0100 ext. 5", "123", "+", "++12065550100", "+12065550100;isub=1", "2065550100\n",
			},
		},
		{
			"AWSIPAddress",
			[]string{"127.0.0.1", "127.0.0.1/8", "123.12.34.56", "123.45.67.89/16", "1a2b:3c4b::1234:4567", "::1", "2001:db8::/32"},
			[]string{"", "1.0.0", "999.1.1.1", "1.2.3.4/33", "::1/129", "1.2.3.4/", "fe80::1%eth0", "1.2.3.4.5", "localhost"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.scalar, func(t *testing.T) {
			s := lookup(t, tt.scalar)
			for _, text := range tt.accepts {
				if v, ok := s.ParseLiteral(scalar.StringLiteral, text); !ok || v != text {
					t.Errorf("literal %q: %v, %v", text, v, ok)
				}
				if v, err := s.ParseValue(text); err != nil || v != text {
					t.Errorf("variable %q: %v, %v", text, v, err)
				}
				if out, err := s.AppendResult(nil, text); err != nil || string(out) != string(value.AppendJSONString(nil, text)) {
					t.Errorf("result %q: %s, %v", text, out, err)
				}
			}
			for _, text := range tt.refuses {
				if _, ok := s.ParseLiteral(scalar.StringLiteral, text); ok {
					t.Errorf("literal %q is accepted", text)
				}
				if _, err := s.ParseValue(text); err == nil {
					t.Errorf("variable %q is accepted", text)
				}
				if out, err := s.AppendResult([]byte("x"), text); err == nil || string(out) != "x" {
					t.Errorf("result %q: %s, %v", text, out, err)
				}
			}
			for _, kind := range []scalar.LiteralKind{scalar.IntLiteral, scalar.FloatLiteral, scalar.BooleanLiteral, scalar.EnumLiteral} {
				if _, ok := s.ParseLiteral(kind, tt.accepts[0]); ok {
					t.Errorf("a literal of kind %d is accepted", kind)
				}
			}
			for _, v := range []any{int32(5), 1.5, true, value.NewList(), value.NewMap(0)} {
				if _, err := s.ParseValue(v); err == nil {
					t.Errorf("variable %v is accepted", v)
				}
				if _, err := s.AppendResult(nil, v); err == nil {
					t.Errorf("result %v is accepted", v)
				}
			}
		})
	}
}

// Recorded texts: amplify-cli#2033, amplify-swift#278, amplify-js#5963 and
// amplify-category-api#354; the others follow their pattern.
func TestMessages(t *testing.T) {
	tests := []struct {
		scalar string
		in     any
		parse  string
		result string
	}{
		{"AWSDateTime", "2019", "Unable to parse `2019` as a valid DateTime Object.", "Unable to serialize `2019` as a valid DateTime Object."},
		{"AWSDate", "2019-12-24T04:15:57.798Z", "Unable to parse `2019-12-24T04:15:57.798Z` as a valid date.", "Unable to serialize `2019-12-24T04:15:57.798Z` as a valid date."},
		{"AWSPhone", "1110004444", "Unable to parse `1110004444` as a valid phone number.", "Unable to serialize `1110004444` as a valid phone number."},
		{"AWSTime", "x", "Unable to parse `x` as a valid time.", "Unable to serialize `x` as a valid time."},
		{"AWSEmail", "x", "Unable to parse `x` as a valid email address.", "Unable to serialize `x` as a valid email address."},
		{"AWSURL", "x", "Unable to parse `x` as a valid URL.", "Unable to serialize `x` as a valid URL."},
		{"AWSIPAddress", "x", "Unable to parse `x` as a valid IP address.", "Unable to serialize `x` as a valid IP address."},
		{"AWSDate", int32(5), "Unable to parse `5` as a valid date.", "Unable to serialize `5` as a valid date."},
		{
			"AWSTimestamp", "2019-12-19 16:59:09.966",
			"Unable to parse `2019-12-19 16:59:09.966` as a valid timestamp. Ensure that the value provided is an Integer that lies within the limits specified in this scalar's description.",
			"Unable to serialize `2019-12-19 16:59:09.966` as a valid timestamp. Ensure that the value provided is an Integer that lies within the limits specified in this scalar's description.",
		},
		{"Int", int64(1) << 40, "Expected type 'Int' but was 'Long'.", "Expected type 'Int' but was 'Long'."}, // amplify-cli#4572
		{"Int", "x", "Expected type 'Int' but was 'String'.", "Expected type 'Int' but was 'String'."},
		{"Int", 1.5, "Expected type 'Int' but was 'Double'.", "Expected type 'Int' but was 'Double'."},
		{"Int", value.Decimal("1.5"), "Expected type 'Int' but was 'BigDecimal'.", "Expected type 'Int' but was 'BigDecimal'."},
		{"Int", new(big.Int).Lsh(big.NewInt(1), 70), "Expected type 'Int' but was 'BigInteger'.", "Expected type 'Int' but was 'BigInteger'."},
		{"Int", true, "Expected type 'Int' but was 'Boolean'.", "Expected type 'Int' but was 'Boolean'."},
		{"Float", value.NewMap(0), "Expected type 'Float' but was 'LinkedHashMap'.", "Expected type 'Float' but was 'LinkedHashMap'."},
		{"Float", "NaN", "Expected type 'Float' but was 'String'.", "Expected type 'Float' but was 'String'."},
		{"Boolean", value.NewList(), "Expected type 'Boolean' but was 'ArrayList'.", "Expected type 'Boolean' but was 'ArrayList'."},
		{"ID", 1.5, "Expected type 'ID' but was 'Double'.", "Expected type 'ID' but was 'Double'."},
		{"ID", true, "Expected type 'ID' but was 'Boolean'.", "Expected type 'ID' but was 'Boolean'."},
	}
	for _, tt := range tests {
		s := lookup(t, tt.scalar)
		if _, err := s.ParseValue(tt.in); err == nil || err.Error() != tt.parse {
			t.Errorf("%s, variable %v: %v", tt.scalar, tt.in, err)
		}
		if _, err := s.AppendResult(nil, tt.in); err == nil || err.Error() != tt.result {
			t.Errorf("%s, result %v: %v", tt.scalar, tt.in, err)
		}
	}
	const parse = "Unable to parse `{a: 1}` as a valid JSON string."
	if _, err := lookup(t, "AWSJSON").ParseValue("{a: 1}"); err == nil || err.Error() != parse {
		t.Errorf("AWSJSON: %v", err)
	}
}

// graphql-java v9.0, graphql.Scalars.
func TestBuiltInCoercion(t *testing.T) {
	long := int64(1) << 40
	tests := []struct {
		scalar string
		in     any
		want   any
		out    string
	}{
		{"Int", int32(5), int32(5), `5`},
		{"Int", int64(5), int32(5), `5`},
		{"Int", "5", int32(5), `5`},
		{"Int", "+5", int32(5), `5`},
		{"Int", "5.00", int32(5), `5`},
		{"Int", "500e-2", int32(5), `5`},
		{"Int", "0.05e2", int32(5), `5`},
		{"Int", "-2147483648", int32(math.MinInt32), `-2147483648`},
		{"Int", 5.0, int32(5), `5`},
		{"Int", value.Decimal("5.0"), int32(5), `5`},
		{"Int", big.NewInt(5), int32(5), `5`},
		{"Int", "0e99999", int32(0), `0`},
		{"Float", int32(1), 1.0, `1.0`},
		{"Float", long, float64(long), `1.099511627776E12`},
		{"Float", "1.5", 1.5, `1.5`},
		{"Float", ".5", 0.5, `0.5`},
		{"Float", "1.", 1.0, `1.0`},
		{"Float", value.Decimal("1.25"), 1.25, `1.25`},
		{"Float", 0.1, 0.1, `0.1`},
		{"Float", 1e7, 1e7, `1.0E7`},
		{"Float", math.Copysign(0, -1), math.Copysign(0, -1), `-0.0`},
		{"Float", big.NewInt(3), 3.0, `3.0`},
		{"String", "a\"b", "a\"b", `"a\"b"`},
		{"String", int32(5), "5", `"5"`},
		{"String", 1.0, "1.0", `"1.0"`},
		{"String", true, "true", `"true"`},
		{"String", value.MapOf("a", "b"), "{a=b}", `"{a=b}"`},
		{"String", value.NewList(int32(1), "x"), "[1, x]", `"[1, x]"`},
		{"Boolean", true, true, `true`},
		{"Boolean", "TRUE", true, `true`},
		{"Boolean", "yes", false, `false`},
		{"Boolean", "1", false, `false`},
		{"Boolean", int32(2), true, `true`},
		{"Boolean", 0.0, false, `false`},
		{"Boolean", value.Decimal("0.00"), false, `false`},
		{"Boolean", value.Decimal("1e-400"), true, `true`},
		{"ID", "x", "x", `"x"`},
		{"ID", int32(7), "7", `"7"`},
		{"ID", long, "1099511627776", `"1099511627776"`},
		{"AWSTimestamp", int32(5), int32(5), `5`},
		{"AWSTimestamp", int64(1580000000000), int64(1580000000000), `1580000000000`},
		{"AWSTimestamp", "-5", int32(-5), `-5`},
		{"AWSTimestamp", int64(-31557014167219200), int64(-31557014167219200), `-31557014167219200`},
		{"AWSTimestamp", int64(31556889864403199), int64(31556889864403199), `31556889864403199`},
	}
	for _, tt := range tests {
		s := lookup(t, tt.scalar)
		got, err := s.ParseValue(tt.in)
		if err != nil || !value.Equals(got, tt.want) {
			t.Errorf("%s, variable %v: %v (%T), %v", tt.scalar, tt.in, got, got, err)
		}
		out, err := s.AppendResult(nil, tt.in)
		if err != nil || string(out) != tt.out {
			t.Errorf("%s, result %v: %s, %v; want %s", tt.scalar, tt.in, out, err, tt.out)
		}
	}
}

func TestBuiltInRefusals(t *testing.T) {
	tests := map[string][]any{
		"Int": {"", " 5", "0x5", "1_000", "5e", "--5", "2147483648", 2147483648.0, math.NaN(), math.Inf(1), "1e1000000000", "1e99999999999", "0.5",
			value.NewList(int32(1)), value.Decimal("1e-1")},
		"Float": {"", "x", " 1", "Infinity", "0x1p4", true, math.NaN(), math.Inf(-1), value.NewList()},
		"ID":    {value.Decimal("5"), value.NewMap(0), value.NewList("x")},
		"AWSTimestamp": {
			1.6841268e12, // amplify-android#2453
			5.0, "5.0", "x", true, int64(31556889864403200), int64(-31557014167219201), value.Decimal("1.5"), value.NewList(),
		},
	}
	for name, values := range tests {
		s := lookup(t, name)
		for _, v := range values {
			if got, err := s.ParseValue(v); err == nil {
				t.Errorf("%s, variable %#v gives %v", name, v, got)
			}
			if got, err := s.AppendResult(nil, v); err == nil {
				t.Errorf("%s, result %#v gives %s", name, v, got)
			}
		}
	}
}

// graphql-java v9.0, graphql.Scalars: parseLiteral.
func TestLiterals(t *testing.T) {
	type literal struct {
		kind scalar.LiteralKind
		text string
		want any
		ok   bool
	}
	tests := map[string][]literal{
		"Int": {
			{scalar.IntLiteral, "5", int32(5), true},
			{scalar.IntLiteral, "-2147483648", int32(math.MinInt32), true},
			{scalar.IntLiteral, "2147483648", nil, false},
			{scalar.FloatLiteral, "5.0", nil, false},
			{scalar.StringLiteral, "5", nil, false},
		},
		"Float": {
			{scalar.IntLiteral, "5", 5.0, true},
			{scalar.FloatLiteral, "1.5e3", 1500.0, true},
			{scalar.StringLiteral, "1.5", nil, false},
		},
		"String": {
			{scalar.StringLiteral, "x", "x", true},
			{scalar.IntLiteral, "5", nil, false},
			{scalar.EnumLiteral, "x", nil, false},
		},
		"Boolean": {
			{scalar.BooleanLiteral, "true", true, true},
			{scalar.BooleanLiteral, "false", false, true},
			{scalar.StringLiteral, "true", nil, false},
			{scalar.IntLiteral, "1", nil, false},
		},
		"ID": {
			{scalar.StringLiteral, "x", "x", true},
			{scalar.IntLiteral, "5", "5", true},
			{scalar.FloatLiteral, "5.0", nil, false},
			{scalar.BooleanLiteral, "true", nil, false},
		},
		"AWSTimestamp": {
			{scalar.IntLiteral, "1580000000", int32(1580000000), true},
			{scalar.IntLiteral, "1580000000000", int64(1580000000000), true},
			{scalar.IntLiteral, "31556889864403200", nil, false},
			{scalar.FloatLiteral, "1.5", nil, false},
			{scalar.StringLiteral, "5", nil, false},
		},
		// AppSync developer guide, "Scalar types": AWSJSON.
		"AWSJSON": {
			{scalar.StringLiteral, `{"upvotes": 10}`, value.MapOf("upvotes", int32(10)), true},
			{scalar.StringLiteral, `[1,2,3]`, value.NewList(int32(1), int32(2), int32(3)), true},
			{scalar.StringLiteral, `"AWSJSON example string"`, "AWSJSON example string", true},
			{scalar.StringLiteral, `1`, int32(1), true},
			{scalar.StringLiteral, `true`, true, true},
			{scalar.StringLiteral, `null`, nil, true},
			{scalar.StringLiteral, `{a: 1}`, nil, false},
			{scalar.StringLiteral, `{'a': 1}`, nil, false},
			{scalar.StringLiteral, `Unquoted string`, nil, false},
			{scalar.StringLiteral, ``, nil, false},
			{scalar.IntLiteral, `1`, nil, false},
		},
	}
	for name, literals := range tests {
		s := lookup(t, name)
		for _, l := range literals {
			got, ok := s.ParseLiteral(l.kind, l.text)
			if ok != l.ok || ok && !value.Equals(got, l.want) {
				t.Errorf("%s, literal %q of kind %d: %v, %v", name, l.text, l.kind, got, ok)
			}
		}
	}
}

// AppSync developer guide, "Scalar types": any valid JSON construct reaches
// resolvers parsed; in responses AWSJSON is a string.
func TestJSONRoundTrip(t *testing.T) {
	s := lookup(t, "AWSJSON")
	for _, text := range []string{`{"a":[1,"x",null]}`, `[]`, `5`, `true`, `"x"`, `null`} {
		v, err := s.ParseValue(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if v == nil {
			continue // null never reaches AppendResult
		}
		out, err := s.AppendResult(nil, v)
		if want := string(value.AppendJSONString(nil, text)); err != nil || string(out) != want {
			t.Errorf("%s: %s, %v; want %s", text, out, err, want)
		}
	}
	out, err := s.AppendResult(nil, `{"a":1}`)
	if err != nil || string(out) != `"{\"a\":1}"` {
		t.Errorf("JSON text: %s, %v", out, err)
	}
	for _, v := range []any{value.NewMap(0), int32(1), true} {
		if _, err := s.ParseValue(v); err == nil {
			t.Errorf("variable %v is accepted", v)
		}
	}
}

func TestClassNames(t *testing.T) {
	tests := map[string]any{
		"null": nil, "Boolean": true, "String": "", "Integer": int32(1), "Long": int64(1), "BigInteger": new(big.Int),
		"Double": 1.5, "BigDecimal": value.Decimal("1"), "ArrayList": value.NewList(), "LinkedHashMap": value.NewMap(0),
		"LinkedHashSet": &value.Set{}, "Entry": &value.Entry{}, "String[]": &value.Array{Type: "[Ljava.lang.String;"},
	}
	for want, v := range tests {
		if got := scalar.ClassName(v); got != want {
			t.Errorf("%T: %s, want %s", v, got, want)
		}
	}
}

var hotResults = []struct {
	scalar string
	v      any
}{
	{"String", "Hello, world"},
	{"String", int32(5)},
	{"ID", "6f3a5c3e-0000-4000-8000-000000000000"},
	{"ID", int32(5)},
	{"Int", int32(12345)},
	{"Int", int64(12345)},
	{"Float", 12.0},
	{"Boolean", true},
	{"AWSDateTime", "2020-05-19T11:05:29.000Z"},
	{"AWSDate", "2020-05-19"},
	{"AWSTime", "11:05:29.000Z"},
	{"AWSTimestamp", int64(1580000000000)},
	{"AWSEmail", "jeff@amazon.com"},
	{"AWSURL", "https://www.amazon.com/dp/B000NZW3KC/"},
	{"AWSIPAddress", "123.45.67.89"},
}

func TestResultsDoNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	for _, tt := range hotResults {
		s := lookup(t, tt.scalar)
		v := tt.v
		if n := testing.AllocsPerRun(100, func() {
			if _, err := s.AppendResult(dst, v); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s, %v: %v allocations", tt.scalar, tt.v, n)
		}
	}
}

func BenchmarkAppendResult(b *testing.B) {
	dst := make([]byte, 0, 256)
	for _, tt := range hotResults {
		s := lookup(b, tt.scalar)
		b.Run(tt.scalar+"/"+scalar.ClassName(tt.v), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.AppendResult(dst, tt.v)
			}
		})
	}
}

func FuzzParseValue(f *testing.F) {
	for _, seed := range []string{
		"", "5", "-5.0e3", "1e-999999999", "1970-01-01T12:30Z", "a@b.c", "https://x/y?z#w", "+12065550100",
		"::1/64", `{"a":[1]}`, strings.Repeat("9", 100), "1e2147483647",
	} {
		f.Add(seed)
	}
	all := scalar.All()
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range all {
			v, err := s.ParseValue(text)
			if err != nil || v == nil {
				continue
			}
			// What is taken in can be given out.
			if _, err := s.AppendResult(nil, v); err != nil && s.Name() != "Float" {
				t.Errorf("%s: %q is taken as %v but not given out: %v", s.Name(), text, v, err)
			}
			// A literal is never taken where the variable is refused.
			if lit, ok := s.ParseLiteral(scalar.StringLiteral, text); ok && !value.Equals(lit, v) {
				t.Errorf("%s: literal %q is %v, variable %v", s.Name(), text, lit, v)
			}
		}
	})
}
