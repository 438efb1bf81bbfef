package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

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

// The examples of AWS's page "DynamoDB helpers in $util.dynamodb", by the text
// that the Json twin of each helper returns.
func TestDynamoDBHelpersOfTheGuide(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want string
	}{
		{"toDynamoDB", []any{"foo"}, `{"S":"foo"}`},
		{"toDynamoDB", []any{int32(12345)}, `{"N":12345}`},
		{"toDynamoDB", []any{true}, `{"BOOL":true}`},
		{"toDynamoDB", []any{parse(t, `["foo",123,{"bar":"baz"}]`)}, `{"L":[{"S":"foo"},{"N":123},{"M":{"bar":{"S":"baz"}}}]}`},
		{"toDynamoDB", []any{parse(t, `{"foo":"bar","baz":1234,"beep":["boop"]}`)}, `{"M":{"foo":{"S":"bar"},"baz":{"N":1234},"beep":{"L":[{"S":"boop"}]}}}`},
		{"toString", []any{"foo"}, `{"S":"foo"}`},
		{"toStringSet", []any{parse(t, `["foo","bar","baz"]`)}, `{"SS":["foo","bar","baz"]}`},
		{"toNumber", []any{int32(12345)}, `{"N":12345}`},
		{"toNumberSet", []any{parse(t, `[1,23,4.56]`)}, `{"NS":[1,23,4.56]}`},
		{"toBinary", []any{"foo"}, `{"B":"foo"}`},
		{"toBinarySet", []any{parse(t, `["foo","bar","baz"]`)}, `{"BS":["foo","bar","baz"]}`},
		{"toBoolean", []any{true}, `{"BOOL":true}`},
		{"toNull", nil, `{"NULL":null}`},
		{"toList", []any{parse(t, `["foo",123,{"bar":"baz"}]`)}, `{"L":[{"S":"foo"},{"N":123},{"M":{"bar":{"S":"baz"}}}]}`},
		{"toMap", []any{parse(t, `{"foo":"bar","baz":1234,"beep":["boop"]}`)}, `{"M":{"foo":{"S":"bar"},"baz":{"N":1234},"beep":{"L":[{"S":"boop"}]}}}`},
		{"toMapValues", []any{parse(t, `{"foo":"bar","baz":1234,"beep":["boop"]}`)}, `{"foo":{"S":"bar"},"baz":{"N":1234},"beep":{"L":[{"S":"boop"}]}}`},
		{"toS3Object", []any{"foo", "bar", "baz"}, `{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\"}}"}`},
		{"toS3Object", []any{"foo", "bar", "baz", "beep"}, `{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\",\"version\":\"beep\"}}"}`},
	} {
		mustEqual(t, c.name, call(t, u, "dynamodb", c.name+"Json", c.args...), c.want)
		typed := call(t, u, "dynamodb", c.name, c.args...)
		if _, ok := typed.(*value.Map); !ok {
			t.Errorf("%s = %T, want a map", c.name, typed)
		}
		mustEqual(t, c.name, typed, parse(t, c.want))
	}
	// As java.util.AbstractMap.toString writes it.
	mustEqual(t, "as text", value.ToString(call(t, u, "dynamodb", "toDynamoDB", parse(t, `{"a":["x",1]}`))), "{M={a={L=[{S=x}, {N=1}]}}}")
}

// The types of the parameters are those of the same page; Java finds no method
// for other ones. Null fits all of them but a number of arguments.
func TestDynamoDBHelpersBindAsJavaDoes(t *testing.T) {
	u, _ := newUtil()
	list, object := value.NewList("a"), value.MapOf("a", "b")
	set := &value.Set{Items: []any{"a"}}
	for _, c := range []struct {
		name string
		bad  []any
	}{
		{"toString", []any{int32(5), true, list, object}},
		{"toStringSet", []any{"a", int32(5), object, set}},
		{"toNumber", []any{"5", true, list, object}},
		{"toNumberSet", []any{"5", int32(5), object, set}},
		{"toBinary", []any{int32(5), list}},
		{"toBinarySet", []any{"a", object, set}},
		{"toBoolean", []any{"true", int32(1), list}},
		{"toList", []any{"a", object, set}},
		{"toMap", []any{"a", list}},
		{"toMapValues", []any{"a", list, int32(1)}},
	} {
		for _, twin := range []string{"", "Json"} {
			calls := [][]any{nil, {nil, nil}}
			for _, v := range c.bad {
				calls = append(calls, []any{v})
			}
			for _, args := range calls {
				if v, ok, err := invoke(t, u, "dynamodb", c.name+twin, args...); ok || err != nil || v != nil {
					t.Errorf("%s%s(%v) = %v, %v, %v; want not found", c.name, twin, args, v, ok, err)
				}
			}
		}
		mustEqual(t, c.name+"(null)", call(t, u, "dynamodb", c.name, nil), nil)
		mustEqual(t, c.name+"Json(null)", call(t, u, "dynamodb", c.name+"Json", nil), "null")
	}
	for _, c := range []struct {
		name string
		args []any
	}{
		{"toDynamoDB", nil}, {"toDynamoDB", []any{"a", "b"}}, {"toDynamoDBJson", nil}, {"toDynamoDBJson", []any{"a", "b"}},
		{"toNull", []any{nil}}, {"toNullJson", []any{"a"}},
		{"toS3Object", []any{"a", "b"}}, {"toS3Object", []any{"a", "b", "c", "d", "e"}}, {"toS3Object", []any{"a", "b", int32(1)}},
		{"toS3ObjectJson", []any{"a"}}, {"toS3ObjectJson", []any{"a", "b", "c", list}},
		{"fromS3ObjectJson", nil}, {"fromS3ObjectJson", []any{"a", "b"}}, {"fromS3ObjectJson", []any{object}},
		{"fromS3Object", []any{"a"}}, {"fromS3Object", nil},
		{"", []any{"a"}}, {"Json", nil}, {"toNothing", []any{"a"}}, {"toNothingJson", []any{"a"}},
	} {
		if v, ok, err := invoke(t, u, "dynamodb", c.name, c.args...); ok || err != nil || v != nil {
			t.Errorf("%s(%v) = %v, %v, %v; want not found", c.name, c.args, v, ok, err)
		}
	}
}

// Values are typed by what they are: AWS's page says that collections are L and
// never sets, and numbers keep their digits (DynamoDB's numbers have 38).
func TestDynamoDBTypesOfOddValues(t *testing.T) {
	u, _ := newUtil()
	object := value.MapOf("k", "v")
	huge := strings.Repeat("x", 1<<20)
	deep := any("x")
	text := `{"S":"x"}`
	for range 200 {
		deep, text = value.NewList(deep), `{"L":[`+text+`]}`
	}
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"empty text", "", `{"S":""}`},
		{"an empty list", value.NewList(), `{"L":[]}`},
		{"an empty map", value.NewMap(0), `{"M":{}}`},
		{"a long", int64(9007199254740993), `{"N":9007199254740993}`},
		{"many digits", value.Decimal("12345678901234567890.123456789"), `{"N":12345678901234567890.123456789}`},
		{"a key set", object.Keys(), `{"L":[{"S":"k"}]}`},
		{"values", object.Values(), `{"L":[{"S":"v"}]}`},
		{"an array", &value.Array{Items: []any{"a"}}, `{"L":[{"S":"a"}]}`},
		{"null in a list", value.NewList(nil), `{"L":[{"NULL":null}]}`},
		{"huge text", huge, `{"S":"` + huge + `"}`},
		{"deep lists", deep, text},
	} {
		if got := call(t, u, "dynamodb", "toDynamoDBJson", c.v); got != c.want {
			t.Errorf("%s: %.100s, want %.100s", c.name, got, c.want)
		}
		if got := value.JSON(call(t, u, "dynamodb", "toDynamoDB", c.v)); got != c.want {
			t.Errorf("%s: %.100s, want %.100s", c.name, got, c.want)
		}
	}
}

// The sets and maps that helpers return are the template's own.
func TestDynamoDBResultsAreCopies(t *testing.T) {
	u, _ := newUtil()
	list := value.NewList("a")
	set := call(t, u, "dynamodb", "toStringSet", list)
	list.Append("b")
	mustEqual(t, "the set", set, parse(t, `{"SS":["a"]}`))
}

// Null parts stay null in the text, as JSON writers do.
func TestS3ObjectsWithNullParts(t *testing.T) {
	u, _ := newUtil()
	mustEqual(t, "toS3Object", call(t, u, "dynamodb", "toS3Object", "k", nil, "r"), parse(t, `{"S":"{\"s3\":{\"key\":\"k\",\"bucket\":null,\"region\":\"r\"}}"}`))
	mustEqual(t, "fromS3ObjectJson", call(t, u, "dynamodb", "fromS3ObjectJson", `{"s3":{"key":"k","other":1}}`), parse(t, `{"key":"k"}`))
	for _, bad := range []any{`{"s3":"x"}`, `{"S":"{}"}`, `{"S":"{\"S\":\"{}\"}"}`, "{", "null", strings.Repeat("[", 1<<16)} {
		mustEqual(t, "no object", call(t, u, "dynamodb", "fromS3ObjectJson", bad), nil)
	}
}
