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
	// stop, which is called exactly once, takes it back. ctx ends when Start has
	// returned, and earlier with the connection or when the client stops the
	// subscription.
	Start(ctx context.Context, req StartRequest, to Subscriber) (stop func(), errs []*Error)
}

// Subscriber is the client's end of a subscription. Its methods never wait and
// may be called by any goroutine from the moment of registration, also before
// Start returns: start_ack is sent first all the same. After the subscription
// has ended they do nothing.
type Subscriber interface {
	// Deliver sends the JSON text of one payload, {"data":...}. The bytes are
	// kept without copying them.
	Deliver(payload []byte)
	// Invalidate ends the subscription and, as AppSync does, its connection.
	Invalidate()
	// End ends the subscription with an error message of at least one error. Its
	// connection stays.
	End(errs ...*Error)
}

// Credentials are what a client presents when it connects.
type Credentials struct {
	// Header is the client's header object, or the plain HTTP headers when they
	// carry the credentials themselves.
	Header http.Header
	// SourceIP is the client's address, without a port.
	SourceIP string
	// Connection is the connection itself, nil where there are no Faults.
	Connection *Connection
}

// StartRequest is a start message.
type StartRequest struct {
	// ID is the operation's id, as JSON text.
	ID            string
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

// DuplicatedOperation is the answer to a start whose id, JSON text, is in use or whose
// operation has several root fields: AppSync registers each under the id.
//
// Recorded: aws-amplify/amplify-js#12818 (the text), aws-amplify/amplify-js#4813
// and aws-amplify/amplify-ui#231 (several fields).
func DuplicatedOperation(id string) *Error {
	return &Error{Type: "DuplicatedOperationError", Message: "Duplicated operation with id " + plainID(id)}
}

// UnsupportedOperation is the answer to a start whose operation is no
// subscription; kind is "query" or "mutation".
func UnsupportedOperation(kind string) *Error {
	return &Error{Type: "UnsupportedOperation", Message: kind + " not supported through the realtime channel"}
}
