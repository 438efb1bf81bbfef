package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

func provider(mode string) project.AuthProvider { return project.AuthProvider{Type: mode} }

const poolIssuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"

var (
	userPool = project.AuthProvider{Type: project.AuthCognito, UserPoolID: "eu-west-1_abc", Region: "eu-west-1", DefaultAction: "ALLOW"}
	oidc     = project.AuthProvider{Type: project.AuthOIDC, Issuer: "https://issuer.example"}
)

// The messages are those recorded in graphql-dotnet/graphql-client#221,
// aws-amplify/amplify-js#4373 and #2645, aws-amplify/docs#1884 and
// aws/aws-appsync-community#30; who is asked about a token is in the developer
// guide, page security-authz, "Circumventing SigV4 and OIDC token authorization
// limitations".
func TestAuthenticate(t *testing.T) {
	keys := []project.APIKey{
		{Key: "da2-eternal"},
		{Key: "da2-valid", Expires: now.Add(time.Hour)},
		{Key: "da2-expired", Expires: now.Add(-time.Hour)},
		{Key: "da2-now", Expires: now},
	}
	const (
		signature  = "AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/appsync/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
		date       = "20260102T030405Z"
		byKey      = "API_KEY"
		byPool     = "AMAZON_COGNITO_USER_POOLS"
		byOIDC     = "OPENID_CONNECT"
		byIAM      = "AWS_IAM"
		byLambda   = "AWS_LAMBDA"
		incomplete = "403 IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=..."
	)
	poolToken := sign(t, "RS256", "k1", rsaKey, poolClaims("id"))
	oidcToken := sign(t, "RS256", "k1", rsaKey, oidcClaims())
	foreign := sign(t, "RS256", "k1", rsaKey, with(oidcClaims(), "iss", "https://other.example"))
	apiKey, iam, lambda := provider(project.AuthAPIKey), provider(project.AuthIAM), project.AuthProvider{Type: project.AuthLambda}
	type modes = []project.AuthProvider
	tests := []struct {
		name   string
		modes  modes // the first is the default
		header []string
		want   string // the mode, or the refusal
	}{
		{"a valid key", modes{apiKey}, []string{"x-api-key", "da2-valid"}, byKey},
		{"a key that never expires", modes{apiKey}, []string{"X-Api-Key", "da2-eternal"}, byKey},
		{"an expired key", modes{apiKey}, []string{"x-api-key", "da2-expired"}, notAuthorized},
		{"a key that expires this moment", modes{apiKey}, []string{"x-api-key", "da2-now"}, notAuthorized},
		{"an unknown key", modes{apiKey}, []string{"x-api-key", "da2-other"}, notAuthorized},
		{"the beginning of a key", modes{apiKey}, []string{"x-api-key", "da2-vali"}, notAuthorized},
		{"a key and more", modes{apiKey}, []string{"x-api-key", "da2-valid2"}, notAuthorized},
		{"a key as the Authorization", modes{apiKey}, []string{"Authorization", "da2-valid"}, notAuthorized},
		{"a key where keys are not configured", modes{iam}, []string{"x-api-key", "da2-valid"}, notAuthorized},
		{"a key as an additional mode", modes{userPool, apiKey}, []string{"x-api-key", "da2-valid"}, byKey},
		{"a key beside a token", modes{userPool, apiKey}, []string{"x-api-key", "da2-valid", "Authorization", poolToken}, byKey},
		{"an unknown key beside a token", modes{userPool, apiKey}, []string{"x-api-key", "da2-other", "Authorization", poolToken}, notAuthorized},
		{"a key that is not configured beside a token", modes{userPool}, []string{"x-api-key", "da2-valid", "Authorization", poolToken}, byPool},

		{"nothing, default API key", modes{apiKey, userPool}, nil, missing},
		{"nothing, default user pool", modes{userPool, apiKey}, nil, noHeader},
		{"nothing, default OpenID Connect", modes{oidc, apiKey}, nil, noHeader},
		{"nothing, default Lambda", modes{lambda}, nil, missing},
		// Recorded: aws-amplify/amplify-js#1311 and #8457.
		{"nothing, default IAM", modes{iam}, nil, "403 MissingAuthenticationTokenException: Missing Authentication Token"},
		{"blanks", modes{userPool}, []string{"Authorization", "  "}, noHeader},

		{"a signature", modes{iam}, []string{"Authorization", signature, "X-Amz-Date", date}, byIAM},
		{"a signature beside a key", modes{apiKey, iam}, []string{"Authorization", signature, "X-Amz-Date", date, "x-api-key", "da2-valid"}, byIAM},
		{"a signature beside a key, without IAM", modes{apiKey}, []string{"Authorization", signature, "X-Amz-Date", date, "x-api-key", "da2-valid"}, byKey},
		{"a signature on an API key API", modes{apiKey}, []string{"Authorization", signature, "X-Amz-Date", date}, notAuthorized},
		{"a signature on a user pool API", modes{userPool}, []string{"Authorization", signature, "X-Amz-Date", date}, noToken},
		{"a signature with IAM and Lambda", modes{lambda, iam}, []string{"Authorization", signature, "X-Amz-Date", date}, byIAM},
		{"a signature with Lambda alone", modes{lambda}, []string{"Authorization", signature, "X-Amz-Date", date}, byLambda},
		// Recorded: aws-amplify/amplify-js#2035 and #7906.
		{"a token on an IAM API", modes{iam}, []string{"Authorization", poolToken}, incomplete},

		{"a token of the pool", modes{userPool}, []string{"Authorization", poolToken}, byPool},
		{"a bearer token of the pool", modes{userPool}, []string{"Authorization", "Bearer " + poolToken}, byPool},
		{"a bearer token in small letters", modes{userPool}, []string{"authorization", "bearer   " + poolToken}, byPool},
		{"a token of the issuer", modes{oidc}, []string{"Authorization", oidcToken}, byOIDC},
		{"a token of the pool, of several", modes{apiKey, oidc, userPool}, []string{"Authorization", poolToken}, byPool},
		{"a token of the issuer, of several", modes{apiKey, userPool, oidc}, []string{"Authorization", oidcToken}, byOIDC},
		{"a token of somebody else on a user pool API", modes{userPool}, []string{"Authorization", foreign}, notAuthorized},
		{"a token of somebody else with several modes", modes{userPool, apiKey}, []string{"Authorization", foreign}, noToken},
		{"a token on an API key API", modes{apiKey}, []string{"Authorization", poolToken}, notAuthorized},
		{"no token on a user pool API", modes{userPool}, []string{"Authorization", "secret"}, noToken},
		{"no token on an OpenID Connect API", modes{oidc}, []string{"Authorization", "Bearer secret"}, noToken},

		{"a text with a Lambda authorizer", modes{lambda}, []string{"Authorization", "secret"}, byLambda},
		{"a token with Lambda alone", modes{lambda, apiKey}, []string{"Authorization", poolToken}, byLambda},
		{"a token of the pool with Lambda", modes{lambda, userPool}, []string{"Authorization", poolToken}, byPool},
		{"a token of somebody else never reaches Lambda", modes{lambda, userPool}, []string{"Authorization", foreign}, noToken},
		{"a token with a prefix of one's own reaches Lambda", modes{lambda, userPool}, []string{"Authorization", "x" + poolToken}, byLambda},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := &project.API{ID: "api", Auth: tt.modes[0], AdditionalAuth: tt.modes[1:], APIKeys: keys}
			pool := newIssuer(oidc.Issuer) // answers for both
			c := newCaller(api, auth.Options{
				HTTP: &http.Client{Transport: pool},
				Invoke: func(context.Context, string, []byte) ([]byte, error) {
					return []byte(`{"isAuthorized":true}`), nil
				},
			})
			id, refusal := c.ask(tt.header...)
			got := id.Mode
			if refusal != nil {
				got = outcome(id, refusal)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s\n%s", got, tt.want, c.log)
			}
			if byKey == id.Mode && id.Value != nil {
				t.Errorf("the identity of an API key is %s, want null", identityJSON(id))
			}
		})
	}
}

func TestKeyExpiresWithTheClock(t *testing.T) {
	clock := now
	c := newCaller(&project.API{
		Auth:    provider(project.AuthAPIKey),
		APIKeys: []project.APIKey{{Key: "k", Expires: now.Add(time.Minute)}},
	}, auth.Options{Now: func() time.Time { return clock }})
	if _, refusal := c.ask("x-api-key", "k"); refusal != nil {
		t.Fatal(refusal)
	}
	clock = clock.Add(time.Minute)
	if _, refusal := c.ask("x-api-key", "k"); refusal == nil {
		t.Error("an expired key was accepted")
	}
}

func TestHolds(t *testing.T) {
	c := newCaller(&project.API{Auth: provider(project.AuthAPIKey)}, auth.Options{})
	for _, tt := range []struct {
		name    string
		expires time.Time
		want    string
	}{
		{"what does not end", time.Time{}, "null"},
		{"what ends later", now.Add(time.Second), "null"},
		{"what ends now", now, expired},
		{"what has ended", now.Add(-time.Second), expired},
	} {
		if got := outcome(auth.Identity{}, c.Holds(auth.Identity{Expires: tt.expires})); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := outcome(auth.Identity{}, c.Holds(auth.Identity{Mode: project.AuthAPIKey, Expires: now})); got != notAuthorized {
		t.Errorf("an API key that has expired: %s", got)
	}
}

func TestRegularExpressionsAreChecked(t *testing.T) {
	at := project.Position{File: "appsync.yml", Line: 7, Column: 15}
	for _, p := range []project.AuthProvider{
		{Type: project.AuthCognito, AppIDClientRegex: "(", PatternPos: at},
		{Type: project.AuthOIDC, ClientID: "[a", PatternPos: at},
		{Type: project.AuthLambda, IdentityValidationExpression: "*", PatternPos: at},
	} {
		problems := auth.Check(&project.API{Auth: provider(project.AuthAPIKey), AdditionalAuth: []project.AuthProvider{p}})
		if len(problems) != 1 || problems[0].Pos != at || !strings.HasPrefix(problems[0].Message, "this is no regular expression: ") {
			t.Errorf("%s: %+v", p.Type, problems)
		}
	}
	fine := &project.API{Auth: project.AuthProvider{Type: project.AuthOIDC, ClientID: "0A1S2D|1F4G9H(?=x)"}}
	if problems := auth.Check(fine); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
}

func BenchmarkAPIKey(b *testing.B) {
	a := auth.New(&project.API{
		Auth: provider(project.AuthAPIKey), APIKeys: []project.APIKey{{Key: "da2-fakeApiId123456"}},
	}, auth.Options{})
	req := &auth.Request{Header: http.Header{"X-Api-Key": {"da2-fakeApiId123456"}}}
	b.ReportAllocs()
	for b.Loop() {
		a.Authenticate(context.Background(), req)
	}
}

func BenchmarkUserPoolToken(b *testing.B) {
	c := newCaller(&project.API{Auth: userPool}, auth.Options{HTTP: &http.Client{Transport: newIssuer(poolIssuer)}})
	req := &auth.Request{Header: http.Header{"Authorization": {sign(b, "RS256", "k1", rsaKey, poolClaims("id"))}}, SourceIP: []string{"192.0.2.7"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, refusal := c.Authenticate(context.Background(), req); refusal != nil {
			b.Fatal(refusal)
		}
	}
}
