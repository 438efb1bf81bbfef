package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// syncWrite and syncSource are what the tests read of GET /_emulator/sync.
type syncWrite struct {
	Operation, Handler, Rule, Error string
	Key                             json.RawMessage
	Sent, Stored, Written           int64
	Milliseconds                    int64
	Conflict                        bool
	Attributes                      []struct{ Path, Action string }
}

type syncTable struct {
	Name       string
	Items      *int64
	TTLMinutes int64
}

type syncSource struct {
	Name                  string
	BaseTable, DeltaTable syncTable
	DeltaWindow           struct {
		Since        string
		Milliseconds int64
	}
	Writes, Conflicts []syncWrite
}

func syncState(t *testing.T, s *emulatortest.Server, name string) syncSource {
	t.Helper()
	var answer struct{ DataSources []syncSource }
	if err := json.Unmarshal([]byte(administer(t, s, "GET", "sync", "")), &answer); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(answer.DataSources, func(d syncSource) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s in %+v", name, answer)
	}
	return answer.DataSources[i]
}

func rules(writes []syncWrite) string {
	var out []string
	for _, w := range writes {
		out = append(out, fmt.Sprintf("%s %d>%d %s", w.Operation, w.Stored, w.Written, w.Rule))
	}
	return strings.Join(out, ", ")
}

// TTLs and tables are those of the project's deltaSyncConfig.
func TestTheStateOfVersionedDataSources(t *testing.T) {
	s := startVersioned(t)
	s.Query(`mutation { createNote(input: {id: "n1", text: "a"}) { id _version _lastChangedAt } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "b", _version: 1}) { id _version _lastChangedAt } }`, nil)
	s.Query(`mutation { mergeNote(input: {id: "n1", text: "c", name: "x", _version: 1}) { id _version _lastChangedAt } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "d", _version: 1}) { id _version _lastChangedAt } }`, nil)
	got := syncState(t, s, "Notes")
	if got.BaseTable.Name != "Notes" || *got.BaseTable.Items != 1 || got.BaseTable.TTLMinutes != 120 ||
		got.DeltaTable.Name != "NotesDelta" || *got.DeltaTable.Items != 3 || got.DeltaTable.TTLMinutes != 60 {
		t.Errorf("tables %+v %+v", got.BaseTable, got.DeltaTable)
	}
	if w := got.DeltaWindow; w.Milliseconds != versionedAt-3_600_000 || w.Since != "2023-11-14T21:13:20.122Z" {
		t.Errorf("window %+v", w)
	}
	if got, want := rules(got.Writes), "UpdateItem 3>0 rejected, UpdateItem 2>3 merged, UpdateItem 1>2 version matches, PutItem 0>1 created"; got != want {
		t.Errorf("writes %s, want %s", got, want)
	}
	if got, want := rules(got.Conflicts), "UpdateItem 3>0 rejected, UpdateItem 2>3 merged"; got != want {
		t.Errorf("conflicts %s, want %s", got, want)
	}
	refused, merged := got.Conflicts[0], got.Conflicts[1]
	if refused.Error == "" || refused.Handler != "OPTIMISTIC_CONCURRENCY" || refused.Sent != 1 || !refused.Conflict {
		t.Errorf("refused %+v", refused)
	}
	if string(merged.Key) != `{"id":"n1"}` || merged.Error != "" || merged.Milliseconds != versionedAt+2 || len(merged.Attributes) == 0 {
		t.Errorf("merged %+v", merged)
	}
	if lost := syncState(t, s, "Lost"); *lost.BaseTable.Items != 0 || len(lost.Writes) != 0 {
		t.Errorf("Lost: %+v", lost)
	}
}

func TestTheLastWritesAreKept(t *testing.T) {
	s := startVersioned(t)
	s.Query(`mutation { createNote(input: {id: "n1", text: "a"}) { id _version _lastChangedAt } }`, nil)
	s.Query(`mutation { updateNote(input: {id: "n1", text: "b", _version: 1}) { id _version _lastChangedAt } }`, nil)
	s.Query(`mutation { mergeNote(input: {id: "n1", name: "x", _version: 1}) { id _version _lastChangedAt } }`, nil)
	for i := 3; i < 63; i++ {
		s.Query(`mutation { updateNote(input: {id: "n1", text: "t", _version: `+strconv.Itoa(i)+`}) { id _version _lastChangedAt } }`, nil)
	}
	got := syncState(t, s, "Notes")
	if n := len(got.Writes); n != 50 || got.Writes[0].Written != 63 || got.Writes[49].Written != 14 {
		t.Errorf("%d writes: %s", n, rules(got.Writes))
	}
	if rules(got.Conflicts) != "UpdateItem 2>3 merged" {
		t.Errorf("conflicts: %s", rules(got.Conflicts))
	}
}

// held waits until the mutations of so many holds wait.
func held(t *testing.T, s *emulatortest.Server, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		got := administer(t, s, "GET", "holds", "")
		if strings.Count(got, `"waiting":true`) == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no mutation waits: %s", got)
		}
	}
}

// goQuery posts a request in the background.
func goQuery(t *testing.T, s *emulatortest.Server, ctx context.Context, query string) <-chan string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL(), strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", s.APIKey())
	answer := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answer <- string(text)
	}()
	return answer
}

const holdN1 = `{"table":"Notes","key":{"id":{"S":"n1"}}}`

// Two clients that know the same version: the one that is held comes second, and
// optimistic concurrency rejects it with the item of the other.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#optimistic-concurrency
func TestAConflictIsMadeOnPurpose(t *testing.T) {
	s := startVersioned(t)
	update := func(text string) string {
		return `mutation { updateNote(input: {id: "n1", text: "` + text + `", _version: 1}) { id text _version _lastChangedAt } }`
	}
	s.Query(`mutation { createNote(input: {id: "n1", text: "a"}) { id _version _lastChangedAt } }`, nil)
	if got := administer(t, s, "POST", "hold", holdN1); got != `{"table":"Notes","key":{"id":"n1"},"waiting":false}`+"\n" {
		t.Error(got)
	}
	first := goQuery(t, s, t.Context(), update("first"))
	held(t, s, 1)
	// Other items, and other mutations of the item, pass.
	if got := s.Query(update("second"), nil); !strings.Contains(got, `"text":"second","_version":2`) {
		t.Error(got)
	}
	if got := administer(t, s, "POST", "release", `{"table":"Notes","key":{"id":"n1"}}`); got != `{"table":"Notes","key":{"id":"n1"},"waiting":true}`+"\n" {
		t.Error(got)
	}
	if got := <-first; !strings.Contains(got, `"errorType":"ConflictUnhandled"`) || !strings.Contains(got, `"text":"second"`) {
		t.Error(got)
	}
	if got := rules(syncState(t, s, "Notes").Conflicts); got != "UpdateItem 2>0 rejected" {
		t.Error(got)
	}
	if got := administer(t, s, "GET", "holds", ""); got != `{"holds":[]}`+"\n" {
		t.Error(got)
	}
}

func TestHoldsEnd(t *testing.T) {
	const mutation = `mutation { createNote(input: {id: "n1", text: "held"}) { text _version _lastChangedAt } }`
	t.Run("all at once", func(t *testing.T) {
		s := startVersioned(t)
		administer(t, s, "POST", "hold", holdN1)
		administer(t, s, "POST", "hold", `{"table":"Messages","key":{"room":"r","at":"1"}}`)
		answers := []<-chan string{
			goQuery(t, s, t.Context(), mutation),
			goQuery(t, s, t.Context(), `mutation { putMessage(room: "r", at: "1", text: "held") { text _version } }`),
		}
		held(t, s, 2)
		administer(t, s, "DELETE", "holds", "")
		for _, a := range answers {
			if got := <-a; !strings.Contains(got, `"text":"held","_version":1`) {
				t.Error(got)
			}
		}
	})
	t.Run("with the client that has gone", func(t *testing.T) {
		s := startVersioned(t)
		ctx, gone := context.WithCancel(t.Context())
		administer(t, s, "POST", "hold", holdN1)
		answer := goQuery(t, s, ctx, mutation)
		held(t, s, 1)
		gone()
		<-answer
		held(t, s, 0)
		if got := rows(t, s, "Notes"); len(got) != 0 {
			t.Errorf("it was written: %s", got)
		}
	})
	t.Run("with the emulator", func(t *testing.T) {
		p, err := emulator.Load("testdata/versioned", emulator.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := emulator.New(p, emulator.Options{Listen: "127.0.0.1:0", InMemory: true, NoTLS: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := &emulatortest.Server{Emulator: e}
		administer(t, s, "POST", "hold", holdN1)
		answer := goQuery(t, s, t.Context(), mutation)
		held(t, s, 1)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if got := <-answer; !strings.Contains(got, `"text":"held"`) {
			t.Error(got)
		}
	})
}
