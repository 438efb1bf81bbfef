// Package scalar coerces GraphQL's built-in scalars and AppSync's AWS scalars,
// from literals and variables on the way in and to JSON on the way out, with
// the messages of graphql-java 9 and AppSync.
//
// The built-in scalars are as generous as graphql-java 9: "5" is an Int and
// anything is a String. The AWS scalars check a format and let the value pass
// unchanged, except AWSJSON, which resolvers see parsed.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
package scalar
