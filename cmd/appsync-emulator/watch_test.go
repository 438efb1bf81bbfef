package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is what a command has printed so far.
type output struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// expect waits until all the texts have been printed, in their order.
func (o *output) expect(t *testing.T, texts ...string) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(15 * time.Second)
	for {
		rest, found := o.String(), true
		for _, text := range texts {
			if _, rest, found = strings.Cut(rest, text); !found {
				break
			}
		}
		if found {
			return
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited in vain for %q in\n%s", texts, o.String())
		}
	}
}

func TestServeWatchTellsOfEachChange(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const project = "name: hello\nauthentication: { type: API_KEY }\napiKeys: [{ name: web }]\n" +
		"dataSources:\n  Local: { type: NONE }\nresolvers:\n" +
		"  Query.hello: { kind: UNIT, dataSource: Local, request: in.vtl, response: out.vtl }\n"
	write("appsync.yml", project)
	write("schema.graphql", "type Query { hello: String }\n")
	write("in.vtl", `{"version": "2018-05-29"}`)
	write("out.vtl", `"hello"`)

	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr output
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", dir, "--in-memory", "--no-tls", "--listen", "127.0.0.1:0", "--watch"}, &stdout, &stderr)
	}()
	stdout.expect(t, "GraphQL    http://127.0.0.1:")

	write("out.vtl", "#if(\n")
	stderr.expect(t, "out.vtl:", "\n    ", "^\n", "1 mistake found\n", "The project is served as it was before.\n")
	write("out.vtl", `"hello again"`)
	stderr.expect(t, `msg="the project was reloaded" took=`, "changed=out.vtl")

	// What a client must know anew is told.
	write("appsync.yml", strings.Replace(project, "name: web", `name: phone, expiresAt: "2090-01-01T00:00:00Z"`, 1))
	stdout.expect(t, "API key    da2-", "API key    da2-")
	stderr.expect(t, "warning: appsync.yml:3:")

	cancel()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}
