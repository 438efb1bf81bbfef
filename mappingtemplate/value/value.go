package value

import (
	"math/big"
	"strings"
)

// Decimal is a decimal number kept as its own text, the counterpart of Java's
// BigDecimal. The text must be a valid JSON number.
type Decimal string

// List is a mutable ordered collection, the counterpart of ArrayList.
type List struct {
	Items []any
	// parent is the list that this one is a part of, from offset on.
	parent *List
	offset int32
	// changes counts the changes of the number of items. parentChanges is the
	// parent's count as this part knows it.
	changes, parentChanges int32
	// shared says that Items is of other lists too.
	shared bool
}

// NewList returns a list that holds items. It takes ownership of the slice.
func NewList(items ...any) *List { return &List{Items: items} }

// Lists and maps of a few members, which most are, come with the room for them
// in one piece of memory.
type (
	listOf4 struct {
		List
		room [4]any
	}
	listOf10 struct {
		List
		room [10]any
	}
	mapOf1 struct {
		Map
		room [1]mapEntry
	}
	mapOf4 struct {
		Map
		room [4]mapEntry
	}
	mapOf8 struct {
		Map
		room [8]mapEntry
	}
)

// MakeList returns a list of n nulls, for the caller to fill.
func MakeList(n int) *List {
	switch {
	case n == 0:
		return &List{}
	case n <= 4:
		l := &listOf4{}
		l.Items = l.room[:n]
		return &l.List
	case n <= 10:
		l := &listOf10{}
		l.Items = l.room[:n]
		return &l.List
	}
	return &List{Items: make([]any, n)}
}

// Share makes an empty list one of items that other lists hold too. It copies
// them when a template changes the list, so they stay as they are.
func (l *List) Share(items []any) { l.Items, l.shared = items[:len(items):len(items)], true }

// own makes the items the list's own, to be changed in place.
func (l *List) own() {
	if l.shared {
		l.Items = append([]any(nil), l.Items...)
		l.shared = false
	}
}

// Len returns the number of items. A nil list has none.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.Items)
}

// Append adds v at the end.
func (l *List) Append(v any) {
	l.changes++
	l.shared = false
	l.Items = append(l.Items, v)
}

// Array is a fixed-size Java array. Type is its Java type name as Velocity's
// exception texts print it, "[Ljava.lang.String;" for the result of split.
type Array struct {
	Type  string
	Items []any
	// elements is, for a part of an array, the type of the whole.
	elements string
}

// Set is an insertion-ordered set, the counterpart of LinkedHashSet and of the
// keySet, values and entrySet views of a map. A view follows its map: Members
// returns the items as they are now, and Items may be empty until then.
type Set struct {
	Items []any
	view  viewKind
	owner *Map
	// version is the owner's when Items was filled.
	version int
}

// Entry is one key-value pair of a map, the counterpart of Map.Entry.
type Entry struct {
	Key   any
	Value any
	// owner is the map that the entry is in, nil for an entry by itself. It was
	// the at-th there.
	owner *Map
	at    int
}

// indexFrom is the size from which a map looks keys up in a hash index. Below
// it, comparing a few short strings costs less than building and asking one.
const indexFrom = 17

type mapEntry struct {
	name string
	// key holds a key that is not a string; it is nil for string keys.
	key any
	val any
}

// Map is a mutable map that keeps insertion order, the counterpart of
// LinkedHashMap. Keys are strings in nearly all templates and the string
// methods are the fast path; PutKey and GetKey take keys of any type. The zero
// Map is empty and ready to use, and the read methods accept a nil *Map.
type Map struct {
	entries []mapEntry
	index   map[string]int
	// version counts the changes of the set of keys.
	version int
	// hidden holds what can be read and is not listed; nil in nearly all maps.
	hidden *hiddenEntries
}

// NewMap returns an empty map with room for n entries.
func NewMap(n int) *Map {
	switch {
	case n <= 0:
		return &Map{}
	case n == 1:
		m := &mapOf1{}
		m.entries = m.room[:0]
		return &m.Map
	case n <= 4:
		m := &mapOf4{}
		m.entries = m.room[:0]
		return &m.Map
	case n <= 8:
		m := &mapOf8{}
		m.entries = m.room[:0]
		return &m.Map
	}
	return &Map{entries: make([]mapEntry, 0, n)}
}

// MapOf builds a map from alternating string keys and values. It panics when a
// key is not a string; it exists for literals in Go code.
func MapOf(pairs ...any) *Map {
	m := NewMap(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Set(pairs[i].(string), pairs[i+1])
	}
	return m
}

// Len returns the number of entries.
func (m *Map) Len() int {
	if m == nil {
		return 0
	}
	return len(m.entries)
}

func (m *Map) find(name string) int {
	if m == nil {
		return -1
	}
	if m.index != nil {
		if i, ok := m.index[name]; ok {
			return i
		}
		return -1
	}
	if name == "" {
		return m.findEmpty()
	}
	for i := range m.entries {
		// Nearly always the length or the first byte tells two names apart, and a
		// key that is not text has no name.
		e := &m.entries[i]
		if len(e.name) == len(name) && e.name[0] == name[0] && e.name == name {
			return i
		}
	}
	return -1
}

func (m *Map) findEmpty() int {
	for i := range m.entries {
		if m.entries[i].name == "" && m.entries[i].key == nil {
			return i
		}
	}
	return -1
}

func (m *Map) findKey(key any) int {
	if s, ok := key.(string); ok {
		return m.find(s)
	}
	if m == nil {
		return -1
	}
	for i := range m.entries {
		if m.entries[i].key != nil && Equals(m.entries[i].key, normalizeKey(key)) {
			return i
		}
	}
	return -1
}

// nullKey stands for Java's null key, so that nil can mean "a string key".
type nullKey struct{}

func normalizeKey(key any) any {
	if key == nil {
		return nullKey{}
	}
	return key
}

// Get returns the value under a string key, and whether the key is present.
func (m *Map) Get(name string) (any, bool) {
	if i := m.find(name); i >= 0 {
		return m.entries[i].val, true
	}
	if m == nil || m.hidden == nil {
		return nil, false
	}
	return m.hiddenValue(name)
}

// Value returns the value under a string key, or nil when it is absent.
func (m *Map) Value(name string) any {
	if i := m.find(name); i >= 0 {
		return m.entries[i].val
	}
	if m == nil || m.hidden == nil {
		return nil
	}
	v, _ := m.hiddenValue(name)
	return v
}

// Has reports whether a string key is present, also with a null value.
func (m *Map) Has(name string) bool {
	return m.find(name) >= 0 || m != nil && m.hidden != nil && m.hasHidden(name)
}

// Set stores v under a string key. A key that is present keeps its place.
func (m *Map) Set(name string, v any) {
	if i := m.find(name); i >= 0 {
		m.entries[i].val = v
		return
	}
	if m.hidden != nil && m.setHidden(name, v) {
		return
	}
	m.push(mapEntry{name: name, val: v})
}

func (m *Map) push(e mapEntry) {
	m.version++
	if m.entries == nil {
		m.entries = make([]mapEntry, 0, 4)
	}
	m.entries = append(m.entries, e)
	switch {
	case m.index != nil:
		if e.key == nil {
			m.index[e.name] = len(m.entries) - 1
		}
	case len(m.entries) >= indexFrom:
		m.reindex()
	}
}

func (m *Map) reindex() {
	m.index = make(map[string]int, 2*len(m.entries))
	for i := range m.entries {
		if m.entries[i].key == nil {
			m.index[m.entries[i].name] = i
		}
	}
}

// GetKey returns the value under a key of any type.
func (m *Map) GetKey(key any) (any, bool) {
	if s, ok := key.(string); ok {
		return m.Get(s)
	}
	if i := m.findKey(key); i >= 0 {
		return m.entries[i].val, true
	}
	return nil, false
}

// PutKey stores v under a key of any type and returns the former value.
func (m *Map) PutKey(key, v any) (old any, had bool) {
	if i := m.findKey(key); i >= 0 {
		old = m.entries[i].val
		m.entries[i].val = v
		return old, true
	}
	if s, ok := key.(string); ok {
		if m.hidden != nil {
			old, had = m.hiddenValue(s)
			if m.setHidden(s, v) {
				return old, had
			}
		}
		m.push(mapEntry{name: s, val: v})
	} else {
		m.push(mapEntry{key: normalizeKey(key), val: v})
	}
	return nil, false
}

// Delete removes a string key and returns the former value.
func (m *Map) Delete(name string) (old any, had bool) {
	i := m.find(name)
	if i < 0 && m != nil && m.hidden != nil {
		return m.deleteHidden(name)
	}
	return m.removeAt(i)
}

// DeleteKey removes a key of any type and returns the former value.
func (m *Map) DeleteKey(key any) (old any, had bool) {
	if s, ok := key.(string); ok {
		return m.Delete(s)
	}
	return m.removeAt(m.findKey(key))
}

func (m *Map) removeAt(i int) (any, bool) {
	if i < 0 {
		return nil, false
	}
	m.version++
	old := m.entries[i].val
	m.entries = append(m.entries[:i], m.entries[i+1:]...)
	if m.index != nil {
		m.reindex()
	}
	return old, true
}

// Clear removes all entries.
func (m *Map) Clear() {
	m.version++
	m.entries = nil
	m.index = nil
	m.hidden = nil
}

// At returns the i-th key and value in insertion order.
func (m *Map) At(i int) (key, val any) {
	e := &m.entries[i]
	return e.keyValue(), e.val
}

// NameAt returns the i-th key as text (String.valueOf of a key that is not a
// string), and its value.
func (m *Map) NameAt(i int) (string, any) {
	e := &m.entries[i]
	if e.key != nil {
		return ToString(e.keyValue()), e.val
	}
	return e.name, e.val
}

// SetAt replaces the i-th value.
func (m *Map) SetAt(i int, v any) { m.entries[i].val = v }

func (e *mapEntry) keyValue() any {
	switch k := e.key.(type) {
	case nil:
		return e.name
	case nullKey:
		return nil
	default:
		return k
	}
}

// All yields the entries in insertion order with their keys as text.
func (m *Map) All() func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		for i := 0; i < m.Len(); i++ {
			k, v := m.NameAt(i)
			if !yield(k, v) {
				return
			}
		}
	}
}

// Copy returns a shallow copy.
func (m *Map) Copy() *Map {
	c := NewMap(m.Len())
	if m == nil {
		return c
	}
	c.entries = append(c.entries, m.entries...)
	c.hidden = m.hidden.copy()
	if len(c.entries) >= indexFrom {
		c.reindex()
	}
	return c
}

// maxCopied bounds how many collections one DeepCopy copies.
const maxCopied = 1 << 20

// DeepCopy copies maps, lists, sets and arrays all the way down; scalars are
// shared, and so is what nests deeper than 1000 levels.
func DeepCopy(v any) any {
	budget := maxCopied
	return deepCopy(v, 0, &budget)
}

func deepCopy(v any, depth int, budget *int) any {
	switch v.(type) {
	case *Map, *List, *Set, *Array:
	default:
		return v
	}
	*budget--
	if depth > maxDepth || *budget < 0 {
		return v
	}
	switch v := v.(type) {
	case *Map:
		c := v.Copy()
		for i := range c.entries {
			switch v := c.entries[i].val.(type) {
			case *Map, *List, *Set, *Array:
				c.entries[i].val = deepCopy(v, depth+1, budget)
			}
		}
		return c
	case *List:
		c := MakeList(len(v.Items))
		for i, item := range v.Items {
			c.Items[i] = deepCopy(item, depth+1, budget)
		}
		return c
	case *Set:
		return &Set{Items: deepCopyAll(v.Members(), depth, budget)}
	case *Array:
		return &Array{Type: v.Type, Items: deepCopyAll(v.Items, depth, budget)}
	}
	return v
}

func deepCopyAll(items []any, depth int, budget *int) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = deepCopy(item, depth+1, budget)
	}
	return out
}

// Integer returns the smallest of Java's integer types that holds n.
func Integer(n int64) any {
	if n >= -1<<31 && n < 1<<31 {
		return int32(n)
	}
	return n
}

// BigInteger returns the smallest of Java's integer types that holds n.
func BigInteger(n *big.Int) any {
	if n.IsInt64() {
		return Integer(n.Int64())
	}
	return n
}

// Number returns the value of a JSON or DynamoDB number: the smallest integer
// type for integer text, otherwise a Decimal that keeps the text.
func Number(text string) any {
	if n, ok := integerText(text); ok {
		return n
	}
	return Decimal(text)
}

func integerText(text string) (any, bool) {
	if strings.ContainsAny(text, ".eE") {
		return nil, false
	}
	if len(text) < 19 {
		var n int64
		i, neg := 0, false
		if i < len(text) && text[i] == '-' {
			neg, i = true, 1
		}
		if i == len(text) {
			return nil, false
		}
		for ; i < len(text); i++ {
			if text[i] < '0' || text[i] > '9' {
				return nil, false
			}
			n = n*10 + int64(text[i]-'0')
		}
		if neg {
			n = -n
		}
		return Integer(n), true
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, false
	}
	return BigInteger(n), true
}
