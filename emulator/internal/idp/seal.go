package idp

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxSealed bounds what is unsealed, in characters.
const maxSealed = 8192

// seal encrypts a value for nobody but this provider: sessions and the secret
// blocks of password proofs, which clients carry to and fro.
func seal(with cipher.AEAD, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, with.NonceSize())
	rand.Read(nonce) // never fails
	return base64.StdEncoding.EncodeToString(with.Seal(nonce, nonce, plain, nil)), nil
}

// unseal is the reverse of seal. ok is false for anything that was not sealed
// with the same key.
func unseal(with cipher.AEAD, text string, v any) (ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(text) > maxSealed || len(raw) < with.NonceSize() {
		return false
	}
	plain, err := with.Open(nil, raw[:with.NonceSize()], raw[with.NonceSize():], nil)
	return err == nil && json.Unmarshal(plain, v) == nil
}

// encryptedHeader is that of refresh tokens, which are JSON Web Encryption as
// Cognito's are. Only the provider reads them, so that the key is shared.
//
// See: https://datatracker.ietf.org/doc/html/rfc7516
var encryptedHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"cty":"JWT","enc":"A256GCM","alg":"dir"}`))

func encryptToken(with cipher.AEAD, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, with.NonceSize())
	rand.Read(nonce) // never fails
	sealed := with.Seal(nil, nonce, plain, []byte(encryptedHeader))
	text, tag := sealed[:len(sealed)-with.Overhead()], sealed[len(sealed)-with.Overhead():]
	encode := base64.RawURLEncoding.EncodeToString
	return strings.Join([]string{encryptedHeader, "", encode(nonce), encode(text), encode(tag)}, "."), nil
}

func decryptToken(with cipher.AEAD, token string, v any) (ok bool) {
	parts := strings.Split(token, ".")
	if len(token) > maxSealed || len(parts) != 5 || parts[0] != encryptedHeader || parts[1] != "" {
		return false
	}
	var raw [3][]byte
	for i, part := range parts[2:] {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return false
		}
	}
	if len(raw[0]) != with.NonceSize() {
		return false
	}
	plain, err := with.Open(nil, raw[0], append(raw[1], raw[2]...), []byte(encryptedHeader))
	return err == nil && json.Unmarshal(plain, v) == nil
}
