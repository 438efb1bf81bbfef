package attribute_test

import (
	"encoding/json"
	"errors"
	"testing"

	"appsync-emulator/storage/attribute"
)

// The forms are those of "Data type descriptors" in the developer guide.
func TestJSONRoundTrips(t *testing.T) {
	for _, text := range []string{
		`{"S":"x"}`,
		`{"S":""}`,
		`{"S":"\"\\\n\r\t\u0001é😀"}`,
		`{"N":"-1.5"}`,
		`{"B":"AAEC/w=="}`,
		`{"BOOL":true}`,
		`{"BOOL":false}`,
		`{"NULL":true}`,
		`{"SS":["b","a"]}`,
		`{"NS":["1","2.5"]}`,
		`{"BS":["AA==","AQ=="]}`,
		`{"L":[]}`,
		`{"L":[{"S":"a"},{"L":[{"N":"1"}]},{"M":{"k":{"NULL":true}}}]}`,
		`{"M":{}}`,
		`{"M":{"a":{"S":"1"},"b":{"M":{"c":{"SS":["x"]}}}}}`,
	} {
		v := mustValue(t, text)
		if got := string(attribute.AppendJSON(nil, v)); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
	const item = `{"a":{"S":"1"},"b":{"N":"2"}}`
	it, err := attribute.ParseItemJSON([]byte(" {\"b\" : {\"N\":\"2.0\"},\n\"a\":{\"S\":\"1\"}} "))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(attribute.AppendItemJSON([]byte("x"), it)); got != "x"+item {
		t.Errorf("got %s", got)
	}
	if got := string(attribute.AppendItemJSON(nil, nil)); got != "{}" {
		t.Errorf("no item is %s", got)
	}
}

func TestParseJSONReadsEscapesAsJSONDoes(t *testing.T) {
	for _, text := range []string{
		`"\u0041\b\f\/"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx\u0041"`, `"\udE00\ud83d"`, "\"\xff\"", `"a\u00e9b"`,
	} {
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if got := mustValue(t, `{"S":`+text+`}`).Text(); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

// A member that is null counts as absent, and one of an unknown name is ignored.
func TestParseJSONIsAsLenientAsDynamoDB(t *testing.T) {
	for text, want := range map[string]string{
		`{"S":"x","N":null}`:                      `{"S":"x"}`,
		`{"S":"x","X":{"a":[1,{"b":"}"}],"c":2}}`: `{"S":"x"}`,
		`{"BOOL":"yes"}`:                          `{"BOOL":true}`,
		`{"M":{"gone":null,"kept":{"BOOL":"0"}}}`: `{"M":{"kept":{"BOOL":false}}}`,
		`{"N":"1E2"}`:                             `{"N":"100"}`,
	} {
		if got := string(attribute.AppendJSON(nil, mustValue(t, text))); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// The texts are recorded in mhart/dynalite test/putItem.js and test/helpers.js.
func TestParseJSONRefusesInvalidValues(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{`{"a":""}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{`{"S":null}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{`{"S":"a","N":"1"}`, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"},
		// What is null within a list or set has no recorded words.
		{`{"L":[null]}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{`{"NS":["1",null]}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		// DynamoDB accepted it for some weeks of 2026: nubo-db/dynoxide#145.
		{`{"NULL":false}`, "One or more parameter values were invalid: Null attribute value types must have the value of true"},
		{`{"NULL":"no"}`, "One or more parameter values were invalid: Null attribute value types must have the value of true"},
		{`{"M":{"a":{"NULL":false}}}`, "One or more parameter values were invalid: Null attribute value types must have the value of true"},
		{`{"N":""}`, "The parameter cannot be converted to a numeric value"},
		{`{"N":"b"}`, "The parameter cannot be converted to a numeric value: b"},
		{`{"NS":["1","b"]}`, "The parameter cannot be converted to a numeric value: b"},
		{`{"S":"a","N":"1e999"}`, "Number overflow. Attempting to store a number with magnitude larger than supported range"},
		{`{"SS":[]}`, "One or more parameter values were invalid: An string set  may not be empty"},
		{`{"NS":[]}`, "One or more parameter values were invalid: An number set  may not be empty"},
		{`{"BS":[]}`, "One or more parameter values were invalid: Binary sets should not be empty"},
		{`{"SS":["a","a"]}`, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
		{`{"NS":["1","1.0"]}`, "Input collection contains duplicates"},
		{`{"BS":["Yg==","Yg=="]}`, "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates."},
		{`{"L":[{"S":"a"},{}]}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{`{"M":{"a":{"SS":[]}}}`, "One or more parameter values were invalid: An string set  may not be empty"},
	} {
		_, err := attribute.ParseValueJSON([]byte(test.text))
		var refusal *attribute.ValueError
		if !errors.As(err, &refusal) || refusal.Message != test.want {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
	}
}

// The texts about types are recorded in mhart/dynalite test/helpers.js.
func TestParseJSONTellsWrongTypesApart(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"S":1}`, "NUMBER_VALUE cannot be converted to String"},
		{`{"N":1.5}`, "DECIMAL_VALUE cannot be converted to String"},
		{`{"S":true}`, "TRUE_VALUE cannot be converted to String"},
		{`{"N":false}`, "FALSE_VALUE cannot be converted to String"},
		{`{"S":[]}`, "Unrecognized collection type class java.lang.String"},
		{`{"S":{}}`, "Start of structure or map found where not expected"},
		{`{"B":1}`, "only base-64-encoded strings are convertible to bytes"},
		{`{"B":"abc"}`, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
		{`{"B":"YR=="}`, "Invalid last non-pad Base64 character dectected"},
		{`{"BOOL":"x"}`, "Unexpected token received from parser"},
		{`{"BOOL":1}`, "NUMBER_VALUE cannot be converted to Boolean"},
		{`{"NULL":[]}`, "Unrecognized collection type class java.lang.Boolean"},
		{`{"SS":"a"}`, "Unexpected field type"},
		{`{"L":{}}`, "Start of structure or map found where not expected"},
		{`{"M":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"},
		{`"a"`, "Unexpected value type in payload"},
		{`[]`, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"},
	} {
		_, err := attribute.ParseValueJSON([]byte(test.text))
		var refusal *attribute.SerializationError
		if !errors.As(err, &refusal) || refusal.Message != test.want {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
	}
}

func TestParseJSONRefusesMalformedText(t *testing.T) {
	for _, text := range []string{
		``, `{`, `{"S"`, `{"S":`, `{"S":"`, `{"S":"a`, `{"S":"a"`, `{"S":"a",}`, `{"S":"a"}x`, `{"S" "a"}`, `{S:"a"}`,
		`{"S":"\x"}`, `{"S":"\u12"}`, `{"S":"\`, "{\"S\":\"\n\"}", `{"L":[{"S":"a"}`, `{"L":[{"S":"a"},]}`, `{"X":[}`, `{"X":,}`, `{"X":`, `nul`,
	} {
		if v, err := attribute.ParseValueJSON([]byte(text)); err == nil {
			t.Errorf("%q is accepted: %s", text, attribute.AppendJSON(nil, v))
		}
	}
}

func FuzzParseItemJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"S":"x"},"b":{"L":[{"N":"1e3"},{"M":{"c":{"NULL":true}}}]}}`,
		`{"s":{"SS":["a","b"]},"n":{"NS":["1","2"]},"b":{"BS":["AA=="]},"t":{"BOOL":true},"u":{"X":[{}]}}`,
		`{"a":{"S":"\ud83d\ude00\u0000"}}`, `{"a":{}}`, `{"a":null}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		it, err := attribute.ParseItemJSON(text)
		if err != nil {
			return
		}
		encoded := attribute.AppendItemJSON(nil, it)
		if !json.Valid(encoded) {
			t.Fatalf("%q gives invalid JSON %q", text, encoded)
		}
		again, err := attribute.ParseItemJSON(encoded)
		if err != nil || !attribute.EqualItems(it, again) {
			t.Fatalf("%q does not survive: %q, %v", text, encoded, err)
		}
		stored := attribute.AppendBinary(nil, it)
		if again, err := attribute.DecodeBinary(stored); err != nil || !attribute.EqualItems(it, again) || again.Size() != it.Size() {
			t.Fatalf("%q does not survive being stored: %v, %v", text, again, err)
		}
		if size, err := attribute.BinarySize(stored); err != nil || size != it.Size() {
			t.Fatalf("%q is of %d bytes, %v, want %d", text, size, err, it.Size())
		}
	})
}

func BenchmarkParseItemJSON(b *testing.B) {
	text := []byte(`{"id":{"S":"1"},"title":{"S":"A title"},"votes":{"N":"12"},"tags":{"SS":["a","b"]},"m":{"M":{"k":{"L":[{"BOOL":true}]}}}}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := attribute.ParseItemJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}
