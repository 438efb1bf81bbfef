package realtime

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/apierror"
)

// Handler serves the real-time connections of one API. It is an http.Handler
// for requests that upgrade to WebSocket.
type Handler struct {
	backend  Backend
	opt      Options
	upgrader websocket.Upgrader
	ack      []byte // the connection_ack message

	// oversize is the last payload that was too large, so that an event is
	// logged once and not for each of its receivers.
	oversize atomic.Pointer[byte]

	mu     sync.Mutex // guards conns and closed
	conns  map[*conn]struct{}
	closed bool
	// serving counts handshakes and connections.
	serving sync.WaitGroup
}

// NewHandler returns a handler that serves until Shutdown.
func NewHandler(backend Backend, opt Options) *Handler {
	opt = opt.withDefaults()
	return &Handler{
		backend: backend,
		opt:     opt,
		ack:     ackMessage(opt.ConnectionTimeout),
		conns:   map[*conn]struct{}{},
		upgrader: websocket.Upgrader{
			Subprotocols:     []string{subprotocol},
			HandshakeTimeout: 10 * time.Second,
			// Most connections wait, most of the time: the buffer of their reader
			// is small, since long messages bypass it, and gorilla/websocket writes
			// so little after the handshake that it needs none of its own.
			ReadBufferSize:  512,
			WriteBufferSize: 512,
			WriteBufferPool: &sync.Pool{},
			// Browsers send the Origin of the page under development; AppSync
			// admits all.
			CheckOrigin: func(*http.Request) bool { return true },
			Error:       refuseUpgrade,
		},
	}
}

// refuseUpgrade answers a request that is no WebSocket handshake. Its reason
// comes from gorilla/websocket.
func refuseUpgrade(w http.ResponseWriter, _ *http.Request, status int, reason error) {
	httpError(w, status, &apierror.Error{
		Shape: apierror.Bare, Type: apierror.TypeBadRequest, Message: reason.Error(),
	})
}

func httpError(w http.ResponseWriter, status int, e *apierror.Error) {
	body := append([]byte(nil), `{"errors":[`...)
	body = append(e.AppendJSON(body), `]}`...)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	w.Write(body)
}

// ServeHTTP upgrades the request and returns when the credentials have been
// checked; the connection lives on. Credentials that are refused are answered
// after the upgrade, in the protocol: clients take a refused upgrade for a
// network failure and try for ever.
//
// The reader has a goroutine of its own, so that the stack and the buffers of
// the HTTP server do not wait with the connection.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.enter() {
		httpError(w, http.StatusServiceUnavailable, &apierror.Error{
			Shape: apierror.Bare, Type: "ServiceUnavailableException", Message: "The server is shutting down.",
		})
		return
	}
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.serving.Done()
		h.opt.Log.Warn("real time: no WebSocket handshake", slog.Any("error", err))
		return
	}
	sourceIP, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		sourceIP = r.RemoteAddr
	}
	c := newConn(h, ws, sourceIP)
	h.add(c)
	if h.opt.Faults != nil {
		c.disturb(r)
	}
	s := h.open(c, r)
	go c.serve(s)
}

// open checks subprotocol and credentials. It returns nil when the connection
// was refused.
func (h *Handler) open(c *conn, r *http.Request) *session {
	switch offered := websocket.Subprotocols(r); {
	case len(offered) == 0:
		c.refuse(errNoProtocol)
		return nil
	case !slices.Contains(offered, subprotocol):
		c.refuse(errOtherProtocol)
		return nil
	}
	header, ok := connectHeader(r)
	if !ok {
		c.refuse(errBadHeader)
		return nil
	}
	credentials := Credentials{Header: header, SourceIP: c.sourceIP, Connection: c.peer}
	identity, refusal := h.authorize(c, credentials)
	if refusal != nil {
		c.refuse(refusal)
		return nil
	}
	h.opt.Log.Debug("real time: connected", slog.String("client", c.sourceIP))
	return &session{conn: c, credentials: credentials, identity: identity}
}

// authorize turns a panic of the backend into a refusal.
func (h *Handler) authorize(c *conn, credentials Credentials) (identity any, refusal *Error) {
	defer func() {
		if p := recover(); p != nil {
			h.panicked("real time: panic while authorizing a connection", p)
			refusal = errInternal()
		}
	}()
	return h.backend.Authorize(c.ctx, credentials)
}

// Connections returns the number of open connections.
func (h *Handler) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// Shutdown closes all connections with code 1001 and refuses new ones. It waits
// for them to end; when ctx ends first, it cuts the rest off and returns the
// error of ctx.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for c := range h.conns {
		c.out.close(goingAway(), false)
		c.thaw()
	}
	h.mu.Unlock()
	done := make(chan struct{})
	go func() {
		h.serving.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	for c := range h.conns {
		c.cancel() // ends an authorization that takes too long
		c.net.Close()
	}
	h.mu.Unlock()
	return ctx.Err()
}

func goingAway() closing {
	return closing{code: websocket.CloseGoingAway, reason: "the server is shutting down"}
}

// enter reports false after Shutdown.
func (h *Handler) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.serving.Add(1)
	return true
}

func (h *Handler) add(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c] = struct{}{}
	if h.closed {
		c.out.close(goingAway(), false)
	}
}

func (h *Handler) remove(c *conn) {
	h.mu.Lock()
	delete(h.conns, c)
	h.mu.Unlock()
	if c.peer != nil {
		h.opt.Faults.Closed(c.peer)
	}
}

// fits reports whether a payload is within AppSync's limit. AppSync drops a
// larger event without a word, which costs developers days; here it is logged.
//
// Recorded: aws/aws-appsync-community#33, #175.
func (h *Handler) fits(payload []byte) bool {
	if len(payload) <= h.opt.MaxPayload {
		return true
	}
	if first := unsafe.SliceData(payload); h.oversize.Swap(first) != first {
		h.opt.Log.Error("real time: DROPPED an event that is larger than AppSync delivers; subscribers do not get it",
			slog.Int("bytes", len(payload)), slog.Int("limit", h.opt.MaxPayload))
	}
	return false
}
