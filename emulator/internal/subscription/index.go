package subscription

import (
	"slices"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// slot is a place in an index: the subscriptions that want certain values at
// certain paths of an event. The slot without paths is that of all events.
type slot struct {
	shape string // the paths in one text, which identifies them
	paths [][]string
	key   string // the encoded values
}

// newSlot returns the slot of values at paths, which need not be in order.
func newSlot(wanted []wantedValue) slot {
	slices.SortStableFunc(wanted, func(a, b wantedValue) int { return strings.Compare(a.path, b.path) })
	var s slot
	var shape, key []byte
	for _, w := range wanted {
		shape = appendText(shape, tagString, w.path)
		s.paths = append(s.paths, strings.Split(w.path, "."))
		key = appendKey(key, w.value)
	}
	s.shape, s.key = string(shape), string(key)
	return s
}

// wantedValue is what an event must have at one path.
type wantedValue struct {
	path  string // dotted
	value any
}

// holds reports whether the event has the wanted values.
func (s *slot) holds(event *value.Map) bool {
	return string(appendPaths(nil, s.paths, event)) == s.key
}

// appendPaths encodes what an event has at the paths. What the mutation did not
// select counts as null.
func appendPaths(dst []byte, paths [][]string, event *value.Map) []byte {
	for _, path := range paths {
		v := event.Value(path[0])
		for _, name := range path[1:] {
			object, _ := v.(*value.Map)
			v = object.Value(name)
		}
		dst = appendKey(dst, v)
	}
	return dst
}

// index finds the groups of subscriptions that an event may reach: by the paths
// that they look at, then by the values that they want there. Schemas and
// templates make few different sets of paths, so there are few shapes.
type index struct {
	shapes []*shape
	count  int // entries, for each of their slots
}

// shape holds the subscriptions that look at the same paths.
type shape struct {
	id      string
	paths   [][]string
	buckets map[string]*bucket // by key
}

// bucket holds the subscriptions of one slot.
type bucket struct {
	groups []*group
	// byIdentity is made when there are too many groups to go through.
	byIdentity map[any]*group
}

// fewGroups is how many groups a bucket goes through to find one.
const fewGroups = 16

// group holds the subscriptions of a slot that have everything in common; there
// is at least one. A publisher walks members without the lock: entries are only
// ever appended to a members slice, and removal replaces the slice.
type group struct {
	identity any
	position int // in the bucket
	// earlier are the other slots of these subscriptions that come before this
	// one: an event that is found there is not found here once more.
	earlier []slot
	members []*entry
	dead    int
}

func (x *index) insert(s *slot, earlier []slot, identity any, e *entry) {
	x.count++
	sh := x.shape(s.shape)
	if sh == nil {
		sh = &shape{id: s.shape, paths: s.paths, buckets: map[string]*bucket{}}
		x.shapes = append(x.shapes, sh)
	}
	b := sh.buckets[s.key]
	if b == nil {
		b = &bucket{}
		sh.buckets[s.key] = b
	}
	g := b.group(identity)
	if g == nil {
		g = &group{identity: identity, earlier: earlier}
		b.add(g)
	}
	g.members = append(g.members, e)
}

// discard takes a removed entry out of one of its slots. The entry itself is
// dropped from its group only when half of the group is gone, so that a crowd
// that leaves costs no more than it cost to arrive.
func (x *index) discard(s *slot, identity any) {
	sh := x.shape(s.shape)
	b := sh.buckets[s.key]
	g := b.group(identity)
	x.count--
	g.dead++
	switch {
	case g.dead == len(g.members):
		b.remove(g)
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
		delete(sh.buckets, s.key)
	}
	if len(sh.buckets) == 0 {
		x.shapes = slices.DeleteFunc(x.shapes, func(o *shape) bool { return o == sh })
	}
}

func (x *index) shape(id string) *shape {
	for _, s := range x.shapes {
		if s.id == id {
			return s
		}
	}
	return nil
}

// find appends the members of every group whose slots the event fits.
func (x *index) find(dst [][]*entry, event *value.Map) [][]*entry {
	var stack [128]byte
	key := stack[:0]
	for _, s := range x.shapes {
		key = appendPaths(key[:0], s.paths, event)
		b := s.buckets[string(key)]
		if b == nil {
			continue
		}
		for _, g := range b.groups {
			if !slices.ContainsFunc(g.earlier, func(s slot) bool { return s.holds(event) }) {
				dst = append(dst, g.members)
			}
		}
	}
	return dst
}

func (b *bucket) group(identity any) *group {
	if b.byIdentity != nil {
		return b.byIdentity[identity]
	}
	for _, g := range b.groups {
		if g.identity == identity {
			return g
		}
	}
	return nil
}

func (b *bucket) add(g *group) {
	g.position = len(b.groups)
	b.groups = append(b.groups, g)
	switch {
	case b.byIdentity != nil:
		b.byIdentity[g.identity] = g
	case len(b.groups) > fewGroups:
		b.byIdentity = make(map[any]*group, 2*fewGroups)
		for _, g := range b.groups {
			b.byIdentity[g.identity] = g
		}
	}
}

func (b *bucket) remove(g *group) {
	last := len(b.groups) - 1
	b.groups[g.position] = b.groups[last]
	b.groups[g.position].position = g.position
	b.groups[last] = nil
	b.groups = b.groups[:last]
	if b.byIdentity != nil {
		delete(b.byIdentity, g.identity)
	}
}
