package realtime

import (
	"bytes"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// Faults disturbs connections, on behalf of tests. *faults.Injector is one. Its
// methods are called by many goroutines at the same time.
type Faults interface {
	// Active reports whether there is anything to disturb. Frame is not called
	// while it says no.
	Active() bool
	// Opened is told of each connection when it has been upgraded, before anything
	// is read, and Closed when it has ended.
	Opened(c *Connection)
	Closed(c *Connection)
	// Frame stands between a message and the queue of the client: send queues it,
	// and may be called never, once or several times, now or later. kind is the
	// type of the message and id that of its operation as JSON text, empty when it
	// has none. Frame must not wait.
	Frame(c *Connection, kind, id string, send func())
}

// Connection is one WebSocket connection, as those see it who disturb it.
type Connection struct {
	conn      *conn
	handshake http.Header
	own       http.Header // the client's header object
}

// Header is a header of the client's header object or, without that, of the
// handshake; empty when there is none.
func (c *Connection) Header(name string) string {
	if v := c.own.Get(name); v != "" {
		return v
	}
	return c.handshake.Get(name)
}

// SourceIP is the client's address, without a port.
func (c *Connection) SourceIP() string { return c.conn.sourceIP }

// HandshakeHeader returns the header object of a handshake, nil when there is
// none.
func HandshakeHeader(r *http.Request) http.Header {
	h, _ := connectHeader(r)
	return h
}

// Close sends what is queued and a close frame.
func (c *Connection) Close(code int, reason string) {
	c.conn.out.close(closing{code: code, reason: reason}, false)
}

// Cut ends the connection without a close frame.
func (c *Connection) Cut() {
	c.conn.abort()
	c.Thaw()
}

// Reset ends it so that the client sees a broken connection (TCP's RST).
func (c *Connection) Reset() {
	c.conn.out.close(closing{}, true)
	switch n := c.conn.net.(type) {
	case interface{ Reset() }:
		n.Reset()
	case *net.TCPConn:
		_ = n.SetLinger(0) // an error means that it is closed already
	}
	c.Cut()
}

// Freeze stops reading and writing until Thaw. The connection stays open, and
// what is sent meanwhile waits in its queue.
func (c *Connection) Freeze() {
	c.conn.frozen.CompareAndSwap(nil, &gate{open: make(chan struct{})})
}

// Thaw lets a frozen connection go on.
func (c *Connection) Thaw() { c.conn.thaw() }

func (c *conn) thaw() {
	if g := c.frozen.Swap(nil); g != nil {
		close(g.open)
	}
}

// gate is what the reader and the writer of a frozen connection wait at.
type gate struct{ open chan struct{} }

// pass waits while the connection is frozen. One that has ended is not.
func (c *conn) pass() {
	for {
		g := c.frozen.Load()
		if g == nil {
			return
		}
		select {
		case <-g.open:
		case <-c.ctx.Done():
			return
		}
	}
}

// disturb lets faults stand before the queue, and tells them of the connection.
func (c *conn) disturb(r *http.Request) {
	f := c.handler.opt.Faults
	c.peer = &Connection{conn: c, handshake: r.Header, own: HandshakeHeader(r)}
	c.out.filter = func(m message) bool {
		if !f.Active() {
			return false
		}
		kind, id := m.kind()
		f.Frame(c.peer, kind, id, func() {
			if !c.out.push(m) {
				c.overflow()
			}
		})
		return true
	}
	f.Opened(c.peer)
}

var (
	typeKey    = []byte(`"type":"`)
	idKey      = []byte(`{"id":`)
	idEnd      = []byte(`,"type":"`)
	closeQuote = []byte(`"`)
)

// kind reads the type and the id in the head of a message. Texts in it cannot look
// like keys, as their quotes are escaped.
func (m *message) kind() (kind, id string) {
	i := bytes.LastIndex(m.head, typeKey)
	if i < 0 {
		return "", ""
	}
	text, _, _ := bytes.Cut(m.head[i+len(typeKey):], closeQuote)
	if rest, ok := bytes.CutPrefix(m.head, idKey); ok {
		if before, _, ok := bytes.Cut(rest, idEnd); ok {
			id = string(before)
		}
	}
	return string(text), id
}

// ValidCloseCode reports whether a close frame may have a code (RFC 6455, 7.4).
func ValidCloseCode(code int) bool {
	return code >= 1000 && code <= 1014 && code != 1004 && code != websocket.CloseNoStatusReceived &&
		code != websocket.CloseAbnormalClosure || code >= 3000 && code <= 4999
}
