// Package dynamodbapi speaks DynamoDB's own protocol over a storage.Store: the
// tables that resolvers use, for SDKs, CLIs and Lambda code. A request goes
//
//	POST / ── target and signature ── JSON by the operation's shape ── constraints
//	       ── operation: legacy parameters become expressions ── storage.Store
//	       ── JSON with its checksum
//
// and each of these steps refuses in DynamoDB's words and in DynamoDB's order.
// The shapes in model.go are the operations' inputs with their constraints.
// Signatures are checked only when credentials are configured; without them any
// request is answered, signed or not, so that curl works as well as an SDK.
// Package server routes here; nothing of the protocol is known elsewhere.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
package dynamodbapi
