package project

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxFileBytes bounds every file that a project names. AppSync's own limits are
// far below and are warned of apart.
const maxFileBytes = 16 << 20

// Reasons why a file of the project cannot be read.
var (
	errOutside   = errors.New("leaves the project folder")
	errNoFile    = errors.New("does not exist")
	errDirectory = errors.New("is a folder, not a file")
	errIrregular = errors.New("is not a regular file")
	errTooLarge  = fmt.Errorf("is larger than %d bytes", maxFileBytes)
)

// folder reads the files of a project, and no others. Each is read once.
type folder struct {
	// fsys holds the project folder and does not follow links out of it.
	fsys fs.FS
	// dir is the same folder for the operating system; empty for a folder that
	// exists in memory only.
	dir          string
	allowOutside bool
	// shown is what names in positions begin with, for a folder beside the
	// project's.
	shown  string
	opened map[string]*sourceFile // by clean path
	root   *os.Root               // nil unless Close closes it
}

// open reads a file that is named at a place of the project; what tells what
// for. When it cannot be read the result is nil and the mistake is returned. A
// file that is not UTF-8 text is returned with the mistake.
func (f *folder) open(name string, at Position, what string) (*sourceFile, *Problem) {
	refused := func(why, hint string) (*sourceFile, *Problem) {
		return nil, &Problem{Pos: at, Message: fmt.Sprintf("%s %s %s", what, shorten(name), why), Hint: hint}
	}
	const permitted = "--allow-outside permits it"
	if name == "" {
		return nil, &Problem{Pos: at, Message: what + " has an empty path"}
	}
	clean, outside := f.clean(name)
	if outside && !f.allowOutside {
		return refused(errOutside.Error(), permitted)
	}
	if file, ok := f.opened[clean]; ok {
		return file, nil
	}
	text, err := f.read(clean)
	switch {
	case errors.Is(err, errOutside):
		return refused(err.Error(), permitted)
	case errors.Is(err, errNoFile):
		return refused(err.Error(), didYouMean(clean, f.neighbours(clean)))
	case err != nil:
		return refused(err.Error(), "")
	}
	file := &sourceFile{name: path.Join(f.shown, clean), text: text, path: f.absolute(clean)}
	f.keep(clean, file)
	if utf8.ValidString(text) {
		return file, nil
	}
	p := placeOf(text, invalidUTF8(text))
	file.text = strings.ToValidUTF8(text, "\ufffd")
	return file, &Problem{Pos: Position{File: file.name, Line: p.line, Column: p.column}, Message: "the file is not UTF-8 text"}
}

// keep has open return file for a clean path from now on.
func (f *folder) keep(clean string, file *sourceFile) {
	if f.opened == nil {
		f.opened = map[string]*sourceFile{}
	}
	f.opened[clean] = file
}

// absolute is the operating system's path of a clean one, "" for a folder that
// exists in memory only.
func (f *folder) absolute(clean string) string {
	if f.dir == "" {
		return ""
	}
	abs, err := filepath.Abs(f.native(clean))
	if err != nil {
		return ""
	}
	return abs
}

// clean turns a path as a project writes it into one relative to the folder,
// with slashes. outside tells that it does not lie in the folder.
func (f *folder) clean(name string) (clean string, outside bool) {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) || filepath.IsAbs(name) {
		if f.dir == "" {
			return path.Clean(name), true
		}
		abs, err := filepath.Abs(f.dir)
		if err != nil {
			return path.Clean(name), true
		}
		rel, err := filepath.Rel(abs, filepath.FromSlash(name))
		if err != nil {
			return path.Clean(name), true
		}
		name = filepath.ToSlash(rel)
	}
	name = path.Clean(name)
	return name, name == ".." || strings.HasPrefix(name, "../") || !filepath.IsLocal(filepath.FromSlash(name))
}

// read returns the content of a file, named by a clean path.
func (f *folder) read(name string) (string, error) {
	if _, outside := f.clean(name); outside && !f.allowOutside {
		return "", errOutside
	}
	if f.allowOutside && f.dir != "" {
		return readLimited(anywhere{}, f.native(name))
	}
	text, err := readLimited(f.fsys, name)
	if err == nil || f.dir == "" || !f.linked(name) {
		return text, err
	}
	// A link: to a place inside it may be followed, by its real path.
	inside, ok := f.resolve(name)
	if !ok {
		return "", errOutside
	}
	return readLimited(f.fsys, inside)
}

// anywhere opens files by the operating system's own paths.
type anywhere struct{}

func (anywhere) Open(name string) (fs.File, error)     { return os.Open(name) }
func (anywhere) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// native is the path of name for the operating system.
func (f *folder) native(name string) string {
	if native := filepath.FromSlash(name); filepath.IsAbs(native) {
		return native
	}
	return filepath.Join(f.dir, filepath.FromSlash(name))
}

// linked tells whether a symbolic link lies on the way to name.
func (f *folder) linked(name string) bool {
	for at := name; at != "." && at != "/" && at != ""; at = path.Dir(at) {
		if info, err := os.Lstat(f.native(at)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

// resolve follows the links of name and returns where it really is, if that is
// in the folder. A link to nothing counts as inside: it is merely missing.
func (f *folder) resolve(name string) (string, bool) {
	base, err := filepath.EvalSymlinks(f.dir)
	if err != nil {
		return "", false
	}
	if base, err = filepath.Abs(base); err != nil {
		return "", false
	}
	real, err := filepath.EvalSymlinks(f.native(name))
	if errors.Is(err, fs.ErrNotExist) {
		return name, true
	}
	if err != nil {
		return "", false
	}
	if real, err = filepath.Abs(real); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(base, real)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// readLimited reads a regular file. It looks before it opens: opening a named
// pipe would wait for a writer.
func readLimited(fsys fs.FS, name string) (string, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return "", fileError(err)
	case info.IsDir():
		return "", errDirectory
	case !info.Mode().IsRegular():
		return "", errIrregular
	case info.Size() > maxFileBytes:
		return "", errTooLarge
	}
	file, err := fsys.Open(name)
	if err != nil {
		return "", fileError(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return "", fileError(err)
	}
	if len(data) > maxFileBytes {
		return "", errTooLarge
	}
	return string(data), nil
}

// fileError keeps of an error what a reader of the project needs: its path is
// said elsewhere.
func fileError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errNoFile
	}
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("may not be read (permission denied)")
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("cannot be read: %w", pe.Err)
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// neighbours lists the files beside name, as paths that a project could have
// meant.
func (f *folder) neighbours(name string) []string {
	if _, outside := f.clean(name); outside {
		return nil
	}
	dir := path.Dir(name)
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, path.Join(dir, e.Name()))
		}
	}
	return out
}
