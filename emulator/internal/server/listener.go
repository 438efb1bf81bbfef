package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tlsHandshake is the first byte of a TLS connection (RFC 8446, 5.1); no HTTP
// request begins with it.
const tlsHandshake = 0x16

// listener accepts connections that turn out to be HTTP or TLS when their first
// byte is read. Nothing is read in Accept: the goroutine that serves the
// connection waits for the byte, under the deadline that it has set, and a
// silent client holds up nobody.
type listener struct {
	net.Listener
	config *tls.Config
	log    *slog.Logger

	mu     sync.Mutex // guards silent
	silent map[*conn]struct{}
}

func newListener(l net.Listener, config *tls.Config, log *slog.Logger) *listener {
	return &listener{Listener: l, config: config, log: log, silent: map[*conn]struct{}{}}
}

// Accept returns a connection of unknown kind. TCP_NODELAY and keep-alive
// probes are set by package net.
func (l *listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, listener: l}
	l.mu.Lock()
	l.silent[c] = struct{}{}
	l.mu.Unlock()
	return c, nil
}

// closeSilent closes the connections that have sent nothing yet. Browsers open
// such connections ahead of need, and a graceful shutdown would wait for them.
func (l *listener) closeSilent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.silent {
		c.Conn.Close()
	}
}

func (l *listener) heard(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.silent, c)
}

// conn is a connection that becomes TLS when its first byte says so. Plain
// connections cost one branch per call; the first read goes straight into the
// caller's buffer.
type conn struct {
	net.Conn
	listener *listener
	decided  bool // touched by the reader alone
	tls      atomic.Pointer[tls.Conn]
}

func (c *conn) Read(p []byte) (int, error) {
	if t := c.tls.Load(); t != nil {
		return t.Read(p)
	}
	n, err := c.Conn.Read(p)
	if c.decided || n == 0 {
		return n, err
	}
	c.decided = true
	c.listener.heard(c)
	if p[0] != tlsHandshake {
		return n, err
	}
	if c.listener.config == nil {
		c.listener.log.Warn("refused a TLS connection: TLS is off", slog.String("client", c.RemoteAddr().String()))
		return 0, io.EOF
	}
	t, err := c.handshake(bytes.Clone(p[:n]))
	if err != nil {
		// The connection is of no use to HTTP: it must not answer in clear text.
		return 0, io.EOF
	}
	c.tls.Store(t)
	return t.Read(p)
}

func (c *conn) handshake(received []byte) (*tls.Conn, error) {
	t := tls.Server(&replayed{Conn: c.Conn, received: received}, c.listener.config)
	ctx, cancel := context.WithTimeout(context.Background(), headerTimeout)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		c.logHandshake(err)
		return nil, err
	}
	return t, nil
}

// logHandshake tells the user what to do about the commonest failure of all: a
// client that does not trust the certificate. Clients report it as a network
// error, if at all.
func (c *conn) logHandshake(err error) {
	client := slog.String("client", c.RemoteAddr().String())
	text := err.Error()
	if strings.Contains(text, "remote error") && strings.Contains(text, "certificate") {
		c.listener.log.Warn("a client does not trust the certificate of this server; `appsync-emulator trust` tells how to change that",
			client, slog.Any("error", err))
		return
	}
	c.listener.log.Debug("TLS handshake failed", client, slog.Any("error", err))
}

func (c *conn) Write(p []byte) (int, error) {
	if t := c.tls.Load(); t != nil {
		return t.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *conn) Close() error {
	c.listener.heard(c)
	if t := c.tls.Load(); t != nil {
		return t.Close()
	}
	return c.Conn.Close()
}

// CloseWrite tells the client that nothing follows. net/http uses it to let an
// answer arrive before a connection with unread input is closed.
func (c *conn) CloseWrite() error {
	if t := c.tls.Load(); t != nil {
		return t.CloseWrite()
	}
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// SetDeadline and its companions need no override: the deadlines of the
// connection below hold for TLS as well.
var _ interface{ SetDeadline(time.Time) error } = (*conn)(nil)

// replayed gives back what was read before TLS was known.
type replayed struct {
	net.Conn
	received []byte
}

func (c *replayed) Read(p []byte) (int, error) {
	if len(c.received) > 0 {
		n := copy(p, c.received)
		if c.received = c.received[n:]; len(c.received) == 0 {
			c.received = nil // the connection may live long
		}
		return n, nil
	}
	return c.Conn.Read(p)
}
