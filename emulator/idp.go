package emulator

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
)

// identityFolder is what the name of the folder with the keys and users of the user
// pools ends in, which lies beside the data file.
const identityFolder = ".identity"

// newIdentityProvider makes the identity provider: the user pools of the project.
func (e *Emulator) newIdentityProvider(p *Project) (*idp.Provider, error) {
	opt := identityOptions(p.api)
	opt.Now, opt.Log = e.clock.Now, e.log
	if r := e.random(); r != nil {
		opt.Random = r
	}
	if file := e.DataFile(); file != "" {
		opt.Dir = file + identityFolder
	}
	return idp.New(opt)
}

func identityOptions(api *project.API) idp.Options {
	opt := idp.Options{Pools: api.UserPools}
	for _, a := range append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...) {
		if _, local := project.LocalPool(a.Issuer); a.Type == project.AuthOIDC && !local {
			opt.Issuers = append(opt.Issuers, idp.Issuer{URL: a.Issuer, ClientID: project.PlainClient(a.ClientID)})
		}
	}
	return opt
}

// administration is what is served below /_emulator/: the identity provider and
// everything else.
func (e *Emulator) administration() http.Handler {
	everything := e.admin.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path+"/", idp.Prefix) {
			e.api.now().pools.ServeHTTP(w, r)
			return
		}
		everything.ServeHTTP(w, r)
	})
}

// services is what is served at / to clients of AWS: DynamoDB, and Cognito for
// those that take an address without a path, as mobile clients do.
func (e *Emulator) services() http.Handler {
	dynamoDB := e.dynamoDB()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if idp.Serves(r.Header.Get("X-Amz-Target")) {
			e.api.now().cognito.ServeHTTP(w, r)
			return
		}
		dynamoDB.ServeHTTP(w, r)
	})
}

// ErrToken is returned, wrapped with why, for a token that cannot be as it is
// described.
var ErrToken = errors.New("there is no such token")

// Token describes a token that is made without a sign-in, for scripts and tests.
type Token struct {
	// Pool is the id of a user pool, or the issuer of an OpenID Connect provider;
	// empty is the first that the project names.
	Pool string
	// Username is whom the token is about, who need not be a user of the pool. Of
	// one who is, the token has sub, groups and attributes.
	Username string
	// Groups are the user's groups, in place of those of the pool unless nil.
	Groups []string
	// ClientID is the app client that the token is for; empty is the first of the
	// pool.
	ClientID string
	// ID asks for an ID token in place of an access token. Tokens of OpenID Connect
	// providers are ID tokens.
	ID bool
	// Claims are more claims, or others than the token would have.
	Claims map[string]any
	// Validity is how long the token is valid by the emulator's clock; 0 is an hour,
	// or what the client says. Below 0 it has expired.
	Validity time.Duration
}

// Token makes a token that the API accepts. The error wraps ErrToken when the
// project has nobody who could have given it.
func (e *Emulator) Token(t Token) (string, error) { return mint(e.api.now().idp, &t) }

// Token makes a token that an emulator of the project accepts which keeps its data
// in that file, whether it runs or not. The emulator's clock counts as the
// system's.
func (p *Project) Token(dataFile string, t Token) (string, error) {
	opt := identityOptions(p.api)
	opt.Dir, opt.Log = dataFile+identityFolder, slog.New(slog.DiscardHandler)
	provider, err := idp.New(opt)
	if err != nil {
		return "", err
	}
	return mint(provider, &t)
}

func mint(provider *idp.Provider, t *Token) (string, error) {
	wanted := idp.Token{
		Pool: t.Pool, Username: t.Username, Groups: t.Groups, ClientID: t.ClientID, Claims: t.Claims, Validity: t.Validity,
	}
	if t.ID {
		wanted.Use = "id"
	}
	token, err := provider.Mint(wanted)
	if wrong, is := errors.AsType[*idp.TokenError](err); is {
		return "", errorOfToken{wrong}
	}
	return token, err
}

// errorOfToken is a refusal with the text of the provider.
type errorOfToken struct{ *idp.TokenError }

func (errorOfToken) Is(target error) bool { return target == ErrToken }
