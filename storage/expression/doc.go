// Package expression parses, checks and evaluates DynamoDB expressions:
// condition and filter, key condition, update and projection.
//
// An expression passes through three stages. Parsing turns its text into a
// tree; that happens once per text and is kept by a Cache. Binding joins the
// trees of one request with its ExpressionAttributeNames and
// ExpressionAttributeValues, checks operands, placeholders and paths, and
// refuses what DynamoDB refuses, in its words. A bound expression is then
// evaluated against items, as often as the caller likes and from any goroutine.
//
// The package sits between storage/attribute and storage; it knows nothing of
// tables beyond the names of key attributes.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
package expression
