// Package vtl compiles and evaluates templates in the Velocity Template
// Language, the language of AppSync's mapping templates.
//
// It follows Apache Velocity 1.7, the engine whose wording AppSync's error
// messages carry, plus AppSync's #return. A template's text becomes tokens
// (lexer.go, one state machine per lexical state, since what a character means
// depends on where it stands), tokens become a syntax tree (parser.go), and the
// tree becomes executable nodes with resolved variable slots (compile.go).
//
// Known differences from Velocity 1.7: reflection ($x.class) is out of reach, an
// evaluation is bounded in steps, text and recursion, a list or map that changes
// during its #foreach is noticed by its size, a block of #define that is passed
// to a method is passed as its text, and \G in a regular expression matches
// after an empty match too.
//
// The package knows nothing of AppSync: what $context and $util are, the caller
// says with roots. Values are those of package value.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-programming-guide.html
package vtl
