package idp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
)

// sealingKeySize is the length of the keys that seal, in bytes.
const sealingKeySize = 32

// maxSealed bounds what is unsealed, in characters.
const maxSealed = 8192

// newSealer returns AES-GCM with a key of sealingKeySize bytes.
func newSealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

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

// encryptToken makes a refresh token, which is JSON Web Encryption as Cognito's are.
// Only the provider reads them, so that both sides have the same key.
//
// See: https://www.rfc-editor.org/rfc/rfc7518#section-4.5
func encryptToken(key []byte, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	header := jwe.NewHeaders()
	if err := header.Set(jwe.ContentTypeKey, "JWT"); err != nil {
		return "", fmt.Errorf("header of a refresh token: %w", err)
	}
	token, err := jwe.Encrypt(plain, jwe.WithKey(jwa.DIRECT(), key), jwe.WithContentEncryption(jwa.A256GCM()), jwe.WithProtectedHeaders(header))
	if err != nil {
		return "", fmt.Errorf("encryption of a refresh token: %w", err)
	}
	return string(token), nil
}

// decryptToken reads a refresh token. ok is false for anything that was not
// encrypted with the same key.
func decryptToken(key []byte, token string, v any) (ok bool) {
	// A shared key leaves the second part empty, which package jwe does not ask for.
	_, rest, _ := strings.Cut(token, ".")
	if len(token) > maxSealed || !isCompact(token) || !strings.HasPrefix(rest, ".") {
		return false
	}
	plain, err := jwe.Decrypt([]byte(token), jwe.WithKey(jwa.DIRECT(), key))
	return err == nil && json.Unmarshal(plain, v) == nil
}
