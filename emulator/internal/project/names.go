package project

import "strings"

// The names that AWS takes. Their patterns bound the length, and regular expressions
// with such bounds take memory from every start.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const digits = "0123456789"

// consists reports whether a text has between least and most characters, all of them
// from a set.
func consists(text, set string, least, most int) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, set) == ""
}

// IsTableName reports whether DynamoDB takes a name for a table or an index.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func IsTableName(name string) bool { return consists(name, letters+digits+"_.-", 3, 255) }

// IsEnvironmentName reports whether AppSync takes a name for an environment variable.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/environmental-variables.html
func IsEnvironmentName(name string) bool {
	return consists(name, letters+digits+"_", 2, 64) && strings.Contains(letters, name[:1])
}

// IsFunctionName reports whether Lambda takes a name for a function.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func IsFunctionName(name string) bool { return consists(name, letters+digits+"-_", 1, 64) }
