package project

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linked makes a project whose links lead to various places, beside a file that
// is not the project's.
func linked(t *testing.T) (dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	root := tree(t, files{
		"outside/secret.vtl":     "secret",
		"project/schema.graphql": "type Query { a: Int }",
		"project/real/a.vtl":     "real",
		"project/appsync.yml":    head,
	})
	dir = filepath.Join(root, "project")
	for name, target := range map[string]string{
		"inside.vtl":   "real/a.vtl",
		"absolute.vtl": filepath.Join(dir, "real", "a.vtl"),
		"escape.vtl":   "../outside/secret.vtl",
		"folder":       "../outside",
		"dangling.vtl": "real/gone.vtl",
		"loop.vtl":     "loop.vtl",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPathsAreConfinedToTheProject(t *testing.T) {
	dir := linked(t)
	outside := filepath.Join(filepath.Dir(dir), "outside", "secret.vtl")
	tests := []struct {
		path         string
		want, wantIf string // text or end of the problem; wantIf with AllowOutside
	}{
		{"real/a.vtl", "real", "real"},
		{"./real/../real/a.vtl", "real", "real"},
		{filepath.Join(dir, "real", "a.vtl"), "real", "real"},
		{"inside.vtl", "real", "real"},
		{"absolute.vtl", "real", "real"},
		{"escape.vtl", "leaves the project folder", "secret"},
		{"folder/secret.vtl", "leaves the project folder", "secret"},
		{"../outside/secret.vtl", "leaves the project folder", "secret"},
		{outside, "leaves the project folder", "secret"},
		{"dangling.vtl", "does not exist", "does not exist"},
		{"real", "is a folder, not a file", "is a folder, not a file"},
		{"../outside/gone.vtl", "leaves the project folder", "does not exist"},
	}
	for _, tt := range tests {
		for _, allow := range []bool{false, true} {
			want := tt.want
			if allow {
				want = tt.wantIf
			}
			text := head + "resolvers: {Query.a: {kind: UNIT, dataSource: none, request: '" + tt.path + "'}}\n"
			if err := os.WriteFile(filepath.Join(dir, "appsync.yml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			api, problems := Load(dir, Options{AllowOutside: allow})
			got := ""
			if len(problems) > 0 {
				got = problems[0].Message
			} else {
				got = api.Resolvers[0].Unit.Request.Text
			}
			if !strings.HasSuffix(got, want) {
				t.Errorf("%s, outside allowed %v: %q, want %q", tt.path, allow, got, want)
			}
		}
	}
	text := head + "resolvers: {Query.a: {kind: UNIT, dataSource: none, request: loop.vtl}}\n"
	if err := os.WriteFile(filepath.Join(dir, "appsync.yml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, problems := Load(dir, Options{}); len(problems) != 1 {
		t.Errorf("a link to itself: %v, want one problem", problems)
	}
}

func TestPatternsMayLeaveTheProjectOnlyWhenAllowed(t *testing.T) {
	root := tree(t, files{
		"shared/a.graphql":    "type Query { a: Int }",
		"shared/b/b.graphql":  "# b",
		"project/appsync.yml": head + "schema: ../shared/**/*.graphql\n",
	})
	dir := filepath.Join(root, "project")
	if _, problems := Load(dir, Options{}); len(problems) != 1 || !strings.HasSuffix(problems[0].Message, "leaves the project folder") {
		t.Errorf("problems %v", problems)
	}
	api, problems := Load(dir, Options{AllowOutside: true})
	if problems != nil {
		t.Fatal(problems)
	}
	var got []string
	for _, s := range api.Schema {
		got = append(got, s.Name)
	}
	if diff := cmp.Diff([]string{"../shared/a.graphql", "../shared/b/b.graphql"}, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestFilesThatAreNoneAreRefused(t *testing.T) {
	dir := tree(t, files{
		"schema.graphql": "type Query { a: Int }",
		"appsync.yml": head + `resolvers:
  Query.a: {kind: UNIT, dataSource: none, request: huge.vtl}
  Query.b: {kind: UNIT, dataSource: none, request: "nul\0.vtl"}
`,
	})
	if err := os.WriteFile(filepath.Join(dir, "huge.vtl"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "huge.vtl"), maxFileBytes+1); err != nil {
		t.Fatal(err)
	}
	_, problems := Load(dir, Options{})
	if len(problems) != 2 || !strings.HasSuffix(problems[0].Message, "is larger than 16777216 bytes") {
		t.Errorf("problems %v", problems)
	}
}

func TestLoadFromDisk(t *testing.T) {
	dir := filepath.Join("testdata", "notes")
	api, problems := Load(dir, Options{})
	if problems != nil || len(api.Warnings) != 0 {
		t.Fatalf("problems %v, warnings %v", problems, api.Warnings)
	}
	if api.File != filepath.Join(dir, "appsync.yml") || api.Dir != dir {
		t.Errorf("file %s, folder %s", api.File, api.Dir)
	}
	if len(api.Schema) != 2 || len(api.Resolvers) != 4 || len(api.Functions) != 2 || len(api.Tables) != 3 || api.Seed == nil {
		t.Errorf("%d schema files, %d resolvers, %d functions, %d tables, seed %v",
			len(api.Schema), len(api.Resolvers), len(api.Functions), len(api.Tables), api.Seed)
	}
}
