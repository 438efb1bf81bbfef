package mappingtemplate

import (
	"errors"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// ErrorType is the errorType under which AppSync reports an *Error.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
const ErrorType = "MappingTemplate"

// Error says why a template does not compile, cannot be evaluated, or yields
// text that is no usable JSON. Message is what AppSync answers.
type Error struct {
	Message string
	// Template is the name that was given to Compile.
	Template string
	// Line and Column count from 1 and place the mistake in the template; they
	// are 0 when the mistake is in what it rendered.
	Line, Column int
	// Cause is the error behind the message, if there is one.
	Cause error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// The messages of templates whose output cannot be used, as recorded from
// AppSync.
const (
	// stackoverflow.com/questions/76802190
	msgEmpty = "Template transformation yielded an empty response."
	// serverless-components/aws-app-sync#25
	msgTrailing = "Trailing characters at the end of the JSON string are not allowed."
	// awslabs/aws-mobile-appsync-sdk-js#124
	msgTooLarge = "Transformation too large"
)

// compileError turns an error of vtl.Compile into an *Error.
func compileError(name string, err error) error {
	e := &Error{Message: err.Error(), Template: name, Cause: err}
	var parse *vtl.ParseError
	if errors.As(err, &parse) {
		e.Message, e.Line, e.Column = parse.Msg, parse.Line, parse.Column
	}
	return e
}

// renderError turns an error of an evaluation into an *Error. An *Abort and the
// end of the context are passed on: the one is the template's own error, the
// other none of the template.
func renderError(name string, err error, contextErr error) error {
	var abort *builtin.Abort
	if errors.As(err, &abort) {
		return abort
	}
	if contextErr != nil && errors.Is(err, contextErr) {
		return err
	}
	e := &Error{Message: err.Error(), Template: name, Cause: err}
	var render *vtl.RenderError
	switch {
	case errors.As(err, &render):
		e.Message, e.Line, e.Column = render.Msg, render.Line, render.Column
	case errors.Is(err, vtl.ErrTooLarge):
		e.Message = msgTooLarge
	case errors.Is(err, vtl.ErrBudget):
		e.Message = "The template takes too many evaluation steps."
	}
	return e
}

// jsonError words a syntax error of a request. AppSync passes on what its JSON
// parser says: Jackson 2.9, as the words for unknown tokens in
// aws-amplify/amplify-js#7179 show.
func jsonError(text string, e *value.SyntaxError) string {
	if e.Trailing {
		return msgTrailing
	}
	return e.Jackson(text)
}

// nodeType names the type of a JSON value as Jackson does.
func nodeType(v any) string {
	switch v.(type) {
	case nil:
		return "NULL"
	case bool:
		return "BOOLEAN"
	case string:
		return "STRING"
	case *value.Map:
		return "OBJECT"
	case *value.List:
		return "ARRAY"
	}
	return "NUMBER"
}

// validText replaces bytes that are not UTF-8, as writing JSON does.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
