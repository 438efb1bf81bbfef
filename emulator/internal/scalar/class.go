package scalar

import (
	"errors"
	"math/big"

	"appsync-emulator/mappingtemplate/value"
)

// ClassName is the simple name of the Java class of a template value, as
// graphql-java prints it in its messages; "null" for null.
func ClassName(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "Boolean"
	case string:
		return "String"
	case int32:
		return "Integer"
	case int64:
		return "Long"
	case *big.Int:
		return "BigInteger"
	case float64:
		return "Double"
	case value.Decimal:
		return "BigDecimal"
	case *value.List:
		return "ArrayList"
	case *value.Map:
		return "LinkedHashMap"
	case *value.Set:
		return "LinkedHashSet"
	case *value.Entry:
		return "Entry"
	case *value.Array:
		if v.Type == "[Ljava.lang.String;" {
			return "String[]"
		}
		return "Object[]"
	default:
		return "Object"
	}
}

// wrongType words a refusal of the built-in scalars as graphql-java 9 does.
func wrongType(name string, v any) error {
	return errors.New("Expected type '" + name + "' but was '" + ClassName(v) + "'.")
}
