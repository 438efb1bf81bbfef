package emulator

import (
	"context"
	"sync/atomic"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/server"
)

// served is the API that clients reach: that of the project which is served at the
// moment. Each request has one project from its beginning to its end.
type served struct {
	current       atomic.Pointer[generation]
	subscriptions *subscribers
}

func newServed(first *generation, subscriptions *subscribers) *served {
	s := &served{subscriptions: subscriptions}
	subscriptions.api = first.api
	s.current.Store(first)
	return s
}

// now is the project that is served at the moment.
func (s *served) now() *generation { return s.current.Load() }

// enter begins a request with the project of the moment, whose leave ends it.
func (s *served) enter() *generation {
	for {
		// One that is drained has a successor already.
		if g := s.now(); g.enter() {
			return g
		}
	}
}

// Authenticate implements server.Backend.
func (s *served) Authenticate(ctx context.Context, req *auth.Request) (auth.Identity, *auth.Refusal) {
	return s.now().api.Authenticate(ctx, req)
}

// Execute implements server.Backend.
func (s *served) Execute(ctx context.Context, req *server.Request, dst []byte) server.Response {
	g := s.enter()
	defer g.leave()
	return g.api.Execute(ctx, req, dst)
}

// Authorize implements realtime.Backend.
func (s *served) Authorize(ctx context.Context, c realtime.Credentials) (any, *realtime.Error) {
	return s.now().api.Authorize(ctx, c)
}

// Start implements realtime.Backend.
func (s *served) Start(ctx context.Context, req realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	g := s.enter()
	defer g.leave()
	return g.api.Start(ctx, req, to)
}

// swap has another project be served. Open subscriptions go on with it: it returns
// how many do, and how many have been ended since they do not fit it.
func (s *served) swap(next *generation) (kept, ended int) {
	last := s.now()
	kept, ended = s.subscriptions.move(next.api, func() { s.current.Store(next) })
	last.retire()
	return kept, ended
}
