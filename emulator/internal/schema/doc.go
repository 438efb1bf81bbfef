// Package schema turns SDL into the type table that plans and the executor work
// on. graphql-go owns the type system: it parses and checks the SDL, together
// with AppSync's own scalars and directives; this package copies the result
// into plain linked structs and adds introspection as data.
package schema
