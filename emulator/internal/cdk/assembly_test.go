package cdk_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/cdk"
	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

type files map[string]string

// add makes an app of an assembly and returns the mistakes of both.
func add(f files, opt cloudformation.Options) (*cloudformation.App, []string) {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	app := cloudformation.NewApp(opt)
	problems := cdk.AddStacks(app, project.NewFolder(fsys))
	for _, api := range app.APIs() {
		app.Load(api)
	}
	return app, lines(append(problems, app.Problems()...))
}

func lines(ps project.Problems) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Error())
	}
	return out
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// api is a template with an API whose schema is an asset.
func api(name, key string) string {
	return fmt.Sprintf(`{"Parameters": {"Stage": {"Type": "String"}}, "Resources": {
  "Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": {"Fn::Sub": "%s-${Stage}-${AWS::Region}-${AWS::StackName}"}, "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]},
    "DefinitionS3Location": {"Fn::Sub": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/%s"}}}}}`, name, key)
}

func assets(path, key string) string {
	return fmt.Sprintf(`{"version": "99.0.0", "files": {"h": {"source": {"path": %q, "packaging": "file"},
  "destinations": {"current_account-current_region-1": {"bucketName": "cdk", "objectKey": %q}}},
  "gone": {"source": {"path": "asset.gone", "packaging": "zip"}, "destinations": {"x": {"objectKey": "gone.zip"}}},
  "made": {"source": {"executable": ["make"]}, "destinations": {"x": {"objectKey": "made.zip"}}}}, "dockerImages": {}}`, path, key)
}

// Several stacks, a stage, an environment, parameters, and types of artifacts that
// nobody knows, as in
// https://github.com/aws/aws-cdk/blob/main/packages/@aws-cdk/cloud-assembly-schema/schema/cloud-assembly.schema.json.
func TestStacksAndStages(t *testing.T) {
	f := files{
		"manifest.json": `{"version": "999.0.0", "artifacts": {
  "One.assets": {"type": "cdk:asset-manifest", "properties": {"file": "One.assets.json"}},
  "One": {"type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-1", "properties": {"templateFile": "One.template.json", "parameters": {"Stage": "dev"}}},
  "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod", "displayName": "Prod"}},
  "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
  "Flags": {"type": "cdk:something-new"}}}`,
		"One.template.json": api("one", "s.graphql"),
		"One.assets.json":   assets("asset.s.graphql", "s.graphql"),
		"asset.s.graphql":   "type Query { a: Int }",
		"assembly-Prod/manifest.json": `{"version": "999.0.0", "artifacts": {
  "ProdTwo.assets": {"type": "cdk:asset-manifest", "properties": {"file": "ProdTwo.assets.json"}},
  "ProdTwo": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "ProdTwo.template.json", "stackName": "Prod-Two"}}}}`,
		"assembly-Prod/ProdTwo.template.json": api("two", "prefix/t.graphql"),
		"assembly-Prod/ProdTwo.assets.json":   assets("../asset.t.graphql", "prefix/t.graphql"),
		"asset.t.graphql":                     "type Query { b: Int }",
	}
	app, problems := add(f, cloudformation.Options{Parameters: map[string]string{}})
	equal(t, "problems", problems, []string(nil))
	var names []string
	for _, api := range app.APIs() {
		names = append(names, api.Name)
	}
	equal(t, "APIs", names, []string{"one-dev-eu-west-1-One", "two-Stage-us-east-1-Prod-Two"})
}

// The stages of a pipeline have the same API each, and tables of the same names.
func TestStagesWithTheSameAPI(t *testing.T) {
	stage := func(sort string) string {
		return `{"Resources": {
  "Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "notes", "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Definition": "type Query { a: Int }"}},
  "Source": {"Type": "AWS::AppSync::DataSource", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Name": "ds", "Type": "AMAZON_DYNAMODB", "DynamoDBConfig": {"TableName": {"Ref": "Table"}}}},
  "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "notes", "AttributeDefinitions": [{"AttributeName": "` + sort + `", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "` + sort + `", "KeyType": "HASH"}]}}}}`
	}
	f := files{
		"manifest.json": `{"artifacts": {"assembly-Dev": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Dev"}},
  "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}}}`,
		"assembly-Dev/manifest.json":  `{"artifacts": {"Dev": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}}}`,
		"assembly-Dev/t.json":         stage("dev"),
		"assembly-Prod/manifest.json": `{"artifacts": {"Prod": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}}}`,
		"assembly-Prod/t.json":        stage("prod"),
	}
	app, problems := add(f, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	apis := app.APIs()
	equal(t, "stacks", []string{apis[0].Stack, apis[1].Stack}, []string{"Dev", "Prod"})
	prod := app.Load(apis[1])
	equal(t, "data sources", len(prod.DataSources), 1)
	equal(t, "tables", len(prod.Tables), 1)
	equal(t, "key", prod.Tables[0].PartitionKey.Name, "prod")
	if dev := app.Load(apis[0]); dev.ID == prod.ID || dev.Tables[0].PartitionKey.Name != "dev" {
		t.Errorf("%s %+v, %s", dev.ID, dev.Tables[0], prod.ID)
	}
}

// Assets of CDK 1 are parameters of the stack.
//
// See: https://github.com/aws/aws-cdk/blob/v1-main/packages/@aws-cdk/core/lib/stack-synthesizers/legacy.ts
func TestLegacyAssets(t *testing.T) {
	f := files{
		"manifest.json": `{"version": "8.0.0", "artifacts": {"One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "One.template.json"},
  "metadata": {"/One": [{"type": "aws:cdk:asset", "data": {"path": "asset.abc.graphql", "id": "abc", "packaging": "file",
    "s3BucketParameter": "AssetParametersabcS3Bucket1", "s3KeyParameter": "AssetParametersabcS3VersionKey2", "artifactHashParameter": "AssetParametersabcArtifactHash3"}}]}}}}`,
		"One.template.json": `{"Parameters": {"AssetParametersabcS3Bucket1": {"Type": "String"}, "AssetParametersabcS3VersionKey2": {"Type": "String"}}, "Resources": {
  "Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "one", "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]},
    "DefinitionS3Location": {"Fn::Join": ["", ["s3://", {"Ref": "AssetParametersabcS3Bucket1"}, "/",
      {"Fn::Select": [0, {"Fn::Split": ["||", {"Ref": "AssetParametersabcS3VersionKey2"}]}]},
      {"Fn::Select": [1, {"Fn::Split": ["||", {"Ref": "AssetParametersabcS3VersionKey2"}]}]}]]}}}}}`,
		"asset.abc.graphql": "type Query { a: Int }",
	}
	_, problems := add(f, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
}

func TestMistakes(t *testing.T) {
	stack := func(properties string) string {
		return `{"artifacts": {"One": {"type": "aws:cloudformation:stack", "properties": ` + properties + `}}}`
	}
	tests := []struct {
		name  string
		files files
		want  string
	}{
		{"no manifest", files{}, "manifest.json: the manifest of the cloud assembly, manifest.json does not exist"},
		{"a manifest that ends early", files{"manifest.json": `{"artifacts": {"One"`}, "manifest.json:1:21: JSON syntax: the file ends where a colon should be"},
		{"a manifest that is a list", files{"manifest.json": `[]`}, "manifest.json:1:1: the manifest must be a map, not a list"},
		{"no artifacts", files{"manifest.json": `{"version": "1"}`}, "manifest.json:1:1: the manifest has no `artifacts`"},
		{"an artifact that is a text", files{"manifest.json": `{"artifacts": {"One": "x"}}`}, "manifest.json:1:23: artifact One must be a map, not a string"},
		{"a stack without a template", files{"manifest.json": stack(`{}`)}, "manifest.json:1:16: artifact One needs `templateFile` among its properties"},
		{"a missing template", files{"manifest.json": stack(`{"templateFile": "x.json"}`)},
			"manifest.json:1:91: the template of stack One, x.json does not exist"},
		{"a template elsewhere", files{"manifest.json": stack(`{"templateFile": "../x.json"}`)},
			"manifest.json:1:91: the template of stack One, ../x.json leaves the project folder (--allow-outside permits it)"},
		{"an asset elsewhere", files{
			"manifest.json": `{"artifacts": {"A": {"type": "cdk:asset-manifest", "properties": {"file": "a.json"}}, "One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}}}`,
			"a.json":        assets("../s.graphql", "s.graphql"), "t.json": api("one", "s.graphql")},
			"t.json:4:29: resource Schema: `DefinitionS3Location` ../s.graphql leaves the project folder (--allow-outside permits it)"},
		{"a missing asset", files{
			"manifest.json": `{"artifacts": {"A": {"type": "cdk:asset-manifest", "properties": {"file": "a.json"}}, "One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}}}`,
			"a.json":        assets("s.graphql", "s.graphql"), "t.json": api("one", "s.graphql")},
			"t.json:4:29: resource Schema: `DefinitionS3Location` s.graphql does not exist"},
		{"an asset that no manifest has", files{"manifest.json": stack(`{"templateFile": "t.json"}`), "t.json": api("one", "s.graphql")},
			"t.json:4:29: resource Schema: `DefinitionS3Location` s3://cdk-hnb659fds-assets-123456789012-us-east-1/s.graphql is not among the project's files (--assets DIR names the folder that has it)"},
		{"an assembly in itself", files{"manifest.json": `{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}`},
			"manifest.json:1:16: there are more than 10 cloud assemblies, one in the other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := add(tt.files, cloudformation.Options{})
			if len(problems) == 0 || problems[0] != tt.want {
				t.Errorf("got %s\nwant %s", strings.Join(problems, "\n"), tt.want)
			}
		})
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(`{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}`, assets("s", "s"))
	f.Add(`{"artifacts": {"One": {"type": "aws:cloudformation:stack", "metadata": {"/": [{"type": "aws:cdk:asset", "data": {"path": "a"}}]}, "properties": {"templateFile": "manifest.json"}}}}`, "{}")
	f.Add(`{"artifacts": {"A": {"type": "cdk:asset-manifest", "properties": {"file": "a.json"}}}}`, `{"files": {"a": {"source": 1, "destinations": []}}}`)
	f.Fuzz(func(_ *testing.T, manifest, asset string) {
		add(files{"manifest.json": manifest, "a.json": asset}, cloudformation.Options{})
	})
}
