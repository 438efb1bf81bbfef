package emulator

import (
	"sync"
	"unique"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

// subscribers holds the open subscriptions, which outlive the project that they
// were started with. It is safe for concurrent use.
type subscribers struct {
	registry *subscription.Registry

	// mu guards what follows, and is held before publishing.
	mu   sync.Mutex
	open map[*subscriber]struct{}
	// api is what open belongs to.
	api *api

	// publishing is held for reading while an event is delivered, and for writing
	// while subscriptions pass from one project to the next: each of them hears of
	// an event once.
	publishing sync.RWMutex
}

// subscriber is an open subscription with what it takes to start it anew.
type subscriber struct {
	// Many subscriptions have one text. The copies that clients send are not kept.
	query, operationName unique.Handle[string]

	id        string // JSON text
	variables *value.Map
	identity  auth.Identity
	// filters are those that resolvers have set, by response key.
	filters map[string]resolver.SubscriptionFilters
	to      realtime.Subscriber
	// remove takes it out of the registry; guarded by subscribers.mu.
	remove func()
}

func newSubscribers() *subscribers {
	return &subscribers{registry: subscription.NewRegistry(), open: map[*subscriber]struct{}{}}
}

func newSubscriber(req *realtime.StartRequest, id auth.Identity, filters map[string]resolver.SubscriptionFilters, to realtime.Subscriber) *subscriber {
	return &subscriber{
		query:         unique.Make(req.Query),
		operationName: unique.Make(req.OperationName),
		id:            req.ID,
		variables:     req.Variables,
		identity:      id,
		filters:       filters,
		to:            to,
	}
}

// Len is how many subscriptions are open.
func (s *subscribers) Len() int { return s.registry.Len() }

// Interested reports whether anybody listens to a mutation.
func (s *subscribers) Interested(mutation string) bool { return s.registry.Interested(mutation) }

// Publish delivers the result of a mutation.
func (s *subscribers) Publish(mutation string, event any) {
	s.publishing.RLock()
	defer s.publishing.RUnlock()
	s.registry.Publish(mutation, event)
}

// Invalidate ends the subscriptions of a field that an invalidation matches, and
// returns how many.
func (s *subscribers) Invalidate(field string, payload *value.Map) int {
	return s.registry.Invalidate(field, payload)
}

// add registers a subscription that was made for an API. When that has been
// replaced meanwhile it is made anew. stop takes it back.
func (s *subscribers) add(o *subscriber, made *subscription.Subscription, by *api) (stop func(), errs []*realtime.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.api != by {
		if made, errs = s.api.renew(o); len(errs) > 0 {
			return nil, errs
		}
	}
	o.remove = s.registry.Add(made)
	s.open[o] = struct{}{}
	return func() { s.end(o) }, nil
}

func (s *subscribers) end(o *subscriber) {
	s.mu.Lock()
	delete(s.open, o)
	remove := o.remove
	s.mu.Unlock()
	remove()
}

// renewal is a subscription made anew, or why it cannot be.
type renewal struct {
	made *subscription.Subscription
	errs []*realtime.Error
}

func (a *api) renewal(o *subscriber) renewal {
	made, errs := a.renew(o)
	return renewal{made, errs}
}

// move has the open subscriptions belong to another API, which others are started
// with once serve has been called. Those that do not fit it are ended.
func (s *subscribers) move(to *api, serve func()) (kept, ended int) {
	// Nearly all of the work is done while events are delivered.
	s.mu.Lock()
	open := make([]*subscriber, 0, len(s.open))
	for o := range s.open {
		open = append(open, o)
	}
	s.mu.Unlock()
	renewals := make(map[*subscriber]renewal, len(open))
	for _, o := range open {
		renewals[o] = to.renewal(o)
	}

	kept, misfits := s.replace(renewals, to, serve)
	for o, errs := range misfits {
		o.to.End(errs...)
	}
	return kept, len(misfits)
}

// replace puts the renewals in place of what they renew. It returns how many there
// are, and the subscriptions that are to end with why.
func (s *subscribers) replace(renewals map[*subscriber]renewal, to *api, serve func()) (kept int, misfits map[*subscriber][]*realtime.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publishing.Lock()
	defer s.publishing.Unlock()
	serve()
	s.api = to
	misfits = map[*subscriber][]*realtime.Error{}
	for o := range s.open {
		r, ok := renewals[o]
		if !ok {
			r = to.renewal(o)
		}
		if len(r.errs) > 0 {
			misfits[o] = r.errs
			delete(s.open, o)
			o.remove()
			continue
		}
		remove := o.remove
		o.remove = s.registry.Add(r.made)
		remove()
	}
	return len(s.open), misfits
}
