package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/value"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// issuer is an OpenID Connect provider or user pool, in place of the network.
type issuer struct {
	url string

	mu       sync.Mutex // guards the rest
	keys     map[string]crypto.Signer
	asked    []string
	document string                    // instead of the discovery document
	keySet   string                    // instead of the keys
	fail     error                     // instead of answers
	status   int                       // 0 is 200
	during   func(*http.Request)       // runs while the client waits
	extra    map[string]map[string]any // members of a key, by its kid
}

// The keys of the tests, made once.
var (
	rsaKey, otherRSAKey = newRSAKey(), newRSAKey()
	ecKeys              = map[string]*ecdsa.PrivateKey{
		"ES256": newECKey(elliptic.P256()), "ES384": newECKey(elliptic.P384()), "ES512": newECKey(elliptic.P521()),
	}
)

func newRSAKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newECKey(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func newIssuer(url string) *issuer {
	return &issuer{url: url, keys: map[string]crypto.Signer{"k1": rsaKey}, extra: map[string]map[string]any{}}
}

var encoding = base64.RawURLEncoding

func encode(data []byte) string { return encoding.EncodeToString(data) }

// jwk is a public key as a JSON Web Key.
//
// See: https://www.rfc-editor.org/rfc/rfc7518#section-6
func jwk(kid string, key crypto.PublicKey) map[string]any {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "kid": kid, "use": "sig", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		half := (len(point) - 1) / 2
		return map[string]any{"kty": "EC", "kid": kid, "use": "sig", "crv": key.Curve.Params().Name,
			"x": encode(point[1 : 1+half]), "y": encode(point[1+half:])}
	}
	panic("no such key")
}

// RoundTrip implements http.RoundTripper.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = append(i.asked, r.URL.String())
	if i.during != nil {
		i.during(r)
	}
	if i.fail != nil {
		return nil, i.fail
	}
	var body string
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		if body = i.document; body == "" {
			text, _ := json.Marshal(map[string]any{"issuer": i.url, "jwks_uri": strings.TrimSuffix(i.url, "/") + "/keys"})
			body = string(text)
		}
	case strings.HasSuffix(r.URL.Path, "/keys"), strings.HasSuffix(r.URL.Path, "/.well-known/jwks.json"):
		if body = i.keySet; body == "" {
			keys := []any{}
			for kid, key := range i.keys {
				k := jwk(kid, key.Public())
				for name, v := range i.extra[kid] {
					k[name] = v
				}
				keys = append(keys, k)
			}
			text, _ := json.Marshal(map[string]any{"keys": keys})
			body = string(text)
		}
	default:
		return nil, fmt.Errorf("nothing is served at %s", r.URL)
	}
	status := i.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (i *issuer) requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.asked)
}

var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

// sign makes a token.
func sign(tb testing.TB, algorithm, kid string, key crypto.Signer, claims map[string]any) string {
	tb.Helper()
	return signWithHeader(tb, map[string]any{"alg": algorithm, "kid": kid, "typ": "JWT"}, key, claims)
}

func signWithHeader(tb testing.TB, header map[string]any, key crypto.Signer, claims map[string]any) string {
	tb.Helper()
	head, err := json.Marshal(header)
	if err != nil {
		tb.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	text := encode(head) + "." + encode(payload)
	algorithm := header["alg"].(string)
	hash, ok := hashes[algorithm[2:]]
	if !ok {
		return text + "." + encode([]byte("signature"))
	}
	h := hash.New()
	h.Write([]byte(text))
	digest := h.Sum(nil)
	var signature []byte
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if strings.HasPrefix(algorithm, "PS") {
			signature, err = rsa.SignPSS(rand.Reader, key, hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			signature, err = rsa.SignPKCS1v15(rand.Reader, key, hash, digest)
		}
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(rand.Reader, key, digest); err == nil {
			size := (key.Curve.Params().BitSize + 7) / 8
			signature = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + encode(signature)
}

// with returns claims with others put in; a nil value takes one out.
func with(claims map[string]any, changes ...any) map[string]any {
	out := map[string]any{}
	for name, v := range claims {
		out[name] = v
	}
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == nil {
			delete(out, changes[i].(string))
		} else {
			out[changes[i].(string)] = changes[i+1]
		}
	}
	return out
}

// caller authenticates requests to an API, and sees what is logged.
type caller struct {
	*auth.Authenticator
	log *bytes.Buffer
}

func newCaller(api *project.API, opt auth.Options) *caller {
	c := &caller{log: &bytes.Buffer{}}
	if opt.Now == nil {
		opt.Now = func() time.Time { return now }
	}
	if opt.Wall == nil {
		opt.Wall = opt.Now
	}
	if opt.HTTP == nil {
		opt.HTTP = &http.Client{Transport: noNetwork{}}
	}
	opt.Log = slog.New(slog.NewTextHandler(c.log, nil))
	c.Authenticator = auth.New(api, opt)
	return c
}

// noNetwork answers no request.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("there is no network here")
}

// ask authenticates an HTTP request with headers, names and values in turn.
func (c *caller) ask(headers ...string) (auth.Identity, *auth.Refusal) {
	req := &auth.Request{Header: http.Header{}, SourceIP: []string{"192.0.2.7"}}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return c.Authenticate(context.Background(), req)
}

func identityJSON(id auth.Identity) string { return value.JSON(id.Value) }

// outcome is an identity's JSON text, or a refusal.
func outcome(id auth.Identity, refusal *auth.Refusal) string {
	if refusal != nil {
		return fmt.Sprintf("%d %s: %s", refusal.Status, refusal.ErrorType, refusal.Message)
	}
	return identityJSON(id)
}

const (
	notAuthorized = "401 UnauthorizedException: You are not authorized to make this call."
	unauthorized  = "401 UnauthorizedException: Unauthorized"
	expired       = "401 UnauthorizedException: Token has expired."
	noToken       = "401 UnauthorizedException: Unable to parse JWT token."
	noHeader      = "401 UnauthorizedException: Valid authorization header not provided."
	missing       = "401 UnauthorizedException: Missing authorization header"
	badRequest    = "400 BadRequestException: "
)
