package terraform_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/terraform"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// load reads the only API of a plan or state.
func load(text string) (*project.API, project.Problems) {
	files := project.NewFolder(fstest.MapFS{"plan.json": {Data: []byte(text)}})
	file, refused := files.OpenGiven("plan.json", "the plan")
	if refused != nil {
		return &project.API{}, project.Problems{*refused}
	}
	app := cloudformation.NewApp(cloudformation.Options{Now: now})
	template, region, problems := terraform.Template(file)
	if template != nil {
		app.AddStack(cloudformation.Source{Name: "plan", Root: template, Files: files, Dir: ".", Region: region})
	}
	api := &project.API{}
	if apis := app.APIs(); len(apis) > 0 {
		api = app.Load(apis[0])
	}
	return api, append(problems, app.Problems()...)
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outline writes what an API is, a line for each part.
func outline(api *project.API) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
	line("api %s", api.Name)
	for _, a := range append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...) {
		line("auth %s %s", a.Type, a.UserPoolID)
	}
	for _, k := range api.APIKeys {
		line("key %s %s until %s", k.Name, k.Key, k.Expires.Format(time.DateOnly))
	}
	for _, d := range api.DataSources {
		delta := ""
		if d.Versioned {
			delta = fmt.Sprintf(" versioned %s %d %d", d.DeltaSync.TableName, d.DeltaSync.BaseTableTTL, d.DeltaSync.DeltaTableTTL)
		}
		line("source %s %s %s%s%s", d.Name, d.Type, d.TableName, d.Lambda.Name(), delta)
	}
	templates := func(f *project.Function) string {
		var out string
		for i, t := range []*project.Template{f.Request, f.Response, f.Code} {
			if t != nil {
				out += " " + []string{"request", "response", "code"}[i]
			}
		}
		if f.Sync != nil {
			out += " sync " + f.Sync.ConflictHandler
		}
		return out
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
		var indexes string
		for _, i := range t.Indexes {
			indexes += fmt.Sprintf(" index %s %v %s %v", i.Name, i.PartitionKey, i.Projection, i.Include)
		}
		sort := ""
		if t.SortKey != nil {
			sort = fmt.Sprint(*t.SortKey)
		}
		line("table %s %v%s%s ttl %s", t.Name, t.PartitionKey, sort, indexes, t.TTLAttribute)
	}
	for _, f := range api.LambdaFunctions {
		line("lambda %s %ds", f.Name, f.TimeoutSeconds)
	}
	for _, w := range api.Warnings {
		line("warning %s", w.Message)
	}
	return b.String()
}

// parts is what plan.json and state.json have in common. Both are written by hand in
// the form of https://developer.hashicorp.com/terraform/internals/json-format, the
// resources with the arguments and attributes of
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/appsync_graphql_api
// and its neighbours. The project has two modules, one of them counted, a function for
// each of two keys, a counted resolver, and references through variables and outputs.
const parts = `source local NONE
source orders AMAZON_DYNAMODB orders versioned orders-delta 60 30
source price AWS_LAMBDA %s
function check local code
function save orders request response sync AUTOMERGE
resolver Mutation.save PIPELINE check,save request response
resolver Query.order UNIT orders request response cached 60 [$context.arguments.id]
resolver Query.many0 UNIT local request response
resolver Query.many1 UNIT local request response
resolver Query.price UNIT price
table orders {id S} index byTime {at N} INCLUDE [total] ttl _ttl
table orders-delta {ds_pk S}{ds_sk S} ttl _ttl
lambda price 9s
warning resources of types that are no part of an API are ignored: aws_s3_bucket
`

func TestPlan(t *testing.T) {
	api, problems := load(read(t, "plan.json"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	// What only AWS gives is made up: the id of the pool, and the key.
	pool, key := api.AdditionalAuth[0].UserPoolID, api.APIKeys[0].Key
	if !strings.HasPrefix(pool, "eu-west-1_") || !strings.HasPrefix(key, "da2-") || len(key) != len("da2-")+26 {
		t.Errorf("user pool %s, key %s", pool, key)
	}
	want := "api shop\nauth API_KEY\nauth AMAZON_COGNITO_USER_POOLS " + pool + "\n" +
		"key aws_appsync_api_key.web " + key + " until 2026-12-31\n" +
		fmt.Sprintf(parts, "arn:aws:lambda:eu-west-1:123456789012:function:price")
	if diff := cmp.Diff(want, outline(api)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(api.Schema) != 1 || !strings.Contains(api.Schema[0].Text, "type Mutation { save(id: ID!): Order }") {
		t.Errorf("schema %v", api.Schema)
	}
	// A template is placed where its text stands in the file.
	if at := api.Function("save").Request.Position(1, 1); at.Line != 115 || !strings.Contains(api.SourceLine(at), "request_mapping_template") {
		t.Errorf("the template is at %s: %s", at, api.SourceLine(at))
	}
}

func TestState(t *testing.T) {
	api, problems := load(read(t, "state.json"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := "api shop\nauth API_KEY\nauth AMAZON_COGNITO_USER_POOLS eu-west-1_AbCdEfGhI\n" +
		"key aws_appsync_api_key.web da2-abcdefghijklmnopqrstuvwxyz until 2026-12-31\n" +
		fmt.Sprintf(parts, "arn:aws:lambda:eu-west-1:111122223333:function:price")
	if diff := cmp.Diff(want, outline(api)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// plan writes a plan of an API and one more resource, whose expressions are config.
func plan(values, config string) string {
	return `{"format_version": "1.2", "terraform_version": "1.9.8",
"planned_values": {"root_module": {"resources": [
{"address": "aws_appsync_graphql_api.a", "mode": "managed", "type": "aws_appsync_graphql_api", "name": "a",
 "values": {"name": "a", "authentication_type": "AWS_IAM", "schema": "type Query { a: String }"}},
` + values + `]}},
"configuration": {"root_module": {"resources": [` + config + `]}}}`
}

const (
	apiReference = `"api_id": {"references": ["aws_appsync_graphql_api.a.id", "aws_appsync_graphql_api.a"]}`
	source       = `{"address": "aws_appsync_datasource.d", "type": "aws_appsync_datasource", "name": "d", "values": {"name": "d", "type": "NONE"}}`
	sourceConfig = `{"type": "aws_appsync_datasource", "name": "d", "expressions": {` + apiReference + `}}`
)

func TestReferences(t *testing.T) {
	function := func(i int) string {
		return fmt.Sprintf(`{"address": "aws_appsync_function.f[%d]", "type": "aws_appsync_function", "name": "f", "index": %d,
		"values": {"name": "f%d", "data_source": "d", "request_mapping_template": "{}", "response_mapping_template": "{}"}}`, i, i, i)
	}
	functionConfig := `{"type": "aws_appsync_function", "name": "f", "expressions": {` + apiReference + `}}`
	resolver := func(functions string) string {
		return `{"address": "aws_appsync_resolver.r[1]", "type": "aws_appsync_resolver", "name": "r", "index": 1,
		"values": {"type": "Query", "field": "a", "kind": "PIPELINE", "request_template": "{}", "response_template": "{}", "pipeline_config": [{` + functions + `}]}}`
	}
	tests := []struct{ behaviour, functions, references, want string }{
		{"all instances of a splat", ``, `"aws_appsync_function.f"`, "f0,f1"},
		{"the instance of the same index", `"functions": [null]`, `"aws_appsync_function.f", "count.index"`, "f1"},
		{"instances by their index", `"functions": [null, null]`,
			`"aws_appsync_function.f[1].function_id", "aws_appsync_function.f[1]", "aws_appsync_function.f", "aws_appsync_function.f[0].function_id", "aws_appsync_function.f[0]", "aws_appsync_function.f"`, "f1,f0"},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			api, problems := load(plan(source+","+function(0)+","+function(1)+","+resolver(tt.functions),
				sourceConfig+","+functionConfig+`,{"type": "aws_appsync_resolver", "name": "r", "expressions": {`+apiReference+`,
				"pipeline_config": [{"functions": {"references": [`+tt.references+`]}}]}}`))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			var got []string
			for _, f := range api.Resolvers[0].Functions {
				got = append(got, f.Name)
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("functions %v, want %s", got, tt.want)
			}
		})
	}
}

// Types that stand alone are parts of their API's schema.
//
// See: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/appsync_type
func TestTypes(t *testing.T) {
	api, problems := load(plan(
		`{"address": "aws_appsync_type.t", "type": "aws_appsync_type", "name": "t", "values": {"format": "SDL", "definition": "type T { a: Int }"}}`,
		`{"type": "aws_appsync_type", "name": "t", "expressions": {`+apiReference+`}}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if want := "type Query { a: String }\ntype T { a: Int }"; api.Schema[0].Text != want {
		t.Errorf("schema %q, want %q", api.Schema[0].Text, want)
	}
}

func TestMistakes(t *testing.T) {
	const whole = `plan.json:1:1: `
	datasource := func(values, config string) string {
		return plan(`{"address": "aws_appsync_datasource.d", "type": "aws_appsync_datasource", "name": "d", "values": {"name": "d", "type": "AMAZON_DYNAMODB", `+values+`}}`,
			`{"type": "aws_appsync_datasource", "name": "d", "expressions": {`+apiReference+`, `+config+`}}`)
	}
	table := func(refs string) string {
		return datasource(`"dynamodb_config": [{}]`, `"dynamodb_config": [{"table_name": {"references": [`+refs+`]}}]`)
	}
	const afterApply = "plan.json:5:1: resource aws_appsync_datasource.d: `table_name` is known after apply only: "
	const hint = " (`terraform show -json` without a plan writes the state, which has all values)"
	tests := []struct{ behaviour, text, want string }{
		{"cut off", `{"format_version": "1.2", "planned_values": {`, "plan.json:1:46: JSON syntax: the file ends where a key in quotes should be"},
		{"something else", `{"a": 1}`, whole + "this is not what `terraform show -json` writes"},
		{"Terraform's own state", `{"version": 4, "terraform_version": "1.9.8", "lineage": "x", "resources": []}`,
			whole + "this is not what `terraform show -json` writes (this is Terraform's own state file: `terraform show -json > state.json` writes what can be read)"},
		{"an empty state", `{"format_version": "1.0"}`, whole + "there is no resource (`terraform show -json PLAN` needs the file that `terraform plan -out PLAN` writes)"},
		{"a version to come", `{"format_version": "2.0", "values": {"root_module": {}}}`, whole + "format_version 2.0 is not known"},
		{"resources that are no list", `{"format_version": "1.0", "values": {"root_module": {"resources": {}}}}`, "plan.json:1:67: `resources` must be a list, not a map"},
		{"a resource without an address", `{"format_version": "1.0", "values": {"root_module": {"resources": [{"type": "x"}]}}}`, "plan.json:1:68: a resource needs `address`, `type` and `name`"},
		{"a resource twice", `{"format_version": "1.0", "values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "name": "b"}, {"address": "a.b", "type": "a", "name": "b"}]}}}`,
			"plan.json:1:114: resource a.b stands here a second time"},
		{"a module of nobody", `{"format_version": "1.0", "values": {"root_module": {"child_modules": [{"address": "x"}]}}}`,
			"plan.json:1:72: a child module needs an `address` within that of its parent, not `x`"},
		{"a local value", table(`"local.table"`), afterApply + "it depends on local.table" + hint},
		{"a variable of the root", table(`"var.table"`), afterApply + "it depends on var.table" + hint},
		{"a data source", table(`"data.aws_dynamodb_table.t.name", "data.aws_dynamodb_table.t"`), afterApply + "it depends on data.aws_dynamodb_table.t.name" + hint},
		{"a resource that is not there", table(`"aws_dynamodb_table.t.name", "aws_dynamodb_table.t"`), afterApply + "there is no aws_dynamodb_table.t.name" + hint},
		{"a module that is not there", table(`"module.m.name", "module.m"`), afterApply + "there is no module.m" + hint},
		{"two references", table(`"aws_appsync_graphql_api.a.id", "aws_appsync_graphql_api.a", "aws_appsync_datasource.d.name", "aws_appsync_datasource.d"`), afterApply + "it refers to 2 resources" + hint},
		{"a template that is not known", plan(source+`, {"address": "aws_appsync_resolver.r", "type": "aws_appsync_resolver", "name": "r", "values": {"type": "Query", "field": "a", "kind": "UNIT", "data_source": "d"}}`,
			sourceConfig+`, {"type": "aws_appsync_resolver", "name": "r", "expressions": {`+apiReference+`, "request_template": {"references": ["aws_dynamodb_table.t.name", "aws_dynamodb_table.t"]}}}`),
			"plan.json:5:130: resource aws_appsync_resolver.r: `request_template` is known after apply only: its value is not one of a resource alone" + hint},
		{"a wrong expiry", plan(`{"address": "aws_appsync_api_key.k", "type": "aws_appsync_api_key", "name": "k", "values": {"expires": "soon"}}`,
			`{"type": "aws_appsync_api_key", "name": "k", "expressions": {`+apiReference+`}}`),
			"plan.json:5:104: resource aws_appsync_api_key.k: `expires` must be a time such as 2030-01-31T00:00:00Z, not `soon`"},
		{"a data source that is not there", plan(`{"address": "aws_appsync_resolver.r", "type": "aws_appsync_resolver", "name": "r", "values": {"type": "Query", "field": "a", "data_source": "x", "request_template": "{}"}}`,
			`{"type": "aws_appsync_resolver", "name": "r", "expressions": {`+apiReference+`}}`),
			"plan.json:5:141: resource aws_appsync_resolver.r: there is no data source `x`"},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			_, problems := load(tt.text)
			if len(problems) == 0 {
				t.Fatal("no mistake")
			}
			if got := problems[0].Error(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Variables that lead to each other come to an end.
func TestCirclesEnd(t *testing.T) {
	_, problems := load(`{"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"address": "module.m", "resources": [
{"address": "module.m.aws_appsync_graphql_api.a", "type": "aws_appsync_graphql_api", "name": "a", "values": {"authentication_type": "AWS_IAM"}}]}]}},
"configuration": {"root_module": {"module_calls": {"m": {"expressions": {"v": {"references": ["module.m.o", "module.m"]}},
"module": {"outputs": {"o": {"expression": {"references": ["var.v"]}}}, "resources": [
{"type": "aws_appsync_graphql_api", "name": "a", "expressions": {"name": {"references": ["var.v"]},
"user_pool_config": [{"user_pool_id": {"references": ["var.v"]}}]}}]}}}}}}`)
	if len(problems) == 0 {
		t.Error("no mistake")
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(read(f, "plan.json"))
	f.Add(read(f, "state.json"))
	f.Add(plan(source, sourceConfig))
	f.Add(`{"format_version": "1.0", "values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "name": "b", "index": "x"}]}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		api, problems := load(text)
		if len(problems) == 0 && len(api.Resolvers) > 0 && api.Name == "" {
			t.Error("an API without a name has no mistake")
		}
	})
}
