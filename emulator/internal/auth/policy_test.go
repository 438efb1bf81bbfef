package auth_test

import (
	"testing"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/schema"
)

const policySDL = `
type Query {
  plain: Post
  key: Post @aws_api_key
  iam: Post @aws_iam
  both: Post @aws_api_key @aws_iam
  admins: Post @aws_cognito_user_pools(cognito_groups: ["Admins", "Owners"])
  members: Post @aws_cognito_user_pools
  legacy: Post @aws_auth(cognito_groups: ["Admins"])
  oidc: Post @aws_oidc
  lambda: Post @aws_lambda
}
type Post @aws_iam {
  id: ID!
  secret: String @aws_api_key
}
`

func mustParse(t *testing.T) *schema.Schema {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: policySDL}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
func TestPolicy(t *testing.T) {
	s := mustParse(t)
	keyAPI := &project.API{Auth: provider(project.AuthAPIKey), AdditionalAuth: []project.AuthProvider{
		provider(project.AuthIAM), provider(project.AuthCognito), provider(project.AuthOIDC), provider(project.AuthLambda)}}
	pool := &project.API{Auth: provider(project.AuthCognito)}
	deny := &project.API{Auth: project.AuthProvider{Type: project.AuthCognito, DefaultAction: "DENY"}}
	key := auth.Identity{Mode: project.AuthAPIKey}
	iam := auth.Identity{Mode: project.AuthIAM}
	user := auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers"}}
	admin := auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers", "Admins"}}

	tests := []struct {
		name       string
		api        *project.API
		id         auth.Identity
		typ, field string
		want       bool
	}{
		{"no directive is open to the default mode", keyAPI, key, "Query", "plain", true},
		{"no directive is closed to other modes", keyAPI, iam, "Query", "plain", false},
		{"a directive for the default mode", keyAPI, key, "Query", "key", true},
		{"a directive for another mode closes the field to the default", keyAPI, key, "Query", "iam", false},
		{"a directive for another mode opens the field to it", keyAPI, iam, "Query", "iam", true},
		{"any of several directives", keyAPI, key, "Query", "both", true},
		{"any other of several directives", keyAPI, iam, "Query", "both", true},
		{"the directives of the type", keyAPI, iam, "Post", "id", true},
		{"the directives of the type close it to the default mode", keyAPI, key, "Post", "id", false},
		{"the field's directives replace the type's", keyAPI, key, "Post", "secret", true},
		{"the field's directives replace the type's for the others", keyAPI, iam, "Post", "secret", false},
		{"OpenID Connect", keyAPI, auth.Identity{Mode: project.AuthOIDC}, "Query", "oidc", true},
		{"Lambda", keyAPI, auth.Identity{Mode: project.AuthLambda}, "Query", "lambda", true},
		{"a member of a group", keyAPI, admin, "Query", "admins", true},
		{"no member of the groups", keyAPI, user, "Query", "admins", false},
		{"no groups asked for", keyAPI, user, "Query", "members", true},
		{"aws_auth is ignored where there are several modes", keyAPI, key, "Query", "legacy", true},
		{"aws_auth where Cognito is the only mode", pool, user, "Query", "legacy", false},
		{"aws_auth for a member", pool, admin, "Query", "legacy", true},
		{"a user pool's default action ALLOW", pool, user, "Query", "plain", true},
		{"a user pool's default action DENY", deny, user, "Query", "plain", false},
		{"DENY with a group", deny, admin, "Query", "admins", true},
		{"an unknown mode", keyAPI, auth.Identity{Mode: "OTHER"}, "Query", "plain", false},
		{"nobody", keyAPI, auth.Identity{}, "Query", "plain", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := s.Types[tt.typ].Field(tt.field)
			if got := auth.NewPolicy(s, tt.api).Allows(tt.id, f); got != tt.want {
				t.Errorf("Allows = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIntrospectionIsNeverRefused(t *testing.T) {
	s := mustParse(t)
	p := auth.NewPolicy(s, &project.API{Auth: provider(project.AuthIAM)})
	for _, index := range []int{-1, 0, 1 << 20} {
		if !p.Allows(auth.Identity{Mode: project.AuthAPIKey}, &schema.Field{Name: "__typename", Index: index}) {
			t.Errorf("a meta field with index %d was refused", index)
		}
	}
}

func TestAllowsAll(t *testing.T) {
	s, problems := schema.Parse([]schema.Source{{Text: `type Query { a: String b: Int }`}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	api := &project.API{Auth: provider(project.AuthAPIKey)}
	open := auth.NewPolicy(s, api)
	if !open.AllowsAll(auth.Identity{Mode: project.AuthAPIKey}) || open.AllowsAll(auth.Identity{Mode: project.AuthIAM}) {
		t.Error("a schema without directives is open to the default mode alone")
	}
	if auth.NewPolicy(mustParse(t), api).AllowsAll(auth.Identity{Mode: project.AuthAPIKey}) {
		t.Error("a schema with closed fields is not open everywhere")
	}
}
