package realtime

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// accepting registers everything and delivers at once.
type accepting struct{}

func (accepting) Authorize(context.Context, Credentials) (any, *Error) { return nil, nil }

func (accepting) Start(_ context.Context, _ StartRequest, to Subscriber) (func(), []*Error) {
	to.Deliver([]byte(`{"data":null}`))
	return func() {}, nil
}

// Whatever a client sends, each of its messages is answered with JSON of a
// known type.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"type":"connection_init"}`,
		`{"id":"1","type":"start","payload":{"data":"{\"query\":\"a\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"k"}}}}`,
		`{"id":"1","type":"start","payload":{"query":"a"}}`,
		`{"id":1,"type":"stop"}`, `{"id":"\u0000\ud800","type":"stop"}`, `{"id":9e9,"type":"start"}`,
		`{"type":7}`, `[]`, `{`, "", "\xff", `{"id":"1","type":"start","payload":{"data":"null"}}`,
		`{"id":123456789012345678901234567890,"type":"stop"}`,
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		h := NewHandler(accepting{}, Options{})
		c := &conn{handler: h, out: outbox{maxMessages: 100, maxBytes: 1 << 20, wake: func() {}}, ctx: t.Context()}
		s := &session{conn: c}
		s.receive(first)
		s.receive(second)
		s.end()
		var b batch
		c.out.take(&b, 1<<30)
		if len(b.messages) < 2 {
			t.Fatalf("%d answers to two messages", len(b.messages))
		}
		for _, m := range b.messages {
			text := m.head
			if m.body != nil {
				text = append(append(append([]byte(nil), m.head...), m.body...), '}')
			}
			var msg struct{ Type string }
			if err := json.Unmarshal(text, &msg); err != nil {
				t.Fatalf("answer %q: %v", text, err)
			}
			switch msg.Type {
			case "connection_ack", "ka", "start_ack", "data", "error", "complete":
			default:
				t.Fatalf("answer of type %q", msg.Type)
			}
		}
	})
}

// The credentials come from outside as well, in a subprotocol or in the query.
func FuzzHeader(f *testing.F) {
	for _, seed := range [][2]string{
		{"graphql-ws, header-eyJhIjoxfQ", ""}, {"graphql-ws", "header=e30=&payload=e30="}, {"header-_-8", "header=%21"},
		{"graphql-ws,header-====", "header=a b"}, {"header-, header-e30", "&&=%zz;header=e30"}, {"\x00", "header=eyJ4Ijp7fX0"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, protocols, query string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}, Header: http.Header{"Sec-Websocket-Protocol": {protocols}}}
		if h, ok := connectHeader(r); ok && h == nil {
			t.Error("no header")
		}
	})
}

// hijacked is a ResponseWriter of a connection that is there already.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// Whatever bytes a client sends after the handshake, the connection ends when
// the client goes, and everything with it.
func FuzzFrames(f *testing.F) {
	masked := func(first byte, text string) []byte {
		return append([]byte{first, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
	}
	f.Add(masked(0x81, `{"type":"connection_init"}`))
	f.Add(append(masked(0x01, `{"id":"1","type":`), masked(0x80, `"stop"}`)...))
	f.Add(append(masked(0x89, "ping"), masked(0x88, "\x03\xe8")...))
	f.Add([]byte{0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Add([]byte{0x81, 0x02, '{', '}'})
	f.Add([]byte{0xFF, 0x00, 0x83})
	f.Fuzz(func(t *testing.T, sent []byte) {
		h := NewHandler(accepting{}, Options{CloseTimeout: 10 * time.Millisecond})
		ours, theirs := net.Pipe()
		go io.Copy(io.Discard, ours)
		r := httptest.NewRequest(http.MethodGet, "/graphql/realtime?header=e30", nil)
		for name, v := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "graphql-ws",
		} {
			r.Header.Set(name, v)
		}
		h.ServeHTTP(hijacked{conn: theirs}, r)
		if h.Connections() != 1 {
			t.Fatal("no connection")
		}
		ours.Write(sent) // the server may close before it has read all
		ours.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil || h.Connections() != 0 {
			t.Errorf("the connection has not ended: %v", err)
		}
	})
}
