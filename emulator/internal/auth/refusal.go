package auth

import (
	"net/http"

	"appsync-emulator/emulator/internal/apierror"
)

// Refusal says why a request was not authenticated.
type Refusal struct {
	Status    int
	ErrorType string
	Message   string
}

func (r *Refusal) Error() string { return r.ErrorType + ": " + r.Message }

// The messages of refused requests.
const (
	// Recorded in many places, such as graphql-dotnet/graphql-client#221; of a Lambda
	// authorizer that says no in aws/aws-appsync-community#372.
	messageNotAuthorized = "You are not authorized to make this call."
	// Recorded of tokens that are not as the configuration wants them:
	// aws/aws-appsync-community#115, aws-amplify/amplify-js#13252.
	messageUnauthorized = "Unauthorized"
	// Recorded: aws-amplify/amplify-js#4373.
	messageNoValidHeader = "Valid authorization header not provided."
	messageMissingHeader = "Missing authorization header"
	// Recorded of signatures and other texts where there are user pools:
	// aws-amplify/amplify-js#2645, aws-amplify/docs#1884; of tokens of an issuer that
	// is none of several modes' in aws/aws-appsync-community#30.
	messageNoJWT   = "Unable to parse JWT token."
	messageExpired = "Token has expired."
	// Recorded: aws-amplify/amplify-js#1311 and #8457.
	messageMissingToken = "Missing Authentication Token"
)

func unauthorized(message string) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, ErrorType: apierror.TypeUnauthorizedCall, Message: message}
}

// badRequest is the answer when a Lambda authorizer could not decide.
//
// Recorded, without a message: aws/aws-cdk#19239.
func badRequest() *Refusal {
	return &Refusal{Status: http.StatusBadRequest, ErrorType: apierror.TypeBadRequest}
}
