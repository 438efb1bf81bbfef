// Package auth answers two questions about a request: who calls (Authenticator
// matches the credentials to one of the API's authorization modes) and what the
// caller may see (Policy compiles the authorization directives of the schema
// into one rule per field).
//
// The server and the real-time handler ask the first, the executor the second.
// API keys are checked; the other modes are recognised and refused by name.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
package auth
