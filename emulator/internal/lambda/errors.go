package lambda

import (
	"context"
	"errors"
	"strings"
)

// The names of Lambda's exceptions, which are an Error's Code.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const (
	CodeInvalidContent   = "InvalidRequestContentException"
	CodeNotFound         = "ResourceNotFoundException"
	CodeTooLarge         = "RequestTooLargeException"
	CodeUnsupportedMedia = "UnsupportedMediaTypeException"
	CodeTooMany          = "TooManyRequestsException"
	CodeService          = "ServiceException"
	CodeAccessDenied     = "AccessDeniedException"
	CodeValidation       = "ValidationException"
)

// Why an invocation failed when Lambda did not say it.
var (
	// ErrNotConfigured is returned for a function that has no endpoint.
	ErrNotConfigured = errors.New("no endpoint is configured")
	// ErrUnreachable is returned when nothing answers at the endpoint.
	ErrUnreachable = errors.New("nothing answers")
	// ErrTimeout is returned when the time of the function's endpoint is over.
	ErrTimeout = errors.New("no answer in time")
	// ErrAnswer is returned for an answer that is not Lambda's.
	ErrAnswer = errors.New("the answer is not Lambda's")
)

// Error says why a function could not be invoked.
type Error struct {
	// Function is the function's name.
	Function string
	// URL is where it was asked for; empty when it was not.
	URL string
	// Origin is what set the URL, such as --lambda-endpoint.
	Origin string
	// Code is Lambda's exception; empty when there was none, and Err is one of the
	// errors above or of package context.
	Code    string
	Message string
	// Status is HTTP's, 0 when there was no answer.
	Status int
	Err    error
}

// Error names the function, the place and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("Lambda function ")
	b.WriteString(e.Function)
	if errors.Is(e.Err, ErrNotConfigured) {
		b.WriteString(" has no endpoint: pass --lambda ")
		b.WriteString(e.Function)
		b.WriteString("=URL or --lambda-endpoint URL, or name it under `functions` of the project")
		return b.String()
	}
	if e.URL != "" {
		b.WriteString(" at ")
		b.WriteString(e.URL)
		if e.Origin != "" {
			b.WriteString(" (set by ")
			b.WriteString(e.Origin)
			b.WriteByte(')')
		}
	}
	b.WriteString(": ")
	switch {
	case e.Code != "":
		b.WriteString(e.Code)
		if e.Message != "" {
			b.WriteString(": ")
		}
	case e.Err != nil:
		b.WriteString(e.Err.Error())
		if e.Message != "" {
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Message)
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// FunctionError is the failure of a function that ran.
//
// See: https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html
type FunctionError struct {
	Function string
	// Kind is Lambda's X-Amz-Function-Error: Unhandled, or Handled by old runtimes.
	Kind string
	// Type and Message are the errorType and errorMessage of the payload; empty
	// when it has none.
	Type    string
	Message string
}

func (e *FunctionError) Error() string {
	out := "Lambda function " + e.Function + " failed"
	if e.Type != "" {
		out += ": " + e.Type
	}
	if e.Message != "" {
		out += ": " + e.Message
	}
	return out
}

// The error types under which AppSync reports functions, as $ctx.error.type.
const (
	// Recorded: aws/aws-appsync-community#386, with its message.
	typeTimeout    = "Lambda:ExecutionTimeoutException"
	messageTimeout = "Execution timed out."
	typePrefix     = "Lambda:"
)

// Refusal words an error of Call as AppSync shows it to templates. ok is false
// for what is no answer of AppSync's to a request: that the context has ended,
// that the function has no endpoint, or that err is not this package's.
//
// That failed functions are Lambda:Unhandled with their errorMessage is recorded
// in aws/aws-appsync-community#209.
func Refusal(err error) (errorType, message string, ok bool) {
	if failed, is := errors.AsType[*FunctionError](err); is {
		return typePrefix + failed.Kind, failed.Message, true
	}
	e, is := errors.AsType[*Error](err)
	switch {
	case !is, errors.Is(err, ErrNotConfigured),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "", "", false
	case errors.Is(err, ErrTimeout):
		return typeTimeout, messageTimeout, true
	case e.Code != "":
		return typePrefix + e.Code, e.Error(), true
	}
	return typePrefix + CodeService, e.Error(), true
}
