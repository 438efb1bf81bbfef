package auth_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func provider(mode string) project.AuthProvider { return project.AuthProvider{Type: mode} }

func token(claims string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + e.EncodeToString([]byte(claims)) + ".c2ln"
}

// The messages are those recorded in graphql-dotnet/graphql-client#221 and
// aws-amplify/amplify-js#4373.
func TestAuthenticate(t *testing.T) {
	const (
		unauthorized = "You are not authorized to make this call."
		noHeader     = "Valid authorization header not provided."
		missing      = "Missing authorization header"
		noToken      = "Unable to parse JWT token."
	)
	pool := project.AuthProvider{Type: project.AuthCognito, UserPoolID: "eu-west-1_abc", Region: "eu-west-1"}
	poolToken := token(`{"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"}`)
	oidc := project.AuthProvider{Type: project.AuthOIDC, Issuer: "https://issuer.example"}
	const signature = "AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/appsync/aws4_request"

	tests := []struct {
		name       string
		main       project.AuthProvider
		additional []project.AuthProvider
		header     map[string]string
		mode       string // of the identity
		errorType  string
		message    string
	}{
		{name: "a valid key", main: provider(project.AuthAPIKey),
			header: map[string]string{"x-api-key": "da2-valid"}, mode: project.AuthAPIKey},
		{name: "a key that never expires", main: provider(project.AuthAPIKey),
			header: map[string]string{"X-Api-Key": "da2-eternal"}, mode: project.AuthAPIKey},
		{name: "an expired key", main: provider(project.AuthAPIKey),
			header: map[string]string{"x-api-key": "da2-expired"}, message: unauthorized},
		{name: "a key that expires this moment", main: provider(project.AuthAPIKey),
			header: map[string]string{"x-api-key": "da2-now"}, message: unauthorized},
		{name: "an unknown key", main: provider(project.AuthAPIKey),
			header: map[string]string{"x-api-key": "da2-other"}, message: unauthorized},
		{name: "the beginning of a key", main: provider(project.AuthAPIKey),
			header: map[string]string{"x-api-key": "da2-vali"}, message: unauthorized},
		{name: "nothing on an API key API", main: provider(project.AuthAPIKey), message: missing},
		{name: "nothing on a Cognito API", main: pool, message: noHeader},
		{name: "nothing on an OIDC API", main: oidc, message: noHeader},
		{name: "nothing on an IAM API", main: provider(project.AuthIAM), message: missing},
		{name: "a key where keys are not configured", main: provider(project.AuthIAM),
			header: map[string]string{"x-api-key": "da2-valid"}, message: unauthorized},
		{name: "a key as an additional mode", main: pool, additional: []project.AuthProvider{provider(project.AuthAPIKey)},
			header: map[string]string{"x-api-key": "da2-valid"}, mode: project.AuthAPIKey},
		{name: "a signature where IAM is not configured", main: provider(project.AuthAPIKey),
			header: map[string]string{"Authorization": signature}, message: unauthorized},
		{name: "a key beside a signature where IAM is not configured", main: provider(project.AuthAPIKey),
			header: map[string]string{"Authorization": signature, "x-api-key": "da2-valid"}, mode: project.AuthAPIKey},
		{name: "a signature beside a key where both are configured", main: provider(project.AuthAPIKey),
			additional: []project.AuthProvider{provider(project.AuthIAM)},
			header:     map[string]string{"Authorization": signature, "x-api-key": "da2-valid"},
			errorType:  apierror.TypeNotSupported,
			message:    "The emulator does not check AWS_IAM credentials. Call this API with an API key."},
		{name: "a token of the user pool", main: pool, header: map[string]string{"Authorization": poolToken},
			errorType: apierror.TypeNotSupported,
			message:   "The emulator does not check AMAZON_COGNITO_USER_POOLS credentials. Call this API with an API key."},
		{name: "a bearer token of the issuer", main: oidc,
			header:    map[string]string{"Authorization": "Bearer " + token(`{"iss":"https://issuer.example"}`)},
			errorType: apierror.TypeNotSupported,
			message:   "The emulator does not check OPENID_CONNECT credentials. Call this API with an API key."},
		{name: "a token of somebody else", main: pool,
			header: map[string]string{"Authorization": token(`{"iss":"https://other"}`)}, message: unauthorized},
		{name: "no token on a Cognito API", main: pool, header: map[string]string{"Authorization": "secret"}, message: noToken},
		{name: "a token with broken claims", main: pool, header: map[string]string{"Authorization": token(`{"iss"`)}, message: noToken},
		{name: "any text with a Lambda authorizer", main: provider(project.AuthLambda),
			header: map[string]string{"Authorization": "secret"}, errorType: apierror.TypeNotSupported,
			message: "The emulator does not check AWS_LAMBDA credentials. Call this API with an API key."},
		{name: "a text on an API key API", main: provider(project.AuthAPIKey),
			header: map[string]string{"Authorization": "secret"}, message: unauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := &project.API{Auth: tt.main, AdditionalAuth: tt.additional, APIKeys: []project.APIKey{
				{Key: "da2-eternal"},
				{Key: "da2-valid", Expires: now.Add(time.Hour)},
				{Key: "da2-expired", Expires: now.Add(-time.Hour)},
				{Key: "da2-now", Expires: now},
			}}
			h := http.Header{}
			for name, v := range tt.header {
				h.Set(name, v)
			}
			id, refusal := auth.New(api, func() time.Time { return now }).Authenticate(context.Background(), h)
			if tt.mode != "" {
				if refusal != nil || id.Mode != tt.mode || id.Value != nil {
					t.Fatalf("got %+v, %v; want mode %s", id, refusal, tt.mode)
				}
				return
			}
			want := auth.Refusal{Status: http.StatusUnauthorized, ErrorType: "UnauthorizedException", Message: tt.message}
			if tt.errorType != "" {
				want.ErrorType = tt.errorType
			}
			if refusal == nil || *refusal != want {
				t.Errorf("refusal = %+v, want %+v", refusal, want)
			}
		})
	}
}

func TestKeyExpiresWithTheClock(t *testing.T) {
	clock := now
	a := auth.New(&project.API{
		Auth:    provider(project.AuthAPIKey),
		APIKeys: []project.APIKey{{Key: "k", Expires: now.Add(time.Minute)}},
	}, func() time.Time { return clock })
	h := http.Header{"X-Api-Key": {"k"}}
	if _, refusal := a.Authenticate(context.Background(), h); refusal != nil {
		t.Fatal(refusal)
	}
	clock = clock.Add(time.Minute)
	if _, refusal := a.Authenticate(context.Background(), h); refusal == nil {
		t.Error("an expired key was accepted")
	}
}

func BenchmarkAPIKey(b *testing.B) {
	a := auth.New(&project.API{
		Auth: provider(project.AuthAPIKey), APIKeys: []project.APIKey{{Key: "da2-fakeApiId123456"}},
	}, time.Now)
	h := http.Header{"X-Api-Key": {"da2-fakeApiId123456"}}
	b.ReportAllocs()
	for b.Loop() {
		a.Authenticate(context.Background(), h)
	}
}
