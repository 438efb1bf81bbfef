package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCredentials(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: AWS_IAM}
credentials:
  - accessKeyId: AKIAUSER
    secretAccessKey: a secret/with+anything
  - accessKeyId: ASIAROLE
    secretAccessKey: other
    sessionToken: IQoJ+/=
    accountId: "111122223333"
    username: AROA:CognitoIdentityCredentials
    userArn: arn:aws:sts::111122223333:assumed-role/a/CognitoIdentityCredentials
    cognitoIdentityPoolId: us-east-1:pool
    cognitoIdentityId: us-east-1:identity
    cognitoIdentityAuthType: unauthenticated
    cognitoIdentityAuthProvider: provider
`, nil)
	want := []Credential{
		{AccessKeyID: "AKIAUSER", Secret: "a secret/with+anything", Pos: Position{File: "appsync.yml", Line: 4, Column: 5}},
		{AccessKeyID: "ASIAROLE", Secret: "other", SessionToken: "IQoJ+/=", AccountID: "111122223333",
			Username: "AROA:CognitoIdentityCredentials", UserARN: "arn:aws:sts::111122223333:assumed-role/a/CognitoIdentityCredentials",
			CognitoIdentityPoolID: "us-east-1:pool", CognitoIdentityID: "us-east-1:identity",
			CognitoIdentityAuthType: "unauthenticated", CognitoIdentityAuthProvider: "provider",
			Pos: Position{File: "appsync.yml", Line: 6, Column: 5}},
	}
	if diff := cmp.Diff(want, api.Credentials); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	if len(api.Warnings) > 0 {
		t.Errorf("warned of %v", api.Warnings)
	}
}

func TestCredentialsWithoutSecrets(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: API_KEY}
additionalAuthentications: [{type: AWS_IAM}]
credentials: [{accessKeyId: A, username: ada}, {accessKeyId: B}]
`, nil)
	if len(api.Credentials) != 2 || api.Credentials[0].Username != "ada" || len(api.Warnings) > 0 {
		t.Errorf("got %+v, warned of %v", api.Credentials, api.Warnings)
	}
	unused := mustLoad(t, `name: notes
authentication: {type: API_KEY}
credentials: [{accessKeyId: A}]
`, nil)
	if len(unused.Warnings) != 1 || unused.Warnings[0].Message != "`credentials` of the project has no effect: no authentication is AWS_IAM" {
		t.Errorf("warned of %v", unused.Warnings)
	}
}

// expectProblems compares mistakes with what is wanted of them.
func expectProblems(t *testing.T, problems Problems, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, messages(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestMistakesInCredentials(t *testing.T) {
	_, problems := loadText(`name: notes
authentication: {type: AWS_IAM}
credentials:
  - AKIA
  - {secretAccessKey: x}
  - {accessKeyId: "AK IA"}
  - {accessKeyId: A/B}
  - {accessKeyId: C, accountId: 123456789012}
  - {accessKeyId: D, accountId: "12345"}
  - {accessKeyId: E, cognitoIdentityAuthType: guest}
  - {accessKeyId: F, secret: x}
  - {accessKeyId: C}
  - {accessKeyId: G, secretAccessKey: x, sessionToken: "a b"}
  - {accessKeyId: H}
`, nil)
	expectProblems(t, problems,
		"appsync.yml:4:5: an access key must be a map, not a string",
		"appsync.yml:5:5: an access key needs `accessKeyId`",
		"appsync.yml:6:19: `accessKeyId` must consist of printable ASCII characters without spaces, `/`, `,` and `=`",
		"appsync.yml:7:19: `accessKeyId` must consist of printable ASCII characters without spaces, `/`, `,` and `=`",
		"appsync.yml:8:33: `accountId` must be a string, not a number (write it in quotes)",
		"appsync.yml:9:33: `accountId` must be 12 digits in quotes, not `12345`",
		"appsync.yml:10:47: `cognitoIdentityAuthType` must be authenticated or unauthenticated, not `guest`",
		"appsync.yml:11:22: unknown key `secret` in an access key",
		"appsync.yml:12:5: access key C is already defined at appsync.yml:8:5",
		"appsync.yml:13:56: `sessionToken` must consist of printable ASCII characters without spaces",
		"appsync.yml:14:5: this access key needs a `secretAccessKey`, as others have one (signatures are checked with all or with none)",
	)
}

func TestIssuers(t *testing.T) {
	for _, issuer := range []string{"https://auth.example.com", "https://x.auth0.com/", "http://localhost:8080/realms/a", "https://login.microsoftonline.com/t/v2.0"} {
		api := mustLoad(t, "name: notes\nauthentication: {type: OPENID_CONNECT, config: {issuer: \""+issuer+"\", clientId: \"a|b\"}}\n", nil)
		if api.Auth.Issuer != issuer || api.Auth.PatternPos.Line != 2 {
			t.Errorf("%s: %+v", issuer, api.Auth)
		}
	}
	mistake := func(issuer, want string) {
		t.Helper()
		_, problems := loadText("name: notes\nauthentication: {type: OPENID_CONNECT, config: {issuer: \""+issuer+"\"}}\n", nil)
		expectProblems(t, problems, "appsync.yml:2:57: "+want)
	}
	for _, issuer := range []string{"", "auth.example.com", "ftp://auth.example.com", "https://"} {
		mistake(issuer, "`issuer` must be a URL such as https://auth.example.com, not `"+issuer+"`")
	}
	for _, issuer := range []string{"https://me:secret@auth.example.com", "https://auth.example.com?a=b", "https://auth.example.com/#a"} {
		mistake(issuer, "the URL of `issuer` must not hold a user, a password, a query or a fragment")
	}
}
