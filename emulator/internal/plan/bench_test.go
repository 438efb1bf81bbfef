package plan_test

import (
	"testing"

	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/mappingtemplate/value"
)

// createPost has the form of a mutation of Amplify's generated code.
const createPost = `mutation CreatePost($input: CreatePostInput!) {
  createPost(input: $input) {
    id
    author
    title
    content
    url
    ups
    downs
    createdDate
    aws_ds
    __typename
  }
}
`

func BenchmarkCacheHit(b *testing.B) {
	c := plan.NewCache(parseSchema(b, postsSDL), plan.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, failure := c.Plan(createPost, "CreatePost"); failure != nil {
			b.Fatal(failure)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	s := parseSchema(b, postsSDL)
	b.ReportAllocs()
	for b.Loop() {
		if _, failure := plan.Compile(s, createPost, "CreatePost", plan.Options{}); failure != nil {
			b.Fatal(failure)
		}
	}
}

func BenchmarkCoerceAndArguments(b *testing.B) {
	s := parseSchema(b, postsSDL)
	p, failure := plan.Compile(s, createPost, "", plan.Options{})
	if failure != nil {
		b.Fatal(failure)
	}
	f := p.Root.For(s.Mutation)[0]
	raw := value.MapOf("input", value.MapOf("author", "Nadia", "title", "AppSync", "content", "What it is", "ups", int32(1)))
	b.ReportAllocs()
	for b.Loop() {
		vars, err := p.Coerce(raw)
		if err != nil {
			b.Fatal(err)
		}
		if f.Arguments(vars).Len() != 1 {
			b.Fatal("no arguments")
		}
	}
}
