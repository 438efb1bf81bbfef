// Package scalar coerces GraphQL's built-in scalars and AppSync's AWS scalars,
// from literals and variables on the way in and to JSON on the way out, with
// the messages of graphql-java 9 and AppSync.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
package scalar
