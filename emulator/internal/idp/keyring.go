package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
)

// keyFile holds the keys in a provider's folder.
const keyFile = "keys.pem"

const (
	signingBlock = "PRIVATE KEY"
	sealingBlock = "SECRET KEY"
)

// keys are what a provider signs and seals with. As in Cognito, ID tokens and
// access tokens have keys of their own.
type keys struct {
	id, access signingKey
	refresh    []byte // of sealingKeySize
}

type signingKey struct {
	kid     string
	private *rsa.PrivateKey
}

// keyring has the keys when they are first asked for, for making them takes a
// moment.
type keyring struct {
	// dir is the folder that keeps them; empty keeps them in memory.
	dir string

	mu   sync.Mutex // guards keys
	keys *keys
}

// get returns the keys, which are made when there are none.
func (r *keyring) get() (*keys, error) { return r.open(true) }

// present returns the keys if there are any: without them nothing was signed.
func (r *keyring) present() (*keys, error) { return r.open(false) }

func (r *keyring) open(create bool) (*keys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys != nil {
		return r.keys, nil
	}
	k, err := openKeys(r.dir, create)
	if err != nil {
		return nil, err
	}
	r.keys = k
	return k, nil
}

// openKeys reads the keys of a folder. Without create it returns nil where there
// are none.
func openKeys(dir string, create bool) (*keys, error) {
	if dir == "" {
		if !create {
			return nil, nil
		}
		text, err := makeKeys()
		if err != nil {
			return nil, err
		}
		return parseKeys(text)
	}
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, nil
		}
		if text, err = makeKeys(); err == nil {
			err = writeNew(path, text)
		}
		if errors.Is(err, fs.ErrExist) { // another process was first
			text, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("keys of the user pools: %w", err)
	}
	k, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("keys of the user pools: %s: %w; remove it to have new ones made", path, err)
	}
	return k, nil
}

// makeKeys makes the content of a key file: the keys of ID tokens, of access
// tokens and of refresh tokens.
func makeKeys() ([]byte, error) {
	var text []byte
	for range 2 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: signingBlock, Bytes: der})...)
	}
	secret := make([]byte, sealingKeySize)
	rand.Read(secret) // never fails
	return append(text, pem.EncodeToMemory(&pem.Block{Type: sealingBlock, Bytes: secret})...), nil
}

var errKeyFile = errors.New("the file is damaged")

func parseKeys(text []byte) (*keys, error) {
	var signing []signingKey
	k := &keys{}
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		switch block.Type {
		case signingBlock:
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			private, ok := parsed.(*rsa.PrivateKey)
			if err != nil || !ok {
				return nil, errKeyFile
			}
			signing = append(signing, signingKey{kid: keyID(&private.PublicKey), private: private})
		case sealingBlock:
			k.refresh = block.Bytes
		}
	}
	if len(signing) != 2 || len(k.refresh) != sealingKeySize {
		return nil, errKeyFile
	}
	k.id, k.access = signing[0], signing[1]
	return k, nil
}

// keyID is a digest in the form of Cognito's key ids.
func keyID(public *rsa.PublicKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(public))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// publicKeys is the JSON Web Key Set of a provider: the key of ID tokens and that of
// access tokens, in this order. They are made when there are none.
func (r *keyring) publicKeys() (jwk.Set, error) {
	k, err := r.get()
	if err != nil {
		return nil, err
	}
	set := jwk.NewSet()
	for _, s := range []signingKey{k.id, k.access} {
		key, err := s.public()
		if err == nil {
			err = set.AddKey(key)
		}
		if err != nil {
			return nil, fmt.Errorf("keys of the user pools: %w", err)
		}
	}
	return set, nil
}

// public is the key as it is published.
func (s signingKey) public() (jwk.Key, error) {
	key, err := jwk.Import(&s.private.PublicKey)
	if err != nil {
		return nil, err
	}
	return key, errors.Join(key.Set(jwk.KeyIDKey, s.kid), key.Set(jwk.AlgorithmKey, jwa.RS256()), key.Set(jwk.KeyUsageKey, jwk.ForSignature))
}
