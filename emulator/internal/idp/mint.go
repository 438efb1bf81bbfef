package idp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// Token describes a token that is made without a sign-in.
type Token struct {
	// Pool is a user pool's id, or the issuer of an OPENID_CONNECT authentication;
	// empty is the first there is.
	Pool string
	// Username is whom the token is about, who need not exist. Of a user who does,
	// the token has sub, groups and attributes.
	Username string
	// Groups are the user's groups in place of those of the pool; nil leaves these.
	Groups []string
	// ClientID is the client that the token is for; empty is the first of the pool.
	ClientID string
	// Use is id or access; empty is access. OpenID Connect has ID tokens alone.
	Use string
	// Claims are more claims, or others: they win over those that the token has.
	Claims map[string]any
	// Validity is how long the token is valid; 0 is as long as the client's are. It
	// may be negative, for a token that has expired.
	Validity time.Duration
}

// TokenError says why a token cannot be as it is described.
type TokenError struct{ Message string }

func (e *TokenError) Error() string { return e.Message }

var errNoIssuer = &TokenError{"the project has no user pool and no OpenID Connect provider, so that nobody takes tokens"}

// defaultClient is the client of tokens when nothing says which.
const defaultClient = "appsync-emulator"

// Mint makes a token that the API accepts. A *TokenError is the caller's; other
// errors are those of the keys.
func (p *Provider) Mint(t Token) (string, error) {
	if t.Username == "" {
		return "", &TokenError{"a token needs the name of a user"}
	}
	if t.Use != "" && t.Use != useID && t.Use != useAccess {
		return "", &TokenError{fmt.Sprintf("the use of a token is id or access, not %q", t.Use)}
	}
	k, err := p.keyring.get()
	if err != nil {
		return "", err
	}
	pool, issuer, err := p.tokenIssuer(t.Pool)
	if err != nil {
		return "", err
	}
	var (
		payload claims
		key     = k.id
	)
	switch {
	case pool != nil:
		s, client := p.mintSubject(pool, &t)
		if t.Use == useID {
			payload = s.idClaims(s.now.Add(orValidity(t.Validity, client.IDTokenValidity)))
		} else {
			key, payload = k.access, s.accessClaims(s.now.Add(orValidity(t.Validity, client.AccessTokenValidity)))
		}
	case t.Use == useAccess:
		return "", &TokenError{"an OpenID Connect provider has ID tokens alone"}
	case len(t.Groups) > 0:
		return "", &TokenError{"OpenID Connect has no groups; a claim may hold them"}
	default:
		payload = p.openIDClaims(issuer, &t)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
		payload.set(name, t.Claims[name])
	}
	return sign(key, payload)
}

// tokenIssuer finds whose token is wanted: exactly one of both is returned.
func (p *Provider) tokenIssuer(name string) (*pool, *Issuer, error) {
	if name == "" {
		switch {
		case len(p.pools) > 0:
			return p.pools[0], nil, nil
		case len(p.opt.Issuers) > 0:
			return nil, &p.opt.Issuers[0], nil
		}
		return nil, nil, errNoIssuer
	}
	if pool := p.pool(name); pool != nil {
		return pool, nil, nil
	}
	if pool := p.poolOf(name); pool != nil {
		return pool, nil, nil
	}
	if issuer := p.issuer(name); issuer != nil {
		return nil, issuer, nil
	}
	var names []string
	for _, pool := range p.pools {
		names = append(names, pool.ID)
	}
	for _, issuer := range p.opt.Issuers {
		names = append(names, issuer.URL)
	}
	if len(names) == 0 {
		return nil, nil, errNoIssuer
	}
	return nil, nil, &TokenError{fmt.Sprintf("there is no user pool %q; there is %s", name, strings.Join(names, ", "))}
}

// mintSubject is whom a token of a pool is about.
func (p *Provider) mintSubject(pool *pool, t *Token) (*subject, *project.UserPoolClient) {
	d := p.read(pool)
	u := pool.find(d, t.Username)
	if u == nil {
		u = &user{Username: t.Username, Sub: nameSub(pool, t.Username)}
	}
	id := t.ClientID
	if id == "" {
		switch {
		case pool.ClientID != "":
			id = pool.ClientID
		case len(pool.Clients) > 0:
			id = pool.Clients[0].ID
		default:
			id = defaultClient
		}
	}
	client := pool.client(id)
	if client == nil { // one that the pool refuses, which a test may want
		c := project.DefaultUserPoolClient(id)
		client = &c
	}
	now := p.now()
	s := &subject{pool: pool, user: u, groups: d.groupsOf(u), client: id, grant: p.newGrant(pool, u, client, now), now: now}
	if t.Groups != nil {
		s.groups = nil
		for _, name := range t.Groups {
			g := d.Groups[name]
			if g == nil {
				g = &group{Name: name}
			}
			s.groups = append(s.groups, g)
		}
	}
	return s, client
}

// openIDClaims are those of an ID token of somebody else.
//
// See: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
func (p *Provider) openIDClaims(issuer *Issuer, t *Token) claims {
	client := t.ClientID
	if client == "" {
		client = issuer.ClientID
	}
	if client == "" {
		client = defaultClient
	}
	now := p.now()
	var c claims
	c.set("iss", issuer.URL)
	c.set("sub", t.Username)
	c.set("aud", client)
	c.set("azp", client)
	c.set("exp", now.Add(orValidity(t.Validity, time.Hour)).Unix())
	c.set("iat", now.Unix())
	c.set("auth_time", now.Unix())
	c.set("jti", uuid(secureBytes(16)))
	return c
}

func orValidity(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
