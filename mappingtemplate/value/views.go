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

func (m *Map) newView(kind viewKind) *Set {
	s := &Set{view: kind, owner: m}
	s.fill()
	return s
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
	for i := range s.Items {
		k, v := m.At(i)
		switch s.view {
		case keysView:
			s.Items[i] = k
		case valuesView:
			s.Items[i] = v
		default:
			s.Items[i] = &Entry{Key: k, Value: v, owner: m}
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
	if e.owner != nil {
		if v, ok := e.owner.GetKey(e.Key); ok {
			e.Value = v
		}
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
	tail := l.Items[j:]
	out := make([]any, 0, len(l.Items)-(j-i)+len(items))
	out = append(append(append(out, l.Items[:i]...), items...), tail...)
	l.Items = out
	if l.parent != nil {
		l.parent.splice(l.offset+i, l.offset+j, items...)
	}
}

func (l *List) setAt(i int, v any) (old any) {
	old = l.Items[i]
	l.Items[i] = v
	if l.parent != nil {
		l.parent.setAt(l.offset+i, v)
	}
	return old
}

func (l *List) push(v any) {
	if l.parent != nil {
		l.splice(len(l.Items), len(l.Items), v)
		return
	}
	l.Items = append(l.Items, v)
}

// An Iterator walks a collection, the counterpart of java.util.Iterator. Like
// Java's it notices when the collection changes behind its back.
type Iterator struct {
	class string
	list  *List
	set   *Set
	items []any
	next  int
	// size and version are the collection's when last seen.
	size    int
	version int
}

// Iterate returns an iterator over v, or nil when v cannot be iterated. A map
// yields its values; an iterator is returned itself.
func Iterate(v any) *Iterator {
	switch v := v.(type) {
	case *List:
		return &Iterator{class: "java.util.ArrayList$Itr", list: v, size: len(v.Items)}
	case *Set:
		it := &Iterator{class: v.iteratorClass(), set: v, items: v.Members()}
		if v.owner != nil {
			// The view refreshes its items in place.
			it.items = append([]any(nil), it.items...)
			it.version = v.owner.version
		}
		it.size = len(it.items)
		return it
	case *Map:
		return Iterate(v.Values())
	case *Array:
		return &Iterator{class: "java.util.AbstractList$Itr", items: v.Items}
	case *Iterator:
		return v
	}
	return nil
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
		if len(items) != it.size {
			return nil, throw("java.util.ConcurrentModificationException", "")
		}
	case it.set != nil && it.set.owner != nil:
		if it.set.owner.version != it.version {
			return nil, throw("java.util.ConcurrentModificationException", "")
		}
	case it.set != nil:
		if len(it.set.Items) != it.size {
			return nil, throw("java.util.ConcurrentModificationException", "")
		}
	}
	if it.next >= len(items) {
		return nil, throw("java.util.NoSuchElementException", "")
	}
	v := items[it.next]
	it.next++
	return v, nil
}

// remove removes the item that Next returned last.
func (it *Iterator) remove() error {
	if it.next == 0 {
		return throw("java.lang.IllegalStateException", "")
	}
	switch {
	case it.list != nil:
		it.next--
		it.list.splice(it.next, it.next+1)
		it.size--
	case it.set != nil:
		it.next--
		it.set.removeAt(it.next)
		it.items = append(it.items[:it.next:it.next], it.items[it.next+1:]...)
		it.size--
		if it.set.owner != nil {
			it.version = it.set.owner.version
		}
	default:
		return unsupported()
	}
	return nil
}
