package schema

import (
	"appsync-emulator/emulator/internal/scalar"
)

// Kind is the kind of a type definition.
type Kind uint8

// The kinds of GraphQL types.
const (
	Scalar Kind = iota + 1
	Object
	Interface
	Union
	Enum
	InputObject
)

// String is the kind's name in introspection.
func (k Kind) String() string {
	switch k {
	case Scalar:
		return "SCALAR"
	case Object:
		return "OBJECT"
	case Interface:
		return "INTERFACE"
	case Union:
		return "UNION"
	case Enum:
		return "ENUM"
	case InputObject:
		return "INPUT_OBJECT"
	default:
		return "UNKNOWN"
	}
}

// Position is a place in the SDL; Source indexes the sources given to Parse.
type Position struct {
	Source string
	Line   int
	Column int
}

// Schema is a parsed schema. It is immutable once resolvers have been attached
// and safe for concurrent use.
type Schema struct {
	Query        *Type
	Mutation     *Type // nil when the schema has none
	Subscription *Type // nil when the schema has none
	Types        map[string]*Type
	Directives   map[string]*Directive
	// FieldCount counts all object and interface fields; Field.Index is below
	// it.
	FieldCount int

	description string
	order       []*Type      // the user's types, in the order of the sources
	directives  []*Directive // AppSync's, then the user's

	// Warnings tell what the schema has that AppSync accepts and that has no
	// effect, in the order of the sources.
	Warnings []Problem

	introspection introspection
}

// Field returns the named field of a type, or nil when the schema lacks either.
func (s *Schema) Field(typeName, fieldName string) *Field {
	t := s.Types[typeName]
	if t == nil {
		return nil
	}
	return t.Field(fieldName)
}

// Type is a named type.
type Type struct {
	Kind        Kind
	Name        string
	Description string
	Pos         Position
	// Fields of objects and interfaces, in the order of the SDL.
	Fields []*Field
	// Interfaces that an object implements.
	Interfaces []*Type
	// Possible are the object types of an interface or union; for an object,
	// itself.
	Possible []*Type
	// EnumValues of an enum, in order.
	EnumValues []EnumValue
	// InputFields of an input object, in order.
	InputFields []*InputValue
	// Scalar is the coercion of a scalar type.
	Scalar scalar.Scalar
	// Auth are the authorization directives on the type. Those of any but object
	// types have no effect.
	Auth []AuthDirective

	fields  map[string]*Field
	inputs  map[string]*InputValue
	enums   map[string]bool
	applied []appliedDirective
}

// Field returns the named field of an object or interface, or nil. The meta
// fields (__typename, __schema, __type) are not among them.
func (t *Type) Field(name string) *Field { return t.fields[name] }

// InputField returns the named field of an input object, or nil.
func (t *Type) InputField(name string) *InputValue { return t.inputs[name] }

// HasEnumValue reports whether name is a value of the enum.
func (t *Type) HasEnumValue(name string) bool { return t.enums[name] }

// IsComposite reports whether the type has a selection set.
func (t *Type) IsComposite() bool {
	return t.Kind == Object || t.Kind == Interface || t.Kind == Union
}

// IsInput reports whether the type may be the type of a variable or argument.
func (t *Type) IsInput() bool {
	return t.Kind == Scalar || t.Kind == Enum || t.Kind == InputObject
}

// Field is a field of an object or interface type.
type Field struct {
	Name        string
	Description string
	Parent      *Type
	Type        *TypeRef
	Args        []*InputValue
	Pos         Position
	// Index numbers the fields of a schema from 0, so that tables by field are
	// slices.
	Index int
	// Resolved is set at load when a resolver is attached to the field.
	Resolved bool
	// Auth are the authorization directives on the field itself.
	Auth []AuthDirective
	// Subscribes holds the mutations that a subscription hears of: those of its
	// @aws_subscribe, then those whose @aws_publish names it.
	Subscribes []string
	// Deprecated is the reason when the field is deprecated.
	Deprecated *string

	applied []appliedDirective
}

// Arg returns the named argument, or nil.
func (f *Field) Arg(name string) *InputValue {
	for _, a := range f.Args {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// InputValue is an argument or a field of an input object.
type InputValue struct {
	Name        string
	Description string
	Type        *TypeRef
	Pos         Position
	// HasDefault tells an absent default from a null one. Default is the
	// coerced value, shared: copy before handing it to templates.
	HasDefault bool
	Default    any
	// DefaultText is the default as SDL text, for introspection.
	DefaultText string

	applied []appliedDirective
}

// EnumValue is one value of an enum.
type EnumValue struct {
	Name        string
	Description string
	Deprecated  *string

	applied []appliedDirective
}

// Directive is a directive that queries or schemas may use.
type Directive struct {
	Name        string
	Description string
	Args        []*InputValue
	Locations   []string // QUERY, FIELD, FIELD_DEFINITION, ...

	repeatable bool
	builtIn    bool
}

// appliedDirective is a directive as the SDL applies it.
type appliedDirective struct {
	name string
	text string // @name(args)
}

// AuthDirective is one of @aws_api_key, @aws_iam, @aws_oidc, @aws_lambda,
// @aws_cognito_user_pools and @aws_auth.
type AuthDirective struct {
	Name   string   // without the @
	Groups []string // cognito_groups
	Pos    Position
}

// isAuthDirective tells the directives that an AuthDirective can be.
func isAuthDirective(name string) bool {
	switch name {
	case "aws_api_key", "aws_iam", "aws_oidc", "aws_lambda", "aws_cognito_user_pools", "aws_auth":
		return true
	}
	return false
}

// TypeRef is a type as a field or variable uses it: a named type, a list or a
// non-null wrapper.
type TypeRef struct {
	// Exactly one of Named, List and NonNull is set.
	Named   *Type
	List    *TypeRef
	NonNull *TypeRef
}

// Base returns the named type inside all wrappers.
func (r *TypeRef) Base() *Type {
	for r.Named == nil {
		if r.List != nil {
			r = r.List
		} else {
			r = r.NonNull
		}
	}
	return r.Named
}

// Nullable strips a non-null wrapper.
func (r *TypeRef) Nullable() *TypeRef {
	if r.NonNull != nil {
		return r.NonNull
	}
	return r
}

// String writes the reference as SDL: [Post!]!.
func (r *TypeRef) String() string {
	switch {
	case r.List != nil:
		return "[" + r.List.String() + "]"
	case r.NonNull != nil:
		return r.NonNull.String() + "!"
	default:
		return r.Named.Name
	}
}
