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

	allModes = apiKeyMode | iamMode | cognitoMode | oidcMode | lambdaMode
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

// Policy holds the authorization rule of every field of a schema. It is
// immutable and safe for concurrent use.
type Policy struct {
	schema *schema.Schema
	rules  []rule // by schema.Field.Index
	// groupLists are the lists of groups that rules name, each once.
	groupLists [][]string
	// everywhere holds the modes that may read every field, whatever the
	// caller's groups.
	everywhere modeSet
}

// rule says who may read one field.
type rule struct {
	modes modeSet
	// groups restricts callers of a user pool to the members of one of the groups
	// in Policy.groupLists[groups-1]; 0 does not.
	groups int32
}

// NewPolicy compiles the authorization directives of a schema.
//
// The directives of a field replace those of its type. Several admit any of
// their modes. A field without any, on a type without any, is open to the API's
// default mode alone. What counts is the field of the object type that a value
// has: directives on interfaces have no effect.
//
// Where a user pool is the only mode, @aws_auth and the pool's default action
// decide over the fields of Query, Mutation and Subscription; below them,
// @aws_auth is not looked at (aws/aws-appsync-community#275). With additional
// modes @aws_auth is ignored.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
func NewPolicy(s *schema.Schema, api *project.API) *Policy {
	c := newPolicyCompiler(s, api)
	p := &Policy{schema: s, rules: make([]rule, s.FieldCount), everywhere: allModes}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			r := &p.rules[f.Index]
			if t.Kind != schema.Object || strings.HasPrefix(t.Name, "__") {
				r.modes = allModes // introspection, or never the field of a value
				continue
			}
			var groups []string
			if r.modes, groups = c.rule(f); r.modes&cognitoMode != 0 && groups != nil {
				r.groups = p.groupList(groups)
				p.everywhere &^= cognitoMode
			}
			p.everywhere &= r.modes
		}
	}
	return p
}

// groupList returns the number, from 1, of a list of groups.
func (p *Policy) groupList(groups []string) int32 {
	for i, list := range p.groupLists {
		if slices.Equal(list, groups) {
			return int32(i + 1)
		}
	}
	p.groupLists = append(p.groupLists, groups)
	return int32(len(p.groupLists))
}

// policyCompiler turns the directives of fields into rules.
type policyCompiler struct {
	schema      *schema.Schema
	defaultMode modeSet
	configured  modeSet
	// onlyPool: a user pool is the one mode, so that @aws_auth has a meaning.
	onlyPool bool
	// denyDefault: the user pool's default action is DENY.
	denyDefault bool
}

func newPolicyCompiler(s *schema.Schema, api *project.API) *policyCompiler {
	pool := api.Auth.Type == project.AuthCognito
	c := &policyCompiler{
		schema:      s,
		defaultMode: modeBit(api.Auth.Type),
		onlyPool:    pool && len(api.AdditionalAuth) == 0,
		denyDefault: pool && api.Auth.DefaultAction == "DENY",
	}
	for _, p := range providers(api) {
		c.configured |= modeBit(p.Type)
	}
	return c
}

// rule returns the modes that may read a field, and the groups of which a caller
// of a user pool must be in one; nil asks for none.
func (c *policyCompiler) rule(f *schema.Field) (modes modeSet, groups []string) {
	root := c.isRoot(f.Parent)
	if c.onlyPool && root {
		for _, d := range f.Auth {
			if d.Name == "aws_auth" {
				return cognitoMode, d.Groups
			}
		}
		if c.denyDefault {
			return 0, nil
		}
	}
	named := c.modeDirectives(f)
	if len(named) == 0 {
		if c.denyDefault && root {
			return 0, nil
		}
		return c.defaultMode, nil
	}
	everyMember := false
	for _, d := range named {
		mode := directiveMode(d.Name)
		modes |= mode
		if mode == cognitoMode {
			everyMember = everyMember || len(d.Groups) == 0
			groups = append(groups, d.Groups...)
		}
	}
	if everyMember {
		groups = nil
	}
	return modes, groups
}

func (c *policyCompiler) isRoot(t *schema.Type) bool {
	return t == c.schema.Query || t == c.schema.Mutation || t == c.schema.Subscription
}

// modeDirectives are the directives that count for a field: its own or, without
// any, those of its type.
func (c *policyCompiler) modeDirectives(f *schema.Field) []schema.AuthDirective {
	for _, list := range [][]schema.AuthDirective{f.Auth, f.Parent.Auth} {
		var named []schema.AuthDirective
		for _, d := range list {
			if directiveMode(d.Name) != 0 {
				named = append(named, d)
			}
		}
		if len(named) > 0 {
			return named
		}
	}
	return nil
}

// directiveMode is the mode that a directive names; @aws_auth names none.
func directiveMode(name string) modeSet {
	switch name {
	case "aws_api_key":
		return apiKeyMode
	case "aws_iam":
		return iamMode
	case "aws_cognito_user_pools":
		return cognitoMode
	case "aws_oidc":
		return oidcMode
	case "aws_lambda":
		return lambdaMode
	}
	return 0
}

// Denied returns the question whether a caller may not read a field, or nil for
// a caller who may read all. Introspection and __typename are never refused.
func (p *Policy) Denied(id Identity) func(*schema.Field) bool {
	mode := modeBit(id.Mode)
	closed := p.denials(id.Denied)
	if p.everywhere&mode != 0 && closed == nil {
		return nil
	}
	var member []bool // by number of the list of groups, less one
	if mode == cognitoMode && len(p.groupLists) > 0 {
		member = make([]bool, len(p.groupLists))
		for i, list := range p.groupLists {
			member[i] = slices.ContainsFunc(id.Groups, func(g string) bool { return slices.Contains(list, g) })
		}
	}
	return func(f *schema.Field) bool {
		if uint(f.Index) >= uint(len(p.rules)) {
			return false // a field that no schema declares
		}
		if closed != nil && closed[f.Index/64]>>(f.Index%64)&1 != 0 {
			return true
		}
		r := &p.rules[f.Index]
		return r.modes&mode == 0 || r.groups > 0 && mode == cognitoMode && !member[r.groups-1]
	}
}
