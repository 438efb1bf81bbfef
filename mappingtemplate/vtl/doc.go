// Package vtl compiles and evaluates templates in the Velocity Template
// Language, the language of AppSync's mapping templates.
//
// It follows Apache Velocity 1.7, the engine whose wording AppSync's error
// messages carry, plus AppSync's #return. A template's text becomes tokens
// (lexer.go, one state machine per lexical state, since what a character means
// depends on where it stands), tokens become a syntax tree (parser.go), and the
// tree becomes executable nodes with resolved variable slots (compile.go).
//
// Known differences from Velocity 1.7 on Java 17: reflection ($x.class) and
// streams are out of reach; an evaluation is bounded in steps, text and
// recursion; a block of #define that is passed to a method is passed as its
// text; Byte, Short and Float count as Integer and Double; mistakes that
// Velocity answers with a NullPointerException, such as #foreach alone, have a
// message; a part of a list can be printed after the list has changed;
// ensureCapacity changes nothing that an iterator notices; #include names a
// literal that it refuses by its source. In regular expressions, look-behinds
// may be of any length, blocks, characters and scripts by their codes are
// unknown, and only what cannot match a character beyond U+FFFF matches between
// its halves. TestOracleRandom names and counts them. The Java methods that are
// absent are in testdata/java-methods.txt, each with its reason.
//
// The package knows nothing of AppSync: what $context and $util are, the caller
// says with roots. Values are those of package value.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-programming-guide.html
package vtl
