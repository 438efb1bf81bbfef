package lambda_test

import (
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/lambda"
)

// The forms are those of FunctionName in Lambda's API reference, page API_Invoke.
func TestParseName(t *testing.T) {
	for in, want := range map[string]string{
		"my-function":             "my-function ",
		"my-function:v1":          "my-function v1",
		"my-function:$LATEST":     "my-function ",
		"123456789012:function:f": "f ",
		"1:function:f:2":          "f 2",
		"arn:aws:lambda:us-west-2:123456789012:function:my-function":    "my-function ",
		"arn:aws:lambda:us-west-2:123456789012:function:my-function:v1": "my-function v1",
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:$LATEST":  "f ",
		"arn:aws:lambda:${AWS::Region}:123456789012:function:f":         "",
		"":       "",
		":":      "",
		"f:":     "",
		"f:a b":  "",
		"f/../g": "",
		"f:1:2":  "",
		"arn:aws:lambda:us-west-2:123456789012:layer:f":   "",
		"arn:aws:dynamodb:us-west-2:123456789012:table/f": "",
		"arn:aws:lambda":         "",
		strings.Repeat("f", 141): "",
	} {
		got := ""
		name, qualifier, err := lambda.ParseName(in)
		if err == nil {
			got = name + " " + qualifier
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzParseName reads any text: a name can stand in a URL's path.
func FuzzParseName(f *testing.F) {
	for _, text := range []string{"f", "f:1", "arn:aws:lambda:us-west-2:123456789012:function:f:live", "1:function:f", "a:function:function:b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, qualifier, err := lambda.ParseName(text)
		if err != nil {
			if len(err.Error()) > 400 {
				t.Errorf("a long error: %v", err)
			}
			return
		}
		if name == "" || strings.ContainsAny(name+qualifier, "/?#: ") {
			t.Errorf("%q: %q and %q", text, name, qualifier)
		}
	})
}
