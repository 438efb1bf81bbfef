package mappingtemplate

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Excerpt returns the line of the template that the error is in as the function
// Excerpt does, and the place's column in characters, from 1. It returns 0 and
// nothing when the place is not known.
func (e *EvaluationError) Excerpt(template string) (column int, lines string) {
	all := splitLines(template)
	if e.Line < 1 || e.Line > len(all) {
		return 0, ""
	}
	line := []rune(all[e.Line-1])
	at := columnIndex(line, e.Column)
	return at + 1, excerpt(line, at)
}

// CharacterColumn returns the column of the error in the template as editors
// count it, in characters, from 1; 0 when its place is not known. Velocity's own
// Column goes to the next multiple of eight at a tab stop and counts a character
// outside of the Basic Multilingual Plane twice.
func (e *Error) CharacterColumn(template string) int {
	all := splitLines(template)
	if e.Line < 1 || e.Line > len(all) {
		return 0
	}
	return columnIndex([]rune(all[e.Line-1]), e.Column) + 1
}

// Excerpt returns a line of a file with a caret under a column, counted in
// characters from 1, each indented by four blanks and ended by a line feed. The
// line is cut around the place when it is long, and shows other control
// characters than tabs as dots.
func Excerpt(line string, column int) string {
	runes := []rune(line)
	return excerpt(runes, min(max(column, 1)-1, len(runes)))
}

// Excerpt returns the line of the context that the error is in, as that of
// EvaluationError does. It returns nothing when the place is not known.
func (e *ContextError) Excerpt(text string) string {
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return ""
	}
	return Excerpt(strings.TrimSuffix(lines[e.Line-1], "\r"), e.Column)
}

// excerpt shows a line with a caret under one of its characters.
func excerpt(line []rune, at int) string {
	start, end := window(len(line), at)
	var text, under strings.Builder
	if start > 0 {
		text.WriteRune('…')
		under.WriteByte(' ')
	}
	for i := start; i < end; i++ {
		r := line[i]
		if r != '\t' && unicode.IsControl(r) {
			r = '·'
		}
		text.WriteRune(r)
		if i < at {
			under.WriteString(blankFor(r))
		}
	}
	if end < len(line) {
		text.WriteRune('…')
	}
	return "    " + text.String() + "\n    " + under.String() + "^\n"
}

// splitLines cuts text where Velocity counts a line: after \n, \r\n and \r.
func splitLines(text string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}

// columnIndex returns the character at one of Velocity's columns, or the end of
// the line.
func columnIndex(line []rune, column int) int {
	at := 0
	for i, r := range line {
		if r == '\t' {
			at += 8 - at&7
		} else {
			at++
		}
		if at >= column {
			return i
		}
		if r > 0xFFFF {
			at++
		}
	}
	return len(line)
}

// The widest part of a line that is shown, and how much of it is before the
// place, in characters.
const (
	excerptWidth  = 100
	excerptBefore = 60
)

func window(length, at int) (start, end int) {
	if length <= excerptWidth {
		return 0, length
	}
	start = min(max(0, at-excerptBefore), length-excerptWidth)
	return start, start + excerptWidth
}

// blankFor is as wide as r on a terminal.
func blankFor(r rune) string {
	switch {
	case r == '\t':
		return "\t"
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return ""
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return "  "
	}
	return " "
}
