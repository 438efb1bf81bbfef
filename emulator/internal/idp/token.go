package idp

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
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
	header, err := json.Marshal(struct {
		KeyID     string `json:"kid"`
		Algorithm string `json:"alg"`
	}{key.kid, "RS256"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode(header) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + encode(signature), nil
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

// verifyAccess reads an access token that the key has signed. ok is false for
// anything else; whether it has expired is not looked at.
func verifyAccess(key signingKey, token string) (c accessClaims, ok bool) {
	if len(token) > maxToken {
		return c, false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	decode := base64.RawURLEncoding.DecodeString
	header, err := decode(parts[0])
	if err != nil {
		return c, false
	}
	var h struct {
		KeyID     string `json:"kid"`
		Algorithm string `json:"alg"`
	}
	if json.Unmarshal(header, &h) != nil || h.KeyID != key.kid || h.Algorithm != "RS256" {
		return c, false
	}
	signature, err := decode(parts[2])
	if err != nil {
		return c, false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&key.private.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return c, false
	}
	body, err := decode(parts[1])
	if err != nil || json.Unmarshal(body, &c) != nil || c.Use != useAccess {
		return accessClaims{}, false
	}
	return c, true
}
