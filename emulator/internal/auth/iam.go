package auth

import (
	"crypto/hmac"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/sigv4"
	"appsync-emulator/mappingtemplate/value"
)

// DefaultAccountID is the AWS account that everything here belongs to.
const DefaultAccountID = "123456789012"

// iam checks the signatures of callers with AWS credentials. Without any
// credentials to check them with, it believes what they say.
type iam struct {
	callers map[string]project.Credential // by access key
	verify  bool
	now     func() time.Time
	log     *slog.Logger
	warned  sync.Once
	// endpoints are the paths that the API is served at.
	endpoints []string
}

func newIAM(api *project.API, opt *Options) *iam {
	m := &iam{
		callers:   map[string]project.Credential{},
		now:       opt.Wall,
		log:       opt.Log,
		endpoints: []string{"/graphql", "/apis/" + api.ID + "/graphql"},
	}
	for _, c := range api.Credentials {
		m.callers[c.AccessKeyID] = c
		m.verify = m.verify || c.Secret != ""
	}
	return m
}

// authenticate finds who signed a request.
func (m *iam) authenticate(req *Request) (Identity, *Refusal) {
	s, err := m.signature(req)
	if err != nil {
		reason, _, _ := strings.Cut(withoutSecrets(err.Error(), req.Header), "\n")
		m.log.Warn("a signature was refused", "reason", reason)
		return Identity{}, signatureRefusal(err, req)
	}
	return Identity{Mode: project.AuthIAM, Value: m.identity(s.AccessKeyID, req)}, nil
}

// signature reads the signature of a request, and checks it if there is anything
// to check it with.
func (m *iam) signature(req *Request) (*sigv4.Signature, error) {
	requests := m.signed(req)
	if !m.verify {
		s, err := sigv4.Parse(&requests[0], true)
		if err == nil {
			m.warned.Do(func() {
				m.log.Warn("AWS_IAM: signatures are not checked, as the project has no `credentials` with a secretAccessKey; every caller is believed",
					"accessKeyId", s.AccessKeyID)
			})
		}
		return s, err
	}
	verifier := sigv4.Verifier{Service: "appsync", Now: m.now, Secret: m.secret, AnyScheme: true}
	var first error
	for i := range requests {
		s, err := verifier.Verify(&requests[i])
		if err == nil {
			// Whose token it is must be right, too; that it is signed says nothing.
			if want := m.callers[s.AccessKeyID].SessionToken; !hmac.Equal([]byte(want), []byte(s.SessionToken)) {
				return nil, sigv4.ErrUnknownKey()
			}
			return s, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (m *iam) secret(accessKeyID string) (string, bool) {
	c, ok := m.callers[accessKeyID]
	return c.Secret, ok && c.Secret != ""
}

// signed returns what the caller may have signed; of several, one must be right. A
// real-time client signs what it would post to the API's endpoint, whose path is
// not among what it sends, and Amplify Swift signs the host without its port, which
// AppSync's own has not.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html#header-parameter-format-based-on-appsync-api-authorization-mode
func (m *iam) signed(req *Request) []sigv4.Request {
	var out []sigv4.Request
	add := func(r sigv4.Request) {
		out = append(out, r)
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r.Host = host
			out = append(out, r)
		}
	}
	if req.Kind == HTTP && req.HTTP != nil {
		add(*sigv4.RequestOf(req.HTTP, []byte(req.Body)))
		return out
	}
	body, suffix := req.Body, ""
	if req.Kind == Connect {
		body, suffix = "{}", "/connect"
	}
	for _, path := range m.endpoints {
		add(sigv4.Request{
			Method:        http.MethodPost,
			Path:          path + suffix,
			Query:         url.Values{},
			Host:          req.Header.Get("Host"),
			Header:        req.Header,
			ContentLength: -1,
			Body:          []byte(body),
		})
	}
	return out
}

// identity is what templates see of a caller. What the project does not say of an
// access key is made up from it.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html#aws-appsync-resolver-context-reference-identity
func (m *iam) identity(accessKeyID string, req *Request) *value.Map {
	c := m.callers[accessKeyID]
	account := or(c.AccountID, DefaultAccountID)
	return value.MapOf(
		"accountId", account,
		"cognitoIdentityPoolId", orNull(c.CognitoIdentityPoolID),
		"cognitoIdentityId", orNull(c.CognitoIdentityID),
		"sourceIp", req.sourceIP(),
		"username", or(c.Username, accessKeyID),
		"userArn", or(c.UserARN, "arn:aws:iam::"+account+":user/"+or(c.Username, accessKeyID)),
		"cognitoIdentityAuthType", orNull(c.CognitoIdentityAuthType),
		"cognitoIdentityAuthProvider", orNull(c.CognitoIdentityAuthProvider),
	)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// signatureRefusal words what is wrong with a signature: over HTTP with the error's
// own name and status 403, in real time as a bad request.
//
// Recorded: aws-amplify/amplify-js#3447, #2422 and #7906 (HTTP),
// awslabs/aws-mobile-appsync-sdk-js#561, #619 and #750 (real time).
func signatureRefusal(err error, req *Request) *Refusal {
	refused, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		return unauthorized(messageNotAuthorized)
	}
	message := withoutSecrets(refused.Message, req.Header)
	if req.Kind != HTTP {
		return &Refusal{Status: http.StatusBadRequest, ErrorType: apierror.TypeBadRequest, Message: message}
	}
	return &Refusal{Status: http.StatusForbidden, ErrorType: refused.Name, Message: message}
}

// withoutSecrets takes credentials out of a message, which may end up in a log.
// AWS's messages repeat the header and the session token.
func withoutSecrets(message string, header http.Header) string {
	for _, name := range []string{"Authorization", "X-Amz-Security-Token", "X-Api-Key"} {
		if secret := header.Get(name); secret != "" {
			message = strings.ReplaceAll(message, secret, "...")
			message = strings.ReplaceAll(message, strings.Join(strings.Fields(secret), " "), "...")
		}
		// Of a header that is no signature, the message repeats parts.
		for part := range strings.FieldsSeq(header.Get(name)) {
			if len(part) >= secretLength && !strings.HasPrefix(part, "AWS4-") {
				message = strings.ReplaceAll(message, part, "...")
			}
		}
	}
	return message
}

// secretLength is that from which a part of a header may be a secret.
const secretLength = 16
