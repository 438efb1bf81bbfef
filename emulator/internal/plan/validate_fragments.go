package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/apierror"
)

// maxCycleSteps bounds the search for ways around fragment cycles. A document
// that needs more has at least one error for each fragment in a cycle.
const maxCycleSteps = 100_000

// spreadGraph says which fragments spread which.
type spreadGraph struct {
	// of holds the spreads in each fragment, in the order of the text.
	of map[string][]*ast.FragmentSpread
	// cycle numbers the groups of fragments that lead to each other; fragments
	// that never come back to themselves have none.
	cycle map[string]int
	steps int
}

func newSpreadGraph(doc *document) *spreadGraph {
	g := &spreadGraph{}
	if len(doc.fragments) == 0 {
		return g
	}
	g.of = make(map[string][]*ast.FragmentSpread, len(doc.fragments))
	g.cycle = map[string]int{}
	for name, f := range doc.fragments {
		g.of[name] = spreadsIn(f.SelectionSet, nil)
	}
	c := cycleFinder{g: g, index: map[string]int{}, low: map[string]int{}, onStack: map[string]bool{}}
	for name := range doc.fragments {
		c.visit(name)
	}
	return g
}

func spreadsIn(set ast.SelectionSet, found []*ast.FragmentSpread) []*ast.FragmentSpread {
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			found = spreadsIn(s.SelectionSet, found)
		case *ast.InlineFragment:
			found = spreadsIn(s.SelectionSet, found)
		case *ast.FragmentSpread:
			found = append(found, s)
		}
	}
	return found
}

// cycleFinder is Tarjan's search for strongly connected components.
type cycleFinder struct {
	g       *spreadGraph
	index   map[string]int
	low     map[string]int
	onStack map[string]bool
	stack   []string
}

func (c *cycleFinder) visit(name string) {
	if c.index[name] != 0 {
		return
	}
	n := len(c.index) + 1
	c.index[name], c.low[name] = n, n
	c.stack = append(c.stack, name)
	c.onStack[name] = true
	selfish := false
	for _, s := range c.g.of[name] {
		selfish = selfish || s.Name == name
		c.visit(s.Name)
		if c.onStack[s.Name] {
			c.low[name] = min(c.low[name], c.low[s.Name])
		}
	}
	if c.low[name] != n {
		return
	}
	alone := c.stack[len(c.stack)-1] == name
	for {
		last := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		delete(c.onStack, last)
		if !alone || selfish {
			c.g.cycle[last] = n
		}
		if last == name {
			return
		}
	}
}

// reach adds the fragments that name leads to, itself included, to seen.
func (g *spreadGraph) reach(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	for _, s := range g.of[name] {
		g.reach(s.Name, seen)
	}
}

// unusedFragments reports the fragments that no operation leads to.
func (v *validator) unusedFragments() {
	if len(v.doc.fragments) == 0 {
		return
	}
	used := map[string]bool{}
	for _, def := range v.doc.definitions {
		if def.operation == nil {
			continue
		}
		for _, s := range spreadsIn(def.operation.SelectionSet, nil) {
			v.spreads.reach(s.Name, used)
		}
	}
	for _, def := range v.doc.definitions {
		if f := def.fragment; f != nil && !used[f.Name] {
			v.fail("UnusedFragment", "Unused fragment "+f.Name, locate(f.Position))
		}
	}
}

// fragmentCycles reports every way in which a fragment spreads itself. The
// places are those of the spreads that lead to the last one.
func (v *validator) fragmentCycles(f *ast.FragmentDefinition) {
	if v.spreads.cycle[f.Name] == 0 {
		return
	}
	before := len(v.errors)
	v.walkCycles(f.Name, f.Name, nil)
	if len(v.errors) == before {
		v.fail("FragmentCycle", "Fragment cycles not allowed")
	}
}

func (v *validator) walkCycles(name, initial string, path []*ast.FragmentSpread) {
next:
	for _, s := range v.spreads.of[name] {
		if v.spreads.steps++; v.spreads.steps > maxCycleSteps || v.full() {
			return
		}
		if s.Name == initial {
			at := make([]apierror.Location, len(path))
			for i, p := range path {
				at[i] = locate(p.Position)
			}
			v.fail("FragmentCycle", "Fragment cycles not allowed", at...)
			continue
		}
		if v.spreads.cycle[s.Name] != v.spreads.cycle[initial] {
			continue
		}
		for _, p := range path {
			if p == s {
				continue next
			}
		}
		v.walkCycles(s.Name, initial, append(path, s))
	}
}
