package value

import "unicode/utf16"

// Char is one UTF-16 unit, the counterpart of Character.
type Char uint16

func (c Char) String() string { return string(utf16.Decode([]uint16{uint16(c)})) }

// viewKind says what of a map a Set shows.
type viewKind uint8

const (
	noView viewKind = iota
	keysView
	valuesView
	entriesView
)

// Keys returns the live view of the map's keys.
func (m *Map) Keys() *Set { return m.newView(keysView) }

// Values returns the live view of the map's values.
func (m *Map) Values() *Set { return m.newView(valuesView) }

// Entries returns the live view of the map's entries.
func (m *Map) Entries() *Set { return m.newView(entriesView) }

// newView returns a view that is filled when its members are asked for.
func (m *Map) newView(kind viewKind) *Set { return &Set{view: kind, owner: m, version: -1} }

// Len returns the number of members.
func (s *Set) Len() int {
	if s.owner != nil {
		return s.owner.Len()
	}
	return len(s.Items)
}

// Members returns the set's items as they are now. The caller must not change
// the slice.
func (s *Set) Members() []any {
	if s.owner != nil && (s.view == valuesView || s.version != s.owner.version) {
		s.fill()
	}
	return s.Items
}

func (s *Set) fill() {
	m := s.owner
	n := m.Len()
	if cap(s.Items) < n || s.view == entriesView {
		s.Items = make([]any, n)
	}
	s.Items = s.Items[:n]
	var entries []Entry
	if s.view == entriesView {
		entries = make([]Entry, n)
	}
	for i := range s.Items {
		switch s.view {
		case keysView:
			s.Items[i] = m.entries[i].keyValue()
		case valuesView:
			s.Items[i] = m.entries[i].val
		default:
			entries[i] = Entry{Key: m.entries[i].keyValue(), Value: m.entries[i].val, owner: m, at: i}
			s.Items[i] = &entries[i]
		}
	}
	s.version = m.version
}

// removeAt removes the i-th item, from the map too when the set is a view.
func (s *Set) removeAt(i int) {
	if s.owner != nil {
		s.owner.removeAt(i)
		s.fill()
		return
	}
	s.Items = append(s.Items[:i:i], s.Items[i+1:]...)
}

// Current returns the entry's value as it is now in its map.
func (e *Entry) Current() any {
	if e.owner == nil {
		return e.Value
	}
	// Nearly always the entry is still where it was.
	if at := e.at; at < len(e.owner.entries) && e.owner.entries[at].key == nil {
		if name, ok := e.Key.(string); ok && e.owner.entries[at].name == name {
			e.Value = e.owner.entries[at].val
			return e.Value
		}
	}
	if v, ok := e.owner.GetKey(e.Key); ok {
		e.Value = v
	}
	return e.Value
}

func (e *Entry) set(v any) (old any) {
	old = e.Current()
	if e.owner != nil && e.owner.findKey(e.Key) >= 0 {
		e.owner.PutKey(e.Key, v)
	}
	e.Value = v
	return old
}

// splice replaces the items from i to j, in the list that l is a part of too.
func (l *List) splice(i, j int, items ...any) {
	l.changes++
	if i == len(l.Items) && l.parent == nil {
		if len(items) > 0 {
			l.shared = false
		}
		l.Items = append(l.Items, items...)
		return
	}
	if l.parent != nil {
		from := int(l.offset)
		n := from + len(l.Items) - (j - i) + len(items)
		l.parent.splice(from+i, from+j, items...)
		l.parentChanges = l.parent.changes
		l.Items = l.parent.Items[from:n:n]
		return
	}
	tail := l.Items[j:]
	out := make([]any, 0, len(l.Items)-(j-i)+len(items))
	out = append(append(append(out, l.Items[:i]...), items...), tail...)
	l.Items, l.shared = out, false
}

func (l *List) setAt(i int, v any) (old any) {
	l.own()
	old = l.Items[i]
	l.Items[i] = v
	if l.parent != nil {
		l.parent.setAt(int(l.offset)+i, v)
	}
	return old
}

func (l *List) push(v any) {
	if l.parent != nil {
		l.splice(len(l.Items), len(l.Items), v)
		return
	}
	if l.Items == nil {
		l.Items = make([]any, 0, 4)
	}
	l.Append(v)
}

// stale reports whether the list that l is a part of has changed in size, but
// not by way of l.
func (l *List) stale() bool {
	return l.parent != nil && (l.parentChanges != l.parent.changes || l.parent.stale())
}

// An Iterator walks a collection, the counterpart of java.util.Iterator. Like
// Java's it notices when the collection changes behind its back.
type Iterator struct {
	class string
	list  *List
	set   *Set
	items []any
	next  int
	// last is one more than the place of the item that was returned last, 0 when
	// there is none or it is gone.
	last int
	// size and version are the collection's when last seen.
	size    int
	version int
	// array is set for an iterator over an array, bothWays for a ListIterator.
	array    *Array
	bothWays bool
}

// Iterate returns an iterator over v, or nil when v cannot be iterated. A map
// yields its values; an iterator is returned itself.
func Iterate(v any) *Iterator { return new(Iterator).Over(v) }

// Over is Iterate in the memory of it, which must not be in use. It returns
// another iterator when v is one.
func (it *Iterator) Over(v any) *Iterator {
	switch v := v.(type) {
	case *List:
		*it = Iterator{class: "java.util.ArrayList$Itr", list: v, version: int(v.changes)}
		if v.parent != nil {
			it.class, it.bothWays = "java.util.ArrayList$SubList$1", true
		}
	case *Set:
		items := v.Members()
		*it = Iterator{class: v.iteratorClass(), set: v, items: items, size: len(items)}
		if v.owner != nil {
			if v.view != entriesView {
				// The view refreshes its items in place.
				it.items = append([]any(nil), items...)
			}
			it.version = v.owner.version
		}
	case *Map:
		return it.Over(v.Values())
	case *Array:
		*it = Iterator{class: "java.util.AbstractList$Itr", items: v.Items, array: v}
		if v.Type == arrayPart {
			it.class, it.bothWays = "java.util.AbstractList$SubList$1", true
		}
	case *Iterator:
		return v
	default:
		return nil
	}
	return it
}

func (s *Set) iteratorClass() string {
	switch s.view {
	case valuesView:
		return "java.util.LinkedHashMap$LinkedValueIterator"
	case entriesView:
		return "java.util.LinkedHashMap$LinkedEntryIterator"
	}
	return "java.util.LinkedHashMap$LinkedKeyIterator"
}

// HasNext reports whether Next has an item to return.
func (it *Iterator) HasNext() bool {
	if it.list != nil {
		return it.next != len(it.list.Items)
	}
	return it.next < len(it.items)
}

// Next returns the next item. It throws Java's exceptions at the end, and when
// the collection has changed.
func (it *Iterator) Next() (any, error) {
	items := it.items
	switch {
	case it.list != nil:
		items = it.list.Items
		if int(it.list.changes) != it.version {
			return nil, concurrentModification()
		}
	case it.set != nil && it.set.owner != nil:
		if it.set.owner.version != it.version {
			return nil, concurrentModification()
		}
	case it.set != nil:
		if len(it.set.Items) != it.size {
			return nil, concurrentModification()
		}
	}
	if it.next >= len(items) {
		return nil, it.noSuchElement(it.next)
	}
	v := items[it.next]
	if it.set != nil && it.set.owner != nil && it.set.view == valuesView {
		_, v = it.set.owner.At(it.next)
	}
	it.next++
	it.last = it.next
	return v, nil
}
