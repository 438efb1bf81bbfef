package scalar

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// textScalar is an AWS scalar whose values are strings in some format. Values
// pass through unchanged once they have been checked.
type textScalar struct {
	name        string
	description string
	// noun ends the messages: "valid date."
	noun  string
	valid func(text string) bool
}

func (s *textScalar) Name() string { return s.name }

func (s *textScalar) Description() string { return s.description }

func (s *textScalar) ParseLiteral(kind LiteralKind, text string) (any, bool) {
	if kind != StringLiteral || !s.valid(text) {
		return nil, false
	}
	return text, true
}

func (s *textScalar) ParseValue(v any) (any, error) {
	if text, ok := v.(string); ok && s.valid(text) {
		return v, nil
	}
	return nil, cannotParse(v, s.noun)
}

func (s *textScalar) AppendResult(dst []byte, v any) ([]byte, error) {
	if text, ok := v.(string); ok && s.valid(text) {
		return value.AppendJSONString(dst, text), nil
	}
	return dst, cannotSerialize(v, s.noun)
}

// cannotParse is the reason for refusing a variable. Recorded:
// amplify-cli#2033, amplify-swift#278.
func cannotParse(v any, noun string) error {
	return errors.New("Unable to parse `" + value.ToString(v) + "` as a " + noun)
}

// cannotSerialize is the reason for refusing a result. Recorded:
// amplify-js#5963, amplify-category-api#354.
func cannotSerialize(v any, noun string) error {
	return errors.New("Unable to serialize `" + value.ToString(v) + "` as a " + noun)
}
