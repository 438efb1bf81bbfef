package builtin

import "appsync-emulator/mappingtemplate/value"

// The results of $util.authType.
const (
	authIAM      = "IAM Authorization"
	authUserPool = "User Pool Authorization"
	authOIDC     = "Open ID Connect Authorization"
	authAPIKey   = "API Key Authorization"
	authLambda   = "Lambda Authorization"
)

// AuthType names the authorization mode of a request by the shape of its
// identity, as AppSync does: an identity that is no complete identity of one
// mode counts as an API key.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-util.html
func AuthType(identity any) string {
	id, ok := identity.(*value.Map)
	if !ok {
		return authAPIKey
	}
	has := func(names ...string) bool {
		for _, n := range names {
			if !id.Has(n) {
				return false
			}
		}
		return true
	}
	_, hasSourceIP := id.Value("sourceIp").(*value.List)
	switch {
	case id.Len() == 0, has("resolverContext"):
		return authLambda
	case hasSourceIP && has("accountId", "cognitoIdentityPoolId", "cognitoIdentityId", "username",
		"userArn", "cognitoIdentityAuthType", "cognitoIdentityAuthProvider"):
		return authIAM
	case hasSourceIP && has("sub", "issuer", "username", "claims", "defaultAuthStrategy"):
		return authUserPool
	case id.Len() == 3 && has("sub", "issuer", "claims"):
		return authOIDC
	}
	return authAPIKey
}
