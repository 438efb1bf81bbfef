package emulator

import (
	"context"
	"net/http"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/server"
)

// authorization is what the authorization modes of an API need of the emulator.
func (e *Emulator) authorization(provider *idp.Provider, functions lambda.Invoker) auth.Options {
	opt := auth.Options{
		Now: e.clock.Now,
		Log: e.log,
		// The user pools of the project are the emulator's own as well.
		LocalKey: provider.Key,
		Invoke: func(ctx context.Context, function string, event []byte) ([]byte, error) {
			return lambda.Call(ctx, functions, function, event)
		},
	}
	if e.options.transport != nil {
		opt.HTTP = &http.Client{Transport: e.options.transport}
	}
	return opt
}

// Authenticate implements server.Backend.
func (a *api) Authenticate(ctx context.Context, req *auth.Request) (auth.Identity, *auth.Refusal) {
	return a.authenticator.Authenticate(ctx, req)
}

// subscriber finds who starts a subscription: by the message's own credentials, or
// by those of the connection where it has none and they still hold.
func (a *api) subscriber(ctx context.Context, req *realtime.StartRequest) (auth.Identity, *auth.Refusal) {
	if id, ok := req.Identity.(auth.Identity); ok && req.Header == nil {
		return id, a.authenticator.Holds(id)
	}
	return a.authenticator.Authenticate(ctx, &auth.Request{
		Kind:          auth.Start,
		Header:        req.Header,
		Body:          req.Data,
		SourceIP:      []string{req.Credentials.SourceIP},
		ID:            server.NewRequestID(),
		Query:         req.Query,
		OperationName: req.OperationName,
		Variables:     req.Variables,
	})
}
