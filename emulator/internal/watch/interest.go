package watch

import (
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// interest decides which events may make a difference.
type interest struct {
	root string // absolute
	// files are those that were read, and above the folders that they are in, and
	// those that these are in.
	files, above map[string]bool
	// complete is false when the project could not be read whole: then any file of
	// its folder may be what is missing.
	complete bool
}

func newInterest(root string, files []string, complete bool) *interest {
	in := &interest{root: root, files: map[string]bool{}, above: map[string]bool{}, complete: complete}
	for _, f := range append(files, root) {
		in.files[f] = f != root
		for dir := filepath.Dir(f); !in.above[dir]; dir = filepath.Dir(dir) {
			in.above[dir] = true
		}
	}
	in.above[root] = true
	return in
}

// concerns reports whether an event is to be looked into.
func (in *interest) concerns(e fsnotify.Event) bool {
	path := filepath.Clean(e.Name)
	comesOrGoes := e.Has(fsnotify.Create) || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	switch {
	case in.files[path]:
		// That a file may be read at last is a change, too.
		return comesOrGoes || e.Has(fsnotify.Write) || !in.complete
	case in.above[path]:
		return comesOrGoes
	case !within(in.root, path) || isNoise(filepath.Base(path)):
		return false
	}
	return comesOrGoes || !in.complete
}

// within reports whether path lies below dir.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// isNoise reports whether a file or folder that was not read is certainly none of
// the project: what editors leave beside a file while they save it, and the folders
// of tools.
func isNoise(name string) bool {
	switch {
	case name == "node_modules", name == "4913", // Vim tries out a folder with the latter
		strings.HasSuffix(name, "~"), strings.HasSuffix(name, ".tmp"),
		strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#"):
		return true
	}
	return strings.HasPrefix(name, ".") && !strings.HasPrefix(name, ".env")
}
