package plan

import "appsync-emulator/emulator/internal/apierror"

// FailureKind says how a request is refused.
type FailureKind uint8

const (
	// Malformed is text that is empty or not GraphQL. It is answered with HTTP
	// status 400.
	Malformed FailureKind = iota + 1
	// MissingOperationName is a document of several operations of which none was
	// chosen. It is answered with HTTP status 400.
	MissingOperationName
	// Errors is a request that the engine refused: HTTP status 200 and data
	// null.
	Errors
)

// Failure is what is wrong with a request. Errors is what the answer holds; it
// is never empty.
type Failure struct {
	Kind   FailureKind
	Errors []*apierror.Error
}

// Error returns the text of the first error.
func (f *Failure) Error() string { return f.Errors[0].Error() }

// malformed is the answer to text that does not parse. AppSync's answer tells
// no place.
//
// Recorded: graphql/graphql-over-http#81.
func malformed() *Failure {
	return &Failure{Kind: Malformed, Errors: []*apierror.Error{{
		Shape:   apierror.Bare,
		Type:    apierror.TypeMalformedRequest,
		Message: "Unable to parse GraphQL query.",
	}}}
}

func missingOperationName() *Failure {
	return &Failure{Kind: MissingOperationName, Errors: []*apierror.Error{{
		Shape:   apierror.Bare,
		Type:    apierror.TypeBadRequest,
		Message: "Missing operation name.",
	}}}
}

// refused is an error of the engine, with the form of validation errors.
func refused(message string, at ...apierror.Location) *Failure {
	return &Failure{Kind: Errors, Errors: []*apierror.Error{{
		Shape:     apierror.Request,
		Message:   message,
		Locations: at,
	}}}
}

// tooLarge refuses a query whose fragments multiply beyond reason, which would
// keep AppSync busy until it gives up. The wording is ours.
func tooLarge() *Failure {
	return refused("Query is too large: its fragments expand to too many fields.")
}
