package resolver

import (
	"net/http"
	"strings"

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
}

// state is one execution of a resolver.
type state struct {
	resolver *Resolver
	call     *exec.Call
	env      *Env
	root     *value.Map // $context
	prev     *value.Map
	effects  builtin.Effects
	builtin  builtin.Env
}

// begin builds $context.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func (r *Resolver) begin(call *exec.Call) *state {
	env, _ := call.Env.(*Env)
	if env == nil {
		env = &Env{}
	}
	s := &state{resolver: r, call: call, env: env, root: value.NewMap(12)}
	u := &r.uses
	if u.has("arguments") || u.has("args") {
		args := call.Field.Arguments(call.Vars)
		s.root.Set("arguments", args)
		s.root.Set("args", args)
	}
	if u.has("identity") {
		s.root.Set("identity", value.DeepCopy(env.Identity))
	}
	if u.has("source") {
		source := call.Source
		if u.mutates || u.all {
			source = value.DeepCopy(source)
		}
		s.root.Set("source", source)
	}
	if u.has("result") {
		s.root.Set("result", nil)
	}
	if u.has("request") {
		s.root.Set("request", s.request())
	}
	if u.has("info") {
		s.root.Set("info", s.info())
	}
	if u.has("error") {
		s.root.Set("error", nil)
	}
	if u.has("prev") {
		s.prev = value.NewMap(1)
		s.prev.Set("result", nil)
		s.root.Set("prev", s.prev)
	}
	if u.has("stash") {
		s.root.Set("stash", value.NewMap(4))
	}
	if u.has("outErrors") {
		s.builtin.OutErrors = value.NewList()
		s.root.Set("outErrors", s.builtin.OutErrors)
	}
	if u.has("env") {
		variables := value.NewMap(len(r.runtime.Environment))
		for _, v := range r.runtime.Environment {
			variables.Set(v.Name, v.Value)
		}
		s.root.Set("env", variables)
	}
	s.builtin.Now = r.runtime.Now
	s.builtin.IDs = r.runtime.IDs
	s.builtin.Field = builtin.Field{Name: call.Field.Def.Name, OutputType: r.outputType}
	s.builtin.Identity = env.Identity
	s.builtin.Effects = &s.effects
	if log := r.runtime.Log; log != nil {
		s.builtin.Log = func(level, text string) { log(level, r.name, text) }
	}
	return s
}

// request builds $context.request: lower-case header names, a repeated header
// as a list, no cookies.
func (s *state) request() *value.Map {
	headers := value.NewMap(len(s.env.Headers))
	for name, values := range s.env.Headers {
		name = strings.ToLower(name)
		switch {
		case name == "cookie":
		case len(values) == 1:
			headers.Set(name, values[0])
		default:
			list := &value.List{Items: make([]any, len(values))}
			for i, v := range values {
				list.Items[i] = v
			}
			headers.Set(name, list)
		}
	}
	request := value.NewMap(2)
	request.Set("headers", headers)
	if s.env.DomainName != "" {
		request.Set("domainName", s.env.DomainName)
	} else {
		request.Set("domainName", nil)
	}
	return request
}

func (s *state) info() *value.Map {
	info := value.NewMap(5)
	info.Set("fieldName", s.call.Field.Def.Name)
	info.Set("parentTypeName", s.call.Parent.Name)
	variables := any(value.NewMap(0))
	if s.call.Vars != nil && s.call.Vars.Raw != nil {
		variables = value.DeepCopy(s.call.Vars.Raw)
	}
	info.Set("variables", variables)
	if s.resolver.uses.selection {
		names := s.call.Field.SelectionSetList(s.call.Vars)
		list := &value.List{Items: make([]any, len(names))}
		for i, name := range names {
			list.Items[i] = name
		}
		info.Set("selectionSetList", list)
		info.Set("selectionSetGraphQL", s.call.Field.SelectionSetGraphQL())
	}
	return info
}
