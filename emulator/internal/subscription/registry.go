package subscription

import (
	"slices"
	"sync"
	"sync/atomic"

	"appsync-emulator/mappingtemplate/value"
)

// Registry holds the subscriptions of one API. It is safe for concurrent use.
//
// An event that is published after Add has returned is delivered, once, until
// remove is called. When one call of Publish returns before another begins,
// every subscription gets their events in that order. A Deliver that is under
// way while remove is called may still finish after it.
type Registry struct {
	// count lets Interested answer without the lock while nobody listens.
	count atomic.Int64

	// mu guards the whole index. Project and Deliver never run under it.
	mu     sync.RWMutex
	topics map[string]*topic
}

// topic is what is registered for one mutation.
type topic struct {
	shapes []*shape
	count  int
}

// shape holds the subscriptions that filter on the same argument names.
type shape struct {
	names   []string // sorted
	buckets map[string]*bucket
}

// bucket holds the subscriptions that filter on the same values.
type bucket struct {
	groups map[any]*group
}

// group holds the subscriptions that share a payload; there is at least one. A
// publisher walks members without the lock: entries are only ever appended to a
// members slice, and removal replaces the slice.
type group struct {
	members []*entry
	dead    int
}

type entry struct {
	*Subscription
	removed atomic.Bool // written under the registry's lock, read without it
	places  []place
}

// place is where one entry stands in the index.
type place struct {
	mutation string
	names    []string
	key      string
	group    any
}

// alone is the group identity of a subscription that shares with nobody.
type alone struct{ *entry }

// filtered is the group identity of subscriptions with an enhanced filter: the
// members of a group have equal ones, so that each is evaluated once.
type filtered struct {
	group  any
	filter string
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{topics: map[string]*topic{}} }

// Len returns the number of registered subscriptions.
func (r *Registry) Len() int { return int(r.count.Load()) }

// Add registers s. The function that it returns removes s again; calling it
// more than once does nothing.
func (r *Registry) Add(s *Subscription) (remove func()) {
	var filter []Equal
	if s.Enhanced == nil {
		filter = slices.Clone(s.Filter)
	}
	slices.SortStableFunc(filter, func(a, b Equal) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	names := make([]string, len(filter))
	var key []byte
	for i, f := range filter {
		names[i] = f.Name
		key = appendKey(key, f.Value)
	}
	e := &entry{Subscription: s}
	identity := s.Group
	if identity == nil {
		identity = alone{e}
	}
	if s.Enhanced != nil {
		identity = filtered{group: identity, filter: s.Enhanced.key}
	}

	mutations := slices.Clone(s.Mutations)
	slices.Sort(mutations)
	mutations = slices.Compact(mutations) // naming a mutation twice must not deliver twice
	e.places = make([]place, len(mutations))

	r.mu.Lock()
	for i, mutation := range mutations {
		p := place{mutation: mutation, names: names, key: string(key), group: identity}
		e.places[i] = p
		r.insert(p, e)
	}
	r.mu.Unlock()
	r.count.Add(1)

	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if e.removed.Swap(true) {
			return
		}
		for _, p := range e.places {
			r.discard(p)
		}
		r.count.Add(-1)
	}
}

func (r *Registry) insert(p place, e *entry) {
	t := r.topics[p.mutation]
	if t == nil {
		t = &topic{}
		r.topics[p.mutation] = t
	}
	t.count++
	s := t.shape(p.names)
	if s == nil {
		s = &shape{names: p.names, buckets: map[string]*bucket{}}
		t.shapes = append(t.shapes, s)
	}
	b := s.buckets[p.key]
	if b == nil {
		b = &bucket{groups: map[any]*group{}}
		s.buckets[p.key] = b
	}
	g := b.groups[p.group]
	if g == nil {
		g = &group{}
		b.groups[p.group] = g
	}
	g.members = append(g.members, e)
}

// discard takes a removed entry out of the index. The entry itself is dropped
// from its group only when half of the group is gone, so that a crowd that
// leaves costs no more than it cost to arrive.
func (r *Registry) discard(p place) {
	t := r.topics[p.mutation]
	s := t.shape(p.names)
	b := s.buckets[p.key]
	g := b.groups[p.group]
	t.count--
	g.dead++
	switch {
	case g.dead == len(g.members):
		delete(b.groups, p.group)
	case 2*g.dead >= len(g.members):
		living := make([]*entry, 0, len(g.members)-g.dead)
		for _, e := range g.members {
			if !e.removed.Load() {
				living = append(living, e)
			}
		}
		g.members = living
		g.dead = 0
	}
	if len(b.groups) == 0 {
		delete(s.buckets, p.key)
	}
	if len(s.buckets) == 0 {
		t.shapes = slices.DeleteFunc(t.shapes, func(o *shape) bool { return o == s })
	}
	if t.count == 0 {
		delete(r.topics, p.mutation)
	}
}

// shape returns the shape of the argument names. Schemas have a handful of
// arguments per subscription field, so there are few shapes.
func (t *topic) shape(names []string) *shape {
	for _, s := range t.shapes {
		if slices.Equal(s.names, names) {
			return s
		}
	}
	return nil
}

// Interested reports whether anybody listens to a mutation, whatever the
// filters. It lets the executor skip building events.
func (r *Registry) Interested(mutation string) bool {
	if r.count.Load() == 0 {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.topics[mutation] != nil
}

// Publish delivers the completed result of a mutation field, keyed by field
// name, to every subscription whose filter it matches. It returns when all
// payloads have been handed to Deliver. Nil events are not published: AppSync
// sends nothing for a mutation that failed or returned null.
func (r *Registry) Publish(mutation string, event *value.Map) {
	if event == nil || r.count.Load() == 0 {
		return
	}
	var stack [8][]*entry
	for _, members := range r.match(stack[:0], mutation, event) {
		if !members[0].Enhanced.Matches(event) {
			continue
		}
		var payload []byte
		projected := false
		for _, e := range members {
			if e.removed.Load() {
				continue
			}
			if !projected {
				payload, projected = e.Project(event), true
				if payload == nil {
					break
				}
			}
			e.Deliver(payload)
		}
	}
}

// match appends the members of every group that the event reaches.
func (r *Registry) match(dst [][]*entry, mutation string, event *value.Map) [][]*entry {
	var stack [128]byte
	key := stack[:0]
	r.mu.RLock()
	defer r.mu.RUnlock()
	t := r.topics[mutation]
	if t == nil {
		return dst
	}
	for _, s := range t.shapes {
		key = key[:0]
		for _, name := range s.names {
			// A field that the mutation did not select counts as null.
			key = appendKey(key, event.Value(name))
		}
		b := s.buckets[string(key)]
		if b == nil {
			continue
		}
		for _, g := range b.groups {
			dst = append(dst, g.members)
		}
	}
	return dst
}
