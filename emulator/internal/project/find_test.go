package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes files below a new folder; a name that ends in / is a folder.
func tree(t *testing.T, others files) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range others {
		path := filepath.Join(dir, filepath.FromSlash(name))
		parent := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			parent = path
		}
		if err := os.MkdirAll(parent, 0o755); err != nil {
			t.Fatal(err)
		}
		if parent != path {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	const section = "service: x\nappSync:\n  name: x\n"
	tests := []struct {
		name  string
		files files
		path  string // below the folder
		want  string // file, or the end of the error
	}{
		{"appsync.yml", files{"appsync.yml": "", "serverless.yml": section}, "", "appsync.yml"},
		{"appsync.yaml", files{"appsync.yaml": ""}, "", "appsync.yaml"},
		{"serverless.yml with the section", files{"serverless.yml": section}, "", "serverless.yml"},
		{"a section with a mistake is for Load to report", files{"serverless.yaml": section + "\t["}, "", "serverless.yaml"},
		{"serverless.yml without the section", files{"serverless.yml": "service: x\n"}, "", "serverless.yml has no appSync section, and there is no appsync.yml"},
		{"a file", files{"api/notes.yml": ""}, "api/notes.yml", "api/notes.yml"},
		{"JSON is YAML", files{"appsync.json": "{}"}, "appsync.json", "appsync.json"},
		{"an empty folder", nil, "", "neither an appsync.yml nor a serverless.yml with an appSync section"},
		{"nothing", nil, "gone", "gone does not exist"},
		{"another file", files{"main.go": ""}, "main.go", "main.go is not a project file: expected an appsync.yml or a serverless.yml"},
		{"serverless.ts", files{"serverless.ts": ""}, "", "serverless.ts is not supported yet: write an appsync.yml"},
		{"Terraform", files{"main.tf": ""}, "", "main.tf is not supported yet: write an appsync.yml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, tt.files)
			got, err := Find(filepath.Join(dir, filepath.FromSlash(tt.path)))
			if err != nil {
				if !strings.HasSuffix(err.Error(), tt.want) {
					t.Errorf("error %q, want %q", err, tt.want)
				}
				return
			}
			if got != filepath.Join(dir, filepath.FromSlash(tt.want)) {
				t.Errorf("found %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLoadSaysWhyThereIsNoProject(t *testing.T) {
	dir := tree(t, nil)
	api, problems := Load(dir, Options{})
	if api == nil || len(problems) != 1 || !strings.Contains(problems[0].Message, "neither an appsync.yml") {
		t.Errorf("api %v, problems %v", api, problems)
	}
}
