package auth

import (
	"regexp"
	"strings"
	"sync/atomic"
)

// FieldName names a field of the schema.
type FieldName struct{ Type, Field string }

// DeniedFields are the fields that a Lambda authorizer closes to its caller. All
// requests that one answer of the authorizer admits share them.
type DeniedFields struct {
	// Fields has no duplicates; names that the schema does not have are possible.
	Fields []FieldName

	// compiled is what a Policy has made of Fields.
	compiled atomic.Value
}

// fieldARN is the long form of a denied field, which names its API.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization
var fieldARN = regexp.MustCompile(`^arn:[a-z-]+:appsync:[a-z0-9-]*:[0-9]*:apis/([^/]+)/types/([^/]+)/fields/([^/]+)$`)

// graphQLName is a Name of GraphQL.
var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// parseDeniedField reads either form of a denied field: Type.field, or its ARN.
// ours is false for the ARN of another API, as one authorizer may serve several.
// ok is false for what has neither form.
func parseDeniedField(text, apiID string) (f FieldName, ours, ok bool) {
	api := apiID
	if m := fieldARN.FindStringSubmatch(text); m != nil {
		api, f = m[1], FieldName{Type: m[2], Field: m[3]}
	} else if f.Type, f.Field, ok = strings.Cut(text, "."); !ok {
		return FieldName{}, false, false
	}
	if !graphQLName.MatchString(f.Type) || !graphQLName.MatchString(f.Field) {
		return FieldName{}, false, false
	}
	return f, api == apiID, true
}
