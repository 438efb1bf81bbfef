package realtime

import (
	"context"
	"net/http"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/mappingtemplate/value"
)

// Backend is what the protocol needs from the API behind it. Its methods are
// called by several goroutines at the same time.
type Backend interface {
	// Authorize checks the credentials of a new connection. The identity is
	// handed to every Start on the connection.
	Authorize(ctx context.Context, c Credentials) (identity any, refusal *Error)

	// Start registers a subscription, or says why not in at least one error.
	// deliver takes the JSON text of one payload, {"data":...}; it never blocks,
	// keeps the bytes without copying them, and may be called from any goroutine
	// from the moment of registration, also before Start returns: start_ack is
	// sent first all the same. After stop, which is called exactly once, deliver
	// does nothing. ctx ends with the subscription.
	Start(ctx context.Context, req StartRequest, deliver func(payload []byte)) (stop func(), errs []*Error)
}

// Credentials are what a client presents when it connects.
type Credentials struct {
	// Header is the client's header object, or the plain HTTP headers when they
	// carry the credentials themselves.
	Header http.Header
	// SourceIP is the client's address, without a port.
	SourceIP string
}

// StartRequest is a start message.
type StartRequest struct {
	Query         string
	OperationName string
	Variables     *value.Map // nil when there are none
	// Data is the text that Query and its companions were read from, which IAM
	// signs as a request body.
	Data string
	// Header is extensions.authorization, with custom headers beside the
	// credentials. It is nil when the message has none.
	Header http.Header
	// Credentials and Identity are those of the connection.
	Credentials Credentials
	Identity    any
}

// Error is one entry of the errors of a connection_error or error message. Its
// empty parts are not written.
type Error struct {
	Type    string // errorType
	Message string
	Code    int // errorCode
}

func (e *Error) Error() string {
	if e.Type == "" {
		return e.Message
	}
	return e.Type + ": " + e.Message
}

// Errors turns errors of a request into those of a start message, which have
// errorType, message and errorCode alone.
//
// Recorded: aws-amplify/amplify-swift#1589 (message), aws-amplify/amplify-js#12679
// (errorType and message).
func Errors(errs ...*apierror.Error) []*Error {
	out := make([]*Error, len(errs))
	for i, e := range errs {
		out[i] = &Error{Type: e.Type, Message: e.Message, Code: e.Code}
	}
	return out
}

// UnsupportedOperation is the answer to a start whose operation is no
// subscription; kind is "query" or "mutation".
func UnsupportedOperation(kind string) *Error {
	return &Error{Type: "UnsupportedOperation", Message: kind + " not supported through the realtime channel"}
}
