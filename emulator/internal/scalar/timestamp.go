package scalar

import (
	"math/big"
	"strconv"

	"appsync-emulator/mappingtemplate/value"
)

// The bounds that AppSync's introspection names: the seconds of
// -1000000000-01-01T00:00Z and of 1000000000-12-31T23:59:59.999999999Z.
const (
	minTimestamp = -31557014167219200
	maxTimestamp = 31556889864403199
)

// Recorded: amplify-category-api#354.
const timestampNoun = "valid timestamp. Ensure that the value provided is an Integer that lies within the limits specified in this scalar's description."

type timestampScalar struct{}

func (timestampScalar) Name() string { return "AWSTimestamp" }

func (timestampScalar) Description() string {
	return "The number of seconds since `1970-01-01T00:00Z`, negative before it, as an integer from " +
		"`-31557014167219200` to `31556889864403199`."
}

func (timestampScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != IntLiteral {
		return nil, false
	}
	n, ok := timestampText(text)
	if !ok {
		return nil, false
	}
	return value.Integer(n), true
}

// coerce takes integers and their decimal text. A Double is refused even when
// it is whole: amplify-android#2453 records 1.6841268E12 being refused.
func (timestampScalar) coerce(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, v >= minTimestamp && v <= maxTimestamp
	case *big.Int:
		n := v.Int64()
		return n, v.IsInt64() && n >= minTimestamp && n <= maxTimestamp
	case value.Decimal:
		return timestampText(string(v))
	case string:
		return timestampText(v)
	default:
		return 0, false
	}
}

func timestampText(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= minTimestamp && n <= maxTimestamp
}

func (s timestampScalar) ParseValue(v any) (any, error) {
	n, ok := s.coerce(v)
	if !ok {
		return nil, cannotParse(v, timestampNoun)
	}
	return value.Integer(n), nil
}

func (s timestampScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	n, ok := s.coerce(v)
	if !ok {
		return dst, cannotSerialize(v, timestampNoun)
	}
	return strconv.AppendInt(dst, n, 10), nil
}
