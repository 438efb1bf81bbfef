package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/idp/srp"
	"appsync-emulator/emulator/internal/project"
)

// stateFile holds users and groups in a provider's folder.
const stateFile = "users.json"

// stateVersion is that of the state file's form.
const stateVersion = 1

// state is what all pools know at one moment. It is not changed once it is
// published: an update makes another.
type state struct {
	Version int              `json:"version"`
	Pools   map[string]*data `json:"pools"` // by id
}

// data is what one pool knows.
type data struct {
	Users  map[string]*user  `json:"users"`  // by Username
	Groups map[string]*group `json:"groups"` // by Name
	// Revoked maps the sign-ins whose tokens were revoked to when the last of those
	// would have expired, in seconds.
	Revoked map[string]int64 `json:"revoked,omitempty"`
}

// user is a user. It is not changed: whoever changes one clones it first.
type user struct {
	Username string        `json:"username"`
	Sub      string        `json:"sub"`
	Status   string        `json:"status"`
	Disabled bool          `json:"disabled,omitempty"`
	Created  time.Time     `json:"created"`
	Modified time.Time     `json:"modified"`
	Verifier *srp.Verifier `json:"verifier,omitempty"`
	// TemporaryUntil ends a temporary password; zero for others.
	TemporaryUntil time.Time `json:"temporaryUntil,omitzero"`
	// Attributes are those besides sub.
	Attributes []project.UserAttribute `json:"attributes,omitempty"`
	Groups     []string                `json:"groups,omitempty"`
	// Codes are those that were sent and not used, by purpose.
	Codes map[string]code `json:"codes,omitempty"`
	// Era begins the origin_jti of the user's tokens. A sign-out everywhere begins
	// another era, so that no list of tokens has to be kept.
	Era uint32 `json:"era"`
	// Declared is set for users of the project file.
	Declared bool `json:"declared,omitempty"`
}

// group is a group of users. It is not changed.
type group struct {
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	RoleARN     string    `json:"roleArn,omitempty"`
	Precedence  *int      `json:"precedence,omitempty"`
	Created     time.Time `json:"created"`
	Modified    time.Time `json:"modified"`
	Declared    bool      `json:"declared,omitempty"`
}

// code is a code that was sent to a user.
type code struct {
	Text    string    `json:"text"`
	Expires time.Time `json:"expires"`
}

func (u *user) clone() *user {
	c := *u
	c.Attributes = slices.Clone(u.Attributes)
	c.Groups = slices.Clone(u.Groups)
	c.Codes = maps.Clone(u.Codes)
	if c.Codes == nil {
		c.Codes = map[string]code{}
	}
	return &c
}

// attribute returns the value of an attribute, or "".
func (u *user) attribute(name string) string {
	if name == "sub" {
		return u.Sub
	}
	for _, a := range u.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// set gives an attribute a value; an empty one removes it.
func (u *user) set(name, value string) {
	i := slices.IndexFunc(u.Attributes, func(a project.UserAttribute) bool { return a.Name == name })
	switch {
	case value == "" && i >= 0:
		u.Attributes = slices.Delete(u.Attributes, i, i+1)
	case value == "":
	case i >= 0:
		u.Attributes[i].Value = value
	default:
		u.Attributes = append(u.Attributes, project.UserAttribute{Name: name, Value: value})
	}
}

// verified reports whether an address of the user is.
func (u *user) verified(attribute string) bool { return u.attribute(attribute+"_verified") == "true" }

func newData() *data {
	return &data{Users: map[string]*user{}, Groups: map[string]*group{}, Revoked: map[string]int64{}}
}

func (d *data) clone() *data {
	c := newData()
	maps.Copy(c.Users, d.Users)
	maps.Copy(c.Groups, d.Groups)
	maps.Copy(c.Revoked, d.Revoked)
	return c
}

// usernames are the names of the users in ascending order.
func (d *data) usernames() []string { return slices.Sorted(maps.Keys(d.Users)) }

// groupsOf are the groups of a user, the most important first.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
func (d *data) groupsOf(u *user) []*group {
	var out []*group
	for _, name := range u.Groups {
		if g := d.Groups[name]; g != nil {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		switch {
		case a.Precedence == nil && b.Precedence == nil:
			return 0
		case a.Precedence == nil:
			return 1
		case b.Precedence == nil:
			return -1
		}
		return *a.Precedence - *b.Precedence
	})
	return out
}

// readState reads the state file; none is an empty state.
func readState(path string) (*state, error) {
	s := &state{Version: stateVersion, Pools: map[string]*data{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("users of the user pools: %w", err)
	}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("users of the user pools: %s is damaged: %w; remove it to begin with those of the project", path, err)
	}
	if s.Version > stateVersion {
		return nil, fmt.Errorf("users of the user pools: %s is of version %d; this appsync-emulator reads up to %d", path, s.Version, stateVersion)
	}
	s.Version = stateVersion
	if s.Pools == nil {
		s.Pools = map[string]*data{}
	}
	for id, d := range s.Pools {
		s.Pools[id] = d.mended()
	}
	return s, nil
}

// mended is the data without what only a file that was edited by hand can hold.
func (d *data) mended() *data {
	if d == nil {
		return newData()
	}
	d = d.clone()
	maps.DeleteFunc(d.Users, func(name string, u *user) bool { return u == nil || u.Username != name || name == "" })
	maps.DeleteFunc(d.Groups, func(name string, g *group) bool { return g == nil || g.Name != name })
	return d
}

func writeState(path string, s *state) error {
	text, err := json.Marshal(s)
	if err == nil {
		err = writeFile(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("users of the user pools: %w", err)
	}
	return nil
}

// equalName compares names of users, which are not told apart by case.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html
func equalName(a, b string) bool { return strings.EqualFold(a, b) }
