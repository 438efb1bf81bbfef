package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// Recorded on AWS: localstack/appsync-utils, resolvers.test.js.snap,
// "toJsonObject" and "toJsonObject update and select".
func TestRDSResults(t *testing.T) {
	u, _ := newUtil()
	const raw = `{"sqlStatementResults":[
		{"numberOfRecordsUpdated":1,"generatedFields":[]},
		{"numberOfRecordsUpdated":0,
		 "records":[
		  [{"longValue":12345},{"stringValue":"Mark Twain"},{"isNull":true},{"arrayValue":{"stringValues":["a","b"]}},{"booleanValue":true},{"blobValue":"aGVsbG8="}],
		  [{"longValue":67890},{"stringValue":"Jack London"},{"doubleValue":12.34},{"arrayValue":{"arrayValues":[{"booleanValues":[true,false]},{"doubleValues":[1.234]},{"longValues":[1,2]},{"stringValues":["a","b"]}]}},{"booleanValue":false},{"blobValue":"d29ybGQ="}]],
		 "columnMetadata":[{"label":"id"},{"label":"author","name":"author"},{"name":"optional_double"},{"name":"tags"},{"name":"is_active","label":"IS ACTIVE"},{"name":"blob_value"}]}]}`
	const want = `[[{}],[
		{"id":12345,"author":"Mark Twain","tags":["a","b"],"IS ACTIVE":true,"blob_value":"aGVsbG8="},
		{"id":67890,"author":"Jack London","optional_double":12.34,"tags":[[true,false],[1.234],[1,2],["a","b"]],"IS ACTIVE":false,"blob_value":"d29ybGQ="}]]`
	mustEqual(t, "toJsonObject", call(t, u, "rds", "toJsonObject", raw), parse(t, want))
	mustEqual(t, "toJsonString", parse(t, call(t, u, "rds", "toJsonString", raw).(string)), parse(t, want))
	for _, bad := range []any{nil, "x", "[]", "{}", `{"sqlStatementResults":1}`} {
		mustEqual(t, "no result", call(t, u, "rds", "toJsonObject", bad), nil)
	}
	mustEqual(t, "odd records", call(t, u, "rds", "toJsonObject", `{"sqlStatementResults":[null,{"records":[null,[null,1]]}]}`), parse(t, `[[{}],[{},{}]]`))
}

// Fields are unpacked by their kinds, and what a statement did not return is left
// out. The kinds are those of the RDS Data API's Field and ArrayValue; the shape
// of the rows is recorded in the file above, "toJsonObject", "toJsonObject insert
// or update" and "toJsonObject import paths".
func TestRDSFieldsOfEveryKind(t *testing.T) {
	u, _ := newUtil()
	one := func(field string) string {
		return `{"sqlStatementResults":[{"numberOfRecordsUpdated":0,"records":[[` + field + `]],"columnMetadata":[{"label":"c"}]}]}`
	}
	for _, c := range []struct{ name, raw, want string }{
		{"stringValue", one(`{"stringValue":"x"}`), `[[{"c":"x"}]]`},
		{"an empty stringValue", one(`{"stringValue":""}`), `[[{"c":""}]]`},
		{"longValue", one(`{"longValue":9007199254740993}`), `[[{"c":9007199254740993}]]`},
		{"doubleValue", one(`{"doubleValue":12.34}`), `[[{"c":12.34}]]`},
		{"booleanValue", one(`{"booleanValue":false}`), `[[{"c":false}]]`},
		{"blobValue", one(`{"blobValue":"aGVsbG8="}`), `[[{"c":"aGVsbG8="}]]`},
		{"isNull", one(`{"isNull":true}`), `[[{}]]`},
		{"isNull after a value", one(`{"stringValue":"","isNull":true}`), `[[{}]]`},
		{"isNull false", one(`{"isNull":false,"longValue":1}`), `[[{"c":1}]]`},
		{"stringValues", one(`{"arrayValue":{"stringValues":["a","b"]}}`), `[[{"c":["a","b"]}]]`},
		{"longValues", one(`{"arrayValue":{"longValues":[1,2]}}`), `[[{"c":[1,2]}]]`},
		{"doubleValues", one(`{"arrayValue":{"doubleValues":[1.5]}}`), `[[{"c":[1.5]}]]`},
		{"booleanValues", one(`{"arrayValue":{"booleanValues":[true,false]}}`), `[[{"c":[true,false]}]]`},
		{"arrayValues", one(`{"arrayValue":{"arrayValues":[{"stringValues":["a"]},{"arrayValues":[{"longValues":[1]}]}]}}`), `[[{"c":[["a"],[[1]]]}]]`},
		{"no arrayValues", one(`{"arrayValue":{"arrayValues":[]}}`), `[[{"c":[]}]]`},
		{"an unknown kind", one(`{"otherValue":1}`), `[[{}]]`},
		{"an empty field", one(`{}`), `[[{}]]`},
		{"no rows", `{"sqlStatementResults":[{"numberOfRecordsUpdated":0,"records":[],"columnMetadata":[{"label":"c"}]}]}`, `[[]]`},
		{"insert or update", `{"sqlStatementResults":[{"numberOfRecordsUpdated":1,"generatedFields":[]}]}`, `[[{}]]`},
		{"no statements", `{"sqlStatementResults":[]}`, `[]`},
		{"label before name", `{"sqlStatementResults":[{"records":[[{"longValue":1}]],"columnMetadata":[{"name":"n","label":"l"}]}]}`, `[[{"l":1}]]`},
		{"the name without a label", `{"sqlStatementResults":[{"records":[[{"longValue":1}]],"columnMetadata":[{"name":"n"}]}]}`, `[[{"n":1}]]`},
		{"a column without either", `{"sqlStatementResults":[{"records":[[{"longValue":1},{"longValue":2}]],"columnMetadata":[{},{"label":"l"}]}]}`, `[[{"l":2}]]`},
		{"more fields than columns", `{"sqlStatementResults":[{"records":[[{"longValue":1},{"longValue":2}]],"columnMetadata":[{"label":"l"}]}]}`, `[[{"l":1}]]`},
		{"no columns", `{"sqlStatementResults":[{"records":[[{"longValue":1}]]}]}`, `[[{}]]`},
		{"the guide's example", `{"sqlStatementResults":[{"numberOfRecordsUpdated":0,"records":[
			[{"stringValue":"Mark Twain"},{"stringValue":"Adventures of Huckleberry Finn"},{"stringValue":"978-1948132817"}],
			[{"stringValue":"Jack London"},{"stringValue":"The Call of the Wild"},{"stringValue":"978-1948132275"}]],
			"columnMetadata":[{"label":"author","name":"author"},{"label":"title","name":"title"},{"label":"ISBN-13","name":"ISBN-13"}]}]}`,
			`[[{"author":"Mark Twain","title":"Adventures of Huckleberry Finn","ISBN-13":"978-1948132817"},{"author":"Jack London","title":"The Call of the Wild","ISBN-13":"978-1948132275"}]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustEqual(t, "toJsonObject", call(t, u, "rds", "toJsonObject", c.raw), parse(t, c.want))
			mustEqual(t, "toJsonString", call(t, u, "rds", "toJsonString", c.raw), c.want)
		})
	}
}

func TestRDSHelpersOfOddInput(t *testing.T) {
	u, _ := newUtil()
	for _, name := range []string{"toJsonObject", "toJsonString"} {
		for _, bad := range []any{nil, "", "{", `{"sqlStatementResults":[`, `{"sqlStatementResults":{}}`, `[{"sqlStatementResults":[]}]`, strings.Repeat("[", 1<<16)} {
			mustEqual(t, name, call(t, u, "rds", name, bad), nil)
		}
		for _, args := range [][]any{{}, {"a", "b"}, {int32(1)}, {value.NewList()}} {
			if v, ok, err := invoke(t, u, "rds", name, args...); ok || err != nil || v != nil {
				t.Errorf("%s(%v) = %v, %v, %v; want not found", name, args, v, ok, err)
			}
		}
	}
}

// A label is in every row, so that 300 KB of result would print as 1 GB.
func TestRDSTextDoesNotExplode(t *testing.T) {
	raw := `{"sqlStatementResults":[{"columnMetadata":[{"label":"` + strings.Repeat("x", 100_000) + `"}],"records":[[{"longValue":1}]` +
		strings.Repeat(`,[{"longValue":1}]`, 10_000) + `]}]}`
	u, _ := newUtil()
	if _, _, err := invoke(t, u, "rds", "toJsonString", raw); err == nil {
		t.Error("no error")
	}
}

// FuzzRDSText checks that no text is too odd: both helpers say the same.
func FuzzRDSText(f *testing.F) {
	for _, seed := range []string{
		`{"sqlStatementResults":[{"records":[[{"longValue":1},{"isNull":true}]],"columnMetadata":[{"label":"a"},{"name":"b"}]},{}]}`,
		`{"sqlStatementResults":[{"records":[[{"arrayValue":{"arrayValues":[{"stringValues":["a"]}]}}]],"columnMetadata":[{"label":"a"}]}]}`,
		`{"sqlStatementResults":[null,[],{"records":[null,1,[null]],"columnMetadata":[null]}]}`, `{}`, `[`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, _ := newUtil()
		object := call(t, u, "rds", "toJsonObject", text)
		s, isText := call(t, u, "rds", "toJsonString", text).(string)
		if !isText {
			mustEqual(t, text, object, nil)
			return
		}
		if _, err := value.ParseJSON(s); err != nil {
			t.Fatalf("toJsonString(%q) = %s: %v", text, s, err)
		}
		mustEqual(t, text, value.JSON(object), s)
	})
}
