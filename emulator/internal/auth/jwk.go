package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// publicKey is a key of a JSON Web Key Set.
type publicKey struct {
	// key is an *rsa.PublicKey or *ecdsa.PublicKey.
	key crypto.PublicKey
	// algorithm is the one that the key is for; empty when the set does not say.
	algorithm string
}

// maxModulus is the length of an RSA key in bits at most: larger ones only cost
// time.
const maxModulus = 16384

// parseKeySet reads a JSON Web Key Set. Keys that are not for checking signatures,
// have no kid or are of no kind that tokens are signed with are left out.
//
// See: https://www.rfc-editor.org/rfc/rfc7517#section-5
func parseKeySet(text []byte) (map[string]publicKey, error) {
	// The set is not read by jwk.Parse, which takes a single key for a set.
	var set struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("this is no JSON Web Key Set: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New("this is no JSON Web Key Set: it has no keys")
	}
	out := make(map[string]publicKey, len(*set.Keys))
	for _, raw := range *set.Keys {
		if id, key, ok := parseKey(raw); ok {
			out[id] = key
		}
	}
	return out, nil
}

// besides are the members of a key that no signature is checked with. Package jwk
// would refuse a key for a certificate that it cannot read or an operation that it
// does not know.
var besides = [...]string{"key_ops", "x5u", "x5c", "x5t", "x5t#S256"}

// parseKey reads a key, and its kid. ok is false for one that is left out.
func parseKey(text []byte) (id string, key publicKey, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return "", publicKey{}, false
	}
	for _, name := range besides {
		delete(members, name)
	}
	text, err := json.Marshal(members)
	if err != nil {
		return "", publicKey{}, false
	}
	parsed, err := jwk.ParseKey(text)
	if err != nil {
		return "", publicKey{}, false
	}
	id, _ = parsed.KeyID()
	if use, _ := parsed.KeyUsage(); id == "" || use != "" && use != "sig" {
		return "", publicKey{}, false
	}
	raw, err := jwk.PublicRawKeyOf(parsed)
	if err != nil {
		return "", publicKey{}, false
	}
	switch raw := raw.(type) {
	case *rsa.PublicKey:
		if raw.N.BitLen() > maxModulus {
			return "", publicKey{}, false
		}
		key.key = raw
	case *ecdsa.PublicKey:
		key.key = raw
	default:
		return "", publicKey{}, false
	}
	if algorithm, has := parsed.Algorithm(); has {
		key.algorithm = algorithm.String()
	}
	return id, key, true
}
