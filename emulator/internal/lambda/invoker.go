package lambda

import "context"

// InvocationType says what a caller waits for.
type InvocationType string

// The invocation types. An empty one is RequestResponse.
const (
	// RequestResponse waits for the function's answer.
	RequestResponse InvocationType = "RequestResponse"
	// Event waits only until the event is taken.
	Event InvocationType = "Event"
	// DryRun does not run the function.
	DryRun InvocationType = "DryRun"
)

// Invocation is one call of a function.
type Invocation struct {
	// Function is a name or an ARN, with or without a version or alias. See
	// ParseName.
	Function string
	// Payload is the event, JSON text.
	Payload []byte
	// Type is RequestResponse when empty.
	Type InvocationType
	// Tail asks for the end of the function's log. Few local servers have it, and
	// AWS SAM refuses requests for it.
	Tail bool
}

// Result is what an invocation comes to once Lambda has taken it.
type Result struct {
	// Status is HTTP's: 200, or 202 for Event and 204 for DryRun.
	Status int
	// Payload is what the function returned, JSON text; it is "null" for a function
	// that returned nothing and for invocations that do not wait.
	Payload []byte
	// FunctionError is set when the function ran and failed. Payload is then the
	// runtime's description of the failure.
	FunctionError *FunctionError
	// ExecutedVersion is the version that ran, empty when the server does not tell.
	ExecutedVersion string
	// Log is the end of the function's log, if it was asked for and given.
	Log string
}

// Invoker runs functions. Implementations are safe for concurrent use.
type Invoker interface {
	// Invoke runs a function. The error is an *Error; that the function itself
	// failed is no error but in the result. When ctx ends first, the error wraps
	// ctx.Err(). A function may run although Invoke fails, and is never run twice
	// for one call.
	Invoke(ctx context.Context, in Invocation) (*Result, error)
}

// Call runs a function, waits and returns what it returned. That the function
// failed is an error, too: a *FunctionError. A nil invoker has no functions.
func Call(ctx context.Context, invoker Invoker, function string, payload []byte) ([]byte, error) {
	if invoker == nil {
		name, _, err := ParseName(function)
		if err != nil {
			return nil, err
		}
		return nil, &Error{Function: name, Err: ErrNotConfigured}
	}
	result, err := invoker.Invoke(ctx, Invocation{Function: function, Payload: payload})
	if err != nil {
		return nil, err
	}
	if result.FunctionError != nil {
		return nil, result.FunctionError
	}
	return result.Payload, nil
}
