package idp_test

import (
	"errors"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
)

func mint(t *testing.T, p *pools, token idp.Token) object {
	t.Helper()
	text, err := p.Mint(token)
	if err != nil {
		t.Fatal(err)
	}
	got := payload(t, text)
	for _, name := range []string{"jti", "origin_jti", "event_id"} {
		delete(got, name)
	}
	return got
}

func TestTokensWithoutASignIn(t *testing.T) {
	p := newPools(t)
	seconds := float64(start.Unix())
	access := object{
		"sub": "6e3d446f-8791-464c-a28a-edc017ffc625", "cognito:groups": []any{"Admins"}, "iss": issuer, "client_id": "appsync-emulator",
		"token_use": "access", "scope": "aws.cognito.signin.user.admin", "auth_time": seconds, "exp": seconds + 3600, "iat": seconds, "username": "ada",
	}
	same(t, mint(t, p, idp.Token{Username: "ada"}), access)

	token, err := p.Mint(idp.Token{Username: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	p.must("GetUser", object{"AccessToken": token})

	got := mint(t, p, idp.Token{
		Pool: issuer, Username: "eve", Groups: []string{"Editors", "Admins"}, ClientID: "mobile", Use: "id",
		Claims: map[string]any{"email": "eve@example.com", "aud": "other"}, Validity: -time.Minute,
	})
	if sub, _ := got["sub"].(string); len(sub) != 36 {
		t.Errorf("sub = %q", sub)
	}
	delete(got, "sub")
	same(t, got, object{
		"cognito:groups": []any{"Editors", "Admins"}, "iss": issuer, "cognito:username": "eve", "aud": "other", "token_use": "id",
		"auth_time": seconds, "exp": seconds - 60, "iat": seconds, "email": "eve@example.com",
	})
	// None is another thing than those of the pool.
	if _, has := mint(t, p, idp.Token{Username: "ada", Groups: []string{}})["cognito:groups"]; has {
		t.Error("a token that was to have no groups has some")
	}
}

func TestTheClientOfTokens(t *testing.T) {
	named := newPools(t, func(c *project.UserPool) { c.ClientID = "web" })
	same(t, mint(t, named, idp.Token{Username: "ada"})["client_id"], any("web"))
	short := project.DefaultUserPoolClient("mobile")
	short.AccessTokenValidity = 5 * time.Minute
	listed := newPools(t, func(c *project.UserPool) { c.Clients = []project.UserPoolClient{short} })
	got := mint(t, listed, idp.Token{Username: "ada"})
	same(t, got["client_id"], any("mobile"))
	same(t, got["exp"], any(float64(start.Unix()+300)))
}

// See: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
func TestTokensInTheNameOfAnotherProvider(t *testing.T) {
	p := newPools(t)
	p.opt.Pools = nil
	p.opt.Issuers = []idp.Issuer{{URL: "https://issuer.example/", ClientID: "app"}}
	p = p.reopen()
	seconds := float64(start.Unix())
	same(t, mint(t, p, idp.Token{Username: "ada"}), object{
		"iss": "https://issuer.example/", "sub": "ada", "aud": "app", "azp": "app", "exp": seconds + 3600, "iat": seconds, "auth_time": seconds,
	})
	token, err := p.Mint(idp.Token{Username: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	if p.Key("https://issuer.example/", header(t, token)["kid"].(string)) == nil {
		t.Error("nobody can verify the token")
	}
	for _, token := range []idp.Token{
		{}, {Username: "ada", Use: "access"}, {Username: "ada", Groups: []string{"g"}}, {Username: "ada", Use: "refresh"}, {Username: "ada", Pool: "x"},
	} {
		if _, err := p.Mint(token); !isTokenError(err) {
			t.Errorf("Mint(%+v) = %v", token, err)
		}
	}
	p.opt.Issuers = nil
	if _, err := p.reopen().Mint(idp.Token{Username: "ada"}); !isTokenError(err) {
		t.Errorf("Mint without any issuer = %v", err)
	}
}

func isTokenError(err error) bool {
	_, is := errors.AsType[*idp.TokenError](err)
	return is
}

func TestKeysAreThoseOfTheIssuersAlone(t *testing.T) {
	p := newPools(t)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	kid := header(t, access)["kid"].(string)
	first := p.Key(issuer, kid)
	if first == nil || first != p.Key(issuer, kid) {
		t.Error("the key is not the same each time")
	}
	for _, other := range [][2]string{{issuer, "x"}, {issuer + "/", kid}, {"", kid}, {issuer, ""}} {
		if got := p.Key(other[0], other[1]); got != nil {
			t.Errorf("Key(%q) = %v", other, got)
		}
	}
	empty, err := idp.New(idp.Options{Pools: []*project.UserPool{newPool()}, Dir: t.TempDir()})
	if err != nil || empty.Key(issuer, kid) != nil {
		t.Errorf("a provider that has signed nothing has a key: %v", err)
	}
}
