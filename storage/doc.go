// Package storage declares the store of the emulator: DynamoDB's data plane as
// a Go interface, its types and its exceptions. The engine on bbolt is package
// storage/bolt; nothing above this package knows it.
//
// storage knows nothing of GraphQL, templates or HTTP.
package storage
