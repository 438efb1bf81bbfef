package idp

import (
	"fmt"
	"net/http"
	"strings"
)

// failure is an exception of Cognito's.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
type failure struct {
	// kind is the exception's name, such as NotAuthorizedException.
	kind    string
	message string
}

func (f *failure) Error() string { return f.kind + ": " + f.message }

func (f *failure) status() int {
	if f.kind == internalError {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

const internalError = "InternalErrorException"

// The exceptions that are always the same, in Cognito's words. The texts are those
// that its users report; see amplify-js#1067, aws-sdk-java#2449, localstack#4465
// and amplify-flutter's cognito exceptions.
var (
	errPassword        = &failure{"NotAuthorizedException", "Incorrect username or password."}
	errDisabled        = &failure{"NotAuthorizedException", "User is disabled."}
	errUnknownUser     = &failure{"UserNotFoundException", "User does not exist."}
	errUnknownForCode  = &failure{"UserNotFoundException", "Username/client id combination not found."}
	errNotConfirmed    = &failure{"UserNotConfirmedException", "User is not confirmed."}
	errReset           = &failure{"PasswordResetRequiredException", "Password reset required for the user"}
	errTemporary       = &failure{"NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."}
	errResetState      = &failure{"NotAuthorizedException", "User password cannot be reset in the current state."}
	errNoDelivery      = &failure{"InvalidParameterException", "Cannot reset password for the user as there is no registered/verified email or phone_number"}
	errSession         = &failure{"NotAuthorizedException", "Invalid session for the user."}
	errSessionExpired  = &failure{"NotAuthorizedException", "Invalid session for the user, session is expired."}
	errAccessToken     = &failure{"NotAuthorizedException", "Invalid Access Token"}
	errAccessExpired   = &failure{"NotAuthorizedException", "Access Token has expired"}
	errAccessRevoked   = &failure{"NotAuthorizedException", "Access Token has been revoked"}
	errRefreshToken    = &failure{"NotAuthorizedException", "Invalid Refresh Token"}
	errRefreshExpired  = &failure{"NotAuthorizedException", "Refresh Token has expired"}
	errRefreshRevoked  = &failure{"NotAuthorizedException", "Refresh Token has been revoked"}
	errCode            = &failure{"CodeMismatchException", "Invalid verification code provided, please try again."}
	errCodeExpired     = &failure{"ExpiredCodeException", "Invalid code provided, please request a code again."}
	errUserExists      = &failure{"UsernameExistsException", "User already exists"}
	errAccountExists   = &failure{"UsernameExistsException", "User account already exists"}
	errConfirmed       = &failure{"InvalidParameterException", "User is already confirmed."}
	errUnauthorizedSet = &failure{"NotAuthorizedException", "A client attempted to write unauthorized attribute"}
	errGroup           = &failure{"ResourceNotFoundException", "Group not found."}
	errGroupExists     = &failure{"GroupExistsException", "A group with the name already exists."}
	errTimestamp       = &failure{"InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."}
	errTokenType       = &failure{"UnsupportedTokenTypeException", "Unsupported token type"}
)

func invalidParameter(format string, args ...any) *failure {
	return &failure{"InvalidParameterException", fmt.Sprintf(format, args...)}
}

func notAuthorized(format string, args ...any) *failure {
	return &failure{"NotAuthorizedException", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *failure {
	return &failure{"ResourceNotFoundException", fmt.Sprintf(format, args...)}
}

// notEmulated refuses what Cognito has and the emulator has not.
func notEmulated(format string, args ...any) *failure {
	return &failure{"UnsupportedOperationException", fmt.Sprintf(format, args...)}
}

func passwordRefused(lack string) *failure {
	return &failure{"InvalidPasswordException", "Password did not conform with policy: " + lack}
}

// aliasExists is the exception about an address that another user has.
func aliasExists(kind, attribute string) *failure {
	return &failure{kind, fmt.Sprintf("An account with the given %s already exists.", attribute)}
}

// violations are what is wrong with the members of a request, all in one message.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
type violations []string

func (v *violations) add(value, member, constraint string) {
	*v = append(*v, fmt.Sprintf("Value %sat '%s' failed to satisfy constraint: %s", value, member, constraint))
}

// need reports a member that is missing.
func (v *violations) need(member, value string) {
	if value == "" {
		v.add("null ", member, "Member must not be null")
	}
}

// among reports a member that is missing or none of values.
func (v *violations) among(member, value string, values ...string) {
	v.need(member, value)
	if value == "" {
		return
	}
	for _, other := range values {
		if value == other {
			return
		}
	}
	v.add("'"+value+"' ", member, "Member must satisfy enum value set: ["+strings.Join(values, ", ")+"]")
}

// length reports a text that is too long.
func (v *violations) length(member, value string, most int) {
	if len(value) > most {
		v.add("", member, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// name reports a name that is missing, too long or has blanks.
func (v *violations) name(member, value string) {
	v.need(member, value)
	v.length(member, value, 128)
	if strings.ContainsAny(value, " \t\r\n\x00") {
		v.add("", member, `Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`)
	}
}

// password reports a text that no policy can make a password.
func (v *violations) password(member, value string) {
	v.need(member, value)
	v.length(member, value, 256)
	if value != "" && (len(value) < 2 || strings.TrimSpace(value) != value) {
		v.add("", member, `Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`)
	}
}

// failure returns them as an exception; nil when there are none.
func (v violations) failure() error {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return invalidParameter("1 validation error detected: %s", v[0])
	}
	return invalidParameter("%d validation errors detected: %s", len(v), strings.Join(v, "; "))
}
