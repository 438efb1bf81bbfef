package dynamodb

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"appsync-emulator/storage/attribute"
)

// Tokens seals the keys at which reads continue into the opaque nextToken of
// AppSync. A token is encrypted and opens only for the resolver that it was
// made for, so that one can neither read keys from it nor carry it elsewhere.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-query.html
type Tokens struct {
	aead  cipher.AEAD
	nonce []byte // key of the nonce function
}

// NewTokens returns the tokens of one API under a secret of any length. Equal
// secrets open each other's tokens.
func NewTokens(secret []byte) (*Tokens, error) {
	block, err := aes.NewCipher(derive(secret, "encrypt"))
	if err != nil {
		return nil, fmt.Errorf("page tokens: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("page tokens: %w", err)
	}
	return &Tokens{aead: aead, nonce: derive(secret, "nonce")}, nil
}

func derive(secret []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

const (
	tokenPrefix = `{"version":2,"token":"`
	tokenSuffix = `"}`
)

var errToken = errors.New("invalid pagination token")

// Seal returns the token of a key. Sealing one key twice gives one token: the
// nonce is derived from what is sealed, which keeps answers reproducible.
func (t *Tokens) Seal(scope string, key *attribute.Item) string {
	plain := attribute.AppendItemJSON(nil, key)
	mac := hmac.New(sha256.New, t.nonce)
	mac.Write([]byte(scope))
	mac.Write([]byte{0})
	mac.Write(plain)
	nonce := mac.Sum(nil)[:t.aead.NonceSize()]
	sealed := t.aead.Seal(nonce, nonce, plain, []byte(scope))
	inner := base64.StdEncoding.EncodeToString(sealed)
	return base64.StdEncoding.EncodeToString([]byte(tokenPrefix + inner + tokenSuffix))
}

// Open returns the key of a token that Seal made for the same scope.
func (t *Tokens) Open(scope, token string) (*attribute.Item, error) {
	outer, ok := decode(token)
	if !ok {
		return nil, errToken
	}
	inner, ok := strings.CutPrefix(string(outer), tokenPrefix)
	if !ok {
		return nil, errToken
	}
	inner, ok = strings.CutSuffix(inner, tokenSuffix)
	if !ok {
		return nil, errToken
	}
	sealed, ok := decode(inner)
	if !ok || len(sealed) < t.aead.NonceSize() {
		return nil, errToken
	}
	n := t.aead.NonceSize()
	plain, err := t.aead.Open(nil, sealed[:n], sealed[n:], []byte(scope))
	if err != nil {
		return nil, errToken
	}
	key, err := attribute.ParseItemJSON(plain)
	if err != nil {
		return nil, errToken
	}
	return key, nil
}

// decode takes Base64 in its one canonical form: a token that was altered is
// refused, also where it would mean the same.
func decode(s string) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil
}
