package project

import (
	"fmt"
	"net/url"
)

// LambdaFunction says where one Lambda function runs.
type LambdaFunction struct {
	// Name is the function's name or ARN.
	Name string
	// URL is that of a server that speaks Lambda's Invoke API; empty for that of
	// all functions.
	URL string
	// TimeoutSeconds is how long the function may take; 0 is as long as the request.
	TimeoutSeconds int
	Pos            Position
}

// LambdaEndpoint says where the functions run that no LambdaFunction names.
type LambdaEndpoint struct {
	URL string
	Pos Position
}

// Name is how the function is invoked: its ARN, or its name with its alias after
// a colon.
func (l Lambda) Name() string {
	switch {
	case l.FunctionARN != "":
		return l.FunctionARN
	case l.FunctionAlias != "":
		return l.FunctionName + ":" + l.FunctionAlias
	}
	return l.FunctionName
}

// maxLambdaTimeout is Lambda's, in seconds.
//
// See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
const maxLambdaTimeout = 900

// frameworkFunctionKeys are those of a function of the Serverless Framework, so
// that its `functions` can be kept as they are, with url added. Of them timeout
// means the same here.
//
// See: https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
var frameworkFunctionKeys = []string{
	"handler", "image", "runtime", "runtimeManagement", "memorySize", "ephemeralStorageSize", "name",
	"description", "architecture", "reservedConcurrency", "provisionedConcurrency", "environment", "events",
	"condition", "dependsOn", "destinations", "dynamic", "fileSystemConfig", "kmsKeyArn", "layers", "logRetentionInDays",
	"logs", "logDataProtectionPolicy", "maximumEventAge", "maximumRetryAttempts", "onError", "package", "role",
	"snapStart", "disableLogs", "tags", "tracing", "versionFunction", "vpc", "awsKmsKeyArn", "tenancy",
}

// lambdas reads `lambdaEndpoint` and `functions`: where Lambda functions run.
func (l *loader) lambdas(f *fields) {
	if e := f.get("lambdaEndpoint"); e != nil {
		if text, ok := l.endpointURL(f, e); ok {
			l.api.LambdaEndpoint = &LambdaEndpoint{URL: text, Pos: l.position(e.pos)}
		}
	}
	l.maps(f.get("functions"), func() {}, l.lambdaFunction)
}

func (l *loader) lambdaFunction(e entry) {
	what := "Lambda function " + shorten(e.key)
	out := &LambdaFunction{Name: e.key, Pos: l.position(e.pos)}
	if !l.declare(l.lambdaFunctions, "Lambda function", e.key, out.Pos) {
		return
	}
	if e.value.kind == kindString && e.value.tag == "" {
		owner := &fields{l: l, node: e.value, what: what, at: e.pos}
		if text, ok := l.endpointURL(owner, &e); ok {
			out.URL = text
			l.api.LambdaFunctions = append(l.api.LambdaFunctions, out)
		}
		return
	}
	f, ok := l.fields(e.value, what, e.pos, append([]string{"url", "timeout"}, frameworkFunctionKeys...)...)
	if !ok {
		return
	}
	if u := f.get("url"); u != nil && u.value.kind != kindBool && u.value.kind != kindMap {
		// true and a map are the framework's: they make a function URL.
		if out.URL, ok = l.endpointURL(f, u); !ok {
			return
		}
	}
	out.TimeoutSeconds = int(f.integer("timeout", 1, maxLambdaTimeout, 0))
	if out.URL != "" || out.TimeoutSeconds > 0 {
		l.api.LambdaFunctions = append(l.api.LambdaFunctions, out)
	}
}

// endpointURL reads the URL of a server.
func (l *loader) endpointURL(f *fields, e *entry) (string, bool) {
	text := f.strOf(e)
	if text == "" {
		if e.value.kind == kindString && e.value.text == "" {
			f.wrong(e, "a URL such as http://127.0.0.1:3001")
		}
		return "", false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		f.wrong(e, "a URL such as http://127.0.0.1:3001")
		return "", false
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		l.problem(e.value.pos, fmt.Sprintf("the URL of `%s` must not hold a user, a password, a query or a fragment", shorten(e.key)), "")
		return "", false
	}
	return text, true
}
