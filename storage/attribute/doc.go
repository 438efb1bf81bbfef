// Package attribute holds DynamoDB's attribute values and items: their types,
// 38-digit numbers, comparison, sizes, DynamoDB JSON, the order-preserving key
// codec and the binary item codec. It is the lowest layer of the store and
// imports nothing of the project.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
package attribute
