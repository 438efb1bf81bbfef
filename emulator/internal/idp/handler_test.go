package idp_test

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
)

func (p *pools) do(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest(method, "http://localhost:20002"+path, strings.NewReader(body)))
	return w
}

// See: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
func TestDiscovery(t *testing.T) {
	p := newPools(t)
	base := "/_emulator/idp/" + poolID + "/.well-known/"
	got := p.get(base + "openid-configuration")
	same(t, got, object{
		"id_token_signing_alg_values_supported": []any{"RS256"}, "issuer": issuer,
		"jwks_uri":                 "http://localhost:20002" + base + "jwks.json",
		"response_types_supported": []any{"code", "token"}, "scopes_supported": []any{"openid", "email", "phone", "profile"},
		"subject_types_supported": []any{"public"},
	})
	access, id, _ := p.signIn("ada", "Lovelace-1815")
	keys := p.get(base + "jwks.json")["keys"].([]any)
	same(t, len(keys), 2)
	for i, token := range []string{id, access} { // in this order, as Cognito's
		key := keys[i].(object)
		same(t, key["kid"], header(t, token)["kid"])
		n, err := base64.RawURLEncoding.DecodeString(key["n"].(string))
		if err != nil || new(big.Int).SetBytes(n).BitLen() != 2048 {
			t.Errorf("n = %v, %v", key["n"], err)
		}
		delete(key, "kid")
		delete(key, "n")
		same(t, key, object{"alg": "RS256", "e": "AQAB", "kty": "RSA", "use": "sig"})
	}
}

// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
func TestProtocol(t *testing.T) {
	p := newPools(t)
	request := func(path, target, body string) (int, http.Header, string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		}
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, r)
		return w.Code, w.Header(), w.Body.String()
	}
	const prefix = "AWSCognitoIdentityProviderService."
	tests := []struct {
		name, path, target, body string
		status                   int
		want                     string
	}{
		{"a wrong password", "/_emulator/idp/", prefix + "InitiateAuth",
			`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"web","AuthParameters":{"USERNAME":"ada","PASSWORD":"x"}}`, 400,
			`{"__type":"NotAuthorizedException","message":"Incorrect username or password."}`},
		{"no target", "/_emulator/idp/", "", "{}", 400, `{"__type":"UnknownOperationException","message":""}`},
		{"an unknown operation", "/_emulator/idp/", prefix + "Nope", "{}", 400, `{"__type":"UnknownOperationException","message":""}`},
		{"another service", "/_emulator/idp/", "DynamoDB_20120810.GetItem", "{}", 400, `{"__type":"UnknownOperationException","message":""}`},
		{"identity pools", "/_emulator/idp/", "AWSCognitoIdentityService.GetId", "{}", 400,
			`{"__type":"UnsupportedOperationException","message":"The emulator has no identity pools: it gives no AWS credentials. Sign in to a user pool instead."}`},
		{"what there is not", "/_emulator/idp/", prefix + "AssociateSoftwareToken", "{}", 400,
			`{"__type":"UnsupportedOperationException","message":"The emulator has no multi-factor authentication: AssociateSoftwareToken is not served."}`},
		{"no JSON", "/_emulator/idp/", prefix + "GetUser", "{", 400, `{"__type":"SerializationException","message":"The body cannot be read as JSON"}`},
		{"another type", "/_emulator/idp/", prefix + "GetUser", `{"AccessToken":1}`, 400,
			`{"__type":"SerializationException","message":"AccessToken cannot be read from a JSON number"}`},
		{"no body", "/_emulator/idp/", prefix + "GetUser", "", 400,
			`{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'accessToken' failed to satisfy constraint: Member must not be null"}`},
		{"too much", "/_emulator/idp/", prefix + "GetUser", strings.Repeat(" ", 1<<20+1), 400,
			`{"__type":"SerializationException","message":"The body is longer than 1048576 bytes"}`},
		{"without the slash", "/_emulator/idp", prefix + "ListUserPools", `{"MaxResults":1}`, 200, `{"UserPools":[{"Id":"us-east-1_abcDEF123","Name":"us-east-1_abcDEF123"}]}`},
		{"at the pool", "/_emulator/idp/" + poolID, prefix + "ListUserPools", `{"MaxResults":1}`, 200, `{"UserPools":[{"Id":"us-east-1_abcDEF123","Name":"us-east-1_abcDEF123"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, h, body := request(tt.path, tt.target, tt.body)
			same(t, status, tt.status)
			same(t, body, tt.want)
			same(t, h.Get("Content-Type"), "application/x-amz-json-1.1")
			if status == 200 {
				return
			}
			var out struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(body), &out); err != nil {
				t.Fatal(err)
			}
			same(t, map[string][]string(h)["x-amzn-ErrorType"], []string{out.Type + ":"})
			same(t, map[string][]string(h)["x-amzn-ErrorMessage"], []string{out.Message})
		})
	}
}

func TestAPathMayNameThePool(t *testing.T) {
	other := newPool(func(c *project.UserPool) {
		c.ID, c.Issuer = "eu-west-1_other", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"
		c.Clients = []project.UserPoolClient{project.DefaultUserPoolClient("mobile")}
		c.Users[0].Password = "Different-1"
	})
	p := openPools(t, t.TempDir(), newPool(), other)
	in := func(clientID, password string) string {
		return `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"` + clientID + `","AuthParameters":{"USERNAME":"ada","PASSWORD":"` + password + `"}}`
	}
	for _, tt := range []struct {
		path, client, password string
		status                 int
	}{
		{"", "web", "Lovelace-1815", 200},
		{"", "mobile", "Different-1", 200}, // the pool that lists it
		{"", "mobile", "Lovelace-1815", 400},
		{poolID + "/", "mobile", "Lovelace-1815", 200},
		{"eu-west-1_other", "mobile", "Different-1", 200},
		{"eu-west-1_other", "web", "Different-1", 400}, // which it does not list
	} {
		if w := p.send("/_emulator/idp/"+tt.path, "InitiateAuth", in(tt.client, tt.password)); w.Code != tt.status {
			t.Errorf("%s %s %s answers %d: %s", tt.path, tt.client, tt.password, w.Code, w.Body)
		}
	}
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	if w := p.send("/_emulator/idp/eu-west-1_other", "GetUser", `{"AccessToken":"`+access+`"}`); w.Code != 400 {
		t.Errorf("the token of another pool is accepted: %s", w.Body)
	}
	if w := p.send("/_emulator/idp/eu-west-1_other", "DescribeUserPool", `{"UserPoolId":"`+poolID+`"}`); w.Code != 400 {
		t.Errorf("another pool is described: %s", w.Body)
	}
}

func TestDescriptions(t *testing.T) {
	c := project.DefaultUserPoolClient("web")
	c.Secret, c.HideUnknownUsers, c.AuthFlows = "s", true, []string{"ALLOW_USER_SRP_AUTH"}
	p := newPools(t, func(u *project.UserPool) { u.Clients = []project.UserPoolClient{c} })
	pool := p.must("DescribeUserPool", object{"UserPoolId": poolID})["UserPool"].(object)
	same(t, pool, object{
		"Id": poolID, "Name": poolID, "AutoVerifiedAttributes": []any{"email", "phone_number"}, "EstimatedNumberOfUsers": 1.0, "MfaConfiguration": "OFF",
		"Policies": object{"PasswordPolicy": object{
			"MinimumLength": 8.0, "RequireLowercase": true, "RequireNumbers": true, "RequireSymbols": true, "RequireUppercase": true,
			"TemporaryPasswordValidityDays": 7.0,
		}},
	})
	same(t, p.must("ListUserPoolClients", object{"UserPoolId": poolID}),
		object{"UserPoolClients": []any{object{"ClientId": "web", "ClientName": "web", "UserPoolId": poolID}}})
	same(t, p.must("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": "web"})["UserPoolClient"], any(object{
		"ClientId": "web", "ClientName": "web", "UserPoolId": poolID, "ClientSecret": "s", "ExplicitAuthFlows": []any{"ALLOW_USER_SRP_AUTH"},
		"AccessTokenValidity": 3600.0, "IdTokenValidity": 3600.0, "RefreshTokenValidity": 2592000.0,
		"TokenValidityUnits":         object{"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds"},
		"PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": true,
	}))
	p.refused("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": "x"}, "ResourceNotFoundException", "User pool client x does not exist.")
}

func TestRoutesOfTheEmulator(t *testing.T) {
	p := newPools(t)
	overview := object{
		"userPoolId": poolID, "issuer": issuer, "userPoolEndpoint": "http://localhost:20002/_emulator/idp/" + poolID + "/",
		"jwks":   "http://localhost:20002/_emulator/idp/" + poolID + "/.well-known/jwks.json",
		"groups": []any{"Admins"}, "users": []any{"ada"},
	}
	same(t, p.get("/_emulator/idp/"), object{"userPools": []any{overview}})
	same(t, p.get("/_emulator/idp/"+poolID), overview)
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/_emulator/idp/nope", "", 404, `{"error":{"message":"there is no user pool \"nope\"; GET /_emulator/idp/ lists them"}}`},
		{"GET", "/_emulator/idp/" + poolID + "/nope", "", 404, `{"error":{"message":"there is nothing at /_emulator/idp/us-east-1_abcDEF123/nope"}}`},
		{"DELETE", "/_emulator/idp/", "", 405, `{"error":{"message":"the method here is GET or POST"}}`},
		{"GET", "/_emulator/idp/token", "", 405, `{"error":{"message":"the method here is POST"}}`},
		{"POST", "/_emulator/idp/token", "{", 400, `{"error":{"message":"the body cannot be read: unexpected EOF"}}`},
		{"POST", "/_emulator/idp/token", "{}", 400, `{"error":{"message":"a token needs the name of a user"}}`},
		{"POST", "/_emulator/idp/token", `{"username":"ada","expires":"soon"}`, 400, `{"error":{"message":"expires: want a duration such as \"90s\" or \"1h30m\""}}`},
		{"POST", "/_emulator/idp/token", `{"username":"ada","use":"both"}`, 400, `{"error":{"message":"the use of a token is id or access, not \"both\""}}`},
		{"POST", "/_emulator/idp/token", `{"username":"ada","userPoolId":"x"}`, 400, `{"error":{"message":"there is no user pool \"x\"; there is us-east-1_abcDEF123"}}`},
		{"POST", "/_emulator/idp/reset", "", 200, `{}`},
		{"DELETE", "/_emulator/idp/messages", "", 200, `{}`},
	} {
		w := p.do(tt.method, tt.path, tt.body)
		if w.Code != tt.status || w.Body.String() != tt.want+"\n" {
			t.Errorf("%s %s %s answers %d: %s", tt.method, tt.path, tt.body, w.Code, w.Body)
		}
	}
	if w := p.do("HEAD", "/_emulator/idp/"+poolID+"/.well-known/jwks.json", ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
	w := p.do("POST", "/_emulator/idp/"+poolID+"/token", `{"username":"ada","use":"id","claims":{"custom:n":9007199254740993}}`)
	var out struct{ Token string }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	text, _ := base64.RawURLEncoding.DecodeString(strings.Split(out.Token, ".")[1])
	if !strings.Contains(string(text), `"custom:n":9007199254740993`) {
		t.Errorf("a number has changed: %s", text)
	}
}

// FuzzAPI has every operation read any body.
func FuzzAPI(f *testing.F) {
	for _, seed := range []struct{ target, body string }{
		{"InitiateAuth", `{"AuthFlow":"USER_SRP_AUTH","ClientId":"web","AuthParameters":{"USERNAME":"ada","SRP_A":"2"}}`},
		{"InitiateAuth", `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"web","AuthParameters":{"USERNAME":"ada","PASSWORD":null}}`},
		{"RespondToAuthChallenge", `{"ChallengeName":"NEW_PASSWORD_REQUIRED","ClientId":"web","Session":"x","ChallengeResponses":{"USERNAME":"ada","NEW_PASSWORD":"x"}}`},
		{"SignUp", `{"ClientId":"web","Username":"a","Password":"Turing-1912","UserAttributes":[{"Name":"email"}]}`},
		{"ListUsers", `{"UserPoolId":"us-east-1_abcDEF123","Filter":"email ^= \"\\\"","Limit":-1,"PaginationToken":"YQ"}`},
		{"AdminUpdateUserAttributes", `{"UserPoolId":"us-east-1_abcDEF123","Username":"ada","UserAttributes":[{"Name":"phone_number","Value":"+1"}]}`},
		{"GetTokensFromRefreshToken", `{"ClientId":"web","RefreshToken":"a.b.c.d.e"}`},
		{"GetUser", `{"AccessToken":"a.b.c"}`},
		{"UpdateGroup", `{"UserPoolId":"us-east-1_abcDEF123","GroupName":"Admins","Precedence":-1}`},
		{"token", `{"username":"ada","claims":{"sub":null}}`},
	} {
		f.Add(seed.target, seed.body)
	}
	p, err := idp.New(idp.Options{Pools: []*project.UserPool{newPool()}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		path := "/_emulator/idp/"
		if operation == "token" {
			path += operation
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
		r.Header["X-Amz-Target"] = []string{"AWSCognitoIdentityProviderService." + operation}
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("%s %q answers %d: %s", operation, body, w.Code, w.Body)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s %q answers %q", operation, body, w.Body)
		}
	})
}

// FuzzToken has tokens read that no provider has made.
func FuzzToken(f *testing.F) {
	p := newPools(f)
	access, id, refresh := p.signIn("ada", "Lovelace-1815")
	for _, token := range []string{access, id, refresh, "", "..", "....", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		body, err := json.Marshal(object{"AccessToken": token, "RefreshToken": token, "Token": token, "ClientId": client})
		if err != nil {
			t.Skip()
		}
		if w := p.send("/_emulator/idp/", "GetUser", string(body)); w.Code == 200 && strings.TrimSpace(token) != access {
			// Base64 has bits at its end that say nothing.
			if same := strings.HasPrefix(token, access[:len(access)-1]); !same {
				t.Fatalf("%q is taken for an access token", token)
			}
		}
		if w := p.send("/_emulator/idp/", "GetTokensFromRefreshToken", string(body)); w.Code == 200 &&
			!strings.HasPrefix(token, refresh[:len(refresh)-1]) {
			t.Fatalf("%q is taken for a refresh token", token)
		}
	})
}
