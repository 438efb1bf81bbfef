package schema

import (
	"slices"
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/scalar"
)

// builder links checked definitions into a Schema.
type builder struct {
	s        *Schema
	defaults *defaults
}

func build(defs *definitions, log *problemLog) *Schema {
	b := &builder{
		s: &Schema{
			Types:       make(map[string]*Type, len(defs.byName)),
			Directives:  make(map[string]*Directive, len(defs.directives)),
			description: defs.description,
		},
		defaults: newDefaults(log),
	}
	for _, sc := range scalar.All() {
		b.s.Types[sc.Name()] = &Type{Kind: Scalar, Name: sc.Name(), Description: sc.Description(), Scalar: sc}
	}
	// Every type exists before the first reference is resolved.
	for _, list := range [][]*gqlast.Definition{defs.order, defs.meta} {
		for _, def := range list {
			b.s.Types[def.Name] = &Type{
				Kind:        kindOf(def.Kind),
				Name:        def.Name,
				Description: description(def.Description, def.AfterDescriptionComment),
				Pos:         position(def.Position),
			}
		}
	}
	for _, def := range defs.order {
		b.s.order = append(b.s.order, b.s.Types[def.Name])
		b.fill(def)
	}
	for _, def := range defs.meta {
		b.fill(def)
	}
	b.linkImplementations(defs)
	for i, def := range defs.directives {
		d := b.directive(def)
		d.builtIn = i < defs.ownDirectives
		b.s.Directives[d.Name] = d
		b.s.directives = append(b.s.directives, d)
	}
	b.defaults.coerceAll()
	b.s.Query = b.root(defs, gqlast.Query)
	b.s.Mutation = b.root(defs, gqlast.Mutation)
	b.s.Subscription = b.root(defs, gqlast.Subscription)
	b.linkPublished(defs)
	return b.s
}

// linkPublished makes subscriptions hear of the mutations whose @aws_publish
// names them. What it names in vain has been told.
func (b *builder) linkPublished(defs *definitions) {
	mutations := defs.roots[gqlast.Mutation]
	if mutations == nil || b.s.Subscription == nil {
		return
	}
	for _, mutation := range mutations.Fields {
		for _, v := range directiveArgument(mutation.Directives, "aws_publish") {
			sub := b.s.Subscription.Field(v.Raw)
			if sub != nil && defs.sameResult(mutation, v.Raw) && !slices.Contains(sub.Subscribes, mutation.Name) {
				sub.Subscribes = append(sub.Subscribes, mutation.Name)
			}
		}
	}
}

func (b *builder) root(defs *definitions, op gqlast.Operation) *Type {
	if def := defs.roots[op]; def != nil {
		return b.s.Types[def.Name]
	}
	return nil
}

func (b *builder) fill(def *gqlast.Definition) {
	t := b.s.Types[def.Name]
	t.Auth = authDirectives(def.Directives)
	t.applied = applied(def.Directives)
	switch t.Kind {
	case Object, Interface:
		t.fields = make(map[string]*Field, len(def.Fields))
		for _, f := range def.Fields {
			field := b.field(t, f)
			t.Fields = append(t.Fields, field)
			t.fields[field.Name] = field
		}
		for _, name := range def.Interfaces {
			t.Interfaces = append(t.Interfaces, b.s.Types[name])
		}
		if t.Kind == Object {
			t.Possible = []*Type{t}
		}
	case Union:
		for _, name := range def.Types {
			t.Possible = append(t.Possible, b.s.Types[name])
		}
	case Enum:
		t.enums = make(map[string]bool, len(def.EnumValues))
		for _, v := range def.EnumValues {
			t.enums[v.Name] = true
			t.EnumValues = append(t.EnumValues, EnumValue{
				Name:        v.Name,
				Description: description(v.Description, v.AfterDescriptionComment),
				Deprecated:  deprecation(v.Directives),
				applied:     applied(v.Directives),
			})
		}
	case InputObject:
		t.inputs = make(map[string]*InputValue, len(def.Fields))
		for _, f := range def.Fields {
			input := &InputValue{
				Name:        f.Name,
				Description: description(f.Description, f.AfterDescriptionComment),
				Type:        b.typeRef(f.Type),
				Pos:         position(f.Position),
				applied:     applied(f.Directives),
			}
			b.defaults.add(input, "input field \""+t.Name+"."+f.Name+"\"", f.DefaultValue)
			t.InputFields = append(t.InputFields, input)
			t.inputs[input.Name] = input
		}
	}
}

func (b *builder) field(parent *Type, f *gqlast.FieldDefinition) *Field {
	field := &Field{
		Name:        f.Name,
		Description: description(f.Description, f.AfterDescriptionComment),
		Parent:      parent,
		Type:        b.typeRef(f.Type),
		Args:        b.arguments("field \""+parent.Name+"."+f.Name+"\"", f.Arguments),
		Pos:         position(f.Position),
		Index:       b.s.FieldCount,
		Auth:        authDirectives(f.Directives),
		Deprecated:  deprecation(f.Directives),
		applied:     applied(f.Directives),
	}
	for _, v := range directiveArgument(f.Directives, "aws_subscribe") {
		field.Subscribes = append(field.Subscribes, v.Raw)
	}
	b.s.FieldCount++
	return field
}

func (b *builder) arguments(of string, list gqlast.ArgumentDefinitionList) []*InputValue {
	var args []*InputValue
	for _, a := range list {
		arg := &InputValue{
			Name:        a.Name,
			Description: description(a.Description, a.AfterDescriptionComment),
			Type:        b.typeRef(a.Type),
			Pos:         position(a.Position),
			applied:     applied(a.Directives),
		}
		b.defaults.add(arg, "argument \""+a.Name+"\" of "+of, a.DefaultValue)
		args = append(args, arg)
	}
	return args
}

func (b *builder) directive(def *gqlast.DirectiveDefinition) *Directive {
	d := &Directive{
		Name:        def.Name,
		Description: description(def.Description, def.AfterDescriptionComment),
		Args:        b.arguments("directive \"@"+def.Name+"\"", def.Arguments),
		repeatable:  def.IsRepeatable,
	}
	for _, l := range def.Locations {
		d.Locations = append(d.Locations, string(l))
	}
	return d
}

// linkImplementations fills Possible of the interfaces, in the order of the
// sources.
func (b *builder) linkImplementations(defs *definitions) {
	for _, def := range defs.order {
		t := b.s.Types[def.Name]
		if t.Kind != Object {
			continue
		}
		for _, iface := range t.Interfaces {
			iface.Possible = append(iface.Possible, t)
		}
	}
}

func (b *builder) typeRef(ref *gqlast.Type) *TypeRef {
	var r *TypeRef
	if ref.Elem != nil {
		r = &TypeRef{List: b.typeRef(ref.Elem)}
	} else {
		r = &TypeRef{Named: b.s.Types[ref.NamedType]}
	}
	if ref.NonNull {
		r = &TypeRef{NonNull: r}
	}
	return r
}

func kindOf(kind gqlast.DefinitionKind) Kind {
	switch kind {
	case gqlast.Object:
		return Object
	case gqlast.Interface:
		return Interface
	case gqlast.Union:
		return Union
	case gqlast.Enum:
		return Enum
	case gqlast.InputObject:
		return InputObject
	default:
		return Scalar
	}
}

// description is the description string or, without one, the comments in front
// of a definition: graphql-java 9 publishes those, from the last empty comment
// line on.
func description(text string, comments *gqlast.CommentGroup) string {
	if text != "" || comments == nil {
		return text
	}
	var lines []string
	for _, comment := range comments.List {
		line := strings.TrimRight(comment.Text(), "\r\n")
		if strings.TrimSpace(line) == "" {
			lines = lines[:0]
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// deprecation returns the reason of @deprecated, or nil without one.
func deprecation(list gqlast.DirectiveList) *string {
	dir := list.ForName("deprecated")
	if dir == nil {
		return nil
	}
	reason := "No longer supported"
	if arg := dir.Arguments.ForName("reason"); arg != nil && arg.Value.Kind != gqlast.NullValue {
		reason = arg.Value.Raw
	}
	return &reason
}

func authDirectives(list gqlast.DirectiveList) []AuthDirective {
	var auth []AuthDirective
	for _, dir := range list {
		if isAuthDirective(dir.Name) {
			auth = append(auth, AuthDirective{Name: dir.Name, Groups: directiveTexts(dir, "cognito_groups"), Pos: position(dir.Position)})
		}
	}
	return auth
}

func directiveTexts(dir *gqlast.Directive, name string) []string {
	arg := dir.Arguments.ForName(name)
	if arg == nil {
		return nil
	}
	var list []string
	for _, v := range texts(arg.Value) {
		list = append(list, v.Raw)
	}
	return list
}

func applied(list gqlast.DirectiveList) []appliedDirective {
	var out []appliedDirective
	for _, dir := range list {
		var b strings.Builder
		b.WriteString("@" + dir.Name)
		for i, arg := range dir.Arguments {
			if i == 0 {
				b.WriteByte('(')
			} else {
				b.WriteString(", ")
			}
			b.WriteString(arg.Name + ": ")
			writeLiteral(&b, arg.Value)
		}
		if len(dir.Arguments) > 0 {
			b.WriteByte(')')
		}
		out = append(out, appliedDirective{name: dir.Name, text: b.String()})
	}
	return out
}
