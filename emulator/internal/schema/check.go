package schema

import (
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// checker reports the mistakes that can be seen in the definitions themselves.
// graphql-go, which has the last word, would stop at the first and has no
// positions for most.
type checker struct {
	defs *definitions
	log  *problemLog
	// misplaced holds the authorization directives, each with a kind of place,
	// that have been told to have no effect there.
	misplaced map[string]bool
}

func check(defs *definitions, log *problemLog) {
	c := &checker{defs: defs, log: log, misplaced: map[string]bool{}}
	for _, def := range defs.order {
		c.typeDefinition(def)
	}
	c.subscriptions()
	for _, def := range defs.directives[defs.ownDirectives:] {
		c.arguments("Directive \"@"+def.Name+"\"", def.Arguments)
	}
}

func (c *checker) typeDefinition(def *gqlast.Definition) {
	switch def.Kind {
	case gqlast.Object, gqlast.Interface:
		location := gqlast.LocationObject
		if def.Kind == gqlast.Interface {
			location = gqlast.LocationInterface
		}
		c.directives(def.Directives, location)
		if len(def.Fields) == 0 {
			c.log.add(def.Position, "Type %q has no fields.", def.Name)
		}
		c.outputFields(def)
		c.interfaces(def)
	case gqlast.InputObject:
		c.directives(def.Directives, gqlast.LocationInputObject)
		if len(def.Fields) == 0 {
			c.log.add(def.Position, "Input type %q has no fields.", def.Name)
		}
		c.inputFields(def)
	case gqlast.Enum:
		c.directives(def.Directives, gqlast.LocationEnum)
		c.enumValues(def)
	case gqlast.Union:
		c.directives(def.Directives, gqlast.LocationUnion)
		c.unionMembers(def)
	}
}

func (c *checker) outputFields(def *gqlast.Definition) {
	seen := make(map[string]*gqlast.Position, len(def.Fields))
	for _, f := range def.Fields {
		what := "Field \"" + def.Name + "." + f.Name + "\""
		c.name(what, f.Name, f.Position)
		c.unique(what, f.Name, f.Position, seen)
		c.typeReference(what, f.Type, isOutput, "output")
		c.directives(f.Directives, gqlast.LocationFieldDefinition)
		c.arguments(what, f.Arguments)
	}
}

func (c *checker) arguments(of string, args gqlast.ArgumentDefinitionList) {
	seen := make(map[string]*gqlast.Position, len(args))
	for _, a := range args {
		what := of + ", argument \"" + a.Name + "\""
		c.name(what, a.Name, a.Position)
		c.unique(what, a.Name, a.Position, seen)
		c.typeReference(what, a.Type, isInput, "input")
		c.directives(a.Directives, gqlast.LocationArgumentDefinition)
	}
}

func (c *checker) inputFields(def *gqlast.Definition) {
	seen := make(map[string]*gqlast.Position, len(def.Fields))
	for _, f := range def.Fields {
		what := "Input field \"" + def.Name + "." + f.Name + "\""
		c.name(what, f.Name, f.Position)
		c.unique(what, f.Name, f.Position, seen)
		if len(f.Arguments) > 0 {
			c.log.add(f.Arguments[0].Position, "%s: input fields have no arguments.", what)
		}
		c.typeReference(what, f.Type, isInput, "input")
		c.directives(f.Directives, gqlast.LocationInputFieldDefinition)
	}
}

func (c *checker) enumValues(def *gqlast.Definition) {
	if len(def.EnumValues) == 0 {
		c.log.add(def.Position, "Enum %q has no values.", def.Name)
	}
	seen := make(map[string]*gqlast.Position, len(def.EnumValues))
	for _, v := range def.EnumValues {
		what := "Enum value \"" + def.Name + "." + v.Name + "\""
		c.name(what, v.Name, v.Position)
		c.unique(what, v.Name, v.Position, seen)
		switch v.Name {
		case "true", "false", "null":
			c.log.add(v.Position, "%s: an enum value cannot be called so.", what)
		}
		c.directives(v.Directives, gqlast.LocationEnumValue)
	}
}

func (c *checker) unionMembers(def *gqlast.Definition) {
	if len(def.Types) == 0 {
		c.log.add(def.Position, "Union %q has no members.", def.Name)
	}
	seen := make(map[string]*gqlast.Position, len(def.Types))
	for i, name := range def.Types {
		pos := def.Position
		if i < len(def.TypePositions) {
			pos = def.TypePositions[i]
		}
		member := c.defs.byName[name]
		switch {
		case member == nil:
			c.log.add(pos, "Unknown type %q.%s", name, c.log.suggest(name, c.defs.typeNames(isObject)))
		case member.Kind != gqlast.Object:
			c.log.add(pos, "Union %q: members must be object types; %q is %s.", def.Name, name, kindName(member.Kind))
		default:
			c.unique("Member \""+name+"\" of union \""+def.Name+"\"", name, pos, seen)
		}
	}
}

func (c *checker) name(what, name string, pos *gqlast.Position) {
	if strings.HasPrefix(name, "__") {
		c.log.add(pos, "%s: names beginning with two underscores are reserved for introspection.", what)
	}
}

func (c *checker) unique(what, name string, pos *gqlast.Position, seen map[string]*gqlast.Position) {
	if first, ok := seen[name]; ok {
		c.log.add(pos, "%s is defined twice; first in %s, line %d.", what, position(first).Source, position(first).Line)
		return
	}
	seen[name] = pos
}

// maxListDepth bounds the nesting of list types, far beyond any use, so that no
// text makes the work on types grow out of proportion.
const maxListDepth = 100

func (c *checker) typeReference(what string, ref *gqlast.Type, fits func(*gqlast.Definition) bool, use string) {
	for depth := 0; ref.Elem != nil; depth++ {
		if depth == maxListDepth {
			c.log.add(ref.Position, "%s: lists are nested too deep.", what)
			return
		}
		ref = ref.Elem
	}
	def := c.defs.byName[ref.NamedType]
	switch {
	case def == nil:
		c.log.add(ref.Position, "Unknown type %q.%s", ref.NamedType, c.log.suggest(ref.NamedType, c.defs.typeNames(fits)))
	case !fits(def):
		c.log.add(ref.Position, "%s needs an %s type; %q is %s.", what, use, def.Name, kindName(def.Kind))
	}
}

// interfaces checks that def has what its interfaces promise.
func (c *checker) interfaces(def *gqlast.Definition) {
	seen := make(map[string]*gqlast.Position, len(def.Interfaces))
	for _, name := range def.Interfaces {
		iface := c.defs.byName[name]
		switch {
		case iface == nil:
			c.log.add(def.Position, "Unknown interface %q.%s", name, c.log.suggest(name, c.defs.typeNames(isInterface)))
		case iface.Kind != gqlast.Interface:
			c.log.add(def.Position, "Type %q can implement interfaces only; %q is %s.", def.Name, name, kindName(iface.Kind))
		case iface == def:
			c.log.add(def.Position, "Interface %q cannot implement itself.", name)
		default:
			c.unique("Interface \""+name+"\" of type \""+def.Name+"\"", name, def.Position, seen)
			c.implementation(def, iface)
		}
	}
}

func (c *checker) implementation(def, iface *gqlast.Definition) {
	for _, want := range iface.Fields {
		have := def.Fields.ForName(want.Name)
		if have == nil {
			c.log.add(def.Position, "Type %q lacks field %q of interface %q.", def.Name, want.Name, iface.Name)
			continue
		}
		if !c.covariant(have.Type, want.Type) {
			c.log.add(have.Type.Position, "Field %q must have type %s, or a narrower one, as in interface %q.",
				def.Name+"."+have.Name, want.Type, iface.Name)
		}
		for _, arg := range want.Arguments {
			own := have.Arguments.ForName(arg.Name)
			switch {
			case own == nil:
				c.log.add(have.Position, "Field %q lacks argument %q of interface %q.", def.Name+"."+have.Name, arg.Name, iface.Name)
			case own.Type.String() != arg.Type.String():
				c.log.add(own.Type.Position, "Field %q, argument %q must have type %s as in interface %q.",
					def.Name+"."+have.Name, arg.Name, arg.Type, iface.Name)
			}
		}
		for _, own := range have.Arguments {
			if want.Arguments.ForName(own.Name) == nil && own.Type.NonNull && own.DefaultValue == nil {
				c.log.add(own.Position, "Field %q, argument %q: an argument that interface %q does not have must not be required.",
					def.Name+"."+have.Name, own.Name, iface.Name)
			}
		}
	}
}

// covariant reports whether a field of type have may stand for one of type want.
func (c *checker) covariant(have, want *gqlast.Type) bool {
	if want.NonNull && !have.NonNull {
		return false
	}
	if want.Elem != nil {
		return have.Elem != nil && c.covariant(have.Elem, want.Elem)
	}
	if have.Elem != nil {
		return false
	}
	if have.NamedType == want.NamedType {
		return true
	}
	narrow, wide := c.defs.byName[have.NamedType], c.defs.byName[want.NamedType]
	if narrow == nil || wide == nil {
		return true // told elsewhere
	}
	names := narrow.Interfaces
	name := wide.Name
	if wide.Kind == gqlast.Union {
		names, name = wide.Types, narrow.Name
	}
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
