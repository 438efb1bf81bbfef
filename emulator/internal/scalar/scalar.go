package scalar

// LiteralKind is the kind of a literal in query text.
type LiteralKind uint8

// The kinds of scalar literals. Other literals (lists, objects, null) never
// reach a scalar.
const (
	StringLiteral LiteralKind = iota + 1
	IntLiteral
	FloatLiteral
	BooleanLiteral
	EnumLiteral
)

// Scalar is the coercion of one scalar type. Values are those of package
// mappingtemplate/value. A Scalar is stateless.
type Scalar interface {
	// Name is the type name.
	Name() string
	// Description is what introspection says about the type.
	Description() string
	// ParseLiteral coerces a literal; text is its value (a string's content
	// after unescaping, the digits of a number). ok is false when the literal
	// is not a valid value of the type.
	ParseLiteral(kind LiteralKind, text string) (v any, ok bool)
	// ParseValue coerces a variable, never null. The error text is the reason
	// alone, such as "Expected type 'Int' but was 'Long'." or "Unable to parse
	// `x` as a valid date.".
	ParseValue(v any) (any, error)
	// AppendResult coerces a resolved value, never null, and appends it as
	// JSON. The error text is the reason alone: "Unable to serialize `x` as a
	// valid date.".
	AppendResult(dst []byte, v any) ([]byte, error)
}
