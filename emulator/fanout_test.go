package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/emulatortest"
)

// discardResponse is a ResponseWriter that keeps nothing.
type discardResponse struct {
	header http.Header
	status int
}

func (w *discardResponse) Header() http.Header         { return w.header }
func (w *discardResponse) Write(p []byte) (int, error) { return len(p), nil }
func (w *discardResponse) WriteHeader(status int)      { w.status = status }

func newRequest(body, apiKey string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, "/graphql", io.NopCloser(strings.NewReader(body)))
	if err != nil {
		panic(err)
	}
	r.ContentLength = int64(len(body))
	r.Header.Set("x-api-key", apiKey)
	r.RemoteAddr = "127.0.0.1:1"
	return r
}

// subscriber is a WebSocket of a benchmark: received gets a value for each
// message after the start.
type subscriber struct {
	conn     *websocket.Conn
	received chan struct{}
}

func (s *subscriber) read() {
	for {
		if _, r, err := s.conn.NextReader(); err != nil {
			return
		} else if _, err := io.Copy(io.Discard, r); err != nil {
			return
		}
		s.received <- struct{}{}
	}
}

// subscribe opens a connection in AppSync's protocol and starts one
// subscription.
func subscribe(tb testing.TB, s *emulatortest.Server, query string) *subscriber {
	tb.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
	conn, _, err := dialer.Dial("ws://"+s.Addr()+"/graphql/realtime", http.Header{"x-api-key": {s.APIKey()}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	for _, message := range []string{
		`{"type":"connection_init"}`,
		fmt.Sprintf(`{"id":"1","type":"start","payload":{"data":%q,"extensions":{"authorization":{"x-api-key":%q}}}}`,
			fmt.Sprintf(`{"query":%q,"variables":{}}`, query), s.APIKey()),
	} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			tb.Fatal(err)
		}
	}
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			tb.Fatal(err)
		}
		if strings.Contains(string(message), `"start_ack"`) {
			break
		}
		if strings.Contains(string(message), `"error"`) {
			tb.Fatalf("%s", message)
		}
	}
	sub := &subscriber{conn: conn, received: make(chan struct{}, 16)}
	go sub.read()
	return sub
}

const onDeltaPost = `subscription { onDeltaPost { id author title content url ups downs createdDate } }`

// BenchmarkPublish measures from the moment a mutation is sent until the last
// of n subscribers has its event; "bare" broadcasts the same bytes with
// gorilla/websocket and nothing else.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 500, 1000} {
		b.Run(fmt.Sprintf("%d/emulator", n), func(b *testing.B) {
			s := startBench(b, "testdata/bench", false)
			subs := make([]*subscriber, n)
			for i := range subs {
				subs[i] = subscribe(b, s, onDeltaPost)
			}
			h := s.Handler()
			body := graphqlBody(createQuery, `{"input":`+createInput+`}`)
			measureFanOut(b, subs, func() {
				h.ServeHTTP(&discardResponse{header: http.Header{}}, newRequest(body, s.APIKey()))
			})
		})
		b.Run(fmt.Sprintf("%d/bare", n), func(b *testing.B) {
			url, joins, broadcast := startBareBroadcast(b, n)
			subs := make([]*subscriber, n)
			for i := range subs {
				conn, _, err := websocket.DefaultDialer.Dial(url, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { conn.Close() })
				subs[i] = &subscriber{conn: conn, received: make(chan struct{}, 16)}
				go subs[i].read()
				<-joins
			}
			message := []byte(`{"id":"1","type":"data","payload":{"data":{"onDeltaPost":{"id":"5f0c8a30-0000-4000-8000-000000000000",` +
				createInput[1:len(createInput)-1] + `,"createdDate":"2024-01-15T09:30:00.000Z"}}}}`)
			measureFanOut(b, subs, func() { broadcast(message) })
		})
	}
}

func measureFanOut(b *testing.B, subs []*subscriber, publish func()) {
	b.Helper()
	timeout := time.After(10 * time.Minute)
	b.ResetTimer()
	for range b.N {
		publish()
		for _, s := range subs {
			select {
			case <-s.received:
			case <-timeout:
				b.Fatal("an event did not arrive")
			}
		}
	}
}
