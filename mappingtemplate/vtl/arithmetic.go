package vtl

import (
	"errors"
	"math"
	"math/big"

	"appsync-emulator/mappingtemplate/value"
)

func isNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64, *big.Int, value.Decimal:
		return true
	}
	return false
}

// base is the type in which two numbers are computed.
type base uint8

const (
	inLong base = iota
	inDouble
	inBigInteger
	inBigDecimal
)

// baseOf picks the type for an operation. A BigInteger and a double meet as
// decimals.
func baseOf(a, b any) base {
	var integer, long, double, decimal int
	for _, v := range [...]any{a, b} {
		switch v.(type) {
		case int32, int64:
			long++
		case *big.Int:
			integer++
		case float64:
			double++
		default:
			decimal++
		}
	}
	switch {
	case decimal > 0 || integer > 0 && double > 0:
		return inBigDecimal
	case integer > 0:
		return inBigInteger
	case double > 0:
		return inDouble
	}
	return inLong
}

func bigOf(v any) *big.Int {
	if n, ok := v.(*big.Int); ok {
		return n
	}
	n, _ := value.LongValue(v)
	return big.NewInt(n)
}

// wrap gives a result the larger of the operands' types, or one that holds it.
func wrap(n int64, a, b any) any {
	_, longA := a.(int64)
	_, longB := b.(int64)
	if longA || longB || n < math.MinInt32 || n > math.MaxInt32 {
		return n
	}
	return int32(n)
}

// compareNumbers compares by value. The error is what Java throws when a double
// that is no number meets a BigInteger or BigDecimal.
func compareNumbers(a, b any) (int, error) {
	switch baseOf(a, b) {
	case inLong:
		x, _ := value.LongValue(a)
		y, _ := value.LongValue(b)
		return sign(x < y, x > y), nil
	case inDouble:
		// Velocity takes what is neither less nor greater for equal, and so
		// NaN for equal to everything.
		x, _ := value.DoubleValue(a)
		y, _ := value.DoubleValue(b)
		return sign(x < y, x > y), nil
	case inBigInteger:
		return bigOf(a).Cmp(bigOf(b)), nil
	}
	x, ok := decimalOf(a)
	if !ok {
		return 0, errNotFinite()
	}
	y, ok := decimalOf(b)
	if !ok {
		return 0, errNotFinite()
	}
	return x.Cmp(y), nil
}

func sign(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	}
	return 0
}

func isZero(v any) bool {
	switch v := v.(type) {
	case *big.Int:
		return v.Sign() == 0
	case value.Decimal:
		d, ok := value.NewBigDecimal(string(v))
		return ok && d.Unscaled.Sign() == 0
	}
	f, _ := value.DoubleValue(v)
	return f == 0
}

// compute applies an arithmetic operator to two numbers. Dividing by zero gives
// null, also for doubles. The error is what Java throws.
func compute(op nodeKind, a, b any) (any, error) {
	if (op == nDivide || op == nModulus) && isZero(b) {
		return nil, nil
	}
	switch baseOf(a, b) {
	case inLong:
		return computeLong(op, a, b)
	case inDouble:
		x, _ := value.DoubleValue(a)
		y, _ := value.DoubleValue(b)
		switch op {
		case nAdd:
			return x + y, nil
		case nSubtract:
			return x - y, nil
		case nMultiply:
			return x * y, nil
		case nDivide:
			return x / y, nil
		}
		return math.Mod(x, y), nil
	case inBigInteger:
		return computeBig(op, bigOf(a), bigOf(b))
	}
	return computeDecimal(op, a, b)
}

func computeLong(op nodeKind, a, b any) (any, error) {
	x, _ := value.LongValue(a)
	y, _ := value.LongValue(b)
	var n int64
	switch op {
	case nAdd:
		n = x + y
		if n^x < 0 && n^y < 0 {
			return computeBig(op, bigOf(a), bigOf(b))
		}
	case nSubtract:
		n = x - y
		if n^x < 0 && n^^y < 0 {
			return computeBig(op, bigOf(a), bigOf(b))
		}
	case nMultiply:
		n = x * y
		if y != 0 && n/y != x {
			return computeBig(op, bigOf(a), bigOf(b))
		}
	case nDivide:
		n = x / y
	default:
		n = x % y
	}
	return wrap(n, a, b), nil
}

func computeBig(op nodeKind, x, y *big.Int) (any, error) {
	if x.BitLen()+y.BitLen() > value.MaxBits {
		return nil, value.ErrOverflow()
	}
	n := new(big.Int)
	switch op {
	case nAdd:
		return n.Add(x, y), nil
	case nSubtract:
		return n.Sub(x, y), nil
	case nMultiply:
		return n.Mul(x, y), nil
	case nDivide:
		return n.Quo(x, y), nil
	}
	if y.Sign() < 0 {
		return nil, errors.New("BigInteger: modulus not positive")
	}
	return n.Mod(x, y), nil
}

func computeDecimal(op nodeKind, a, b any) (any, error) {
	if op == nModulus {
		return nil, errors.New("Cannot calculate the modulo of BigDecimals.")
	}
	x, ok := decimalOf(a)
	y, alsoOK := decimalOf(b)
	if !ok || !alsoOK {
		return nil, errNotFinite()
	}
	if x.Unscaled.BitLen()+y.Unscaled.BitLen() > value.MaxBits {
		return nil, value.ErrOverflow()
	}
	var d value.BigDecimal
	switch op {
	case nAdd:
		d = x.Add(y)
	case nSubtract:
		d = x.Sub(y)
	case nMultiply:
		d = x.Mul(y)
	case nDivide:
		if d, ok = x.Quo(y, x.Scale, value.RoundHalfDown); !ok {
			return nil, value.ErrOverflow()
		}
	}
	return d.Value(), nil
}

func errNotFinite() error { return errors.New("Infinite or NaN") }

// decimalOf makes a number a BigDecimal. Integers pass through a double, which
// long ones do not survive unchanged.
func decimalOf(v any) (value.BigDecimal, bool) {
	switch n := v.(type) {
	case int32, int64:
		f, _ := value.DoubleValue(n)
		return value.BigDecimalOf(f)
	}
	return value.BigDecimalOf(v)
}
