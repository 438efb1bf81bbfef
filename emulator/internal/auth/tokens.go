package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/value"
)

// tokenProvider checks the tokens of one user pool or OpenID Connect provider.
type tokenProvider struct {
	mode     string
	provider project.AuthProvider
	// issuer is the iss of the provider's tokens, as it is configured.
	issuer string
	// anyIssuer has iss not compared with issuer; see newTokenProvider.
	anyIssuer bool
	// clients is the pattern of client identifiers; nil admits all.
	clients  *value.Pattern
	keys     *keyring
	localKey func(issuer, keyID string) crypto.PublicKey
	now      func() time.Time
	log      *slog.Logger
}

// newTokenProvider returns the checker of a provider's tokens. Where OpenID
// Connect is the sole mode of an API, AppSync does not compare iss with the issuer
// that is configured; the keys are that issuer's all the same.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#openid-connect-authorization
func newTokenProvider(p project.AuthProvider, sole bool, opt *Options) *tokenProvider {
	t := &tokenProvider{mode: p.Type, provider: p, localKey: opt.LocalKey, now: opt.Now, log: opt.Log}
	if p.Type == project.AuthCognito {
		t.issuer = project.CognitoIssuer(p.Region, p.UserPoolID)
		t.clients = compilePattern(p.AppIDClientRegex)
		t.keys = newKeyring(t.issuer, t.issuer+"/.well-known/jwks.json", opt.HTTP, opt.Wall)
		return t
	}
	t.issuer = p.Issuer
	t.anyIssuer = sole
	t.clients = compilePattern(p.ClientID)
	t.keys = newKeyring(p.Issuer, "", opt.HTTP, opt.Wall)
	return t
}

// issued reports whether a token says that it is the provider's.
func (p *tokenProvider) issued(t *token) bool { return t.issuer == p.issuer }

// Why a token is refused.
var (
	errExpired            = errors.New("it has expired")
	errNoExpiry           = errors.New("it has no exp")
	errNotYet             = errors.New("it is not valid yet")
	errIssuer             = errors.New("its iss is not the issuer's")
	errClient             = errors.New("its client is not one that the configuration admits")
	errTokenUse           = errors.New("its token_use is neither id nor access")
	errNoIssueTime        = errors.New("it has no iat")
	errTooOld             = errors.New("it was issued longer ago than iatTTL")
	errNoAuthTime         = errors.New("it has no auth_time, which authTTL needs")
	errSignedInTooLongAgo = errors.New("its user signed in longer ago than authTTL")
)

// authenticate checks a token and returns its caller. fresh is the token, to be
// remembered, when its signature had to be checked and is right.
func (p *tokenProvider) authenticate(ctx context.Context, t *token, req *Request) (id Identity, fresh *token, refusal *Refusal) {
	fresh, err := p.checkSignature(ctx, t)
	if err == nil {
		err = p.checkTimes(t)
	}
	if err == nil {
		err = p.checkClaims(t)
	}
	if err != nil {
		p.log.Warn("a token was refused", "mode", p.mode, "issuer", shown(t.issuer), "key", shown(t.keyID), "algorithm", shown(t.algorithm), "reason", err)
		return Identity{}, fresh, refusalOf(err)
	}
	return p.identity(t, req), fresh, nil
}

// shown is what the log has of a text that anybody may have sent.
func shown(text string) string {
	const most = 200
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// refusalOf words what is wrong with a token.
func refusalOf(err error) *Refusal {
	switch {
	case errors.Is(err, errExpired):
		return unauthorized(messageExpired)
	case errors.Is(err, errSignature), errors.Is(err, errAlgorithm), errors.Is(err, errCritical), errors.Is(err, errUnknownKey):
		return unauthorized(messageNotAuthorized)
	}
	return unauthorized(messageUnauthorized)
}

// checkSignature checks the signature and the issuer of a token. fresh is the token
// with the key that was right, when that is news.
func (p *tokenProvider) checkSignature(ctx context.Context, t *token) (fresh *token, err error) {
	key, err := p.key(ctx, t)
	switch {
	case err != nil:
		return nil, err
	case t.checkedWith == key.key:
		return nil, nil
	case key.algorithm != "" && key.algorithm != t.algorithm:
		return nil, fmt.Errorf("%w: the key is for %s", errAlgorithm, key.algorithm)
	case p.mode == project.AuthCognito && t.algorithm != "RS256":
		return nil, errAlgorithm // Cognito has no other
	}
	if err := t.verify(key.key); err != nil {
		return nil, err
	}
	checked := *t
	checked.checkedWith = key.key
	return &checked, nil
}

// key finds the key that a token says it is signed with: one of this process, or
// one of the issuer.
func (p *tokenProvider) key(ctx context.Context, t *token) (publicKey, error) {
	if t.keyID == "" {
		return publicKey{}, fmt.Errorf("%w: its header has no kid", errUnknownKey)
	}
	if p.localKey != nil && p.issued(t) {
		if key := p.localKey(t.issuer, t.keyID); key != nil {
			return publicKey{key: key}, nil
		}
	}
	key, issuer, err := p.keys.key(ctx, t.keyID)
	if err != nil {
		return publicKey{}, err
	}
	// Whatever is configured, the tokens of an issuer name it as it names itself.
	if t.issuer != issuer {
		return publicKey{}, fmt.Errorf("%w, %s", errIssuer, issuer)
	}
	return key, nil
}

// checkTimes checks when a token begins and ends.
func (p *tokenProvider) checkTimes(t *token) error {
	now := p.now()
	expires, ok := t.time("exp")
	switch {
	case !ok:
		return errNoExpiry
	case !now.Before(expires):
		return fmt.Errorf("%w, at %s", errExpired, expires.Format(time.RFC3339))
	}
	if begins, ok := t.time("nbf"); ok && now.Before(begins) {
		return fmt.Errorf("%w, before %s", errNotYet, begins.Format(time.RFC3339))
	}
	if p.mode == project.AuthCognito {
		return nil
	}
	issued, ok := t.time("iat")
	switch {
	case !ok:
		return errNoIssueTime
	case outlived(issued, p.provider.IatTTL, now):
		return errTooOld
	case p.provider.AuthTTL == 0:
		return nil
	}
	signedIn, ok := t.time("auth_time")
	switch {
	case !ok:
		return errNoAuthTime
	case outlived(signedIn, p.provider.AuthTTL, now):
		return errSignedInTooLongAgo
	}
	return nil
}

// outlived reports whether a number of milliseconds, if it is not 0, has passed
// since begin.
func outlived(begin time.Time, ttl int64, now time.Time) bool {
	return ttl > 0 && now.UnixMilli()-begin.UnixMilli() >= ttl
}

// checkClaims checks for whom a token was made.
func (p *tokenProvider) checkClaims(t *token) error {
	var clients []any
	if p.mode == project.AuthCognito {
		switch t.claims.Value("token_use") {
		case "id":
			clients = append(clients, t.claims.Value("aud"))
		case "access":
			clients = append(clients, t.claims.Value("client_id"))
		default:
			return errTokenUse
		}
	} else {
		clients = append(clients, t.claims.Value("azp"))
		if several, ok := t.claims.Value("aud").(*value.List); ok {
			clients = append(clients, several.Items...)
		} else {
			clients = append(clients, t.claims.Value("aud"))
		}
	}
	if p.clients == nil {
		return nil
	}
	for _, c := range clients {
		if id, ok := c.(string); ok {
			if matches, err := p.clients.Matches(id); err == nil && matches {
				return nil
			}
		}
	}
	return errClient
}

// identity is what templates see of a token's user.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html#aws-appsync-resolver-context-reference-identity
func (p *tokenProvider) identity(t *token, req *Request) Identity {
	expires, _ := t.time("exp")
	id := Identity{Mode: p.mode, Expires: expires}
	if p.mode == project.AuthOIDC {
		id.Value = value.MapOf("sub", t.claims.Value("sub"), "issuer", t.issuer, "claims", t.claims)
		return id
	}
	username := t.claims.Value("cognito:username") // of an ID token
	if username == nil {
		username = t.claims.Value("username") // of an access token
	}
	var groups any
	if list, ok := t.claims.Value("cognito:groups").(*value.List); ok {
		groups = list
		id.Groups = make([]string, 0, len(list.Items))
		for _, g := range list.Items {
			if name, ok := g.(string); ok {
				id.Groups = append(id.Groups, name)
			}
		}
	}
	strategy := p.provider.DefaultAction
	if strategy == "" {
		strategy = "ALLOW"
	}
	id.Value = value.MapOf(
		"sub", t.claims.Value("sub"),
		"issuer", t.issuer,
		"username", username,
		"claims", t.claims,
		"sourceIp", req.sourceIP(),
		"defaultAuthStrategy", strategy,
		"groups", groups,
	)
	return id
}

// time reads a claim that is a number of seconds since 1970. ok is false when it
// is none, or so far off that nothing can be meant by it.
func (t *token) time(claim string) (at time.Time, ok bool) {
	var seconds float64
	switch n := t.claims.Value(claim).(type) {
	case int32:
		seconds = float64(n)
	case int64:
		seconds = float64(n)
	case float64:
		seconds = n
	default:
		return time.Time{}, false
	}
	const farthest = 1 << 40 // 35 thousand years
	if !(math.Abs(seconds) < farthest) {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
}
