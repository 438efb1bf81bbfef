package emulator_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// Errors that are set have the form of resolver errors, and nulls propagate as
// they do with those.
//
// Recorded: aws-amplify/amplify-category-api#2422 (form of resolver errors),
// aws-amplify/amplify-js#5963 (null in a non-null field).
func TestFaultsAreGraphQLErrors(t *testing.T) {
	for _, tt := range []struct{ name, fault, query, want string }{
		{"one field at the root", `{"kind":"error","errorType":"Busy","message":"Later","match":{"field":"post"}}`,
			"{ a: post { id } posts { id } }",
			`{"data":{"a":null,"posts":[{"id":"1"},{"id":"2"}]},"errors":[{"path":["a"],"data":null,"errorType":"Busy","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Later"}]}`},
		{"all fields at the root", `{"kind":"error","errorType":"Busy","message":"Later"}`,
			"{ post { id } title }",
			`{"data":null,"errors":[{"path":["post"],"data":null,"errorType":"Busy","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Later"},{"path":["title"],"data":null,"errorType":"Busy","errorInfo":null,"locations":[{"line":1,"column":15,"sourceName":null}],"message":"Later"}]}`},
		{"a field of an object, once", `{"kind":"error","message":"Later","times":1,"skip":1,"match":{"field":"Post.comments"}}`,
			"{ posts { comments } }", ""},
		{"after it was resolved", `{"kind":"error","errorType":"Busy","message":"Later","at":"after","match":{"field":"Query.post"}}`,
			"{ post { comments } }",
			`{"data":{"post":null},"errors":[{"path":["post"],"data":null,"errorType":"Busy","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Later"}]}`},
		{"without a type", `{"kind":"error","message":"Later","match":{"field":"post"}}`,
			"{ post { id } }",
			`{"data":{"post":null},"errors":[{"path":["post"],"data":null,"errorType":null,"errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Later"}]}`},
		{"another operation", `{"kind":"error","message":"Later","match":{"operation":"mutation"}}`,
			"{ post { id } }", `{"data":{"post":{"id":"1"}}}`},
		{"a field that is late", `{"kind":"latency","delay":"1ms","match":{"field":"Post.comments"}}`,
			"{ post { comments } }", `{"data":{"post":{"comments":["well"]}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := emulatortest.Start(t, "testdata/faults")
			if err := s.SetFaults(tt.fault); err != nil {
				t.Fatal(err)
			}
			got := s.Query(tt.query, nil)
			if tt.want == "" {
				// The elements of a list are resolved together: either may be the one.
				if strings.Count(got, `"comments":null`) != 1 || strings.Count(got, `"comments":["well"]`) != 1 || strings.Count(got, "Later") != 1 {
					t.Error(got)
				}
			} else if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			s.ClearFaults()
			if got := s.Query("{ posts { id comments } }", nil); got != `{"data":{"posts":[{"id":"1","comments":["well"]},{"id":"2","comments":["well"]}]}}` {
				t.Errorf("without faults: %s", got)
			}
		})
	}
}

// A mutation that fails after it was executed is published to nobody; one whose
// answer is lost is.
func TestFaultsAfterAMutation(t *testing.T) {
	s := emulatortest.Start(t, "testdata/faults")
	c := dial(t, s)
	c.start("1", `subscription { onSend { text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	set := func(fault string) {
		t.Helper()
		if err := s.SetFaults(fault); err != nil {
			t.Fatal(err)
		}
	}
	set(`{"kind":"error","message":"Lost","at":"after","times":1}`)
	if got := s.Query(`mutation { send(text: "one") { text } }`, nil); !strings.Contains(got, `"data":{"send":null}`) {
		t.Error(got)
	}
	set(`{"kind":"drop","at":"after","times":1}`)
	resp, err := http.Post(s.URL()+"?", "application/json", strings.NewReader(`{}`))
	if err != nil || resp.StatusCode == http.StatusOK { // a fault is not for what is refused before it
		t.Error(resp, err)
	}
	req, _ := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader(`{"query":"mutation { send(text: \"two\") { text } }"}`))
	req.Header.Set("x-api-key", s.APIKey())
	if resp, err := http.DefaultClient.Do(req); err == nil {
		t.Errorf("answered with %s", resp.Status)
	}
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onSend":{"text":"two"}}}}`)
	set(`{"kind":"dropFrames","frames":["data"],"match":{"field":"onSend"},"times":1}`)
	s.Query(`mutation { send(text: "three") { text } }`, nil)
	s.Query(`mutation { send(text: "four") { text } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onSend":{"text":"four"}}}}`)
	set(`{"kind":"error","errorType":"Busy","message":"Later","match":{"field":"onGuarded"}}`)
	c.start("2", `subscription { onGuarded { text } }`, nil)
	c.expect(`{"id":"2","type":"error","payload":{"errors":[{"errorType":"Busy","message":"Later"}]}}`)
	if n := emulator.Subscriptions(s.Emulator); n != 1 {
		t.Errorf("%d subscriptions", n)
	}
}

// Faults over HTTP: set, listed, counted, removed, each refusal with its place.
func TestFaultsOverHTTP(t *testing.T) {
	s := emulatortest.Start(t, "testdata/faults")
	call := func(method, path, body string, status int) string {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+s.Addr()+"/_emulator/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status {
			t.Errorf("%s %s %s: %d %s %v, want %d", method, path, body, resp.StatusCode, text, err, status)
		}
		return strings.TrimSpace(string(text))
	}
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	want(call("POST", "faults", `{"id":"a","kind":"status","status":503,"times":1}`, 200),
		`{"faults":[{"id":"a","kind":"status","at":"before","times":1,"status":503,"errorType":"ServiceUnavailableException","message":"The service is unavailable.","applied":0,"active":true}]}`)
	if r := s.Post(`{"query":"{ title }"}`); r.Status != 503 || r.Header.Get("x-amzn-ErrorType") != "ServiceUnavailableException" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%+v", r)
	}
	want(call("GET", "faults/a", "", 200),
		`{"id":"a","kind":"status","at":"before","times":1,"status":503,"errorType":"ServiceUnavailableException","message":"The service is unavailable.","applied":1,"active":false}`)
	want(call("DELETE", "faults", "", 200), `{"removed":["a"]}`)
	want(call("GET", "faults", "", 200), `{"faults":[]}`)
	want(call("GET", "faults/a", "", 404), `{"error":{"message":"there is no fault \"a\"","field":"id"}}`)
	want(call("DELETE", "faults/a", "", 404), `{"error":{"message":"there is no fault \"a\"","field":"id"}}`)
	want(call("GET", "faults/scenario", "", 404), `{"error":{"message":"no scenario was started"}}`)
	want(call("DELETE", "faults/scenario", "", 404), `{"error":{"message":"no scenario was started"}}`)
	want(call("POST", "faults", "", 400), `{"error":{"message":"want a fault, or a list of faults"}}`)
	want(call("POST", "faults", `{"kind":"drop","match":{"field":"psot"}}`, 400),
		`{"error":{"message":"the schema has no field \"psot\" here (did you mean \"post\"?)","field":"match.field"}}`)
	want(call("POST", "faults/scenario", "steps:\n  - at: now\n    set: {kind: drop}\n", 400),
		`{"error":{"message":"line 2, column 9: want a duration such as \"300ms\" or \"1m30s\"","line":2,"column":9}}`)
	want(call("GET", "connections", "", 200), `{"connections":[]}`)

	s.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	call("POST", "faults/scenario?name=tunnel", "steps:\n  - at: 0s\n    set: {id: b, kind: status, status: 429}\n  - after: 1 query\n    remove: b\n", 200)
	if r := s.Post(`{"query":"{ title }"}`); r.Status != 429 {
		t.Errorf("%+v", r)
	}
	if r := s.Post(`{"query":"{ title }"}`); r.Status != 200 {
		t.Errorf("%+v", r)
	}
	want(call("GET", "faults/scenario", "", 200),
		`{"name":"tunnel","state":"finished","began":"2024-05-01T12:00:00Z","steps":[{"line":2,"when":"at 0s","taken":true},{"line":4,"when":"after 1 query","taken":true}]}`)
	call("DELETE", "faults/scenario", "", 200)
}

// A scenario file is checked before anything is served.
func TestScenarioFiles(t *testing.T) {
	p, err := emulator.Load("testdata/faults", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "faults.yml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("steps:\n  - at: 0s\n    set: {kind: drop, match: {field: psot}}\n  - at: x\n")
	_, err = emulator.LoadScenario(p, file)
	problems, ok := emulator.IsProblems(err)
	if !ok || len(problems) != 3 {
		t.Fatal(err)
	}
	if got, want := problems[0].String(), file+`:3:38: the schema has no field "psot" here (did you mean "post"?)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if problems[0].SourceLine != "    set: {kind: drop, match: {field: psot}}" {
		t.Errorf("%q", problems[0].SourceLine)
	}
	if _, err := emulator.LoadScenario(p, file+".missing"); err == nil {
		t.Error("read a missing file")
	}
	write("steps:\n  - at: 0s\n    set: {kind: status, status: 503, match: {field: post}}\n")
	scenario, err := emulator.LoadScenario(p, file)
	if err != nil {
		t.Fatal(err)
	}
	s := emulatortest.Start(t, "testdata/faults")
	s.StartScenario(scenario)
	if r := s.Post(`{"query":"{ post { id } }"}`); r.Status != 503 {
		t.Errorf("%+v", r)
	}
}

// TestTheScenarioOfTheDocument runs the first scenario of docs/faults.md.
func TestTheScenarioOfTheDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	source, _, _ := strings.Cut(rest, "```")
	file := filepath.Join(t.TempDir(), "tunnel.yml")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := emulator.Load("../fixtures/deltasync-posts", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := emulator.LoadScenario(p, file)
	if err != nil {
		t.Fatal(err)
	}
	s := emulatortest.Start(t, "../fixtures/deltasync-posts")
	s.StartScenario(scenario)
	began := time.Now()
	for range 3 {
		if got := s.Query(`mutation { deletePost(id: "offline") { id } }`, nil); !strings.Contains(got, `"data"`) {
			t.Error(got)
		}
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("three answers that are late by 300 ms each took %s", took)
	}
	post := func() error {
		resp, err := http.Post(s.URL(), "application/json", strings.NewReader(`{"query":"{ listPosts { id } }"}`))
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	if post() == nil {
		t.Error("the emulator is not offline")
	}
	s.Advance(10 * time.Second)
	if err := post(); err != nil {
		t.Error(err)
	}
	for active := true; active; { // until the clock's move has been heard of
		active = strings.Contains(administer(t, s, "GET", "faults", ""), `"active":true`)
	}
}

// Closing does not wait for what a fault keeps waiting.
func TestFaultsDoNotDelayClosing(t *testing.T) {
	p, err := emulator.Load("testdata/faults", emulator.LoadOptions{})
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
	if err := e.SetFaults(`{"id":"slow","kind":"latency","delay":"10m"}`); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		req, err := http.NewRequest(http.MethodPost, e.URL(), strings.NewReader(`{"query":"{ title }"}`))
		if err == nil {
			req.Header.Set("x-api-key", e.APIKey())
			_, err = http.DefaultClient.Do(req)
		}
		answered <- err
	}()
	for waits := false; !waits; {
		resp, err := http.Get("http://" + e.Addr() + "/_emulator/faults/slow")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		waits = strings.Contains(string(text), `"applied":1`)
	}
	began := time.Now()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("closing took %s", took)
	}
	<-answered
}
