package amplify_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/amplify"
	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// tree writes empty files below a new folder.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The layout is that of aws-amplify/amplify-cli,
// packages/amplify-cli-core/src/state-manager/pathManager.ts.
func TestAPIsAreFound(t *testing.T) {
	const template = "/build/cloudformation-template.json"
	const source = "/transform.conf.json"
	both := []string{"amplify/backend/api/pos" + template, "amplify/backend/api/pos/schema.graphql", "amplify/backend/function/f/src/index.js"}
	type api struct {
		Name     string
		Compiled bool
		Deployed bool
	}
	tests := []struct {
		name  string
		files []string
		at    string
		want  []api
	}{
		{"a project", both, "", []api{{"pos", true, false}}},
		{"its folder", both, "amplify", []api{{"pos", true, false}}},
		{"backend", both, "amplify/backend", []api{{"pos", true, false}}},
		{"the folder of APIs", both, "amplify/backend/api", []api{{"pos", true, false}}},
		{"an API", both, "amplify/backend/api/pos", []api{{"pos", true, false}}},
		{"what was compiled", both, "amplify/backend/api/pos/build", []api{{"pos", true, false}}},
		{"not compiled", []string{"amplify/backend/api/pos" + source, "amplify/backend/api/pos/schema.graphql"}, "", []api{{"pos", false, false}}},
		{"a schema of several files", []string{"amplify/backend/api/pos" + source, "amplify/backend/api/pos/schema/a.graphql"}, "", []api{{"pos", false, false}}},
		{"a REST API is none", []string{"amplify/backend/api/rest/cli-inputs.json", "amplify/backend/api/rest/build/other.json"}, "", nil},
		{"two APIs", []string{"amplify/backend/api/a" + template, "amplify/backend/api/b" + template}, "", []api{{"a", true, false}, {"b", true, false}}},
		{"only what is deployed", []string{"amplify/#current-cloud-backend/api/pos" + template}, "", []api{{"pos", true, true}}},
		{"what is deployed for want of a build", []string{"amplify/backend/api/pos" + source, "amplify/backend/api/pos/schema.graphql",
			"amplify/#current-cloud-backend/api/pos" + template}, "", []api{{"pos", true, true}}},
		{"a folder of something else", []string{"src/build/main.js"}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, tt.files...)
			var got []api
			for _, a := range amplify.APIs(filepath.Join(dir, filepath.FromSlash(tt.at))) {
				got = append(got, api{a.Name, a.Template != "", a.Deployed})
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSandboxIsFound(t *testing.T) {
	dir := tree(t, ".amplify/artifacts/cdk.out/manifest.json", "amplify/backend.ts")
	if got, want := amplify.Sandbox(dir), filepath.Join(dir, ".amplify", "artifacts", "cdk.out"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !amplify.IsGen2(dir) || !amplify.IsGen2(filepath.Join(dir, "amplify")) || amplify.IsGen2(tree(t, "amplify/backend/api/x")) {
		t.Error("Gen 2 is not told from Gen 1")
	}
}

const rootTemplate = `{"Parameters": {"env": {"Type": "String", "Default": "NONE"}, "AppSyncApiName": {"Type": "String", "Default": "AppSyncSimpleTransform"},
    "S3DeploymentBucket": {"Type": "String"}, "S3DeploymentRootKey": {"Type": "String"}, "AuthCognitoUserPoolId": {"Type": "String", "Default": "NONE"},
    "authRoleName": {"Type": "String"}, "Encrypted": {"Type": "String", "Default": "true"}},
  "Conditions": {"Encrypt": {"Fn::Equals": [{"Ref": "Encrypted"}, "true"]}},
  "Resources": {
    "Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": {"Fn::Join": ["", [{"Ref": "AppSyncApiName"}, "-", {"Ref": "env"}, {"Fn::If": ["Encrypt", "-encrypted", ""]}]]},
      "AuthenticationType": "AMAZON_COGNITO_USER_POOLS", "UserPoolConfig": {"UserPoolId": {"Ref": "AuthCognitoUserPoolId"}}, "OwnerContact": {"Ref": "authRoleName"}}},
    "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]},
      "DefinitionS3Location": {"Fn::Sub": ["s3://${S3DeploymentBucket}/${S3DeploymentRootKey}/schema.graphql", {"S3DeploymentBucket": {"Ref": "S3DeploymentBucket"}, "S3DeploymentRootKey": {"Ref": "S3DeploymentRootKey"}}]}}},
    "Order": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Bucket": {"Ref": "S3DeploymentBucket"}, "Key": {"Ref": "S3DeploymentRootKey"}},
      "TemplateURL": {"Fn::Join": ["/", ["https://s3.amazonaws.com", {"Ref": "S3DeploymentBucket"}, {"Ref": "S3DeploymentRootKey"}, "stacks", "Order.json"]]}}}}}`

const orderTemplate = `{"Parameters": {"ApiId": {"Type": "String"}, "Bucket": {"Type": "String"}, "Key": {"Type": "String"}}, "Resources": {
    "None": {"Type": "AWS::AppSync::DataSource", "Properties": {"ApiId": {"Ref": "ApiId"}, "Name": "none", "Type": "NONE"}},
    "Resolver": {"Type": "AWS::AppSync::Resolver", "Properties": {"ApiId": {"Ref": "ApiId"}, "TypeName": "Query", "FieldName": "a", "DataSourceName": "none",
      "RequestMappingTemplateS3Location": {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}, "/", {"Ref": "Key"}, "/resolvers/Query.a.req.vtl"]]}}}}}`

// Parameters come from the build, then from what it was built from, then from what
// the CLI was told; what another category makes is an object.
func TestParametersOfBuild(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"of the build", map[string]string{"build/parameters.json": `{"AppSyncApiName": "pos", "Encrypted": false}`, "parameters.json": `{"AppSyncApiName": "other", "env": "dev"}`}, "pos-dev"},
		{"of the source", map[string]string{"parameters.json": `{"AppSyncApiName": "pos", "AuthCognitoUserPoolId": {"Fn::GetAtt": ["authpos", "Outputs.UserPoolId"]}}`}, "pos-NONE-encrypted"},
		{"of the CLI", map[string]string{"cli-inputs.json": `{"version": 1, "serviceConfiguration": {"apiName": "told", "serviceName": "AppSync"}}`}, "told-NONE-encrypted"},
		{"none", nil, "AppSyncSimpleTransform-NONE-encrypted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{
				"build/cloudformation-template.json":  {Data: []byte(rootTemplate)},
				"build/stacks/Order.json":             {Data: []byte(orderTemplate)},
				"build/schema.graphql":                {Data: []byte("type Query { a: Int }")},
				"build/resolvers/Query.a.req.vtl":     {Data: []byte("{}")},
				"build/stacks/resolvers/decoy.req.vt": {},
			}
			for name, text := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			app := cloudformation.NewApp(cloudformation.Options{})
			problems := amplify.AddStack(app, project.NewFolder(fsys), "pos")
			api := app.Load(app.APIs()[0])
			if problems = append(problems, app.Problems()...); len(problems) > 0 {
				t.Fatal(problems)
			}
			if api.Name != tt.want {
				t.Errorf("name %s, want %s", api.Name, tt.want)
			}
			if got := api.Resolvers[0].Unit.Request.Pos.File; got != "build/resolvers/Query.a.req.vtl" {
				t.Errorf("the template is %s", got)
			}
			if len(api.UserPools) != 1 || len(api.UserPools[0].ID) != len("us-east-1_123456789") {
				t.Errorf("user pools %+v", api.UserPools)
			}
			if len(api.Warnings) > 0 {
				t.Errorf("warnings %v", api.Warnings)
			}
		})
	}
}

func TestMistakesInFilesOfBuild(t *testing.T) {
	fsys := fstest.MapFS{
		"build/cloudformation-template.json": {Data: []byte(`{"Resources": {}}`)},
		"build/parameters.json":              {Data: []byte(`[1]`)},
		"parameters.json":                    {Data: []byte(`{"a": `)},
	}
	problems := amplify.AddStack(cloudformation.NewApp(cloudformation.Options{}), project.NewFolder(fsys), "pos")
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		"build/parameters.json:1:1: parameters.json must be a map, not a list",
		"parameters.json:1:7: JSON syntax: the file ends where a value should be",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
