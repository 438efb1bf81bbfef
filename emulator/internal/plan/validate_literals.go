package plan

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
)

// badLiteral says why a literal is not a value of its type.
type badLiteral struct {
	// path leads from the argument to the bad place: ".field" and "[0]".
	path string
	// leaf is the literal to show; nil shows the whole argument.
	leaf   *ast.Value
	reason string
}

// message words the error for an argument.
//
// Recorded: aws-amplify/amplify-swift#3393, aws/aws-appsync-community#273.
func (b *badLiteral) message(a *ast.Argument) string {
	shown := b.leaf
	if shown == nil {
		shown = a.Value
	}
	return "argument '" + a.Name + b.path + "' with value '" + javaText(shown) + "' " + b.reason
}

// checkLiteral checks a literal against its type, and returns nil when it is
// valid. Variables are valid anywhere: another rule looks at their types.
func checkLiteral(v *ast.Value, t *schema.TypeRef) *badLiteral {
	if v.Kind == ast.NullValue {
		if t.NonNull == nil {
			return nil
		}
		return &badLiteral{leaf: v, reason: "must not be null"}
	}
	if v.Kind == ast.Variable {
		return nil
	}
	t = t.Nullable()
	if t.List != nil {
		if v.Kind != ast.ListValue {
			return checkLiteral(v, t.List)
		}
		for i, item := range v.Children {
			if bad := checkLiteral(item.Value, t.List); bad != nil {
				bad.path = "[" + strconv.Itoa(i) + "]" + bad.path
				return bad
			}
		}
		return nil
	}
	switch named := t.Named; named.Kind {
	case schema.InputObject:
		return checkObjectLiteral(v, named)
	case schema.Enum:
		if v.Kind == ast.EnumValue && named.HasEnumValue(v.Raw) {
			return nil
		}
	case schema.Scalar:
		if kind, ok := scalarLiteral(v); ok {
			if _, ok := named.Scalar.ParseLiteral(kind, v.Raw); ok {
				return nil
			}
		}
	}
	return &badLiteral{leaf: v, reason: "is not a valid '" + t.Named.Name + "'"}
}

// checkObjectLiteral checks an input object. A missing field is looked for
// before an unknown one, and a default does not excuse its absence.
func checkObjectLiteral(v *ast.Value, t *schema.Type) *badLiteral {
	if v.Kind != ast.ObjectValue {
		return &badLiteral{reason: "must be an object type"}
	}
	var missing []string
	for _, f := range t.InputFields {
		if f.Type.NonNull != nil && v.Children.ForName(f.Name) == nil {
			missing = append(missing, f.Name)
		}
	}
	if missing != nil {
		return &badLiteral{reason: "is missing required fields '" + javaSet(missing) + "'"}
	}
	for _, child := range v.Children {
		f := t.InputField(child.Name)
		if f == nil {
			return &badLiteral{reason: "contains a field not in '" + t.Name + "': '" + child.Name + "'"}
		}
		if bad := checkLiteral(child.Value, f.Type); bad != nil {
			bad.path = "." + child.Name + bad.path
			return bad
		}
	}
	return nil
}
