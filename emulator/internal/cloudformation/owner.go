package cloudformation

import (
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// sectionNouns are what an entry of a section is called.
var sectionNouns = map[string]string{
	"Parameters": "parameter", "Mappings": "mapping", "Conditions": "condition", "Resources": "resource", "Outputs": "output",
}

// owned puts before a message what the place is in, unless it says so itself.
func (s *Stack) owned(at project.Position, message string) string {
	if owner := s.owner(at); owner != "" && !strings.HasPrefix(message, owner) {
		return owner + ": " + message
	}
	return message
}

// owner names the resource, or another entry of a template, that a place is in;
// "" when it is in none. A template of several stacks is taken for that of the
// first, unless it is the stack's own.
func (s *Stack) owner(at project.Position) string {
	if s.source.Root.Position().File == at.File {
		return s.ownerHere(at)
	}
	for _, other := range s.app.stacks {
		if other.source.Root.Position().File == at.File {
			return other.ownerHere(at)
		}
	}
	return ""
}

func (s *Stack) ownerHere(at project.Position) string {
	if s.source.Root.Kind() != project.NodeMap {
		return ""
	}
	section := last(s.source.Root.Entries(), at)
	if section == nil || section.Value().Kind() != project.NodeMap {
		return ""
	}
	noun := sectionNouns[section.Key()]
	e := last(s.sections[section.Key()], at)
	if noun == "" || e == nil {
		return ""
	}
	name := e.Key()
	if p := s.path(); p != "" {
		name = p + "/" + name
	}
	return noun + " " + name
}

// last is the entry that begins last of those that begin before a place.
func last(entries []project.Entry, at project.Position) *project.Entry {
	var out *project.Entry
	for i := range entries {
		e := &entries[i]
		if p := e.Position(); p.File == at.File && !before(at, p) && (out == nil || before(out.Position(), p)) {
			out = e
		}
	}
	return out
}

func before(a, b project.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}
