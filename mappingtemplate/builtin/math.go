package builtin

import (
	"math"

	"appsync-emulator/mappingtemplate/value"
)

// Math is $util.math.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/math-helpers-in-util-math.html
type Math Util

// Property finds nothing: the family has only methods.
func (m *Math) Property(string) (any, bool) { return nil, false }

// Invoke calls a number helper. A null number yields null.
func (m *Math) Invoke(name string, args []any) (any, bool, error) {
	switch {
	case name == "roundNum" && len(args) == 1:
		if args[0] == nil {
			return found(nil)
		}
		f, ok := value.DoubleValue(args[0])
		if !ok {
			return notFound()
		}
		return found(roundNum(f))
	case (name == "minVal" || name == "maxVal") && len(args) == 2:
		if args[0] == nil || args[1] == nil {
			return found(nil)
		}
		a, ok1 := value.DoubleValue(args[0])
		b, ok2 := value.DoubleValue(args[1])
		if !ok1 || !ok2 {
			return notFound()
		}
		if name == "minVal" {
			return found(math.Min(a, b))
		}
		return found(math.Max(a, b))
	case name == "randomDouble" && len(args) == 0:
		return found(float64(m.env.random()>>11) / (1 << 53))
	case name == "randomWithinRange" && len(args) == 2:
		if args[0] == nil || args[1] == nil {
			return found(nil)
		}
		lo, ok1 := args[0].(int32)
		hi, ok2 := args[1].(int32)
		if !ok1 || !ok2 {
			return notFound()
		}
		return found(m.withinRange(lo, hi))
	}
	return notFound()
}

// roundNum is Java's Math.round: half up, saturating, NaN to 0.
func roundNum(f float64) any {
	r := math.Floor(f)
	if f-r >= 0.5 {
		r++
	}
	switch {
	case math.IsNaN(f):
		return int32(0)
	case r >= math.MaxInt64:
		return int64(math.MaxInt64)
	case r <= math.MinInt64:
		return int64(math.MinInt64)
	}
	return value.Integer(int64(r))
}

// withinRange returns a number from lo, inclusive, to hi, exclusive, as Java's
// generators do; an empty range yields lo.
func (m *Math) withinRange(lo, hi int32) any {
	if hi <= lo {
		return lo
	}
	span := uint64(int64(hi) - int64(lo))
	return int32(int64(lo) + int64(m.env.random()%span))
}
