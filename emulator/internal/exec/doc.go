// Package exec runs plans. It works in two passes. The first calls resolvers:
// query fields together, mutation fields in order, descending only where a
// resolver waits below. The second walks the plan once and writes the response
// straight to bytes: coercion, null propagation and errors in AppSync's form
// and in the order of the selection, however the resolvers were scheduled.
//
// exec knows no data sources and no templates: it declares FieldResolver, which
// package resolver implements. The same second pass projects a mutation's
// result onto the selection of a subscriber.
package exec
