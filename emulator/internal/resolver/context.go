package resolver

import (
	"maps"
	"math/bits"
	"net/http"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// Env is what one GraphQL request gives its resolvers.
type Env struct {
	// Headers are the request's headers.
	Headers http.Header
	// Identity is $context.identity; nil for an API key.
	Identity any
	// DomainName is the custom domain that the request came in on, or empty.
	DomainName string
	// AddHeader takes headers for the HTTP response that templates set. It may
	// be called from several goroutines at once; nil drops them.
	AddHeader func(name, value string)
	// SetSubscriptionFilters takes the filters that the resolver of a subscription
	// field sets, with the field's response key. It may be called from several
	// goroutines at once; nil where no subscription starts.
	SetSubscriptionFilters func(key string, filters SubscriptionFilters)
	// Invalidate ends the subscriptions that the resolver of a mutation asks to be
	// ended; its error is builtin.ErrTooManyInvalidations. Nil outside mutations.
	Invalidate func([]builtin.Invalidation) error
}

// SubscriptionFilters are the filters of one subscription; nil ones are not set.
type SubscriptionFilters struct {
	// Events replaces the match on arguments.
	Events *value.Map
	// Invalidations selects the invalidations that end the subscription.
	Invalidations *value.Map
}

// state is one execution of a resolver.
type state struct {
	resolver *Resolver
	call     *exec.Call
	env      *Env
	root     *value.Map // $context
	effects  builtin.Effects
	builtin  builtin.Env
	// invocation is the visit to a data source that goes on.
	invocation datasource.Invocation
}

// begin builds $context. What templates may change in it is the execution's own.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func (r *Resolver) begin(call *exec.Call) *state {
	env, _ := call.Env.(*Env)
	if env == nil {
		env = &Env{}
	}
	u := &r.uses
	s := &state{resolver: r, call: call, env: env, root: value.NewMap(bits.OnesCount16(uint16(u.keys)) + 1)}
	if u.has(ctxArguments) {
		s.root.Set("arguments", call.Field.Arguments(call.Vars))
		s.root.Alias("args", "arguments")
	}
	if u.has(ctxIdentity) {
		s.root.Set("identity", value.DeepCopy(env.Identity))
	}
	if u.has(ctxSource) {
		source := call.Source
		if u.mutates {
			source = value.DeepCopy(source)
		}
		s.root.Set("source", source)
	}
	if u.has(ctxResult) {
		s.root.Set("result", nil)
	}
	if u.has(ctxRequest) {
		s.root.Set("request", env.request())
	}
	if u.has(ctxInfo) {
		s.root.Set("info", s.info())
	}
	if u.has(ctxError) {
		s.root.Set("error", nil)
	}
	if u.has(ctxPrev) {
		s.root.Set("prev", nil)
	}
	if u.has(ctxStash) {
		s.root.Set("stash", value.NewMap(4))
	}
	if u.has(ctxOutErrors) {
		s.builtin.OutErrors = value.NewList()
		s.root.Set("outErrors", s.builtin.OutErrors)
	}
	if u.has(ctxEnv) {
		s.environment()
	}
	s.builtin.Now = r.runtime.Now
	s.builtin.IDs = r.runtime.IDs
	s.builtin.Field = builtin.Field{Name: call.Field.Def.Name, OutputType: r.outputType}
	s.builtin.Identity = env.Identity
	s.builtin.Effects = &s.effects
	s.builtin.Log = r.log
	s.builtin.Cache = &r.cache
	return s
}

// environment sets $context.env. It is listed only when there are variables:
// the contexts that are recorded from AppSync lack it.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/environmental-variables.html
func (s *state) environment() {
	variables := value.NewMap(len(s.resolver.runtime.Environment))
	for _, v := range s.resolver.runtime.Environment {
		variables.Set(v.Name, v.Value)
	}
	if variables.Len() == 0 {
		s.root.Hide("env", func() any { return variables })
		return
	}
	s.root.Set("env", variables)
}

// request builds $context.request: lower-case header names, a repeated header
// as a list, no cookies. Names are sorted, so that answers repeat.
func (e *Env) request() *value.Map {
	headers := value.NewMap(len(e.Headers))
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		values := e.Headers[name]
		if name = strings.ToLower(name); name == "cookie" {
			continue
		}
		for _, v := range values {
			switch former := headers.Value(name).(type) {
			case string:
				headers.Set(name, value.NewList(former, v))
			case *value.List:
				former.Append(v)
			default:
				headers.Set(name, v)
			}
		}
	}
	request := value.NewMap(2)
	request.Set("headers", headers)
	if e.DomainName != "" {
		request.Set("domainName", e.DomainName)
	} else {
		request.Set("domainName", nil)
	}
	return request
}

// info builds $context.info. The selection can be read, and
// $util.toJson($context.info) does not show it.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html
func (s *state) info() *value.Map {
	info := value.NewMap(3)
	info.Set("fieldName", s.call.Field.Def.Name)
	info.Set("parentTypeName", s.call.Parent.Name)
	variables := any(value.NewMap(0))
	if s.call.Vars != nil && s.call.Vars.Raw != nil {
		variables = value.DeepCopy(s.call.Vars.Raw)
	}
	info.Set("variables", variables)
	field, vars := s.call.Field, s.call.Vars
	info.Hide("selectionSetList", func() any {
		names := field.SelectionSetList(vars)
		list := value.MakeList(len(names))
		for i, name := range names {
			list.Items[i] = name
		}
		return list
	})
	info.Hide("selectionSetGraphQL", func() any { return field.SelectionSetGraphQL() })
	return info
}
