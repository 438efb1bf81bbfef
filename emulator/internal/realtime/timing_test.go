package realtime_test

import (
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/realtime"
)

// pipeListener hands out the server ends of in-memory connections, whose
// deadlines follow the bubble's clock.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble runs f with a connection to a handler, on a clock that jumps from
// timer to timer.
func inBubble(t *testing.T, opt realtime.Options, f func(t *testing.T, b *backend, c *client)) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		b.stopped = make(chan string, 10) // of this bubble
		h := realtime.NewHandler(b, opt)
		l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		s := &http.Server{Handler: h}
		go s.Serve(l)
		d := websocket.Dialer{
			Subprotocols: []string{"graphql-ws", "header-" + validHeader},
			NetDial: func(string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				l.conns <- theirs
				return ours, nil
			},
		}
		conn, _, err := d.Dial("ws://localhost/graphql/realtime", nil)
		if err != nil {
			t.Fatal(err)
		}
		f(t, b, &client{t, conn})
		conn.Close()
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		s.Close()
	})
}

// at fails unless d has passed since start.
func at(t *testing.T, start time.Time, d time.Duration) {
	t.Helper()
	if got := time.Since(start); got != d {
		t.Fatalf("after %v, want %v", got, d)
	}
}

// The interval is documented; that the first ka does not wait for
// connection_init is recorded in aws/aws-appsync-community#195.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html#keep-alive-message
func TestKeepAliveWithoutInit(t *testing.T) {
	inBubble(t, realtime.Options{}, func(t *testing.T, _ *backend, c *client) {
		start := time.Now()
		for i := range 4 {
			c.expect(`{"type":"ka"}`)
			at(t, start, time.Second+time.Duration(i)*time.Minute)
		}
	})
}

func TestKeepAliveAfterInit(t *testing.T) {
	inBubble(t, realtime.Options{}, func(t *testing.T, _ *backend, c *client) {
		<-time.After(500 * time.Millisecond)
		start := time.Now()
		c.send(`{"type":"connection_init"}`)
		c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
		for i := range 4 {
			c.expect(`{"type":"ka"}`)
			at(t, start, time.Duration(i)*time.Minute)
		}
	})
}

// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html (connection
// duration of subscriptions)
func TestConnectionLivesADay(t *testing.T) {
	inBubble(t, realtime.Options{}, func(t *testing.T, b *backend, c *client) {
		start := time.Now()
		c.subscribe("1", "a")
		c.expectClose(websocket.CloseGoingAway)
		at(t, start, 24*time.Hour)
		<-b.stopped
	})
}

// A client that is gone without a word is noticed by the first write that it
// does not take.
func TestHalfOpenConnectionEnds(t *testing.T) {
	inBubble(t, realtime.Options{}, func(t *testing.T, b *backend, c *client) {
		c.subscribe("1", "a")
		start := time.Now()
		<-b.stopped // the pipe takes nothing unless it is read
		at(t, start, time.Second+10*time.Second)
	})
}

// Nor does a network that has gone fail writes soon: who has not been heard for
// the connection timeout, and has answered no ping in it, is gone.
func TestSilentClientIsLost(t *testing.T) {
	inBubble(t, realtime.Options{}, func(t *testing.T, b *backend, c *client) {
		start := time.Now()
		pings := 0
		c.SetPingHandler(func(string) error { pings++; return nil }) // no answer
		c.subscribe("1", "a")
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				break
			}
		}
		<-b.stopped
		at(t, start, 5*time.Minute+time.Second)
		if pings != 5 {
			t.Errorf("%d pings, want one with each ka", pings)
		}
	})
}

// A client that does not answer a close is cut off.
func TestUnansweredCloseEnds(t *testing.T) {
	inBubble(t, realtime.Options{MaxAge: time.Hour, KeepAlive: 2 * time.Hour}, func(t *testing.T, b *backend, c *client) {
		start := time.Now()
		c.subscribe("1", "a")
		c.expect(`{"type":"ka"}`)
		c.SetCloseHandler(func(int, string) error { return nil }) // no answer
		c.expectClose(websocket.CloseGoingAway)
		<-b.stopped
		at(t, start, time.Hour+time.Second)
	})
}

// A start that takes long does not delay the messages behind it for more than
// an instant.
func TestPatienceWithSlowStarts(t *testing.T) {
	inBubble(t, realtime.Options{FirstKeepAlive: time.Hour}, func(t *testing.T, b *backend, c *client) {
		b.release = make(chan struct{})
		begin := time.Now()
		c.send(start("1", "slow"))
		c.subscribe("2", "a")
		at(t, begin, 10*time.Millisecond)
	})
}
