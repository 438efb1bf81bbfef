package watch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/watch"
)

// tree is a project's folder with a watcher of it.
type tree struct {
	t    *testing.T
	root string
	*watch.Watcher
}

func newTree(t *testing.T) *tree {
	root := filepath.Join(t.TempDir(), "project")
	tr := &tree{t: t, root: root}
	tr.write("appsync.yml")
	tr.write("resolvers/get.vtl")
	w, err := watch.New(watch.Options{Root: root, Quiet: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	tr.Watcher = w
	tr.watch(true)
	return tr
}

func (tr *tree) path(name string) string { return filepath.Join(tr.root, filepath.FromSlash(name)) }

func (tr *tree) check(err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *tree) write(name string) {
	tr.t.Helper()
	tr.check(os.MkdirAll(filepath.Dir(tr.path(name)), 0o755))
	tr.check(os.WriteFile(tr.path(name), []byte(time.Now().String()), 0o644))
}

// watch watches the two files of the project.
func (tr *tree) watch(complete bool) (added bool) {
	tr.t.Helper()
	added, err := tr.Watch([]string{tr.path("appsync.yml"), tr.path("resolvers/get.vtl")}, complete)
	tr.check(err)
	return added
}

// expect waits until each of the files has changed, and for nothing else to change.
func (tr *tree) expect(names ...string) {
	tr.t.Helper()
	ctx, cancel := context.WithTimeout(tr.t.Context(), 10*time.Second)
	defer cancel()
	var seen []string
	missing := func(name string) bool { return !slices.Contains(seen, tr.path(name)) }
	for slices.ContainsFunc(names, missing) {
		changed, err := tr.Next(ctx)
		if err != nil {
			tr.t.Fatalf("%v; heard of %v and waited for %v", err, seen, names)
		}
		seen = append(seen, changed...)
	}
	for _, path := range seen {
		if !slices.ContainsFunc(names, func(name string) bool { return path == tr.path(name) }) {
			tr.t.Errorf("heard of %s", path)
		}
	}
}

// silent expects that nothing was heard of before a change that is.
func (tr *tree) silent() {
	tr.t.Helper()
	tr.write("resolvers/get.vtl")
	tr.expect("resolvers/get.vtl")
}

func TestChangesOfFilesAreHeardOf(t *testing.T) {
	tr := newTree(t)
	tr.write("appsync.yml")
	tr.expect("appsync.yml")
	tr.write("resolvers/get.vtl")
	tr.expect("resolvers/get.vtl")
}

// Editors write another file and rename it; what they leave beside it is noise.
func TestReplacedFilesAreHeardOf(t *testing.T) {
	tr := newTree(t)
	tr.write("resolvers/.get.vtl.swp")
	tr.write("resolvers/4913")
	tr.check(os.Rename(tr.path("resolvers/get.vtl"), tr.path("resolvers/get.vtl~")))
	tr.write("resolvers/get.vtl.tmp")
	tr.check(os.Rename(tr.path("resolvers/get.vtl.tmp"), tr.path("resolvers/get.vtl")))
	tr.expect("resolvers/get.vtl")
	tr.write("resolvers/get.vtl") // the file of that name is watched, not the one that was
	tr.expect("resolvers/get.vtl")
}

func TestFoldersThatAreMadeAgainAreHeardOf(t *testing.T) {
	tr := newTree(t)
	tr.check(os.RemoveAll(tr.path("resolvers")))
	tr.expect("resolvers/get.vtl", "resolvers")
	tr.watch(false)
	tr.write("resolvers/get.vtl")
	tr.expectAny()
	if !tr.watch(true) {
		t.Error("the new folder is no news")
	}
	tr.write("resolvers/get.vtl")
	tr.expect("resolvers/get.vtl")
}

func TestAProjectThatIsMovedAwayAndBackIsHeardOf(t *testing.T) {
	tr := newTree(t)
	tr.check(os.Rename(tr.root, tr.root+"2"))
	tr.expectAny()
	tr.watch(false)
	tr.check(os.Rename(tr.root+"2", tr.root))
	tr.expectAny()
	tr.watch(true)
	tr.write("resolvers/get.vtl")
	tr.expect("resolvers/get.vtl")
}

// expectAny waits for a change of whatever.
func (tr *tree) expectAny() {
	tr.t.Helper()
	ctx, cancel := context.WithTimeout(tr.t.Context(), 10*time.Second)
	defer cancel()
	_, err := tr.Next(ctx)
	tr.check(err)
}

func TestFilesThatWereNotReadAreHeardOfWhenTheyComeAndGo(t *testing.T) {
	tr := newTree(t)
	tr.write("new.graphql")
	tr.expect("new.graphql")
	tr.write("new.graphql")
	tr.silent()
	tr.check(os.Remove(tr.path("new.graphql")))
	tr.expect("new.graphql")
}

// Any file may be what a project with mistakes is waiting for.
func TestOtherFilesAreHeardOfWhileAProjectIsNotWhole(t *testing.T) {
	tr := newTree(t)
	tr.write("other.vtl")
	tr.expect("other.vtl")
	tr.watch(false)
	tr.write("other.vtl")
	tr.expect("other.vtl")
}

func TestFoldersOfToolsAreNotWatched(t *testing.T) {
	tr := newTree(t)
	tr.write("node_modules/a/index.js")
	tr.write(".git/index")
	tr.watch(true)
	tr.write("node_modules/a/other.js")
	tr.write(".git/HEAD")
	tr.silent()
}

// What a link leads to changes where it is.
func TestLinksAreFollowed(t *testing.T) {
	tr := newTree(t)
	elsewhere := filepath.Join(t.TempDir(), "shared.vtl")
	tr.check(os.WriteFile(elsewhere, []byte("1"), 0o644))
	tr.check(os.Symlink(elsewhere, tr.path("link.vtl")))
	_, err := tr.Watch([]string{tr.path("link.vtl")}, true)
	tr.check(err)
	tr.check(os.WriteFile(elsewhere, []byte("2"), 0o644))
	real, err := filepath.EvalSymlinks(elsewhere)
	tr.check(err)
	for ctx := t.Context(); ; {
		changed, err := tr.Next(ctx)
		tr.check(err)
		if slices.Contains(changed, real) {
			return
		}
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	tr := newTree(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	tr.Close()
	if _, err := tr.Next(t.Context()); err == nil {
		t.Error("a closed watcher has a next change")
	}
}
