package schema

import (
	"slices"
	"strings"

	gqlast "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"appsync-emulator/emulator/internal/scalar"
)

// definitions is the SDL with its extensions merged in and AppSync's own
// declarations added.
type definitions struct {
	order  []*gqlast.Definition // the user's types
	meta   []*gqlast.Definition // the types of introspection
	byName map[string]*gqlast.Definition

	directives      []*gqlast.DirectiveDefinition // AppSync's, then the user's
	directiveByName map[string]*gqlast.DirectiveDefinition
	ownDirectives   int // how many of directives are AppSync's

	description string
	roots       map[gqlast.Operation]*gqlast.Definition
}

// collect builds the table of definitions and reports names that clash.
func collect(doc *gqlast.SchemaDocument, log *problemLog) *definitions {
	d := &definitions{
		byName:          make(map[string]*gqlast.Definition),
		directiveByName: make(map[string]*gqlast.DirectiveDefinition),
		roots:           make(map[gqlast.Operation]*gqlast.Definition),
	}
	for _, s := range scalar.All() {
		d.byName[s.Name()] = &gqlast.Definition{Kind: gqlast.Scalar, Name: s.Name(), BuiltIn: true}
	}
	d.addOwn(log)
	for _, def := range doc.Definitions {
		d.addType(def, log)
	}
	for _, ext := range doc.Extensions {
		d.extend(ext, log)
	}
	for _, def := range doc.Directives {
		d.addDirective(def, log)
	}
	for _, ext := range doc.DirectiveExtensions {
		log.add(ext.Position, "Directives cannot be extended.")
	}
	d.findRoots(doc, log)
	return d
}

// addOwn adds AppSync's directives and the types of introspection.
func (d *definitions) addOwn(log *problemLog) {
	own, err := parser.ParseSchema(&gqlast.Source{Input: prelude + metaTypes, BuiltIn: true})
	if err != nil {
		log.addAt(log.start(), "Internal error: the prelude does not parse: %v.", err)
		return
	}
	for _, def := range own.Definitions {
		d.meta = append(d.meta, def)
		d.byName[def.Name] = def
	}
	for _, def := range own.Directives {
		d.directives = append(d.directives, def)
		d.directiveByName[def.Name] = def
	}
	d.ownDirectives = len(d.directives)
}

func (d *definitions) addType(def *gqlast.Definition, log *problemLog) {
	earlier := d.byName[def.Name]
	switch {
	case strings.HasPrefix(def.Name, "__"):
		log.add(def.Position, "Type %q: names beginning with two underscores are reserved for introspection.", def.Name)
		return
	case def.Kind == gqlast.Scalar:
		if earlier != nil && earlier.BuiltIn {
			return // AppSync's own definition stands.
		}
		log.add(def.Position, "Custom scalar %q is not supported: only the scalars of GraphQL and AppSync exist.%s",
			def.Name, log.suggest(def.Name, scalarNames))
	case earlier != nil && earlier.BuiltIn:
		log.add(def.Position, "Type %q is a scalar of AppSync and cannot be defined.", def.Name)
		return
	case strings.HasPrefix(def.Name, "AWS"):
		log.add(def.Position, "Type %q: names beginning with AWS are reserved for AppSync.", def.Name)
	}
	if earlier != nil {
		log.add(def.Position, "Type %q is defined twice; first in %s, line %d.", def.Name, position(earlier.Position).Source, position(earlier.Position).Line)
		return
	}
	d.byName[def.Name] = def
	if def.Kind != gqlast.Scalar {
		d.order = append(d.order, def)
	}
}

func (d *definitions) extend(ext *gqlast.Definition, log *problemLog) {
	def := d.byName[ext.Name]
	switch {
	case def == nil:
		log.add(ext.Position, "Unknown type %q cannot be extended.%s", ext.Name, log.suggest(ext.Name, d.typeNames(nil)))
		return
	case def.BuiltIn:
		log.add(ext.Position, "Type %q belongs to AppSync and cannot be extended.", ext.Name)
		return
	case def.Kind != ext.Kind:
		log.add(ext.Position, "Type %q is %s and cannot be extended as %s.", ext.Name, kindName(def.Kind), kindName(ext.Kind))
		return
	}
	def.Directives = append(def.Directives, ext.Directives...)
	def.Interfaces = append(def.Interfaces, ext.Interfaces...)
	def.Fields = append(def.Fields, ext.Fields...)
	def.Types = append(def.Types, ext.Types...)
	def.TypePositions = append(def.TypePositions, ext.TypePositions...)
	def.EnumValues = append(def.EnumValues, ext.EnumValues...)
}

func (d *definitions) addDirective(def *gqlast.DirectiveDefinition, log *problemLog) {
	earlier := d.directiveByName[def.Name]
	switch {
	case strings.HasPrefix(def.Name, "__"):
		log.add(def.Position, "Directive %q: names beginning with two underscores are reserved for introspection.", "@"+def.Name)
	case earlier != nil && slices.Contains(d.directives[:d.ownDirectives], earlier):
		// AppSync's own declaration stands.
	case earlier != nil:
		log.add(def.Position, "Directive %q is declared twice; first in %s, line %d.", "@"+def.Name, position(earlier.Position).Source, position(earlier.Position).Line)
	default:
		d.directives = append(d.directives, def)
		d.directiveByName[def.Name] = def
	}
}

// findRoots determines the types in which operations start: those of the schema
// definition or, without one, those with the customary names.
//
// The texts of the mistakes that concern the schema as a whole are AppSync's:
// aws-appsync-community#292, #345.
func (d *definitions) findRoots(doc *gqlast.SchemaDocument, log *problemLog) {
	for i, def := range doc.Schema {
		if i > 0 {
			log.add(def.Position, "The schema is defined twice; first in %s, line %d.", position(doc.Schema[0].Position).Source, position(doc.Schema[0].Position).Line)
			continue
		}
		d.description = def.Description
	}
	explicit := false
	for _, def := range append(slices.Clone(doc.Schema), doc.SchemaExtension...) {
		for _, dir := range def.Directives {
			if d.directiveByName[dir.Name] == nil {
				d.unknownDirective(dir, log)
			}
		}
		for _, op := range def.OperationTypes {
			explicit = true
			if d.roots[op.Operation] != nil {
				log.add(op.Position, "The %s type of the schema is given twice.", op.Operation)
				continue
			}
			t := d.byName[op.Type]
			if t == nil {
				log.add(op.Position, "Unknown type %q.%s", op.Type, log.suggest(op.Type, d.typeNames(isObject)))
				// The mistake is told; it is not also a missing root.
				t = &gqlast.Definition{Kind: gqlast.Object, Name: op.Type}
			}
			d.setRoot(op.Operation, t, op.Position, log)
		}
	}
	if !explicit {
		for op, name := range map[gqlast.Operation]string{gqlast.Query: "Query", gqlast.Mutation: "Mutation", gqlast.Subscription: "Subscription"} {
			if t := d.byName[name]; t != nil {
				d.setRoot(op, t, t.Position, log)
			}
		}
	}
	if len(d.roots) == 0 {
		log.addAt(log.start(), "There is no top level schema object defined.")
		return
	}
	if d.roots[gqlast.Query] == nil {
		pos := log.start()
		if len(doc.Schema) > 0 {
			pos = position(doc.Schema[0].Position)
		}
		log.addAt(pos, "A schema MUST have a 'query' operation defined.")
	}
}

func (d *definitions) setRoot(op gqlast.Operation, t *gqlast.Definition, pos *gqlast.Position, log *problemLog) {
	if t.Kind != gqlast.Object {
		log.add(pos, "The %s type must be an object type; %q is %s.", op, t.Name, kindName(t.Kind))
	}
	for other, u := range d.roots {
		if u == t {
			log.add(pos, "Type %q cannot be the %s type and the %s type.", t.Name, other, op)
		}
	}
	d.roots[op] = t
}

// typeNames lists the names of the types that a mistaken name may have meant.
func (d *definitions) typeNames(want func(*gqlast.Definition) bool) func() []string {
	return func() []string {
		var names []string
		for name, def := range d.byName {
			if !strings.HasPrefix(name, "__") && (want == nil || want(def)) {
				names = append(names, name)
			}
		}
		return names
	}
}

func scalarNames() []string {
	var names []string
	for _, s := range scalar.All() {
		names = append(names, s.Name())
	}
	return names
}

func isObject(def *gqlast.Definition) bool { return def.Kind == gqlast.Object }

func isInterface(def *gqlast.Definition) bool { return def.Kind == gqlast.Interface }

func isOutput(def *gqlast.Definition) bool { return def.Kind != gqlast.InputObject }

func isInput(def *gqlast.Definition) bool {
	return def.Kind == gqlast.Scalar || def.Kind == gqlast.Enum || def.Kind == gqlast.InputObject
}

func kindName(kind gqlast.DefinitionKind) string {
	switch kind {
	case gqlast.Scalar:
		return "a scalar"
	case gqlast.Object:
		return "an object type"
	case gqlast.Interface:
		return "an interface"
	case gqlast.Union:
		return "a union"
	case gqlast.Enum:
		return "an enum"
	default:
		return "an input type"
	}
}
