package schema

import (
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/scalar"
	"appsync-emulator/mappingtemplate/value"
)

// defaults coerces the default values of arguments and input fields once all
// types are linked. A default may rely on others: a missing field of an input
// object takes its own.
type defaults struct {
	log     *problemLog
	order   []*InputValue
	pending map[*InputValue]*pendingDefault
}

type pendingDefault struct {
	what    string // argument "limit" of field "Query.posts"
	literal *gqlast.Value
	size    int // values within the default, those of other defaults included
	running bool
	done    bool
}

// maxDefaultSize bounds the values within a default: input types whose fields
// default to further input types can make it double at every step.
const maxDefaultSize = 100_000

func newDefaults(log *problemLog) *defaults {
	return &defaults{log: log, pending: make(map[*InputValue]*pendingDefault)}
}

func (d *defaults) add(v *InputValue, what string, literal *gqlast.Value) {
	if literal == nil {
		return
	}
	v.HasDefault = true
	v.DefaultText = literalText(literal)
	d.order = append(d.order, v)
	d.pending[v] = &pendingDefault{what: what, literal: literal}
}

func (d *defaults) coerceAll() {
	for _, v := range d.order {
		d.coerce(v)
	}
}

func (d *defaults) coerce(v *InputValue) {
	p := d.pending[v]
	switch {
	case p.done:
		return
	case p.running:
		d.log.add(literalPosition(p.literal), "The default of %s contains itself.", p.what)
		return
	}
	p.running = true
	if coerced, ok := d.literal(v.Type, p.literal, p); ok {
		v.Default = coerced
	}
	p.running, p.done = false, true
}

// grow accounts for n more values in a default.
func (d *defaults) grow(p *pendingDefault, n int) bool {
	p.size += n
	if p.size > maxDefaultSize {
		d.log.add(literalPosition(p.literal), "The default of %s is too large.", p.what)
		return false
	}
	return true
}

// literal coerces one literal as graphql-java's ValuesResolver does.
func (d *defaults) literal(ref *TypeRef, v *gqlast.Value, p *pendingDefault) (any, bool) {
	if !d.grow(p, 1) {
		return nil, false
	}
	if ref.NonNull != nil {
		if v.Kind == gqlast.NullValue {
			return d.refuse(ref, v, p)
		}
		ref = ref.NonNull
	}
	if v.Kind == gqlast.NullValue {
		return nil, true
	}
	if ref.List != nil {
		if v.Kind != gqlast.ListValue {
			item, ok := d.literal(ref.List, v, p)
			return value.NewList(item), ok
		}
		list := value.NewList()
		for _, child := range v.Children {
			item, ok := d.literal(ref.List, child.Value, p)
			if !ok {
				return nil, false
			}
			list.Append(item)
		}
		return list, true
	}
	switch t := ref.Named; t.Kind {
	case Scalar:
		kind, ok := literalKind(v.Kind)
		if !ok {
			return d.refuse(ref, v, p)
		}
		coerced, ok := t.Scalar.ParseLiteral(kind, v.Raw)
		if !ok {
			return d.refuse(ref, v, p)
		}
		return coerced, true
	case Enum:
		if v.Kind != gqlast.EnumValue || !t.HasEnumValue(v.Raw) {
			return d.refuse(ref, v, p)
		}
		return v.Raw, true
	default:
		if v.Kind != gqlast.ObjectValue {
			return d.refuse(ref, v, p)
		}
		return d.object(t, v, p)
	}
}

func (d *defaults) object(t *Type, v *gqlast.Value, p *pendingDefault) (any, bool) {
	given := make(map[string]*gqlast.Value, len(v.Children))
	for _, child := range v.Children {
		if t.InputField(child.Name) == nil {
			d.log.add(literalPosition(v), "The default of %s: type %q has no field %q.%s", p.what, t.Name, child.Name, d.log.suggest(child.Name, func() []string {
				var names []string
				for _, f := range t.InputFields {
					names = append(names, f.Name)
				}
				return names
			}))
			return nil, false
		}
		given[child.Name] = child.Value
	}
	m := value.NewMap(len(t.InputFields))
	for _, f := range t.InputFields {
		literal, ok := given[f.Name]
		switch {
		case ok:
			item, ok := d.literal(f.Type, literal, p)
			if !ok {
				return nil, false
			}
			m.Set(f.Name, item)
		case f.HasDefault:
			d.coerce(f)
			if !d.grow(p, d.pending[f].size) {
				return nil, false
			}
			m.Set(f.Name, f.Default)
		case f.Type.NonNull != nil:
			d.log.add(literalPosition(v), "The default of %s lacks the required field %q of type %q.", p.what, f.Name, t.Name)
			return nil, false
		}
	}
	return m, true
}

func (d *defaults) refuse(ref *TypeRef, v *gqlast.Value, p *pendingDefault) (any, bool) {
	d.log.add(literalPosition(v), "The default of %s: %s is not a valid %s.", p.what, literalText(v), ref)
	return nil, false
}

func literalKind(kind gqlast.ValueKind) (scalar.LiteralKind, bool) {
	switch kind {
	case gqlast.StringValue, gqlast.BlockValue:
		return scalar.StringLiteral, true
	case gqlast.IntValue:
		return scalar.IntLiteral, true
	case gqlast.FloatValue:
		return scalar.FloatLiteral, true
	case gqlast.BooleanValue:
		return scalar.BooleanLiteral, true
	case gqlast.EnumValue:
		return scalar.EnumLiteral, true
	default:
		return 0, false
	}
}

// literalText prints a literal as SDL.
func literalText(v *gqlast.Value) string {
	var b strings.Builder
	writeLiteral(&b, v)
	return b.String()
}

func writeLiteral(b *strings.Builder, v *gqlast.Value) {
	switch v.Kind {
	case gqlast.StringValue, gqlast.BlockValue:
		// GraphQL's escapes are JSON's.
		b.Write(value.AppendJSONString(nil, v.Raw))
	case gqlast.ListValue:
		b.WriteByte('[')
		for i, child := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			writeLiteral(b, child.Value)
		}
		b.WriteByte(']')
	case gqlast.ObjectValue:
		b.WriteByte('{')
		for i, child := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(child.Name + ": ")
			writeLiteral(b, child.Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.Raw)
	}
}
