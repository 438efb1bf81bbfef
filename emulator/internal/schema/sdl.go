package schema

import (
	"strings"

	"appsync-emulator/emulator/internal/scalar"
	"appsync-emulator/mappingtemplate/value"
)

// SDL prints the schema without what AppSync adds to it. With directives it
// has those that the sources declare and apply; without, only @deprecated.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_GetIntrospectionSchema.html
func (s *Schema) SDL(includeDirectives bool) string {
	p := &printer{descriptions: true, prints: func(name string) bool {
		return includeDirectives || name == "deprecated"
	}}
	if includeDirectives {
		for _, d := range s.directives {
			if !d.builtIn {
				p.directive(d)
			}
		}
	}
	p.schema(s)
	return p.b.String()
}

// judged is the SDL that graphql-go checks: the schema with AppSync's
// directives, then the prelude. Other directives have no effect, those of
// authorization may stand where they have none, and descriptions say nothing
// about validity.
func (s *Schema) judged() string {
	p := &printer{prints: func(name string) bool {
		d := s.Directives[name]
		return d != nil && d.builtIn && name != "deprecated" && !isAuthDirective(name)
	}}
	p.schema(s)
	for _, sc := range scalar.All() {
		p.b.WriteString("scalar " + sc.Name() + "\n")
	}
	for _, d := range s.directives {
		if d.builtIn {
			p.directive(d)
		}
	}
	return p.b.String()
}

type printer struct {
	b            strings.Builder
	descriptions bool
	// prints says whether an applied directive is printed.
	prints func(name string) bool
}

func (p *printer) schema(s *Schema) {
	p.description("", s.description)
	p.b.WriteString("schema {\n  query: " + s.Query.Name + "\n")
	if s.Mutation != nil {
		p.b.WriteString("  mutation: " + s.Mutation.Name + "\n")
	}
	if s.Subscription != nil {
		p.b.WriteString("  subscription: " + s.Subscription.Name + "\n")
	}
	p.b.WriteString("}\n\n")
	for _, t := range s.order {
		p.typeDefinition(t)
	}
}

func (p *printer) typeDefinition(t *Type) {
	p.description("", t.Description)
	switch t.Kind {
	case Object, Interface:
		keyword := "type "
		if t.Kind == Interface {
			keyword = "interface "
		}
		p.b.WriteString(keyword + t.Name)
		for i, iface := range t.Interfaces {
			if i == 0 {
				p.b.WriteString(" implements ")
			} else {
				p.b.WriteString(" & ")
			}
			p.b.WriteString(iface.Name)
		}
		p.applied(t.applied)
		p.b.WriteString(" {\n")
		for _, f := range t.Fields {
			p.description("  ", f.Description)
			p.b.WriteString("  " + f.Name)
			p.arguments("  ", f.Args)
			p.b.WriteString(": " + f.Type.String())
			p.applied(f.applied)
			p.b.WriteByte('\n')
		}
		p.b.WriteString("}\n\n")
	case InputObject:
		p.b.WriteString("input " + t.Name)
		p.applied(t.applied)
		p.b.WriteString(" {\n")
		for _, f := range t.InputFields {
			p.description("  ", f.Description)
			p.b.WriteString("  ")
			p.inputValue(f)
			p.b.WriteByte('\n')
		}
		p.b.WriteString("}\n\n")
	case Enum:
		p.b.WriteString("enum " + t.Name)
		p.applied(t.applied)
		p.b.WriteString(" {\n")
		for _, v := range t.EnumValues {
			p.description("  ", v.Description)
			p.b.WriteString("  " + v.Name)
			p.applied(v.applied)
			p.b.WriteByte('\n')
		}
		p.b.WriteString("}\n\n")
	case Union:
		p.b.WriteString("union " + t.Name)
		p.applied(t.applied)
		p.b.WriteString(" = ")
		for i, member := range t.Possible {
			if i > 0 {
				p.b.WriteString(" | ")
			}
			p.b.WriteString(member.Name)
		}
		p.b.WriteString("\n\n")
	}
}

func (p *printer) directive(d *Directive) {
	p.description("", d.Description)
	p.b.WriteString("directive @" + d.Name)
	p.arguments("", d.Args)
	if d.repeatable {
		p.b.WriteString(" repeatable")
	}
	p.b.WriteString(" on " + strings.Join(d.Locations, " | ") + "\n\n")
}

// arguments prints arguments on one line, or on lines of their own when one has
// a description.
func (p *printer) arguments(indent string, args []*InputValue) {
	if len(args) == 0 {
		return
	}
	described := false
	for _, a := range args {
		described = described || p.descriptions && a.Description != ""
	}
	p.b.WriteByte('(')
	for i, a := range args {
		switch {
		case described:
			p.b.WriteByte('\n')
			p.description(indent+"  ", a.Description)
			p.b.WriteString(indent + "  ")
		case i > 0:
			p.b.WriteString(", ")
		}
		p.inputValue(a)
	}
	if described {
		p.b.WriteString("\n" + indent)
	}
	p.b.WriteByte(')')
}

func (p *printer) inputValue(v *InputValue) {
	p.b.WriteString(v.Name + ": " + v.Type.String())
	if v.HasDefault {
		p.b.WriteString(" = " + v.DefaultText)
	}
	p.applied(v.applied)
}

func (p *printer) applied(list []appliedDirective) {
	for _, d := range list {
		if p.prints(d.name) {
			p.b.WriteString(" " + d.text)
		}
	}
}

func (p *printer) description(indent, text string) {
	if text == "" || !p.descriptions {
		return
	}
	if !printsAsBlock(text) {
		p.b.WriteString(indent)
		p.b.Write(value.AppendJSONString(nil, text))
		p.b.WriteByte('\n')
		return
	}
	p.b.WriteString(indent + `"""` + "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			p.b.WriteString(indent + strings.ReplaceAll(line, `"""`, `\"""`))
		}
		p.b.WriteByte('\n')
	}
	p.b.WriteString(indent + `"""` + "\n")
}

// printsAsBlock reports whether text survives being a block string, which drops
// indentation and blank lines at its ends.
func printsAsBlock(text string) bool {
	if strings.ContainsRune(text, '\r') {
		return false
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	first, _, _ := strings.Cut(text, "\n")
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return strings.TrimSpace(first) != "" && strings.TrimSpace(last) != "" && first[0] != ' ' && first[0] != '\t'
}
