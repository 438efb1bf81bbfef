package resolver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

const sdl = `
type Query { get(id: ID, list: [String], input: In, more: String): Node json(id: ID, input: In, list: [String]): AWSJSON nodes: [Node] any: Any anys: [Any] }
type Mutation { change(id: ID): AWSJSON }
input In { a: String b: In c: [Int] }
interface Named { name: String }
union Any = Node | Leaf
type Leaf { id: ID size: Int more: AWSJSON }
type Node implements Named { id: ID name: String tags: [String] one: AWSJSON two: AWSJSON child: Node named: Named }
schema { query: Query mutation: Mutation }
`

// api is a project made of Go values.
type api struct {
	t         testing.TB
	project   *project.API
	schema    *schema.Schema
	runtime   *resolver.Runtime
	resolvers []exec.FieldResolver
	// env is that of the next requests.
	env *resolver.Env
	// logged and failed are what the runtime was told.
	logged []string
	failed []error
}

// sourceFunc is a data source made of a function.
type sourceFunc func(ctx context.Context, in *datasource.Invocation) (any, error)

func (f sourceFunc) Invoke(ctx context.Context, in *datasource.Invocation) (any, error) {
	return f(ctx, in)
}

// broken fails as DynamoDB does when a condition fails.
func broken(context.Context, *datasource.Invocation) (any, error) {
	return nil, &datasource.Error{Type: "DynamoDB:ConditionalCheckFailedException", Message: "The conditional request failed", Result: value.MapOf("id", "current", "name", "old")}
}

// newAPI has the data sources none, table (the table nodes, key id), null (a
// null result) and broken.
func newAPI(t testing.TB) *api {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: sdl}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	store, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	ctx := context.Background()
	if err := store.CreateTable(ctx, storage.Table{Name: "nodes", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}); err != nil {
		t.Fatal(err)
	}
	item := attribute.NewItem(
		attribute.Attribute{Name: "id", Value: attribute.String("1")},
		attribute.Attribute{Name: "name", Value: attribute.String("stored")},
	)
	if _, err := store.PutItem(ctx, &storage.PutItemInput{Table: "nodes", Item: item}); err != nil {
		t.Fatal(err)
	}
	tokens, err := dynamodb.NewTokens([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]datasource.Source{
		"none":   datasource.None{},
		"table":  dynamodb.New(store, "nodes", tokens),
		"null":   sourceFunc(func(context.Context, *datasource.Invocation) (any, error) { return nil, nil }),
		"broken": sourceFunc(broken),
		"lambda": datasource.NotSupported{Reason: "The emulator does not support data sources of type AWS_LAMBDA yet: lambda is one."},
	}
	a := &api{t: t, project: &project.API{}, schema: s, resolvers: make([]exec.FieldResolver, s.FieldCount)}
	a.runtime = &resolver.Runtime{
		Now:         func() time.Time { return time.Unix(1700000000, 0) },
		Environment: []resolver.Variable{{Name: "STAGE", Value: "test"}},
		Log: func(level, name, text string) {
			a.logged = append(a.logged, level+" "+name+" "+text)
		},
		Failed: func(_ string, err error) { a.failed = append(a.failed, err) },
		Source: func(name string) datasource.Source { return sources[name] },
	}
	return a
}

func template(text string) *project.Template {
	if text == "" {
		return nil
	}
	return &project.Template{Text: text}
}

// none is a request for a payload.
func none(payload string) string { return `{"version":"2018-05-29","payload":` + payload + `}` }

// unit adds a unit resolver; an empty text is no template.
func (a *api) unit(field, source, request, response string) {
	a.t.Helper()
	r := a.of(field, project.KindUnit)
	r.Unit = project.Function{DataSource: source, Request: template(request), Response: template(response)}
	a.add(r)
}

// function is a function of a pipeline.
type function struct{ source, request, response string }

func (a *api) pipeline(field, before, after string, functions ...function) {
	a.t.Helper()
	r := a.of(field, project.KindPipeline)
	r.Unit = project.Function{Request: template(before), Response: template(after)}
	for i, f := range functions {
		name := field + string(rune('A'+i))
		a.project.Functions = append(a.project.Functions, &project.Function{
			Name: name, DataSource: f.source, Request: template(f.request), Response: template(f.response),
		})
		r.Functions = append(r.Functions, project.FunctionRef{Name: name})
	}
	a.add(r)
}

func (a *api) of(field, kind string) *project.Resolver {
	typ, name, _ := strings.Cut(field, ".")
	return &project.Resolver{Type: typ, Field: name, Kind: kind}
}

func (a *api) add(r *project.Resolver) {
	a.t.Helper()
	field := a.schema.Field(r.Type, r.Field)
	compiler := resolver.NewCompiler(a.project)
	compiled := compiler.Compile(r, field.Type.Base().Name)
	if problems := compiler.Problems(); len(problems) > 0 {
		a.t.Fatal(problems)
	}
	if err := compiled.Bind(a.runtime); err != nil {
		a.t.Fatal(err)
	}
	field.Resolved = true
	a.resolvers[field.Index] = compiled
}

// query answers the response object.
func (a *api) query(text, variables string) string {
	a.t.Helper()
	return a.queryIn(context.Background(), text, variables)
}

func (a *api) queryIn(ctx context.Context, text, variables string) string {
	a.t.Helper()
	return string(exec.Execute(ctx, a.request(text, variables), nil))
}

func (a *api) request(text, variables string) *exec.Request {
	a.t.Helper()
	p, failure := plan.Compile(a.schema, text, "", plan.Options{})
	if failure != nil {
		a.t.Fatal(failure.Errors[0])
	}
	var raw *value.Map
	if variables != "" {
		v, err := value.ParseJSON(variables)
		if err != nil {
			a.t.Fatal(err)
		}
		raw = v.(*value.Map)
	}
	vars, err := p.Coerce(raw)
	if err != nil {
		a.t.Fatal(err)
	}
	return &exec.Request{Schema: a.schema, Plan: p, Vars: vars, Resolvers: a.resolvers, Env: a.env, Panicked: func(v any) { a.t.Errorf("panic: %v", v) }}
}

// failure is an error of the field at line 1, column 3, in the form recorded in
// aws-amplify/amplify-category-api#2422.
func failure(field, data, errorType, info, message string) string {
	return `{"path":["` + field + `"],"data":` + data + `,"errorType":` + errorType + `,"errorInfo":` + info +
		`,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"` + message + `"}`
}

func failed(field string, errors ...string) string {
	return `{"data":{"` + field + `":null},"errors":[` + strings.Join(errors, ",") + `]}`
}
