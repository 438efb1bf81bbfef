package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// defaultQuiet is longer than the gaps between the events of one save, and too
	// short to be noticed.
	defaultQuiet = 50 * time.Millisecond
	// defaultLimit is how long changes that do not stop are waited for.
	defaultLimit = time.Second
	// maxFolders is how many folders are watched besides those that files were read
	// from: on some systems each file in them takes a descriptor.
	maxFolders = 256
)

// Options tunes New. Root is required.
type Options struct {
	// Root is the project's folder.
	Root string
	// Quiet is how long nothing happens after a change before Next returns, and
	// Limit how long it waits for that at most; 0 means 50 ms and 1 s.
	Quiet, Limit time.Duration
	// Clock is what these times are measured by; nil is the system's.
	Clock Clock
}

// Watcher watches the files of a project. It belongs to one goroutine.
type Watcher struct {
	root     string
	clock    Clock
	folders  folders
	events   <-chan fsnotify.Event
	errors   <-chan error
	interest *interest
	burst    burst
}

// folders are the folders that are watched; *fsnotify.Watcher is one.
type folders interface {
	Add(dir string) error
	Remove(dir string) error
	WatchList() []string
	Close() error
}

// New returns a watcher, which must be closed. It watches nothing before Watch.
func New(opt Options) (*Watcher, error) {
	source, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	w, err := newWatcher(opt, source, source.Events, source.Errors)
	if err != nil {
		source.Close()
		return nil, err
	}
	return w, nil
}

func newWatcher(opt Options, source folders, events <-chan fsnotify.Event, errs <-chan error) (*Watcher, error) {
	root, err := filepath.Abs(opt.Root)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	if opt.Quiet == 0 {
		opt.Quiet = defaultQuiet
	}
	if opt.Limit == 0 {
		opt.Limit = defaultLimit
	}
	if opt.Clock == nil {
		opt.Clock = wallClock{}
	}
	return &Watcher{
		root: root, clock: opt.Clock, folders: source, events: events, errors: errs,
		interest: newInterest(root, nil, false),
		burst:    burst{quiet: opt.Quiet, limit: opt.Limit},
	}, nil
}

// Close ends the watching.
func (w *Watcher) Close() error { return w.folders.Close() }

// Watch has Next tell of changes of these files, absolute paths, and of files that
// come and go in the project's folder. complete is false when the project could not
// be read whole. It reports whether it watches folders that it did not watch
// before: what has changed in them until now was not heard of. The error is that
// folders of the files cannot be watched; the others are.
func (w *Watcher) Watch(files []string, complete bool) (added bool, err error) {
	all := slices.Clone(files)
	for _, f := range files {
		if real, err := filepath.EvalSymlinks(f); err == nil && real != f {
			all = append(all, real) // what a link leads to changes where it is
		}
	}
	w.interest = newInterest(w.root, all, complete)
	wanted := w.needed(all)
	needed := len(wanted)
	wanted = append(wanted, w.others(wanted)...)
	watched := w.folders.WatchList()
	for _, dir := range watched {
		if !slices.Contains(wanted, dir) {
			// It fails when the folder is gone, which is what is wanted.
			_ = w.folders.Remove(dir)
		}
	}
	var errs []error
	for i, dir := range wanted {
		if slices.Contains(watched, dir) {
			continue
		}
		switch failed := w.folders.Add(dir); {
		case failed == nil:
			added = true
		case i < needed && !errors.Is(failed, fs.ErrNotExist):
			errs = append(errs, fmt.Errorf("watch: %s: %w", dir, failed))
		}
	}
	return added, errors.Join(errs...)
}

// needed are the folders of files, those between them and the project's folder, and
// one more above each, where it is seen that a folder comes or goes. In place of a
// folder that is gone it is one above.
func (w *Watcher) needed(files []string) []string {
	seen := map[string]bool{}
	var out []string
	add := func(dir string) {
		for !isFolder(dir) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}
		if !seen[dir] {
			seen[dir] = true
			out = append(out, dir)
		}
	}
	add(w.root)
	add(filepath.Dir(w.root))
	for _, f := range files {
		dir := filepath.Dir(f)
		add(dir)
		for within(w.root, dir) {
			dir = filepath.Dir(dir)
			add(dir)
		}
		if dir != w.root {
			add(filepath.Dir(dir))
		}
	}
	return out
}

// others are the folders of the project that no file was read from, the upper ones
// first.
func (w *Watcher) others(needed []string) []string {
	var out []string
	level := []string{w.root}
	for len(level) > 0 {
		var below []string
		for _, dir := range level {
			entries, err := os.ReadDir(dir)
			if err != nil {
				continue
			}
			for _, e := range entries {
				if !e.IsDir() || isNoise(e.Name()) {
					continue
				}
				path := filepath.Join(dir, e.Name())
				below = append(below, path)
				if slices.Contains(needed, path) {
					continue
				}
				if out = append(out, path); len(out) == maxFolders {
					return out
				}
			}
		}
		level = below
	}
	return out
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Next waits until files have changed and nothing has changed since for a while. It
// returns what has changed, sorted; nothing when changes were missed, so that all
// files may have. The error is that of ctx, or that the watcher was closed.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	var timer Timer
	var over <-chan time.Time
	missed := false
	note := func(path string) {
		if timer != nil {
			timer.Stop()
		}
		timer = w.clock.NewTimer(w.burst.add(path, w.clock.Now()))
		over = timer.C()
	}
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			w.burst.end()
			return nil, ctx.Err()
		case e, ok := <-w.events:
			if !ok {
				return nil, errClosed
			}
			if w.interest.concerns(e) {
				note(filepath.Clean(e.Name))
			}
		case err, ok := <-w.errors:
			if !ok {
				return nil, errClosed
			}
			if err != nil { // such as an overflow of the system's queue
				missed = true
				note("")
			}
		case <-over:
			paths := w.burst.end()
			if missed {
				return nil, nil
			}
			return paths, nil
		}
	}
}

var errClosed = errors.New("watch: closed")
