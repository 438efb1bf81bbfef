// Package project is the neutral model of an AppSync project: what appsync.yml
// (or the appSync section of a serverless.yml) says, as plain data with the
// positions of the text that said it.
//
// Find says which file of a folder is the project, Load reads it: the YAML
// keeps its positions, schema and template files are read along, names are
// resolved against each other, and every mistake is collected as a Problem
// instead of stopping at the first. What needs more than the project's own
// text, whether a field exists in the schema or a template compiles, is
// checked by whoever compiles it, with the positions that the model carries.
//
// Loaders fill an API; everything else only reads it.
package project
