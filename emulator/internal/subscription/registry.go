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

	// mu guards both indexes. No function of a subscription is called under it.
	mu sync.RWMutex
	// byMutation finds who hears of a mutation, byField who may be invalidated.
	byMutation, byField map[string]*index
}

type entry struct {
	*Subscription
	removed atomic.Bool // written under the registry's lock, read without it
	places  []place
}

// place is where one entry stands: in all slots of one of the indexes.
type place struct {
	in       map[string]*index
	name     string
	slots    []slot
	identity any
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
func NewRegistry() *Registry {
	return &Registry{byMutation: map[string]*index{}, byField: map[string]*index{}}
}

// Len returns the number of registered subscriptions.
func (r *Registry) Len() int { return int(r.count.Load()) }

// Add registers s. The function that it returns removes s again; calling it
// more than once does nothing.
func (r *Registry) Add(s *Subscription) (remove func()) {
	e := &entry{Subscription: s}
	e.places = r.places(e)
	r.mu.Lock()
	for i := range e.places {
		e.places[i].insert(e)
	}
	r.mu.Unlock()
	r.count.Add(1)

	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if e.removed.Swap(true) {
			return
		}
		for i := range e.places {
			e.places[i].discard()
		}
		r.count.Add(-1)
	}
}

func (r *Registry) places(e *entry) []place {
	slots := []slot{newSlot(nil)}
	identity := e.Group
	if identity == nil {
		identity = alone{e}
	}
	if e.Enhanced != nil {
		slots = e.Enhanced.slots
		identity = filtered{group: identity, filter: e.Enhanced.key}
	} else if len(e.Filter) > 0 {
		wanted := make([]wantedValue, len(e.Filter))
		for i, f := range e.Filter {
			wanted[i] = wantedValue{path: f.Name, value: f.Value}
		}
		slots[0] = newSlot(wanted)
	}
	mutations := slices.Clone(e.Mutations)
	slices.Sort(mutations)
	mutations = slices.Compact(mutations) // naming a mutation twice must not deliver twice
	places := make([]place, 0, len(mutations)+1)
	for _, mutation := range mutations {
		places = append(places, place{in: r.byMutation, name: mutation, slots: slots, identity: identity})
	}
	if f := e.Invalidation; f != nil {
		places = append(places, place{in: r.byField, name: e.Field, slots: f.slots, identity: f.key})
	}
	return places
}

func (p *place) insert(e *entry) {
	x := p.in[p.name]
	if x == nil {
		x = &index{}
		p.in[p.name] = x
	}
	for i := range p.slots {
		x.insert(&p.slots[i], p.slots[:i], p.identity, e)
	}
}

func (p *place) discard() {
	x := p.in[p.name]
	for i := range p.slots {
		x.discard(&p.slots[i], p.identity)
	}
	if x.count == 0 {
		delete(p.in, p.name)
	}
}

// Interested reports whether anybody listens to a mutation, whatever the
// filters. It lets the executor skip building events.
func (r *Registry) Interested(mutation string) bool {
	if r.count.Load() == 0 {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byMutation[mutation] != nil
}

// Publish delivers the completed result of a mutation field, keyed by field
// name, to every subscription whose filter it matches. It returns when all
// payloads have been handed to Deliver. Nil events are not published: AppSync
// sends nothing for a mutation that failed or returned null.
func (r *Registry) Publish(mutation string, event any) {
	if event == nil || r.count.Load() == 0 {
		return
	}
	object, isObject := event.(*value.Map)
	var stack [8][]*entry
	found := r.find(stack[:0], r.byMutation, mutation, object)
	projections := projections{event: event, groups: len(found)}
	for _, members := range found {
		if f := members[0].Enhanced; f != nil && !f.matches(object, isObject) {
			continue
		}
		var payload []byte
		projected := false
		for _, e := range members {
			if e.removed.Load() {
				continue
			}
			if !projected {
				payload, projected = projections.of(e), true
				if payload == nil {
					break
				}
			}
			e.Deliver(payload)
		}
	}
}

// projections holds the payloads of one event.
type projections struct {
	event  any
	groups int // how many groups of subscriptions hear of it
	// done holds what has been computed for a Subscription.Group; nil while there
	// is nobody to share it with.
	done map[any][]byte
}

func (p *projections) of(e *entry) []byte {
	if p.groups == 1 || e.Group == nil {
		return e.Project(p.event)
	}
	payload, ok := p.done[e.Group]
	if !ok {
		payload = e.Project(p.event)
		if p.done == nil {
			p.done = map[any][]byte{}
		}
		p.done[e.Group] = payload
	}
	return payload
}

// Invalidate ends the subscriptions of a field whose invalidation filter the
// payload of $extensions.invalidateSubscriptions matches. It returns how many
// there are.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-invalidation.html
func (r *Registry) Invalidate(field string, payload *value.Map) int {
	invalidated := 0
	for _, members := range r.find(nil, r.byField, field, payload) {
		if !members[0].Invalidation.matches(payload, true) {
			continue
		}
		for _, e := range members {
			if !e.removed.Load() {
				invalidated++
				e.Invalidate()
			}
		}
	}
	return invalidated
}

// find appends the members of every group that a value may reach, by one of the
// indexes.
func (r *Registry) find(dst [][]*entry, in map[string]*index, name string, v *value.Map) [][]*entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if x := in[name]; x != nil {
		return x.find(dst, v)
	}
	return dst
}
