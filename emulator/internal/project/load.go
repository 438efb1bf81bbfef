package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Options says how a project is loaded. The zero value is the careful default.
type Options struct {
	// AllowOutside permits paths and symbolic links that leave the folder of
	// the project file.
	AllowOutside bool
	// Now is the clock that the expiry of API keys is counted from; nil is the
	// system's.
	Now func() time.Time
	// Env looks up a variable of the environment, for projects whose own
	// variables name some; nil has none.
	Env func(name string) (value string, ok bool)
}

// Load reads the project at path, a file or a folder as Find takes it, and
// every file that it names. It returns all mistakes, sorted by place; nil means
// that there are none. The API is never nil; with problems it is partial.
func Load(path string, opt Options) (*API, Problems) {
	file, err := Find(path)
	if err != nil {
		return &API{File: path}, Problems{{Pos: Position{File: filepath.ToSlash(path)}, Message: err.Error()}}
	}
	dir, base := filepath.Split(file)
	dir = filepath.Clean(dir)
	fail := func(message string) (*API, Problems) {
		return &API{File: file, Dir: dir}, Problems{{Pos: Position{File: base}, Message: message}}
	}
	// The project file itself is read by the path that the user gave, even if
	// that is a link; what it names is confined to its folder.
	text, err := readLimited(anywhere{}, file)
	if err != nil {
		return fail("the project file " + err.Error())
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fail("the project folder " + fileError(err).Error())
	}
	defer root.Close()
	files := &folder{fsys: root.FS(), dir: dir, allowOutside: opt.AllowOutside}
	api, problems := load(files, base, text, opt)
	api.File, api.Dir = file, dir
	return api, problems
}

// load reads the project whose file is called name and says text; the files
// that it names come from files.
func load(files *folder, name, text string, opt Options) (*API, Problems) {
	text = strings.TrimPrefix(text, "\ufeff")
	l := newLoader(files, &sourceFile{name: name, text: text}, opt)
	l.file.path = files.absolute(name)
	files.keep(name, l.file)
	if !utf8.ValidString(text) {
		l.problem(placeOf(text, invalidUTF8(text)), "the file is not UTF-8 text", "")
	} else if root := parseYAML(text, l.problem); root != nil {
		l.project(root)
	}
	l.api.Warnings = l.finish(l.warnings)
	return l.api, l.finish(l.problems)
}

// newLoader returns a loader of a project whose file is given; the files that it
// names come from files.
func newLoader(files *folder, file *sourceFile, opt Options) *loader {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &loader{
		files:           files,
		now:             opt.Now(),
		file:            file,
		api:             &API{files: map[string]*sourceFile{file.name: file}},
		dataSources:     map[string]*declared{},
		functions:       map[string]*declared{},
		resolvers:       map[string]*declared{},
		tables:          map[string]*declared{},
		lambdaFunctions: map[string]*declared{},
		resources:       map[string]*resource{},
		globals:         substitutions{},
		unknownKeys:     map[place]bool{},
	}
}

// invalidUTF8 returns the offset of the first byte of text that is not UTF-8.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return i
		}
	}
	return len(text)
}

// loader is one run of Load.
type loader struct {
	files    *folder
	now      time.Time
	file     *sourceFile // the project file
	api      *API
	problems Problems
	warnings Problems

	// Where each name was first defined, for the second one.
	dataSources     map[string]*declared
	functions       map[string]*declared
	resolvers       map[string]*declared
	tables          map[string]*declared
	lambdaFunctions map[string]*declared
	// resources are the CloudFormation resources that Ref may name.
	resources map[string]*resource
	globals   substitutions
	// unknownKeys are the places of those that have been reported.
	unknownKeys map[place]bool

	// References to names that may be declared further down.
	sourceRefs   []sourceRef
	functionRefs []FunctionRef
	// A section that could not be read whole makes unknown names no mistake.
	someDataSourcesUnread bool
	someFunctionsUnread   bool
	someTablesUnread      bool
	someResourcesUnread   bool
}

// declared is the first definition of a name.
type declared struct {
	pos  Position
	kind string // "data source" ...
}

// sourceRef is a data source named by a resolver or function.
type sourceRef struct {
	name string
	pos  Position
	by   string // "resolver Query.getNote"
	// sync is the place of the sync section of the one that names it, if any.
	sync *Sync
}

// substitutions maps declared names to their values.
type substitutions map[string]string

func (l *loader) position(p place) Position {
	return Position{File: l.fileOf(p).name, Line: p.line, Column: p.column}
}

// fileOf is the file that a place is in.
func (l *loader) fileOf(p place) *sourceFile {
	if p.file != nil {
		return p.file
	}
	return l.file
}

// problem reports a mistake at a place of the project file.
func (l *loader) problem(p place, message, hint string) {
	l.problemAt(l.position(p), message, hint)
}

func (l *loader) problemAt(pos Position, message, hint string) {
	l.problems = append(l.problems, Problem{Pos: pos, Message: message, Hint: hint})
}

// warn reports something at a place of the project file that has no effect.
func (l *loader) warn(p place, message, hint string) {
	l.warnings = append(l.warnings, Problem{Pos: l.position(p), Message: message, Hint: hint})
}

// finish sorts problems, drops repeats (an anchor's mistake shows wherever it
// is used) and adds the lines to show.
func (l *loader) finish(ps Problems) Problems {
	type identity struct {
		pos     Position
		message string
	}
	seen := map[identity]bool{}
	var out Problems
	for _, p := range ps {
		id := identity{p.Pos, p.Message}
		if seen[id] {
			continue
		}
		seen[id] = true
		p.SourceLine = l.api.SourceLine(p.Pos)
		out = append(out, p)
	}
	out.Sort()
	return out
}

// declare notes the definition of a name and reports a second one.
func (l *loader) declare(names map[string]*declared, kind, name string, pos Position) bool {
	if first, twice := names[name]; twice {
		l.problemAt(pos, fmt.Sprintf("%s %s is already defined at %s", kind, name, first.pos), "")
		return false
	}
	names[name] = &declared{pos: pos, kind: kind}
	return true
}

// open reads a file that the project names at a place. Mistakes are reported;
// the result is then nil.
func (l *loader) open(name string, at place, what string) *sourceFile {
	f, mistake := l.files.open(name, l.position(at), what)
	if mistake != nil {
		l.problems = append(l.problems, *mistake)
	}
	if f != nil {
		l.api.files[f.name] = f
	}
	return f
}

// shorten keeps a name that was never meant to be one from filling a message.
func shorten(name string) string {
	const limit = 80
	if line, _, more := strings.Cut(name, "\n"); more {
		name = line + "..."
	}
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return name
}

// resourcesKey is the section with CloudFormation resources, beside appSync or
// beside the section's own keys.
const resourcesKey = "resources"

// project reads the document.
func (l *loader) project(root *node) {
	if root.kind == kindNull {
		l.problem(root.pos, "the project is empty", "")
		return
	}
	if root.kind != kindMap {
		l.problem(root.pos, "the project must be a map, not "+root.kind.String(), "")
		return
	}
	if e := root.find("appSync"); e != nil {
		// As in a serverless.yml: the other sections are the framework's.
		if r := root.find(resourcesKey); r != nil {
			l.resourceSection(r.value)
		}
		if l.unsupportedVariable(e.value) {
			return
		}
		if e.value.kind != kindMap {
			l.problem(e.pos, "section `appSync` must be a map, not "+e.value.kind.String(), "")
			return
		}
		l.section(e.value, e.pos)
		return
	}
	if isCloudFormation(root) {
		l.problem(root.pos, "this is a CloudFormation template and not an appsync.yml", "")
		return
	}
	if root.find("service") != nil && root.find("provider") != nil {
		l.problem(root.pos, "this serverless.yml has no `appSync` section", "")
		return
	}
	if r := root.find(resourcesKey); r != nil {
		l.resourceSection(r.value)
	}
	top := *root
	top.entries = slices.DeleteFunc(slices.Clone(root.entries), func(e entry) bool {
		// Keys that begin with x- are the user's own: a place for anchors.
		return e.key == resourcesKey || strings.HasPrefix(e.key, "x-")
	})
	l.section(&top, root.pos)
}

func isCloudFormation(root *node) bool {
	if root.find("AWSTemplateFormatVersion") != nil {
		return true
	}
	r := root.find("Resources")
	return r != nil && r.value.kind == kindMap
}
