package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The first case has the form of the example in AWS's guide, section "Info".
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func TestSelectionOfTheGuide(t *testing.T) {
	s := parseSchema(t, `
		type Query { getPost(id: ID!): Post }
		type Post { postId: ID! title: String content: String author(id: ID): Author comments: Comments }
		type Author { authorId: ID! name: String }
		type Comments { id: ID! }`)
	p := compile(t, s, `query Q($postId: ID!, $authorId: ID!) {
  getPost(id: $postId) {
    postId
    title
    secondTitle: title
    content
    author(id: $authorId) {
      authorId
      name
    }
    secondAuthor: author(id: "789") {
      authorId
    }
    ... on Post {
      inlineFrag: comments {
        id
      }
    }
    ... postFrag
  }
}
fragment postFrag on Post { postFragComments: comments { id } }`)
	f := p.Root.For(s.Query)[0]
	vars := coerce(t, p, `{"postId":"1","authorId":"2"}`)
	if diff := cmp.Diff([]string{
		"postId", "title", "secondTitle", "content", "author", "author/authorId", "author/name",
		"secondAuthor", "secondAuthor/authorId", "inlineFrag", "inlineFrag/id", "postFragComments", "postFragComments/id",
	}, f.SelectionSetList(vars)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	const text = "{\n  postId\n  title\n  secondTitle: title\n  content\n  author(id: $authorId) {\n    authorId\n    name\n  }\n" +
		"  secondAuthor: author(id: \"789\") {\n    authorId\n  }\n  ... on Post {\n    inlineFrag: comments {\n      id\n    }\n  }\n  ... postFrag\n}"
	if diff := cmp.Diff(text, f.SelectionSetGraphQL()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestSelectionSetList(t *testing.T) {
	s := parseSchema(t, shopSDL)
	for _, c := range []struct {
		name, query, vars string
		want              []string
	}{
		{"a leaf has none", "{ count }", "", nil},
		{"of an interface its own fields", "{ node(id: 1) { id ... on Book { title } ... on Node { createdAt } related { id ... on Song { length } } } }", "",
			[]string{"id", "createdAt", "related", "related/id"}},
		{"of a union none but its name", "{ search { __typename ... on Book { title } } }", "", []string{"__typename"}},
		{"an interface around an object type", "{ author { ... on Author { id } books { ... on Node { id } } } }", "", []string{"id", "books", "books/id"}},
		{"merged fields once", "{ author { rival { id } ...F } } fragment F on Author { rival { name } }", "", []string{"rival", "rival/id", "rival/name"}},
		{"conditions that hold", "query($a: Boolean!) { author { id rival @include(if: $a) { name } } }", `{"a":true}`, []string{"id", "rival", "rival/name"}},
		{"conditions that do not", "query($a: Boolean!) { author { id rival @include(if: $a) { name } } }", `{"a":false}`, []string{"id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compile(t, s, c.query)
			f := p.Root.For(s.Query)[0]
			if diff := cmp.Diff(c.want, f.SelectionSetList(coerce(t, p, c.vars))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The layout is that of AstPrinter of graphql-java 9.0, with the blank behind
// the dots of a spread that AWS's guide shows.
func TestSelectionSetGraphQL(t *testing.T) {
	s := parseSchema(t, shopSDL)
	for _, c := range []struct{ name, query, want string }{
		{"a leaf has none", "{ count }", ""},
		{"literals", `query($n: Int) { author { name(style: LOUD, max: $n) @skip(if: false) books(first: 5, after: "a\"b\né") { id } } }`,
			"{\n  name(style: LOUD, max: $n) @skip(if: false)\n  books(first: 5, after: \"a\\\"b\\né\") {\n    id\n  }\n}"},
		{"fragments stay", "{ author { ... @include(if: true) { id } ...F @skip(if: false) } } fragment F on Author { id }",
			"{\n  ... @include(if: true) {\n    id\n  }\n  ... F @skip(if: false)\n}"},
		{"occurrences one behind the other", "{ author { id } author { id rival { name } } }",
			"{\n  id\n  id\n  rival {\n    name\n  }\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compile(t, s, c.query)
			f := p.Root.For(s.Query)[0]
			if diff := cmp.Diff(c.want, f.SelectionSetGraphQL()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
