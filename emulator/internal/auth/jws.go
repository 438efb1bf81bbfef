package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // RS256, PS256 and ES256
	_ "crypto/sha512" // the others
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

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

	signed    string // the text that the signature is of
	signature []byte
	// checkedWith is the key that the signature has been found right with; nil
	// before.
	checkedWith crypto.PublicKey
}

// parseToken reads a token in the compact form.
func parseToken(text string) (*token, bool) {
	head, rest, ok1 := strings.Cut(text, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return nil, false
	}
	header, ok1 := decodeObject(head)
	claims, ok2 := decodeObject(payload)
	sig, ok3 := decodeSegment(signature)
	if !ok1 || !ok2 || !ok3 {
		return nil, false
	}
	t := &token{claims: claims, signed: text[:len(head)+1+len(payload)], signature: sig}
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

// family is a kind of signature.
type family uint8

const (
	pkcs1v15 family = iota + 1
	pss
	ecdsaPair
)

type signatureAlgorithm struct {
	family family
	hash   crypto.Hash
	// curve is the size of an ECDSA key in bits.
	curve int
}

// algorithms are those of tokens that anybody can check. What is signed with a
// shared secret, or not at all, is not among them.
//
// See: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
func algorithms(name string) (signatureAlgorithm, bool) {
	switch name {
	case "RS256":
		return signatureAlgorithm{family: pkcs1v15, hash: crypto.SHA256}, true
	case "RS384":
		return signatureAlgorithm{family: pkcs1v15, hash: crypto.SHA384}, true
	case "RS512":
		return signatureAlgorithm{family: pkcs1v15, hash: crypto.SHA512}, true
	case "PS256":
		return signatureAlgorithm{family: pss, hash: crypto.SHA256}, true
	case "PS384":
		return signatureAlgorithm{family: pss, hash: crypto.SHA384}, true
	case "PS512":
		return signatureAlgorithm{family: pss, hash: crypto.SHA512}, true
	case "ES256":
		return signatureAlgorithm{family: ecdsaPair, hash: crypto.SHA256, curve: 256}, true
	case "ES384":
		return signatureAlgorithm{family: ecdsaPair, hash: crypto.SHA384, curve: 384}, true
	case "ES512":
		return signatureAlgorithm{family: ecdsaPair, hash: crypto.SHA512, curve: 521}, true
	}
	return signatureAlgorithm{}, false
}

var (
	errAlgorithm = errors.New("the algorithm is not accepted")
	errCritical  = errors.New("its header names critical extensions")
	errSignature = errors.New("the signature is wrong")
)

// verify checks the signature of a token with a public key, which must be of the
// kind that the algorithm of the token's header asks for.
func (t *token) verify(key crypto.PublicKey) error {
	if t.critical {
		return errCritical
	}
	a, ok := algorithms(t.algorithm)
	if !ok {
		return errAlgorithm
	}
	h := a.hash.New()
	_, _ = h.Write([]byte(t.signed))
	digest := h.Sum(nil)
	switch key := key.(type) {
	case *rsa.PublicKey:
		switch a.family {
		case pkcs1v15:
			if rsa.VerifyPKCS1v15(key, a.hash, digest, t.signature) != nil {
				return errSignature
			}
			return nil
		case pss:
			if rsa.VerifyPSS(key, a.hash, digest, t.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) != nil {
				return errSignature
			}
			return nil
		}
	case *ecdsa.PublicKey:
		if a.family != ecdsaPair || key.Curve.Params().BitSize != a.curve {
			break
		}
		size := (a.curve + 7) / 8
		if len(t.signature) != 2*size {
			return errSignature
		}
		r, s := new(big.Int).SetBytes(t.signature[:size]), new(big.Int).SetBytes(t.signature[size:])
		if !ecdsa.Verify(key, digest, r, s) {
			return errSignature
		}
		return nil
	}
	return fmt.Errorf("%w: the key is not one for %s", errAlgorithm, t.algorithm)
}
