package value

import (
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends v as compact JSON text in the form in which Jackson writes
// it: no escaping of HTML characters, keys in insertion order, doubles in
// Java's notation. What nests deeper than 1000 levels, as a map that holds
// itself does, becomes null, and members beyond 64 MB are left out.
func AppendJSON(dst []byte, v any) []byte {
	return appendJSON(dst, v, 0, &jsonBounds{limit: len(dst) + maxPrinted})
}

// AppendJSONWithin is AppendJSON that tells when v nests too deep, or has more
// than max bytes of text. What it has appended is then of no use.
func AppendJSONWithin(dst []byte, v any, max int) (out []byte, tooDeep, tooLarge bool) {
	b := jsonBounds{limit: len(dst) + max + 1}
	out = appendJSON(dst, v, 0, &b)
	return out, b.deep, len(out) >= b.limit
}

// jsonBounds ends the writing of values that hold themselves or unfold.
type jsonBounds struct {
	// limit is the length at which lists and maps end.
	limit int
	// deep says that something was nested too deep.
	deep bool
}

func appendJSON(dst []byte, v any, depth int, bounds *jsonBounds) []byte {
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
		return appendJSONArray(dst, v.Items, depth, bounds)
	case *Set:
		if v.view == keysView && v.owner != nil && len(v.owner.entries) < indexFrom {
			if out, ok := v.owner.appendJSONKeys(dst); ok {
				return out
			}
		}
		return appendJSONArray(dst, v.Members(), depth, bounds)
	case *Array:
		return appendJSONArray(dst, v.Items, depth, bounds)
	case *Entry:
		dst = append(dst, '{')
		dst = AppendJSONString(dst, ToString(v.Key))
		dst = append(dst, ':')
		dst = appendJSON(dst, v.Current(), depth+1, bounds)
		return append(dst, '}')
	case *Map:
		if depth > maxDepth {
			bounds.deep = true
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		for i := 0; i < v.Len() && len(dst) < bounds.limit; i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			k, item := v.NameAt(i)
			dst = AppendJSONString(dst, k)
			dst = append(dst, ':')
			dst = appendJSON(dst, item, depth+1, bounds)
		}
		return append(dst, '}')
	default:
		return AppendJSONString(dst, ToString(v))
	}
}

func appendJSONArray(dst []byte, items []any, depth int, bounds *jsonBounds) []byte {
	if depth > maxDepth {
		bounds.deep = true
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, item := range items {
		if len(dst) >= bounds.limit {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, item, depth+1, bounds)
	}
	return append(dst, ']')
}

// appendJSONKeys appends the keys as a list, if all are text.
func (m *Map) appendJSONKeys(dst []byte) (out []byte, ok bool) {
	out = append(dst, '[')
	for i := range m.entries {
		if m.entries[i].key != nil {
			return dst, false
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendJSONString(out, m.entries[i].name)
	}
	return append(out, ']'), true
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

// plainLength returns how many bytes from s[i:] stand for themselves, of which it
// looks at eight at a time.
func plainLength(s string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	start := i
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		// The high bit of a byte is set for controls, quotes, backslashes and what
		// is not ASCII. A borrow disturbs only the bytes behind one of them.
		quote, backslash := w^'"'*ones, w^'\\'*ones
		odd := (w | (w - ' '*ones) | (quote - ones) | (backslash - ones)) & high
		if odd != 0 {
			return i - start + bits.TrailingZeros64(odd)/8
		}
	}
	for i < len(s) && plainJSON[s[i]] {
		i++
	}
	return i - start
}

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8 become
// the replacement character.
func AppendJSONString(dst []byte, s string) []byte {
	i := plainLength(s, 0)
	if i == len(s) {
		n := len(dst)
		dst = slices.Grow(dst, i+2)[:n+i+2]
		dst[n], dst[n+i+1] = '"', '"'
		copy(dst[n+1:], s)
		return dst
	}
	dst = append(dst, '"')
	start := 0
	for i < len(s) {
		c := s[i]
		if plainJSON[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size != 1 {
				i += size
				i += plainLength(s, i)
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
		i += plainLength(s, i)
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// maxDepth bounds the nesting of JSON text, so that hostile text cannot exhaust
// the stack. Jackson's own bound is 1000.
const maxDepth = 1000
