package lambda

import (
	"regexp"
	"strings"
)

// namePattern and qualifierPattern are those of Lambda's FunctionName, but for
// the $LATEST of the second.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
var (
	namePattern      = regexp.MustCompile(`^[a-zA-Z0-9-_.]{1,140}$`)
	qualifierPattern = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,128}$`)
)

// latest is the qualifier that means none.
const latest = "$LATEST"

// ParseName reads how AppSync and Lambda name a function: its name, a partial
// ARN (123456789012:function:name) or an ARN, each with or without a version or
// alias after another colon. The qualifier is empty when there is none, also for
// $LATEST. Region and account do not count: functions are found by name. The
// error is an *Error.
func ParseName(function string) (name, qualifier string, err error) {
	rest := function
	if arn, ok := strings.CutPrefix(function, "arn:"); ok {
		// arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) < 6 || parts[1] != "lambda" || parts[4] != "function" {
			return "", "", invalidName(function)
		}
		rest = parts[5]
	} else if _, after, ok := strings.Cut(function, ":function:"); ok {
		rest = after
	}
	name, qualifier, qualified := strings.Cut(rest, ":")
	if !namePattern.MatchString(name) {
		return "", "", invalidName(function)
	}
	if qualified && qualifier != latest && !qualifierPattern.MatchString(qualifier) {
		return "", "", invalidName(function)
	}
	if qualifier == latest {
		qualifier = ""
	}
	return name, qualifier, nil
}

// Canonical returns the one form of a function's name: NAME, or NAME:QUALIFIER.
func Canonical(function string) (string, error) {
	name, qualifier, err := ParseName(function)
	return key(name, qualifier), err
}

func key(name, qualifier string) string {
	if qualifier == "" {
		return name
	}
	return name + ":" + qualifier
}

func invalidName(function string) error {
	const shown = 200
	if len(function) > shown {
		function = strings.ToValidUTF8(function[:shown], "") + "..."
	}
	return &Error{Function: function, Code: CodeValidation, Message: "this is no name or ARN of a Lambda function"}
}
