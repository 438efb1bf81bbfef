package idp_test

import "testing"

func TestUsersChangeTheirAttributes(t *testing.T) {
	p := newPools(t)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	update := func(pairs ...string) object {
		return object{"AccessToken": access, "UserAttributes": attributes(pairs...)}
	}
	same(t, p.must("UpdateUserAttributes", update("name", "Ada")), object{"CodeDeliveryDetailsList": []any{}})
	// An address that stays the same stays verified.
	same(t, p.must("UpdateUserAttributes", update("email", "ada@example.com")), object{"CodeDeliveryDetailsList": []any{}})
	same(t, p.must("UpdateUserAttributes", update("email", "countess@example.com")), object{"CodeDeliveryDetailsList": []any{
		object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "c***@e***"}}})
	verify := object{"AccessToken": access, "AttributeName": "email", "Code": "------"}
	p.refused("VerifyUserAttribute", verify, "CodeMismatchException", mismatch)
	same(t, p.must("GetUserAttributeVerificationCode", object{"AccessToken": access, "AttributeName": "email"}), object{
		"CodeDeliveryDetails": object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "c***@e***"}})
	verify["Code"] = p.code("ada")
	same(t, p.must("VerifyUserAttribute", verify), object{})
	same(t, p.must("DeleteUserAttributes", object{"AccessToken": access, "UserAttributeNames": []any{"name", "nickname"}}), object{})
	same(t, p.must("GetUser", object{"AccessToken": access}), object{
		"Username":       "ada",
		"UserAttributes": attributes("sub", "6e3d446f-8791-464c-a28a-edc017ffc625", "email", "countess@example.com", "email_verified", "true"),
	})

	p.refused("UpdateUserAttributes", update("sub", "x"), invalidParameter, "user.sub: Attribute cannot be updated.\n")
	p.refused("UpdateUserAttributes", update("email_verified", "true"), notAuthorized, "A client attempted to write unauthorized attribute")
	p.refused("DeleteUserAttributes", object{"AccessToken": access, "UserAttributeNames": []any{"email_verified"}},
		notAuthorized, "A client attempted to write unauthorized attribute")
	p.refused("GetUserAttributeVerificationCode", object{"AccessToken": access, "AttributeName": "phone_number"},
		invalidParameter, "User does not have a value for attribute phone_number")
	p.refused("GetUserAttributeVerificationCode", object{"AccessToken": access, "AttributeName": "name"},
		invalidParameter, "Invalid attribute: name can not be verified")
	p.refused("UpdateUserAttributes", object{"AccessToken": access}, invalidParameter,
		"1 validation error detected: Value null at 'userAttributes' failed to satisfy constraint: Member must not be null")
}

func TestUsersChangeTheirPasswords(t *testing.T) {
	p := newPools(t)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	change := func(before, after string) object {
		return object{"AccessToken": access, "PreviousPassword": before, "ProposedPassword": after}
	}
	p.refused("ChangePassword", change("wrong", goodEnough), notAuthorized, wrongPassword)
	p.refused("ChangePassword", change("Lovelace-1815", "weak"), "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
	same(t, p.must("ChangePassword", change("Lovelace-1815", goodEnough)), object{})
	p.refused("InitiateAuth", passwordAuth("ada", "Lovelace-1815"), notAuthorized, wrongPassword)
	p.signIn("ada", goodEnough)
	p.must("GetUser", object{"AccessToken": access}) // tokens outlive the password
}

func TestUsersRemoveThemselves(t *testing.T) {
	p := newPools(t)
	p.must("SignUp", signUp("alan"))
	p.must("AdminConfirmSignUp", object{"UserPoolId": poolID, "Username": "alan"})
	access, _, refresh := p.signIn("alan", goodEnough)
	same(t, p.must("DeleteUser", object{"AccessToken": access}), object{})
	p.refused("InitiateAuth", passwordAuth("alan", goodEnough), "UserNotFoundException", "User does not exist.")
	p.refused("GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": refresh}, notAuthorized, "Invalid Refresh Token")
	// Who takes the name afterwards is somebody else.
	p.must("SignUp", signUp("alan"))
	p.refused("GetUser", object{"AccessToken": access}, notAuthorized, "Access Token has been revoked")
}
