package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/project"
)

// Identity is an authenticated caller.
type Identity struct {
	// Mode is the authorization mode in AppSync's words: project.AuthAPIKey and
	// its neighbours.
	Mode string
	// Value is what templates see as $ctx.identity; nil for an API key.
	Value any
	// Groups are the caller's cognito:groups.
	Groups []string
}

// Header reads request headers by case-insensitive name. http.Header is one.
type Header interface {
	Get(name string) string
}

// Refusal says why a request was not authenticated.
type Refusal struct {
	Status    int
	ErrorType string
	Message   string
}

func (r *Refusal) Error() string { return r.ErrorType + ": " + r.Message }

// The messages of refused requests.
const (
	// Recorded in many places, such as graphql-dotnet/graphql-client#221.
	messageUnauthorized = "You are not authorized to make this call."
	// Recorded: aws-amplify/amplify-js#4373.
	messageNoValidHeader = "Valid authorization header not provided."
	messageMissingHeader = "Missing authorization header"
	messageNoJWT         = "Unable to parse JWT token."
)

// apiKeyHeader is in canonical form, which spares http.Header a conversion.
const apiKeyHeader = "X-Api-Key"

// Authenticator checks the credentials of requests to one API. It is immutable
// and safe for concurrent use.
type Authenticator struct {
	defaultMode string
	configured  map[string]bool
	issuers     map[string]string // token issuer -> mode
	keys        []apiKey
	now         func() time.Time
}

// apiKey holds a digest instead of the key, so that comparing takes the same
// time whatever the lengths and contents.
type apiKey struct {
	digest  [sha256.Size]byte
	expires time.Time
}

// New returns the authenticator of an API. The clock decides which keys have
// expired.
func New(api *project.API, now func() time.Time) *Authenticator {
	a := &Authenticator{
		defaultMode: api.Auth.Type,
		configured:  map[string]bool{},
		issuers:     map[string]string{},
		now:         now,
	}
	for _, p := range providers(api) {
		a.configured[p.Type] = true
		switch p.Type {
		case project.AuthCognito:
			a.issuers[cognitoIssuer(p)] = p.Type
		case project.AuthOIDC:
			a.issuers[p.Issuer] = p.Type
		}
	}
	for _, k := range api.APIKeys {
		a.keys = append(a.keys, apiKey{digest: sha256.Sum256([]byte(k.Key)), expires: k.Expires})
	}
	return a
}

func providers(api *project.API) []project.AuthProvider {
	return append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...)
}

// cognitoIssuer is the iss claim of a user pool's tokens.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
func cognitoIssuer(p project.AuthProvider) string {
	region := p.Region
	if region == "" {
		region, _, _ = strings.Cut(p.UserPoolID, "_")
	}
	return "https://cognito-idp." + region + ".amazonaws.com/" + p.UserPoolID
}

// Authenticate matches a request to one of the API's modes by what it carries
// and checks its credentials. Exactly one of the results is meaningful: the
// identity when the refusal is nil.
func (a *Authenticator) Authenticate(ctx context.Context, h Header) (Identity, *Refusal) {
	mode, refusal := a.choose(h)
	if refusal != nil {
		return Identity{}, refusal
	}
	if mode == project.AuthAPIKey {
		if !a.validKey(h.Get(apiKeyHeader)) {
			return Identity{}, unauthorized(messageUnauthorized)
		}
		return Identity{Mode: project.AuthAPIKey}, nil
	}
	return Identity{}, &Refusal{
		Status:    http.StatusUnauthorized,
		ErrorType: apierror.TypeNotSupported,
		Message:   fmt.Sprintf("The emulator does not check %s credentials. Call this API with an API key.", mode),
	}
}

// choose picks the mode whose kind of credential the request carries. A
// credential of a mode that is not configured counts only when there is no
// other.
func (a *Authenticator) choose(h Header) (mode string, refusal *Refusal) {
	authorization := strings.TrimSpace(h.Get("Authorization"))
	signed := strings.HasPrefix(authorization, "AWS4-HMAC-SHA256")
	hasKey := h.Get(apiKeyHeader) != ""
	switch {
	case signed && a.configured[project.AuthIAM]:
		return project.AuthIAM, nil
	case hasKey && a.configured[project.AuthAPIKey]:
		return project.AuthAPIKey, nil
	case authorization == "" && hasKey, signed:
		return "", unauthorized(messageUnauthorized)
	case authorization == "":
		return "", a.noCredentials()
	}
	issuer, isJWT := tokenIssuer(authorization)
	if mode := a.issuers[issuer]; isJWT && mode != "" {
		return mode, nil
	}
	switch {
	case a.configured[project.AuthLambda]:
		return project.AuthLambda, nil
	case len(a.issuers) > 0 && !isJWT:
		return "", unauthorized(messageNoJWT)
	}
	return "", unauthorized(messageUnauthorized)
}

// noCredentials is the answer to a request that carries nothing usable. Both
// texts are recorded; which one AppSync sends for which API is not documented.
func (a *Authenticator) noCredentials() *Refusal {
	if a.defaultMode == project.AuthCognito || a.defaultMode == project.AuthOIDC {
		return unauthorized(messageNoValidHeader)
	}
	return unauthorized(messageMissingHeader)
}

func unauthorized(message string) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, ErrorType: apierror.TypeUnauthorizedCall, Message: message}
}

func (a *Authenticator) validKey(key string) bool {
	digest := sha256.Sum256([]byte(key))
	now := a.now()
	valid := 0
	for i := range a.keys {
		k := &a.keys[i]
		same := subtle.ConstantTimeCompare(digest[:], k.digest[:])
		if k.expires.IsZero() || now.Before(k.expires) {
			valid |= same
		}
	}
	return valid == 1
}
