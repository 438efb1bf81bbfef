package idp_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
)

const (
	poolID   = "us-east-1_abcDEF123"
	poolName = "abcDEF123"
	client   = "web"
	issuer   = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abcDEF123"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// clock is a clock that stands.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sharedKeys are made once: they take a moment.
var sharedKeys = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "idp")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	p, err := idp.New(idp.Options{Dir: dir, Pools: []*project.UserPool{newPool()}})
	if err == nil {
		_, err = p.Mint(idp.Token{Username: "x"})
	}
	text, readErr := os.ReadFile(filepath.Join(dir, "keys.pem"))
	if err != nil || readErr != nil {
		panic("no keys")
	}
	return text
})

// pools is a provider under test.
type pools struct {
	*idp.Provider
	t     testing.TB
	clock *clock
	opt   idp.Options
	log   *lockedBuffer
}

// lockedBuffer is a log that several goroutines write to.
type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newPool(change ...func(*project.UserPool)) *project.UserPool {
	p := &project.UserPool{
		ID: poolID, Issuer: issuer,
		AutoVerifiedAttributes: []string{"email", "phone_number"},
		PasswordPolicy:         project.DefaultPasswordPolicy(),
		Groups:                 []project.UserPoolGroup{{Name: "Admins"}},
		Users: []project.UserPoolUser{{
			Username: "ada", Password: "Lovelace-1815", Sub: "6e3d446f-8791-464c-a28a-edc017ffc625", Status: project.UserConfirmed,
			Groups:     []string{"Admins"},
			Attributes: []project.UserAttribute{{Name: "email", Value: "ada@example.com"}},
		}},
	}
	for _, c := range change {
		c(p)
	}
	return p
}

// newPools makes a provider with a pool whose keys and users are kept in a folder.
func newPools(t testing.TB, change ...func(*project.UserPool)) *pools {
	t.Helper()
	return openPools(t, t.TempDir(), newPool(change...))
}

func openPools(t testing.TB, dir string, all ...*project.UserPool) *pools {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "keys.pem"), sharedKeys(), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &clock{now: start}
	p := &pools{t: t, clock: c, log: &lockedBuffer{}}
	p.opt = idp.Options{Pools: all, Dir: dir, Now: c.Now, Log: slog.New(slog.NewTextHandler(p.log, nil))}
	var err error
	if p.Provider, err = idp.New(p.opt); err != nil {
		t.Fatal(err)
	}
	return p
}

// reopen makes another provider of the same folder, as a restart does.
func (p *pools) reopen() *pools {
	p.t.Helper()
	again := *p
	var err error
	if again.Provider, err = idp.New(p.opt); err != nil {
		p.t.Fatal(err)
	}
	return &again
}

// object is a JSON object.
type object = map[string]any

// send calls an operation with a body.
func (p *pools) send(path, operation, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w
}

func (p *pools) call(operation string, in object) (status int, out object) {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	w := p.send("/_emulator/idp/", operation, string(body))
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		p.t.Fatalf("%s: %v in %s", operation, err, w.Body)
	}
	return w.Code, out
}

// must calls an operation that succeeds.
func (p *pools) must(operation string, in object) object {
	p.t.Helper()
	status, out := p.call(operation, in)
	if status != http.StatusOK {
		p.t.Fatalf("%s answers %d: %v", operation, status, out)
	}
	return out
}

// refused calls an operation that fails with an exception and a message.
func (p *pools) refused(operation string, in object, kind, message string) {
	p.t.Helper()
	status, out := p.call(operation, in)
	want := object{"__type": kind, "message": message}
	if status != http.StatusBadRequest || !cmp.Equal(out, want) {
		p.t.Errorf("%s answers %d: %v, want %v", operation, status, out, want)
	}
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func attributes(pairs ...string) []any {
	out := []any{}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, object{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return out
}

// signIn signs in with a password and returns the tokens.
func (p *pools) signIn(username, password string) (access, id, refresh string) {
	p.t.Helper()
	out := p.must("InitiateAuth", passwordAuth(username, password))
	return tokensOf(p.t, out)
}

func tokensOf(t testing.TB, out object) (access, id, refresh string) {
	t.Helper()
	result, ok := out["AuthenticationResult"].(object)
	if !ok {
		t.Fatalf("no tokens in %v", out)
	}
	refresh, _ = result["RefreshToken"].(string)
	return result["AccessToken"].(string), result["IdToken"].(string), refresh
}

func passwordAuth(username, password string) object {
	return object{
		"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client,
		"AuthParameters": object{"USERNAME": username, "PASSWORD": password},
	}
}

// code is the latest code that was sent to a user.
func (p *pools) code(username string) string {
	p.t.Helper()
	code, _ := p.message(username)["code"].(string)
	if len(code) != 6 {
		p.t.Fatalf("the code of %s is %q", username, code)
	}
	return code
}

func (p *pools) message(username string) object {
	p.t.Helper()
	list := p.get("/_emulator/idp/messages?username=" + username)["messages"].([]any)
	if len(list) == 0 {
		p.t.Fatalf("there is no message for %s", username)
	}
	return list[0].(object)
}

func (p *pools) get(path string) object {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:20002"+path, nil))
	var out object
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		p.t.Fatalf("GET %s answers %d: %s", path, w.Code, w.Body)
	}
	return out
}

// payload is what a token says.
func payload(t testing.TB, token string) object {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// srpClient is the client's half of a password proof, as Amplify's clients have it.
//
// See: https://github.com/aws-amplify/amplify-js/tree/main/packages/auth/src/providers/cognito/utils/srp
type srpClient struct{ n, g, a, public *big.Int }

func newSRPClient() *srpClient {
	// RFC 3526, group 15.
	n, _ := new(big.Int).SetString("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"+
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"+
		"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"+
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"+
		"98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"+
		"9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"+
		"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"+
		"3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"+
		"A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"+
		"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"+
		"D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"+
		"08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF", 16)
	c := &srpClient{n: n, g: big.NewInt(2), a: big.NewInt(0).SetBytes(bytes.Repeat([]byte{0x5a}, 32))}
	c.public = new(big.Int).Exp(c.g, c.a, n)
	return c
}

func pad(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}

func digest(parts ...[]byte) *big.Int {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return new(big.Int).SetBytes(sum[:])
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(bytes.Join(parts, nil))
	return h.Sum(nil)
}

// respond makes the responses to a challenge.
func (c *srpClient) respond(t testing.TB, challenge object, password string) object {
	t.Helper()
	parameters, ok := challenge["ChallengeParameters"].(object)
	if !ok || challenge["ChallengeName"] != "PASSWORD_VERIFIER" {
		t.Fatalf("this is no password challenge: %v", challenge)
	}
	number := func(name string) *big.Int {
		n, ok := new(big.Int).SetString(parameters[name].(string), 16)
		if !ok {
			t.Fatalf("%s is no number", name)
		}
		return n
	}
	user := parameters["USER_ID_FOR_SRP"].(string)
	b, salt := number("SRP_B"), number("SALT")
	u := digest(pad(c.public), pad(b))
	secret := sha256.Sum256([]byte(poolName + user + ":" + password))
	x := digest(pad(salt), secret[:])
	k := digest(pad(c.n), pad(c.g))
	s := new(big.Int).Exp(c.g, x, c.n)
	s.Sub(b, s.Mul(s, k)).Mod(s, c.n)
	s.Exp(s, new(big.Int).Add(c.a, new(big.Int).Mul(u, x)), c.n)
	key := mac(mac(pad(u), pad(s)), []byte("Caldera Derived Key\x01"))[:16]
	const timestamp = "Fri Jan 2 03:04:05 UTC 2026"
	block, err := base64.StdEncoding.DecodeString(parameters["SECRET_BLOCK"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return object{
		"USERNAME": user, "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"], "TIMESTAMP": timestamp,
		"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(mac(key, []byte(poolName), []byte(user), block, []byte(timestamp))),
	}
}

func (c *srpClient) auth(username string) object {
	return object{
		"AuthFlow": "USER_SRP_AUTH", "ClientId": client,
		"AuthParameters": object{"USERNAME": username, "SRP_A": c.public.Text(16)},
	}
}

func answer(name string, responses object, session any) object {
	out := object{"ChallengeName": name, "ClientId": client, "ChallengeResponses": responses}
	if session != nil {
		out["Session"] = session
	}
	return out
}
