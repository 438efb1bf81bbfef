// Package dynamodb is the AMAZON_DYNAMODB data source: it turns request
// documents into calls of a storage.Store, and items and exceptions back into
// what templates see. AppSync's words for DynamoDB's refusals are here, and so
// are page tokens. Versioned data sources go through package storage/versioned,
// which decides conflicts; this one names the errors and asks Lambda functions.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-dynamodb.html
package dynamodb
