package scalar

import "github.com/nyaruka/phonenumbers"

func awsPhone() Scalar {
	return &textScalar{
		name: "AWSPhone",
		description: "A phone number, as a string. Groups of digits may be separated by spaces or hyphens. " +
			"A number without a country code is taken as one of the United States.",
		noun:  "valid phone number.",
		valid: validPhone,
	}
}

// longestPhone bounds what is handed to libphonenumber, as that library does.
const longestPhone = 250

func validPhone(text string) bool {
	if len(text) > longestPhone {
		return false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c), c == ' ', c == '-':
		case c == '(', c == ')', c == '.', c == '/':
			// Other separators that libphonenumber knows.
		case c == '+' && i == 0:
		default:
			// Vanity numbers, extensions and RFC 3966 parameters, which
			// libphonenumber would take.
			return false
		}
	}
	number, err := phonenumbers.Parse(text, "US")
	return err == nil && phonenumbers.IsValidNumber(number)
}
