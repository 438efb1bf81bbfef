package plan

import (
	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/schema"
)

// Kind is the kind of an operation.
type Kind uint8

// The kinds of operations.
const (
	Query Kind = iota + 1
	Mutation
	Subscription
)

// Plan is a compiled operation. It is immutable and safe for concurrent use.
type Plan struct {
	Kind Kind
	// Name is the operation's name, empty for an anonymous one.
	Name string
	Root *SelectionSet

	vars []variable
	// none serves the requests without variables.
	none *Variables
}

// SelectionSet is what is selected on a value of composite type, merged and
// flattened for each concrete type that the value can have.
type SelectionSet struct {
	// Type is the declared type of the value.
	Type *schema.Type
	// Resolves reports whether any field in the tree below has a resolver.
	Resolves bool

	sole   []*Field            // when Type is an object type
	byType map[string][]*Field // when Type is abstract
}

// For returns the fields selected on a value of object type t, in response
// order. Fields under a false @include or @skip are among them: ask Included.
func (s *SelectionSet) For(t *schema.Type) []*Field {
	if s.byType == nil {
		return s.sole
	}
	return s.byType[t.Name]
}

// Field is one field of a response object.
type Field struct {
	// Def is the field's definition; for the meta fields __typename, __schema
	// and __type a definition without a place in the schema.
	Def *schema.Field
	// Meta marks __typename, __schema and __type.
	Meta bool
	// Key is the response key: the alias, or the name.
	Key      string
	Location apierror.Location
	// Depth is the level of the field: 1 at the root of the operation.
	Depth int
	// Selections is nil for leaf fields.
	Selections *SelectionSet

	args       []argument
	conditions [][]condition
	selected   *selectedText
}

// condition is one @include or @skip: the variable in slot must equal want.
type condition struct {
	slot int
	want bool
}

// Included reports whether @skip and @include leave the field in the response.
// A field that is selected several times stays while one of the selections does.
func (f *Field) Included(v *Variables) bool {
	return f.conditions == nil || included(f.conditions, v)
}

// included evaluates an "or" of "and"s; nil is true.
func included(alternatives [][]condition, v *Variables) bool {
	for _, all := range alternatives {
		if holds(all, v) {
			return true
		}
	}
	return alternatives == nil
}

func holds(all []condition, v *Variables) bool {
	for _, c := range all {
		if b, _ := v.values[c.slot].(bool); b != c.want {
			return false
		}
	}
	return true
}
