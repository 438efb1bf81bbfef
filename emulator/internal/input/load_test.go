package input_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/input"
	"appsync-emulator/emulator/internal/project"
)

func options() input.Options {
	return input.Options{Options: project.Options{Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }}}
}

// counts is what a sample's README tells of it.
type counts struct {
	Keys, DataSources, Versioned, Tables, Indexes       int
	Unit, Pipeline, Direct, JS, Functions, Synchronized int
	Templates                                           int // different ones
}

func count(api *project.API) counts {
	c := counts{Keys: len(api.APIKeys), DataSources: len(api.DataSources), Tables: len(api.Tables), Functions: len(api.Functions)}
	for _, d := range api.DataSources {
		if d.Versioned {
			c.Versioned++
		}
	}
	for _, t := range api.Tables {
		c.Indexes += len(t.Indexes)
	}
	templates := map[*project.Template]bool{}
	step := func(f *project.Function) {
		for _, t := range []*project.Template{f.Request, f.Response, f.Code} {
			if t != nil {
				templates[t] = true
			}
		}
		if f.Sync != nil {
			c.Synchronized++
		}
		if f.Code != nil {
			c.JS++
		}
	}
	for _, f := range api.Functions {
		step(f)
	}
	for _, r := range api.Resolvers {
		step(&r.Unit)
		switch {
		case r.Kind == project.KindPipeline:
			c.Pipeline++
		case r.Unit.Request == nil && r.Unit.Response == nil && r.Unit.Code == nil:
			c.Direct++
		default:
			c.Unit++
		}
	}
	for t := range templates {
		if t.Pos.Line == 0 { // a file of its own
			c.Templates++
		}
	}
	return c
}

// The numbers are those of the README beside each sample.
func TestSamples(t *testing.T) {
	tests := []struct {
		path, kind, name string
		want             counts
	}{
		{"cdk-pos-datastore", "a CDK cloud assembly", "PosDataStoreApi",
			counts{Keys: 1, DataSources: 4, Versioned: 3, Tables: 4, Indexes: 1, Pipeline: 30, Functions: 93, Synchronized: 21, Templates: 27}},
		{"amplify-gen1-pos", "an Amplify Gen 1 project", "posapp-NONE",
			counts{Keys: 1, DataSources: 4, Versioned: 3, Tables: 4, Indexes: 1, Pipeline: 30, Functions: 35, Synchronized: 21, Templates: 63}},
		{"cdk-plain", "a CDK cloud assembly", "weather",
			// 7 and 3 UNIT, of which 3 are JavaScript as are 2 functions and 1 pipeline.
			counts{Keys: 1, DataSources: 5, Tables: 2, Indexes: 2, Unit: 10, Direct: 1, Pipeline: 2, JS: 6, Functions: 4, Templates: 3}},
		{"serverless-notes/packaged-template.json", "a CloudFormation template", "notes-dev",
			counts{Keys: 2, DataSources: 3, Versioned: 1, Tables: 2, Unit: 4, Direct: 1, Pipeline: 1, JS: 3, Functions: 2, Synchronized: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			api, problems := input.Load(filepath.Join("testdata", tt.path), options())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if api.Kind != tt.kind || api.Name != tt.name {
				t.Errorf("%s %s, want %s %s", api.Kind, api.Name, tt.kind, tt.name)
			}
			if d := cmp.Diff(tt.want, count(api)); d != "" {
				t.Error(d)
			}
		})
	}
}

// The CDK construct and Gen 1 make the same API of one schema.
func TestPointOfSaleIsTheSameEitherWay(t *testing.T) {
	describe := func(path string) []string {
		api, problems := input.Load(filepath.Join("testdata", path), options())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var out []string
		for _, d := range api.DataSources {
			if d.Versioned {
				table := api.Table(d.TableName)
				name := strings.Replace(d.TableName, api.ID, "ID", 1)
				delta := strings.Replace(d.DeltaSync.TableName, api.ID, "ID", 1)
				out = append(out, fmt.Sprint(d.Name, name, delta, d.DeltaSync.BaseTableTTL, d.DeltaSync.DeltaTableTTL, table.PartitionKey, table.TTLAttribute, table.Indexes))
			}
		}
		for _, r := range api.Resolvers {
			sources := ""
			for _, ref := range r.Functions {
				f := api.Function(ref.Name)
				sources += " " + f.DataSource
				if f.Sync != nil {
					sources += " " + f.Sync.ConflictDetection + " " + f.Sync.ConflictHandler
				}
			}
			out = append(out, r.Type+"."+r.Field+sources)
		}
		return out
	}
	if d := cmp.Diff(describe("cdk-pos-datastore"), describe("amplify-gen1-pos")); d != "" {
		t.Error(d)
	}
}

const minimal = `AWSTemplateFormatVersion: "2010-09-09"
Parameters: {Name: {Type: String, Default: notes}}
Resources:
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: !Ref Name, AuthenticationType: API_KEY}}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, DefinitionS3Location: "s3://b/k/schema.graphql"}}
`

const second = `  Second: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: second, AuthenticationType: API_KEY}}
  SecondSchema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Second.ApiId, Definition: "type Query { b: Int }"}}
`

func problemsOf(path string, set func(*input.Options)) (*project.API, []string) {
	opt := options()
	if set != nil {
		set(&opt)
	}
	api, problems := input.Load(path, opt)
	var out []string
	for _, p := range problems {
		out = append(out, p.Error())
	}
	return api, out
}

func TestChoosingAnAPI(t *testing.T) {
	dir := tree(t, files{"template.yml": minimal + second, "schema.graphql": "type Query { a: Int }"})
	tests := []struct{ choose, name, problem string }{
		{"", "", "template.yml: the project has several APIs: notes, second (--api NAME chooses one)"},
		{"notes", "notes", ""},
		{"second", "second", ""},
		{"Second", "second", ""}, // its logical id
		{"secnd", "", "template.yml: the project has no API secnd: it has notes, second (did you mean `second`?)"},
	}
	for _, tt := range tests {
		t.Run(tt.choose, func(t *testing.T) {
			api, problems := problemsOf(dir, func(o *input.Options) { o.API = tt.choose })
			if got := strings.Join(problems, "\n"); got != tt.problem || api.Name != tt.name {
				t.Errorf("%q %q, want %q %q", api.Name, got, tt.name, tt.problem)
			}
		})
	}
}

func TestChoosingAmongStages(t *testing.T) {
	stack := `{"Resources": {"Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "notes", "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Definition": "type Query { a: Int }"}}}}`
	dir := tree(t, files{
		"cdk.out/cdk.out": "{}", "cdk.out/t.json": stack,
		"cdk.out/manifest.json": `{"artifacts": {"Dev": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}},
  "Prod": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}}}`,
	})
	_, problems := problemsOf(dir, nil)
	if want := "manifest.json: the project has several APIs: Dev/notes, Prod/notes (--api NAME chooses one)"; len(problems) != 1 || problems[0] != want {
		t.Errorf("%q, want %q", problems, want)
	}
	api, problems := problemsOf(dir, func(o *input.Options) { o.API = "Prod/notes" })
	if len(problems) > 0 || api.Name != "notes" || len(api.Schema) != 1 {
		t.Error(api.Name, problems)
	}
}

func TestAmplifyProjectWithSeveralAPIs(t *testing.T) {
	template := func(name string) string {
		return `{"Resources": {"Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "` + name + `", "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Definition": "type Query { a: Int }"}}}}`
	}
	dir := tree(t, files{
		"amplify/backend/api/one/build/cloudformation-template.json": template("one-dev"),
		"amplify/backend/api/two/build/cloudformation-template.json": template("two-dev"),
	})
	_, problems := problemsOf(dir, nil)
	if len(problems) != 1 || !strings.HasSuffix(problems[0], "the project has several APIs: one, two (--api NAME chooses one)") {
		t.Error(problems)
	}
	api, problems := problemsOf(dir, func(o *input.Options) { o.API = "two" })
	if len(problems) > 0 || api.Name != "two-dev" {
		t.Error(api.Name, problems)
	}
}

func TestParametersAndAssets(t *testing.T) {
	dir := tree(t, files{
		"app/template.yml":    minimal,
		"dist/schema.graphql": "type Query { a: Int }",
		"aws.json":            `[{"ParameterKey": "Name", "ParameterValue": "aws"}]`,
		"plain.yml":           "Name: plain\n",
		"nested.json":         `{"Parameters": {"Name": "nested"}}`,
		"wrong.json":          `{"Name": [1]}`,
		"broken.json":         `{"Name": `,
		"unknown.json":        `{"Nam": "x"}`,
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	assets := at("dist")
	tests := []struct {
		name    string
		set     func(*input.Options)
		api     string
		problem string
	}{
		{"without its assets", nil, "notes", "template.yml:5:110: resource Schema: `DefinitionS3Location` s3://b/k/schema.graphql is not among the project's files (--assets DIR names the folder that has it)"},
		{"its assets elsewhere", func(o *input.Options) { o.Assets = assets }, "notes", ""},
		{"assets that are not there", func(o *input.Options) { o.Assets = at("gone") }, "", "template.yml: --assets: the folder " + at("gone") + " does not exist"},
		{"a value", func(o *input.Options) { o.Assets, o.Parameters = assets, map[string]string{"Name": "given"} }, "given", ""},
		{"the AWS CLI's file", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("aws.json") }, "aws", ""},
		{"a map", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("plain.yml") }, "plain", ""},
		{"CodePipeline's file", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("nested.json") }, "nested", ""},
		{"a value before the file's", func(o *input.Options) {
			o.Assets, o.ParametersFile, o.Parameters = assets, at("aws.json"), map[string]string{"Name": "given"}
		}, "given", ""},
		{"a value that is a list", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("wrong.json") }, "notes",
			at("wrong.json") + ":1:10: parameter Name must be a text, not a list"},
		{"a file that ends early", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("broken.json") }, "notes",
			at("broken.json") + ":1:10: JSON syntax: the file ends where a value should be"},
		{"a file that is not there", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("gone.json") }, "notes",
			at("gone.json") + ": the file of --parameters gone.json does not exist (did you mean `wrong.json`?)"},
		{"a parameter that no template has", func(o *input.Options) { o.Assets, o.ParametersFile = assets, at("unknown.json") }, "notes",
			"template.yml: no template has a parameter Nam (did you mean `Name`?)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api, problems := problemsOf(at("app"), tt.set)
			if got := strings.Join(problems, "\n"); filepath.ToSlash(got) != filepath.ToSlash(tt.problem) || api.Name != tt.api {
				t.Errorf("%q %q\nwant %q %q", api.Name, got, tt.api, tt.problem)
			}
		})
	}
}

func TestHostileTemplates(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("Resources:\n  A0: &a0 {Type: 'AWS::AppSync::GraphQLApi'}\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&bomb, "  A%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1)
	}
	deep := `{"Resources": {"A": {"Type": "AWS::AppSync::GraphQLApi", "Properties": ` + strings.Repeat("[", 100_000)
	tests := []struct {
		name, file, text, want string
	}{
		{"JSON that ends early", "template.json", `{"Resources": {"A": {"Type": "AWS::AppSync::GraphQLApi",`, "template.json:1:57: JSON syntax: the file ends where a key in quotes should be"},
		{"aliases that multiply", "template.yml", bomb.String(), "the aliases of this file expand to more than 100000 values"},
		{"JSON that is nested deeply", "template.json", deep, "JSON syntax: nested more than 200 deep"},
		{"YAML that is nested deeply", "template.yml", "Resources:\n  A: {Type: 'AWS::AppSync::GraphQLApi'}\n  B: " + strings.Repeat("[", 50_000), "YAML syntax: nested more than 100 deep"},
		{"a resource twice", "template.json", `{"Resources": {"A": {"Type": "AWS::AppSync::GraphQLApi"}, "A": {"Type": "AWS::S3::Bucket"}}}`, "template.json:1:59: key `A` stands here a second time, first in line 1"},
		{"no API", "template.yml", "Resources:\n  A: {Type: 'AWS::AppSync::ApiKey', Properties: {ApiId: x}}\n", "template.yml: the project has no GraphQL API of AppSync"},
		{"resources that are a list", "template.yml", "Resources: [AWS::AppSync::GraphQLApi]\n", "template.yml:1:12: `Resources` must be a map, not a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := problemsOf(filepath.Join(tree(t, files{tt.file: tt.text}), tt.file), nil)
			if !strings.Contains(strings.Join(problems, "\n"), tt.want) {
				t.Errorf("%q, want %s", problems, tt.want)
			}
		})
	}
}

// A link in the folder may not lead out of it; the template itself may be one.
func TestSymbolicLinks(t *testing.T) {
	dir := tree(t, files{"app/template.yml": minimal, "secret/schema.graphql": "type Query { a: Int }", "secret/template.yml": minimal})
	link := func(from, to string) {
		if err := os.Symlink(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Skip(err)
		}
	}
	link("secret/schema.graphql", "app/schema.graphql")
	_, problems := problemsOf(filepath.Join(dir, "app"), nil)
	if want := "template.yml:5:110: resource Schema: `DefinitionS3Location` schema.graphql leaves the project folder (--allow-outside permits it)"; len(problems) != 1 || problems[0] != want {
		t.Errorf("%q, want %q", problems, want)
	}
	api, problems := problemsOf(filepath.Join(dir, "app"), func(o *input.Options) { o.AllowOutside = true })
	if len(problems) > 0 || len(api.Schema) != 1 {
		t.Error(problems)
	}
	link("secret", "app/assets")
	_, problems = problemsOf(filepath.Join(dir, "app", "assets", "template.yml"), nil)
	if len(problems) > 0 {
		t.Error(problems)
	}
	if err := os.Mkdir(filepath.Join(dir, "linked"), 0o755); err != nil {
		t.Fatal(err)
	}
	link("secret/template.yml", "linked/template.yml")
	_, problems = problemsOf(filepath.Join(dir, "linked"), func(o *input.Options) { o.Assets = filepath.Join(dir, "secret") })
	if len(problems) > 0 {
		t.Error(problems)
	}
}

// An input is known by the files that it was read from, to be read again when one
// of them changes.
func TestLoadedFiles(t *testing.T) {
	api, problems := input.Load("testdata/cdk-pos-datastore", options())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var names []string
	for _, f := range api.LoadedFiles() {
		if !filepath.IsAbs(f) {
			t.Errorf("%s is not absolute", f)
		}
		if name := filepath.Base(f); !strings.HasPrefix(name, "asset.") {
			names = append(names, name)
		}
	}
	want := []string{"PosDataStore.assets.json", "PosDataStore.template.json", "PosDataStoreApiConnectionStack1118D228.nested.template.json",
		"PosDataStoreApiLineItemCCFD5500.nested.template.json", "PosDataStoreApiOrderADDE67DD.nested.template.json",
		"PosDataStoreApiProductFA399664.nested.template.json", "manifest.json"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
}
