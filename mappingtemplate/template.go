package mappingtemplate

import (
	"context"
	"errors"
	"strings"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// Template is a compiled mapping template. It is safe for concurrent use.
type Template struct {
	name string
	vtl  *vtl.Template
	// direct is set for a template that only writes a part of the context.
	direct *directPath
	cache  builtin.Cache
}

// Env is what a template is evaluated in.
type Env struct {
	// Context is $context and $ctx. Templates may change it.
	Context *value.Map
	// Util serves $util and $extensions. Nil stands for the system's clock and
	// random source, with the identity and outErrors of Context.
	Util *builtin.Env
	// Options bound the evaluation; the zero value has AppSync's bounds. Logf
	// defaults to the Warnings of Util's log.
	Options vtl.Options
}

// Outcome is the value that a template yields.
type Outcome struct {
	// Value is JSON: null, booleans, strings, numbers, lists and maps, which
	// no other value shares with it, except as Evaluate says.
	Value any
	// Returned says that #return ended the template: what comes next is
	// skipped, as the directive's documentation says.
	//
	// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-directives.html
	Returned bool
}

// Document returns the request document that a template yielded. The error is
// an *Error.
func Document(o Outcome) (*value.Map, error) {
	if m, ok := o.Value.(*value.Map); ok {
		return m, nil
	}
	return nil, &Error{Message: "Expected JSON object for request template but got a '" + nodeType(o.Value) + "' instead."}
}

// Compile compiles a template; name is used in errors only. An error is an
// *Error with a position.
func Compile(name, text string) (*Template, error) {
	t, err := vtl.Compile(name, text)
	if err != nil {
		return nil, compileError(name, err)
	}
	return &Template{name: name, vtl: t, direct: parseDirectPath(text)}, nil
}

// Evaluate evaluates a response template, or another that may yield any JSON
// value. An error is an *Error, a *builtin.Abort, or that of ctx.
//
// A template that is just $util.toJson($ctx.result) yields that result without
// a copy; the caller must not use the former again.
func (t *Template) Evaluate(ctx context.Context, env Env) (Outcome, error) {
	if t.direct != nil && ctx.Err() == nil {
		if v, ok := t.direct.evaluate(env.Context, env.Options.OutputBytes); ok {
			return Outcome{Value: v}, nil
		}
	}
	r, err := t.Render(ctx, env)
	if err != nil {
		return Outcome{}, err
	}
	if r.Returned {
		return t.returned(r.Value)
	}
	v, err := t.parse(r.Text)
	if err == nil {
		return Outcome{Value: v}, nil
	}
	var syntax *value.SyntaxError
	if errors.As(err, &syntax) {
		// Recorded in aws/aws-appsync-community#100.
		message := "Unable to convert " + r.Text + " to Object."
		if syntax.Trailing {
			message = msgTrailing
		}
		return Outcome{}, &Error{Message: message, Template: t.name, Cause: err}
	}
	return Outcome{}, err
}

// EvaluateRequest evaluates a request template, which must yield an object
// unless it returns. An error is an *Error, a *builtin.Abort, or that of ctx.
func (t *Template) EvaluateRequest(ctx context.Context, env Env) (Outcome, error) {
	r, err := t.Render(ctx, env)
	if err != nil {
		return Outcome{}, err
	}
	if r.Returned {
		return t.returned(r.Value)
	}
	v, err := t.parse(r.Text)
	if err != nil {
		var syntax *value.SyntaxError
		if errors.As(err, &syntax) {
			err = &Error{Message: jsonError(r.Text, syntax), Template: t.name, Cause: err}
		}
		return Outcome{}, err
	}
	out := Outcome{Value: v}
	if _, err := Document(out); err != nil {
		return Outcome{}, err
	}
	return out, nil
}

// Render evaluates the template and returns its text, or what it returned, as
// they are. An error is an *Error, a *builtin.Abort, or that of ctx.
func (t *Template) Render(ctx context.Context, env Env) (vtl.Result, error) {
	helpers := env.Util
	switch {
	case helpers == nil:
		outErrors, _ := env.Context.Value("outErrors").(*value.List)
		helpers = &builtin.Env{Identity: env.Context.Value("identity"), OutErrors: outErrors, Cache: &t.cache}
	case helpers.Cache == nil:
		own := *helpers
		own.Cache = &t.cache
		helpers = &own
	}
	if env.Options.Logf == nil && helpers.Log != nil {
		env.Options.Logf = Warnings(helpers.Log)
	}
	util := builtin.New(helpers)
	roots := [...]vtl.Root{
		{Name: "context", Value: env.Context},
		{Name: "ctx", Value: env.Context},
		{Name: "util", Value: util},
		{Name: "utils", Value: util},
		{Name: "extensions", Value: util.Extensions()},
	}
	r, err := t.vtl.Execute(ctx, roots[:], env.Options)
	if err != nil {
		return vtl.Result{}, renderError(t.name, err, ctx.Err())
	}
	return r, nil
}

// parse reads rendered text. An error is an *Error or a *value.SyntaxError.
func (t *Template) parse(text string) (any, error) {
	if strings.TrimFunc(text, func(r rune) bool { return r <= ' ' }) == "" {
		return nil, &Error{Message: msgEmpty, Template: t.name}
	}
	return value.ParseLenientJSON(text)
}

// returned takes over the value of #return. Text that is JSON stands for what
// it says, since templates write #return($util.toJson({})).
func (t *Template) returned(v any) (Outcome, error) {
	if s, ok := v.(string); ok {
		if parsed, err := value.ParseLenientJSON(s); err == nil {
			return Outcome{Value: parsed, Returned: true}, nil
		}
	}
	n := normalizer{copy: true, budget: maxReturned}
	out, ok := n.normalize(v, 0)
	if !ok {
		if err := builtin.Bounded(v); err != nil {
			return Outcome{}, &Error{Message: err.Error(), Template: t.name, Cause: err}
		}
		return Outcome{}, &Error{Message: msgTooLarge, Template: t.name}
	}
	return Outcome{Value: out, Returned: true}, nil
}
