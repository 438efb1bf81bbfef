// Package versioned implements AppSync's versioned DynamoDB data sources over
// any storage.Store: a base table whose items carry _version, _lastChangedAt,
// _deleted and _ttl, a delta table with a record of each change, the detection
// and resolution of conflicts, and Sync.
//
// The DynamoDB data source decodes a request and calls a Table, which reads the
// item, decides, and writes base item and delta record in one transaction that
// holds only if the item still is the one that was read. Nothing here knows
// GraphQL or the error types of AppSync: errors are typed, and the data source
// names them.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-sync.html
package versioned
