package admin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/clock"
	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// fixture is a service over a store in memory with two tables, behind HTTP.
type fixture struct {
	testing.TB
	*admin.Service
	store *bolt.Store
	clock *clock.Clock
	url   string
}

var (
	posts = storage.Table{
		Name: "Posts",
		Key:  storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}},
		Indexes: []storage.Index{{
			Name: "byAuthor", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "author", Kind: attribute.S}},
			Projection: storage.ProjectAll,
		}},
		TTLAttribute: "expires",
	}
	events = storage.Table{
		Name: "Events",
		Key: storage.KeySchema{
			Partition: storage.KeyAttribute{Name: "day", Kind: attribute.N},
			Sort:      &storage.KeyAttribute{Name: "at", Kind: attribute.B},
		},
	}
)

const projectSeed = `{"Posts":[{"id":"a","author":"x","ups":3},{"id":{"S":"b"},"tags":{"SS":["p","q"]}}]}`

func start(t testing.TB, change ...func(*admin.Options)) *fixture {
	t.Helper()
	f := &fixture{TB: t, clock: clock.New()}
	var err error
	if f.store, err = bolt.Open("", bolt.Options{InMemory: true, Clock: f.clock}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []storage.Table{posts, events} {
		if err := f.store.EnsureTable(t.Context(), table); err != nil {
			t.Fatal(err)
		}
	}
	opt := admin.Options{
		Store: f.store, Clock: f.clock,
		Project: admin.Project{
			Tables: []storage.Table{posts, events},
			Seed:   func() ([]admin.TableItems, error) { return admin.ParseSeed(projectSeed) },
		},
	}
	opt.Faults = faults.New(faults.Options{Clock: f.clock})
	t.Cleanup(opt.Faults.Close)
	for _, c := range change {
		c(&opt)
	}
	f.Service = admin.New(opt)
	server := httptest.NewServer(f.Handler())
	f.url = server.URL + "/_emulator/"
	t.Cleanup(func() {
		server.Close()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// do sends a request and returns status and body, without the line feed at its
// end.
func (f *fixture) do(method, path, body string) (int, string) {
	f.Helper()
	req, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSuffix(string(text), "\n")
}

// want sends a request that is answered like that.
func (f *fixture) want(method, path, body string, status int, answer string) {
	f.Helper()
	gotStatus, got := f.do(method, path, body)
	if gotStatus != status || got != answer {
		f.Errorf("%s %s %.200s\n got %d %.500s\nwant %d %s", method, path, body, gotStatus, got, status, answer)
	}
}

// wantItems reads items, the order of which has no meaning: DynamoDB scans in the
// order of hashes.
func (f *fixture) wantItems(path string, items ...string) {
	f.Helper()
	_, body := f.do("GET", path, "")
	var answer struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		f.Fatal(err, body)
	}
	got := make([]string, len(answer.Items))
	for i, item := range answer.Items {
		got[i] = string(item)
	}
	slices.Sort(got)
	if !slices.Equal(got, items) {
		f.Errorf("%s: %q, want %q", path, got, items)
	}
}

// sortedLines has the lines of a text in ascending order.
func sortedLines(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// refused sends a request that is refused with the message and the field.
func (f *fixture) refused(method, path, body string, status int, message, field string) {
	f.Helper()
	gotStatus, got := f.do(method, path, body)
	var answer struct {
		Error struct{ Message, Field string }
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		f.Errorf("%s %s: %v in %s", method, path, err, got)
	}
	if gotStatus != status || answer.Error.Message != message || answer.Error.Field != field {
		f.Errorf("%s %s %.200s\n got %d %.500s\nwant %d %q of %q", method, path, body, gotStatus, got, status, message, field)
	}
}

func (f *fixture) put(table string, items ...string) {
	f.Helper()
	for _, text := range items {
		item, err := attribute.ParseItemJSON([]byte(text))
		if err != nil {
			f.Fatal(err)
		}
		if _, err := f.store.PutItem(f.Context(), &storage.PutItemInput{Table: table, Item: item}); err != nil {
			f.Fatal(err)
		}
	}
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
