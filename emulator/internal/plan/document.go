package plan

import (
	"sort"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"appsync-emulator/emulator/internal/apierror"
)

// maxTokens bounds the work of one query. Text that fills a request to the
// brim still has fewer.
const maxTokens = 200_000

// document is parsed query text.
type document struct {
	// definitions are the operations and fragments in the order of the text.
	definitions []definition
	// fragments by name; of several with one name the last counts.
	fragments map[string]*ast.FragmentDefinition
	// typeSystem are the definitions that cannot be executed: type, schema, ...
	typeSystem []typeSystemDefinition
}

// definition is an operation or a fragment.
type definition struct {
	operation *ast.OperationDefinition
	fragment  *ast.FragmentDefinition
}

// typeSystemDefinition is a definition of the schema language in a query. name
// is what the engine's message calls it.
type typeSystemDefinition struct {
	name string
	at   apierror.Location
}

// parse parses query text, and reports false when it is not GraphQL.
func parse(text string) (*document, bool) {
	src, ok := readSource(text)
	if !ok {
		return nil, false
	}
	doc := &document{}
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: src.text}, maxTokens)
	if err != nil {
		// The engine's grammar has the schema language as well; it is refused
		// only by validation.
		rest, found, ok := cutTypeSystem(src.text)
		if !ok {
			return nil, false
		}
		doc.typeSystem = found
		if src, ok = readSource(rest); !ok {
			return nil, false
		}
		if query, err = parser.ParseQueryWithTokenLimit(&ast.Source{Input: src.text}, maxTokens); err != nil {
			return nil, false
		}
	}
	if len(query.Operations)+len(query.Fragments)+len(doc.typeSystem) == 0 {
		return nil, false
	}
	doc.order(query)
	c := grammarCheck{src: src}
	if !c.document(doc) {
		return nil, false
	}
	return doc, true
}

func (d *document) order(query *ast.QueryDocument) {
	d.definitions = make([]definition, 0, len(query.Operations)+len(query.Fragments))
	for _, op := range query.Operations {
		d.definitions = append(d.definitions, definition{operation: op})
	}
	if len(query.Fragments) == 0 {
		return
	}
	d.fragments = make(map[string]*ast.FragmentDefinition, len(query.Fragments))
	for _, f := range query.Fragments {
		d.definitions = append(d.definitions, definition{fragment: f})
		d.fragments[f.Name] = f
	}
	sort.Slice(d.definitions, func(i, j int) bool {
		return d.definitions[i].start() < d.definitions[j].start()
	})
}

func (d definition) start() int {
	if d.operation != nil {
		return d.operation.Position.Start
	}
	return d.fragment.Position.Start
}

// operation chooses the operation to run, as the engine does: of several with
// one name the last counts, and a document whose operations have all the same
// name needs no choice. An anonymous operation beside others is left to
// validation, which refuses it whatever is chosen.
func (d *document) operation(name string) (*ast.OperationDefinition, *Failure) {
	var chosen *ast.OperationDefinition
	several, anonymous := false, false
	for _, def := range d.definitions {
		op := def.operation
		if op == nil {
			continue
		}
		anonymous = anonymous || op.Name == ""
		if name == "" || op.Name == name {
			several = several || chosen != nil && chosen.Name != op.Name
			chosen = op
		}
	}
	switch {
	case name == "" && several && !anonymous:
		return nil, missingOperationName()
	case name != "" && chosen == nil:
		return nil, refused("Unknown operation named '" + name + "'.")
	}
	return chosen, nil
}

// grammarCheck walks the parsed text once. It refuses what the parser takes and
// the engine's older grammar does not, and moves spreads and directives to the
// place where the engine sees them begin.
type grammarCheck struct {
	src         *source
	spread, dir int
}

func (c *grammarCheck) document(d *document) bool {
	for _, def := range d.definitions {
		if op := def.operation; op != nil {
			if op.Description != "" || reserved(op.Name) ||
				!c.variables(op.VariableDefinitions) ||
				!c.directives(op.Directives) || !c.selections(op.SelectionSet) {
				return false
			}
			continue
		}
		f := def.fragment
		if f.Description != "" || len(f.VariableDefinition) > 0 || reserved(f.Name) || reserved(f.TypeCondition) ||
			!c.directives(f.Directives) || !c.selections(f.SelectionSet) {
			return false
		}
	}
	return true
}

// reserved reports whether the engine's grammar has the word as a token of its
// own, so that it is not a name.
func reserved(name string) bool {
	switch name {
	case "on", "true", "false", "null":
		return true
	}
	return false
}

func (c *grammarCheck) variables(defs ast.VariableDefinitionList) bool {
	for _, def := range defs {
		if def.Description != "" || len(def.Directives) > 0 || reserved(def.Variable) || reserved(def.Type.Name()) ||
			!c.value(def.DefaultValue) {
			return false
		}
	}
	return true
}

func (c *grammarCheck) selections(set ast.SelectionSet) bool {
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			if reserved(s.Alias) || reserved(s.Name) || !c.arguments(s.Arguments) ||
				!c.directives(s.Directives) || !c.selections(s.SelectionSet) {
				return false
			}
		case *ast.FragmentSpread:
			s.Position = c.spreadPosition()
			if reserved(s.Name) || !c.directives(s.Directives) {
				return false
			}
		case *ast.InlineFragment:
			s.Position = c.spreadPosition()
			if reserved(s.TypeCondition) || !c.directives(s.Directives) || !c.selections(s.SelectionSet) {
				return false
			}
		}
	}
	return true
}

func (c *grammarCheck) spreadPosition() *ast.Position {
	at := c.src.spreads[c.spread]
	c.spread++
	return &ast.Position{Line: at.Line, Column: at.Column}
}

func (c *grammarCheck) directives(list ast.DirectiveList) bool {
	for _, d := range list {
		at := c.src.ats[c.dir]
		c.dir++
		d.Position = &ast.Position{Line: at.Line, Column: at.Column}
		if reserved(d.Name) || !c.arguments(d.Arguments) {
			return false
		}
	}
	return true
}

func (c *grammarCheck) arguments(list ast.ArgumentList) bool {
	for _, a := range list {
		if reserved(a.Name) || !c.value(a.Value) {
			return false
		}
	}
	return true
}

func (c *grammarCheck) value(v *ast.Value) bool {
	if v == nil {
		return true
	}
	if (v.Kind == ast.Variable || v.Kind == ast.EnumValue) && reserved(v.Raw) {
		return false
	}
	for _, child := range v.Children {
		if reserved(child.Name) || !c.value(child.Value) {
			return false
		}
	}
	return true
}

func locate(p *ast.Position) apierror.Location {
	return apierror.Location{Line: p.Line, Column: p.Column}
}

// cutTypeSystem blanks the definitions of the schema language in query text and
// tells what they were. It reports false when there are none, or when one is
// not well formed.
func cutTypeSystem(text string) (rest string, found []typeSystemDefinition, ok bool) {
	tokens, ok := lex(text)
	if !ok {
		return "", nil, false
	}
	runes := []rune(text)
	for i := 0; tokens[i].Kind != lexer.EOF; {
		start := i
		if k := tokens[i].Kind; (k == lexer.String || k == lexer.BlockString) && tokens[i+1].Kind == lexer.Name {
			i++
		}
		word := tokens[i].Value
		if tokens[i].Kind != lexer.Name || !typeSystemWord(word) {
			if i = skipExecutable(tokens, start); i == start {
				return "", nil, false
			}
			continue
		}
		end := skipTypeSystem(tokens, i)
		from, to := tokens[start].Pos.Start, len(runes)
		if tokens[end].Kind != lexer.EOF {
			to = tokens[end].Pos.Start
		}
		if _, err := parser.ParseSchema(&ast.Source{Input: string(runes[from:to])}); err != nil {
			return "", nil, false
		}
		found = append(found, typeSystemDefinition{name: typeSystemName(tokens[i:]), at: runeLocation(runes, from)})
		for ; from < to; from++ {
			if runes[from] != '\n' {
				runes[from] = ' '
			}
		}
		i = end
	}
	return string(runes), found, len(found) > 0
}

// runeLocation is the place of the n-th rune of text.
func runeLocation(text []rune, n int) apierror.Location {
	at := apierror.Location{Line: 1, Column: 1}
	for _, r := range text[:n] {
		at.Column++
		if r == '\n' {
			at = apierror.Location{Line: at.Line + 1, Column: 1}
		}
	}
	return at
}

// lex returns the tokens of text without comments, closed by EOF twice so that
// looking one token ahead is always allowed.
func lex(text string) ([]lexer.Token, bool) {
	var tokens []lexer.Token
	l := lexer.New(&ast.Source{Input: text})
	for {
		t, err := l.ReadToken()
		if err != nil || len(tokens) > maxTokens {
			return nil, false
		}
		if t.Kind == lexer.Comment {
			continue
		}
		tokens = append(tokens, t)
		if t.Kind == lexer.EOF {
			return append(tokens, t), true
		}
	}
}

func typeSystemWord(word string) bool {
	switch word {
	case "schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend":
		return true
	}
	return false
}

// typeSystemName is what the engine's message calls the definition whose
// keyword comes first in tokens.
func typeSystemName(tokens []lexer.Token) string {
	switch tokens[0].Value {
	case "schema":
		return "schema"
	case "directive":
		return "provided"
	case "extend":
		return tokens[2].Value
	}
	return tokens[1].Value
}

// skipExecutable returns the index behind the operation or fragment that begins
// at i: behind the first pair of braces outside of parentheses. It returns i
// when there is none.
func skipExecutable(tokens []lexer.Token, i int) int {
	depth := 0
	for n := i; tokens[n].Kind != lexer.EOF; n++ {
		switch tokens[n].Kind {
		case lexer.BraceL, lexer.ParenL, lexer.BracketL:
			depth++
		case lexer.BraceR, lexer.ParenR, lexer.BracketR:
			if depth--; depth == 0 && tokens[n].Kind == lexer.BraceR {
				return n + 1
			}
		}
	}
	return i
}

// skipTypeSystem returns the index of the token that begins the definition
// after the one whose keyword is at i.
func skipTypeSystem(tokens []lexer.Token, i int) int {
	keyword := tokens[i].Value
	if keyword == "extend" {
		i++
		keyword = tokens[i].Value
	}
	block := keyword != "scalar" && keyword != "union" && keyword != "directive"
	depth, named := 0, keyword == "schema"
	for n := i + 1; ; n++ {
		switch t := tokens[n]; t.Kind {
		case lexer.EOF:
			return n
		case lexer.BraceL:
			if depth == 0 && !block {
				return n
			}
			depth++
		case lexer.ParenL, lexer.BracketL:
			depth++
		case lexer.BraceR, lexer.ParenR, lexer.BracketR:
			if depth--; depth == 0 && t.Kind == lexer.BraceR {
				return n + 1
			}
		case lexer.String, lexer.BlockString:
			if depth == 0 {
				return n
			}
		case lexer.Name:
			switch {
			case depth > 0 || joins(tokens[n-1]):
			case !named:
				named = true
			case typeSystemWord(t.Value), t.Value == "query", t.Value == "mutation",
				t.Value == "subscription", t.Value == "fragment":
				return n
			}
		}
	}
}

// joins reports whether the name behind a token belongs to the same definition
// whatever it is.
func joins(t lexer.Token) bool {
	switch t.Kind {
	case lexer.Equals, lexer.Pipe, lexer.Amp, lexer.At:
		return true
	case lexer.Name:
		return t.Value == "implements" || t.Value == "on"
	}
	return false
}
