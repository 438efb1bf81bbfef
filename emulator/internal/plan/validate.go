package plan

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/schema"
)

// maxErrors bounds what one answer reports. The engine has no such bound, but
// fragments that multiply would multiply their errors too.
const maxErrors = 1000

// maxFollowed bounds the visits of fragments from spreads, which fragments that
// spread each other in cycles would multiply.
const maxFollowed = 50_000

// validator applies the rules of graphql-java 9 in one traversal. At each node
// the rules speak in the order in which that engine registers them, and the
// answer lists errors in that order, so the methods below follow it.
//
// Like the engine it takes the traversal's own idea of "the current field" and
// "the current directive": the arguments of an unknown directive are judged by
// the field around it.
type validator struct {
	schema  *schema.Schema
	doc     *document
	meta    *metaFields
	overlap *overlapRule
	errors  []*apierror.Error

	// path holds the names of the fields and fragments around the node.
	path []string
	// parent is the type of the selection set around the node, nil when unknown.
	parent *schema.Type
	// output is the type of the field or fragment at the node, nil when unknown.
	output *schema.TypeRef
	// field is the definition of the field at or around the node.
	field *schema.Field
	// directive is set inside a known directive.
	directive *schema.Directive

	// scope holds the variables of the operation; nil in a fragment definition
	// that is visited for itself.
	scope *variableScope
	// following is set while a fragment is visited from a spread: then only the
	// rules about variables apply.
	following bool
	// active are the fragments around the node that were entered by a spread.
	active   map[string]bool
	followed int

	anonymous  bool // an anonymous operation was seen
	operations int
	spreads    *spreadGraph
}

// validate returns what is wrong with the document, nil when it is valid.
func validate(s *schema.Schema, doc *document, meta *metaFields) *Failure {
	v := &validator{schema: s, doc: doc, meta: meta, active: map[string]bool{}}
	v.spreads = newSpreadGraph(doc)
	var ok bool
	if v.overlap, ok = newOverlapRule(s, doc, v.spreads); !ok {
		return tooLarge()
	}
	for _, def := range doc.typeSystem {
		v.fail("NonExecutableDefinition", "The "+def.name+" definition is not executable.", def.at)
	}
	for _, def := range doc.definitions {
		if def.operation != nil {
			v.operation(def.operation)
		} else {
			v.fragment(def.fragment)
		}
	}
	v.unusedFragments()
	switch {
	case len(v.errors) > 0:
	case v.overlap.exhausted():
		return tooLarge() // there is a conflict that was not found in time
	default:
		return nil
	}
	return &Failure{Kind: Errors, Errors: v.errors}
}

// fail reports an error at the places given; none are an empty list.
func (v *validator) fail(kind, text string, at ...apierror.Location) {
	if len(v.errors) >= maxErrors {
		return
	}
	message := "Validation error of type " + kind + ": " + text
	if len(v.path) > 0 {
		message += " @ '" + strings.Join(v.path, "/") + "'"
	}
	if at == nil {
		at = []apierror.Location{}
	}
	v.errors = append(v.errors, &apierror.Error{Shape: apierror.Request, Message: message, Locations: at})
}

func (v *validator) full() bool { return len(v.errors) >= maxErrors }

// rootType is the type that an operation selects from, nil when the schema has
// none.
func rootType(s *schema.Schema, op ast.Operation) *schema.Type {
	switch op {
	case ast.Mutation:
		return s.Mutation
	case ast.Subscription:
		return s.Subscription
	}
	return s.Query
}

func (v *validator) operation(op *ast.OperationDefinition) {
	switch {
	case op.Name == "":
		v.anonymous = true
		if v.operations > 0 {
			v.fail("LoneAnonymousOperationViolation", "Anonymous operation with other operations.", locate(op.Position))
		}
	case v.anonymous:
		v.fail("LoneAnonymousOperationViolation", "Operation "+op.Name+" is following anonymous operation.", locate(op.Position))
	}
	v.operations++

	v.output, v.parent, v.field = nil, nil, nil
	if root := rootType(v.schema, op.Operation); root != nil {
		v.output = &schema.TypeRef{Named: root}
	}
	v.scope = newVariableScope()
	for _, def := range op.VariableDefinitions {
		v.variableDefinition(def)
	}
	location := "MUTATION"
	if op.Operation == ast.Query {
		location = "QUERY"
	}
	v.directives(op.Directives, location)
	v.selectionSet(op.SelectionSet)
	for _, def := range op.VariableDefinitions {
		if !v.scope.used[def.Variable] {
			v.fail("UnusedVariable", "Unused variable "+def.Variable, locate(def.Position))
		}
	}
	v.scope = nil
}

// fragment visits a fragment definition for itself.
func (v *validator) fragment(f *ast.FragmentDefinition) {
	v.path = append(v.path, f.Name)
	v.parent, v.field = nil, nil
	condition := v.schema.Types[f.TypeCondition]
	v.output = outputOf(condition)
	if condition != nil && !condition.IsComposite() {
		v.fail("InlineFragmentTypeConditionInvalid",
			"Fragment type condition is invalid, must be on Object/Interface/Union", locate(f.Position))
	}
	v.fragmentCycles(f)
	if condition == nil {
		// The engine keeps no place for the type name of a fragment.
		v.fail("UnknownType", "Unknown type "+f.TypeCondition)
	}
	v.directives(f.Directives, "FRAGMENT_DEFINITION")
	v.selectionSet(f.SelectionSet)
	v.path = v.path[:len(v.path)-1]
}

// outputOf is a reference to t, nil for an unknown type.
func outputOf(t *schema.Type) *schema.TypeRef {
	if t == nil {
		return nil
	}
	return &schema.TypeRef{Named: t}
}

func (v *validator) selectionSet(set ast.SelectionSet) {
	output, parent, field := v.output, v.parent, v.field
	v.parent = nil
	if output != nil && output.Base().IsComposite() {
		v.parent = output.Base()
	}
	inside := v.parent
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			v.fieldSelection(s)
		case *ast.InlineFragment:
			v.inlineFragment(s)
		case *ast.FragmentSpread:
			v.fragmentSpread(s)
		}
		v.output, v.parent, v.field = output, inside, field
	}
	v.parent = parent
	if !v.following {
		v.overlap.leave(v, set, output)
	}
}

func (v *validator) fieldSelection(f *ast.Field) {
	v.path = append(v.path, f.Name)
	def, hidden := v.meta.lookup(v.schema, v.parent, f.Name)
	v.field, v.output = def, nil
	if def != nil {
		v.output = def.Type
	}
	if !v.following {
		if v.parent != nil && (def == nil || hidden) {
			v.fail("FieldUndefined", "Field '"+f.Name+"' in type '"+v.parent.Name+"' is undefined", locate(f.Position))
		}
		if def != nil {
			v.requiredArguments(def.Args, f.Arguments, true, f.Position)
			v.leaf(f, def.Type)
		}
	}
	for _, a := range f.Arguments {
		v.argument(a)
	}
	v.directives(f.Directives, "FIELD")
	if f.SelectionSet != nil {
		v.selectionSet(f.SelectionSet)
	}
	v.path = v.path[:len(v.path)-1]
}

// leaf checks that composite fields, and no others, have a selection.
func (v *validator) leaf(f *ast.Field, t *schema.TypeRef) {
	composite := t.Base().IsComposite()
	switch {
	case !composite && f.SelectionSet != nil:
		v.fail("SubSelectionNotAllowed",
			"Sub selection not allowed on leaf type "+typeName(t)+" of field "+f.Name, locate(f.Position))
	case composite && f.SelectionSet == nil:
		v.fail("SubSelectionRequired",
			"Sub selection required for type "+typeName(t)+" of field "+f.Name, locate(f.Position))
	}
}

// typeName is the name that the engine has for a type reference: lists and
// non-null types have none.
func typeName(t *schema.TypeRef) string {
	if t == nil || t.Named == nil {
		return "null"
	}
	return t.Named.Name
}

func (v *validator) inlineFragment(f *ast.InlineFragment) {
	condition := v.parent
	if f.TypeCondition != "" {
		condition = v.schema.Types[f.TypeCondition]
	}
	v.output = outputOf(condition)
	if !v.following && condition != nil {
		switch {
		case !condition.IsComposite():
			v.fail("InlineFragmentTypeConditionInvalid",
				"Inline fragment type condition is invalid, must be on Object/Interface/Union", locate(f.Position))
		case v.parent != nil && !overlapping(condition, v.parent):
			v.fail("InvalidFragmentType", "Fragment cannot be spread here as objects of type "+
				v.parent.Name+" can never be of type "+condition.Name, locate(f.Position))
		}
	}
	if !v.following && condition == nil && f.TypeCondition != "" {
		v.fail("UnknownType", "Unknown type "+f.TypeCondition)
	}
	v.directives(f.Directives, "INLINE_FRAGMENT")
	v.selectionSet(f.SelectionSet)
}

// overlapping reports whether a value can be of both types.
func overlapping(a, b *schema.Type) bool {
	if a == b {
		return true
	}
	for _, p := range a.Possible {
		for _, q := range b.Possible {
			if p == q {
				return true
			}
		}
	}
	return false
}

func (v *validator) fragmentSpread(f *ast.FragmentSpread) {
	def := v.doc.fragments[f.Name]
	if !v.following {
		if def == nil {
			v.fail("UndefinedFragment", "Undefined fragment "+f.Name, locate(f.Position))
		} else if condition := v.schema.Types[def.TypeCondition]; condition != nil && condition.IsComposite() &&
			v.parent != nil && !overlapping(condition, v.parent) {
			v.fail("InvalidFragmentType", "Fragment "+f.Name+" cannot be spread here as objects of type "+
				v.parent.Name+" can never be of type "+condition.Name, locate(f.Position))
		}
	}
	if def != nil {
		v.follow(def)
	}
	v.directives(f.Directives, "FRAGMENT_SPREAD")
}

// follow visits a fragment from a spread, for the rules about variables. A
// fragment that was found in order is not visited again for the same operation:
// it could report nothing, and fragments that spread each other twice would
// double the work at each level.
func (v *validator) follow(def *ast.FragmentDefinition) {
	if v.scope == nil || v.active[def.Name] || v.scope.clean[def] || v.full() || v.followed >= maxFollowed {
		return
	}
	v.followed++
	// Within a cycle, what a fragment leads to depends on the way to it.
	whole := !v.insideCycleOf(def.Name)
	following, output, parent, field, before := v.following, v.output, v.parent, v.field, len(v.errors)
	v.following = true
	v.active[def.Name] = true
	v.path = append(v.path, def.Name)
	v.output = outputOf(v.schema.Types[def.TypeCondition])
	v.directives(def.Directives, "FRAGMENT_DEFINITION")
	v.selectionSet(def.SelectionSet)
	v.path = v.path[:len(v.path)-1]
	delete(v.active, def.Name)
	v.following, v.output, v.parent, v.field = following, output, parent, field
	if whole && len(v.errors) == before {
		v.scope.clean[def] = true
	}
}

// insideCycleOf reports whether a fragment of the same cycle is being visited.
func (v *validator) insideCycleOf(name string) bool {
	cycle := v.spreads.cycle[name]
	if cycle == 0 {
		return false
	}
	for other := range v.active {
		if v.spreads.cycle[other] == cycle {
			return true
		}
	}
	return false
}

func (v *validator) directives(list ast.DirectiveList, location string) {
	for _, d := range list {
		def := v.schema.Directives[d.Name]
		v.directive = def
		if !v.following {
			switch {
			case def == nil:
				v.fail("UnknownDirective", "Unknown directive "+d.Name, locate(d.Position))
			default:
				if !allows(def, location) {
					v.fail("MisplacedDirective", "Directive "+d.Name+" not allowed here", locate(d.Position))
				}
				v.requiredArguments(def.Args, d.Arguments, false, d.Position)
			}
		}
		for _, a := range d.Arguments {
			v.argument(a)
		}
		v.directive = nil
	}
}

func allows(def *schema.Directive, location string) bool {
	for _, l := range def.Locations {
		if l == location {
			return true
		}
	}
	return false
}

// requiredArguments checks that the non-null arguments of a field or directive
// are there. Defaults excuse those of fields only.
func (v *validator) requiredArguments(defs []*schema.InputValue, given ast.ArgumentList, ofField bool, at *ast.Position) {
	for _, def := range defs {
		if def.Type.NonNull == nil || given.ForName(def.Name) != nil {
			continue
		}
		switch {
		case !ofField:
			v.fail("MissingDirectiveArgument", "Missing directive argument "+def.Name, locate(at))
		case def.Default == nil:
			v.fail("MissingFieldArgument", "Missing field argument "+def.Name, locate(at))
		}
	}
}

func (v *validator) argument(a *ast.Argument) {
	var def *schema.InputValue
	switch {
	case v.directive != nil:
		def = argumentOf(v.directive.Args, a.Name)
	case v.field != nil:
		def = v.field.Arg(a.Name)
	}
	if !v.following {
		switch {
		case def != nil:
			if bad := checkLiteral(a.Value, def.Type); bad != nil {
				v.fail("WrongType", bad.message(a), locate(a.Position))
			}
		case v.directive != nil:
			v.fail("UnknownDirective", "Unknown directive argument "+a.Name, locate(a.Position))
		case v.field != nil:
			v.fail("UnknownArgument", "Unknown field argument "+a.Name, locate(a.Position))
		}
	}
	if v.scope == nil {
		return
	}
	var input *schema.TypeRef
	if def != nil {
		input = def.Type
	}
	v.variables(a.Value, input)
}

func argumentOf(args []*schema.InputValue, name string) *schema.InputValue {
	for _, a := range args {
		if a.Name == name {
			return a
		}
	}
	return nil
}
