package auth_test

import (
	"net/http"
	"testing"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

// FuzzAuthenticate sends any headers to an API with all modes, whose credentials
// nobody has: nothing may panic, and nobody may get in.
func FuzzAuthenticate(f *testing.F) {
	f.Add("", "", "", "")
	f.Add("Bearer "+sign(f, "RS256", "k1", otherRSAKey, poolClaims("id")), "", "", "")
	f.Add(sign(f, "none", "k1", rsaKey, oidcClaims()), "", "", "")
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDADA/20260102/us-east-1/appsync/aws4_request, SignedHeaders=host;x-amz-date, Signature=0", "", "20260102T030405Z", "")
	f.Add("", "da2-key", "", "x")
	modes := []project.AuthProvider{userPool, oidc, provider(project.AuthIAM), {Type: project.AuthLambda, IdentityValidationExpression: "never"}}
	var callers []*caller
	for i := range modes {
		api := &project.API{
			ID: "abc", Auth: provider(project.AuthAPIKey), APIKeys: []project.APIKey{{Key: "the secret of nobody"}},
			AdditionalAuth: append(append([]project.AuthProvider{}, modes[i:]...), modes[:i]...), Credentials: []project.Credential{adaKey},
		}
		callers = append(callers, newCaller(api, auth.Options{HTTP: &http.Client{Transport: newIssuer(oidc.Issuer)}}))
	}
	f.Fuzz(func(t *testing.T, authorization, key, date, token string) {
		for _, c := range callers {
			for _, kind := range []auth.Kind{auth.HTTP, auth.Connect, auth.Start} {
				h := http.Header{"Authorization": {authorization}, "X-Api-Key": {key}, "X-Amz-Date": {date}, "X-Amz-Security-Token": {token}}
				id, refusal := c.Authenticate(t.Context(), &auth.Request{Kind: kind, Header: h})
				if refusal == nil {
					t.Fatalf("let in %+v", id)
				}
				if refusal.Status < 400 || refusal.ErrorType == "" {
					t.Fatalf("%+v", refusal)
				}
			}
			c.log.Reset()
		}
	})
}
