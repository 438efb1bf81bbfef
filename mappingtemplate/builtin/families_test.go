package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "List helpers in $util.list".
func TestListHelpers(t *testing.T) {
	u, _ := newUtil()
	people := `[{"description":"youngest","age":5},{"description":"middle","age":45},{"description":"oldest","age":85}]`
	for _, c := range []struct{ name, a, b, c, want string }{
		{"copyAndRetainAll", `["a","b","c",1]`, `["c","a",1,"x"]`, ``, `["a","c",1]`},
		{"copyAndRemoveAll", `["a","b","c",1]`, `["c","a",1,"x"]`, ``, `["b"]`},
		{"copyAndRemoveAll", `[{"a":1},{"a":2}]`, `[{"a":2}]`, ``, `[{"a":1}]`},
		{"copyAndRemoveAll", `null`, `[]`, ``, `null`},
		{"sortList", people, `false`, `"description"`, `[{"description":"middle","age":45},{"description":"oldest","age":85},{"description":"youngest","age":5}]`},
		{"sortList", people, `true`, `"age"`, `[{"description":"oldest","age":85},{"description":"middle","age":45},{"description":"youngest","age":5}]`},
		{"sortList", `["b","a","c"]`, `false`, `"any"`, `["a","b","c"]`},
		{"sortList", `[2.5,1.5]`, `false`, `"any"`, `[1.5,2.5]`},
		{"sortList", `[2,"a",1]`, `false`, `"any"`, `[2,"a",1]`},
		{"sortList", `[{"a":2},1,{"a":1}]`, `false`, `"a"`, `[{"a":2},1,{"a":1}]`},
		{"sortList", `[{"a":2},{"a":"x"},{"a":1}]`, `false`, `"a"`, `[{"a":2},{"a":"x"},{"a":1}]`},
		{"sortList", `[]`, `false`, `"a"`, `[]`},
	} {
		args := []any{parse(t, c.a), parse(t, c.b)}
		if c.c != "" {
			args = append(args, parse(t, c.c))
		}
		mustEqual(t, c.name+" "+c.a, call(t, u, "list", c.name, args...), parse(t, c.want))
	}
	long := value.NewList()
	for i := range 1001 {
		long.Append(int32(1000 - i))
	}
	mustEqual(t, "a list of 1001", call(t, u, "list", "sortList", long, false, "any"), long)
}

func TestListCopiesLeaveTheOriginal(t *testing.T) {
	u, _ := newUtil()
	l := value.NewList("b", "a")
	call(t, u, "list", "sortList", l, false, "any")
	call(t, u, "list", "copyAndRemoveAll", l, value.NewList("b"))
	mustEqual(t, "the original", l, value.NewList("b", "a"))
}

// AWS's page "Map helpers in $util.map".
func TestMapHelpers(t *testing.T) {
	u, _ := newUtil()
	m := parse(t, `{"a":1,"b":2,"c":3}`)
	mustEqual(t, "retain", call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("c", "a", "x")), parse(t, `{"a":1,"c":3}`))
	mustEqual(t, "remove", call(t, u, "map", "copyAndRemoveAllKeys", m, value.NewList("c", "a", "x")), parse(t, `{"b":2}`))
	mustEqual(t, "the original", m, parse(t, `{"a":1,"b":2,"c":3}`))
	mustEqual(t, "null", call(t, u, "map", "copyAndRemoveAllKeys", nil, value.NewList()), nil)
	kept := call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("c", "a"))
	if got := value.JSON(kept); got != `{"a":1,"c":3}` {
		t.Errorf("the order is not kept: %s", got)
	}
}

// AWS's page "Math helpers in $util.math"; rounding is java.lang.Math.round.
func TestMathHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"roundNum", []any{2.5}, int32(3)},
		{"roundNum", []any{-2.5}, int32(-2)},
		{"roundNum", []any{2.4999}, int32(2)},
		{"roundNum", []any{int32(7)}, int32(7)},
		{"roundNum", []any{0.49999999999999994}, int32(0)},
		{"roundNum", []any{value.Decimal("10.50")}, int32(11)},
		{"roundNum", []any{1e30}, int64(9223372036854775807)},
		{"roundNum", []any{nil}, nil},
		{"minVal", []any{1.5, int32(1)}, 1.0},
		{"maxVal", []any{1.5, int32(1)}, 1.5},
		{"maxVal", []any{nil, int32(1)}, nil},
		{"randomWithinRange", []any{int32(3), int32(4)}, int32(3)},
		{"randomWithinRange", []any{int32(3), int32(3)}, int32(3)},
	} {
		mustEqual(t, c.name, call(t, u, "math", c.name, c.args...), c.want)
	}
	for range 100 {
		if n := call(t, u, "math", "randomWithinRange", int32(-5), int32(5)).(int32); n < -5 || n >= 5 {
			t.Errorf("randomWithinRange(-5, 5) = %d", n)
		}
		if f := call(t, u, "math", "randomDouble").(float64); f < 0 || f >= 1 {
			t.Errorf("randomDouble() = %v", f)
		}
	}
}

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
		{"toReplace", []any{"a.b.c", ".", "-"}, "a-b-c"},
		{"toReplace", []any{"a.b.c", ".", nil}, nil},
		{"normalize", []any{"e\u0301", "nfc"}, "\u00e9"},
		{"normalize", []any{"\u00e9", "nfd"}, "e\u0301"},
		{"normalize", []any{"\ufb01", "nfkc"}, "fi"},
		{"normalize", []any{"\ufb01", "nfkd"}, "fi"},
		{"normalize", []any{"a", "nfx"}, nil},
	} {
		mustEqual(t, c.name, call(t, u, "str", c.name, c.args...), c.want)
	}
}

// Recorded on AWS: localstack/appsync-utils, index.test.js.snap; S3 objects and
// null arguments are from AWS's page "DynamoDB helpers in $util.dynamodb".
func TestDynamoDBHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want string
	}{
		{"toDynamoDB", []any{"foo"}, `{"S":"foo"}`},
		{"toDynamoDB", []any{int32(12345)}, `{"N":12345}`},
		{"toDynamoDB", []any{1.5}, `{"N":1.5}`},
		{"toDynamoDB", []any{value.Decimal("1.50")}, `{"N":1.50}`},
		{"toDynamoDB", []any{true}, `{"BOOL":true}`},
		{"toDynamoDB", []any{nil}, `{"NULL":null}`},
		{"toDynamoDB", []any{parse(t, `["foo",123,{"bar":"baz"}]`)}, `{"L":[{"S":"foo"},{"N":123},{"M":{"bar":{"S":"baz"}}}]}`},
		{"toDynamoDB", []any{parse(t, `{"foo":"bar","baz":1234,"beep":["boop"]}`)}, `{"M":{"foo":{"S":"bar"},"baz":{"N":1234},"beep":{"L":[{"S":"boop"}]}}}`},
		{"toDynamoDB", []any{&value.Set{Items: []any{"a"}}}, `{"L":[{"S":"a"}]}`},
		{"toString", []any{"test"}, `{"S":"test"}`},
		{"toString", []any{nil}, `null`},
		{"toStringSet", []any{parse(t, `["foo","bar","baz"]`)}, `{"SS":["foo","bar","baz"]}`},
		{"toStringSet", []any{nil}, `null`},
		{"toNumber", []any{int32(12345)}, `{"N":12345}`},
		{"toNumberSet", []any{parse(t, `[1,23,4.56]`)}, `{"NS":[1,23,4.56]}`},
		{"toBinary", []any{"foo"}, `{"B":"foo"}`},
		{"toBinarySet", []any{parse(t, `["foo","bar","baz"]`)}, `{"BS":["foo","bar","baz"]}`},
		{"toBoolean", []any{true}, `{"BOOL":true}`},
		{"toNull", nil, `{"NULL":null}`},
		{"toList", []any{parse(t, `["foo",123,{"bar":"baz"}]`)}, `{"L":[{"S":"foo"},{"N":123},{"M":{"bar":{"S":"baz"}}}]}`},
		{"toMap", []any{parse(t, `{"foo":"bar","baz":1234,"beep":["boop"]}`)}, `{"M":{"foo":{"S":"bar"},"baz":{"N":1234},"beep":{"L":[{"S":"boop"}]}}}`},
		{"toMapValues", []any{parse(t, `{"foo":"bar","baz":1234,"no":null}`)}, `{"foo":{"S":"bar"},"baz":{"N":1234},"no":{"NULL":null}}`},
		{"toMapValues", []any{nil}, `null`},
		{"toS3Object", []any{"foo", "bar", "baz"}, `{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\"}}"}`},
		{"toS3Object", []any{"foo", "bar", "baz", "beep"}, `{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\",\"version\":\"beep\"}}"}`},
	} {
		got := call(t, u, "dynamodb", c.name, c.args...)
		if text := value.JSON(got); text != c.want {
			t.Errorf("%s = %s, want %s", c.name, text, c.want)
		}
		if text := call(t, u, "dynamodb", c.name+"Json", c.args...); text != c.want {
			t.Errorf("%sJson = %s, want %s", c.name, text, c.want)
		}
	}
}

// AWS's page "DynamoDB helpers in $util.dynamodb".
func TestFromS3ObjectJSON(t *testing.T) {
	u, _ := newUtil()
	want := parse(t, `{"key":"foo","bucket":"bar","region":"baz","version":"beep"}`)
	mustEqual(t, "an attribute", call(t, u, "dynamodb", "fromS3ObjectJson",
		`{ "S" : "{ \"s3\" : { \"key\" : \"foo\", \"bucket\" : \"bar\", \"region\" : \"baz\", \"version\" : \"beep\" } }" }`), want)
	mustEqual(t, "its text", call(t, u, "dynamodb", "fromS3ObjectJson",
		`{"s3":{"key":"foo","bucket":"bar","region":"baz","version":"beep"}}`), want)
	for _, bad := range []any{nil, "", "[]", `{"S":"x"}`, `{"S":1}`} {
		mustEqual(t, "no object", call(t, u, "dynamodb", "fromS3ObjectJson", bad), nil)
	}
}

// AWS's page "HTTP helpers in $util.http".
func TestHTTPHelpers(t *testing.T) {
	u, env := newUtil()
	headers := parse(t, `{"x-api-key":"k","Host":"h","content-length":"3","TE":"x","accept":["a","b"]}`)
	mustEqual(t, "copyHeaders", call(t, u, "http", "copyHeaders", headers), parse(t, `{"x-api-key":"k","accept":["a","b"]}`))

	mustEqual(t, "addResponseHeader", call(t, u, "http", "addResponseHeader", "itemsCount", int32(7)), "")
	call(t, u, "http", "addResponseHeaders", parse(t, `{"headerInt":12,"headerString":"stringValue","headerObject":{"field1":7,"field2":"string"}}`))
	call(t, u, "http", "addResponseHeader", "ITEMSCOUNT", "8")
	want := []string{"ITEMSCOUNT: 8", "headerInt: 12", "headerString: stringValue", `headerObject: {"field1":7,"field2":"string"}`}
	if len(env.Effects.Headers) != len(want) {
		t.Fatalf("headers = %v", env.Effects.Headers)
	}
	for i, h := range env.Effects.Headers {
		if got := h.Name + ": " + h.Value; got != want[i] {
			t.Errorf("header %q, want %q", got, want[i])
		}
	}
	if len(env.Effects.Errors) != 0 {
		t.Errorf("errors = %v", env.Effects.Errors)
	}
}

// The same page: such headers are left out and reported as ResponseHeaderError.
func TestResponseHeadersThatAreNotAllowed(t *testing.T) {
	for _, c := range []struct {
		name string
		v    any
	}{
		{"", "v"}, {"a", nil}, {"Content-Length", "1"}, {"access-control-allow-origin", "*"},
		{"Vary", "a"}, {"content-type", "a"}, {"x-amzn-a", "1"}, {"X-Amz-a", "1"},
		{"a b", "1"}, {"a", "x\r\nset-cookie: y"},
		{"a", strings.Repeat("x", 4096)},
	} {
		u, env := newUtil()
		call(t, u, "http", "addResponseHeader", c.name, c.v)
		if len(env.Effects.Headers) != 0 || len(env.Effects.Errors) != 1 || env.Effects.Errors[0].Type != "ResponseHeaderError" {
			t.Errorf("%q: headers %v, errors %v", c.name, env.Effects.Headers, env.Effects.Errors)
		}
	}
}

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

// The first two are AWS's page "XML helpers in $util.xml"; the others are the
// rules of org.json.XML.
func TestXMLHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct{ xml, want string }{
		{`<?xml version="1.0" encoding="UTF-8"?>
<posts>
<post>
  <id>1</id>
  <title>Getting started with GraphQL</title>
</post>
</posts>`, `{"posts":{"post":{"id":1,"title":"Getting started with GraphQL"}}}`},
		{`<posts><post><id>1</id><title>Getting started with GraphQL</title></post><post><id>2</id><title>Getting started with AWS AppSync</title></post></posts>`,
			`{"posts":{"post":[{"id":1,"title":"Getting started with GraphQL"},{"id":2,"title":"Getting started with AWS AppSync"}]}}`},
		{`<a x="1">text<b/></a>`, `{"a":{"x":1,"b":"","content":"text"}}`},
		{`<a><b>true</b><c>1.5</c><d>007</d><e>-</e></a>`, `{"a":{"b":true,"c":1.5,"d":"007","e":"-"}}`},
		{`<a><![CDATA[<b>]]></a>`, `{"a":"<b>"}`},
		{`<s:a xmlns:s="u">&lt;</s:a>`, `{"s:a":{"xmlns:s":"u","content":"<"}}`},
	} {
		mustEqual(t, "toMap", call(t, u, "xml", "toMap", c.xml), parse(t, c.want))
		if got := call(t, u, "xml", "toJsonString", c.xml); got != c.want {
			t.Errorf("toJsonString = %s, want %s", got, c.want)
		}
	}
	mustEqual(t, "encoded", call(t, u, "xml", "toJsonString", "<a>1</a>", true), `"{\"a\":1}"`)
	for _, bad := range []any{nil, "<a>", "<a></b>", "text", "<a", "</a>"} {
		mustEqual(t, "no XML", call(t, u, "xml", "toMap", bad), nil)
	}
}

// AWS's page "Extensions": the calls print nothing and are recorded.
func TestExtensions(t *testing.T) {
	u, env := newUtil()
	x := u.Extensions()
	ok := func(name string, args ...any) {
		t.Helper()
		v, found, err := x.Invoke(name, args)
		if err != nil || !found || v != "" {
			t.Fatalf("$extensions.%s(%v) = %v, %v, %v", name, args, v, found, err)
		}
	}
	filter := parse(t, `{"filterGroup":[{"filters":[{"fieldName":"severity","operator":"ge","value":7}]}]}`)
	ok("setSubscriptionFilter", value.NewMap(0))
	ok("setSubscriptionFilter", filter)
	ok("setSubscriptionInvalidationFilter", filter)
	ok("invalidateSubscriptions", parse(t, `{"subscriptionField":"onUserDelete","payload":{"id":"1"}}`))
	ok("evictFromApiCache", "Query", "note", parse(t, `{"context.arguments.id":"1"}`))
	e := env.Effects
	mustEqual(t, "filter", e.SubscriptionFilter, filter)
	mustEqual(t, "invalidation filter", e.InvalidationFilter, filter)
	if len(e.Invalidations) != 1 || e.Invalidations[0].SubscriptionField != "onUserDelete" {
		t.Errorf("invalidations = %v", e.Invalidations)
	}
	mustEqual(t, "payload", e.Invalidations[0].Payload, parse(t, `{"id":"1"}`))
	if len(e.Evictions) != 1 || e.Evictions[0].Type != "Query" || e.Evictions[0].Field != "note" {
		t.Errorf("evictions = %v", e.Evictions)
	}
	filter.(*value.Map).Clear()
	if e.SubscriptionFilter.Len() == 0 {
		t.Error("the filter changed with the template's map")
	}
	ok("setSubscriptionFilter", nil)
	if e.SubscriptionFilter != nil {
		t.Error("a null filter leaves the old one")
	}
	for _, bad := range []string{`{}`, `{"subscriptionField":"x"}`, `{"subscriptionField":1,"payload":{}}`} {
		if _, _, err := x.Invoke("invalidateSubscriptions", []any{parse(t, bad)}); err == nil {
			t.Errorf("invalidateSubscriptions(%s): no error", bad)
		}
	}
	for _, name := range []string{"nosuch", "evictFromApiCache", "setSubscriptionFilter"} {
		if _, found, err := x.Invoke(name, []any{"a", "b"}); found || err != nil {
			t.Errorf("$extensions.%s(a, b): %v, %v", name, found, err)
		}
	}
}
