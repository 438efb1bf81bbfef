package dynamodbapi

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"appsync-emulator/storage/bolt"
)

// The example of AWS's own test suite for signatures, whose service is not
// DynamoDB: it proves the canonical request and the key.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// (aws-sig-v4-test-suite, get-vanilla-query-order-key-case and post-vanilla).
func TestSignatureSuite(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for _, tt := range []struct{ method, target, signature string }{
		{"GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	} {
		r := httptest.NewRequest(tt.method, "http://example.amazonaws.com"+tt.target, nil)
		r.Header.Set("X-Amz-Date", "20150830T123600Z")
		canonical := canonicalRequest(r, r.URL.Query(), []string{"host", "x-amz-date"}, nil, false)
		hash := sha256.Sum256([]byte(canonical))
		scope := []string{"AKIDEXAMPLE", "20150830", "us-east-1", "service", "aws4_request"}
		toSign := "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n" + hex.EncodeToString(hash[:])
		if got := hex.EncodeToString(sign(signingKey(secret, scope), toSign)); got != tt.signature {
			t.Errorf("%s %s: %s, of\n%s", tt.method, tt.target, got, canonical)
		}
	}
}

// signer changes a signed request before it is sent.
type signer struct {
	at            time.Time
	key, secret   string
	scope, signed string
	algorithm     string
}

func newSigner(now time.Time) *signer {
	return &signer{
		at: now, key: "AKID", secret: "secret", signed: "content-type;host;x-amz-date;x-amz-target",
		scope: now.Format("20060102") + "/us-east-1/dynamodb/aws4_request", algorithm: algorithm,
	}
}

func (s *signer) signature(r *http.Request, body string, presigned bool) string {
	date := s.at.Format(timeFormat)
	hash := sha256.Sum256([]byte(canonicalRequest(r, r.URL.Query(), strings.Split(s.signed, ";"), []byte(body), presigned)))
	toSign := algorithm + "\n" + date + "\n" + s.scope + "\n" + hex.EncodeToString(hash[:])
	return hex.EncodeToString(sign(signingKey(s.secret, strings.Split("x/"+s.scope, "/")), toSign))
}

func (s *signer) header(r *http.Request, body string) {
	r.Header.Set("X-Amz-Date", s.at.Format(timeFormat))
	r.Header.Set("Authorization", s.algorithm+" Credential="+s.key+"/"+s.scope+", SignedHeaders="+s.signed+", Signature="+s.signature(r, body, false))
}

func (s *signer) query(r *http.Request, body, expires string) {
	q := url.Values{
		"X-Amz-Algorithm": {s.algorithm}, "X-Amz-Credential": {s.key + "/" + s.scope},
		"X-Amz-Date": {s.at.Format(timeFormat)}, "X-Amz-SignedHeaders": {"host"}, "X-Amz-Expires": {expires},
	}
	s.signed = "host"
	r.URL.RawQuery = q.Encode()
	q.Set("X-Amz-Signature", s.signature(r, body, true))
	r.URL.RawQuery = q.Encode()
}

// The words: architect/dynalite index.js and test/connection.js, recorded from
// DynamoDB.
func TestSignatures(t *testing.T) {
	store, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	server := httptest.NewServer(New(Options{
		Store: store, Now: func() time.Time { return now },
		Credentials: func(key string) (string, bool) { return "secret", key == "AKID" },
	}))
	defer server.Close()
	send := func(t *testing.T, change func(r *http.Request, body string)) string {
		t.Helper()
		const body = `{"Limit": 3}`
		r, err := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = "/"
		r.Host = r.URL.Host
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		change(r, body)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, change := range map[string]func(r *http.Request, body string){
		"header": func(r *http.Request, body string) { newSigner(now).header(r, body) },
		"header with other blanks": func(r *http.Request, body string) {
			newSigner(now).header(r, body)
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ","))
		},
		"clock 14 minutes late": func(r *http.Request, body string) { newSigner(now.Add(-14*time.Minute)).header(r, body) },
		"content length is signed": func(r *http.Request, body string) {
			s := newSigner(now)
			s.signed = "content-length;" + s.signed
			s.header(r, body)
		},
		"any region": func(r *http.Request, body string) {
			s := newSigner(now)
			s.scope = strings.Replace(s.scope, "us-east-1", "localhost", 1)
			s.header(r, body)
		},
		"query":            func(r *http.Request, body string) { newSigner(now).query(r, body, "60") },
		"query of an hour": func(r *http.Request, body string) { newSigner(now.Add(-59*time.Minute)).query(r, body, "3600") },
	} {
		if got := send(t, change); got != `{"TableNames":[]}` {
			t.Errorf("%s: %s", name, got)
		}
	}
	const (
		incomplete = `{"__type":"com.amazon.coral.service#IncompleteSignatureException","message":"`
		wrong      = `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"`
		mismatch   = wrong + `The request signature we calculated does not match the signature you provided.`
	)
	for name, tt := range map[string]struct {
		change func(r *http.Request, body string)
		want   string // what the answer begins with
	}{
		"none": {func(*http.Request, string) {}, `{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}`},
		"another scheme": {func(r *http.Request, _ string) { r.Header.Set("Authorization", "Basic abc") },
			`{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}`},
		"both": {func(r *http.Request, _ string) {
			r.Header.Set("Authorization", "AWS4-")
			r.URL.RawQuery = "X-Amz-Algorithm"
		},
			wrong + `Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}`},
		"nothing in the header": {func(r *http.Request, _ string) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256") },
			incomplete + `Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"}`},
		"no equal-sign": {func(r *http.Request, _ string) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Signature=b, Credential, SignedHeaders")
		},
			incomplete + `'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Signature=b, Credential, SignedHeaders'."}`},
		"nothing in the query": {func(r *http.Request, _ string) { r.URL.RawQuery = "X-Amz-Algorithm" },
			incomplete + `AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."}`},
		"no date": {func(r *http.Request, body string) { newSigner(now).header(r, body); r.Header.Set("X-Amz-Date", "201") },
			incomplete + `Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601"}`},
		"expired": {func(r *http.Request, body string) { newSigner(now.Add(-16*time.Minute)).header(r, body) },
			wrong + `Signature expired: 20240506T065209Z is now earlier than 20240506T065309Z (20240506T070809Z - 15 min.)"}`},
		"not yet": {func(r *http.Request, body string) { newSigner(now.Add(16*time.Minute)).header(r, body) },
			wrong + `Signature not yet current: 20240506T072409Z is still later than 20240506T072309Z (20240506T070809Z + 15 min.)"}`},
		"query expired":      {func(r *http.Request, body string) { newSigner(now.Add(-61*time.Second)).query(r, body, "60") }, wrong + "Signature expired: "},
		"query for too long": {func(r *http.Request, body string) { newSigner(now).query(r, body, "604801") }, incomplete + "X-Amz-Expires must be"},
		"host is not signed": {func(r *http.Request, body string) { s := newSigner(now); s.signed = "x-amz-date"; s.header(r, body) },
			wrong + `'Host' must be a 'SignedHeader' in the AWS Authorization."}`},
		"another algorithm": {func(r *http.Request, body string) {
			s := newSigner(now)
			s.algorithm = "AWS4-HMAC-SHA25"
			s.header(r, body)
		},
			incomplete + `Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "}`},
		"short credential": {func(r *http.Request, body string) {
			newSigner(now).header(r, body)
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Credential=AKID/20240506/us-east-1/dynamodb/aws4_request", "Credential=a/b/c/d", 1))
		}, incomplete + `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'"}`},
		"wrong scope": {func(r *http.Request, body string) { s := newSigner(now); s.scope = "b/c/d/e"; s.header(r, body) },
			wrong + `Credential should be scoped to correct service: 'dynamodb'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20240506', from '20240506T070809Z'."}`},
		"unknown key": {func(r *http.Request, body string) { s := newSigner(now); s.key = "other"; s.header(r, body) },
			`{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}`},
		"wrong secret": {func(r *http.Request, body string) { s := newSigner(now); s.secret = "other"; s.header(r, body) }, mismatch},
		"another body": {func(r *http.Request, body string) { newSigner(now).header(r, body+" ") }, mismatch},
		"another target": {func(r *http.Request, body string) {
			newSigner(now).header(r, body)
			r.Header.Set("Content-Type", "application/json")
		}, mismatch},
		"query of another":  {func(r *http.Request, body string) { newSigner(now).query(r, body+" ", "60") }, mismatch},
		"query with extras": {func(r *http.Request, body string) { newSigner(now).query(r, body, "60"); r.URL.RawQuery += "&x=y" }, mismatch},
	} {
		if got := send(t, tt.change); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
		}
	}
}
