package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// publicKey is a key of a JSON Web Key Set.
type publicKey struct {
	key crypto.PublicKey
	// algorithm is the one that the key is for; empty when the set does not say.
	algorithm string
}

// jsonWebKey is a key as it is written.
//
// See: https://www.rfc-editor.org/rfc/rfc7517, https://www.rfc-editor.org/rfc/rfc7518#section-6
type jsonWebKey struct {
	Type      string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	N         string `json:"n"`
	E         string `json:"e"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

// parseKeySet reads a JSON Web Key Set. Keys that are not for checking signatures,
// have no kid or are of no kind that tokens are signed with are left out.
func parseKeySet(text []byte) (map[string]publicKey, error) {
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
		var k jsonWebKey
		if json.Unmarshal(raw, &k) != nil || k.ID == "" || k.Use != "" && k.Use != "sig" {
			continue
		}
		key, err := k.public()
		if err != nil {
			continue
		}
		out[k.ID] = publicKey{key: key, algorithm: k.Algorithm}
	}
	return out, nil
}

var errKey = errors.New("this is no public key of a known kind")

func (k *jsonWebKey) public() (crypto.PublicKey, error) {
	switch k.Type {
	case "RSA":
		n, ok1 := decodeSegment(k.N)
		e, ok2 := decodeSegment(k.E)
		exponent := new(big.Int).SetBytes(e)
		const maxBytes = 16384 / 8 // larger ones only cost time
		if !ok1 || !ok2 || len(n) == 0 || len(n) > maxBytes || !exponent.IsInt64() || exponent.Int64() < 3 || exponent.Int64() > 1<<31-1 {
			return nil, errKey
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
	case "EC":
		curve := curveOf(k.Curve)
		x, ok1 := decodeSegment(k.X)
		y, ok2 := decodeSegment(k.Y)
		if curve == nil || !ok1 || !ok2 {
			return nil, errKey
		}
		size := (curve.Params().BitSize + 7) / 8
		if len(x) != size || len(y) != size {
			return nil, errKey
		}
		return ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
	}
	return nil, errKey
}

func curveOf(name string) elliptic.Curve {
	switch name {
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	}
	return nil
}
