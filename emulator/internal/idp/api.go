package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

const (
	// targetPrefix begins the X-Amz-Target of Cognito user pools' operations.
	targetPrefix = "AWSCognitoIdentityProviderService."
	// identityPrefix begins that of identity pools.
	identityPrefix = "AWSCognitoIdentityService."

	// maxBody bounds a request, in bytes.
	maxBody = 1 << 20
)

// Serves reports whether a request in an AWS protocol is one to Cognito, by its
// X-Amz-Target.
func Serves(target string) bool {
	return strings.HasPrefix(target, targetPrefix) || strings.HasPrefix(target, identityPrefix)
}

// call is an operation on its way.
type call struct {
	*Provider
	// only is the pool that the address names; nil when it names none.
	only *pool
	now  time.Time
}

// operation reads a body and does what it asks for.
type operation func(c *call, body []byte) (any, error)

// input is what an operation is asked: it tells what is missing.
type input interface{ check(v *violations) }

// operate makes an operation of a method whose input is an In.
func operate[In any, P interface {
	*In
	input
}](run func(c *call, in *In) (any, error)) operation {
	return func(c *call, body []byte) (any, error) {
		in := new(In)
		if err := decode(body, in); err != nil {
			return nil, err
		}
		var v violations
		P(in).check(&v)
		if err := v.failure(); err != nil {
			return nil, err
		}
		return run(c, in)
	}
}

func decode(body []byte, in any) error {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, in); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return &failure{"SerializationException", fmt.Sprintf("%s cannot be read from a JSON %s", wrong.Field, wrong.Value)}
		}
		return &failure{"SerializationException", "The body cannot be read as JSON"}
	}
	return nil
}

// operations are those that the emulator has.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html
var operations = map[string]operation{
	"SignUp":                           operate((*call).signUp),
	"ConfirmSignUp":                    operate((*call).confirmSignUp),
	"ResendConfirmationCode":           operate((*call).resendConfirmationCode),
	"ForgotPassword":                   operate((*call).forgotPassword),
	"ConfirmForgotPassword":            operate((*call).confirmForgotPassword),
	"InitiateAuth":                     operate((*call).initiateAuth),
	"RespondToAuthChallenge":           operate((*call).respondToAuthChallenge),
	"GetTokensFromRefreshToken":        operate((*call).getTokensFromRefreshToken),
	"RevokeToken":                      operate((*call).revokeToken),
	"GetUser":                          operate((*call).getUser),
	"UpdateUserAttributes":             operate((*call).updateUserAttributes),
	"DeleteUserAttributes":             operate((*call).deleteUserAttributes),
	"GetUserAttributeVerificationCode": operate((*call).getUserAttributeVerificationCode),
	"VerifyUserAttribute":              operate((*call).verifyUserAttribute),
	"ChangePassword":                   operate((*call).changePassword),
	"GlobalSignOut":                    operate((*call).globalSignOut),
	"DeleteUser":                       operate((*call).deleteUser),

	"AdminCreateUser":             operate((*call).adminCreateUser),
	"AdminSetUserPassword":        operate((*call).adminSetUserPassword),
	"AdminGetUser":                operate((*call).adminGetUser),
	"AdminDeleteUser":             operate((*call).adminDeleteUser),
	"AdminConfirmSignUp":          operate((*call).adminConfirmSignUp),
	"AdminEnableUser":             operate((*call).adminEnableUser),
	"AdminDisableUser":            operate((*call).adminDisableUser),
	"AdminResetUserPassword":      operate((*call).adminResetUserPassword),
	"AdminUserGlobalSignOut":      operate((*call).adminUserGlobalSignOut),
	"AdminUpdateUserAttributes":   operate((*call).adminUpdateUserAttributes),
	"AdminDeleteUserAttributes":   operate((*call).adminDeleteUserAttributes),
	"AdminInitiateAuth":           operate((*call).adminInitiateAuth),
	"AdminRespondToAuthChallenge": operate((*call).adminRespondToAuthChallenge),
	"ListUsers":                   operate((*call).listUsers),

	"CreateGroup":              operate((*call).createGroup),
	"GetGroup":                 operate((*call).getGroup),
	"UpdateGroup":              operate((*call).updateGroup),
	"DeleteGroup":              operate((*call).deleteGroup),
	"ListGroups":               operate((*call).listGroups),
	"ListUsersInGroup":         operate((*call).listUsersInGroup),
	"AdminAddUserToGroup":      operate((*call).adminAddUserToGroup),
	"AdminRemoveUserFromGroup": operate((*call).adminRemoveUserFromGroup),
	"AdminListGroupsForUser":   operate((*call).adminListGroupsForUser),

	"ListUserPools":          operate((*call).listUserPools),
	"DescribeUserPool":       operate((*call).describeUserPool),
	"ListUserPoolClients":    operate((*call).listUserPoolClients),
	"DescribeUserPoolClient": operate((*call).describeUserPoolClient),
}

// otherOperations are those of Cognito that the emulator has not, with what they
// belong to.
var otherOperations = map[string][]string{
	"multi-factor authentication": {
		"AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference", "AdminSetUserMFAPreference",
		"SetUserSettings", "AdminSetUserSettings", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig", "GetUserAuthFactors",
	},
	"remembered devices": {
		"ConfirmDevice", "ForgetDevice", "GetDevice", "ListDevices", "UpdateDeviceStatus",
		"AdminForgetDevice", "AdminGetDevice", "AdminListDevices", "AdminUpdateDeviceStatus",
	},
	"passkeys": {
		"StartWebAuthnRegistration", "CompleteWebAuthnRegistration", "ListWebAuthnCredentials", "DeleteWebAuthnCredential",
	},
	"identity providers of others": {
		"AdminLinkProviderForUser", "AdminDisableProviderForUser", "CreateIdentityProvider", "DeleteIdentityProvider",
		"DescribeIdentityProvider", "GetIdentityProviderByIdentifier", "ListIdentityProviders", "UpdateIdentityProvider",
	},
	"pools and clients but those of the project file": {
		"CreateUserPool", "UpdateUserPool", "DeleteUserPool", "AddCustomAttributes", "CreateUserPoolClient",
		"UpdateUserPoolClient", "DeleteUserPoolClient", "AddUserPoolClientSecret", "DeleteUserPoolClientSecret",
		"ListUserPoolClientSecrets", "GetSigningCertificate", "ListTagsForResource", "TagResource", "UntagResource",
	},
	"hosted pages and their OAuth endpoints": {
		"CreateUserPoolDomain", "DeleteUserPoolDomain", "DescribeUserPoolDomain", "UpdateUserPoolDomain",
		"CreateResourceServer", "DeleteResourceServer", "DescribeResourceServer", "ListResourceServers", "UpdateResourceServer",
		"CreateManagedLoginBranding", "DeleteManagedLoginBranding", "DescribeManagedLoginBranding",
		"DescribeManagedLoginBrandingByClient", "UpdateManagedLoginBranding", "GetUICustomization", "SetUICustomization",
		"CreateTerms", "DeleteTerms", "DescribeTerms", "ListTerms", "UpdateTerms",
	},
	"threat protection and its logs": {
		"AdminListUserAuthEvents", "AdminUpdateAuthEventFeedback", "UpdateAuthEventFeedback", "DescribeRiskConfiguration",
		"SetRiskConfiguration", "GetLogDeliveryConfiguration", "SetLogDeliveryConfiguration",
	},
	"import jobs": {
		"CreateUserImportJob", "DescribeUserImportJob", "GetCSVHeader", "ListUserImportJobs", "StartUserImportJob", "StopUserImportJob",
	},
}

// serveAPI answers one request in Cognito's protocol.
func (p *Provider) serveAPI(w http.ResponseWriter, r *http.Request, only *pool) {
	answer, err := p.operate(w, r, only)
	if err == nil {
		var body []byte
		if body, err = json.Marshal(answer); err == nil {
			writeAnswer(w, http.StatusOK, body)
			return
		}
	}
	f := p.asFailure(err)
	w.Header()["x-amzn-ErrorType"] = []string{f.kind + ":"}
	w.Header()["x-amzn-ErrorMessage"] = []string{headerText(f.message)}
	body, _ := json.Marshal(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{f.kind, f.message}) // two texts cannot fail
	writeAnswer(w, f.status(), body)
}

func (p *Provider) operate(w http.ResponseWriter, r *http.Request, only *pool) (any, error) {
	name, err := operationName(r.Header.Get("X-Amz-Target"))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return nil, &failure{"SerializationException", "The body is longer than " + strconv.Itoa(maxBody) + " bytes"}
	}
	if err != nil {
		return nil, &failure{"SerializationException", "The body cannot be read"}
	}
	return operations[name](&call{Provider: p, only: only, now: p.now()}, body)
}

// operationName is the operation that a target names, one of operations.
func operationName(target string) (string, error) {
	if strings.HasPrefix(target, identityPrefix) {
		return "", notEmulated("The emulator has no identity pools: it gives no AWS credentials. Sign in to a user pool instead.")
	}
	name, ok := strings.CutPrefix(target, targetPrefix)
	if _, known := operations[name]; ok && known {
		return name, nil
	}
	for what, names := range otherOperations {
		for _, other := range names {
			if ok && other == name {
				return "", notEmulated("The emulator has no %s: %s is not served.", what, name)
			}
		}
	}
	return "", &failure{"UnknownOperationException", ""}
}

func writeAnswer(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{"application/x-amz-json-1.1"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body) // an error means that the client has gone
}

// headerText is a text without what a header cannot hold.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}

// userPool returns the pool of that id.
func (c *call) userPool(id string) (*pool, error) {
	if p := c.pool(id); p != nil && (c.only == nil || c.only == p) {
		return p, nil
	}
	return nil, notFound("User pool %s does not exist.", id)
}

// clientPool returns the pool of a client: the one that the address names or that
// lists it, else the first that has no list.
func (c *call) clientPool(id string) (*pool, *project.UserPoolClient, error) {
	candidates := c.pools
	if c.only != nil {
		candidates = []*pool{c.only}
	}
	for _, listed := range []bool{true, false} {
		for _, p := range candidates {
			if (len(p.Clients) > 0) != listed {
				continue
			}
			if client := p.client(id); client != nil {
				return p, client, nil
			}
		}
	}
	c.log.Warn("a client that no user pool of the project has", "client", id, "pools", len(candidates))
	return nil, nil, notFound("User pool client %s does not exist.", id)
}

// timestamp is a time in an answer: seconds since 1970 with milliseconds.
type timestamp time.Time

// MarshalJSON writes the seconds as a number.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', -1, 64), nil
}

// nothing is the answer of an operation that has none to give.
type nothing struct{}
