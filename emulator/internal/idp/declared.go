package idp

import (
	"crypto/sha256"
	"maps"
	"slices"

	"appsync-emulator/emulator/internal/idp/srp"
	"appsync-emulator/emulator/internal/project"
)

// declare puts the users and groups of the project into the state. It runs once,
// before the first request that needs them: verifiers take a moment.
func (p *Provider) declare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Store(p.declared(p.state.Load()))
}

// declared returns a state in which the users and groups of the project are as the
// project says. What came otherwise stays.
func (p *Provider) declared(s *state) *state {
	next := &state{Version: stateVersion, Pools: maps.Clone(s.Pools)}
	for _, pool := range p.pools {
		d := newData()
		if known := s.Pools[pool.ID]; known != nil {
			d = known.clone()
		}
		maps.DeleteFunc(d.Groups, func(name string, g *group) bool {
			return g.Declared && !slices.ContainsFunc(pool.Groups, func(c project.UserPoolGroup) bool { return c.Name == name })
		})
		for _, c := range pool.Groups {
			d.Groups[c.Name] = p.declaredGroup(d.Groups[c.Name], c)
		}
		names := map[string]bool{}
		for i := range pool.Users {
			u := p.declaredUser(pool, d, &pool.Users[i])
			names[u.Username] = true
			d.Users[u.Username] = u
		}
		maps.DeleteFunc(d.Users, func(name string, u *user) bool { return u.Declared && !names[name] })
		next.Pools[pool.ID] = d
	}
	return next
}

func (p *Provider) declaredGroup(known *group, c project.UserPoolGroup) *group {
	g := &group{
		Name: c.Name, Description: c.Description, RoleARN: c.RoleARN, Precedence: c.Precedence,
		Created: p.now(), Declared: true,
	}
	if known != nil {
		g.Created = known.Created
	}
	g.Modified = g.Created
	return g
}

func (p *Provider) declaredUser(pool *pool, d *data, c *project.UserPoolUser) *user {
	username, sub := declaredName(pool, c)
	u := &user{
		Username: username, Sub: sub, Status: c.Status, Disabled: c.Disabled, Created: p.now(),
		Attributes: slices.Clone(c.Attributes), Groups: slices.Clone(c.Groups), Declared: true,
	}
	known := d.Users[username]
	if known != nil {
		u.Created, u.Era = known.Created, known.Era
	}
	u.Modified = u.Created
	for _, address := range []string{"email", "phone_number"} {
		// Nobody would read the code that verifies it.
		if u.attribute(address) != "" && u.attribute(address+"_verified") == "" && u.Status != project.UserUnconfirmed {
			u.set(address+"_verified", "true")
		}
	}
	switch {
	case c.Password == "":
	case known != nil && known.Verifier != nil && known.Verifier.Matches(pool.name, username, c.Password):
		u.Verifier = known.Verifier
	default:
		u.Verifier = p.verifier(pool, username, c.Password)
	}
	return u
}

// declaredName is the name of a user of the project, and the sub that the user has
// on every machine and after every reset, so that a seed may hold it.
func declaredName(pool *pool, c *project.UserPoolUser) (username, sub string) {
	sub = c.Sub
	if sub == "" {
		sub = nameSub(pool, c.Username)
	}
	if len(pool.UsernameAttributes) > 0 {
		return sub, sub // an address is an attribute there
	}
	return c.Username, sub
}

// nameSub is the sub that follows from a name.
func nameSub(pool *pool, username string) string {
	sum := sha256.Sum256([]byte("appsync-emulator/sub/" + pool.ID + "/" + username))
	return uuid(sum[:])
}

// verifier makes the verifier of a password with a new salt.
func (p *Provider) verifier(pool *pool, username, password string) *srp.Verifier {
	v := srp.NewVerifier(secureBytes(srp.SaltLength), pool.name, username, password)
	return &v
}
