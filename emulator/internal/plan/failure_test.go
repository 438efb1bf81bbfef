package plan_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/plan"
)

const (
	malformedJSON = `{"errorType":"MalformedHttpRequestException","message":"Unable to parse GraphQL query."}`
	missingJSON   = `{"errorType":"BadRequestException","message":"Missing operation name."}`
)

func TestRequestFailures(t *testing.T) {
	posts := parseSchema(t, postsSDL)
	queryOnly := parseSchema(t, "type Query { x(a: Int): Int }")
	for _, c := range []struct {
		name, source, query, operation string
		onlyQuery                      bool
		kind                           plan.FailureKind
		want                           string
	}{
		{name: "empty text", source: "graphql/graphql-over-http#81", query: "", kind: plan.Malformed, want: malformedJSON},
		{name: "blank text", source: "graphql/graphql-over-http#81", query: " \n\t,", kind: plan.Malformed, want: malformedJSON},
		{name: "a comment alone", source: "graphql/graphql-over-http#81", query: "# {x}", kind: plan.Malformed, want: malformedJSON},
		{name: "not GraphQL", source: "graphql/graphql-over-http#81", query: "meow", kind: plan.Malformed, want: malformedJSON},
		{name: "unbalanced braces", source: "graphql/graphql-over-http#81", query: "{ listPosts { id } }}", kind: plan.Malformed, want: malformedJSON},
		{name: "deep selections", source: "bounded like any untrusted text",
			query: strings.Repeat("{a", 10_000) + strings.Repeat("}", 10_000), kind: plan.Malformed, want: malformedJSON},
		{name: "deep selections that never close", source: "bounded like any untrusted text",
			query: strings.Repeat("{a", 1_000_000), kind: plan.Malformed, want: malformedJSON},
		{name: "deep lists", source: "bounded like any untrusted text",
			query: "{x(a:" + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + ")}", kind: plan.Malformed, want: malformedJSON},
		{name: "deep types", source: "bounded like any untrusted text",
			query: "query($a:" + strings.Repeat("[", 10_000) + "Int" + strings.Repeat("]", 10_000) + "){x}", kind: plan.Malformed, want: malformedJSON},
		{name: "several operations and no choice", source: "graphql/graphql-over-http#81",
			query: "query A { listPosts { id } } query B { listPosts { id } }", kind: plan.MissingOperationName, want: missingJSON},
		{name: "several operations and an empty choice", source: "graphql/graphql-over-http#81",
			query: "query A { listPosts { id } } mutation B { deletePost(id: 1) { id } }", kind: plan.MissingOperationName, want: missingJSON},
		{name: "an operation that is not there", source: "NodeUtil.getOperation of graphql-java 9.0",
			query: "query A { listPosts { id } }", operation: "B", kind: plan.Errors,
			want: `{"path":null,"locations":null,"message":"Unknown operation named 'B'."}`},
		{name: "a mutation where there are none", source: "aws-samples/aws-mobile-appsync-chat-starter-angular#21",
			onlyQuery: true, query: "mutation { save }", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":1,"column":1,"sourceName":null}],"message":"Schema is not configured for mutations."}`},
		{name: "a subscription where there are none", source: "aws-samples/aws-mobile-appsync-chat-starter-angular#21",
			onlyQuery: true, query: " subscription { onSave }", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":1,"column":2,"sourceName":null}],"message":"Schema is not configured for subscriptions."}`},
		{name: "an undefined field", source: "aws-amplify/amplify-swift#1589",
			query: "subscription OnDelta {\n  onDeltaPost {\n    id\n    inner\n  }\n}", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":4,"column":5,"sourceName":null}],"message":"Validation error of type FieldUndefined: Field 'inner' in type 'Post' is undefined @ 'onDeltaPost/inner'"}`},
		{name: "a missing sub selection", source: "aws-amplify/amplify-android#702",
			query: "mutation { deletePost(id: 1) }", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":1,"column":12,"sourceName":null}],"message":"Validation error of type SubSelectionRequired: Sub selection required for type Post of field deletePost @ 'deletePost'"}`},
		{name: "a variable of the wrong type", source: "apollographql/graphql-tag#652",
			query: "query GetPost($id: String!) { getPost(id: $id) { id } }", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":1,"column":43,"sourceName":null}],"message":"Validation error of type VariableTypeMismatch: Variable type 'String!' doesn't match expected type 'ID!' @ 'getPost'"}`},
		{name: "several missing input fields, in the order of a Java HashSet", source: "ValidationUtil of graphql-java 9.0; java.util.HashSet",
			query: "mutation { createPost(input: {url: \"u\"}) { id } }", kind: plan.Errors,
			want: `{"path":null,"locations":[{"line":1,"column":23,"sourceName":null}],"message":"Validation error of type WrongType: argument 'input' with value 'ObjectValue{objectFields=[ObjectField{name='url', value=StringValue{value='u'}}]}' is missing required fields '[author, title, content]' @ 'createPost'"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := posts
			if c.onlyQuery {
				s = queryOnly
			}
			p, failure := plan.Compile(s, c.query, c.operation, plan.Options{})
			if p != nil || failure == nil {
				t.Fatalf("accepted, but see %s", c.source)
			}
			if failure.Kind != c.kind {
				t.Errorf("kind %d, want %d", failure.Kind, c.kind)
			}
			if diff := cmp.Diff(c.want, errorsJSON(failure.Errors)); diff != "" {
				t.Errorf("(-want +got), expected by %s:\n%s", c.source, diff)
			}
		})
	}
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-best-practices.html
func TestIntrospectionDisabled(t *testing.T) {
	s := parseSchema(t, postsSDL)
	off := plan.Options{IntrospectionDisabled: true}
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{"the schema and what is in it are undefined", "{ __schema { types { name } } }", []string{
			"Field '__schema' in type 'Query' is undefined @ '__schema'",
			"Field 'types' in type '__Schema' is undefined @ '__schema/types'",
		}},
		{"a type is undefined", `{ __type(name: "Post") { name __typename } }`, []string{
			"Field '__type' in type 'Query' is undefined @ '__type'",
			"Field 'name' in type '__Type' is undefined @ '__type/name'",
		}},
		{"type names still work", "{ __typename listPosts { __typename } }", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, failure := plan.Compile(s, c.query, "", off)
			var got []string
			if failure != nil {
				for _, e := range failure.Errors {
					got = append(got, strings.TrimPrefix(e.Message, "Validation error of type FieldUndefined: "))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	compile(t, s, "{ __schema { types { name fields(includeDeprecated: true) { name } } } __type(name: \"Post\") { kind } }")
}

// TestFragmentsThatMultiply holds small texts that ask for a great deal.
func TestFragmentsThatMultiply(t *testing.T) {
	s := parseSchema(t, shopSDL)
	double := func(body func(next string) string) string {
		var b strings.Builder
		b.WriteString("query($n: Int) { author { ...F0 } }\n")
		for i := range 40 {
			b.WriteString("fragment F" + strconv.Itoa(i) + " on Author {" + body("...F"+strconv.Itoa(i+1)) + "}\n")
		}
		return b.String() + "fragment F40 on Author { id name(max: $n) }"
	}
	for name, query := range map[string]string{
		"each below two fields": double(func(next string) string { return "a: rival {" + next + "} b: rival {" + next + "}" }),
		"each spread twice":     double(func(next string) string { return next + " " + next }),
		"an error at the end":   double(func(next string) string { return "rival {" + next + "} x: rival {" + next + "} bogus(n: $m)" }),
		"everything to everything": func() string {
			all := ""
			for i := range 30 {
				all += " ...F" + strconv.Itoa(i)
			}
			text := "{ author {" + all + " } }"
			for i := range 30 {
				text += " fragment F" + strconv.Itoa(i) + " on Author { rival {" + all + "} x: name(max: $u) }"
			}
			return text
		}(),
		"one field many times":           "{ author {" + strings.Repeat(" rival { id }", 20_000) + " } }",
		"one conflict among many fields": "{ author {" + strings.Repeat(" rival { id }", 20_000) + " rival { id: name } } }",
		"many spreads in a row": func() string {
			var b strings.Builder
			b.WriteString("{ author { ...F0 } }")
			for i := range 20_000 {
				b.WriteString(" fragment F" + strconv.Itoa(i) + " on Author { ...F" + strconv.Itoa(i+1) + "}")
			}
			return b.String() + " fragment F20000 on Author { id }"
		}(),
		"fields ever deeper": func() string {
			var b strings.Builder
			b.WriteString("{ author { ...F0 } }")
			for i := range 3_000 {
				b.WriteString(" fragment F" + strconv.Itoa(i) + " on Author { rival { ...F" + strconv.Itoa(i+1) + "} }")
			}
			return b.String() + " fragment F3000 on Author { id }"
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			p, failure := plan.Compile(s, query, "", plan.Options{})
			if (p == nil) == (failure == nil) {
				t.Errorf("plan %v, failure %v", p, failure)
			}
		})
	}
}
