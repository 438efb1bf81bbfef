package schema_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

func parse(t testing.TB, sources ...string) *schema.Schema {
	t.Helper()
	s, problems := schema.Parse(named(sources))
	for _, p := range problems {
		t.Error(p)
	}
	if s == nil {
		t.FailNow()
	}
	return s
}

// named calls the sources a.graphql, b.graphql, ...
func named(texts []string) []schema.Source {
	var sources []schema.Source
	for i, text := range texts {
		sources = append(sources, schema.Source{Name: string(rune('a'+i)) + ".graphql", Text: text})
	}
	return sources
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pos-datastore.graphql is what Amplify's data construct for the CDK compiled
// for a point-of-sale app.
func TestParseReadsACompiledAmplifySchema(t *testing.T) {
	s := parse(t, read(t, "pos-datastore.graphql"))

	if s.Query == nil || s.Mutation == nil || s.Subscription == nil {
		t.Fatal("a root type is missing")
	}
	items := s.Field("Order", "lineItems")
	if items == nil {
		t.Fatal("Order.lineItems is missing")
	}
	if got := items.Type.String(); got != "ModelLineItemConnection" {
		t.Errorf("Order.lineItems is %s", got)
	}
	var args []string
	for _, a := range items.Args {
		args = append(args, a.Name+": "+a.Type.String())
	}
	want := []string{"filter: ModelLineItemFilterInput", "sortDirection: ModelSortDirection", "limit: Int", "nextToken: String"}
	if diff := cmp.Diff(want, args); diff != "" {
		t.Error(diff)
	}
	if got := s.Field("Order", "_lastChangedAt").Type; got.NonNull == nil || got.Base().Scalar.Name() != "AWSTimestamp" {
		t.Errorf("Order._lastChangedAt is %s", got)
	}
	if got := s.Field("Subscription", "onDeleteProduct").Subscribes; len(got) != 1 || got[0] != "deleteProduct" {
		t.Errorf("onDeleteProduct subscribes to %v", got)
	}
	if got := s.Field("Order", "id").Pos; got != (schema.Position{Source: "a.graphql", Line: 2, Column: 3}) {
		t.Errorf("Order.id is at %v", got)
	}
	if !s.Types["ModelSortDirection"].HasEnumValue("DESC") || s.Types["ModelSortDirection"].HasEnumValue("desc") {
		t.Error("the values of ModelSortDirection are wrong")
	}
	if f := s.Types["ModelIDInput"].InputField("between"); f == nil || f.Type.String() != "[ID]" {
		t.Error("ModelIDInput.between is wrong")
	}
}

func TestFieldIndexesAreDense(t *testing.T) {
	s := parse(t, read(t, "pos-datastore.graphql"))
	seen := make([]bool, s.FieldCount)
	count := 0
	for _, typ := range s.Types {
		for _, f := range typ.Fields {
			if f.Index < 0 || f.Index >= s.FieldCount || seen[f.Index] {
				t.Fatalf("%s.%s has index %d of %d", typ.Name, f.Name, f.Index, s.FieldCount)
			}
			if f.Parent != typ || typ.Field(f.Name) != f {
				t.Errorf("%s.%s is not linked", typ.Name, f.Name)
			}
			seen[f.Index] = true
			count++
		}
	}
	if count != s.FieldCount {
		t.Errorf("%d fields, FieldCount %d", count, s.FieldCount)
	}
}

func TestFieldOfUnknownTypeIsNil(t *testing.T) {
	s := parse(t, "type Query { a: Int }")
	if s.Field("Nope", "a") != nil || s.Field("Query", "b") != nil || s.Field("Int", "a") != nil {
		t.Error("a field that does not exist is found")
	}
}

// GraphQL specification, June 2018, section 3.2.1: the schema definition may be
// omitted when the root types have their customary names.
func TestRootTypes(t *testing.T) {
	tests := []struct {
		name                          string
		sdl                           string
		query, mutation, subscription string
	}{
		{"customary names", "type Query { a: Int } type Mutation { a: Int } type Subscription { a: Int }", "Query", "Mutation", "Subscription"},
		{"only a query", "type Query { a: Int }", "Query", "", ""},
		{"given", "schema { query: Q mutation: M } type Q { a: Int } type M { a: Int } type Subscription { a: Int }", "Q", "M", ""},
		{"extended", "schema { query: Q } extend schema { mutation: M } type Q { a: Int } type M { a: Int }", "Q", "M", ""},
	}
	name := func(t *schema.Type) string {
		if t == nil {
			return ""
		}
		return t.Name
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := parse(t, tt.sdl)
			if name(s.Query) != tt.query || name(s.Mutation) != tt.mutation || name(s.Subscription) != tt.subscription {
				t.Errorf("roots are %q, %q, %q", name(s.Query), name(s.Mutation), name(s.Subscription))
			}
		})
	}
}

func TestSourcesAreOneSchema(t *testing.T) {
	s := parse(t,
		"type Query {\n  post: Post\n}\n",
		"# by the second team\n\nextend type Query {\n  author: Author\n}\ntype Author { name: String }",
		"type Post implements Node & Named { id: ID! name: String }\ninterface Node { id: ID! }\ninterface Named { name: String }\n"+
			"extend type Post @aws_iam { author: Author }\nunion Thing = Post\nextend union Thing = Author\n"+
			"enum E { A }\nextend enum E { B }\ninput I { a: Int }\nextend input I { b: Int }\nextend interface Named { name2: String }\nextend type Post { name2: String }",
	)
	if got := s.Field("Query", "author").Pos; got != (schema.Position{Source: "b.graphql", Line: 4, Column: 3}) {
		t.Errorf("Query.author is at %v", got)
	}
	if got := s.Types["Post"].Pos; got != (schema.Position{Source: "c.graphql", Line: 1, Column: 6}) {
		t.Errorf("Post is at %v", got)
	}
	names := func(types []*schema.Type) string {
		var list []string
		for _, typ := range types {
			list = append(list, typ.Name)
		}
		return strings.Join(list, " ")
	}
	for what, pair := range map[string][2]string{
		"Possible of Node":   {names(s.Types["Node"].Possible), "Post"},
		"Possible of Thing":  {names(s.Types["Thing"].Possible), "Post Author"},
		"Possible of Post":   {names(s.Types["Post"].Possible), "Post"},
		"Interfaces of Post": {names(s.Types["Post"].Interfaces), "Node Named"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", what, pair[0], pair[1])
		}
	}
	if auth := s.Types["Post"].Auth; len(auth) != 1 || auth[0].Name != "aws_iam" {
		t.Errorf("Post has %v", auth)
	}
	if !s.Types["E"].HasEnumValue("B") || s.Types["I"].InputField("b") == nil || s.Field("Named", "name2") == nil {
		t.Error("an extension is not merged")
	}
}

// AppSync declares its scalars and directives implicitly; schemas that other
// programs read as well declare them once more.
func TestOwnDeclarationsOfAppSyncsNamesAreDropped(t *testing.T) {
	s := parse(t, `
scalar AWSDateTime
"a date" scalar AWSDate @specifiedBy(url: "https://example.com")
directive @specifiedBy(url: String!) on SCALAR
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_iam on | OBJECT | FIELD_DEFINITION | INTERFACE
directive @deprecated(reason: String) on FIELD_DEFINITION
directive @mine(level: Int = 1) repeatable on OBJECT | FIELD_DEFINITION | QUERY
type Query @mine @mine(level: 2) { at: AWSDateTime @aws_iam, day: AWSDate @mine }
`)
	if got := s.Field("Query", "at").Type.Named.Scalar.Name(); got != "AWSDateTime" {
		t.Errorf("at is %s", got)
	}
	if got := s.Directives["aws_subscribe"].Args[0].Type.String(); got != "[String]" {
		t.Errorf("mutations is %s", got)
	}
	if diff := cmp.Diff([]string{"OBJECT", "FIELD_DEFINITION"}, s.Directives["aws_iam"].Locations); diff != "" {
		t.Error(diff)
	}
	mine := s.Directives["mine"]
	if mine == nil || mine.Args[0].Default != int32(1) || mine.Locations[2] != "QUERY" {
		t.Errorf("@mine is %+v", mine)
	}
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func TestAuthorizationDirectives(t *testing.T) {
	s := parse(t, `
type Query {
  posts: [Post!]! @aws_auth(cognito_groups: ["Bloggers", "Readers"])
  one: Post @aws_cognito_user_pools(cognito_groups: "Admins") @aws_api_key
  open: Int
}
type Post @aws_iam @aws_oidc @aws_lambda { id: ID! @aws_cognito_user_pools }
`)
	tests := []struct {
		what string
		got  []schema.AuthDirective
		want []schema.AuthDirective
	}{
		{"posts", s.Field("Query", "posts").Auth, []schema.AuthDirective{{Name: "aws_auth", Groups: []string{"Bloggers", "Readers"}}}},
		{"one", s.Field("Query", "one").Auth, []schema.AuthDirective{{Name: "aws_cognito_user_pools", Groups: []string{"Admins"}}, {Name: "aws_api_key"}}},
		{"open", s.Field("Query", "open").Auth, nil},
		{"Post", s.Types["Post"].Auth, []schema.AuthDirective{{Name: "aws_iam"}, {Name: "aws_oidc"}, {Name: "aws_lambda"}}},
		{"Post.id", s.Field("Post", "id").Auth, []schema.AuthDirective{{Name: "aws_cognito_user_pools"}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got, cmpopts.IgnoreFields(schema.AuthDirective{}, "Pos")); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
	if got, want := s.Field("Query", "posts").Auth[0].Pos, (schema.Position{Source: "a.graphql", Line: 3, Column: 20}); got != want {
		t.Errorf("@aws_auth of posts is at %v, want %v", got, want)
	}
}

// AppSync's description of @aws_publish: "Tells the service which subscriptions
// will be published to when this mutation is called."
func TestPublishedMutationsAreSubscribed(t *testing.T) {
	s := parse(t, `
type Query { q: Int }
type Mutation {
  add: Int @aws_publish(subscriptions: ["onAny", "onAdd"])
  set: Int! @aws_publish(subscriptions: "onAny")
  name: String @aws_publish(subscriptions: ["onAny", "onNothing"])
  plain: Int
}
type Subscription {
  onAny: Int @aws_subscribe(mutations: ["plain", "set"])
  onAdd: Int
  onNone: Int
}
`)
	for name, want := range map[string][]string{
		"onAny":  {"plain", "set", "add"},
		"onAdd":  {"add"},
		"onNone": nil,
	} {
		if diff := cmp.Diff(want, s.Field("Subscription", name).Subscribes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDeprecation(t *testing.T) {
	s := parse(t, `
type Query { a: E @deprecated, b: E @deprecated(reason: "use a"), c: E @deprecated(reason: null), d: E }
enum E { OLD @deprecated(reason: "gone") NEW }
`)
	want := map[string]string{"a": "No longer supported", "b": "use a", "c": "No longer supported"}
	for _, f := range s.Query.Fields {
		reason, deprecated := want[f.Name]
		if deprecated != (f.Deprecated != nil) || deprecated && *f.Deprecated != reason {
			t.Errorf("%s: %v", f.Name, f.Deprecated)
		}
	}
	values := s.Types["E"].EnumValues
	if values[0].Deprecated == nil || *values[0].Deprecated != "gone" || values[1].Deprecated != nil {
		t.Errorf("E is %+v", values)
	}
}

// graphql-java v9.0, SchemaGeneratorHelper.buildDescription: without a
// description string the comments are the description, from the last empty
// comment line on.
func TestDescriptions(t *testing.T) {
	s := parse(t, `
"""
  The root.

    Indented.
"""
type Query {
  # only cat
  feed: Int
  # dropped
  #
  # kept
  # too
  more("an argument" x: Int): Int # of the next
  next: Int
  "a string" plain: E
}
#An enum
enum E {
  # a value
  A
}
# An input
input I { "field" a: Int }
`)
	for what, pair := range map[string][2]string{
		"Query": {s.Query.Description, "The root.\n\n  Indented."},
		"feed":  {s.Field("Query", "feed").Description, " only cat"},
		"more":  {s.Field("Query", "more").Description, " kept\n too"},
		"x":     {s.Field("Query", "more").Arg("x").Description, "an argument"},
		"next":  {s.Field("Query", "next").Description, " of the next"},
		"plain": {s.Field("Query", "plain").Description, "a string"},
		"E":     {s.Types["E"].Description, "An enum"},
		"E.A":   {s.Types["E"].EnumValues[0].Description, " a value"},
		"I":     {s.Types["I"].Description, " An input"},
		"I.a":   {s.Types["I"].InputField("a").Description, "field"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
}

// GraphQL specification, June 2018, sections 3.11 and 3.12: input coercion of
// lists and input objects.
func TestDefaults(t *testing.T) {
	s := parse(t, `
type Query {
  f(
    int: Int = 5
    float: Float = 1
    text: String = "a\"bé"
    block: String = """
      two
        lines
    """
    yes: Boolean! = true
    id: ID = 7
    none: Int = null
    without: Int
    one: [Int] = 1
    nested: [[Int]] = [1, [2, null]]
    e: E = B
    list: [E!] = [A, B]
    at: AWSDateTime = "2020-01-01T00:00Z"
    stamp: AWSTimestamp = 1580000000000
    json: AWSJSON = "{\"a\": [1]}"
    page: Page = {size: 10}
    empty: Page = {}
  ): Int
}
enum E { A B }
input Page { size: Int = 20 after: String order: [E] = A inner: Inner = {} }
input Inner { deep: Boolean! = false required: Int }
`)
	page := func(size int32) *value.Map {
		return value.MapOf("size", size, "order", value.NewList("A"), "inner", value.MapOf("deep", false))
	}
	tests := []struct {
		arg  string
		want any
		text string
	}{
		{"int", int32(5), `5`},
		{"float", 1.0, `1`},
		{"text", `a"bé`, `"a\"bé"`},
		{"block", "two\n  lines", `"two\n  lines"`},
		{"yes", true, `true`},
		{"id", "7", `7`},
		{"none", nil, `null`},
		{"one", value.NewList(int32(1)), `1`},
		{"nested", value.NewList(value.NewList(int32(1)), value.NewList(int32(2), nil)), `[1, [2, null]]`},
		{"e", "B", `B`},
		{"list", value.NewList("A", "B"), `[A, B]`},
		{"at", "2020-01-01T00:00Z", `"2020-01-01T00:00Z"`},
		{"stamp", int64(1580000000000), `1580000000000`},
		{"json", value.MapOf("a", value.NewList(int32(1))), `"{\"a\": [1]}"`},
		{"page", page(10), `{size: 10}`},
		{"empty", page(20), `{}`},
	}
	f := s.Field("Query", "f")
	for _, tt := range tests {
		a := f.Arg(tt.arg)
		if !a.HasDefault || !value.Equals(a.Default, tt.want) || a.DefaultText != tt.text {
			t.Errorf("%s: %v (%T), text %s", tt.arg, value.ToString(a.Default), a.Default, a.DefaultText)
		}
	}
	if a := f.Arg("without"); a.HasDefault || a.Default != nil || a.DefaultText != "" {
		t.Errorf("without: %+v", a)
	}
}

// graphql-java 9 reads the list of interfaces with commas as well.
func TestOlderFormOfImplements(t *testing.T) {
	for _, list := range []string{"A, B", "A B", "A,B", "& A & B", "A # first\n , B"} {
		s := parse(t, "type Query { x: T }\ninterface A { a: Int }\ninterface B { b: Int }\ntype T implements "+list+" {\n  a: Int\n  b: Int\n}")
		if n := len(s.Types["T"].Interfaces); n != 2 {
			t.Errorf("implements %s: %d interfaces", list, n)
		}
		if s.Field("Query", "x").Pos.Column != 14 {
			t.Errorf("implements %s moves positions", list)
		}
	}
}

func TestByteOrderMarksAndLineEnds(t *testing.T) {
	s := parse(t, "\ufefftype Query {\r\n  a: Int\r\n}\r\n", "\ufeffextend type Query { b: Int }")
	if got := s.Field("Query", "a").Pos; got.Line != 2 || got.Column != 3 {
		t.Errorf("a is at %v", got)
	}
	if got := s.Field("Query", "b").Pos; got.Line != 1 || got.Column != 21 {
		t.Errorf("b is at %v", got)
	}
}

// graphql-java v9.0, GraphQLEnumType.
func TestEnumCoercion(t *testing.T) {
	e := parse(t, "type Query { e: E }\nenum E { A B _c }").Types["E"]
	if v, err := e.ParseEnum("B"); v != "B" || err != nil {
		t.Errorf("B: %v, %v", v, err)
	}
	if _, err := e.ParseEnum("x"); err == nil || err.Error() != "Invalid input for Enum 'E'. No value found for name 'x'" {
		t.Error(err)
	}
	if _, err := e.ParseEnum(int32(5)); err == nil || err.Error() != "Invalid input for Enum 'E'. No value found for name '5'" {
		t.Error(err)
	}
	if out, err := e.AppendEnum(nil, "_c"); string(out) != `"_c"` || err != nil {
		t.Errorf("_c: %s, %v", out, err)
	}
	for _, v := range []any{"x", int32(5), value.NewList()} {
		if _, err := e.AppendEnum(nil, v); err == nil || err.Error() != "Invalid input for Enum 'E'. Unknown value '"+value.ToString(v)+"'" {
			t.Error(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	sources := []schema.Source{{Name: "schema.graphql", Text: read(b, "pos-datastore.graphql")}}
	b.ReportAllocs()
	for b.Loop() {
		if s, _ := schema.Parse(sources); s == nil {
			b.Fatal("no schema")
		}
	}
}
