package idp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/mail"
	"regexp"
	"slices"

	"appsync-emulator/emulator/internal/project"
)

func secureBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// find returns the user who signs in with a name: with the name itself, or with
// an address that stands for it. It returns nil when there is none.
func (p *pool) find(d *data, name string) *user {
	if name == "" {
		return nil
	}
	if u := d.Users[name]; u != nil {
		return u
	}
	for _, username := range d.usernames() {
		u := d.Users[username]
		if equalName(username, name) {
			return u
		}
		for _, a := range p.UsernameAttributes {
			if equalName(u.attribute(a), name) {
				return u
			}
		}
		for _, a := range p.AliasAttributes {
			if equalName(u.attribute(a), name) && (a == "preferred_username" || u.verified(a)) {
				return u
			}
		}
	}
	return nil
}

// owner returns the user, other than the one given, who signs in with an address
// or another attribute; nil when nobody does.
func (p *pool) owner(d *data, attribute, value string, other *user) *user {
	if value == "" || !slices.Contains(p.UsernameAttributes, attribute) && !slices.Contains(p.AliasAttributes, attribute) {
		return nil
	}
	if u := p.find(d, value); u != nil && (other == nil || u.Username != other.Username) && equalName(u.attribute(attribute), value) {
		return u
	}
	return nil
}

// client returns the app client of that id. A pool without a list has them all.
func (p *pool) client(id string) *project.UserPoolClient {
	if len(p.Clients) == 0 {
		c := project.DefaultUserPoolClient(id)
		return &c
	}
	for i := range p.Clients {
		if p.Clients[i].ID == id {
			return &p.Clients[i]
		}
	}
	return nil
}

// checkSecret checks the hash that clients with a secret send for a user.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
func checkSecret(c *project.UserPoolClient, hash string, usernames ...string) error {
	if c.Secret == "" {
		return nil
	}
	if hash == "" {
		return notAuthorized("Client %s is configured with secret but SECRET_HASH was not received", c.ID)
	}
	for _, username := range usernames {
		mac := hmac.New(sha256.New, []byte(c.Secret))
		mac.Write([]byte(username + c.ID))
		if hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(hash)) {
			return nil
		}
	}
	return notAuthorized("Unable to verify secret hash for client %s", c.ID)
}

// phonePattern is the form of E.164.
var phonePattern = regexp.MustCompile(`^\+[0-9]{1,15}$`)

func isEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}

// nameAttribute is the attribute that a name is in a pool whose users have no
// other names; "" in other pools.
func (p *pool) nameAttribute(username string) (string, error) {
	email, phone := slices.Contains(p.UsernameAttributes, "email"), slices.Contains(p.UsernameAttributes, "phone_number")
	switch {
	case !email && !phone:
		return "", nil
	case phone && phonePattern.MatchString(username):
		return "phone_number", nil
	case email && isEmail(username):
		return "email", nil
	case email && phone:
		return "", invalidParameter("Username should be either an email or a phone number.")
	case email:
		return "", invalidParameter("Username should be an email.")
	}
	return "", invalidParameter("Username should be a phone number.")
}

// member is a pair of an attribute's name and its value, in requests and answers.
type member struct {
	Name  string
	Value string
}

// asMembers is what answers say of a user.
func (u *user) asMembers() []member {
	out := []member{{"sub", u.Sub}}
	for _, a := range u.Attributes {
		out = append(out, member(a))
	}
	return out
}

// isVerifiedFlag reports whether an attribute says that an address is verified.
func isVerifiedFlag(name string) bool {
	return name == "email_verified" || name == "phone_number_verified"
}

// checkAttributes refuses attributes that a pool has not, that have values of
// another form, or that the caller may not set.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
func checkAttributes(attributes []member, admin bool) error {
	for _, a := range attributes {
		switch {
		case a.Name == "sub":
			return invalidParameter("user.sub: Attribute cannot be updated.\n")
		case !project.IsUserAttribute(a.Name):
			return invalidParameter("Attributes did not conform to the schema: Type for attribute {%s} could not be determined", a.Name)
		case len(a.Value) > 2048:
			return invalidParameter("Attributes did not conform to the schema: %s: String must be no longer than 2048 characters\n", a.Name)
		case a.Name == "email" && a.Value != "" && !isEmail(a.Value):
			return invalidParameter("Invalid email address format.")
		case a.Name == "phone_number" && a.Value != "" && !phonePattern.MatchString(a.Value):
			return invalidParameter("Invalid phone number format.")
		case isVerifiedFlag(a.Name):
			if !admin {
				return errUnauthorizedSet
			}
			if a.Value != "true" && a.Value != "false" {
				return invalidParameter("Attributes did not conform to the schema: %s: Attribute value must be true or false\n", a.Name)
			}
		}
	}
	return nil
}
