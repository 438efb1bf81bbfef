package schema

import (
	"fmt"
	"sort"

	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// Source is one file of SDL. Name is what positions call it.
type Source struct {
	Name string
	Text string
}

// Problem is one mistake in the SDL. The message is a sentence without the
// position.
type Problem struct {
	Pos     Position
	Message string
}

// Error writes the problem on one line: source:line:column: message.
func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.Pos.Source, p.Pos.Line, p.Pos.Column, p.Message)
}

// Parse makes one schema of all sources. A mistake in any of them makes the
// schema nil; the problems are as many as can be told at once, in the order of
// the sources.
//
// Accepted is what AppSync accepts: its scalars and directives need no
// declaration (and one is ignored), other scalars and types beginning with AWS
// are refused, directives that the schema declares itself have no effect.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/designing-your-schema.html
func Parse(sources []Source) (*Schema, []Problem) {
	log := &problemLog{sources: sources}
	document := readAll(sources, log)
	if len(log.problems) > 0 {
		return nil, log.sorted()
	}
	defs := collect(document, log)
	check(defs, log)
	if len(log.problems) > 0 {
		return nil, log.sorted()
	}
	s := build(defs, log)
	if len(log.problems) > 0 {
		return nil, log.sorted()
	}
	judge(s, log)
	if len(log.problems) > 0 {
		return nil, log.sorted()
	}
	log.sort(log.warnings)
	s.Warnings = log.warnings
	return s, nil
}

// problemLog collects the mistakes of all sources, and what is none but has no
// effect.
type problemLog struct {
	sources     []Source
	problems    []Problem
	warnings    []Problem
	suggestions int
}

// maxSuggestions bounds the search for similar names: the mistakes of one slip
// are few, and those of a text that is no schema deserve none.
const maxSuggestions = 100

// suggest returns ` Did you mean "x"?` for the candidate nearest to name, or
// nothing when none is near.
func (l *problemLog) suggest(name string, candidates func() []string) string {
	if l.suggestions >= maxSuggestions {
		return ""
	}
	l.suggestions++
	if best := nearest(name, candidates()); best != "" {
		return ` Did you mean "` + best + `"?`
	}
	return ""
}

func (l *problemLog) add(pos *gqlast.Position, format string, args ...any) {
	l.addAt(position(pos), format, args...)
}

func (l *problemLog) warn(pos *gqlast.Position, format string, args ...any) {
	l.warnings = append(l.warnings, Problem{Pos: position(pos), Message: fmt.Sprintf(format, args...)})
}

func (l *problemLog) addAt(pos Position, format string, args ...any) {
	if pos.Line == 0 && len(l.sources) > 0 {
		pos = l.start()
	}
	l.problems = append(l.problems, Problem{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// start is where a mistake of the schema as a whole is shown.
func (l *problemLog) start() Position {
	if len(l.sources) == 0 {
		return Position{Line: 1, Column: 1}
	}
	return Position{Source: l.sources[0].Name, Line: 1, Column: 1}
}

// sorted returns the problems in the order of the sources.
func (l *problemLog) sorted() []Problem {
	l.sort(l.problems)
	return l.problems
}

// sort puts a list into the order of the sources.
func (l *problemLog) sort(list []Problem) {
	rank := make(map[string]int, len(l.sources))
	for i, src := range l.sources {
		if _, ok := rank[src.Name]; !ok {
			rank[src.Name] = i
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i].Pos, list[j].Pos
		if a.Source != b.Source {
			return rank[a.Source] < rank[b.Source]
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}

func position(pos *gqlast.Position) Position {
	if pos == nil {
		return Position{}
	}
	p := Position{Line: pos.Line, Column: pos.Column}
	if pos.Src != nil {
		p.Source = pos.Src.Name
	}
	return p
}

// literalPosition is where a literal starts. gqlparser places strings behind
// their quotes.
func literalPosition(v *gqlast.Value) *gqlast.Position {
	quotes := 0
	switch v.Kind {
	case gqlast.StringValue:
		quotes = 1
	case gqlast.BlockValue:
		quotes = 3
	}
	if v.Position == nil || v.Position.Column <= quotes {
		return v.Position
	}
	pos := *v.Position
	pos.Column -= quotes
	return &pos
}
