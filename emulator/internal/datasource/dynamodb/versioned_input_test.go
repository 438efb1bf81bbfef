package dynamodb_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
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
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/versioned"
)

// versionedOver is a versioned data source over tables that a test makes.
func versionedOver(t testing.TB, invoker lambda.Invoker, secret string, tables ...storage.Table) (*bolt.Store, *dynamodb.Versioned) {
	t.Helper()
	store := newStoreOf(t, tables...)
	cfg := versioned.Config{Table: "Notes", DeltaTable: "Delta", BaseTTL: time.Hour, DeltaTTL: time.Hour}
	return store, dynamodb.NewVersioned(store, versioned.NewTimestamps(atOne{}), cfg, newTokens(t, secret)).WithLambda(invoker, "")
}

const rejectedNote = `ConflictUnhandled: Conflict resolver rejects mutation. => `

// A version that "differs from the actual version" is a conflict: the AWS page
// "Conflict detection and resolution". Null is none; numbers come with a fraction
// of zero when a template computed them. What is no whole number of 64 bits is
// refused as documents are, see troubleshooting-and-common-mistakes, under each
// strategy; the words for that are the emulator's.
func TestVersionsInDocuments(t *testing.T) {
	const conflict, accepted, number, text, boolean, list, object = "conflict", "accepted", "NUMBER", "STRING", "BOOLEAN", "ARRAY", "OBJECT"
	for sent, want := range map[string]string{
		`1`: accepted, `1.0`: accepted, `null`: accepted,
		`0`: conflict, `-1`: conflict, `2`: conflict, `-9223372036854775808`: conflict,
		`2147483648`: conflict, `4294967297`: conflict, `9007199254740993`: conflict, `9223372036854775807`: conflict,
		`1.5`: number, `-0.5`: number, `9223372036854775808`: number, `-9223372036854775809`: number, `18446744073709551617`: number, `1e30`: number, `1e-30`: number,
		`"1"`: text, `""`: text, `true`: boolean, `[1]`: list, `{"N":1}`: object,
	} {
		for _, doc := range []string{
			`{"operation":"PutItem","key":{"id":{"S":"n1"}}`, `{"operation":"UpdateItem","key":{"id":{"S":"n1"}},` + setText, `{"operation":"DeleteItem","key":{"id":{"S":"n1"}}`,
		} {
			s := newVersioned(t, nil)
			sendNote(t, s, datasource.NoDetection, putNote)
			got := sendNote(t, s, datasource.OptimisticConcurrency, doc+`,"_version":`+sent+`}`)
			records := "1"
			switch want {
			case accepted:
				records = "1 2"
				if !strings.Contains(got, `"_version":2`) {
					t.Errorf("%s of %s: %s", sent, doc, got)
				}
			case conflict:
				if got != rejectedNote+note(1, "stored") {
					t.Errorf("%s of %s: %s", sent, doc, got)
				}
			default:
				for _, strategy := range []datasource.ConflictHandler{datasource.NoDetection, datasource.OptimisticConcurrency, datasource.Automerge, datasource.FieldLevel, datasource.LambdaHandler} {
					if got := sendNote(t, s, strategy, doc+`,"_version":`+sent+`}`); got != "Expected JSON integer for field '$[_version]' but got a '"+want+"' instead." {
						t.Errorf("%s of %s under %s: %s", sent, doc, strategy, got)
					}
				}
			}
			if got := versionsOf(t, s); got != records {
				t.Errorf("%s of %s: records of %s, want %s", sent, doc, got, records)
			}
		}
	}
}

// Versions are DynamoDB numbers, which are exact where doubles are not any more:
// the developer guide's page HowItWorks.NamingRulesDataTypes.
func TestLargeVersionsAreExact(t *testing.T) {
	for stored, next := range map[string]string{"9007199254740993": "9007199254740994", "9223372036854775806": "9223372036854775807"} {
		store, s := versionedOver(t, nil, "secret", keyed("Notes", "id"), keyed("Delta", "ds_pk", "ds_sk"))
		fill(t, store, "Notes", `{"id":{"S":"n1"},"_version":{"N":"`+stored+`"}}`)
		before := stored[:len(stored)-1] + string(stored[len(stored)-1]-1)
		for _, other := range []string{before, "1"} {
			if got := sendNote(t, s, datasource.OptimisticConcurrency, `{"operation":"DeleteItem","key":{"id":{"S":"n1"}},"_version":`+other+`}`); got != rejectedNote+`{"_version":`+stored+`,"id":"n1"}` {
				t.Errorf("%s: %s", other, got)
			}
		}
		if got := sendNote(t, s, datasource.OptimisticConcurrency, `{"operation":"PutItem","key":{"id":{"S":"n1"}},"_version":`+stored+`}`); !strings.Contains(got, `"_version":`+next+`,`) {
			t.Errorf("%s: %s", stored, got)
		}
		if got := versionsOf(t, s); got != next {
			t.Errorf("records of %s, want %s", got, next)
		}
	}
}

// A Sync takes what the AWS page of Sync shows; what has another type is refused
// as documents are, values that DynamoDB refuses are refused in its words.
func TestSyncDocuments(t *testing.T) {
	const (
		base, delta = "base", "delta"
		tooSmall    = `DynamoDB:DynamoDbException: 1 validation error detected: Value '%' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1 [400] => null`
		badToken    = `DynamoDB:UserIllegalArgumentException: com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given. => null`
	)
	wrong := func(path, want, got string) string {
		return "Expected JSON " + want + " for field '$" + path + "' but got a '" + got + "' instead."
	}
	refused := func(message string) string { return "DynamoDB:DynamoDbException: " + message + " [400] => null" }
	for fields, want := range map[string]string{
		``:                                      base,
		`"lastSync":null`:                       base,
		`"lastSync":0`:                          base,
		`"lastSync":-1`:                         base,
		`"lastSync":-9223372036854775808`:       base,
		`"lastSync":1700000000`:                 base, // seconds
		`"lastSync":1699996400121`:              base, // before the window
		`"lastSync":1699996400122`:              delta,
		`"lastSync":1700000000122`:              delta,
		`"lastSync":1.700000000122e12`:          delta,
		`"lastSync":1700000000123`:              "nothing",
		`"lastSync":1800000000000`:              "nothing",
		`"lastSync":1700000000122000`:           "nothing", // microseconds
		`"lastSync":9223372036854775807`:        "nothing",
		`"lastSync":9223372036854775808`:        wrong("[lastSync]", "integer", "NUMBER"),
		`"lastSync":1.5`:                        wrong("[lastSync]", "integer", "NUMBER"),
		`"lastSync":"1700000000122"`:            wrong("[lastSync]", "integer", "STRING"),
		`"lastSync":"2023-11-14T22:13:20.122Z"`: wrong("[lastSync]", "integer", "STRING"),
		`"lastSync":true`:                       wrong("[lastSync]", "integer", "BOOLEAN"),
		`"limit":null`:                          base,
		`"limit":1`:                             base,
		`"limit":1000`:                          base,
		`"limit":1001`:                          base,
		`"limit":9223372036854775807`:           base,
		`"limit":0`:                             strings.ReplaceAll(tooSmall, "%", "0"),
		`"limit":-1`:                            strings.ReplaceAll(tooSmall, "%", "-1"),
		`"limit":-9223372036854775808`:          strings.ReplaceAll(tooSmall, "%", "-9223372036854775808"),
		`"limit":1.5`:                           wrong("[limit]", "integer", "NUMBER"),
		`"limit":"10"`:                          wrong("[limit]", "integer", "STRING"),
		`"limit":[10]`:                          wrong("[limit]", "integer", "ARRAY"),
		`"filter":null`:                         base,
		`"filter":{"expression":""}`:            base, // aws-amplify/amplify-android#2540
		`"filter":{}`:                           "Value for field '$[filter][expression]' not found.",
		`"filter":{"expression":null}`:          "Value for field '$[filter][expression]' not found.",
		`"filter":"id = :i"`:                    wrong("[filter]", "object", "STRING"),
		`"filter":[]`:                           wrong("[filter]", "object", "ARRAY"),
		`"filter":{"expression":1}`:             wrong("[filter][expression]", "string", "NUMBER"),
		`"filter":{"expression":"a","x":1}`:     "Unsupported element '$[filter][x]'.",
		`"filter":{"expression":"id ="}`:        refused(`Invalid FilterExpression: Syntax error; token: "<EOF>", near: "="`),
		`"filter":{"expression":"id = :i"}`:     refused(`Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :i`),
		`"filter":{"expression":"#i = id"}`:     refused(`Invalid FilterExpression: An expression attribute name used in the document path is not defined; attribute name: #i`),
		`"filter":{"expression":"attribute_exists(id)","expressionValues":{":i":{"S":"x"}}}`:  refused(`Value provided in ExpressionAttributeValues unused in expressions: keys: {:i}`),
		`"filter":{"expression":"id = :i","expressionValues":{":i":"x"}}`:                     "Expected JSON object for attribute value '$[filter][expressionValues][:i]' but got a 'STRING' instead.",
		`"query":{"expression":"text = :i","expressionValues":{":i":{"S":"x"}}}`:              refused(`Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: text`),
		`"index":"none","query":{"expression":"id = :i","expressionValues":{":i":{"S":"x"}}}`: refused(`The table does not have the specified index: none`),
		`"nextToken":"x"`:         badToken,
		`"nextToken":"null"`:      badToken,
		`"nextToken":1`:           wrong("[nextToken]", "string", "NUMBER"),
		`"nextToken":{}`:          wrong("[nextToken]", "string", "OBJECT"),
		`"basePartitionKey":1`:    wrong("[basePartitionKey]", "string", "NUMBER"),
		`"deltaIndexName":true`:   wrong("[deltaIndexName]", "string", "BOOLEAN"),
		`"scanIndexForward":"no"`: wrong("[scanIndexForward]", "boolean", "STRING"),
		`"consistentRead":true`:   "Unsupported element '$[consistentRead]'.",
		`"_version":1`:            "Unsupported element '$[_version]'.",
	} {
		t.Run(fields, func(t *testing.T) {
			s := newVersioned(t, nil)
			sendNote(t, s, datasource.NoDetection, putNote)
			text := `{"operation":"Sync",` + fields + `}`
			if fields == "" {
				text = `{"operation":"Sync"}`
			}
			got := sendNote(t, s, datasource.NoDetection, text)
			var page string
			switch want {
			case base:
				page = `[` + note(1, "stored") + `]`
			case delta:
				page = `[{"_lastChangedAt":1700000000122,"_ttl":1700003600,"_version":1,"ds_pk":"Notes:2023-11-14","ds_sk":"22:13:20.122:n1:1","id":"n1","text":"stored"}]`
			case "nothing":
				page = `[]`
			default:
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				return
			}
			// A page of one item as long as its limit has a token.
			got, _, _ = strings.Cut(got, `,"nextToken"`)
			if diff := cmp.Diff(`{"items":`+page, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A token is for the resolver that gave it, as the AWS page of Sync says, and
// for the API; one that was altered is none. The words are recorded in
// aws-amplify/amplify-cli#3411. Queries of the base table give others.
func TestTokensOfSync(t *testing.T) {
	const refused = "DynamoDB:UserIllegalArgumentException: com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given."
	tables := []storage.Table{keyed("Notes", "id"), keyed("Delta", "ds_pk", "ds_sk")}
	_, s := versionedOver(t, nil, "secret", tables...)
	_, otherAPI := versionedOver(t, nil, "another secret", tables...)
	for _, id := range []string{"a", "b", "c"} {
		for _, s := range []*dynamodb.Versioned{s, otherAPI} {
			sendNote(t, s, datasource.NoDetection, strings.ReplaceAll(putNote, "n1", id))
		}
	}
	page := func(s *dynamodb.Versioned, scope, operation, token string) (next, problem string) {
		t.Helper()
		v, err := s.Invoke(ctx, &datasource.Invocation{
			Document: parse(t, `{"operation":`+operation+`,"limit":1,"nextToken":`+token+`}`), Scope: scope, Version: document.Version2018,
		})
		if err != nil {
			return "", err.Error()
		}
		next, _ = v.(*value.Map).Value("nextToken").(string)
		return strconv.Quote(next), ""
	}
	for _, kind := range []string{`"Sync"`, `"Sync","lastSync":1700000000000`} {
		token, problem := page(s, "Query.sync", kind, `null`)
		if problem != "" || token == `""` {
			t.Fatalf("%s: %q %s", kind, token, problem)
		}
		if _, problem := page(s, "Query.sync", kind, token); problem != "" {
			t.Errorf("%s: its own token: %s", kind, problem)
		}
		for name, of := range map[string]func() (string, string){
			"another resolver":   func() (string, string) { return page(s, "Query.other", kind, token) },
			"a function of it":   func() (string, string) { return page(s, "Query.sync/F", kind, token) },
			"another API":        func() (string, string) { return page(otherAPI, "Query.sync", kind, token) },
			"a Scan":             func() (string, string) { return page(s, "Query.sync", `"Scan"`, token) },
			"only its beginning": func() (string, string) { return page(s, "Query.sync", kind, token[:len(token)/2]+`"`) },
			"a token within token": func() (string, string) {
				return page(s, "Query.sync", kind, `"`+strings.Trim(token, `"`)+strings.Trim(token, `"`)+`"`)
			},
		} {
			if _, problem := of(); problem != refused {
				t.Errorf("%s, %s: %q", kind, name, problem)
			}
		}
		for i := 1; i < len(token)-1; i++ {
			altered := byte('A')
			if token[i] == altered {
				altered = 'B'
			}
			if _, problem := page(s, "Query.sync", kind, token[:i]+string(altered)+token[i+1:]); problem != refused {
				t.Fatalf("%s, byte %d altered: %q", kind, i, problem)
			}
		}
	}
}

// A delta table that is not there, or has another key than AWS's page "Versioned
// data sources" asks for: writes fail as in aws-amplify/amplify-category-api#2053,
// under each strategy, and leave the base item as it was; a Sync that reads it
// fails in DynamoDB's words, one of the base table does not.
func TestUnfitDeltaTables(t *testing.T) {
	numeric := keyed("Delta", "ds_pk", "ds_sk")
	numeric.Key.Partition.Kind = attribute.N
	for name, c := range map[string]struct {
		tables []storage.Table
		sync   string
	}{
		"missing":             {nil, `DynamoDB:ResourceNotFoundException: Requested resource not found [400] => null`},
		"another key":         {[]storage.Table{keyed("Delta", "pk")}, `DynamoDB:DynamoDbException: `},
		"another sort key":    {[]storage.Table{keyed("Delta", "ds_pk", "sk")}, `DynamoDB:DynamoDbException: Query condition missed key schema element: sk [400] => null`},
		"keys the other way":  {[]storage.Table{keyed("Delta", "ds_sk", "other")}, `DynamoDB:DynamoDbException: `},
		"a numeric partition": {[]storage.Table{numeric}, `DynamoDB:DynamoDbException: One or more parameter values were invalid: Condition parameter type does not match schema type [400] => null`},
	} {
		t.Run(name, func(t *testing.T) {
			store, s := versionedOver(t, answering(`{"action":"RESOLVE","item":{}}`, nil), "secret", append(c.tables, keyed("Notes", "id"))...)
			const stored = `{"id":{"S":"n1"},"text":{"S":"stored"},"_version":{"N":"3"},"_lastChangedAt":{"N":"1700000000000"}}`
			fill(t, store, "Notes", stored)
			for _, strategy := range []datasource.ConflictHandler{datasource.NoDetection, datasource.OptimisticConcurrency, datasource.Automerge, datasource.FieldLevel, datasource.LambdaHandler} {
				version := `2`
				if strategy == datasource.OptimisticConcurrency {
					version = `3`
				}
				for _, doc := range []string{putNote, `{"operation":"UpdateItem","key":{"id":{"S":"n1"}},` + setText + `}`} {
					got := sendNote(t, s, strategy, strings.TrimSuffix(doc, "}")+`,"_version":`+version+`}`)
					if diff := cmp.Diff(`DeltaSyncWriteError: Failed to write delta sync record. => null`, got); diff != "" {
						t.Errorf("%s of %s: %s", strategy, doc, diff)
					}
				}
			}
			if got := sendNote(t, s, datasource.NoDetection, `{"operation":"DeleteItem","key":{"id":{"S":"n1"}}}`); !strings.HasPrefix(got, "DeltaSyncWriteError: ") {
				t.Errorf("delete: %s", got)
			}
			const left = `{"_lastChangedAt":1700000000000,"_version":3,"id":"n1","text":"stored"}`
			if diff := cmp.Diff(left, sendNote(t, s, datasource.NoDetection, getNote)); diff != "" {
				t.Error(diff)
			}
			if got := sendNote(t, s, datasource.NoDetection, `{"operation":"Sync","lastSync":1700000000000}`); !strings.HasPrefix(got, c.sync) {
				t.Errorf("sync: %s", got)
			}
			if got := sendNote(t, s, datasource.NoDetection, `{"operation":"Sync"}`); !strings.HasPrefix(got, `{"items":[`+left+`],"nextToken":null,`) {
				t.Errorf("sync of the base table: %s", got)
			}
		})
	}
}

// An answer that is no decision is a ConflictError, by the table of errors of the
// AWS page "Conflict detection and resolution". Nothing is written.
func TestConflictHandlersThatAnswerRubbish(t *testing.T) {
	const failed = `ConflictError: An internal error occurred when trying to resolve a conflict. => `
	for name, answer := range map[string]string{
		"nothing":                     ``,
		"null":                        `null`,
		"text":                        `"RESOLVE"`,
		"a number":                    `5`,
		"a list":                      `[{"action":"REJECT"}]`,
		"an empty object":             `{}`,
		"half an object":              `{"action":"RES`,
		"no UTF-8":                    "{\"action\":\"\xff\"}",
		"deeper than anybody writes":  strings.Repeat(`{"action":`, 20000) + `1` + strings.Repeat(`}`, 20000),
		"a list deeper than that":     strings.Repeat(`[`, 100000),
		"an action that is null":      `{"action":null}`,
		"an action that is a number":  `{"action":1}`,
		"an action in small letters":  `{"action":"reject"}`,
		"an action of the other kind": `{"action":"discard"}`,
		"RESOLVE without an item":     `{"action":"RESOLVE"}`,
		"RESOLVE of null":             `{"action":"RESOLVE","item":null}`,
		"RESOLVE of a list":           `{"action":"RESOLVE","item":[]}`,
		"RESOLVE of a text":           `{"action":"RESOLVE","item":"{}"}`,
		"RESOLVE of a huge number":    `{"action":"RESOLVE","item":{"n":1e999}}`,
		"REMOVE of a put":             `{"action":"REMOVE"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newVersioned(t, answering(answer, nil))
			sendNote(t, s, datasource.NoDetection, putNote)
			for _, doc := range []string{strings.Replace(putNote, `"key"`, `"_version":7,"key"`, 1), staleNote} {
				if diff := cmp.Diff(failed+note(1, "stored"), sendNote(t, s, datasource.LambdaHandler, doc)); diff != "" {
					t.Error(diff)
				}
			}
			if got := versionsOf(t, s); got != "1" {
				t.Errorf("records of %s", got)
			}
		})
	}
}

// A handler that never answers fails the write once its time is over, as a
// ConflictError; others may write the item all the while.
func TestConflictHandlersThatHang(t *testing.T) {
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	client, err := lambda.New(lambda.Options{Functions: map[string]lambda.Endpoint{"resolve": {URL: server.URL, Timeout: 200 * time.Millisecond}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s := newVersioned(t, client)
	sendNote(t, s, datasource.NoDetection, putNote)
	answer := make(chan string, 1)
	go func() { answer <- sendNote(t, s, datasource.LambdaHandler, staleNote) }()
	got := ""
	select {
	case <-asked:
	case got = <-answer: // the time was over before the request came
	}
	theirs := sendNote(t, s, datasource.NoDetection, strings.ReplaceAll(putNote, "stored", "theirs"))
	if want := note(2, "theirs"); theirs != want {
		t.Errorf("the other write: %s", theirs)
	}
	if got == "" {
		got = <-answer
	}
	if got != `ConflictError: An internal error occurred when trying to resolve a conflict. => `+note(1, "stored") {
		t.Errorf("got %s", got)
	}
	if got := sendNote(t, s, datasource.NoDetection, getNote); got != theirs {
		t.Errorf("stored %s", got)
	}
}

// A request that is over before its write begins writes nothing, whatever is
// wrong with it besides.
func TestVersionedWritesEndWithTheRequest(t *testing.T) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	s := newVersioned(t, nil)
	for _, doc := range []string{putNote, staleNote, checkedDelete} {
		if _, err := sendVersioned(ended, t, s, doc); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", doc, err)
		}
	}
	if got := versionsOf(t, s); got != "" {
		t.Errorf("records of %s", got)
	}
}
