package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
)

// sendNote sends a document under the conflict handler, and returns the result
// as JSON or the error as "type: message => result".
func sendNote(t testing.TB, s *dynamodb.Versioned, strategy datasource.ConflictHandler, text string) string {
	t.Helper()
	v, err := s.Invoke(t.Context(), &datasource.Invocation{
		Document: parse(t, text), Scope: "Mutation.updatePerson", Version: document.Version2018, Field: personField{},
		Sync: &datasource.Sync{Handler: strategy, Function: "resolve"},
	})
	if err == nil {
		return sortKeys(t, value.JSON(v))
	}
	if refused, ok := errors.AsType[*datasource.Error](err); ok {
		return requestID.ReplaceAllString(err.Error(), suffix) + " => " + sortKeys(t, value.JSON(refused.Result))
	}
	return err.Error()
}

const getNote = `{"operation":"GetItem","key":{"id":{"S":"n1"}}}`

// versionsOf are those of the records of changes, oldest first.
func versionsOf(t testing.TB, s *dynamodb.Versioned) string {
	t.Helper()
	v, err := sendVersioned(ctx, t, s, `{"operation":"Sync","lastSync":1700000000000}`)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range v.(*value.Map).Value("items").(*value.List).Items {
		out = append(out, value.JSON(row.(*value.Map).Value("_version")))
	}
	return strings.Join(out, " ")
}

// note is the text of a stored note as templates see it.
func note(version int, text string) string {
	return fmt.Sprintf(`{"_lastChangedAt":%d,"_version":%d,"id":"n1","text":%q}`, 1700000000121+version, version, text)
}

const (
	unmetCondition = `"condition":{"expression":"#t = :t","expressionNames":{"#t":"text"},"expressionValues":{":t":{"S":"other"}},` + handler + `}`
	setText        = `"update":{"expression":"SET #x = :x","expressionNames":{"#x":"text"},"expressionValues":{":x":{"S":"mine"}}}`
	checkedPut     = `{"operation":"PutItem","key":{"id":{"S":"n1"}},"attributeValues":{"text":{"S":"mine"}},` + unmetCondition + `}`
	checkedUpdate  = `{"operation":"UpdateItem","key":{"id":{"S":"n1"}},` + setText + `,` + unmetCondition + `}`
	checkedDelete  = `{"operation":"DeleteItem","key":{"id":{"S":"n1"}},` + unmetCondition + `}`
)

// The AppSync developer guide, page
// aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions,
// makes no exception for versioned data sources: a handler decides there, too.
// A rejected write has the error of such a data source, ConditionalCheckFailedException
// without an item, which is recorded in
// packages/datastore/__tests__/helpers/fakes/graphqlService.ts of aws-amplify/amplify-js.
// A write that is retried is one change, with its version and its record.
func TestConditionHandlersOfVersionedSources(t *testing.T) {
	const failed = `ConditionalCheckFailedException: The conditional request failed [400] => null`
	const unusable = `MappingTemplate: The answer of the conditionalCheckFailedHandler onFailure cannot be used: `
	const holds = `"condition":{"expression":"#t = :t","expressionNames":{"#t":"text"},"expressionValues":{":t":{"S":"stored"}}}`
	const fails = `"condition":{"expression":"#t = :t","expressionNames":{"#t":"text"},"expressionValues":{":t":{"S":"other"}}}`
	const both = `"attributeValues":{"text":{"S":"both"}}`
	const setBoth = `"update":{"expression":"SET #t = :b","expressionNames":{"#t":"text"},"expressionValues":{":b":{"S":"both"}}}`
	const tombstone = `{"_deleted":true,"_lastChangedAt":1700000000123,"_ttl":1700003600,"_version":2,"id":"n1","text":"stored"}`
	stored := note(1, "stored")
	with := func(document, field string) string {
		return strings.Replace(document, `"key"`, field+`,"key"`, 1)
	}
	for _, c := range []struct{ name, document, answer, want, versions string }{
		{"PutItem, reject", checkedPut, `{"action":"reject"}`, failed, "1"},
		{"UpdateItem, reject", checkedUpdate, `{"action":"reject"}`, failed, "1"},
		{"DeleteItem, reject", checkedDelete, `{"action":"reject"}`, failed, "1"},
		{"PutItem, discard", checkedPut, `{"action":"discard"}`, stored, "1"},
		{"UpdateItem, discard", checkedUpdate, `{"action":"discard"}`, stored, "1"},
		{"DeleteItem, discard", checkedDelete, `{"action":"discard"}`, stored, "1"},

		{"PutItem, retry that succeeds", checkedPut, `{"action":"retry","retryMapping":{` + both + `,` + holds + `}}`, note(2, "both"), "1 2"},
		{"PutItem, retry that fails", checkedPut, `{"action":"retry","retryMapping":{` + both + `,` + fails + `}}`, failed, "1"},
		{"PutItem, retry without a condition", checkedPut, `{"action":"retry","retryMapping":{` + both + `}}`, note(2, "both"), "1 2"},
		{"PutItem, retry as in the guide's structure", checkedPut, `{"action":"retry","retryMapping":{` + both + `,"condition":{"equalsIgnore":["text"],"consistentRead":true}}}`, note(2, "both"), "1 2"},
		{"PutItem, retry that equals what is stored but for metadata", checkedPut,
			`{"action":"retry","retryMapping":{"attributeValues":{"text":{"S":"stored"}},"condition":{"expression":"attribute_not_exists(id)","equalsIgnore":["_version","_lastChangedAt"]}}}`, stored, "1"},
		{"PutItem, retry with metadata", checkedPut, `{"action":"retry","retryMapping":{"attributeValues":{"_version":{"N":9}}}}`,
			`BadRequest: The metadata attributes _version, _ttl, _lastChangedAt and _deleted cannot be changed; attribute: _version => null`, "1"},
		{"UpdateItem, retry that succeeds", checkedUpdate, `{"action":"retry","retryMapping":{` + setBoth + `,` + holds + `}}`, note(2, "both"), "1 2"},
		{"UpdateItem, retry that fails", checkedUpdate, `{"action":"retry","retryMapping":{` + setBoth + `,` + fails + `}}`, failed, "1"},
		{"UpdateItem, retry that DynamoDB refuses", checkedUpdate, `{"action":"retry","retryMapping":{"update":{"expression":"SET id = id"}}}`,
			`DynamoDB:DynamoDbException: One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key [400] => null`, "1"},
		{"DeleteItem, retry that succeeds", checkedDelete, `{"action":"retry","retryMapping":{` + holds + `}}`, tombstone, "1 2"},
		{"DeleteItem, retry that fails", checkedDelete, `{"action":"retry","retryMapping":{` + fails + `}}`, failed, "1"},
		{"DeleteItem, retry without a condition", checkedDelete, `{"action":"retry","retryMapping":{}}`, tombstone, "1 2"},

		// The retry says of versions what the write said.
		{"a version that matches", with(checkedUpdate, `"_version":1`), `{"action":"retry","retryMapping":{` + setBoth + `}}`, note(2, "both"), "1 2"},
		{"a custom partition key", with(checkedUpdate, `"customPartitionKey":"id","populateIndexFields":true`), `{"action":"retry","retryMapping":{` + setBoth + `}}`, note(2, "both"), "1"},
		{"a retry with a version", checkedUpdate, `{"action":"retry","retryMapping":{` + setBoth + `,"_version":1}}`, unusable + `Unsupported element '$[retryMapping][_version]'. => ` + stored, "1"},

		{"no decision", checkedPut, `{"action":"RESOLVE"}`, unusable + `Unsupported value 'RESOLVE' for field '$[action]'. Supported values are (reject,discard,retry). => ` + stored, "1"},
		{"nothing", checkedPut, `null`, unusable + `the answer is not an object => ` + stored, "1"},
		{"no JSON", checkedPut, `{`, unusable + `the answer is no JSON => ` + stored, "1"},
		{"retry of nothing", checkedUpdate, `{"action":"retry"}`, unusable + `Value for field '$[retryMapping]' not found. => ` + stored, "1"},
		{"retry with plain values", checkedPut, `{"action":"retry","retryMapping":{"attributeValues":{"text":"x"}}}`,
			unusable + `Expected JSON object for attribute value '$[retryMapping][attributeValues][text]' but got a 'STRING' instead. => ` + stored, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			s := newVersioned(t, function(func(context.Context, string) (string, error) {
				calls++
				return c.answer, nil
			}))
			sendNote(t, s, datasource.NoDetection, putNote)
			got := sendNote(t, s, datasource.OptimisticConcurrency, c.document)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if calls != 1 {
				t.Errorf("the handler was asked %d times", calls)
			}
			if got := versionsOf(t, s); got != c.versions {
				t.Errorf("records of the versions %q, want %q", got, c.versions)
			}
			left := stored
			if c.want != stored && strings.HasPrefix(c.want, "{") {
				left = c.want
			}
			if diff := cmp.Diff(left, sendNote(t, s, datasource.NoDetection, getNote)); diff != "" {
				t.Errorf("afterwards: %s", diff)
			}
		})
	}
}

// The event is that of the same page, with the version that the write was sent
// with and the metadata of the stored item.
func TestConditionHandlersAreToldOfVersions(t *testing.T) {
	event := ""
	s := newVersioned(t, function(func(_ context.Context, got string) (string, error) {
		event = got
		return `{"action":"reject"}`, nil
	}))
	sendNote(t, s, datasource.NoDetection, putNote)
	sendNote(t, s, datasource.OptimisticConcurrency, strings.Replace(checkedUpdate, `"key"`, `"_version":1,"key"`, 1))
	want := `{
		"arguments": {"id":"1","name":"Bob","expectedVersion":1},
		"requestMapping": {
			"operation": "UpdateItem", "_version": 1, "key": {"id":{"S":"n1"}}, ` + setText + `,
			"condition": {"expression":"#t = :t","expressionNames":{"#t":"text"},"expressionValues":{":t":{"S":"other"}}}
		},
		"currentValue": {"id":{"S":"n1"},"text":{"S":"stored"},"_version":{"N":1},"_lastChangedAt":{"N":1700000000122}},
		"resolver": {"tableName":"Notes","awsRegion":"us-east-1","parentType":"Mutation","field":"updatePerson","outputType":"Person"},
		"identity": {"user":"jeffTheAdmin"}
	}`
	if diff := cmp.Diff(sortKeys(t, want), sortKeys(t, event)); diff != "" {
		t.Error(diff)
	}
	sendNote(t, s, datasource.NoDetection, strings.ReplaceAll(checkedUpdate, "n1", "n2"))
	if !strings.Contains(event, `"currentValue":null`) {
		t.Errorf("told of nothing: %s", event)
	}
}

// The page's comparison of a put with what is stored comes before any strategy.
// A put on a versioned data source has metadata, which differs unless it is
// ignored; the item may be a tombstone.
func TestPutsThatEqualWhatIsStored(t *testing.T) {
	const failed = `ConditionalCheckFailedException: The conditional request failed [400] => null`
	create := func(text, ignore string) string {
		return `{"operation":"PutItem","key":{"id":{"S":"n1"}},"attributeValues":{"text":{"S":"` + text + `"}},
			"condition":{"expression":"attribute_not_exists(id)","equalsIgnore":[` + ignore + `]}}`
	}
	tombstone := `{"_deleted":true,"_lastChangedAt":1700000000123,"_ttl":1700003600,"_version":2,"id":"n1","text":"stored"}`
	for _, c := range []struct {
		name, document string
		deleted        bool
		want           string
	}{
		{"nothing is ignored", create("stored", ``), false, failed},
		{"the version is ignored", create("stored", `"_version"`), false, failed},
		{"the metadata is ignored", create("stored", `"_version","_lastChangedAt"`), false, note(1, "stored")},
		{"the attributes differ", create("other", `"_version","_lastChangedAt"`), false, failed},
		{"what differs is ignored", create("other", `"_version","_lastChangedAt","text"`), false, note(1, "stored")},
		{"a tombstone", create("stored", `"_version","_lastChangedAt"`), true, failed},
		{"a tombstone that is ignored", create("stored", `"_version","_lastChangedAt","_deleted","_ttl"`), true, tombstone},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newVersioned(t, nil)
			sendNote(t, s, datasource.NoDetection, putNote)
			if c.deleted {
				sendNote(t, s, datasource.NoDetection, `{"operation":"DeleteItem","key":{"id":{"S":"n1"}}}`)
			}
			before := versionsOf(t, s)
			if diff := cmp.Diff(c.want, sendNote(t, s, datasource.NoDetection, c.document)); diff != "" {
				t.Error(diff)
			}
			if after := versionsOf(t, s); after != before {
				t.Errorf("records of %s, before of %s", after, before)
			}
		})
	}
}

// Functions that cannot be asked fail the write as on plain data sources; of
// timeouts see aws/aws-appsync-community#386, of failures #209.
func TestConditionHandlersOfVersionedSourcesThatFail(t *testing.T) {
	stored := note(1, "stored")
	for name, c := range map[string]struct {
		invoker lambda.Invoker
		want    string
	}{
		"a function that takes too long": {answering("", &lambda.Error{Function: "onFailure", Err: lambda.ErrTimeout}), "Lambda:ExecutionTimeoutException: Execution timed out. => " + stored},
		"a function that fails":          {answering("", &lambda.FunctionError{Function: "onFailure", Kind: "Unhandled", Message: "boom"}), "Lambda:Unhandled: boom => " + stored},
		"no endpoint": {nil, "The condition failed, and its conditionalCheckFailedHandler cannot be asked: Lambda function onFailure has no endpoint: " +
			"pass --lambda onFailure=URL or --lambda-endpoint URL, or name it under `functions` of the project."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVersioned(t, c.invoker)
			sendNote(t, s, datasource.NoDetection, putNote)
			if diff := cmp.Diff(c.want, sendNote(t, s, datasource.NoDetection, checkedUpdate)); diff != "" {
				t.Error(diff)
			}
			if got := versionsOf(t, s); got != "1" {
				t.Errorf("records of %s", got)
			}
		})
	}
}

// Nothing is locked while a handler decides: it may change the very item. The
// retry, which still has the version of the write, is in conflict then, and each
// strategy settles that as it settles others.
func TestConditionHandlersMayChangeTheItem(t *testing.T) {
	const answer = `{"action":"retry","retryMapping":{"update":{"expression":"SET #t = :b, extra = :b","expressionNames":{"#t":"text"},"expressionValues":{":b":{"S":"both"}}}}}`
	const theirs = `{"_lastChangedAt":1700000000123,"_version":2,"id":"n1","text":"theirs"}`
	for name, c := range map[string]struct {
		strategy datasource.ConflictHandler
		want     string
	}{
		"NONE":                   {datasource.NoDetection, `{"_lastChangedAt":1700000000124,"_version":3,"extra":"both","id":"n1","text":"both"}`},
		"OPTIMISTIC_CONCURRENCY": {datasource.OptimisticConcurrency, `ConflictUnhandled: Conflict resolver rejects mutation. => ` + theirs},
		"AUTOMERGE":              {datasource.Automerge, `{"_lastChangedAt":1700000000124,"_version":3,"extra":"both","id":"n1","text":"theirs"}`},
		"LAMBDA":                 {datasource.LambdaHandler, `{"_lastChangedAt":1700000000124,"_version":3,"id":"n1","text":"resolved"}`},
	} {
		t.Run(name, func(t *testing.T) {
			var s *dynamodb.Versioned
			s = newVersioned(t, function(func(_ context.Context, event string) (string, error) {
				if strings.Contains(event, `"existingItem"`) {
					return `{"action":"RESOLVE","item":{"text":"resolved"}}`, nil
				}
				sendNote(t, s, datasource.NoDetection, strings.ReplaceAll(putNote, "stored", "theirs"))
				return answer, nil
			}))
			sendNote(t, s, datasource.NoDetection, putNote)
			got := sendNote(t, s, c.strategy, strings.Replace(checkedUpdate, `"key"`, `"_version":1,"key"`, 1))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The condition of a write in conflict is judged on the stored item once the
// conflict is settled, and its handler decides then.
func TestConditionHandlersAfterAConflict(t *testing.T) {
	for name, c := range map[string]struct {
		strategy datasource.ConflictHandler
		want     string
	}{
		"OPTIMISTIC_CONCURRENCY": {datasource.OptimisticConcurrency, `ConflictUnhandled: Conflict resolver rejects mutation. => ` + note(1, "stored")},
		"AUTOMERGE":              {datasource.Automerge, note(1, "stored")},
		"LAMBDA":                 {datasource.LambdaHandler, note(1, "stored")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVersioned(t, function(func(_ context.Context, event string) (string, error) {
				if strings.Contains(event, `"existingItem"`) {
					return `{"action":"RESOLVE","item":{"text":"resolved"}}`, nil
				}
				return `{"action":"discard"}`, nil
			}))
			sendNote(t, s, datasource.NoDetection, putNote)
			got := sendNote(t, s, c.strategy, strings.Replace(checkedUpdate, `"key"`, `"_version":7,"key"`, 1))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if got := versionsOf(t, s); got != "1" {
				t.Errorf("records of %s", got)
			}
		})
	}
}

// A gate that holds a write has let its retry through, too.
func TestRetriesOfHandlersPassTheGateOnce(t *testing.T) {
	asked := 0
	s := newVersioned(t, answering(`{"action":"retry","retryMapping":{}}`, nil))
	sendNote(t, s, datasource.NoDetection, putNote)
	s = s.WithGate(countingGate(&asked))
	sendNote(t, s, datasource.NoDetection, checkedDelete)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// FuzzConditionHandlers lets a handler answer anything: the write has a result or
// is refused, the key stays and records and versions stay in step.
func FuzzConditionHandlers(f *testing.F) {
	for _, text := range []string{
		`{"action":"reject"}`, `{"action":"discard"}`, `{"action":"retry","retryMapping":{"condition":{"expression":"a = :b","expressionValues":{":b":{"SS":[]}}}}}`,
		`{"action":"retry","retryMapping":{"attributeValues":{"id":{"S":"2"},"_version":{"NULL":true}},"condition":{"equalsIgnore":[null]}}}`,
		`{"action":"retry","retryMapping":{"update":{"expression":"SET #v = :b","expressionNames":{"#v":"_version"}}}}`, `{"action":{"a":[]}}`, `{`, "\xff",
	} {
		f.Add(text)
	}
	text := ""
	s := newVersioned(f, function(func(context.Context, string) (string, error) { return text, nil }))
	f.Fuzz(func(t *testing.T, answer string) {
		text = answer
		for _, doc := range []string{checkedPut, checkedUpdate, checkedDelete} {
			sendNote(t, s, datasource.NoDetection, putNote)
			v, err := sendVersioned(ctx, t, s, doc)
			if refused, ok := errors.AsType[*datasource.Error](err); ok {
				v, err = refused.Result, nil
			}
			if err != nil {
				t.Fatalf("%s: %v", doc, err)
			}
			value.JSON(v)
			stored, err := sendVersioned(ctx, t, s, getNote)
			if err != nil || stored.(*value.Map).Value("id") != "n1" {
				t.Fatalf("%s: %s, %v", doc, value.JSON(stored), err)
			}
		}
	})
}
