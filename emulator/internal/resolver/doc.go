// Package resolver runs AppSync resolvers: unit resolvers and pipelines of
// functions, each a request template, a data source and a response template,
// with $context between them. It implements exec.FieldResolver.
//
// Templates are compiled when the project is loaded; what a call builds of
// $context is what the resolver's templates mention.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-overview.html
package resolver
