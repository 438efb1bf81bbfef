package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_GetIntrospectionSchema.html
func TestSDL(t *testing.T) {
	s := parse(t, `
directive @mine(a: Int = 1) repeatable on FIELD_DEFINITION | OBJECT
"""
The start.

  Of all.
"""
type Query @aws_iam {
  "one" a("x" x: Int = 5, y: [String!] = ["a\n", "b"]): Int! @aws_auth(cognito_groups: ["A"]) @deprecated(reason: "old")
  b(z: I = {n: 1, e: [A]}): Thing @mine @mine(a: 2)
}
extend type Query implements N { id: ID }
interface N @mine2 { id: ID }
union Thing = Query
enum E { A B @deprecated }
input I { n: Int e: [E] = [A] }
directive @mine2 on INTERFACE
`)
	const plain = `schema {
  query: Query
}

"""
The start.

  Of all.
"""
type Query implements N {
  """
  one
  """
  a(
    """
    x
    """
    x: Int = 5
    y: [String!] = ["a\n", "b"]
  ): Int! @deprecated(reason: "old")
  b(z: I = {n: 1, e: [A]}): Thing
  id: ID
}

interface N {
  id: ID
}

union Thing = Query

enum E {
  A
  B @deprecated
}

input I {
  n: Int
  e: [E] = [A]
}

`
	const directives = `directive @mine(a: Int = 1) repeatable on FIELD_DEFINITION | OBJECT

directive @mine2 on INTERFACE

schema {
  query: Query
}

"""
The start.

  Of all.
"""
type Query implements N @aws_iam {
  """
  one
  """
  a(
    """
    x
    """
    x: Int = 5
    y: [String!] = ["a\n", "b"]
  ): Int! @aws_auth(cognito_groups: ["A"]) @deprecated(reason: "old")
  b(z: I = {n: 1, e: [A]}): Thing @mine @mine(a: 2)
  id: ID
}

interface N @mine2 {
  id: ID
}

union Thing = Query

enum E {
  A
  B @deprecated
}

input I {
  n: Int
  e: [E] = [A]
}

`
	if diff := cmp.Diff(plain, s.SDL(false)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(directives, s.SDL(true)); diff != "" {
		t.Error(diff)
	}
}

// What is printed reads as the same schema.
func TestSDLRoundTrip(t *testing.T) {
	for name, sdl := range map[string]string{
		"introspected":  introspected,
		"pos-datastore": read(t, "pos-datastore.graphql"),
		"descriptions":  "# \\\"\"\" and \\\\\n# \ttab\ntype Query {\n  \" \" a: Int\n  \"\\u0007 \\\" \\\\ é\" b: Int\n  \"\"\"\n   q\\\"\"\"r\n  \"\"\"\n  c: Int\n}",
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, sdl)
			for _, directives := range []bool{true, false} {
				once := s.SDL(directives)
				again := parse(t, once)
				if diff := cmp.Diff(once, again.SDL(directives)); diff != "" {
					t.Error(diff)
				}
				if directives {
					for _, f := range s.Query.Fields {
						if d := again.Query.Field(f.Name).Description; d != f.Description {
							t.Errorf("%s: description %q becomes %q", f.Name, f.Description, d)
						}
					}
				}
			}
		})
	}
}
