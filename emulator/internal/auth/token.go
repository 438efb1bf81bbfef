package auth

import (
	"encoding/base64"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// tokenIssuer reads the iss claim of a JSON Web Token without checking its
// signature: it only tells which mode has to check it. A leading "Bearer " is
// accepted. ok is false when the text is not a token.
func tokenIssuer(authorization string) (issuer string, ok bool) {
	token := authorization
	if len(token) > 7 && strings.EqualFold(token[:7], "bearer ") {
		token = strings.TrimSpace(token[7:])
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", false
	}
	if _, ok := decodeObject(parts[0]); !ok {
		return "", false
	}
	claims, ok := decodeObject(parts[1])
	if !ok {
		return "", false
	}
	issuer, _ = claims.Value("iss").(string)
	return issuer, true
}

func decodeObject(part string) (*value.Map, bool) {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return nil, false
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		return nil, false
	}
	m, ok := v.(*value.Map)
	return m, ok
}
