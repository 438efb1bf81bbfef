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

	// oversize is the last payload that was too large, so that an event is
	// logged once and not for each of its receivers.
	oversize atomic.Pointer[byte]

	mu     sync.Mutex // guards conns and closed
	conns  map[*conn]struct{}
	closed bool
	// serving counts ServeHTTP calls past the upgrade.
	serving sync.WaitGroup
}

// NewHandler returns a handler that serves until Shutdown.
func NewHandler(backend Backend, opt Options) *Handler {
	return &Handler{
		backend: backend,
		opt:     opt.withDefaults(),
		conns:   map[*conn]struct{}{},
		upgrader: websocket.Upgrader{
			Subprotocols:     []string{subprotocol},
			HandshakeTimeout: 10 * time.Second,
			// gorilla/websocket writes little after the handshake: it needs no
			// buffer of its own on every connection.
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

// ServeHTTP upgrades the request and serves the connection until it ends.
// Credentials that are refused are answered after the upgrade, in the protocol:
// clients take a refused upgrade for a network failure and try for ever.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.enter() {
		httpError(w, http.StatusServiceUnavailable, &apierror.Error{
			Shape: apierror.Bare, Type: "ServiceUnavailableException", Message: "The server is shutting down.",
		})
		return
	}
	defer h.serving.Done()
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.opt.Log.Warn("real time: no WebSocket handshake", slog.Any("error", err))
		return
	}
	sourceIP, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		sourceIP = r.RemoteAddr
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := newConn(h, ws, sourceIP)
	defer c.net.Close()
	h.add(c)
	defer h.remove(c)
	go c.write()
	defer func() {
		c.out.close(closing{}, true)
		<-c.writer
	}()

	if s := h.open(ctx, c, r); s != nil {
		// A subscription must not outlive its client, whatever ends the reader.
		defer s.end()
		defer cancel()
		c.read(s.receive)
	} else {
		c.read(func(string) {})
	}
}

// open checks subprotocol and credentials. It returns nil when the connection
// was refused.
func (h *Handler) open(ctx context.Context, c *conn, r *http.Request) *session {
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
	credentials := Credentials{Header: header, SourceIP: c.sourceIP}
	identity, refusal := h.backend.Authorize(ctx, credentials)
	if refusal != nil {
		c.refuse(refusal)
		return nil
	}
	h.opt.Log.Debug("real time: connected", slog.String("client", c.sourceIP))
	return &session{
		conn: c, credentials: credentials, identity: identity, ctx: ctx,
		subs: map[string]*subscription{},
	}
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
	defer h.mu.Unlock()
	delete(h.conns, c)
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
