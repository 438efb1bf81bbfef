package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a request's time may be from ours.
const maxSkew = 15 * time.Minute

// Verifier checks the signatures of requests to one service. It is safe for
// concurrent use when its functions are.
type Verifier struct {
	// Service is the name in the credential scope: "dynamodb", "appsync".
	Service string
	// Now is the time against which that of a request is checked.
	Now func() time.Time
	// Secret returns the secret of an access key.
	Secret func(accessKeyID string) (secret string, ok bool)
	// AnyScheme is as for Parse.
	AnyScheme bool
}

// Verify checks the signature of a request. A session token is not looked at but
// as one of the signed headers. The error is an *Error.
func (v *Verifier) Verify(r *Request) (*Signature, error) {
	p, err := read(r, v.AnyScheme)
	if err != nil {
		return nil, err
	}
	at, err := p.time()
	if err != nil {
		return nil, err
	}
	if err := checkTime(p, at, v.Now().UTC()); err != nil {
		return nil, err
	}
	signed := strings.Split(p.headers, ";")
	if !slices.ContainsFunc(signed, func(name string) bool { return strings.EqualFold(name, "host") }) {
		return nil, invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	s, err := p.parse(at)
	if err != nil {
		return nil, err
	}
	if err := checkScope(s.Scope, v.Service, at); err != nil {
		return nil, err
	}
	if err := checkHeaders(r, signed); err != nil {
		return nil, err
	}
	secret, ok := v.Secret(s.AccessKeyID)
	if !ok {
		return nil, ErrUnknownKey()
	}
	canonical := r.canonical(signed, s.presigned)
	toSign := stringToSign(canonical, s.Scope, at)
	want := sign(secret, s.Scope, toSign)
	if !hmac.Equal([]byte(want), []byte(s.signature)) {
		return nil, invalid("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
			"The Canonical String for this request should have been\n'" + canonical + "'\n\nThe String-to-Sign should have been\n'" + toSign + "'\n")
	}
	return s, nil
}

// checkTime refuses signatures of another time.
func checkTime(p *parameters, at, now time.Time) error {
	life, words := maxSkew, "15 min."
	if p.presigned {
		life, words = p.expires, strconv.Itoa(int(p.expires/time.Second))+" sec."
	}
	if oldest := now.Add(-life); at.Before(oldest.Truncate(time.Second)) {
		return invalid("Signature expired: " + at.Format(timeFormat) + " is now earlier than " +
			oldest.Format(timeFormat) + " (" + now.Format(timeFormat) + " - " + words + ")")
	}
	if newest := now.Add(maxSkew); at.After(newest) {
		return invalid("Signature not yet current: " + at.Format(timeFormat) + " is still later than " +
			newest.Format(timeFormat) + " (" + now.Format(timeFormat) + " + 15 min.)")
	}
	return nil
}

// checkScope refuses credentials of another service or day. Any region is ours.
func checkScope(scope []string, service string, at time.Time) error {
	var message []string
	if scope[1] == "" {
		message = append(message, "Credential should be scoped to a valid region, not ''.")
	}
	if scope[2] != service {
		message = append(message, "Credential should be scoped to correct service: '"+service+"'.")
	}
	if scope[3] != terminator {
		message = append(message, "Credential should be scoped with a valid terminator: '"+terminator+"', not '"+scope[3]+"'.")
	}
	if day := at.Format(dayFormat); scope[0] != day {
		message = append(message, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			scope[0]+"' != '"+day+"', from '"+at.Format(timeFormat)+"'.")
	}
	if message == nil {
		return nil
	}
	return invalid(strings.Join(message, " "))
}

// checkHeaders refuses a signature of headers that have not arrived.
//
// Recorded: awslabs/aws-mobile-appsync-sdk-js#702.
func checkHeaders(r *Request, signed []string) error {
	for _, name := range signed {
		if len(r.values(strings.ToLower(name))) == 0 {
			return incomplete("'" + name + "' is named as a SignedHeader, but it does not exist in the HTTP request.")
		}
	}
	return nil
}

// stringToSign returns what the key of a scope signs.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-string-to-sign
func stringToSign(canonical string, scope []string, at time.Time) string {
	return strings.Join([]string{algorithm, at.Format(timeFormat), strings.Join(scope, "/"), hash([]byte(canonical))}, "\n")
}

// sign derives the key of a credential scope and signs with it.
func sign(secret string, scope []string, toSign string) string {
	key := []byte("AWS4" + secret)
	for _, part := range scope {
		key = authenticate(key, part)
	}
	return hex.EncodeToString(authenticate(key, toSign))
}

func authenticate(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}
