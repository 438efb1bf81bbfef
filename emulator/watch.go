package emulator

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/watch"
)

// WatchOptions says who hears of what Watch does.
type WatchOptions struct {
	// Reloaded is called when a changed project is served, besides the line of the
	// log; nil is nobody.
	Reloaded func(p *Project, r Reload)
	// Refused is called when a changed project has mistakes, is gone or does not fit
	// the data: the last one is served on. Nil has the log tell it.
	Refused func(err error)
}

// Watch serves the project anew whenever one of the files has changed that it was
// loaded from, until ctx ends. Each reload is one line of the log. It only ever reads the project's files, and must have returned before Close
// is called. The error is that the files cannot be watched; it is nil when ctx has
// ended.
func (e *Emulator) Watch(ctx context.Context, opt WatchOptions) error {
	served := e.api.now().project
	root, err := served.root()
	if err != nil {
		return err
	}
	watcher, err := watch.New(watch.Options{Root: root})
	if err != nil {
		return err
	}
	defer watcher.Close()
	w := &projectWatch{
		emulator: e, opt: opt, watcher: watcher, root: root, path: served.path, options: served.options,
		files: served.files(), complete: true, seen: served.fingerprint(nil),
	}
	for {
		if err := w.settle(ctx); err != nil {
			return err
		}
		changed, err := watcher.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		w.changed = changed
		w.look(ctx)
	}
}

// projectWatch is one run of Watch.
type projectWatch struct {
	emulator *Emulator
	opt      WatchOptions
	watcher  *watch.Watcher
	root     string
	path     string
	options  LoadOptions

	// files are those that the project was read from the last time, and complete is
	// false when it had mistakes.
	files    []string
	complete bool
	// seen is the fingerprint of what was read the last time.
	seen [sha256.Size]byte
	// changed are the files that may have changed since.
	changed []string
}

// settle watches the files that the project was read from. What has changed before
// they were watched is looked at.
func (w *projectWatch) settle(ctx context.Context) error {
	for ctx.Err() == nil {
		added, err := w.watcher.Watch(w.files, w.complete)
		if err != nil {
			return err
		}
		if !added {
			return nil
		}
		w.look(ctx)
	}
	return nil
}

// look loads the project and, when it is another than the last time, serves it.
func (w *projectWatch) look(ctx context.Context) {
	begun := time.Now()
	p, err := load(w.path, w.options)
	seen := p.fingerprint(err)
	if p != nil {
		// Of a project that cannot be found the files are still waited for.
		w.files = p.files()
	}
	w.complete = err == nil
	if seen == w.seen {
		return
	}
	w.seen = seen
	var done Reload
	if err == nil {
		done, err = w.emulator.Reload(ctx, p)
	}
	changed := slog.String("changed", w.shown())
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		if w.opt.Refused != nil {
			w.opt.Refused(err)
			return
		}
		w.emulator.log.Warn("the changed project is not served", changed, slog.Any("error", err))
		return
	}
	attrs := []any{slog.Duration("took", time.Since(begun).Round(100*time.Microsecond)), changed}
	for _, list := range []struct {
		name   string
		tables []string
	}{{"newTables", done.Tables}, {"changedTables", done.Changed}} {
		if len(list.tables) > 0 {
			attrs = append(attrs, slog.String(list.name, strings.Join(list.tables, ",")))
		}
	}
	attrs = append(attrs, slog.Int("subscriptions", done.Subscriptions))
	if done.Ended > 0 {
		attrs = append(attrs, slog.Int("endedSubscriptions", done.Ended))
	}
	w.emulator.log.Info("the project was reloaded", attrs...)
	if w.opt.Reloaded != nil {
		w.opt.Reloaded(p, done)
	}
}

// shown names the changed files, relative to the project's folder.
func (w *projectWatch) shown() string {
	const most = 3
	if len(w.changed) == 0 {
		return "files"
	}
	// Files that the project is not read from, such as those that an editor has for
	// a moment, are named when there is nothing else.
	paths := slices.DeleteFunc(slices.Clone(w.changed), func(path string) bool { return !slices.Contains(w.files, path) })
	if len(paths) == 0 {
		paths = w.changed
	}
	var names []string
	for _, path := range paths {
		if rel, err := filepath.Rel(w.root, path); err == nil {
			path = filepath.ToSlash(rel)
		}
		names = append(names, path)
	}
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ","), more)
	}
	return strings.Join(names, ",")
}

// root is the folder that Load was given, or that of the file that it was given, as
// an absolute path.
func (p *Project) root() (string, error) {
	dir := p.path
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	return filepath.Abs(dir)
}

// files are the absolute paths of the files that the project was read from.
func (p *Project) files() []string {
	files := p.api.LoadedFiles()
	for _, name := range []string{p.api.File, p.options.ParametersFile} {
		if name == "" {
			continue
		}
		if abs, err := filepath.Abs(name); err == nil && !slices.Contains(files, abs) {
			files = append(files, abs)
		}
	}
	return files
}

// fingerprint is equal for two loads that have read the same and have found the
// same mistakes. The project is nil when there was none to load.
func (p *Project) fingerprint(err error) [sha256.Size]byte {
	h := sha256.New()
	if p != nil {
		sum := p.api.Fingerprint()
		h.Write(sum[:])
		if name := p.options.ParametersFile; name != "" {
			if text, err := os.ReadFile(name); err == nil {
				h.Write(text)
			}
		}
	}
	if err != nil {
		h.Write([]byte(err.Error()))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
