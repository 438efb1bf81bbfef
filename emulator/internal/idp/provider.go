package idp

import (
	"crypto"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// Options configure New.
type Options struct {
	// Pools are the user pools that there are.
	Pools []*project.UserPool
	// Issuers are those of OPENID_CONNECT authentications: Mint makes tokens of
	// them, and Key has the keys of such tokens.
	Issuers []Issuer
	// Dir is the folder of keys and users, which is made when there is something to
	// keep; empty keeps them in memory.
	Dir string
	// Now is the clock of tokens and codes; nil is the system's.
	Now func() time.Time
	// Random makes codes and the identifiers of users, which are the same each time
	// if it is; nil is a secure source. It must be safe for concurrent use. Keys
	// never come from it.
	Random interface{ Uint64() uint64 }
	// Log hears of codes that would be sent, and of failures. Nil means silence.
	Log *slog.Logger
}

// Issuer is an OpenID Connect provider elsewhere.
type Issuer struct {
	URL string
	// ClientID is the client that its tokens are for when Mint is told of none.
	ClientID string
}

// Provider is the identity provider. It is safe for concurrent use.
type Provider struct {
	opt   Options
	now   func() time.Time
	log   *slog.Logger
	pools []*pool
	*shared

	open sync.Once // fills state with the users of the project
}

// shared is what providers have in common of which one follows another.
type shared struct {
	keyring keyring
	// sessions seals what clients carry between the steps of a sign-in.
	sessions cipher.AEAD
	// decoy makes what stands for the verifiers of missing users.
	decoy []byte

	mu    sync.Mutex // held by whoever replaces state
	state atomic.Pointer[state]

	mail mailbox
}

// pool is a user pool at work.
type pool struct {
	*project.UserPool
	// name is the part of the id that goes into password proofs.
	name string
}

// New makes a provider. The error is that of reading the folder.
func New(opt Options) (*Provider, error) {
	p := &Provider{opt: opt, now: opt.Now, log: opt.Log, shared: &shared{keyring: keyring{dir: opt.Dir}}}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.pools = newPools(opt.Pools)
	p.decoy = secureBytes(32)
	var err error
	if p.sessions, err = newSealer(secureBytes(sealingKeySize)); err != nil {
		return nil, err
	}
	s := &state{Version: stateVersion, Pools: map[string]*data{}}
	if opt.Dir != "" {
		if s, err = readState(p.stateFile()); err != nil {
			return nil, err
		}
	}
	p.state.Store(s)
	return p, nil
}

// With returns a provider of other pools and issuers that has the keys, users and
// messages of this one, which may go on as well. Users and groups of the project
// are as the pools say.
func (p *Provider) With(pools []*project.UserPool, issuers []Issuer) *Provider {
	next := &Provider{opt: p.opt, now: p.now, log: p.log, pools: newPools(pools), shared: p.shared}
	next.opt.Pools, next.opt.Issuers = pools, issuers
	return next
}

func newPools(pools []*project.UserPool) []*pool {
	var out []*pool
	for _, c := range pools {
		_, name, _ := strings.Cut(c.ID, "_")
		out = append(out, &pool{UserPool: c, name: name})
	}
	return out
}

func (p *Provider) stateFile() string { return filepath.Join(p.opt.Dir, stateFile) }

// Key returns the public key with which a token can be verified, an *rsa.PublicKey,
// by its iss and kid: that of a user pool's token, or of one that Mint has made in
// the name of an OpenID Connect provider. It returns nil for tokens of others, and
// when the keys cannot be read, which the log tells.
func (p *Provider) Key(issuer, keyID string) crypto.PublicKey {
	if p.poolOf(issuer) == nil && p.issuer(issuer) == nil {
		return nil
	}
	k, err := p.keyring.present()
	if err != nil {
		p.log.Error("no keys for tokens", "error", err)
	}
	if k == nil {
		return nil
	}
	for _, s := range []signingKey{k.id, k.access} {
		if s.kid == keyID {
			return &s.private.PublicKey
		}
	}
	return nil
}

// poolOf returns the pool whose tokens have that issuer, or nil.
func (p *Provider) poolOf(issuer string) *pool {
	for _, pool := range p.pools {
		if pool.Issuer == issuer {
			return pool
		}
	}
	return nil
}

func (p *Provider) issuer(url string) *Issuer {
	for i := range p.opt.Issuers {
		if p.opt.Issuers[i].URL == url {
			return &p.opt.Issuers[i]
		}
	}
	return nil
}

func (p *Provider) pool(id string) *pool {
	for _, pool := range p.pools {
		if pool.ID == id {
			return pool
		}
	}
	return nil
}

// read returns what a pool knows. It is not to be changed.
func (p *Provider) read(pool *pool) *data {
	p.open.Do(p.declare)
	if d := p.state.Load().Pools[pool.ID]; d != nil {
		return d
	}
	return newData()
}

// update has change alter what a pool knows. When change fails, or the state
// cannot be stored, nothing has happened.
func (p *Provider) update(pool *pool, change func(d *data) error) error {
	p.open.Do(p.declare)
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.state.Load()
	d := newData()
	if known := old.Pools[pool.ID]; known != nil {
		d = known.clone()
	}
	if err := change(d); err != nil {
		return err
	}
	next := &state{Version: stateVersion, Pools: map[string]*data{}}
	for id, other := range old.Pools {
		next.Pools[id] = other
	}
	next.Pools[pool.ID] = d
	if p.opt.Dir != "" {
		if err := writeState(p.stateFile(), next); err != nil {
			return err
		}
	}
	p.state.Store(next)
	return nil
}

// updateUser has change alter a user, who must be there.
func (p *Provider) updateUser(pool *pool, username string, change func(d *data, u *user) error) error {
	return p.update(pool, func(d *data) error {
		known := d.Users[username]
		if known == nil {
			return errUnknownUser
		}
		u := known.clone()
		u.Modified = p.now()
		if err := change(d, u); err != nil {
			return err
		}
		d.Users[username] = u
		return nil
	})
}

// Reset forgets users and groups but those of the project, which are as the
// project says again. Keys stay.
func (p *Provider) Reset() error {
	p.open.Do(p.declare)
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.declared(&state{Version: stateVersion, Pools: map[string]*data{}})
	if p.opt.Dir != "" {
		if err := writeState(p.stateFile(), next); err != nil {
			return err
		}
	}
	p.state.Store(next)
	p.mail.clear()
	return nil
}

// random returns n random bytes.
func (p *Provider) random(n int) []byte {
	b := make([]byte, n)
	if p.opt.Random == nil {
		rand.Read(b) // never fails
		return b
	}
	for i := 0; i < n; i += 8 {
		var eight [8]byte
		binary.LittleEndian.PutUint64(eight[:], p.opt.Random.Uint64())
		copy(b[i:], eight[:])
	}
	return b
}

// uuid writes 16 bytes as a random UUID.
func uuid(b []byte) string {
	b = slices.Clone(b[:16])
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// asFailure is what a client is told of an error.
func (p *Provider) asFailure(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	p.log.Error("a request to a user pool failed", "error", err)
	return &failure{internalError, "The user pools cannot be read or written; the log of the emulator tells why."}
}
