package schema

import (
	"slices"
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// directives checks directives where they are applied: that they exist, may
// stand there, and have arguments that fit.
func (c *checker) directives(list gqlast.DirectiveList, location gqlast.DirectiveLocation) {
	seen := make(map[string]bool, len(list))
	for _, dir := range list {
		def := c.defs.directiveByName[dir.Name]
		if def == nil {
			c.defs.unknownDirective(dir, c.log)
			continue
		}
		switch {
		case slices.Contains(def.Locations, location):
		case isAuthDirective(dir.Name):
			// graphql-java 9 does not check where a directive stands, and schemas at
			// work have these on inputs and enums (aws-amplify/amplify-category-api#2281),
			// often on many: each kind of place is told once.
			what := dir.Name + " " + string(location)
			if c.misplaced[what] {
				break
			}
			c.misplaced[what] = true
			c.log.warn(dir.Position, "Directive %q has no effect on %s: authorization is for object types and their fields.", "@"+dir.Name, locationName(location))
		default:
			c.log.add(dir.Position, "Directive %q cannot stand on %s; it can on %s.", "@"+dir.Name, locationName(location), locationNames(def.Locations))
		}
		if seen[dir.Name] && !def.IsRepeatable {
			c.log.add(dir.Position, "Directive %q is repeated.", "@"+dir.Name)
		}
		seen[dir.Name] = true
		c.directiveArguments(dir, def)
	}
}

func (c *checker) directiveArguments(dir *gqlast.Directive, def *gqlast.DirectiveDefinition) {
	seen := make(map[string]*gqlast.Position, len(dir.Arguments))
	for _, arg := range dir.Arguments {
		what := "Argument \"" + arg.Name + "\" of directive \"@" + dir.Name + "\""
		argDef := def.Arguments.ForName(arg.Name)
		if argDef == nil {
			c.log.add(arg.Position, "Directive %q has no argument %q.%s", "@"+dir.Name, arg.Name, c.log.suggest(arg.Name, func() []string {
				var names []string
				for _, a := range def.Arguments {
					names = append(names, a.Name)
				}
				return names
			}))
			continue
		}
		c.unique(what, arg.Name, arg.Position, seen)
		if slices.Contains(c.defs.directives[:c.defs.ownDirectives], def) && !fitsText(argDef.Type, arg.Value) {
			c.log.add(literalPosition(arg.Value), "%s must have type %s.", what, argDef.Type)
		}
	}
	for _, a := range def.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil && dir.Arguments.ForName(a.Name) == nil {
			c.log.add(dir.Position, "Directive %q lacks argument %q.", "@"+dir.Name, a.Name)
		}
	}
}

// fitsText reports whether v is a string, or strings, as the arguments of
// AppSync's directives are.
func fitsText(ref *gqlast.Type, v *gqlast.Value) bool {
	switch v.Kind {
	case gqlast.StringValue, gqlast.BlockValue:
		return true
	case gqlast.NullValue:
		return !ref.NonNull
	case gqlast.ListValue:
		if ref.Elem == nil {
			return false
		}
		for _, item := range v.Children {
			if item.Value.Kind == gqlast.ListValue || !fitsText(ref.Elem, item.Value) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func (d *definitions) unknownDirective(dir *gqlast.Directive, log *problemLog) {
	if isAmplifyDirective(dir.Name) {
		log.add(dir.Position, "Unknown directive %q: it is one of Amplify's, which AppSync does not know. "+
			"Use the schema that Amplify compiles (build/schema.graphql).", "@"+dir.Name)
		return
	}
	log.add(dir.Position, "Unknown directive %q.%s", "@"+dir.Name, log.suggest("@"+dir.Name, func() []string {
		var names []string
		for _, def := range d.directives {
			names = append(names, "@"+def.Name)
		}
		return names
	}))
}

func locationNames(locations []gqlast.DirectiveLocation) string {
	var names []string
	for _, l := range locations {
		names = append(names, locationName(l))
	}
	return strings.Join(names, ", ")
}

// locationName words FIELD_DEFINITION as "field definition".
func locationName(l gqlast.DirectiveLocation) string {
	return strings.ReplaceAll(strings.ToLower(string(l)), "_", " ")
}

// subscriptions checks that @aws_subscribe names mutations, and such as return
// what the subscription does. Whether the types are non-null makes no
// difference: AppSync's own examples differ in it.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
func (c *checker) subscriptions() {
	root, mutations := c.defs.roots[gqlast.Subscription], c.defs.roots[gqlast.Mutation]
	if root != nil && c.defs.byName[root.Name] != root || mutations != nil && c.defs.byName[mutations.Name] != mutations {
		return // The mistake is told; every field would be unknown.
	}
	if root == nil {
		root = &gqlast.Definition{}
	}
	if mutations == nil {
		mutations = &gqlast.Definition{}
	}
	for _, sub := range root.Fields {
		for _, v := range directiveArgument(sub.Directives, "aws_subscribe") {
			c.subscribed(sub, mutations, v)
		}
	}
	for _, mutation := range mutations.Fields {
		for _, v := range directiveArgument(mutation.Directives, "aws_publish") {
			c.published(mutation, root, v)
		}
	}
}

// published warns of names in @aws_publish, which AppSync has given up for
// @aws_subscribe, that lead nowhere.
func (c *checker) published(mutation *gqlast.FieldDefinition, subscriptions *gqlast.Definition, v *gqlast.Value) {
	switch sub := subscriptions.Fields.ForName(v.Raw); {
	case sub == nil:
		c.log.warn(literalPosition(v), "Unknown subscription %q in @aws_publish has no effect.", v.Raw)
	case !c.defs.sameResult(mutation, v.Raw):
		c.log.warn(literalPosition(v), "@aws_publish has no effect: mutation %q returns %s, but subscription %q returns %s.",
			mutation.Name, mutation.Type, sub.Name, sub.Type)
	}
}

// sameResult reports whether there is a subscription of that name with the
// result of the mutation.
func (d *definitions) sameResult(mutation *gqlast.FieldDefinition, subscription string) bool {
	root := d.roots[gqlast.Subscription]
	if root == nil {
		return false
	}
	sub := root.Fields.ForName(subscription)
	return sub != nil && nullableText(sub.Type) == nullableText(mutation.Type)
}

func (c *checker) subscribed(sub *gqlast.FieldDefinition, mutations *gqlast.Definition, v *gqlast.Value) {
	mutation := mutations.Fields.ForName(v.Raw)
	if mutation == nil {
		c.log.add(literalPosition(v), "Unknown mutation %q.%s", v.Raw, c.log.suggest(v.Raw, func() []string {
			var names []string
			for _, f := range mutations.Fields {
				names = append(names, f.Name)
			}
			return names
		}))
		return
	}
	if nullableText(mutation.Type) != nullableText(sub.Type) {
		c.log.add(literalPosition(v), "Subscription %q returns %s, but mutation %q returns %s: they must return the same type.",
			sub.Name, sub.Type, v.Raw, mutation.Type)
	}
}

// directiveArgument returns the strings in the arguments of the directives of
// that name, which has one.
func directiveArgument(list gqlast.DirectiveList, name string) []*gqlast.Value {
	var values []*gqlast.Value
	for _, dir := range list {
		if dir.Name != name {
			continue
		}
		for _, arg := range dir.Arguments {
			values = append(values, texts(arg.Value)...)
		}
	}
	return values
}

// texts returns the strings of a string or list of strings.
func texts(v *gqlast.Value) []*gqlast.Value {
	switch v.Kind {
	case gqlast.StringValue, gqlast.BlockValue:
		return []*gqlast.Value{v}
	case gqlast.ListValue:
		var list []*gqlast.Value
		for _, item := range v.Children {
			list = append(list, texts(item.Value)...)
		}
		return list
	default:
		return nil
	}
}

// nullableText is a type without its non-null marks.
func nullableText(ref *gqlast.Type) string {
	return strings.ReplaceAll(ref.String(), "!", "")
}
