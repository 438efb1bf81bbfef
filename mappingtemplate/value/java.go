package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// FormatDouble prints f as Java's Double.toString does: at least one decimal,
// E notation from 10^7 up and below 10^-3.
func FormatDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if abs := math.Abs(f); abs >= 1e-3 && abs < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'E', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	sign := ""
	if exp[0] == '-' {
		sign = "-"
	}
	exp = strings.TrimLeft(exp[1:], "0")
	return mantissa + "E" + sign + exp
}

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

// AppendString appends ToString(v).
func AppendString(dst []byte, v any) []byte {
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
		return appendItems(dst, v.Items)
	case *Set:
		return appendItems(dst, v.Items)
	case *Array:
		return append(append(dst, v.Type...), "@1b6d3586"...)
	case *Entry:
		dst = AppendString(dst, v.Key)
		dst = append(dst, '=')
		return AppendString(dst, v.Value)
	case *Map:
		dst = append(dst, '{')
		for i := 0; i < v.Len(); i++ {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			k, item := v.At(i)
			dst = AppendString(dst, k)
			dst = append(dst, '=')
			dst = AppendString(dst, item)
		}
		return append(dst, '}')
	case interface{ String() string }:
		return append(dst, v.String()...)
	default:
		return append(dst, "java.lang.Object"...)
	}
}

func appendItems(dst []byte, items []any) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendString(dst, item)
	}
	return append(dst, ']')
}

// Equals is Java's Objects.equals: of one type and equal, collections deeply.
// An Integer never equals a Long.
func Equals(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	case *List:
		b, ok := b.(*List)
		return ok && equalItems(a.Items, b.Items)
	case *Set:
		b, ok := b.(*Set)
		if !ok || len(a.Items) != len(b.Items) {
			return false
		}
		for _, item := range a.Items {
			if !containsItem(b.Items, item) {
				return false
			}
		}
		return true
	case *Map:
		b, ok := b.(*Map)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for i := 0; i < a.Len(); i++ {
			k, v := a.At(i)
			w, ok := b.GetKey(k)
			if !ok || !Equals(v, w) {
				return false
			}
		}
		return true
	case *Entry:
		b, ok := b.(*Entry)
		return ok && Equals(a.Key, b.Key) && Equals(a.Value, b.Value)
	default:
		return a == b
	}
}

func equalItems(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equals(a[i], b[i]) {
			return false
		}
	}
	return true
}

func containsItem(items []any, v any) bool {
	for _, item := range items {
		if Equals(item, v) {
			return true
		}
	}
	return false
}
