package attribute

import "sort"

// Kind is the type of an attribute value.
type Kind uint8

// The kinds, in DynamoDB's names. Invalid is the zero Value, which stands for
// an absent attribute.
const (
	Invalid Kind = iota
	S
	N
	B
	BOOL
	NULL
	SS
	NS
	BS
	L
	M
)

var kindNames = [...]string{"", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// String returns the type descriptor as DynamoDB JSON has it: "S", "N", ...
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// Value is one attribute value. Values are immutable by convention: whoever
// holds one may share it, and changing an item makes new values.
type Value struct {
	kind Kind
	flag bool
	// text holds S, the canonical text of N, and the bytes of B.
	text string
	// list holds the elements of L, SS, NS and BS.
	list []Value
	item *Item
}

// String returns an S value.
func String(s string) Value { return Value{kind: S, text: s} }

// Number returns an N value from canonical text, such as ParseNumber yields.
func Number(canonical string) Value { return Value{kind: N, text: canonical} }

// Binary returns a B value.
func Binary(b []byte) Value { return Value{kind: B, text: string(b)} }

// Bool returns a BOOL value.
func Bool(b bool) Value { return Value{kind: BOOL, flag: b} }

// Null returns the NULL value.
func Null() Value { return Value{kind: NULL} }

// ListOf returns an L value and takes ownership of elems.
func ListOf(elems []Value) Value { return Value{kind: L, list: elems} }

// SetOf returns a set: kind is SS, NS or BS and every element is of the
// matching scalar kind, without duplicates. It takes ownership of elems.
func SetOf(kind Kind, elems []Value) Value { return Value{kind: kind, list: elems} }

// MapOf returns an M value and takes ownership of item.
func MapOf(item *Item) Value { return Value{kind: M, item: item} }

// Kind returns the value's type.
func (v Value) Kind() Kind { return v.kind }

// IsValid reports whether v is a value, not the absence of one.
func (v Value) IsValid() bool { return v.kind != Invalid }

// Text returns the text of S, the canonical number of N, the raw bytes of B.
func (v Value) Text() string { return v.text }

// Bool returns the value of BOOL.
func (v Value) Bool() bool { return v.flag }

// Elems returns the elements of L, SS, NS and BS. The slice must not be changed.
func (v Value) Elems() []Value { return v.list }

// Item returns the attributes of M, never nil for an M value.
func (v Value) Item() *Item {
	if v.kind == M && v.item == nil {
		return &Item{}
	}
	return v.item
}

// Attribute is one named value of an item.
type Attribute struct {
	Name  string
	Value Value
}

// Item is a set of named attribute values, kept sorted by name so that lookups
// are binary searches and encodings are deterministic. The zero Item is empty;
// read methods accept a nil *Item.
type Item struct {
	attrs []Attribute
}

// NewItem returns an item of attrs. A later duplicate name wins.
func NewItem(attrs ...Attribute) *Item {
	it := &Item{attrs: make([]Attribute, 0, len(attrs))}
	for _, a := range attrs {
		it.Set(a.Name, a.Value)
	}
	return it
}

// Len returns the number of attributes.
func (it *Item) Len() int {
	if it == nil {
		return 0
	}
	return len(it.attrs)
}

// At returns the i-th attribute in name order.
func (it *Item) At(i int) Attribute { return it.attrs[i] }

// Attributes returns the attributes in name order; the slice must not be changed.
func (it *Item) Attributes() []Attribute {
	if it == nil {
		return nil
	}
	return it.attrs
}

func (it *Item) search(name string) (int, bool) {
	if it == nil {
		return 0, false
	}
	// Appending in order is the common case when decoding.
	if n := len(it.attrs); n > 0 && it.attrs[n-1].Name < name {
		return n, false
	}
	i := sort.Search(len(it.attrs), func(i int) bool { return it.attrs[i].Name >= name })
	return i, i < len(it.attrs) && it.attrs[i].Name == name
}

// Get returns the named value; absent attributes yield the zero Value.
func (it *Item) Get(name string) Value {
	if i, ok := it.search(name); ok {
		return it.attrs[i].Value
	}
	return Value{}
}

// Has reports whether the attribute is present.
func (it *Item) Has(name string) bool {
	_, ok := it.search(name)
	return ok
}

// Set stores v under name.
func (it *Item) Set(name string, v Value) {
	i, ok := it.search(name)
	if ok {
		it.attrs[i].Value = v
		return
	}
	it.attrs = append(it.attrs, Attribute{})
	copy(it.attrs[i+1:], it.attrs[i:])
	it.attrs[i] = Attribute{Name: name, Value: v}
}

// Delete removes the attribute and reports whether it was there.
func (it *Item) Delete(name string) bool {
	i, ok := it.search(name)
	if ok {
		it.attrs = append(it.attrs[:i], it.attrs[i+1:]...)
	}
	return ok
}

// Clone returns a copy whose top level may be changed; values are shared.
func (it *Item) Clone() *Item {
	if it == nil {
		return &Item{}
	}
	return &Item{attrs: append(make([]Attribute, 0, len(it.attrs)+2), it.attrs...)}
}
