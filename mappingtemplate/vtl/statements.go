package vtl

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// renderer is a node that writes output.
type renderer interface{ render(*evaluation) error }

// block is a sequence of statements.
type block struct {
	nodes []renderer
	// tail is text that add has joined and that join is going to append.
	tail []byte
}

// add appends a statement, joining adjacent text. The last text is complete
// after join.
func (b *block) add(r renderer) {
	t, ok := r.(textNode)
	switch {
	case !ok:
		b.join()
		b.nodes = append(b.nodes, r)
	case t.text == "":
	case b.tail != nil:
		b.tail = append(b.tail, t.text...)
	default:
		if n := len(b.nodes); n > 0 {
			if before, ok := b.nodes[n-1].(textNode); ok {
				b.tail = append([]byte(before.text), t.text...)
				return
			}
		}
		b.nodes = append(b.nodes, t)
	}
}

// join makes what add has joined the text of the last statement.
func (b *block) join() {
	if b.tail != nil {
		b.nodes[len(b.nodes)-1] = textNode{string(b.tail)}
		b.tail = nil
	}
}

// endsInBlank takes a blank off the end, if the block ends in text with one.
func (b *block) endsInBlank() bool {
	n := len(b.nodes)
	if n == 0 {
		return false
	}
	t, ok := b.nodes[n-1].(textNode)
	if !ok || t.text[len(t.text)-1] != ' ' {
		return false
	}
	if t.text = t.text[:len(t.text)-1]; t.text == "" {
		b.nodes = b.nodes[:n-1]
	} else {
		b.nodes[n-1] = t
	}
	return true
}

func (b *block) render(ev *evaluation) error {
	if err := ev.tick(len(b.nodes)); err != nil {
		return err
	}
	for _, n := range b.nodes {
		var err error
		switch n := n.(type) {
		case textNode:
			err = ev.write(n.text)
		case *reference:
			err = n.render(ev)
		default:
			err = n.render(ev)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type textNode struct{ text string }

func text(s string) renderer { return textNode{s} }

func (t textNode) render(ev *evaluation) error { return ev.write(t.text) }

type set struct {
	left *reference
	// slot is set when the left side is just a variable.
	slot  int
	right expression
}

func (s *set) render(ev *evaluation) error {
	v, err := s.right.value(ev)
	if err != nil {
		return err
	}
	if v == nil && !ev.options.SetNull {
		return nil
	}
	if len(s.left.links) > 0 {
		return s.left.assign(ev, v)
	}
	if v == nil {
		ev.remove(s.slot)
	} else {
		ev.set(s.slot, v)
	}
	return nil
}

type branch struct {
	condition expression
	body      *block
}

type ifStatement struct {
	branches  []branch
	otherwise *block
}

func (s *ifStatement) render(ev *evaluation) error {
	for i := range s.branches {
		ok, err := s.branches[i].condition.truth(ev)
		if err != nil {
			return err
		}
		if ok {
			return s.branches[i].body.render(ev)
		}
	}
	if s.otherwise != nil {
		return s.otherwise.render(ev)
	}
	return nil
}

// foreach is a loop. The slots of $velocityCount, $velocityHasNext and $foreach
// are -1 when nothing reads them.
type foreach struct {
	pos                   position
	element               int
	count, hasNext, scope int
	list                  expression
	body                  *block
	// broken is the error of a loop without a list.
	broken string
}

func (f *foreach) render(ev *evaluation) error {
	if f.broken != "" {
		return &RenderError{Line: f.pos.line, Column: f.pos.column, Msg: f.broken}
	}
	if f.list == nil {
		return nil
	}
	v, err := f.list.value(ev)
	if err != nil {
		return err
	}
	if s, ok := v.(*loopScope); ok {
		v = &s.storage
	}
	it := ev.iterator().Over(v)
	defer func() { ev.iterators = ev.iterators[:len(ev.iterators)-1] }()
	if it == nil {
		return nil
	}
	if err := ev.enter(); err != nil {
		return err
	}
	defer ev.leave()

	former, err := ev.get(f.element)
	if err != nil {
		return err
	}
	formerCount, err := f.former(ev, f.count)
	if err != nil {
		return err
	}
	formerHasNext, err := f.former(ev, f.hasNext)
	if err != nil {
		return err
	}
	var scope *loopScope
	if f.scope >= 0 {
		before, err := ev.get(f.scope)
		if err != nil {
			return err
		}
		scope = newLoopScope(f, before)
		ev.set(f.scope, scope)
	}
	err = f.rounds(ev, it, scope)
	f.restore(ev, f.element, former)
	f.restore(ev, f.count, formerCount)
	f.restore(ev, f.hasNext, formerHasNext)
	if scope != nil {
		if err := f.leaveScope(ev); err != nil {
			return err
		}
	}
	if err == nil || err == errBreak {
		return nil
	}
	return f.broke(err)
}

// broke returns the error that ended the loop, nil when it is a #break of it.
func (f *foreach) broke(err error) error {
	var scoped *scopedBreak
	if errors.As(err, &scoped) && scoped.loop == f {
		return nil
	}
	return err
}

func (f *foreach) former(ev *evaluation, slot int) (any, error) {
	if slot < 0 {
		return nil, nil
	}
	return ev.get(slot)
}

func (f *foreach) restore(ev *evaluation, slot int, former any) {
	switch {
	case slot < 0:
	case former != nil:
		ev.set(slot, former)
	default:
		ev.remove(slot)
	}
}

// leaveScope takes the loop's $foreach away, unless the template has put
// something else in its place.
func (f *foreach) leaveScope(ev *evaluation) error {
	current, err := ev.get(f.scope)
	if err != nil {
		return err
	}
	scope, ok := current.(*loopScope)
	switch {
	case current != nil && !ok:
	case ok && scope.parent != nil:
		ev.set(f.scope, scope.parent)
	case ok && scope.findReplaced() != nil:
		ev.set(f.scope, scope.findReplaced())
	default:
		ev.remove(f.scope)
	}
	return nil
}

func (f *foreach) rounds(ev *evaluation, it *value.Iterator, scope *loopScope) error {
	// nulls is the scope of rounds whose item is null: whatever is assigned to
	// the variable there, it stays null.
	var nulls *frame
	for n := 1; it.HasNext(); n++ {
		if n > ev.options.LoopIterations {
			if ev.options.Logf != nil {
				ev.options.Logf("%s: #foreach at %s was cut off after %d iterations", ev.template.name, f.pos, ev.options.LoopIterations)
			}
			return nil
		}
		if err := ev.tick(1); err != nil {
			return err
		}
		item, err := it.Next()
		if err != nil {
			return &RenderError{Line: f.pos.line, Column: f.pos.column, Msg: err.Error(), Err: err}
		}
		if f.count >= 0 {
			ev.set(f.count, int32(n))
		}
		if f.hasNext >= 0 {
			ev.set(f.hasNext, it.HasNext())
		}
		ev.set(f.element, item)
		if scope != nil {
			scope.index++
			scope.hasNext = it.HasNext()
		}
		if item == nil {
			if nulls == nil {
				nulls = &frame{outer: ev.frame, hides: f.element, hiding: true}
			}
			ev.frame = nulls
			err = f.body.render(ev)
			ev.frame = nulls.outer
		} else {
			err = f.body.render(ev)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// iterator returns the iterator of a loop that begins. It is free again when
// that ends.
func (ev *evaluation) iterator() *value.Iterator {
	n := len(ev.iterators)
	if n == cap(ev.iterators) {
		ev.iterators = append(ev.iterators, nil)
	}
	ev.iterators = ev.iterators[:n+1]
	if ev.iterators[n] == nil {
		ev.iterators[n] = new(value.Iterator)
	}
	return ev.iterators[n]
}

type breakStatement struct {
	pos     position
	scope   expression
	literal string
}

func (b *breakStatement) render(ev *evaluation) error {
	if b.scope == nil {
		return errBreak
	}
	v, err := b.scope.value(ev)
	if err != nil {
		return err
	}
	if s, ok := v.(*loopScope); ok {
		return &scopedBreak{s.loop}
	}
	return &RenderError{Line: b.pos.line, Column: b.pos.column,
		Msg: b.literal + " is not a valid org.apache.velocity.runtime.directive.Scope instance at " + b.pos.String()}
}

type stopStatement struct{ args []expression }

func (s *stopStatement) render(ev *evaluation) error {
	for _, a := range s.args {
		if _, err := a.value(ev); err != nil {
			return err
		}
	}
	return errStop
}

type returnStatement struct{ value expression }

func (r *returnStatement) render(ev *evaluation) error {
	if r.value != nil {
		v, err := r.value.value(ev)
		if err != nil {
			return err
		}
		if d, ok := v.(*definition); ok {
			s, _, err := d.text(ev)
			if err != nil {
				return err
			}
			v = s
		}
		ev.returned = v
	}
	return errReturn
}

// include would copy resources into the output.
type include struct {
	args []expression
	// sources are the texts of the arguments, and refused those that are neither
	// a string nor a reference.
	sources []string
	refused []bool
	pos     position
}

// render fails: there are no resources to load.
func (i *include) render(ev *evaluation) error {
	for n, a := range i.args {
		if i.refused[n] {
			return i.pos.fail("invalid #include() argument '" + i.sources[n] + "' at " + i.pos.String())
		}
		v, err := a.value(ev)
		if err != nil {
			return err
		}
		if v == nil {
			if err := ev.write("<!-- include error : error with arg " + itoa(n) + " please see log. see error log -->"); err != nil {
				return err
			}
			continue
		}
		return missingResource(ev, i.pos, v)
	}
	return nil
}

// parseDirective would render another template.
type parseDirective struct {
	args []expression
	pos  position
}

// render fails: there are no templates to load. Null names none.
func (p *parseDirective) render(ev *evaluation) error {
	if len(p.args) == 0 {
		return p.pos.fail("#parse(): argument missing at " + p.pos.String())
	}
	v, err := p.args[0].value(ev)
	if err != nil || v == nil {
		return err
	}
	return missingResource(ev, p.pos, v)
}

func missingResource(ev *evaluation, pos position, name any) error {
	s, _, err := ev.text(name)
	if err != nil {
		return err
	}
	return pos.fail("Unable to find resource '" + s + "'")
}

func (p position) fail(msg string) error {
	return &RenderError{Line: p.line, Column: p.column, Msg: msg}
}

// evaluate compiles text while the template runs.
type evaluate struct {
	source expression
	pos    position
}

func (e *evaluate) render(ev *evaluation) error {
	v, err := e.source.value(ev)
	if err != nil || v == nil {
		return err
	}
	source, _, err := ev.text(v)
	if err != nil {
		return err
	}
	if err := ev.enter(); err != nil {
		return err
	}
	defer ev.leave()
	if err := ev.tick(200 + 8*len(source)); err != nil {
		return err
	}
	if ev.macros == nil {
		ev.macros = make(map[string]*macro)
	}
	names := make(map[string]bool, len(ev.template.macroNames))
	for name := range ev.template.macroNames {
		names[name] = true
	}
	c := &compiler{
		symbols:    &symbols{base: ev.template.slots, names: ev.names},
		macros:     ev.macros,
		macroNames: names,
		outer:      func(name string) *macro { return ev.template.macros[name] },
	}
	body, err := c.text(source, position{})
	if err != nil {
		msg := err.Error()
		var failure *ParseError
		if errors.As(err, &failure) && failure.lexical != "" {
			msg = "Lexical error: org.apache.velocity.runtime.parser.TokenMgrError: " + failure.lexical
		}
		return &RenderError{Line: e.pos.line, Column: e.pos.column, Msg: msg}
	}
	c.finish()
	ev.names = c.symbols.names
	for n := len(ev.template.slots) + len(ev.names); len(ev.slots) < n; {
		ev.slots = append(ev.slots, nil)
	}
	err = body.render(ev)
	if err == errBreak || err == errStop {
		return nil
	}
	return err
}

// define names a block that is rendered where it is used.
type define struct {
	slot int
	name string
	body *block
}

func (d *define) render(ev *evaluation) error {
	ev.set(d.slot, &definition{body: d.body, frame: ev.frame, max: maxDefineDepth})
	return nil
}

// maxDefineDepth is how often a block may use itself before it prints its name.
const maxDefineDepth = 2

// definition is the value of a #define, and of $bodyContent.
type definition struct {
	body  *block
	frame *frame
	depth int
	max   int
}

// render writes the block, with the variables of the place of use. It reports
// false when the block recurses too deep.
func (d *definition) render(ev *evaluation) (bool, error) {
	if d.depth >= d.max {
		return false, nil
	}
	if err := ev.enter(); err != nil {
		return false, err
	}
	d.depth++
	err := d.body.render(ev)
	ev.leave()
	if err == errBreak {
		err = nil
	}
	if err == nil {
		// What leaves the block in another way stays counted.
		d.depth--
	}
	return true, err
}

// text renders the block with the variables of the place of definition.
func (d *definition) text(ev *evaluation) (string, bool, error) {
	current := ev.frame
	ev.frame = d.frame
	ok := false
	s, err := ev.capture(func() (err error) {
		ok, err = d.render(ev)
		return err
	})
	ev.frame = current
	return s, ok, err
}

// parameter is a parameter of a macro.
type parameter struct {
	name string
	slot int
}

type macro struct {
	name   string
	params []parameter
	body   *block
	pos    position
}

type argument struct {
	value    expression
	literal  string
	constant bool
}

// macroCall calls a macro, or writes itself when there is none of that name.
type macroCall struct {
	name    string
	pos     position
	macro   *macro
	args    []argument
	bad     string
	literal string
	// body is the block of a call with "#@", nil otherwise.
	body     *block
	bodySlot int
}

func (c *macroCall) render(ev *evaluation) error {
	m := c.macro
	if m == nil {
		m = ev.macros[c.name]
	}
	if m == nil {
		return ev.write(c.literal)
	}
	if c.bad != "" {
		return &RenderError{Line: c.pos.line, Column: c.pos.column, Msg: c.bad}
	}
	f := &frame{outer: ev.frame, hides: -1}
	for i, p := range m.params {
		if i >= len(c.args) {
			break
		}
		a := c.args[i]
		switch {
		case a.value == nil:
		case a.constant:
			v, err := a.value.value(ev)
			if err != nil {
				return err
			}
			f.setLocal(p.slot, v)
		default:
			f.args = append(f.args, boundArgument{slot: p.slot, value: a.value, literal: a.literal})
		}
	}
	if c.body != nil {
		f.setLocal(c.bodySlot, &definition{body: c.body, frame: ev.frame, max: defaultMacroDepth})
	}
	if len(ev.macroStack) >= ev.options.MacroDepth {
		return m.overflow(ev)
	}
	if err := ev.tick(1); err != nil {
		return err
	}
	if err := ev.enter(); err != nil {
		return err
	}
	ev.macroStack = append(ev.macroStack, m.name)
	ev.frame = f
	err := m.body.render(ev)
	ev.frame = f.outer
	ev.macroStack = ev.macroStack[:len(ev.macroStack)-1]
	ev.leave()
	if err == errBreak {
		return nil
	}
	return err
}

func (m *macro) overflow(ev *evaluation) error {
	msg := "Max calling depth of " + itoa(ev.options.MacroDepth) + " was exceeded in macro '" + m.name + "' with Call Stack:"
	for i, name := range ev.macroStack {
		if i > 0 {
			msg += "->"
		}
		msg += name
	}
	return &RenderError{Line: m.pos.line, Column: m.pos.column, Msg: msg + " at " + m.pos.String()}
}
