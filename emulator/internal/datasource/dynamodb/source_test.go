package dynamodb_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
)

const stored = `{"id":{"S":"1"},"title":{"S":"old"},"ups":{"N":"1"},"at":{"S":"t1"}}`

// The results of the operations are those of the pages
// aws-appsync-resolver-mapping-template-reference-dynamodb-{getitem,putitem,updateitem,deleteitem}
// of the AppSync developer guide.
func TestResults(t *testing.T) {
	for _, c := range []struct{ name, document, want string }{
		{"GetItem answers the item", `{"operation":"GetItem","key":{"id":{"S":"1"}}}`, `{"id":"1","title":"old","ups":1,"at":"t1"}`},
		{"GetItem answers null", `{"operation":"GetItem","key":{"id":{"S":"none"}}}`, `null`},
		{"GetItem reads consistently", `{"operation":"GetItem","key":{"id":{"S":"1"}},"consistentRead":true}`, `{"id":"1","title":"old","ups":1,"at":"t1"}`},
		{"GetItem projects", `{"operation":"GetItem","key":{"id":{"S":"1"}},"projection":{"expression":"#t, ups","expressionNames":{"#t":"title"}}}`, `{"title":"old","ups":1}`},
		{"GetItem projects what is not there", `{"operation":"GetItem","key":{"id":{"S":"1"}},"projection":{"expression":"nothing"}}`, `{}`},
		{"PutItem answers what was written", `{"operation":"PutItem","key":{"id":{"S":"2"}},"attributeValues":{"title":{"S":"new"}}}`, `{"title":"new","id":"2"}`},
		{"PutItem without attributes writes the key", `{"operation":"PutItem","key":{"id":{"S":"2"}}}`, `{"id":"2"}`},
		{"PutItem replaces the whole item", `{"operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"title":{"S":"new"}}}`, `{"title":"new","id":"1"}`},
		{"PutItem prefers the key", `{"operation":"PutItem","key":{"id":{"S":"2"}},"attributeValues":{"id":{"S":"3"}}}`, `{"id":"2"}`},
		{"UpdateItem answers all attributes", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET ups = ups + :one REMOVE #t","expressionNames":{"#t":"at"},"expressionValues":{":one":{"N":1}}}}`,
			`{"id":"1","title":"old","ups":2}`},
		{"UpdateItem creates", `{"operation":"UpdateItem","key":{"id":{"S":"2"}},"update":{"expression":"SET ups = :one","expressionValues":{":one":{"N":1}}}}`, `{"id":"2","ups":1}`},
		{"UpdateItem removes from nothing", `{"operation":"UpdateItem","key":{"id":{"S":"2"}},"update":{"expression":"REMOVE title"}}`, `{"id":"2"}`},
		{"DeleteItem answers the old item", `{"operation":"DeleteItem","key":{"id":{"S":"1"}}}`, `{"id":"1","title":"old","ups":1,"at":"t1"}`},
		{"DeleteItem of nothing answers null", `{"operation":"DeleteItem","key":{"id":{"S":"none"}}}`, `null`},
		{"Scan", `{"operation":"Scan"}`, `{"items":[{"id":"1","title":"old","ups":1,"at":"t1"}],"nextToken":null,"scannedCount":1}`},
		{"Query", `{"operation":"Query","query":{"expression":"id = :id","expressionValues":{":id":{"S":"1"}}}}`,
			`{"items":[{"id":"1","title":"old","ups":1,"at":"t1"}],"nextToken":null,"scannedCount":1}`},
		{"Query of nothing", `{"operation":"Query","query":{"expression":"id = :id","expressionValues":{":id":{"S":"none"}}}}`,
			`{"items":[],"nextToken":null,"scannedCount":0}`},
		{"explicit nulls are absent", `{"operation":"Scan","filter":null,"limit":null,"nextToken":null,"index":null,"select":null,"projection":null,"segment":null,"totalSegments":null}`,
			`{"items":[{"id":"1","title":"old","ups":1,"at":"t1"}],"nextToken":null,"scannedCount":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			fill(t, store, "posts", stored)
			if diff := cmp.Diff(sortKeys(t, c.want), answer(t, newSource(t, store, "posts"), c.document)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const failed = `DynamoDB:ConditionalCheckFailedException: The conditional request failed` + suffix

// AppSync developer guide,
// aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions:
// a PutItem succeeds when the stored item equals the one to be written but for
// equalsIgnore, a DeleteItem when there is none, an UpdateItem never. The
// current item comes with the error.
func TestConditions(t *testing.T) {
	const current = `{"id":"1","title":"old","ups":1,"at":"t1"}`
	put := func(id, attributes, condition string) string {
		return `{"operation":"PutItem","key":{"id":{"S":"` + id + `"}},"attributeValues":` + attributes + `,"condition":` + condition + `}`
	}
	const same = `{"title":{"S":"old"},"ups":{"N":"1.0"},"at":{"S":"t1"}}`
	const later = `{"title":{"S":"old"},"ups":{"N":1},"at":{"S":"t2"}}`
	const absent = `"expression":"attribute_not_exists(id)"`
	for _, c := range []struct{ name, document, want, left string }{
		{"PutItem whose condition holds", put("2", same, `{`+absent+`}`), `{"title":"old","ups":1,"at":"t1","id":"2"}`, current},
		{"PutItem of the same item", put("1", same, `{`+absent+`}`), current, current},
		{"PutItem of the same item, Custom", put("1", same, `{`+absent+`,"conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"arn:aws:lambda:us-east-1:1:function:f"}}`), current, current},
		{"PutItem of another item", put("1", later, `{`+absent+`}`), failed + ` => ` + current, current},
		{"PutItem that differs in what is ignored", put("1", later, `{`+absent+`,"equalsIgnore":["at"]}`), current, current},
		{"PutItem that differs in more", put("1", `{"title":{"S":"x"},"ups":{"N":1},"at":{"S":"t2"}}`, `{`+absent+`,"equalsIgnore":["at"]}`), failed + ` => ` + current, current},
		{"PutItem that lacks what is ignored", put("1", `{"title":{"S":"old"},"ups":{"N":1}}`, `{`+absent+`,"equalsIgnore":["at","never"]}`), current, current},
		{"PutItem where there is nothing", put("2", same, `{"expression":"attribute_exists(id)"}`), failed + ` => null`, current},
		{"PutItem with Reject", put("1", later, `{`+absent+`,"conditionalCheckFailedHandler":{"strategy":"Reject"}}`), failed + ` => ` + current, current},
		{"PutItem with consistentRead", put("1", later, `{`+absent+`,"consistentRead":false}`), failed + ` => ` + current, current},
		{"UpdateItem that changes nothing", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET ups = :one","expressionValues":{":one":{"N":1}}},"condition":{"expression":"ups > :one"}}`,
			failed + ` => ` + current, current},
		{"UpdateItem of nothing", `{"operation":"UpdateItem","key":{"id":{"S":"2"}},"update":{"expression":"SET ups = :one","expressionValues":{":one":{"N":1}}},"condition":{"expression":"attribute_exists(id)"}}`,
			failed + ` => null`, current},
		{"DeleteItem", `{"operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":"ups = :n","expressionValues":{":n":{"N":2}}}}`, failed + ` => ` + current, current},
		{"DeleteItem whose condition holds", `{"operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":"ups = :n","expressionValues":{":n":{"N":1}}}}`, current, `null`},
		{"DeleteItem of nothing", `{"operation":"DeleteItem","key":{"id":{"S":"2"}},"condition":{"expression":"attribute_exists(id)"}}`, `null`, current},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			fill(t, store, "posts", stored)
			s := newSource(t, store, "posts")
			got, want := "", ""
			if item, fails := strings.CutPrefix(c.want, failed+" => "); fails {
				got, want = refusal(t, s, c.document), failed+" => "+sortKeys(t, item)
			} else {
				got, want = answer(t, s, c.document), sortKeys(t, c.want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(sortKeys(t, c.left), answer(t, s, `{"operation":"GetItem","key":{"id":{"S":"1"}}}`)); diff != "" {
				t.Errorf("item 1 afterwards: %s", diff)
			}
		})
	}
}

func failure(message string) string {
	return `DynamoDB:DynamoDbException: ` + message + suffix + ` => null`
}

// The messages are DynamoDB's; the errorType is that of
// aws-amplify/amplify-cli#5589. Empty maps go on to DynamoDB, as recorded there.
func TestRefusals(t *testing.T) {
	const query = `"query":{"expression":"id = :id","expressionValues":{":id":{"S":"1"}}}`
	for _, c := range []struct{ name, document, want string }{
		{"a key that does not fit", `{"operation":"GetItem","key":{"other":{"S":"1"}}}`, "The provided key element does not match the schema"},
		{"a key of another type", `{"operation":"GetItem","key":{"id":{"N":1}}}`, "The provided key element does not match the schema"},
		{"PutItem without the table's key", `{"operation":"PutItem","key":{"other":{"S":"1"}}}`, "One or more parameter values were invalid: Missing the key id in the item"},
		{"an empty set", `{"operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"s":{"SS":[]}}}`, "One or more parameter values were invalid: An string set  may not be empty"},
		{"a number that is none", `{"operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"n":{"N":"x"}}}`, "The parameter cannot be converted to a numeric value: x"},
		{"empty values of a filter", `{"operation":"Scan","filter":{"expression":"attribute_exists(title)","expressionValues":{}}}`, "ExpressionAttributeValues must not be empty"},
		{"empty names of a filter", `{"operation":"Scan","filter":{"expression":"attribute_exists(title)","expressionNames":{}}}`, "ExpressionAttributeNames must not be empty"},
		{"empty names of a projection", `{"operation":"GetItem","key":{"id":{"S":"1"}},"projection":{"expression":"title","expressionNames":{}}}`, "ExpressionAttributeNames must not be empty"},
		{"empty values of an update", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"REMOVE title","expressionValues":{}}}`, "ExpressionAttributeValues must not be empty"},
		{"empty values of a condition", `{"operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":"attribute_exists(id)","expressionValues":{}}}`, "ExpressionAttributeValues must not be empty"},
		{"an empty filter", `{"operation":"Query",` + query + `,"filter":{"expression":"","expressionNames":{},"expressionValues":{}}}`, "ExpressionAttributeNames must not be empty"},
		{"an empty filter without placeholders", `{"operation":"Query",` + query + `,"filter":{"expression":""}}`, "Invalid FilterExpression: The expression can not be empty;"},
		{"an empty filter of a scan", `{"operation":"Scan","filter":{"expression":""}}`, "Invalid FilterExpression: The expression can not be empty;"},
		{"an empty projection", `{"operation":"GetItem","key":{"id":{"S":"1"}},"projection":{"expression":""}}`, "Invalid ProjectionExpression: The expression can not be empty;"},
		{"an empty condition", `{"operation":"PutItem","key":{"id":{"S":"1"}},"condition":{"expression":""}}`, "Invalid ConditionExpression: The expression can not be empty;"},
		{"an empty condition of a delete", `{"operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":""}}`, "Invalid ConditionExpression: The expression can not be empty;"},
		{"an empty update", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":""}}`, "Invalid UpdateExpression: The expression can not be empty;"},
		{"an empty key condition", `{"operation":"Query","query":{"expression":""}}`, "Invalid KeyConditionExpression: The expression can not be empty;"},
		{"a placeholder that is not used", `{"operation":"Scan","filter":{"expression":"title = :t","expressionValues":{":t":{"S":"x"},":u":{"S":"y"}}}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}"},
		{"an update of the key", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET id = :v","expressionValues":{":v":{"S":"2"}}}}`,
			"One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"},
		{"limit 0", `{"operation":"Scan","limit":0}`, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a negative limit", `{"operation":"Query",` + query + `,"limit":-3}`, "1 validation error detected: Value '-3' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"no segments", `{"operation":"Scan","segment":0,"totalSegments":0}`, "1 validation error detected: Value '0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"too many segments", `{"operation":"Scan","segment":0,"totalSegments":1000001}`, "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000"},
		{"a negative segment", `{"operation":"Scan","segment":-1,"totalSegments":2}`, "1 validation error detected: Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"a segment that is none of them", `{"operation":"Scan","segment":2,"totalSegments":2}`, "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2"},
		{"an index that is not there", `{"operation":"Scan","index":"nope"}`, "The table does not have the specified index: nope"},
		{"SPECIFIC_ATTRIBUTES without a projection", `{"operation":"Scan","select":"SPECIFIC_ATTRIBUTES"}`, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"},
		{"ALL_PROJECTED_ATTRIBUTES without an index", `{"operation":"Scan","select":"ALL_PROJECTED_ATTRIBUTES"}`, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"},
		{"ALL_ATTRIBUTES with a projection", `{"operation":"Scan","select":"ALL_ATTRIBUTES","projection":{"expression":"id"}}`, "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(failure(c.want), refusal(t, newSource(t, newStore(t), "posts"), c.document)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// DynamoDB developer guide, GSI.html: global secondary indexes are read
// eventually consistent only, local ones either way.
func TestConsistentReadsOfIndexes(t *testing.T) {
	store := newStore(t)
	s := newSource(t, store, "events")
	query := func(index, partition string) string {
		return `{"operation":"Query","index":"` + index + `","consistentRead":true,"query":{"expression":"` + partition + ` = :p","expressionValues":{":p":{"S":"a"}}}}`
	}
	if got, want := refusal(t, s, query("byAuthor", "author")), failure("Consistent reads are not supported on global secondary indexes"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := answer(t, s, query("byScore", "room")), `{"items":[],"nextToken":null,"scannedCount":0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheTableMustExist(t *testing.T) {
	got := refusal(t, newSource(t, newStore(t), "nope"), `{"operation":"Scan"}`)
	// The text is that of DynamoDB's ResourceNotFoundException.
	if want := "DynamoDB:ResourceNotFoundException: Requested resource not found" + suffix + " => null"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Documents that AppSync refuses itself never reach DynamoDB and are no failures
// of the data source.
func TestRefusedDocumentsAreNoFailures(t *testing.T) {
	s := newSource(t, newStore(t), "posts")
	for _, text := range []string{
		`{"operation":"GetItem"}`,
		`{"operation":"Nonsense"}`,
		`{"operation":"GetItem","key":{"id":{"S":"1"}},"condition":{"expression":"a = b"}}`,
		`{"operation":"Scan","scanIndexForward":true}`,
		`{"operation":"Scan","segment":1}`,
		`{"operation":"UpdateItem","key":{"id":{"S":"1"}}}`,
		`{"operation":"BatchGetItem","tables":{"posts":{"keys":[]}}}`,
		`{"operation":"TransactWriteItems","transactItems":[]}`,
	} {
		_, err := invoke(t, s, text)
		var refused *document.Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFailuresOfTheStorePass(t *testing.T) {
	store := newStore(t)
	s := newSource(t, store, "posts")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	doc := parse(t, `{"version":"2018-05-29","operation":"Scan"}`)
	if _, err := s.Invoke(gone, &datasource.Invocation{Document: doc}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after the end of the request", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invoke(ctx, &datasource.Invocation{Document: doc}); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("got %v from a closed store", err)
	}
}

// DynamoDB developer guide, HowItWorks.NamingRulesDataTypes, and AppSync's
// "Type system (response mapping)": sets are lists, binary values are Base64,
// numbers keep their 38 digits.
func TestValuesComeBackAsTemplatesSeeThem(t *testing.T) {
	store := newStore(t)
	const digits = "12345678901234567890123456789012345678"
	fill(t, store, "posts", `{"id":{"S":"1"},
		"null":{"NULL":true},"yes":{"BOOL":true},"text":{"S":""},"bytes":{"B":"AAECAw=="},
		"whole":{"N":"5.0"},"huge":{"N":"`+digits+`"},"negative":{"N":"-`+digits+`"},"long":{"N":"1700000000000"},"fraction":{"N":"0.1234567890123456789012345678901234567"},
		"list":{"L":[{"S":"a"},{"NULL":true},{"M":{"deep":{"L":[]}}}]},"map":{"M":{}},
		"strings":{"SS":["a","b"]},"numbers":{"NS":["1","2.50"]},"binaries":{"BS":["AA=="]}}`)
	got, err := invoke(t, newSource(t, store, "posts"), `{"operation":"GetItem","key":{"id":{"S":"1"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	m := got.(*value.Map)
	for name, want := range map[string]string{
		"null": `null`, "yes": `true`, "text": `""`, "bytes": `"AAECAw=="`,
		"whole": `5`, "huge": digits, "negative": "-" + digits, "long": `1700000000000`, "fraction": "0.1234567890123456789012345678901234567",
		"list": `["a",null,{"deep":[]}]`, "map": `{}`,
		"binaries": `["AA=="]`,
	} {
		v, ok := m.Get(name)
		if got := value.JSON(v); !ok || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string][]string{"strings": {`"a"`, `"b"`}, "numbers": {`1`, `2.5`}} {
		list, ok := m.Value(name).(*value.List)
		if !ok || list.Len() != len(want) {
			t.Errorf("%s is %s", name, value.JSON(m.Value(name)))
			continue
		}
		for _, w := range want {
			found := false
			for _, item := range list.Items {
				found = found || value.JSON(item) == w
			}
			if !found {
				t.Errorf("%s is %s and lacks %s", name, value.JSON(list), w)
			}
		}
	}
}

// AppSync developer guide, the pages about Query and Scan: limit counts what is
// evaluated, not what is returned.
func TestReads(t *testing.T) {
	store := newStore(t)
	for at := 1; at <= 5; at++ {
		n := strconv.Itoa(at)
		author := `"editor"`
		if at%2 == 0 {
			author = `"guest"`
		}
		fill(t, store, "events", `{"room":{"S":"a"},"at":{"N":"`+n+`"},"score":{"N":"`+strconv.Itoa(9-at)+`"},"author":{"S":`+author+`},"text":{"S":"t`+n+`"}}`)
	}
	s := newSource(t, store, "events")
	const room = `"operation":"Query","query":{"expression":"room = :r","expressionValues":{":r":{"S":"a"}}}`
	const editor = `"filter":{"expression":"#a = :a","expressionNames":{"#a":"author"},"expressionValues":{":a":{"S":"editor"}}}`
	const at = `"projection":{"expression":"#at","expressionNames":{"#at":"at"}}`
	for _, c := range []struct {
		name, document, items string
		scanned               int
		more                  bool
	}{
		{"in key order", `{` + room + `,` + at + `}`, `[{"at":1},{"at":2},{"at":3},{"at":4},{"at":5}]`, 5, false},
		{"backwards", `{` + room + `,"scanIndexForward":false,` + at + `}`, `[{"at":5},{"at":4},{"at":3},{"at":2},{"at":1}]`, 5, false},
		{"a filter drops after counting", `{` + room + `,` + editor + `,` + at + `}`, `[{"at":1},{"at":3},{"at":5}]`, 5, false},
		{"limit comes before the filter", `{` + room + `,"limit":2,` + editor + `,` + at + `}`, `[{"at":1}]`, 2, true},
		{"a limit that nothing passes", `{` + room + `,"limit":1,"filter":{"expression":"score < :z","expressionValues":{":z":{"N":0}}},` + at + `}`, `[]`, 1, true},
		{"limit of all there is", `{` + room + `,"limit":5,` + at + `}`, `[{"at":1},{"at":2},{"at":3},{"at":4},{"at":5}]`, 5, true},
		{"limit beyond what there is", `{` + room + `,"limit":6,` + at + `}`, `[{"at":1},{"at":2},{"at":3},{"at":4},{"at":5}]`, 5, false},
		{"an enormous limit", `{` + room + `,"limit":99999999999,` + at + `}`, `[{"at":1},{"at":2},{"at":3},{"at":4},{"at":5}]`, 5, false},
		{"a sort key condition", `{"operation":"Query","query":{"expression":"room = :r AND #at BETWEEN :lo AND :hi","expressionNames":{"#at":"at"},"expressionValues":{":r":{"S":"a"},":lo":{"N":2},":hi":{"N":3}}},` + at + `}`,
			`[{"at":2},{"at":3}]`, 2, false},
		{"a local index", `{` + room + `,"index":"byScore",` + at + `}`, `[{"at":5},{"at":4},{"at":3},{"at":2},{"at":1}]`, 5, false},
		{"a global index gives what it projects", `{"operation":"Query","index":"byAuthor","query":{"expression":"author = :b","expressionValues":{":b":{"S":"guest"}}}}`,
			`[{"at":2,"author":"guest","room":"a"},{"at":4,"author":"guest","room":"a"}]`, 2, false},
		{"ALL_PROJECTED_ATTRIBUTES", `{"operation":"Query","index":"byAuthor","select":"ALL_PROJECTED_ATTRIBUTES","limit":1,"query":{"expression":"author = :b","expressionValues":{":b":{"S":"guest"}}}}`,
			`[{"at":2,"author":"guest","room":"a"}]`, 1, true},
		{"SPECIFIC_ATTRIBUTES", `{` + room + `,"select":"SPECIFIC_ATTRIBUTES","limit":1,` + at + `}`, `[{"at":1}]`, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := invoke(t, s, c.document)
			if err != nil {
				t.Fatal(err)
			}
			m := v.(*value.Map)
			if diff := cmp.Diff(sortKeys(t, c.items), sortKeys(t, value.JSON(m.Value("items")))); diff != "" {
				t.Error(diff)
			}
			if got := m.Value("scannedCount"); got != int32(c.scanned) {
				t.Errorf("scannedCount is %v, want %d", got, c.scanned)
			}
			if token, more := m.Value("nextToken").(string); more != c.more || more && token == "" {
				t.Errorf("nextToken is %v", m.Value("nextToken"))
			}
		})
	}
}

func TestPagesCoverATable(t *testing.T) {
	store := newStore(t)
	want := map[string]bool{}
	for i := range 25 {
		id := "p" + strconv.Itoa(i)
		want[id] = true
		fill(t, store, "posts", `{"id":{"S":"`+id+`"}}`)
	}
	s := newSource(t, store, "posts")
	segment := func(fields string) map[string]bool {
		seen := map[string]bool{}
		token := "null"
		for range 30 {
			v, err := invoke(t, s, `{"operation":"Scan","limit":4,"nextToken":`+token+fields+`}`)
			if err != nil {
				t.Fatal(err)
			}
			m := v.(*value.Map)
			for _, item := range m.Value("items").(*value.List).Items {
				id := item.(*value.Map).Value("id").(string)
				if seen[id] {
					t.Errorf("%s came twice", id)
				}
				seen[id] = true
			}
			if m.Value("nextToken") == nil {
				return seen
			}
			token = value.JSON(m.Value("nextToken"))
		}
		t.Fatal("the pages do not end")
		return nil
	}
	if diff := cmp.Diff(want, segment("")); diff != "" {
		t.Error(diff)
	}
	all := map[string]bool{}
	for i := range 3 {
		for id := range segment(`,"totalSegments":3,"segment":` + strconv.Itoa(i)) {
			if all[id] {
				t.Errorf("%s is in two segments", id)
			}
			all[id] = true
		}
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("segments: %s", diff)
	}
}

// The placeholders of one document are those of one request: Amplify's update
// and condition repeat each other's names.
func TestPlaceholdersAreMerged(t *testing.T) {
	store := newStore(t)
	fill(t, store, "posts", stored)
	s := newSource(t, store, "posts")
	for _, c := range []struct{ name, document, want string }{
		{"update and condition", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},
			"update":{"expression":"SET #t = :t","expressionNames":{"#t":"title"},"expressionValues":{":t":{"S":"new"}}},
			"condition":{"expression":"#u = :u AND #t = :t2","expressionNames":{"#u":"ups","#t":"title"},"expressionValues":{":u":{"N":1},":t2":{"S":"old"}}}}`,
			`{"id":"1","title":"new","ups":1,"at":"t1"}`},
		{"query, filter and projection", `{"operation":"Query",
			"query":{"expression":"#i = :i","expressionNames":{"#i":"id"},"expressionValues":{":i":{"S":"1"}}},
			"filter":{"expression":"#u = :u","expressionNames":{"#u":"ups"},"expressionValues":{":u":{"N":1}}},
			"projection":{"expression":"#i, #u","expressionNames":{"#i":"id","#u":"ups"}}}`,
			`{"items":[{"id":"1","ups":1}],"nextToken":null,"scannedCount":1}`},
		{"empty names beside others", `{"operation":"Query",
			"query":{"expression":"#i = :i","expressionNames":{"#i":"id"},"expressionValues":{":i":{"S":"1"}}},
			"filter":{"expression":"attribute_exists(ups)","expressionNames":{},"expressionValues":{}}}`,
			`{"items":[{"id":"1","title":"new","ups":1,"at":"t1"}],"nextToken":null,"scannedCount":1}`},
		// Amplify's simulator, packages/amplify-appsync-simulator/src/data-loader/dynamo-db/index.ts.
		{"the update wins over the condition", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},
			"update":{"expression":"SET title = :v","expressionValues":{":v":{"S":"won"}}},
			"condition":{"expression":"title <> :v","expressionValues":{":v":{"S":"new"}}}}`,
			`{"id":"1","title":"won","ups":1,"at":"t1"}`},
		{"the key condition wins over the filter", `{"operation":"Query",
			"query":{"expression":"id = :v","expressionValues":{":v":{"S":"1"}}},
			"filter":{"expression":"title <> :v","expressionValues":{":v":{"S":"won"}}}}`,
			`{"items":[{"id":"1","title":"won","ups":1,"at":"t1"}],"nextToken":null,"scannedCount":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(sortKeys(t, c.want), answer(t, s, c.document)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Equal requests that run together do not disturb each other's documents.
func TestRequestsAreIndependent(t *testing.T) {
	store := newStore(t)
	fill(t, store, "posts", stored)
	s := newSource(t, store, "posts")
	doc := parse(t, `{"version":"2018-05-29","operation":"UpdateItem","key":{"id":{"S":"1"}},
		"update":{"expression":"ADD ups :one","expressionValues":{":one":{"N":1}}},
		"condition":{"expression":"attribute_exists(#i)","expressionNames":{"#i":"id"}}}`)
	before := value.JSON(doc)
	const n = 20
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := s.Invoke(ctx, &datasource.Invocation{Document: doc}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if after := value.JSON(doc); after != before {
		t.Errorf("the document became %s", after)
	}
	got := answer(t, s, `{"operation":"GetItem","key":{"id":{"S":"1"}},"projection":{"expression":"ups"}}`)
	if want := `{"ups":` + strconv.Itoa(n+1) + `}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
