package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// administer sends a request below /_emulator/ that must be answered by 200.
func administer(tb testing.TB, s *emulatortest.Server, method, path, body string) string {
	tb.Helper()
	req, err := http.NewRequest(method, "http://"+s.Addr()+"/_emulator/"+path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
	}
	return string(text)
}

func TestSubscriptionsAndPageTokensSurviveAdministration(t *testing.T) {
	s := emulatortest.Start(t, "testdata/admin")
	c := dial(t, s)
	c.start("1", `subscription { onPutNote { id text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	administer(t, s, "POST", "snapshot/one", "")
	type page struct {
		Notes struct {
			Items     []struct{ ID string }
			NextToken string
		}
	}
	var first page
	s.Decode(&first, `{ notes(limit: 2) { items { id } nextToken } }`, nil)
	if len(first.Notes.Items) != 2 || first.Notes.NextToken == "" {
		t.Fatalf("%+v", first)
	}
	for _, request := range []string{"restore/one", "reset"} {
		administer(t, s, "POST", "reset", `{"seed":false}`)
		if got := s.Query(`{ notes { items { id } } }`, nil); got != `{"data":{"notes":{"items":[]}}}` {
			t.Errorf("before %s: %s", request, got)
		}
		administer(t, s, "POST", request, "")
		var second page
		s.Decode(&second, `query ($t: String) { notes(limit: 2, nextToken: $t) { items { id } nextToken } }`,
			map[string]any{"t": first.Notes.NextToken})
		if len(second.Notes.Items) != 1 || slices.Contains(first.Notes.Items, second.Notes.Items[0]) {
			t.Errorf("after %s: the second page is %+v", request, second)
		}
		s.Query(`mutation { putNote(id: "z", text: "heard") { id text } }`, nil)
		c.expect(`{"id":"1","type":"data","payload":{"data":{"onPutNote":{"id":"z","text":"heard"}}}}`)
	}
}

func TestSnapshotsOutliveTheEmulator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	durable := func(o *emulator.Options) { o.InMemory, o.DataFile = false, file }
	t.Run("take", func(t *testing.T) {
		s := emulatortest.Start(t, "testdata/admin", durable)
		if err := s.Snapshot(t.Context(), "kept"); err != nil {
			t.Fatal(err)
		}
		if err := s.Reset(t.Context(), emulator.ResetOptions{NoSeed: true}); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Stat(file + ".snapshots"); err != nil {
		t.Fatal(err)
	}
	t.Run("restore", func(t *testing.T) {
		s := emulatortest.Start(t, "testdata/admin", durable)
		if err := s.Reset(t.Context(), emulator.ResetOptions{Tables: []string{"Notes"}, NoSeed: true}); err != nil {
			t.Fatal(err)
		}
		if names, err := s.Snapshots(); err != nil || !slices.Equal(names, []string{"kept"}) {
			t.Fatal(names, err)
		}
		if err := s.Restore(t.Context(), "kept"); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if n, err := s.Export(t.Context(), "Notes", &out); n != 3 || err != nil {
			t.Errorf("%d %v\n%s", n, err, &out)
		}
		if err := s.Seed(t.Context(), `{"Notes":[{"id":"a"},{"id":"d"}]}`); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Import(t.Context(), "Notes", strings.NewReader(`{"Item":{"id":{"S":"e"}}}`)); n != 1 || err != nil {
			t.Error(n, err)
		}
		if n, err := s.Export(t.Context(), "Notes", io.Discard); n != 5 || err != nil {
			t.Error(n, err)
		}
		if err := s.DeleteSnapshot("kept"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheClockOfTheFacade(t *testing.T) {
	s := emulatortest.Start(t, "testdata/admin")
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	s.Freeze(noon)
	s.Advance(time.Minute)
	if got := administer(t, s, "GET", "clock", ""); !strings.Contains(got, `"2024-05-01T12:01:00.000Z"`) || !strings.Contains(got, `"frozen":true`) {
		t.Error(got)
	}
	s.Resume()
	s.SetClock(noon)
	if got := administer(t, s, "GET", "clock", ""); !strings.Contains(got, `"2024-05-01T12:00:0`) || !strings.Contains(got, `"frozen":false`) {
		t.Error(got)
	}
}

// The tables of resolvers are those of DynamoDB's own protocol, on the same port.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func TestDynamoDBIsOnTheSamePort(t *testing.T) {
	s := emulatortest.Start(t, "testdata/admin")
	call := func(operation, body, origin string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, "http://"+s.Addr()+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(text)
	}
	resp, body := call("GetItem", `{"TableName":"Notes","Key":{"id":{"S":"a"}}}`, "")
	if resp.StatusCode != 200 || body != `{"Item":{"id":{"S":"a"},"text":{"S":"seeded"}}}` {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if ids := resp.Header.Values("X-Amzn-Requestid"); len(ids) != 1 || len(ids[0]) != 52 {
		t.Errorf("request ids %q", ids)
	}
	if resp, body := call("ListTables", `{}`, "http://localhost:3000"); body != `{"TableNames":["Notes"]}` || !slices.Equal(resp.Header.Values("Access-Control-Allow-Origin"), []string{"*"}) {
		t.Errorf("%v %s", resp.Header, body)
	}
	if resp, body := call("ListTables", `{}`, "https://evil.example"); resp.StatusCode != 403 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// A data file has one process at a time. What others are told is what they can do.
func TestADataFileThatIsServedIsNotOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	t.Run("served", func(t *testing.T) {
		emulatortest.Start(t, "testdata/admin", func(o *emulator.Options) { o.InMemory, o.DataFile = false, file })
		if _, err := emulator.OpenData(file); !errors.Is(err, emulator.ErrDataInUse) {
			t.Errorf("got %v", err)
		}
	})
	data, err := emulator.OpenData(file)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	if wrong, err := data.Check(t.Context()); err != nil || len(wrong) > 0 {
		t.Error(wrong, err)
	}
	tables, err := data.Tables(t.Context())
	if err != nil || len(tables) != 1 || tables[0].Items != 3 {
		t.Errorf("%+v %v", tables, err)
	}
}

// TestTheLinesOfTheDocument runs every command of the documents, in its order, and
// compares what it prints.
func TestTheLinesOfTheDocument(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	for document, least := range map[string]int{"admin-api.md": 30, "faults.md": 20} {
		t.Run(document, func(t *testing.T) {
			if n := runLines(t, "../fixtures/deltasync-posts", document); n < least {
				t.Errorf("the document has %d commands", n)
			}
		})
	}
}

// runLines runs the commands of a document against a project and returns how many
// there are.
func runLines(t *testing.T, project, document string) (commands int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	s := emulatortest.Start(t, project)
	dir := t.TempDir()
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, session := range strings.Split(block[1], "$ ")[1:] {
			command, want, _ := strings.Cut(session, "\n")
			commands++
			cmd := exec.Command("/bin/sh", "-c", strings.ReplaceAll(command, "127.0.0.1:20002", s.Addr()))
			cmd.Dir = dir
			got, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v", command, err)
			}
			got = bytes.ReplaceAll(got, []byte(s.Addr()), []byte("127.0.0.1:20002"))
			pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), "…", ".*?")
			if !regexp.MustCompile("^" + pattern + "$").Match(bytes.TrimSpace(got)) {
				t.Errorf("$ %s\n got %s\nwant %s", command, got, want)
			}
		}
	}
	return commands
}

// BenchmarkSnapshot and BenchmarkRestore keep and bring back 100,000 items over
// HTTP.
func BenchmarkSnapshot(b *testing.B) {
	durabilities(b, func(b *testing.B, durable bool) {
		s := startFull(b, durable)
		for b.Loop() {
			administer(b, s, "POST", "snapshot/bench", "")
		}
	})
}

func BenchmarkRestore(b *testing.B) {
	durabilities(b, func(b *testing.B, durable bool) {
		s := startFull(b, durable)
		administer(b, s, "POST", "snapshot/bench", "")
		for b.Loop() {
			b.StopTimer()
			fill(b, s, 100) // there is something to undo
			b.StartTimer()
			administer(b, s, "POST", "restore/bench", "")
		}
	})
}

func BenchmarkReset(b *testing.B) {
	durabilities(b, func(b *testing.B, durable bool) {
		s := startFull(b, durable)
		administer(b, s, "POST", "snapshot/bench", "")
		for b.Loop() {
			b.StopTimer()
			administer(b, s, "POST", "restore/bench", "")
			b.StartTimer()
			administer(b, s, "POST", "reset", "")
		}
	})
}

// startFull serves a table of 100,000 posts.
func startFull(b *testing.B, durable bool) *emulatortest.Server {
	b.Helper()
	s := startBench(b, "../fixtures/deltasync-posts", durable)
	var lines bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&lines, `{"Item":{"id":{"S":"%08d-0000-4000-8000-000000000000"},"author":{"S":"Newsroom"},"title":{"S":"A title of usual length"},`+
			`"content":{"S":"Some sentences of content, as a post has them, so that the item is of ordinary size."},"ups":{"N":"1"},"downs":{"N":"0"}}}`+"\n", i)
	}
	if n, err := s.Import(b.Context(), "Posts", &lines); n != 100_000 || err != nil {
		b.Fatal(n, err)
	}
	return s
}

// Credentials make DynamoDB's protocol refuse what nobody with a secret has
// signed; the signatures themselves are tested with the protocol.
func TestDynamoDBChecksSignaturesOnRequest(t *testing.T) {
	s := emulatortest.Start(t, "testdata/admin", func(o *emulator.Options) {
		o.Credentials = map[string]string{"AKIDEXAMPLE": "secret"}
	})
	for authorization, want := range map[string]string{
		"": "MissingAuthenticationTokenException",
		"AWS4-HMAC-SHA256 Credential=AKIDOTHER/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00": "UnrecognizedClientException",
	} {
		req, err := http.NewRequest(http.MethodPost, "http://"+s.Addr()+"/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), want) {
			t.Errorf("%q: %d %s %v, want %s", authorization, resp.StatusCode, text, err, want)
		}
	}
}
