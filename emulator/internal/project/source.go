package project

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// sourceFile is the text of a loaded file, kept for the lines that problems
// show.
type sourceFile struct {
	name string // as in Position.File
	text string
	path string // absolute, of the operating system; "" when it has none

	splitOnce sync.Once
	split     []string
}

// lines returns the file's lines without their ends.
func (f *sourceFile) lines() []string {
	f.splitOnce.Do(func() { f.split = splitLines(f.text) })
	return f.split
}

// line returns line number n, counted from 1, or "".
func (f *sourceFile) line(n int) string {
	if f == nil || n < 1 {
		return ""
	}
	if lines := f.lines(); n <= len(lines) {
		return lines[n-1]
	}
	return ""
}

func splitLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines
}

// SourceLine returns the text of the line that pos is on, for a caret under
// its column; "" when the file was not loaded or the position has no line.
func (a *API) SourceLine(pos Position) string {
	return a.files[pos.File].line(pos.Line)
}

// origin tells where the text of a template was written.
type origin struct {
	file  *sourceFile
	raw   string // before substitution
	edits []edit // in order
	// scalar is the YAML string that holds an inline template, nil for a
	// template in a file of its own.
	scalar *node
}

// edit is one substitution: raw[start:end] became length bytes.
type edit struct {
	start, end, length int
}

// Position maps a place in Text to the file that it was written in. Line and
// column count from 1, columns in characters. A place inside a substituted
// value maps to the reference that it stands for; a place that does not exist
// maps to the nearest one that does.
func (t *Template) Position(line, column int) Position {
	line, column = max(line, 1), max(column, 1)
	if t.origin == nil {
		switch {
		case t.Pos.Line == 0:
			return Position{File: t.Pos.File, Line: line, Column: column}
		case line == 1:
			return Position{File: t.Pos.File, Line: t.Pos.Line, Column: t.Pos.Column + column - 1}
		default:
			return Position{File: t.Pos.File, Line: t.Pos.Line + line - 1, Column: column}
		}
	}
	file, p := t.origin.locate(offsetOf(t.Text, line, column))
	return Position{File: file.name, Line: p.line, Column: p.column}
}

// locate returns where the character at an offset of the substituted text was
// written.
func (o *origin) locate(offset int) (*sourceFile, place) {
	at := rawOffset(offset, o.edits)
	if o.scalar == nil {
		return o.file, placeOf(o.raw, at)
	}
	return o.scalar.origin(o.file, at)
}

// origin returns where the character at offset of a string's value was written;
// file is that of values that name none.
func (n *node) origin(file *sourceFile, offset int) (*sourceFile, place) {
	if i := sort.Search(len(n.parts), func(i int) bool { return n.parts[i].start > offset }); i > 0 {
		part := n.parts[i-1]
		from := part.from
		if !part.whole {
			from += offset - part.start
		}
		return part.of.origin(file, from)
	}
	if n.pos.file != nil {
		file = n.pos.file
	}
	return file, n.locate(file.lines(), offset, placeOf(n.text, offset))
}

// textPart is a stretch of a text that was put together, up to the next part.
type textPart struct {
	start int   // offset in the text
	of    *node // the string that it is from
	from  int   // offset in that string
	// whole tells that all of the part stands for the place at from: a reference
	// that was replaced.
	whole bool
}

// SourceLine returns the line of the file that the place in Text was written
// on, for a caret under the column of Position; "" when it is not known.
func (t *Template) SourceLine(line, column int) string {
	if t.origin == nil {
		return ""
	}
	file, p := t.origin.locate(offsetOf(t.Text, max(line, 1), max(column, 1)))
	return file.line(p.line)
}

// place is a line and a column, both from 1, columns in characters. A place
// without a file is in the project file.
type place struct {
	line, column int
	file         *sourceFile
}

// offsetOf returns the byte offset of a place in text, at most the end of its
// line.
func offsetOf(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(text) && text[at] != '\n'; column-- {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return at
}

// placeOf is the reverse of offsetOf.
func placeOf(text string, offset int) place {
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return place{
		line:   strings.Count(before, "\n") + 1,
		column: utf8.RuneCountInString(before[start:]) + 1,
	}
}

// rawOffset maps an offset in the substituted text to one before substitution.
func rawOffset(offset int, edits []edit) int {
	shift := 0 // substituted minus raw, so far
	for _, e := range edits {
		start := e.start + shift
		if offset < start {
			break
		}
		if offset < start+e.length {
			return e.start
		}
		shift += e.length - (e.end - e.start)
	}
	return offset - shift
}

// locate finds the place in the YAML file of the character at offset of a
// string's value, whose place in that value is p. It follows block scalars
// exactly, and quoted or folded text as far as escapes and folding allow.
func (n *node) locate(lines []string, offset int, p place) place {
	if n.style == styleLiteral {
		if p.line > len(lines)-n.pos.line {
			return n.pos
		}
		source := lines[n.pos.line+p.line-1] // the text begins on the next line
		text := splitLines(n.text)[p.line-1]
		if !strings.HasSuffix(source, text) {
			return place{n.pos.line + p.line, 1, n.pos.file}
		}
		indent := utf8.RuneCountInString(source) - utf8.RuneCountInString(text)
		return place{n.pos.line + p.line, indent + p.column, n.pos.file}
	}
	c := cursor{lines: lines, at: n.pos}
	switch n.style {
	case styleSingleQuoted, styleDoubleQuoted:
		c.at.column++
	case styleFolded:
		c.at.column = len(c.current()) + 1
		c.nextLine()
	}
	if offset > len(n.text) {
		offset = len(n.text)
	}
	rest := n.text[:offset]
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		line := c.current()
		switch {
		case c.at.column > len(line):
			if !c.nextLine() {
				return n.pos
			}
			// The line end and the blank lines after it became this space.
			rest = strings.TrimLeft(rest, " \n")
		case n.style == styleDoubleQuoted && line[c.at.column-1] == '\\':
			if c.at.column == len(line) { // an escaped line end
				c.nextLine()
				continue
			}
			escaped := 2 + escapeDigits(line[c.at.column])
			if r > 0xffff && escaped == 6 {
				escaped = 12 // JSON's two escapes for one character
			}
			c.at.column += escaped
			rest = rest[size:]
		case n.style == styleSingleQuoted && line[c.at.column-1] == '\'':
			c.at.column += 2
			rest = rest[size:]
		case line[c.at.column-1] != r && (line[c.at.column-1] == ' ' || line[c.at.column-1] == '\t'):
			c.at.column++ // trailing space, dropped by folding
		default:
			c.at.column++
			rest = rest[size:]
		}
	}
	return c.at
}

// escapeDigits is the number of hexadecimal digits after an escape letter.
func escapeDigits(letter rune) int {
	switch letter {
	case 'x':
		return 2
	case 'u':
		return 4
	case 'U':
		return 8
	}
	return 0
}

// cursor walks the characters of a file.
type cursor struct {
	lines []string
	at    place
	// runes is the current line, cached for its number.
	runes  []rune
	cached int
}

func (c *cursor) current() []rune {
	if c.cached != c.at.line {
		c.runes, c.cached = nil, c.at.line
		if c.at.line >= 1 && c.at.line <= len(c.lines) {
			c.runes = []rune(c.lines[c.at.line-1])
		}
	}
	return c.runes
}

// nextLine goes to the first character of the next line that is not blank.
func (c *cursor) nextLine() bool {
	for l := c.at.line + 1; l <= len(c.lines); l++ {
		text := c.lines[l-1]
		trimmed := strings.TrimLeft(text, " \t")
		if trimmed != "" {
			c.at.line, c.at.column = l, len(text)-len(trimmed)+1
			return true
		}
	}
	return false
}
