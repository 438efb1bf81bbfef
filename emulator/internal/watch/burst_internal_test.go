package watch

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// fakeFolders takes any folder.
type fakeFolders struct{ watched []string }

func (f *fakeFolders) Add(dir string) error { f.watched = append(f.watched, dir); return nil }

func (f *fakeFolders) Remove(dir string) error {
	f.watched = slices.DeleteFunc(f.watched, func(d string) bool { return d == dir })
	return nil
}

func (f *fakeFolders) WatchList() []string { return slices.Clone(f.watched) }

func (f *fakeFolders) Close() error { return nil }

// handClock is a clock that is moved by hand, whose timers tell how long they are to
// wait.
type handClock struct {
	now  time.Time
	set  chan time.Duration
	ring chan time.Time
}

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) NewTimer(d time.Duration) Timer {
	c.set <- d
	return handTimer{c}
}

type handTimer struct{ *handClock }

func (t handTimer) C() <-chan time.Time { return t.ring }

func (t handTimer) Stop() bool { return true }

// A burst is over 50 ms after its last event, and a second after its first.
func TestABurstIsOverWhenItIsQuietOrHasLasted(t *testing.T) {
	clock := &handClock{now: time.Unix(0, 0), set: make(chan time.Duration), ring: make(chan time.Time)}
	events := make(chan fsnotify.Event)
	root := filepath.FromSlash("/project")
	w, err := newWatcher(Options{Root: root, Clock: clock}, &fakeFolders{}, events, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(w.root, "a.vtl")
	if _, err := w.Watch([]string{file}, true); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second burst begins anew
		got := make(chan []string)
		go func() {
			changed, err := w.Next(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- changed
		}()
		for _, step := range []struct{ after, want time.Duration }{
			{0, 50 * time.Millisecond},
			{40 * time.Millisecond, 50 * time.Millisecond},
			{930 * time.Millisecond, 30 * time.Millisecond},
			{20 * time.Millisecond, 10 * time.Millisecond},
			{50 * time.Millisecond, 0},
		} {
			clock.now = clock.now.Add(step.after)
			events <- fsnotify.Event{Name: file, Op: fsnotify.Write}
			if wait := <-clock.set; wait != step.want {
				t.Errorf("waits %v, want %v", wait, step.want)
			}
		}
		events <- fsnotify.Event{Name: filepath.Join(w.root, "unread"), Op: fsnotify.Write} // no timer
		clock.ring <- clock.now
		if changed := <-got; !slices.Equal(changed, []string{file}) {
			t.Errorf("changed: %v", changed)
		}
		clock.now = clock.now.Add(time.Hour)
	}
}

// When events were lost, all files may have changed.
func TestLostEventsAreAChangeOfEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events, errs := make(chan fsnotify.Event), make(chan error)
		w, err := newWatcher(Options{Root: t.TempDir()}, &fakeFolders{}, events, errs)
		if err != nil {
			t.Fatal(err)
		}
		go func() { errs <- fsnotify.ErrEventOverflow }()
		if changed, err := w.Next(t.Context()); changed != nil || err != nil {
			t.Errorf("got %v, %v", changed, err)
		}
		close(events)
		if _, err := w.Next(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestInterest(t *testing.T) {
	root := filepath.FromSlash("/code/project")
	files := []string{"/code/project/appsync.yml", "/code/project/a/b/x.vtl", "/code/shared/s.vtl"}
	for i := range files {
		files[i] = filepath.FromSlash(files[i])
	}
	const create, write, remove, rename, chmod = fsnotify.Create, fsnotify.Write, fsnotify.Remove, fsnotify.Rename, fsnotify.Chmod
	for _, test := range []struct {
		name, path      string
		op              fsnotify.Op
		whole, mistaken bool // for a project that was read whole, and for one that was not
	}{
		{"a file that was read is written", "/code/project/a/b/x.vtl", write, true, true},
		{"one comes", "/code/project/a/b/x.vtl", create, true, true},
		{"one goes", "/code/project/a/b/x.vtl", remove, true, true},
		{"one may be read now", "/code/project/a/b/x.vtl", chmod, false, true},
		{"one beside the project", "/code/shared/s.vtl", write, true, true},
		{"a folder above one goes", "/code/project/a", remove, true, true},
		{"a folder above one is another", "/code/project/a", chmod, false, false},
		{"the folder of the project is renamed", "/code/project", rename, true, true},
		{"a folder above the project", "/code", rename, true, true},
		{"a new file", "/code/project/a/new.vtl", create, true, true},
		{"another file is written", "/code/project/a/new.vtl", write, false, true},
		{"a variable file comes", "/code/project/.env.local", create, true, true},
		{"a hidden file comes", "/code/project/.a.swp", create, false, false},
		{"a backup comes", "/code/project/appsync.yml~", create, false, false},
		{"a lock of Emacs comes", "/code/project/#appsync.yml#", create, false, false},
		{"packages come", "/code/project/node_modules", create, false, false},
		{"a neighbour of the project", "/code/other", create, false, false},
		{"a neighbour of a file beside it", "/code/shared/other.vtl", create, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := fsnotify.Event{Name: filepath.FromSlash(test.path), Op: test.op}
			if got := newInterest(root, files, true).concerns(e); got != test.whole {
				t.Errorf("read whole: %v", got)
			}
			if got := newInterest(root, files, false).concerns(e); got != test.mistaken {
				t.Errorf("with mistakes: %v", got)
			}
		})
	}
}
