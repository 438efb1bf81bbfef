package idp

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// The values of token_use.
const (
	useID     = "id"
	useAccess = "access"
)

// userScope is what Cognito's own API asks of an access token.
const userScope = "aws.cognito.signin.user.admin"

// grant is a sign-in: what all tokens of it have in common.
type grant struct {
	Pool      string `json:"pool"`
	Username  string `json:"username"`
	ClientID  string `json:"client"`
	OriginJTI string `json:"origin"`
	EventID   string `json:"event"`
	AuthTime  int64  `json:"auth"`
	// Expires ends the refresh token, in seconds.
	Expires int64 `json:"exp"`
}

// newGrant begins a sign-in.
func (p *Provider) newGrant(pool *pool, u *user, client *project.UserPoolClient, now time.Time) grant {
	return grant{
		Pool: pool.ID, Username: u.Username, ClientID: client.ID,
		OriginJTI: u.originJTI(), EventID: uuid(secureBytes(16)),
		AuthTime: now.Unix(), Expires: now.Add(client.RefreshTokenValidity).Unix(),
	}
}

// originJTI is a new id of a sign-in. Its first eight digits tell the user's era.
func (u *user) originJTI() string {
	b := secureBytes(16)
	binary.BigEndian.PutUint32(b, u.mark())
	return uuid(b)
}

// mark is what begins the ids of the user's sign-ins in this era.
func (u *user) mark() uint32 {
	sum := sha256.Sum256([]byte("era/" + u.Sub))
	return binary.BigEndian.Uint32(sum[:]) + u.Era
}

// signedOut reports whether a sign-in is over: its refresh token was revoked, or
// the user has signed out everywhere since.
func (d *data) signedOut(u *user, originJTI string) bool {
	if _, revoked := d.Revoked[originJTI]; revoked {
		return true
	}
	return !strings.HasPrefix(originJTI, fmt.Sprintf("%08x-", u.mark()))
}

// authenticationResult is Cognito's AuthenticationResultType.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AuthenticationResultType.html
type authenticationResult struct {
	AccessToken  string
	ExpiresIn    int64
	IdToken      string
	RefreshToken string `json:",omitempty"`
	TokenType    string
}

// tokens makes the tokens of a sign-in. A refresh token is made with the first
// ones alone.
func (p *Provider) tokens(pool *pool, d *data, u *user, client *project.UserPoolClient, g grant, now time.Time, first bool) (*authenticationResult, error) {
	k, err := p.keyring.get()
	if err != nil {
		return nil, err
	}
	out := &authenticationResult{ExpiresIn: int64(client.AccessTokenValidity / time.Second), TokenType: "Bearer"}
	s := subject{pool: pool, user: u, groups: d.groupsOf(u), client: client.ID, grant: g, now: now}
	if out.AccessToken, err = sign(k.access, s.accessClaims(now.Add(client.AccessTokenValidity))); err != nil {
		return nil, err
	}
	if out.IdToken, err = sign(k.id, s.idClaims(now.Add(client.IDTokenValidity))); err != nil {
		return nil, err
	}
	if first {
		if out.RefreshToken, err = encryptToken(k.refresh, g); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// subject is whom tokens are about.
type subject struct {
	pool   *pool
	user   *user
	groups []*group
	client string
	grant  grant
	now    time.Time
}

func (s *subject) groupNames() []string {
	out := make([]string, len(s.groups))
	for i, g := range s.groups {
		out[i] = g.Name
	}
	return out
}

// accessClaims are those of an access token.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
func (s *subject) accessClaims(expires time.Time) claims {
	var c claims
	c.set("sub", s.user.Sub)
	if len(s.groups) > 0 {
		c.set("cognito:groups", s.groupNames())
	}
	c.set("iss", s.pool.Issuer)
	c.set("client_id", s.client)
	c.set("origin_jti", s.grant.OriginJTI)
	c.set("event_id", s.grant.EventID)
	c.set("token_use", useAccess)
	c.set("scope", userScope)
	c.set("auth_time", s.grant.AuthTime)
	c.set("exp", expires.Unix())
	c.set("iat", s.now.Unix())
	c.set("jti", uuid(secureBytes(16)))
	c.set("username", s.user.Username)
	return c
}

// idClaims are those of an ID token.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
func (s *subject) idClaims(expires time.Time) claims {
	var c claims
	c.set("sub", s.user.Sub)
	if len(s.groups) > 0 {
		c.set("cognito:groups", s.groupNames())
	}
	for _, a := range s.user.Attributes {
		if isVerifiedFlag(a.Name) {
			c.set(a.Name, a.Value == "true")
		}
	}
	if roles := s.roles(); len(roles) > 0 {
		c.set("cognito:preferred_role", roles[0])
	}
	c.set("iss", s.pool.Issuer)
	c.set("cognito:username", s.user.Username)
	c.set("origin_jti", s.grant.OriginJTI)
	if roles := s.roles(); len(roles) > 0 {
		c.set("cognito:roles", roles)
	}
	c.set("aud", s.client)
	c.set("event_id", s.grant.EventID)
	c.set("token_use", useID)
	c.set("auth_time", s.grant.AuthTime)
	c.set("exp", expires.Unix())
	c.set("iat", s.now.Unix())
	c.set("jti", uuid(secureBytes(16)))
	for _, a := range s.user.Attributes {
		if !isVerifiedFlag(a.Name) {
			c.set(a.Name, attributeClaim(a))
		}
	}
	return c
}

// roles are the roles of the user's groups, the most important first.
func (s *subject) roles() []string {
	var out []string
	for _, g := range s.groups {
		if g.RoleARN != "" {
			out = append(out, g.RoleARN)
		}
	}
	return out
}

// attributeClaim is the value of an attribute in an ID token: text, but for the two
// that OpenID Connect has as something else.
//
// See: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
func attributeClaim(a project.UserAttribute) any {
	switch a.Name {
	case "address":
		return struct {
			Formatted string `json:"formatted"`
		}{a.Value}
	case "updated_at":
		if n, err := strconv.ParseInt(a.Value, 10, 64); err == nil {
			return json.Number(strconv.FormatInt(n, 10))
		}
	}
	return a.Value
}
