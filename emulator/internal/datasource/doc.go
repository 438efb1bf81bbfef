// Package datasource is where request documents become results. A Source is one
// data source of an API; the kinds are NONE, here, and DynamoDB, in package
// datasource/dynamodb. Package resolver calls them between a request template
// and a response template.
package datasource
