package scalar

import (
	"appsync-emulator/mappingtemplate/value"
)

const jsonNoun = "valid JSON string."

type jsonScalar struct{}

func (jsonScalar) Name() string { return "AWSJSON" }

func (jsonScalar) Description() string {
	return "A string that holds JSON text (RFC 8259): a map, a list or a scalar, such as `\"{\\\"upvotes\\\": 10}\"` " +
		"or `\"[1,2,3]\"`. Resolvers see the parsed value."
}

func (jsonScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != StringLiteral {
		return nil, false
	}
	v, err := value.ParseJSON(text)
	return v, err == nil
}

func (jsonScalar) ParseValue(v any) (any, error) {
	text, ok := v.(string)
	if !ok {
		return nil, cannotParse(v, jsonNoun)
	}
	parsed, err := value.ParseJSON(text)
	if err != nil {
		return nil, cannotParse(v, jsonNoun)
	}
	return parsed, nil
}

// AppendResult always writes one JSON string. A string that holds JSON text
// goes out as it is; any other string is a JSON value that was parsed on its
// way in, so it is encoded again.
func (jsonScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	if text, ok := v.(string); ok {
		if !isJSON(text) {
			text = string(value.AppendJSONString(nil, text))
		}
		return value.AppendJSONString(dst, text), nil
	}
	return value.AppendJSONString(dst, value.JSON(v)), nil
}

func isJSON(text string) bool {
	_, err := value.ParseJSON(text)
	return err == nil
}
