package serverless

import (
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// mergeTypes has a type that several schema files define, as version 1 of the
// plugin permits, extended by all files but the first that define it. Lines stay
// what they are.
func mergeTypes(sources []project.Source) {
	defined := map[string]int{} // the first file of each name
	for i := range sources {
		var out strings.Builder
		done := 0
		text := sources[i].Text
		for _, d := range definitions(text) {
			first, known := defined[d.name]
			if !known {
				defined[d.name] = i
				continue
			}
			if first == i {
				continue // a mistake in one file
			}
			out.WriteString(text[done:d.description])
			out.WriteString(blank(text[d.description:d.keyword]))
			switch text[d.keyword:d.keywordEnd] {
			case "scalar":
				out.WriteString(blank(text[d.keyword:d.end]))
				done = d.end
			default:
				out.WriteString("extend ")
				done = d.keyword
			}
		}
		if done > 0 {
			sources[i].Text = out.String() + text[done:]
		}
	}
}

// blank keeps the lines of a text and nothing else.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return ' '
	}, text)
}

// definition is that of a type in a schema: its offsets, description being that of
// the keyword when it has none.
type definition struct {
	name                                  string
	description, keyword, keywordEnd, end int
}

// definitions finds the types that a schema defines; extensions are none.
func definitions(text string) []definition {
	var (
		out    []definition
		depth  int
		before string // the name before, at the outermost level
		start  int    // of before
		note   = -1   // of the description that may belong to the next word
		// described is the description of before.
		described int
	)
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == '#':
			for at < len(text) && text[at] != '\n' {
				at++
			}
		case c == '"':
			if depth == 0 && note < 0 {
				note = at
			}
			at = stringEnd(text, at)
		case c == '{' || c == '(' || c == '[':
			depth, before, note = depth+1, "", -1
			at++
		case c == '}' || c == ')' || c == ']':
			depth, before, note = max(depth-1, 0), "", -1
			at++
		case isNameByte(c):
			from := at
			for at < len(text) && isNameByte(text[at]) {
				at++
			}
			if depth > 0 {
				continue
			}
			word := text[from:at]
			switch before {
			case "type", "interface", "input", "enum", "union", "scalar":
				out = append(out, definition{word, described, start, start + len(before), at})
				before, note = "", -1
				continue
			case "extend":
				before, note = "extended", -1
				continue
			case "extended":
				before = ""
				continue
			}
			before, start, described = word, from, from
			if note >= 0 {
				described = note
			}
			note = -1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c >= 0x80:
			at++
		default: // @, =, |, &, ! and : belong to the definition before
			before, note = "", -1
			at++
		}
	}
	return out
}

func isNameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// stringEnd is the offset after the string or block string that begins at a quote.
func stringEnd(text string, at int) int {
	const block = `"""`
	if strings.HasPrefix(text[at:], block) {
		for at += len(block); at < len(text); at++ {
			switch {
			case strings.HasPrefix(text[at:], `\"""`):
				at += len(block)
			case strings.HasPrefix(text[at:], block):
				return at + len(block)
			}
		}
		return len(text)
	}
	for at++; at < len(text) && text[at] != '\n'; at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return min(at, len(text))
}
