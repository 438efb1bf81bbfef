package serverless_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/serverless"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// archive reads a project of testdata: its files, and what is wanted of it.
func archive(t *testing.T, name string) (fsys fstest.MapFS, want string, opt serverless.Options) {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys = fstest.MapFS{}
	opt.Now = now
	for _, f := range a.Files {
		switch f.Name {
		case "want":
			want = string(f.Data)
		case "parameters":
			opt.Parameters = map[string]string{}
			for _, line := range strings.Fields(string(f.Data)) {
				key, value, _ := strings.Cut(line, "=")
				opt.Parameters[key] = value
			}
			opt.API = opt.Parameters["--api"]
			delete(opt.Parameters, "--api")
		default:
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return fsys, want, opt
}

// TestProjects loads the projects of testdata. The comment of each says where its
// expectation is from.
func TestProjects(t *testing.T) {
	names, err := filepath.Glob("testdata/projects/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no projects", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			fsys, want, opt := archive(t, name)
			file := "serverless.yml"
			if fsys[file] == nil {
				file = "serverless.json"
			}
			api, problems := serverless.LoadFS(fsys, file, opt)
			if diff := cmp.Diff(want, outline(api, problems)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// outline writes what a project is, a line for each part.
func outline(api *project.API, problems project.Problems) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
	if len(problems) > 0 {
		for _, p := range problems {
			line("%s", p)
		}
		return b.String()
	}
	line("api %s", api.Name)
	for _, s := range api.Schema {
		line("schema %s", s.Name)
	}
	for _, a := range append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...) {
		line("auth %s%s %s%s%s", a.Type, optional(" ", a.UserPoolID), a.Issuer, optional("", a.Lambda.Name()), optional(" ", a.IdentityValidationExpression))
	}
	for _, k := range api.APIKeys {
		line("key %s until %s", k.Name, k.Expires.Format(time.DateOnly))
	}
	for _, d := range api.DataSources {
		delta := ""
		if d.Versioned {
			delta = fmt.Sprintf(" versioned %s %d %d", d.DeltaSync.TableName, d.DeltaSync.BaseTableTTL, d.DeltaSync.DeltaTableTTL)
		}
		line("source %s %s%s%s%s%s", d.Name, d.Type, optional(" ", d.TableName), optional(" ", d.Lambda.Name()), optional(" ", d.Endpoint), delta)
	}
	for _, f := range api.Functions {
		line("function %s %s%s", f.Name, f.DataSource, templates(f))
	}
	for _, r := range api.Resolvers {
		var functions []string
		for _, f := range r.Functions {
			functions = append(functions, f.Name)
		}
		caching := ""
		if r.Caching != nil {
			caching = fmt.Sprintf(" cached %d %v", r.Caching.TTLSeconds, r.Caching.Keys)
		}
		line("resolver %s.%s %s %s%s%s%s", r.Type, r.Field, r.Kind, r.Unit.DataSource, strings.Join(functions, ","), templates(&r.Unit), caching)
	}
	for _, t := range api.Tables {
		line("table %s %s%s%s", t.Name, key(t.PartitionKey, t.SortKey), indexes(t), optional(" ttl ", t.TTLAttribute))
	}
	for _, f := range api.LambdaFunctions {
		line("lambda %s %ds", f.Name, f.TimeoutSeconds)
	}
	for _, name := range slices.Sorted(keysOf(api.Environment)) {
		line("env %s=%s", name, api.Environment[name])
	}
	if api.Cache != nil {
		line("cache %s %d", api.Cache.Behavior, api.Cache.TTLSeconds)
	}
	for _, w := range api.Warnings {
		line("warning %s", w)
	}
	return b.String()
}

func keysOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func optional(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func key(partition project.KeyAttribute, sort *project.KeyAttribute) string {
	out := partition.Name + ":" + partition.Type
	if sort != nil {
		out += "," + sort.Name + ":" + sort.Type
	}
	return out
}

func indexes(t *project.Table) string {
	var out string
	for _, i := range t.Indexes {
		out += " index " + i.Name + " " + key(i.PartitionKey, i.SortKey) + " " + i.Projection
	}
	return out
}

func templates(f *project.Function) string {
	var out string
	for _, t := range []struct {
		name string
		*project.Template
	}{{"request", f.Request}, {"response", f.Response}, {"code", f.Code}} {
		if t.Template != nil {
			out += " " + t.name + " " + t.Pos.String()
		}
	}
	if f.Sync != nil {
		out += " sync " + f.Sync.ConflictDetection + " " + f.Sync.ConflictHandler + optional(" ", f.Sync.Lambda.Name())
	}
	return out
}

// The project in testdata/notes was packaged by serverless 3.40.0 with
// serverless-appsync-plugin 2.13.0; the expectation is what the packaged template
// says: the resources of packaged-template.json.
func TestNotes(t *testing.T) {
	api, problems := serverless.Load("testdata/notes/serverless.yml", serverless.Options{Options: project.Options{Now: now}})
	want := `api notes-dev
schema schema.graphql
auth API_KEY
auth AMAZON_COGNITO_USER_POOLS us-east-1_abcdefghi
key web until 2026-02-01
key ci until 2027-01-02
source notes AMAZON_DYNAMODB NotesTable versioned notes-delta 60 30
source shouter AWS_LAMBDA notes-dev-shouter
source local NONE
function checkTitle local code resolvers/checkTitle.js
function Mutation_saveNote_1 notes request resolvers/saveNote.req.vtl response resolvers/result.vtl sync VERSION AUTOMERGE
resolver Query.getNote UNIT notes request resolvers/getNote.req.vtl response resolvers/result.vtl cached 60 [$context.arguments.id]
resolver Query.syncNotes UNIT notes request resolvers/syncNotes.req.vtl response resolvers/result.vtl sync VERSION OPTIMISTIC_CONCURRENCY
resolver Query.shout UNIT shouter
resolver Query.stage UNIT local code resolvers/stage.js
resolver Mutation.saveNote PIPELINE checkTitle,Mutation_saveNote_1
resolver Mutation.dropNote UNIT notes request resolvers/dropNote.req.vtl response resolvers/result.vtl sync VERSION AUTOMERGE
table NotesTable id:S ttl _ttl
table notes-delta ds_pk:S,ds_sk:S ttl _ttl
lambda notes-dev-shouter 6s
env STAGE=dev
cache PER_RESOLVER_CACHING 300
`
	if diff := cmp.Diff(want, outline(api, problems)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if code := api.Function("checkTitle").Code.Text; strings.Contains(code, "#stageName#") {
		t.Errorf("the substitution was not made: %s", code)
	}
}

// The plugin's own variables stand for what is served.
//
// See: https://github.com/sid88in/serverless-appsync-plugin#variables
func TestPluginVariables(t *testing.T) {
	api, problems := serverless.LoadFS(files("serverless.yml", `
service: x
appSync:
  name: x
  authentication: {type: API_KEY}
  apiKeys: [web-app, {name: said, key: da2-secret}]
  environment:
    ID: ${appsync:id}
    ARN: ${appsync:arn}
    KEY: ${appsync:apiKey.web-app}
    SAID: ${appsync:apiKey.said}
`, "schema.graphql", "type Query { a: String }"), "serverless.yml", serverless.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := map[string]string{
		"ID": api.ID, "ARN": "arn:aws:appsync:us-east-1:123456789012:apis/" + api.ID,
		"KEY": api.APIKeys[0].Key, "SAID": "da2-secret",
	}
	if diff := cmp.Diff(want, api.Environment); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNothingLeavesTheFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "service"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("secret.yml", "name: secret\n")
	write("service/schema.graphql", "type Query { a: String }")
	write("service/serverless.yml", "service: x\nappSync:\n  name: ${file(link.yml):name}\n  authentication: {type: API_KEY}\n")
	if err := os.Symlink(filepath.Join(dir, "secret.yml"), filepath.Join(dir, "service/link.yml")); err != nil {
		t.Skip("no symbolic links here")
	}
	file := filepath.Join(dir, "service", "serverless.yml")
	if api, problems := serverless.Load(file, serverless.Options{}); len(problems) == 0 || api.Name == "secret" {
		t.Errorf("a link out of the folder was followed: %v", problems)
	}
	api, problems := serverless.Load(file, serverless.Options{Options: project.Options{AllowOutside: true}})
	if len(problems) > 0 || api.Name != "secret" {
		t.Errorf("--allow-outside: %q, %v", api.Name, problems)
	}
}

func TestProgramsAreRefused(t *testing.T) {
	for _, name := range []string{"serverless.ts", "serverless.js"} {
		_, problems := serverless.Load(filepath.Join(t.TempDir(), name), serverless.Options{})
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), "is a program, which is not run here") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestMissingProject(t *testing.T) {
	_, problems := serverless.Load(filepath.Join(t.TempDir(), "serverless.yml"), serverless.Options{})
	if len(problems) != 1 || problems[0].Error() != "serverless.yml: the project file serverless.yml does not exist" {
		t.Errorf("%v", problems)
	}
}

func TestMergedTypes(t *testing.T) {
	got := serverless.MergeTypes(
		"type Query { a: A }\nscalar Day\n\"\"\"about A\"\"\"\ntype A { type: String # type B\n}",
		"# more\n\"\"\"\nabout\n\"\"\"\ntype Query @aws_iam { b(x: String = \"type A\"): B }\nextend type A { c: Int }\nunion U = A | Query\nscalar Day\nenum E { type }",
		"type B { x: Int } type Query { c: Int } enum E { other }")
	want := []string{
		"type Query { a: A }\nscalar Day\n\"\"\"about A\"\"\"\ntype A { type: String # type B\n}",
		"# more\n   \n     \n   \nextend type Query @aws_iam { b(x: String = \"type A\"): B }\nextend type A { c: Int }\nunion U = A | Query\n          \nenum E { type }",
		"type B { x: Int } extend type Query { c: Int } extend enum E { other }",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzProject(f *testing.F) {
	names, _ := filepath.Glob("testdata/projects/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasPrefix(file.Name, "serverless.") {
				f.Add(string(file.Data))
			}
		}
	}
	schema := "type Query { getNote(id: ID!): String }"
	f.Fuzz(func(t *testing.T, text string) {
		api, problems := serverless.LoadFS(files("serverless.yml", text, "schema.graphql", schema), "serverless.yml", serverless.Options{})
		if len(problems) == 0 && api.Name == "" {
			t.Error("a project without a name has no mistake")
		}
	})
}
