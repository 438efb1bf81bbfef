package exec_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

const sdl = `
type Query { a: Thing b: Thing list: [Thing] node: Node nodes: [Either] }
type Mutation { first: Thing second: Thing third: Thing }
type Thing implements Node { id: ID! name: String child: Thing slow: String }
type Other implements Node { id: ID! size: Int }
interface Node { id: ID! }
union Either = Thing | Other
schema { query: Query mutation: Mutation }
`

// resolve is a resolver made of a function.
type resolve func(ctx context.Context, call *exec.Call) exec.Outcome

func (r resolve) Resolve(ctx context.Context, call *exec.Call) exec.Outcome { return r(ctx, call) }

func value1(v any) resolve {
	return func(context.Context, *exec.Call) exec.Outcome { return exec.Outcome{Value: v} }
}

// prepare compiles a query with resolvers by Type.field.
func prepare(t testing.TB, query string, resolvers map[string]resolve) *exec.Request {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: sdl}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	byIndex := make([]exec.FieldResolver, s.FieldCount)
	for name, r := range resolvers {
		typ, field, _ := strings.Cut(name, ".")
		f := s.Field(typ, field)
		f.Resolved = true
		byIndex[f.Index] = r
	}
	p, failure := plan.Compile(s, query, "", plan.Options{})
	if failure != nil {
		t.Fatal(failure)
	}
	vars, err := p.Coerce(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Request{Schema: s, Plan: p, Vars: vars, Resolvers: byIndex}
}

// run executes a query; tune may change the request.
func run(t *testing.T, query string, resolvers map[string]resolve, tune func(*exec.Request)) string {
	t.Helper()
	req := prepare(t, query, resolvers)
	if tune != nil {
		tune(req)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return string(exec.Execute(ctx, req, nil))
}

func thing(id string) *value.Map { return value.MapOf("id", id) }

// GraphQL specification, section 6.2: query fields may run in parallel, and
// AppSync does so. Here each waits for the other.
func TestQueryFieldsRunTogether(t *testing.T) {
	var meeting sync.WaitGroup
	meeting.Add(2)
	meet := func(id string) resolve {
		return func(context.Context, *exec.Call) exec.Outcome {
			meeting.Done()
			meeting.Wait()
			return exec.Outcome{Value: thing(id)}
		}
	}
	got := run(t, `{ b { id } a { id } }`, map[string]resolve{"Query.a": meet("1"), "Query.b": meet("2")}, nil)
	if want := `{"data":{"b":{"id":"2"},"a":{"id":"1"}}}`; got != want {
		t.Errorf("got %s", got)
	}
}

// The fields below the items of a list run together too.
func TestNestedFieldsRunTogether(t *testing.T) {
	const n = 20
	var meeting sync.WaitGroup
	meeting.Add(n)
	items := value.NewList()
	for range n {
		items.Append(thing("x"))
	}
	got := run(t, `{ list { slow } }`, map[string]resolve{
		"Query.list": value1(items),
		"Thing.slow": func(context.Context, *exec.Call) exec.Outcome {
			meeting.Done()
			meeting.Wait()
			return exec.Outcome{Value: "s"}
		},
	}, nil)
	if want := `{"data":{"list":[` + strings.TrimSuffix(strings.Repeat(`{"slow":"s"},`, n), ",") + `]}}`; got != want {
		t.Errorf("got %s", got)
	}
}

// So do those below fields that have no resolver themselves.
func TestFieldsBelowPlainObjectsRunTogether(t *testing.T) {
	var meeting sync.WaitGroup
	meeting.Add(2)
	got := run(t, `{ a { one: child { slow } two: child { slow } } }`, map[string]resolve{
		"Query.a": value1(value.MapOf("child", thing("1"))),
		"Thing.slow": func(context.Context, *exec.Call) exec.Outcome {
			meeting.Done()
			meeting.Wait()
			return exec.Outcome{Value: "s"}
		},
	}, nil)
	if want := `{"data":{"a":{"one":{"slow":"s"},"two":{"slow":"s"}}}}`; got != want {
		t.Errorf("got %s", got)
	}
}

// GraphQL specification, section 6.2.2: each mutation field, with all below it,
// completes before the next begins. It is published in between.
func TestMutationFieldsRunInOrder(t *testing.T) {
	var mu sync.Mutex
	var log []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, what)
	}
	step := func(id string) resolve {
		return func(context.Context, *exec.Call) exec.Outcome {
			note(id)
			return exec.Outcome{Value: thing(id)}
		}
	}
	run(t, `mutation { third { id slow } first { id } second { id } }`, map[string]resolve{
		"Mutation.first": step("1"), "Mutation.second": step("2"), "Mutation.third": step("3"),
		"Thing.slow": func(context.Context, *exec.Call) exec.Outcome {
			note("slow")
			return exec.Outcome{Value: "s"}
		},
	}, func(r *exec.Request) {
		r.Interested = func(mutation string) bool { return mutation != "first" }
		r.Published = func(mutation string, event any) { note("publish " + mutation + " " + value.JSON(event)) }
	})
	want := `3, slow, publish third {"__typename":"Thing","id":"3","slow":"s"}, 1, 2, publish second {"__typename":"Thing","id":"2"}`
	if got := strings.Join(log, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What subscribers filter on is keyed by field name, whatever the alias.
func TestEventsAreKeyedByFieldName(t *testing.T) {
	var event string
	run(t, `mutation { alias: first { key: id child { other: name } } }`, map[string]resolve{
		"Mutation.first": value1(value.MapOf("id", int32(7), "child", value.MapOf("name", "n"))),
	}, func(r *exec.Request) {
		r.Interested = func(string) bool { return true }
		r.Published = func(_ string, v any) { event = value.JSON(v) }
	})
	if want := `{"__typename":"Thing","id":"7","child":{"__typename":"Thing","name":"n"}}`; event != want {
		t.Errorf("got %s", event)
	}
}

func TestPanicFailsItsFieldAlone(t *testing.T) {
	var seen any
	got := run(t, `{ a { id } b { id } }`, map[string]resolve{
		"Query.a": func(context.Context, *exec.Call) exec.Outcome { panic("broken") },
		"Query.b": value1(thing("2")),
	}, func(r *exec.Request) { r.Panicked = func(v any) { seen = v } })
	want := `{"data":{"a":null,"b":{"id":"2"}},"errors":[{"path":["a"],"data":null,"errorType":"InternalFailure","errorInfo":null,` +
		`"locations":[{"line":1,"column":3,"sourceName":null}],"message":"An internal failure occurred."}]}`
	if got != want || seen != "broken" {
		t.Errorf("got %s, panic %v", got, seen)
	}
}

// AWS AppSync API reference, queryDepthLimit: the field past the limit fails,
// the rest of the data is intact.
func TestDepthLimit(t *testing.T) {
	got := run(t, `{ a { id child { id } } }`, map[string]resolve{
		"Query.a": value1(value.MapOf("id", "1", "child", thing("2"))),
	}, func(r *exec.Request) { r.DepthLimit = 2 })
	if !strings.HasPrefix(got, `{"data":{"a":{"id":"1","child":null}},"errors":[{"path":["a","child","id"],"data":null,"errorType":"QueryDepthLimitReached"`) {
		t.Errorf("got %s", got)
	}
}

// Recorded: aws-amplify/amplify-js#8342.
func TestResolverLimit(t *testing.T) {
	got := run(t, `{ a { id slow } }`, map[string]resolve{
		"Query.a": value1(thing("1")), "Thing.slow": value1("s"),
	}, func(r *exec.Request) { r.ResolverLimit = 1 })
	want := `{"data":{"a":{"id":"1","slow":null}},"errors":[{"path":["a","slow"],"data":null,"errorType":"ResolverExecutionLimitReached","errorInfo":null,` +
		`"locations":[{"line":1,"column":10,"sourceName":null}],"message":"Resolver invocation limit reached."}]}`
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestAbstractTypesResolveByTypename(t *testing.T) {
	got := run(t, `{ node { __typename id ... on Other { size } } nodes { ... on Thing { name } ... on Other { size } } }`, map[string]resolve{
		"Query.node": value1(value.MapOf("__typename", "Other", "id", "1", "size", int32(3))),
		"Query.nodes": value1(value.NewList(
			value.MapOf("__typename", "Thing", "name", "n"),
			value.MapOf("__typename", "Other", "size", int32(4)),
			value.MapOf("name", "no type"))),
	}, nil)
	want := `{"data":{"node":{"__typename":"Other","id":"1","size":3},"nodes":[{"name":"n"},{"size":4},null]},"errors":[` +
		`{"path":["nodes",2],"locations":null,"message":"Can't resolve '/nodes[2]'. Abstract type 'Either' must resolve to an Object type at runtime for field 'Query.nodes'. Could not determine the exact type of 'Either'"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A request that has run out of time starts no further resolver.
func TestNoResolverStartsAfterTheTimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	req := prepare(t, `{ a { id slow } }`, map[string]resolve{
		"Query.a": func(context.Context, *exec.Call) exec.Outcome {
			cancel()
			return exec.Outcome{Value: thing("1")}
		},
		"Thing.slow": func(context.Context, *exec.Call) exec.Outcome {
			t.Error("the nested resolver ran")
			return exec.Outcome{}
		},
	})
	got := string(exec.Execute(ctx, req, nil))
	want := `{"data":{"a":{"id":"1","slow":null}},"errors":[{"path":["a","slow"],"data":null,"errorType":"ExecutionTimeout","errorInfo":null,` +
		`"locations":[{"line":1,"column":10,"sourceName":null}],"message":"Execution timed out."}]}`
	if got != want {
		t.Errorf("got %s", got)
	}
}
