package cloudformation_test

import (
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// files are the texts of a project's folder.
type files map[string]string

func (f files) folder() *project.Folder {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return project.NewFolder(fsys)
}

// app makes an app of the templates among files that are named, as stacks.
func app(t testing.TB, f files, opt cloudformation.Options, templates ...string) (*cloudformation.App, []*cloudformation.Stack) {
	t.Helper()
	if opt.Now == nil {
		opt.Now = func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	}
	a := cloudformation.NewApp(opt)
	folder := f.folder()
	var stacks []*cloudformation.Stack
	for _, name := range templates {
		file, mistake := folder.Open(name, project.Position{File: name}, "the template")
		if mistake != nil {
			t.Fatal(mistake)
		}
		root := project.ParseFile(file, func(p project.Problem) { t.Fatal(p) })
		stacks = append(stacks, a.AddStack(cloudformation.Source{
			Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), Root: root, Files: folder, Dir: path.Dir(name),
		}))
	}
	return a, stacks
}

// api loads the only API of template.yml and returns it with all problems.
func api(t testing.TB, f files, opt cloudformation.Options) (*project.API, []string) {
	t.Helper()
	a, _ := app(t, f, opt, "template.yml")
	apis := a.APIs()
	var out *project.API
	if len(apis) > 0 {
		out = a.Load(apis[0])
	}
	return out, lines(a.Problems())
}

func lines(ps project.Problems) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Error())
	}
	return out
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
