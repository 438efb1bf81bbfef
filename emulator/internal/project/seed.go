package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// seed reads the file with the first items of the tables.
func (l *loader) seed(section *fields) {
	e := section.get("seed")
	name := section.strOf(e)
	if name == "" {
		return
	}
	file := l.open(name, e.value.pos, "seed file")
	if file == nil {
		return
	}
	l.api.Seed = &Seed{Pos: Position{File: file.name}, Text: file.text}
	l.checkSeed(file)
}

// checkSeed reports what is no JSON, has not the form {table: [item, ...]}, or
// names a table that does not exist.
func (l *loader) checkSeed(file *sourceFile) {
	report := func(offset int64, message, hint string) {
		p := placeOf(file.text, int(offset))
		l.problemAt(Position{File: file.name, Line: p.line, Column: p.column}, message, hint)
	}
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(file.text), &whole); err != nil {
		offset := int64(len(file.text))
		var syntax *json.SyntaxError
		// The decoder counts the byte that it stumbles over, if there is one.
		if errors.As(err, &syntax) && !strings.HasPrefix(syntax.Error(), "unexpected end") {
			offset = max(syntax.Offset-1, 0)
		}
		report(offset, "JSON syntax: "+err.Error(), "")
		return
	}
	// From here on the syntax is right, so that no token can fail.
	d := json.NewDecoder(strings.NewReader(file.text))
	start := func() int64 { // of the next token
		rest := file.text[d.InputOffset():]
		return d.InputOffset() + int64(len(rest)-len(strings.TrimLeft(rest, " \t\r\n:,")))
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		report(0, "the seed must be an object: table name -> list of items", "")
		return
	}
	for d.More() {
		at := start()
		key, err := d.Token()
		if err != nil {
			return
		}
		table, _ := key.(string)
		if !l.someTablesUnread && l.api.Table(table) == nil {
			names := make([]string, 0, len(l.api.Tables))
			for _, t := range l.api.Tables {
				names = append(names, t.Name)
			}
			slices.Sort(names)
			report(at, fmt.Sprintf("unknown table `%s`", shorten(table)), didYouMean(table, names))
		}
		at = start()
		var items json.RawMessage
		if err := d.Decode(&items); err != nil {
			return
		}
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(items, &list); err != nil || list == nil || slices.ContainsFunc(list, isNull) {
			report(at, fmt.Sprintf("the items of table %s must be a list of objects", shorten(table)), "")
		}
	}
}

// isNull tells a JSON null from an object.
func isNull(item map[string]json.RawMessage) bool { return item == nil }
