package input_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/input"
)

type files map[string]string

// tree writes files below a new folder.
func tree(t testing.TB, f files) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	const (
		template   = "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  A:\n    Type: AWS::AppSync::GraphQLApi\n"
		section    = "service: x\nappSync:\n  name: x\n"
		kindCDK    = "a CDK cloud assembly"
		kindCFN    = "a CloudFormation template"
		kindSLS    = "a Serverless Framework project"
		kindGen1   = "an Amplify Gen 1 project"
		kindGen2   = "an Amplify Gen 2 sandbox"
		notCompile = "`amplify api gql-compile` makes"
	)
	assembly := files{"cdk.out/manifest.json": `{"artifacts": {}}`, "cdk.out/cdk.out": "{}"}
	gen1 := files{"amplify/backend/api/pos/build/cloudformation-template.json": "{}"}
	gen1Whole := files{
		"amplify/backend/api/pos/build/cloudformation-template.json": `{"Resources": {"Api": {"Type": "AWS::AppSync::GraphQLApi"}}}`,
		"amplify/backend/api/pos/build/parameters.json":              "{}",
	}
	tests := []struct {
		name  string
		files files
		path  string // below the folder
		kind  string
		want  string // file, or a part of the error when kind is "error"
	}{
		{"appsync.yml goes before all", files{"appsync.yml": "", "serverless.yml": section, "template.yml": template}, "", "", "appsync.yml"},
		{"serverless.yml goes before a template", files{"serverless.yml": section, "template.yml": template}, "", kindSLS, "serverless.yml"},
		{"serverless.yml without the section", files{"serverless.yml": "service: x\n", "template.yml": template}, "", kindCFN, "template.yml"},
		{"a template goes before an assembly", files{"template.yaml": template, "cdk.out/manifest.json": `{"artifacts": {}}`}, "", kindCFN, "template.yaml"},
		{"a template that has no AppSync", files{"template.yaml": "Resources:\n  A: {Type: 'AWS::S3::Bucket'}\n"}, "", "error", "no project in"},
		{"a template in JSON", files{"t.json": `{"Resources":{"A":{"Type":"AWS::AppSync::GraphQLApi"}}}`}, "t.json", kindCFN, "t.json"},
		{"a SAM template that was built", files{".aws-sam/build/template.yaml": "Resources:\n  A: {Type: 'AWS::Serverless::GraphQLApi'}\n"}, "", kindCFN, ".aws-sam/build/template.yaml"},
		{"a packaged Serverless template", files{".serverless/cloudformation-template-update-stack.json": `{"Resources":{"A":{"Type":"AWS::AppSync::GraphQLApi"}}}`}, "", kindCFN, ".serverless/cloudformation-template-update-stack.json"},
		{"a file of any name", files{"api.txt": template}, "api.txt", kindCFN, "api.txt"},
		{"a project file of any name", files{"notes.yml": "name: x\n"}, "notes.yml", "", "notes.yml"},
		{"a serverless.yml by name", files{"serverless.prod.yml": section}, "serverless.prod.yml", kindSLS, "serverless.prod.yml"},
		{"an app of CDK", assembly, "", kindCDK, "cdk.out/manifest.json"},
		{"an assembly", assembly, "cdk.out", kindCDK, "cdk.out/manifest.json"},
		{"its manifest", assembly, "cdk.out/manifest.json", kindCDK, "cdk.out/manifest.json"},
		{"its mark", assembly, "cdk.out/cdk.out", kindCDK, "cdk.out/cdk.out"},
		{"the manifest of a web app", files{"manifest.json": `{"short_name": "x"}`}, "", "error", "no project in"},
		{"Amplify Gen 2", files{".amplify/artifacts/cdk.out/manifest.json": `{}`, "amplify/backend.ts": ""}, "", kindGen2, ".amplify/artifacts/cdk.out/manifest.json"},
		{"its folder amplify", files{".amplify/artifacts/cdk.out/manifest.json": `{}`, "amplify/backend.ts": ""}, "amplify", kindGen2, ".amplify/artifacts/cdk.out/manifest.json"},
		{"its folder .amplify", files{".amplify/artifacts/cdk.out/manifest.json": `{}`}, ".amplify", kindGen2, ".amplify/artifacts/cdk.out/manifest.json"},
		{"Gen 2 that was not synthesized", files{"amplify/backend.ts": ""}, "", "error", "`npx ampx sandbox` writes"},
		{"Amplify Gen 1", gen1, "", kindGen1, "amplify/backend/api/pos/build/cloudformation-template.json"},
		{"its API", gen1, "amplify/backend/api/pos", kindGen1, "amplify/backend/api/pos/build/cloudformation-template.json"},
		{"its build", gen1Whole, "amplify/backend/api/pos/build", kindGen1, "amplify/backend/api/pos/build/cloudformation-template.json"},
		{"its template", gen1Whole, "amplify/backend/api/pos/build/cloudformation-template.json", kindGen1, "amplify/backend/api/pos/build/cloudformation-template.json"},
		{"Gen 1 that was not compiled", files{"amplify/backend/api/pos/transform.conf.json": "{}", "amplify/backend/api/pos/schema.graphql": ""}, "", "error", notCompile},
		{"nothing", files{"readme.txt": ""}, "", "error", "neither an appsync.yml nor a serverless.yml with an appSync section, a CloudFormation or SAM template, a CDK cloud assembly, an Amplify project or a Terraform plan"},
		{"a file of another kind", files{"main.go": "package main"}, "main.go", "error", "main.go is not a project file"},
		{"what is not there", nil, "gone", "error", "gone does not exist"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, tt.files)
			got, err := input.Find(filepath.Join(dir, filepath.FromSlash(tt.path)))
			if tt.kind == "error" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(dir, filepath.FromSlash(tt.want)); got.Kind != tt.kind || got.File != want {
				t.Errorf("found %q %s, want %q %s", got.Kind, got.File, tt.kind, want)
			}
		})
	}
}
