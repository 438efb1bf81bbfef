package plan

import (
	"strings"

	"appsync-emulator/emulator/internal/schema"
)

// metaFields are the definitions of the fields that no schema declares.
type metaFields struct {
	typename, schema, typ *schema.Field
	// hideIntrospection is the API's introspectionConfig DISABLED.
	hideIntrospection bool
}

func newMetaFields(s *schema.Schema, opt Options) *metaFields {
	m := &metaFields{hideIntrospection: opt.IntrospectionDisabled}
	nonNull := func(name string) *schema.TypeRef {
		return &schema.TypeRef{NonNull: &schema.TypeRef{Named: s.Types[name]}}
	}
	m.typename = &schema.Field{Name: "__typename", Type: nonNull("String"), Index: -1}
	m.schema = &schema.Field{Name: "__schema", Type: nonNull("__Schema"), Index: -1}
	m.typ = &schema.Field{
		Name:  "__type",
		Type:  &schema.TypeRef{Named: s.Types["__Type"]},
		Args:  []*schema.InputValue{{Name: "name", Type: nonNull("String")}},
		Index: -1,
	}
	return m
}

// of returns the meta field of that name on a type, or nil.
func (m *metaFields) of(s *schema.Schema, t *schema.Type, name string) *schema.Field {
	switch {
	case name == "__typename":
		return m.typename
	case t != s.Query:
		return nil
	case name == "__schema":
		return m.schema
	case name == "__type":
		return m.typ
	}
	return nil
}

// lookup returns the definition of a field, nil when t is nil or has no such
// field. Where introspection is disabled, __schema and __type are hidden: they
// are undefined, and so are the fields of what they return.
func (m *metaFields) lookup(s *schema.Schema, t *schema.Type, name string) (def *schema.Field, hidden bool) {
	if t == nil {
		return nil, false
	}
	if strings.HasPrefix(name, "__") {
		if def = m.of(s, t, name); def != nil {
			return def, m.hideIntrospection && def != m.typename
		}
	}
	if m.hideIntrospection && strings.HasPrefix(t.Name, "__") {
		return nil, false
	}
	return t.Field(name), false
}
