package idp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// claim is a member of a token's payload.
type claim struct {
	name  string
	value any
}

// claims keep the order in which they were set.
type claims []claim

// set adds a claim, or gives one another value.
func (c *claims) set(name string, value any) {
	for i := range *c {
		if (*c)[i].name == name {
			(*c)[i].value = value
			return
		}
	}
	*c = append(*c, claim{name, value})
}

// MarshalJSON writes the claims as an object.
func (c claims) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range c {
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// sign makes a JSON Web Token with RS256. Its header is that of Cognito's tokens.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
func sign(key signingKey, payload claims) (string, error) {
	header := jws.NewHeaders()
	if err := header.Set(jws.KeyIDKey, key.kid); err != nil {
		return "", fmt.Errorf("header of a token: %w", err)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	token, err := jws.Sign(body, jws.WithKey(jwa.RS256(), key.private, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("signature of a token: %w", err)
	}
	return string(token), nil
}

// accessClaims are those of an access token that this package reads.
type accessClaims struct {
	Issuer    string `json:"iss"`
	Use       string `json:"token_use"`
	Username  string `json:"username"`
	ClientID  string `json:"client_id"`
	OriginJTI string `json:"origin_jti"`
	Scope     string `json:"scope"`
	Expires   int64  `json:"exp"`
}

// maxToken bounds an access token, in characters; Cognito's has the same limit.
const maxToken = 1 << 16

// isCompact reports whether a text has the characters of a token alone. Packages jws
// and jwe take more: padding, the other alphabet of base64, white space, JSON.
//
// See: https://www.rfc-editor.org/rfc/rfc7515#section-2
func isCompact(text string) bool {
	return strings.Trim(text, ".-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") == ""
}

// verifyAccess reads an access token that the key has signed. ok is false for
// anything else; whether it has expired is not looked at.
func verifyAccess(key signingKey, token string) (c accessClaims, ok bool) {
	if len(token) > maxToken || !isCompact(token) {
		return c, false
	}
	// What the header says needs no look: this package alone has the key.
	body, err := jws.Verify([]byte(token), jws.WithCompact(), jws.WithKey(jwa.RS256(), &key.private.PublicKey))
	if err != nil || json.Unmarshal(body, &c) != nil || c.Use != useAccess {
		return accessClaims{}, false
	}
	return c, true
}
