package apierror

// The errorType values that AppSync answers.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
const (
	TypeMappingTemplate  = "MappingTemplate"
	TypeUnauthorized     = "Unauthorized"
	TypeUnauthorizedCall = "UnauthorizedException"
	TypeMalformedRequest = "MalformedHttpRequestException"
	TypeBadRequest       = "BadRequestException"
	TypeTooLarge         = "RequestEntityTooLargeException"
	TypeExecutionTimeout = "ExecutionTimeout"
	TypeInternalFailure  = "InternalFailure"
	TypeDepthLimit       = "QueryDepthLimitReached"
	TypeResolverLimit    = "ResolverExecutionLimitReached"

	// TypeNotSupported marks what the emulator does not do yet. It is ours:
	// AppSync has no such type, which makes the gap easy to see in a client.
	TypeNotSupported = "NotSupportedByEmulator"
)
