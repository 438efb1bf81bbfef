package auth_test

import (
	"crypto"
	"net/http"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

// poolClaims are those of Cognito's tokens.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
func poolClaims(use string) map[string]any {
	claims := map[string]any{
		"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "iss": poolIssuer, "token_use": use,
		"auth_time": now.Add(-time.Minute).Unix(), "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
		"cognito:groups": []string{"Admins", "Editors"},
	}
	if use == "id" {
		claims["aud"] = "client1"
		claims["cognito:username"] = "ada"
		claims["email"] = "ada@example.com"
	} else {
		claims["client_id"] = "client1"
		claims["username"] = "ada"
		claims["scope"] = "aws.cognito.signin.user.admin"
	}
	return claims
}

func oidcClaims() map[string]any {
	return map[string]any{
		"sub": "ada", "iss": oidc.Issuer, "aud": "client1", "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// The shapes are those of the developer guide, page
// resolver-context-reference, "Identity", and of AppSyncIdentityCognito and
// AppSyncIdentityOIDC of @types/aws-lambda.
func TestIdentityOfTokens(t *testing.T) {
	const head = `{"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc","username":"ada","claims":{`
	deny := userPool
	deny.DefaultAction = "DENY"
	tests := []struct {
		name     string
		provider project.AuthProvider
		claims   map[string]any
		want     string
		groups   string
	}{
		{"ID token", userPool, poolClaims("id"),
			head + `"aud":"client1","auth_time":1767322985,"cognito:groups":["Admins","Editors"],"cognito:username":"ada","email":"ada@example.com","exp":1767326645,"iat":1767322985,"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc","sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","token_use":"id"},"sourceIp":["192.0.2.7"],"defaultAuthStrategy":"ALLOW","groups":["Admins","Editors"]}`,
			"Admins Editors"},
		{"access token", userPool, poolClaims("access"),
			head + `"auth_time":1767322985,"client_id":"client1","cognito:groups":["Admins","Editors"],"exp":1767326645,"iat":1767322985,"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc","scope":"aws.cognito.signin.user.admin","sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","token_use":"access","username":"ada"},"sourceIp":["192.0.2.7"],"defaultAuthStrategy":"ALLOW","groups":["Admins","Editors"]}`,
			"Admins Editors"},
		{"user in no group, default action DENY", deny, with(poolClaims("access"), "cognito:groups", nil, "scope", nil, "auth_time", nil),
			head + `"client_id":"client1","exp":1767326645,"iat":1767322985,"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc","sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","token_use":"access","username":"ada"},"sourceIp":["192.0.2.7"],"defaultAuthStrategy":"DENY","groups":null}`,
			""},
		{"OpenID Connect", oidc, with(oidcClaims(), "roles", []string{"a"}),
			`{"sub":"ada","issuer":"https://issuer.example","claims":{"aud":"client1","exp":1767326645,"iat":1767322985,"iss":"https://issuer.example","roles":["a"],"sub":"ada"}}`,
			""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(&project.API{Auth: tt.provider}, auth.Options{HTTP: &http.Client{Transport: newIssuer(oidc.Issuer)}})
			token := sign(t, "RS256", "k1", rsaKey, tt.claims)
			for range 2 { // the second time it is remembered
				id, refusal := c.ask("Authorization", token)
				if got := outcome(id, refusal); got != tt.want {
					t.Errorf(" got %s\nwant %s\n%s", got, tt.want, c.log)
				}
				if got := strings.Join(id.Groups, " "); got != tt.groups {
					t.Errorf("groups %q, want %q", got, tt.groups)
				}
				if want := now.Add(time.Hour); !id.Expires.Equal(want) {
					t.Errorf("expires %s, want %s", id.Expires, want)
				}
			}
		})
	}
}

// What a token must say: Cognito's page on verifying tokens, and AppSync's page
// security-authz, on OpenID Connect and user pools. The words are recorded in
// aws/aws-appsync-community#115 and aws-amplify/amplify-js#13252.
func TestClaimsOfTokens(t *testing.T) {
	pool := func(change func(*project.AuthProvider)) project.AuthProvider {
		p := userPool
		change(&p)
		return p
	}
	provider := func(change func(*project.AuthProvider)) project.AuthProvider {
		p := oidc
		change(&p)
		return p
	}
	clients := func(expression string) project.AuthProvider {
		return provider(func(p *project.AuthProvider) { p.ClientID = expression })
	}
	poolClients := func(expression string) project.AuthProvider {
		return pool(func(p *project.AuthProvider) { p.AppIDClientRegex = expression })
	}
	iatTTL := func(ms int64) project.AuthProvider {
		return provider(func(p *project.AuthProvider) { p.IatTTL = ms })
	}
	authTTL := func(ms int64) project.AuthProvider {
		return provider(func(p *project.AuthProvider) { p.AuthTTL = ms })
	}
	const fine = ""
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	tests := []struct {
		name     string
		provider project.AuthProvider
		claims   map[string]any
		want     string
	}{
		{"expired", userPool, with(poolClaims("id"), "exp", at(-time.Second)), expired},
		{"expires this moment", userPool, with(poolClaims("id"), "exp", at(0)), expired},
		{"expires in a second", userPool, with(poolClaims("id"), "exp", at(time.Second)), fine},
		{"expires in a fraction of a second", userPool, with(poolClaims("id"), "exp", float64(now.Unix())+0.5), fine},
		{"no expiry", userPool, with(poolClaims("id"), "exp", nil), unauthorized},
		{"an expiry that is a text", userPool, with(poolClaims("id"), "exp", "1767326645"), unauthorized},
		{"an expiry beyond all times", userPool, with(poolClaims("id"), "exp", 1e300), unauthorized},
		{"an expiry long ago", userPool, with(poolClaims("id"), "exp", -1), expired},
		{"not valid yet", userPool, with(poolClaims("id"), "nbf", at(time.Second)), unauthorized},
		{"valid from this moment", userPool, with(poolClaims("id"), "nbf", at(0)), fine},
		{"no use", userPool, with(poolClaims("id"), "token_use", nil), unauthorized},
		{"another use", userPool, with(poolClaims("id"), "token_use", "refresh"), unauthorized},

		{"the app client of an ID token", poolClients("client1"), poolClaims("id"), fine},
		{"the app client of an access token", poolClients("client1"), poolClaims("access"), fine},
		{"one of several app clients", poolClients("client1|client2"), poolClaims("id"), fine},
		{"another app client", poolClients("client2"), poolClaims("id"), unauthorized},
		{"another app client of an access token", poolClients("client2"), poolClaims("access"), unauthorized},
		{"part of an app client", poolClients("client"), poolClaims("id"), unauthorized},
		{"no app client", poolClients(".+"), with(poolClaims("id"), "aud", nil), unauthorized},
		{"aud does not count for an access token", poolClients("client2"), with(poolClaims("access"), "aud", "client2"), unauthorized},

		{"a client", clients("client1"), oidcClaims(), fine},
		{"one of several audiences", clients("client1"), with(oidcClaims(), "aud", []string{"other", "client1"}), fine},
		{"the authorized party", clients("client1"), with(oidcClaims(), "aud", "other", "azp", "client1"), fine},
		{"another client", clients("client2|client3"), oidcClaims(), unauthorized},
		{"another authorized party", clients("client2"), with(oidcClaims(), "azp", "client3"), unauthorized},
		{"a client by its length", clients(".{7}"), oidcClaims(), fine},
		{"part of a client", clients("client"), oidcClaims(), unauthorized},
		{"no audience", clients("client1"), with(oidcClaims(), "aud", nil), unauthorized},
		{"an audience that is a number", clients("1"), with(oidcClaims(), "aud", 1), unauthorized},
		{"any audience", oidc, with(oidcClaims(), "aud", nil), fine},

		{"no time of issue", oidc, with(oidcClaims(), "iat", nil), unauthorized},
		{"issued within iatTTL", iatTTL(60_001), oidcClaims(), fine},
		{"issued longer ago than iatTTL", iatTTL(60_000), oidcClaims(), unauthorized},
		{"signed in within authTTL", authTTL(1_001), with(oidcClaims(), "auth_time", at(-time.Second)), fine},
		{"signed in longer ago than authTTL", authTTL(1_000), with(oidcClaims(), "auth_time", at(-time.Second)), unauthorized},
		{"authTTL without a time of signing in", authTTL(1_000), oidcClaims(), unauthorized},
		{"the largest TTL", iatTTL(1<<63 - 1), oidcClaims(), fine},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(&project.API{Auth: tt.provider}, auth.Options{HTTP: &http.Client{Transport: newIssuer(oidc.Issuer)}})
			id, refusal := c.ask("Authorization", sign(t, "RS256", "k1", rsaKey, tt.claims))
			got := fine
			if refusal != nil {
				got = outcome(id, refusal)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q\n%s", got, tt.want, c.log)
			}
		})
	}
}

func TestTokenExpiresWithTheClock(t *testing.T) {
	clock := now
	c := newCaller(&project.API{Auth: userPool}, auth.Options{
		Now: func() time.Time { return clock }, HTTP: &http.Client{Transport: newIssuer(poolIssuer)},
	})
	token := sign(t, "RS256", "k1", rsaKey, poolClaims("id"))
	if got := outcome(c.ask("Authorization", token)); !strings.HasPrefix(got, "{") {
		t.Fatal(got)
	}
	clock = clock.Add(time.Hour)
	if got := outcome(c.ask("Authorization", token)); got != expired {
		t.Errorf("got %s, want %s", got, expired)
	}
}

// An API that has OpenID Connect alone does not compare iss with the issuer that
// is configured, one with several modes does: developer guide, page
// security-authz. The issuer's own name counts in either case: API reference,
// OpenIDConnectConfig.
func TestIssuerIsComparedAmongSeveralModes(t *testing.T) {
	configured := oidc // without the slash at the end of the issuer's name
	const named = "https://issuer.example/"
	for _, tt := range []struct {
		name       string
		additional []project.AuthProvider
		iss        string
		want       string
	}{
		{"sole mode", nil, named, "{"},
		{"sole mode, not as the issuer names itself", nil, configured.Issuer, unauthorized},
		{"sole mode, somebody else", nil, "https://other.example", unauthorized},
		{"several modes", []project.AuthProvider{provider(project.AuthAPIKey)}, named, noToken},
		{"several modes, not as the issuer names itself", []project.AuthProvider{provider(project.AuthAPIKey)}, configured.Issuer, unauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(&project.API{Auth: configured, AdditionalAuth: tt.additional},
				auth.Options{HTTP: &http.Client{Transport: newIssuer(named)}})
			got := outcome(c.ask("Authorization", sign(t, "RS256", "k1", rsaKey, with(oidcClaims(), "iss", tt.iss))))
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %s, want %s\n%s", got, tt.want, c.log)
			}
		})
	}
}

// Which algorithms there are: RFC 7518, section 3.1. Cognito signs with RS256.
func TestAlgorithms(t *testing.T) {
	for _, algorithm := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"} {
		i := newIssuer(oidc.Issuer)
		if key := ecKeys[algorithm]; key != nil {
			i.keys["k1"] = key
		}
		key := i.keys["k1"]
		c := newCaller(&project.API{Auth: oidc}, auth.Options{HTTP: &http.Client{Transport: i}})
		token := sign(t, algorithm, "k1", key, oidcClaims())
		if got := outcome(c.ask("Authorization", token)); !strings.HasPrefix(got, "{") {
			t.Errorf("%s: %s\n%s", algorithm, got, c.log)
		}
		// Another last byte of the signature, of the claims, of the header.
		for _, changed := range []string{flip(token, 2), flip(token, 1), flip(token, 0)} {
			if got := outcome(c.ask("Authorization", changed)); got != notAuthorized && got != noToken {
				t.Errorf("%s: the changed token %s: %s", algorithm, changed, got)
			}
		}
		if algorithm == "RS256" {
			continue
		}
		pool := newCaller(&project.API{Auth: userPool}, auth.Options{HTTP: &http.Client{Transport: i}})
		if got := outcome(pool.ask("Authorization", sign(t, algorithm, "k1", key, poolClaims("id")))); got != notAuthorized {
			t.Errorf("%s from a user pool: %s", algorithm, got)
		}
	}
}

// flip changes a part of a token, in the middle, where it is still base64.
func flip(token string, part int) string {
	parts := strings.Split(token, ".")
	b := []byte(parts[part])
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	parts[part] = string(b)
	return strings.Join(parts, ".")
}

// Attacks on tokens: RFC 8725, sections 2 and 3.
func TestHostileTokens(t *testing.T) {
	i := newIssuer(oidc.Issuer)
	i.keys["ec"] = ecKeys["ES256"]
	i.keys["pinned"] = rsaKey
	i.extra["pinned"] = map[string]any{"alg": "RS512"}
	i.keys["enc"] = rsaKey
	i.extra["enc"] = map[string]any{"use": "enc"}
	valid := sign(t, "RS256", "k1", rsaKey, oidcClaims())
	head, rest, _ := strings.Cut(valid, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	header := func(members ...any) string {
		return signWithHeader(t, with(map[string]any{"alg": "RS256", "kid": "k1"}, members...), rsaKey, oidcClaims())
	}
	tests := []struct{ name, token, want string }{
		{"valid", valid, "{"},
		{"alg none", sign(t, "none", "k1", rsaKey, oidcClaims()), notAuthorized},
		{"alg None", sign(t, "None", "k1", rsaKey, oidcClaims()), notAuthorized},
		{"alg none without a signature", encode([]byte(`{"alg":"none","kid":"k1"}`)) + "." + payload + ".", notAuthorized},
		{"a shared secret", sign(t, "HS256", "k1", rsaKey, oidcClaims()), notAuthorized},
		{"an EC algorithm with an RSA key", sign(t, "ES256", "k1", ecKeys["ES256"], oidcClaims()), notAuthorized},
		{"an RSA algorithm with an EC key", sign(t, "RS256", "ec", rsaKey, oidcClaims()), notAuthorized},
		{"an EC algorithm of another curve", sign(t, "ES384", "ec", ecKeys["ES384"], oidcClaims()), notAuthorized},
		{"an algorithm that the key is not for", sign(t, "RS256", "pinned", rsaKey, oidcClaims()), notAuthorized},
		{"the algorithm that the key is for", sign(t, "RS512", "pinned", rsaKey, oidcClaims()), "{"},
		{"a key for encryption", sign(t, "RS256", "enc", rsaKey, oidcClaims()), notAuthorized},
		{"another key", sign(t, "RS256", "k1", otherRSAKey, oidcClaims()), notAuthorized},
		{"a key that is not known", sign(t, "RS256", "k9", rsaKey, oidcClaims()), notAuthorized},
		{"no key", header("kid", nil), notAuthorized},
		{"a key that is a number", header("kid", 1), notAuthorized},
		{"its own key", header("kid", "k9", "jwk", jwk("k9", rsaKey.Public())), notAuthorized},
		{"a critical extension", header("crit", []string{"b64"}, "b64", false), notAuthorized},
		{"no algorithm", encode([]byte(`{"kid":"k1"}`)) + "." + payload + "." + signature, noToken},
		{"a truncated signature", valid[:len(valid)-2], notAuthorized},
		{"an empty signature", head + "." + payload + ".", notAuthorized},
		{"two parts", head + "." + payload, noToken},
		{"four parts", valid + ".", noToken},
		{"padding", head + "=." + payload + "." + signature, noToken},
		{"a padded signature", valid + "==", noToken},
		{"the other alphabet", head + "." + encode([]byte(`{"iss":"https://issuer.example","x":"???>>>"}`))[:20] + "+/." + signature, noToken},
		{"a line break", head + "\n." + payload + "." + signature, noToken},
		{"loose bits at the end", looseBits(valid), noToken},
		{"claims that are a list", head + "." + encode([]byte(`[]`)) + "." + signature, noToken},
		{"claims that are no JSON", head + "." + encode([]byte(`{"iss"`)) + "." + signature, noToken},
		{"claims that are nested too deep", head + "." + encode([]byte(strings.Repeat("[", 5000))) + "." + signature, noToken},
		{"an issuer that is a number", sign(t, "RS256", "k1", rsaKey, with(oidcClaims(), "iss", 1)), unauthorized},
		{"a megabyte", head + "." + strings.Repeat("A", 1<<20) + "." + signature, noToken},
		{"a megabyte of dots", strings.Repeat(".", 1<<20), noToken},
		{"bytes that are no text", "\xff\xfe." + payload + "." + signature, noToken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(&project.API{Auth: oidc}, auth.Options{HTTP: &http.Client{Transport: i}})
			for _, scheme := range []string{"", "Bearer "} {
				if got := outcome(c.ask("Authorization", scheme+tt.token)); !strings.HasPrefix(got, tt.want) {
					t.Errorf("got %.200s, want %s\n%s", got, tt.want, c.log)
				}
			}
			for _, secret := range []string{tt.token, signature} {
				if secret != "" && strings.Contains(c.log.String(), secret) {
					t.Errorf("the log has the token: %s", c.log)
				}
			}
		})
	}
}

// looseBits sets bits of the signature's last character that stand for nothing:
// 256 bytes are 342 characters, of whose last four bits count.
func looseBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

func TestLocalKeys(t *testing.T) {
	pool := newIssuer(poolIssuer)
	public := &otherRSAKey.PublicKey
	asked := 0
	opt := auth.Options{
		HTTP: &http.Client{Transport: pool},
		LocalKey: func(issuer, keyID string) crypto.PublicKey {
			asked++
			if keyID == "local" && (issuer == poolIssuer || issuer == "https://elsewhere.example") {
				return public
			}
			return nil
		},
	}
	c := newCaller(&project.API{Auth: userPool}, opt)
	for _, tt := range []struct {
		name, kid, iss string
		key            crypto.Signer
		want           string
		requests       int
	}{
		{"local key", "local", poolIssuer, otherRSAKey, "{", 0},
		{"another key under a local id", "local", poolIssuer, rsaKey, notAuthorized, 0},
		{"another issuer", "local", "https://elsewhere.example", otherRSAKey, notAuthorized, 0},
		{"the pool's own key", "k1", poolIssuer, rsaKey, "{", 1},
	} {
		before := pool.requests()
		got := outcome(c.ask("Authorization", sign(t, "RS256", tt.kid, tt.key, with(poolClaims("id"), "iss", tt.iss))))
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s\n%s", tt.name, got, tt.want, c.log)
		}
		if n := pool.requests() - before; n != tt.requests {
			t.Errorf("%s: %d requests, want %d", tt.name, n, tt.requests)
		}
	}
	if asked == 0 {
		t.Error("LocalKey was not asked")
	}

	// A key that has been replaced does not sign any more.
	token := sign(t, "RS256", "local", otherRSAKey, poolClaims("id"))
	if got := outcome(c.ask("Authorization", token)); !strings.HasPrefix(got, "{") {
		t.Fatal(got)
	}
	public = &rsaKey.PublicKey
	if got := outcome(c.ask("Authorization", token)); got != notAuthorized {
		t.Errorf("after the key was replaced: %s", got)
	}

	// An OpenID Connect API believes a local pool only where it is its issuer.
	sole := newCaller(&project.API{Auth: oidc}, opt)
	if got := outcome(sole.ask("Authorization", sign(t, "RS256", "local", rsaKey, with(oidcClaims(), "iss", poolIssuer)))); !strings.HasPrefix(got, "401 ") {
		t.Errorf("a token of another issuer: %s", got)
	}
}
