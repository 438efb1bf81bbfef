package attribute_test

import (
	"strconv"
	"testing"

	"appsync-emulator/storage/attribute"
)

func mustValue(t testing.TB, json string) attribute.Value {
	t.Helper()
	v, err := attribute.ParseValueJSON([]byte(json))
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return v
}

// See "Comparison operator and function reference" in the DynamoDB developer
// guide: strings and binaries compare by their bytes, numbers by value.
func TestCompareOrdersScalarsOfOneType(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
		ok   bool
	}{
		{`{"S":"a"}`, `{"S":"b"}`, -1, true},
		{`{"S":"Z"}`, `{"S":"a"}`, -1, true},
		{`{"S":"a"}`, `{"S":"a"}`, 0, true},
		{`{"S":"é"}`, `{"S":"z"}`, 1, true},
		{`{"N":"9"}`, `{"N":"10"}`, -1, true},
		{`{"N":"1.50"}`, `{"N":"1.5"}`, 0, true},
		{`{"N":"-2"}`, `{"N":"-10"}`, 1, true},
		{`{"B":"/w=="}`, `{"B":"AA=="}`, 1, true},
		{`{"S":"1"}`, `{"N":"1"}`, 0, false},
		{`{"BOOL":true}`, `{"BOOL":false}`, 0, false},
		{`{"NULL":true}`, `{"NULL":true}`, 0, false},
		{`{"SS":["a"]}`, `{"SS":["b"]}`, 0, false},
	} {
		got, ok := attribute.Compare(mustValue(t, test.a), mustValue(t, test.b))
		if got != test.want || ok != test.ok {
			t.Errorf("Compare(%s, %s) = %d, %v", test.a, test.b, got, ok)
		}
	}
}

// Sets have no order (developer guide, "Sets"); nested sets neither
// (scylladb/scylladb test/alternator/test_condition_expression.py).
func TestEqualIsDeepAndKnowsSets(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"N":"1"}`, `{"N":"1.0"}`, true},
		{`{"N":"1"}`, `{"S":"1"}`, false},
		{`{"BOOL":true}`, `{"BOOL":true}`, true},
		{`{"BOOL":true}`, `{"BOOL":false}`, false},
		{`{"NULL":true}`, `{"NULL":true}`, true},
		{`{"SS":["a","b"]}`, `{"SS":["b","a"]}`, true},
		{`{"SS":["a","b"]}`, `{"SS":["a","c"]}`, false},
		{`{"NS":["1","2.50"]}`, `{"NS":["2.5","1.0"]}`, true},
		{`{"BS":["AA==","AQ=="]}`, `{"BS":["AQ==","AA=="]}`, true},
		{`{"L":[{"S":"a"},{"S":"b"}]}`, `{"L":[{"S":"b"},{"S":"a"}]}`, false},
		{`{"L":[{"SS":["a","b"]}]}`, `{"L":[{"SS":["b","a"]}]}`, true},
		{`{"M":{"x":{"N":"1"},"y":{"NULL":true}}}`, `{"M":{"y":{"NULL":true},"x":{"N":"1"}}}`, true},
		{`{"M":{"x":{"N":"1"}}}`, `{"M":{"y":{"N":"1"}}}`, false},
		{`{"M":{}}`, `{"M":{}}`, true},
		{`{"M":{}}`, `{"L":[]}`, false},
	} {
		if got := attribute.Equal(mustValue(t, test.a), mustValue(t, test.b)); got != test.want {
			t.Errorf("Equal(%s, %s) = %v", test.a, test.b, got)
		}
	}
	if attribute.Equal(attribute.Value{}, attribute.Value{}) {
		t.Error("absent values are equal")
	}
}

func TestEqualComparesLargeSetsInAnyOrder(t *testing.T) {
	var up, down, other []attribute.Value
	for i := range 100 {
		up = append(up, attribute.Number(strconv.Itoa(i)))
		down = append(down, attribute.Number(strconv.Itoa(99-i)))
		other = append(other, attribute.Number(strconv.Itoa(100-i)))
	}
	a := attribute.SetOf(attribute.NS, up)
	if !attribute.Equal(a, attribute.SetOf(attribute.NS, down)) {
		t.Error("order matters")
	}
	if attribute.Equal(a, attribute.SetOf(attribute.NS, other)) {
		t.Error("different sets are equal")
	}
}

// The texts are recorded in mhart/dynalite test/putItem.js.
func TestNewSetRefusesEmptySetsAndDuplicates(t *testing.T) {
	long := make([]attribute.Value, 40)
	for i := range long {
		long[i] = attribute.Number(strconv.Itoa(i % 39))
	}
	s, b := attribute.String, func(s string) attribute.Value { return attribute.Binary([]byte(s)) }
	for _, test := range []struct {
		kind  attribute.Kind
		elems []attribute.Value
		want  string
	}{
		{attribute.SS, nil, "One or more parameter values were invalid: An string set  may not be empty"},
		{attribute.NS, nil, "One or more parameter values were invalid: An number set  may not be empty"},
		{attribute.BS, nil, "One or more parameter values were invalid: Binary sets should not be empty"},
		{attribute.SS, []attribute.Value{s("a"), s("a")}, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
		{attribute.BS, []attribute.Value{b("a"), b("a")}, "One or more parameter values were invalid: Input collection [YQ==, YQ==]of type BS contains duplicates."},
		{attribute.NS, long, "Input collection contains duplicates"},
	} {
		if _, err := attribute.NewSet(test.kind, test.elems); err == nil || err.Error() != test.want {
			t.Errorf("%v: %v, want %q", test.kind, err, test.want)
		}
	}
}
