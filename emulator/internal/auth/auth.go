package auth

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/sigv4"
	"appsync-emulator/mappingtemplate/value"
)

// Identity is an authenticated caller.
type Identity struct {
	// Mode is the authorization mode in AppSync's words: project.AuthAPIKey and
	// its neighbours.
	Mode string
	// Value is what templates see as $ctx.identity; nil for an API key. It is
	// shared among requests and must not be changed.
	Value any
	// Groups are the caller's cognito:groups.
	Groups []string
	// Denied are the fields that a Lambda authorizer closes to the caller; nil for
	// none.
	Denied *DeniedFields
	// Expires is when the credentials end; zero for those that do not.
	Expires time.Time
}

// Options tunes New. The zero value is ready to use.
type Options struct {
	// Now is the time that keys, tokens and cached answers end by; nil means the
	// system clock.
	Now func() time.Time
	// Wall is the time that callers live in who sign their requests, and by which
	// issuers are asked for their keys again; nil means the system clock.
	Wall func() time.Time
	// Log hears why credentials are refused, never the credentials. Nil logs
	// nothing.
	Log *slog.Logger
	// HTTP fetches the keys of issuers; nil means a client that gives up after a few
	// seconds.
	HTTP *http.Client
	// Invoke runs the function of a Lambda authorizer; nil runs none.
	Invoke Invoke
	// LocalKey returns the public key, an *rsa.PublicKey or *ecdsa.PublicKey, of a
	// token that this process has signed itself, by iss and kid; nil for others. It
	// must be quick, return the same pointer for the same key, and may be called by
	// several goroutines.
	LocalKey func(issuer, keyID string) crypto.PublicKey
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: fetchTimeout}
	}
	return o
}

// Authenticator checks the credentials of requests to one API. It is safe for
// concurrent use.
type Authenticator struct {
	opt         Options
	defaultMode string
	configured  map[string]bool
	keys        []apiKey
	tokens      []*tokenProvider // in the order of configuration
	// checked holds tokens whose signatures are right, by the digests of their
	// texts, so that they are read and checked once.
	checked    *lru.Cache[[sha256.Size]byte, *token]
	iam        *iam
	authorizer *authorizer
}

// checkedTokens is how many tokens are remembered.
const checkedTokens = 1024

// New returns the authenticator of an API.
func New(api *project.API, opt Options) *Authenticator {
	opt = opt.withDefaults()
	a := &Authenticator{
		opt:         opt,
		defaultMode: api.Auth.Type,
		configured:  map[string]bool{},
		keys:        apiKeys(api),
	}
	a.checked, _ = lru.New[[sha256.Size]byte, *token](checkedTokens) // fails for no size alone
	for _, p := range providers(api) {
		a.configured[p.Type] = true
		switch p.Type {
		case project.AuthCognito, project.AuthOIDC:
			a.tokens = append(a.tokens, newTokenProvider(p, len(api.AdditionalAuth) == 0, &opt))
		case project.AuthIAM:
			a.iam = newIAM(api, &opt)
		case project.AuthLambda:
			a.authorizer = newAuthorizer(api, p, &opt)
		}
	}
	return a
}

func providers(api *project.API) []project.AuthProvider {
	return append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...)
}

// Check reports the regular expressions of an API's modes that Java could not
// compile.
func Check(api *project.API) project.Problems {
	var problems project.Problems
	for _, p := range providers(api) {
		for _, pattern := range []string{p.AppIDClientRegex, p.ClientID, p.IdentityValidationExpression} {
			if _, err := value.CompilePattern(pattern); err != nil {
				problems = append(problems, project.Problem{Pos: p.PatternPos, Message: "this is no regular expression: " + reasonOf(err)})
			}
		}
	}
	return problems
}

// reasonOf is the first line of what Java says.
func reasonOf(err error) string {
	message := err.Error()
	if exception, ok := errors.AsType[*value.Exception](err); ok {
		message = exception.Message
	}
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// compilePattern compiles an expression that Check has admitted. Nil stands for
// none.
func compilePattern(expression string) *value.Pattern {
	if expression == "" {
		return nil
	}
	pattern, err := value.CompilePattern(expression)
	if err != nil {
		// Nothing matches what cannot be understood.
		pattern, _ = value.CompilePattern(`(?!)`)
	}
	return pattern
}

// Authenticate matches a request to one of the API's modes by what it carries
// and checks its credentials. Exactly one of the results is meaningful: the
// identity when the refusal is nil.
//
// An Authorization header that is a signature belongs to IAM, one that is a JSON
// Web Token to the user pool or OpenID Connect provider that issued it. A Lambda
// authorizer is asked about what is neither, and about either where the API has no
// mode that it belongs to. An API key counts when there is no signature.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func (a *Authenticator) Authenticate(ctx context.Context, req *Request) (Identity, *Refusal) {
	authorization := strings.TrimSpace(req.Header.Get("Authorization"))
	signed := strings.HasPrefix(authorization, "AWS4-")
	key := req.Header.Get(apiKeyHeader)
	switch {
	case signed && a.iam != nil:
		return a.iam.authenticate(req)
	case key != "" && a.configured[project.AuthAPIKey]:
		expires, ok := a.key(key)
		if !ok {
			return Identity{}, unauthorized(messageNotAuthorized)
		}
		return Identity{Mode: project.AuthAPIKey, Expires: expires}, nil
	case authorization == "" && key != "":
		return Identity{}, unauthorized(messageNotAuthorized)
	case authorization == "":
		return Identity{}, a.noCredentials(req)
	}
	if text := withoutBearer(authorization); len(a.tokens) > 0 && !signed && len(text) <= maxToken {
		digest := sha256.Sum256([]byte(text))
		t, ok := a.checked.Get(digest)
		if !ok {
			t, ok = parseToken(text)
		}
		if ok {
			return a.authenticateToken(ctx, t, digest, req)
		}
	}
	switch {
	case a.authorizer != nil:
		return a.authorizer.authenticate(ctx, authorization, req)
	case len(a.tokens) > 0:
		return Identity{}, unauthorized(messageNoJWT)
	case a.iam != nil:
		return a.iam.authenticate(req) // which says what is missing
	}
	return Identity{}, unauthorized(messageNotAuthorized)
}

// authenticateToken finds the provider that issued a token. With several modes a
// token of somebody else is as good as none; the one user pool of an API says no.
func (a *Authenticator) authenticateToken(ctx context.Context, t *token, digest [sha256.Size]byte, req *Request) (Identity, *Refusal) {
	for _, p := range a.tokens {
		if p.anyIssuer || p.issued(t) {
			id, fresh, refusal := p.authenticate(ctx, t, req)
			if fresh != nil {
				a.checked.Add(digest, fresh)
			}
			return id, refusal
		}
	}
	a.opt.Log.Warn("a token was refused", "issuer", shown(t.issuer), "reason", "no mode of the API has this issuer")
	if len(a.configured) == 1 && len(a.tokens) == 1 {
		return Identity{}, unauthorized(messageNotAuthorized)
	}
	return Identity{}, unauthorized(messageNoJWT)
}

// Holds refuses a caller who was authenticated before and whose credentials have
// ended since.
func (a *Authenticator) Holds(id Identity) *Refusal {
	if id.Expires.IsZero() || a.opt.Now().Before(id.Expires) {
		return nil
	}
	if id.Mode == project.AuthAPIKey {
		return unauthorized(messageNotAuthorized)
	}
	return unauthorized(messageExpired)
}

// noCredentials is the answer to a request that carries nothing usable. Which of
// the texts AppSync sends for API keys and Lambda authorizers is not documented.
func (a *Authenticator) noCredentials(req *Request) *Refusal {
	switch a.defaultMode {
	case project.AuthCognito, project.AuthOIDC:
		return unauthorized(messageNoValidHeader)
	case project.AuthIAM:
		return signatureRefusal(&sigv4.Error{Name: sigv4.Missing, Message: messageMissingToken}, req)
	}
	return unauthorized(messageMissingHeader)
}
