package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"appsync-emulator/mappingtemplate/value"
)

// maxToken bounds what is taken for a token: no issuer's come near it.
const maxToken = 64 << 10

// token is a JSON Web Token whose signature has not been checked.
//
// See: https://www.rfc-editor.org/rfc/rfc7515 (JWS), https://www.rfc-editor.org/rfc/rfc7519 (JWT)
type token struct {
	algorithm string
	keyID     string
	claims    *value.Map
	issuer    string
	// critical tells that the header names extensions that must be understood.
	critical bool

	// text is the token in the compact form.
	text string
	// checkedWith is the key that the signature has been found right with; nil
	// before.
	checkedWith crypto.PublicKey
}

// parseToken reads a token in the compact form. It is stricter than package jws,
// which takes base64 with padding, of either alphabet and with loose bits, and has
// no place for headers whose alg it does not know: such tokens are told apart from
// those that are none.
func parseToken(text string) (*token, bool) {
	head, rest, ok1 := strings.Cut(text, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return nil, false
	}
	header, ok1 := decodeObject(head)
	claims, ok2 := decodeObject(payload)
	_, ok3 := decodeSegment(signature)
	if !ok1 || !ok2 || !ok3 {
		return nil, false
	}
	t := &token{claims: claims, text: text}
	if t.algorithm, ok1 = header.Value("alg").(string); !ok1 {
		return nil, false
	}
	t.keyID, _ = header.Value("kid").(string)
	t.critical = header.Has("crit")
	t.issuer, _ = claims.Value("iss").(string)
	return t, true
}

// withoutBearer takes a leading "Bearer " off.
func withoutBearer(authorization string) string {
	const scheme = "bearer "
	if len(authorization) > len(scheme) && strings.EqualFold(authorization[:len(scheme)], scheme) {
		return strings.TrimSpace(authorization[len(scheme):])
	}
	return authorization
}

// segments is base64url without padding, and without the line breaks that
// package base64 skips.
var segments = base64.RawURLEncoding.Strict()

func decodeSegment(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	data, err := segments.DecodeString(text)
	return data, err == nil
}

func decodeObject(text string) (*value.Map, bool) {
	data, ok := decodeSegment(text)
	if !ok {
		return nil, false
	}
	v, err := value.ParseJSON(string(data))
	if err != nil {
		return nil, false
	}
	m, ok := v.(*value.Map)
	return m, ok
}

// algorithmsOf are the algorithms of signatures that a public key can check. What
// is signed with a shared secret, or not at all, is not among them, and each curve
// has an algorithm of its own, which package jws does not ask for.
//
// See: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
func algorithmsOf(key crypto.PublicKey) []jwa.SignatureAlgorithm {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return []jwa.SignatureAlgorithm{jwa.RS256(), jwa.RS384(), jwa.RS512(), jwa.PS256(), jwa.PS384(), jwa.PS512()}
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return []jwa.SignatureAlgorithm{jwa.ES256()}
		case elliptic.P384():
			return []jwa.SignatureAlgorithm{jwa.ES384()}
		case elliptic.P521():
			return []jwa.SignatureAlgorithm{jwa.ES512()}
		}
	}
	return nil
}

var (
	errAlgorithm = errors.New("the algorithm is not accepted")
	errCritical  = errors.New("its header names critical extensions")
	errSignature = errors.New("the signature is wrong")
)

// verify checks the signature of a token with a public key, which must be of the
// kind that the algorithm of the token's header asks for.
func (t *token) verify(key crypto.PublicKey) error {
	if t.critical { // package jws lets them pass unless it is told otherwise
		return errCritical
	}
	for _, algorithm := range algorithmsOf(key) {
		if algorithm.String() != t.algorithm {
			continue
		}
		if _, err := jws.Verify([]byte(t.text), jws.WithCompact(), jws.WithKey(algorithm, key)); err != nil {
			// The error is not passed on: it may quote the token.
			return errSignature
		}
		return nil
	}
	return fmt.Errorf("%w: the key is not one for %s", errAlgorithm, shown(t.algorithm))
}
