package project

import "strconv"

// Section is an appSync section that stands in a file of another kind, with
// the values of all variables and intrinsic functions in their place.
type Section struct {
	// File is the project's file. Places of nodes that name no file are in it.
	File *File
	// Node is the section, At where its key stands.
	Node *Node
	At   *Node
	// Tables are those that other sections of the file describe.
	Tables []*Table
}

// LoadSection makes an API of a section; the files that it names come from files.
// It returns the mistakes, sorted by place. The API is never nil; with problems
// it is partial.
func LoadSection(files *Folder, s Section, opt Options) (*API, Problems) {
	l := newLoader(files, s.File, opt)
	for _, t := range s.Tables {
		l.addTable(t)
	}
	l.section(s.Node, s.At.pos)
	l.api.Warnings = l.finish(l.warnings)
	return l.api, l.finish(l.problems)
}

// StableKey is the API key of a name, of an API of a name, when the project does not
// say it.
func StableKey(api, name string) string { return "da2-" + stableID("apikey/"+api+"/"+name, 26) }

// NewBool returns a boolean at the place of another value.
func NewBool(at *Node, truth bool) *Node {
	return &node{kind: kindBool, pos: at.pos, text: strconv.FormatBool(truth), truth: truth, size: 1}
}

// NewNumber returns a number at the place of another value, from its text in JSON.
// ok is false for what is none.
func NewNumber(at *Node, text string) (n *Node, ok bool) {
	p := &jsonParser{file: at.pos.file, text: text, line: 1, column: 1, problem: func(place, string, string) {}}
	if p.peek() != '-' && (p.peek() < '0' || p.peek() > '9') {
		return nil, false
	}
	n = p.number()
	if p.failed || p.at < len(text) {
		return nil, false
	}
	n.pos = at.pos
	return n, true
}

// Size counts the value and all values in it.
func (n *Node) Size() int { return n.size }

// Renamed returns the entry with another key and value.
func (e *Entry) Renamed(key string, value *Node) Entry { return entry{key, e.pos, value} }

// KeyNode is an empty value at the place of the entry's key.
func (e *Entry) KeyNode() *Node { return &node{pos: e.pos, size: 1} }

// PositionOf is where the character at a byte offset of a string's text was
// written.
func (n *Node) PositionOf(offset int) Position {
	file, p := n.origin(n.pos.file, offset)
	out := Position{Line: p.line, Column: p.column}
	if file != nil {
		out.File = file.name
	}
	return out
}

// NewFileText returns the whole text of a file as a string.
func NewFileText(f *File) *Node {
	return &node{kind: kindString, pos: place{1, 1, f}, text: f.text, size: 1}
}
