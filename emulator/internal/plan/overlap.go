package plan

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/schema"
)

// maxMerged bounds the fields that merging looks at, fragments expanded.
const maxMerged = 400_000

// maxPairs bounds the pairs of fields compared to word conflicts.
const maxPairs = 200_000

// overlapRule is the engine's OverlappingFieldsCanBeMerged: fields with one
// response key must be one field. The engine compares all pairs, also pairs on
// object types that exclude each other, and tells apart the types only of fields
// on plainly named object or interface types.
//
// Comparing pairs is quadratic, so a linear pass first finds out whether there
// is any conflict at all; pairs are compared only to word one.
type overlapRule struct {
	schema *schema.Schema
	doc    *document
	// clean is set when nothing needs to be compared.
	clean   bool
	checked map[[2]*ast.Field]bool
	// merged and pairs count the work done.
	merged, pairs int
}

// typedSet is a selection set and the type whose fields it selects, nil unless
// that is a plainly named object or interface.
type typedSet struct {
	set ast.SelectionSet
	typ *schema.Type
}

// typedField is a field and its type, nil when it is not known.
type typedField struct {
	field *ast.Field
	typ   *schema.TypeRef
}

// fieldGroups are fields by response key, in the order of the first of each.
type fieldGroups struct {
	keys   []string
	groups map[string][]typedField
}

type conflict struct {
	reason string
	fields []*ast.Field
}

// newOverlapRule looks for conflicts in the whole document. It reports false when
// the fragments multiply too far to tell.
func newOverlapRule(s *schema.Schema, doc *document, spreads *spreadGraph) (*overlapRule, bool) {
	o := &overlapRule{schema: s, doc: doc}
	if len(spreads.cycle) > 0 {
		// Merging would never end; comparing pairs does.
		return o, true
	}
	o.clean = true
	for _, def := range doc.definitions {
		var root typedSet
		if op := def.operation; op != nil {
			root = typedSet{op.SelectionSet, container(outputOf(rootType(s, op.Operation)))}
		} else {
			root = typedSet{def.fragment.SelectionSet, container(outputOf(s.Types[def.fragment.TypeCondition]))}
		}
		if !o.mergeable([]typedSet{root}) {
			o.clean = false
		}
		if o.exhausted() {
			return nil, false
		}
	}
	o.merged = 0
	return o, true
}

// exhausted reports whether the rule stops, as it has done more than enough.
func (o *overlapRule) exhausted() bool { return o.merged > maxMerged || o.pairs > maxPairs }

// container is the type of a reference when it is a plainly named object or
// interface.
func container(t *schema.TypeRef) *schema.Type {
	if t == nil || t.Named == nil || t.Named.Kind != schema.Object && t.Named.Kind != schema.Interface {
		return nil
	}
	return t.Named
}

// mergeable reports whether the fields of all sets together, and below them, can
// be merged. It answers false when it cannot tell without comparing pairs.
func (o *overlapRule) mergeable(sets []typedSet) bool {
	groups := fieldGroups{groups: map[string][]typedField{}}
	visited := map[string]bool{}
	for _, s := range sets {
		o.collect(&groups, s.set, s.typ, visited)
	}
	for _, key := range groups.keys {
		group := groups.groups[key]
		first := group[0]
		var below []typedSet
		for i, f := range group {
			if o.exhausted() {
				return true
			}
			if i > 0 {
				if f.field.Name != first.field.Name || !sameType(first.typ, f.typ) ||
					!sameArguments(first.field.Arguments, f.field.Arguments) {
					return false
				}
				if first.typ == nil {
					first.typ = f.typ
				}
				if repeated(f.field.Arguments) || repeated(first.field.Arguments) {
					return false
				}
			}
			if f.field.SelectionSet != nil {
				below = append(below, typedSet{set: f.field.SelectionSet, typ: container(f.typ)})
			}
		}
		if below != nil && !o.mergeable(below) {
			return false
		}
	}
	return true
}

// repeated reports whether a name occurs twice, which the engine allows.
func repeated(args ast.ArgumentList) bool {
	for i, a := range args {
		for _, b := range args[:i] {
			if a.Name == b.Name {
				return true
			}
		}
	}
	return false
}

func (o *overlapRule) collect(groups *fieldGroups, set ast.SelectionSet, typ *schema.Type, visited map[string]bool) {
	for _, sel := range set {
		if o.merged++; o.exhausted() {
			return
		}
		switch s := sel.(type) {
		case *ast.Field:
			f := typedField{field: s}
			if typ != nil {
				if def := typ.Field(s.Name); def != nil {
					f.typ = def.Type
				}
			}
			if _, ok := groups.groups[s.Alias]; !ok {
				groups.keys = append(groups.keys, s.Alias)
			}
			groups.groups[s.Alias] = append(groups.groups[s.Alias], f)
		case *ast.InlineFragment:
			condition := typ
			if s.TypeCondition != "" {
				condition = container(outputOf(o.schema.Types[s.TypeCondition]))
			}
			o.collect(groups, s.SelectionSet, condition, visited)
		case *ast.FragmentSpread:
			f := o.doc.fragments[s.Name]
			if f == nil || visited[s.Name] {
				continue
			}
			visited[s.Name] = true
			o.collect(groups, f.SelectionSet, container(outputOf(o.schema.Types[f.TypeCondition])), visited)
		}
	}
}

// leave words the conflicts of a selection set whose traversal is over.
func (o *overlapRule) leave(v *validator, set ast.SelectionSet, output *schema.TypeRef) {
	if o.clean || o.exhausted() || v.full() {
		return
	}
	if o.checked == nil {
		o.checked = map[[2]*ast.Field]bool{}
	}
	groups := fieldGroups{groups: map[string][]typedField{}}
	o.collect(&groups, set, container(output), map[string]bool{})
	for _, c := range o.conflicts(&groups) {
		at := make([]apierror.Location, len(c.fields))
		for i, f := range c.fields {
			at[i] = locate(f.Position)
		}
		v.fail("FieldsConflict", c.reason, at...)
	}
}

func (o *overlapRule) conflicts(groups *fieldGroups) []conflict {
	var found []conflict
	for _, key := range groups.keys {
		group := groups.groups[key]
		for i, a := range group {
			for _, b := range group[i+1:] {
				if o.pairs++; o.exhausted() {
					return found
				}
				if c := o.compare(key, a, b); c != nil {
					found = append(found, *c)
				}
			}
		}
	}
	return found
}

// compare words the conflict of two fields, nil when there is none or when the
// two were compared before.
func (o *overlapRule) compare(key string, a, b typedField) *conflict {
	if o.checked[[2]*ast.Field{a.field, b.field}] || o.checked[[2]*ast.Field{b.field, a.field}] {
		return nil
	}
	o.checked[[2]*ast.Field{a.field, b.field}] = true
	both := []*ast.Field{a.field, b.field}
	switch {
	case a.field.Name != b.field.Name:
		return &conflict{key + ": " + a.field.Name + " and " + b.field.Name + " are different fields", both}
	case !sameType(a.typ, b.typ):
		return &conflict{key + ": they return differing types " + typeName(a.typ) + " and " + typeName(b.typ), both}
	case !sameArguments(a.field.Arguments, b.field.Arguments):
		return &conflict{key + ": they have differing arguments", both}
	case a.field.SelectionSet == nil || b.field.SelectionSet == nil:
		return nil
	}
	groups := fieldGroups{groups: map[string][]typedField{}}
	visited := map[string]bool{}
	o.collect(&groups, a.field.SelectionSet, container(a.typ), visited)
	o.collect(&groups, b.field.SelectionSet, container(b.typ), visited)
	below := o.conflicts(&groups)
	if len(below) == 0 {
		return nil
	}
	reasons := make([]string, len(below))
	for i, c := range below {
		reasons[i] = c.reason
		both = append(both, c.fields...)
	}
	return &conflict{key + ": (" + strings.Join(reasons, ", ") + ")", both}
}

// sameType compares two types; one that is not known agrees with any.
func sameType(a, b *schema.TypeRef) bool {
	if a == nil || b == nil || a == b {
		return true
	}
	switch {
	case a.List != nil:
		return b.List != nil && sameType(a.List, b.List)
	case a.NonNull != nil:
		return b.NonNull != nil && sameType(a.NonNull, b.NonNull)
	}
	return a.Named == b.Named
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, arg := range a {
		other := b.ForName(arg.Name)
		if other == nil || !sameLiteral(arg.Value, other.Value) {
			return false
		}
	}
	return true
}
