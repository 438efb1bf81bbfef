package scalar

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// The built-in scalars follow graphql.Scalars of graphql-java 9.0, which treats
// variables and results alike.

type intScalar struct{}

func (intScalar) Name() string { return "Int" }

func (intScalar) Description() string {
	return "A whole number of 32 bits: from -(2^31) to 2^31 - 1."
}

func (intScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != IntLiteral {
		return nil, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, false
	}
	return int32(n), true
}

func (intScalar) coerce(v any) (int32, bool) {
	if n, ok := v.(int32); ok {
		return n, true
	}
	n, ok := exactInt64(v)
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, false
	}
	return int32(n), true
}

func (s intScalar) ParseValue(v any) (any, error) {
	n, ok := s.coerce(v)
	if !ok {
		return nil, wrongType("Int", v)
	}
	return n, nil
}

func (s intScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	n, ok := s.coerce(v)
	if !ok {
		return dst, wrongType("Int", v)
	}
	return strconv.AppendInt(dst, int64(n), 10), nil
}

type floatScalar struct{}

func (floatScalar) Name() string { return "Float" }

func (floatScalar) Description() string {
	return "A double-precision floating point number (IEEE 754)."
}

func (floatScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != IntLiteral && kind != FloatLiteral {
		return nil, false
	}
	return doubleText(text)
}

func (floatScalar) ParseValue(v any) (any, error) {
	f, ok := double(v)
	if !ok {
		return nil, wrongType("Float", v)
	}
	return f, nil
}

func (floatScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	f, ok := double(v)
	if !ok {
		return dst, wrongType("Float", v)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e7 && (f != 0 || !math.Signbit(f)) {
		// The commonest doubles, without the detour through a string.
		return append(strconv.AppendInt(dst, int64(f), 10), '.', '0'), nil
	}
	return value.AppendJSON(dst, f), nil
}

type stringScalar struct{}

func (stringScalar) Name() string { return "String" }

func (stringScalar) Description() string { return "Text: a sequence of Unicode characters." }

func (stringScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != StringLiteral {
		return nil, false
	}
	return text, true
}

func (stringScalar) ParseValue(v any) (any, error) {
	if _, ok := v.(string); ok {
		return v, nil
	}
	return value.ToString(v), nil
}

func (stringScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return value.AppendJSONString(dst, v), nil
	case bool, int32, int64, *big.Int, value.Decimal:
		// Nothing in their text needs escaping.
		return append(value.AppendString(append(dst, '"'), v), '"'), nil
	default:
		return value.AppendJSONString(dst, value.ToString(v)), nil
	}
}

type booleanScalar struct{}

func (booleanScalar) Name() string { return "Boolean" }

func (booleanScalar) Description() string { return "True or false." }

func (booleanScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != BooleanLiteral {
		return nil, false
	}
	return text == "true", true
}

func (booleanScalar) coerce(v any) (b, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), true
	default:
		f, ok := double(v)
		if !ok {
			return false, false
		}
		if d, isDecimal := v.(value.Decimal); isDecimal && f == 0 {
			// Too small for a double is not zero.
			return strings.ContainsAny(mantissa(string(d)), "123456789"), true
		}
		return f != 0, true
	}
}

func mantissa(number string) string {
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		return number[:i]
	}
	return number
}

func (s booleanScalar) ParseValue(v any) (any, error) {
	b, ok := s.coerce(v)
	if !ok {
		return nil, wrongType("Boolean", v)
	}
	return b, nil
}

func (s booleanScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	b, ok := s.coerce(v)
	if !ok {
		return dst, wrongType("Boolean", v)
	}
	return strconv.AppendBool(dst, b), nil
}

type idScalar struct{}

func (idScalar) Name() string { return "ID" }

func (idScalar) Description() string {
	return "A unique identifier. It is sent as a string and not meant for people to read; integers are taken as well."
}

func (idScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != StringLiteral && kind != IntLiteral {
		return nil, false
	}
	return text, true
}

func (idScalar) ParseValue(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int32, int64, *big.Int:
		return value.ToString(v), nil
	default:
		return nil, wrongType("ID", v)
	}
}

func (idScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return value.AppendJSONString(dst, v), nil
	case int32, int64, *big.Int:
		return append(value.AppendString(append(dst, '"'), v), '"'), nil
	default:
		return dst, wrongType("ID", v)
	}
}
