package subscription

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"strconv"

	"appsync-emulator/mappingtemplate/value"
)

// The first byte of an encoded value tells its type, so that values of
// different types never have the same encoding.
const (
	tagNull   = '0'
	tagFalse  = 'f'
	tagTrue   = 't'
	tagNumber = 'n'
	tagString = 's'
	tagList   = '['
	tagMap    = '{'
)

// appendKey appends an encoding of v that is equal for two values exactly when
// they are equal and of one JSON type: the string "5" differs from the number
// 5. The Go types of a number do not matter, because an Int field may hold what
// a data source gave as a long, and a Float field what it gave as an integer.
func appendKey(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, tagNull)
	case bool:
		if v {
			return append(dst, tagTrue)
		}
		return append(dst, tagFalse)
	case string:
		return appendText(dst, tagString, v)
	case int32:
		return appendInteger(dst, int64(v))
	case int64:
		return appendInteger(dst, v)
	case *big.Int:
		return appendText(dst, tagNumber, v.String())
	case float64:
		return appendFloat(dst, v)
	case value.Decimal:
		if f, err := strconv.ParseFloat(string(v), 64); err == nil {
			return appendFloat(dst, f)
		}
		return appendText(dst, tagNumber, string(v))
	case *value.List:
		return appendItems(dst, v.Items)
	case *value.Set:
		return appendItems(dst, v.Items)
	case *value.Array:
		return appendItems(dst, v.Items)
	case *value.Map:
		return appendMap(dst, v)
	default:
		return appendText(dst, tagString, value.ToString(v))
	}
}

func appendText(dst []byte, tag byte, s string) []byte {
	dst = append(dst, tag)
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendInteger(dst []byte, n int64) []byte {
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], n, 10)
	dst = append(dst, tagNumber, byte(len(digits)))
	return append(dst, digits...)
}

// appendFloat writes a whole number in plain digits, as appendInteger does.
func appendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return appendInteger(dst, 0) // also for negative zero
	}
	if f == math.Trunc(f) && !math.IsInf(f, 0) {
		return appendText(dst, tagNumber, strconv.FormatFloat(f, 'f', 0, 64))
	}
	return appendText(dst, tagNumber, strconv.FormatFloat(f, 'e', -1, 64))
}

func appendItems(dst []byte, items []any) []byte {
	dst = append(dst, tagList)
	dst = binary.AppendUvarint(dst, uint64(len(items)))
	for _, item := range items {
		dst = appendKey(dst, item)
	}
	return dst
}

func appendMap(dst []byte, m *value.Map) []byte {
	names := make([]string, 0, m.Len())
	for name := range m.All() {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, tagMap)
	dst = binary.AppendUvarint(dst, uint64(len(names)))
	for _, name := range names {
		dst = appendText(dst, tagString, name)
		dst = appendKey(dst, m.Value(name))
	}
	return dst
}
