// Package schema turns SDL into the type table that plans and the executor work
// on.
//
// Parse goes through these steps: gqlparser reads the sources, because it keeps
// positions, descriptions and comments (read.go); extensions are merged and
// AppSync's own scalars and directives added (collect.go, prelude.go); mistakes
// are told, all at once and where they stand (check.go); the definitions are
// linked into plain structs (build.go, default.go). graphql-go owns the rules of
// the type system and has the last word on the result (judge.go).
//
// A Schema also knows itself as introspection values (introspection.go) and as
// SDL (sdl.go). Package plan compiles queries against it, package auth reads its
// authorization directives.
package schema
