package realtime_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/realtime"
)

const apiKey = "da2-test"

// backend is an API whose operations are named by the query text: anything
// registers, except the words that Start knows.
type backend struct {
	mu          sync.Mutex
	to          map[string]realtime.Subscriber // by query text
	starts      []realtime.StartRequest
	credentials []realtime.Credentials
	stopped     chan string // query texts
	release     chan struct{}
}

func newBackend() *backend {
	return &backend{
		to:      map[string]realtime.Subscriber{},
		stopped: make(chan string, 1000),
		release: make(chan struct{}),
	}
}

func (b *backend) Authorize(_ context.Context, c realtime.Credentials) (any, *realtime.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.credentials = append(b.credentials, c)
	if c.Header.Get("x-api-key") != apiKey {
		return nil, &realtime.Error{
			Type: "UnauthorizedException", Message: "You are not authorized to make this call.", Code: 400,
		}
	}
	return "identity", nil
}

func (b *backend) Start(ctx context.Context, req realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	b.mu.Lock()
	b.starts = append(b.starts, req)
	b.mu.Unlock()
	switch {
	case strings.HasPrefix(req.Query, "query"):
		return nil, []*realtime.Error{realtime.UnsupportedOperation("query")}
	case req.Query == "invalid":
		return nil, []*realtime.Error{{Message: "Validation error of type FieldUndefined"}, {Message: "second"}}
	case req.Query == "denied":
		return nil, []*realtime.Error{{Type: "Unauthorized", Message: "Not Authorized to access onCreateClient on type Subscription"}}
	case req.Query == "limited":
		return nil, []*realtime.Error{{Message: "subscription exceeds maximum value limit 5 for operator `in`.", Code: 400}}
	case req.Query == "panic":
		panic("a bug in a resolver")
	case req.Query == "slow":
		select {
		case <-b.release:
		case <-ctx.Done():
		}
	}
	b.mu.Lock()
	b.to[req.Query] = to
	b.mu.Unlock()
	if req.Query == "flood" {
		for range 5 {
			to.Deliver(make([]byte, 200<<10))
		}
	}
	if req.Query == "invalidated" {
		to.Invalidate()
		to.Deliver([]byte(`{"data":1}`))
	}
	if req.Query == "outdated" {
		to.End(&realtime.Error{Type: "Outdated", Message: "gone"})
		to.Deliver([]byte(`{"data":1}`))
	}
	if req.Query == "early" {
		to.Deliver([]byte(`{"data":1}`))
		to.Deliver([]byte(`{"data":2}`))
	}
	return func() { b.stopped <- req.Query }, nil
}

func (b *backend) publish(query, payload string) {
	b.mu.Lock()
	to := b.to[query]
	b.mu.Unlock()
	to.Deliver([]byte(payload))
}

func serve(t testing.TB, b *backend, opt realtime.Options) (*realtime.Handler, string) {
	t.Helper()
	h := realtime.NewHandler(b, opt)
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		s.Close()
	})
	return h, "ws" + strings.TrimPrefix(s.URL, "http")
}

var validHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"host":"localhost","x-api-key":"` + apiKey + `"}`))

// client is a WebSocket client that compares texts.
type client struct {
	testing.TB
	*websocket.Conn
}

func dialWith(t testing.TB, url string, protocols []string, header http.Header) (*client, *http.Response) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: protocols}
	conn, resp, err := d.Dial(url, header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	return &client{t, conn}, resp
}

// dial connects as Amplify JS 6 does.
func dial(t testing.TB, url string) *client {
	t.Helper()
	c, _ := dialWith(t, url, []string{"graphql-ws", "header-" + validHeader}, nil)
	return c
}

// open connects and goes through the initialization.
func open(t testing.TB, url string) *client {
	t.Helper()
	c := dial(t, url)
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
	c.expect(`{"type":"ka"}`)
	return c
}

func (c *client) send(text string) {
	c.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

func (c *client) next() string {
	c.Helper()
	kind, text, err := c.ReadMessage()
	if err != nil {
		c.Fatal(err)
	}
	if kind != websocket.TextMessage {
		c.Fatalf("message of type %d", kind)
	}
	return string(text)
}

func (c *client) expect(want string) {
	c.Helper()
	if got := c.next(); got != want {
		c.Fatalf("received\n  %s\nwant\n  %s", got, want)
	}
}

// expectClose reads on to the end of the connection.
func (c *client) expectClose(code int) {
	c.Helper()
	for {
		_, _, err := c.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, code) {
			c.Fatalf("ended with %v, want close code %d", err, code)
		}
		return
	}
}

func start(id, query string) string {
	return `{"id":"` + id + `","type":"start","payload":{"data":"{\"query\":\"` + query +
		`\",\"variables\":{\"a\":1}}","extensions":{"authorization":{"x-api-key":"` + apiKey + `","X-Custom":"c"}}}}`
}

func (c *client) subscribe(id, query string) {
	c.Helper()
	c.send(start(id, query))
	c.expect(`{"id":"` + id + `","type":"start_ack"}`)
}
