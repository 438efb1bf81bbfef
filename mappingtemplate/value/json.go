package value

import (
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends v as compact JSON text in the form in which Jackson writes
// it: no escaping of HTML characters, keys in insertion order, doubles in
// Java's notation. What nests deeper than 1000 levels, as a map that holds
// itself does, becomes null, and members beyond 64 MB are left out.
func AppendJSON(dst []byte, v any) []byte { return appendJSON(dst, v, 0, len(dst)+maxPrinted) }

func appendJSON(dst []byte, v any, depth, limit int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return AppendJSONString(dst, v)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			// Jackson quotes the numbers that JSON cannot express.
			return AppendJSONString(dst, FormatDouble(v))
		}
		return append(dst, FormatDouble(v)...)
	case Decimal:
		return append(dst, v...)
	case *List:
		return appendJSONArray(dst, v.Items, depth, limit)
	case *Set:
		return appendJSONArray(dst, v.Members(), depth, limit)
	case *Array:
		return appendJSONArray(dst, v.Items, depth, limit)
	case *Entry:
		dst = append(dst, '{')
		dst = AppendJSONString(dst, ToString(v.Key))
		dst = append(dst, ':')
		dst = appendJSON(dst, v.Current(), depth+1, limit)
		return append(dst, '}')
	case *Map:
		if depth > maxDepth {
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		for i := 0; i < v.Len() && len(dst) < limit; i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			k, item := v.NameAt(i)
			dst = AppendJSONString(dst, k)
			dst = append(dst, ':')
			dst = appendJSON(dst, item, depth+1, limit)
		}
		return append(dst, '}')
	default:
		return AppendJSONString(dst, ToString(v))
	}
}

func appendJSONArray(dst []byte, items []any, depth, limit int) []byte {
	if depth > maxDepth {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, item := range items {
		if len(dst) >= limit {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, item, depth+1, limit)
	}
	return append(dst, ']')
}

// JSON returns v as compact JSON text. See AppendJSON.
func JSON(v any) string { return string(AppendJSON(nil, v)) }

const hexDigits = "0123456789ABCDEF"

// plainJSON tells the bytes that stand for themselves in a JSON string.
var plainJSON = func() (plain [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8 become
// the replacement character.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plainJSON[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// maxDepth bounds the nesting of JSON text, so that hostile text cannot exhaust
// the stack. Jackson's own bound is 1000.
const maxDepth = 1000
