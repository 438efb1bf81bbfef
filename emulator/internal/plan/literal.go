package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/scalar"
)

// javaText is a literal as the engine's classes print themselves; its messages
// show literals so.
func javaText(v *ast.Value) string {
	var b strings.Builder
	writeJava(&b, v)
	return b.String()
}

func writeJava(b *strings.Builder, v *ast.Value) {
	switch v.Kind {
	case ast.Variable:
		b.WriteString("VariableReference{name='" + v.Raw + "'}")
	case ast.IntValue:
		b.WriteString("IntValue{value=" + javaInteger(v.Raw) + "}")
	case ast.FloatValue:
		b.WriteString("FloatValue{value=" + javaDecimal(v.Raw) + "}")
	case ast.StringValue, ast.BlockValue:
		b.WriteString("StringValue{value='" + v.Raw + "'}")
	case ast.BooleanValue:
		b.WriteString("BooleanValue{value=" + v.Raw + "}")
	case ast.EnumValue:
		b.WriteString("EnumValue{name='" + v.Raw + "'}")
	case ast.NullValue:
		b.WriteString("NullValue{}")
	case ast.ListValue:
		b.WriteString("ArrayValue{values=[")
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJava(b, c.Value)
		}
		b.WriteString("]}")
	case ast.ObjectValue:
		b.WriteString("ObjectValue{objectFields=[")
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("ObjectField{name='" + c.Name + "', value=")
			writeJava(b, c.Value)
			b.WriteByte('}')
		}
		b.WriteString("]}")
	}
}

// javaInteger is BigInteger.toString of an integer literal, whose only other
// spelling is a negative zero.
func javaInteger(text string) string {
	if text == "-0" {
		return "0"
	}
	return text
}

// javaDecimal is BigDecimal.toString of a decimal literal: plain as long as the
// exponent is neither positive nor below -6.
func javaDecimal(text string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exp := 0
	if exponent != "" {
		n, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return text
		}
		exp = int(n)
	}
	scale := len(fraction) - exp
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		digits, sign = "0", ""
	}
	adjusted := len(digits) - 1 - scale
	switch {
	case scale == 0:
		return sign + digits
	case scale > 0 && adjusted >= -6:
		if pad := scale - len(digits) + 1; pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		point := len(digits) - scale
		return sign + digits[:point] + "." + digits[point:]
	}
	out := sign + digits[:1]
	if len(digits) > 1 {
		out += "." + digits[1:]
	}
	if adjusted != 0 {
		out += "E"
		if adjusted > 0 {
			out += "+"
		}
		out += strconv.Itoa(adjusted)
	}
	return out
}

// sameLiteral compares two literals as the engine does: decimals with their
// scale, objects with the order of their fields.
func sameLiteral(a, b *ast.Value) bool {
	if literalKind(a) != literalKind(b) || len(a.Children) != len(b.Children) {
		return false
	}
	switch a.Kind {
	case ast.IntValue:
		if javaInteger(a.Raw) != javaInteger(b.Raw) {
			return false
		}
	case ast.FloatValue:
		if javaDecimal(a.Raw) != javaDecimal(b.Raw) {
			return false
		}
	case ast.ListValue, ast.ObjectValue, ast.NullValue:
	default:
		if a.Raw != b.Raw {
			return false
		}
	}
	for i, c := range a.Children {
		if c.Name != b.Children[i].Name || !sameLiteral(c.Value, b.Children[i].Value) {
			return false
		}
	}
	return true
}

func literalKind(v *ast.Value) ast.ValueKind {
	if v.Kind == ast.BlockValue {
		return ast.StringValue
	}
	return v.Kind
}

// scalarLiteral is the kind under which a scalar sees a literal; ok is false
// for lists and objects, which no scalar takes.
func scalarLiteral(v *ast.Value) (kind scalar.LiteralKind, ok bool) {
	switch v.Kind {
	case ast.StringValue, ast.BlockValue:
		return scalar.StringLiteral, true
	case ast.IntValue:
		return scalar.IntLiteral, true
	case ast.FloatValue:
		return scalar.FloatLiteral, true
	case ast.BooleanValue:
		return scalar.BooleanLiteral, true
	case ast.EnumValue:
		return scalar.EnumLiteral, true
	}
	return 0, false
}

// javaSet orders distinct names as a HashSet iterates them, which is how the
// engine prints a set: by hash bucket, then by insertion.
func javaSet(names []string) string {
	capacity := 16
	for len(names)*4 > capacity*3 {
		capacity *= 2
	}
	ordered := slices.Clone(names)
	slices.SortStableFunc(ordered, func(a, b string) int {
		return javaBucket(a, capacity) - javaBucket(b, capacity)
	})
	return "[" + strings.Join(ordered, ", ") + "]"
}

// javaBucket is the bucket of a name in a HashMap. GraphQL names are ASCII, so
// bytes are the UTF-16 units that String.hashCode counts.
func javaBucket(name string, capacity int) int {
	var h uint32
	for i := 0; i < len(name); i++ {
		h = 31*h + uint32(name[i])
	}
	return int((h ^ h>>16) & uint32(capacity-1))
}
