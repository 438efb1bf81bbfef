package project

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// UserPool is a Cognito user pool that the emulator itself is.
type UserPool struct {
	ID string
	// Issuer is the iss claim of its tokens: Cognito's for the pool's id, or the
	// emulator's own address where an OPENID_CONNECT authentication names that.
	Issuer string
	// ClientID is the client that the authentication wants tokens to be for, where it
	// is one and not a pattern.
	ClientID string
	Pos      Position

	// UsernameAttributes are email and phone_number where users have no names but
	// these; AliasAttributes may stand for the name at a sign-in.
	UsernameAttributes, AliasAttributes []string
	// AutoVerifiedAttributes are those that codes are sent to.
	AutoVerifiedAttributes []string
	// AutoConfirm confirms who signs up, as a pre sign-up trigger may.
	AutoConfirm bool
	// ConfirmationCode is the code of every message; empty for random ones.
	ConfirmationCode string
	PasswordPolicy   PasswordPolicy

	// Clients are the app clients; without any, every client id is one.
	Clients []UserPoolClient
	Groups  []UserPoolGroup
	Users   []UserPoolUser
}

// PasswordPolicy says what a password must have.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
type PasswordPolicy struct {
	MinimumLength           int
	RequireLowercase        bool
	RequireUppercase        bool
	RequireNumbers          bool
	RequireSymbols          bool
	TemporaryValidityInDays int
}

// DefaultPasswordPolicy is Cognito's.
func DefaultPasswordPolicy() PasswordPolicy {
	return PasswordPolicy{
		MinimumLength: 8, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true,
		TemporaryValidityInDays: 7,
	}
}

// passwordSymbols are what Cognito counts as symbols, beside a space within.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
const passwordSymbols = `^$*.[]{}()?"!@#%&/\,><':;|_~` + "`" + `=+- `

// Refuse returns what a password lacks, in Cognito's words, or "".
func (p PasswordPolicy) Refuse(password string) string {
	has := func(is func(r rune) bool) bool { return strings.ContainsFunc(password, is) }
	switch {
	case utf8.RuneCountInString(password) < p.MinimumLength:
		return "Password not long enough"
	case p.RequireLowercase && !has(unicode.IsLower):
		return "Password must have lowercase characters"
	case p.RequireUppercase && !has(unicode.IsUpper):
		return "Password must have uppercase characters"
	case p.RequireNumbers && !has(unicode.IsDigit):
		return "Password must have numeric characters"
	case p.RequireSymbols && !strings.ContainsAny(strings.TrimSpace(password), passwordSymbols):
		return "Password must have symbol characters"
	}
	return ""
}

// UserPoolClient is an app client of a user pool.
type UserPoolClient struct {
	ID string
	// Secret is empty for a client without one, such as a web page.
	Secret string
	// AuthFlows are the values of ExplicitAuthFlows; nil permits all.
	AuthFlows []string
	// The validities of tokens, never 0.
	AccessTokenValidity, IDTokenValidity, RefreshTokenValidity time.Duration
	// HideUnknownUsers has a missing user look like a wrong password
	// (PreventUserExistenceErrors ENABLED).
	HideUnknownUsers bool
}

// The validities of tokens when nothing is said.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
const (
	defaultTokenValidity   = time.Hour
	defaultRefreshValidity = 30 * 24 * time.Hour
)

// DefaultUserPoolClient is a client of which only the id is known.
func DefaultUserPoolClient(id string) UserPoolClient {
	return UserPoolClient{
		ID: id, AccessTokenValidity: defaultTokenValidity, IDTokenValidity: defaultTokenValidity,
		RefreshTokenValidity: defaultRefreshValidity,
	}
}

// UserPoolGroup is a group of users.
type UserPoolGroup struct {
	Name        string
	Description string
	RoleARN     string
	Precedence  *int // nil: none
}

// UserPoolUser is a user whom the project declares.
type UserPoolUser struct {
	Username string
	// Password is empty for a user who cannot sign in with one.
	Password string
	// Sub is empty for one that follows from pool and name.
	Sub string
	// Status is CONFIRMED, UNCONFIRMED or FORCE_CHANGE_PASSWORD.
	Status     string
	Disabled   bool
	Groups     []string
	Attributes []UserAttribute // without sub, in the order of the file
	Pos        Position
}

// UserAttribute is an attribute of a user. Its value is always text.
type UserAttribute struct {
	Name, Value string
}

// Statuses of users, in Cognito's words.
const (
	UserConfirmed           = "CONFIRMED"
	UserUnconfirmed         = "UNCONFIRMED"
	UserForceChangePassword = "FORCE_CHANGE_PASSWORD"
	UserResetRequired       = "RESET_REQUIRED"
)

// userAttributeNames are the standard attributes that can be set.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
var userAttributeNames = []string{
	"address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale", "middle_name",
	"name", "nickname", "phone_number", "phone_number_verified", "picture", "preferred_username", "profile",
	"updated_at", "website", "zoneinfo",
}

// IsUserAttribute reports whether users may have an attribute of that name: a
// standard one, or one of the pool's own, which begin with custom:.
func IsUserAttribute(name string) bool {
	return slices.Contains(userAttributeNames, name) ||
		strings.HasPrefix(name, "custom:") && len(name) > len("custom:") ||
		strings.HasPrefix(name, "dev:custom:") && len(name) > len("dev:custom:")
}

// CognitoIssuer is the iss claim of a user pool's tokens. A pool's id begins with
// its region, which counts when region is empty.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
func CognitoIssuer(region, poolID string) string {
	if region == "" {
		region, _, _ = strings.Cut(poolID, "_")
	}
	domain := ".amazonaws.com/"
	if strings.HasPrefix(region, "cn-") {
		domain = ".amazonaws.com.cn/"
	}
	return "https://cognito-idp." + region + domain + poolID
}

// LocalIssuerPath is the path below which the emulator is an issuer by its own
// address; the name of the pool follows.
const LocalIssuerPath = "/_emulator/idp/"

// LocalPool returns the name of the pool that an issuer on this machine names.
func LocalPool(issuer string) (name string, ok bool) {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	ip := net.ParseIP(host)
	if host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback()) {
		return "", false
	}
	name, ok = strings.CutPrefix(u.Path, LocalIssuerPath)
	name = strings.TrimSuffix(name, "/")
	return name, ok && userPoolID.MatchString(name)
}

// userPoolID is Cognito's pattern, which clients rely on: the region is before
// the underscore, and what is behind it goes into password proofs.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
var userPoolID = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

const identityKey = "identity"

// identities reads the user pools: those that authentications name, and what
// `identity` says of them. It comes after the authentications.
func (l *loader) identities(section *fields) {
	l.api.authenticatedPools()
	e := section.get(identityKey)
	if e == nil || l.unsupported(e.value) {
		return
	}
	said := map[string]*declared{}
	parts := []*node{e.value}
	if e.value.kind == kindList {
		parts = e.value.items
	}
	for _, part := range parts {
		l.identity(part, orElse(part, e.pos), said)
	}
}

// PlainClient returns the client id that an expression stands for when it matches
// that alone; "" for others.
func PlainClient(expression string) string {
	id := strings.TrimSuffix(strings.TrimPrefix(expression, "^"), "$")
	if strings.ContainsAny(id, `\.+*?()|[]{}^$`) {
		return ""
	}
	return id
}

func newUserPool(id, issuer, clientID string, pos Position) *UserPool {
	return &UserPool{
		ID: id, Issuer: issuer, ClientID: clientID, Pos: pos,
		AutoVerifiedAttributes: []string{"email", "phone_number"},
		PasswordPolicy:         DefaultPasswordPolicy(),
	}
}

// authenticatedPools adds the user pools that the authentications name.
func (a *API) authenticatedPools() {
	for _, p := range append([]AuthProvider{a.Auth}, a.AdditionalAuth...) {
		switch p.Type {
		case AuthCognito:
			if p.UserPoolID != "" {
				a.addUserPool(newUserPool(p.UserPoolID, CognitoIssuer(p.Region, p.UserPoolID), PlainClient(p.AppIDClientRegex), p.Pos))
			}
		case AuthOIDC:
			if name, ok := LocalPool(p.Issuer); ok {
				a.addUserPool(newUserPool(name, p.Issuer, PlainClient(p.ClientID), p.Pos))
			}
		}
	}
}

func (a *API) addUserPool(p *UserPool) {
	if a.UserPool(p.ID) == nil {
		a.UserPools = append(a.UserPools, p)
	}
}

// UserPool returns the user pool of that id, or nil.
func (a *API) UserPool(id string) *UserPool {
	for _, p := range a.UserPools {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// identity reads what is said of one pool.
func (l *loader) identity(n *node, at place, said map[string]*declared) {
	f, ok := l.fields(n, "`identity`", at, "userPoolId", "usernameAttributes", "aliasAttributes", "autoVerifiedAttributes",
		"autoConfirm", "confirmationCode", "passwordPolicy", "clients", "groups", "users")
	if !ok {
		return
	}
	pool := l.identityPool(f)
	if pool == nil || !l.declare(said, "`identity` of user pool", pool.ID, l.position(at)) {
		return
	}
	pool.UsernameAttributes = l.choices(f, "usernameAttributes", nil, "email", "phone_number")
	pool.AliasAttributes = l.choices(f, "aliasAttributes", nil, "email", "phone_number", "preferred_username")
	pool.AutoVerifiedAttributes = l.choices(f, "autoVerifiedAttributes", pool.AutoVerifiedAttributes, "email", "phone_number")
	if e := f.get("aliasAttributes"); e != nil && len(pool.UsernameAttributes) > 0 {
		l.problem(e.pos, "`usernameAttributes` and `aliasAttributes` exclude each other", "")
	}
	pool.AutoConfirm = f.boolean("autoConfirm", false)
	if e := f.get("confirmationCode"); e != nil {
		pool.ConfirmationCode = f.strOf(e)
		if e.value.kind == kindString && !confirmationCode.MatchString(pool.ConfirmationCode) {
			l.problem(e.value.pos, "`confirmationCode` must be six digits", "")
		}
	}
	l.passwordPolicy(f, pool)
	l.userPoolClients(f, pool)
	l.userPoolGroups(f, pool)
	l.userPoolUsers(f, pool)
}

// confirmationCode is the form of the codes that Cognito sends.
var confirmationCode = regexp.MustCompile(`^[0-9]{6}$`)

// maxSuggested bounds the names that a misspelt one is compared with: a project has
// a handful of pools and groups, and thousands would take their time.
const maxSuggested = 100

// identityPool finds the pool that a section is about, or makes it.
func (l *loader) identityPool(f *fields) *UserPool {
	e := f.get("userPoolId")
	if e == nil {
		switch len(l.api.UserPools) {
		case 1:
			return l.api.UserPools[0]
		case 0:
			f.need("userPoolId")
		default:
			l.problem(f.at, "`identity` needs `userPoolId`, for the API has more than one user pool", "")
		}
		return nil
	}
	id, ok := f.textOf(e)
	if !ok {
		return nil
	}
	if p := l.api.UserPool(id); p != nil {
		return p
	}
	if !userPoolID.MatchString(id) {
		l.problem(e.value.pos, fmt.Sprintf("`userPoolId` must be like us-east-1_abcDEF123, not `%s`", shorten(id)), "")
		return nil
	}
	var names []string
	for _, p := range l.api.UserPools[:min(len(l.api.UserPools), maxSuggested)] {
		names = append(names, p.ID)
	}
	l.warn(e.value.pos, fmt.Sprintf("no authentication names user pool %s: the API refuses its tokens", id), didYouMean(id, names))
	p := newUserPool(id, CognitoIssuer("", id), "", l.position(e.value.pos))
	l.api.addUserPool(p)
	return p
}

// choices returns a list of some of values, or otherwise when it is absent.
func (l *loader) choices(f *fields, key string, otherwise []string, values ...string) []string {
	if f.get(key) == nil {
		return otherwise
	}
	out := []string{}
	for _, n := range f.strings(key) {
		switch {
		case !slices.Contains(values, n.text):
			l.problem(n.pos, fmt.Sprintf("`%s` must hold %s, not `%s`", key, oneOf(values), shorten(n.text)), didYouMean(n.text, values))
		case !slices.Contains(out, n.text):
			out = append(out, n.text)
		}
	}
	return out
}

func (l *loader) passwordPolicy(f *fields, pool *UserPool) {
	e := f.get("passwordPolicy")
	if e == nil {
		return
	}
	p, ok := l.fields(e.value, "`passwordPolicy`", e.pos, "minimumLength", "requireLowercase", "requireUppercase",
		"requireNumbers", "requireSymbols", "temporaryPasswordValidityDays")
	if !ok {
		return
	}
	// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
	pool.PasswordPolicy = PasswordPolicy{
		MinimumLength:           int(p.integer("minimumLength", 6, 99, 8)),
		RequireLowercase:        p.boolean("requireLowercase", true),
		RequireUppercase:        p.boolean("requireUppercase", true),
		RequireNumbers:          p.boolean("requireNumbers", true),
		RequireSymbols:          p.boolean("requireSymbols", true),
		TemporaryValidityInDays: int(p.integer("temporaryPasswordValidityDays", 1, 365, 7)),
	}
}

// authFlows are the values of a client's ExplicitAuthFlows.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
var authFlows = []string{
	"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
	"ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
}

func (l *loader) userPoolClients(f *fields, pool *UserPool) {
	e := f.get("clients")
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list of client ids or maps")
		return
	}
	names := map[string]*declared{}
	for _, item := range e.value.items {
		at := orElse(item, e.pos)
		if item.kind == kindString && item.tag == "" {
			if !l.unsupportedVariable(item) && item.text != "" && l.declare(names, "client", item.text, l.position(at)) {
				pool.Clients = append(pool.Clients, DefaultUserPoolClient(item.text))
			}
			continue
		}
		c, ok := l.fields(item, "a client", at, "id", "secret", "explicitAuthFlows", "accessTokenValidity", "idTokenValidity",
			"refreshTokenValidity", "preventUserExistenceErrors")
		if !ok {
			continue
		}
		out := DefaultUserPoolClient(c.strOf(c.need("id")))
		if out.ID == "" {
			continue
		}
		c.what = "client " + shorten(out.ID)
		out.Secret = c.str("secret")
		out.AuthFlows = l.choices(c, "explicitAuthFlows", nil, authFlows...)
		// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
		out.AccessTokenValidity = l.validity(c, "accessTokenValidity", 5*time.Minute, 24*time.Hour, out.AccessTokenValidity)
		out.IDTokenValidity = l.validity(c, "idTokenValidity", 5*time.Minute, 24*time.Hour, out.IDTokenValidity)
		out.RefreshTokenValidity = l.validity(c, "refreshTokenValidity", time.Hour, 3650*24*time.Hour, out.RefreshTokenValidity)
		out.HideUnknownUsers = c.enum("preventUserExistenceErrors", "LEGACY", "ENABLED", "LEGACY") == "ENABLED"
		if l.declare(names, "client", out.ID, l.position(at)) {
			pool.Clients = append(pool.Clients, out)
		}
	}
}

// validity reads how long tokens are valid, such as 5m, 1h or 30d.
func (l *loader) validity(f *fields, key string, least, most, otherwise time.Duration) time.Duration {
	e := f.get(key)
	if e == nil || l.unsupported(e.value) {
		return otherwise
	}
	d, ok := time.Duration(0), false
	if e.value.kind == kindString {
		d, ok = parseValidity(e.value.text)
	}
	switch {
	case !ok:
		f.wrong(e, "a duration such as 5m, 1h or 30d")
		return otherwise
	case d < least || d > most:
		l.problem(e.value.pos, fmt.Sprintf("`%s` must be between %s and %s", key, durationText(least), durationText(most)), "")
		return otherwise
	}
	return d
}

// parseValidity reads a duration of Go's form, or a number of days.
func parseValidity(text string) (time.Duration, bool) {
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		d, err := time.ParseDuration(days + "h")
		if err != nil || d > 10_000*time.Hour || d < 0 {
			return 0, false
		}
		return 24 * d, true
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

func durationText(d time.Duration) string {
	switch {
	case d > 24*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

func (l *loader) userPoolGroups(f *fields, pool *UserPool) {
	e := f.get("groups")
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list of names or maps")
		return
	}
	names := map[string]*declared{}
	for _, item := range e.value.items {
		at := orElse(item, e.pos)
		group := UserPoolGroup{}
		if item.kind == kindString && item.tag == "" {
			group.Name = item.text
		} else {
			g, ok := l.fields(item, "a group", at, "name", "description", "precedence", "roleArn")
			if !ok {
				continue
			}
			group.Name = g.strOf(g.need("name"))
			group.Description, _ = g.text("description")
			group.RoleARN, _ = g.text("roleArn")
			if g.get("precedence") != nil {
				precedence := int(g.integer("precedence", 0, 1<<31-1, 0))
				group.Precedence = &precedence
			}
		}
		if group.Name != "" && l.declare(names, "group", group.Name, l.position(at)) {
			pool.Groups = append(pool.Groups, group)
		}
	}
}

func (l *loader) userPoolUsers(f *fields, pool *UserPool) {
	e := f.get("users")
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list of maps")
		return
	}
	// Where groups are listed, the others are misspelt; else users bring theirs.
	r := &userReader{
		loader: l, pool: pool, listed: f.get("groups") != nil,
		names: map[string]*declared{}, groups: map[string]bool{},
	}
	for _, g := range pool.Groups {
		r.groups[g.Name] = true
		if len(r.groupNames) < maxSuggested {
			r.groupNames = append(r.groupNames, g.Name)
		}
	}
	for _, item := range e.value.items {
		r.user(item, orElse(item, e.pos))
	}
}

// userReader reads the users of a pool.
type userReader struct {
	*loader
	pool   *UserPool
	listed bool // the groups are
	names  map[string]*declared
	groups map[string]bool // of the pool
	// groupNames are those that a misspelt one is compared with.
	groupNames []string
}

func (l *userReader) user(n *node, at place) {
	pool := l.pool
	f, ok := l.fields(n, "a user", at, "username", "password", "sub", "status", "enabled", "groups", "attributes")
	if !ok {
		return
	}
	name := f.need("username")
	user := UserPoolUser{Username: f.strOf(name), Pos: l.position(at)}
	if user.Username == "" {
		return
	}
	f.what = "user " + shorten(user.Username)
	user.Pos = l.position(name.value.pos)
	if strings.ContainsFunc(user.Username, unicode.IsSpace) || utf8.RuneCountInString(user.Username) > 128 {
		l.problem(name.value.pos, "`username` must have at most 128 characters and no blanks", "")
	}
	user.Sub = f.str("sub")
	user.Status = f.enum("status", UserConfirmed, UserConfirmed, UserUnconfirmed, UserForceChangePassword)
	user.Disabled = !f.boolean("enabled", true)
	if e := f.get("password"); e != nil {
		user.Password = f.strOf(e)
		// The place shown is the user's: its line does not hold the password.
		if lack := pool.PasswordPolicy.Refuse(user.Password); user.Password != "" && lack != "" {
			l.problem(name.value.pos, fmt.Sprintf("the password of %s does not conform with the policy: %s", f.what, lack),
				"`passwordPolicy` can be changed")
		}
	}
	l.userGroups(f, &user)
	l.userAttributes(f, &user)
	if len(pool.UsernameAttributes) > 0 {
		l.nameByAttribute(name.value.pos, &user, pool)
	}
	if l.declare(l.names, "user", user.Username, user.Pos) {
		pool.Users = append(pool.Users, user)
	}
}

// nameByAttribute gives a user of a pool whose users sign in with an address that
// address as an attribute.
func (l *loader) nameByAttribute(at place, user *UserPoolUser, pool *UserPool) {
	attribute := "email"
	if strings.HasPrefix(user.Username, "+") {
		attribute = "phone_number"
	}
	if !slices.Contains(pool.UsernameAttributes, attribute) || attribute == "email" && !strings.Contains(user.Username, "@") {
		l.problem(at, fmt.Sprintf("`username` of %s must be an address, as `usernameAttributes` says", shorten(user.Username)), "")
		return
	}
	for _, a := range user.Attributes {
		if a.Name == attribute {
			return
		}
	}
	user.Attributes = append(user.Attributes, UserAttribute{attribute, user.Username}, UserAttribute{attribute + "_verified", "true"})
}

func (l *userReader) userGroups(f *fields, user *UserPoolUser) {
	mine := map[string]bool{}
	for _, n := range f.strings("groups") {
		switch {
		case n.text == "" || mine[n.text]:
			continue
		case !l.groups[n.text] && l.listed:
			l.problem(n.pos, fmt.Sprintf("unknown group `%s` of %s", shorten(n.text), f.what),
				didYouMean(n.text, l.groupNames))
			continue
		case !l.groups[n.text]:
			l.groups[n.text] = true
			l.pool.Groups = append(l.pool.Groups, UserPoolGroup{Name: n.text})
		}
		mine[n.text] = true
		user.Groups = append(user.Groups, n.text)
	}
}

func (l *loader) userAttributes(f *fields, user *UserPoolUser) {
	e := f.get("attributes")
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindMap {
		f.wrong(e, "a map")
		return
	}
	for _, a := range e.value.entries {
		if a.key == "sub" {
			l.problem(a.pos, "`sub` is no attribute that can be set", "write `sub` beside `username`")
			continue
		}
		if !IsUserAttribute(a.key) {
			l.problem(a.pos, fmt.Sprintf("unknown attribute `%s` of %s", shorten(a.key), f.what),
				orHint(didYouMean(a.key, userAttributeNames), "a pool's own attributes begin with custom:"))
			continue
		}
		text := ""
		switch a.value.kind {
		case kindBool, kindInt:
			text = a.value.text // true, 1700000000
		default:
			var ok bool
			if text, ok = l.text(a.value, fmt.Sprintf("attribute `%s`", a.key)); !ok {
				continue
			}
		}
		user.Attributes = append(user.Attributes, UserAttribute{a.key, text})
	}
}

func orHint(hint, otherwise string) string {
	if hint != "" {
		return hint
	}
	return otherwise
}
