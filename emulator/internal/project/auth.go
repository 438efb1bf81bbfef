package project

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
)

// authTypes are the values of an authentication's type.
var authTypes = []string{AuthAPIKey, AuthIAM, AuthCognito, AuthOIDC, AuthLambda}

// authentications reads the default and the additional authentications, and
// the API keys.
func (l *loader) authentications(section *fields) {
	if e := section.need("authentication"); e != nil {
		if a, ok := l.authentication(e.value, "authentication", e.pos, false); ok {
			l.api.Auth = a
		}
	}
	if e := section.get("additionalAuthentications"); e != nil && !l.unsupported(e.value) {
		if e.value.kind != kindList {
			section.wrong(e, "a list")
		}
		for _, item := range e.value.items {
			if a, ok := l.authentication(item, "an additional authentication", orElse(item, e.pos), true); ok {
				l.api.AdditionalAuth = append(l.api.AdditionalAuth, a)
			}
		}
	}
	l.problems = append(l.problems, l.api.repeatedAuths()...)
	l.apiKeys(section)
	l.credentials(section)
}

func (l *loader) authentication(n *node, what string, at place, additional bool) (AuthProvider, bool) {
	f, ok := l.fields(n, what, at, "type", "config")
	if !ok {
		return AuthProvider{}, false
	}
	a := AuthProvider{Pos: l.position(at)}
	a.Type = f.enumOf(f.need("type"), "", authTypes...)
	switch a.Type {
	case AuthAPIKey, AuthIAM:
		if e := f.get("config"); e != nil && (e.value.kind != kindMap || len(e.value.entries) > 0) {
			f.noEffect("config", a.Type+" has none")
		}
	case AuthCognito:
		l.cognito(f, &a, additional)
	case AuthOIDC:
		l.oidc(f, &a)
	case AuthLambda:
		l.lambdaAuthorizer(f, &a)
	}
	return a, a.Type != ""
}

// config returns the fields of the config that an authentication or data
// source must have.
func (l *loader) config(f *fields, what string, known ...string) (*fields, bool) {
	e := f.need("config")
	if e == nil {
		return nil, false
	}
	return l.fields(e.value, what, e.pos, known...)
}

var userPoolRegion = regexp.MustCompile(`^([a-z]+(?:-[a-z]+)+-\d+)_`)

func (l *loader) cognito(f *fields, a *AuthProvider, additional bool) {
	c, ok := l.config(f, "the config of "+AuthCognito, "userPoolId", "awsRegion", "defaultAction", "appIdClientRegex")
	if !ok {
		return
	}
	a.UserPoolID, _ = c.textOf(c.need("userPoolId"))
	a.Region, _ = c.text("awsRegion")
	if m := userPoolRegion.FindStringSubmatch(a.UserPoolID); a.Region == "" && m != nil {
		a.Region = m[1] // a pool's id begins with its region
	}
	a.AppIDClientRegex, _ = c.text("appIdClientRegex")
	l.patternPos(c, a, "appIdClientRegex")
	a.DefaultAction = c.enum("defaultAction", "ALLOW", "ALLOW", "DENY")
	if additional {
		c.noEffect("defaultAction", "only the default authentication has one")
		a.DefaultAction = "ALLOW"
	}
}

func (l *loader) oidc(f *fields, a *AuthProvider) {
	c, ok := l.config(f, "the config of "+AuthOIDC, "issuer", "clientId", "iatTTL", "authTTL")
	if !ok {
		return
	}
	if e := c.need("issuer"); e != nil {
		a.Issuer = l.issuer(c, e)
	}
	a.ClientID = c.str("clientId")
	l.patternPos(c, a, "clientId")
	a.IatTTL = c.integer("iatTTL", 0, math.MaxInt64, 0)
	a.AuthTTL = c.integer("authTTL", 0, math.MaxInt64, 0)
}

// issuer reads the URL of an OpenID Connect provider, which is also the iss claim
// of its tokens.
//
// See: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
func (l *loader) issuer(c *fields, e *entry) string {
	text := c.strOf(e)
	if text == "" {
		if e.value.kind == kindString && e.value.text == "" {
			c.wrong(e, "a URL such as https://auth.example.com")
		}
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		c.wrong(e, "a URL such as https://auth.example.com")
		return ""
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		l.problem(e.value.pos, "the URL of `issuer` must not hold a user, a password, a query or a fragment", "")
		return ""
	}
	return text
}

// patternPos remembers where a mode's regular expression is written.
func (l *loader) patternPos(c *fields, a *AuthProvider, key string) {
	if e := c.get(key); e != nil {
		a.PatternPos = l.position(e.value.pos)
	}
}

func (l *loader) lambdaAuthorizer(f *fields, a *AuthProvider) {
	c, ok := l.config(f, "the config of "+AuthLambda,
		append(lambdaKeys(), "identityValidationExpression", "authorizerResultTtlInSeconds")...)
	if !ok {
		return
	}
	a.Lambda = l.lambda(c, l.api.Name+"Authorizer")
	a.IdentityValidationExpression = c.str("identityValidationExpression")
	l.patternPos(c, a, "identityValidationExpression")
	// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_LambdaAuthorizerConfig.html
	a.ResultTTLSeconds = int(c.integer("authorizerResultTtlInSeconds", 0, 3600, 0))
}

// repeatedAuths returns the modes that an API has twice and may have only once.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func (a *API) repeatedAuths() Problems {
	var problems Problems
	seen := map[string]bool{}
	for i, p := range append([]AuthProvider{a.Auth}, a.AdditionalAuth...) {
		identity, what := p.Type, p.Type
		switch p.Type {
		case "":
			continue
		case AuthCognito:
			identity += " " + p.UserPoolID
			what = "user pool " + p.UserPoolID
			if p.UserPoolID == "" {
				continue
			}
		case AuthOIDC:
			identity += " " + p.Issuer
			what = "issuer " + p.Issuer
			if p.Issuer == "" {
				continue
			}
		}
		if seen[identity] && i > 0 {
			problems = append(problems, Problem{Pos: p.Pos, Message: what + " may authenticate an API only once"})
		}
		seen[identity] = true
	}
	return problems
}

func lambdaKeys() []string {
	return []string{"functionName", "functionAlias", "functionArn", "function"}
}

// lambda reads the keys that name a Lambda function, exactly one of which must
// be there; inlineName is what a function is called that is written in place.
func (l *loader) lambda(f *fields, inlineName string) Lambda {
	var (
		out   Lambda
		given []*entry
	)
	for _, key := range []string{"functionName", "functionArn", "function"} {
		if e := f.get(key); e != nil {
			given = append(given, e)
		}
	}
	switch len(given) {
	case 0:
		l.problem(f.at, f.what+" needs one of `functionName`, `functionArn` and `function`", "")
		return out
	case 1:
	default:
		l.problem(given[1].pos, fmt.Sprintf("`%s` and `%s` exclude each other", given[0].key, given[1].key), "")
	}
	switch e := given[0]; e.key {
	case "functionName":
		out.FunctionName = f.strOf(e)
		out.FunctionAlias = f.str("functionAlias")
	case "functionArn":
		out.FunctionARN, _ = f.textOf(e)
	case "function":
		out.FunctionName = inlineName
		if l.unsupported(e.value) {
			return out
		}
		if e.value.kind != kindMap {
			f.wrong(e, "a map")
			return out
		}
		inline := &fields{l: l, node: e.value, what: "`function` of " + f.what, at: e.pos}
		out.Handler = inline.str("handler")
	}
	if given[0].key != "functionName" {
		f.noEffect("functionAlias", "it belongs to `functionName`")
	}
	return out
}
