package idp_test

import (
	"testing"
	"time"

	"appsync-emulator/emulator/internal/project"
)

const (
	mismatch    = "Invalid verification code provided, please try again."
	stale       = "Invalid code provided, please request a code again."
	noSuchUser  = "Username/client id combination not found."
	goodEnough  = "Turing-1912"
	emailMasked = "a***@e***"
)

func signUp(username string, pairs ...string) object {
	return object{"ClientId": client, "Username": username, "Password": goodEnough, "UserAttributes": attributes(pairs...)}
}

// The shapes are those of the examples of SignUp, ConfirmSignUp and
// ResendConfirmationCode in Cognito's API reference.
func TestSignUpWithACode(t *testing.T) {
	p := newPools(t)
	out := p.must("SignUp", signUp("alan", "email", "alan@example.com", "custom:team", "Hut 8"))
	sub, _ := out["UserSub"].(string)
	delete(out, "UserSub")
	same(t, out, object{
		"UserConfirmed":       false,
		"CodeDeliveryDetails": object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": emailMasked},
	})
	if len(sub) != 36 {
		t.Errorf("sub = %q", sub)
	}
	confirm := func(code string) object {
		return object{"ClientId": client, "Username": "alan", "ConfirmationCode": code}
	}
	p.refused("ConfirmSignUp", confirm("------"), "CodeMismatchException", mismatch)
	same(t, p.must("ResendConfirmationCode", object{"ClientId": client, "Username": "alan"}),
		object{"CodeDeliveryDetails": object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": emailMasked}})
	p.clock.advance(24 * time.Hour)
	p.refused("ConfirmSignUp", confirm(p.code("alan")), "ExpiredCodeException", stale)
	p.must("ResendConfirmationCode", object{"ClientId": client, "Username": "alan"})
	same(t, p.must("ConfirmSignUp", confirm(p.code("alan"))), object{})
	p.refused("ConfirmSignUp", confirm(p.code("alan")), notAuthorized, "User cannot be confirmed. Current status is CONFIRMED")
	p.refused("ResendConfirmationCode", object{"ClientId": client, "Username": "alan"}, invalidParameter, "User is already confirmed.")

	p = p.reopen()
	access, _, _ := p.signIn("alan", goodEnough)
	same(t, p.must("GetUser", object{"AccessToken": access}), object{
		"Username":       "alan",
		"UserAttributes": attributes("sub", sub, "email", "alan@example.com", "custom:team", "Hut 8", "email_verified", "true"),
	})
}

func TestSignUpIsRefused(t *testing.T) {
	p := newPools(t)
	with := func(name string, value any) object {
		in := signUp("alan")
		in[name] = value
		return in
	}
	const policy = "Password did not conform with policy: "
	tests := []struct {
		name          string
		in            object
		kind, message string
	}{
		{"a name that is taken", signUp("ada"), "UsernameExistsException", "User already exists"},
		{"a name that differs by case alone", signUp("ADA"), "UsernameExistsException", "User already exists"},
		{"a short password", with("Password", "Short-1"), "InvalidPasswordException", policy + "Password not long enough"},
		{"no lower case", with("Password", "TURING-1912"), "InvalidPasswordException", policy + "Password must have lowercase characters"},
		{"no upper case", with("Password", "turing-1912"), "InvalidPasswordException", policy + "Password must have uppercase characters"},
		{"no digit", with("Password", "Turing-Turing"), "InvalidPasswordException", policy + "Password must have numeric characters"},
		{"no symbol", with("Password", "Turing1912"), "InvalidPasswordException", policy + "Password must have symbol characters"},
		{"no password", with("Password", nil), invalidParameter,
			"1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be null"},
		{"blanks around the password", with("Password", " Turing-1912"), invalidParameter,
			`1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`},
		{"an attribute that there is not", signUp("alan", "shoe", "44"), invalidParameter,
			"Attributes did not conform to the schema: Type for attribute {shoe} could not be determined"},
		{"an address that is none", signUp("alan", "email", "alan"), invalidParameter, "Invalid email address format."},
		{"a number that is none", signUp("alan", "phone_number", "0123"), invalidParameter, "Invalid phone number format."},
		{"an address that is said to be verified", signUp("alan", "email", "a@b.c", "email_verified", "true"), notAuthorized,
			"A client attempted to write unauthorized attribute"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { p.refused("SignUp", tt.in, tt.kind, tt.message) })
	}
	p.refused("ConfirmSignUp", object{"ClientId": client, "Username": "nobody", "ConfirmationCode": "1"}, "UserNotFoundException", noSuchUser)
	p.refused("ResendConfirmationCode", object{"ClientId": client, "Username": "nobody"}, "UserNotFoundException", noSuchUser)
	p.refused("ForgotPassword", object{"ClientId": client, "Username": "nobody"}, "UserNotFoundException", noSuchUser)
}

func TestCodesGoToTelephonesFirst(t *testing.T) {
	p := newPools(t)
	out := p.must("SignUp", signUp("alan", "email", "alan@example.com", "phone_number", "+441234567890"))
	same(t, out["CodeDeliveryDetails"], any(object{"AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+********7890"}))
	out = p.must("SignUp", signUp("nobody"))
	if _, has := out["CodeDeliveryDetails"]; has {
		t.Errorf("there is a delivery to nowhere: %v", out)
	}
	p.must("ConfirmSignUp", object{"ClientId": client, "Username": "nobody", "ConfirmationCode": p.code("nobody")})
}

func TestUsersAreConfirmedAtOnceWhereTheProjectSaysSo(t *testing.T) {
	p := newPools(t, func(c *project.UserPool) { c.AutoConfirm = true })
	out := p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	delete(out, "UserSub")
	same(t, out, object{"UserConfirmed": true})
	_, id, _ := p.signIn("alan", goodEnough)
	same(t, payload(t, id)["email_verified"], any(true))
}

func TestTheProjectMayFixTheCode(t *testing.T) {
	p := newPools(t, func(c *project.UserPool) { c.ConfirmationCode = "123456" })
	p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	p.must("ConfirmSignUp", object{"ClientId": client, "Username": "alan", "ConfirmationCode": "123456"})
}

// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html
func TestAPoolMayVerifyNothing(t *testing.T) {
	p := newPools(t, func(c *project.UserPool) { c.AutoVerifiedAttributes = nil })
	out := p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	if _, has := out["CodeDeliveryDetails"]; has {
		t.Errorf("SignUp answers %v", out)
	}
	p.must("AdminConfirmSignUp", named("alan"))
	access, _, _ := p.signIn("alan", goodEnough)
	same(t, p.must("GetUser", object{"AccessToken": access})["UserAttributes"].([]any)[1:], attributes("email", "alan@example.com"))
	same(t, p.must("UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("email", "a@example.com")}),
		object{"CodeDeliveryDetailsList": []any{}})
	p.must("ForgotPassword", object{"ClientId": client, "Username": "ada"}) // whose address is verified
}

// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
func TestAddressesAsNames(t *testing.T) {
	p := newPools(t, func(c *project.UserPool) {
		c.UsernameAttributes = []string{"email"}
		c.Users[0].Username = "ada@example.com"
	})
	out := p.must("SignUp", signUp("alan@example.com"))
	sub := out["UserSub"]
	p.must("ConfirmSignUp", object{"ClientId": client, "Username": "alan@example.com", "ConfirmationCode": p.code("alan@example.com")})
	_, id, _ := p.signIn("Alan@example.com", goodEnough)
	same(t, payload(t, id)["cognito:username"], sub)
	same(t, payload(t, id)["email"], any("alan@example.com"))
	p.refused("SignUp", signUp("alan"), invalidParameter, "Username should be an email.")
	p.refused("SignUp", signUp("alan@example.com"), "UsernameExistsException", "An account with the given email already exists.")
	access, id, _ := p.signIn("ada@example.com", "Lovelace-1815")
	same(t, payload(t, id)["cognito:username"], any("6e3d446f-8791-464c-a28a-edc017ffc625"))
	p.refused("UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("email", "alan@example.com")},
		"AliasExistsException", "An account with the given email already exists.")
	c := newSRPClient()
	challenge := p.must("InitiateAuth", c.auth("ada@example.com"))
	tokensOf(t, p.must("RespondToAuthChallenge", answer("PASSWORD_VERIFIER", c.respond(t, challenge, "Lovelace-1815"), nil)))
}

func TestAliasesAreForVerifiedAddresses(t *testing.T) {
	p := newPools(t, func(c *project.UserPool) { c.AliasAttributes = []string{"email", "preferred_username"} })
	p.signIn("ada@example.com", "Lovelace-1815")
	p.must("SignUp", signUp("alan", "email", "ada@example.com"))
	confirm := object{"ClientId": client, "Username": "alan", "ConfirmationCode": p.code("alan")}
	p.refused("ConfirmSignUp", confirm, "AliasExistsException", "An account with the given email already exists.")
	confirm["ForceAliasCreation"] = true
	p.must("ConfirmSignUp", confirm)
	p.signIn("ada@example.com", goodEnough)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	p.must("UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("preferred_username", "countess")})
	p.signIn("countess", "Lovelace-1815")
}

// The shapes are those of the examples of ForgotPassword and ConfirmForgotPassword.
func TestForgottenPasswords(t *testing.T) {
	p := newPools(t)
	same(t, p.must("ForgotPassword", object{"ClientId": client, "Username": "ada"}),
		object{"CodeDeliveryDetails": object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": emailMasked}})
	confirm := func(code, password string) object {
		return object{"ClientId": client, "Username": "ada", "ConfirmationCode": code, "Password": password}
	}
	p.refused("ConfirmForgotPassword", confirm("------", goodEnough), "CodeMismatchException", mismatch)
	p.refused("ConfirmForgotPassword", confirm(p.code("ada"), "weak"), "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
	p.must("ConfirmForgotPassword", confirm(p.code("ada"), goodEnough))
	p.refused("ConfirmForgotPassword", confirm(p.code("ada"), goodEnough), "ExpiredCodeException", stale)
	p.signIn("ada", goodEnough)

	p.must("ForgotPassword", object{"ClientId": client, "Username": "ada"})
	p.clock.advance(time.Hour)
	p.refused("ConfirmForgotPassword", confirm(p.code("ada"), goodEnough), "ExpiredCodeException", stale)

	p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	p.refused("ForgotPassword", object{"ClientId": client, "Username": "alan"}, invalidParameter,
		"Cannot reset password for the user as there is no registered/verified email or phone_number")
	p.must("AdminCreateUser", object{"UserPoolId": poolID, "Username": "new", "UserAttributes": attributes("email", "n@example.com", "email_verified", "true")})
	p.refused("ForgotPassword", object{"ClientId": client, "Username": "new"}, notAuthorized, "User password cannot be reset in the current state.")
}
