package dynamodb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/versioned"
)

// atOne is a clock that stands still.
type atOne struct{}

func (atOne) Now() time.Time { return time.UnixMilli(1700000000122) }

// function is a Lambda function that needs no server: it answers an event.
type function func(ctx context.Context, event string) (string, error)

func (f function) Invoke(ctx context.Context, in lambda.Invocation) (*lambda.Result, error) {
	payload, err := f(ctx, string(in.Payload))
	if err != nil {
		return nil, err
	}
	return &lambda.Result{Status: 200, Payload: []byte(payload)}, nil
}

// answering always answers the same.
func answering(payload string, err error) lambda.Invoker {
	return function(func(context.Context, string) (string, error) { return payload, err })
}

func newVersioned(t testing.TB, invoker lambda.Invoker) *dynamodb.Versioned {
	t.Helper()
	store, err := bolt.Open("", bolt.Options{InMemory: true, Clock: atOne{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	for _, table := range []storage.Table{keyed("Notes", "id"), keyed("Delta", "ds_pk", "ds_sk")} {
		if err := store.CreateTable(ctx, table); err != nil {
			t.Fatal(err)
		}
	}
	cfg := versioned.Config{Table: "Notes", DeltaTable: "Delta", BaseTTL: time.Hour, DeltaTTL: time.Hour}
	return dynamodb.NewVersioned(store, versioned.NewTimestamps(atOne{}), cfg, newTokens(t, "secret")).WithLambda(invoker, "")
}

// sendVersioned sends a document of a resolver whose conflict handler is Lambda.
func sendVersioned(ctx context.Context, t testing.TB, s *dynamodb.Versioned, text string) (any, error) {
	t.Helper()
	return s.Invoke(ctx, &datasource.Invocation{
		Document: parse(t, text), Scope: "Mutation.update", Version: document.Version2018,
		Sync: &datasource.Sync{Handler: datasource.LambdaHandler, Function: "resolve"},
	})
}

const (
	putNote   = `{"operation":"PutItem","key":{"id":{"S":"n1"}},"attributeValues":{"text":{"S":"stored"}}}`
	staleNote = `{"operation":"UpdateItem","key":{"id":{"S":"n1"}},"update":{"expression":"SET #t = :t","expressionNames":{"#t":"text"},"expressionValues":{":t":{"S":"mine"}}},"_version":7}`
)

// A handler that cannot be asked is a ConflictError, whatever the reason; the
// answer tells what to configure when nothing is.
func TestConflictHandlersThatCannotBeAsked(t *testing.T) {
	const failed = `ConflictError: An internal error occurred when trying to resolve a conflict. => {"_lastChangedAt":1700000000122,"_version":1,"id":"n1","text":"stored"}`
	for name, c := range map[string]struct {
		invoker lambda.Invoker
		want    string
	}{
		"a function that takes too long": {answering("", &lambda.Error{Function: "resolve", Err: lambda.ErrTimeout}), failed},
		"nothing answers":                {answering("", &lambda.Error{Function: "resolve", Err: lambda.ErrUnreachable}), failed},
		"a function that fails":          {answering("", &lambda.FunctionError{Function: "resolve", Kind: "Unhandled"}), failed},
		"an item that cannot be stored":  {answering(`{"action":"RESOLVE","item":{"n":1e999}}`, nil), failed},
		"no endpoint": {nil, "There is a conflict, and its Lambda conflict handler cannot be asked: Lambda function resolve has no endpoint: " +
			"pass --lambda resolve=URL or --lambda-endpoint URL, or name it under `functions` of the project."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVersioned(t, c.invoker)
			if _, err := sendVersioned(ctx, t, s, putNote); err != nil {
				t.Fatal(err)
			}
			_, err := sendVersioned(ctx, t, s, staleNote)
			if err == nil {
				t.Fatal("no error")
			}
			got := err.Error()
			if refused, ok := errors.AsType[*datasource.Error](err); ok {
				got += " => " + sortKeys(t, value.JSON(refused.Result))
			}
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// That the request has ended is no conflict error.
func TestConflictHandlersEndWithTheRequest(t *testing.T) {
	ended, cancel := context.WithCancel(ctx)
	s := newVersioned(t, function(func(ctx context.Context, _ string) (string, error) {
		cancel()
		return "", &lambda.Error{Function: "resolve", Err: ctx.Err()}
	}))
	if _, err := sendVersioned(ctx, t, s, putNote); err != nil {
		t.Fatal(err)
	}
	if _, err := sendVersioned(ended, t, s, staleNote); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A gate is asked before each write and before no read; nothing is written when
// it does not let a write through.
func TestWritesPassTheGate(t *testing.T) {
	var asked []string
	shut := errors.New("shut")
	var answer error
	s := newVersioned(t, nil).WithGate(func(_ context.Context, table string, key *attribute.Item) error {
		asked = append(asked, table+" "+string(attribute.AppendItemJSON(nil, key)))
		return answer
	}).WithLambda(nil, "")
	const get = `{"operation":"GetItem","key":{"id":{"S":"n1"}}}`
	send := func(document string, wantErr error) any {
		t.Helper()
		got, err := sendVersioned(ctx, t, s, document)
		if !errors.Is(err, wantErr) {
			t.Errorf("%s: error %v, want %v", document, err, wantErr)
		}
		return got
	}
	answer = shut
	send(putNote, shut)
	if got := send(get, nil); got != nil {
		t.Errorf("it was written: %s", value.JSON(got))
	}
	answer = nil
	send(putNote, nil)
	send(`{"operation":"DeleteItem","key":{"id":{"S":"n1"}},"_version":1}`, nil)
	const key = `Notes {"id":{"S":"n1"}}`
	if !slices.Equal(asked, []string{key, key, key}) {
		t.Errorf("asked %q", asked)
	}
}

// countingGate lets all writes through.
func countingGate(asked *int) dynamodb.Gate {
	return func(context.Context, string, *attribute.Item) error {
		*asked++
		return nil
	}
}

// A document that is sent for no field has an event all the same.
func TestConflictEventWithoutField(t *testing.T) {
	event := ""
	s := newVersioned(t, function(func(_ context.Context, got string) (string, error) {
		event = got
		return `{"action":"REJECT"}`, nil
	}))
	if _, err := sendVersioned(ctx, t, s, putNote); err != nil {
		t.Fatal(err)
	}
	if _, err := sendVersioned(ctx, t, s, staleNote); err == nil {
		t.Error("no error")
	}
	const want = `"arguments":{},"resolver":{"tableName":"Notes","awsRegion":"us-east-1","parentType":null,"field":null},"identity":null}`
	if !strings.HasSuffix(event, want) {
		t.Errorf("event %s", event)
	}
}

// A page token of a Query is none of a Sync, nor the other way round.
func TestTokensOfSyncAreItsOwn(t *testing.T) {
	s := newVersioned(t, nil)
	for _, id := range []string{"a", "b", "c"} {
		if _, err := sendVersioned(ctx, t, s, strings.ReplaceAll(putNote, "n1", id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, operation := range []string{"Scan", "Sync"} {
		v, err := sendVersioned(ctx, t, s, `{"operation":"`+operation+`","limit":1}`)
		if err != nil {
			t.Fatal(err)
		}
		token, _ := v.(*value.Map).Value("nextToken").(string)
		for _, other := range []string{"Scan", "Sync"} {
			_, err := sendVersioned(ctx, t, s, `{"operation":"`+other+`","limit":1,"nextToken":"`+token+`"}`)
			if refused, _ := errors.AsType[*datasource.Error](err); (refused == nil) != (other == operation) || refused != nil && refused.Type != "DynamoDB:UserIllegalArgumentException" {
				t.Errorf("a token of %s in %s: %v", operation, other, err)
			}
		}
	}
}

// FuzzConflictReply answers anything: the conflict is resolved or refused.
func FuzzConflictReply(f *testing.F) {
	for _, text := range []string{
		`{"action":"RESOLVE","item":{"text":"both","l":[1,{"m":null}],"_version":7}}`, `{"action":"REJECT"}`, `{"action":"REMOVE"}`, `{"action":1}`, `[`, ``, `{"action":"RESOLVE","item":{"":1}}`,
	} {
		f.Add(text)
	}
	reply := ""
	s := newVersioned(f, function(func(context.Context, string) (string, error) { return reply, nil }))
	f.Fuzz(func(t *testing.T, text string) {
		reply = text
		if _, err := sendVersioned(ctx, t, s, putNote); err != nil {
			t.Fatal(err)
		}
		v, err := sendVersioned(ctx, t, s, staleNote)
		if refused, ok := errors.AsType[*datasource.Error](err); err != nil && !ok {
			t.Fatalf("%s: %v", text, err)
		} else if ok {
			v = refused.Result
		}
		value.JSON(v)
	})
}

// FuzzVersioned sends any document, as FuzzInvoke does.
func FuzzVersioned(f *testing.F) {
	for _, text := range []string{
		putNote, staleNote, `{"operation":"DeleteItem","key":{"id":{"S":"n1"}},"_version":1,"customPartitionKey":"id","populateIndexFields":true}`,
		`{"operation":"Sync","lastSync":1700000000000,"limit":2000,"basePartitionKey":"id","deltaIndexName":"x","filter":{"expression":"id = :i","expressionValues":{":i":{"S":"n1"}}}}`,
		`{"operation":"Sync","query":{"expression":"id = :i","expressionValues":{":i":{"S":"n1"}}},"index":"x","scanIndexForward":false}`,
		`{"operation":"Sync","lastSync":-9223372036854775808}`,
	} {
		f.Add(text)
	}
	s := newVersioned(f, answering(`{"action":"RESOLVE","item":{}}`, nil))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseLenientJSON(text)
		if err != nil {
			return
		}
		doc, ok := v.(*value.Map)
		if !ok {
			return
		}
		got, err := s.Invoke(ctx, &datasource.Invocation{
			Document: doc, Scope: "Query.get", Version: document.Version2018, Sync: &datasource.Sync{Handler: datasource.LambdaHandler, Function: "resolve"},
		})
		if refused, ok := errors.AsType[*datasource.Error](err); ok {
			got, err = refused.Result, nil
		}
		_, malformed := errors.AsType[*document.Error](err)
		_, unknown := errors.AsType[*document.NotSupportedError](err)
		_, custom := errors.AsType[*datasource.NotSupportedError](err)
		if err != nil && !malformed && !unknown && !custom {
			t.Fatalf("%s: %v", text, err)
		}
		value.JSON(got)
	})
}
