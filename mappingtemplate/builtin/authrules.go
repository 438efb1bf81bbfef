package builtin

import "fmt"

// AuthRules is $util.authRules, which AWS does not document and Amplify uses for
// models on SQL databases. Every call ends the template.
type AuthRules Util

// Property finds nothing: the family has only methods.
func (a *AuthRules) Property(string) (any, bool) { return nil, false }

// Invoke refuses the call.
func (a *AuthRules) Invoke(name string, _ []any) (any, bool, error) {
	return fail(fmt.Errorf("$util.authRules.%s is not supported by the emulator", name))
}
