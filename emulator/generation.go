package emulator

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/mappingtemplate"
)

// generation is one project at work. A reload replaces it by another; the requests
// that it has begun it ends.
type generation struct {
	project *Project
	api     *api
	lambda  *lambda.Client
	idp     *idp.Provider
	// pools and cognito serve the identity provider.
	pools, cognito http.Handler

	// users counts the requests under way, and one more until retire.
	users atomic.Int64
	// drained is closed when retire was called and no request is under way.
	drained chan struct{}
}

// newGeneration puts a project to work, which nobody reaches yet.
func (e *Emulator) newGeneration(p *Project, provider *idp.Provider, subscriptions *subscribers) (*generation, error) {
	tokens, err := dynamodb.NewTokens([]byte(p.api.ID))
	if err != nil {
		return nil, err
	}
	functions, err := lambdas(p.api, &e.options, e.log)
	if err != nil {
		return nil, err
	}
	maker := sourceMaker{
		store:     e.store,
		tokens:    tokens,
		functions: functions,
		times:     e.times,
		admin:     e.admin,
		log:       e.log,
	}
	bySource := maker.sources(p.api)
	runtime := &resolver.Runtime{
		Evaluations: e.evaluations,
		Now:         e.clock.Now,
		IDs:         e.ids,
		Environment: environment(p.api),
		Log: func(level, name, text string) {
			e.log.Log(context.Background(), logLevel(level), text, "resolver", name)
		},
		TemplateFailed: func(name string, err *mappingtemplate.Error) {
			e.log.Warn("a mapping template failed", "resolver", name, "template", err.Template,
				"line", err.Line, "column", err.Column, "error", err.Message)
		},
		Failed: func(name string, err error) {
			e.log.Error("a resolver failed", "resolver", name, "error", err)
		},
		Source: func(name string) datasource.Source { return bySource[name] },
	}
	a, err := newAPI(p, runtime, e.authorization(provider, functions), subscriptions, e.log)
	if err != nil {
		return nil, err
	}
	a.disturb(e.faults)
	g := &generation{
		project: p,
		api:     a,
		lambda:  functions,
		idp:     provider,
		pools:   provider.Handler(),
		cognito: provider.API(),
		drained: make(chan struct{}),
	}
	g.users.Store(1)
	return g, nil
}

// enter begins a request. It reports false when the generation has been drained.
func (g *generation) enter() bool {
	for {
		n := g.users.Load()
		if n == 0 {
			return false
		}
		if g.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave ends a request.
func (g *generation) leave() {
	if g.users.Add(-1) == 0 {
		close(g.drained)
	}
}

// retire is called once, when other requests do not come here any more.
func (g *generation) retire() { g.leave() }

// logLevel is the level of a line that a template writes: of $util.log.info,
// debug and error, and of the engine's warnings.
func logLevel(template string) slog.Level {
	switch template {
	case "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	}
	return slog.LevelInfo
}
