package realtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// conn is one WebSocket connection. gorilla/websocket upgrades it and reads
// from it; frames are written here, so that whatever is queued goes out in one
// write and a shared payload is copied only once, into that write.
//
// A connection that waits has one goroutine, its reader. Writers live while
// there is something to write, one at a time.
type conn struct {
	handler  *Handler
	ws       *websocket.Conn
	net      net.Conn
	sourceIP string
	out      outbox

	// ctx ends with the connection.
	ctx    context.Context
	cancel context.CancelFunc

	opened time.Time
	// heard is when the client sent its latest frame, as time since opened.
	heard atomic.Int64
	// written is closed when the last writer has ended.
	written chan struct{}
	// frozen is not nil while the connection neither reads nor writes.
	frozen atomic.Pointer[gate]
	// peer is the connection as Faults see it, nil where there are none.
	peer *Connection

	mu    sync.Mutex  // guards timer
	timer *time.Timer // of the next tick; nil when the connection has ended
}

func newConn(h *Handler, ws *websocket.Conn, sourceIP string) *conn {
	c := &conn{
		handler:  h,
		ws:       ws,
		net:      ws.NetConn(),
		sourceIP: sourceIP,
		opened:   time.Now(),
		written:  make(chan struct{}),
	}
	c.out = outbox{maxMessages: h.opt.QueueMessages, maxBytes: h.opt.QueueBytes, wake: func() { go c.write() }}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.mu.Lock() // the timer may go off at once
	c.timer = time.AfterFunc(h.opt.FirstKeepAlive, c.tick)
	c.mu.Unlock()
	ws.SetPingHandler(func(data string) error {
		c.hear()
		c.out.sendPong([]byte(data))
		return nil
	})
	ws.SetPongHandler(func(string) error {
		c.hear()
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
	c.send(c.handler.ack)
	c.send(keepAliveMessage)
	c.schedule()
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

// schedule sets the timer to the next ka, or to the end of the connection's
// life when that comes first.
func (c *conn) schedule() {
	left := c.handler.opt.MaxAge - time.Since(c.opened)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Reset(max(0, min(left, c.handler.opt.KeepAlive)))
	}
}

// tick does what is due: it ends a connection that is too old, or whose client
// has been silent for the connection timeout, and sends a ka to any other. The
// ping with it makes the client show that it is there: a network that has gone
// does not fail writes for a quarter of an hour.
func (c *conn) tick() {
	if c.out.closed() {
		return
	}
	age := time.Since(c.opened)
	opt := &c.handler.opt
	switch silent := age - time.Duration(c.heard.Load()); {
	case age >= opt.MaxAge:
		c.out.close(closing{code: websocket.CloseGoingAway, reason: "maximum connection duration reached"}, false)
	case silent > max(opt.ConnectionTimeout, 2*opt.KeepAlive):
		opt.Log.Warn("real time: lost a client",
			slog.String("client", c.sourceIP), slog.Duration("silent", silent))
		c.abort()
	default:
		c.out.sendPing()
		c.send(keepAliveMessage)
		c.schedule()
	}
}

// hear notes that the client is there.
func (c *conn) hear() { c.heard.Store(int64(time.Since(c.opened))) }

// serve reads until the connection ends. A nil session is that of a client who
// has been refused: it is only waited for.
func (c *conn) serve(s *session) {
	defer c.handler.serving.Done()
	defer c.handler.remove(c)
	defer c.finish()
	defer func() {
		if p := recover(); p != nil {
			c.handler.panicked("real time: panic while reading a message", p)
		}
	}()
	if s == nil {
		c.read(func(string) {})
		return
	}
	// A subscription must not outlive its client, whatever ends the reader.
	defer s.end()
	defer c.cancel()
	c.read(s.receive)
}

// finish waits for the last writer and frees what the connection holds.
func (c *conn) finish() {
	c.out.close(closing{}, true)
	c.cancel()
	c.mu.Lock()
	c.timer.Stop()
	c.timer = nil
	c.mu.Unlock()
	<-c.written
	c.net.Close()
}

// readBuffers holds buffers for messages that are being read, so that
// connections that wait hold none.
var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledBuffer is the largest buffer that goes back to a pool.
const maxPooledBuffer = 64 << 10

// read hands messages to receive until the connection ends. After the server
// has begun to close, it only waits for the client's answer.
func (c *conn) read(receive func(frame string)) {
	for {
		_, r, err := c.ws.NextReader()
		if err != nil {
			c.readFailed(err)
			return
		}
		frame, err := c.readMessage(r)
		if err != nil {
			c.readFailed(err)
			return
		}
		c.pass()
		c.hear()
		limit := c.handler.opt.ReadLimit
		switch {
		case c.out.closed():
		case int64(len(frame)) > limit:
			c.out.close(closing{
				code:   websocket.CloseMessageTooBig,
				reason: fmt.Sprintf("a message may have %d bytes", limit),
			}, false)
		default:
			receive(frame)
		}
	}
}

// readMessage reads one message, or as much of it as shows that it is too long.
func (c *conn) readMessage(r io.Reader) (string, error) {
	buf := readBuffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxPooledBuffer {
			buf.Reset()
			readBuffers.Put(buf)
		}
	}()
	_, err := buf.ReadFrom(io.LimitReader(r, c.handler.opt.ReadLimit+1))
	return buf.String(), err
}

// readFailed lets the last writer end: with a close frame in answer to the
// client's own, silently when the connection is broken or gorilla/websocket has
// reported a protocol error to the client.
func (c *conn) readFailed(err error) {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
		c.out.close(closing{code: closed.Code}, true)
		c.thaw()
		return
	}
	c.abort()
}

// abort ends the connection without a word to the client.
func (c *conn) abort() {
	c.out.close(closing{}, true)
	c.net.Close() // ends a write or read that is waiting
	c.thaw()
}

// writeBuffer is the scratch space of a writer.
type writeBuffer struct {
	batch batch
	bytes []byte
}

// batchBytes is about how much goes out in one write.
const batchBytes = 64 << 10

var writeBuffers = sync.Pool{New: func() any { return new(writeBuffer) }}

// write writes until the outbox is empty; there is one such call at a time. The
// one that has sent the close frame is the last.
func (c *conn) write() {
	wb := writeBuffers.Get().(*writeBuffer)
	defer func() {
		clear(wb.batch.messages[:cap(wb.batch.messages)])
		if cap(wb.bytes) <= 4*batchBytes {
			writeBuffers.Put(wb)
		}
	}()
	for c.pass(); c.out.take(&wb.batch, batchBytes); c.pass() {
		wb.bytes = wb.batch.append(wb.bytes[:0])
		if len(wb.bytes) > 0 {
			c.net.SetWriteDeadline(time.Now().Add(c.handler.opt.WriteTimeout))
			if _, err := c.net.Write(wb.bytes); err != nil {
				c.writeFailed(err)
				// What was queued meanwhile is given up; only the ending is left.
				for wb.batch.ending == nil {
					c.out.take(&wb.batch, batchBytes)
				}
			}
		}
		if wb.batch.ending != nil {
			// The client has this long to answer the close frame.
			c.net.SetReadDeadline(time.Now().Add(c.handler.opt.CloseTimeout))
			close(c.written)
			return
		}
	}
}

func (c *conn) writeFailed(err error) {
	if !c.out.closed() {
		// That a client goes without a word is no more than a page that is reloaded.
		level := slog.LevelDebug
		if errors.Is(err, os.ErrDeadlineExceeded) {
			level = slog.LevelWarn
		}
		c.handler.opt.Log.Log(context.Background(), level, "real time: lost a client",
			slog.String("client", c.sourceIP), slog.Any("error", err))
	}
	c.abort()
}

// panicked logs a panic with its stack, so that one bad message does not end
// the process.
func (h *Handler) panicked(message string, p any) {
	h.opt.Log.Error(message, slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
}
