// Package plan compiles query text against a schema, once, into an immutable
// Plan: fields merged per concrete type, with argument programs, so that a
// request only coerces its variables and walks. Validation is that of
// graphql-java 9, which AppSync runs, in its words and with its leniencies.
package plan
