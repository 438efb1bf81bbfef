package server

import (
	"context"
	"net/http"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/mappingtemplate/value"
)

// Executor runs GraphQL requests. It is called by many goroutines at the same
// time.
type Executor interface {
	// Execute appends the response body to dst and returns it, with the HTTP
	// status (0 is 200) and headers to add to the response. It keeps neither dst
	// nor req after it has returned.
	Execute(ctx context.Context, req *Request, dst []byte) (body []byte, status int, header http.Header)
}

// Authenticator tells who calls, or why the caller is refused.
// *auth.Authenticator is one.
type Authenticator interface {
	Authenticate(ctx context.Context, h auth.Header) (auth.Identity, *auth.Refusal)
}

// Request is an authenticated GraphQL request.
type Request struct {
	// Query and OperationName may share memory with the whole request body:
	// whoever keeps one beyond the request clones it.
	Query         string
	OperationName string
	Variables     *value.Map // nil when there are none
	Header        http.Header
	SourceIP      []string
	RequestID     string
	Identity      auth.Identity

	// Operation may be set by the executor, to what the request's log line shows:
	// "query listPosts". It begins as OperationName.
	Operation string
}

// Realtime serves the WebSocket connections of an API. *realtime.Handler is one.
type Realtime interface {
	http.Handler
	// Shutdown closes all connections and returns when they have ended, or when
	// ctx has.
	Shutdown(ctx context.Context) error
}

// API is one API as the server sees it.
type API struct {
	// ID is the identifier in /apis/{apiId}/graphql.
	ID            string
	Executor      Executor
	Authenticator Authenticator
	Realtime      Realtime // nil: no subscriptions
}
