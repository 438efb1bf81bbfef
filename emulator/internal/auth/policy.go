package auth

import (
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/schema"
)

// modeSet is a set of authorization modes.
type modeSet uint8

const (
	apiKeyMode modeSet = 1 << iota
	iamMode
	cognitoMode
	oidcMode
	lambdaMode
)

func modeBit(mode string) modeSet {
	switch mode {
	case project.AuthAPIKey:
		return apiKeyMode
	case project.AuthIAM:
		return iamMode
	case project.AuthCognito:
		return cognitoMode
	case project.AuthOIDC:
		return oidcMode
	case project.AuthLambda:
		return lambdaMode
	}
	return 0
}

// rule says who may see one field.
type rule struct {
	field *schema.Field
	modes modeSet
	// groups restricts Cognito callers to members of one of them; nil does not.
	groups []string
}

// Policy holds the authorization rule of every field of a schema. It is
// immutable and safe for concurrent use.
type Policy struct {
	rules []rule // by schema.Field.Index
	// everywhere holds the modes that may see every field, without groups.
	everywhere modeSet
}

// NewPolicy compiles the authorization directives of a schema.
//
// The directives of a field replace those of its type. A field without any, on
// a type without any, is open to the API's default mode alone. Several
// directives admit any of their modes.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
func NewPolicy(s *schema.Schema, api *project.API) *Policy {
	c := policyCompiler{
		defaultMode: modeBit(api.Auth.Type),
		onlyCognito: api.Auth.Type == project.AuthCognito && len(api.AdditionalAuth) == 0,
		denyDefault: api.Auth.Type == project.AuthCognito && api.Auth.DefaultAction == "DENY",
	}
	p := &Policy{rules: make([]rule, s.FieldCount), everywhere: ^modeSet(0)}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			if strings.HasPrefix(t.Name, "__") || f.Index >= len(p.rules) {
				continue // introspection, which has no rule
			}
			r := c.compile(f, t)
			p.rules[f.Index] = r
			p.everywhere &= r.modes
			if r.groups != nil {
				p.everywhere &^= cognitoMode
			}
		}
	}
	return p
}

type policyCompiler struct {
	defaultMode modeSet
	// onlyCognito: @aws_auth has a meaning only where Cognito is the one mode.
	onlyCognito bool
	// denyDefault: the user pool's default action refuses fields that name no
	// group.
	denyDefault bool
}

func (c *policyCompiler) compile(f *schema.Field, parent *schema.Type) rule {
	directives := c.effective(f.Auth)
	if len(directives) == 0 {
		directives = c.effective(parent.Auth)
	}
	r := rule{field: f}
	anyMember := false
	for _, d := range directives {
		mode := directiveMode(d.Name)
		r.modes |= mode
		if mode != cognitoMode {
			continue
		}
		if len(d.Groups) == 0 {
			anyMember = true
		}
		r.groups = append(r.groups, d.Groups...)
	}
	if len(directives) == 0 {
		r.modes = c.defaultMode
	}
	if anyMember {
		r.groups = nil
	}
	if c.denyDefault && len(r.groups) == 0 {
		r.modes &^= cognitoMode
	}
	return r
}

// effective leaves out @aws_auth where it is ignored, and directives that are
// not about authorization.
func (c *policyCompiler) effective(directives []schema.AuthDirective) []schema.AuthDirective {
	var out []schema.AuthDirective
	for _, d := range directives {
		if d.Name == "aws_auth" && !c.onlyCognito || directiveMode(d.Name) == 0 {
			continue
		}
		out = append(out, d)
	}
	return out
}

func directiveMode(name string) modeSet {
	switch name {
	case "aws_api_key":
		return apiKeyMode
	case "aws_iam":
		return iamMode
	case "aws_cognito_user_pools", "aws_auth":
		return cognitoMode
	case "aws_oidc":
		return oidcMode
	case "aws_lambda":
		return lambdaMode
	}
	return 0
}

// Allows reports whether a caller may see a field. Introspection and
// __typename, whose definitions have no place in the schema, are never refused.
func (p *Policy) Allows(id Identity, f *schema.Field) bool {
	if f.Index < 0 || f.Index >= len(p.rules) || p.rules[f.Index].field != f {
		return true
	}
	r := &p.rules[f.Index]
	if r.modes&modeBit(id.Mode) == 0 {
		return false
	}
	if r.groups == nil || id.Mode != project.AuthCognito {
		return true
	}
	return slices.ContainsFunc(id.Groups, func(g string) bool { return slices.Contains(r.groups, g) })
}

// AllowsAll reports whether a caller may see every field, so that nothing need
// be asked field by field.
func (p *Policy) AllowsAll(id Identity) bool { return p.everywhere&modeBit(id.Mode) != 0 }
