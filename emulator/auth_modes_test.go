package emulator_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
	"appsync-emulator/emulator/internal/sigv4"
)

const (
	modesKey     = "da2-keyofthetestofmodes000000"
	modesSecret  = "secretAccessKeyOfTheTestOfModes"
	modesSession = "sessionTokenOfTheTestOfModes"
	modesPool    = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_modes"
)

const modesSchema = `
type Query {
  whoami: AWSJSON @aws_api_key @aws_cognito_user_pools @aws_oidc @aws_iam @aws_lambda
  secret: String @aws_api_key @aws_cognito_user_pools @aws_oidc @aws_iam @aws_lambda
  forTheDefault: String
}
type Mutation @aws_api_key @aws_cognito_user_pools @aws_oidc @aws_iam @aws_lambda {
  touch(id: ID): Touched
}
type Touched @aws_api_key @aws_cognito_user_pools @aws_oidc @aws_iam @aws_lambda {
  id: ID
}
type Subscription @aws_api_key @aws_cognito_user_pools @aws_oidc @aws_iam @aws_lambda {
  onTouch: Touched @aws_subscribe(mutations: ["touch"])
  onTouchOfAdmins: Touched @aws_subscribe(mutations: ["touch"]) @aws_cognito_user_pools(cognito_groups: ["Admins"])
  onTouchWho: Touched @aws_subscribe(mutations: ["touch"])
}
schema { query: Query mutation: Mutation subscription: Subscription }
`

// modeConfigs are the configurations of all modes; ISSUER stands for the OpenID
// Connect provider.
var modeConfigs = map[string]string{
	"API_KEY":                   `{ type: API_KEY }`,
	"AMAZON_COGNITO_USER_POOLS": `{ type: AMAZON_COGNITO_USER_POOLS, config: { userPoolId: eu-west-1_modes, appIdClientRegex: "web|ios" } }`,
	"OPENID_CONNECT":            `{ type: OPENID_CONNECT, config: { issuer: "ISSUER", clientId: "client-[0-9]+", iatTTL: 3600000 } }`,
	"AWS_IAM":                   `{ type: AWS_IAM }`,
	"AWS_LAMBDA":                `{ type: AWS_LAMBDA, config: { functionName: authorize, authorizerResultTtlInSeconds: 60, identityValidationExpression: "custom-.*" } }`,
}

var allModes = []string{"API_KEY", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT", "AWS_IAM", "AWS_LAMBDA"}

const modesProject = `
name: modes
apiKeys:
  - { name: Test, key: ` + modesKey + ` }
credentials:
  - accessKeyId: ASIAMODES
    secretAccessKey: ` + modesSecret + `
    sessionToken: ` + modesSession + `
    accountId: "111122223333"
    username: AROAEXAMPLE:CognitoIdentityCredentials
    userArn: arn:aws:sts::111122223333:assumed-role/authRole/CognitoIdentityCredentials
    cognitoIdentityPoolId: eu-west-1:pool
    cognitoIdentityId: eu-west-1:identity
    cognitoIdentityAuthType: authenticated
    cognitoIdentityAuthProvider: provider
schema: schema.graphql
dataSources:
  Local: { type: NONE }
resolvers:
  Query.whoami: &whoami
    kind: UNIT
    dataSource: Local
    request: { inline: '$util.log.info("a resolver runs"){"version": "2018-05-29", "payload": null}' }
    response: { inline: '$util.toJson({"type": $util.authType(), "identity": $ctx.identity})' }
  Query.secret: &told
    kind: UNIT
    dataSource: Local
    request: { inline: '{"version": "2018-05-29", "payload": "told"}' }
    response: { inline: '$util.toJson($ctx.result)' }
  Query.forTheDefault: *told
  Mutation.touch:
    kind: UNIT
    dataSource: Local
    request: { inline: '$util.log.info("a resolver runs"){"version": "2018-05-29", "payload": $util.toJson($ctx.args)}' }
    response: { inline: '$util.toJson($ctx.result)' }
  Subscription.onTouchWho:
    kind: UNIT
    dataSource: Local
    request: { inline: '{"version": "2018-05-29", "payload": null}' }
    response: { inline: '#if($util.isNull($ctx.identity))$util.error("nobody", "Who")#else$util.error("$util.authType() $util.defaultIfNull($ctx.identity.username, $util.defaultIfNull($ctx.identity.sub, $ctx.identity.resolverContext.who))", "Who")#end' }
`

// modes is a running API with all modes, and who issues its credentials.
type modes struct {
	*emulatortest.Server
	t      *testing.T
	issuer string
	key    *rsa.PrivateKey
	log    *lockedBuffer
	// events are those of the Lambda authorizer.
	mu     sync.Mutex
	events []string
	tokens []string // what must not be logged
}

// startModes serves an API with all modes, of which the given one is the default.
func startModes(t *testing.T, byDefault string) *modes {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	m := &modes{t: t, key: key, log: &lockedBuffer{}}
	issuer := httptest.NewServer(http.HandlerFunc(m.serveKeys))
	t.Cleanup(issuer.Close)
	m.issuer = issuer.URL + "/oidc"
	functions := httptest.NewServer(http.HandlerFunc(m.authorize))
	t.Cleanup(functions.Close)

	dir := t.TempDir()
	text := modesProject + "authentication: " + modeConfigs[byDefault] + "\nadditionalAuthentications:\n"
	for _, mode := range allModes {
		if mode != byDefault {
			text += "  - " + modeConfigs[mode] + "\n"
		}
	}
	text = strings.ReplaceAll(text, "ISSUER", m.issuer)
	for name, content := range map[string]string{"appsync.yml": text, "schema.graphql": modesSchema} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.Server = emulatortest.Start(t, dir, func(o *emulator.Options) {
		o.Logger = slog.New(slog.NewTextHandler(m.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.LambdaEndpoint = functions.URL
		emulator.SetTransport(o, m)
	})
	return m
}

// RoundTrip implements http.RoundTripper: the user pool's keys are here, the
// provider is on the network.
func (m *modes) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.String(), modesPool) {
		w := httptest.NewRecorder()
		m.serveKeys(w, r)
		return w.Result(), nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (m *modes) serveKeys(w http.ResponseWriter, r *http.Request) {
	var out any
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		out = map[string]any{"issuer": m.issuer, "jwks_uri": m.issuer + "/keys"}
	default:
		public := m.key.PublicKey
		e := base64.RawURLEncoding
		out = map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig",
			"n": e.EncodeToString(public.N.Bytes()), "e": e.EncodeToString(big.NewInt(int64(public.E)).Bytes())}}}
	}
	_ = json.NewEncoder(w).Encode(out)
}

// authorize is the Lambda authorizer.
func (m *modes) authorize(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.events = append(m.events, string(body))
	m.mu.Unlock()
	var event struct{ AuthorizationToken string }
	_ = json.Unmarshal(body, &event)
	switch event.AuthorizationToken {
	case "custom-rubbish":
		fmt.Fprint(w, `{"isAuthorized":"perhaps"}`)
	case "custom-broken":
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		fmt.Fprint(w, `{"errorType":"Error","errorMessage":"it broke"}`)
	case "custom-denied":
		fmt.Fprint(w, `{"isAuthorized":true,"resolverContext":{"who":"denied"},"deniedFields":["Query.secret"]}`)
	default:
		fmt.Fprintf(w, `{"isAuthorized":%t,"resolverContext":{"who":"ada"}}`, event.AuthorizationToken == "custom-token")
	}
}

// token makes a token of the user pool, or of the provider.
func (m *modes) token(claims map[string]any, changes ...any) string {
	m.t.Helper()
	out := map[string]any{"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for name, v := range claims {
		out[name] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i].(string)] = changes[i+1]
	}
	payload, err := json.Marshal(out)
	if err != nil {
		m.t.Fatal(err)
	}
	e := base64.RawURLEncoding
	text := e.EncodeToString([]byte(`{"alg":"RS256","kid":"k1"}`)) + "." + e.EncodeToString(payload)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, m.key, crypto.SHA256, sum[:])
	if err != nil {
		m.t.Fatal(err)
	}
	token := text + "." + e.EncodeToString(signature)
	m.tokens = append(m.tokens, token, e.EncodeToString(signature))
	return token
}

func (m *modes) poolToken(changes ...any) string {
	return m.token(map[string]any{"iss": modesPool, "sub": "the-sub", "token_use": "access", "client_id": "web", "username": "ada",
		"cognito:groups": []string{"Admins"}}, changes...)
}

func (m *modes) oidcToken(changes ...any) string {
	return m.token(map[string]any{"iss": m.issuer, "sub": "ada", "aud": "client-7"}, changes...)
}

// signed returns the headers of a request that is signed as Amplify signs it.
func (m *modes) signed(path, body string) http.Header {
	h := http.Header{"Accept": {"application/json, text/javascript"}, "Content-Encoding": {"amz-1.0"}, "Content-Type": {"application/json; charset=UTF-8"}}
	s := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: "ASIAMODES", Secret: modesSecret, SessionToken: modesSession},
		Service:     "appsync", Region: "eu-west-1",
	}
	s.Sign(&sigv4.Request{Method: http.MethodPost, Path: path, Host: m.Addr(), Header: h, ContentLength: -1, Body: []byte(body)}, time.Now())
	return h
}

func body(query string) string {
	text, _ := json.Marshal(map[string]any{"query": query})
	return string(text)
}

// post sends a body without the API key of the emulator, and tells the status.
func (m *modes) post(body string, header http.Header) string {
	m.t.Helper()
	lines := []string{"x-api-key", ""}
	for name := range header {
		lines = append(lines, name, header.Get(name))
	}
	resp := m.Post(body, lines...)
	return fmt.Sprintf("%d %s", resp.Status, resp.Body)
}

// credentials returns what a caller of a mode sends: for an HTTP request with a
// body, or a message in its place.
func (m *modes) credentials(mode, path, body string) http.Header {
	switch mode {
	case "API_KEY":
		return http.Header{"X-Api-Key": {modesKey}}
	case "AMAZON_COGNITO_USER_POOLS":
		return http.Header{"Authorization": {m.poolToken()}}
	case "OPENID_CONNECT":
		return http.Header{"Authorization": {m.oidcToken()}}
	case "AWS_IAM":
		return m.signed(path, body)
	case "AWS_LAMBDA":
		return http.Header{"Authorization": {"custom-token"}}
	}
	m.t.Fatalf("no mode %s", mode)
	return nil
}

// The identities are those of the developer guide, page
// resolver-context-reference; $util.authType's are on page
// utility-helpers-in-util.
func TestModesOverHTTP(t *testing.T) {
	m := startModes(t, "API_KEY")
	var answer struct {
		Data struct{ Whoami string }
	}
	want := map[string]string{
		"API_KEY":                   `{"type":"API Key Authorization","identity":null}`,
		"AMAZON_COGNITO_USER_POOLS": `{"type":"User Pool Authorization","identity":{"sub":"the-sub","issuer":"` + modesPool + `","username":"ada","claims":{"client_id":"web","cognito:groups":["Admins"],"exp":N,"iat":N,"iss":"` + modesPool + `","sub":"the-sub","token_use":"access","username":"ada"},"sourceIp":["127.0.0.1"],"defaultAuthStrategy":"ALLOW","groups":["Admins"]}}`,
		"OPENID_CONNECT":            `{"type":"Open ID Connect Authorization","identity":{"sub":"ada","issuer":"` + m.issuer + `","claims":{"aud":"client-7","exp":N,"iat":N,"iss":"` + m.issuer + `","sub":"ada"}}}`,
		"AWS_IAM":                   `{"type":"IAM Authorization","identity":{"accountId":"111122223333","cognitoIdentityPoolId":"eu-west-1:pool","cognitoIdentityId":"eu-west-1:identity","sourceIp":["127.0.0.1"],"username":"AROAEXAMPLE:CognitoIdentityCredentials","userArn":"arn:aws:sts::111122223333:assumed-role/authRole/CognitoIdentityCredentials","cognitoIdentityAuthType":"authenticated","cognitoIdentityAuthProvider":"provider"}}`,
		"AWS_LAMBDA":                `{"type":"Lambda Authorization","identity":{"resolverContext":{"who":"ada"}}}`,
	}
	for _, mode := range allModes {
		text := body("{ whoami }")
		got := m.post(text, m.credentials(mode, "/graphql", text))
		if err := json.Unmarshal([]byte(strings.TrimPrefix(got, "200 ")), &answer); err != nil {
			t.Errorf("%s: %v in %s", mode, err, got)
			continue
		}
		if who := withoutTimes(answer.Data.Whoami); who != want[mode] {
			t.Errorf("%s:\n got %s\nwant %s", mode, who, want[mode])
		}
	}
	m.checkLog()
}

// withoutTimes puts N in the place of what differs from run to run.
func withoutTimes(text string) string {
	for _, claim := range []string{`"exp":`, `"iat":`} {
		if before, after, ok := strings.Cut(text, claim); ok {
			text = before + claim + "N" + strings.TrimLeft(after, "0123456789")
		}
	}
	return text
}

// A field without directives is open to the default mode alone: developer guide,
// page security-authz.
func TestEveryModeAsTheDefault(t *testing.T) {
	missing := map[string]string{
		"API_KEY":                   "401 " + fmt.Sprintf(refusal, "UnauthorizedException", "Missing authorization header"),
		"AMAZON_COGNITO_USER_POOLS": "401 " + fmt.Sprintf(refusal, "UnauthorizedException", "Valid authorization header not provided."),
		"OPENID_CONNECT":            "401 " + fmt.Sprintf(refusal, "UnauthorizedException", "Valid authorization header not provided."),
		"AWS_IAM":                   "403 " + fmt.Sprintf(refusal, "MissingAuthenticationTokenException", "Missing Authentication Token"),
		"AWS_LAMBDA":                "401 " + fmt.Sprintf(refusal, "UnauthorizedException", "Missing authorization header"),
	}
	for _, byDefault := range allModes {
		t.Run(byDefault, func(t *testing.T) {
			m := startModes(t, byDefault)
			text := body("{ forTheDefault }")
			for _, mode := range allModes {
				want := `200 {"data":{"forTheDefault":null},"errors":[{"path":["forTheDefault"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Not Authorized to access forTheDefault on type Query"}]}`
				if mode == byDefault {
					want = `200 {"data":{"forTheDefault":"told"}}`
				}
				if got := m.post(text, m.credentials(mode, "/graphql", text)); got != want {
					t.Errorf("%s:\n got %s\nwant %s", mode, got, want)
				}
			}
			if got := m.post(text, nil); got != missing[byDefault] {
				t.Errorf("without credentials:\n got %s\nwant %s", got, missing[byDefault])
			}
		})
	}
}

// unsigned takes the signature off a token.
func unsigned(token string) string { return token[:strings.LastIndexByte(token, '.')] }

const refusal = "{\n  \"errors\" : [ {\n    \"errorType\" : \"%s\",\n    \"message\" : \"%s\"\n  } ]\n}"

func TestRefusalsOverHTTP(t *testing.T) {
	m := startModes(t, "API_KEY")
	text := body("mutation { touch(id: 1) { id } }")
	header := func(name, v string) http.Header { return http.Header{http.CanonicalHeaderKey(name): {v}} }
	no := func(message string) string { return "401 " + fmt.Sprintf(refusal, "UnauthorizedException", message) }
	otherBody := m.signed("/graphql", text+" ")
	old := m.signed("/graphql", text)
	old.Set("X-Amz-Date", "20200101T000000Z")
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string // the beginning of the answer
	}{
		{"nothing", nil, no("Missing authorization header")},
		{"another key", header("x-api-key", "da2-other"), no("You are not authorized to make this call.")},
		{"an expired token", header("authorization", m.poolToken("exp", time.Now().Unix()-1)), no("Token has expired.")},
		{"a token that is not valid yet", header("authorization", m.poolToken("nbf", time.Now().Unix()+60)), no("Unauthorized")},
		{"a token of another client", header("authorization", m.poolToken("client_id", "android")), no("Unauthorized")},
		{"a token of another provider", header("authorization", m.oidcToken("iss", "https://other.example")), no("Unable to parse JWT token.")},
		{"a token for another audience", header("authorization", m.oidcToken("aud", "client-x")), no("Unauthorized")},
		{"a token that was issued long ago", header("authorization", m.oidcToken("iat", time.Now().Unix()-3601)), no("Unauthorized")},
		{"a token without its signature", header("authorization", unsigned(m.poolToken())), no("You are not authorized to make this call.")},
		{"a token with another signature", header("authorization", m.poolToken()+"AA"), no("You are not authorized to make this call.")},
		{"a signature of another body", otherBody, "403 {\n  \"errors\" : [ {\n    \"errorType\" : \"InvalidSignatureException\",\n    \"message\" : \"The request signature we calculated does not match"},
		{"a signature of another day", old, "403 {\n  \"errors\" : [ {\n    \"errorType\" : \"InvalidSignatureException\",\n    \"message\" : \"Signature expired: 20200101T000000Z is now earlier than "},
		{"a signature that is none", header("authorization", "AWS4-HMAC-SHA256 nonsense"), "403 {\n  \"errors\" : [ {\n    \"errorType\" : \"IncompleteSignatureException\""},
		{"a token that the authorizer refuses", header("authorization", "custom-other"), no("You are not authorized to make this call.")},
		{"a token that the authorizer never sees", header("authorization", "other-token"), no("You are not authorized to make this call.")},
		{"an authorizer that answers rubbish", header("authorization", "custom-rubbish"), `400 {"errors":[{"errorType":"BadRequestException"}]}`},
		{"an authorizer that fails", header("authorization", "custom-broken"), `400 {"errors":[{"errorType":"BadRequestException"}]}`},
	} {
		if got := m.post(text, tt.header); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if log := m.log.String(); strings.Contains(log, "a resolver runs") {
		t.Errorf("a refused request reached a resolver: %s", log)
	}
	m.checkLog()
}

// The answers are kept, and so the function runs once for each token; the fields
// that it denies are refused as fields: developer guide, page security-authz.
func TestLambdaAuthorizerOfAnAPI(t *testing.T) {
	m := startModes(t, "API_KEY")
	h := http.Header{"Authorization": {"custom-denied"}}
	const denied = `200 {"data":{"whoami":"{\"type\":\"Lambda Authorization\",\"identity\":{\"resolverContext\":{\"who\":\"denied\"}}}","secret":null},"errors":[{"path":["secret"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":10,"sourceName":null}],"message":"Not Authorized to access secret on type Query"}]}`
	for range 2 {
		if got := m.post(body("{ whoami secret }"), h); got != denied {
			t.Errorf(" got %s\nwant %s", got, denied)
		}
	}
	if got := m.post(body("{ secret }"), http.Header{"Authorization": {"custom-token"}}); got != `200 {"data":{"secret":"told"}}` {
		t.Errorf("got %s", got)
	}
	if n := len(m.events); n != 2 {
		t.Errorf("the authorizer ran %d times, want 2: %s", n, m.events)
	}
	m.Advance(time.Minute)
	m.post(body("{ secret }"), h)
	if n := len(m.events); n != 3 {
		t.Errorf("the authorizer ran %d times, want 3: %s", n, m.events)
	}
	m.checkLog()
}

func TestExpressionsOfModesAreChecked(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"appsync.yml":    "name: a\nauthentication:\n  type: OPENID_CONNECT\n  config: { issuer: 'https://a.example', clientId: 'a(' }\n",
		"schema.graphql": "type Query { a: Int }",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := emulator.Load(dir, emulator.LoadOptions{})
	problems, ok := emulator.IsProblems(err)
	if !ok || len(problems) != 1 || problems[0].Line != 4 || problems[0].Column != 52 ||
		!strings.HasPrefix(problems[0].Message, "this is no regular expression: Unclosed group near index 2") {
		t.Errorf("got %v", err)
	}
}

// connect opens a real-time connection with a header object.
func (m *modes) connect(header http.Header, path string) *socket {
	m.t.Helper()
	text := headerObject(header, m.Addr())
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws", "header-" + base64.RawURLEncoding.EncodeToString([]byte(text))}}
	conn, _, err := dialer.Dial("ws://"+m.Addr()+path, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { conn.Close() })
	return &socket{t: m.t, conn: conn}
}

// headerObject is a client's header object. Names are written in small letters
// except for Authorization, as Amplify JS does.
func headerObject(header http.Header, host string) string {
	out := map[string]string{"host": host}
	for name := range header {
		key := strings.ToLower(name)
		if key == "authorization" {
			key = "Authorization"
		}
		out[key] = header.Get(name)
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// startAs starts a subscription with credentials of its own.
func (m *modes) startAs(c *socket, id, query, mode string) {
	m.t.Helper()
	data := body(query)
	m.startWith(c, id, data, headerObject(m.credentials(mode, "/graphql", data), m.Addr()))
}

func (m *modes) startWith(c *socket, id, data, header string) {
	m.t.Helper()
	c.send(fmt.Sprintf(`{"id":%q,"type":"start","payload":{"data":%s,"extensions":{"authorization":%s}}}`, id, quoted(data), header))
}

// Each start is authorized on its own and may use another mode than the
// connection: developer guide, page real-time-websocket-client.
func TestModesInRealTime(t *testing.T) {
	m := startModes(t, "API_KEY")
	who := map[string]string{
		"API_KEY":                   `nobody`,
		"AMAZON_COGNITO_USER_POOLS": `User Pool Authorization ada`,
		"OPENID_CONNECT":            `Open ID Connect Authorization ada`,
		"AWS_IAM":                   `IAM Authorization AROAEXAMPLE:CognitoIdentityCredentials`,
		"AWS_LAMBDA":                `Lambda Authorization ada`,
	}
	for _, mode := range allModes {
		for _, path := range []string{"/graphql/realtime", "/graphql"} {
			c := m.connect(m.credentials(mode, "/graphql/connect", "{}"), path)
			c.send(`{"type":"connection_init"}`)
			c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
			c.expect(`{"type":"ka"}`)
			for i, other := range allModes {
				id := fmt.Sprintf("s%d", i)
				m.startAs(c, id, "subscription { onTouch { id } }", other)
				c.expect(`{"id":"` + id + `","type":"start_ack"}`)
				m.startAs(c, "w", "subscription { onTouchWho { id } }", other)
				c.expect(`{"id":"w","type":"error","payload":{"errors":[{"errorType":"Who","message":"` + who[other] + `"}]}}`)
				m.startAs(c, "g", "subscription { onTouchOfAdmins { id } }", other)
				if other == "AMAZON_COGNITO_USER_POOLS" {
					c.expect(`{"id":"g","type":"start_ack"}`)
					c.send(`{"id":"g","type":"stop"}`)
					c.expect(`{"id":"g","type":"complete"}`)
				} else {
					c.expect(`{"id":"g","type":"error","payload":{"errors":[{"errorType":"Unauthorized","message":"Not Authorized to access onTouchOfAdmins on type Subscription"}]}}`)
				}
			}
			text := body("mutation { touch(id: 1) { id } }")
			if got := m.post(text, m.credentials(mode, "/graphql", text)); got != `200 {"data":{"touch":{"id":"1"}}}` {
				t.Errorf("%s: %s", mode, got)
			}
			seen := map[string]bool{}
			for range allModes {
				seen[c.read()] = true
			}
			for i := range allModes {
				if want := fmt.Sprintf(`{"id":"s%d","type":"data","payload":{"data":{"onTouch":{"id":"1"}}}}`, i); !seen[want] {
					t.Errorf("%s did not get %s but %v", mode, want, seen)
				}
			}
			c.conn.Close()
		}
	}
	m.checkLog()
}

// Amplify Android and Swift send the credentials of a connection as the headers of
// the handshake itself.
func TestSignedHandshake(t *testing.T) {
	m := startModes(t, "API_KEY")
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
	header := m.signed("/graphql/connect", "{}")
	conn, _, err := dialer.Dial("ws://"+m.Addr()+"/graphql/realtime", header)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &socket{t: t, conn: conn}
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
}

// Recorded: awslabs/aws-mobile-appsync-sdk-js#561 and #750 (signatures),
// aws-amplify/amplify-flutter#2763 (errorCode 401).
func TestRefusalsInRealTime(t *testing.T) {
	m := startModes(t, "API_KEY")
	header := func(name, v string) http.Header { return http.Header{http.CanonicalHeaderKey(name): {v}} }
	refused := func(message string) string {
		return `{"payload":{"errors":[{"errorType":"UnauthorizedException","message":"` + message + `","errorCode":401}]},"type":"connection_error"}`
	}
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"another key", header("x-api-key", "da2-other"), refused("You are not authorized to make this call.")},
		{"an expired token", header("authorization", m.poolToken("exp", time.Now().Unix()-1)), refused("Token has expired.")},
		{"a token of another client", header("authorization", m.oidcToken("aud", "other")), refused("Unauthorized")},
		{"a signature of something else", m.signed("/graphql", "{}"), `{"payload":{"errors":[{"errorType":"BadRequestException","message":"The request signature we calculated does not match the signature you provided.`},
		{"a token that the authorizer refuses", header("authorization", "custom-other"), refused("You are not authorized to make this call.")},
		{"an authorizer that answers rubbish", header("authorization", "custom-rubbish"), `{"payload":{"errors":[{"errorType":"BadRequestException","errorCode":400}]},"type":"connection_error"}`},
	} {
		c := m.connect(tt.header, "/graphql/realtime")
		if got := c.read(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}

	c := m.connect(m.credentials("AMAZON_COGNITO_USER_POOLS", "", ""), "/graphql/realtime")
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
	c.expect(`{"type":"ka"}`)
	data := body("subscription { onTouch { id } }")
	for _, tt := range []struct{ name, header, want string }{
		{"an expired token", headerObject(header("authorization", m.poolToken("exp", time.Now().Unix()-1)), m.Addr()),
			`{"id":"1","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"Token has expired."}]}}`},
		{"the signature of the connection", headerObject(m.signed("/graphql/connect", "{}"), m.Addr()),
			`{"id":"1","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The request signature`},
		{"nothing", `{"host":"localhost"}`, `{"id":"1","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"Missing authorization header"}]}}`},
	} {
		m.startWith(c, "1", data, tt.header)
		if got := c.read(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	// Without credentials of its own a start has those of the connection, while they
	// hold.
	start := fmt.Sprintf(`{"id":"1","type":"start","payload":{"data":%s}}`, quoted(data))
	c.send(start)
	c.expect(`{"id":"1","type":"start_ack"}`)
	c.send(`{"id":"1","type":"stop"}`)
	c.expect(`{"id":"1","type":"complete"}`)
	m.Advance(2 * time.Hour)
	c.send(start)
	c.expect(`{"id":"1","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"Token has expired."}]}}`)
	m.checkLog()
}

// checkLog looks for secrets in the log.
func (m *modes) checkLog() {
	m.t.Helper()
	log := m.log.String()
	secrets := append([]string{modesKey, modesSecret, modesSession, "custom-token", "custom-denied", "custom-rubbish", "Signature="}, m.tokens...)
	for _, secret := range secrets {
		if at := strings.Index(log, secret); at >= 0 {
			m.t.Errorf("the log has the secret %.40s:\n%s", secret, log[max(0, at-300):min(len(log), at+100)])
		}
	}
	if !strings.Contains(log, "request") && !strings.Contains(log, "subscription") {
		m.t.Errorf("the log is not there: %s", log)
	}
}
