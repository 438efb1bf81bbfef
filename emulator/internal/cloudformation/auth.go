package cloudformation

import (
	"fmt"
	"math"
	"net/url"
	"regexp"

	"appsync-emulator/emulator/internal/project"
)

var authTypes = []string{project.AuthAPIKey, project.AuthIAM, project.AuthCognito, project.AuthOIDC, project.AuthLambda}

// authentication reads the default and the additional modes of an API.
func (l *loader) authentication(p *properties) {
	p.need("AuthenticationType")
	l.api.Auth = l.mode(p, false)
	for _, additional := range p.subs("AdditionalAuthenticationProviders") {
		additional.need("AuthenticationType")
		if mode := l.mode(additional, true); mode.Type != "" {
			l.api.AdditionalAuth = append(l.api.AdditionalAuth, mode)
		}
		additional.ignore()
	}
}

func (l *loader) mode(p *properties, additional bool) project.AuthProvider {
	a := project.AuthProvider{Type: p.enum("AuthenticationType", "", authTypes...), Pos: p.at}
	if e := p.entry("AuthenticationType"); e != nil && !additional {
		a.Pos = e.Position()
	}
	// Configurations of other modes are what CDK leaves there: nothing wrong.
	var pool, oidc, lambda *properties
	switch a.Type {
	case project.AuthCognito:
		if pool = p.needSub("UserPoolConfig"); pool != nil {
			l.cognito(pool, &a, additional)
		}
	case project.AuthOIDC:
		if oidc = p.needSub("OpenIDConnectConfig"); oidc != nil {
			l.oidc(oidc, &a)
		}
	case project.AuthLambda:
		if lambda = p.needSub("LambdaAuthorizerConfig"); lambda != nil {
			l.authorizer(lambda, &a)
		}
	}
	for _, key := range []string{"UserPoolConfig", "OpenIDConnectConfig", "LambdaAuthorizerConfig"} {
		p.read[key] = true
	}
	return a
}

func (p *properties) pattern(key string, a *project.AuthProvider) string {
	if e := p.entry(key); e != nil {
		a.PatternPos = e.Value().Position()
	}
	return p.str(key)
}

func (l *loader) cognito(p *properties, a *project.AuthProvider, additional bool) {
	a.Region = p.str("AwsRegion")
	if a.Region == "" {
		a.Region = p.s.region()
	}
	a.UserPoolID = p.userPool(a.Region)
	a.AppIDClientRegex = p.pattern("AppIdClientRegex", a)
	a.DefaultAction = "ALLOW"
	if !additional {
		a.DefaultAction = p.enum("DefaultAction", "ALLOW", "ALLOW", "DENY")
	}
	p.ignore("DefaultAction")
}

// userPoolPattern is the form of a user pool's id.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
var userPoolPattern = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

// userPool reads the id of a user pool. For one that is not known one is made up,
// so that the pool can be served.
func (p *properties) userPool(region string) string {
	v := p.need("UserPoolId")
	id := p.strOf("UserPoolId", v)
	if id == "" || userPoolPattern.MatchString(id) {
		return id
	}
	if _, ok := p.s.app.doubts[v]; ok {
		return region + "_" + project.StableID("userpool/"+id, 9)
	}
	p.wrong("UserPoolId", "like us-east-1_abcDEF123", v)
	return ""
}

func (l *loader) oidc(p *properties, a *project.AuthProvider) {
	issuer := p.needStr("Issuer")
	u, err := url.Parse(issuer)
	switch {
	case issuer == "":
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		p.wrong("Issuer", "a URL such as https://auth.example.com", p.get("Issuer"))
	default:
		a.Issuer = issuer
	}
	a.ClientID = p.pattern("ClientId", a)
	a.IatTTL = p.integer("IatTTL", 0, math.MaxInt64>>1, 0)
	a.AuthTTL = p.integer("AuthTTL", 0, math.MaxInt64>>1, 0)
	p.ignore()
}

func (l *loader) authorizer(p *properties, a *project.AuthProvider) {
	a.Lambda = p.lambda("AuthorizerUri")
	a.IdentityValidationExpression = p.pattern("IdentityValidationExpression", a)
	a.ResultTTLSeconds = int(p.integer("AuthorizerResultTtlInSeconds", 0, 3600, 300))
	p.ignore()
}

// lambda reads the ARN of a function, which must be there.
func (p *properties) lambda(key string) project.Lambda {
	arn := p.needStr(key)
	if arn == "" {
		return project.Lambda{}
	}
	if m := invocation.FindStringSubmatch(arn); m != nil {
		arn = m[1]
	}
	if !functionARN.MatchString(arn) {
		p.s.app.problem(p.entry(key).Value().Position(), fmt.Sprintf("%s: `%s` must be the ARN of a Lambda function, not `%s`", p.what, key, shorten(arn)), "")
		return project.Lambda{}
	}
	return project.Lambda{FunctionARN: arn}
}
