package value

import (
	"hash/maphash"
	"math"
	"math/big"
)

// A Lookup tells which values are among some others, by Java's equals.
type Lookup struct {
	items []any
	// first finds the place of the first item of a hash, counted from 1, and next
	// that of the next of the same. They are nil for a few items.
	first map[uint64]int32
	next  []int32
	seed  maphash.Seed
}

// lookupFrom is the number of comparisons from which hashes are worth their
// making.
const lookupFrom = 1000

// NewLookup returns a Lookup of items, which must not change meanwhile, that is
// going to be asked some times.
func NewLookup(items []any, times int) *Lookup {
	l := &Lookup{items: items}
	if len(items)*times < lookupFrom {
		return l
	}
	l.seed = maphash.MakeSeed()
	l.first = make(map[uint64]int32, len(items))
	l.next = make([]int32, len(items))
	for i, item := range items {
		h := l.hash(item, 0)
		j := l.first[h]
		if j != 0 && Equals(items[j-1], item) {
			continue
		}
		l.next[i] = j
		l.first[h] = int32(i + 1)
	}
	return l
}

// Has reports whether v is among the items.
func (l *Lookup) Has(v any) bool {
	if l.first == nil {
		return indexOf(l.items, v) >= 0
	}
	for i := l.first[l.hash(v, 0)]; i != 0; i = l.next[i-1] {
		if Equals(v, l.items[i-1]) {
			return true
		}
	}
	return false
}

// hasText is Has for a key that is text.
func (l *Lookup) hasText(s string) bool {
	if l.first != nil {
		return l.Has(s)
	}
	for _, item := range l.items {
		if t, ok := item.(string); ok && t == s {
			return true
		}
	}
	return false
}

// Kinds of values, which are never equal to those of other kinds.
const (
	hashNull = iota + 1
	hashTrue
	hashFalse
	hashInteger
	hashLong
	hashDouble
	hashChar
	hashBig
	hashDecimal
	hashList
	hashSet
	hashMap
	hashEntry
	hashOther
)

// hash is the same for values that are equal. Unlike Java's no template can make
// many values of one hash.
func (l *Lookup) hash(v any, depth int) uint64 {
	switch v := v.(type) {
	case nil:
		return hashNull
	case string:
		return maphash.String(l.seed, v)
	case bool:
		if v {
			return hashTrue
		}
		return hashFalse
	case int32:
		return l.pair(hashInteger, uint64(v))
	case int64:
		return l.pair(hashLong, uint64(v))
	case float64:
		if math.IsNaN(v) {
			v = math.NaN()
		}
		return l.pair(hashDouble, math.Float64bits(v))
	case Char:
		return l.pair(hashChar, uint64(v))
	case *big.Int:
		return l.pair(hashBig, l.big(v))
	case Decimal:
		d, ok := NewBigDecimal(string(v))
		if !ok {
			return hashDecimal
		}
		return l.pair(hashDecimal+l.big(d.Unscaled), uint64(d.Scale))
	}
	if depth > maxHashed {
		return hashOther
	}
	switch v := v.(type) {
	case *List:
		h := uint64(hashList)
		for _, item := range v.Items {
			h = l.pair(h, l.hash(item, depth+1))
		}
		return h
	case *Set:
		if v.view == valuesView {
			return hashOther
		}
		h := uint64(hashSet)
		for _, item := range v.Members() {
			h += l.hash(item, depth+1)
		}
		return h
	case *Map:
		h := uint64(hashMap)
		for i := range v.entries {
			e := &v.entries[i]
			if e.key == nil {
				h += l.pair(maphash.String(l.seed, e.name), l.hash(e.val, depth+1))
			} else {
				h += l.pair(l.hash(e.keyValue(), depth+1), l.hash(e.val, depth+1))
			}
		}
		return h
	case *Entry:
		return l.pair(l.hash(v.Key, depth+1), l.hash(v.Current(), depth+1)) + hashEntry
	}
	return hashOther
}

// maxHashed is how deep the hash looks into values.
const maxHashed = 100

// pair mixes two hashes.
func (l *Lookup) pair(a, b uint64) uint64 {
	return maphash.Comparable(l.seed, [2]uint64{a, b})
}

func (l *Lookup) big(n *big.Int) uint64 {
	return maphash.Bytes(l.seed, n.Bytes()) + uint64(n.Sign())
}

// CopyKeys returns a shallow copy of the map with the keys that l has, or with
// the others.
func (m *Map) CopyKeys(l *Lookup, retain bool) *Map {
	out := NewMap(0)
	if retain {
		out = NewMap(min(m.Len(), len(l.items)))
	}
	for i := range m.entries {
		e := &m.entries[i]
		if e.key == nil && l.hasText(e.name) == retain || e.key != nil && l.Has(e.keyValue()) == retain {
			out.push(*e)
		}
	}
	return out
}
