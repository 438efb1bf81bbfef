package auth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/schema"
)

// apiOf is an API with a default mode and additional ones.
func apiOf(main string, additional ...string) *project.API {
	api := &project.API{Auth: project.AuthProvider{Type: main}}
	if main == project.AuthCognito {
		api.Auth.DefaultAction = "ALLOW"
	}
	for _, mode := range additional {
		api.AdditionalAuth = append(api.AdditionalAuth, project.AuthProvider{Type: mode})
	}
	return api
}

// withDeny sets the default action of the API's user pool.
func withDeny(api *project.API) *project.API {
	api.Auth.DefaultAction = "DENY"
	return api
}

// callers are the identities that the tables ask for, by the words they use.
var callers = []struct {
	name string
	id   auth.Identity
}{
	{"key", auth.Identity{Mode: project.AuthAPIKey}},
	{"iam", auth.Identity{Mode: project.AuthIAM}},
	{"user", auth.Identity{Mode: project.AuthCognito}},
	{"reader", auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers"}}},
	{"admin", auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers", "Admins"}}},
	{"oidc", auth.Identity{Mode: project.AuthOIDC}},
	{"lambda", auth.Identity{Mode: project.AuthLambda}},
	{"other", auth.Identity{Mode: "OTHER"}},
	{"nobody", auth.Identity{}},
}

func policySchema(t testing.TB, sdl string) *schema.Schema {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: sdl}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

// admitted lists the callers who may read a field.
func admitted(p *auth.Policy, f *schema.Field) string {
	var names []string
	for _, c := range callers {
		if denied := p.Denied(c.id); denied == nil || !denied(f) {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, " ")
}

// Every directive on types and fields, under every kind of API. That field
// directives replace those of the type, that several admit any, and that what has
// none is open to the default mode is said in "Using additional authorization
// modes" of the page below; that @aws_auth works only where a user pool is the
// one mode, too. That it does not look below the operations is recorded in
// aws/aws-appsync-community#275, that it is ignored beside other modes in
// theburningmonk/appsync-multi-tenant-demo-with-cognito#1. The default action
// DENY asks for @aws_auth on queries and mutations
// (sid88in/serverless-appsync-plugin#510), which @aws_cognito_user_pools is not
// (aws/aws-appsync-community#349).
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func TestPolicy(t *testing.T) {
	const (
		key, iam, pool, oidc, lambda = project.AuthAPIKey, project.AuthIAM, project.AuthCognito, project.AuthOIDC, project.AuthLambda

		users = "user reader admin"
	)
	var (
		keyOnly    = apiOf(key)
		iamOnly    = apiOf(iam)
		oidcOnly   = apiOf(oidc)
		lambdaOnly = apiOf(lambda)
		poolOnly   = apiOf(pool)
		poolDeny   = withDeny(apiOf(pool))
		keyFirst   = apiOf(key, iam, pool, oidc, lambda)
		iamFirst   = apiOf(iam, key, pool, oidc, lambda)
		oidcFirst  = apiOf(oidc, key, iam, pool, lambda)
		lambdaLed  = apiOf(lambda, key, iam, pool, oidc)
		poolFirst  = apiOf(pool, key, iam, oidc, lambda)
		poolPool   = apiOf(pool, pool)
		poolDenied = withDeny(apiOf(pool, key, iam, oidc, lambda))
	)
	tests := []struct {
		name   string
		api    *project.API
		typ    string // directives of the type
		field  string // directives of the field
		root   string // who may read the field on Query
		nested string // who may read it on another type; empty is as on Query
	}{
		{name: "API_KEY alone", api: keyOnly, root: "key"},
		{name: "AWS_IAM alone", api: iamOnly, root: "iam"},
		{name: "OPENID_CONNECT alone", api: oidcOnly, root: "oidc"},
		{name: "AWS_LAMBDA alone", api: lambdaOnly, root: "lambda"},
		{name: "a user pool alone", api: poolOnly, root: users},
		{name: "a user pool alone that denies", api: poolDeny, root: "", nested: users},

		{name: "default API_KEY among others", api: keyFirst, root: "key"},
		{name: "default AWS_IAM among others", api: iamFirst, root: "iam"},
		{name: "default OPENID_CONNECT among others", api: oidcFirst, root: "oidc"},
		{name: "default AWS_LAMBDA among others", api: lambdaLed, root: "lambda"},
		{name: "a default user pool among others", api: poolFirst, root: users},
		{name: "a default user pool among others that denies", api: poolDenied, root: "", nested: users},

		{name: "@aws_api_key on the field", api: iamFirst, field: "@aws_api_key", root: "key"},
		{name: "@aws_iam on the field", api: keyFirst, field: "@aws_iam", root: "iam"},
		{name: "@aws_oidc on the field", api: keyFirst, field: "@aws_oidc", root: "oidc"},
		{name: "@aws_lambda on the field", api: keyFirst, field: "@aws_lambda", root: "lambda"},
		{name: "@aws_cognito_user_pools on the field", api: keyFirst, field: "@aws_cognito_user_pools", root: users},
		{name: "the default mode's own", api: keyFirst, field: "@aws_api_key", root: "key"},

		{name: "@aws_api_key on the type", api: iamFirst, typ: "@aws_api_key", root: "key"},
		{name: "@aws_iam on the type", api: keyFirst, typ: "@aws_iam", root: "iam"},
		{name: "@aws_oidc on the type", api: keyFirst, typ: "@aws_oidc", root: "oidc"},
		{name: "@aws_lambda on the type", api: keyFirst, typ: "@aws_lambda", root: "lambda"},
		{name: "@aws_cognito_user_pools on the type", api: keyFirst, typ: "@aws_cognito_user_pools", root: users},

		{name: "two on the field", api: keyFirst, field: "@aws_api_key @aws_iam", root: "key iam"},
		{name: "two on the type", api: keyFirst, typ: "@aws_iam @aws_lambda", root: "iam lambda"},
		{name: "all on the field", api: keyFirst, field: "@aws_api_key @aws_iam @aws_cognito_user_pools @aws_oidc @aws_lambda", root: "key iam " + users + " oidc lambda"},
		{name: "all on the type", api: poolFirst, typ: "@aws_lambda @aws_oidc @aws_cognito_user_pools @aws_iam @aws_api_key", root: "key iam " + users + " oidc lambda"},

		{name: "the field narrows the type", api: iamFirst, typ: "@aws_api_key @aws_iam", field: "@aws_iam", root: "iam"},
		{name: "the field widens the type", api: iamFirst, typ: "@aws_iam", field: "@aws_api_key @aws_iam", root: "key iam"},
		{name: "the field replaces the type", api: keyFirst, typ: "@aws_iam", field: "@aws_oidc", root: "oidc"},
		{name: "the field returns to the default mode", api: keyFirst, typ: "@aws_iam", field: "@aws_api_key", root: "key"},

		{name: "a group on the field", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},
		{name: "a group on the type", api: keyFirst, typ: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},
		{name: "a group as a string", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: "Admins")`, root: "admin"},
		{name: "any of two groups", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: ["Owners", "Readers"])`, root: "reader admin"},
		{name: "a group that nobody is in", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: ["Owners"])`, root: ""},
		{name: "groups are compared as they are", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: ["admins"])`, root: ""},
		{name: "an empty list of groups", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: [])`, root: users},
		{name: "no list of groups", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: null)`, root: users},
		{name: "a group or another mode", api: keyFirst, field: `@aws_cognito_user_pools(cognito_groups: ["Admins"]) @aws_api_key`, root: "key admin"},
		{name: "a group on a field of a type for all users", api: poolFirst, typ: "@aws_cognito_user_pools", field: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},
		{name: "a field for all users of a type for a group", api: poolFirst, typ: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, field: "@aws_cognito_user_pools", root: users},
		{name: "the groups of field and type do not add up", api: poolFirst, typ: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, field: `@aws_cognito_user_pools(cognito_groups: ["Readers"])`, root: "reader admin"},
		{name: "a group with a user pool alone", api: poolOnly, field: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},
		{name: "a group on a type with a user pool alone", api: poolOnly, typ: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},
		{name: "a group with two user pools", api: poolPool, field: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "admin"},

		{name: "@aws_auth with a group", api: poolOnly, field: `@aws_auth(cognito_groups: ["Admins"])`, root: "admin", nested: users},
		{name: "@aws_auth with two groups", api: poolOnly, field: `@aws_auth(cognito_groups: ["Admins", "Readers"])`, root: "reader admin", nested: users},
		{name: "@aws_auth without groups", api: poolOnly, field: `@aws_auth`, root: users},
		{name: "@aws_auth replaces the type's", api: poolOnly, typ: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, field: `@aws_auth(cognito_groups: ["Readers"])`, root: "reader admin", nested: "admin"},
		{name: "@aws_auth on a type", api: poolOnly, typ: `@aws_auth(cognito_groups: ["Admins"])`, root: users},
		{name: "@aws_auth beside other modes", api: poolFirst, field: `@aws_auth(cognito_groups: ["Admins"])`, root: users},
		{name: "@aws_auth beside other modes does not hide the type's", api: poolFirst, typ: "@aws_iam", field: `@aws_auth(cognito_groups: ["Admins"])`, root: "iam"},
		{name: "@aws_auth beside another user pool", api: poolPool, field: `@aws_auth(cognito_groups: ["Admins"])`, root: users},
		{name: "@aws_auth without a user pool", api: keyOnly, field: `@aws_auth(cognito_groups: ["Admins"])`, root: "key"},
		{name: "@aws_auth with an additional user pool", api: keyFirst, field: `@aws_auth(cognito_groups: ["Admins"])`, root: "key"},

		{name: "DENY and @aws_auth with a group", api: poolDeny, field: `@aws_auth(cognito_groups: ["Admins"])`, root: "admin", nested: users},
		{name: "DENY and @aws_auth without groups", api: poolDeny, field: `@aws_auth`, root: users},
		{name: "DENY and @aws_auth on the type", api: poolDeny, typ: `@aws_auth(cognito_groups: ["Admins"])`, root: "", nested: users},
		{name: "DENY and a group by the other directive", api: poolDeny, field: `@aws_cognito_user_pools(cognito_groups: ["Admins"])`, root: "", nested: "admin"},
		{name: "DENY and the other directive on the type", api: poolDeny, typ: `@aws_cognito_user_pools`, root: "", nested: users},
		{name: "DENY beside other modes, with a directive", api: poolDenied, field: `@aws_cognito_user_pools`, root: users},
		{name: "DENY beside other modes, for another mode", api: poolDenied, typ: `@aws_iam`, root: "iam"},

		{name: "a mode that is not configured", api: keyOnly, field: "@aws_iam", root: "iam"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := policySchema(t, `
type Query `+tt.typ+` { f: Int `+tt.field+` nested: Nested }
type Nested `+tt.typ+` { f: Int `+tt.field+` }`)
			p := auth.NewPolicy(s, tt.api)
			if got := admitted(p, s.Field("Query", "f")); got != tt.root {
				t.Errorf("Query.f admits %q, want %q", got, tt.root)
			}
			nested := tt.nested
			if nested == "" {
				nested = tt.root
			}
			if got := admitted(p, s.Field("Nested", "f")); got != nested {
				t.Errorf("Nested.f admits %q, want %q", got, nested)
			}
		})
	}
}

// What holds for Query holds for the other operations, whatever the root types
// are called.
func TestPolicyOfOperations(t *testing.T) {
	s := policySchema(t, `
schema { query: Q mutation: M subscription: S }
type Q { f: Int @aws_auth(cognito_groups: ["Admins"]) g: Int }
type M { f: Int @aws_auth(cognito_groups: ["Admins"]) g: Int }
type S { f: Int @aws_auth(cognito_groups: ["Admins"]) @aws_subscribe(mutations: ["f"]) g: Int }
type Query { f: Int @aws_auth(cognito_groups: ["Admins"]) }`)
	allow, deny := auth.NewPolicy(s, apiOf(project.AuthCognito)), auth.NewPolicy(s, withDeny(apiOf(project.AuthCognito)))
	for _, typ := range []string{"Q", "M", "S"} {
		for _, tt := range []struct {
			policy      *auth.Policy
			field, want string
		}{
			{allow, "f", "admin"}, {allow, "g", "user reader admin"}, {deny, "f", "admin"}, {deny, "g", ""},
		} {
			if got := admitted(tt.policy, s.Field(typ, tt.field)); got != tt.want {
				t.Errorf("%s.%s admits %q, want %q", typ, tt.field, got, tt.want)
			}
		}
	}
	if got := admitted(deny, s.Field("Query", "f")); got != "user reader admin" {
		t.Errorf("a type that is only called Query admits %q", got)
	}
}

// Values have object types: the directives of interfaces do not matter.
func TestPolicyOfInterfaces(t *testing.T) {
	s := policySchema(t, `
type Query { n: N @aws_api_key @aws_iam u: U @aws_api_key @aws_iam }
interface N @aws_iam { f: Int @aws_iam }
type A implements N @aws_iam { f: Int }
type B implements N { f: Int @aws_api_key }
type C implements N { f: Int }
union U @aws_iam = A | B | C`)
	p := auth.NewPolicy(s, apiOf(project.AuthAPIKey, project.AuthIAM))
	for typ, want := range map[string]string{"A": "iam", "B": "key", "C": "key"} {
		if got := admitted(p, s.Field(typ, "f")); got != want {
			t.Errorf("%s.f admits %q, want %q", typ, got, want)
		}
	}
}

// AWS AppSync developer guide, graphql-overview: introspection works normally
// when it is enabled, for every mode.
func TestIntrospectionIsNeverRefused(t *testing.T) {
	s := policySchema(t, `type Query { f: Int @aws_iam }`)
	p := auth.NewPolicy(s, apiOf(project.AuthIAM))
	denied := p.Denied(auth.Identity{Mode: project.AuthAPIKey})
	if !denied(s.Field("Query", "f")) {
		t.Error("the field is open to API keys")
	}
	for _, index := range []int{-1, 1 << 20} {
		if denied(&schema.Field{Name: "__typename", Index: index}) {
			t.Errorf("a meta field with index %d is refused", index)
		}
	}
	for _, f := range s.Types["__Schema"].Fields {
		if denied(f) {
			t.Errorf("__Schema.%s is refused", f.Name)
		}
	}
}

// Callers who may read everything are asked nothing.
func TestNothingIsAskedOfThoseWhoMayReadAll(t *testing.T) {
	plain := policySchema(t, `type Query { a: String n: N } interface N { b: Int } type T implements N { b: Int }`)
	marked := policySchema(t, `type Query @aws_iam @aws_api_key { a: String @aws_cognito_user_pools @aws_iam b: Int }`)
	grouped := policySchema(t, `type Query { a: String @aws_cognito_user_pools(cognito_groups: ["Admins"]) }`)
	user := auth.Identity{Mode: project.AuthCognito, Groups: []string{"Admins"}}
	for _, tt := range []struct {
		name   string
		schema *schema.Schema
		api    *project.API
		id     auth.Identity
		asked  bool
	}{
		{"no directives", plain, apiOf(project.AuthAPIKey), auth.Identity{Mode: project.AuthAPIKey}, false},
		{"no directives, another mode", plain, apiOf(project.AuthAPIKey), auth.Identity{Mode: project.AuthIAM}, true},
		{"a mode that is everywhere", marked, apiOf(project.AuthAPIKey), auth.Identity{Mode: project.AuthIAM}, false},
		{"a mode that is not everywhere", marked, apiOf(project.AuthAPIKey), auth.Identity{Mode: project.AuthAPIKey}, true},
		{"a member of the group", grouped, apiOf(project.AuthCognito), user, true},
		{"no mode at all", plain, apiOf(project.AuthAPIKey), auth.Identity{}, true},
	} {
		if asked := auth.NewPolicy(tt.schema, tt.api).Denied(tt.id) != nil; asked != tt.asked {
			t.Errorf("%s: asked is %v", tt.name, asked)
		}
	}
}

// The words are our own: AppSync says nothing.
func TestWarnings(t *testing.T) {
	const every = `
type Query {
  a: Int @aws_auth(cognito_groups: ["A"])
  b: Int @aws_iam @aws_api_key
  c: T @aws_cognito_user_pools
}
type T @aws_oidc {
  a: Int @aws_auth
  b: Int @aws_iam
}
interface N { c: Int @aws_lambda d: Int @aws_iam }
type V implements N { c: Int d: Int @aws_lambda }
`
	const (
		noEffect    = `@aws_auth" has no effect: it works only where AMAZON_COGNITO_USER_POOLS is the one authorization mode. Use @aws_cognito_user_pools.`
		onInterface = `11:23: Directive "@aws_lambda" has no effect on the field of an interface: those of the object types decide.`
	)
	admitsNobody := func(at, name, mode string) string {
		return at + `: Directive "@` + name + `" admits nobody: ` + mode + ` is not an authorization mode of the API.`
	}
	for _, tt := range []struct {
		name string
		api  *project.API
		want []string
	}{
		{"all modes", apiOf(project.AuthAPIKey, project.AuthIAM, project.AuthCognito, project.AuthOIDC, project.AuthLambda),
			[]string{`3:11: Directive "` + noEffect, onInterface}},
		{"one mode", apiOf(project.AuthAPIKey), []string{
			`3:11: Directive "` + noEffect,
			admitsNobody("4:11", "aws_iam", "AWS_IAM"),
			admitsNobody("5:9", "aws_cognito_user_pools", "AMAZON_COGNITO_USER_POOLS"),
			admitsNobody("7:9", "aws_oidc", "OPENID_CONNECT"),
			onInterface,
			admitsNobody("12:38", "aws_lambda", "AWS_LAMBDA"),
		}},
		{"a user pool alone that denies", withDeny(apiOf(project.AuthCognito)), []string{
			admitsNobody("4:11", "aws_iam", "AWS_IAM"),
			admitsNobody("4:20", "aws_api_key", "API_KEY"),
			`5:9: Directive "@aws_cognito_user_pools" admits nobody: the default action DENY of the one authorization mode asks for @aws_auth.`,
			admitsNobody("7:9", "aws_oidc", "OPENID_CONNECT"),
			`8:11: Directive "@aws_auth" has no effect below the operations. Use @aws_cognito_user_pools.`,
			onInterface,
			admitsNobody("12:38", "aws_lambda", "AWS_LAMBDA"),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, w := range auth.Warnings(policySchema(t, every), tt.api) {
				got = append(got, strings.TrimPrefix(w.Error(), "schema.graphql:"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever schema parses has a policy, and each of its fields an answer for
// every caller.
func FuzzPolicy(f *testing.F) {
	for _, sdl := range []string{
		`type Query { f: Int @aws_iam }`,
		`type Query @aws_cognito_user_pools(cognito_groups: ["Admins", null]) { f: Int @aws_auth(cognito_groups: "A") n: N }
		 interface N @aws_iam { f: Int @aws_oidc } type T implements N @aws_lambda { f: Int @aws_api_key } extend type T @aws_iam`,
		`schema { query: Q mutation: M } type Q { f: Q @aws_auth } type M { f: [Q!]! @aws_publish(subscriptions: ["x"]) } input I @aws_iam { a: Int @aws_oidc }`,
	} {
		f.Add(sdl)
	}
	apis := []*project.API{
		apiOf(project.AuthAPIKey), withDeny(apiOf(project.AuthCognito)),
		apiOf(project.AuthCognito, project.AuthIAM), withDeny(apiOf(project.AuthCognito, project.AuthLambda)),
	}
	f.Fuzz(func(t *testing.T, sdl string) {
		s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: sdl}})
		if len(problems) > 0 {
			return
		}
		for _, api := range apis {
			auth.Warnings(s, api)
			p := auth.NewPolicy(s, api)
			for _, typ := range s.Types {
				for _, field := range typ.Fields {
					who := admitted(p, field)
					if typ.Kind == schema.Object && !strings.HasPrefix(typ.Name, "__") && strings.Contains(who, "nobody") {
						t.Errorf("%s.%s admits %s", typ.Name, field.Name, who)
					}
				}
			}
		}
	})
}

func BenchmarkDenied(b *testing.B) {
	s := policySchema(b, `
type Query @aws_api_key { f: Int @aws_iam g: Int @aws_cognito_user_pools(cognito_groups: ["Owners", "Admins"]) }`)
	p := auth.NewPolicy(s, apiOf(project.AuthAPIKey, project.AuthIAM, project.AuthCognito))
	f, g := s.Field("Query", "f"), s.Field("Query", "g")
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Denied(callers[4].id)
		}
	})
	b.Run("field", func(b *testing.B) {
		denied := p.Denied(callers[4].id)
		b.ReportAllocs()
		for b.Loop() {
			if denied(g) || !denied(f) {
				b.Fatal("the policy is wrong")
			}
		}
	})
}
