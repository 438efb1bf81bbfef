package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options configures a Server.
type Options struct {
	// Log receives one line per request, and what goes wrong. Nil logs nothing.
	Log *slog.Logger
	// Backend, APIID and Realtime are the API at /graphql, which is also at
	// /apis/{apiId}/graphql. Without a Backend the server answers "starting" on
	// its health route until SetAPIs.
	Backend  Backend
	APIID    string
	Realtime Realtime
	// TLS says where the certificate comes from.
	TLS TLSOptions
	// EvaluateTemplate answers EvaluateMappingTemplate; nil serves none.
	EvaluateTemplate EvaluateTemplate
	// Admin serves what is below /_emulator/, but for the health route, and DynamoDB
	// the requests to / that have an X-Amz-Target. Both are kept from foreign web
	// pages. Nil serves none.
	Admin, DynamoDB http.Handler
	// AllowHosts are names besides localhost by which Admin may be reached, and
	// AllowOrigins are web pages besides those of localhost that may use Admin and
	// DynamoDB.
	AllowHosts, AllowOrigins []string
	// Faults disturbs GraphQL and real-time requests, for tests; nil disturbs none.
	Faults Faults
	// MaxBodyBytes bounds the bodies of the server's own requests; 0 is 1 MB.
	MaxBodyBytes int64
	// Version is shown on the start page.
	Version string
}

// TLSOptions says how connections that begin with a TLS handshake are served.
type TLSOptions struct {
	// Disabled refuses them.
	Disabled bool
	// CertFile and KeyFile are the user's own certificate and key, as PEM.
	CertFile, KeyFile string
	// Dir is the folder of the certificate authority that is used otherwise; it
	// is made when the server starts. Empty disables TLS as well.
	Dir string
}

const (
	defaultMaxBody = 1 << 20

	// headerTimeout is how long a client may take for the TLS handshake and the
	// header of its first request.
	headerTimeout = 10 * time.Second
	// bodyTimeout is how long it may take for a whole request.
	bodyTimeout = time.Minute
	// writeTimeout is how long a request may take, with the client reading its
	// answer: AppSync gives it 30 seconds. WebSockets have deadlines of their own.
	writeTimeout = 2 * time.Minute
	// idleTimeout is how long a connection is kept between requests.
	idleTimeout = 3 * time.Minute
	// closeTimeout is how long Close lets requests and connections finish. With
	// what follows it, Close stays within 2 seconds.
	closeTimeout = 1500 * time.Millisecond
)

// Server serves APIs on one port. It is an http.Handler too, for programs that
// have a server of their own.
type Server struct {
	opt   Options
	log   *slog.Logger
	guard *guard
	http  *http.Server
	apis  atomic.Pointer[apiSet]
	own   *tls.Config // of the user's own certificate

	serving sync.WaitGroup

	mu       sync.Mutex // guards the rest
	listener *listener
	closed   bool
}

type apiSet struct {
	main *API
	byID map[string]*API
}

// New returns a server that does not listen yet. It is an error when the
// user's certificate cannot be used.
func New(opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxBodyBytes == 0 {
		opt.MaxBodyBytes = defaultMaxBody
	}
	s := &Server{opt: opt, log: opt.Log}
	var err error
	if s.guard, err = newGuard(opt.AllowHosts, opt.AllowOrigins); err != nil {
		return nil, err
	}
	if t := opt.TLS; !t.Disabled && t.CertFile != "" {
		if s.own, err = LoadTLSConfig(t.CertFile, t.KeyFile); err != nil {
			return nil, err
		}
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(opt.Log.Handler(), slog.LevelDebug),
	}
	if opt.Backend != nil {
		s.SetAPIs(&API{ID: opt.APIID, Backend: opt.Backend, Realtime: opt.Realtime})
	}
	return s, nil
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

// Handler returns the server as a handler, for programs that have a listener of
// their own.
func (s *Server) Handler() http.Handler { return s }

// Start listens on a TCP address and serves HTTP and TLS on it until Close. It
// returns once connections are accepted. The error for an address that cannot
// be had is the operating system's, such as "bind: address already in use".
func (s *Server) Start(ctx context.Context, address string) error {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("server: cannot serve on %s: %w", address, err)
	}
	// The address comes first: a port in use is the commoner mistake, and the
	// one to report before any file is made.
	tlsConfig, err := s.tlsConfig(address)
	if err == nil {
		err = s.serve(newListener(l, tlsConfig, s.log))
	}
	if err != nil {
		l.Close()
	}
	return err
}

func (s *Server) serve(l *listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.listener != nil {
		return errors.New("server: Start was called before, or after Close")
	}
	s.listener = l
	s.serving.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the server has stopped accepting connections", slog.Any("error", err))
		}
	})
	return nil
}

// tlsConfig returns nil when TLS is off.
func (s *Server) tlsConfig(address string) (*tls.Config, error) {
	if s.own != nil || s.CAFile() == "" {
		return s.own, nil
	}
	a, err := OpenAuthority(s.opt.TLS.Dir, nil)
	if err != nil {
		return nil, err
	}
	if a.Created {
		s.log.Info("made a certificate authority; `appsync-emulator trust` tells how clients come to trust it",
			slog.String("certificate", a.TrustFile))
	}
	return a.TLSConfig(CertificateHosts(address))
}

// Addr is the address that Start has bound, host and port; empty before.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// CAFile is the PEM file of the certificate authority that clients must trust;
// empty when TLS is off or the certificate is the user's own. The file is made
// by Start.
func (s *Server) CAFile() string {
	if s.own != nil || s.opt.TLS.Disabled || s.opt.TLS.Dir == "" {
		return ""
	}
	return filepath.Join(s.opt.TLS.Dir, trustFile)
}

// Close stops listening, lets requests finish, closes WebSocket connections
// with code 1001, and cuts off whatever remains after 1.5 seconds. Calling it
// again, or without Start, does no harm.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	s.mu.Lock()
	s.closed = true
	if s.listener != nil {
		s.listener.closeSilent()
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
	s.serving.Wait()
	if err != nil {
		return fmt.Errorf("server: close: %w", err)
	}
	return nil
}
