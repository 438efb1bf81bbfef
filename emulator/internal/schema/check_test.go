package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/schema"
)

// What is refused is AppSync's ("Designing your schema" and "Scalar types" of
// the developer guide), graphql-java 9's or the GraphQL specification's. The
// words are our own, except the two on the schema as a whole, which are
// AppSync's: aws-appsync-community#292, #345.
func TestProblems(t *testing.T) {
	const query = "type Query { q: Int }\n"
	tests := []struct {
		name string
		sdl  string
		want []string
	}{
		{"no roots", "type Post { id: ID }", []string{`1:1: There is no top level schema object defined.`}},
		{"nothing", "", []string{`1:1: There is no top level schema object defined.`}},
		{"no query", "\nschema { mutation: M }\ntype M { a: Int }", []string{`2:8: A schema MUST have a 'query' operation defined.`}},
		{"only a mutation", "type Mutation { a: Int }", []string{`1:1: A schema MUST have a 'query' operation defined.`}},
		{"unknown root", "schema { query: Quary }\ntype Query { a: Int }", []string{`1:10: Unknown type "Quary". Did you mean "Query"?`}},
		{"root is no object", "schema { query: E }\nenum E { A }", []string{`1:10: The query type must be an object type; "E" is an enum.`}},
		{"root twice", query + "schema { query: Query query: Query }", []string{`2:23: The query type of the schema is given twice.`}},
		{"schema twice", query + "schema { query: Query }\nschema { query: Query }", []string{
			`3:8: The schema is defined twice; first in a.graphql, line 2.`,
			`3:10: The query type of the schema is given twice.`,
		}},
		{"one type for two roots", "schema { query: Q mutation: Q }\ntype Q { a: Int }", []string{`1:19: Type "Q" cannot be the query type and the mutation type.`}},

		{"syntax", "type Query {\n  a Int\n}", []string{`2:5: Syntax error: Expected :, found Name.`}},
		{
			"several syntax errors", "type Query {\n  a Int\n}\ntype Post {\n  id: ID\n}\ninput I {\n  : Int\n}\n",
			[]string{`2:5: Syntax error: Expected :, found Name.`, `8:3: Syntax error: Expected Name, found :.`},
		},
		{"unclosed", "type Query {\n  a: Int\n", []string{`3:1: Syntax error: Expected Name, found <EOF>.`}},
		{"unclosed string", "type Query {\n  a(x: String = \"abc): Int\n}", []string{`2:27: Syntax error: Unterminated string.`}},
		{"query text", "query { a }", []string{`1:1: Syntax error: Unexpected Name "query".`}},

		{"unknown types", query + "type Post {\n  a(x: Strin): Pst\n  b: [Itn!]!\n}\ninput I { c: Pots }\nunion U = Post | Psot\ntype P implements Nod { id: ID }\ninterface Node { id: ID }", []string{
			`3:8: Unknown type "Strin". Did you mean "String"?`,
			`3:16: Unknown type "Pst". Did you mean "Post"?`,
			`4:7: Unknown type "Itn". Did you mean "Int"?`,
			`6:14: Unknown type "Pots".`,
			`7:18: Unknown type "Psot". Did you mean "Post"?`,
			`8:6: Unknown interface "Nod". Did you mean "Node"?`,
		}},
		{"a scalar without its prefix", query + "type T { a: DateTime b: json }", []string{
			`2:13: Unknown type "DateTime". Did you mean "AWSDateTime"?`,
			`2:25: Unknown type "json". Did you mean "AWSJSON"?`,
		}},
		{"custom scalars", query + "scalar Date\nscalar Money", []string{
			`2:8: Custom scalar "Date" is not supported: only the scalars of GraphQL and AppSync exist. Did you mean "AWSDate"?`,
			`3:8: Custom scalar "Money" is not supported: only the scalars of GraphQL and AppSync exist.`,
		}},
		{"names of AppSync", query + "type AWSThing { a: Int }\ninput AWSDate { a: Int }\ntype String { a: Int }", []string{
			`2:6: Type "AWSThing": names beginning with AWS are reserved for AppSync.`,
			`3:7: Type "AWSDate" is a scalar of AppSync and cannot be defined.`,
			`4:6: Type "String" is a scalar of AppSync and cannot be defined.`,
		}},
		{"names of introspection", query + "type __T { a: Int }\ntype T { __a(__b: Int): Int }\nenum E { __A }\ninput I { __a: Int }\ndirective @__d on FIELD", []string{
			`2:6: Type "__T": names beginning with two underscores are reserved for introspection.`,
			`3:10: Field "T.__a": names beginning with two underscores are reserved for introspection.`,
			`3:14: Field "T.__a", argument "__b": names beginning with two underscores are reserved for introspection.`,
			`4:10: Enum value "E.__A": names beginning with two underscores are reserved for introspection.`,
			`5:11: Input field "I.__a": names beginning with two underscores are reserved for introspection.`,
			`6:12: Directive "@__d": names beginning with two underscores are reserved for introspection.`,
		}},
		{"duplicates", query + "type T {\n  a(x: Int, x: Int): Int\n  a: Int\n}\nenum T { A }\nenum E { A A }\ninput I { a: Int a: Int }\nunion U = Query | Query\ndirective @d on FIELD\ndirective @d on FIELD", []string{
			`3:13: Field "T.a", argument "x" is defined twice; first in a.graphql, line 3.`,
			`4:3: Field "T.a" is defined twice; first in a.graphql, line 3.`,
			`6:6: Type "T" is defined twice; first in a.graphql, line 2.`,
			`7:12: Enum value "E.A" is defined twice; first in a.graphql, line 7.`,
			`8:18: Input field "I.a" is defined twice; first in a.graphql, line 8.`,
			`9:19: Member "Query" of union "U" is defined twice; first in a.graphql, line 9.`,
			`11:12: Directive "@d" is declared twice; first in a.graphql, line 10.`,
		}},
		{"empty types", query + "type T\ninput I\nenum E\ninterface N\nunion U", []string{
			`2:6: Type "T" has no fields.`, `3:7: Input type "I" has no fields.`, `4:6: Enum "E" has no values.`,
			`5:11: Type "N" has no fields.`, `6:7: Union "U" has no members.`,
		}},
		{"input and output", query + "input I { a: Query }\ntype T { a(x: Query): I }\ndirective @d(x: Query) on FIELD", []string{
			`2:14: Input field "I.a" needs an input type; "Query" is an object type.`,
			`3:15: Field "T.a", argument "x" needs an input type; "Query" is an object type.`,
			`3:23: Field "T.a" needs an output type; "I" is an input type.`,
			`4:17: Directive "@d", argument "x" needs an input type; "Query" is an object type.`,
		}},
		{"enum values", query + "enum E { true null A }", []string{
			`2:10: Enum value "E.true": an enum value cannot be called so.`,
			`2:15: Enum value "E.null": an enum value cannot be called so.`,
		}},
		{"union members", query + "interface N { a: Int }\nunion U = N | Int", []string{
			`3:11: Union "U": members must be object types; "N" is an interface.`,
			`3:15: Union "U": members must be object types; "Int" is a scalar.`,
		}},
		{"interfaces", query + "interface N { a: Int! b(x: Int, y: Int): [N] c: N }\ntype T implements N {\n  a: Int\n  b(x: String, z: Int!): [T!]\n  c: T\n}\ntype V implements N & Query { a: Int! c: Int }\n", []string{
			`4:6: Field "T.a" must have type Int!, or a narrower one, as in interface "N".`,
			`5:3: Field "T.b" lacks argument "y" of interface "N".`,
			`5:8: Field "T.b", argument "x" must have type Int as in interface "N".`,
			`5:16: Field "T.b", argument "z": an argument that interface "N" does not have must not be required.`,
			`8:6: Type "V" lacks field "b" of interface "N".`,
			`8:6: Type "V" can implement interfaces only; "Query" is an object type.`,
			`8:42: Field "V.c" must have type N, or a narrower one, as in interface "N".`,
		}},
		{"extensions", query + "extend type Quary { a: Int }\nextend input Query { a: Int }\nextend type Query { q: Int }\nextend scalar Int @d\ndirective @d on SCALAR", []string{
			`2:13: Unknown type "Quary" cannot be extended. Did you mean "Query"?`,
			`3:14: Type "Query" is an object type and cannot be extended as an input type.`,
			`4:21: Field "Query.q" is defined twice; first in a.graphql, line 1.`,
			`5:15: Type "Int" belongs to AppSync and cannot be extended.`,
		}},
		{"directives", query + "type T @aws_iam @aws_ima @model {\n  a: Int @aws_iam @aws_iam\n}\ninput I @aws_iam { a: Int @deprecated }\nenum E @aws_api_key { A @aws_iam }", []string{
			`2:18: Unknown directive "@aws_ima". Did you mean "@aws_iam"?`,
			`2:27: Unknown directive "@model": it is one of Amplify's, which AppSync does not know. Use the schema that Amplify compiles (build/schema.graphql).`,
			`3:20: Directive "@aws_iam" is repeated.`,
		}},
		{"directives in the wrong place", query + "type T @aws_subscribe(mutations: []) { a: Int }\ninput I @deprecated { a: Int @aws_publish }", []string{
			`2:9: Directive "@aws_subscribe" cannot stand on object; it can on field definition.`,
			`3:10: Directive "@deprecated" cannot stand on input object; it can on field definition, enum value, argument definition, input field definition.`,
			`3:31: Directive "@aws_publish" cannot stand on input field definition; it can on field definition.`,
		}},
		{"directive arguments", query + "type T {\n  a: Int @aws_auth(cognito_group: [\"x\"])\n  b: Int @aws_auth(cognito_groups: [1])\n  c: Int @deprecated(reason: [\"x\"])\n  d: Int @need\n}\ndirective @need(x: Int!) on FIELD_DEFINITION", []string{
			`3:20: Directive "@aws_auth" has no argument "cognito_group". Did you mean "cognito_groups"?`,
			`4:36: Argument "cognito_groups" of directive "@aws_auth" must have type [String].`,
			`5:30: Argument "reason" of directive "@deprecated" must have type String.`,
			`6:11: Directive "@need" lacks argument "x".`,
		}},
		{"subscriptions", query + "type Mutation { addPost: Query! addAll: [Query] }\ntype Subscription {\n  a: Query @aws_subscribe(mutations: [\"addPost\", \"addPst\"])\n  b: Query @aws_subscribe(mutations: [\"addAll\"])\n  c: [Query!]! @aws_subscribe(mutations: \"addAll\")\n}", []string{
			`4:50: Unknown mutation "addPst". Did you mean "addPost"?`,
			`5:39: Subscription "b" returns Query, but mutation "addAll" returns [Query]: they must return the same type.`,
		}},
		{"subscriptions without mutations", query + "type Subscription { a: Int @aws_subscribe(mutations: [\"x\"]) }", []string{`2:55: Unknown mutation "x".`}},

		{"defaults", query + "enum E { A }\ninput I { a: Int! b: E }\ntype T { f(\n  a: Int = \"x\"\n  b: E = B\n  c: Int! = null\n  d: [Int!] = [1, null]\n  e: I = {}\n  f: I = {a: 1, c: 2}\n  g: I = 5\n  h: String = A\n  i: Int = [1]\n  j: AWSDate = \"yesterday\"\n  k: Int = 99999999999\n): Int }", []string{
			`5:12: The default of argument "a" of field "T.f": "x" is not a valid Int.`,
			`6:10: The default of argument "b" of field "T.f": B is not a valid E.`,
			`7:13: The default of argument "c" of field "T.f": null is not a valid Int!.`,
			`8:19: The default of argument "d" of field "T.f": null is not a valid Int!.`,
			`9:10: The default of argument "e" of field "T.f" lacks the required field "a" of type "I".`,
			`10:10: The default of argument "f" of field "T.f": type "I" has no field "c".`,
			`11:10: The default of argument "g" of field "T.f": 5 is not a valid I.`,
			`12:15: The default of argument "h" of field "T.f": A is not a valid String.`,
			`13:12: The default of argument "i" of field "T.f": [1] is not a valid Int.`,
			`14:16: The default of argument "j" of field "T.f": "yesterday" is not a valid AWSDate.`,
			`15:12: The default of argument "k" of field "T.f": 99999999999 is not a valid Int.`,
		}},
		{"endless default", query + "input I { a: Int i: J = {} }\ninput J { i: I = {a: 1} }", []string{
			`2:25: The default of input field "I.i" contains itself.`,
		}},
		{"deep lists", query + "type T { a: " + strings.Repeat("[", 101) + "Int" + strings.Repeat("]", 101) + " }", []string{
			`2:114: Field "T.a": lists are nested too deep.`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, problems := schema.Parse(named([]string{tt.sdl}))
			if s != nil {
				t.Error("a schema with problems is returned")
			}
			var got []string
			for _, p := range problems {
				got = append(got, strings.TrimPrefix(p.Error(), "a.graphql:"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// graphql-java 9.6, SchemaTypeChecker, does not look where a directive stands,
// and schemas that AppSync serves have those of authorization on inputs and
// enums (aws-amplify/amplify-category-api#2281). AppSync's description of
// @aws_publish is "Tells the service which subscriptions will be published to
// when this mutation is called"; it is superseded by @aws_subscribe. The words
// are our own.
func TestWarnings(t *testing.T) {
	const query = "type Query { q: Int }\n"
	tests := []struct {
		name string
		sdl  string
		want []string
	}{
		{"nothing", query + "type T @aws_iam { a: Int @aws_auth(cognito_groups: [\"A\"]) @aws_lambda }", nil},
		{"authorization of what is no object type", query + "input I @aws_iam { a: Int @aws_oidc }\nenum E @aws_api_key { A @aws_iam }\nunion U @aws_lambda = Query\ninterface N @aws_cognito_user_pools { a(x: Int @aws_iam): Int }\ntype T @aws_auth { a: Int }", []string{
			`2:10: Directive "@aws_iam" has no effect on input object: authorization is for object types and their fields.`,
			`2:28: Directive "@aws_oidc" has no effect on input field definition: authorization is for object types and their fields.`,
			`3:9: Directive "@aws_api_key" has no effect on enum: authorization is for object types and their fields.`,
			`3:26: Directive "@aws_iam" has no effect on enum value: authorization is for object types and their fields.`,
			`4:10: Directive "@aws_lambda" has no effect on union: authorization is for object types and their fields.`,
			`5:14: Directive "@aws_cognito_user_pools" has no effect on interface: authorization is for object types and their fields.`,
			`5:49: Directive "@aws_iam" has no effect on argument definition: authorization is for object types and their fields.`,
			`6:9: Directive "@aws_auth" has no effect on object: authorization is for object types and their fields.`,
		}},
		{"the same on many types", query + "input I @aws_iam { a: Int }\ninput J @aws_iam { a: Int }\ninput K @aws_iam @aws_oidc { a: Int }", []string{
			`2:10: Directive "@aws_iam" has no effect on input object: authorization is for object types and their fields.`,
			`4:19: Directive "@aws_oidc" has no effect on input object: authorization is for object types and their fields.`,
		}},
		{"a subscription that there is not", query + "type Mutation { a: Int @aws_publish(subscriptions: [\"onA\", \"onB\"]) }\ntype Subscription { onA: Int }", []string{
			`2:60: Unknown subscription "onB" in @aws_publish has no effect.`,
		}},
		{"no subscriptions", query + "type Mutation { a: Int @aws_publish(subscriptions: \"onA\") }", []string{
			`2:52: Unknown subscription "onA" in @aws_publish has no effect.`,
		}},
		{"a subscription of another type", query + "type Mutation { a: Int @aws_publish(subscriptions: [\"onA\"]) }\ntype Subscription { onA: String }", []string{
			`2:53: @aws_publish has no effect: mutation "a" returns Int, but subscription "onA" returns String.`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, problems := schema.Parse(named([]string{tt.sdl}))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			var got []string
			for _, w := range s.Warnings {
				got = append(got, strings.TrimPrefix(w.Error(), "a.graphql:"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Input types with two fields that default to the next type hold twice as much
// at every step.
func TestDefaultsThatDoubleAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("type Query { q: Int }\n")
	for i := range 40 {
		fmt.Fprintf(&b, "input I%d { a: I%d = {} b: I%d = {} }\n", i, i+1, i+1)
	}
	b.WriteString("input I40 { a: Int = 1 }\n")
	s, problems := schema.Parse(named([]string{b.String()}))
	if s != nil || len(problems) == 0 {
		t.Fatal("the defaults are accepted")
	}
	for _, p := range problems {
		if !strings.HasSuffix(p.Message, "is too large.") {
			t.Error(p)
		}
	}
}

func TestProblemsFollowTheOrderOfTheSources(t *testing.T) {
	_, problems := schema.Parse([]schema.Source{
		{Name: "z.graphql", Text: "type Query { a: A }"},
		{Name: "a.graphql", Text: "type T { b: B, c: C }"},
	})
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{`z.graphql:1:17: Unknown type "A".`, `a.graphql:1:13: Unknown type "B".`, `a.graphql:1:19: Unknown type "C".`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoSources(t *testing.T) {
	s, problems := schema.Parse(nil)
	if s != nil || len(problems) != 1 {
		t.Errorf("%v, %v", s, problems)
	}
}
