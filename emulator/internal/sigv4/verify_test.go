package sigv4

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// The examples of AWS's own test suite for signatures: get-vanilla,
// get-vanilla-query-order-key-case, post-vanilla and get-header-value-trim.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// (aws-sig-v4-test-suite)
func TestSignatureSuite(t *testing.T) {
	for _, tt := range []struct {
		method, target string
		headers        []string
		signature      string
	}{
		{"GET", "/", nil, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"GET", "/?Param2=value2&Param1=value1", nil, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"POST", "/", nil, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"GET", "/", []string{"My-Header1", " value1", "My-Header2", ` "a   b   c"`},
			"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	} {
		r := httptest.NewRequest(tt.method, "http://example.amazonaws.com"+tt.target, nil)
		for i := 0; i < len(tt.headers); i += 2 {
			r.Header.Set(tt.headers[i], tt.headers[i+1])
		}
		s := Signer{
			Credentials: Credentials{AccessKeyID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
			Service:     "service", Region: "us-east-1",
		}
		s.Sign(RequestOf(r, nil), time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
		if got := r.Header.Get("Authorization"); !strings.HasSuffix(got, ", Signature="+tt.signature) {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.target, got, tt.signature)
		}
	}
}

var now = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// attempt is a request and the parts of its signature, each of which a test may
// change before it is signed.
type attempt struct {
	Request
	at                       time.Time
	key, secret              string
	scope, signed, algorithm string
}

const body = `{"query":"{ a }"}`

func newAttempt() *attempt {
	return &attempt{
		Request: Request{
			Method: http.MethodPost, Path: "/graphql", Query: url.Values{}, Host: "localhost:20002",
			Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)), Body: []byte(body),
		},
		at: now, key: "AKID", secret: "secret", signed: "content-type;host;x-amz-date",
		scope: "20240506/us-east-1/appsync/aws4_request", algorithm: algorithm,
	}
}

func (a *attempt) signature(presigned bool) string {
	scope := strings.Split(a.scope, "/")
	return sign(a.secret, scope, stringToSign(a.canonical(strings.Split(a.signed, ";"), presigned), scope, a.at))
}

func (a *attempt) inHeader() *attempt {
	a.Header.Set("X-Amz-Date", a.at.Format(timeFormat))
	a.Header.Set("Authorization", a.algorithm+" Credential="+a.key+"/"+a.scope+", SignedHeaders="+a.signed+", Signature="+a.signature(false))
	return a
}

func (a *attempt) inQuery(expires string) *attempt {
	a.signed = "host"
	a.Query = url.Values{
		"X-Amz-Algorithm": {a.algorithm}, "X-Amz-Credential": {a.key + "/" + a.scope},
		"X-Amz-Date": {a.at.Format(timeFormat)}, "X-Amz-SignedHeaders": {"host"}, "X-Amz-Expires": {expires},
	}
	a.Query.Set("X-Amz-Signature", a.signature(true))
	return a
}

// with applies changes to a request that has been signed.
func (a *attempt) with(change func(*attempt)) *attempt {
	change(a)
	return a
}

func verifier() *Verifier {
	return &Verifier{
		Service: "appsync", Now: func() time.Time { return now },
		Secret: func(key string) (string, bool) { return "secret", key == "AKID" },
	}
}

func TestSignedRequestsAreAccepted(t *testing.T) {
	for name, a := range map[string]*attempt{
		"header": newAttempt().inHeader(),
		"header with other blanks": newAttempt().inHeader().with(func(a *attempt) {
			a.Header.Set("Authorization", strings.ReplaceAll(a.Header.Get("Authorization"), ", ", ","))
		}),
		"clock 14 minutes late": newAttempt().with(func(a *attempt) { a.at = now.Add(-14 * time.Minute) }).inHeader(),
		"length is signed":      newAttempt().with(func(a *attempt) { a.signed = "content-length;" + a.signed }).inHeader(),
		"any region": newAttempt().with(func(a *attempt) {
			a.scope = strings.Replace(a.scope, "us-east-1", "localhost", 1)
		}).inHeader(),
		"a date in the style of HTTP": newAttempt().inHeader().with(func(a *attempt) {
			a.Header.Del("X-Amz-Date")
			a.Header.Set("Date", now.Format(http.TimeFormat))
			a.signed = "content-type;date;host"
			a.Header.Set("Authorization", algorithm+" Credential=AKID/"+a.scope+", SignedHeaders="+a.signed+", Signature="+a.signature(false))
		}),
		"query":            newAttempt().inQuery("60"),
		"query of an hour": newAttempt().with(func(a *attempt) { a.at = now.Add(-59 * time.Minute) }).inQuery("3600"),
	} {
		s, err := verifier().Verify(&a.Request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.AccessKeyID != "AKID" || s.Scope[2] != "appsync" || !slices.Contains(s.SignedHeaders, "host") {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// The words: architect/dynalite index.js and test/connection.js, recorded from
// DynamoDB; aws-amplify/amplify-js#7906 and awslabs/aws-mobile-appsync-sdk-js#702
// have the same from AppSync.
func TestRefusedSignatures(t *testing.T) {
	const mismatch = "The request signature we calculated does not match the signature you provided."
	for name, tt := range map[string]struct {
		attempt *attempt
		error   string
		message string // its beginning
	}{
		"none": {newAttempt(), Missing, "Request is missing Authentication Token"},
		"another scheme": {newAttempt().with(func(a *attempt) { a.Header.Set("Authorization", "Basic abc") }),
			Missing, "Request is missing Authentication Token"},
		"both": {newAttempt().with(func(a *attempt) {
			a.Header.Set("Authorization", "AWS4-")
			a.Query.Set("X-Amz-Algorithm", "")
		}), Invalid, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		"nothing in the header": {newAttempt().with(func(a *attempt) { a.Header.Set("Authorization", algorithm) }), Incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"},
		"no equal-sign": {newAttempt().with(func(a *attempt) {
			a.Header.Set("Authorization", "AWS4-HMAC-SHA256 Signature=b, Credential, SignedHeaders")
		}), Incomplete, "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Signature=b, Credential, SignedHeaders'."},
		"nothing in the query": {newAttempt().with(func(a *attempt) { a.Query.Set("X-Amz-Algorithm", "") }), Incomplete,
			"AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
		"no date": {newAttempt().inHeader().with(func(a *attempt) { a.Header.Set("X-Amz-Date", "201") }), Incomplete,
			"Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601"},
		"expired": {newAttempt().with(func(a *attempt) { a.at = now.Add(-16 * time.Minute) }).inHeader(), Invalid,
			"Signature expired: 20240506T065209Z is now earlier than 20240506T065309Z (20240506T070809Z - 15 min.)"},
		"not yet": {newAttempt().with(func(a *attempt) { a.at = now.Add(16 * time.Minute) }).inHeader(), Invalid,
			"Signature not yet current: 20240506T072409Z is still later than 20240506T072309Z (20240506T070809Z + 15 min.)"},
		"query expired": {newAttempt().with(func(a *attempt) { a.at = now.Add(-61 * time.Second) }).inQuery("60"), Invalid,
			"Signature expired: "},
		"query for too long": {newAttempt().inQuery("604801"), Incomplete, "X-Amz-Expires must be"},
		"host is not signed": {newAttempt().with(func(a *attempt) { a.signed = "x-amz-date" }).inHeader(), Invalid,
			"'Host' must be a 'SignedHeader' in the AWS Authorization."},
		"a header that did not arrive": {newAttempt().with(func(a *attempt) { a.signed = "accept;" + a.signed }).inHeader(), Incomplete,
			"'accept' is named as a SignedHeader, but it does not exist in the HTTP request."},
		"another algorithm": {newAttempt().with(func(a *attempt) { a.algorithm = "AWS4-HMAC-SHA25" }).inHeader(), Incomplete,
			"Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "},
		"short credential": {newAttempt().inHeader().with(func(a *attempt) {
			a.Header.Set("Authorization", strings.Replace(a.Header.Get("Authorization"), "AKID/"+a.scope, "a/b/c/d", 1))
		}), Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'"},
		"wrong scope": {newAttempt().with(func(a *attempt) { a.scope = "b/c/d/e" }).inHeader(), Invalid,
			"Credential should be scoped to correct service: 'appsync'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20240506', from '20240506T070809Z'."},
		"unknown key": {newAttempt().with(func(a *attempt) { a.key = "other" }).inHeader(), Unrecognized,
			"The security token included in the request is invalid."},
		"wrong secret":      {newAttempt().with(func(a *attempt) { a.secret = "other" }).inHeader(), Invalid, mismatch},
		"another body":      {newAttempt().inHeader().with(func(a *attempt) { a.Body = []byte(body + " ") }), Invalid, mismatch},
		"another path":      {newAttempt().inHeader().with(func(a *attempt) { a.Path = "/graphql/" }), Invalid, mismatch},
		"another method":    {newAttempt().inHeader().with(func(a *attempt) { a.Method = http.MethodPut }), Invalid, mismatch},
		"another host":      {newAttempt().inHeader().with(func(a *attempt) { a.Host = "localhost" }), Invalid, mismatch},
		"another header":    {newAttempt().inHeader().with(func(a *attempt) { a.Header.Set("Content-Type", "text/plain") }), Invalid, mismatch},
		"another time":      {newAttempt().inHeader().with(func(a *attempt) { a.Header.Set("X-Amz-Date", "20240506T070810Z") }), Invalid, mismatch},
		"unsigned payload":  {newAttempt().inHeader().with(func(a *attempt) { a.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }), Invalid, mismatch},
		"truncated":         {newAttempt().inHeader().with(func(a *attempt) { h := a.Header.Get("Authorization"); a.Header.Set("Authorization", h[:len(h)-1]) }), Invalid, mismatch},
		"query of another":  {newAttempt().inQuery("60").with(func(a *attempt) { a.Body = nil }), Invalid, mismatch},
		"query with extras": {newAttempt().inQuery("60").with(func(a *attempt) { a.Query.Set("x", "y") }), Invalid, mismatch},
	} {
		_, err := verifier().Verify(&tt.attempt.Request)
		refused, is := errors.AsType[*Error](err)
		if !is || refused.Name != tt.error || !strings.HasPrefix(refused.Message, tt.message) {
			t.Errorf("%s:\n got %v\nwant %s: %s", name, err, tt.error, tt.message)
		}
	}
}

// A token of another mode counts as a signature where signatures are all there
// is. Recorded: aws-amplify/amplify-js#2035 and #7906.
func TestAnySchemeIsReadAsASignature(t *testing.T) {
	a := newAttempt()
	a.Header.Set("Authorization", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
	_, err := Parse(&a.Request, true)
	const want = "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=eyJ"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if _, err := Parse(&a.Request, false); err == nil || !strings.HasPrefix(err.Error(), Missing) {
		t.Errorf("got %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	signed := newAttempt().inHeader()
	f.Add(signed.Header.Get("Authorization"), signed.Header.Get("X-Amz-Date"), "")
	f.Add("", "", newAttempt().inQuery("60").Query.Encode())
	f.Add("AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;, Signature==", "20240506T070809Z", "")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		a := newAttempt()
		a.Query, _ = url.ParseQuery(query)
		a.Header.Set("Authorization", authorization)
		a.Header.Set("X-Amz-Date", date)
		a.Body = []byte("something else")
		for _, any := range []bool{false, true} {
			_, _ = Parse(&a.Request, any)
			v := verifier()
			v.AnyScheme = any
			if s, err := v.Verify(&a.Request); err == nil {
				t.Fatalf("accepted %+v", s)
			} else if _, is := errors.AsType[*Error](err); !is {
				t.Fatalf("%T", err)
			}
		}
	})
}
