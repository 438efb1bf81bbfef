// Package auth answers two questions about a request: who calls (Authenticator
// matches the credentials to one of the API's authorization modes and checks them)
// and what the caller may see (Policy compiles the authorization directives of the
// schema into one rule per field).
//
// The facade asks the first for the server and for the real-time handler, at each
// connection and again at each start, and the executor asks the second. API keys,
// tokens of user pools and of OpenID Connect providers, and signatures are checked
// here; Lambda authorizers run where the facade says. Whoever is refused is told
// AppSync's words, and the log why: neither repeats the credentials.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
package auth
