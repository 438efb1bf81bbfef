package plan

import (
	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
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
	// Selections is nil for leaf fields.
	Selections *SelectionSet

	args       []argument
	conditions [][]condition
	selected   *selectedText
}

// Variables are the coerced variables of one request.
type Variables struct {
	// Raw is what $ctx.info.variables shows.
	Raw *value.Map

	values []any
	set    []bool
}
