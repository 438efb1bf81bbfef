package schema

import (
	"errors"
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxSyntaxErrors bounds how often a source is read again behind an error.
const maxSyntaxErrors = 20

// readAll parses every source and joins the documents.
func readAll(sources []Source, log *problemLog) *gqlast.SchemaDocument {
	joined := &gqlast.SchemaDocument{}
	for _, src := range sources {
		text := strings.TrimPrefix(src.Text, "\ufeff")
		text = strings.ReplaceAll(text, "\r\n", "\n")
		text = joinImplements(src.Name, text)
		for range maxSyntaxErrors {
			doc, err := parser.ParseSchema(&gqlast.Source{Name: src.Name, Input: text})
			if err == nil {
				joined.Merge(doc)
				break
			}
			line := syntaxError(src.Name, text, err, log)
			rest, ok := behind(text, line)
			if !ok {
				break
			}
			text = rest
		}
	}
	return joined
}

// syntaxError reports err and returns its line.
func syntaxError(name, text string, err error, log *problemLog) int {
	if cause := malformedToken(name, text); cause != nil && strings.Contains(err.Error(), lexer.Invalid.String()) {
		// The parser says only that there is no token.
		err = cause
	}
	pos := Position{Source: name, Line: 1, Column: 1}
	message := err.Error()
	var located *gqlerror.Error
	if errors.As(err, &located) {
		message = located.Message
		if len(located.Locations) > 0 {
			pos.Line, pos.Column = located.Locations[0].Line, located.Locations[0].Column
		}
	}
	log.addAt(pos, "Syntax error: %s.", strings.TrimSuffix(message, "."))
	return pos.Line
}

// malformedToken returns what is wrong with the first piece of text that is no
// token.
func malformedToken(name, text string) error {
	lex := lexer.New(&gqlast.Source{Name: name, Input: text})
	for {
		tok, err := lex.ReadToken()
		if err != nil {
			return err
		}
		if tok.Kind == lexer.EOF {
			return nil
		}
	}
}

// behind blanks out text up to the next definition that starts a line below the
// given one, so that the mistakes there can be told as well.
func behind(text string, line int) (rest string, ok bool) {
	offset := 0
	for n := 1; n <= line; n++ {
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			return "", false
		}
		offset += end + 1
	}
	for offset < len(text) {
		if startsDefinition(text[offset:]) {
			return strings.Repeat("\n", strings.Count(text[:offset], "\n")) + text[offset:], true
		}
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			break
		}
		offset += end + 1
	}
	return "", false
}

func startsDefinition(text string) bool {
	for _, keyword := range [...]string{"type ", "input ", "enum ", "interface ", "union ", "scalar ", "directive ", "extend ", "schema "} {
		if strings.HasPrefix(text, keyword) {
			return true
		}
	}
	return false
}

// joinImplements rewrites the older form "implements A, B", which AppSync
// takes, as "implements A& B". All positions stay.
func joinImplements(name, text string) string {
	if !strings.Contains(text, "implements") {
		return text
	}
	var runes []rune
	lex := lexer.New(&gqlast.Source{Name: name, Input: text})
	var before, last lexer.Token
	inList := false
	for {
		tok, err := lex.ReadToken()
		if err != nil || tok.Kind == lexer.EOF {
			break
		}
		if tok.Kind == lexer.Comment {
			continue
		}
		switch {
		case inList && tok.Kind == lexer.Name:
			if last.Kind == lexer.Name && last.Value != "implements" {
				if runes == nil {
					runes = []rune(text)
				}
				joinNames(runes, last.Pos.End, tok.Pos.Start)
			}
		case inList && tok.Kind == lexer.Amp:
		case tok.Kind == lexer.Name && tok.Value == "implements":
			inList = last.Kind == lexer.Name && before.Kind == lexer.Name &&
				(before.Value == "type" || before.Value == "interface")
		default:
			inList = false
		}
		before, last = last, tok
	}
	if runes == nil {
		return text
	}
	return string(runes)
}

// joinNames puts an ampersand between two names of a list, in the place of a
// comma or a blank outside of comments.
func joinNames(runes []rune, from, to int) {
	if from >= to || to > len(runes) {
		return
	}
	for _, i := range [...]int{from, to - 1} {
		switch runes[i] {
		case ',', ' ', '\t':
			runes[i] = '&'
			return
		}
	}
}
