package lambda

import (
	"strings"
)

// word has what Lambda's FunctionName takes in a name or a qualifier, but for the
// point that a name may have, and the $LATEST of a qualifier.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func isName(name string) bool {
	return name != "" && len(name) <= 140 && strings.Trim(name, word+".") == ""
}

func isQualifier(text string) bool {
	return text != "" && len(text) <= 128 && strings.Trim(text, word) == ""
}

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
	if !isName(name) {
		return "", "", invalidName(function)
	}
	if qualified && qualifier != latest && !isQualifier(qualifier) {
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
