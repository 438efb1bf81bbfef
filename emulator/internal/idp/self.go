package idp

import (
	"slices"
	"strings"
)

// self is a user who has come with an access token.
type self struct {
	pool *pool
	data *data
	user *user
}

// whose finds the user of an access token.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
func (c *call) whose(accessToken string) (*self, error) {
	k, err := c.keyring.get()
	if err != nil {
		return nil, err
	}
	t, ok := verifyAccess(k.access, accessToken)
	pool := c.poolOf(t.Issuer)
	if !ok || pool == nil || c.only != nil && c.only != pool {
		return nil, errAccessToken
	}
	if c.now.Unix() >= t.Expires {
		return nil, errAccessExpired
	}
	if !slices.Contains(strings.Fields(t.Scope), userScope) {
		return nil, notAuthorized("Access Token does not have required scopes")
	}
	d := c.read(pool)
	u := d.Users[t.Username]
	switch {
	case u == nil:
		return nil, errUnknownUser
	case d.signedOut(u, t.OriginJTI):
		return nil, errAccessRevoked
	case u.Disabled:
		return nil, errDisabled
	}
	return &self{pool, d, u}, nil
}

type selfInput struct{ AccessToken string }

func (in *selfInput) check(v *violations) { v.need("accessToken", in.AccessToken) }

// getUser is GetUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
func (c *call) getUser(in *selfInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return struct {
		UserAttributes []member
		Username       string
	}{s.user.asMembers(), s.user.Username}, nil
}

type updateAttributesInput struct {
	AccessToken    string
	UserAttributes []member
}

func (in *updateAttributesInput) check(v *violations) {
	v.need("accessToken", in.AccessToken)
	if in.UserAttributes == nil {
		v.need("userAttributes", "")
	}
	checkMembers(v, in.UserAttributes)
}

// updateUserAttributes is UpdateUserAttributes.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
func (c *call) updateUserAttributes(in *updateAttributesInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := checkAttributes(in.UserAttributes, false); err != nil {
		return nil, err
	}
	list, err := c.setAttributes(s.pool, s.user.Username, in.UserAttributes)
	if err != nil {
		return nil, err
	}
	return struct{ CodeDeliveryDetailsList []*delivery }{list}, nil
}

// setAttributes gives a user attributes. An address that is new has to be verified,
// unless the attributes say that it is: the user is sent a code.
func (c *call) setAttributes(pool *pool, username string, attributes []member) ([]*delivery, error) {
	list := []*delivery{}
	var codes []member // by address
	err := c.updateUser(pool, username, func(d *data, u *user) error {
		for _, a := range attributes {
			if other := pool.owner(d, a.Name, a.Value, u); other != nil {
				return aliasExists("AliasExistsException", a.Name)
			}
			changed := u.attribute(a.Name) != a.Value
			u.set(a.Name, a.Value)
			if a.Name != "email" && a.Name != "phone_number" || !changed {
				continue
			}
			u.set(a.Name+"_verified", "")
			if a.Value == "" || slices.ContainsFunc(attributes, func(m member) bool { return m.Name == a.Name+"_verified" }) {
				continue
			}
			u.set(a.Name+"_verified", "false")
			if slices.Contains(pool.AutoVerifiedAttributes, a.Name) {
				list = append(list, deliveryOf(a.Name, a.Value))
				codes = append(codes, member{a.Value, c.issue(pool, u, purposeAttribute+a.Name, attributeValidity)})
			}
		}
		// What the attributes say of an address counts whatever their order.
		for _, a := range attributes {
			if isVerifiedFlag(a.Name) {
				u.set(a.Name, a.Value)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		c.send(pool, username, triggerAttribute, code.Name, code.Value, "")
	}
	return list, nil
}

type deleteAttributesInput struct {
	AccessToken        string
	UserAttributeNames []string
}

func (in *deleteAttributesInput) check(v *violations) {
	v.need("accessToken", in.AccessToken)
	if in.UserAttributeNames == nil {
		v.need("userAttributeNames", "")
	}
}

// deleteUserAttributes is DeleteUserAttributes.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUserAttributes.html
func (c *call) deleteUserAttributes(in *deleteAttributesInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.removeAttributes(s.pool, s.user.Username, in.UserAttributeNames, false)
}

func (c *call) removeAttributes(pool *pool, username string, names []string, admin bool) error {
	members := make([]member, len(names))
	for i, name := range names {
		members[i].Name = name
		if isVerifiedFlag(name) {
			members[i].Value = "false"
		}
	}
	if err := checkAttributes(members, admin); err != nil {
		return err
	}
	return c.updateUser(pool, username, func(_ *data, u *user) error {
		for _, name := range names {
			if slices.Contains(pool.UsernameAttributes, name) {
				return invalidParameter("Attributes did not conform to the schema: %s: The attribute is required\n", name)
			}
			u.set(name, "")
			if name == "email" || name == "phone_number" {
				u.set(name+"_verified", "")
			}
		}
		return nil
	})
}

type attributeCodeInput struct {
	AccessToken   string
	AttributeName string
}

func (in *attributeCodeInput) check(v *violations) {
	v.need("accessToken", in.AccessToken)
	v.need("attributeName", in.AttributeName)
}

// verifiable refuses attributes that no code can verify.
func verifiable(attribute string) error {
	if attribute != "email" && attribute != "phone_number" {
		return invalidParameter("Invalid attribute: %s can not be verified", attribute)
	}
	return nil
}

// getUserAttributeVerificationCode is GetUserAttributeVerificationCode.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAttributeVerificationCode.html
func (c *call) getUserAttributeVerificationCode(in *attributeCodeInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := verifiable(in.AttributeName); err != nil {
		return nil, err
	}
	var (
		out      delivered
		to, text string
	)
	err = c.updateUser(s.pool, s.user.Username, func(_ *data, u *user) error {
		to = u.attribute(in.AttributeName)
		if to == "" {
			return invalidParameter("User does not have a value for attribute %s", in.AttributeName)
		}
		out.CodeDeliveryDetails = deliveryOf(in.AttributeName, to)
		text = c.issue(s.pool, u, purposeAttribute+in.AttributeName, attributeValidity)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.send(s.pool, s.user.Username, triggerVerify, to, text, "")
	return out, nil
}

type verifyAttributeInput struct {
	attributeCodeInput
	Code string
}

func (in *verifyAttributeInput) check(v *violations) {
	in.attributeCodeInput.check(v)
	v.need("code", in.Code)
}

// verifyUserAttribute is VerifyUserAttribute.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html
func (c *call) verifyUserAttribute(in *verifyAttributeInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := verifiable(in.AttributeName); err != nil {
		return nil, err
	}
	return nothing{}, c.updateUser(s.pool, s.user.Username, func(d *data, u *user) error {
		if other := s.pool.owner(d, in.AttributeName, u.attribute(in.AttributeName), u); other != nil {
			return aliasExists("AliasExistsException", in.AttributeName)
		}
		if err := c.use(u, purposeAttribute+in.AttributeName, in.Code); err != nil {
			return err
		}
		u.set(in.AttributeName+"_verified", "true")
		return nil
	})
}

type changePasswordInput struct {
	AccessToken      string
	PreviousPassword string
	ProposedPassword string
}

func (in *changePasswordInput) check(v *violations) {
	v.need("accessToken", in.AccessToken)
	v.length("previousPassword", in.PreviousPassword, 256)
	v.password("proposedPassword", in.ProposedPassword)
}

// changePassword is ChangePassword.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html
func (c *call) changePassword(in *changePasswordInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	old := s.user.Verifier
	if old != nil && !old.Matches(s.pool.name, s.user.Username, in.PreviousPassword) {
		return nil, errPassword
	}
	if lack := s.pool.PasswordPolicy.Refuse(in.ProposedPassword); lack != "" {
		return nil, passwordRefused(lack)
	}
	verifier := c.verifier(s.pool, s.user.Username, in.ProposedPassword)
	return nothing{}, c.updateUser(s.pool, s.user.Username, func(_ *data, u *user) error {
		if u.Verifier != old {
			return errPassword // another request has changed it meanwhile
		}
		u.Verifier = verifier
		return nil
	})
}

// globalSignOut is GlobalSignOut.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html
func (c *call) globalSignOut(in *selfInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.signOut(s.pool, s.user.Username)
}

// signOut ends all sign-ins of a user.
func (c *call) signOut(pool *pool, username string) error {
	return c.updateUser(pool, username, func(_ *data, u *user) error {
		u.Era++
		return nil
	})
}

// deleteUser is DeleteUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUser.html
func (c *call) deleteUser(in *selfInput) (any, error) {
	s, err := c.whose(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.remove(s.pool, s.user.Username)
}

func (c *call) remove(pool *pool, username string) error {
	return c.update(pool, func(d *data) error {
		if d.Users[username] == nil {
			return errUnknownUser
		}
		delete(d.Users, username)
		return nil
	})
}
