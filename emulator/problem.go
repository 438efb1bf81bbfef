package emulator

import (
	"strconv"
	"strings"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate"
)

// Problem is one mistake in a project.
type Problem struct {
	// File is relative to the project's folder. Line and Column count from 1;
	// they are 0 when the problem is with the file as a whole.
	File         string
	Line, Column int
	Message      string
	// Hint says how to mend it; often empty.
	Hint string
	// SourceLine is the line that the problem is in, when it is known.
	SourceLine string
}

// String writes the problem on one line: file:line:column: message (hint).
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column))
	}
	b.WriteString(": " + p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Caret returns the source line with a caret under the column, indented, or
// nothing when the line is not known.
func (p Problem) Caret() string {
	if p.SourceLine == "" || p.Column < 1 {
		return ""
	}
	return mappingtemplate.Excerpt(p.SourceLine, p.Column)
}

// Problems is every mistake of a project, as the error of Load.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func problemsOf(api *project.API, found project.Problems) Problems {
	found.Sort()
	out := make(Problems, len(found))
	for i, p := range found {
		out[i] = Problem{
			File: p.Pos.File, Line: p.Pos.Line, Column: p.Pos.Column,
			Message: p.Message, Hint: p.Hint, SourceLine: p.SourceLine,
		}
		if p.SourceLine == "" {
			out[i].SourceLine = api.SourceLine(p.Pos)
		}
	}
	return out
}
