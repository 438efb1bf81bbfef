package project

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	// maxGlobEntries bounds the files and folders that one pattern looks at.
	maxGlobEntries = 100_000
	// maxGlobBraces bounds the patterns that {a,b} expands to.
	maxGlobBraces = 256
)

var errGlobTooWide = errors.New("looks at too many files")

// isGlob tells a pattern from a path.
func isGlob(pattern string) bool {
	return strings.ContainsAny(pattern, "*?[{")
}

// glob lists the files that match pattern, in alphabetical order: * and ? within a
// name, ** for any folders, [a-z], and {a,b}. Names that begin with a dot match
// only where the pattern says the dot.
func (f *folder) glob(pattern string) ([]string, error) {
	if _, outside := f.clean(pattern); outside {
		return f.globOutside(pattern)
	}
	patterns, err := expandBraces(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []string
	visited := 0
	for _, p := range patterns {
		segments := strings.Split(path.Clean(p), "/")
		for _, s := range segments {
			if _, err := path.Match(s, ""); err != nil {
				return nil, errors.New("is not a valid pattern")
			}
		}
		// Walk from the last folder that the pattern names without a wildcard.
		base := 0
		for base < len(segments)-1 && !isGlob(segments[base]) {
			base++
		}
		root := "."
		if base > 0 {
			root = path.Join(segments[:base]...)
		}
		err := fs.WalkDir(f.fsys, root, func(name string, d fs.DirEntry, err error) error {
			if visited++; visited > maxGlobEntries {
				return errGlobTooWide
			}
			if err != nil {
				return nil // what cannot be listed cannot match
			}
			if d.IsDir() {
				if name != root && !matchFolder(segments, name) {
					return fs.SkipDir
				}
				return nil
			}
			if !seen[name] && matchSegments(segments, strings.Split(name, "/")) {
				seen[name] = true
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return out, nil
}

// globOutside is glob for a pattern that does not begin in the folder.
func (f *folder) globOutside(pattern string) ([]string, error) {
	if !f.allowOutside || f.dir == "" {
		return nil, errOutside
	}
	segments := strings.Split(pattern, "/")
	base := 0
	for base < len(segments)-1 && !isGlob(segments[base]) {
		base++
	}
	prefix := strings.Join(segments[:base], "/")
	if prefix == "" { // a pattern below the root of the file system
		prefix = "/"
	}
	there := &folder{fsys: os.DirFS(f.native(prefix)), allowOutside: true}
	names, err := there.glob(strings.Join(segments[base:], "/"))
	for i, n := range names {
		names[i] = path.Join(prefix, n)
	}
	return names, err
}

// expandBraces replaces {a,b} by its alternatives, also nested ones.
func expandBraces(pattern string) ([]string, error) {
	pending, done := []string{pattern}, []string(nil)
	for len(pending) > 0 {
		if len(pending)+len(done) > maxGlobBraces {
			return nil, errors.New("has too many {} alternatives")
		}
		p := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		// The innermost braces: the last opening one and the next closing one.
		open := strings.LastIndexByte(p, '{')
		if open < 0 {
			done = append(done, p)
			continue
		}
		length := strings.IndexByte(p[open:], '}')
		if length < 0 {
			return nil, errors.New("has a { without its }")
		}
		for _, alternative := range strings.Split(p[open+1:open+length], ",") {
			pending = append(pending, p[:open]+alternative+p[open+length+1:])
		}
	}
	return done, nil
}

// matchSegments matches a path against a pattern, both split at slashes. The
// table keeps the cost at len(pattern)*len(name) however many ** there are.
func matchSegments(pattern, name []string) bool {
	reach := reachable(pattern, name)
	return reach[len(pattern)]
}

// matchFolder tells whether something below the folder may match.
func matchFolder(pattern []string, name string) bool {
	for _, ok := range reachable(pattern, strings.Split(name, "/")) {
		if ok {
			return true
		}
	}
	return false
}

// reachable tells, for each number of pattern segments, whether so many of
// them can match the whole of name.
func reachable(pattern, name []string) []bool {
	now := make([]bool, len(pattern)+1)
	now[0] = true
	skipGlobstars(pattern, now)
	for _, segment := range name {
		next := make([]bool, len(pattern)+1)
		for i, ok := range now[:len(pattern)] {
			if !ok {
				continue
			}
			if pattern[i] == "**" {
				next[i] = next[i] || !strings.HasPrefix(segment, ".")
			} else if matchName(pattern[i], segment) {
				next[i+1] = true
			}
		}
		skipGlobstars(pattern, next)
		now = next
	}
	return now
}

// skipGlobstars lets ** match no folder at all.
func skipGlobstars(pattern []string, reach []bool) {
	for i, p := range pattern {
		if reach[i] && p == "**" {
			reach[i+1] = true
		}
	}
}

func matchName(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
