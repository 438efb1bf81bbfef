package project

import (
	"sort"
	"strings"
)

// Problem is one mistake in a project. Its text is a sentence without the
// position; Hint, when set, says how to mend it.
type Problem struct {
	Pos     Position
	Message string
	Hint    string
	// SourceLine is the offending line, for a caret under Pos.Column; empty
	// when it is not known.
	SourceLine string
}

// Error writes the problem on one line: file:line:column: message (hint).
func (p Problem) Error() string {
	s := p.Pos.String() + ": " + p.Message
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Problems is every mistake of a project, as one error.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders problems by file, line and column.
func (ps Problems) Sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i].Pos, ps[j].Pos
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}
