package value

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// FormatDouble prints f as Double.toString does: at least one decimal, E
// notation from 10^7 up and below 10^-3. The digits are those of Java before
// version 19, which are not always the fewest that tell f from its neighbours.
func FormatDouble(f float64) string {
	if s, ok := formatSpecial(f); ok {
		return s
	}
	fraction, exponent, significant := partsOf64(f)
	digits, point := digitsOf(fraction, exponent, significant, true)
	return joinDigits(math.Signbit(f), digits, point)
}

// formatFloat is Float.toString.
func formatFloat(f float32) string {
	if s, ok := formatSpecial(float64(f)); ok {
		return s
	}
	fraction, exponent, significant := partsOf32(f)
	digits, point := digitsOf(fraction, exponent, significant, true)
	return joinDigits(math.Signbit(float64(f)), digits, point)
}

func formatSpecial(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return "Infinity", true
	case math.IsInf(f, -1):
		return "-Infinity", true
	case f == 0 && math.Signbit(f):
		return "-0.0", true
	case f == 0:
		return "0.0", true
	}
	return "", false
}

// joinDigits writes 0.digits times ten to the power of point.
func joinDigits(negative bool, digits string, point int) string {
	var b strings.Builder
	b.Grow(26)
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point > 0 && point < 8:
		if n := point - len(digits); n >= 0 {
			b.WriteString(digits + strings.Repeat("0", n) + ".0")
		} else {
			b.WriteString(digits[:point] + "." + digits[point:])
		}
	case point <= 0 && point > -3:
		b.WriteString("0." + strings.Repeat("0", -point) + digits)
	default:
		b.WriteString(digits[:1] + ".")
		if len(digits) == 1 {
			b.WriteByte('0')
		}
		b.WriteString(digits[1:] + "E" + strconv.Itoa(point-1))
	}
	return b.String()
}

// fractionBits is how many bits of a double's fraction are stored.
const fractionBits = 52

// partsOf64 cuts a finite number other than zero into its 53 bits and the
// exponent of the first of them. significant is how many of the bits are known,
// which is fewer in the smallest numbers.
func partsOf64(f float64) (fraction uint64, exponent, significant int) {
	b := math.Float64bits(f)
	exponent = int(b >> fractionBits & 0x7ff)
	fraction = b & (1<<fractionBits - 1)
	if exponent == 0 {
		significant = bits.Len64(fraction)
		shift := fractionBits + 1 - significant
		return fraction << shift, 1 - shift - 1023, significant
	}
	return fraction | 1<<fractionBits, exponent - 1023, fractionBits + 1
}

func partsOf32(f float32) (fraction uint64, exponent, significant int) {
	b := math.Float32bits(f)
	exponent = int(b >> 23 & 0xff)
	fraction = uint64(b & (1<<23 - 1))
	if exponent == 0 {
		significant = bits.Len64(fraction)
		shift := 24 - significant
		return fraction << (shift + fractionBits - 23), 1 - shift - 127, significant
	}
	return (fraction | 1<<23) << (fractionBits - 23), exponent - 127, 24
}

// digitsOf returns the digits of a number, which is 0.digits times ten to the
// power of point. It generates digit after digit until the rest is below the
// uncertainty of the number, as Java does with its three quirks: a whole number
// loses the digits that its bits leave open, the uncertainty is not narrowed
// where the exponent changes, and what is printed with an exponent (with
// compatible false, everything) gets two digits at least.
func digitsOf(fraction uint64, exponent, significant int, compatible bool) (digits string, point int) {
	zeros := bits.TrailingZeros64(fraction)
	width := fractionBits + 1 - zeros
	tiny := max(0, width-exponent-1)
	if exponent >= -21 && exponent <= 62 && tiny == 0 {
		return wholeDigits(fraction, exponent, significant)
	}
	decimal := estimateExponent(fraction, exponent)
	// The number is base/scale times ten to the power of decimal, the
	// uncertainty margin/scale. All are kept as powers of two and five.
	base5, scale5 := max(0, -decimal), max(0, decimal)
	base2, scale2 := base5+tiny+exponent, scale5+tiny
	margin2 := base2 - significant
	base2 -= width - 1
	common := min(base2, scale2)
	base2, scale2, margin2 = base2-common, scale2-common, margin2-common
	if width == 1 {
		margin2--
	}
	if margin2 < 0 {
		base2, scale2, margin2 = base2-margin2, scale2-margin2, 0
	}
	narrow := width+base2+bitsOfPower5(base5) < 64 && scale2+1+bitsOfPower5(scale5+1) < 64
	var g digitGenerator
	if narrow {
		g = &longDigits{
			base:   fraction >> zeros * power5(base5) << base2,
			scale:  power5(scale5) << scale2,
			margin: power5(base5) << margin2,
		}
	} else {
		g = newBigDigits(fraction>>zeros, base5, base2, scale5, scale2, margin2)
	}
	var out [32]byte
	n := 0
	q, low, high := g.next()
	if q == 0 && !high {
		decimal--
	} else {
		out[n] = '0' + q
		n++
	}
	if !compatible || decimal < -3 || decimal >= 8 {
		low, high = false, false
	}
	for !low && !high {
		q, low, high = g.next()
		out[n] = '0' + q
		n++
	}
	if high && (!low || g.roundsUp(out[n-1])) {
		if roundUp(out[:n]) {
			decimal++
		}
	}
	return string(out[:n]), decimal + 1
}

// roundUp adds one to the last digit. It reports true when a digit more is
// needed, and leaves 1000....
func roundUp(digits []byte) bool {
	i := len(digits) - 1
	for digits[i] == '9' && i > 0 {
		digits[i] = '0'
		i--
	}
	if digits[i] == '9' {
		digits[i] = '1'
		return true
	}
	digits[i]++
	return false
}

// wholeDigits returns the digits of a whole number below 2^63.
func wholeDigits(fraction uint64, exponent, significant int) (string, int) {
	insignificant := 0
	if p := exponent - significant - 1; p > 1 {
		// How many digits 2^p has behind its first.
		insignificant = len(strconv.FormatUint(1<<p, 10)) - 1
	}
	n := fraction
	if exponent >= fractionBits {
		n <<= exponent - fractionBits
	} else {
		n >>= fractionBits - exponent
	}
	if insignificant > 0 {
		unit := uint64(math.Pow10(insignificant))
		rest := n % unit
		n /= unit
		if rest >= unit/2 {
			n++
		}
	}
	digits := strconv.FormatUint(n, 10)
	point := len(digits) + insignificant
	return strings.TrimRight(digits, "0"), point
}

// estimateExponent is the decimal exponent of a number, or one more.
func estimateExponent(fraction uint64, exponent int) int {
	mantissa := math.Float64frombits(1023<<fractionBits | fraction&(1<<fractionBits-1))
	// Each product is rounded by itself, as Java does.
	slope := float64((mantissa - 1.5) * 0.289529654)
	scaled := float64(float64(exponent) * 0.301029995663981)
	return int(math.Floor(slope + 0.176091259 + scaled))
}

// bitsOfPower5 is how many bits 5^n has, or three for each factor when there
// are many.
func bitsOfPower5(n int) int {
	if n > 26 {
		return 3 * n
	}
	if n == 0 {
		return 0
	}
	return bits.Len64(power5(n))
}

// power5 is 5^n, for n up to 27.
func power5(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 5
	}
	return p
}

// digitGenerator gives the digits of a number one by one. low and high say
// whether what is left, or what is missing to the next digit, is below the
// uncertainty.
type digitGenerator interface {
	next() (digit byte, low, high bool)
	// roundsUp decides when both are, after the given last digit.
	roundsUp(last byte) bool
}

type longDigits struct{ base, scale, margin uint64 }

func (g *longDigits) next() (byte, bool, bool) {
	q := g.base / g.scale
	g.base = 10 * (g.base % g.scale)
	g.margin *= 10
	if int64(g.margin) <= 0 {
		// It has outgrown a long, and so everything else.
		return byte(q), true, true
	}
	// The sum may overflow a long, and then it counts as small.
	sum := int64(g.base + g.margin)
	return byte(q), g.base < g.margin, sum > int64(10*g.scale)
}

func (g *longDigits) roundsUp(last byte) bool {
	twice, ten := g.base<<1, 10*g.scale
	return twice > ten || twice == ten && last&1 != 0
}

type bigDigits struct{ base, scale, tenScale, margin, sum, digit, ten *big.Int }

func newBigDigits(fraction uint64, base5, base2, scale5, scale2, margin2 int) *bigDigits {
	power := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(n)), nil) }
	p := power(base5)
	g := &bigDigits{
		base:   new(big.Int).Mul(new(big.Int).SetUint64(fraction), p),
		scale:  power(scale5),
		margin: new(big.Int).Lsh(p, uint(margin2)),
		sum:    new(big.Int),
		digit:  new(big.Int),
		ten:    big.NewInt(10),
	}
	g.base.Lsh(g.base, uint(base2))
	g.scale.Lsh(g.scale, uint(scale2))
	g.tenScale = new(big.Int).Mul(g.scale, g.ten)
	return g
}

func (g *bigDigits) next() (byte, bool, bool) {
	g.digit.QuoRem(g.base, g.scale, g.base)
	g.base.Mul(g.base, g.ten)
	g.margin.Mul(g.margin, g.ten)
	g.sum.Add(g.base, g.margin)
	return byte(g.digit.Uint64()), g.base.Cmp(g.margin) < 0, g.sum.Cmp(g.tenScale) >= 0
}

func (g *bigDigits) roundsUp(last byte) bool {
	n := g.base.Lsh(g.base, 1).Cmp(g.tenScale)
	return n > 0 || n == 0 && last&1 != 0
}
