package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options configures a Server.
type Options struct {
	// Log receives one line per request, and what goes wrong. Nil logs nothing.
	Log *slog.Logger
	// TLS is used for connections that begin with a TLS handshake. With nil they
	// are refused. See Authority.TLSConfig and LoadTLSConfig.
	TLS *tls.Config
	// MaxBody bounds request bodies, in bytes; 0 is 1 MB.
	MaxBody int64
	// Version is shown on the start page.
	Version string
}

const (
	defaultMaxBody = 1 << 20

	// headerTimeout is how long a client may take for the TLS handshake and the
	// header of its first request.
	headerTimeout = 10 * time.Second
	// bodyTimeout is how long it may take for a whole request.
	bodyTimeout = time.Minute
	// idleTimeout is how long a connection is kept between requests.
	idleTimeout = 3 * time.Minute
	// closeTimeout is how long Close lets requests and connections finish. With
	// what follows it, Close stays within 2 seconds.
	closeTimeout = 1500 * time.Millisecond
)

// Server serves APIs on a listener. It is an http.Handler too, for programs
// that have a server of their own.
type Server struct {
	opt  Options
	log  *slog.Logger
	http *http.Server
	apis atomic.Pointer[apiSet]

	mu        sync.Mutex // guards the rest
	listeners []*listener
	closed    bool
}

type apiSet struct {
	main *API
	byID map[string]*API
}

// New returns a server without APIs; it answers "starting" on its health route
// until SetAPIs is called.
func New(opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = defaultMaxBody
	}
	s := &Server{opt: opt, log: opt.Log}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(opt.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// SetAPIs replaces the APIs that are served. The first is the one at /graphql;
// all are at /apis/{apiId}/graphql. Requests and connections under way stay
// with the API that they began with: shutting down the real-time handler of a
// replaced API is the caller's.
func (s *Server) SetAPIs(apis ...*API) {
	if len(apis) == 0 {
		s.apis.Store(nil)
		return
	}
	set := &apiSet{main: apis[0], byID: make(map[string]*API, len(apis))}
	for _, a := range apis {
		set.byID[a.ID] = a
	}
	s.apis.Store(set)
}

// Listen binds a TCP address. An error is the operating system's, such as
// "bind: address already in use", and says what was to be bound.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("server: cannot serve on %s: %w", address, err)
	}
	return l, nil
}

// Serve accepts connections, of HTTP and TLS alike, until Close. It takes over
// the listener and returns nil after Close.
func (s *Server) Serve(l net.Listener) error {
	sniffing := newListener(l, s.opt.TLS, s.log)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return l.Close()
	}
	s.listeners = append(s.listeners, sniffing)
	s.mu.Unlock()
	if err := s.http.Serve(sniffing); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

// Close stops listening, lets requests finish, closes WebSocket connections
// with code 1001, and after 1.5 seconds, or when ctx ends, cuts off whatever
// remains. Calling it again, or without Serve, does no harm.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	s.mu.Lock()
	s.closed = true
	for _, l := range s.listeners {
		l.closeSilent()
	}
	s.mu.Unlock()

	var realtime sync.WaitGroup
	if set := s.apis.Load(); set != nil {
		for _, a := range set.byID {
			if a.Realtime == nil {
				continue
			}
			realtime.Go(func() {
				if err := a.Realtime.Shutdown(ctx); err != nil {
					s.log.Warn("cut off WebSocket connections that did not close in time", slog.String("api", a.ID))
				}
			})
		}
	}
	err := s.http.Shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		s.log.Warn("cut off requests that did not finish in time")
		err = s.http.Close()
	}
	realtime.Wait()
	if err != nil {
		return fmt.Errorf("server: close: %w", err)
	}
	return nil
}
