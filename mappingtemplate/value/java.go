package value

import (
	"math"
	"math/big"
	"strconv"
)

// ToString is Java's String.valueOf: "null" for null, [a, b] for lists and
// {k=v} for maps.
func ToString(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return string(AppendString(nil, v))
}

// maxPrinted bounds the text that AppendString and AppendJSON add for one
// collection. Lists that hold a list several times print exponentially.
const maxPrinted = 64 << 20

// AppendString appends ToString(v). A collection that holds itself prints as in
// Java, and text beyond 64 MB is left out.
func AppendString(dst []byte, v any) []byte { return appendText(dst, v, 0, len(dst)+maxPrinted) }

func appendText(dst []byte, v any, depth, limit int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return append(dst, v...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		return append(dst, FormatDouble(v)...)
	case Decimal:
		return append(dst, v...)
	case *List:
		return appendItems(dst, v, v.Items, depth, limit)
	case *Set:
		return appendItems(dst, v, v.Members(), depth, limit)
	case *Array:
		if v.Type == arrayPart {
			return appendItems(dst, v, v.Items, depth, limit)
		}
		return append(append(dst, v.Type...), "@1b6d3586"...)
	case *Iterator:
		return append(append(dst, v.class...), "@1b6d3586"...)
	case *Entry:
		dst = appendText(dst, v.Key, depth+1, limit)
		dst = append(dst, '=')
		return appendText(dst, v.Current(), depth+1, limit)
	case *Map:
		if depth > maxDepth {
			return append(dst, "{...}"...)
		}
		dst = append(dst, '{')
		for i := 0; i < v.Len() && len(dst) < limit; i++ {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			k, item := v.At(i)
			dst = appendMember(dst, v, k, "(this Map)", depth, limit)
			dst = append(dst, '=')
			dst = appendMember(dst, v, item, "(this Map)", depth, limit)
		}
		return append(dst, '}')
	case interface{ String() string }:
		return append(dst, v.String()...)
	default:
		return append(dst, "java.lang.Object"...)
	}
}

func appendItems(dst []byte, owner any, items []any, depth, limit int) []byte {
	if depth > maxDepth {
		return append(dst, "[...]"...)
	}
	dst = append(dst, '[')
	for i, item := range items {
		if len(dst) >= limit {
			break
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendMember(dst, owner, item, "(this Collection)", depth, limit)
	}
	return append(dst, ']')
}

// appendMember appends a member of owner, and own when that is owner itself.
func appendMember(dst []byte, owner, v any, own string, depth, limit int) []byte {
	if v == owner {
		return append(dst, own...)
	}
	return appendText(dst, v, depth+1, limit)
}

// maxCompared bounds how many members one comparison visits.
const maxCompared = 1 << 22

// Equals is Java's Objects.equals: of one type and equal, collections deeply.
// An Integer never equals a Long. Collections that hold themselves are equal to
// themselves only.
func Equals(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case nil:
		return b == nil
	}
	budget := maxCompared
	return equals(a, b, 0, &budget)
}

func equals(a, b any, depth int, budget *int) bool {
	*budget--
	if depth > maxDepth || *budget < 0 {
		return false
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case float64:
		b, ok := b.(float64)
		return ok && (math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b))
	case *List:
		b, ok := b.(*List)
		return ok && (a == b || equalItems(a.Items, b.Items, depth, budget))
	case *Set:
		b, ok := b.(*Set)
		if !ok || a.view == valuesView || b.view == valuesView {
			return a == b
		}
		items, others := a.Members(), b.Members()
		if len(items) != len(others) {
			return false
		}
		for _, item := range items {
			if !containsItem(others, item, depth, budget) {
				return false
			}
		}
		return true
	case *Map:
		b, ok := b.(*Map)
		if !ok || a.Len() != b.Len() {
			return false
		}
		if a == b {
			return true
		}
		for i := 0; i < a.Len(); i++ {
			k, v := a.At(i)
			w, ok := b.GetKey(k)
			if !ok || !equals(v, w, depth+1, budget) {
				return false
			}
		}
		return true
	case *Entry:
		b, ok := b.(*Entry)
		return ok && equals(a.Key, b.Key, depth+1, budget) && equals(a.Current(), b.Current(), depth+1, budget)
	default:
		return a == b
	}
}

func equalItems(a, b []any, depth int, budget *int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equals(a[i], b[i], depth+1, budget) {
			return false
		}
	}
	return true
}

func containsItem(items []any, v any, depth int, budget *int) bool {
	for _, item := range items {
		if equals(item, v, depth+1, budget) {
			return true
		}
	}
	return false
}

// indexOf returns the place of the first item that equals v, or -1.
func indexOf(items []any, v any) int {
	if s, ok := v.(string); ok {
		for i, item := range items {
			if t, ok := item.(string); ok && t == s {
				return i
			}
		}
		return -1
	}
	for i, item := range items {
		if Equals(item, v) {
			return i
		}
	}
	return -1
}
