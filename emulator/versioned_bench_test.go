package emulator_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

var notesOfBenchmarks = flag.Int("items", 20_000, "how many notes the larger table of the Sync benchmarks has")

// benchNotes is a project of two tables of notes, one versioned and one plain.
var benchNotes = map[string]string{
	"schema.graphql": `
type Query {
  getNote(id: ID!): Note
  syncNotes(limit: Int, nextToken: String, lastSync: AWSTimestamp): NotePage
}
type Mutation {
  updateNote(id: ID!, n: Int!, version: Int): Note
  mergeNote(id: ID!, n: Int!, version: Int): Note
  updatePlain(id: ID!, n: Int!): Note
}
type Note { id: ID! title: String text: String n: Int _version: Int _deleted: Boolean _lastChangedAt: AWSTimestamp }
type NotePage { items: [Note] nextToken: String startedAt: AWSTimestamp }
`,
	"appsync.yml": `
name: notes
authentication: { type: API_KEY }
dataSources:
  Notes:
    type: AMAZON_DYNAMODB
    config:
      tableName: Notes
      versioned: true
      deltaSyncConfig: { deltaSyncTableName: NotesDelta, baseTableTTL: 43200, deltaSyncTableTTL: 30 }
  Plain: { type: AMAZON_DYNAMODB, config: { tableName: Plain } }
resolvers:
  Query.getNote:
    kind: UNIT
    dataSource: Notes
    request: '{"version": "2018-05-29", "operation": "GetItem", "key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)}}'
    response: $util.toJson($ctx.result)
  Query.syncNotes:
    kind: UNIT
    dataSource: Notes
    request: |-
      {"version": "2018-05-29", "operation": "Sync", "limit": $util.toJson($ctx.args.limit),
       "nextToken": $util.toJson($ctx.args.nextToken), "lastSync": $util.toJson($ctx.args.lastSync)}
    response: $util.toJson($ctx.result)
  Mutation.updateNote: &update
    kind: UNIT
    dataSource: Notes
    request: |-
      {"version": "2018-05-29", "operation": "UpdateItem", "key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)},
       "update": {"expression": "SET #n = :n", "expressionNames": {"#n": "n"}, "expressionValues": {":n": $util.dynamodb.toDynamoDBJson($ctx.args.n)}},
       "_version": $util.toJson($ctx.args.version)}
    response: |-
      #if($ctx.error)$util.error($ctx.error.message, $ctx.error.type, $ctx.result)#end
      $util.toJson($ctx.result)
    sync: { conflictHandler: OPTIMISTIC_CONCURRENCY }
  Mutation.mergeNote: { <<: *update, sync: { conflictHandler: AUTOMERGE } }
  Mutation.updatePlain:
    kind: UNIT
    dataSource: Plain
    request: |-
      {"version": "2018-05-29", "operation": "UpdateItem", "key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)},
       "update": {"expression": "SET #n = :n", "expressionNames": {"#n": "n"}, "expressionValues": {":n": $util.dynamodb.toDynamoDBJson($ctx.args.n)}}}
    response: |-
      #if($ctx.error)$util.error($ctx.error.message, $ctx.error.type, $ctx.result)#end
      $util.toJson($ctx.result)
`,
}

// startNotes serves the project with n notes in each of the given tables.
func startNotes(tb testing.TB, n int, durable bool, tables ...string) *emulatortest.Server {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range benchNotes {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	s := emulatortest.Start(tb, dir, func(o *emulator.Options) {
		if durable {
			o.InMemory = false
			o.DataFile = filepath.Join(tb.TempDir(), "notes.db")
		}
	})
	const note = `{"Item":{"id":{"S":"note-%d"},"title":{"S":"How to store a note"},"n":{"N":"0"},` +
		`"text":{"S":"Some two hundred bytes of content, as a note in an application might have it: a sentence or two, and then perhaps one more, so that the item is neither trivially small nor large."},` +
		`"_version":{"N":"1"},"_lastChangedAt":{"N":"1600000000000"}}}` + "\n"
	for _, table := range tables {
		r, w := io.Pipe()
		go func() {
			for i := range n {
				if _, err := fmt.Fprintf(w, note, i); err != nil {
					return
				}
			}
			w.Close()
		}()
		if _, err := s.Import(context.Background(), table, r); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// ask sends a request without a socket and reads the answer into out. It returns
// the errorType of the first error.
func ask(h http.Handler, apiKey, query string, variables map[string]any, out any) (errorType string, err error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return "", err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, newRequest(string(body), apiKey))
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ ErrorType, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		return "", fmt.Errorf("%w in %.200s", err, w.Body)
	}
	if len(answer.Errors) > 0 {
		if answer.Errors[0].ErrorType == "" {
			return "", fmt.Errorf("%.300s", w.Body)
		}
		return answer.Errors[0].ErrorType, nil
	}
	return "", json.Unmarshal(answer.Data, out)
}

// BenchmarkVersionedUpdate compares a mutation of a versioned item with one of a
// plain item, from the request to the answer: one client, and many whose writes
// the store makes durable together.
func BenchmarkVersionedUpdate(b *testing.B) {
	const notes = 1000
	durabilities(b, func(b *testing.B, durable bool) {
		for _, c := range []struct{ name, query string }{
			{"plain", `mutation ($id: ID!, $n: Int!) { updatePlain(id: $id, n: $n) { id title text n } }`},
			{"versioned", `mutation ($id: ID!, $n: Int!) { updateNote(id: $id, n: $n) { id title text n _version _deleted _lastChangedAt } }`},
			{"merged", `mutation ($id: ID!, $n: Int!) { mergeNote(id: $id, n: $n, version: 0) { id title text n _version _deleted _lastChangedAt } }`},
		} {
			body := func(i int) string {
				return graphqlBody(c.query, fmt.Sprintf(`{"id":"note-%d","n":%d}`, i%notes, i))
			}
			b.Run(c.name, func(b *testing.B) {
				s := startNotes(b, notes, durable, "Notes", "Plain")
				h, key, i := s.Handler(), s.APIKey(), 0
				b.ReportAllocs()
				for b.Loop() {
					i++
					w := &discardResponse{header: http.Header{}}
					h.ServeHTTP(w, newRequest(body(i), key))
				}
			})
			b.Run(c.name+"/32 clients", func(b *testing.B) {
				s := startNotes(b, notes, durable, "Notes", "Plain")
				h, key := s.Handler(), s.APIKey()
				var clients atomic.Int64
				b.ReportAllocs()
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					for i := int(clients.Add(1)) * 61; pb.Next(); i++ {
						w := &discardResponse{header: http.Header{}}
						h.ServeHTTP(w, newRequest(body(i), key))
					}
				})
			})
		}
	})
}

const syncQuery = `query ($limit: Int, $nextToken: String, $lastSync: AWSTimestamp) {
	syncNotes(limit: $limit, nextToken: $nextToken, lastSync: $lastSync) {
		items { id title text n _version _deleted _lastChangedAt } nextToken startedAt } }`

type syncedNotes struct {
	SyncNotes struct {
		Items     []json.RawMessage
		NextToken *string
		StartedAt int64
	}
}

// BenchmarkVersionedSync reads 100 changes, and the first and last 100 items of
// the base table, of a small table and of a large one (-items).
func BenchmarkVersionedSync(b *testing.B) {
	for _, notes := range []int{1000, *notesOfBenchmarks} {
		s := startNotes(b, notes, false, "Notes")
		h, key := s.Handler(), s.APIKey()
		sync := func(variables map[string]any) syncedNotes {
			var out syncedNotes
			if refused, err := ask(h, key, syncQuery, variables, &out); err != nil || refused != "" {
				b.Fatal(refused, err)
			}
			return out
		}
		update := func(from, to int) {
			for i := from; i < to; i++ {
				s.Query(`mutation ($id: ID!, $n: Int!) { updateNote(id: $id, n: $n) { id } }`, map[string]any{"id": fmt.Sprint("note-", i), "n": i})
			}
		}
		update(0, 500) // changes that the client has seen
		began := sync(map[string]any{"limit": 1}).SyncNotes.StartedAt
		update(0, 100)
		run := func(name string, variables map[string]any) {
			text, err := json.Marshal(variables)
			if err != nil {
				b.Fatal(err)
			}
			if n := len(sync(variables).SyncNotes.Items); n != 100 {
				b.Fatalf("%s: %d items", name, n)
			}
			b.Run(fmt.Sprintf("%s/base=%d", name, notes), func(b *testing.B) {
				benchmarkHandler(b, s, graphqlBody(syncQuery, string(text)))
			})
		}
		run("delta", map[string]any{"lastSync": began, "limit": 1000})
		run("first page", map[string]any{"limit": 100})
		page := map[string]any{}
		for read := 0; read < notes-100; {
			page["limit"] = min(notes-100-read, 1000)
			out := sync(page)
			read += len(out.SyncNotes.Items)
			page["nextToken"] = *out.SyncNotes.NextToken
		}
		page["limit"] = 100
		run("last page", page)
	}
}

// readModifyWrite has clients count up one item with the version they know, until
// each did so often enough, and returns how many of their updates were refused.
func readModifyWrite(tb testing.TB, s *emulatortest.Server, clients, updates int) (refused int64) {
	tb.Helper()
	h, key := s.Handler(), s.APIKey()
	type note struct {
		N       int
		Version int `json:"_version"`
	}
	count := func() error {
		var stored struct{ GetNote note }
		if problem, err := ask(h, key, `{ getNote(id: "note-0") { n _version } }`, nil, &stored); err != nil || problem != "" {
			return fmt.Errorf("get: %s %w", problem, err)
		}
		for {
			n := stored.GetNote
			var updated struct{ UpdateNote note }
			problem, err := ask(h, key, `mutation ($n: Int!, $v: Int) { updateNote(id: "note-0", n: $n, version: $v) { n _version } }`,
				map[string]any{"n": n.N + 1, "v": n.Version}, &updated)
			switch {
			case err != nil:
				return err
			case problem == "":
				if updated.UpdateNote != (note{n.N + 1, n.Version + 1}) {
					return fmt.Errorf("%+v became %+v", n, updated.UpdateNote)
				}
				return nil
			case problem != "ConflictUnhandled":
				return fmt.Errorf("update: %s", problem)
			}
			atomic.AddInt64(&refused, 1)
			if problem, err := ask(h, key, `{ getNote(id: "note-0") { n _version } }`, nil, &stored); err != nil || problem != "" {
				return fmt.Errorf("get: %s %w", problem, err)
			}
		}
	}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range updates {
				if err := count(); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	var stored struct{ GetNote note }
	if problem, err := ask(h, key, `{ getNote(id: "note-0") { n _version } }`, nil, &stored); err != nil || problem != "" {
		tb.Fatal(problem, err)
	}
	if want := (note{clients * updates, clients*updates + 1}); stored.GetNote != want {
		tb.Errorf("the note is %+v, want %+v", stored.GetNote, want)
	}
	return refused
}

// Sixty-four clients that change one item, each with the version it knows: the
// AWS page "Conflict detection and resolution" has them try again when they are
// refused. No update is lost and no version is skipped.
func TestVersionedReadModifyWriteOfManyClients(t *testing.T) {
	const clients, updates = 64, 2
	for name, durable := range map[string]bool{"memory": false, "durable": true} {
		t.Run(name, func(t *testing.T) {
			s := startNotes(t, 1, durable, "Notes")
			readModifyWrite(t, s, clients, updates)
			versions := map[string]bool{}
			for _, row := range rows(t, s, "NotesDelta") {
				_, version, _ := strings.Cut(row, `"_version":{"N":"`)
				version, _, _ = strings.Cut(version, `"`)
				versions[version] = true
			}
			if len(versions) != clients*updates {
				t.Errorf("records of %d versions", len(versions))
			}
		})
	}
}

// BenchmarkVersionedReadModifyWrite is the same with a hundred updates of each
// client.
func BenchmarkVersionedReadModifyWrite(b *testing.B) {
	const clients, updates = 64, 100
	durabilities(b, func(b *testing.B, durable bool) {
		for b.Loop() {
			s := startNotes(b, 1, durable, "Notes")
			began := time.Now()
			refused := readModifyWrite(b, s, clients, updates)
			b.ReportMetric(float64(clients*updates)/time.Since(began).Seconds(), "updates/s")
			b.ReportMetric(float64(refused)/(clients*updates), "refused/update")
		}
	})
}
