package schema

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// ParseEnum coerces a variable, never null, to a value of the enum t. The error
// text is the reason alone, in the words of graphql-java 9.
func (t *Type) ParseEnum(v any) (string, error) {
	name := value.ToString(v)
	if !t.HasEnumValue(name) {
		return "", errors.New("Invalid input for Enum '" + t.Name + "'. No value found for name '" + name + "'")
	}
	return name, nil
}

// AppendEnum coerces a resolved value, never null, to a value of the enum t and
// appends it as JSON. The error text is the reason alone.
func (t *Type) AppendEnum(dst []byte, v any) ([]byte, error) {
	name, ok := v.(string)
	if !ok || !t.HasEnumValue(name) {
		return dst, errors.New("Invalid input for Enum '" + t.Name + "'. Unknown value '" + value.ToString(v) + "'")
	}
	// A name needs no escaping.
	dst = append(dst, '"')
	dst = append(dst, name...)
	return append(dst, '"'), nil
}
