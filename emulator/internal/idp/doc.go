// Package idp is the identity provider of a developer's machine: it is the Cognito
// user pools that a project names. Users sign up and sign in with Cognito's own
// protocol, as Amplify Auth and the AWS SDKs speak it, and get tokens that look
// like Cognito's and that the served API accepts:
//
//	server: guard ── Provider.Handler ── JSON API: operation ── pool: users, groups
//	                                  ── keys, discovery, messages, tokens for tests
//	auth.Authenticator ── Provider.Key(issuer, kid)
//
// A pool's tokens carry the issuer of the real pool and are signed with a key of
// this machine, which lies beside the data file. Of passwords there are verifiers
// alone (package srp). The state is one immutable value that an update replaces
// and stores as a whole, so that readers never wait.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html
package idp
