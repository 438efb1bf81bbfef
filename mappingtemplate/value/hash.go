package value

import (
	"math"
	"math/big"
	"unicode/utf16"
	"unicode/utf8"
)

// identityHash stands for the hash of objects that have none of their own, which
// is another one for each object and on each run of a JVM.
const identityHash = 0x1b6d3586

// HashCode is Java's Objects.hashCode: templates print it and compute with it.
// What nests deeper than 1000 levels counts as 0.
func HashCode(v any) int32 {
	budget := maxCompared
	return hashCode(v, 0, &budget)
}

func hashCode(v any, depth int, budget *int) int32 {
	*budget--
	if depth > maxDepth || *budget < 0 {
		return 0
	}
	switch v := v.(type) {
	case string:
		return stringHash(v)
	case bool:
		if v {
			return 1231
		}
		return 1237
	case int32:
		return v
	case int64:
		return int32(v ^ int64(uint64(v)>>32))
	case float64:
		bits := int64(math.Float64bits(v))
		if math.IsNaN(v) {
			bits = 0x7ff8000000000000
		}
		return int32(bits ^ int64(uint64(bits)>>32))
	case Char:
		return int32(v)
	case *big.Int:
		return bigHash(v)
	case Decimal:
		if d, ok := NewBigDecimal(string(v)); ok {
			return 31*bigHash(d.Unscaled) + int32(d.Scale)
		}
	case *List:
		h := int32(1)
		for _, item := range v.Items {
			h = 31*h + hashCode(item, depth+1, budget)
		}
		return h
	case *Set:
		if v.view == valuesView {
			return identityHash
		}
		h := int32(0)
		for _, item := range v.Members() {
			h += hashCode(item, depth+1, budget)
		}
		return h
	case *Map:
		h := int32(0)
		for i := range v.Len() {
			k, item := v.At(i)
			h += hashCode(k, depth+1, budget) ^ hashCode(item, depth+1, budget)
		}
		return h
	case *Entry:
		return hashCode(v.Key, depth+1, budget) ^ hashCode(v.Current(), depth+1, budget)
	case *Array, *Iterator:
		return identityHash
	}
	return 0
}

func stringHash(s string) int32 {
	h := int32(0)
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			h = 31*h + int32(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			h = 31*h + hi
			r = lo
		}
		h = 31*h + r
		i += size
	}
	return h
}

func bigHash(n *big.Int) int32 {
	h := int32(0)
	bytes := n.Bytes()
	for len(bytes)%4 != 0 {
		bytes = append([]byte{0}, bytes...)
	}
	for i := 0; i < len(bytes); i += 4 {
		word := uint32(bytes[i])<<24 | uint32(bytes[i+1])<<16 | uint32(bytes[i+2])<<8 | uint32(bytes[i+3])
		h = 31*h + int32(word)
	}
	return h * int32(n.Sign())
}
