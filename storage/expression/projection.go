package expression

import "appsync-emulator/storage/attribute"

// Projection is a bound projection expression. It is safe for concurrent use.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
type Projection struct {
	paths []Path
	// nested arranges the paths when one of them leads into a list or map.
	nested *pathTree
}

func newProjection(t *tree, env *environment) (*Projection, error) {
	if env.incomplete {
		for slot := range env.paths {
			if message := env.undefinedName(slot); message != "" {
				return nil, t.grammar.refuse(message)
			}
		}
	}
	if message := checkDisjoint(env.paths); message != "" {
		return nil, t.grammar.refuse(message)
	}
	p := &Projection{paths: env.paths}
	if !allTopLevel(p.paths) {
		p.nested = newPathTree(p.paths)
	}
	return p, nil
}

// Apply returns what the projection selects of item; paths that lead nowhere
// select nothing. Lists hold their selected elements only. A nil item yields
// nil, a nil projection selects the whole item.
func (p *Projection) Apply(item *attribute.Item) *attribute.Item {
	switch {
	case item == nil || p == nil:
		return item
	case p.nested != nil:
		return selectItem(p.nested, item)
	default:
		return selectTopLevel(item, p.paths)
	}
}

// Paths returns the paths that are projected. The slice must not be changed.
func (p *Projection) Paths() []Path { return p.paths }

func (p *Projection) allPaths() []Path {
	if p == nil {
		return nil
	}
	return p.paths
}

// ProjectPaths returns what disjoint paths select of item, as Projection.Apply
// does: with the paths of Update.Apply it is the answer to UPDATED_OLD and
// UPDATED_NEW.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html#DDB-UpdateItem-request-ReturnValues
func ProjectPaths(item *attribute.Item, paths []Path) *attribute.Item {
	switch {
	case item == nil:
		return nil
	case allTopLevel(paths):
		return selectTopLevel(item, paths)
	default:
		return selectItem(newPathTree(paths), item)
	}
}

func selectTopLevel(item *attribute.Item, paths []Path) *attribute.Item {
	selected := attribute.NewItem()
	for _, p := range paths {
		if v := item.Get(p.Head()); v.IsValid() {
			selected.Set(p.Head(), v)
		}
	}
	return selected
}

func selectItem(t *pathTree, item *attribute.Item) *attribute.Item {
	selected := attribute.NewItem()
	for _, child := range t.children {
		if v := selectValue(child, child.element.of(attribute.MapOf(item))); v.IsValid() {
			selected.Set(child.element.Name, v)
		}
	}
	return selected
}

// selectValue returns what t selects of v, the zero Value when that is nothing.
func selectValue(t *pathTree, v attribute.Value) attribute.Value {
	if t.leaf >= 0 || !v.IsValid() {
		return v
	}
	if !t.children[0].element.IsIndex {
		if v.Kind() != attribute.M {
			return attribute.Value{}
		}
		if item := selectItem(t, v.Item()); item.Len() > 0 {
			return attribute.MapOf(item)
		}
		return attribute.Value{}
	}
	var elems []attribute.Value
	for _, child := range t.children {
		if e := selectValue(child, child.element.of(v)); e.IsValid() {
			elems = append(elems, e)
		}
	}
	if len(elems) == 0 {
		return attribute.Value{}
	}
	return attribute.ListOf(elems)
}
