package dynamodb_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

const handlerARN = "arn:aws:lambda:us-west-2:123456789012:function:onFailure"

// person is the item of the guide's example, with a value of each type.
const person = `{"id":{"S":"1"},"name":{"S":"Steve"},"version":{"N":"8"},"all":{"M":{
	"B":{"B":"AQI="},"BOOL":{"BOOL":true},"NULL":{"NULL":true},"L":{"L":[{"N":"1.5"},{"S":"x"}]},
	"SS":{"SS":["a"]},"NS":{"NS":["1"]},"BS":{"BS":["AQI="]}}}}`

const plainPerson = `{"id":"1","name":"Steve","version":8,"all":{"B":"AQI=","BOOL":true,"NULL":null,"L":[1.5,"x"],"SS":["a"],"NS":[1],"BS":["AQI="]}}`

// personField is the field of the guide's example.
type personField struct{}

func (personField) ParentType() string { return "Mutation" }
func (personField) Name() string       { return "updatePerson" }
func (personField) OutputType() string { return "Person" }
func (personField) Arguments() any {
	return value.MapOf("id", "1", "name", "Bob", "expectedVersion", value.Integer(1))
}
func (personField) Identity() any { return value.MapOf("user", "jeffTheAdmin") }

// people is a table with the person, whose handler answers by HTTP.
func people(t testing.TB, answer http.HandlerFunc) (storage.Store, *dynamodb.Source) {
	t.Helper()
	return peopleWithin(t, time.Minute, answer)
}

// peopleWithin is people with a handler that has so much time.
func peopleWithin(t testing.TB, timeout time.Duration, answer http.HandlerFunc) (storage.Store, *dynamodb.Source) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	client, err := lambda.New(lambda.Options{Functions: map[string]lambda.Endpoint{
		"onFailure": {URL: server.URL, Timeout: timeout, Origin: "--lambda onFailure"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	store := newStoreOf(t, keyed("People", "id"))
	fill(t, store, "People", person)
	return store, newSource(t, store, "People").WithLambda(client, "us-west-2")
}

// send sends a document for the guide's field, and returns the result as JSON or
// the error as "type: message => result".
func send(t testing.TB, s *dynamodb.Source, text string) string {
	t.Helper()
	v, err := s.Invoke(t.Context(), &datasource.Invocation{Document: parse(t, text), Scope: "Mutation.updatePerson", Field: personField{}})
	if err == nil {
		return sortKeys(t, value.JSON(v))
	}
	if refused, ok := errors.AsType[*datasource.Error](err); ok {
		return requestID.ReplaceAllString(err.Error(), suffix) + " => " + sortKeys(t, value.JSON(refused.Result))
	}
	return err.Error()
}

const handler = `"conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"` + handlerARN + `"}`

const (
	customPut = `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"1"}},
		"attributeValues":{"name":{"S":"Bob"},"version":{"N":2}},
		"condition":{"expression":"version = :expectedVersion","expressionValues":{":expectedVersion":{"N":1}},"equalsIgnore":["version"],` + handler + `}}`
	customUpdate = `{"version":"2018-05-29","operation":"UpdateItem","key":{"id":{"S":"1"}},
		"update":{"expression":"SET version = :v REMOVE #a","expressionNames":{"#a":"all"},"expressionValues":{":v":{"N":2}}},
		"condition":{"expression":"version = :expectedVersion","expressionValues":{":expectedVersion":{"N":1}},` + handler + `}}`
	customDelete = `{"version":"2018-05-29","operation":"DeleteItem","key":{"id":{"S":"1"}},
		"condition":{"expression":"version = :expectedVersion","expressionValues":{":expectedVersion":{"N":1}},` + handler + `}}`
)

// The event is that of the AppSync developer guide, page
// aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions:
// the request is without the handler, numbers of typed values are JSON numbers.
func TestHandlersAreToldOfTheFailure(t *testing.T) {
	var event, path string
	store, s := people(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		event, path = string(body), r.URL.Path
		io.WriteString(w, `{"action":"reject"}`)
	})
	send(t, s, customPut)
	want := `{
		"arguments": {"id":"1","name":"Bob","expectedVersion":1},
		"requestMapping": {
			"version": "2018-05-29", "operation": "PutItem", "key": {"id":{"S":"1"}},
			"attributeValues": {"name":{"S":"Bob"},"version":{"N":2}},
			"condition": {"expression":"version = :expectedVersion","expressionValues":{":expectedVersion":{"N":1}},"equalsIgnore":["version"]}
		},
		"currentValue": {"id":{"S":"1"},"name":{"S":"Steve"},"version":{"N":8},"all":{"M":{
			"B":{"B":"AQI="},"BOOL":{"BOOL":true},"NULL":{"NULL":true},"L":{"L":[{"N":1.5},{"S":"x"}]},
			"SS":{"SS":["a"]},"NS":{"NS":[1]},"BS":{"BS":["AQI="]}}}},
		"resolver": {"tableName":"People","awsRegion":"us-west-2","parentType":"Mutation","field":"updatePerson","outputType":"Person"},
		"identity": {"user":"jeffTheAdmin"}
	}`
	if diff := cmp.Diff(sortKeys(t, want), sortKeys(t, event)); diff != "" {
		t.Error(diff)
	}
	if path != "/2015-03-31/functions/onFailure/invocations" {
		t.Errorf("asked at %s", path)
	}

	// Of an update of nothing there is no current value.
	if _, err := store.DeleteItem(ctx, &storage.DeleteItemInput{Table: "People", Key: keyOf(t, "1")}); err != nil {
		t.Fatal(err)
	}
	if got := send(t, s, customUpdate); got != failed+" => null" {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(event, `"currentValue":null`) {
		t.Errorf("told %s", event)
	}
}

// The decisions are those of the same page: reject, discard and retry, which is
// the same operation on the same key and whose failure is Reject. What follows
// other answers is not published; documents are refused in the words of
// troubleshooting-and-common-mistakes and aws/aws-appsync-community#217.
func TestDecisionsOfHandlers(t *testing.T) {
	const rejected = failed + ` => ` + plainPerson
	const unusable = `MappingTemplate: The answer of the conditionalCheckFailedHandler onFailure cannot be used: `
	const bob = `"attributeValues":{"name":{"S":"Bob"},"version":{"N":9}}`
	const now = `"condition":{"expression":"version = :v","expressionValues":{":v":{"N":8}}}`
	const still = `"condition":{"expression":"version = :v","expressionValues":{":v":{"N":1}}}`
	for _, c := range []struct{ name, document, answer, want, left string }{
		{"PutItem, reject", customPut, `{"action":"reject"}`, rejected, plainPerson},
		{"UpdateItem, reject", customUpdate, `{"action":"reject"}`, rejected, plainPerson},
		{"DeleteItem, reject", customDelete, `{"action":"reject","more":1}`, rejected, plainPerson},
		{"PutItem, discard", customPut, `{"action":"discard"}`, plainPerson, plainPerson},
		{"UpdateItem, discard", customUpdate, `{"action":"discard"}`, plainPerson, plainPerson},
		{"DeleteItem, discard", customDelete, `{"action":"discard"}`, plainPerson, plainPerson},

		{"PutItem, retry that succeeds", customPut, `{"action":"retry","retryMapping":{` + bob + `,` + now + `}}`, `{"id":"1","name":"Bob","version":9}`, `{"id":"1","name":"Bob","version":9}`},
		{"PutItem, retry that fails", customPut, `{"action":"retry","retryMapping":{` + bob + `,` + still + `}}`, rejected, plainPerson},
		{"PutItem, retry without a condition", customPut, `{"action":"retry","retryMapping":{` + bob + `}}`, `{"id":"1","name":"Bob","version":9}`, `{"id":"1","name":"Bob","version":9}`},
		{"PutItem, retry as in the guide's structure", customPut, `{"action":"retry","retryMapping":{` + bob + `,"condition":{"equalsIgnore":["version"],"consistentRead":true}}}`, `{"id":"1","name":"Bob","version":9}`, `{"id":"1","name":"Bob","version":9}`},
		{"PutItem, retry that equals what is stored", customPut, `{"action":"retry","retryMapping":{
			"attributeValues":{"name":{"S":"Steve"}},"condition":{"expression":"attribute_not_exists(id)","equalsIgnore":["version","all"]}}}`, plainPerson, plainPerson},
		{"PutItem, retry of another key", customPut, `{"action":"retry","retryMapping":{"attributeValues":{"id":{"S":"2"}}}}`, `{"id":"1"}`, `{"id":"1"}`},
		{"UpdateItem, retry that succeeds", customUpdate, `{"action":"retry","retryMapping":{"update":{"expression":"SET version = version + :one REMOVE #a","expressionNames":{"#a":"all"},"expressionValues":{":one":{"N":1}}},` + now + `}}`,
			`{"id":"1","name":"Steve","version":9}`, `{"id":"1","name":"Steve","version":9}`},
		{"UpdateItem, retry that fails", customUpdate, `{"action":"retry","retryMapping":{"update":{"expression":"REMOVE version"},` + still + `}}`, rejected, plainPerson},
		{"UpdateItem, retry that DynamoDB refuses", customUpdate, `{"action":"retry","retryMapping":{"update":{"expression":"SET id = id"}}}`,
			`DynamoDB:DynamoDbException: One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key` + suffix + ` => null`, plainPerson},
		{"DeleteItem, retry that succeeds", customDelete, `{"action":"retry","retryMapping":{` + now + `}}`, plainPerson, `null`},
		{"DeleteItem, retry that fails", customDelete, `{"action":"retry","retryMapping":{` + still + `}}`, rejected, plainPerson},
		{"DeleteItem, retry without a condition", customDelete, `{"action":"retry","retryMapping":{}}`, plainPerson, `null`},

		{"no action", customPut, `{}`, unusable + `Value for field '$[action]' not found. => ` + plainPerson, plainPerson},
		{"an unknown action", customPut, `{"action":"RESOLVE"}`, unusable + `Unsupported value 'RESOLVE' for field '$[action]'. Supported values are (reject,discard,retry). => ` + plainPerson, plainPerson},
		{"an action that is no text", customPut, `{"action":[1]}`, unusable + `Unsupported value [1] for field '$[action]'. Supported values are (reject,discard,retry). => ` + plainPerson, plainPerson},
		{"null", customPut, `null`, unusable + `the answer is not an object => ` + plainPerson, plainPerson},
		{"a list", customPut, `[]`, unusable + `the answer is not an object => ` + plainPerson, plainPerson},
		{"retry of nothing", customDelete, `{"action":"retry"}`, unusable + `Value for field '$[retryMapping]' not found. => ` + plainPerson, plainPerson},
		{"PutItem, retry without attributes", customPut, `{"action":"retry","retryMapping":{` + now + `}}`, unusable + `Value for field '$[retryMapping][attributeValues]' not found. => ` + plainPerson, plainPerson},
		{"UpdateItem, retry without an update", customUpdate, `{"action":"retry","retryMapping":{` + bob + `}}`, unusable + `Value for field '$[retryMapping][update]' not found. => ` + plainPerson, plainPerson},
		{"UpdateItem, retry with attributes", customUpdate, `{"action":"retry","retryMapping":{"update":{"expression":"REMOVE name"},` + bob + `}}`, unusable + `Unsupported element '$[retryMapping][attributeValues]'. => ` + plainPerson, plainPerson},
		{"retry with a key", customPut, `{"action":"retry","retryMapping":{"key":{"id":{"S":"2"}},` + bob + `}}`, unusable + `Unsupported element '$[retryMapping][key]'. => ` + plainPerson, plainPerson},
		{"retry with an operation", customDelete, `{"action":"retry","retryMapping":{"operation":"PutItem"}}`, unusable + `Unsupported element '$[retryMapping][operation]'. => ` + plainPerson, plainPerson},
		{"retry with a handler", customDelete, `{"action":"retry","retryMapping":{"condition":{"expression":"attribute_exists(id)",` + handler + `}}}`,
			unusable + `Unsupported element '$[retryMapping][condition][conditionalCheckFailedHandler]'. => ` + plainPerson, plainPerson},
		{"retry with values for no expression", customDelete, `{"action":"retry","retryMapping":{"condition":{"expressionValues":{":v":{"N":8}}}}}`,
			unusable + `Value for field '$[retryMapping][condition][expression]' not found. => ` + plainPerson, plainPerson},
		{"retry with plain values", customPut, `{"action":"retry","retryMapping":{"attributeValues":{"name":"Bob"}}}`,
			unusable + `Expected JSON object for attribute value '$[retryMapping][attributeValues][name]' but got a 'STRING' instead. => ` + plainPerson, plainPerson},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			_, s := people(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				io.WriteString(w, c.answer)
			})
			want := c.want
			if text, item, ok := strings.Cut(want, " => "); ok {
				want = text + " => " + sortKeys(t, item)
			} else {
				want = sortKeys(t, want)
			}
			if diff := cmp.Diff(want, send(t, s, c.document)); diff != "" {
				t.Error(diff)
			}
			if calls != 1 {
				t.Errorf("the handler was asked %d times", calls)
			}
			if diff := cmp.Diff(sortKeys(t, c.left), answer(t, s, `{"operation":"GetItem","key":{"id":{"S":"1"}}}`)); diff != "" {
				t.Errorf("item 1 afterwards: %s", diff)
			}
		})
	}
}

var serverURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// Failures of functions are Lambda:Unhandled with their message, as recorded in
// aws/aws-appsync-community#209; of timeouts see #386.
func TestHandlersThatFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"a failed function", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			io.WriteString(w, `{"errorType":"Error","errorMessage":"boom"}`)
		}, "Lambda:Unhandled: boom => "},
		{"a function that takes too long", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			<-r.Context().Done()
		}, "Lambda:ExecutionTimeoutException: Execution timed out. => "},
		{"a throttled function", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"message":"Rate Exceeded."}`)
		}, "Lambda:TooManyRequestsException: Lambda function onFailure at URL (set by --lambda onFailure): TooManyRequestsException: Rate Exceeded. => "},
		{"something else", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
			"Lambda:ServiceException: Lambda function onFailure at URL (set by --lambda onFailure): the answer is not Lambda's: status 200 and no JSON: <html> => "},
	} {
		t.Run(c.name, func(t *testing.T) {
			timeout := time.Minute
			if strings.Contains(c.want, "ExecutionTimeout") {
				timeout = 50 * time.Millisecond
			}
			_, s := peopleWithin(t, timeout, c.answer)
			got := serverURL.ReplaceAllString(send(t, s, customPut), "URL")
			if diff := cmp.Diff(c.want+sortKeys(t, plainPerson), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a request that ends meanwhile", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, s := people(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			cancel()
			<-r.Context().Done()
		})
		_, err := s.Invoke(ctx, &datasource.Invocation{Document: parse(t, customPut)})
		if _, refused := errors.AsType[*datasource.Error](err); refused || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a function without an endpoint", func(t *testing.T) {
		store := newStoreOf(t, keyed("People", "id"))
		fill(t, store, "People", person)
		_, err := newSource(t, store, "People").Invoke(ctx, &datasource.Invocation{Document: parse(t, customPut)})
		refused, ok := errors.AsType[*datasource.NotSupportedError](err)
		if !ok || !strings.Contains(refused.Reason, "--lambda onFailure=URL") {
			t.Errorf("got %v", err)
		}
	})
}

// A handler is asked when nothing is locked: it may write the very item, and the
// condition of its retry is judged by what is there then.
func TestHandlersMayUseTheTable(t *testing.T) {
	var store storage.Store
	store, s := people(t, func(w http.ResponseWriter, _ *http.Request) {
		fill(t, store, "People", `{"id":{"S":"1"},"version":{"N":"9"}}`)
		io.WriteString(w, `{"action":"retry","retryMapping":{"condition":{"expression":"version = :v","expressionValues":{":v":{"N":8}}}}}`)
	})
	if diff := cmp.Diff(failed+` => {"id":"1","version":9}`, send(t, s, customDelete)); diff != "" {
		t.Error(diff)
	}
}

// invokerFunc is a function that needs no server.
type invokerFunc func() string

func (f invokerFunc) Invoke(context.Context, lambda.Invocation) (*lambda.Result, error) {
	return &lambda.Result{Status: 200, Payload: []byte(f())}, nil
}

// FuzzHandlerAnswers lets a handler answer anything: the write has a result or is
// refused, and its key stays what it was.
func FuzzHandlerAnswers(f *testing.F) {
	for _, text := range []string{
		`{"action":"reject"}`, `{"action":"discard"}`, `{"action":"retry","retryMapping":{"condition":{"expression":"a = :b","expressionValues":{":b":{"SS":[]}}}}}`,
		`{"action":"retry","retryMapping":{"attributeValues":{"id":{"S":"2"},"n":{"N":"1e999"}},"condition":{"equalsIgnore":[null]}}}`,
		`{"action":"retry","retryMapping":{"update":{"expression":"SET x = list_append(x, :b)"}}}`, `{"action":{"a":[]}}`, `{`, "\xff",
	} {
		f.Add(text)
	}
	store := newStoreOf(f, keyed("People", "id"))
	text := ""
	s := newSource(f, store, "People").WithLambda(invokerFunc(func() string { return text }), "")
	f.Fuzz(func(t *testing.T, answer string) {
		text = answer
		for _, doc := range []string{customPut, customUpdate, customDelete} {
			fill(t, store, "People", person)
			v, err := s.Invoke(ctx, &datasource.Invocation{Document: parse(t, doc), Version: document.Version2018, Field: personField{}})
			if err == nil {
				value.JSON(v)
			} else if refused, ok := errors.AsType[*datasource.Error](err); ok {
				value.JSON(refused.Result)
			} else {
				t.Fatalf("%s: %v", doc, err)
			}
			page, err := store.Scan(ctx, &storage.ScanInput{Table: "People"})
			if err != nil || len(page.Items) > 1 || len(page.Items) == 0 && doc != customDelete {
				t.Fatalf("%s: %d items and %v", doc, len(page.Items), err)
			}
		}
	})
}

func keyOf(t testing.TB, id string) *attribute.Item {
	t.Helper()
	key, err := attribute.ParseItemJSON([]byte(`{"id":{"S":"` + id + `"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return key
}
