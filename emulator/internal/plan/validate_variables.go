package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
)

// variableScope is what the rules know of an operation's variables.
type variableScope struct {
	defined map[string]scopedVariable
	used    map[string]bool
	// clean are the fragments in which nothing is wrong with variables.
	clean map[*ast.FragmentDefinition]bool
}

// scopedVariable is a variable definition; its type is nil when unknown.
type scopedVariable struct {
	def *ast.VariableDefinition
	typ *schema.TypeRef
}

func newVariableScope() *variableScope {
	return &variableScope{
		defined: map[string]scopedVariable{},
		used:    map[string]bool{},
		clean:   map[*ast.FragmentDefinition]bool{},
	}
}

func (v *validator) variableDefinition(def *ast.VariableDefinition) {
	t := typeFromAST(v.schema, def.Type)
	// Of several definitions with one name the last counts.
	v.scope.defined[def.Variable] = scopedVariable{def: def, typ: t}

	// Any list or non-null type counts as an input type here.
	if t != nil && (t.Named == nil || t.Named.IsInput()) && def.DefaultValue != nil {
		if t.NonNull != nil {
			v.fail("DefaultForNonNullArgument", "Missing value for non null type", locate(def.Position))
		}
		if checkLiteral(def.DefaultValue, t) != nil {
			v.fail("BadValueForDefaultArg", "Bad default value "+javaText(def.DefaultValue)+
				" for type "+typeName(t), locate(def.Position))
		}
	}
	if t != nil && !t.Base().IsInput() {
		v.fail("NonInputTypeOnVariable", "Wrong type for a variable", locate(def.Position))
	}
	if t == nil {
		named := def.Type
		for named.Elem != nil {
			named = named.Elem
		}
		v.fail("UnknownType", "Unknown type "+named.NamedType, locate(named.Position))
	}
}

// typeFromAST resolves a type that a query names, nil when it is unknown.
func typeFromAST(s *schema.Schema, t *ast.Type) *schema.TypeRef {
	var ref *schema.TypeRef
	if t.Elem != nil {
		inner := typeFromAST(s, t.Elem)
		if inner == nil {
			return nil
		}
		ref = &schema.TypeRef{List: inner}
	} else {
		named := s.Types[t.NamedType]
		if named == nil {
			return nil
		}
		ref = &schema.TypeRef{Named: named}
	}
	if t.NonNull {
		ref = &schema.TypeRef{NonNull: ref}
	}
	return ref
}

// variables visits the variables in a literal; input is the type expected where
// the literal stands, nil when unknown.
func (v *validator) variables(val *ast.Value, input *schema.TypeRef) {
	switch val.Kind {
	case ast.Variable:
		v.variable(val, input)
	case ast.ListValue:
		var item *schema.TypeRef
		if input != nil {
			item = input.Nullable().List
		}
		for _, c := range val.Children {
			v.variables(c.Value, item)
		}
	case ast.ObjectValue:
		for _, c := range val.Children {
			var field *schema.TypeRef
			if input != nil {
				if f := input.Base().InputField(c.Name); f != nil {
					field = f.Type
				}
			}
			v.variables(c.Value, field)
		}
	}
}

func (v *validator) variable(val *ast.Value, input *schema.TypeRef) {
	found, ok := v.scope.defined[val.Raw]
	if !ok {
		v.fail("UndefinedVariable", "Undefined variable "+val.Raw, locate(val.Position))
		return
	}
	v.scope.used[val.Raw] = true
	if found.typ == nil || input == nil {
		return
	}
	// A default makes the variable non-null, as it can then not be absent.
	effective := found.typ
	if found.def.DefaultValue != nil && effective.NonNull == nil {
		effective = &schema.TypeRef{NonNull: effective}
	}
	if !usable(effective, input) {
		v.fail("VariableTypeMismatch", "Variable type '"+effective.String()+
			"' doesn't match expected type '"+input.String()+"'", locate(val.Position))
	}
}

// usable reports whether a variable of type actual may stand where expected is
// wanted.
func usable(actual, expected *schema.TypeRef) bool {
	if expected.NonNull != nil {
		return actual.NonNull != nil && usable(actual.NonNull, expected.NonNull)
	}
	actual = actual.Nullable()
	if actual.List != nil && expected.List != nil {
		return usable(actual.List, expected.List)
	}
	return actual.Named != nil && actual.Named == expected.Named
}
