package emulator

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

// requestTimeout is how long AppSync lets a request run.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
const requestTimeout = 30 * time.Second

// api is one AppSync API at work: what a request needs, ready made.
type api struct {
	id            string
	schema        *schema.Schema
	plans         *plan.Cache
	resolvers     []exec.FieldResolver
	authenticator *auth.Authenticator
	policy        *auth.Policy
	subscriptions *subscription.Registry
	depthLimit    int
	resolverLimit int
	log           *slog.Logger
}

func newAPI(p *Project, runtime *resolver.Runtime, now func() time.Time, log *slog.Logger) (*api, error) {
	a := &api{
		id:            p.api.ID,
		schema:        p.schema,
		plans:         plan.NewCache(p.schema, plan.Options{IntrospectionDisabled: p.api.IntrospectionOff}),
		resolvers:     make([]exec.FieldResolver, p.schema.FieldCount),
		authenticator: auth.New(p.api, now),
		policy:        auth.NewPolicy(p.schema, p.api),
		subscriptions: subscription.NewRegistry(),
		depthLimit:    p.api.QueryDepthLimit,
		resolverLimit: p.api.ResolverCountLimit,
		log:           log,
	}
	for field, r := range p.resolvers {
		if err := r.Bind(runtime); err != nil {
			return nil, err
		}
		a.resolvers[field.Index] = r
	}
	return a, nil
}

// denied returns the executor's question whether the caller may read a field,
// nil for a caller who may read all.
func (a *api) denied(id auth.Identity) func(*schema.Field) bool {
	if a.policy.AllowsAll(id) {
		return nil
	}
	return func(f *schema.Field) bool { return !a.policy.Allows(id, f) }
}

// Authenticate implements server.Backend.
func (a *api) Authenticate(ctx context.Context, h auth.Header) (auth.Identity, *auth.Refusal) {
	return a.authenticator.Authenticate(ctx, h)
}

// Execute implements server.Backend: it answers one GraphQL request.
func (a *api) Execute(ctx context.Context, req *server.Request, dst []byte) server.Response {
	p, failure := a.plans.Plan(req.Query, req.OperationName)
	if failure != nil {
		return refused(dst, failure)
	}
	req.Operation = operationLine(p)
	if p.Kind == plan.Subscription {
		return server.Response{Body: exec.AppendErrors(dst, []*apierror.Error{{
			Shape:   apierror.Bare,
			Type:    "OperationNotSupported",
			Message: "Subscriptions are not supported over HTTP; connect to the real-time endpoint.",
		}})}
	}
	vars, problem := p.Coerce(req.Variables)
	if problem != nil {
		return server.Response{Body: exec.AppendErrors(dst, []*apierror.Error{problem})}
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var headers responseHeaders
	body := exec.Execute(ctx, &exec.Request{
		Schema:        a.schema,
		Plan:          p,
		Vars:          vars,
		Resolvers:     a.resolvers,
		Denied:        a.denied(req.Identity),
		Env:           &resolver.Env{Headers: req.Header, Identity: req.Identity.Value, AddHeader: headers.add},
		DepthLimit:    a.depthLimit,
		ResolverLimit: a.resolverLimit,
		Interested:    a.subscriptions.Interested,
		Published:     a.publish,
		Panicked:      a.panicked,
	}, dst)
	return server.Response{Body: body, Header: headers.header}
}

// operationLine is what the log shows of an operation: its kind and its name,
// or its first field when it has none.
func operationLine(p *plan.Plan) string {
	kind := "query "
	if p.Kind == plan.Mutation {
		kind = "mutation "
	}
	if p.Name != "" {
		return kind + p.Name
	}
	for _, f := range p.Root.For(p.Root.Type) {
		return kind + f.Def.Name
	}
	return kind
}

func (a *api) panicked(v any) {
	a.log.Error("a resolver panicked", "panic", v, "stack", string(debug.Stack()))
}

// refused answers a request that has no plan.
func refused(dst []byte, f *plan.Failure) server.Response {
	if f.Kind == plan.Errors {
		return server.Response{Body: exec.AppendErrors(dst, f.Errors)}
	}
	return server.Malformed(dst, f.Errors[0].Type, f.Errors[0].Message)
}

// responseHeaders collects what $util.http.addResponseHeader sets, from
// resolvers that run together.
type responseHeaders struct {
	mu     sync.Mutex // guards header
	header http.Header
}

func (r *responseHeaders) add(name, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}

// wholeValue is the key under which an event that is no object travels: no
// GraphQL field has an empty name.
const wholeValue = ""

func (a *api) publish(mutation string, event any) {
	m, ok := event.(*value.Map)
	if !ok {
		m = value.MapOf(wholeValue, event)
	}
	a.subscriptions.Publish(mutation, m)
}

// Authorize implements realtime.Backend.
func (a *api) Authorize(ctx context.Context, c realtime.Credentials) (any, *realtime.Error) {
	id, refusal := a.authenticator.Authenticate(ctx, c.Header)
	if refusal != nil {
		return nil, &realtime.Error{Type: refusal.ErrorType, Message: refusal.Message, Code: refusal.Status}
	}
	return id, nil
}

// selectionGroup identifies subscriptions whose payloads are equal.
type selectionGroup struct {
	plan      *plan.Plan
	field     string
	variables string
}

// Start implements realtime.Backend: it authorizes, validates and registers a
// subscription.
func (a *api) Start(ctx context.Context, req realtime.StartRequest, deliver func([]byte)) (func(), []*realtime.Error) {
	id, ok := req.Identity.(auth.Identity)
	if req.Header != nil || !ok {
		var refusal *auth.Refusal
		if id, refusal = a.authenticator.Authenticate(ctx, req.Header); refusal != nil {
			return nil, []*realtime.Error{{Type: refusal.ErrorType, Message: refusal.Message}}
		}
	}
	p, failure := a.plans.Plan(req.Query, req.OperationName)
	if failure != nil {
		return nil, realtime.Errors(failure.Errors...)
	}
	switch p.Kind {
	case plan.Query:
		return nil, []*realtime.Error{realtime.UnsupportedOperation("query")}
	case plan.Mutation:
		return nil, []*realtime.Error{realtime.UnsupportedOperation("mutation")}
	}
	vars, problem := p.Coerce(req.Variables)
	if problem != nil {
		return nil, realtime.Errors(problem)
	}
	var filters subscriptionFilters
	if errs := a.admit(ctx, p, vars, id, req, &filters); len(errs) > 0 {
		return nil, errs
	}
	return a.register(p, vars, filters.byKey, deliver)
}

// subscriptionFilters collects what $extensions.setSubscriptionFilter sets, from
// resolvers that run together.
type subscriptionFilters struct {
	mu    sync.Mutex // guards byKey
	byKey map[string]*value.Map
}

func (s *subscriptionFilters) set(key string, filter *value.Map) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = map[string]*value.Map{}
	}
	s.byKey[key] = filter
}

// admit checks that the caller may subscribe, and runs the resolver of the
// subscription field if it has one, which may set a filter. A null result is the
// normal one.
func (a *api) admit(ctx context.Context, p *plan.Plan, vars *plan.Variables, id auth.Identity, req realtime.StartRequest, filters *subscriptionFilters) []*realtime.Error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	header := req.Header
	if header == nil {
		header = req.Credentials.Header
	}
	_, errs := exec.Run(ctx, &exec.Request{
		Schema:        a.schema,
		Plan:          p,
		Vars:          vars,
		Resolvers:     a.resolvers,
		Denied:        a.denied(id),
		Env:           &resolver.Env{Headers: header, Identity: id.Value, SetSubscriptionFilter: filters.set},
		DepthLimit:    a.depthLimit,
		ResolverLimit: a.resolverLimit,
		Panicked:      a.panicked,
	}, nil)
	var refusals []*realtime.Error
	for _, err := range errs {
		// That there is nothing to show yet is no refusal, also where the field
		// is non-null.
		if err.Shape == apierror.Request && err.Path != nil && err.Path.Parent == nil {
			continue
		}
		refusals = append(refusals, realtime.Errors(err)...)
	}
	return refusals
}

// register makes the subscription hear of mutations. filters holds the enhanced
// filters by response key; a field that has none filters on its arguments.
func (a *api) register(p *plan.Plan, vars *plan.Variables, filters map[string]*value.Map, deliver func([]byte)) (func(), []*realtime.Error) {
	group := selectionGroup{plan: p}
	if vars.Raw.Len() > 0 {
		group.variables = value.JSON(vars.Raw)
	}
	var removals []func()
	stop := func() {
		for _, remove := range removals {
			remove()
		}
	}
	for _, f := range p.Root.For(p.Root.Type) {
		if f.Meta || !f.Included(vars) {
			continue
		}
		group.field = f.Key
		s := &subscription.Subscription{
			Field:     f.Def.Name,
			Mutations: f.Def.Subscribes,
			Group:     group,
			Project:   func(event *value.Map) []byte { return a.project(p, vars, f, event) },
			Deliver:   deliver,
		}
		if err := restrict(s, filters[f.Key], f.Arguments(vars)); err != nil {
			stop()
			return nil, []*realtime.Error{{Message: err.Error()}}
		}
		removals = append(removals, a.subscriptions.Add(s))
	}
	return stop, nil
}

// restrict gives a subscription its enhanced filter or, without one, that of its
// arguments.
func restrict(s *subscription.Subscription, enhanced, arguments *value.Map) (err error) {
	if enhanced != nil {
		s.Enhanced, err = subscription.CompileFilter(enhanced)
		return err
	}
	for name, v := range arguments.All() {
		s.Filter = append(s.Filter, subscription.Equal{Name: name, Value: v})
	}
	return subscription.CheckFilter(s.Filter)
}

// project applies a subscriber's selection to an event. No resolver runs: what
// the mutation did not select is null.
func (a *api) project(p *plan.Plan, vars *plan.Variables, f *plan.Field, event *value.Map) []byte {
	root := value.NewMap(1)
	if whole, ok := event.Get(wholeValue); ok {
		root.Set(f.Def.Name, whole)
	} else {
		root.Set(f.Def.Name, event)
	}
	return exec.Execute(context.Background(), &exec.Request{
		Schema: a.schema,
		Plan:   p,
		Vars:   vars,
		Root:   root,
		Shape:  apierror.Bare,
	}, make([]byte, 0, 512))
}

// environment lists the API's environment variables.
func environment(p *project.API) []resolver.Variable {
	out := make([]resolver.Variable, 0, len(p.Environment))
	for name, v := range p.Environment {
		out = append(out, resolver.Variable{Name: name, Value: v})
	}
	slices.SortFunc(out, func(a, b resolver.Variable) int { return strings.Compare(a.Name, b.Name) })
	return out
}
