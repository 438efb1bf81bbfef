// Package plan compiles query text against a schema, once, into an immutable
// Plan: fields merged per concrete type, with argument programs, so that a
// request only coerces its variables and walks. Validation is that of
// graphql-java 9, which AppSync runs, in its words and with its leniencies.
//
// The way of a query: source.go reads the text as that engine's lexer does,
// document.go parses it, validate*.go and overlap.go hold the validation rules,
// merge.go builds the field tree, arguments.go the argument programs. At request
// time variables.go coerces what the client sent and selection.go answers what
// resolvers ask about their selection set. A Cache keeps the plans.
package plan
