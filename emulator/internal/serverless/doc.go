// Package serverless loads projects of the Serverless Framework with
// serverless-appsync-plugin: a serverless.yml (or .yaml, .json) with an appSync
// section, of version 2 of the plugin, or custom.appSync, of version 1.
//
// It replaces the framework's variables (${self:custom.x}, ${file(x.yml)}, ...)
// where an API, a table or a Lambda function needs them, turns the vocabulary of
// version 1 into that of version 2, has package cloudformation work out the
// intrinsic functions and the tables of `resources`, and hands the section to
// package project, whose vocabulary it is. Every value keeps the place where it
// was written, in whatever file that is.
//
// Nothing is executed: what a JavaScript file would say, and what would be looked
// up in AWS, is a clear mistake unless a fallback or --parameter says it.
package serverless
