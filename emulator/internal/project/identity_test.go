package project

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cognitoHead is a project whose API has a user pool: 3 lines.
const cognitoHead = `name: notes
authentication: {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: eu-west-1_abc123, appIdClientRegex: ^web$}}
dataSources: {none: {type: NONE}}
`

const cognitoIssuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc123"

func poolOf(t *testing.T, text string) *UserPool {
	t.Helper()
	api := mustLoad(t, text, nil)
	if len(api.UserPools) != 1 {
		t.Fatalf("there are %d user pools", len(api.UserPools))
	}
	return api.UserPools[0]
}

func TestEachUserPoolOfAnAuthenticationIsThere(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: eu-west-1_abc123}}
additionalAuthentications:
  - {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: local_b, awsRegion: us-west-2, appIdClientRegex: a|b}}
  - {type: OPENID_CONNECT, config: {issuer: "http://localhost:20002/_emulator/idp/local_c", clientId: app}}
  - {type: OPENID_CONNECT, config: {issuer: "https://issuer.example/_emulator/idp/local_d"}}
dataSources: {none: {type: NONE}}
`, nil)
	type pool struct{ ID, Issuer, ClientID string }
	var got []pool
	for _, p := range api.UserPools {
		got = append(got, pool{p.ID, p.Issuer, p.ClientID})
	}
	want := []pool{
		{"eu-west-1_abc123", cognitoIssuer, ""},
		{"local_b", "https://cognito-idp.us-west-2.amazonaws.com/local_b", ""},
		{"local_c", "http://localhost:20002/_emulator/idp/local_c", "app"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The defaults are those of CreateUserPool and CreateUserPoolClient in Cognito's API
// reference.
func TestIdentity(t *testing.T) {
	if got := poolOf(t, cognitoHead); !cmp.Equal(got.PasswordPolicy, DefaultPasswordPolicy()) || got.ClientID != "web" {
		t.Errorf("without `identity` the pool is %+v", got)
	}
	got := poolOf(t, cognitoHead+`identity:
  aliasAttributes: [email, email]
  autoVerifiedAttributes: [email]
  autoConfirm: true
  confirmationCode: "123456"
  passwordPolicy: {minimumLength: 6, requireSymbols: false, requireUppercase: false}
  clients:
    - web
    - {id: mobile, secret: s3cret, accessTokenValidity: 5m, refreshTokenValidity: 7d, explicitAuthFlows: [ALLOW_USER_SRP_AUTH], preventUserExistenceErrors: ENABLED}
  groups: [Admins, {name: Editors, description: They write., precedence: 0, roleArn: "arn:aws:iam::1:role/e"}]
  users:
    - username: ada
      password: lovelace1815
      groups: [Editors, Admins, Editors]
      attributes: {email: ada@example.com, email_verified: true, "custom:team": engine, updated_at: 1700000000}
    - {username: bob, enabled: false, status: UNCONFIRMED, sub: 6e3d446f-8791-464c-a28a-edc017ffc625}
`)
	zero := 0
	mobile := UserPoolClient{
		ID: "mobile", Secret: "s3cret", AuthFlows: []string{"ALLOW_USER_SRP_AUTH"}, AccessTokenValidity: 5 * time.Minute,
		IDTokenValidity: time.Hour, RefreshTokenValidity: 7 * 24 * time.Hour, HideUnknownUsers: true,
	}
	want := &UserPool{
		ID: "eu-west-1_abc123", Issuer: cognitoIssuer, ClientID: "web", Pos: Position{File: "appsync.yml", Line: 2, Column: 1},
		AliasAttributes: []string{"email"}, AutoVerifiedAttributes: []string{"email"},
		AutoConfirm: true, ConfirmationCode: "123456",
		PasswordPolicy: PasswordPolicy{MinimumLength: 6, RequireLowercase: true, RequireNumbers: true, TemporaryValidityInDays: 7},
		Clients: []UserPoolClient{
			{ID: "web", AccessTokenValidity: time.Hour, IDTokenValidity: time.Hour, RefreshTokenValidity: 30 * 24 * time.Hour}, mobile,
		},
		Groups: []UserPoolGroup{{Name: "Admins"}, {Name: "Editors", Description: "They write.", Precedence: &zero, RoleARN: "arn:aws:iam::1:role/e"}},
		Users: []UserPoolUser{
			{
				Username: "ada", Password: "lovelace1815", Status: UserConfirmed, Groups: []string{"Editors", "Admins"},
				Attributes: []UserAttribute{{"email", "ada@example.com"}, {"email_verified", "true"}, {"custom:team", "engine"}, {"updated_at", "1700000000"}},
				Pos:        Position{File: "appsync.yml", Line: 15, Column: 17},
			},
			{
				Username: "bob", Sub: "6e3d446f-8791-464c-a28a-edc017ffc625", Status: UserUnconfirmed, Disabled: true,
				Pos: Position{File: "appsync.yml", Line: 19, Column: 18},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUsersBringTheirGroupsWhereNoneAreListed(t *testing.T) {
	got := poolOf(t, cognitoHead+"identity: {users: [{username: ada, groups: [Admins]}, {username: bob, groups: [Admins, Editors]}]}\n")
	if diff := cmp.Diff([]UserPoolGroup{{Name: "Admins"}, {Name: "Editors"}}, got.Groups); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUsersNamedByAnAddressHaveIt(t *testing.T) {
	got := poolOf(t, cognitoHead+`identity:
  usernameAttributes: [email, phone_number]
  users:
    - username: ada@example.com
    - username: "+441234567890"
    - {username: bob@example.com, attributes: {email: bob@example.com}}
`)
	var attributes [][]UserAttribute
	for _, u := range got.Users {
		attributes = append(attributes, u.Attributes)
	}
	want := [][]UserAttribute{
		{{"email", "ada@example.com"}, {"email_verified", "true"}},
		{{"phone_number", "+441234567890"}, {"phone_number_verified", "true"}},
		{{"email", "bob@example.com"}},
	}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMistakesInIdentity(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a key that there is not", "identity: {user: []}\n",
			[]string{"appsync.yml:4:12: unknown key `user` in `identity` (did you mean `users`?)"}},
		{"a text", "identity: ada\n", []string{"appsync.yml:4:11: `identity` must be a map, not a string"}},
		{"a pool that is none", "identity: {userPoolId: pool}\n",
			[]string{"appsync.yml:4:24: `userPoolId` must be like us-east-1_abcDEF123, not `pool`"}},
		{"one pool twice", "identity:\n  - {autoConfirm: true}\n  - {userPoolId: eu-west-1_abc123}\n",
			[]string{"appsync.yml:6:5: `identity` of user pool eu-west-1_abc123 is already defined at appsync.yml:5:5"}},
		{"both kinds of names", "identity: {usernameAttributes: [email], aliasAttributes: [email]}\n",
			[]string{"appsync.yml:4:41: `usernameAttributes` and `aliasAttributes` exclude each other"}},
		{"an attribute that is no name", "identity: {aliasAttributes: [mail]}\n",
			[]string{"appsync.yml:4:30: `aliasAttributes` must hold one of email, phone_number, preferred_username, not `mail` (did you mean `email`?)"}},
		{"a code that is none", "identity: {confirmationCode: \"12\"}\n",
			[]string{"appsync.yml:4:30: `confirmationCode` must be six digits"}},
		{"a policy that nothing follows", "identity: {passwordPolicy: {minimumLength: 5}}\n",
			[]string{"appsync.yml:4:44: `minimumLength` must be between 6 and 99, not 5"}},
		{"a user without a name", "identity: {users: [{password: x}]}\n", []string{"appsync.yml:4:20: a user needs `username`"}},
		{"a user twice", "identity: {users: [{username: ada}, {username: ada}]}\n",
			[]string{"appsync.yml:4:48: user ada is already defined at appsync.yml:4:31"}},
		{"a name with blanks", "identity: {users: [{username: a b}]}\n",
			[]string{"appsync.yml:4:31: `username` must have at most 128 characters and no blanks"}},
		{"a weak password", "identity:\n  users:\n    - username: ada\n      password: weak\n",
			[]string{"appsync.yml:6:17: the password of user ada does not conform with the policy: Password not long enough (`passwordPolicy` can be changed)"}},
		{"a group that is not listed", "identity: {groups: [Admins], users: [{username: ada, groups: [Admin]}]}\n",
			[]string{"appsync.yml:4:63: unknown group `Admin` of user ada (did you mean `Admins`?)"}},
		{"a status that is none", "identity: {users: [{username: ada, status: READY}]}\n",
			[]string{"appsync.yml:4:44: `status` must be one of CONFIRMED, UNCONFIRMED, FORCE_CHANGE_PASSWORD, not `READY`"}},
		{"an attribute that there is not", "identity: {users: [{username: ada, attributes: {emial: a, team: b, sub: c}}]}\n",
			[]string{
				"appsync.yml:4:49: unknown attribute `emial` of user ada (did you mean `email`?)",
				"appsync.yml:4:59: unknown attribute `team` of user ada (a pool's own attributes begin with custom:)",
				"appsync.yml:4:68: `sub` is no attribute that can be set (write `sub` beside `username`)",
			}},
		{"a name that is no address", "identity: {usernameAttributes: [email], users: [{username: ada}]}\n",
			[]string{"appsync.yml:4:60: `username` of ada must be an address, as `usernameAttributes` says"}},
		{"clients", "identity: {clients: [web, web, {secret: x}, {id: m, accessTokenValidity: 1m}, {id: n, idTokenValidity: soon}]}\n",
			[]string{
				"appsync.yml:4:27: client web is already defined at appsync.yml:4:22",
				"appsync.yml:4:32: a client needs `id`",
				"appsync.yml:4:74: `accessTokenValidity` must be between 5 minutes and 24 hours",
				"appsync.yml:4:104: `idTokenValidity` must be a duration such as 5m, 1h or 30d, not `soon`",
			}},
		{"groups", "identity: {groups: [a, a, {precedence: -1}]}\n",
			[]string{
				"appsync.yml:4:24: group a is already defined at appsync.yml:4:21",
				"appsync.yml:4:27: a group needs `name`",
				"appsync.yml:4:40: `precedence` must be between 0 and 2147483647, not -1",
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := loadText(cognitoHead+tt.text, nil)
			if diff := cmp.Diff(tt.want, messages(problems)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestIdentityOfAnAPIWithoutAPool(t *testing.T) {
	_, problems := loadText(head+"identity: {}\n", nil)
	if diff := cmp.Diff([]string{"appsync.yml:6:11: `identity` needs `userPoolId`"}, messages(problems)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	api := mustLoad(t, head+"identity: {userPoolId: local_pool}\n", nil)
	if diff := cmp.Diff([]string{"appsync.yml:6:24: no authentication names user pool local_pool: the API refuses its tokens"}, messages(api.Warnings)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(api.UserPools) != 1 || api.UserPools[0].Issuer != "https://cognito-idp.local.amazonaws.com/local_pool" {
		t.Errorf("the pools are %+v", api.UserPools)
	}
}

func TestLocalPool(t *testing.T) {
	for issuer, want := range map[string]string{
		"http://localhost:20002/_emulator/idp/local_a":    "local_a",
		"https://127.0.0.1/_emulator/idp/us-east-1_abc/":  "us-east-1_abc",
		"http://[::1]:1/_emulator/idp/local_a":            "local_a",
		"http://localhost:20002/_emulator/idp/":           "",
		"http://localhost:20002/_emulator/idp/a_b/c":      "",
		"http://localhost:20002/idp/local_a":              "",
		"https://issuer.example/_emulator/idp/local_a":    "",
		"localhost:20002/_emulator/idp/local_a":           "",
		"http://localhost.evil.example/_emulator/idp/a_b": "",
		"\x00": "",
	} {
		if got, ok := LocalPool(issuer); ok != (want != "") || ok && got != want {
			t.Errorf("LocalPool(%q) = %q, %v", issuer, got, ok)
		}
	}
}

func TestPlainClient(t *testing.T) {
	for expression, want := range map[string]string{
		"": "", "web": "web", "^web$": "web", "web-app_1": "web-app_1", "^(web|mobile)$": "", "web.*": "", `a\d`: "", "a$b": "",
	} {
		if got := PlainClient(expression); got != want {
			t.Errorf("PlainClient(%q) = %q, want %q", expression, got, want)
		}
	}
}

// See: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
func TestPasswordPolicy(t *testing.T) {
	for password, want := range map[string]string{
		"Lovelace-1815": "", "Pass word1": "", "Aa1!": "Password not long enough", "Üben-ist-1": "",
		"Lovelace1815": "Password must have symbol characters", " Lovelace1815 ": "Password must have symbol characters",
		"Lovelace§1815": "Password must have symbol characters",
	} {
		if got := DefaultPasswordPolicy().Refuse(password); got != want {
			t.Errorf("Refuse(%q) = %q, want %q", password, got, want)
		}
	}
}
