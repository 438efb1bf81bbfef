package realtime

import (
	"context"
	"encoding/json"
	"testing"
	"time"
)

// accepting registers everything and delivers at once.
type accepting struct{}

func (accepting) Authorize(context.Context, Credentials) (any, *Error) { return nil, nil }

func (accepting) Start(_ context.Context, _ StartRequest, deliver func([]byte)) (func(), []*Error) {
	deliver([]byte(`{"data":null}`))
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
		c := &conn{handler: h, out: newOutbox(100, 1<<20), keepAlive: time.NewTimer(time.Hour)}
		s := &session{conn: c, ctx: t.Context(), subs: map[string]*subscription{}}
		s.receive(first)
		s.receive(second)
		s.end()
		batch, _, _ := c.out.take(nil, 1<<30)
		if len(batch) < 2 {
			t.Fatalf("%d answers to two messages", len(batch))
		}
		for _, m := range batch {
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

// The credentials come from outside as well.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"e30=", "eyJhIjoxfQ", "_-8", "%", "", "===="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		if h, ok := decodeHeader(encoded); ok && h == nil {
			t.Error("no header")
		}
	})
}
