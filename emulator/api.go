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
	subscriptions *subscribers
	depthLimit    int
	resolverLimit int
	log           *slog.Logger
}

func newAPI(p *Project, runtime *resolver.Runtime, authorization auth.Options, subscriptions *subscribers, log *slog.Logger) (*api, error) {
	a := &api{
		id:            p.api.ID,
		schema:        p.schema,
		plans:         plan.NewCache(p.schema, plan.Options{IntrospectionDisabled: p.api.IntrospectionOff}),
		resolvers:     make([]exec.FieldResolver, p.schema.FieldCount),
		authenticator: auth.New(p.api, authorization),
		policy:        auth.NewPolicy(p.schema, p.api),
		subscriptions: subscriptions,
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
	return a.policy.Denied(id)
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
		Env:           &resolver.Env{Headers: req.Header, Identity: req.Identity.Value, AddHeader: headers.add, Invalidate: a.invalidations(p)},
		DepthLimit:    a.depthLimit,
		ResolverLimit: a.resolverLimit,
		Interested:    a.subscriptions.Interested,
		Published:     a.subscriptions.Publish,
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

// Authorize implements realtime.Backend.
func (a *api) Authorize(ctx context.Context, c realtime.Credentials) (any, *realtime.Error) {
	id, refusal := a.authenticator.Authenticate(ctx, &auth.Request{
		Kind:     auth.Connect,
		Header:   c.Header,
		SourceIP: []string{c.SourceIP},
		ID:       server.NewRequestID(),
	})
	if refusal != nil {
		return nil, &realtime.Error{Type: refusal.ErrorType, Message: refusal.Message, Code: refusal.Status}
	}
	return id, nil
}

// Start implements realtime.Backend: it authorizes, validates and registers a
// subscription.
func (a *api) Start(ctx context.Context, req realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	id, refusal := a.subscriber(ctx, &req)
	if refusal != nil {
		return nil, []*realtime.Error{{Type: refusal.ErrorType, Message: refusal.Message}}
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
	header := req.Header
	if header == nil {
		header = req.Credentials.Header
	}
	var filters subscriptionFilters
	env := &resolver.Env{Headers: header, Identity: id.Value, SetSubscriptionFilters: filters.set}
	if errs := a.admit(ctx, p, vars, id, a.resolvers, env); len(errs) > 0 {
		return nil, errs
	}
	o := newSubscriber(&req, id, filters.byKey, to)
	s, errs := a.subscription(p, vars, o)
	switch {
	case len(errs) > 0:
		return nil, errs
	case s == nil:
		return func() {}, nil
	}
	return a.subscriptions.add(o, s, a)
}

// renew makes an open subscription for this API, which another has started: it is
// planned and authorized again. What its resolver has set stays.
func (a *api) renew(o *subscriber) (*subscription.Subscription, []*realtime.Error) {
	p, failure := a.plans.Plan(o.query.Value(), o.operationName.Value())
	if failure != nil {
		return nil, outdated(realtime.Errors(failure.Errors...))
	}
	vars, problem := p.Coerce(o.variables)
	if problem != nil {
		return nil, outdated(realtime.Errors(problem))
	}
	if errs := a.admit(context.Background(), p, vars, o.identity, nil, nil); len(errs) > 0 {
		return nil, outdated(errs)
	}
	s, errs := a.subscription(p, vars, o)
	if len(errs) > 0 {
		return nil, outdated(errs)
	}
	return s, nil
}

// outdated tells a client why its subscription ends.
func outdated(errs []*realtime.Error) []*realtime.Error {
	first := *errs[0]
	first.Message = "The subscription has ended: the project was reloaded, and the subscription does not fit it any more: " + first.Message
	return append([]*realtime.Error{&first}, errs[1:]...)
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
