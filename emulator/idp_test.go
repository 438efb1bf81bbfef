package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// TestTheLinesOfTheIdentityDocument runs every line that docs/identity.md shows.
func TestTheLinesOfTheIdentityDocument(t *testing.T) {
	if n := runLines(t, "../fixtures/notes", "identity.md"); n < 8 {
		t.Errorf("the document has %d commands", n)
	}
}

// token makes a token and fails the test when there is none.
func token(t *testing.T, e interface {
	Token(emulator.Token) (string, error)
}, want emulator.Token) string {
	t.Helper()
	text, err := e.Token(want)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheAPITakesItsTokens(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/notes")
	const me = `{"query":"{ me { username groups } }"}`
	for _, tt := range []struct {
		name   string
		token  emulator.Token
		status int
		want   string
	}{
		{"of a user", emulator.Token{Username: "ada"}, 200, `{"data":{"me":{"username":"ada","groups":["Admins"]}}}`},
		{"an ID token", emulator.Token{Username: "grace", ID: true}, 200, `{"data":{"me":{"username":"grace","groups":["Editors"]}}}`},
		{"of somebody else", emulator.Token{Username: "eve", Groups: []string{"x"}}, 200, `{"data":{"me":{"username":"eve","groups":["x"]}}}`},
		{"for another client", emulator.Token{Username: "ada", ClientID: "mobile"}, 401, "UnauthorizedException"},
		{"that has expired", emulator.Token{Username: "ada", Validity: -time.Second}, 401, "Token has expired."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.Post(me, "x-api-key", "", "authorization", token(t, s, tt.token))
			if got.Status != tt.status || !strings.Contains(got.Body, tt.want) {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	late := token(t, s, emulator.Token{Username: "ada"})
	s.Advance(time.Hour)
	if got := s.Post(me, "x-api-key", "", "authorization", late); got.Status != 401 {
		t.Errorf("an hour later: %d %s", got.Status, got.Body)
	}
	if _, err := s.Token(emulator.Token{Username: "ada", Pool: "x"}); !errors.Is(err, emulator.ErrToken) {
		t.Errorf("a token of no pool: %v", err)
	}
}

// The key beside the data file is that of the emulator, whichever is first.
func TestTokensOfAProjectOutliveTheEmulator(t *testing.T) {
	project, err := emulator.Load("../fixtures/notes", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "notes.db")
	first, err := project.Token(file, emulator.Token{Username: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	durable := func(o *emulator.Options) { o.InMemory, o.DataFile = false, file }
	t.Run("made while an emulator runs that has no key yet", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "notes.db")
		s := emulatortest.Start(t, "../fixtures/notes", func(o *emulator.Options) { o.InMemory, o.DataFile = false, other })
		token, err := project.Token(other, emulator.Token{Username: "ada"})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Post(`{"query":"{ me { username } }"}`, "x-api-key", "", "authorization", token); got.Status != 200 {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	var second string
	for range 2 {
		t.Run("serve", func(t *testing.T) {
			s := emulatortest.Start(t, "../fixtures/notes", durable)
			if second == "" {
				second = token(t, s, emulator.Token{Username: "grace"})
			}
			for _, token := range []string{first, second} {
				if got := s.Post(`{"query":"{ me { username } }"}`, "x-api-key", "", "authorization", token); got.Status != 200 {
					t.Errorf("%d %s", got.Status, got.Body)
				}
			}
		})
	}
}

// An API with OpenID Connect takes the ID tokens of a pool whose issuer is the
// emulator's own address, and those that are made in the name of a provider
// elsewhere. Nothing is fetched.
func TestOpenIDConnectWithoutANetwork(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"schema.graphql": "type Query { issuer: String }\n",
		"issuer.vtl":     `{"version": "2018-05-29", "payload": $util.toJson($ctx.identity.issuer)}` + "\n",
		"result.vtl":     "$util.toJson($ctx.result)\n",
		"appsync.yml": `name: issuers
authentication:
  type: OPENID_CONNECT
  config: { issuer: "http://localhost:20002/_emulator/idp/local_pool", clientId: web }
additionalAuthentications:
  - type: OPENID_CONNECT
    config: { issuer: "https://issuer.invalid/", clientId: app, authTTL: 60000 }
identity:
  users:
    - { username: ada, password: Lovelace-1815 }
dataSources:
  Local: { type: NONE }
resolvers:
  Query.issuer: { kind: UNIT, dataSource: Local, request: issuer.vtl, response: result.vtl }
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := emulatortest.Start(t, dir)
	for _, tt := range []struct {
		token  emulator.Token
		status int
		want   string
	}{
		{emulator.Token{Username: "ada", ID: true}, 200, `{"data":{"issuer":"http://localhost:20002/_emulator/idp/local_pool"}}`},
		{emulator.Token{Username: "ada", ID: true, ClientID: "mobile"}, 401, "UnauthorizedException"},
		{emulator.Token{Username: "ada", Pool: "https://issuer.invalid/"}, 200, `{"data":{"issuer":"https://issuer.invalid/"}}`},
		{emulator.Token{Username: "ada", Pool: "https://issuer.invalid/", Claims: map[string]any{"auth_time": 1}}, 401, "UnauthorizedException"},
	} {
		got := s.Post(`{"query":"{ issuer }"}`, "x-api-key", "", "authorization", token(t, s, tt.token))
		if got.Status != tt.status || !strings.Contains(got.Body, tt.want) {
			t.Errorf("%+v: %d %s", tt.token, got.Status, got.Body)
		}
	}
}

// A page on this machine signs in; another page is kept out. CORS is what Cognito
// answers to browsers: the names of exceptions are exposed.
func TestPagesOfThisMachineSignIn(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/notes")
	send := func(method, path, origin, body string) (int, http.Header, string) {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+s.Addr()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		if method == http.MethodOptions {
			req.Header.Set("Access-Control-Request-Method", "POST")
			req.Header.Set("Access-Control-Request-Headers", "cache-control,content-type,x-amz-target,x-amz-user-agent")
		} else {
			req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header, string(text)
	}
	const (
		path = "/_emulator/idp/"
		page = "http://localhost:5173"
		auth = `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"web","AuthParameters":{"USERNAME":"ada","PASSWORD":"Lovelace-1815"}}`
	)
	status, h, _ := send(http.MethodOptions, path, page, "")
	if status != 200 || h.Get("Access-Control-Allow-Origin") != page || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") ||
		h.Get("Access-Control-Allow-Headers") != "cache-control,content-type,x-amz-target,x-amz-user-agent" {
		t.Errorf("the preflight is answered by %d %v", status, h)
	}
	status, h, body := send(http.MethodPost, path, page, auth)
	if status != 200 || h.Get("Access-Control-Allow-Origin") != page || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "x-amzn-ErrorType") ||
		!strings.Contains(body, "AccessToken") {
		t.Errorf("the page gets %d %v %s", status, h, body)
	}
	for _, other := range []string{"https://evil.example", "null"} {
		for _, path := range []string{path, "/"} {
			if status, h, body := send(http.MethodPost, path, other, auth); status != 403 || h.Get("Access-Control-Allow-Origin") != "" || strings.Contains(body, "Token\"") {
				t.Errorf("the page %s gets %d %v %s at %s", other, status, h, body, path)
			}
		}
	}
}
