package builtin

// Abort is the error with which $util.error, $util.validate and
// $util.unauthorized end a template and its resolver: the field is null and the
// error is reported.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-util.html
type Abort struct {
	Message string
	// Type is the errorType; empty is reported as null.
	Type string
	// Data is reported after the field's selection set has been applied to it.
	Data any
	// Info is the errorInfo, reported whole.
	Info any
	// Unauthorized marks $util.unauthorized.
	Unauthorized bool
}

func (a *Abort) Error() string {
	if a.Type == "" {
		return a.Message
	}
	return a.Type + ": " + a.Message
}

// The error types that helpers raise by themselves.
const (
	typeUnauthorized   = "Unauthorized"
	typeCustom         = "CustomTemplateException"
	typeResponseHeader = "ResponseHeaderError"
)
