package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// The callers of the tests below. Amplify's default owner is "sub::username".
const (
	signedIn = `{"sourceIp":["1.2.3.4"],"username":"user1","groups":["Admin"],"sub":"s1","issuer":"i","defaultAuthStrategy":"ALLOW",
		"claims":{"sub":"s1","username":"user1","cognito:groups":["Admin","Dev"],"user_id":"u1"}}`
	idToken = `{"sourceIp":["1.2.3.4"],"username":"user1","groups":null,"sub":"s1","issuer":"i","defaultAuthStrategy":"ALLOW",
		"claims":{"sub":"s1","cognito:username":"user1"}}`
	noClaims = `{"sourceIp":["1.2.3.4"],"username":"user1","groups":null,"sub":"s1","issuer":"i","defaultAuthStrategy":"ALLOW","claims":{}}`
	oidcUser = `{"sub":"s1","issuer":"i","claims":{"sub":"s1","username":"user1","groups":"[\"Admin\",\"Dev\"]","team":"Ops"}}`
	lambda   = `{"resolverContext":{}}`
	noOne    = `null`
)

// iamUser is an IAM identity; the pool's users are signed in when auth says
// "authenticated".
func iamUser(arn, pool, auth string) string {
	return `{"accountId":"1","cognitoIdentityPoolId":"` + pool + `","cognitoIdentityId":"","sourceIp":["1.2.3.4"],"username":"A","userArn":"` + arn +
		`","cognitoIdentityAuthType":"` + auth + `","cognitoIdentityAuthProvider":""}`
}

const (
	authRole   = "arn:aws:sts::1:assumed-role/app-authRole/CognitoIdentityCredentials"
	unauthRole = "arn:aws:sts::1:assumed-role/app-unauthRole/CognitoIdentityCredentials"
	adminRole  = "arn:aws:sts::1:assumed-role/us-fake-1_uuid_Full-access/CognitoIdentityCredentials"
)

// The rules as Amplify writes them: aws-amplify/amplify-category-api,
// amplify-graphql-auth-transformer, rds-{mutation,query,subscription}-auth.test.ts.snap.
const (
	ruleAPIKey       = `{"type":"public","provider":"apiKey"}`
	ruleFunction     = `{"type":"custom","provider":"function"}`
	rulePrivate      = `{"type":"private","provider":"userPools"}`
	rulePrivateOIDC  = `{"type":"private","provider":"oidc"}`
	ruleAuthRole     = `{"type":"private","provider":"iam","roleArn":"` + authRole + `","cognitoIdentityPoolId":"pool"}`
	ruleUnauthRole   = `{"type":"public","provider":"iam","roleArn":"` + unauthRole + `"}`
	ruleAdmin        = `{"provider":"iam","type":"admin","strict":false,"roles":["us-fake-1_uuid_Full-access/CognitoIdentityCredentials"]}`
	ruleOwner        = `{"type":"owner","provider":"userPools","ownerFieldName":"owner","ownerFieldType":"string"}`
	ruleOwners       = `{"type":"owner","provider":"userPools","ownerFieldName":"owners","ownerFieldType":"string[]"}`
	ruleOwnerClaim   = `{"type":"owner","provider":"userPools","ownerFieldName":"owner","ownerFieldType":"string","identityClaim":"user_id"}`
	ruleOwnerOIDC    = `{"type":"owner","provider":"oidc","ownerFieldName":"owner","ownerFieldType":"string","identityClaim":"sub::username"}`
	ruleStaticGroup  = `{"type":"groups","provider":"userPools","allowedGroups":["Admin"],"groupClaim":"cognito:groups"}`
	ruleOtherGroup   = `{"type":"groups","provider":"userPools","allowedGroups":["Moderator"],"groupClaim":"cognito:groups"}`
	ruleGroupField   = `{"type":"groups","provider":"userPools","groupsFieldName":"group","groupsFieldType":"string","groupClaim":"cognito:groups"}`
	ruleGroupsField  = `{"type":"groups","provider":"userPools","groupsFieldName":"groups","groupsFieldType":"string[]","groupClaim":"cognito:groups"}`
	ruleGroupOIDC    = `{"type":"groups","provider":"oidc","groupsFieldName":"group","groupsFieldType":"string","groupClaim":"groups"}`
	ruleStringClaim  = `{"type":"groups","provider":"oidc","allowedGroups":["Ops"],"groupClaim":"team"}`
	refused          = `{"authorized":false}`
	allowedWithoutIn = `{"authorized":true}`
)

// withFields is a rule for some fields only.
func withFields(rule string, fields ...string) string {
	return strings.TrimSuffix(rule, "}") + `,"allowedFields":["` + strings.Join(fields, `","`) + `"]}`
}

func authRules(t *testing.T, identity, name string, args ...any) any {
	t.Helper()
	u := builtin.New(&builtin.Env{Identity: parse(t, identity)})
	return call(t, u, "authRules", name, args...)
}

// A role that does not depend on the record. What each means is in the templates
// for DynamoDB that Amplify generates for the same roles: the same package,
// vtl-generator/ddb/resolvers/helpers.ts.
func TestAuthRulesOfStaticRoles(t *testing.T) {
	for _, c := range []struct {
		name, identity, rule string
		want                 bool
	}{
		{"an API key", noOne, ruleAPIKey, true},
		{"an API key for signed-in users", noOne, rulePrivate, false},
		{"a signed-in user for an API key", signedIn, ruleAPIKey, false},
		{"a Lambda authorizer", lambda, ruleFunction, true},
		{"a signed-in user for a Lambda authorizer", signedIn, ruleFunction, false},
		{"a signed-in user", signedIn, rulePrivate, true},
		{"a signed-in user of OIDC", oidcUser, rulePrivateOIDC, true},
		{"a signed-in user of the other provider", oidcUser, rulePrivate, false},
		{"the role of signed-in users", iamUser(authRole, "", ""), ruleAuthRole, true},
		{"another role of a signed-in user", iamUser("arn:other", "pool", "authenticated"), ruleAuthRole, true},
		{"a signed-in user of another pool", iamUser("arn:other", "other", "authenticated"), ruleAuthRole, false},
		{"a guest of the pool", iamUser("arn:other", "pool", "unauthenticated"), ruleAuthRole, false},
		{"a private rule without a pool", iamUser("arn:other", "", "authenticated"), `{"type":"private","provider":"iam","roleArn":null,"cognitoIdentityPoolId":null}`, false},
		{"the role of guests", iamUser(unauthRole, "", ""), ruleUnauthRole, true},
		{"a signed-in user as a guest", iamUser(authRole, "pool", "authenticated"), ruleUnauthRole, false},
		{"an administrator", iamUser(adminRole, "", ""), ruleAdmin, true},
		{"no administrator", iamUser("arn:other", "", ""), ruleAdmin, false},
		{"a strict administrator by a part", iamUser(adminRole, "", ""), `{"provider":"iam","type":"admin","strict":true,"roles":["us-fake-1_uuid_Full-access/CognitoIdentityCredentials"]}`, false},
		{"a strict administrator by name", iamUser(adminRole, "", ""), `{"provider":"iam","type":"admin","strict":true,"roles":["` + adminRole + `"]}`, true},
		{"an administrator without roles", iamUser(adminRole, "", ""), `{"provider":"iam","type":"admin","strict":false,"roles":[]}`, false},
		{"an administrator with an empty role", iamUser(adminRole, "", ""), `{"provider":"iam","type":"admin","strict":false,"roles":[""]}`, false},
		{"a member", signedIn, ruleStaticGroup, true},
		{"no member", signedIn, ruleOtherGroup, false},
		{"no groups", idToken, ruleStaticGroup, false},
		{"a claim of one group", oidcUser, ruleStringClaim, true},
		{"the default claim", signedIn, `{"type":"groups","provider":"userPools","allowedGroups":["Dev"]}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := parse(t, `[`+c.rule+`]`)
			want := refused
			if c.want {
				want = allowedWithoutIn
			}
			mustEqual(t, "queryAuth", authRules(t, c.identity, "queryAuth", rules), parse(t, want))
			mustEqual(t, "subscriptionAuth", authRules(t, c.identity, "subscriptionAuth", rules), parse(t, want))
			mustEqual(t, "validateUsingSource", authRules(t, c.identity, "validateUsingSource", rules, value.NewMap(0)), c.want)
			for _, operation := range []string{"create", "update", "delete"} {
				want := refused
				if c.want {
					want = `{"authorized":true,"authorizedInput":{"id":"1"}}`
				}
				mustEqual(t, operation, authRules(t, c.identity, "mutationAuth", rules, operation, parse(t, `{"id":"1"}`), nil), parse(t, want))
			}
		})
	}
	// An administrator has neither of the roles of the identity pool.
	both := parse(t, `[`+strings.Replace(ruleAdmin, "us-fake-1_uuid_Full-access", "app-unauthRole", 1)+`,`+strings.Replace(ruleUnauthRole, "public", "other", 1)+`]`)
	mustEqual(t, "a guest as administrator", authRules(t, iamUser(unauthRole, "", ""), "queryAuth", both), parse(t, refused))
}

// Filters are those of vtl-generator/ddb/resolvers/query.ts and subscriptions.ts,
// which the same roles have there.
func TestAuthRulesThatFilter(t *testing.T) {
	for _, c := range []struct{ name, identity, rules, query, subscription string }{
		{"the default owner", signedIn, ruleOwner,
			`[{"owner":{"eq":"s1::user1"}},{"owner":{"eq":"s1"}},{"owner":{"eq":"user1"}}]`, `[{"owner":{"eq":"user1"}}]`},
		{"the username of an ID token", idToken, ruleOwner,
			`[{"owner":{"eq":"s1::user1"}},{"owner":{"eq":"s1"}},{"owner":{"eq":"user1"}}]`, `[{"owner":{"eq":"user1"}}]`},
		{"owners", signedIn, ruleOwners,
			`[{"owners":{"contains":"s1::user1"}},{"owners":{"contains":"s1"}},{"owners":{"contains":"user1"}}]`, `[{"owners":{"contains":"user1"}}]`},
		{"another claim", signedIn, ruleOwnerClaim, `[{"owner":{"eq":"u1"}}]`, `[{"owner":{"eq":"u1"}}]`},
		{"OIDC", oidcUser, ruleOwnerOIDC,
			`[{"owner":{"eq":"s1::user1"}},{"owner":{"eq":"s1"}},{"owner":{"eq":"user1"}}]`, `[{"owner":{"eq":"user1"}}]`},
		{"one claim of two", strings.Replace(noClaims, `{}`, `{"sub":"s1"}`, 1), ruleOwner, `[{"owner":{"eq":"s1"}}]`, ``},
		{"no claims", noClaims, ruleOwner, ``, ``},
		{"a group", signedIn, ruleGroupField, `[{"group":{"in":["Admin","Dev"]}}]`, `[{"group":{"in":["Admin","Dev"]}}]`},
		{"groups", signedIn, ruleGroupsField,
			`[{"groups":{"contains":"Admin"}},{"groups":{"contains":"Dev"}}]`, `[{"groups":{"containsAny":["Admin","Dev"]}}]`},
		{"groups as text", oidcUser, ruleGroupOIDC, `[{"group":{"in":["Admin","Dev"]}}]`, `[{"group":{"in":["Admin","Dev"]}}]`},
		{"no groups", noClaims, ruleGroupField, ``, ``},
		{"owner and group", signedIn, ruleOwnerClaim + `,` + ruleGroupField,
			`[{"owner":{"eq":"u1"}},{"group":{"in":["Admin","Dev"]}}]`, `[{"owner":{"eq":"u1"}},{"group":{"in":["Admin","Dev"]}}]`},
		{"owner or a group that has none", signedIn, ruleOtherGroup + `,` + ruleOwnerClaim, `[{"owner":{"eq":"u1"}}]`, `[{"owner":{"eq":"u1"}}]`},
		{"a role of another provider", oidcUser, ruleOwner, ``, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := parse(t, `[`+c.rules+`]`)
			for name, filters := range map[string]string{"queryAuth": c.query, "subscriptionAuth": c.subscription} {
				want := refused
				if filters != "" {
					want = `{"authorized":true,"authFilter":{"or":` + filters + `}}`
				}
				mustEqual(t, name, authRules(t, c.identity, name, rules), parse(t, want))
			}
		})
	}
	// Who may read everything needs no filter, whatever the order of the rules.
	for _, rules := range []string{ruleOwner + `,` + ruleStaticGroup, ruleStaticGroup + `,` + ruleOwner} {
		mustEqual(t, rules, authRules(t, signedIn, "queryAuth", parse(t, `[`+rules+`]`)), parse(t, allowedWithoutIn))
		mustEqual(t, rules, authRules(t, signedIn, "subscriptionAuth", parse(t, `[`+rules+`]`)), parse(t, allowedWithoutIn))
	}
}

// As vtl-generator/ddb/resolvers/field.ts; the answer is a Boolean, because the
// templates test it as a whole (vtl-generator/rds/resolvers/query.ts).
func TestAuthRulesOfARecord(t *testing.T) {
	for _, c := range []struct {
		name, identity, rules, record string
		want                          bool
	}{
		{"the owner by both claims", signedIn, ruleOwner, `{"owner":"s1::user1"}`, true},
		{"the owner by name", signedIn, ruleOwner, `{"owner":"user1"}`, true},
		{"the owner by sub", signedIn, ruleOwner, `{"owner":"s1"}`, true},
		{"another owner", signedIn, ruleOwner, `{"owner":"user2"}`, false},
		{"a part of the name", signedIn, ruleOwner, `{"owner":"user"}`, false},
		{"no owner", signedIn, ruleOwner, `{"owner":null}`, false},
		{"no owner field", signedIn, ruleOwner, `{}`, false},
		{"an owner without claims", noClaims, ruleOwner, `{"owner":null}`, false},
		{"a list where one name belongs", signedIn, ruleOwner, `{"owner":["user1"]}`, false},
		{"one of the owners", signedIn, ruleOwners, `{"owners":["user2","user1"]}`, true},
		{"none of the owners", signedIn, ruleOwners, `{"owners":["user2"]}`, false},
		{"text where owners belong", signedIn, ruleOwners, `{"owners":"user1"}`, false},
		{"a number as owner", strings.Replace(signedIn, `"u1"`, `7`, 1), ruleOwnerClaim, `{"owner":"7"}`, true},
		{"a member", signedIn, ruleGroupField, `{"group":"Dev"}`, true},
		{"no member", signedIn, ruleGroupField, `{"group":"Ops"}`, false},
		{"no group", signedIn, ruleGroupField, `{"group":null}`, false},
		{"a member of one", signedIn, ruleGroupsField, `{"groups":["Ops","Dev"]}`, true},
		{"a member of none", signedIn, ruleGroupsField, `{"groups":["Ops"]}`, false},
		{"one rule of two", signedIn, ruleOwner + `,` + ruleGroupField, `{"owner":"user2","group":"Dev"}`, true},
		{"no record of the owner", signedIn, ruleOwner, `null`, false},
		{"no record of anyone", signedIn, rulePrivate, `null`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustEqual(t, "validateUsingSource", authRules(t, c.identity, "validateUsingSource", parse(t, `[`+c.rules+`]`), parse(t, c.record)), c.want)
		})
	}
}

// The outcomes are those that Amplify's tests see on AWS:
// aws-amplify/amplify-category-api, amplify-e2e-tests,
// rds-v2-tests-common/rds-auth-userpool.ts and rds-auth-userpool-fields.ts; what
// those leave open is as in vtl-generator/ddb/resolvers/mutation.{create,update}.ts.
func TestAuthRulesOfMutations(t *testing.T) {
	owner := withFields(ruleOwnerClaim, "id", "content", "owner")
	owners := withFields(ruleOwners, "id", "content", "owners")
	group := withFields(ruleGroupField, "id", "content", "group")
	various := strings.Join([]string{
		withFields(rulePrivate, "id", "owner", "authors", "privateContent"),
		withFields(ruleOwnerClaim, "ownerContent"),
		withFields(ruleStaticGroup, "adminContent"),
	}, ",")
	for _, c := range []struct{ name, identity, rules, operation, input, existing, want string }{
		{"the owner is filled in", signedIn, owner, "create", `{"content":"c"}`, `null`, `{"content":"c","owner":"u1"}`},
		{"the default owner is filled in", signedIn, withFields(ruleOwner, "id", "content"), "create", `{"content":"c"}`, `null`, `{"content":"c","owner":"s1::user1"}`},
		{"the owners are filled in", signedIn, owners, "create", `{"content":"c"}`, `null`, `{"content":"c","owners":["s1::user1"]}`},
		{"beside a role without owner", signedIn, various, "create", `{"privateContent":"p"}`, `null`, `{"privateContent":"p","owner":"u1"}`},
		{"the owner names itself", signedIn, owner, "create", `{"content":"c","owner":"u1"}`, `null`, `{"content":"c","owner":"u1"}`},
		{"the owner names itself by one claim", signedIn, withFields(ruleOwner, "content", "owner"), "create", `{"content":"c","owner":"user1"}`, `null`, `{"content":"c","owner":"user1"}`},
		{"the owner names another", signedIn, owner, "create", `{"content":"c","owner":"u2"}`, `null`, ``},
		{"the owner names null", signedIn, owner, "create", `{"content":"c","owner":null}`, `null`, ``},
		{"an owner among several", signedIn, owners, "create", `{"content":"c","owners":["user2","user1"]}`, `null`, `{"content":"c","owners":["user2","user1"]}`},
		{"only others as owners", signedIn, owners, "create", `{"content":"c","owners":["user2"]}`, `null`, ``},
		{"no claims to own by", noClaims, owner, "create", `{"content":"c"}`, `null`, ``},
		{"the member names its group", signedIn, group, "create", `{"content":"c","group":"Dev"}`, `null`, `{"content":"c","group":"Dev"}`},
		{"the member names another group", signedIn, group, "create", `{"content":"c","group":"Ops"}`, `null`, ``},
		{"no group is named", signedIn, group, "create", `{"content":"c"}`, `null`, ``},
		{"fields of several roles", signedIn, various, "create", `{"privateContent":"p","ownerContent":"o","adminContent":"a"}`, `null`,
			`{"privateContent":"p","ownerContent":"o","adminContent":"a","owner":"u1"}`},
		{"a field of no role", signedIn, various, "create", `{"privateContent":"p","publicContent":"x"}`, `null`, ``},
		{"a null field of no role", signedIn, various, "create", `{"privateContent":"p","publicContent":null}`, `null`, ``},

		{"the owner updates", signedIn, owner, "update", `{"id":"1","content":"c"}`, `{"id":"1","owner":"u1"}`, `{"id":"1","content":"c"}`},
		{"the owner gives the record away", signedIn, owner, "update", `{"id":"1","owner":"u2"}`, `{"id":"1","owner":"u1"}`, `{"id":"1","owner":"u2"}`},
		{"another takes the record", signedIn, owner, "update", `{"id":"1","owner":"u1"}`, `{"id":"1","owner":"u2"}`, ``},
		{"another joins the owners", signedIn, owners, "update", `{"id":"1","owners":["user1"]}`, `{"id":"1","owners":["user2"]}`, ``},
		{"one of the owners updates", signedIn, owners, "update", `{"id":"1","owners":["user1"]}`, `{"id":"1","owners":["user2","user1"]}`, `{"id":"1","owners":["user1"]}`},
		{"a member updates", signedIn, group, "update", `{"id":"1","content":"c"}`, `{"group":"Dev"}`, `{"id":"1","content":"c"}`},
		{"another group's record", signedIn, group, "update", `{"id":"1","group":"Dev"}`, `{"group":"Ops"}`, ``},
		{"an update fills in nothing", signedIn, various, "update", `{"privateContent":"p"}`, `{}`, `{"privateContent":"p"}`},
		{"the owner's field of another's record", signedIn, various, "update", `{"privateContent":"p","ownerContent":"o"}`, `{"owner":"u2"}`, ``},
		{"no record to update", signedIn, owner, "update", `{"id":"1"}`, `null`, ``},
		{"the owner deletes", signedIn, owner, "delete", `{"id":"1"}`, `{"id":"1","owner":"u1","content":"c"}`, `{"id":"1"}`},
		{"another deletes", signedIn, owner, "delete", `{"id":"1"}`, `{"id":"1","owner":"u2"}`, ``},
		{"no rules", signedIn, ``, "delete", `{"id":"1"}`, `{"id":"1"}`, ``},
		{"an unknown operation", signedIn, rulePrivate, "upsert", `{"id":"1"}`, `{}`, ``},
		{"no input", signedIn, rulePrivate, "update", `null`, `{}`, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := refused
			if c.want != "" {
				want = `{"authorized":true,"authorizedInput":` + c.want + `}`
			}
			input := parse(t, c.input)
			mustEqual(t, "mutationAuth", authRules(t, c.identity, "mutationAuth", parse(t, `[`+c.rules+`]`), c.operation, input, parse(t, c.existing)), parse(t, want))
			mustEqual(t, "the input", input, parse(t, c.input))
		})
	}
}

// What is no rule allows nothing; Java finds no method for other arguments, and
// the templates take null for a refusal.
func TestAuthRulesOfOddInput(t *testing.T) {
	for _, rule := range []string{
		`null`, `1`, `"x"`, `[]`, `{}`, `{"type":"owner"}`, `{"provider":"userPools"}`, `{"type":"nosuch","provider":"userPools"}`,
		`{"type":"private","provider":"nosuch"}`, `{"type":"custom","provider":"userPools"}`, `{"type":"public","provider":"userPools"}`,
		`{"type":"admin","provider":"userPools","roles":[""]}`, `{"type":["private"],"provider":"userPools"}`, `{"type":"private","provider":{"a":1}}`,
		`{"type":"owner","provider":"userPools","ownerFieldType":"string"}`, `{"type":"owner","provider":"userPools","ownerFieldName":1}`,
		`{"type":"groups","provider":"userPools"}`, `{"type":"groups","provider":"userPools","allowedGroups":"Admin"}`,
		`{"type":"groups","provider":"userPools","allowedGroups":[null,{}]}`, `{"type":"groups","provider":"userPools","allowedGroups":["Admin"],"groupClaim":"nosuch"}`,
	} {
		rules := parse(t, `[`+rule+`]`)
		mustEqual(t, rule, authRules(t, signedIn, "queryAuth", rules), parse(t, refused))
		mustEqual(t, rule, authRules(t, signedIn, "subscriptionAuth", rules), parse(t, refused))
		mustEqual(t, rule, authRules(t, signedIn, "validateUsingSource", rules, parse(t, `{"owner":"user1","":"user1"}`)), false)
		mustEqual(t, rule, authRules(t, signedIn, "mutationAuth", rules, "create", parse(t, `{}`), nil), parse(t, refused))
	}
	mustEqual(t, "null rules", authRules(t, signedIn, "queryAuth", nil), parse(t, refused))
	mustEqual(t, "null rules", authRules(t, signedIn, "validateUsingSource", nil, nil), false)
	mustEqual(t, "odd fields allow none", authRules(t, signedIn, "mutationAuth", parse(t, `[{"type":"private","provider":"userPools","allowedFields":[1,null]}]`), "create", parse(t, `{"a":1}`), nil), parse(t, refused))
	for _, identity := range []string{`1`, `[]`, `{"claims":1}`, strings.Replace(signedIn, `{"sub":"s1","username"`, `{"sub":{},"username"`, 1)} {
		mustEqual(t, identity, authRules(t, identity, "validateUsingSource", parse(t, `[`+ruleOwner+`]`), parse(t, `{"owner":"user1"}`)), false)
	}

	u := builtin.New(&builtin.Env{Identity: parse(t, signedIn)})
	rules, m := value.NewList(), value.NewMap(0)
	for _, c := range []struct {
		name string
		args []any
	}{
		{"mutationAuth", nil}, {"mutationAuth", []any{rules, "create", m}}, {"mutationAuth", []any{rules, "create", m, m, m}},
		{"mutationAuth", []any{m, "create", m, m}}, {"mutationAuth", []any{rules, int32(1), m, m}},
		{"mutationAuth", []any{rules, "create", "x", m}}, {"mutationAuth", []any{rules, "create", m, rules}},
		{"queryAuth", nil}, {"queryAuth", []any{m}}, {"queryAuth", []any{rules, m}},
		{"subscriptionAuth", nil}, {"subscriptionAuth", []any{"x"}}, {"subscriptionAuth", []any{rules, rules}},
		{"validateUsingSource", []any{rules}}, {"validateUsingSource", []any{rules, rules}}, {"validateUsingSource", []any{rules, m, m}},
		{"nosuch", []any{rules}},
	} {
		if v, ok, err := invoke(t, u, "authRules", c.name, c.args...); ok || err != nil || v != nil {
			t.Errorf("%s(%v) = %v, %v, %v; want not found", c.name, c.args, v, ok, err)
		}
	}
	m.Set("self", m)
	if _, _, err := invoke(t, u, "authRules", "mutationAuth", rules, "create", m, nil); err == nil {
		t.Error("an input that holds itself: no error")
	}
}
