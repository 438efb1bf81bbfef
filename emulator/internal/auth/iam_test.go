package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/sigv4"
)

var (
	adaKey = project.Credential{AccessKeyID: "AKIDADA", Secret: "ada's secret", Username: "ada"}
	// roleKey is what Cognito gives to a user of an identity pool.
	roleKey = project.Credential{
		AccessKeyID: "ASIAROLE", Secret: "the role's secret", SessionToken: "IQoJb3JpZ2luX2VjEAwaCXVzLWVhc3Qt",
		AccountID: "111122223333", Username: "AROAEXAMPLE:CognitoIdentityCredentials",
		UserARN:               "arn:aws:sts::111122223333:assumed-role/app-authRole/CognitoIdentityCredentials",
		CognitoIdentityPoolID: "us-east-1:pool", CognitoIdentityID: "us-east-1:identity",
		CognitoIdentityAuthType: "authenticated", CognitoIdentityAuthProvider: `"cognito-idp.us-east-1.amazonaws.com/us-east-1_abc"`,
	}
)

func signerOf(c project.Credential) *sigv4.Signer {
	return &sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: c.AccessKeyID, Secret: c.Secret, SessionToken: c.SessionToken},
		Service:     "appsync", Region: "us-east-1",
	}
}

const iamBody = `{"query":"{ a }"}`

// post is a signed GraphQL request.
func post(c project.Credential, at time.Time, path string) *auth.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:20002"+path, nil)
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	signerOf(c).Sign(sigv4.RequestOf(r, []byte(iamBody)), at)
	return &auth.Request{Header: r.Header, HTTP: r, Body: iamBody, SourceIP: []string{"192.0.2.7"}}
}

// realtime is what Amplify JS signs for a connection or a start: its
// awsRealTimeIAMHeader.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
func realtime(c project.Credential, kind auth.Kind, path, body string) *auth.Request {
	h := http.Header{
		"Accept": {"application/json, text/javascript"}, "Content-Encoding": {"amz-1.0"}, "Content-Type": {"application/json; charset=UTF-8"},
	}
	signerOf(c).Sign(&sigv4.Request{Method: http.MethodPost, Path: path, Host: "localhost:20002", Header: h, ContentLength: -1, Body: []byte(body)}, now)
	h.Set("Host", "localhost:20002")
	req := &auth.Request{Kind: kind, Header: h, SourceIP: []string{"192.0.2.7"}}
	if kind == auth.Start {
		req.Body = body
	}
	return req
}

func iamAPI(credentials ...project.Credential) *project.API {
	return &project.API{ID: "abc", Auth: provider(project.AuthIAM), Credentials: credentials}
}

// The shape is that of the developer guide, page resolver-context-reference, and of
// AppSyncIdentityIAM of @types/aws-lambda.
func TestIdentityOfSignatures(t *testing.T) {
	c := newCaller(iamAPI(adaKey, roleKey), auth.Options{})
	const (
		ada  = `{"accountId":"123456789012","cognitoIdentityPoolId":null,"cognitoIdentityId":null,"sourceIp":["192.0.2.7"],"username":"ada","userArn":"arn:aws:iam::123456789012:user/ada","cognitoIdentityAuthType":null,"cognitoIdentityAuthProvider":null}`
		role = `{"accountId":"111122223333","cognitoIdentityPoolId":"us-east-1:pool","cognitoIdentityId":"us-east-1:identity","sourceIp":["192.0.2.7"],"username":"AROAEXAMPLE:CognitoIdentityCredentials","userArn":"arn:aws:sts::111122223333:assumed-role/app-authRole/CognitoIdentityCredentials","cognitoIdentityAuthType":"authenticated","cognitoIdentityAuthProvider":"\"cognito-idp.us-east-1.amazonaws.com/us-east-1_abc\""}`
		data = `{"query":"subscription { onA }","variables":{}}`
	)
	// Amplify Swift signs the host without its port.
	bareHost := realtime(adaKey, auth.Connect, "/graphql/connect", "{}")
	bareHost.Header.Del("Host")
	signerOf(adaKey).Sign(&sigv4.Request{Method: http.MethodPost, Path: "/graphql/connect", Host: "localhost", Header: bareHost.Header, ContentLength: -1, Body: []byte("{}")}, now)
	bareHost.Header.Set("Host", "localhost:20002")
	for _, tt := range []struct {
		name string
		req  *auth.Request
		want string
	}{
		{"connection to a host without its port", bareHost, ada},
		{"user", post(adaKey, now, "/graphql"), ada},
		{"at the API's other endpoint", post(adaKey, now, "/apis/abc/graphql"), ada},
		{"with a query", post(adaKey, now, "/graphql?a=b&c"), ada},
		{"role", post(roleKey, now, "/graphql"), role},
		{"14 minutes late", post(adaKey, now.Add(-14*time.Minute), "/graphql"), ada},
		{"connection", realtime(roleKey, auth.Connect, "/graphql/connect", "{}"), role},
		{"connection at the API's other endpoint", realtime(adaKey, auth.Connect, "/apis/abc/graphql/connect", "{}"), ada},
		{"start", realtime(adaKey, auth.Start, "/graphql", data), ada},
		{"start at the API's other endpoint", realtime(adaKey, auth.Start, "/apis/abc/graphql", data), ada},
	} {
		id, refusal := c.Authenticate(context.Background(), tt.req)
		if got := outcome(id, refusal); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if strings.Contains(c.log.String(), "WARN") {
		t.Errorf("warned: %s", c.log)
	}
}

// Recorded with status 403: aws-amplify/amplify-js#3447 and #2422; as bad requests
// in real time: awslabs/aws-mobile-appsync-sdk-js#561, #619 and #750.
func TestRefusedSignatures(t *testing.T) {
	const (
		mismatch   = "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'POST\n"
		inRealTime = "400 BadRequestException: The request signature we calculated does not match the signature you provided."
		noSuchKey  = "403 UnrecognizedClientException: The security token included in the request is invalid."
	)
	stranger, thief, noToken, otherToken := adaKey, adaKey, roleKey, roleKey
	stranger.AccessKeyID = "AKIDEVE"
	thief.Secret = "a guess"
	noToken.SessionToken = ""
	otherToken.SessionToken = "anotherSessionTokenOfSomebody"
	withToken := adaKey
	withToken.SessionToken = "aSessionTokenThatNobodyGaveOut"
	change := func(req *auth.Request, f func(*auth.Request)) *auth.Request {
		f(req)
		return req
	}
	for _, tt := range []struct {
		name string
		req  *auth.Request
		want string
	}{
		{"an unknown key", post(stranger, now, "/graphql"), noSuchKey},
		{"another secret", post(thief, now, "/graphql"), "403 " + mismatch},
		{"a session token left out", post(noToken, now, "/graphql"), noSuchKey},
		{"another session token", post(otherToken, now, "/graphql"), noSuchKey},
		{"a session token where there is none", post(withToken, now, "/graphql"), noSuchKey},
		{"too late", post(adaKey, now.Add(-16*time.Minute), "/graphql"), "403 InvalidSignatureException: Signature expired: 20260102T024805Z is now earlier than 20260102T024905Z (20260102T030405Z - 15 min.)"},
		{"too early", post(adaKey, now.Add(16*time.Minute), "/graphql"), "403 InvalidSignatureException: Signature not yet current: "},
		{"another body", change(post(adaKey, now, "/graphql"), func(r *auth.Request) { r.Body += " " }), "403 " + mismatch},
		{"another path", change(post(adaKey, now, "/graphql"), func(r *auth.Request) { r.HTTP.URL.Path = "/apis/abc/graphql" }), "403 " + mismatch},
		{"a query that was added", change(post(adaKey, now, "/graphql"), func(r *auth.Request) { r.HTTP.URL.RawQuery = "a" }), "403 " + mismatch},
		{"for another service", change(post(adaKey, now, "/graphql"), func(r *auth.Request) {
			s := signerOf(adaKey)
			s.Service = "dynamodb"
			s.Sign(sigv4.RequestOf(r.HTTP, []byte(iamBody)), now)
		}), "403 InvalidSignatureException: Credential should be scoped to correct service: 'appsync'."},
		{"a header taken out", change(post(adaKey, now, "/graphql"), func(r *auth.Request) { r.Header.Del("Content-Type") }),
			"403 IncompleteSignatureException: 'content-type' is named as a SignedHeader, but it does not exist in the HTTP request."},
		{"a start as a connection", realtime(adaKey, auth.Connect, "/graphql", "{}"), inRealTime},
		{"a connection as a start", realtime(adaKey, auth.Start, "/graphql/connect", "{}"), inRealTime},
		{"another start", change(realtime(adaKey, auth.Start, "/graphql", "{}"), func(r *auth.Request) { r.Body = "{ }" }), inRealTime},
		{"another host", change(realtime(adaKey, auth.Connect, "/graphql/connect", "{}"), func(r *auth.Request) { r.Header.Set("Host", "otherhost:20002") }), inRealTime},
		{"an unknown key in real time", realtime(stranger, auth.Connect, "/graphql/connect", "{}"), "400 BadRequestException: The security token included in the request is invalid."},
		{"nothing in real time", &auth.Request{Kind: auth.Connect, Header: http.Header{}}, "400 BadRequestException: Missing Authentication Token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(iamAPI(adaKey, roleKey), auth.Options{})
			id, refusal := c.Authenticate(context.Background(), tt.req)
			got := outcome(id, refusal)
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf(" got %s\nwant %s", got, tt.want)
			}
			for _, secret := range []string{roleKey.SessionToken, otherToken.SessionToken, withToken.SessionToken, adaKey.Secret, "Signature=" + afterSignature(tt.req)} {
				if strings.Contains(got, secret) || strings.Contains(c.log.String(), secret) {
					t.Errorf("%s is told: %s\n%s", secret, got, c.log)
				}
			}
		})
	}
}

func afterSignature(req *auth.Request) string {
	_, signature, ok := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	if !ok {
		return "none"
	}
	return signature
}

// Without secrets nobody can be refused, and the log says so once.
func TestSignaturesAreBelievedWithoutSecrets(t *testing.T) {
	eve := project.Credential{AccessKeyID: "AKIDEVE", Secret: "whatever", SessionToken: "aSessionTokenOfSomebody"}
	known := adaKey
	known.Secret = ""
	c := newCaller(iamAPI(known), auth.Options{})
	for _, tt := range []struct {
		name string
		req  *auth.Request
		want string
	}{
		{"anybody", post(eve, now.Add(-time.Hour), "/graphql"), `{"accountId":"123456789012","cognitoIdentityPoolId":null,"cognitoIdentityId":null,"sourceIp":["192.0.2.7"],"username":"AKIDEVE","userArn":"arn:aws:iam::123456789012:user/AKIDEVE","cognitoIdentityAuthType":null,"cognitoIdentityAuthProvider":null}`},
		{"somebody known", post(adaKey, now, "/graphql"), `{"accountId":"123456789012","cognitoIdentityPoolId":null,"cognitoIdentityId":null,"sourceIp":["192.0.2.7"],"username":"ada","userArn":"arn:aws:iam::123456789012:user/ada","cognitoIdentityAuthType":null,"cognitoIdentityAuthProvider":null}`},
	} {
		id, refusal := c.Authenticate(context.Background(), tt.req)
		if got := outcome(id, refusal); got != tt.want {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if n := strings.Count(c.log.String(), "signatures are not checked"); n != 1 {
		t.Errorf("warned %d times: %s", n, c.log)
	}
	if strings.Contains(c.log.String(), eve.SessionToken) {
		t.Errorf("the log has the token: %s", c.log)
	}
	// What is no signature is none here, too.
	got := outcome(c.ask("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=abc", "X-Amz-Date", "20260102T030405Z"))
	if want := "403 IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
