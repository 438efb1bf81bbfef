package auth_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

// deniedBy is what an authorizer denies, a type and its field in turn.
func deniedBy(names ...string) *auth.DeniedFields {
	d := &auth.DeniedFields{}
	for i := 0; i < len(names); i += 2 {
		d.Fields = append(d.Fields, auth.FieldName{Type: names[i], Field: names[i+1]})
	}
	return d
}

const deniedSDL = `
type Query @aws_lambda @aws_api_key { a: Int b: Int n: N }
type Mutation { m: Int @aws_lambda closed: Int @aws_iam }
interface N { x: Int }
type A implements N @aws_lambda { x: Int y: Int }
type B implements N @aws_lambda { x: Int }`

// A Lambda authorizer names fields as Type.field; they are null whatever a
// resolver returns. A whole type cannot be named (aws/aws-appsync-community#272).
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization
func TestDeniedFields(t *testing.T) {
	s := policySchema(t, deniedSDL)
	p := auth.NewPolicy(s, apiOf(project.AuthLambda, project.AuthAPIKey, project.AuthIAM))
	all := []string{"Query.a", "Query.b", "Mutation.m", "Mutation.closed", "A.x", "A.y", "B.x", "__Type.name"}
	tests := []struct {
		name   string
		denied *auth.DeniedFields
		want   []string
	}{
		{"none", nil, []string{"Mutation.closed"}},
		{"an empty list", deniedBy(), []string{"Mutation.closed"}},
		{"a field", deniedBy("Query", "a"), []string{"Query.a", "Mutation.closed"}},
		{"several", deniedBy("Query", "a", "A", "y", "Mutation", "m"), []string{"Query.a", "Mutation.m", "Mutation.closed", "A.y"}},
		{"one that is closed anyway", deniedBy("Mutation", "closed"), []string{"Mutation.closed"}},
		{"the field of an interface is no object's", deniedBy("N", "x"), []string{"Mutation.closed"}},
		{"names that there are not", deniedBy("Query", "zzz", "Nope", "a", "query", "a"), []string{"Mutation.closed"}},
		{"introspection", deniedBy("__Type", "name", "Query", "__typename", "Query", "__schema"), []string{"Mutation.closed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			denied := p.Denied(auth.Identity{Mode: project.AuthLambda, Denied: tt.denied})
			var got []string
			for _, name := range all {
				typ, field, _ := strings.Cut(name, ".")
				if denied(s.Field(typ, field)) {
					got = append(got, name)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("denied are %v, want %v", got, tt.want)
			}
		})
	}
}

// A caller to whom everything is open is asked about fields only when some are
// denied that the schema has.
func TestDeniedFieldsOfAnOpenSchema(t *testing.T) {
	s := policySchema(t, `type Query { a: Int b: Int }`)
	p := auth.NewPolicy(s, apiOf(project.AuthLambda))
	ask := func(d *auth.DeniedFields) bool {
		return p.Denied(auth.Identity{Mode: project.AuthLambda, Denied: d}) != nil
	}
	if ask(nil) || ask(deniedBy()) || ask(deniedBy("Query", "c")) {
		t.Error("nothing is denied and all the same something is asked")
	}
	if !ask(deniedBy("Query", "b")) {
		t.Error("nothing is asked of a caller who may not read a field")
	}
}

// The schema may change while the answer of the authorizer is still in its cache.
func TestDeniedFieldsFollowTheSchema(t *testing.T) {
	d := deniedBy("Query", "b")
	id := auth.Identity{Mode: project.AuthLambda, Denied: d}
	before := policySchema(t, `type Query { a: Int b: Int }`)
	after := policySchema(t, `type Query { b: Int a: Int }`)
	first, second := auth.NewPolicy(before, apiOf(project.AuthLambda)), auth.NewPolicy(after, apiOf(project.AuthLambda))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 100 {
				if denied := first.Denied(id); !denied(before.Field("Query", "b")) || denied(before.Field("Query", "a")) {
					t.Error("the first schema's fields are mixed up")
				}
				if denied := second.Denied(id); !denied(after.Field("Query", "b")) || denied(after.Field("Query", "a")) {
					t.Error("the second schema's fields are mixed up")
				}
			}
		})
	}
	wait.Wait()
}

// BenchmarkDeniedFields is a request whose authorizer's answer is in the cache.
func BenchmarkDeniedFields(b *testing.B) {
	s := policySchema(b, deniedSDL)
	p := auth.NewPolicy(s, apiOf(project.AuthLambda))
	id := auth.Identity{Mode: project.AuthLambda, Denied: deniedBy("Query", "a", "A", "y", "Mutation", "m")}
	b.ReportAllocs()
	for b.Loop() {
		p.Denied(id)
	}
}
