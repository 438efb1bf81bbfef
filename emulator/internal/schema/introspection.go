package schema

import (
	"sync"

	"appsync-emulator/mappingtemplate/value"
)

// introspection is the schema as values of the types __Schema, __Type, ...,
// built when it is first asked for.
type introspection struct {
	once   sync.Once
	schema *value.Map
	types  map[string]*value.Map
}

// Under these keys a __Type keeps its fields and enum values with the
// deprecated ones; under the plain names it keeps them without.
const (
	allFields     = "fields(includeDeprecated: true)"
	allEnumValues = "enumValues(includeDeprecated: true)"
)

// SchemaValue returns what __schema resolves to. Like everything below it, the
// map is shared and must not be changed; types refer to each other in cycles.
func (s *Schema) SchemaValue() *value.Map {
	s.introspection.once.Do(s.introspect)
	return s.introspection.schema
}

// TypeValue returns what __type(name:) resolves to, or nil when there is no
// such type. See SchemaValue.
func (s *Schema) TypeValue(name string) *value.Map {
	s.introspection.once.Do(s.introspect)
	return s.introspection.types[name]
}

// IntrospectionField resolves a field of a value that SchemaValue or TypeValue
// returned, or of one found below it. Args may be nil.
func (s *Schema) IntrospectionField(obj *value.Map, field *Field, args *value.Map) any {
	if include, _ := args.Value("includeDeprecated").(bool); include {
		switch field.Name {
		case "fields":
			return obj.Value(allFields)
		case "enumValues":
			return obj.Value(allEnumValues)
		}
	}
	return obj.Value(field.Name)
}

// introspector builds the maps. Named types are entered before they are filled,
// so that references may run in cycles.
type introspector struct {
	s        *Schema
	named    map[string]*value.Map
	wrappers map[string]*value.Map
	// order holds the types that are reachable, in the order of publication.
	order []*Type
}

func (s *Schema) introspect() {
	in := &introspector{s: s, named: make(map[string]*value.Map), wrappers: make(map[string]*value.Map)}
	root := func(t *Type) any {
		if t == nil {
			return nil
		}
		return in.namedType(t)
	}
	query, mutation, subscription := root(s.Query), root(s.Mutation), root(s.Subscription)
	for _, t := range s.order {
		in.namedType(t)
	}
	in.namedType(s.Types["__Schema"])
	directives := value.NewList()
	for _, d := range s.directives {
		directives.Append(in.directive(d))
	}
	// Filling a type may publish others: scalars appear when something uses
	// them, as in AppSync.
	for i := 0; i < len(in.order); i++ {
		in.fill(in.order[i])
	}
	types := value.NewList()
	for _, t := range in.order {
		types.Append(in.named[t.Name])
	}
	s.introspection.types = in.named
	s.introspection.schema = value.MapOf(
		"types", types,
		"queryType", query,
		"mutationType", mutation,
		"directives", directives,
		"subscriptionType", subscription,
	)
}

func (in *introspector) namedType(t *Type) *value.Map {
	if m := in.named[t.Name]; m != nil {
		return m
	}
	m := value.NewMap(11)
	in.named[t.Name] = m
	in.order = append(in.order, t)
	return m
}

func (in *introspector) fill(t *Type) {
	var fields, every, interfaces, possible, values, everyValue, inputs any
	switch t.Kind {
	case Object, Interface:
		plain, all := value.NewList(), value.NewList()
		for _, f := range t.Fields {
			v := in.field(f)
			all.Append(v)
			if f.Deprecated == nil {
				plain.Append(v)
			}
		}
		fields, every = plain, all
		if t.Kind == Object || len(t.Interfaces) > 0 {
			list := value.NewList()
			for _, iface := range t.Interfaces {
				list.Append(in.namedType(iface))
			}
			interfaces = list
		}
	case Enum:
		plain, all := value.NewList(), value.NewList()
		for _, v := range t.EnumValues {
			m := value.MapOf("name", v.Name, "description", optional(v.Description))
			setDeprecation(m, v.Deprecated)
			all.Append(m)
			if v.Deprecated == nil {
				plain.Append(m)
			}
		}
		values, everyValue = plain, all
	case InputObject:
		inputs = in.inputValues(t.InputFields)
	}
	if t.Kind == Interface || t.Kind == Union {
		list := value.NewList()
		for _, p := range t.Possible {
			list.Append(in.namedType(p))
		}
		possible = list
	}
	m := in.named[t.Name]
	m.Set("kind", t.Kind.String())
	m.Set("name", t.Name)
	m.Set("description", optional(t.Description))
	m.Set("fields", fields)
	m.Set("interfaces", interfaces)
	m.Set("possibleTypes", possible)
	m.Set("enumValues", values)
	m.Set("inputFields", inputs)
	m.Set("ofType", nil)
	m.Set(allFields, every)
	m.Set(allEnumValues, everyValue)
}

func (in *introspector) field(f *Field) *value.Map {
	m := value.MapOf(
		"name", f.Name,
		"description", optional(f.Description),
		"args", in.inputValues(f.Args),
		"type", in.typeRef(f.Type),
	)
	setDeprecation(m, f.Deprecated)
	return m
}

func (in *introspector) inputValues(values []*InputValue) *value.List {
	list := value.NewList()
	for _, v := range values {
		var text any
		if v.HasDefault {
			text = v.DefaultText
		}
		list.Append(value.MapOf(
			"name", v.Name,
			"description", optional(v.Description),
			"type", in.typeRef(v.Type),
			"defaultValue", text,
		))
	}
	return list
}

func (in *introspector) directive(d *Directive) *value.Map {
	locations := value.NewList()
	var onOperation, onFragment, onField bool
	for _, l := range d.Locations {
		locations.Append(l)
		switch l {
		case "QUERY", "MUTATION", "SUBSCRIPTION":
			onOperation = true
		case "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT":
			onFragment = true
		case "FIELD":
			onField = true
		}
	}
	return value.MapOf(
		"name", d.Name,
		"description", optional(d.Description),
		"locations", locations,
		"args", in.inputValues(d.Args),
		"onOperation", onOperation,
		"onFragment", onFragment,
		"onField", onField,
	)
}

func (in *introspector) typeRef(r *TypeRef) *value.Map {
	if r.Named != nil {
		return in.namedType(r.Named)
	}
	key := r.String()
	if m := in.wrappers[key]; m != nil {
		return m
	}
	kind, inner := "NON_NULL", r.NonNull
	if r.List != nil {
		kind, inner = "LIST", r.List
	}
	m := value.MapOf(
		"kind", kind,
		"name", nil,
		"description", nil,
		"fields", nil,
		"interfaces", nil,
		"possibleTypes", nil,
		"enumValues", nil,
		"inputFields", nil,
		"ofType", in.typeRef(inner),
	)
	in.wrappers[key] = m
	return m
}

func setDeprecation(m *value.Map, reason *string) {
	m.Set("isDeprecated", reason != nil)
	if reason != nil {
		m.Set("deprecationReason", *reason)
	} else {
		m.Set("deprecationReason", nil)
	}
}

func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}
