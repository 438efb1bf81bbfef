package realtime_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/realtime"
)

// Opcodes of frames (RFC 6455, 5.2), with the bit of a final frame.
const (
	final        = 0x80
	continuation = 0x0
	textFrame    = 0x1
	binaryFrame  = 0x2
	closeFrame   = 0x8
	pingFrame    = 0x9
)

// frame is a frame of a client, masked with zeros.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func (c *client) write(frames ...[]byte) {
	c.Helper()
	if _, err := c.NetConn().Write(bytes.Join(frames, nil)); err != nil {
		c.Fatal(err)
	}
}

// RFC 6455, 5.4: a message may come in fragments, with control frames between
// them, in as many pieces as the network likes.
func TestFragmentedMessages(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	pongs := make(chan string, 10)
	c.SetPongHandler(func(data string) error { pongs <- data; return nil })

	text := start("1", "a")
	c.write(
		frame(textFrame, text[:10]), frame(continuation, ""), frame(final|pingFrame, "between"),
		frame(continuation, text[10:50]), frame(final|continuation, text[50:]))
	c.expect(`{"id":"1","type":"start_ack"}`)
	if got := <-pongs; got != "between" {
		t.Errorf("pong %q", got)
	}
	for _, b := range frame(final|textFrame, `{"id":"1","type":"stop"}`) {
		c.write([]byte{b})
	}
	c.expect(`{"id":"1","type":"complete"}`)
	// Several messages in one packet are answered in order.
	c.write(frame(final|textFrame, start("2", "a")), frame(final|textFrame, start("3", "b")), frame(final|textFrame, `{"id":"2","type":"stop"}`))
	c.expect(`{"id":"2","type":"start_ack"}`)
	c.expect(`{"id":"3","type":"start_ack"}`)
	c.expect(`{"id":"2","type":"complete"}`)
	// A binary message is read as text: only its JSON matters.
	c.write(frame(final|binaryFrame, `{"id":"3","type":"stop"}`))
	c.expect(`{"id":"3","type":"complete"}`)
	// Text that is no UTF-8 is no message.
	c.write(frame(final|textFrame, "{\"id\":\"\xff\",\"type\":\"stop\"}"))
	if got := c.next(); !strings.Contains(got, `"type":"error"`) {
		t.Errorf("got %s", got)
	}
}

// RFC 6455, 5: frames that a client must not send end the connection with 1002,
// and nothing that it had started stays.
func TestFramesThatAreNotAllowed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		bytes []byte
	}{
		{"not masked", []byte{final | textFrame, 2, '{', '}'}},
		{"a reserved bit", append([]byte{0xC1}, frame(final|textFrame, `{}`)[1:]...)},
		{"a reserved opcode", frame(final|0x3, "")},
		{"a control frame in fragments", frame(pingFrame, "")},
		{"a control frame that is too long", frame(final|pingFrame, strings.Repeat("x", 126))},
		{"a continuation of nothing", frame(final|continuation, "x")},
		{"a message within a message", append(frame(textFrame, "x"), frame(final|textFrame, "y")...)},
		{"a close frame of one byte", frame(final|closeFrame, "x")},
		{"a close code that may not be sent", frame(final|closeFrame, "\x03\xED")},
		{"a length beyond all numbers", append([]byte{final | textFrame, 0xFF}, bytes.Repeat([]byte{0xFF}, 12)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBackend()
			h, u := serve(t, b, realtime.Options{})
			c := open(t, u)
			c.subscribe("1", "a")
			c.write(tt.bytes)
			if got := <-b.stopped; got != "a" {
				t.Errorf("stopped %q", got)
			}
			for {
				if _, _, err := c.ReadMessage(); err != nil {
					break
				}
			}
			c.Close()
			shutdown(t, h)
		})
	}
}

// shutdown fails the test when a connection does not end.
func shutdown(t *testing.T, h *realtime.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// Fragments count together.
func TestFragmentsOverTheReadLimit(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{ReadLimit: 1000})
	c := open(t, u)
	c.write(frame(textFrame, `{"type":"`+strings.Repeat("x", 600)))
	for range 3 {
		c.write(frame(continuation, strings.Repeat("x", 600)))
	}
	c.write(frame(final|continuation, `"}`))
	c.expectClose(websocket.CloseMessageTooBig)
	// The limit itself is a message.
	c = open(t, u)
	text := `{"type":"` + strings.Repeat("x", 1000-len(`{"type":""}`)) + `"}`
	c.send(text)
	c.expect(`{"type":"error","payload":{"errors":[{"errorType":"UnsupportedOperation","message":"unknown not supported through the realtime channel"}]}}`)
	c.send(text + " ")
	c.expectClose(websocket.CloseMessageTooBig)
}

// RFC 6455, 5.5.1: the client's close is answered with its code.
func TestClientCloses(t *testing.T) {
	for _, code := range []int{websocket.CloseNormalClosure, websocket.CloseGoingAway, 4000, websocket.CloseNoStatusReceived} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			b := newBackend()
			_, u := serve(t, b, realtime.Options{})
			c := open(t, u)
			c.subscribe("1", "a")
			payload := ""
			if code != websocket.CloseNoStatusReceived {
				payload = string(binary.BigEndian.AppendUint16(nil, uint16(code))) + "bye"
			}
			c.write(frame(final|closeFrame, payload), frame(final|textFrame, start("2", "b")))
			c.expectClose(code)
			if got := <-b.stopped; got != "a" {
				t.Errorf("stopped %q", got)
			}
		})
	}
}

// A handshake that is no WebSocket is an answer of HTTP, whatever is wrong.
func TestHandshakesThatAreNone(t *testing.T) {
	_, u := serve(t, newBackend(), realtime.Options{})
	for _, tt := range []struct {
		name   string
		method string
		header map[string]string
		status int
	}{
		{"no upgrade", "GET", map[string]string{"Upgrade": ""}, 400},
		{"no connection header", "GET", map[string]string{"Connection": "close"}, 400},
		{"another version", "GET", map[string]string{"Sec-WebSocket-Version": "8"}, 400},
		{"no key", "GET", map[string]string{"Sec-WebSocket-Key": ""}, 400},
		{"a short key", "GET", map[string]string{"Sec-WebSocket-Key": "AAAA"}, 400},
		{"POST", "POST", nil, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, "http"+strings.TrimPrefix(u, "ws"), nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range map[string]string{
				"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
				"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "graphql-ws",
			} {
				req.Header.Set(name, v)
			}
			for name, v := range tt.header {
				req.Header.Set(name, v)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != tt.status || !strings.HasPrefix(string(body), `{"errors":[`) {
				t.Errorf("%d %s, want %d", resp.StatusCode, body, tt.status)
			}
		})
	}
}

// A client that talks and does not listen is disconnected when the answers fill
// its queue.
func TestClientThatNeverReads(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{QueueMessages: 100, WriteTimeout: 50 * time.Millisecond})
	c := open(t, u)
	c.subscribe("1", "a")
	go func() {
		junk := frame(final|textFrame, "?")
		for {
			if _, err := c.NetConn().Write(junk); err != nil {
				return
			}
		}
	}()
	<-b.stopped
	c.NetConn().Close()
}

// What waits for start_ack counts as what waits for the client.
func TestFloodBeforeTheAcknowledgement(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{QueueBytes: 500 << 10})
	c := open(t, u)
	c.send(start("1", "flood"))
	c.expectClose(websocket.CloseTryAgainLater)
	if got := <-b.stopped; got != "flood" {
		t.Errorf("stopped %q", got)
	}
}

// Events are published while a client starts and stops one id over and over:
// between start_ack and complete it hears each of them, in order, and nothing
// outside.
func TestEventsAroundStartAndStop(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	// Each event that is read lets two more be published.
	events := make(chan struct{}, 64)
	more := func() {
		for range 2 {
			select {
			case events <- struct{}{}:
			default:
			}
		}
	}
	var publisher sync.WaitGroup
	publisher.Go(func() {
		n := 0
		for range events {
			b.mu.Lock()
			to := b.to["a"]
			b.mu.Unlock()
			to.Deliver(fmt.Appendf(nil, `{"data":%d}`, n))
			n++
		}
	})
	for range 200 {
		c.subscribe("1", "a")
		more()
		last := -1
		for {
			text := c.next()
			if text == `{"id":"1","type":"complete"}` {
				break
			}
			var n int
			if _, err := fmt.Sscanf(text, `{"id":"1","type":"data","payload":{"data":%d}}`, &n); err != nil {
				t.Fatalf("received %s", text)
			}
			if last < 0 {
				c.send(`{"id":"1","type":"stop"}`)
			} else if n != last+1 {
				t.Fatalf("event %d after %d", n, last)
			}
			last = n
			more()
		}
		<-b.stopped
	}
	close(events)
	publisher.Wait()
}

// A subscription may be invalidated before it is acknowledged.
func TestInvalidationWhileStarting(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.send(start("1", "invalidated"))
	c.expect(`{"id":"1","type":"start_ack"}`)
	c.expect(`{"id":"1","type":"complete","payload":{"message":"Subscription complete."}}`)
	c.expectClose(websocket.CloseNormalClosure)
	if got := <-b.stopped; got != "invalidated" {
		t.Errorf("stopped %q", got)
	}
}

// The text is the guide's; that it stands in a complete message is our reading.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-invalidation.html
func TestInvalidation(t *testing.T) {
	b := newBackend()
	h, u := serve(t, b, realtime.Options{})
	c, other := open(t, u), open(t, u)
	c.subscribe("1", "a")
	c.subscribe("2", "b")
	other.subscribe("1", "c")
	b.publish("b", `{"data":1}`)
	to := b.to["a"]
	to.Invalidate()
	to.Invalidate()
	to.Deliver([]byte(`{"data":2}`))
	b.publish("b", `{"data":3}`)
	c.expect(`{"id":"2","type":"data","payload":{"data":1}}`)
	c.expect(`{"id":"1","type":"complete","payload":{"message":"Subscription complete."}}`)
	c.expectClose(websocket.CloseNormalClosure)
	got := map[string]bool{<-b.stopped: true, <-b.stopped: true}
	if !got["a"] || !got["b"] {
		t.Errorf("stopped %v", got)
	}
	b.publish("c", `{"data":4}`)
	other.expect(`{"id":"1","type":"data","payload":{"data":4}}`)
	// A subscription that the client has stopped is not there any more.
	other.send(`{"id":"1","type":"stop"}`)
	other.expect(`{"id":"1","type":"complete"}`)
	b.to["c"].Invalidate()
	other.subscribe("1", "c")
	if n := h.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}
