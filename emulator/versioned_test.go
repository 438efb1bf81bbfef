package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// versionedAt is when the tests of versioned data sources begin: the time of the
// first write, in milliseconds. Writes are told apart by single milliseconds while
// the clock stands still.
const versionedAt = 1700000000122

func startVersioned(t *testing.T, opts ...func(*emulator.Options)) *emulatortest.Server {
	s := emulatortest.Start(t, "testdata/versioned", opts...)
	s.Freeze(time.UnixMilli(versionedAt))
	return s
}

// rows are the items of a table in DynamoDB JSON with sorted keys, in the order
// of a Scan.
func rows(t *testing.T, s *emulatortest.Server, table string) []string {
	t.Helper()
	var text bytes.Buffer
	if _, err := s.Export(context.Background(), table, &text); err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(text.String()) {
		var row struct{ Item any }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(row.Item)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(sorted))
	}
	return out
}

// The steps of AWS's page "Versioned data sources": the delta row of the second
// write is the one of its key description.
func TestVersionedWritesLeaveRecords(t *testing.T) {
	s := startVersioned(t)
	expectAnswer(t, s, `mutation { createNote(input: {id: "n1", text: "draft"}) { id text _version _deleted _lastChangedAt } }`,
		`{"data":{"createNote":{"id":"n1","text":"draft","_version":1,"_deleted":null,"_lastChangedAt":1700000000122}}}`)
	expectAnswer(t, s, `mutation { updateNote(input: {id: "n1", text: "hi", _version: 1}) { id text _version _deleted _lastChangedAt } }`,
		`{"data":{"updateNote":{"id":"n1","text":"hi","_version":2,"_deleted":null,"_lastChangedAt":1700000000123}}}`)
	expectAnswer(t, s, `mutation { deleteNote(input: {id: "n1", _version: 2}) { id text _version _deleted _lastChangedAt } }`,
		`{"data":{"deleteNote":{"id":"n1","text":"hi","_version":3,"_deleted":true,"_lastChangedAt":1700000000124}}}`)

	// A tombstone has all attributes, and is seen until its time has passed.
	base := `{"_deleted":{"BOOL":true},"_lastChangedAt":{"N":"1700000000124"},"_ttl":{"N":"1700007200"},"_version":{"N":"3"},"id":{"S":"n1"},"text":{"S":"hi"}}`
	if got := rows(t, s, "Notes"); !slices.Equal(got, []string{base}) {
		t.Errorf("base table: %s", got)
	}
	delta := []string{
		`{"_lastChangedAt":{"N":"1700000000122"},"_ttl":{"N":"1700003600"},"_version":{"N":"1"},"ds_pk":{"S":"Notes:2023-11-14"},"ds_sk":{"S":"22:13:20.122:n1:1"},"id":{"S":"n1"},"text":{"S":"draft"}}`,
		`{"_lastChangedAt":{"N":"1700000000123"},"_ttl":{"N":"1700003600"},"_version":{"N":"2"},"ds_pk":{"S":"Notes:2023-11-14"},"ds_sk":{"S":"22:13:20.123:n1:2"},"id":{"S":"n1"},"text":{"S":"hi"}}`,
		`{"_deleted":{"BOOL":true},"_lastChangedAt":{"N":"1700000000124"},"_ttl":{"N":"1700003600"},"_version":{"N":"3"},"ds_pk":{"S":"Notes:2023-11-14"},"ds_sk":{"S":"22:13:20.124:n1:3"},"id":{"S":"n1"},"text":{"S":"hi"}}`,
	}
	if got := rows(t, s, "NotesDelta"); !slices.Equal(got, delta) {
		t.Errorf("delta table:\n%s", strings.Join(got, "\n"))
	}
	const tombstone = `{"id":"n1","_deleted":true}`
	reads := map[string][2]string{
		`{ getNote(id: "n1") { id _deleted } }`:                {`{"data":{"getNote":` + tombstone + `}}`, `{"data":{"getNote":null}}`},
		`{ listNotes { items { id _deleted } scannedCount } }`: {`{"data":{"listNotes":{"items":[` + tombstone + `],"scannedCount":1}}}`, `{"data":{"listNotes":{"items":[],"scannedCount":0}}}`},
		`{ someNotes(ids: ["n1"]) { id _deleted } }`:           {`{"data":{"someNotes":[` + tombstone + `]}}`, `{"data":{"someNotes":[null]}}`},
		`{ syncNotes { items { id _deleted } scannedCount } }`: {`{"data":{"syncNotes":{"items":[` + tombstone + `],"scannedCount":1}}}`, `{"data":{"syncNotes":{"items":[],"scannedCount":0}}}`},
	}
	for query, want := range reads {
		expectAnswer(t, s, query, want[0])
	}
	s.Advance(2 * time.Hour)
	for query, want := range reads {
		expectAnswer(t, s, query, want[1])
	}
	// Both tables are made with _ttl as their TTL attribute.
	if _, err := s.ExpireNow(context.Background()); err != nil {
		t.Fatal(err)
	}
	if left := append(rows(t, s, "Notes"), rows(t, s, "NotesDelta")...); len(left) > 0 {
		t.Errorf("left after the expiry: %s", left)
	}
}

// A data source whose baseTableTTL is 0 keeps no tombstones.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/versioned-data-sources.html
func TestVersionedDeleteWithoutTombstone(t *testing.T) {
	s := startVersioned(t)
	stored := strings.NewReader(`{"Item":{"id":{"S":"n1"},"_version":{"N":"4"},"_lastChangedAt":{"N":"1"}}}`)
	if _, err := s.Import(context.Background(), "Fleeting", stored); err != nil {
		t.Fatal(err)
	}
	expectAnswer(t, s, `mutation { removeNote(input: {id: "n1", text: "bye"}) { id text _version _deleted } }`,
		`{"data":{"removeNote":{"id":"n1","text":"bye","_version":6,"_deleted":true}}}`)
	if got := rows(t, s, "Fleeting"); len(got) != 0 {
		t.Errorf("left: %s", got)
	}
	// The delta table is shared; its records are told apart by their table.
	if got := rows(t, s, "NotesDelta"); len(got) != 2 || !strings.Contains(got[1], `"ds_pk":{"S":"Fleeting:2023-11-14"}`) || !strings.Contains(got[1], `"_deleted":{"BOOL":true}`) {
		t.Errorf("records:\n%s", strings.Join(got, "\n"))
	}
}

// The error in the form of aws-amplify/amplify-flutter#1501 and of
// conflict-unhandled-response.json in the tests of aws-amplify/amplify-android.
func TestVersionedConflictIsUnhandled(t *testing.T) {
	s := startVersioned(t)
	s.Query(`mutation { createNote(input: {id: "n1", text: "first"}) { id } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "server text", _version: 1}) { id } }`, nil)
	const unhandled = `{"data":{"updateNote":null},"errors":[{"path":["updateNote"],` +
		`"data":{"id":"n1","text":"server text","_version":2,"_deleted":null,"_lastChangedAt":1700000000123},` +
		`"errorType":"ConflictUnhandled","errorInfo":null,"locations":[{"line":2,"column":3,"sourceName":null}],` +
		`"message":"Conflict resolver rejects mutation."}]}`
	// Lower and higher versions differ alike, and those that can be none.
	for _, version := range []string{"1", "3", "0", "-1", "2147483647"} {
		expectAnswer(t, s, "mutation {\n  updateNote(input: {id: \"n1\", text: \"mine\", _version: "+version+"}) { id text _version _deleted _lastChangedAt } }", unhandled)
	}
	expectAnswer(t, s, "mutation {\n  deleteNote(input: {id: \"n1\", _version: 1}) { id text _version _deleted _lastChangedAt } }",
		strings.ReplaceAll(unhandled, "updateNote", "deleteNote"))
	if got := rows(t, s, "NotesDelta"); len(got) != 2 {
		t.Errorf("a rejected write left a record:\n%s", strings.Join(got, "\n"))
	}
	// Without a version there is no check, nor without detection.
	expectAnswer(t, s, `mutation { updateNote(input: {id: "n1", text: "unknowing"}) { text _version } }`, `{"data":{"updateNote":{"text":"unknowing","_version":3}}}`)
	expectAnswer(t, s, `mutation { trustNote(input: {id: "n1", text: "trusted", _version: 1}) { text _version } }`, `{"data":{"trustNote":{"text":"trusted","_version":4}}}`)
	// Tombstones are there, too.
	s.Query(`mutation { deleteNote(input: {id: "n1", _version: 4}) { id } }`, nil)
	expectAnswer(t, s, `mutation { updateNote(input: {id: "n1", text: "late", _version: 4}) { id _version _deleted } }`,
		`{"data":{"updateNote":null},"errors":[`+resolverErrorAt(`["updateNote"]`, "12", `{"id":"n1","_version":5,"_deleted":true}`, `"ConflictUnhandled"`, "null", "Conflict resolver rejects mutation.")+`]}`)
	// A template that raises no error hides the conflict: $ctx.result is the item.
	expectAnswer(t, s, `mutation { hideNote(input: {id: "n1", text: "late", _version: 4}) { id _version } }`,
		`{"data":{"hideNote":{"id":"n1","_version":5}}}`)
}

// The error types of failed conditions and of refused writes; the first is
// recorded in packages/datastore/__tests__/helpers/fakes/graphqlService.ts of
// aws-amplify/amplify-js, the operations in aws-amplify/amplify-js#6021.
func TestVersionedRefusals(t *testing.T) {
	s := startVersioned(t)
	s.Query(`mutation { createNote(input: {id: "n1"}) { id } }`, nil)
	const condition = `"message":"The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: X)"`
	for _, c := range []struct{ query, want string }{
		{`mutation { createNote(input: {id: "n1"}) { id } }`, `"data":null,"errorType":"ConditionalCheckFailedException","errorInfo":null,"locations":` + at("1", "12") + `,` + condition},
		{`mutation { updateNote(input: {id: "n2", text: "x", _version: 1}) { id } }`, `"data":null,"errorType":"ConditionalCheckFailedException","errorInfo":null,"locations":` + at("1", "12") + `,` + condition},
		{`mutation { deleteNote(input: {id: "n2", _version: 1}) { id } }`, `{"data":{"deleteNote":null}}`},
		{`mutation { stampNote(id: "n1") { id } }`, `"data":null,"errorType":"BadRequest",`},
		{`mutation { batchNotes(id: "n1") { id } }`, `"errorType":"MappingTemplate","errorInfo":null,"locations":` + at("1", "12") + `,"message":"Unsupported operation 'BatchPutItem'. ` +
			`Datasource Versioning only supports the following operations (TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync)"`},
		{`{ syncPlain { startedAt } }`, `"errorType":"MappingTemplate","errorInfo":null,"locations":` + at("1", "3") + `,"message":"Unsupported operation 'Sync'."`},
		{`mutation { checkedNote(id: "n1") { id } }`, `"errorType":"NotSupportedByEmulator"`},
		{`{ syncNotes(limit: 0) { startedAt } }`, `"errorType":"DynamoDB:DynamoDbException"`},
		{`{ syncNotes(nextToken: "x") { startedAt } }`, `"errorType":"DynamoDB:UserIllegalArgumentException"`},
		{`{ syncMessages(index: "none", lastSync: 1700000000000) { startedAt } }`, `"errorType":"DynamoDB:DynamoDbException","errorInfo":null,"locations":` + at("1", "3") +
			`,"message":"The table does not have the specified index: none (Service: DynamoDb, Status Code: 400, Request ID: X)"`},
	} {
		if got := requestID.ReplaceAllString(s.Query(c.query, nil), "Request ID: X"); !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
	}
}

// A conditionalCheckFailedHandler of the strategy Custom decides on versioned data
// sources as on others: the AppSync developer guide, page
// aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions,
// makes no exception. The error of a rejected write is that of TestVersionedRefusals.
func TestVersionedConditionsDecidedByLambda(t *testing.T) {
	answer := ""
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/resolveNote/invocations", func(w http.ResponseWriter, r *http.Request) {
		event, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(event), `"currentValue":{`) || !strings.Contains(string(event), `"field":"checkedNote"`) {
			t.Errorf("event %s", event)
		}
		io.WriteString(w, answer)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := startVersioned(t, func(o *emulator.Options) { o.LambdaFunctions = map[string]string{"resolveNote": server.URL} })
	s.Query(`mutation { createNote(input: {id: "n1", text: "a"}) { id } }`, nil)
	for _, c := range []struct{ answer, want string }{
		{`{"action":"reject"}`, `"data":null,"errorType":"ConditionalCheckFailedException"`},
		{`{"action":"discard"}`, `{"data":{"checkedNote":{"id":"n1","_version":1,"_deleted":null}}}`},
		{`{"action":"retry","retryMapping":{"condition":{"expression":"attribute_not_exists(id)"}}}`, `"data":null,"errorType":"ConditionalCheckFailedException"`},
		{`{"action":"RESOLVE"}`, `"errorType":"MappingTemplate"`},
		{`{"action":"retry","retryMapping":{}}`, `{"data":{"checkedNote":{"id":"n1","_version":2,"_deleted":true}}}`},
	} {
		answer = c.answer
		if got := s.Query(`mutation { checkedNote(id: "n1") { id _version _deleted } }`, nil); !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.answer, got, c.want)
		}
	}
	if got := rows(t, s, "NotesDelta"); len(got) != 2 {
		t.Errorf("records %q", got)
	}
}

// Recorded: aws-amplify/amplify-category-api#2053.
func TestVersionedWriteWithoutDeltaTable(t *testing.T) {
	s := startVersioned(t, func(o *emulator.Options) { o.Logger = slog.New(slog.DiscardHandler) })
	req, err := http.NewRequest("POST", "http://"+s.Addr(), strings.NewReader(`{"TableName":"LostDelta"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.DeleteTable")
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	expectAnswer(t, s, `mutation { putLost(id: "n1") { id } }`,
		`{"data":{"putLost":null},"errors":[`+resolverErrorAt(`["putLost"]`, "12", "null", `"DeltaSyncWriteError"`, "null", "Failed to write delta sync record.")+`]}`)
}

// AWS's page "Conflict detection and resolution", section Automerge; that equal
// lists are appended all the same: aws-amplify/amplify-cli#5541.
func TestVersionedAutomerge(t *testing.T) {
	const stored = `{"Item":{"id":{"S":"n1"},"name":{"S":"A"},"tags":{"SS":["x","y"]},"log":{"L":[{"N":"1"}]},"m":{"M":{"p":{"N":"1"},"q":{"N":"2"}}},"_version":{"N":"8"},"_lastChangedAt":{"N":"1699999999000"}}}`
	const fields = `name tags log m { p q r } extra _version _deleted`
	const input = `input: {id: "n1", name: "B", tags: ["y", "z"], log: [1, 9], m: {p: 5, r: 3}, extra: true, _version: `
	start := func(t *testing.T) *emulatortest.Server {
		s := startVersioned(t)
		if _, err := s.Import(context.Background(), "Notes", strings.NewReader(stored)); err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("a stale update is merged", func(t *testing.T) {
		s := start(t)
		expectAnswer(t, s, `mutation { mergeNote(`+input+`3}) { `+fields+` } }`,
			`{"data":{"mergeNote":{"name":"A","tags":["x","y","z"],"log":[1,1,9],"m":{"p":1,"q":2,"r":3},"extra":true,"_version":9,"_deleted":null}}}`)
		// That it changes nothing is a change all the same: aws-amplify/amplify-js#6363.
		expectAnswer(t, s, `mutation { mergeNote(input: {id: "n1", name: "C", _version: 3}) { name _version } }`, `{"data":{"mergeNote":{"name":"A","_version":10}}}`)
	})
	t.Run("a current one is written", func(t *testing.T) {
		expectAnswer(t, start(t), `mutation { mergeNote(`+input+`8}) { `+fields+` } }`,
			`{"data":{"mergeNote":{"name":"B","tags":["y","z"],"log":[1,9],"m":{"p":5,"q":null,"r":3},"extra":true,"_version":9,"_deleted":null}}}`)
	})
	t.Run("a stale delete is refused", func(t *testing.T) {
		expectAnswer(t, start(t), `mutation { mergeDelete(input: {id: "n1", _version: 3}) { name _version } }`,
			`{"data":{"mergeDelete":null},"errors":[`+resolverErrorAt(`["mergeDelete"]`, "12", `{"name":"A","_version":8}`, `"ConflictUnhandled"`, "null", "Conflict resolver rejects mutation.")+`]}`)
	})
	// The merge that AppSync's offline reference architecture describes.
	t.Run("changes to different fields are both kept by FIELD_LEVEL alone", func(t *testing.T) {
		for mutation, want := range map[string]string{
			"mergeFields": `{"data":{"mergeFields":{"text":"mine","name":"theirs","_version":3}}}`,
			"mergeNote":   `{"data":{"mergeNote":{"text":"first","name":"theirs","_version":3}}}`,
		} {
			s := startVersioned(t)
			s.Query(`mutation { createNote(input: {id: "n1", text: "first", name: "first"}) { id } }`, nil)
			s.Query(`mutation { updateNote(input: {id: "n1", name: "theirs", _version: 1}) { id } }`, nil)
			expectAnswer(t, s, `mutation { `+mutation+`(input: {id: "n1", text: "mine", _version: 1}) { text name _version } }`, want)
		}
	})
}

// conflictFunction answers as the event's newItem.text says; it keeps the last
// event.
type conflictFunction struct {
	event  string
	during func()
}

func (f *conflictFunction) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.event = string(body)
	var event struct{ NewItem struct{ Text string } }
	_ = json.Unmarshal(body, &event)
	if f.during != nil {
		f.during()
	}
	if event.NewItem.Text == "fail" {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	fmt.Fprint(w, event.NewItem.Text)
}

// AWS's page "Conflict detection and resolution", section Lambda: the event, the
// replies and the errors.
func TestVersionedConflictsResolvedByLambda(t *testing.T) {
	function := &conflictFunction{}
	mux := http.NewServeMux()
	mux.Handle("POST /2015-03-31/functions/resolveNote/invocations", function)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := startVersioned(t, func(o *emulator.Options) {
		o.LambdaFunctions = map[string]string{"resolveNote": server.URL}
		o.Logger = slog.New(slog.DiscardHandler)
	})
	reset := func() {
		t.Helper()
		function.during = nil
		const stored = `{"Item":{"id":{"S":"n1"},"name":{"S":"A"},"_version":{"N":"8"},"_lastChangedAt":{"N":"1699999999000"}}}`
		if _, err := s.Import(context.Background(), "Notes", strings.NewReader(stored)); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(mutation, reply, want string) {
		t.Helper()
		got := s.Query(`mutation ($text: String) { `+mutation+`(input: {id: "n1", text: $text, _version: 3}) { id text name _version _deleted } }`, map[string]any{"text": reply})
		if !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", reply, got, want)
		}
	}
	refused := func(mutation, errorType, message string) string {
		return `{"data":{"` + mutation + `":null},"errors":[` + resolverErrorAt(`["`+mutation+`"]`, "28", `{"id":"n1","text":null,"name":"A","_version":8,"_deleted":null}`, `"`+errorType+`"`, "null", message) + `]}`
	}

	reset()
	ask("askNote", `{"action":"RESOLVE","item":{"id":"other","text":"both","name":"C","_version":77,"_deleted":true}}`,
		`{"data":{"askNote":{"id":"n1","text":"both","name":"C","_version":9,"_deleted":null}}}`)
	reset()
	ask("askNote", `{"action":"REJECT"}`, refused("askNote", "ConflictUnhandled", "Conflict resolver rejects mutation."))
	var event struct {
		NewItem, ExistingItem, Arguments, Resolver map[string]any
		Identity                                   any
	}
	if err := json.Unmarshal([]byte(function.event), &event); err != nil {
		t.Fatal(err)
	}
	delete(event.NewItem, "_lastChangedAt")
	for name, pair := range map[string][2]any{
		"newItem":      {event.NewItem, map[string]any{"id": "n1", "name": "A", "text": `{"action":"REJECT"}`, "_version": 9}},
		"existingItem": {event.ExistingItem, map[string]any{"id": "n1", "name": "A", "_version": 8, "_lastChangedAt": 1699999999000}},
		"arguments":    {event.Arguments, map[string]any{"input": map[string]any{"id": "n1", "text": `{"action":"REJECT"}`, "_version": 3}}},
		"resolver":     {event.Resolver, map[string]any{"tableName": "Notes", "awsRegion": "eu-west-1", "parentType": "Mutation", "field": "askNote"}},
		"identity":     {event.Identity, nil},
	} {
		got, _ := json.Marshal(pair[0])
		want, _ := json.Marshal(pair[1])
		if string(got) != string(want) {
			t.Errorf("%s of the event\n got %s\nwant %s", name, got, want)
		}
	}

	// What is no decision, or not one for the operation.
	const failed = "An internal error occurred when trying to resolve a conflict."
	for _, reply := range []string{`{"action":"REMOVE"}`, `{"action":"RESOLVE"}`, `{"action":"resolve","item":{}}`, `{"item":{}}`, `[]`, `null`, `{`, `fail`} {
		ask("askNote", reply, refused("askNote", "ConflictError", failed))
	}
	// Nothing is locked while the function runs: it is asked again when the item
	// has changed, ten times at most.
	asked := 0
	function.during = func() {
		asked++
		s.Query(`mutation { trustNote(input: {id: "n1", name: "D"}) { id } }`, nil)
	}
	ask("askNote", `{"action":"RESOLVE","item":{}}`, `"errorType":"MaxConflicts"`)
	if asked != 10 {
		t.Errorf("the function was asked %d times", asked)
	}

	reset()
	// The text of the stored item is the reply.
	for _, c := range []struct{ reply, want string }{
		{`{"action":"REJECT"}`, `"errorType":"ConflictUnhandled"`},
		{`{"action":"RESOLVE","item":{}}`, `"errorType":"ConflictError"`},
		{`{"action":"REMOVE"}`, `{"data":{"askDelete":{"id":"n1","_version":`},
	} {
		s.Query(`mutation ($text: String) { trustNote(input: {id: "n1", text: $text}) { id } }`, map[string]any{"text": c.reply})
		if got := s.Query(`mutation { askDelete(input: {id: "n1", _version: 3}) { id _version _deleted } }`, nil); !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.reply, got, c.want)
		}
	}
	// Nobody runs the function.
	ask("askNobody", ``, `"errorType":"NotSupportedByEmulator"`)
}

// AWS's page "Sync operations": all at first, then what has changed since, and
// all again when the delta table does not reach back so far.
func TestVersionedSync(t *testing.T) {
	s := startVersioned(t)
	s.Advance(80 * time.Minute) // 23:33:20.122
	for i := range 5 {
		s.Query(fmt.Sprintf(`mutation { createNote(input: {id: "n%d", text: "%d"}) { id } }`, i, i), nil)
	}
	type page struct {
		SyncNotes struct {
			Items []struct {
				ID, Text string
				Version  int   `json:"_version"`
				Deleted  *bool `json:"_deleted"`
			}
			NextToken    *string
			ScannedCount int
			StartedAt    int64
		}
	}
	// syncAll reads all pages of 2 and returns id:version of the items, with - for
	// those that are deleted.
	syncAll := func(arguments map[string]any) (items []string, startedAt int64) {
		t.Helper()
		arguments["limit"] = 2
		for {
			var p page
			s.Decode(&p, `query ($text: String, $limit: Int, $nextToken: String, $lastSync: AWSTimestamp) {
				syncNotes(text: $text, limit: $limit, nextToken: $nextToken, lastSync: $lastSync) {
					items { id text _version _deleted } nextToken scannedCount startedAt } }`, arguments)
			if startedAt != 0 && startedAt != p.SyncNotes.StartedAt {
				t.Errorf("startedAt was %d and is %d", startedAt, p.SyncNotes.StartedAt)
			}
			startedAt = p.SyncNotes.StartedAt
			for _, item := range p.SyncNotes.Items {
				text := fmt.Sprint(item.ID, ":", item.Version)
				if item.Deleted != nil {
					text += "-"
				}
				items = append(items, text)
			}
			if p.SyncNotes.NextToken == nil {
				return items, startedAt
			}
			if p.SyncNotes.ScannedCount != 2 {
				t.Errorf("scannedCount is %d", p.SyncNotes.ScannedCount)
			}
			arguments["nextToken"] = *p.SyncNotes.NextToken
			s.Advance(time.Millisecond)
		}
	}
	check := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	all := []string{"n0:1", "n1:1", "n2:1", "n3:1", "n4:1"}
	items, startedAt := syncAll(map[string]any{"lastSync": 0})
	slices.Sort(items)
	check("the first sync", items, all...)

	s.Advance(10 * time.Minute)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "1b", _version: 1}) { id } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "c", _version: 2}) { id } }`, nil)
	s.Query(`mutation { deleteNote(input: {id: "n2", _version: 1}) { id } }`, nil)
	items, again := syncAll(map[string]any{"lastSync": startedAt})
	check("what has changed", items, "n1:2", "n1:3", "n2:2-")
	items, _ = syncAll(map[string]any{"lastSync": startedAt, "text": "1"})
	check("what has changed and meets a filter", items, "n1:2")
	items, _ = syncAll(map[string]any{"lastSync": again})
	check("nothing has changed since", items)
	items, _ = syncAll(map[string]any{"lastSync": again + 1e9})
	check("a device whose clock is ahead", items)

	// The clock moves over midnight within the window, and then past it.
	s.Advance(30 * time.Minute)
	items, _ = syncAll(map[string]any{"lastSync": startedAt})
	check("still within the window", items, "n1:2", "n1:3", "n2:2-")
	s.Advance(21 * time.Minute)
	items, _ = syncAll(map[string]any{"lastSync": startedAt})
	slices.Sort(items)
	check("past the window", items, "n0:1", "n1:3", "n2:2-", "n3:1", "n4:1")

	// A token is of its resolver.
	var p page
	s.Decode(&p, `{ syncNotes(limit: 1) { nextToken } }`, nil)
	token := *p.SyncNotes.NextToken
	if got := s.Query(fmt.Sprintf(`{ syncNotesAgain(nextToken: %q) { startedAt } }`, token), nil); !strings.Contains(got, `"message":"com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given."`) {
		t.Errorf("the token of another resolver: %s", got)
	}
	if got := s.Query(`{ syncNotesAgain { items { id } } }`, nil); strings.Count(got, `"id"`) != 5 {
		t.Errorf("an empty filter is none, as in aws-amplify/amplify-android#2540: %s", got)
	}
}

// The fields customPartitionKey, populateIndexFields, basePartitionKey and
// deltaIndexName of AWS's pages on PutItem and Sync.
func TestVersionedSyncOfPartitions(t *testing.T) {
	s := startVersioned(t)
	for _, m := range []string{`room: "a", at: "1"`, `room: "b", at: "1"`, `room: "a", at: "2"`} {
		expectAnswer(t, s, `mutation { putMessage(`+m+`) { _version } }`, `{"data":{"putMessage":{"_version":1}}}`)
	}
	if got := rows(t, s, "MessagesDelta"); len(got) != 3 || !slices.ContainsFunc(got, func(row string) bool {
		return strings.Contains(row, `"ds_pk":{"S":"Messages:2023-11-14:a"},"ds_sk":{"S":"22:13:20.124:2:1"},"gsi_ds_pk":{"S":"Messages:2023-11-14"},"gsi_ds_sk":{"S":"22:13:20.124:a#2:1"}`)
	}) {
		t.Errorf("records:\n%s", strings.Join(got, "\n"))
	}
	const lastSync = "lastSync: 1700000000000"
	for arguments, want := range map[string]string{
		``:                              `["a1","a2","b1"]`,
		`(room: "a")`:                   `["a2","a1"]`,
		`(room: "a", ` + lastSync + `)`: `["a1","a2"]`,
		`(` + lastSync + `)`:            `[]`,
		`(index: "everything", ` + lastSync + `)`: `["a1","b1","a2"]`,
	} {
		var out struct {
			SyncMessages struct{ Items []struct{ Room, At string } }
		}
		s.Decode(&out, `{ syncMessages`+arguments+` { items { room at } } }`, nil)
		got := []string{}
		for _, m := range out.SyncMessages.Items {
			got = append(got, m.Room+m.At)
		}
		if arguments == "" {
			slices.Sort(got)
		}
		if text, _ := json.Marshal(got); string(text) != want {
			t.Errorf("%s: got %s, want %s", arguments, text, want)
		}
	}
}

// Subscribers get what the mutation answered, metadata included: DataStore keeps
// its local records by it.
func TestVersionedMutationsReachSubscribers(t *testing.T) {
	s := startVersioned(t)
	c := dial(t, s)
	c.start("1", `subscription { onNote { id text _version _deleted _lastChangedAt } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	event := func(note string) {
		t.Helper()
		c.expect(`{"id":"1","type":"data","payload":{"data":{"onNote":` + note + `}}}`)
	}
	const fields = `{ id text _version _deleted _lastChangedAt }`
	s.Query(`mutation { createNote(input: {id: "n1", text: "a"}) `+fields+` }`, nil)
	event(`{"id":"n1","text":"a","_version":1,"_deleted":null,"_lastChangedAt":1700000000122}`)
	// Who is refused tells nobody.
	s.Query(`mutation { updateNote(input: {id: "n1", text: "b", _version: 7}) `+fields+` }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "c", _version: 1}) `+fields+` }`, nil)
	event(`{"id":"n1","text":"c","_version":2,"_deleted":null,"_lastChangedAt":1700000000123}`)
	s.Query(`mutation { mergeNote(input: {id: "n1", text: "d", _version: 1}) `+fields+` }`, nil)
	event(`{"id":"n1","text":"c","_version":3,"_deleted":null,"_lastChangedAt":1700000000124}`)
	s.Query(`mutation { deleteNote(input: {id: "n1", _version: 3}) `+fields+` }`, nil)
	event(`{"id":"n1","text":"c","_version":4,"_deleted":true,"_lastChangedAt":1700000000125}`)
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Writers that know the version they change, and try again when they are refused,
// lose nothing.
func TestVersionedWritersLoseNothing(t *testing.T) {
	s := startVersioned(t)
	s.Query(`mutation { createNote(input: {id: "n1", log: [0]}) { id } }`, nil)
	const writers, writes = 8, 5
	type note struct {
		Log     []int
		Version int `json:"_version"`
	}
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range writes {
				for done := false; !done; {
					var stored struct{ GetNote note }
					s.Decode(&stored, `{ getNote(id: "n1") { log _version } }`, nil)
					n := stored.GetNote
					done = !strings.Contains(s.Query(`mutation ($log: [Int], $version: Int) { updateNote(input: {id: "n1", log: $log, _version: $version}) { id } }`,
						map[string]any{"log": []int{n.Log[0] + 1}, "version": n.Version}), "ConflictUnhandled")
				}
			}
		})
	}
	wg.Wait()
	expectAnswer(t, s, `{ getNote(id: "n1") { log _version } }`,
		fmt.Sprintf(`{"data":{"getNote":{"log":[%d],"_version":%d}}}`, writers*writes, writers*writes+1))
	if got := len(rows(t, s, "NotesDelta")); got != writers*writes+1 {
		t.Errorf("%d records", got)
	}
}

// What AppSync writes to CloudWatch of conflicts, in the words of AWS's page
// "Monitoring and logging", section on conflict detection and sync logging.
func TestVersionedConflictsAreLogged(t *testing.T) {
	log := &lockedBuffer{}
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `"what?"`) }))
	t.Cleanup(function.Close)
	s := startVersioned(t, func(o *emulator.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.LambdaFunctions = map[string]string{"resolveNote": function.URL}
	})
	s.Query(`mutation { createNote(input: {id: "n1", text: "a", log: [1]}) { id } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "b", _version: 1}) { id } }`, nil)
	if got := log.String(); strings.Contains(got, "a conflict") {
		t.Errorf("writes without a conflict: %s", got)
	}
	for mutation, want := range map[string]string{
		"mergeNote":  `level=DEBUG msg="a conflict" table=Notes key="{\"id\":{\"S\":\"n1\"}}" operation=UpdateItem handler=AUTOMERGE rule=merged sent=1 stored=2 written=3 attribute.text=REJECTED`,
		"updateNote": `level=DEBUG msg="a conflict" table=Notes key="{\"id\":{\"S\":\"n1\"}}" operation=UpdateItem handler=OPTIMISTIC_CONCURRENCY rule=rejected sent=1 stored=`,
		"askNote":    `level=WARN msg="a conflict" table=Notes key="{\"id\":{\"S\":\"n1\"}}" operation=UpdateItem handler=LAMBDA rule="handler failed" sent=1 stored=`,
	} {
		s.Query(`mutation { `+mutation+`(input: {id: "n1", text: "c", _version: 1}) { id } }`, nil)
		if got := log.String(); !strings.Contains(got, want) {
			t.Errorf("%s: no %s in\n%s", mutation, want, got)
		}
	}
	if got := log.String(); !strings.Contains(got, `error="the answer is not an object"`) {
		t.Errorf("the reason is not told:\n%s", got)
	}
}
