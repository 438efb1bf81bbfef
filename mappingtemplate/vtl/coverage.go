package vtl

import (
	"slices"
	"strings"
	"sync/atomic"

	"appsync-emulator/mappingtemplate/value"
)

// Coverage counts which parts of a template have run, over all evaluations of
// the template that it was compiled with. It is safe for concurrent use.
//
// The probes are nodes that CompileWithCoverage puts into the template: a
// template of Compile has none, and pays nothing for them.
type Coverage struct {
	lines    []*lineProbe
	branches []*branchProbe
	macros   []*macroProbe
	// last is the place of the statement that began last: line<<32 | column.
	last atomic.Int64
}

// LineCount is how often a line of a template ran.
type LineCount struct {
	// Line counts from 1. Lines on which nothing can run, such as comments and
	// #end, are not listed.
	Line  int
	Count int64
}

// BranchKind is the directive that a branch belongs to.
type BranchKind string

// The directives that branch.
const (
	BranchIf      BranchKind = "#if"
	BranchElseIf  BranchKind = "#elseif"
	BranchForeach BranchKind = "#foreach"
)

// Branch is a condition or a loop, and how often it went which way.
type Branch struct {
	Kind         BranchKind
	Line, Column int
	// Taken counts true conditions, and loops with at least one item.
	Taken int64
	// NotTaken counts the others: what follows, or #else, was evaluated instead.
	NotTaken int64
	// Else is the line of the #else that is evaluated when the branch is not
	// taken, 0 when there is none.
	Else int
}

// MacroCount is how often a #macro was called.
type MacroCount struct {
	Name  string
	Line  int
	Count int64
}

// CompileWithCoverage is Compile of a template that counts what it runs. Its
// evaluations yield what those of a template of Compile do.
func CompileWithCoverage(name, text string) (*Template, *Coverage, error) {
	c := &Coverage{}
	t, err := compile(name, text, c)
	if err != nil {
		return nil, nil, err
	}
	return t, c, nil
}

// Lines returns the lines that can run, in order.
func (c *Coverage) Lines() []LineCount {
	counts := make(map[int]int64)
	for _, p := range c.lines {
		n := p.count.Load()
		for _, line := range p.lines {
			counts[line] = max(counts[line], n)
		}
	}
	lines := make([]LineCount, 0, len(counts))
	for line, n := range counts {
		lines = append(lines, LineCount{line, n})
	}
	slices.SortFunc(lines, func(a, b LineCount) int { return a.Line - b.Line })
	return lines
}

// Branches returns the branches in the order in which the template has them.
func (c *Coverage) Branches() []Branch {
	branches := make([]Branch, len(c.branches))
	for i, p := range c.branches {
		branches[i] = Branch{
			Kind: p.kind, Line: p.pos.line, Column: p.pos.column,
			Taken: p.taken.Load(), NotTaken: p.notTaken.Load(), Else: p.otherwise,
		}
	}
	slices.SortStableFunc(branches, func(a, b Branch) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return branches
}

// Macros returns the macros in the order of their definitions.
func (c *Coverage) Macros() []MacroCount {
	macros := make([]MacroCount, len(c.macros))
	for i, p := range c.macros {
		macros[i] = MacroCount{Name: p.name, Line: p.line, Count: p.count.Load()}
	}
	return macros
}

// Last returns the place of the statement whose evaluation began last. After an
// evaluation that failed this is where it did. Line is 0 when nothing has run.
func (c *Coverage) Last() (line, column int) {
	at := c.last.Load()
	return int(at >> 32), int(at & (1<<32 - 1))
}

func (c *Coverage) begin(p position) { c.last.Store(int64(p.line)<<32 | int64(p.column)) }

// lineProbe counts the evaluations of a statement, on each of its lines.
type lineProbe struct {
	coverage *Coverage
	pos      position
	lines    []int
	count    atomic.Int64
}

func (p *lineProbe) hit() {
	p.count.Add(1)
	p.coverage.begin(p.pos)
}

// coveredText is text with a probe.
type coveredText struct {
	text string
	*lineProbe
}

func (t *coveredText) render(ev *evaluation) error {
	t.hit()
	return ev.write(t.text)
}

// coveredStatement is a statement with a probe.
type coveredStatement struct {
	renderer
	*lineProbe
}

func (s *coveredStatement) render(ev *evaluation) error {
	s.hit()
	return s.renderer.render(ev)
}

// branchProbe counts which way a condition or a loop went.
type branchProbe struct {
	kind            BranchKind
	pos             position
	otherwise       int
	taken, notTaken atomic.Int64
}

func (p *branchProbe) hit(taken bool) {
	if taken {
		p.taken.Add(1)
	} else {
		p.notTaken.Add(1)
	}
}

// coveredCondition is the condition of an #if or #elseif with a probe. line is
// that of an #elseif: an #if is a statement and has its own.
type coveredCondition struct {
	expression
	*branchProbe
	line *lineProbe
}

func (c *coveredCondition) truth(ev *evaluation) (bool, error) {
	if c.line != nil {
		c.line.hit()
	}
	ok, err := c.expression.truth(ev)
	if err == nil {
		c.hit(ok)
	}
	return ok, err
}

// coveredList is the list of a #foreach with a probe.
type coveredList struct {
	expression
	*branchProbe
}

func (l *coveredList) value(ev *evaluation) (any, error) {
	v, err := l.expression.value(ev)
	if err != nil {
		return nil, err
	}
	items := v
	if s, ok := v.(*loopScope); ok {
		items = s.storage
	}
	it := value.Iterate(items)
	l.hit(it != nil && it.HasNext())
	return v, nil
}

type macroProbe struct {
	name  string
	line  int
	count atomic.Int64
}

// coveredBody is the body of a macro with a probe.
type coveredBody struct {
	body *block
	*macroProbe
}

func (b *coveredBody) render(ev *evaluation) error {
	b.count.Add(1)
	return b.body.render(ev)
}

// add appends a statement to a block: with a probe, if it is one of the template
// itself and coverage is wanted. A string's statements run where the string is.
func (u *unit) add(b *block, n *node, r renderer) {
	if u.coverage == nil || u.depth > 1 {
		b.add(r)
		return
	}
	t, ok := r.(textNode)
	if !ok {
		b.nodes = append(b.nodes, &coveredStatement{r, u.lineProbe(n)})
		return
	}
	if t.text == "" {
		return
	}
	lines := textLines(nil, u.pos(n).line, t.text)
	if i := len(b.nodes); i > 0 {
		// Text is joined as block.add does it, so that the number of nodes, which
		// Options.Steps bounds, is the same.
		if before, ok := b.nodes[i-1].(*coveredText); ok {
			before.text += t.text
			before.lines = append(before.lines, lines...)
			return
		}
	}
	probe := &lineProbe{coverage: u.coverage, pos: u.pos(n), lines: lines}
	u.coverage.lines = append(u.coverage.lines, probe)
	b.nodes = append(b.nodes, &coveredText{t.text, probe})
}

// lineProbe returns a probe for a statement, on the lines of its head: what
// stands before its block.
func (u *unit) lineProbe(n *node) *lineProbe {
	last := n.last
	for _, child := range n.children {
		if child.kind == nBlock {
			last = child.first - 1
			break
		}
	}
	p := &lineProbe{coverage: u.coverage, pos: u.start(n)}
	for i := n.first; i <= last; i++ {
		t := &u.tokens[i]
		p.lines = textLines(p.lines, t.pos.line, t.image)
	}
	u.coverage.lines = append(u.coverage.lines, p)
	return p
}

// start is where a statement begins: its token may begin with blanks.
func (u *unit) start(n *node) position {
	t := u.first(n)
	p := t.pos
	for i := 0; i+1 < len(t.image) && (t.image[i] == ' ' || t.image[i] == '\t'); i++ {
		if t.image[i+1] == '\t' {
			p.column += 8 - p.column&7
		} else {
			p.column++
		}
	}
	return p
}

// condition puts a probe into the condition of an #if or #elseif; n is the
// directive.
func (u *unit) condition(n *node, kind BranchKind, test expression) expression {
	if u.coverage == nil {
		return test
	}
	c := &coveredCondition{expression: test, branchProbe: u.branchProbe(n, kind)}
	if kind == BranchElseIf && u.depth == 1 {
		c.line = u.lineProbe(n)
	}
	return c
}

// otherwise notes the #else of the condition that was compiled last.
func (u *unit) otherwise(n *node, test expression) {
	if c, ok := test.(*coveredCondition); ok {
		c.branchProbe.otherwise = u.pos(n).line
	}
}

// loopList puts a probe into the list of a #foreach.
func (u *unit) loopList(n *node, list expression) expression {
	if u.coverage == nil || list == nil {
		return list
	}
	return &coveredList{list, u.branchProbe(n, BranchForeach)}
}

func (u *unit) branchProbe(n *node, kind BranchKind) *branchProbe {
	p := &branchProbe{kind: kind, pos: u.start(n)}
	u.coverage.branches = append(u.coverage.branches, p)
	return p
}

// macroBody puts a probe into the body of a macro.
func (u *unit) macroBody(n *node, name string, body *block) *block {
	if u.coverage == nil {
		return body
	}
	p := &macroProbe{name: name, line: u.pos(n).line}
	u.coverage.macros = append(u.coverage.macros, p)
	return &block{nodes: []renderer{&coveredBody{body, p}}}
}

// textLines appends the lines of a text that begins on a line, those of blanks
// alone left out. A line that is in lines already is not repeated.
func textLines(lines []int, line int, text string) []int {
	for part := range strings.Lines(text) {
		if strings.TrimSpace(part) != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		line++
	}
	return lines
}
