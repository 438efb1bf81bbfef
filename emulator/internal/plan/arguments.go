package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// argument makes the value of one argument.
type argument struct {
	name  string
	value program
}

// program is a compiled literal.
type program struct {
	kind programKind
	// constant is the value of a constant; composite ones are copied for each
	// use. For a variable it is what takes the place of an absent one.
	constant any
	// fallback marks that there is something in the place of an absent variable.
	fallback bool
	slot     int
	items    []program
	fields   []fieldProgram
}

// fieldProgram makes one field of an input object. A null variable leaves the
// field its default.
type fieldProgram struct {
	name    string
	value   program
	ifNull  any
	literal bool // a null that the query writes stays null
}

type programKind uint8

const (
	constantScalar programKind = iota
	constantComposite
	variableValue
	listValue
	objectValue
)

// Arguments returns the arguments of the field, coerced: a fresh map that
// templates may change, down to its leaves. Arguments that are absent, or given
// by a variable that is absent, are missing unless the schema has a default.
func (f *Field) Arguments(v *Variables) *value.Map {
	m := value.NewMap(len(f.args))
	for i := range f.args {
		a := &f.args[i]
		if val, ok := a.value.eval(v); ok {
			m.Set(a.name, val)
		}
	}
	return m
}

func (p *program) eval(v *Variables) (val any, present bool) {
	switch p.kind {
	case constantComposite:
		return value.DeepCopy(p.constant), true
	case variableValue:
		if val, ok := v.take(p.slot); ok {
			return val, true
		}
		return value.DeepCopy(p.constant), p.fallback
	case listValue:
		items := make([]any, len(p.items))
		for i := range p.items {
			items[i], _ = p.items[i].eval(v)
		}
		return value.NewList(items...), true
	case objectValue:
		m := value.NewMap(len(p.fields))
		for i := range p.fields {
			f := &p.fields[i]
			val, ok := f.value.eval(v)
			if !ok {
				continue
			}
			if val == nil && !f.literal {
				val = value.DeepCopy(f.ifNull)
			}
			m.Set(f.name, val)
		}
		return m, true
	}
	return p.constant, true
}

func (p *program) isConstant() bool { return p.kind == constantScalar || p.kind == constantComposite }

// constant is the program of a fixed value.
func constant(v any) program {
	switch v.(type) {
	case *value.Map, *value.List:
		return program{kind: constantComposite, constant: v}
	}
	return program{kind: constantScalar, constant: v}
}

// arguments compiles the arguments of a field, in the order of its definition.
func (c *compiler) arguments(defs []*schema.InputValue, given ast.ArgumentList) []argument {
	if len(defs) == 0 {
		return nil
	}
	var args []argument
	for _, def := range defs {
		a := lastArgument(given, def.Name)
		switch {
		case a == nil && def.Default != nil:
			args = append(args, argument{def.Name, constant(def.Default)})
		case a == nil:
		case a.Value.Kind == ast.Variable:
			p := c.literal(a.Value, def.Type)
			p.constant, p.fallback = def.Default, def.Default != nil
			args = append(args, argument{def.Name, p})
		default:
			args = append(args, argument{def.Name, c.literal(a.Value, def.Type)})
		}
	}
	return args
}

// literal compiles a literal that is valid for its type.
func (c *compiler) literal(v *ast.Value, t *schema.TypeRef) program {
	switch v.Kind {
	case ast.Variable:
		return program{kind: variableValue, slot: c.slots[v.Raw]}
	case ast.NullValue:
		return program{}
	}
	t = t.Nullable()
	if t.List != nil {
		return c.listLiteral(v, t.List)
	}
	switch named := t.Named; named.Kind {
	case schema.InputObject:
		return c.objectLiteral(v, named)
	case schema.Scalar:
		if kind, ok := scalarLiteral(v); ok {
			coerced, _ := named.Scalar.ParseLiteral(kind, v.Raw)
			return constant(coerced)
		}
	}
	return program{constant: v.Raw} // the name of an enum value
}

// listLiteral compiles a list, or a single value that stands for a list of one.
func (c *compiler) listLiteral(v *ast.Value, item *schema.TypeRef) program {
	p := program{kind: listValue}
	if v.Kind == ast.ListValue {
		p.items = make([]program, len(v.Children))
		for i, child := range v.Children {
			p.items[i] = c.literal(child.Value, item)
		}
	} else {
		p.items = []program{c.literal(v, item)}
	}
	for i := range p.items {
		if !p.items[i].isConstant() {
			return p
		}
	}
	return fold(p)
}

// objectLiteral compiles an input object. Its fields come in the order of the
// type, and of several with one name the last counts.
func (c *compiler) objectLiteral(v *ast.Value, t *schema.Type) program {
	p := program{kind: objectValue}
	fixed := true
	for _, def := range t.InputFields {
		child := lastField(v.Children, def.Name)
		if child == nil {
			if def.Default != nil {
				p.fields = append(p.fields, fieldProgram{name: def.Name, value: constant(def.Default)})
			}
			continue
		}
		f := fieldProgram{name: def.Name, value: c.literal(child, def.Type), ifNull: def.Default, literal: child.Kind != ast.Variable}
		fixed = fixed && f.value.isConstant()
		p.fields = append(p.fields, f)
	}
	if fixed {
		return fold(p)
	}
	return p
}

// fold evaluates a program that needs no variables.
func fold(p program) program {
	v, _ := p.eval(nil)
	return constant(v)
}

func lastField(fields ast.ChildValueList, name string) *ast.Value {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Name == name {
			return fields[i].Value
		}
	}
	return nil
}
