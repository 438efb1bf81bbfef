// Package server is the network face of the emulator: one port that speaks
// plain HTTP and TLS, the routes on it, and GraphQL over HTTP in AppSync's form.
//
// A request is read and bounded here, authenticated (package auth), executed by
// an Executor and answered from a pooled buffer; upgrades go to package
// realtime. Administration and DynamoDB's protocol are handlers of their own,
// which a guard keeps from foreign web pages. The certificate authority that
// makes TLS work on a developer's machine, and the instructions for trusting it,
// are here as well.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/retrieving-api-endpoints.html
package server
