package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// fetchTimeout is how long an issuer has for its documents.
	fetchTimeout = 5 * time.Second
	// keysAge is after how long keys are fetched anew, so that those which the
	// issuer has taken back do not last.
	keysAge = time.Hour
	// refetchPause is how often tokens with unknown keys may have the keys fetched
	// anew, and retryPause how often an issuer is asked that did not answer.
	refetchPause = 10 * time.Second
	retryPause   = time.Second
	// maxDocument is the length of an issuer's documents at most.
	maxDocument = 1 << 20
)

// keyring holds the public keys of one issuer, which it fetches when they are
// needed. It is safe for concurrent use.
type keyring struct {
	// issuer is the issuer's URL.
	issuer string
	// keysURL is where the keys are; empty when the issuer's discovery document
	// says it.
	keysURL string
	client  *http.Client
	now     func() time.Time

	state atomic.Pointer[fetchedKeys]
	// turn is taken by the one request that fetches.
	turn chan struct{}
}

// fetchedKeys is what is known of an issuer.
type fetchedKeys struct {
	// issuer is the value of iss in its tokens.
	issuer string
	keys   map[string]publicKey
	// fetched is when the keys came; zero when they never did.
	fetched time.Time
	// tried is when they were last asked for, and err what came of it.
	tried time.Time
	err   error
}

func newKeyring(issuer, keysURL string, client *http.Client, now func() time.Time) *keyring {
	k := &keyring{issuer: issuer, keysURL: keysURL, client: client, now: now, turn: make(chan struct{}, 1)}
	k.state.Store(&fetchedKeys{issuer: issuer})
	return k
}

// settled reports whether there is nothing to gain from the issuer for a token
// that is signed with the key: the key is known, or it is too early to ask.
func (s *fetchedKeys) settled(keyID string, now time.Time) bool {
	_, known := s.keys[keyID]
	since := now.Sub(s.tried)
	switch {
	case s.tried.IsZero():
		return false
	case s.err != nil:
		return since < retryPause
	case known:
		return since < keysAge
	}
	return since < refetchPause
}

var errUnknownKey = errors.New("the issuer has no such key")

// key returns the key that a token names, and the iss claim of the issuer's
// tokens. When the issuer does not answer, the keys that it gave before are used.
func (k *keyring) key(ctx context.Context, keyID string) (key publicKey, issuer string, err error) {
	s := k.state.Load()
	if !s.settled(keyID, k.now()) {
		select {
		case k.turn <- struct{}{}:
		case <-ctx.Done():
			return publicKey{}, "", ctx.Err()
		}
		if s = k.state.Load(); !s.settled(keyID, k.now()) {
			s = k.fetch(ctx, s)
			k.state.Store(s)
		}
		<-k.turn
	}
	key, ok := s.keys[keyID]
	switch {
	case ok:
		return key, s.issuer, nil
	case s.err != nil:
		return publicKey{}, "", fmt.Errorf("its keys could not be fetched: %w", s.err)
	}
	return publicKey{}, "", errUnknownKey
}

// fetch asks the issuer for its keys.
func (k *keyring) fetch(ctx context.Context, before *fetchedKeys) *fetchedKeys {
	// Whoever asked may go; others wait for the same keys.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	out := *before
	keys, issuer, err := k.ask(ctx)
	out.tried, out.err = k.now(), err
	if err == nil {
		out.keys, out.issuer, out.fetched = keys, issuer, out.tried
	}
	return &out
}

func (k *keyring) ask(ctx context.Context) (keys map[string]publicKey, issuer string, err error) {
	keysURL, issuer := k.keysURL, k.issuer
	if keysURL == "" {
		if keysURL, issuer, err = k.discover(ctx); err != nil {
			return nil, "", err
		}
	}
	text, err := k.get(ctx, keysURL)
	if err != nil {
		return nil, "", err
	}
	if keys, err = parseKeySet(text); err != nil {
		return nil, "", fmt.Errorf("%s: %w", keysURL, err)
	}
	return keys, issuer, nil
}

// discover reads the issuer's discovery document.
//
// See: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
func (k *keyring) discover(ctx context.Context) (keysURL, issuer string, err error) {
	at := strings.TrimSuffix(k.issuer, "/") + "/.well-known/openid-configuration"
	text, err := k.get(ctx, at)
	if err != nil {
		return "", "", err
	}
	var document struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return "", "", fmt.Errorf("%s: this is no discovery document: %w", at, err)
	}
	u, err := url.Parse(document.JWKSURI)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", "", fmt.Errorf("%s: this is no discovery document: its jwks_uri is no URL", at)
	}
	if document.Issuer == "" {
		return "", "", fmt.Errorf("%s: this is no discovery document: it names no issuer", at)
	}
	return document.JWKSURI, document.Issuer, nil
}

func (k *keyring) get(ctx context.Context, at string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", at, resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("%s: the document is too large", at)
	}
	return text, nil
}
