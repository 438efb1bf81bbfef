package datasource

import (
	"context"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
)

// Invocation is one request document on its way to a data source.
type Invocation struct {
	// Document is the value that the request template gave.
	Document *value.Map
	// Scope names the resolver, and the function within a pipeline. Page tokens
	// are bound to it.
	Scope string
	// Version is the version that counts instead of the document's own: that of
	// a pipeline function. Empty means the document's.
	Version document.Version
	// Field is what the document is sent for. It is nil for a document that is sent
	// for no field.
	Field Field
	// Sync is how the resolver or function deals with conflicts in a versioned
	// data source; nil detects none.
	Sync *Sync
}

// Sync is the SyncConfig of a resolver or function.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_SyncConfig.html
type Sync struct {
	Handler ConflictHandler
	// Function is the name or ARN of the Lambda function that resolves conflicts
	// under LambdaHandler.
	Function string
}

// ConflictHandler is how conflicts are resolved. The empty one is NoDetection.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html
type ConflictHandler string

// The conflict handlers, in AppSync's words but for FieldLevel, which is the
// emulator's own kind of AUTOMERGE.
const (
	NoDetection           ConflictHandler = "NONE"
	OptimisticConcurrency ConflictHandler = "OPTIMISTIC_CONCURRENCY"
	Automerge             ConflictHandler = "AUTOMERGE"
	FieldLevel            ConflictHandler = "FIELD_LEVEL"
	LambdaHandler         ConflictHandler = "LAMBDA"
)

// Field is the field that a resolver runs for, as data sources tell Lambda
// functions of it.
type Field interface {
	// ParentType and Name name the field, such as Mutation and updatePost;
	// OutputType is its type without list and non-null marks.
	ParentType() string
	Name() string
	OutputType() string
	// Arguments is $ctx.args as the request has them.
	Arguments() any
	// Identity is $ctx.identity, nil for an API key.
	Identity() any
}

// Source executes request documents. Implementations are safe for concurrent
// use.
type Source interface {
	// Invoke returns what templates see as $ctx.result. A refusal is an *Error;
	// a document that the source cannot take is a *document.Error or
	// *document.NotSupportedError. Other errors are failures of the emulator.
	// The source does not keep in.
	Invoke(ctx context.Context, in *Invocation) (any, error)
}

// Error is a data source's refusal, as $ctx.error shows it.
type Error struct {
	Type    string
	Message string
	// Result is $ctx.result beside the error; nil for most.
	Result any
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// NotSupported is a data source of a kind that the emulator does not run. It
// refuses every document, so that a project with such a source can be served
// and only its fields fail.
type NotSupported struct{ Reason string }

// NotSupportedError is the refusal of a NotSupported source.
type NotSupportedError struct{ Reason string }

func (e *NotSupportedError) Error() string { return e.Reason }

// Invoke implements Source.
func (s NotSupported) Invoke(context.Context, *Invocation) (any, error) {
	return nil, &NotSupportedError{Reason: s.Reason}
}

// None is the NONE data source: it answers the payload of its document.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-none.html
type None struct{}

// Invoke implements Source.
func (None) Invoke(_ context.Context, in *Invocation) (any, error) {
	doc, err := document.DecodeAs(in.Document, document.SourceNone, in.Version)
	if err != nil {
		return nil, err
	}
	return doc.(*document.None).Payload, nil
}
