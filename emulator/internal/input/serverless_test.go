package input_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/input"
	"appsync-emulator/emulator/internal/project"
)

// described is what a serverless.yml and the template packaged of it have in common.
type described struct {
	Sources   []project.DataSource
	Steps     map[string]step
	Tables    []project.Table
	Keys      []string
	Cache     project.APICache
	Env       map[string]string
	Auth      []string
	Lambdas   map[string]int
	Resolvers int
	Limit     int
}

// step is a function or a resolver. The texts of JavaScript differ: the plugin
// bundles it, and writes a pipeline's own when it has none.
type step struct {
	Kind, DataSource, Request, Response, Sync string
	Functions                                 []string
	Caching                                   *project.Caching
	Code                                      bool
}

func describe(api *project.API) described {
	out := described{Steps: map[string]step{}, Env: api.Environment, Lambdas: map[string]int{}, Resolvers: len(api.Resolvers), Limit: api.QueryDepthLimit}
	for _, d := range api.DataSources {
		clean := *d
		clean.Pos, clean.Region = project.Position{}, "" // the plugin says the stack's
		// The template has the function's ARN, the project its name.
		parts := strings.Split(clean.Lambda.Name(), ":")
		clean.Lambda = project.Lambda{FunctionName: parts[len(parts)-1]}
		out.Sources = append(out.Sources, clean)
	}
	of := func(f *project.Function) step {
		s := step{DataSource: f.DataSource, Code: f.Code != nil}
		if f.Request != nil {
			s.Request = f.Request.Text
		}
		if f.Response != nil {
			s.Response = f.Response.Text
		}
		if f.Sync != nil {
			s.Sync = f.Sync.ConflictDetection + " " + f.Sync.ConflictHandler
		}
		return s
	}
	for _, f := range api.Functions {
		out.Steps[f.Name] = of(f)
	}
	for _, r := range api.Resolvers {
		s := of(&r.Unit)
		s.Kind, s.Caching = r.Kind, r.Caching
		s.Code = s.Code && r.Kind == project.KindUnit
		for _, f := range r.Functions {
			s.Functions = append(s.Functions, f.Name)
		}
		out.Steps[r.Type+"."+r.Field] = s
	}
	for _, t := range api.Tables {
		clean := *t
		clean.Pos = project.Position{}
		out.Tables = append(out.Tables, clean)
	}
	for _, k := range api.APIKeys {
		out.Keys = append(out.Keys, k.Description)
	}
	for _, a := range append([]project.AuthProvider{api.Auth}, api.AdditionalAuth...) {
		out.Auth = append(out.Auth, a.Type+" "+a.UserPoolID+" "+a.Region)
	}
	for _, f := range api.LambdaFunctions {
		out.Lambdas[f.Name] = f.TimeoutSeconds
	}
	if api.Cache != nil {
		out.Cache = *api.Cache
		out.Cache.Pos = project.Position{}
	}
	return out
}

// The packaged template is what serverless 3.40.0 and serverless-appsync-plugin 2.13.0
// made of the project: loading either gives the same API.
func TestServerlessIsWhatItIsPackagedTo(t *testing.T) {
	load := func(path string) described {
		api, problems := input.Load(path, options())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return describe(api)
	}
	written := load(filepath.Join("..", "serverless", "testdata", "notes", "serverless.yml"))
	packaged := load(filepath.Join("..", "serverless", "testdata", "notes", "packaged-template.json"))
	if diff := cmp.Diff(packaged, written); diff != "" {
		t.Errorf("(-packaged +written)\n%s", diff)
	}
}

func TestServerlessIsFound(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := func() string {
		t.Helper()
		f, err := input.Find(dir)
		if err != nil {
			return err.Error()
		}
		name, err := filepath.Rel(dir, f.File)
		if err != nil {
			t.Fatal(err)
		}
		return f.Kind + " " + filepath.ToSlash(name)
	}
	expect := func(want string) {
		t.Helper()
		if got := found(); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	}
	write("main.tf", "")
	if got := found(); !strings.Contains(got, "has no plan: `terraform plan -out plan`") {
		t.Errorf("Terraform's sources: %s", got)
	}
	write("plan.json", `{"format_version": "1.2", "planned_values": {"root_module": {}}}`)
	expect("a Terraform plan or state plan.json")
	write("serverless.ts", "export default {}")
	expect("a Serverless Framework project serverless.ts")
	write(".serverless/cloudformation-template-update-stack.json", `{"Resources": {"A": {"Type": "AWS::AppSync::GraphQLApi"}}}`)
	expect("a CloudFormation template .serverless/cloudformation-template-update-stack.json")
	write("serverless.json", `{"custom": {"appSync": {}}}`)
	expect("a Serverless Framework project serverless.json")
	write("serverless.yml", "plugins: [serverless-appsync-plugin]\ncustom: ${file(custom.yml)}\n")
	expect("a Serverless Framework project serverless.yml")
	write("appsync.yml", "name: x")
	expect(" appsync.yml")
}

func TestTerraformFiles(t *testing.T) {
	for _, name := range []string{"plan.json", "state.json"} {
		api, problems := input.Load(filepath.Join("..", "terraform", "testdata", name), options())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if api.Kind != "a Terraform plan or state" || api.Name != "shop" || len(api.Resolvers) != 5 || len(api.Tables) != 2 {
			t.Errorf("%s: %s %s with %d resolvers and %d tables", name, api.Kind, api.Name, len(api.Resolvers), len(api.Tables))
		}
	}
	file := filepath.Join(t.TempDir(), "terraform.tfstate")
	if err := os.WriteFile(file, []byte(`{"version": 4, "terraform_version": "1.9.8", "lineage": "x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problems := input.Load(file, options()); len(problems) == 0 || !strings.Contains(problems[0].Error(), "this is Terraform's own state file") {
		t.Errorf("%v", problems)
	}
}
