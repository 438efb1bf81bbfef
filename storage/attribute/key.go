package attribute

import (
	"bytes"
	"fmt"
	"strings"
)

// The key codec turns key values into bytes whose lexicographic order is the
// order of the values, as DynamoDB sorts them: S and B by their bytes, N by
// value. No encoding is a prefix of another one of its kind, so encodings can be
// concatenated into composite keys that keep the order of their parts.
//
// S and B: the bytes, with 0x00 written as 0x00 0xFF, closed by 0x00 0x01.
//
// N: 0x02 for zero. Else 0x03, the exponent of the first digit plus 130, the
// significant digits in pairs, each plus one, closed by 0x00. A negative number
// is 0x01 and the complement of all bytes after the first.
//
// The encoding is part of the file format: changing it needs a new version.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html#HowItWorks.CoreComponents.PrimaryKey

const (
	keyEscape     = 0x00
	keyEscaped    = 0xFF // after keyEscape: a 0x00 byte of the text
	keyTerminator = 0x01 // after keyEscape: the end of the text

	keyNegative = 0x01
	keyZero     = 0x02
	keyPositive = 0x03

	keyDigitsEnd         = 0x00
	keyNegativeDigitsEnd = 0xFF
)

// AppendKey appends the order-preserving encoding of v, which must be of kind S,
// N or B. Other kinds, and numbers outside of DynamoDB's range, are an error.
func AppendKey(dst []byte, v Value) ([]byte, error) {
	switch v.kind {
	case S, B:
		dst = AppendKeyPrefix(dst, v)
		return append(dst, keyEscape, keyTerminator), nil
	case N:
		return appendNumberKey(dst, v.text)
	default:
		return dst, fmt.Errorf("attribute: %s is not a key type", v.kind)
	}
}

// AppendKeyPrefix appends what the encodings of all S or B values that begin
// with v begin with.
func AppendKeyPrefix(dst []byte, v Value) []byte {
	text := v.text
	for {
		i := strings.IndexByte(text, keyEscape)
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		dst = append(dst, keyEscape, keyEscaped)
		text = text[i+1:]
	}
}

func appendNumberKey(dst []byte, text string) ([]byte, error) {
	if !isPlainDecimal(text) {
		v, err := ParseNumber(text)
		if err != nil {
			return dst, fmt.Errorf("attribute: encode key: %w", err)
		}
		text = v.text
	}
	digits, exponent, negative := significantDigits(text)
	if digits == 0 {
		return append(dst, keyZero), nil
	}
	if digits > maxNumberDigits || exponent < minNumberExponent || exponent > maxNumberExponent {
		return dst, fmt.Errorf("attribute: encode key: number out of range: %.60s", text)
	}
	start := len(dst)
	dst = append(dst, keyPositive, byte(exponent-minNumberExponent))
	var pair, seen byte
	for i := 0; digits > 0; i++ {
		c := text[i]
		if !isDigit(c) || (seen == 0 && len(dst) == start+2 && c == '0') {
			continue // sign, point, or a zero before the first digit
		}
		digits--
		if seen == 0 {
			pair, seen = (c-'0')*10, 1
			continue
		}
		dst = append(dst, pair+(c-'0')+1)
		pair, seen = 0, 0
	}
	if seen == 1 {
		dst = append(dst, pair+1)
	}
	dst = append(dst, keyDigitsEnd)
	if negative {
		dst[start] = keyNegative
		for i := start + 1; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst, nil
}

// isPlainDecimal reports whether text is a decimal number without exponent or
// plus sign.
func isPlainDecimal(text string) bool {
	digits, points := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			digits++
		case c == '.':
			points++
		case c == '-' && i == 0:
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// SkipKey returns what follows the encoding of a key value of the given kind at
// the start of b, and false when b does not start with one.
func SkipKey(b []byte, kind Kind) ([]byte, bool) {
	switch kind {
	case S, B:
		for {
			i := bytes.IndexByte(b, keyEscape)
			if i < 0 || i+1 >= len(b) {
				return nil, false
			}
			mark := b[i+1]
			b = b[i+2:]
			switch mark {
			case keyTerminator:
				return b, true
			case keyEscaped:
			default:
				return nil, false
			}
		}
	case N:
		if len(b) == 0 {
			return nil, false
		}
		var end byte
		switch b[0] {
		case keyZero:
			return b[1:], true
		case keyPositive:
			end = keyDigitsEnd
		case keyNegative:
			end = keyNegativeDigitsEnd
		default:
			return nil, false
		}
		if len(b) < 3 {
			return nil, false
		}
		// The exponent may be any byte, also the one that ends the digits.
		i := bytes.IndexByte(b[2:], end)
		if i < 0 {
			return nil, false
		}
		return b[2+i+1:], true
	default:
		return nil, false
	}
}
