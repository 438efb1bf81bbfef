package value

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

func isInfinite(f float64) bool { return math.IsInf(f, 0) }

func compareDoubles(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	// NaN is above all, and -0.0 below 0.0.
	a, b := int64(math.Float64bits(x)), int64(math.Float64bits(y))
	if math.IsNaN(x) {
		a = math.MaxInt64
	}
	if math.IsNaN(y) {
		b = math.MaxInt64
	}
	return order(a, b)
}

// doubleToLong is Java's cast: it saturates, and NaN is 0.
func doubleToLong(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func doubleToInt(f float64) int32 {
	switch n := doubleToLong(f); {
	case n > math.MaxInt32:
		return math.MaxInt32
	case n < math.MinInt32:
		return math.MinInt32
	default:
		return int32(n)
	}
}

// singlePrecision rounds f as a cast to float does, and returns the double that
// prints as the float would.
func singlePrecision(f float64) float64 {
	s, err := strconv.ParseFloat(formatFloat(float32(f)), 64)
	if err != nil {
		return f
	}
	return s
}

// onNumber calls what the class Number offers. The number is given as a long,
// which wraps around, and as a double.
func (c *call) onNumber(n int64, f float64) (any, bool, error) {
	if !c.fits() {
		return notFound()
	}
	switch c.name {
	case "intValue":
		return returns(int32(n))
	case "longValue":
		return returns(n)
	case "shortValue":
		return returns(int32(int16(n)))
	case "byteValue":
		return returns(int32(int8(n)))
	case "doubleValue":
		return returns(f)
	case "floatValue":
		return returns(singlePrecision(f))
	}
	return notFound()
}

// LongValue returns the number v as a long the way Number.longValue does, and
// whether v is a number.
func LongValue(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case float64:
		return doubleToLong(v), true
	case *big.Int:
		return wrapLong(v), true
	case Decimal:
		if d, ok := NewBigDecimal(string(v)); ok {
			return wrapLong(d.toInteger()), true
		}
		return 0, true
	}
	return 0, false
}

// IntValue returns the number v as an int the way Number.intValue does, and
// whether v is a number.
func IntValue(v any) (int32, bool) {
	if f, ok := v.(float64); ok {
		return doubleToInt(f), true
	}
	n, ok := LongValue(v)
	return int32(n), ok
}

// DoubleValue returns the number v as a double, and whether v is a number.
func DoubleValue(v any) (float64, bool) {
	switch v := v.(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	case Decimal:
		f, _ := strconv.ParseFloat(string(v), 64)
		return f, true
	}
	return 0, false
}

// wrapLong keeps the low 64 bits, as BigInteger.longValue does.
func wrapLong(n *big.Int) int64 {
	if n.IsInt64() {
		return n.Int64()
	}
	low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
	return int64(low.Uint64())
}

func unsignedText(n int64, size, shift int) string {
	u := uint64(n)
	if size == 32 {
		u = uint64(uint32(n))
	}
	return strconv.FormatUint(u, 1<<shift)
}

func (c *call) onInteger(n int32) (any, bool, error) {
	if v, found, err := c.onNumber(int64(n), float64(n)); found {
		return v, found, err
	}
	if c.name == "compareTo" && c.fits(anObject) {
		order, err := Compare(n, c.args[0])
		return int32(order), true, err
	}
	return c.integerStatics(32)
}

func (c *call) onLong(n int64) (any, bool, error) {
	if v, found, err := c.onNumber(n, float64(n)); found {
		return v, found, err
	}
	if c.name == "compareTo" && c.fits(anObject) {
		order, err := Compare(n, c.args[0])
		return int32(order), true, err
	}
	return c.integerStatics(64)
}

// integerStatics calls the static methods of Integer and Long, which Velocity
// finds on their instances.
func (c *call) integerStatics(size int) (any, bool, error) {
	typ := anInt
	wrap := func(n int64) any { return int32(n) }
	if size == 64 {
		typ = aLong
		wrap = func(n int64) any { return n }
	}
	parse := "parseInt"
	if size == 64 {
		parse = "parseLong"
	}
	switch c.name {
	case parse, "valueOf":
		switch {
		case c.fits(aString):
			n, err := parseInteger(c.args[0], 10, size)
			return wrap(n), true, err
		case c.fits(aString, anInt):
			n, err := parseInteger(c.args[0], c.int(1), size)
			return wrap(n), true, err
		case c.name == "valueOf" && c.fits(typ):
			return returns(wrap(c.long(0)))
		}
		return c.parsePart(size, wrap)
	case "parseUnsignedInt", "parseUnsignedLong":
		if (c.name == "parseUnsignedInt") != (size == 32) {
			return notFound()
		}
		switch {
		case c.fits(aString):
			n, err := parseUnsigned(c.args[0], 10, size, false, "")
			return wrap(n), true, err
		case c.fits(aString, anInt):
			n, err := parseUnsigned(c.args[0], c.int(1), size, false, "")
			return wrap(n), true, err
		}
		return c.parsePart(size, wrap)
	case "decode":
		if c.fits(aString) {
			s, err := c.string(0)
			if err != nil {
				return thrown(err)
			}
			n, err := decodeInteger(s, size)
			return wrap(n), true, err
		}
		return notFound()
	case "toString", "toUnsignedString":
		radix := 10
		switch {
		case c.fits(typ):
		case c.fits(typ, anInt):
			if r := c.int(1); r >= 2 && r <= 36 {
				radix = r
			}
		default:
			return notFound()
		}
		n := c.long(0)
		switch {
		case c.name == "toString":
			return returns(strconv.FormatInt(n, radix))
		case size == 32:
			return returns(strconv.FormatUint(uint64(uint32(n)), radix))
		}
		return returns(strconv.FormatUint(uint64(n), radix))
	}
	switch {
	case c.fits(typ, typ):
		x, y := c.long(0), c.long(1)
		switch c.name {
		case "max":
			return returns(wrap(max(x, y)))
		case "min":
			return returns(wrap(min(x, y)))
		case "sum":
			return returns(wrap(x + y))
		case "compare":
			return returns(int32(order(x, y)))
		case "compareUnsigned":
			return returns(int32(order(x^math.MinInt64, y^math.MinInt64)))
		case "divideUnsigned", "remainderUnsigned":
			if y == 0 {
				return thrown(arithmetic("/ by zero"))
			}
			a, b := uint64(x), uint64(y)
			if size == 32 {
				a, b = uint64(uint32(x)), uint64(uint32(y))
			}
			if c.name == "divideUnsigned" {
				return returns(wrap(int64(a / b)))
			}
			return returns(wrap(int64(a % b)))
		}
		if size == 32 {
			return c.rotate32(int32(x), y)
		}
		if c.fits(typ, anInt) {
			return c.rotate64(x, y)
		}
	case c.fits(typ):
		x := c.long(0)
		switch c.name {
		case "hashCode":
			return returns(HashCode(wrap(x)))
		case "signum":
			return returns(int32(order(x, 0)))
		case "toBinaryString":
			return returns(unsignedText(x, size, 1))
		case "toOctalString":
			return returns(unsignedText(x, size, 3))
		case "toHexString":
			return returns(unsignedText(x, size, 4))
		}
		if size == 32 {
			return c.bits32(int32(x))
		}
		return c.bits64(x)
	}
	return notFound()
}

// parsePart calls the parse methods that take a part of a text and a radix.
func (c *call) parsePart(size int, wrap func(int64) any) (any, bool, error) {
	if c.name == "valueOf" || !c.fits(aString, anInt, anInt, anInt) {
		return notFound()
	}
	part, err := c.partOfText()
	if err != nil {
		return thrown(err)
	}
	var n int64
	if strings.HasPrefix(c.name, "parseUnsigned") {
		n, err = parseUnsigned(part, c.int(3), size, true, c.args[0].(string))
	} else {
		n, err = parsePart(part, c.int(3), size)
	}
	return wrap(n), true, err
}

func (c *call) rotate32(x int32, by int64) (any, bool, error) {
	switch c.name {
	case "rotateLeft":
		return returns(int32(bits.RotateLeft32(uint32(x), int(by&31))))
	case "rotateRight":
		return returns(int32(bits.RotateLeft32(uint32(x), -int(by&31))))
	}
	return notFound()
}

func (c *call) rotate64(x, by int64) (any, bool, error) {
	switch c.name {
	case "rotateLeft":
		return returns(int64(bits.RotateLeft64(uint64(x), int(by&63))))
	case "rotateRight":
		return returns(int64(bits.RotateLeft64(uint64(x), -int(by&63))))
	}
	return notFound()
}

func (c *call) bits32(x int32) (any, bool, error) {
	u := uint32(x)
	switch c.name {
	case "bitCount":
		return returns(int32(bits.OnesCount32(u)))
	case "numberOfLeadingZeros":
		return returns(int32(bits.LeadingZeros32(u)))
	case "numberOfTrailingZeros":
		return returns(int32(bits.TrailingZeros32(u)))
	case "reverse":
		return returns(int32(bits.Reverse32(u)))
	case "reverseBytes":
		return returns(int32(bits.ReverseBytes32(u)))
	case "lowestOneBit":
		return returns(x & -x)
	case "highestOneBit":
		if u == 0 {
			return returns(int32(0))
		}
		return returns(int32(uint32(1) << (31 - bits.LeadingZeros32(u))))
	case "toUnsignedLong":
		return returns(int64(u))
	}
	return notFound()
}

func (c *call) bits64(x int64) (any, bool, error) {
	u := uint64(x)
	switch c.name {
	case "bitCount":
		return returns(int32(bits.OnesCount64(u)))
	case "numberOfLeadingZeros":
		return returns(int32(bits.LeadingZeros64(u)))
	case "numberOfTrailingZeros":
		return returns(int32(bits.TrailingZeros64(u)))
	case "reverse":
		return returns(int64(bits.Reverse64(u)))
	case "reverseBytes":
		return returns(int64(bits.ReverseBytes64(u)))
	case "lowestOneBit":
		return returns(x & -x)
	case "highestOneBit":
		if u == 0 {
			return returns(int64(0))
		}
		return returns(int64(uint64(1) << (63 - bits.LeadingZeros64(u))))
	}
	return notFound()
}

// parseDouble is Double.parseDouble.
func parseDouble(v any) (float64, error) {
	s, ok := v.(string)
	if !ok {
		return 0, nullPointer()
	}
	t := strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if t == "" {
		return 0, throw("java.lang.NumberFormatException", "empty String")
	}
	switch strings.TrimLeft(t, "+-") {
	case "NaN", "Infinity":
		f, _ := strconv.ParseFloat(t, 64)
		return f, nil
	}
	number := strings.TrimRight(t, "dDfF")
	hex := strings.Contains(t, "0x") || strings.Contains(t, "0X")
	if hex || len(t)-len(number) > 1 || strings.ContainsAny(t, "_iInNpP") {
		return 0, numberFormat(s, 10)
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, numberFormat(s, 10)
	}
	return f, nil
}

func (c *call) onDouble(f float64) (any, bool, error) {
	if c.fits() {
		switch c.name {
		case "intValue":
			return returns(doubleToInt(f))
		case "shortValue":
			return returns(int32(int16(doubleToInt(f))))
		case "byteValue":
			return returns(int32(int8(doubleToInt(f))))
		case "isNaN":
			return returns(math.IsNaN(f))
		case "isInfinite":
			return returns(isInfinite(f))
		}
		return c.onNumber(doubleToLong(f), f)
	}
	switch {
	case c.name == "compareTo" && c.fits(anObject):
		n, err := Compare(f, c.args[0])
		return int32(n), true, err
	case c.fits(aString):
		switch c.name {
		case "parseDouble", "valueOf":
			x, err := parseDouble(c.args[0])
			return x, true, err
		}
	case c.fits(aDouble):
		x := c.double(0)
		switch c.name {
		case "valueOf":
			return returns(x)
		case "toString":
			return returns(FormatDouble(x))
		case "isNaN":
			return returns(math.IsNaN(x))
		case "isInfinite":
			return returns(isInfinite(x))
		case "toHexString":
			return returns(hexDouble(x))
		case "isFinite":
			return returns(!isInfinite(x) && !math.IsNaN(x))
		case "hashCode":
			return returns(HashCode(x))
		case "doubleToLongBits", "doubleToRawLongBits":
			return returns(int64(math.Float64bits(x)))
		}
		if c.name == "longBitsToDouble" && c.fits(aLong) {
			return returns(math.Float64frombits(uint64(c.long(0))))
		}
	case c.fits(aDouble, aDouble):
		x, y := c.double(0), c.double(1)
		switch c.name {
		case "compare":
			return returns(int32(compareDoubles(x, y)))
		case "max":
			return returns(math.Max(x, y))
		case "min":
			return returns(math.Min(x, y))
		case "sum":
			return returns(x + y)
		}
	}
	return notFound()
}

// hexDouble is Double.toHexString.
func hexDouble(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return FormatDouble(f)
	}
	abs, sign := math.Abs(f), ""
	if math.Signbit(f) {
		sign = "-"
	}
	bits := math.Float64bits(abs)
	mantissa := strings.TrimRight(fmt.Sprintf("%013x", bits&(1<<52-1)), "0")
	if mantissa == "" {
		mantissa = "0"
	}
	switch exp := int(bits >> 52); {
	case abs == 0:
		return sign + "0x0.0p0"
	case exp == 0:
		return sign + "0x0." + mantissa + "p-1022"
	default:
		return sign + "0x1." + mantissa + "p" + strconv.Itoa(exp-1023)
	}
}

// MaxBits bounds the integers that templates compute with.
const MaxBits = 1 << 20

// ErrOverflow is the exception of an integer beyond MaxBits.
func ErrOverflow() error { return arithmetic("BigInteger would overflow supported range") }

func checkedBig(n *big.Int, bits int) (any, bool, error) {
	if bits > MaxBits {
		return thrown(ErrOverflow())
	}
	return returns(n)
}

func (c *call) bigArg(i int) (*big.Int, error) {
	n, ok := c.args[i].(*big.Int)
	if !ok {
		return nil, nullPointer()
	}
	return n, nil
}

func (c *call) onBigInteger(n *big.Int) (any, bool, error) {
	if c.fits() {
		switch c.name {
		case "abs":
			return returns(new(big.Int).Abs(n))
		case "negate":
			return returns(new(big.Int).Neg(n))
		case "not":
			return returns(new(big.Int).Not(n))
		case "signum":
			return returns(int32(n.Sign()))
		case "bitLength":
			if n.Sign() < 0 {
				return returns(int32(new(big.Int).Not(n).BitLen()))
			}
			return returns(int32(n.BitLen()))
		case "getLowestSetBit":
			v, _ := Property(n, "lowestSetBit")
			return returns(v)
		case "sqrt":
			if n.Sign() < 0 {
				return thrown(arithmetic("Negative BigInteger"))
			}
			return returns(new(big.Int).Sqrt(n))
		case "sqrtAndRemainder":
			if n.Sign() < 0 {
				return thrown(arithmetic("Negative BigInteger"))
			}
			root := new(big.Int).Sqrt(n)
			return returns(bigArray(root, new(big.Int).Sub(n, new(big.Int).Mul(root, root))))
		case "bitCount":
			return returns(bitCount(n))
		case "toByteArray":
			return returns(bytesOf(string(twosComplement(n))))
		case "nextProbablePrime":
			return nextPrime(n)
		case "longValueExact", "intValueExact", "shortValueExact", "byteValueExact":
			kind := strings.TrimSuffix(c.name, "ValueExact")
			if v, ok := exactly(n, kind); ok {
				return returns(v)
			}
			return thrown(arithmetic("BigInteger out of " + kind + " range"))
		}
		f, _ := new(big.Float).SetInt(n).Float64()
		return c.onNumber(wrapLong(n), f)
	}
	switch {
	case c.name == "compareTo" && c.fits(anObject):
		o, err := Compare(n, c.args[0])
		return int32(o), true, err
	case c.name == "valueOf" && c.fits(aLong):
		return returns(big.NewInt(c.long(0)))
	case c.name == "toString" && c.fits(anInt):
		radix := c.int(0)
		if radix < 2 || radix > 36 {
			radix = 10
		}
		return returns(n.Text(radix))
	case c.fits(anInt):
		by := c.int(0)
		switch c.name {
		case "pow":
			if by < 0 {
				return thrown(arithmetic("Negative exponent"))
			}
			if n.BitLen() > 1 && by > MaxBits/(n.BitLen()-1) {
				return thrown(ErrOverflow())
			}
			return returns(new(big.Int).Exp(n, big.NewInt(int64(by)), nil))
		case "shiftLeft", "shiftRight":
			if c.name == "shiftRight" {
				by = -by
			}
			if by >= 0 {
				if by > MaxBits || n.BitLen()+by > MaxBits {
					return thrown(ErrOverflow())
				}
				return returns(new(big.Int).Lsh(n, uint(by)))
			}
			return returns(new(big.Int).Rsh(n, uint(-by)))
		case "testBit":
			if by < 0 {
				return thrown(arithmetic("Negative bit address"))
			}
			return returns(n.Bit(by) == 1)
		case "setBit", "clearBit", "flipBit":
			if by < 0 {
				return thrown(arithmetic("Negative bit address"))
			}
			bit := map[string]uint{"setBit": 1, "clearBit": 0, "flipBit": 1 - n.Bit(by)}[c.name]
			if n.Bit(by) == bit {
				return returns(n)
			}
			if by >= MaxBits {
				return thrown(ErrOverflow())
			}
			return returns(new(big.Int).SetBit(n, by, bit))
		case "isProbablePrime":
			if by <= 0 {
				return returns(true)
			}
			if n.BitLen() > maxPrimeBits {
				return thrown(ErrOverflow())
			}
			return returns(new(big.Int).Abs(n).ProbablyPrime(20))
		}
	case c.name == "probablePrime" && c.fits(anInt, nullOnly):
		if c.int(0) < 2 {
			return thrown(arithmetic("bitLength < 2"))
		}
		return thrown(nullPointer())
	case c.name == "modPow" && c.fits(aBigInteger, aBigInteger):
		return c.modPow(n)
	case isBigOperation(c.name) && c.fits(aBigInteger):
		o, err := c.bigArg(0)
		if err != nil {
			return thrown(err)
		}
		switch c.name {
		case "add":
			return checkedBig(new(big.Int).Add(n, o), max(n.BitLen(), o.BitLen()))
		case "subtract":
			return checkedBig(new(big.Int).Sub(n, o), max(n.BitLen(), o.BitLen()))
		case "multiply":
			if n.BitLen()+o.BitLen() > MaxBits {
				return thrown(ErrOverflow())
			}
			return returns(new(big.Int).Mul(n, o))
		case "divide", "remainder", "divideAndRemainder":
			if o.Sign() == 0 {
				return thrown(arithmetic("BigInteger divide by zero"))
			}
			q, r := new(big.Int).QuoRem(n, o, new(big.Int))
			switch c.name {
			case "divide":
				return returns(q)
			case "remainder":
				return returns(r)
			}
			return returns(bigArray(q, r))
		case "modInverse":
			if o.Sign() <= 0 {
				return thrown(arithmetic("BigInteger: modulus not positive"))
			}
			if inverse := new(big.Int).ModInverse(n, o); inverse != nil {
				return returns(inverse)
			}
			return thrown(arithmetic("BigInteger not invertible."))
		case "mod":
			if o.Sign() <= 0 {
				return thrown(arithmetic("BigInteger: modulus not positive"))
			}
			return returns(new(big.Int).Mod(n, o))
		case "gcd":
			return returns(new(big.Int).GCD(nil, nil, new(big.Int).Abs(n), new(big.Int).Abs(o)))
		case "max", "min":
			if (n.Cmp(o) >= 0) == (c.name == "max") {
				return returns(n)
			}
			return returns(o)
		case "and":
			return returns(new(big.Int).And(n, o))
		case "or":
			return returns(new(big.Int).Or(n, o))
		case "xor":
			return returns(new(big.Int).Xor(n, o))
		case "andNot":
			return returns(new(big.Int).AndNot(n, o))
		}
	}
	return notFound()
}

// isBigOperation reports whether BigInteger has a method of that name which
// takes another BigInteger.
func isBigOperation(name string) bool {
	switch name {
	case "add", "subtract", "multiply", "divide", "remainder", "divideAndRemainder", "mod", "modInverse",
		"gcd", "max", "min", "and", "or", "xor", "andNot":
		return true
	}
	return false
}

func bigArray(items ...*big.Int) *Array {
	a := &Array{Type: "[Ljava.math.BigInteger;"}
	for _, n := range items {
		a.Items = append(a.Items, n)
	}
	return a
}

// exactly returns n as an integer of a kind, and whether it fits.
func exactly(n *big.Int, kind string) (any, bool) {
	size := map[string]uint{"long": 64, "int": 32, "short": 16, "byte": 8}[kind]
	if !n.IsInt64() {
		return nil, false
	}
	long := n.Int64()
	if shift := 64 - size; long<<shift>>shift != long {
		return nil, false
	}
	if kind == "long" {
		return long, true
	}
	return int32(long), true
}

// bitCount is how many bits differ from the sign.
func bitCount(n *big.Int) int32 {
	if n.Sign() < 0 {
		n = new(big.Int).Not(n)
	}
	count := 0
	for _, word := range n.Bits() {
		count += bits.OnesCount(uint(word))
	}
	return int32(count)
}

// twosComplement returns the shortest big-endian two's complement of n.
func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		return append(make([]byte, 1-(n.BitLen()+7)/8+n.BitLen()/8), n.Bytes()...)
	}
	out := twosComplement(new(big.Int).Not(n))
	for i := range out {
		out[i] = ^out[i]
	}
	return out
}

// maxPrimeBits bounds the numbers that are tested for being prime.
const maxPrimeBits = 4096

func nextPrime(n *big.Int) (any, bool, error) {
	if n.Sign() < 0 {
		return thrown(arithmetic("start < 0: " + n.String()))
	}
	if n.BitLen() > maxPrimeBits/4 {
		return thrown(ErrOverflow())
	}
	next := new(big.Int).Add(n, big.NewInt(1))
	for !next.ProbablyPrime(20) {
		next.Add(next, big.NewInt(1))
	}
	return returns(next)
}

func (c *call) modPow(n *big.Int) (any, bool, error) {
	m, err := c.bigArg(1)
	if err != nil {
		return thrown(err)
	}
	if m.Sign() <= 0 {
		return thrown(arithmetic("BigInteger: modulus not positive"))
	}
	exponent, err := c.bigArg(0)
	if err != nil {
		return thrown(err)
	}
	if exponent.BitLen() > maxPrimeBits || m.BitLen() > maxPrimeBits {
		return thrown(ErrOverflow())
	}
	power := new(big.Int).Exp(new(big.Int).Mod(n, m), exponent, m)
	if power == nil {
		return thrown(arithmetic("BigInteger not invertible."))
	}
	return returns(power)
}

func (c *call) onBigDecimal(v Decimal) (any, bool, error) {
	d, ok := NewBigDecimal(string(v))
	if !ok {
		return notFound()
	}
	if c.fits() {
		switch c.name {
		case "abs":
			return returns(BigDecimal{new(big.Int).Abs(d.Unscaled), d.Scale}.Value())
		case "negate":
			return returns(BigDecimal{new(big.Int).Neg(d.Unscaled), d.Scale}.Value())
		case "plus":
			return returns(v)
		case "toString":
			return returns(d.String())
		case "signum":
			return returns(int32(d.Unscaled.Sign()))
		case "scale":
			return returns(int32(d.Scale))
		case "precision":
			return returns(int32(d.precision()))
		case "unscaledValue":
			return returns(d.Unscaled)
		case "stripTrailingZeros":
			return returns(d.strip().Value())
		case "toPlainString":
			return returns(d.plain())
		case "toBigInteger":
			return returns(d.toInteger())
		case "toEngineeringString":
			return returns(d.engineering())
		case "ulp":
			return returns(BigDecimal{big.NewInt(1), d.Scale}.Value())
		case "toBigIntegerExact", "longValueExact", "intValueExact", "shortValueExact", "byteValueExact":
			kind := strings.TrimSuffix(c.name, "ValueExact")
			if kind != "toBigIntegerExact" && d.precision()-d.Scale > 19 && d.Unscaled.Sign() != 0 {
				return thrown(arithmetic("Overflow"))
			}
			exact, ok := d.SetScale(0, RoundUnnecessary)
			if !ok {
				return thrown(arithmetic("Rounding necessary"))
			}
			if kind == "toBigIntegerExact" {
				return returns(exact.Unscaled)
			}
			if v, ok := exactly(exact.Unscaled, kind); ok {
				return returns(v)
			}
			return thrown(arithmetic("Overflow"))
		}
		return c.onNumber(wrapLong(d.toInteger()), d.float())
	}
	switch {
	case c.withNullContext():
		return thrown(nullPointer())
	case c.name == "compareTo" && c.fits(anObject):
		n, err := Compare(v, c.args[0])
		return int32(n), true, err
	case c.name == "equals" && c.fits(anObject):
		o, isDecimal := c.args[0].(Decimal)
		e, ok := NewBigDecimal(string(o))
		return returns(isDecimal && ok && d.Scale == e.Scale && d.Unscaled.Cmp(e.Unscaled) == 0)
	case c.name == "valueOf" && c.fits(aLong):
		return returns(BigDecimal{big.NewInt(c.long(0)), 0}.Value())
	case c.name == "valueOf" && c.fits(aDouble):
		f := c.double(0)
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			return returns(decimalOfDouble(f).Value())
		}
		first := strings.TrimPrefix(FormatDouble(f), "-")[:1]
		return thrown(throw("java.lang.NumberFormatException", "Character "+first+" is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."))
	case c.name == "valueOf" && c.fits(aLong, anInt):
		if s := c.int(1); s < maxExponent && s > -maxExponent {
			return returns(BigDecimal{big.NewInt(c.long(0)), s}.Value())
		}
		return thrown(arithmetic("Overflow"))
	case c.name == "setScale" && (c.fits(anInt) || c.fits(anInt, anInt)):
		mode := RoundUnnecessary
		if len(c.args) == 2 {
			mode = Rounding(c.int(1))
		}
		if mode < RoundUp || mode > RoundUnnecessary {
			return thrown(illegalArgument("Invalid rounding mode"))
		}
		return rounded(d.SetScale(c.int(0), mode))
	case c.fits(anInt) && (c.name == "pow" || c.name == "movePointLeft" || c.name == "movePointRight" || c.name == "scaleByPowerOfTen"):
		n := c.int(0)
		if n > maxExponent || n < -maxExponent {
			return thrown(arithmetic("Overflow"))
		}
		switch c.name {
		case "pow":
			if n < 0 || n > 999999999 {
				return thrown(arithmetic("Invalid operation"))
			}
			if d.Unscaled.BitLen()*n > MaxBits || d.Scale*n > maxExponent || d.Scale*n < -maxExponent {
				return thrown(arithmetic("Overflow"))
			}
			return returns(BigDecimal{new(big.Int).Exp(d.Unscaled, big.NewInt(int64(n)), nil), d.Scale * n}.Value())
		case "movePointLeft", "movePointRight":
			if c.name == "movePointLeft" {
				n = -n
			}
			if n == 0 {
				return returns(v)
			}
			moved := BigDecimal{d.Unscaled, d.Scale - n}
			if moved.Scale < 0 {
				return rounded(moved.SetScale(0, RoundUnnecessary))
			}
			return returns(moved.Value())
		case "scaleByPowerOfTen":
			return returns(BigDecimal{d.Unscaled, d.Scale - n}.Value())
		}
	case c.name == "divide" && (c.fits(aBigDecimal, anInt) || c.fits(aBigDecimal, anInt, anInt)):
		scale, mode := d.Scale, Rounding(c.int(len(c.args)-1))
		if len(c.args) == 3 {
			scale = c.int(1)
		}
		if mode < RoundUp || mode > RoundUnnecessary {
			return thrown(illegalArgument("Invalid rounding mode"))
		}
		e, err := c.decimalArg(0)
		if err != nil {
			return thrown(err)
		}
		if e.Unscaled.Sign() == 0 {
			return thrown(byZeroRounded(d, scale+e.Scale-d.Scale))
		}
		return rounded(d.Quo(e, scale, mode))
	case isDecimalOperation(c.name) && c.fits(aBigDecimal):
		e, err := c.decimalArg(0)
		if err != nil {
			return thrown(err)
		}
		return c.decimals(d, e)
	}
	return notFound()
}

// withNullContext reports a call of a method of BigDecimal that takes a
// MathContext or RoundingMode, which no template can make: it is null.
func (c *call) withNullContext() bool {
	switch c.name {
	case "abs", "negate", "plus", "round":
		return c.fits(nullOnly)
	case "add", "subtract", "multiply", "divideToIntegralValue", "remainder", "divideAndRemainder":
		return c.fits(aBigDecimal, nullOnly)
	case "pow", "setScale":
		return c.fits(anInt, nullOnly)
	case "divide":
		return c.fits(aBigDecimal, anInt, nullOnly)
	}
	return false
}

func byZero(d BigDecimal) error {
	if d.Unscaled.Sign() == 0 {
		return arithmetic("Division undefined")
	}
	return arithmetic("Division by zero")
}

// byZeroRounded words the exception of dividing with a given scale, for which
// the dividend is multiplied by ten to the power of shift: it is that of how
// the numbers are kept.
func byZeroRounded(d BigDecimal, shift int) error {
	if d.Unscaled.IsInt64() && shift <= 18 && (shift <= 0 || new(big.Int).Mul(d.Unscaled, powerOfTen(shift)).IsInt64()) {
		return arithmetic("/ by zero")
	}
	return arithmetic("BigInteger divide by zero")
}

// isDecimalOperation reports whether BigDecimal has a method of that name which
// takes another BigDecimal.
func isDecimalOperation(name string) bool {
	switch name {
	case "add", "subtract", "multiply", "divide", "divideToIntegralValue", "remainder", "divideAndRemainder", "max", "min":
		return true
	}
	return false
}

func rounded(d BigDecimal, ok bool) (any, bool, error) {
	if !ok {
		return thrown(arithmetic("Rounding necessary"))
	}
	return returns(d.Value())
}

func (c *call) decimalArg(i int) (BigDecimal, error) {
	if c.args[i] == nil {
		return BigDecimal{}, nullPointer()
	}
	d, ok := NewBigDecimal(string(c.args[i].(Decimal)))
	if !ok {
		return BigDecimal{}, arithmetic("Overflow")
	}
	return d, nil
}

func (c *call) decimals(d, e BigDecimal) (any, bool, error) {
	var result BigDecimal
	switch c.name {
	case "add":
		result = d.Add(e)
	case "subtract":
		result = d.Sub(e)
	case "multiply":
		result = d.Mul(e)
	case "max", "min":
		result = e
		if n := d.Cmp(e); n == 0 || (n > 0) == (c.name == "max") {
			result = d
		}
	case "divide":
		if e.Unscaled.Sign() == 0 {
			return thrown(byZero(d))
		}
		q, ok := exactQuotient(d, e)
		if !ok {
			return thrown(arithmetic("Non-terminating decimal expansion; no exact representable decimal result."))
		}
		result = q
	case "divideToIntegralValue", "remainder", "divideAndRemainder":
		if e.Unscaled.Sign() == 0 {
			return thrown(byZero(d))
		}
		x, y, _ := align(d, e)
		q := BigDecimal{new(big.Int).Quo(x, y), 0}.towardScale(d.Scale - e.Scale)
		result = q
		switch c.name {
		case "remainder":
			result = d.Sub(q.Mul(e))
		case "divideAndRemainder":
			return returns(&Array{Type: "[Ljava.math.BigDecimal;", Items: []any{q.Value(), d.Sub(q.Mul(e)).Value()}})
		}
	default:
		return notFound()
	}
	if result.Unscaled.BitLen() > MaxBits {
		return thrown(arithmetic("Overflow"))
	}
	return returns(result.Value())
}

// exactQuotient is BigDecimal.divide without rounding. The preferred scale is
// the difference of the scales.
func exactQuotient(d, e BigDecimal) (BigDecimal, bool) {
	preferred := d.Scale - e.Scale
	if d.Unscaled.Sign() == 0 {
		return BigDecimal{new(big.Int), preferred}, true
	}
	limit := e.precision()*10/3 + d.precision() + 3
	q, ok := d.Quo(e, preferred+limit, RoundUnnecessary)
	if !ok {
		return BigDecimal{}, false
	}
	return q.towardScale(preferred), true
}
