package auth_test

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

// keysOf is an OpenID Connect API and its issuer, with a clock to move.
func keysOf(i *issuer) (c *caller, wall *time.Time) {
	at := now
	return newCaller(&project.API{Auth: oidc}, auth.Options{
		HTTP: &http.Client{Transport: i}, Wall: func() time.Time { return at },
	}), &at
}

func TestKeysAreFetchedOnce(t *testing.T) {
	i := newIssuer(oidc.Issuer)
	c, wall := keysOf(i)
	for n := range 5 {
		claims := with(oidcClaims(), "n", n) // none is remembered
		if got := outcome(c.ask("Authorization", sign(t, "RS256", "k1", rsaKey, claims))); !strings.HasPrefix(got, "{") {
			t.Fatal(got)
		}
		*wall = wall.Add(time.Minute)
	}
	want := "https://issuer.example/.well-known/openid-configuration https://issuer.example/keys"
	if got := strings.Join(i.asked, " "); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	pool := newIssuer(poolIssuer)
	cognito := newCaller(&project.API{Auth: userPool}, auth.Options{HTTP: &http.Client{Transport: pool}})
	if got := outcome(cognito.ask("Authorization", sign(t, "RS256", "k1", rsaKey, poolClaims("id")))); !strings.HasPrefix(got, "{") {
		t.Fatal(got)
	}
	if got, want := strings.Join(pool.asked, " "), poolIssuer+"/.well-known/jwks.json"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestKeysAreRotated(t *testing.T) {
	i := newIssuer(oidc.Issuer)
	c, wall := keysOf(i)
	old := sign(t, "RS256", "k1", rsaKey, oidcClaims())
	fresh := sign(t, "RS256", "k2", otherRSAKey, oidcClaims())
	ask := func(what, token, want string, requests int) {
		t.Helper()
		before := i.requests()
		if got := outcome(c.ask("Authorization", token)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s\n%s", what, got, want, c.log)
		}
		if n := i.requests() - before; n != requests {
			t.Errorf("%s: %d requests, want %d", what, n, requests)
		}
	}
	ask("the first token", old, "{", 2)
	i.keys["k2"] = otherRSAKey
	delete(i.keys, "k1")
	ask("a new key, too early", fresh, notAuthorized, 0)
	*wall = wall.Add(10 * time.Second)
	ask("a new key", fresh, "{", 2)
	ask("the key that was taken back", old, notAuthorized, 0)
	*wall = wall.Add(10 * time.Second)
	for n := range 3 {
		requests := 0
		if n == 0 {
			requests = 2
		}
		ask("a key that never was", sign(t, "RS256", "k9", rsaKey, with(oidcClaims(), "n", n)), notAuthorized, requests)
	}
	*wall = wall.Add(time.Hour)
	ask("after an hour", fresh, "{", 2)
	i.keys = map[string]crypto.Signer{"k3": rsaKey}
	*wall = wall.Add(time.Hour)
	ask("the key is taken back unseen", fresh, notAuthorized, 2)
}

func TestIssuerThatDoesNotAnswer(t *testing.T) {
	i := newIssuer(oidc.Issuer)
	i.fail = errors.New("connection refused")
	c, wall := keysOf(i)
	token := sign(t, "RS256", "k1", rsaKey, oidcClaims())
	ask := func(what, want string, requests int) {
		t.Helper()
		before := i.requests()
		if got := outcome(c.ask("Authorization", token)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s\n%s", what, got, want, c.log)
		}
		if n := i.requests() - before; n != requests {
			t.Errorf("%s: %d requests, want %d", what, n, requests)
		}
	}
	ask("down", unauthorized, 1)
	ask("asked again at once", unauthorized, 0)
	if !strings.Contains(c.log.String(), "connection refused") {
		t.Errorf("the log does not say why: %s", c.log)
	}
	i.fail = nil
	*wall = wall.Add(time.Second)
	ask("up", "{", 2)
	i.fail = errors.New("connection refused")
	*wall = wall.Add(time.Hour)
	ask("down when the keys are old", "{", 1)
}

func TestDocumentsOfIssuers(t *testing.T) {
	token := sign(t, "RS256", "k1", rsaKey, oidcClaims())
	for _, tt := range []struct {
		name   string
		change func(*issuer)
		log    string
	}{
		{"no discovery document", func(i *issuer) { i.document = "<html>" }, "this is no discovery document"},
		{"no keys in it", func(i *issuer) { i.document = `{"issuer":"https://issuer.example"}` }, "jwks_uri is no URL"},
		{"keys in a file", func(i *issuer) { i.document = `{"issuer":"https://issuer.example","jwks_uri":"file:///etc/passwd"}` }, "jwks_uri is no URL"},
		{"no issuer in it", func(i *issuer) { i.document = `{"jwks_uri":"https://issuer.example/keys"}` }, "it names no issuer"},
		{"another issuer in it", func(i *issuer) {
			i.document = `{"issuer":"https://other.example","jwks_uri":"https://issuer.example/keys"}`
		}, "its iss is not the issuer's, https://other.example"},
		{"keys that are none", func(i *issuer) { i.keySet = `[]` }, "this is no JSON Web Key Set"},
		{"keys of other kinds", func(i *issuer) { i.keySet = `{"keys":[{"kty":"oct","kid":"k1","k":"AAAA"}]}` }, "the issuer has no such key"},
		{"a status", func(i *issuer) { i.status = http.StatusNotFound }, "status 404"},
		{"a flood", func(i *issuer) { i.keySet = `{"keys":[` + strings.Repeat(" ", 1<<20) + `]}` }, "the document is too large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := newIssuer(oidc.Issuer)
			tt.change(i)
			c, _ := keysOf(i)
			got := outcome(c.ask("Authorization", token))
			if got != unauthorized && got != notAuthorized {
				t.Errorf("got %s", got)
			}
			if !strings.Contains(c.log.String(), tt.log) {
				t.Errorf("the log %s does not say %q", c.log, tt.log)
			}
		})
	}
}

// Requests that wait for the same keys have them fetched once, and one that gives
// up does not take the keys from the others.
func TestKeysAreFetchedForAllWhoWait(t *testing.T) {
	i := newIssuer(oidc.Issuer)
	gaveUp, cancel := context.WithCancel(context.Background())
	i.during = func(r *http.Request) {
		cancel()
		if err := r.Context().Err(); err != nil {
			t.Errorf("the fetch ended with the request that began it: %v", err)
		}
	}
	c, _ := keysOf(i)
	header := http.Header{"Authorization": {sign(t, "RS256", "k1", rsaKey, oidcClaims())}}
	if id, refusal := c.Authenticate(gaveUp, &auth.Request{Header: header}); refusal != nil {
		t.Errorf("%s", outcome(id, refusal))
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if id, refusal := c.Authenticate(context.Background(), &auth.Request{Header: header}); refusal != nil {
				t.Errorf("%s", outcome(id, refusal))
			}
		})
	}
	all.Wait()
	if n := i.requests(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}
