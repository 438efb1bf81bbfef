package document_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

func parse(t testing.TB, text string) *value.Map {
	t.Helper()
	v, err := value.ParseJSON(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	m, ok := v.(*value.Map)
	if !ok {
		t.Fatalf("%s is no object", text)
	}
	return m
}

func mustDecode(t testing.TB, text string, source document.SourceKind) document.Document {
	t.Helper()
	d, err := document.Decode(parse(t, text), source)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func itemJSON(it *attribute.Item) string {
	if it == nil {
		return "none"
	}
	return string(attribute.AppendItemJSON(nil, it))
}

func number(t testing.TB, text string) attribute.Value {
	t.Helper()
	v, err := attribute.ParseNumber(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func equalValues(a, b attribute.Value) bool { return attribute.Equal(a, b) }

func diff(want, got any) string {
	return cmp.Diff(want, got, cmp.Comparer(equalValues), cmp.Comparer(func(a, b *attribute.Item) bool {
		return itemJSON(a) == itemJSON(b)
	}))
}

func ptr(n int64) *int64 { return &n }

// The documents have the fields of AWS's pages "AWS AppSync resolver mapping
// template reference for DynamoDB" (GetItem, PutItem, ...).
func TestDecodeReadsEveryField(t *testing.T) {
	id := attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("1")})
	for _, c := range []struct {
		name string
		text string
		want document.Document
	}{
		{"GetItem",
			`{"version":"2017-02-28","operation":"GetItem","key":{"id":{"S":"1"}},"consistentRead":true,"projection":{"expression":"#a, b","expressionNames":{"#a":"author"}}}`,
			&document.GetItem{Version: document.Version2017, Key: id, ConsistentRead: true,
				Projection: &document.Projection{Expression: "#a, b", Names: map[string]string{"#a": "author"}}}},
		{"GetItem without options",
			`{"version":"2018-05-29","operation":"GetItem","key":{"id":{"S":"1"}}}`,
			&document.GetItem{Version: document.Version2018, Key: id}},
		{"PutItem",
			`{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"n":{"N":5}},
			  "condition":{"expression":"attribute_not_exists(#id)","expressionNames":{"#id":"id"},"expressionValues":{":v":{"N":"1"}},
			  "equalsIgnore":["_ts"],"consistentRead":false,"conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"arn:aws:lambda:f"}}}`,
			&document.PutItem{Version: document.Version2018, Key: id,
				Attributes: attribute.NewItem(attribute.Attribute{Name: "n", Value: number(t, "5")}),
				Condition: &document.Condition{
					Expression: document.Expression{Expression: "attribute_not_exists(#id)", Names: map[string]string{"#id": "id"},
						Values: map[string]attribute.Value{":v": number(t, "1")}},
					EqualsIgnore: []string{"_ts"}, Strategy: document.StrategyCustom, LambdaARN: "arn:aws:lambda:f",
				}}},
		{"PutItem without attributes",
			`{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},"condition":null}`,
			&document.PutItem{Version: document.Version2018, Key: id, Attributes: &attribute.Item{}}},
		{"UpdateItem",
			`{"version":"2018-05-29","operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET a = :a","expressionValues":{":a":{"S":"x"}}},
			  "condition":{"expression":"a = b","conditionalCheckFailedHandler":{"strategy":"Reject"}}}`,
			&document.UpdateItem{Version: document.Version2018, Key: id,
				Update:    document.Expression{Expression: "SET a = :a", Values: map[string]attribute.Value{":a": attribute.String("x")}},
				Condition: &document.Condition{Expression: document.Expression{Expression: "a = b"}, ConsistentRead: true, Strategy: document.StrategyReject}}},
		{"DeleteItem",
			`{"version":"2018-05-29","operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":"a = b","expressionNames":{},"expressionValues":{}}}`,
			&document.DeleteItem{Version: document.Version2018, Key: id,
				Condition: &document.Condition{ConsistentRead: true, Strategy: document.StrategyReject,
					Expression: document.Expression{Expression: "a = b", Names: map[string]string{}, Values: map[string]attribute.Value{}}}}},
		{"Query",
			`{"version":"2018-05-29","operation":"Query","query":{"expression":"id = :id","expressionValues":{":id":{"S":"1"}}},
			  "filter":{"expression":"a = b"},"index":"i","limit":10,"nextToken":"t","scanIndexForward":false,"consistentRead":true,"select":"ALL_ATTRIBUTES","projection":{"expression":"a"}}`,
			&document.Query{Version: document.Version2018,
				Query:  document.Expression{Expression: "id = :id", Values: map[string]attribute.Value{":id": attribute.String("1")}},
				Filter: &document.Expression{Expression: "a = b"}, Index: "i", Limit: ptr(10), NextToken: "t",
				ConsistentRead: true, Select: "ALL_ATTRIBUTES", Projection: &document.Projection{Expression: "a"}}},
		// Amplify's list templates write explicit nulls.
		{"Query with nulls",
			`{"version":"2018-05-29","operation":"Query","query":{"expression":"id = :id"},"filter":null,"index":null,"limit":null,"nextToken":null,"scanIndexForward":null,"consistentRead":null,"select":null,"projection":null}`,
			&document.Query{Version: document.Version2018, Query: document.Expression{Expression: "id = :id"}, ScanIndexForward: true}},
		{"Scan",
			`{"version":"2017-02-28","operation":"Scan","filter":{"expression":"a = b"},"index":"i","limit":10.0,"nextToken":"t","consistentRead":true,"select":"SPECIFIC_ATTRIBUTES","segment":0,"totalSegments":2,"projection":{"expression":"a"}}`,
			&document.Scan{Version: document.Version2017, Filter: &document.Expression{Expression: "a = b"}, Index: "i", Limit: ptr(10),
				NextToken: "t", ConsistentRead: true, Select: "SPECIFIC_ATTRIBUTES", Segment: ptr(0), TotalSegments: ptr(2),
				Projection: &document.Projection{Expression: "a"}}},
		{"Scan without options", `{"version":"2018-05-29","operation":"Scan"}`, &document.Scan{Version: document.Version2018}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustDecode(t, c.text, document.SourceDynamoDB)
			if d := diff(c.want, got); d != "" {
				t.Error(d)
			}
			if got.Operation() == "" || got.TemplateVersion() == "" {
				t.Errorf("operation %q, version %q", got.Operation(), got.TemplateVersion())
			}
		})
	}
}

// AWS's page "Conflict detection and sync".
func TestDecodeReadsTheFieldsOfVersionedSources(t *testing.T) {
	text := `{"version":"2018-05-29","operation":"DeleteItem","key":{"id":{"S":"1"}},"_version":3,"customPartitionKey":"id","populateIndexFields":true}`
	got := mustDecode(t, text, document.SourceVersionedDynamoDB).(*document.DeleteItem)
	want := document.Versioned{ItemVersion: ptr(3), CustomPartitionKey: "id", PopulateIndexFields: true}
	if d := diff(want, got.Versioned); d != "" {
		t.Error(d)
	}
	none := mustDecode(t, `{"version":"2018-05-29","operation":"DeleteItem","key":{"id":{"S":"1"}},"_version":null}`, document.SourceVersionedDynamoDB)
	if d := diff(document.Versioned{}, none.(*document.DeleteItem).Versioned); d != "" {
		t.Error(d)
	}
}

// AWS's page "Sync", and the query that Amplify sends, recorded in
// aws-amplify/amplify-category-api#672.
func TestDecodeSync(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		want   document.Sync
	}{
		"nothing": {``, document.Sync{ScanIndexForward: true}},
		"null counts as absent": {`,"filter":null,"limit":null,"nextToken":null,"lastSync":null,"basePartitionKey":null,"deltaIndexName":null,"query":null,"index":null,"scanIndexForward":null`,
			document.Sync{ScanIndexForward: true}},
		"what is documented": {`,"filter":{"expression":"a = :a","expressionValues":{":a":{"N":1}}},"limit":10,"nextToken":"t","lastSync":1700000000123,"basePartitionKey":"pk","deltaIndexName":"gsi"`,
			document.Sync{
				Filter: &document.Expression{Expression: "a = :a", Values: map[string]attribute.Value{":a": attribute.Number("1")}},
				Limit:  ptr(10), NextToken: "t", LastSync: ptr(1700000000123), BasePartitionKey: "pk", DeltaIndexName: "gsi", ScanIndexForward: true,
			}},
		"what Amplify sends": {`,"query":{"expression":"#k = :k","expressionNames":{"#k":"sku"},"expressionValues":{":k":{"S":"x"}}},"index":"bySku","scanIndexForward":false,"filter":{"expression":"","expressionNames":{}},"lastSync":0`,
			document.Sync{
				Query:  &document.Expression{Expression: "#k = :k", Names: map[string]string{"#k": "sku"}, Values: map[string]attribute.Value{":k": attribute.String("x")}},
				Index:  "bySku",
				Filter: &document.Expression{Names: map[string]string{}}, LastSync: ptr(0),
			}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Version = document.Version2018
			got := mustDecode(t, `{"version":"2018-05-29","operation":"Sync"`+c.fields+`}`, document.SourceVersionedDynamoDB).(*document.Sync)
			if d := diff(&c.want, got); d != "" {
				t.Error(d)
			}
			if got.Operation() != "Sync" || got.TemplateVersion() != document.Version2018 {
				t.Errorf("%s %s", got.Operation(), got.TemplateVersion())
			}
		})
	}
}

// Numbers come as templates print them: AWSTimestamp and Int as integers, what was
// calculated with a fraction of zero.
func TestDecodeReadsWholeNumbersAlone(t *testing.T) {
	for text, want := range map[string]int64{`0`: 0, `-1`: -1, `3.0`: 3, `1700000000123`: 1700000000123, `9223372036854775807`: 9223372036854775807} {
		got := mustDecode(t, `{"version":"2018-05-29","operation":"Sync","lastSync":`+text+`}`, document.SourceVersionedDynamoDB).(*document.Sync)
		if got.LastSync == nil || *got.LastSync != want {
			t.Errorf("%s: %v", text, got.LastSync)
		}
	}
	for _, text := range []string{`1.5`, `9223372036854775808`, `1e400`, `"3"`, `true`, `[]`, `{}`} {
		for field, before := range map[string]string{"lastSync": `"operation":"Sync"`, "_version": `"operation":"DeleteItem","key":{"id":{"S":"1"}}`} {
			_, err := document.Decode(parse(t, `{"version":"2018-05-29",`+before+`,"`+field+`":`+text+`}`), document.SourceVersionedDynamoDB)
			var refusal *document.Error
			if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Message, "Expected JSON integer for field '$["+field+"]' but got a '") {
				t.Errorf("%s of %s: %v", text, field, err)
			}
		}
	}
}

// AWS's page "AWS AppSync resolver mapping template reference for None data
// source".
func TestDecodeNone(t *testing.T) {
	got := mustDecode(t, `{"version":"2018-05-29","payload":{"a":1}}`, document.SourceNone).(*document.None)
	if value.JSON(got.Payload) != `{"a":1}` || got.TemplateVersion() != document.Version2018 || got.Operation() != "" {
		t.Errorf("%+v", got)
	}
	if got := mustDecode(t, `{"version":"2017-02-28"}`, document.SourceNone).(*document.None); got.Payload != nil {
		t.Errorf("%+v", got)
	}
}

func TestDecodeAsIgnoresTheDocumentsVersion(t *testing.T) {
	for _, text := range []string{`{"payload":1}`, `{"version":"x","payload":1}`, `{"version":"2017-02-28","payload":1}`} {
		d, err := document.DecodeAs(parse(t, text), document.SourceNone, document.Version2018)
		if err != nil || d.TemplateVersion() != document.Version2018 {
			t.Errorf("%s: %v, %v", text, d, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		plain     = document.SourceDynamoDB
		versioned = document.SourceVersionedDynamoDB
		none      = document.SourceNone
		get       = `{"version":"2018-05-29","operation":"GetItem","key":`
		put       = `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},`
	)
	for _, c := range []struct {
		name   string
		source document.SourceKind
		text   string
		want   string
	}{
		// AWS's page "Troubleshooting and common mistakes".
		{"no operation", plain, `{"version":"2018-05-29"}`, "Value for field '$[operation]' not found."},
		{"no version", plain, `{"operation":"GetItem"}`, "Value for field '$[version]' not found."},
		{"no version for None", none, `{}`, "Value for field '$[version]' not found."},
		{"no key", plain, `{"version":"2018-05-29","operation":"GetItem"}`, "Value for field '$[key]' not found."},
		{"null key", plain, get + `null}`, "Value for field '$[key]' not found."},
		{"no update", plain, `{"version":"2018-05-29","operation":"UpdateItem","key":{"id":{"S":"1"}}}`, "Value for field '$[update]' not found."},
		{"no query", plain, `{"version":"2018-05-29","operation":"Query"}`, "Value for field '$[query]' not found."},
		{"no expression", plain, `{"version":"2018-05-29","operation":"Query","query":{}}`, "Value for field '$[query][expression]' not found."},
		{"no expression in a projection", plain, get + `{},"projection":{}}`, "Value for field '$[projection][expression]' not found."},
		{"no expression in a condition", plain, put + `"condition":{"expression":null}}`, "Value for field '$[condition][expression]' not found."},
		{"segment without total", plain, `{"version":"2018-05-29","operation":"Scan","segment":0}`, "Value for field '$[totalSegments]' not found."},
		{"total without segment", plain, `{"version":"2018-05-29","operation":"Scan","totalSegments":2}`, "Value for field '$[segment]' not found."},
		{"handler without strategy", plain, put + `"condition":{"expression":"a","conditionalCheckFailedHandler":{}}}`, "Value for field '$[condition][conditionalCheckFailedHandler][strategy]' not found."},
		{"custom handler without function", plain, put + `"condition":{"expression":"a","conditionalCheckFailedHandler":{"strategy":"Custom"}}}`, "Value for field '$[condition][conditionalCheckFailedHandler][lambdaArn]' not found."},

		// Recorded in aws/aws-appsync-community#217 and #110.
		{"unknown field", plain, put + `"hasCustomPartitionKey":true}`, "Unsupported element '$[hasCustomPartitionKey]'."},
		{"unknown field of a condition", plain, put + `"condition":{"expression":"a","returnValuesOnConditionCheckFailure":true}}`, "Unsupported element '$[condition][returnValuesOnConditionCheckFailure]'."},
		{"unknown field of None", none, `{"version":"2018-05-29","operation":"x"}`, "Unsupported element '$[operation]'."},
		{"unknown field of an expression", plain, `{"version":"2018-05-29","operation":"Query","query":{"expression":"a","names":{}}}`, "Unsupported element '$[query][names]'."},
		{"unknown field of a projection", plain, get + `{},"projection":{"expression":"a","expressionValues":{}}}`, "Unsupported element '$[projection][expressionValues]'."},
		{"scanIndexForward of a scan", plain, `{"version":"2018-05-29","operation":"Scan","scanIndexForward":true}`, "Unsupported element '$[scanIndexForward]'."},
		{"consistentRead of a Sync", versioned, `{"version":"2018-05-29","operation":"Sync","consistentRead":true}`, "Unsupported element '$[consistentRead]'."},
		{"_version on a plain source", plain, put + `"_version":1}`, "Unsupported element '$[_version]'."},
		{"unknown type", plain, get + `{"id":{"X":"1"}}}`, "Unsupported element '$[key][id][X]'."},
		{"function of a rejecting handler", plain, put + `"condition":{"expression":"a","conditionalCheckFailedHandler":{"strategy":"Reject","lambdaArn":"x"}}}`, "Unsupported element '$[condition][conditionalCheckFailedHandler][lambdaArn]'."},
		{"unknown field of a handler", plain, put + `"condition":{"expression":"a","conditionalCheckFailedHandler":{"x":1}}}`, "Unsupported element '$[condition][conditionalCheckFailedHandler][x]'."},

		// Recorded in aws-amplify/amplify-js#10740: told before the expression is
		// missed.
		{"a filter that is not transformed", versioned, `{"version":"2018-05-29","operation":"Query","query":{"expression":"a"},"filter":{"and":[]}}`, "Unsupported element '$[filter][and]'."},

		// Recorded in aws-amplify/amplify-cli#3889.
		{"batch of 2017-02-28", plain, `{"version":"2017-02-28","operation":"BatchDeleteItem"}`, "Unsupported operation 'BatchDeleteItem'."},
		{"unknown operation", plain, `{"version":"2018-05-29","operation":"Nope"}`, "Unsupported operation 'Nope'."},
		{"Sync on a plain source", plain, `{"version":"2018-05-29","operation":"Sync"}`, "Unsupported operation 'Sync'."},
		{"Sync of 2017-02-28", versioned, `{"version":"2017-02-28","operation":"Sync"}`, "Unsupported operation 'Sync'."},
		{"unknown Lambda operation", document.SourceLambda, `{"version":"2018-05-29","operation":"Nope"}`, "Unsupported operation 'Nope'."},
		// Recorded in aws-amplify/amplify-js#6021.
		{"batch on a versioned source", versioned, `{"version":"2018-05-29","operation":"BatchPutItem"}`,
			"Unsupported operation 'BatchPutItem'. Datasource Versioning only supports the following operations (TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync)"},

		// AppSync's wording of these is not known; they follow the style above.
		{"unknown version", plain, `{"version":"2016-01-01","operation":"Scan"}`, "Unsupported value '2016-01-01' for field '$[version]'. Supported values are (2017-02-28,2018-05-29)."},
		{"version of another type", plain, `{"version":1,"operation":"Scan"}`, "Expected JSON string for field '$[version]' but got a 'NUMBER' instead."},
		{"key of another type", plain, get + `"1"}`, "Expected JSON object for field '$[key]' but got a 'STRING' instead."},
		{"limit of another type", plain, `{"version":"2018-05-29","operation":"Scan","limit":"10"}`, "Expected JSON integer for field '$[limit]' but got a 'STRING' instead."},
		{"fractional limit", plain, `{"version":"2018-05-29","operation":"Scan","limit":1.5}`, "Expected JSON integer for field '$[limit]' but got a 'NUMBER' instead."},
		{"flag of another type", plain, get + `{},"consistentRead":"yes"}`, "Expected JSON boolean for field '$[consistentRead]' but got a 'STRING' instead."},
		{"name of another type", plain, `{"version":"2018-05-29","operation":"Query","query":{"expression":"a","expressionNames":{"#a":1}}}`, "Expected JSON string for field '$[query][expressionNames][#a]' but got a 'NUMBER' instead."},
		{"equalsIgnore of another type", plain, put + `"condition":{"expression":"a","equalsIgnore":[1]}}`, "Expected JSON string for field '$[condition][equalsIgnore][0]' but got a 'NUMBER' instead."},
		{"unknown select", plain, `{"version":"2018-05-29","operation":"Scan","select":"COUNT"}`, "Unsupported value 'COUNT' for field '$[select]'. Supported values are (ALL_ATTRIBUTES,ALL_PROJECTED_ATTRIBUTES,SPECIFIC_ATTRIBUTES)."},
		{"unknown strategy", plain, put + `"condition":{"expression":"a","conditionalCheckFailedHandler":{"strategy":"X"}}}`, "Unsupported value 'X' for field '$[condition][conditionalCheckFailedHandler][strategy]'. Supported values are (Reject,Custom)."},
		{"untyped value", plain, get + `{"id":"1"}}`, "Expected JSON object for attribute value '$[key][id]' but got a 'STRING' instead."},
		{"null value", plain, get + `{"id":null}}`, "Expected JSON object for attribute value '$[key][id]' but got a 'NULL' instead."},
		{"no type", plain, get + `{"id":{}}}`, "Expected exactly one type (S, N, B, BOOL, NULL, SS, NS, BS, L or M) for attribute value '$[key][id]' but got 0."},
		{"two types", plain, get + `{"id":{"S":"1","N":"1"}}}`, "Expected exactly one type (S, N, B, BOOL, NULL, SS, NS, BS, L or M) for attribute value '$[key][id]' but got 2."},
		{"S of a number", plain, get + `{"id":{"S":1}}}`, "Expected JSON string for attribute value '$[key][id][S]' but got a 'NUMBER' instead."},
		{"S of null", plain, get + `{"id":{"S":null}}}`, "Expected JSON string for attribute value '$[key][id][S]' but got a 'NULL' instead."},
		{"N of a list", plain, get + `{"id":{"N":[]}}}`, "Expected JSON number or string for attribute value '$[key][id][N]' but got a 'ARRAY' instead."},
		{"BOOL of text", plain, get + `{"id":{"BOOL":"true"}}}`, "Expected JSON boolean for attribute value '$[key][id][BOOL]' but got a 'STRING' instead."},
		{"NULL of false", plain, get + `{"id":{"NULL":false}}}`, "Expected JSON null or true for attribute value '$[key][id][NULL]' but got a 'BOOLEAN' instead."},
		{"B of no base64", plain, get + `{"id":{"B":"!"}}}`, "The value of '$[key][id][B]' is not valid Base64."},
		{"SS of a number", plain, get + `{"id":{"SS":["a",1]}}}`, "Expected JSON string for attribute value '$[key][id][SS][1]' but got a 'NUMBER' instead."},
		{"L of a map", plain, get + `{"id":{"L":{}}}}`, "Expected JSON array for attribute value '$[key][id][L]' but got a 'OBJECT' instead."},
		{"M of a list", plain, get + `{"id":{"M":[]}}}`, "Expected JSON object for attribute value '$[key][id][M]' but got a 'ARRAY' instead."},
		{"deep inside", plain, get + `{"id":{"M":{"a":{"L":[{"S":"x"},{"S":1}]}}}}}`, "Expected JSON string for attribute value '$[key][id][M][a][L][1][S]' but got a 'NUMBER' instead."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := document.Decode(parse(t, c.text), c.source)
			var refusal *document.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("error = %v (%T), want an *Error", err, err)
			}
			if refusal.Message != c.want {
				t.Errorf("message\n %s, want\n %s", refusal.Message, c.want)
			}
		})
	}
}

// kindsOfJSON are values of each JSON type, named as the messages name it.
var kindsOfJSON = []struct{ kind, text string }{
	{"NULL", `null`}, {"BOOLEAN", `true`}, {"NUMBER", `7`}, {"STRING", `"x"`}, {"ARRAY", `[]`}, {"OBJECT", `{}`},
}

// Every field of every operation takes one JSON type; null counts as absent,
// since templates write "nextToken": $util.toJson($ctx.args.nextToken). The
// form of the messages is that of the recorded ones, their words are ours.
func TestDecodeRefusesOtherTypesInEachField(t *testing.T) {
	const (
		plain     = document.SourceDynamoDB
		versioned = document.SourceVersionedDynamoDB
		key       = `"key":{"id":{"S":"1"}}`
		update    = `"update":{"expression":"a"}`
		query     = `"query":{"expression":"a"}`
	)
	type field struct {
		path, want string
		// before and after surround the value.
		before, after string
	}
	top := func(name, want string) field { return field{"$[" + name + "]", want, `"` + name + `":`, ``} }
	in := func(outer, name, want, rest string) field {
		return field{"$[" + outer + "][" + name + "]", want, `"` + outer + `":{"` + name + `":`, rest + `}`}
	}
	expression := func(name string) []field {
		return []field{
			top(name, "object"), in(name, "expression", "string", ``),
			in(name, "expressionNames", "object", `,"expression":"a"`), in(name, "expressionValues", "object", `,"expression":"a"`),
			{"$[" + name + "][expressionNames][#a]", "string", `"` + name + `":{"expression":"a","expressionNames":{"#a":`, `}}`},
		}
	}
	projection := []field{top("projection", "object"), in("projection", "expression", "string", ``), in("projection", "expressionNames", "object", `,"expression":"a"`)}
	handler := `"condition":{"expression":"a","conditionalCheckFailedHandler":{`
	condition := append(expression("condition"),
		in("condition", "equalsIgnore", "array", `,"expression":"a"`), in("condition", "consistentRead", "boolean", `,"expression":"a"`),
		in("condition", "conditionalCheckFailedHandler", "object", `,"expression":"a"`),
		field{"$[condition][conditionalCheckFailedHandler][strategy]", "string", handler + `"strategy":`, `}}`},
		field{"$[condition][conditionalCheckFailedHandler][lambdaArn]", "string", handler + `"strategy":"Custom","lambdaArn":`, `}}`},
	)
	write := append(slices.Clone(condition), top("_version", "integer"), top("customPartitionKey", "string"), top("populateIndexFields", "boolean"))
	page := append(expression("filter"), projection...)
	page = append(page, top("index", "string"), top("limit", "integer"), top("nextToken", "string"), top("consistentRead", "boolean"), top("select", "string"))
	for _, op := range []struct {
		name   string
		source document.SourceKind
		needs  []string
		fields []field
	}{
		{"GetItem", plain, []string{key}, append(slices.Clone(projection), top("key", "object"), top("consistentRead", "boolean"))},
		{"PutItem", versioned, []string{key}, append(slices.Clone(write), top("key", "object"), top("attributeValues", "object"))},
		{"UpdateItem", versioned, []string{key, update}, append(append(slices.Clone(write), top("key", "object")), expression("update")...)},
		{"DeleteItem", versioned, []string{key}, append(slices.Clone(write), top("key", "object"))},
		{"Query", plain, []string{query}, append(append(slices.Clone(page), top("scanIndexForward", "boolean")), expression("query")...)},
		{"Scan", plain, nil, append(slices.Clone(page), top("segment", "integer"), top("totalSegments", "integer"))},
		{"Sync", versioned, nil, append(append(expression("filter"), expression("query")...),
			top("limit", "integer"), top("nextToken", "string"), top("lastSync", "integer"), top("basePartitionKey", "string"),
			top("deltaIndexName", "string"), top("index", "string"), top("scanIndexForward", "boolean"))},
	} {
		for _, f := range op.fields {
			for _, v := range kindsOfJSON {
				text := `{"version":"2018-05-29","operation":"` + op.name + `"`
				name, _, _ := strings.Cut(f.before, ":")
				for _, need := range op.needs {
					if !strings.HasPrefix(need, name+":") {
						text += "," + need
					}
				}
				text += "," + f.before + v.text + f.after + "}"
				_, err := document.Decode(parse(t, text), op.source)
				got := ""
				if err != nil {
					got = err.Error()
				}
				leaf := f.path[strings.LastIndexByte(f.path, '[')+1 : len(f.path)-1]
				switch want := "Expected JSON " + f.want + " for field '" + f.path + "' but got a '" + v.kind + "' instead."; {
				case v.kind == "NULL" && leaf == "#a":
					if got != want {
						t.Errorf("%s\n got %q\nwant %q", text, got, want)
					}
				case v.kind == "NULL" || strings.EqualFold(v.kind, f.want) || f.want == "integer" && v.kind == "NUMBER":
					if strings.HasPrefix(got, "Expected JSON "+f.want) {
						t.Errorf("%s: %s", text, got)
					}
				case got != want:
					t.Errorf("%s\n got %q\nwant %q", text, got, want)
				}
			}
		}
	}
}

// The same for the operation and the version, which every document has.
func TestDecodeRefusesOtherTypesOfOperationAndVersion(t *testing.T) {
	for _, v := range kindsOfJSON {
		for name, text := range map[string]string{
			"operation": `{"version":"2018-05-29","operation":` + v.text + `}`,
			"version":   `{"version":` + v.text + `,"operation":"Scan"}`,
		} {
			want := "Expected JSON string for field '$[" + name + "]' but got a '" + v.kind + "' instead."
			switch {
			case v.kind == "NULL":
				want = "Value for field '$[" + name + "]' not found."
			case v.kind == "STRING" && name == "version":
				want = "Unsupported value 'x' for field '$[version]'. Supported values are (2017-02-28,2018-05-29)."
			case v.kind == "STRING":
				want = "Unsupported operation 'x'."
			}
			if _, err := document.Decode(parse(t, text), document.SourceDynamoDB); err == nil || err.Error() != want {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// Typed values: each type takes JSON types of its own; null is no value.
func TestDecodeRefusesOtherTypesInEachTypedValue(t *testing.T) {
	takes := map[string]struct{ want, kinds string }{
		"S": {"string", "STRING"}, "N": {"number or string", "NUMBER STRING"}, "B": {"string", "STRING"}, "BOOL": {"boolean", "BOOLEAN"},
		"NULL": {"null or true", "NULL BOOLEAN"}, "SS": {"array", "ARRAY"}, "NS": {"array", "ARRAY"}, "BS": {"array", "ARRAY"}, "L": {"array", "ARRAY"}, "M": {"object", "OBJECT"},
	}
	elements := map[string]struct{ want, kinds string }{
		"SS": {"string", "STRING"}, "NS": {"number or string", "NUMBER STRING"}, "BS": {"string", "STRING"}, "L": {"object", "OBJECT"},
	}
	check := func(path, typed, want, kinds, kind string) {
		t.Helper()
		text := `{"version":"2018-05-29","operation":"Scan","filter":{"expression":"a","expressionValues":{":a":` + typed + `}}}`
		_, err := document.Decode(parse(t, text), document.SourceDynamoDB)
		message := "Expected JSON " + want + " for attribute value '$[filter][expressionValues][:a]" + path + "' but got a '" + kind + "' instead."
		var refusal *document.Error
		switch taken := slices.Contains(strings.Fields(kinds), kind); {
		case taken && errors.As(err, &refusal) && strings.HasPrefix(refusal.Message, "Expected JSON "+want):
			t.Errorf("%s: %v", text, err)
		case !taken && (err == nil || err.Error() != message):
			t.Errorf("%s\n got %v\nwant %s", text, err, message)
		}
	}
	for _, v := range kindsOfJSON {
		check("", v.text, "object", "OBJECT", v.kind)
		for kind, c := range takes {
			check("["+kind+"]", `{"`+kind+`":`+v.text+`}`, c.want, c.kinds, v.kind)
		}
		for kind, c := range elements {
			check("["+kind+"][0]", `{"`+kind+`":[`+v.text+`]}`, c.want, c.kinds, v.kind)
		}
	}
}

// DynamoDB itself refuses these; the texts are its own (mhart/dynalite).
func TestDecodePassesOnWhatDynamoDBRefuses(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{`{"N":"x"}`, "The parameter cannot be converted to a numeric value: x"},
		{`{"SS":[]}`, "One or more parameter values were invalid: An string set  may not be empty"},
		{`{"NS":[1,1.0]}`, "Input collection contains duplicates"},
		{`{"N":1e300}`, "Number overflow. Attempting to store a number with magnitude larger than supported range"},
	} {
		_, err := document.Decode(parse(t, `{"version":"2018-05-29","operation":"GetItem","key":{"id":`+c.typed+`}}`), document.SourceDynamoDB)
		var refusal *attribute.ValueError
		if !errors.As(err, &refusal) || refusal.Message != c.want {
			t.Errorf("%s: error %v (%T)", c.typed, err, err)
		}
	}
}

func TestDecodeKnowsOperationsThatTheEmulatorDoesNotRun(t *testing.T) {
	for _, c := range []struct {
		source document.SourceKind
		text   string
		want   string
	}{
		{document.SourceLambda, `{"version":"2018-05-29","operation":"Invoke"}`, "Invoke"},
		{document.SourceLambda, `{"version":"2018-05-29","operation":"BatchInvoke"}`, "BatchInvoke"},
		{document.SourceHTTP, `{"version":"2018-05-29","method":"PATCH","resourcePath":"/"}`, "PATCH"},
		{document.SourceOpenSearch, `{"version":"2018-05-29","operation":"HEAD","path":"/"}`, "HEAD"},
		{document.SourceEventBridge, `{"version":"2018-05-29","operation":"PutEvents"}`, "PutEvents"},
		{document.SourceRDS, `{"version":"2018-05-29","statements":["select 1"]}`, "ExecuteStatement"},
	} {
		_, err := document.Decode(parse(t, c.text), c.source)
		var refusal *document.NotSupportedError
		if !errors.As(err, &refusal) || refusal.Operation != c.want {
			t.Errorf("%s: error %v", c.text, err)
		} else if err.Error() != "The operation '"+c.want+"' is not supported by the emulator yet." {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

func TestDecodeLeavesTheDocumentAlone(t *testing.T) {
	const text = `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"a":{"L":[{"N":1}]}}}`
	m := parse(t, text)
	if _, err := document.Decode(m, document.SourceDynamoDB); err != nil {
		t.Fatal(err)
	}
	if got := value.JSON(m); got != text {
		t.Errorf("the document became %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"a":{"L":[{"N":1}]},"s":{"NS":[1,"2"]}},"condition":{"expression":"a"}}`,
		`{"version":"2018-05-29","operation":"Query","query":{"expression":"a","expressionValues":{":a":{"B":"AA=="}}},"limit":1e300}`,
		`{"version":"2017-02-28","operation":"Scan","segment":0,"totalSegments":2}`,
		`{"version":"2018-05-29","payload":[null,{"a":{}}]}`,
		`{"version":"2018-05-29","operation":"BatchGetItem","tables":{"t":{"keys":[{"id":{"S":"1"}}],"projection":{"expression":"a"}},"u":[{"id":{"N":1}}]}}`,
		`{"version":"2018-05-29","operation":"BatchPutItem","tables":{"t":[{"id":{"S":"1"}}]}}`,
		`{"version":"2018-05-29","operation":"TransactGetItems","transactItems":[{"table":"t","key":{"id":{"S":"1"}}}]}`,
		`{"version":"2018-05-29","operation":"TransactWriteItems","transactItems":[{"table":"t","operation":"ConditionCheck","key":{"id":{"S":"1"}},"condition":{"expression":"a","returnValuesOnConditionCheckFailure":false}}]}`,
	} {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, source uint8) {
		v, err := value.ParseLenientJSON(text)
		if err != nil {
			return
		}
		m, ok := v.(*value.Map)
		if !ok {
			return
		}
		before := value.JSON(m)
		d, err := document.Decode(m, document.SourceKind(source%10))
		if (d == nil) == (err == nil) {
			t.Fatalf("%s: document %v, error %v", text, d, err)
		}
		if after := value.JSON(m); after != before {
			t.Fatalf("the document changed from %s to %s", before, after)
		}
		if put, ok := d.(*document.PutItem); ok {
			// What was decoded converts to what templates see, and back to JSON.
			value.JSON(document.FromItem(put.Attributes))
		}
	})
}

func BenchmarkDecodePutItem(b *testing.B) {
	m := parse(b, `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},
		"attributeValues":{"title":{"S":"A title"},"n":{"N":12},"done":{"BOOL":false},"createdAt":{"S":"2024"},"tags":{"L":[{"S":"a"},{"S":"b"}]}},
		"condition":{"expression":"attribute_not_exists(#id)","expressionNames":{"#id":"id"}}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := document.Decode(m, document.SourceDynamoDB); err != nil {
			b.Fatal(err)
		}
	}
}
