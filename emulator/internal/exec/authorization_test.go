package exec_test

import (
	"context"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// denying refuses the fields that are named Type.field.
func denying(names ...string) func(*exec.Request) {
	return func(r *exec.Request) {
		r.Denied = func(f *schema.Field) bool {
			for _, name := range names {
				if name == f.Parent.Name+"."+f.Name {
					return true
				}
			}
			return false
		}
	}
}

// refusal is the error of a field at line 1.
func refusal(path, column, message string) string {
	return `{"path":` + path + `,"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":` + column + `,"sourceName":null}],"message":"` + message + `"}`
}

// The form of the error is recorded in aws-amplify/amplify-cli#5163, that each
// element of a list has its own in aws-amplify/amplify-flutter#1179 and
// aws-amplify/amplify-swift#3159 (path ["syncParticipants","items",0,"room"]).
// aws/aws-appsync-community#266 has the answer with non-null fields: the null
// climbs, each refused field has its refusal, and there is no "Cannot return
// null" beside them.
func TestRefusedFields(t *testing.T) {
	things := value1(value.NewList(
		value.MapOf("id", "1", "name", "one"), nil, value.MapOf("id", "3", "name", "three", "child", thing("4"))))
	tests := []struct {
		name, query string
		denied      []string
		want        string
	}{
		{"a root field", `{ a { id } b { id } }`, []string{"Query.a"},
			`{"data":{"a":null,"b":{"id":"2"}},"errors":[` + refusal(`["a"]`, "3", "Not Authorized to access a on type Query") + `]}`},
		{"under its alias", `{ mine: a { id } }`, []string{"Query.a"},
			`{"data":{"mine":null},"errors":[` + refusal(`["mine"]`, "3", "Not Authorized to access a on type Query") + `]}`},
		{"twice under two aliases", `{ x: a { id } y: a { id } }`, []string{"Query.a"},
			`{"data":{"x":null,"y":null},"errors":[` + refusal(`["x"]`, "3", "Not Authorized to access a on type Query") + `,` +
				refusal(`["y"]`, "15", "Not Authorized to access a on type Query") + `]}`},
		{"what lies below a refused field is not asked", `{ a { name } }`, []string{"Query.a", "Thing.name"},
			`{"data":{"a":null},"errors":[` + refusal(`["a"]`, "3", "Not Authorized to access a on type Query") + `]}`},
		{"a nested field", `{ b { id name } }`, []string{"Thing.name"},
			`{"data":{"b":{"id":"2","name":null}},"errors":[` + refusal(`["b","name"]`, "10", "Not Authorized to access name on type Thing") + `]}`},
		{"a nested field with a resolver", `{ b { id slow } }`, []string{"Thing.slow"},
			`{"data":{"b":{"id":"2","slow":null}},"errors":[` + refusal(`["b","slow"]`, "10", "Not Authorized to access slow on type Thing") + `]}`},
		{"in each element of a list", `{ list { id name } }`, []string{"Thing.name"},
			`{"data":{"list":[{"id":"1","name":null},null,{"id":"3","name":null}]},"errors":[` +
				refusal(`["list",0,"name"]`, "13", "Not Authorized to access name on type Thing") + `,` +
				refusal(`["list",2,"name"]`, "13", "Not Authorized to access name on type Thing") + `]}`},
		{"in each element, with a resolver", `{ list { slow } }`, []string{"Thing.slow"},
			`{"data":{"list":[{"slow":null},null,{"slow":null}]},"errors":[` +
				refusal(`["list",0,"slow"]`, "10", "Not Authorized to access slow on type Thing") + `,` +
				refusal(`["list",2,"slow"]`, "10", "Not Authorized to access slow on type Thing") + `]}`},
		{"a non-null field", `{ b { name id } }`, []string{"Thing.id"},
			`{"data":{"b":null},"errors":[` + refusal(`["b","id"]`, "12", "Not Authorized to access id on type Thing") + `]}`},
		{"a non-null field in a list", `{ list { id } }`, []string{"Thing.id"},
			`{"data":{"list":[null,null,null]},"errors":[` + refusal(`["list",0,"id"]`, "10", "Not Authorized to access id on type Thing") + `,` +
				refusal(`["list",2,"id"]`, "10", "Not Authorized to access id on type Thing") + `]}`},
		{"all fields of a type", `{ b { name id } }`, []string{"Thing.id", "Thing.name"},
			`{"data":{"b":null},"errors":[` + refusal(`["b","name"]`, "7", "Not Authorized to access name on type Thing") + `,` +
				refusal(`["b","id"]`, "12", "Not Authorized to access id on type Thing") + `]}`},
		{"a null beside a refusal is reported", `{ b { child { id name } name } }`, []string{"Thing.name"},
			`{"data":{"b":{"child":null,"name":null}},"errors":[` + completionError(`["b","child","id"]`, "Cannot return null for non-nullable type: 'ID' within parent 'Thing' (/b/child/id)") + `,` +
				refusal(`["b","child","name"]`, "18", "Not Authorized to access name on type Thing") + `,` +
				refusal(`["b","name"]`, "25", "Not Authorized to access name on type Thing") + `]}`},
		{"__typename", `{ __typename b { __typename } }`, []string{"Query.__typename", "Thing.__typename"},
			`{"data":{"__typename":"Query","b":{"__typename":"Thing"}}}`},
		{"the field of an interface follows the object type", `{ node { id } }`, []string{"Other.id"},
			`{"data":{"node":null},"errors":[` + refusal(`["node","id"]`, "10", "Not Authorized to access id on type Other") + `]}`},
		{"the field of the interface itself does not count", `{ node { id } }`, []string{"Node.id", "Thing.id"}, `{"data":{"node":{"id":"1"}}}`},
		{"a union's members", `{ nodes { ... on Thing { name } ... on Other { size } } }`, []string{"Other.size"},
			`{"data":{"nodes":[{"name":"n"},{"size":null}]},"errors":[` + refusal(`["nodes",1,"size"]`, "48", "Not Authorized to access size on type Other") + `]}`},
		{"a field that is left out", `{ a @skip(if: true) { id } b { id name @include(if: false) } }`, []string{"Query.a", "Thing.name"},
			`{"data":{"b":{"id":"2"}}}`},
		{"a fragment", `query { ...F } fragment F on Query { a { id } }`, []string{"Query.a"},
			`{"data":{"a":null},"errors":[` + refusal(`["a"]`, "38", "Not Authorized to access a on type Query") + `]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, tt.query, map[string]resolve{
				"Query.a":     value1(thing("1")),
				"Query.b":     value1(value.MapOf("id", "2", "name", "two", "child", value.MapOf("name", "x"))),
				"Query.list":  things,
				"Query.node":  value1(value.MapOf("__typename", "Other", "id", "1", "size", int32(3))),
				"Query.nodes": value1(value.NewList(value.MapOf("__typename", "Thing", "name", "n"), value.MapOf("__typename", "Other", "size", int32(4)))),
				"Thing.slow":  value1("s"),
			}, denying(tt.denied...))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func completionError(path, message string) string {
	return `{"path":` + path + `,"locations":null,"message":"` + message + `"}`
}

// A refused field does nothing: neither its resolver runs nor those below it,
// and a refused mutation is not published. The others are not affected.
func TestRefusedFieldsDoNotRun(t *testing.T) {
	var log []string
	note := func(what string, v any) resolve {
		return func(context.Context, *exec.Call) exec.Outcome {
			log = append(log, what)
			return exec.Outcome{Value: v}
		}
	}
	got := run(t, `mutation { first { id slow } second { id slow } third { id } }`, map[string]resolve{
		"Mutation.first":  note("first", thing("1")),
		"Mutation.second": note("second", thing("2")),
		"Mutation.third":  note("third", thing("3")),
		"Thing.slow":      note("slow", "s"),
	}, func(r *exec.Request) {
		denying("Mutation.first", "Thing.slow")(r)
		r.Interested = func(string) bool { return true }
		r.Published = func(mutation string, event any) { log = append(log, "publish "+mutation+" "+value.JSON(event)) }
	})
	want := `{"data":{"first":null,"second":{"id":"2","slow":null},"third":{"id":"3"}},"errors":[` +
		refusal(`["first"]`, "12", "Not Authorized to access first on type Mutation") + `,` +
		refusal(`["second","slow"]`, "42", "Not Authorized to access slow on type Thing") + `]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const wantLog = `second, publish second {"__typename":"Thing","id":"2","slow":null}, third, publish third {"__typename":"Thing","id":"3"}`
	if got := strings.Join(log, ", "); got != wantLog {
		t.Errorf("got  %s\nwant %s", got, wantLog)
	}
}

// graphql-java 9.6, ExecutionContext.addError(error, path) and
// NonNullableFieldValidator: a null that is not allowed adds no error where the
// field has one.
func TestFieldsThatFailedAreNotAlsoReportedAsNull(t *testing.T) {
	failed := func(context.Context, *exec.Call) exec.Outcome {
		return exec.Outcome{Errors: []*apierror.Error{{Type: "Broken", Message: "It broke."}, {Type: "Broken", Message: "Twice."}}}
	}
	broken := func(path, message string) string {
		return `{"path":` + path + `,"data":null,"errorType":"Broken","errorInfo":null,"locations":[{"line":1,"column":10,"sourceName":null}],"message":"` + message + `"}`
	}
	got := run(t, `{ list { id } }`, map[string]resolve{
		"Query.list": value1(value.NewList(value.NewMap(0), value.NewMap(0))), "Thing.id": failed,
	}, nil)
	want := `{"data":{"list":[null,null]},"errors":[` + broken(`["list",0,"id"]`, "It broke.") + `,` + broken(`["list",0,"id"]`, "Twice.") + `,` +
		broken(`["list",1,"id"]`, "It broke.") + `,` + broken(`["list",1,"id"]`, "Twice.") + `]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	// A value that cannot be written has its error alone, too.
	got = run(t, `{ a { id name } }`, map[string]resolve{
		"Query.a": value1(value.MapOf("id", true, "name", "n")),
	}, nil)
	want = `{"data":{"a":null},"errors":[` + completionError(`["a","id"]`, "Can't serialize value (/a/id) : Expected type 'ID' but was 'Boolean'.") + `]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Introspection is open to every caller.
func TestIntrospectionIsNotRefused(t *testing.T) {
	everything := func(r *exec.Request) {
		r.Denied = func(f *schema.Field) bool { return !strings.HasPrefix(f.Parent.Name, "__") }
	}
	got := run(t, `{ __schema { queryType { name } } __type(name: "Thing") { fields { name } } a { id } }`, map[string]resolve{"Query.a": value1(thing("1"))}, everything)
	want := `{"data":{"__schema":{"queryType":{"name":"Query"}},"__type":{"fields":[{"name":"id"},{"name":"name"},{"name":"child"},{"name":"slow"}]},"a":null},"errors":[` +
		refusal(`["a"]`, "77", "Not Authorized to access a on type Query") + `]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// AWS AppSync developer guide, graphql-overview "Configuring query depth limits":
// the error of a non-null field goes to the first parent that may be null. The
// refusal of the depth comes before any question of authorization.
func TestDepthLimitOfNonNullFields(t *testing.T) {
	got := run(t, `{ a { name child { id } } }`, map[string]resolve{
		"Query.a": value1(value.MapOf("id", "1", "name", "n", "child", thing("2"))),
	}, func(r *exec.Request) { r.DepthLimit = 2 })
	want := `{"data":{"a":{"name":"n","child":null}},"errors":[{"path":["a","child","id"],"data":null,"errorType":"QueryDepthLimitReached","errorInfo":null,` +
		`"locations":[{"line":1,"column":20,"sourceName":null}],"message":"Query depth limit reached."}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Two subscription fields in one operation: each is refused on its own.
func TestRefusedSubscriptionFields(t *testing.T) {
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: `type Query { q: Int } type Mutation { m: Int } type Subscription { onA: Int! @aws_subscribe(mutations: "m") onB: Int @aws_subscribe(mutations: "m") }`}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, failure := plan.Compile(s, `subscription { onA onB }`, "", plan.Options{})
	if failure != nil {
		t.Fatal(failure)
	}
	vars, problem := p.Coerce(nil)
	if problem != nil {
		t.Fatal(problem)
	}
	req := &exec.Request{Schema: s, Plan: p, Vars: vars, Resolvers: make([]exec.FieldResolver, s.FieldCount)}
	denying("Subscription.onA", "Subscription.onB")(req)
	got := string(exec.Execute(context.Background(), req, nil))
	want := `{"data":null,"errors":[` + refusal(`["onA"]`, "16", "Not Authorized to access onA on type Subscription") + `,` +
		refusal(`["onB"]`, "20", "Not Authorized to access onB on type Subscription") + `]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// BenchmarkAuthorization compares callers who may read everything, of whom
// nothing is asked, with those of whom it is asked field by field.
func BenchmarkAuthorization(b *testing.B) {
	items := value.NewList()
	for range 1000 {
		items.Append(value.MapOf("id", "1", "name", "A name"))
	}
	req := prepare(b, `{ list { id name } }`, map[string]resolve{"Query.list": value1(items)})
	closed := make([]bool, req.Schema.FieldCount)
	for _, c := range []struct {
		name   string
		denied func(*schema.Field) bool
	}{
		{"everything is open", nil},
		{"something is closed", func(f *schema.Field) bool { return closed[f.Index] }},
	} {
		b.Run(c.name, func(b *testing.B) {
			req.Denied = c.denied
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = exec.Execute(context.Background(), req, dst[:0])
			}
		})
	}
}
