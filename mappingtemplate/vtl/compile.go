package vtl

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/value"
)

// symbols gives every variable name a slot. Code compiled during an evaluation,
// by #evaluate, continues the table of its template without changing it.
type symbols struct {
	base  map[string]int
	names map[string]int
}

func (s *symbols) slot(name string) int {
	if i, ok := s.base[name]; ok {
		return i
	}
	if i, ok := s.names[name]; ok {
		return i
	}
	i := len(s.base) + len(s.names)
	if s.names == nil {
		s.names = make(map[string]int)
	}
	s.names[name] = i
	return i
}

// has reports whether some code uses the variable.
func (s *symbols) has(name string) bool {
	if _, ok := s.base[name]; ok {
		return true
	}
	_, ok := s.names[name]
	return ok
}

// compiler turns a syntax tree into executable nodes.
type compiler struct {
	symbols *symbols
	// macros are those defined so far; the first definition of a name wins.
	macros map[string]*macro
	// macroNames are the macros whose definition has been parsed.
	macroNames map[string]bool
	// calls wait for all definitions to be known.
	calls []*macroCall
	loops []*foreach
	// dynamic is set when the template compiles code while it runs.
	dynamic bool
	// outer finds macros of the template that an #evaluate is in.
	outer func(name string) *macro
	depth int
	// coverage collects probes; nil for a template without.
	coverage *Coverage
}

// text compiles the statements of a text that stands at base.
func (c *compiler) text(text string, base position) (*block, error) {
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxStrings {
		return nil, &ParseError{Line: base.line, Column: base.column,
			Msg: "strings hold each other more than " + strconv.Itoa(maxStrings) + " levels deep at " + base.String()}
	}
	tree, err := parse(text, base, c.macroNames, c.isMacro)
	if err != nil {
		return nil, err
	}
	u := unit{compiler: c, tokens: tree.tokens}
	return u.compile(tree.root)
}

// maxStrings bounds how deep strings that hold directives nest in each other.
const maxStrings = 20

func (c *compiler) isMacro(name string) bool {
	if c.macros[name] != nil {
		return true
	}
	return c.outer != nil && c.outer(name) != nil
}

// finish resolves what could be used before it was defined.
func (c *compiler) finish() {
	for _, call := range c.calls {
		call.macro = c.macros[call.name]
		if call.macro == nil && c.outer != nil {
			call.macro = c.outer(call.name)
		}
	}
	for _, loop := range c.loops {
		loop.count, loop.hasNext, loop.scope = -1, -1, -1
		if c.dynamic || c.outer != nil || c.symbols.has("velocityCount") {
			loop.count = c.symbols.slot("velocityCount")
		}
		if c.dynamic || c.outer != nil || c.symbols.has("velocityHasNext") {
			loop.hasNext = c.symbols.slot("velocityHasNext")
		}
		if c.dynamic || c.outer != nil || c.symbols.has("foreach") {
			loop.scope = c.symbols.slot("foreach")
		}
	}
}

// unit compiles the nodes of one parsed text.
type unit struct {
	*compiler
	tokens []token
}

func (u *unit) first(n *node) *token { return &u.tokens[n.first] }

func (u *unit) pos(n *node) position { return u.tokens[n.first].pos }

// literal is the source text of a node.
func (u *unit) literal(n *node) string {
	if n.first == n.last {
		return u.tokens[n.first].literal()
	}
	var b strings.Builder
	for i := n.first; i <= n.last; i++ {
		b.WriteString(u.tokens[i].literal())
	}
	return b.String()
}

// images is the text of a node's tokens by themselves.
func (u *unit) images(n *node) string {
	var b strings.Builder
	for i := n.first; i <= n.last; i++ {
		b.WriteString(u.tokens[i].image)
	}
	return b.String()
}

func (u *unit) fail(n *node, msg string) error { return u.failAt(u.pos(n), msg) }

func (u *unit) failAt(p position, msg string) error {
	return &ParseError{Line: p.line, Column: p.column, Msg: msg}
}

// compile compiles the statements of a block, joining adjacent text.
func (u *unit) compile(n *node) (*block, error) {
	b := &block{}
	for _, child := range n.children {
		r, err := u.statement(child)
		if err != nil {
			return nil, err
		}
		u.add(b, child, r)
	}
	b.join()
	return b, nil
}

func (u *unit) statement(n *node) (renderer, error) {
	switch n.kind {
	case nText:
		return text(u.first(n).literal()), nil
	case nTextblock:
		image := u.first(n).image
		return text(image[len("#[[") : len(image)-len("]]#")]), nil
	case nComment:
		image := u.first(n).image
		for _, mark := range [...]string{"##", "#*"} {
			if i := strings.Index(image, mark); i >= 0 {
				return text(image[:i]), nil
			}
		}
		return text(""), nil
	case nEscape, nEscapedDirective:
		return text(n.name), nil
	case nReference:
		return u.reference(n)
	case nSet:
		return u.set(n)
	case nIf:
		return u.ifStatement(n)
	default:
		return u.directive(n)
	}
}

// reference compiles a reference. It is also where backslashes before it are
// taken off: how many of them print depends on whether it has a value.
func (u *unit) reference(n *node) (*reference, error) {
	t := u.first(n)
	r := &reference{pos: t.pos, slot: -1}
	// The links come first: they too take backslashes off, and the source text
	// that is printed for null is without them.
	if err := u.links(n, r); err != nil {
		return nil, err
	}
	if strings.Contains(t.image, `\!`) {
		r.null = withoutEscapedBang(t.image)
		return r, nil
	}
	if i := span(t.image, '\\'); i > 0 {
		r.escaped = i%2 != 0
		r.escapePrefix = t.image[:i/2]
		t.image = t.image[i:]
	}
	if i := strings.LastIndexByte(t.image, '$'); i > 0 {
		r.morePrefix = t.image[:i]
		t.image = t.image[i:]
	}
	if !strings.HasPrefix(t.image, "$") {
		// A bare word, which the grammar takes where a value is wanted.
		r.null = t.image
		return r, nil
	}
	name := u.rootName(n)
	r.slot = u.symbols.slot(name)
	r.null = u.literal(n)
	r.plain = r.null == "$"+name
	if strings.HasPrefix(t.image, "$!") && !r.escaped {
		r.null = ""
	}
	if last := len(r.links) - 1; last >= 0 && !r.escaped && r.escapePrefix == "" && r.morePrefix == "" {
		r.call = r.links[last].kind == methodLink
	}
	return r, nil
}

// withoutEscapedBang takes one backslash off "$\!".
func withoutEscapedBang(image string) string {
	dollar := strings.IndexByte(image, '$')
	if dollar < 0 {
		return image
	}
	start := dollar + max(strings.IndexByte(image[dollar:], '\\'), 0)
	count := span(image[start:], '\\')
	if count == 0 {
		return image
	}
	return image[:start+count-1] + image[start+count:]
}

func (u *unit) links(n *node, r *reference) error {
	for _, child := range n.children {
		l := link{pos: u.pos(child)}
		switch child.kind {
		case nIdentifier:
			l.name = u.first(child).image
		case nMethod:
			l.kind = methodLink
			l.name = u.first(child).image
			for _, arg := range child.children {
				e, err := u.expression(arg)
				if err != nil {
					return err
				}
				l.args = append(l.args, e)
			}
			l.quick = value.QuickMethod(l.name, len(l.args))
		case nIndex:
			l.kind = indexLink
			e, err := u.expression(child.children[0])
			if err != nil {
				return err
			}
			l.name = "get"
			l.args = []expression{e}
		}
		r.links = append(r.links, l)
	}
	return nil
}

func (u *unit) set(n *node) (renderer, error) {
	left, err := u.reference(n.children[0])
	if err != nil {
		return nil, err
	}
	s := &set{left: left}
	if len(left.links) == 0 {
		// The name is the token's text behind the dollar sign, so that "${x}"
		// and "$!x" set no variable that can be read.
		s.slot = u.symbols.slot(u.first(n.children[0]).image[1:])
	}
	s.right, err = u.expression(n.children[1])
	return s, err
}

func (u *unit) ifStatement(n *node) (renderer, error) {
	s := &ifStatement{}
	for i := 0; i < len(n.children); {
		child := n.children[i]
		var condition, body *node
		kind, at := BranchIf, n
		switch child.kind {
		case nElseIf:
			condition, body = child.children[0], child.children[1]
			kind, at = BranchElseIf, child
			i++
		case nElse:
			b, err := u.compile(child.children[0])
			if err != nil {
				return nil, err
			}
			s.otherwise = b
			u.otherwise(child, s.branches[len(s.branches)-1].condition)
			i++
			continue
		default:
			condition, body = child, n.children[i+1]
			i += 2
		}
		test, err := u.expression(condition)
		if err != nil {
			return nil, err
		}
		b, err := u.compile(body)
		if err != nil {
			return nil, err
		}
		s.branches = append(s.branches, branch{u.condition(at, kind, test), b})
	}
	return s, nil
}

func (u *unit) directive(n *node) (renderer, error) {
	pos := u.pos(n)
	switch n.name {
	case "foreach":
		return u.foreach(n)
	case "break":
		args, err := u.arguments(n.children)
		if err != nil {
			return nil, err
		}
		if len(args) > 1 {
			return nil, u.failAt(pos, "The #stop directive only accepts a single scope object at "+pos.String())
		}
		b := &breakStatement{pos: pos}
		if len(args) == 1 {
			b.scope = args[0]
			b.literal = u.literal(n.children[0])
		}
		return b, nil
	case "stop":
		args, err := u.arguments(n.children)
		if err != nil {
			return nil, err
		}
		if len(args) > 1 {
			return nil, u.failAt(pos, "The #stop directive only accepts a single message parameter at "+pos.String())
		}
		return &stopStatement{args: args}, nil
	case "return":
		args, err := u.arguments(n.children)
		if err != nil {
			return nil, err
		}
		if len(args) > 1 {
			return nil, u.failAt(pos, "The #return directive only accepts a single value at "+pos.String())
		}
		r := &returnStatement{}
		if len(args) == 1 {
			r.value = args[0]
		}
		return r, nil
	case "define":
		if len(n.children) != 2 {
			return nil, u.failAt(pos, "parameter missing: block name at "+pos.String())
		}
		if _, err := u.expression(n.children[0]); err != nil {
			return nil, err
		}
		name := u.first(n.children[0]).image[1:]
		body, err := u.compile(n.children[1])
		if err != nil {
			return nil, err
		}
		return &define{slot: u.symbols.slot(name), name: name, body: body}, nil
	case "macro":
		return u.macro(n)
	case "evaluate":
		u.dynamic = true
		args, err := u.arguments(n.children)
		if err != nil {
			return nil, err
		}
		switch {
		case len(args) == 0:
			return nil, u.failAt(pos, "#evaluate() requires exactly one argument")
		case len(args) > 1:
			return nil, u.fail(n.children[1], "#evaluate() requires exactly one argument")
		case n.children[0].kind != nString && n.children[0].kind != nReference:
			return nil, u.fail(n.children[0], "#evaluate()  argument must be a string literal or reference")
		}
		return &evaluate{source: args[0], pos: pos}, nil
	case "include":
		args, err := u.arguments(n.children)
		i := &include{args: args, pos: pos}
		for _, child := range n.children {
			i.sources = append(i.sources, u.literal(child))
			i.refused = append(i.refused, child.kind != nString && child.kind != nReference)
		}
		return i, err
	case "parse":
		args, err := u.arguments(n.children)
		return &parseDirective{args: args, pos: pos}, err
	case "literal":
		if len(n.children) == 0 {
			return nil, u.failAt(pos, "#literal() requires parentheses at "+pos.String())
		}
		if text := n.children[0]; text.kind == nBlock && len(text.children) == 0 {
			return nil, u.failAt(pos, "#literal() requires a text at "+pos.String())
		}
		for _, child := range n.children {
			var err error
			if child.kind == nBlock {
				_, err = u.compile(child)
			} else {
				_, err = u.expression(child)
			}
			if err != nil {
				return nil, err
			}
		}
		return text(u.literal(n.children[0])), nil
	}
	return u.call(n)
}

func (u *unit) arguments(nodes []*node) ([]expression, error) {
	args := make([]expression, 0, len(nodes))
	for _, n := range nodes {
		e, err := u.expression(n)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	return args, nil
}

// foreach compiles "#foreach($item in list) body #end". Velocity does not check
// its arguments: it takes the first as the variable, the third as the list and
// what comes fourth as the body.
func (u *unit) foreach(n *node) (renderer, error) {
	pos := u.pos(n)
	if len(n.children) == 0 {
		return nil, u.failAt(pos, "#foreach needs a variable and a list at "+pos.String())
	}
	f := &foreach{pos: pos}
	u.loops = append(u.loops, f)
	for i, child := range n.children {
		switch {
		case child.kind == nBlock:
			b, err := u.compile(child)
			if err != nil {
				return nil, err
			}
			if i == 3 {
				f.body = b
			}
		case child.kind == nWord:
		case i == 3:
			e, err := u.expression(child)
			if err != nil {
				return nil, err
			}
			f.body = &block{}
			if r, ok := e.(renderer); ok {
				f.body.add(r)
			}
		default:
			e, err := u.expression(child)
			if err != nil {
				return nil, err
			}
			if i == 2 {
				f.list = u.loopList(n, e)
			}
		}
	}
	if len(n.children) < 3 {
		f.broken = "Index 2 out of bounds for length " + strconv.Itoa(len(n.children))
	}
	element := n.children[0]
	name := strings.TrimPrefix(u.first(element).image, "$")
	if element.kind == nReference {
		name = u.rootName(element)
	} else if len(name) > 0 && name == u.first(element).image {
		name = name[1:]
	}
	f.element = u.symbols.slot(name)
	return f, nil
}

// rootName is the variable that a compiled reference reads.
func (u *unit) rootName(n *node) string {
	switch image := u.first(n).image; {
	case image == "${", strings.HasPrefix(image, "$!{"):
		return u.tokens[n.first+1].image
	case strings.HasPrefix(image, "$!"):
		return image[2:]
	case strings.HasPrefix(image, "$"):
		return image[1:]
	default:
		return image
	}
}

func (u *unit) macro(n *node) (renderer, error) {
	if len(n.children) < 2 {
		pos := u.pos(n)
		return nil, u.failAt(pos, "First argument to #macro() must be  macro name at "+pos.String()+"\n")
	}
	last := len(n.children) - 1
	m := &macro{name: u.first(n.children[0]).image}
	for _, param := range n.children[1:last] {
		if _, err := u.expression(param); err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(u.first(param).image, "$")
		m.params = append(m.params, parameter{name: name, slot: u.symbols.slot(name)})
	}
	body, err := u.compile(n.children[last])
	if err != nil {
		return nil, err
	}
	m.body = u.macroBody(n, m.name, body)
	m.pos = u.pos(n.children[last])
	if u.macros[m.name] == nil && (u.outer == nil || u.outer(m.name) == nil) {
		u.macros[m.name] = m
	}
	return text(""), nil
}

// call compiles the call of a macro, or what looks like one and is text.
func (u *unit) call(n *node) (renderer, error) {
	call := &macroCall{name: n.name, pos: u.pos(n)}
	args := n.children
	isBlock := strings.HasPrefix(n.name, "@")
	if isBlock {
		if len(args) == 0 {
			return text("#" + n.name), nil
		}
		call.name = n.name[1:]
		args = args[:len(args)-1]
		call.bodySlot = u.symbols.slot("bodyContent")
	}
	for _, arg := range args {
		if arg.kind == nWord {
			call.bad = "Invalid arg '" + u.first(arg).image + "' in macro #" + call.name + " at " + u.pos(arg).String()
			call.args = append(call.args, argument{})
			continue
		}
		e, err := u.expression(arg)
		if err != nil {
			return nil, err
		}
		a := argument{value: e, literal: u.literal(arg)}
		switch arg.kind {
		case nReference, nRange, nList, nMap, nString:
		default:
			a.constant = true
		}
		call.args = append(call.args, a)
	}
	if isBlock {
		body, err := u.compile(n.children[len(n.children)-1])
		if err != nil {
			return nil, err
		}
		call.body = body
	}
	call.literal = u.images(n)
	u.calls = append(u.calls, call)
	return call, nil
}

func (u *unit) expression(n *node) (expression, error) {
	switch n.kind {
	case nExpression:
		return u.expression(n.children[0])
	case nReference:
		return u.reference(n)
	case nString:
		return u.stringLiteral(n)
	case nInteger:
		return u.integerLiteral(n)
	case nFloat:
		return u.floatLiteral(n)
	case nTrue:
		return boolean(true), nil
	case nFalse:
		return boolean(false), nil
	case nWord:
		return constant{}, nil
	case nMap:
		m := &mapLiteral{}
		for i := 0; i+1 < len(n.children); i += 2 {
			k, err := u.expression(n.children[i])
			if err != nil {
				return nil, err
			}
			v, err := u.expression(n.children[i+1])
			if err != nil {
				return nil, err
			}
			m.keys = append(m.keys, k)
			m.values = append(m.values, v)
		}
		return m, nil
	case nList:
		items, err := u.arguments(n.children)
		return newListLiteral(items), err
	case nNot:
		e, err := u.expression(n.children[0])
		return &not{e}, err
	}
	left, err := u.expression(n.children[0])
	if err != nil {
		return nil, err
	}
	right, err := u.expression(n.children[1])
	if err != nil {
		return nil, err
	}
	switch n.kind {
	case nRange:
		return &rangeLiteral{left, right}, nil
	case nOr:
		return &or{left, right}, nil
	case nAnd:
		return &and{left, right}, nil
	case nEqual, nNotEqual:
		return &equality{left: left, right: right, negated: n.kind == nNotEqual}, nil
	case nLess, nLessEqual, nGreater, nGreaterEqual:
		return &comparison{left: left, right: right, operator: n.kind}, nil
	}
	m := &arithmetic{left: left, right: right, operator: n.kind, pos: u.pos(n)}
	if n.kind == nAdd {
		m.leftLiteral, m.rightLiteral = u.literal(n.children[0]), u.literal(n.children[1])
	}
	return m, nil
}

// stringLiteral compiles a quoted string. One in double quotes with a "$" or
// "#" in it is a template of its own, to which Velocity adds a blank so that it
// does not end in the middle of a token, and takes the last character off the
// result.
func (u *unit) stringLiteral(n *node) (expression, error) {
	image := u.first(n).image
	quote := image[0]
	text := image[1 : len(image)-1]
	interpolates := quote == '"' && strings.ContainsAny(image, "$#")
	if quote == '"' {
		decoded, err := unescape(text)
		if err != "" {
			return nil, u.fail(n, err)
		}
		text = decoded
	}
	text = strings.ReplaceAll(text, string([]byte{quote, quote}), string(quote))
	if !interpolates {
		return constant{text}, nil
	}
	trimmed := !strings.Contains(text, "##")
	if trimmed {
		text += " "
	}
	body, err := u.text(text, u.pos(n))
	if err != nil {
		pos := u.pos(n)
		return nil, u.failAt(pos, "Failed to parse String literal at "+pos.String())
	}
	s := &interpolation{body: body, trim: trimmed}
	if trimmed && body.endsInBlank() {
		s.trim = false
	}
	switch {
	case len(body.nodes) == 0:
		return constant{""}, nil
	case len(body.nodes) == 1 && !s.trim:
		switch only := body.nodes[0].(type) {
		case textNode:
			return constant{only.text}, nil
		case *reference:
			s.single = only
		}
	}
	return s, nil
}

// unescape decodes \uXXXX. Anything else behind \u is the error that Java's
// number parser words.
func unescape(s string) (decoded, failure string) {
	if !strings.Contains(s, `\u`) {
		return s, ""
	}
	var b strings.Builder
	var units []uint16
	flush := func() {
		b.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for i := 0; i < len(s); {
		if !hasPrefix(s[i:], `\u`) {
			flush()
			b.WriteByte(s[i])
			i++
			continue
		}
		digits, end := "", i+2
		for count := 0; count < 4; count++ {
			if end >= len(s) {
				return "", "begin " + itoa(value.Length(s[:i])+2) + ", end " + itoa(value.Length(s[:i])+6) + ", length " + itoa(value.Length(s))
			}
			_, size := utf8.DecodeRuneInString(s[end:])
			end += size
		}
		digits = s[i+2 : end]
		n, err := strconv.ParseInt(digits, 16, 32)
		if err != nil || strings.Contains(digits, "_") {
			return "", `For input string: "` + digits + `" under radix 16`
		}
		units = append(units, uint16(n))
		i = end
	}
	flush()
	return b.String(), ""
}

// integerLiteral has the smallest type that holds the number.
func (u *unit) integerLiteral(n *node) (expression, error) {
	image := u.first(n).image
	if i, err := strconv.ParseInt(image, 10, 64); err == nil {
		return constant{value.Integer(i)}, nil
	}
	i, ok := new(big.Int).SetString(image, 10)
	if !ok {
		return nil, u.fail(n, `For input string: "`+image+`"`)
	}
	return constant{i}, nil
}

func (u *unit) floatLiteral(n *node) (expression, error) {
	image := u.first(n).image
	f, err := strconv.ParseFloat(image, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, u.fail(n, `For input string: "`+image+`"`)
	}
	// An exponent out of range gives an infinity or zero, as in Java.
	return constant{f}, nil
}
