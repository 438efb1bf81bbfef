// Package mappingtemplate compiles and evaluates AppSync's mapping templates.
//
// A template is Velocity (package vtl) that sees $context, $util and
// $extensions (package builtin). It renders text, and the text is JSON: a
// request template's is the document for the data source (package document
// checks it), a response template's is the value of the field. Values on both
// sides are those of package value.
//
// Templates are compiled once, when a project is loaded, and evaluated for
// every request.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-overview.html
package mappingtemplate
