package idp

import (
	"errors"

	"appsync-emulator/emulator/internal/project"
)

type signUpInput struct {
	ClientId       string
	SecretHash     string
	Username       string
	Password       string
	UserAttributes []member
}

func (in *signUpInput) check(v *violations) {
	v.need("clientId", in.ClientId)
	v.name("username", in.Username)
	v.password("password", in.Password)
	checkMembers(v, in.UserAttributes)
}

func checkMembers(v *violations, attributes []member) {
	for _, a := range attributes {
		v.need("userAttributes.member.name", a.Name)
	}
}

// signUp is SignUp.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
func (c *call) signUp(in *signUpInput) (any, error) {
	pool, client, err := c.clientPool(in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := checkSecret(client, in.SecretHash, in.Username); err != nil {
		return nil, err
	}
	if lack := pool.PasswordPolicy.Refuse(in.Password); lack != "" {
		return nil, passwordRefused(lack)
	}
	if err := checkAttributes(in.UserAttributes, false); err != nil {
		return nil, err
	}
	u, err := c.newUser(pool, in.Username, in.UserAttributes)
	if err != nil {
		return nil, err
	}
	u.Verifier = c.verifier(pool, u.Username, in.Password)
	u.Status = project.UserUnconfirmed
	if pool.AutoConfirm {
		u.Status = project.UserConfirmed
		for _, a := range pool.AutoVerifiedAttributes {
			if u.attribute(a) != "" {
				u.set(a+"_verified", "true")
			}
		}
	}
	to, address := pool.deliver(u, false)
	text := ""
	if !pool.AutoConfirm {
		text = c.issue(pool, u, purposeSignUp, signUpValidity)
	}
	if err := c.add(pool, u, in.Username, errUserExists); err != nil {
		return nil, err
	}
	out := struct {
		CodeDeliveryDetails *delivery `json:",omitempty"`
		UserConfirmed       bool
		UserSub             string
	}{UserConfirmed: pool.AutoConfirm, UserSub: u.Sub}
	if !pool.AutoConfirm {
		out.CodeDeliveryDetails = to
		c.send(pool, u.Username, triggerSignUp, address, text, "")
	}
	return out, nil
}

// newUser makes a user who is in no pool yet. Where an address is the name, the
// user's real name is the sub.
func (c *call) newUser(pool *pool, username string, attributes []member) (*user, error) {
	attribute, err := pool.nameAttribute(username)
	if err != nil {
		return nil, err
	}
	u := &user{Username: username, Sub: uuid(c.random(16)), Created: c.now, Modified: c.now, Codes: map[string]code{}}
	for _, a := range attributes {
		u.set(a.Name, a.Value)
	}
	if attribute != "" {
		u.Username = u.Sub
		u.set(attribute, username)
	}
	return u, nil
}

// add puts a new user into a pool. The exception is that about a name that is
// taken.
func (c *call) add(pool *pool, u *user, username string, exists *failure) error {
	return c.update(pool, func(d *data) error {
		attribute, err := pool.nameAttribute(username)
		if err != nil {
			return err
		}
		if pool.find(d, username) != nil || d.Users[u.Username] != nil {
			if attribute != "" {
				return aliasExists(exists.kind, attribute)
			}
			return exists
		}
		d.Users[u.Username] = u
		return nil
	})
}

type confirmSignUpInput struct {
	ClientId           string
	SecretHash         string
	Username           string
	ConfirmationCode   string
	ForceAliasCreation bool
}

func (in *confirmSignUpInput) check(v *violations) {
	v.need("clientId", in.ClientId)
	v.name("username", in.Username)
	v.need("confirmationCode", in.ConfirmationCode)
}

// confirmSignUp is ConfirmSignUp.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
func (c *call) confirmSignUp(in *confirmSignUpInput) (any, error) {
	pool, username, err := c.forCode(in.ClientId, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.updateUser(pool, username, func(d *data, u *user) error {
		if u.Status != project.UserUnconfirmed {
			return notAuthorized("User cannot be confirmed. Current status is %s", u.Status)
		}
		to, _ := pool.deliver(u, false)
		if to != nil {
			if other := pool.owner(d, to.AttributeName, u.attribute(to.AttributeName), u); other != nil {
				if !in.ForceAliasCreation {
					return aliasExists("AliasExistsException", to.AttributeName)
				}
				// The address goes over to who has proved it last.
				other = other.clone()
				other.set(to.AttributeName+"_verified", "false")
				d.Users[other.Username] = other
			}
		}
		if err := c.use(u, purposeSignUp, in.ConfirmationCode); err != nil {
			return err
		}
		if to != nil {
			u.set(to.AttributeName+"_verified", "true")
		}
		u.Status = project.UserConfirmed
		return nil
	})
}

// forCode finds the user of an operation that has to do with codes.
func (c *call) forCode(clientID, secretHash, username string) (*pool, string, error) {
	pool, client, err := c.clientPool(clientID)
	if err != nil {
		return nil, "", err
	}
	u := pool.find(c.read(pool), username)
	names := []string{username}
	if u != nil {
		names = append(names, u.Username)
	}
	if err := checkSecret(client, secretHash, names...); err != nil {
		return nil, "", err
	}
	if u == nil {
		return nil, "", errUnknownForCode
	}
	return pool, u.Username, nil
}

type codeInput struct {
	ClientId   string
	SecretHash string
	Username   string
}

func (in *codeInput) check(v *violations) {
	v.need("clientId", in.ClientId)
	v.name("username", in.Username)
}

// delivered is the answer of an operation that sends a code.
type delivered struct {
	CodeDeliveryDetails *delivery `json:",omitempty"`
}

// resendConfirmationCode is ResendConfirmationCode.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html
func (c *call) resendConfirmationCode(in *codeInput) (any, error) {
	pool, username, err := c.forCode(in.ClientId, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	var (
		out           delivered
		address, text string
	)
	err = c.updateUser(pool, username, func(_ *data, u *user) error {
		if u.Status != project.UserUnconfirmed {
			return errConfirmed
		}
		out.CodeDeliveryDetails, address = pool.deliver(u, false)
		text = c.issue(pool, u, purposeSignUp, signUpValidity)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.send(pool, username, triggerResend, address, text, "")
	return out, nil
}

// forgotPassword is ForgotPassword.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
func (c *call) forgotPassword(in *codeInput) (any, error) {
	pool, username, err := c.forCode(in.ClientId, in.SecretHash, in.Username)
	if c.hidden(err, in.ClientId) {
		return delivered{deliveryOf("email", in.Username+"@"+in.Username)}, nil
	}
	if err != nil {
		return nil, err
	}
	return c.sendPasswordCode(pool, username, false)
}

// hidden reports whether an error is that about a missing user, which the client
// does not want to be told.
func (c *call) hidden(err error, clientID string) bool {
	if !errors.Is(err, errUnknownForCode) {
		return false
	}
	_, client, _ := c.clientPool(clientID)
	return client != nil && client.HideUnknownUsers
}

// sendPasswordCode sends the code with which a user chooses another password. When
// it is an administrator who wants it, the user has to.
func (c *call) sendPasswordCode(pool *pool, username string, must bool) (any, error) {
	var (
		out           delivered
		address, text string
	)
	err := c.updateUser(pool, username, func(_ *data, u *user) error {
		if u.Disabled {
			return errDisabled
		}
		if u.Status == project.UserForceChangePassword || must && u.Status == project.UserUnconfirmed {
			return errResetState
		}
		out.CodeDeliveryDetails, address = pool.deliver(u, true)
		if address == "" {
			return errNoDelivery
		}
		if must {
			u.Status = project.UserResetRequired
		}
		text = c.issue(pool, u, purposePassword, passwordValidity)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.send(pool, username, triggerPassword, address, text, "")
	return out, nil
}

type confirmForgotPasswordInput struct {
	ClientId         string
	SecretHash       string
	Username         string
	ConfirmationCode string
	Password         string
}

func (in *confirmForgotPasswordInput) check(v *violations) {
	v.need("clientId", in.ClientId)
	v.name("username", in.Username)
	v.need("confirmationCode", in.ConfirmationCode)
	v.password("password", in.Password)
}

// confirmForgotPassword is ConfirmForgotPassword.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmForgotPassword.html
func (c *call) confirmForgotPassword(in *confirmForgotPasswordInput) (any, error) {
	pool, username, err := c.forCode(in.ClientId, in.SecretHash, in.Username)
	if c.hidden(err, in.ClientId) {
		return nil, errCodeExpired
	}
	if err != nil {
		return nil, err
	}
	if lack := pool.PasswordPolicy.Refuse(in.Password); lack != "" {
		return nil, passwordRefused(lack)
	}
	verifier := c.verifier(pool, username, in.Password)
	return nothing{}, c.updateUser(pool, username, func(_ *data, u *user) error {
		if err := c.use(u, purposePassword, in.ConfirmationCode); err != nil {
			return err
		}
		u.Verifier, u.Status = verifier, project.UserConfirmed
		return nil
	})
}
