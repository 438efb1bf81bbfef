package faults_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/clock"
	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/mappingtemplate/value"
)

// api is an API that notes what it executes. Queries named Block wait until they
// are let go.
type api struct {
	mu       sync.Mutex
	executed []string
	subs     map[string]realtime.Subscriber // by query text
	entered  chan struct{}
	release  chan struct{}
}

func identity(h http.Header) auth.Identity {
	if user := h.Get("x-user"); user != "" {
		return auth.Identity{Value: value.MapOf("username", user, "sub", "sub-"+user)}
	}
	return auth.Identity{}
}

func (a *api) Authenticate(_ context.Context, req *auth.Request) (auth.Identity, *auth.Refusal) {
	return identity(req.Header), nil
}

func (a *api) Execute(ctx context.Context, req *server.Request, dst []byte) server.Response {
	if req.OperationName == "Block" {
		a.entered <- struct{}{}
		select {
		case <-a.release:
		case <-ctx.Done():
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.executed = append(a.executed, req.Query)
	return server.Response{Body: append(dst, `{"data":{}}`...)}
}

func (a *api) Authorize(_ context.Context, c realtime.Credentials) (any, *realtime.Error) {
	return identity(c.Header), nil
}

func (a *api) Start(_ context.Context, req realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.subs[req.Query] = to
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.subs, req.Query)
	}, nil
}

func (a *api) publish(query, payload string) {
	a.mu.Lock()
	to := a.subs[query]
	a.mu.Unlock()
	to.Deliver([]byte(payload))
}

func (a *api) started() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.subs)
}

func (a *api) executions() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.executed)
}

// fixture is a server with an injector on a port of its own.
type fixture struct {
	testing.TB
	*faults.Injector
	server *server.Server
	api    *api
	clock  *clock.Clock
	client *http.Client
}

// fields are those of the schema.
var fields = []string{"Query.getPost", "Query.listPosts", "Mutation.updatePost", "Mutation.createPost",
	"Subscription.onPost", "Subscription.onUser", "Post.comments"}

func start(t testing.TB, change ...func(*faults.Options)) *fixture {
	t.Helper()
	f := &fixture{TB: t, clock: clock.New(), api: &api{
		subs: map[string]realtime.Subscriber{}, entered: make(chan struct{}, 10), release: make(chan struct{}),
	}}
	opt := faults.Options{Clock: f.clock, Fields: fields, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, c := range change {
		c(&opt)
	}
	f.Injector = faults.New(opt)
	var err error
	f.server, err = server.New(server.Options{
		Backend: f.api, APIID: "abc", Faults: f.Injector,
		Realtime: realtime.NewHandler(f.Injector.Backend(f.api), realtime.Options{Faults: f.Injector}),
		Admin:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "admin") }),
		DynamoDB: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "dynamodb") }),
		TLS:      server.TLSOptions{Dir: t.TempDir()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.server.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	// Connections are not kept: Go's client tries again by itself when one that was
	// kept breaks.
	f.client = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	t.Cleanup(func() {
		f.Injector.Close()
		if err := f.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// stopwatch notes delays and lets them pass at once.
type stopwatch struct {
	mu     sync.Mutex
	waited []time.Duration
}

func (w *stopwatch) after(d time.Duration) <-chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waited = append(w.waited, d)
	done := make(chan time.Time)
	close(done)
	return done
}

func (w *stopwatch) delays() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.waited)
}

// instant is a fixture whose delays pass at once.
func instant(t testing.TB) (*fixture, *stopwatch) {
	t.Helper()
	w := &stopwatch{}
	return start(t, func(o *faults.Options) { o.After = w.after }), w
}

// set sets faults that must be right.
func (f *fixture) set(json string) {
	f.Helper()
	if _, err := f.Set(json); err != nil {
		f.Fatalf("%s: %v", json, err)
	}
}

// applied is how often a fault has happened.
func (f *fixture) applied(id string) int {
	f.Helper()
	s, ok := f.Get(id)
	if !ok {
		f.Fatalf("there is no fault %s", id)
	}
	return s.Applied
}

// The operations of the tests.
const (
	query        = `query GetPost { getPost(id: 1) { id } }`
	mutation     = `mutation UpdatePost { renamed: updatePost(id: 1) { id } }`
	viaFragment  = `mutation Other { ...F } fragment F on Mutation { createPost { id } }`
	subscription = `subscription OnPost { onPost { id } }`
	otherSub     = `subscription OnUser { onUser { id } }`
)

// What becomes of a request.
const (
	ok      = `200 {"data":{}}`
	dropped = "no answer"
	broken  = "reset"
)

// post sends an operation; header lines are names and values in turn.
func (f *fixture) post(query string, header ...string) string {
	f.Helper()
	name := ""
	if strings.HasPrefix(query, "query Block") {
		name = "Block"
	}
	return f.send("http://"+f.server.Addr()+"/graphql", query, name, header...)
}

func (f *fixture) send(address, query, name string, header ...string) string {
	f.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "operationName": name})
	if err != nil {
		f.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return f.do(req)
}

// do sends a request and tells what becomes of it.
func (f *fixture) do(req *http.Request) string {
	f.Helper()
	resp, err := f.client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return broken
	case errors.Is(err, io.EOF):
		return dropped
	case err != nil:
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, text)
}

// socket is a client of the real-time endpoint.
type socket struct {
	testing.TB
	*websocket.Conn
	frames chan string // closed when the connection has ended
	err    error       // why it ended
}

// dial connects; header is the header object.
func (f *fixture) dial(header map[string]string) (*socket, error) { return f.dialAt("ws", header) }

func (f *fixture) dialAt(scheme string, header map[string]string) (*socket, error) {
	if header == nil {
		header = map[string]string{}
	}
	header["host"] = "localhost"
	text, err := json.Marshal(header)
	if err != nil {
		f.Fatal(err)
	}
	d := websocket.Dialer{
		Subprotocols:    []string{"graphql-ws", "header-" + base64.RawURLEncoding.EncodeToString(text)},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	c, resp, err := d.Dial(scheme+"://"+f.server.Addr()+"/graphql/realtime", nil)
	if err != nil {
		if resp != nil {
			err = errors.New(resp.Status)
		}
		return nil, err
	}
	s := &socket{TB: f, Conn: c, frames: make(chan string, 100)}
	f.Cleanup(func() { c.Close() })
	go func() {
		for {
			_, text, err := c.ReadMessage()
			if err != nil {
				s.err = err
				close(s.frames)
				return
			}
			s.frames <- string(text)
		}
	}()
	return s, nil
}

// open connects and initializes.
func (f *fixture) open(header map[string]string) *socket {
	f.Helper()
	s, err := f.dial(header)
	if err != nil {
		f.Fatal(err)
	}
	s.send(`{"type":"connection_init"}`)
	s.expect(ack, ka)
	return s
}

const (
	ack = `{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`
	ka  = `{"type":"ka"}`
)

func (s *socket) send(text string) {
	s.Helper()
	if err := s.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		s.Fatal(err)
	}
}

func (s *socket) start(id, query string) {
	s.Helper()
	data, _ := json.Marshal(map[string]string{"query": query})
	text, _ := json.Marshal(string(data))
	s.send(fmt.Sprintf(`{"id":%q,"type":"start","payload":{"data":%s}}`, id, text))
}

func (s *socket) subscribe(id, query string) {
	s.Helper()
	s.start(id, query)
	s.expect(startAck(id))
}

func startAck(id string) string { return fmt.Sprintf(`{"id":%q,"type":"start_ack"}`, id) }

func data(id, payload string) string {
	return fmt.Sprintf(`{"id":%q,"type":"data","payload":%s}`, id, payload)
}

// expect reads these frames.
func (s *socket) expect(want ...string) {
	s.Helper()
	for _, w := range want {
		select {
		case got, open := <-s.frames:
			if !open {
				s.Fatalf("ended with %v before %s", s.err, w)
			}
			if got != w {
				s.Fatalf("received\n  %s\nwant\n  %s", got, w)
			}
		case <-time.After(10 * time.Second):
			s.Fatalf("no %s", w)
		}
	}
}

// silent makes sure that nothing comes.
func (s *socket) silent() {
	s.Helper()
	select {
	case got, open := <-s.frames:
		s.Fatalf("received %q, open %v, %v", got, open, s.err)
	case <-time.After(50 * time.Millisecond):
	}
}

// end reads to the end of the connection and tells how it came: the close code, or
// one of the endings of requests.
func (s *socket) end() string {
	s.Helper()
	for {
		select {
		case got, open := <-s.frames:
			if open {
				s.Fatalf("received %s", got)
			}
			if closed, is := errors.AsType[*websocket.CloseError](s.err); is && closed.Code != websocket.CloseAbnormalClosure {
				return fmt.Sprintf("%d %s", closed.Code, closed.Text)
			}
			if errors.Is(s.err, syscall.ECONNRESET) {
				return broken
			}
			return dropped
		case <-time.After(10 * time.Second):
			s.Fatal("the connection does not end")
		}
	}
}

// eventually waits for something that happens in the background.
func (f *fixture) eventually(what string, is func() bool) {
	f.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			f.Fatalf("never: %s", what)
		}
	}
}
