// Package builtin holds AppSync's helpers: $util with its families (time, list,
// map, math, str, dynamodb, rds, http, xml, transform, log) and $extensions.
//
// Each helper is written once, over the values of package value, and is reached
// through two methods that every family has: Property for a name behind a dot,
// Invoke for a call. A template engine binds them by these methods alone; the
// package knows no engine. Arguments bind as Java binds them: a call whose
// number or types of arguments fit no signature is not found, which a template
// sees as null.
//
// What a helper does beyond its result (errors that are appended, response
// headers, subscription filters, invalidations, cache evictions) is recorded in
// Effects; $util.error and its kin end the template with an *Abort.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-util-reference.html
package builtin
