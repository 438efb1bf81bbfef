package idp_test

import (
	"fmt"
	"testing"
	"time"
)

func named(username string) object { return object{"UserPoolId": poolID, "Username": username} }

// The shapes are those of the examples of AdminCreateUser and AdminGetUser in
// Cognito's API reference.
func TestAdministratorsMakeUsers(t *testing.T) {
	p := newPools(t)
	in := named("new")
	in["UserAttributes"] = attributes("email", "new@example.com", "email_verified", "true")
	user := p.must("AdminCreateUser", in)["User"].(object)
	seconds := float64(start.Unix())
	members := user["Attributes"].([]any)
	same(t, members[0].(object)["Name"], any("sub"))
	same(t, members[1:], attributes("email", "new@example.com", "email_verified", "true"))
	delete(user, "Attributes")
	same(t, user, object{
		"Username": "new", "UserCreateDate": seconds, "UserLastModifiedDate": seconds, "Enabled": true, "UserStatus": "FORCE_CHANGE_PASSWORD",
	})
	p.refused("AdminCreateUser", in, "UsernameExistsException", "User account already exists")

	invitation := p.message("new")
	same(t, invitation["to"], any("new@example.com"))
	password, _ := invitation["temporaryPassword"].(string)
	if out := p.must("InitiateAuth", passwordAuth("new", password)); out["ChallengeName"] != "NEW_PASSWORD_REQUIRED" {
		t.Errorf("signing in answers %v", out)
	}
	in["MessageAction"] = "RESEND"
	p.clock.advance(1500 * time.Millisecond)
	user = p.must("AdminCreateUser", in)["User"].(object)
	same(t, user["UserLastModifiedDate"], any(seconds+1.5))
	if again, _ := p.message("new")["temporaryPassword"].(string); again == password {
		t.Error("the second invitation has the same password")
	}
	again := named("ada")
	again["MessageAction"] = "RESEND"
	p.refused("AdminCreateUser", again, "UnsupportedUserStateException", "Resend not possible. ada status is not FORCE_CHANGE_PASSWORD")

	got := p.must("AdminGetUser", named("new"))
	same(t, got["UserStatus"], any("FORCE_CHANGE_PASSWORD"))
	if _, other := got["Attributes"]; other || len(got["UserAttributes"].([]any)) != 3 {
		t.Errorf("AdminGetUser answers %v", got)
	}
	silent := named("silent")
	silent["MessageAction"] = "SUPPRESS"
	p.must("AdminCreateUser", silent)
	if n := len(p.get("/_emulator/idp/messages?username=silent")["messages"].([]any)); n != 0 {
		t.Errorf("there are %d messages for a user who was to have none", n)
	}
}

func TestAdministratorsChangeUsers(t *testing.T) {
	p := newPools(t)
	p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	same(t, p.must("AdminConfirmSignUp", named("alan")), object{})
	p.refused("AdminConfirmSignUp", named("alan"), notAuthorized, "User cannot be confirmed. Current status is CONFIRMED")
	access, _, _ := p.signIn("alan", goodEnough)

	in := named("alan")
	in["UserAttributes"] = attributes("email_verified", "true", "email", "turing@example.com", "name", "Alan")
	same(t, p.must("AdminUpdateUserAttributes", in), object{})
	drop := named("alan")
	drop["UserAttributeNames"] = []any{"name"}
	same(t, p.must("AdminDeleteUserAttributes", drop), object{})
	same(t, p.must("AdminGetUser", named("alan"))["UserAttributes"].([]any)[1:], attributes("email", "turing@example.com", "email_verified", "true"))

	same(t, p.must("AdminDisableUser", named("alan")), object{})
	p.refused("InitiateAuth", passwordAuth("alan", goodEnough), notAuthorized, "User is disabled.")
	p.refused("GetUser", object{"AccessToken": access}, notAuthorized, "Access Token has been revoked")
	same(t, p.must("AdminGetUser", named("alan"))["Enabled"], any(false))
	same(t, p.must("AdminEnableUser", named("alan")), object{})
	p.signIn("alan", goodEnough)

	in = named("alan")
	in["Password"], in["Permanent"] = "Bletchley-1", true
	same(t, p.must("AdminSetUserPassword", in), object{})
	p.signIn("alan", "Bletchley-1")
	in["Password"] = "weak"
	p.refused("AdminSetUserPassword", in, "InvalidPasswordException", "Password did not conform with policy: Password not long enough")

	same(t, p.must("AdminResetUserPassword", named("alan")), object{})
	same(t, p.must("AdminGetUser", named("alan"))["UserStatus"], any("RESET_REQUIRED"))
	p.must("ConfirmForgotPassword", object{"ClientId": client, "Username": "alan", "ConfirmationCode": p.code("alan"), "Password": goodEnough})
	p.signIn("alan", goodEnough)

	same(t, p.must("AdminDeleteUser", named("alan")), object{})
	for _, operation := range []string{"AdminGetUser", "AdminDeleteUser", "AdminEnableUser", "AdminListGroupsForUser"} {
		p.refused(operation, named("alan"), "UserNotFoundException", "User does not exist.")
	}
	p.refused("AdminGetUser", object{"UserPoolId": "us-east-1_other", "Username": "ada"}, "ResourceNotFoundException", "User pool us-east-1_other does not exist.")
}

func TestAdministratorsSignIn(t *testing.T) {
	p := newPools(t)
	in := object{
		"UserPoolId": poolID, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": object{"USERNAME": "ada", "PASSWORD": "Lovelace-1815"},
	}
	tokensOf(t, p.must("AdminInitiateAuth", in))
	in["AuthFlow"] = "ADMIN_NO_SRP_AUTH"
	tokensOf(t, p.must("AdminInitiateAuth", in))
	p.must("AdminSetUserPassword", object{"UserPoolId": poolID, "Username": "ada", "Password": "Temporary-1"})
	in["AuthParameters"].(object)["PASSWORD"] = "Temporary-1"
	challenge := p.must("AdminInitiateAuth", in)
	respond := answer("NEW_PASSWORD_REQUIRED", object{
		"USERNAME": "ada", "NEW_PASSWORD": "Permanent-1", "userAttributes.email_verified": "true"}, challenge["Session"])
	respond["UserPoolId"] = poolID
	tokensOf(t, p.must("AdminRespondToAuthChallenge", respond))
}

// See: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
func TestListingUsers(t *testing.T) {
	p := newPools(t)
	p.must("SignUp", signUp("alan", "email", "alan@example.com", "given_name", "Alan"))
	p.must("SignUp", signUp("grace", "email", "grace@example.org"))
	names := func(in object) (out []string) {
		t.Helper()
		in["UserPoolId"] = poolID
		for _, u := range p.must("ListUsers", in)["Users"].([]any) {
			out = append(out, u.(object)["Username"].(string))
		}
		return out
	}
	for filter, want := range map[string][]string{
		"":                                    {"ada", "alan", "grace"},
		`username = "alan"`:                   {"alan"},
		`username ^= "a"`:                     {"ada", "alan"},
		`email ^= "GRACE"`:                    {"grace"},
		`email = "x"`:                         nil,
		`cognito:user_status = "UNCONFIRMED"`: {"alan", "grace"},
		`status = "Enabled"`:                  {"ada", "alan", "grace"},
		`given_name="Al\an"`:                  {"alan"},
		`sub = "6e3d446f-8791-464c-a28a-edc017ffc625"`: {"ada"},
	} {
		same(t, names(object{"Filter": filter}), want)
	}
	p.refused("ListUsers", object{"UserPoolId": poolID, "Filter": `shoe = "44"`}, invalidParameter, "Error while parsing filter.")
	p.refused("ListUsers", object{"UserPoolId": poolID, "Filter": `email`}, invalidParameter, "Error while parsing filter.")
	p.refused("ListUsers", object{"UserPoolId": poolID, "Limit": 61}, invalidParameter,
		"1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value between 0 and 60")

	page := p.must("ListUsers", object{"UserPoolId": poolID, "Limit": 2, "AttributesToGet": []any{"email"}})
	same(t, len(page["Users"].([]any)), 2)
	same(t, page["Users"].([]any)[0].(object)["Attributes"], any(attributes("email", "ada@example.com")))
	same(t, names(object{"Limit": 2, "PaginationToken": page["PaginationToken"]}), []string{"grace"})
	p.refused("ListUsers", object{"UserPoolId": poolID, "PaginationToken": "#"}, invalidParameter, "Invalid pagination token.")
	for i := range 60 {
		p.must("AdminCreateUser", named(fmt.Sprintf("user%02d", i)))
	}
	page = p.must("ListUsers", object{"UserPoolId": poolID})
	same(t, len(page["Users"].([]any)), 60)
	same(t, len(names(object{"PaginationToken": page["PaginationToken"]})), 3)
}

// The shapes are those of the examples of CreateGroup and ListGroups in Cognito's
// API reference.
func TestGroups(t *testing.T) {
	p := newPools(t)
	in := object{"UserPoolId": poolID, "GroupName": "Editors", "Description": "They write.", "Precedence": 5, "RoleArn": "arn:aws:iam::1:role/e"}
	seconds := float64(start.Unix())
	editors := object{
		"GroupName": "Editors", "UserPoolId": poolID, "Description": "They write.", "Precedence": 5.0, "RoleArn": "arn:aws:iam::1:role/e",
		"CreationDate": seconds, "LastModifiedDate": seconds,
	}
	same(t, p.must("CreateGroup", in), object{"Group": editors})
	p.refused("CreateGroup", in, "GroupExistsException", "A group with the name already exists.")
	of := func(name string) object { return object{"UserPoolId": poolID, "GroupName": name} }
	same(t, p.must("GetGroup", of("Editors")), object{"Group": editors})
	p.clock.advance(time.Second)
	change := of("Editors")
	change["Precedence"] = 0
	editors["Precedence"], editors["LastModifiedDate"] = 0.0, seconds+1
	same(t, p.must("UpdateGroup", change), object{"Group": editors})

	admins := object{"GroupName": "Admins", "UserPoolId": poolID, "CreationDate": seconds, "LastModifiedDate": seconds}
	same(t, p.must("ListGroups", object{"UserPoolId": poolID}), object{"Groups": []any{admins, editors}})
	page := p.must("ListGroups", object{"UserPoolId": poolID, "Limit": 1})
	same(t, p.must("ListGroups", object{"UserPoolId": poolID, "Limit": 1, "NextToken": page["NextToken"]}), object{"Groups": []any{editors}})

	join := named("ada")
	join["GroupName"] = "Editors"
	same(t, p.must("AdminAddUserToGroup", join), object{})
	p.must("AdminAddUserToGroup", join)
	same(t, p.must("AdminListGroupsForUser", named("ada")), object{"Groups": []any{admins, editors}})
	members := p.must("ListUsersInGroup", of("Editors"))["Users"].([]any)
	same(t, members[0].(object)["Username"], any("ada"))
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	same(t, payload(t, access)["cognito:groups"], any([]any{"Editors", "Admins"}))
	same(t, p.must("AdminRemoveUserFromGroup", join), object{})
	same(t, p.must("AdminListGroupsForUser", named("ada")), object{"Groups": []any{admins}})

	p.must("AdminAddUserToGroup", join)
	same(t, p.must("DeleteGroup", of("Editors")), object{})
	same(t, p.must("AdminListGroupsForUser", named("ada")), object{"Groups": []any{admins}})
	for _, operation := range []string{"GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"} {
		p.refused(operation, of("Editors"), "ResourceNotFoundException", "Group not found.")
	}
	p.refused("AdminAddUserToGroup", join, "ResourceNotFoundException", "Group not found.")
	p.refused("AdminRemoveUserFromGroup", join, "ResourceNotFoundException", "Group not found.")
}
