package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// Variable is an environment variable of the API, $context.env.
type Variable struct {
	Name  string
	Value string
}

// Runtime is what all resolvers of an API share.
type Runtime struct {
	// Evaluations holds a value for each template that is being evaluated. Its
	// capacity bounds how many are at once, and so their memory: a request may
	// ask for one field under a thousand aliases. Nil is no bound.
	Evaluations chan struct{}
	// Now is the clock of templates.
	Now func() time.Time
	// IDs feeds $util.autoId and random numbers.
	IDs builtin.Random
	// Environment is $context.env.
	Environment []Variable
	// Log takes what templates write with $util.log. Nil drops it.
	Log func(level, resolver, text string)
	// TemplateFailed is told of templates that could not be evaluated, with
	// their place. Nil drops it.
	TemplateFailed func(resolver string, err *mappingtemplate.Error)
	// Failed is told of failures that are the emulator's own, not the
	// request's: clients see InternalFailure. Nil drops them.
	Failed func(resolver string, err error)
	// Source returns the named data source; nil when there is none.
	Source func(name string) datasource.Source
}

// Resolver is the resolver of one field. It is safe for concurrent use once
// Bind has been called.
type Resolver struct {
	name       string // Type.field
	outputType string
	uses       uses
	pipeline   bool
	// before and after are the templates of a pipeline resolver; either may be
	// nil, which passes values through.
	before, after *mappingtemplate.Template
	// steps is the one step of a unit resolver, or the functions of a pipeline.
	steps []step
	// refusal says why the resolver cannot run; empty when it can.
	refusal string
	runtime *Runtime
	// log is Runtime.Log for this resolver, nil when nobody listens.
	log func(level, text string)
	// options are those of every evaluation.
	options vtl.Options
	cache   builtin.Cache
}

// step is one visit to a data source.
type step struct {
	sourceName string
	source     datasource.Source
	scope      string
	request    *mappingtemplate.Template
	response   *mappingtemplate.Template // nil: the result as it is, errors raised
	sync       *datasource.Sync          // nil: no conflicts are detected
}

// Compiler compiles the templates of a project, each text once.
type Compiler struct {
	api      *project.API
	compiled map[*project.Template]*mappingtemplate.Template
	problems project.Problems
}

// NewCompiler returns a compiler for the templates of api.
func NewCompiler(api *project.API) *Compiler {
	return &Compiler{api: api, compiled: map[*project.Template]*mappingtemplate.Template{}}
}

// Problems returns the mistakes found in templates so far.
func (c *Compiler) Problems() project.Problems { return c.problems }

// Functions compiles the templates of all pipeline functions, so that mistakes
// in unused ones are found too.
func (c *Compiler) Functions() {
	for _, f := range c.api.Functions {
		c.template(f.Request)
		c.template(f.Response)
	}
}

func (c *Compiler) template(t *project.Template) *mappingtemplate.Template {
	if t == nil {
		return nil
	}
	if done, ok := c.compiled[t]; ok {
		return done
	}
	compiled, err := mappingtemplate.Compile(t.Pos.File, t.Text)
	if err != nil {
		problem := project.Problem{Pos: t.Pos, Message: err.Error()}
		var parse *mappingtemplate.Error
		if errors.As(err, &parse) {
			column := parse.CharacterColumn(t.Text)
			problem.Pos = t.Position(parse.Line, column)
			problem.SourceLine = t.SourceLine(parse.Line, column)
			// Velocity goes on with a line for each token that it expected.
			problem.Message, _, _ = strings.Cut(parse.Message, "\n")
			if strings.Contains(problem.Message, `"<EOF>"`) {
				problem.Hint = "the template ends too early: is an `#end` missing?"
			}
		}
		c.problems = append(c.problems, problem)
	}
	c.compiled[t] = compiled
	return compiled
}

// Compile compiles one resolver. outputType is the name of the field's type,
// without list and non-null marks. Mistakes go to Problems.
func (c *Compiler) Compile(r *project.Resolver, outputType string) *Resolver {
	out := &Resolver{name: r.Type + "." + r.Field, outputType: outputType, pipeline: r.Kind == project.KindPipeline}
	if !out.pipeline {
		out.steps = []step{c.step(out, &r.Unit, out.name)}
		return out
	}
	if r.Unit.Code != nil {
		out.refusal = noJavaScript(out.name)
		return out
	}
	out.before = c.scanned(out, r.Unit.Request)
	out.after = c.scanned(out, r.Unit.Response)
	for _, ref := range r.Functions {
		if f := c.api.Function(ref.Name); f != nil {
			out.steps = append(out.steps, c.step(out, f, out.name+"/"+f.Name))
		}
	}
	return out
}

func (c *Compiler) scanned(r *Resolver, t *project.Template) *mappingtemplate.Template {
	if t != nil {
		r.uses.scan(t.Text)
	}
	return c.template(t)
}

func (c *Compiler) step(r *Resolver, f *project.Function, scope string) step {
	// A resolver of which a part cannot run does not run at all: half of its
	// writes would be worse than none.
	switch {
	case r.refusal != "":
	case f.Code != nil:
		r.refusal = noJavaScript(scope)
	case f.Request == nil:
		r.refusal = "The emulator does not support direct resolvers yet: " + scope + " has no request mapping template."
	}
	return step{
		sourceName: f.DataSource,
		scope:      scope,
		request:    c.scanned(r, f.Request),
		response:   c.scanned(r, f.Response),
		sync:       syncOf(f.Sync),
	}
}

func noJavaScript(name string) string {
	return "The emulator does not support APPSYNC_JS yet: " + name + " has code instead of mapping templates."
}

// Bind attaches the resolver to what it runs with.
func (r *Resolver) Bind(runtime *Runtime) error {
	r.runtime = runtime
	if log := runtime.Log; log != nil {
		r.log = func(level, text string) { log(level, r.name, text) }
		r.options.Logf = mappingtemplate.Warnings(r.log)
	}
	for i := range r.steps {
		s := &r.steps[i]
		if s.source = runtime.Source(s.sourceName); s.source == nil {
			return fmt.Errorf("resolver %s: there is no data source %q", r.name, s.sourceName)
		}
	}
	return nil
}

// Resolve implements exec.FieldResolver.
func (r *Resolver) Resolve(ctx context.Context, call *exec.Call) exec.Outcome {
	if r.refusal != "" {
		return exec.Outcome{Errors: []*apierror.Error{{Message: r.refusal, Type: apierror.TypeNotSupported}}}
	}
	s := r.begin(call)
	var v any
	var err error
	if r.pipeline {
		v, err = s.pipeline(ctx)
	} else {
		v, err = s.unit(ctx, &r.steps[0])
	}
	if err == nil {
		err = s.subscriptionEffects()
	}
	var errs []*apierror.Error
	for _, appended := range s.effects.Errors {
		errs = append(errs, &apierror.Error{Message: appended.Message, Type: appended.Type, Data: appended.Data, Info: appended.Info})
	}
	if s.env.AddHeader != nil {
		for _, h := range s.effects.Headers {
			s.env.AddHeader(h.Name, h.Value)
		}
	}
	if err != nil {
		return exec.Outcome{Errors: append(errs, s.report(ctx, err))}
	}
	return exec.Outcome{Value: v, Errors: errs}
}

// subscriptionEffects does what $extensions asks for. Where AppSync documents
// that a call has no place it is refused: to ignore it would deliver events to
// the wrong subscribers.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
func (s *state) subscriptionEffects() error {
	e := &s.effects
	misplaced := func(call, place string) error {
		return &datasource.NotSupportedError{Reason: "$extensions." + call + " works in the resolvers of " + place + " alone."}
	}
	switch {
	case e.SubscriptionFilter != nil && !s.subscribes():
		return misplaced("setSubscriptionFilter", "subscription fields")
	case e.InvalidationFilter != nil && !s.subscribes():
		return misplaced("setSubscriptionInvalidationFilter", "subscription fields")
	case len(e.Invalidations) > 0 && !s.mutates():
		return misplaced("invalidateSubscriptions", "mutations")
	}
	if e.SubscriptionFilter != nil || e.InvalidationFilter != nil {
		s.env.SetSubscriptionFilters(s.call.Field.Key, SubscriptionFilters{Events: e.SubscriptionFilter, Invalidations: e.InvalidationFilter})
	}
	if len(e.Invalidations) > 0 {
		return s.env.Invalidate(e.Invalidations)
	}
	return nil
}

// subscribes reports whether the resolver is that of a subscription field which
// a client starts.
func (s *state) subscribes() bool {
	return s.env.SetSubscriptionFilters != nil && s.call.Source == nil
}

// mutates reports whether the resolver is that of a mutation.
func (s *state) mutates() bool { return s.env.Invalidate != nil && s.call.Source == nil }

// report turns what ended a resolver into the error that the client sees.
func (s *state) report(ctx context.Context, err error) *apierror.Error {
	r := s.resolver
	var filter *builtin.FilterError
	var abort *builtin.Abort
	var template *mappingtemplate.Error
	var malformed *document.Error
	var operation *document.NotSupportedError
	var source *datasource.NotSupportedError
	var failed *sourceFailure
	switch {
	case errors.As(err, &abort):
		return &apierror.Error{Message: abort.Message, Type: abort.Type, Data: abort.Data, Info: abort.Info}
	case errors.As(err, &template):
		if r.runtime.TemplateFailed != nil {
			r.runtime.TemplateFailed(r.name, template)
		}
		if s.subscribes() && errors.As(err, &filter) {
			// Recorded: aws-amplify/amplify-category-api#740.
			return &apierror.Error{Message: filter.Message, Code: http.StatusBadRequest}
		}
		return &apierror.Error{Message: template.Message, Type: apierror.TypeMappingTemplate}
	case errors.Is(err, builtin.ErrTooManyInvalidations):
		return &apierror.Error{Message: err.Error(), Type: apierror.TypeMappingTemplate}
	case errors.As(err, &malformed):
		return &apierror.Error{Message: malformed.Message, Type: apierror.TypeMappingTemplate}
	case errors.As(err, &operation):
		return &apierror.Error{Message: operation.Error(), Type: apierror.TypeNotSupported}
	case errors.As(err, &source):
		return &apierror.Error{Message: source.Reason, Type: apierror.TypeNotSupported}
	case errors.As(err, &failed):
		return &apierror.Error{Message: failed.refusal.Message, Type: failed.refusal.Type, Data: failed.data}
	case ctx.Err() != nil:
		return &apierror.Error{Message: "Execution timed out.", Type: apierror.TypeExecutionTimeout}
	}
	if r.runtime.Failed != nil {
		r.runtime.Failed(r.name, err)
	}
	return &apierror.Error{Message: "An internal failure occurred.", Type: apierror.TypeInternalFailure}
}

// sourceFailure is a data source's refusal that no template has handled.
type sourceFailure struct {
	refusal *datasource.Error
	data    any
}

func (f *sourceFailure) Error() string { return f.refusal.Error() }

// unit runs a unit resolver.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-changelog.html
func (s *state) unit(ctx context.Context, st *step) (any, error) {
	doc, out, returned, err := s.requestDocument(ctx, st)
	if err != nil || returned {
		return out, err
	}
	v, failed, err := s.invoke(ctx, st, doc)
	if err != nil {
		return nil, err
	}
	if version, _ := doc.Value("version").(string); document.Version(version) == document.Version2017 {
		return s.respond2017(ctx, st, v, failed)
	}
	return s.respond(ctx, st, v, failed)
}

// respond2017 is the second half of a unit resolver of version 2017-02-28: a
// null result is the field's value at once, and a failure is reported whatever
// the template says, with the template's value as its data.
func (s *state) respond2017(ctx context.Context, st *step, v any, failed *datasource.Error) (any, error) {
	if failed == nil && v == nil {
		return nil, nil
	}
	if failed == nil {
		return s.respond(ctx, st, v, nil)
	}
	data := failed.Result
	if st.response != nil {
		s.setResult(failed.Result, nil)
		out, err := s.evaluate(ctx, st.response)
		if err != nil {
			return nil, err
		}
		data = out.Value
	}
	return nil, &sourceFailure{refusal: failed, data: data}
}

// respond runs the response template of version 2018-05-29.
func (s *state) respond(ctx context.Context, st *step, v any, failed *datasource.Error) (any, error) {
	if st.response == nil {
		if failed != nil {
			return nil, &sourceFailure{refusal: failed, data: failed.Result}
		}
		return v, nil
	}
	s.setResult(v, failed)
	out, err := s.evaluate(ctx, st.response)
	return out.Value, err
}

// setResult sets $ctx.result and $ctx.error: to v, or to what failed says.
func (s *state) setResult(v any, failed *datasource.Error) {
	var raised any
	if failed != nil {
		raised = value.MapOf("message", failed.Message, "type", failed.Type)
		v = failed.Result
	}
	if s.resolver.uses.has(ctxError) {
		s.root.Set("error", raised)
	}
	if s.resolver.uses.has(ctxResult) {
		s.root.Set("result", v)
	}
}

// pipeline runs the before template, the functions in order and the after
// template.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/pipeline-resolvers.html
func (s *state) pipeline(ctx context.Context) (any, error) {
	var last any = value.NewMap(0)
	if before := s.resolver.before; before != nil {
		out, err := s.evaluate(ctx, before)
		if err != nil {
			return nil, err
		}
		if out.Returned {
			return out.Value, nil
		}
		last = out.Value
	}
	for i := range s.resolver.steps {
		s.setPrev(last)
		v, err := s.function(ctx, &s.resolver.steps[i])
		if err != nil {
			return nil, err
		}
		last = v
	}
	s.setPrev(last)
	after := s.resolver.after
	if after == nil {
		return last, nil
	}
	s.setResult(last, nil)
	out, err := s.evaluate(ctx, after)
	return out.Value, err
}

func (s *state) setPrev(v any) {
	if s.resolver.uses.has(ctxPrev) {
		s.root.Set("prev", value.MapOf("result", v))
	}
}

func (s *state) function(ctx context.Context, st *step) (any, error) {
	s.setResult(nil, nil)
	doc, out, returned, err := s.requestDocument(ctx, st)
	if err != nil || returned {
		return out, err
	}
	v, failed, err := s.invoke(ctx, st, doc)
	if err != nil {
		return nil, err
	}
	return s.respond(ctx, st, v, failed)
}

// requestDocument runs a request template. returned is set when #return ended
// it: out is then the value of the field or function.
func (s *state) requestDocument(ctx context.Context, st *step) (doc *value.Map, out any, returned bool, err error) {
	outcome, err := s.evaluateWith(ctx, st.request.EvaluateRequest)
	if err != nil || outcome.Returned {
		return nil, outcome.Value, outcome.Returned, err
	}
	doc, err = mappingtemplate.Document(outcome)
	return doc, nil, false, err
}

// invoke visits the data source. A refusal of the source is a failure, which
// templates may handle; anything else is an error that ends the resolver.
func (s *state) invoke(ctx context.Context, st *step, doc *value.Map) (any, *datasource.Error, error) {
	s.invocation = datasource.Invocation{Document: doc, Scope: st.scope, Field: (*field)(s), Sync: st.sync}
	if s.resolver.pipeline {
		s.invocation.Version = document.Version2018
	}
	v, err := st.source.Invoke(ctx, &s.invocation)
	var failed *datasource.Error
	if errors.As(err, &failed) {
		return nil, failed, nil
	}
	return v, nil, err
}

func (s *state) evaluate(ctx context.Context, t *mappingtemplate.Template) (mappingtemplate.Outcome, error) {
	return s.evaluateWith(ctx, t.Evaluate)
}

// evaluateWith evaluates a template when there is room for another evaluation.
func (s *state) evaluateWith(ctx context.Context, evaluate func(context.Context, mappingtemplate.Env) (mappingtemplate.Outcome, error)) (mappingtemplate.Outcome, error) {
	if room := s.resolver.runtime.Evaluations; room != nil {
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		case <-ctx.Done():
			return mappingtemplate.Outcome{}, ctx.Err()
		}
	}
	return evaluate(ctx, mappingtemplate.Env{Util: &s.builtin, Context: s.root, Options: s.resolver.options})
}
