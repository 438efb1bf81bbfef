// Package document turns the request document that a template or a resolver's
// code yields into a typed request for a data source, and attribute values into
// what templates see and back.
//
// Decode checks a document as AppSync does: required fields, no others, and
// typed values with exactly one type. What it refuses is reported under the
// errorType "MappingTemplate". Data sources execute the documents; this package
// knows neither stores nor networks.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference.html
package document
