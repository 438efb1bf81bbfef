// Package value holds the values that mapping templates compute with.
//
// AppSync evaluates templates on a JVM, so what a template can see behaves as
// Java's collections and numbers do: maps keep their insertion order, integers
// and doubles are different types, null is a value. A value is a Go any whose
// dynamic type is one of
//
//	nil        null
//	bool       Boolean
//	string     String (Go text; lengths and offsets seen by templates are UTF-16 units)
//	int32      Integer
//	int64      Long
//	*big.Int   BigInteger
//	float64    Double
//	Decimal    BigDecimal (a number whose text must survive, such as DynamoDB's)
//	*List      ArrayList
//	*Map       LinkedHashMap
//	*Entry     Map.Entry
//	*Set       LinkedHashSet, and the set views of a map
//	*Array     a Java array, the result of String.split
//	Char       Character, from String.charAt
//	*Iterator  Iterator
//
// Methods calls the Java methods that templates see on these values.
//
// The package knows nothing of Velocity's syntax, GraphQL or DynamoDB.
// Values are not safe for concurrent mutation.
package value
