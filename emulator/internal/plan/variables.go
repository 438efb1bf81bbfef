package plan

import (
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/scalar"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// variable is a variable that an operation defines.
type variable struct {
	name       string
	typ        *schema.TypeRef
	at         apierror.Location
	hasDefault bool
	// fallback is the coerced default, shared by all requests.
	fallback any
}

// Variables are the coerced variables of one request. They are safe for
// concurrent use.
type Variables struct {
	// Raw is what the client sent, and what $ctx.info.variables shows; nil when
	// it sent none. It must not be changed.
	Raw *value.Map

	vars   []variable
	values []any
	set    []bool
	// taken marks the first 64 slots whose composite value was handed out.
	taken atomic.Uint64
}

// variables gives each variable of an operation its slot.
func (c *compiler) variables(p *Plan, defs ast.VariableDefinitionList) {
	if len(defs) == 0 {
		return
	}
	p.vars = make([]variable, len(defs))
	c.slots = make(map[string]int, len(defs))
	for i, def := range defs {
		v := variable{name: def.Variable, typ: typeFromAST(c.schema, def.Type), at: locate(def.Position)}
		if def.DefaultValue != nil {
			literal := c.literal(def.DefaultValue, v.typ)
			v.hasDefault, v.fallback = true, literal.constant
		}
		p.vars[i] = v
		c.slots[def.Variable] = i
	}
}

// Coerce coerces the variables that a client sent; raw may be nil. The error is
// the first one found, as in AppSync.
//
// Variables that the operation does not define are ignored, and an explicit null
// is as good as absent where there is a default.
func (p *Plan) Coerce(raw *value.Map) (*Variables, *apierror.Error) {
	if len(p.vars) == 0 {
		if raw == nil {
			return p.none, nil
		}
		return &Variables{Raw: raw}, nil
	}
	v := &Variables{
		Raw:    raw,
		vars:   p.vars,
		values: make([]any, len(p.vars)),
		set:    make([]bool, len(p.vars)),
	}
	for i := range p.vars {
		def := &p.vars[i]
		given, present := raw.Get(def.name)
		switch {
		case given == nil && def.hasDefault:
			v.values[i], v.set[i] = def.fallback, true
		case present:
			coerced, err := def.coerce(given)
			if err != nil {
				return nil, err
			}
			v.values[i], v.set[i] = coerced, true
		case def.typ.NonNull != nil:
			return nil, def.isNull(def.typ)
		}
	}
	return v, nil
}

// take returns the value of a variable, and whether it has one. A map or list
// is the caller's to change: the first to ask gets the one that Coerce made,
// others get one of their own.
func (v *Variables) take(slot int) (any, bool) {
	val := v.values[slot]
	switch val.(type) {
	case *value.Map, *value.List:
	default:
		return val, v.set[slot]
	}
	def := &v.vars[slot]
	if def.hasDefault && val == def.fallback {
		return value.DeepCopy(val), true
	}
	if slot < 64 {
		bit := uint64(1) << slot
		if v.taken.Or(bit)&bit == 0 {
			return val, true
		}
	}
	// Coercion made new values from Raw once, so it can again.
	val, _ = def.coerce(v.Raw.Value(def.name))
	return val, true
}

func (d *variable) coerce(raw any) (any, *apierror.Error) { return d.value(d.name, d.typ, raw) }

// value coerces a value of the variable; name is that of the innermost input
// field around it, or of the variable.
func (d *variable) value(name string, t *schema.TypeRef, raw any) (any, *apierror.Error) {
	if t.NonNull != nil {
		v, err := d.value(name, t.NonNull, raw)
		if err == nil && v == nil {
			err = d.isNull(t)
		}
		return v, err
	}
	if raw == nil {
		return nil, nil
	}
	if t.List != nil {
		return d.list(name, t.List, raw)
	}
	switch named := t.Named; named.Kind {
	case schema.Scalar:
		v, err := named.Scalar.ParseValue(raw)
		if err != nil {
			return nil, d.isInvalid(name, err.Error())
		}
		return v, nil
	case schema.Enum:
		v, err := named.ParseEnum(raw)
		if err != nil {
			return nil, d.isInvalid(name, err.Error())
		}
		return v, nil
	default:
		m, ok := raw.(*value.Map)
		if !ok {
			return nil, d.isInvalid(name, "Expected type 'Map' but was '"+scalar.ClassName(raw)+
				"'. Variables for input objects must be an instance of type 'Map'.")
		}
		return d.object(named, m)
	}
}

// list coerces a list; a single value stands for a list of one.
func (d *variable) list(name string, item *schema.TypeRef, raw any) (any, *apierror.Error) {
	list, ok := raw.(*value.List)
	if !ok {
		v, err := d.value(name, item, raw)
		if err != nil {
			return nil, err
		}
		return value.NewList(v), nil
	}
	items := make([]any, len(list.Items))
	for i, r := range list.Items {
		v, err := d.value(name, item, r)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return value.NewList(items...), nil
}

// object coerces an input object. Unknown fields are looked for first. A field
// that is null, or absent with a default, gets its default, but a non-null field
// must be given all the same.
func (d *variable) object(t *schema.Type, raw *value.Map) (any, *apierror.Error) {
	for i := 0; i < raw.Len(); i++ {
		if name, _ := raw.NameAt(i); t.InputField(name) == nil {
			return nil, undefinedField(t)
		}
	}
	m := value.NewMap(raw.Len())
	for _, f := range t.InputFields {
		given, present := raw.Get(f.Name)
		if !present && f.Default == nil && f.Type.NonNull == nil {
			continue
		}
		v, err := d.value(f.Name, f.Type, given)
		if err != nil {
			return nil, err
		}
		if v == nil {
			v = value.DeepCopy(f.Default)
		}
		m.Set(f.Name, v)
	}
	return m, nil
}

// isNull is the refusal of a null. It names the variable even when the null
// stands deep inside of it.
//
// Recorded: aws/aws-appsync-community#406.
func (d *variable) isNull(t *schema.TypeRef) *apierror.Error {
	return d.refuse("Variable '" + d.name + "' has coerced Null value for NonNull type '" + t.String() + "'")
}

// isInvalid is the refusal of a value of the wrong kind.
//
// Recorded: aws-amplify/amplify-cli#4572, aws-amplify/amplify-flutter#822.
func (d *variable) isInvalid(name, reason string) *apierror.Error {
	return d.refuse("Variable '" + name + "' has an invalid value. " + reason)
}

func (d *variable) refuse(message string) *apierror.Error {
	return &apierror.Error{Shape: apierror.Request, Message: message, Locations: []apierror.Location{d.at}}
}

// undefinedField is the refusal of an input field that the type lacks. It has
// no location, and its last character is a blank.
//
// Recorded: aws/aws-appsync-community#273 (2023). Older APIs, like the engine
// itself, name the field.
func undefinedField(t *schema.Type) *apierror.Error {
	return &apierror.Error{
		Shape:   apierror.Request,
		Message: "The variables input contains a field that is not defined for input object type '" + t.Name + "' ",
	}
}
