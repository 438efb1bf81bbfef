package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// BigDecimal is a decimal number to compute with: Unscaled times ten to the
// power of -Scale. It follows java.math.BigDecimal.
type BigDecimal struct {
	Unscaled *big.Int
	Scale    int
}

// maxExponent bounds the exponents that are computed with. Numbers beyond would
// be written out with as many digits.
const maxExponent = 10_000

// NewBigDecimal parses decimal text. It reports false for what is no number or
// has an exponent beyond 10000.
func NewBigDecimal(text string) (BigDecimal, bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(text[i+1:], "+"))
		if err != nil || n > maxExponent || n < -maxExponent {
			return BigDecimal{}, false
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(mantissa) > maxExponent || strings.ContainsAny(fraction, "+-_") || strings.Contains(whole, "_") {
		return BigDecimal{}, false
	}
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return BigDecimal{}, false
	}
	return BigDecimal{n, len(fraction) - exponent}, true
}

// BigDecimalOf returns the number v as a BigDecimal. A Double becomes its exact
// binary value, as in new BigDecimal(double); NaN, infinities and what is no
// number report false.
func BigDecimalOf(v any) (BigDecimal, bool) {
	switch v := v.(type) {
	case int32:
		return BigDecimal{big.NewInt(int64(v)), 0}, true
	case int64:
		return BigDecimal{big.NewInt(v), 0}, true
	case *big.Int:
		return BigDecimal{v, 0}, true
	case Decimal:
		return NewBigDecimal(string(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return BigDecimal{}, false
		}
		return exactDecimal(v), true
	}
	return BigDecimal{}, false
}

func exactDecimal(f float64) BigDecimal {
	mantissa, exp := math.Frexp(f)
	n := big.NewInt(int64(mantissa * (1 << 53)))
	exp -= 53
	if n.Sign() == 0 {
		return BigDecimal{n, 0}
	}
	for exp < 0 && n.Bit(0) == 0 {
		n.Rsh(n, 1)
		exp++
	}
	if exp >= 0 {
		return BigDecimal{n.Lsh(n, uint(exp)), 0}
	}
	// n / 2^k = n * 5^k / 10^k.
	return BigDecimal{n.Mul(n, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-exp)), nil)), -exp}
}

// decimalOfDouble returns f's shortest text as a decimal, as
// BigDecimal.valueOf(double) does.
func decimalOfDouble(f float64) BigDecimal {
	d, _ := NewBigDecimal(FormatDouble(f))
	return d
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// align brings a and b to the larger of their scales.
func align(a, b BigDecimal) (x, y *big.Int, scale int) {
	switch {
	case a.Scale < b.Scale:
		return new(big.Int).Mul(a.Unscaled, powerOfTen(b.Scale-a.Scale)), b.Unscaled, b.Scale
	case a.Scale > b.Scale:
		return a.Unscaled, new(big.Int).Mul(b.Unscaled, powerOfTen(a.Scale-b.Scale)), a.Scale
	}
	return a.Unscaled, b.Unscaled, a.Scale
}

// Add returns d + e.
func (d BigDecimal) Add(e BigDecimal) BigDecimal {
	x, y, scale := align(d, e)
	return BigDecimal{new(big.Int).Add(x, y), scale}
}

// Sub returns d - e.
func (d BigDecimal) Sub(e BigDecimal) BigDecimal {
	x, y, scale := align(d, e)
	return BigDecimal{new(big.Int).Sub(x, y), scale}
}

// Mul returns d * e.
func (d BigDecimal) Mul(e BigDecimal) BigDecimal {
	return BigDecimal{new(big.Int).Mul(d.Unscaled, e.Unscaled), d.Scale + e.Scale}
}

// Cmp compares the numbers, whatever their scales.
func (d BigDecimal) Cmp(e BigDecimal) int {
	x, y, _ := align(d, e)
	return x.Cmp(y)
}

// A Rounding says what becomes of digits that are cut off. The values are those
// of java.math.BigDecimal's ROUND_ constants.
type Rounding int

const (
	RoundUp Rounding = iota
	RoundDown
	RoundCeiling
	RoundFloor
	RoundHalfUp
	RoundHalfDown
	RoundHalfEven
	RoundUnnecessary
)

// Quo returns d / e with the given scale; e must not be zero. It reports false
// when the rounding is unnecessary and digits would be lost, or the scale is
// beyond reason.
func (d BigDecimal) Quo(e BigDecimal, scale int, mode Rounding) (BigDecimal, bool) {
	shift := scale + e.Scale - d.Scale
	if shift > 4*maxExponent || shift < -4*maxExponent {
		return BigDecimal{}, false
	}
	x, y := d.Unscaled, e.Unscaled
	if shift >= 0 {
		x = new(big.Int).Mul(x, powerOfTen(shift))
	} else {
		y = new(big.Int).Mul(y, powerOfTen(-shift))
	}
	q, ok := divide(x, y, mode)
	return BigDecimal{q, scale}, ok
}

// SetScale returns d with the given scale.
func (d BigDecimal) SetScale(scale int, mode Rounding) (BigDecimal, bool) {
	return d.Quo(BigDecimal{big.NewInt(1), 0}, scale, mode)
}

// divide returns x / y rounded.
func divide(x, y *big.Int, mode Rounding) (*big.Int, bool) {
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	if r.Sign() == 0 {
		return q, true
	}
	sign := x.Sign() * y.Sign()
	half := new(big.Int).Lsh(r, 1).CmpAbs(y)
	up := false
	switch mode {
	case RoundUp:
		up = true
	case RoundDown:
	case RoundCeiling:
		up = sign > 0
	case RoundFloor:
		up = sign < 0
	case RoundHalfUp:
		up = half >= 0
	case RoundHalfDown:
		up = half > 0
	case RoundHalfEven:
		up = half > 0 || half == 0 && q.Bit(0) == 1
	default:
		return nil, false
	}
	if up {
		q.Add(q, big.NewInt(int64(sign)))
	}
	return q, true
}

// precision is the number of digits of the unscaled value.
func (d BigDecimal) precision() int {
	return len(new(big.Int).Abs(d.Unscaled).String())
}

// strip returns d without trailing zeros.
func (d BigDecimal) strip() BigDecimal {
	if d.Unscaled.Sign() == 0 {
		return BigDecimal{d.Unscaled, 0}
	}
	ten, n, scale := big.NewInt(10), d.Unscaled, d.Scale
	for {
		q, r := new(big.Int).QuoRem(n, ten, new(big.Int))
		if r.Sign() != 0 {
			return BigDecimal{n, scale}
		}
		n, scale = q, scale-1
	}
}

// towardScale changes the scale toward the preferred one as far as no digit is
// lost.
func (d BigDecimal) towardScale(preferred int) BigDecimal {
	if d.Scale <= preferred {
		return BigDecimal{new(big.Int).Mul(d.Unscaled, powerOfTen(preferred-d.Scale)), preferred}
	}
	if d.Unscaled.Sign() == 0 {
		return BigDecimal{d.Unscaled, preferred}
	}
	ten := big.NewInt(10)
	for d.Scale > preferred {
		n, r := new(big.Int).QuoRem(d.Unscaled, ten, new(big.Int))
		if r.Sign() != 0 {
			break
		}
		d = BigDecimal{n, d.Scale - 1}
	}
	return d
}

// toInteger returns the whole part.
func (d BigDecimal) toInteger() *big.Int {
	if d.Scale <= 0 {
		return new(big.Int).Mul(d.Unscaled, powerOfTen(-d.Scale))
	}
	return new(big.Int).Quo(d.Unscaled, powerOfTen(d.Scale))
}

func (d BigDecimal) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// Value returns d as a value.
func (d BigDecimal) Value() Decimal { return Decimal(d.String()) }

// String is Java's BigDecimal.toString.
func (d BigDecimal) String() string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	sign := ""
	if d.Unscaled.Sign() < 0 {
		sign = "-"
	}
	exponent := -d.Scale + len(digits) - 1
	switch {
	case d.Scale == 0:
		return sign + digits
	case d.Scale > 0 && exponent >= -6:
		return sign + point(digits, d.Scale)
	}
	s := sign + digits[:1]
	if len(digits) > 1 {
		s += "." + digits[1:]
	}
	if exponent != 0 {
		s += "E"
		if exponent > 0 {
			s += "+"
		}
		s += strconv.Itoa(exponent)
	}
	return s
}

// plain writes d without an exponent.
func (d BigDecimal) plain() string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	sign := ""
	if d.Unscaled.Sign() < 0 {
		sign = "-"
	}
	switch {
	case d.Scale <= 0:
		if d.Unscaled.Sign() == 0 {
			return "0"
		}
		return sign + digits + strings.Repeat("0", -d.Scale)
	default:
		return sign + point(digits, d.Scale)
	}
}

// engineering writes d with an exponent that is a multiple of three, when it has
// one.
func (d BigDecimal) engineering() string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	exponent := -d.Scale + len(digits) - 1
	if d.Scale == 0 || d.Scale > 0 && exponent >= -6 {
		return d.String()
	}
	sign := ""
	if d.Unscaled.Sign() < 0 {
		sign = "-"
	}
	whole := (exponent%3+3)%3 + 1
	exponent -= whole - 1
	if d.Unscaled.Sign() == 0 {
		// A zero shows its scale as digits after the point.
		switch whole {
		case 2:
			digits, whole, exponent = "000", 1, exponent+3
		case 3:
			digits, whole, exponent = "00", 1, exponent+3
		}
	}
	if len(digits) < whole {
		digits += strings.Repeat("0", whole-len(digits))
	}
	s := sign + digits[:whole]
	if len(digits) > whole {
		s += "." + digits[whole:]
	}
	if exponent == 0 {
		return s
	}
	return s + "E" + map[bool]string{true: "+"}[exponent > 0] + strconv.Itoa(exponent)
}

// point puts a decimal point before the last scale digits.
func point(digits string, scale int) string {
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	return digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}
