package auth

import (
	"cmp"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/schema"
)

// Warnings tell which authorization directives of a schema do not do what they
// say under the authorization modes of the API. AppSync accepts them silently.
// Each kind is told once, where it first occurs.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
func Warnings(s *schema.Schema, api *project.API) []schema.Problem {
	w := &warner{policyCompiler: newPolicyCompiler(s, api), told: map[string]bool{}}
	for _, t := range sortedTypes(s) {
		w.list(t.Auth, t, nil)
		for _, f := range t.Fields {
			w.list(f.Auth, t, f)
			w.shadowed(f)
		}
	}
	return w.warnings
}

// sortedTypes returns the types that may have directives of authorization, in
// the order of the sources' names and lines.
func sortedTypes(s *schema.Schema) []*schema.Type {
	var types []*schema.Type
	for _, t := range s.Types {
		if t.Kind == schema.Object || t.Kind == schema.Interface {
			types = append(types, t)
		}
	}
	slices.SortFunc(types, func(a, b *schema.Type) int {
		return cmp.Or(strings.Compare(a.Pos.Source, b.Pos.Source), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return types
}

type warner struct {
	*policyCompiler
	told     map[string]bool
	warnings []schema.Problem
}

// once adds a warning unless one of its kind is there.
func (w *warner) once(kind string, d schema.AuthDirective, message string) {
	if w.told[kind] {
		return
	}
	w.told[kind] = true
	w.warnings = append(w.warnings, schema.Problem{Pos: d.Pos, Message: message})
}

// list looks at the directives of a type or, when f is not nil, of a field.
func (w *warner) list(directives []schema.AuthDirective, t *schema.Type, f *schema.Field) {
	for _, d := range directives {
		mode := directiveMode(d.Name)
		switch {
		case t.Kind == schema.Interface:
			if f != nil { // that of the interface itself is told with the schema
				w.once("interface", d, "Directive \"@"+d.Name+"\" has no effect on the field of an interface: those of the object types decide.")
			}
		case mode != 0:
			if mode&w.configured == 0 {
				w.once(d.Name, d, "Directive \"@"+d.Name+"\" admits nobody: "+modeName(mode)+" is not an authorization mode of the API.")
			}
		case f == nil: // @aws_auth on a type, told with the schema
		case !w.onlyPool:
			w.once(d.Name, d, "Directive \"@aws_auth\" has no effect: it works only where "+project.AuthCognito+" is the one authorization mode. Use @aws_cognito_user_pools.")
		case !w.isRoot(t):
			w.once(d.Name+" below", d, "Directive \"@aws_auth\" has no effect below the operations. Use @aws_cognito_user_pools.")
		}
	}
}

// shadowed warns of a field that names the user pool and is closed by the pool's
// default action all the same.
func (w *warner) shadowed(f *schema.Field) {
	if !w.onlyPool || !w.denyDefault || !w.isRoot(f.Parent) {
		return
	}
	if modes, _ := w.rule(f); modes != 0 {
		return
	}
	for _, d := range w.modeDirectives(f) {
		if d.Name == "aws_cognito_user_pools" {
			w.once("shadowed", d, "Directive \"@aws_cognito_user_pools\" admits nobody: the default action DENY of the one authorization mode asks for @aws_auth.")
		}
	}
}

func modeName(mode modeSet) string {
	switch mode {
	case apiKeyMode:
		return project.AuthAPIKey
	case iamMode:
		return project.AuthIAM
	case cognitoMode:
		return project.AuthCognito
	case oidcMode:
		return project.AuthOIDC
	default:
		return project.AuthLambda
	}
}
