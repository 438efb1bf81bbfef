package idp

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// namedInput is what most operations of administrators are asked.
type namedInput struct {
	UserPoolId string
	Username   string
}

func (in *namedInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	v.name("username", in.Username)
}

// named finds the pool and the user of an administrator's operation.
func (c *call) named(in *namedInput) (*pool, *data, *user, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, nil, nil, err
	}
	d := c.read(pool)
	u := pool.find(d, in.Username)
	if u == nil {
		return nil, nil, nil, errUnknownUser
	}
	return pool, d, u, nil
}

// userType is Cognito's UserType; AdminGetUser calls the attributes otherwise.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
type userType struct {
	Username             string
	Attributes           []member `json:",omitempty"`
	UserAttributes       []member `json:",omitempty"`
	UserCreateDate       timestamp
	UserLastModifiedDate timestamp
	Enabled              bool
	UserStatus           string
}

func (u *user) asType() userType {
	return userType{
		Username: u.Username, Attributes: u.asMembers(), UserCreateDate: timestamp(u.Created),
		UserLastModifiedDate: timestamp(u.Modified), Enabled: !u.Disabled, UserStatus: u.Status,
	}
}

type adminCreateUserInput struct {
	namedInput
	UserAttributes     []member
	TemporaryPassword  string
	ForceAliasCreation bool
	MessageAction      string
}

func (in *adminCreateUserInput) check(v *violations) {
	in.namedInput.check(v)
	checkMembers(v, in.UserAttributes)
	if in.TemporaryPassword != "" {
		v.password("temporaryPassword", in.TemporaryPassword)
	}
	if in.MessageAction != "" {
		v.among("messageAction", in.MessageAction, "RESEND", "SUPPRESS")
	}
}

// adminCreateUser is AdminCreateUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
func (c *call) adminCreateUser(in *adminCreateUserInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	password := in.TemporaryPassword
	if password == "" {
		password = temporaryPassword(pool.PasswordPolicy)
	} else if lack := pool.PasswordPolicy.Refuse(password); lack != "" {
		return nil, passwordRefused(lack)
	}
	if in.MessageAction == "RESEND" {
		return c.inviteAgain(pool, in.Username, password)
	}
	if err := checkAttributes(in.UserAttributes, true); err != nil {
		return nil, err
	}
	u, err := c.newUser(pool, in.Username, in.UserAttributes)
	if err != nil {
		return nil, err
	}
	u.Status = project.UserForceChangePassword
	u.Verifier = c.verifier(pool, u.Username, password)
	u.TemporaryUntil = c.temporaryUntil(pool)
	if err := c.add(pool, u, in.Username, errAccountExists); err != nil {
		return nil, err
	}
	if in.MessageAction != "SUPPRESS" {
		c.invite(pool, u, password)
	}
	return struct{ User userType }{u.asType()}, nil
}

func (c *call) temporaryUntil(pool *pool) time.Time {
	return c.now.Add(time.Duration(pool.PasswordPolicy.TemporaryValidityInDays) * 24 * time.Hour)
}

func (c *call) invite(pool *pool, u *user, password string) {
	to := u.attribute("email")
	if phone := u.attribute("phone_number"); phone != "" {
		to = phone
	}
	c.send(pool, u.Username, triggerInvite, to, "", password)
}

// inviteAgain gives a user who has never signed in another temporary password.
func (c *call) inviteAgain(pool *pool, username, password string) (any, error) {
	known := pool.find(c.read(pool), username)
	if known == nil {
		return nil, errUnknownUser
	}
	verifier := c.verifier(pool, known.Username, password)
	var invited *user
	err := c.updateUser(pool, known.Username, func(_ *data, u *user) error {
		if u.Status != project.UserForceChangePassword {
			return &failure{"UnsupportedUserStateException", "Resend not possible. " + u.Username + " status is not FORCE_CHANGE_PASSWORD"}
		}
		u.Verifier, u.TemporaryUntil = verifier, c.temporaryUntil(pool)
		invited = u
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.invite(pool, invited, password)
	return struct{ User userType }{invited.asType()}, nil
}

// temporaryPassword is a random password that conforms with every policy.
func temporaryPassword(p project.PasswordPolicy) string {
	text := base64.RawURLEncoding.EncodeToString(secureBytes(75))
	text = strings.NewReplacer("-", "x", "_", "y").Replace(text)
	return "Aa1!" + text[:max(8, p.MinimumLength)]
}

type setPasswordInput struct {
	namedInput
	Password  string
	Permanent bool
}

func (in *setPasswordInput) check(v *violations) {
	in.namedInput.check(v)
	v.password("password", in.Password)
}

// adminSetUserPassword is AdminSetUserPassword.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
func (c *call) adminSetUserPassword(in *setPasswordInput) (any, error) {
	pool, _, known, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	if lack := pool.PasswordPolicy.Refuse(in.Password); lack != "" {
		return nil, passwordRefused(lack)
	}
	verifier := c.verifier(pool, known.Username, in.Password)
	return nothing{}, c.updateUser(pool, known.Username, func(_ *data, u *user) error {
		u.Verifier, u.Status, u.TemporaryUntil = verifier, project.UserConfirmed, time.Time{}
		if !in.Permanent {
			u.Status, u.TemporaryUntil = project.UserForceChangePassword, c.temporaryUntil(pool)
		}
		return nil
	})
}

// adminGetUser is AdminGetUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
func (c *call) adminGetUser(in *namedInput) (any, error) {
	_, _, u, err := c.named(in)
	if err != nil {
		return nil, err
	}
	out := u.asType()
	out.Attributes, out.UserAttributes = nil, out.Attributes
	return out, nil
}

// adminDeleteUser is AdminDeleteUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUser.html
func (c *call) adminDeleteUser(in *namedInput) (any, error) {
	pool, _, u, err := c.named(in)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.remove(pool, u.Username)
}

// adminUpdate finds a user and has change alter that user.
func (c *call) adminUpdate(in *namedInput, change func(pool *pool, u *user) error) (any, error) {
	pool, _, known, err := c.named(in)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.updateUser(pool, known.Username, func(_ *data, u *user) error { return change(pool, u) })
}

// adminConfirmSignUp is AdminConfirmSignUp. Unlike a code it verifies no address.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
func (c *call) adminConfirmSignUp(in *namedInput) (any, error) {
	return c.adminUpdate(in, func(_ *pool, u *user) error {
		if u.Status != project.UserUnconfirmed {
			return notAuthorized("User cannot be confirmed. Current status is %s", u.Status)
		}
		u.Status = project.UserConfirmed
		return nil
	})
}

// adminEnableUser is AdminEnableUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminEnableUser.html
func (c *call) adminEnableUser(in *namedInput) (any, error) {
	return c.adminUpdate(in, func(_ *pool, u *user) error {
		u.Disabled = false
		return nil
	})
}

// adminDisableUser is AdminDisableUser, which also ends what the user has signed in
// to.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
func (c *call) adminDisableUser(in *namedInput) (any, error) {
	return c.adminUpdate(in, func(_ *pool, u *user) error {
		u.Disabled = true
		u.Era++
		return nil
	})
}

// adminResetUserPassword is AdminResetUserPassword.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html
func (c *call) adminResetUserPassword(in *namedInput) (any, error) {
	pool, _, u, err := c.named(in)
	if err != nil {
		return nil, err
	}
	if _, err := c.sendPasswordCode(pool, u.Username, true); err != nil {
		return nil, err
	}
	return nothing{}, nil
}

// adminUserGlobalSignOut is AdminUserGlobalSignOut.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html
func (c *call) adminUserGlobalSignOut(in *namedInput) (any, error) {
	pool, _, u, err := c.named(in)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.signOut(pool, u.Username)
}

type adminAttributesInput struct {
	namedInput
	UserAttributes []member
}

func (in *adminAttributesInput) check(v *violations) {
	in.namedInput.check(v)
	if in.UserAttributes == nil {
		v.need("userAttributes", "")
	}
	checkMembers(v, in.UserAttributes)
}

// adminUpdateUserAttributes is AdminUpdateUserAttributes.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html
func (c *call) adminUpdateUserAttributes(in *adminAttributesInput) (any, error) {
	pool, _, u, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	if err := checkAttributes(in.UserAttributes, true); err != nil {
		return nil, err
	}
	_, err = c.setAttributes(pool, u.Username, in.UserAttributes)
	return nothing{}, err
}

type adminDeleteAttributesInput struct {
	namedInput
	UserAttributeNames []string
}

func (in *adminDeleteAttributesInput) check(v *violations) {
	in.namedInput.check(v)
	if in.UserAttributeNames == nil {
		v.need("userAttributeNames", "")
	}
}

// adminDeleteUserAttributes is AdminDeleteUserAttributes.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUserAttributes.html
func (c *call) adminDeleteUserAttributes(in *adminDeleteAttributesInput) (any, error) {
	pool, _, u, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.removeAttributes(pool, u.Username, in.UserAttributeNames, true)
}

type listUsersInput struct {
	UserPoolId      string
	AttributesToGet []string
	Filter          string
	Limit           *int
	PaginationToken string
}

func (in *listUsersInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	checkLimit(v, in.Limit)
}

// maxPage is the length of Cognito's pages.
const maxPage = 60

func checkLimit(v *violations, limit *int) {
	if limit != nil && (*limit < 0 || *limit > maxPage) {
		v.add("", "limit", "Member must have value between 0 and 60")
	}
}

// listUsers is ListUsers, in the order of the names.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
func (c *call) listUsers(in *listUsersInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	matches, err := parseFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	d := c.read(pool)
	names := slices.DeleteFunc(d.usernames(), func(name string) bool { return !matches(d.Users[name]) })
	names, next, err := page(names, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := struct {
		PaginationToken string `json:",omitempty"`
		Users           []userType
	}{next, make([]userType, len(names))}
	for i, name := range names {
		out.Users[i] = d.Users[name].asType()
		if len(in.AttributesToGet) > 0 {
			out.Users[i].Attributes = slices.DeleteFunc(out.Users[i].Attributes, func(m member) bool {
				return !slices.Contains(in.AttributesToGet, m.Name)
			})
		}
	}
	return out, nil
}

// page cuts names, which are in ascending order, to what follows a token, and
// returns the token of what follows then.
func page(names []string, limit *int, token string) (cut []string, next string, err error) {
	if token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, "", invalidParameter("Invalid pagination token.")
		}
		i, found := slices.BinarySearch(names, string(last))
		if found {
			i++
		}
		names = names[i:]
	}
	n := maxPage
	if limit != nil && *limit > 0 {
		n = *limit
	}
	if len(names) <= n {
		return names, "", nil
	}
	return names[:n], base64.RawURLEncoding.EncodeToString([]byte(names[n-1])), nil
}

// filterPattern is attribute = "value" or attribute ^= "value".
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
var filterPattern = regexp.MustCompile(`^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$`)

// filterAttributes are those that users can be searched by.
var filterAttributes = []string{
	"username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username",
	"cognito:user_status", "status", "sub",
}

// parseFilter compiles the filter of ListUsers.
func parseFilter(text string) (func(u *user) bool, error) {
	if strings.TrimSpace(text) == "" {
		return func(*user) bool { return true }, nil
	}
	m := filterPattern.FindStringSubmatch(text)
	if m == nil || !slices.Contains(filterAttributes, m[1]) {
		return nil, invalidParameter("Error while parsing filter.")
	}
	attribute, prefix := m[1], m[2] == "^="
	want := regexp.MustCompile(`\\(.)`).ReplaceAllString(m[3], "$1")
	return func(u *user) bool {
		got := ""
		switch attribute {
		case "username":
			got = u.Username
		case "cognito:user_status":
			got = u.Status
		case "status":
			got = "Enabled"
			if u.Disabled {
				got = "Disabled"
			}
		default:
			got = u.attribute(attribute)
		}
		if prefix {
			return strings.HasPrefix(strings.ToLower(got), strings.ToLower(want))
		}
		return strings.EqualFold(got, want)
	}, nil
}
