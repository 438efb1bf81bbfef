package realtime_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

var benchEvent = value.MapOf("id", "1", "title", strings.Repeat("t", 400))

// subscribed is an API on which every start subscribes to one mutation.
type subscribed struct{ registry *subscription.Registry }

func (s subscribed) Authorize(context.Context, realtime.Credentials) (any, *realtime.Error) {
	return nil, nil
}

func (s subscribed) Start(_ context.Context, _ realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	return s.registry.Add(&subscription.Subscription{
		Field: "onPost", Mutations: []string{"addPost"}, Group: "all", Deliver: to.Deliver,
		Project: func(e any) []byte {
			return append(value.AppendJSON([]byte(`{"data":{"onPost":`), e), `}}`...)
		},
	}), nil
}

// drain reads raw bytes, so that the receivers cost as little as possible, and
// counts them.
func drain(c *websocket.Conn, received *atomic.Int64, done chan<- struct{}, want func() int64) {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.NetConn().Read(buf)
		if err != nil {
			return
		}
		if received.Add(int64(n)) == want() {
			done <- struct{}{}
		}
	}
}

// BenchmarkFanOut publishes one event to all subscribers and waits until the
// last of them has it; "bare" does the same with nothing but gorilla/websocket
// and a prepared message.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 100, 500, 1000} {
		b.Run(fmt.Sprintf("emulator/%d", n), func(b *testing.B) { benchmarkEmulator(b, n) })
		b.Run(fmt.Sprintf("bare/%d", n), func(b *testing.B) { benchmarkBare(b, n) })
	}
}

func measure(b *testing.B, conns []*websocket.Conn, frame int, publish func()) {
	var received, want atomic.Int64
	done := make(chan struct{}, 1)
	for _, c := range conns {
		go drain(c, &received, done, want.Load)
	}
	per := int64(frame * len(conns))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		want.Add(per)
		publish()
		<-done
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(conns)), "ns/delivery")
}

func benchmarkEmulator(b *testing.B, n int) {
	registry := subscription.NewRegistry()
	h := realtime.NewHandler(subscribed{registry}, realtime.Options{FirstKeepAlive: time.Hour})
	s := httptest.NewServer(h)
	defer s.Close()
	defer h.Shutdown(context.Background())
	conns := connect(b, n, s.URL)
	for i, c := range conns {
		id := strconv.Itoa(1000 + i)
		c.WriteMessage(websocket.TextMessage, []byte(start(id, "a")))
		if _, text, err := c.ReadMessage(); err != nil || !bytes.Contains(text, []byte("start_ack")) {
			b.Fatal(string(text), err)
		}
	}
	frame := 4 + len(`{"id":"1000","type":"data","payload":}`) + len(`{"data":{"onPost":}}`) + len(value.JSON(benchEvent))
	measure(b, conns, frame, func() { registry.Publish("addPost", benchEvent) })
}

func benchmarkBare(b *testing.B, n int) {
	var mu sync.Mutex
	var peers []*websocket.Conn
	up := websocket.Upgrader{Subprotocols: []string{"graphql-ws"}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		mu.Lock()
		peers = append(peers, c)
		mu.Unlock()
		io.Copy(io.Discard, c.NetConn())
	}))
	defer s.Close()
	conns := connect(b, n, s.URL)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	payload := []byte(`{"id":"1000","type":"data","payload":` + `{"data":{"onPost":` + value.JSON(benchEvent) + `}}}`)
	measure(b, conns, 4+len(payload), func() {
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
		if err != nil {
			b.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, c := range peers {
			c.WritePreparedMessage(m)
		}
	})
}

func connect(b *testing.B, n int, url string) []*websocket.Conn {
	d := websocket.Dialer{Subprotocols: []string{"graphql-ws", "header-" + validHeader}}
	var conns []*websocket.Conn
	for range n {
		c, _, err := d.Dial("ws"+strings.TrimPrefix(url, "http"), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		conns = append(conns, c)
	}
	return conns
}
