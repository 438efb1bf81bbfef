package plan_test

import (
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
)

// postsSDL is the schema of AWS's Delta Sync sample.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-delta-sync.html
const postsSDL = `
input CreatePostInput { author: String! title: String! content: String! url: String ups: Int downs: Int }
enum DeltaAction { DELETE }
type Mutation {
  createPost(input: CreatePostInput!): Post
  updatePost(input: UpdatePostInput!): Post
  deletePost(id: ID!): Post
}
type Post {
  id: ID! author: String! title: String! content: String! url: AWSURL ups: Int downs: Int
  createdDate: AWSDateTime aws_ds: DeltaAction
}
type Query { getPost(id: ID!): Post listPosts: [Post] listPostsDelta(lastSync: AWSTimestamp): [Post] }
type Subscription { onDeltaPost: Post @aws_subscribe(mutations: ["createPost","updatePost","deletePost"]) }
input UpdatePostInput { id: ID! author: String title: String content: String url: String ups: Int downs: Int }
schema { query: Query mutation: Mutation subscription: Subscription }
`

// shopSDL has every kind of type and input.
const shopSDL = `
interface Node { id: ID! createdAt: AWSDateTime related: Node }
type Book implements Node { id: ID! createdAt: AWSDateTime related: Node title: String! pages: Int author: Author }
type Song implements Node { id: ID! createdAt: AWSDateTime related: Node title: String length: Float author: Author! }
type Author { id: ID! name(style: Style = PLAIN, max: Int): String! books(first: Int = 10, after: String): [Book!]! rival: Author }
union Media = Book | Song
enum Style { PLAIN LOUD }
input Filter { and: [Filter] name: StringFilter tags: [String!] style: Style = PLAIN limit: Int! = 5 meta: AWSJSON }
input StringFilter { eq: String between: [String] }
input Deep { inner: Inner! }
input Inner { name: String! n: Int = 3 list: [Int!] }
type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  search(text: String, filter: Filter, styles: [Style]): [Media]
  author(id: ID = "a1"): Author
  authors: [Author]
  count(min: Float, exact: Boolean): Int
  deep(in: Deep, list: [[Int]]): String
  when(date: AWSDate, at: AWSDateTime, json: AWSJSON, email: AWSEmail): String
}
type Mutation { save(input: Deep!, note: String = "none"): Author }
`

func parseSchema(t testing.TB, sdl string) *schema.Schema {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: sdl}})
	if len(problems) > 0 {
		t.Fatalf("schema: %v", problems)
	}
	return s
}

// errorsJSON is the errors as they are answered, one a line.
func errorsJSON(errs []*apierror.Error) string {
	lines := make([]string, len(errs))
	for i, e := range errs {
		lines[i] = string(e.AppendJSON(nil))
	}
	return strings.Join(lines, "\n")
}

func compile(t testing.TB, s *schema.Schema, query string) *plan.Plan {
	t.Helper()
	p, failure := plan.Compile(s, query, "", plan.Options{})
	if failure != nil {
		t.Fatalf("compile %s:\n%s", query, errorsJSON(failure.Errors))
	}
	return p
}
