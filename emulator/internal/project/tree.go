package project

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// File is the text of a file that was read for a project.
type File = sourceFile

// NewFile returns a file of a name, as positions show it.
func NewFile(name, text string) *File { return &sourceFile{name: name, text: text} }

// Name is the file's name, as positions show it.
func (f *File) Name() string { return f.name }

// Text is what the file holds.
func (f *File) Text() string { return f.text }

// AddFile has SourceLine know the lines of a file.
func (a *API) AddFile(f *File) {
	if a.files == nil {
		a.files = map[string]*sourceFile{}
	}
	a.files[f.name] = f
}

// LoadedFiles are the absolute paths of the files that the API was loaded from,
// sorted.
func (a *API) LoadedFiles() []string {
	var out []string
	for _, f := range a.files {
		if f.path != "" {
			out = append(out, f.path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Folder reads the files below a folder, and none that paths or symbolic links
// outside it lead to. It is not safe for concurrent use.
type Folder = folder

// OpenFolder opens a folder, which must be closed. allowOutside permits what
// leaves it.
func OpenFolder(dir string, allowOutside bool) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder %s %w", dir, fileError(err))
	}
	return &folder{fsys: root.FS(), dir: dir, allowOutside: allowOutside, root: root}, nil
}

// ShowAs has the names of files in positions begin with prefix, for a folder
// beside the project's own.
func (f *Folder) ShowAs(prefix string) { f.shown = prefix }

// NewFolder returns a folder of files that are not the operating system's.
func NewFolder(fsys fs.FS) *Folder { return &folder{fsys: fsys} }

// Close ends the use of the folder.
func (f *Folder) Close() error {
	if f.root == nil {
		return nil
	}
	return f.root.Close()
}

// Open reads a file, by its path from the folder, once. at is where the project
// names it, what tells what for: both are for the mistake that is returned when it
// cannot be read. A file that is not UTF-8 text comes with a mistake, too.
func (f *Folder) Open(name string, at Position, what string) (*File, *Problem) {
	return f.open(name, at, what)
}

// OpenGiven is Open of a file that the user has named himself, which may be a link
// to anywhere.
func (f *Folder) OpenGiven(name, what string) (*File, *Problem) {
	if _, ok := f.opened[name]; !ok && f.dir != "" && f.linked(name) {
		text, err := readLimited(anywhere{}, f.native(name))
		if err != nil {
			return nil, &Problem{Pos: Position{File: name}, Message: what + " " + err.Error()}
		}
		f.keep(name, &sourceFile{name: name, text: strings.ToValidUTF8(text, "\ufffd"), path: f.absolute(name)})
	}
	return f.open(name, Position{File: name}, what)
}

// Exists tells whether there is such a file in the folder.
func (f *Folder) Exists(name string) bool {
	clean, outside := f.clean(name)
	if outside && !f.allowOutside {
		return false
	}
	if f.opened[clean] != nil {
		return true
	}
	if f.allowOutside && f.dir != "" {
		return isFile(f.native(clean))
	}
	info, err := fs.Stat(f.fsys, clean)
	if err == nil {
		return info.Mode().IsRegular()
	}
	if f.dir == "" || !f.linked(clean) {
		return false
	}
	// A link that leads out of the folder is there; Open says why it may not be
	// followed.
	inside, ok := f.resolve(clean)
	return !ok || inside != clean
}

// Files lists the files that were opened.
func (f *Folder) Files() []*File {
	out := make([]*File, 0, len(f.opened))
	for _, file := range f.opened {
		out = append(out, file)
	}
	return out
}

// Node is a value of a YAML or JSON file with its place. Aliases and merge keys
// are resolved. Nodes are not changed once made.
type Node = node

// NodeKind is the kind of a node's value.
type NodeKind = nodeKind

// Kinds of nodes.
const (
	NodeNull   = kindNull
	NodeBool   = kindBool
	NodeInt    = kindInt
	NodeFloat  = kindFloat
	NodeString = kindString
	NodeMap    = kindMap
	NodeList   = kindList
)

// Kind is the kind of the value.
func (n *Node) Kind() NodeKind { return n.kind }

// Text is the text of a scalar: a string's value, a number or boolean as it was
// written.
func (n *Node) Text() string { return n.text }

// Bool is the value of a boolean.
func (n *Node) Bool() bool { return n.truth }

// Tag is the short tag that stands before the value, such as !Ref, or "".
func (n *Node) Tag() string { return n.tag }

// Items are those of a list.
func (n *Node) Items() []*Node { return n.items }

// Entries are those of a map, in order.
func (n *Node) Entries() []Entry { return n.entries }

// Find returns the entry of a map, nil when there is none.
func (n *Node) Find(key string) *Entry { return n.find(key) }

// FindFold is Find that does not mind the case of letters; the key as it is goes
// before others.
func (n *Node) FindFold(key string) *Entry {
	if e := n.find(key); e != nil {
		return e
	}
	for i := range n.entries {
		if strings.EqualFold(n.entries[i].key, key) {
			return &n.entries[i]
		}
	}
	return nil
}

// Position is where the value begins.
func (n *Node) Position() Position { return n.pos.position() }

// Intrinsic returns the CloudFormation function that the value calls and its
// argument, from a short tag or the long form. Ref and Condition are called so,
// all others begin with Fn::.
func (n *Node) Intrinsic() (name string, argument *Node, ok bool) { return n.intrinsic() }

// IsPlain tells whether nothing in the value is an intrinsic function.
func (n *Node) IsPlain() bool {
	if _, _, ok := n.intrinsic(); ok {
		return false
	}
	for _, item := range n.items {
		if !item.IsPlain() {
			return false
		}
	}
	for _, e := range n.entries {
		if !e.value.IsPlain() {
			return false
		}
	}
	return true
}

func (p place) position() Position {
	out := Position{Line: p.line, Column: p.column}
	if p.file != nil {
		out.File = p.file.name
	}
	return out
}

// Entry is a key of a map and its value.
type Entry = entry

// Key is the entry's key.
func (e *Entry) Key() string { return e.key }

// Value is the entry's value.
func (e *Entry) Value() *Node { return e.value }

// Position is where the key stands.
func (e *Entry) Position() Position { return e.pos.position() }

// NewNull returns an empty value at the place of another.
func NewNull(at *Node) *Node { return &node{pos: at.pos, size: 1} }

// NewText returns a string at the place of another value, put together from
// parts.
func NewText(at *Node, parts ...TextPart) *Node {
	if len(parts) == 1 && !parts[0].Replaced && parts[0].Text == parts[0].Of.text && parts[0].Of.kind == kindString {
		return parts[0].Of
	}
	out := &node{kind: kindString, pos: at.pos, size: 1}
	var text strings.Builder
	for _, p := range parts {
		if p.Text == "" {
			continue
		}
		out.parts = append(out.parts, textPart{start: text.Len(), of: p.Of, from: p.From, whole: p.Replaced})
		text.WriteString(p.Text)
	}
	out.text = text.String()
	return out
}

// TextPart is a part of a text that is put together.
type TextPart struct {
	Text string
	// Of is the value that the text is from, beginning at the byte From of it.
	Of   *Node
	From int
	// Replaced tells that Text is not what Of says, but stands for it.
	Replaced bool
}

// NewList returns a list at the place of another value.
func NewList(at *Node, items []*Node) *Node {
	out := &node{kind: kindList, pos: at.pos, items: items, size: 1}
	for _, item := range items {
		out.size += item.size
	}
	return out
}

// NewMap returns a map at the place of another value.
func NewMap(at *Node, entries []Entry) *Node {
	out := &node{kind: kindMap, pos: at.pos, entries: entries, size: 1}
	for _, e := range entries {
		out.size += e.value.size
	}
	return out
}

// With returns the entry with another value.
func (e *Entry) With(value *Node) Entry { return entry{e.key, e.pos, value} }

// NewEntry returns an entry that stands where a value does.
func NewEntry(key string, at, value *Node) Entry { return entry{key, at.pos, value} }

// ParseFile reads the YAML or JSON of a file. JSON is told by its first
// character. Mistakes are reported; the result is nil when there is nothing to
// read.
func ParseFile(f *File, report func(Problem)) *Node {
	problem := func(p place, message, hint string) {
		pos := p.position()
		if pos.File == "" {
			pos.File = f.name
		}
		report(Problem{Pos: pos, Message: message, Hint: hint, SourceLine: f.line(p.line)})
	}
	text := strings.TrimPrefix(f.text, "\ufeff")
	if start := strings.TrimLeft(text, " \t\r\n"); strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		var mistakes []Problem
		root, ok := parseJSON(f, text, func(p place, message, hint string) {
			mistakes = append(mistakes, Problem{Pos: p.position(), Message: message, Hint: hint, SourceLine: f.line(p.line)})
		})
		// YAML may begin like JSON; a file that says what it is does not.
		if ok || strings.HasSuffix(strings.ToLower(f.name), ".json") {
			for _, m := range mistakes {
				report(m)
			}
			return root
		}
	}
	return parseYAMLOf(f, text, problem)
}

// FileTemplate returns a template that is the whole text of a file.
func FileTemplate(f *File) *Template {
	return &Template{Text: f.text, Pos: Position{File: f.name}, origin: &origin{file: f, raw: f.text}}
}

// InlineTemplate returns the template that a string of the project holds.
func InlineTemplate(n *Node) *Template {
	file, p := n.origin(n.pos.file, 0)
	return &Template{
		Text:   n.text,
		Pos:    Position{File: file.name, Line: p.line, Column: p.column},
		origin: &origin{file: n.pos.file, raw: n.text, scalar: n},
	}
}
