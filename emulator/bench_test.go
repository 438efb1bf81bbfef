package emulator_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

const (
	getQuery  = `query ($id: ID!) { getPost(id: $id) { id author title content url ups downs createdDate } }`
	listQuery = `{ listPosts { id author title content url ups downs createdDate } }`

	createQuery = `mutation ($input: CreatePostInput!) { createPost(input: $input) { id author title content url ups downs createdDate } }`
	createInput = `{"author":"Newsroom","title":"A title of usual length","content":"Some sentences of content, as a post has them, so that the item is of ordinary size.","url":"https://example.com/posts/1","ups":1,"downs":0}`
)

func graphqlBody(query, variables string) string {
	return fmt.Sprintf(`{"query":%q,"variables":%s}`, query, variables)
}

// storage of a benchmark: the same on both sides.
func durabilities(b *testing.B, run func(b *testing.B, durable bool)) {
	b.Run("memory", func(b *testing.B) { run(b, false) })
	b.Run("durable", func(b *testing.B) { run(b, true) })
}

func startBench(b *testing.B, project string, durable bool) *emulatortest.Server {
	b.Helper()
	return emulatortest.Start(b, project, func(o *emulator.Options) {
		if durable {
			o.InMemory = false
			o.DataFile = filepath.Join(b.TempDir(), "bench.db")
		}
	})
}

// fill creates n posts and returns the id of one.
func fill(b *testing.B, s *emulatortest.Server, n int) string {
	b.Helper()
	var id string
	for range n {
		var out struct{ CreatePost struct{ ID string } }
		s.Decode(&out, createQuery, map[string]any{"input": map[string]any{
			"author": "Newsroom", "title": "A title of usual length",
			"content": "Some sentences of content, as a post has them, so that the item is of ordinary size.",
			"url":     "https://example.com/posts/1", "ups": 1, "downs": 0,
		}})
		id = out.CreatePost.ID
	}
	return id
}

func barePosts(n int) []barePost {
	posts := make([]barePost, n)
	for i := range posts {
		posts[i] = barePost{
			ID: fmt.Sprintf("%032d", i), Author: "Newsroom", Title: "A title of usual length",
			Content: "Some sentences of content, as a post has them, so that the item is of ordinary size.",
			URL:     "https://example.com/posts/1", Ups: 1, CreatedDate: "2024-01-15T09:30:00.000Z",
		}
	}
	return posts
}

func BenchmarkGetPost(b *testing.B) {
	b.Run("emulator", func(b *testing.B) {
		s := startBench(b, "testdata/bench", false)
		id := fill(b, s, 100)
		load(b, s.Addr(), rawRequest("/graphql", s.APIKey(), graphqlBody(getQuery, `{"id":"`+id+`"}`)), `"id":"`+id+`"`)
	})
	b.Run("bare", func(b *testing.B) {
		s := startBare(b, false)
		s.put(b, barePosts(100)...)
		id := fmt.Sprintf("%032d", 7)
		load(b, s.addr, rawRequest("/get", "", graphqlBody(getQuery, `{"id":"`+id+`"}`)), `"id":"`+id+`"`)
	})
}

func BenchmarkListPosts(b *testing.B) {
	b.Run("emulator", func(b *testing.B) {
		s := startBench(b, "testdata/bench", false)
		fill(b, s, 100)
		load(b, s.Addr(), rawRequest("/graphql", s.APIKey(), graphqlBody(listQuery, `{}`)), `"createdDate"`)
	})
	b.Run("bare", func(b *testing.B) {
		s := startBare(b, false)
		s.put(b, barePosts(100)...)
		load(b, s.addr, rawRequest("/list", "", graphqlBody(listQuery, `{}`)), `"createdDate"`)
	})
}

func BenchmarkCreatePost(b *testing.B) {
	benchmarkCreate(b, "testdata/bench", "/create")
}

func BenchmarkPipelineCreate(b *testing.B) {
	benchmarkCreate(b, "../fixtures/deltasync-posts", "/pipeline")
}

func benchmarkCreate(b *testing.B, project, path string) {
	body := graphqlBody(createQuery, `{"input":`+createInput+`}`)
	durabilities(b, func(b *testing.B, durable bool) {
		b.Run("emulator", func(b *testing.B) {
			s := startBench(b, project, durable)
			load(b, s.Addr(), rawRequest("/graphql", s.APIKey(), body), `"createdDate"`)
		})
		b.Run("bare", func(b *testing.B) {
			s := startBare(b, durable)
			load(b, s.addr, rawRequest(path, "", body), `"createdDate"`)
		})
	})
}

// BenchmarkHandler is one request without sockets, for profiles and
// allocations.
func BenchmarkHandler(b *testing.B) {
	s := startBench(b, "testdata/bench", false)
	id := fill(b, s, 100)
	for _, c := range []struct{ name, body string }{
		{"getPost", graphqlBody(getQuery, `{"id":"`+id+`"}`)},
		{"listPosts", graphqlBody(listQuery, `{}`)},
		{"createPost", graphqlBody(createQuery, `{"input":`+createInput+`}`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchmarkHandler(b, s, c.body)
		})
	}
	b.Run("pipelineCreate", func(b *testing.B) {
		s := startBench(b, "../fixtures/deltasync-posts", false)
		benchmarkHandler(b, s, graphqlBody(createQuery, `{"input":`+createInput+`}`))
	})
}

func benchmarkHandler(b *testing.B, s *emulatortest.Server, body string) {
	h := s.Handler()
	b.ReportAllocs()
	for b.Loop() {
		w := &discardResponse{header: http.Header{}}
		h.ServeHTTP(w, newRequest(body, s.APIKey()))
		if w.status != http.StatusOK {
			b.Fatalf("HTTP %d", w.status)
		}
	}
}
