package realtime

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// conn is one WebSocket connection. gorilla/websocket upgrades it and reads
// from it; frames are written here, so that whatever is queued goes out in one
// write and a shared payload is copied only once, into that write.
type conn struct {
	handler  *Handler
	ws       *websocket.Conn
	net      net.Conn
	sourceIP string
	out      *outbox

	keepAlive *time.Timer
	writer    chan struct{} // closed when the writer has ended
}

func newConn(h *Handler, ws *websocket.Conn, sourceIP string) *conn {
	c := &conn{
		handler:   h,
		ws:        ws,
		net:       ws.NetConn(),
		sourceIP:  sourceIP,
		out:       newOutbox(h.opt.QueueMessages, h.opt.QueueBytes),
		keepAlive: time.NewTimer(h.opt.FirstKeepAlive),
		writer:    make(chan struct{}),
	}
	ws.SetPingHandler(func(data string) error {
		c.out.sendPong([]byte(data))
		return nil
	})
	// The writer answers a close, so that the answer does not cut a message.
	ws.SetCloseHandler(func(int, string) error { return nil })
	return c
}

// send queues a message of the protocol.
func (c *conn) send(text []byte) {
	if !c.out.send(message{head: text}) {
		c.overflow()
	}
}

// acknowledge answers connection_init. The first ka follows at once, the next
// one after the full interval.
func (c *conn) acknowledge() {
	c.send(ackMessage(c.handler.opt.ConnectionTimeout))
	c.send(keepAliveMessage)
	c.keepAlive.Reset(c.handler.opt.KeepAlive)
}

// refuse answers with a connection_error and closes.
func (c *conn) refuse(e *Error) {
	c.send(connectionError(e))
	reason := e.Message
	if reason == "" {
		reason = e.Type
	}
	c.out.close(closing{code: websocket.ClosePolicyViolation, reason: reason}, false)
	c.handler.opt.Log.Warn("real time: connection refused",
		slog.String("client", c.sourceIP), slog.String("reason", reason))
}

// overflow disconnects a client whose queue is full.
func (c *conn) overflow() {
	if c.out.close(closing{code: websocket.CloseTryAgainLater, reason: "the client reads too slowly"}, true) {
		c.handler.opt.Log.Warn("real time: disconnected a client that reads too slowly",
			slog.String("client", c.sourceIP),
			slog.Int("queueMessages", c.handler.opt.QueueMessages), slog.Int("queueBytes", c.handler.opt.QueueBytes))
		// A write that is waiting for the client need not wait as long as usual.
		c.net.SetWriteDeadline(time.Now().Add(c.handler.opt.CloseTimeout))
	}
}

// read hands messages to receive until the connection ends. After the server
// has begun to close, it only waits for the client's answer.
func (c *conn) read(receive func(frame string)) {
	limit := c.handler.opt.ReadLimit
	var buf bytes.Buffer
	for {
		_, r, err := c.ws.NextReader()
		if err == nil {
			buf.Reset()
			_, err = buf.ReadFrom(io.LimitReader(r, limit+1))
		}
		if err != nil {
			c.readFailed(err)
			return
		}
		switch {
		case c.out.closed():
		case int64(buf.Len()) > limit:
			c.out.close(closing{
				code:   websocket.CloseMessageTooBig,
				reason: fmt.Sprintf("a message may have %d bytes", limit),
			}, false)
		default:
			receive(buf.String())
		}
		if buf.Cap() > maxIdleBuffer {
			buf = bytes.Buffer{}
		}
	}
}

// maxIdleBuffer is the largest buffer that is kept for the next message.
const maxIdleBuffer = 64 << 10

// readFailed lets the writer end: with a close frame in answer to the client's
// own, silently when the connection is broken or gorilla/websocket has reported
// a protocol error to the client.
func (c *conn) readFailed(err error) {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
		c.out.close(closing{code: closed.Code}, true)
		return
	}
	c.abort()
}

// abort ends the connection without a word to the client.
func (c *conn) abort() {
	c.out.close(closing{}, true)
	c.net.Close() // ends a write or read that is waiting
}

// writeBuffer is the scratch space of a write. Writers borrow one only while
// they have something to write, so that idle connections hold none.
type writeBuffer struct {
	batch []message
	bytes []byte
}

// batchBytes is about how much goes out in one write.
const batchBytes = 64 << 10

var writeBuffers = sync.Pool{New: func() any { return new(writeBuffer) }}

// write sends what the outbox holds, ka messages, and last of all the close
// frame.
func (c *conn) write() {
	defer close(c.writer)
	defer c.keepAlive.Stop()
	age := time.NewTimer(c.handler.opt.MaxAge)
	defer age.Stop()
	for {
		select {
		case <-c.out.wake:
			if c.flush() {
				return
			}
		case <-c.keepAlive.C:
			c.send(keepAliveMessage)
			c.keepAlive.Reset(c.handler.opt.KeepAlive)
		case <-age.C:
			c.out.close(closing{code: websocket.CloseGoingAway, reason: "maximum connection duration reached"}, false)
		}
	}
}

// flush writes until the outbox is empty. It reports whether the connection has
// ended.
func (c *conn) flush() (ended bool) {
	wb := writeBuffers.Get().(*writeBuffer)
	defer func() {
		clear(wb.batch[:cap(wb.batch)])
		if cap(wb.bytes) <= 4*batchBytes {
			writeBuffers.Put(wb)
		}
	}()
	for {
		batch, pong, ending := c.out.take(wb.batch[:0], batchBytes)
		wb.batch = batch
		b := wb.bytes[:0]
		if pong != nil {
			b = appendPong(b, pong)
		}
		for i := range batch {
			b = appendMessage(b, &batch[i])
		}
		if ending != nil && ending.code != 0 {
			b = appendClose(b, ending)
		}
		wb.bytes = b
		if len(b) > 0 {
			c.net.SetWriteDeadline(time.Now().Add(c.handler.opt.WriteTimeout))
			if _, err := c.net.Write(b); err != nil {
				c.writeFailed(err)
				return true
			}
		}
		if ending != nil {
			// The client has this long to answer the close frame.
			c.net.SetReadDeadline(time.Now().Add(c.handler.opt.CloseTimeout))
			return true
		}
		if len(b) == 0 {
			return false
		}
	}
}

func (c *conn) writeFailed(err error) {
	if !c.out.closed() {
		c.handler.opt.Log.Warn("real time: lost a client",
			slog.String("client", c.sourceIP), slog.Any("error", err))
	}
	c.abort()
}
