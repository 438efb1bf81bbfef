package emulator_test

import (
	"context"
	"encoding/json"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// The behaviour below is that of AppSync's tutorial "Delta Sync": a base table
// that is the truth, a delta table that is the journal, a delta query for
// clients that were away.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-delta-sync.html

type post struct {
	ID, Author, Title, Content string
	URL                        *string
	Ups, Downs                 *int
	CreatedDate                *string
	DS                         *string `json:"aws_ds"`
}

const postFields = `id author title content url ups downs createdDate aws_ds`

func startPosts(t *testing.T) *emulatortest.Server {
	s := emulatortest.Start(t, "../fixtures/deltasync-posts")
	s.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	return s
}

func deltaSince(s *emulatortest.Server, lastSync int64) []post {
	var out struct{ ListPostsDelta []post }
	s.Decode(&out, `query ($since: AWSTimestamp) { listPostsDelta(lastSync: $since) { `+postFields+` } }`,
		map[string]any{"since": lastSync})
	sort.Slice(out.ListPostsDelta, func(i, j int) bool { return out.ListPostsDelta[i].ID < out.ListPostsDelta[j].ID })
	return out.ListPostsDelta
}

func TestDeltaSyncSeedIsServed(t *testing.T) {
	s := startPosts(t)
	var out struct{ ListPosts []post }
	s.Decode(&out, `{ listPosts { `+postFields+` } }`, nil)
	var ids []string
	for _, p := range out.ListPosts {
		ids = append(ids, p.ID)
	}
	sort.Strings(ids)
	if want := []string{"offline", "realtime", "welcome"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if got := s.Query(`{ getPost(id: "nothing") { id } }`, nil); got != `{"data":{"getPost":null}}` {
		t.Errorf("a post that does not exist: %s", got)
	}
}

func TestDeltaSyncRecordsCreateUpdateAndDelete(t *testing.T) {
	s := startPosts(t)
	before := s.Now().Unix()
	var created struct{ CreatePost post }
	s.Decode(&created, `mutation ($input: CreatePostInput!) { createPost(input: $input) { `+postFields+` } }`,
		map[string]any{"input": map[string]any{"author": "Newsroom", "title": "New", "content": "Text", "ups": 3, "url": "https://example.com/new"}})
	p := created.CreatePost
	if p.CreatedDate == nil || *p.CreatedDate != "2024-05-01T12:00:00.000Z" {
		t.Errorf("createdDate is %v", p.CreatedDate)
	}

	s.Advance(10 * time.Second)
	if got := s.Query(`mutation { updatePost(input: {id: "welcome", ups: 13, url: null}) { id title ups url } }`, nil); got !=
		`{"data":{"updatePost":{"id":"welcome","title":"Welcome","ups":13,"url":null}}}` {
		t.Errorf("update: %s", got)
	}
	s.Advance(10 * time.Second)
	if got := s.Query(`mutation { deletePost(id: "offline") { id title aws_ds } }`, nil); got !=
		`{"data":{"deletePost":{"id":"offline","title":"Working offline","aws_ds":"DELETE"}}}` {
		t.Errorf("delete: %s", got)
	}

	all := deltaSince(s, before)
	if len(all) != 3 {
		t.Fatalf("the delta table has %d records: %+v", len(all), all)
	}
	byID := map[string]post{}
	for _, r := range all {
		byID[r.ID] = r
	}
	if got := byID[p.ID]; !reflect.DeepEqual(got, p) {
		t.Errorf("the record of a create is %+v, want %+v", got, p)
	}
	if got := byID["welcome"]; got.Ups == nil || *got.Ups != 13 || got.URL != nil || got.Title != "Welcome" || got.DS != nil {
		t.Errorf("the record of an update is %+v", got)
	}
	if got := byID["offline"]; got.DS == nil || *got.DS != "DELETE" || got.Title != "Working offline" {
		t.Errorf("the record of a delete is %+v", got)
	}

	// Only what came after lastSync.
	if got := deltaSince(s, before+15); len(got) != 1 || got[0].ID != "offline" {
		t.Errorf("since the delete: %+v", got)
	}
	if got := s.Query(`{ getPost(id: "offline") { id } }`, nil); got != `{"data":{"getPost":null}}` {
		t.Errorf("a deleted post: %s", got)
	}
}

func TestDeltaSyncOfNothing(t *testing.T) {
	s := startPosts(t)
	if got := s.Query(`mutation { deletePost(id: "nothing") { id } }`, nil); got != `{"data":{"deletePost":null}}` {
		t.Errorf("deleting what is not there: %s", got)
	}
	got := requestID.ReplaceAllString(s.Query(`mutation { updatePost(input: {id: "nothing", title: "x"}) { id } }`, nil), "Request ID: X")
	if !strings.Contains(got, `"errorType":"DynamoDB:ConditionalCheckFailedException"`) {
		t.Errorf("updating what is not there: %s", got)
	}
	if got := deltaSince(s, 0); len(got) != 0 {
		t.Errorf("records of nothing: %+v", got)
	}
}

// Records past expdate are left out at once, and removed when TTL gets to them.
func TestDeltaSyncRecordsExpire(t *testing.T) {
	s := startPosts(t)
	s.Query(`mutation { updatePost(input: {id: "welcome", ups: 13}) { id } }`, nil)
	s.Query(`mutation { updatePost(input: {id: "offline", ups: 8}) { id } }`, nil)
	s.Advance(30 * time.Minute)
	s.Query(`mutation { updatePost(input: {id: "realtime", ups: 4}) { id } }`, nil)
	if got := deltaSince(s, 0); len(got) != 3 {
		t.Errorf("before the expiry: %+v", got)
	}
	s.Advance(31 * time.Minute)
	if got := deltaSince(s, 0); len(got) != 1 || got[0].ID != "realtime" {
		t.Errorf("after the expiry of two: %+v", got)
	}
	// The background sweep may have been faster; nothing may be left for a
	// second one.
	if _, err := s.ExpireNow(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.ExpireNow(context.Background()); err != nil || n != 0 {
		t.Errorf("a second sweep removed %d, %v", n, err)
	}
}

// introspectionQuery is the one that GraphiQL sends, without what graphql-java 9
// does not know.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
}`

func TestIntrospection(t *testing.T) {
	s := startPosts(t)
	var out struct {
		Schema struct {
			QueryType, MutationType, SubscriptionType struct{ Name string }
			Types                                     []struct {
				Kind, Name string
				Fields     []struct{ Name string }
			}
		} `json:"__schema"`
	}
	s.Decode(&out, introspectionQuery, nil)
	kinds := map[string]string{}
	for _, typ := range out.Schema.Types {
		kinds[typ.Name] = typ.Kind
	}
	for name, kind := range map[string]string{
		"Post": "OBJECT", "CreatePostInput": "INPUT_OBJECT", "DeltaAction": "ENUM", "AWSDateTime": "SCALAR", "__Schema": "OBJECT",
	} {
		if kinds[name] != kind {
			t.Errorf("%s is %q, want %s", name, kinds[name], kind)
		}
	}
	if out.Schema.SubscriptionType.Name != "Subscription" {
		t.Errorf("subscriptionType is %q", out.Schema.SubscriptionType.Name)
	}
	if got := s.Query(`{ __typename __type(name: "DeltaAction") { enumValues { name } } }`, nil); got !=
		`{"data":{"__typename":"Query","__type":{"enumValues":[{"name":"DELETE"}]}}}` {
		t.Errorf("got %s", got)
	}
}

func TestFragmentsAliasesAndDirectives(t *testing.T) {
	s := startPosts(t)
	const query = `query ($full: Boolean!, $id: ID = "welcome") {
  first: getPost(id: $id) { ...Head content @include(if: $full) }
  second: getPost(id: "realtime") { __typename ... on Post { title @skip(if: $full) ups } }
}
fragment Head on Post { id heading: title }`
	for _, c := range []struct {
		full bool
		want string
	}{
		{false, `{"data":{"first":{"id":"welcome","heading":"Welcome"},"second":{"__typename":"Post","title":"Real time","ups":3}}}`},
		{true, `{"data":{"first":{"id":"welcome","heading":"Welcome","content":"Posts live in the base table; every change leaves a record in the delta table."},"second":{"__typename":"Post","ups":3}}}`},
	} {
		if got := s.Query(query, map[string]any{"full": c.full}); got != c.want {
			t.Errorf("full=%v\ngot  %s\nwant %s", c.full, got, c.want)
		}
	}
}

func TestGETRequestsAreAnswered(t *testing.T) {
	s := startPosts(t)
	got := s.Get("query", `query Q($id: ID!) { getPost(id: $id) { title } }`, "variables", `{"id":"welcome"}`, "operationName", "Q")
	if got.Status != 200 || got.Body != `{"data":{"getPost":{"title":"Welcome"}}}` {
		t.Errorf("HTTP %d %s", got.Status, got.Body)
	}
}

func TestMutationsRunInOrder(t *testing.T) {
	s := startPosts(t)
	got := s.Query(`mutation {
  a: updatePost(input: {id: "welcome", ups: 100}) { ups }
  b: updatePost(input: {id: "welcome", ups: 200}) { ups }
  c: updatePost(input: {id: "welcome", ups: 300}) { ups }
}`, nil)
	if want := `{"data":{"a":{"ups":100},"b":{"ups":200},"c":{"ups":300}}}`; got != want {
		t.Errorf("got %s", got)
	}
	if got := s.Query(`{ getPost(id: "welcome") { ups } }`, nil); got != `{"data":{"getPost":{"ups":300}}}` {
		t.Errorf("got %s", got)
	}
}

// AWS AppSync developer guide, Query: tokens are encrypted and cannot be used
// across resolvers. The refusal is recorded in aws-amplify/amplify-cli#3411.
func TestPagesOfAnIndex(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	s.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	s.Query(`mutation { addPost(id: "a", title: "Alpha") { id } }`, nil)
	s.Query(`mutation { addPost(id: "b", title: "Beta") { id } }`, nil)
	for _, body := range []string{"1", "2", "3", "4", "5"} {
		s.Advance(time.Second)
		s.Query(`mutation ($b: String) { addComment(input: {postId: "a", author: "Reader", body: $b}) { id } }`, map[string]any{"b": body})
	}
	type page struct {
		GetPost struct {
			Comments struct {
				Items     []struct{ Body string }
				NextToken *string
			}
		}
	}
	const query = `query ($t: String) { getPost(id: "a") { comments(limit: 2, nextToken: $t) { items { body } nextToken } } }`
	var bodies []string
	var token, second *string
	for range 5 {
		var p page
		s.Decode(&p, query, map[string]any{"t": token})
		for _, item := range p.GetPost.Comments.Items {
			bodies = append(bodies, item.Body)
		}
		if token = p.GetPost.Comments.NextToken; token == nil {
			break
		}
		if second == nil {
			second = token
		}
	}
	if got := strings.Join(bodies, ""); got != "54321" {
		t.Errorf("newest first: %s", got)
	}
	altered := "A" + (*second)[1:]
	text, _ := json.Marshal("com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given.")
	got := s.Query(query, map[string]any{"t": altered})
	if !strings.Contains(got, `"errorType":"DynamoDB:UserIllegalArgumentException"`) || !strings.Contains(got, string(text)) {
		t.Errorf("an altered token: %s", got)
	}
}

func TestNestedResolversRun(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	s.Query(`mutation { addPost(id: "a", title: "Alpha") { id } }`, nil)
	for range 3 {
		s.Query(`mutation { addComment(input: {postId: "a", author: "Reader"}) { id } }`, nil)
	}
	got := s.Query(`{ getPost(id: "a") { title comments { items { author post { id title } } } } }`, nil)
	item := `{"author":"Reader","post":{"id":"a","title":"Alpha"}}`
	if want := `{"data":{"getPost":{"title":"Alpha","comments":{"items":[` + item + `,` + item + `,` + item + `]}}}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Equal seeds give equal identifiers, in the order of the requests.
func TestSeedMakesIdentifiersReproducible(t *testing.T) {
	ids := func(seed uint64) string {
		s := emulatortest.Start(t, "../fixtures/deltasync-posts", func(o *emulator.Options) { o.Seed = seed })
		var all string
		for range 3 {
			all += s.Query(`mutation { createPost(input: {author: "a", title: "t", content: "c"}) { id } }`, nil)
		}
		return all
	}
	first := ids(7)
	if again := ids(7); again != first {
		t.Errorf("%s\nand then %s", first, again)
	}
	if other := ids(8); other == first {
		t.Error("another seed gives the same identifiers")
	}
}
