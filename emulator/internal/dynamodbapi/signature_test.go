package dynamodbapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/sigv4"
	"appsync-emulator/storage/bolt"
)

// The words: architect/dynalite index.js and test/connection.js, recorded from
// DynamoDB. Package sigv4 tests what else there is to refuse.
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
	const (
		space    = `{"__type":"com.amazon.coral.service#`
		mismatch = space + `InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided.`
	)
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: "AKID", Secret: "secret"}, Service: "dynamodb", Region: "us-east-1",
	}
	other, appsync := signer, signer
	other.Secret = "other"
	appsync.Service = "appsync"
	unknown := signer
	unknown.AccessKeyID = "other"
	tests := []struct {
		name string
		sign func(r *http.Request, body []byte)
		want string // what the answer begins with
	}{
		{"signed", func(r *http.Request, body []byte) { signer.Sign(sigv4.RequestOf(r, body), now) }, `{"TableNames":[]}`},
		{"signed with its length", func(r *http.Request, body []byte) {
			r.Header.Set("Content-Length", "12")
			signer.Sign(sigv4.RequestOf(r, body), now)
		}, `{"TableNames":[]}`},
		{"not signed", func(*http.Request, []byte) {},
			space + `MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}`},
		{"another scheme", func(r *http.Request, _ []byte) { r.Header.Set("Authorization", "Basic abc") },
			space + `MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}`},
		{"incomplete", func(r *http.Request, _ []byte) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256") },
			space + `IncompleteSignatureException","message":"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"}`},
		{"expired", func(r *http.Request, body []byte) { signer.Sign(sigv4.RequestOf(r, body), now.Add(-16*time.Minute)) },
			space + `InvalidSignatureException","message":"Signature expired: 20240506T065209Z is now earlier than 20240506T065309Z (20240506T070809Z - 15 min.)"}`},
		{"for another service", func(r *http.Request, body []byte) { appsync.Sign(sigv4.RequestOf(r, body), now) },
			space + `InvalidSignatureException","message":"Credential should be scoped to correct service: 'dynamodb'."}`},
		{"an unknown key", func(r *http.Request, body []byte) { unknown.Sign(sigv4.RequestOf(r, body), now) },
			space + `UnrecognizedClientException","message":"The security token included in the request is invalid."}`},
		{"another secret", func(r *http.Request, body []byte) { other.Sign(sigv4.RequestOf(r, body), now) }, mismatch},
		{"another body", func(r *http.Request, body []byte) { signer.Sign(sigv4.RequestOf(r, append(body, ' ')), now) }, mismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const body = `{"Limit": 3}`
			r, err := http.NewRequest(http.MethodPost, server.URL+"/", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Host = r.URL.Host
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
			tt.sign(r, []byte(body))
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(got), tt.want) {
				t.Errorf(" got %s\nwant %s", got, tt.want)
			}
		})
	}
}
