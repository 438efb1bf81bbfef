package server

import (
	"context"
	"net/http"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/mappingtemplate/value"
)

// Backend is an API behind the server. Its methods are called by many
// goroutines at the same time.
type Backend interface {
	// Authenticate tells who calls, or why the caller is refused.
	Authenticate(ctx context.Context, req *auth.Request) (auth.Identity, *auth.Refusal)
	// Execute answers one request. The body of the response is appended to dst;
	// neither dst nor req is kept after the return.
	Execute(ctx context.Context, req *Request, dst []byte) Response
}

// Request is an authenticated GraphQL request.
type Request struct {
	// Query and OperationName may share memory with the whole request body:
	// whoever keeps one beyond the request clones it.
	Query         string
	OperationName string
	Variables     *value.Map // nil when there are none
	Header        http.Header
	// Body is the text of the HTTP request's body.
	Body      string
	SourceIP  []string
	RequestID string
	Identity  auth.Identity

	// Operation may be set by the executor, to what the request's log line shows:
	// "query listPosts". It begins as OperationName.
	Operation string
}

// Response is the answer to a GraphQL request.
type Response struct {
	Status int // 0 is 200
	// Header is added to the server's own headers. It may be nil.
	Header http.Header
	// ErrorType, when it is set, is shown in the header x-amzn-ErrorType.
	ErrorType string
	Body      []byte
}

// Malformed is the response to a request that is refused before it is
// validated, such as one whose query text is no GraphQL: HTTP status 400 with
// the message and the errorType.
func Malformed(dst []byte, errorType, message string) Response {
	return Response{
		Status:    http.StatusBadRequest,
		ErrorType: errorType,
		Body:      appendRefusal(dst, http.StatusBadRequest, errorType, message),
	}
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
	ID       string
	Backend  Backend
	Realtime Realtime // nil: no subscriptions
}
