package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"
	terminator = "aws4_request"
	// maxExpires is the life of a presigned request at most.
	maxExpires = 7 * 24 * time.Hour
)

// The names of the errors.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
const (
	Incomplete   = "IncompleteSignatureException"
	Invalid      = "InvalidSignatureException"
	Missing      = "MissingAuthenticationTokenException"
	Unrecognized = "UnrecognizedClientException"
)

// Error says why a signature is refused.
type Error struct {
	Name    string
	Message string
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

func incomplete(message string) error { return &Error{Name: Incomplete, Message: message} }

func invalid(message string) error { return &Error{Name: Invalid, Message: message} }

// ErrUnknownKey refuses an access key or session token that nobody has given out.
func ErrUnknownKey() error {
	return &Error{Name: Unrecognized, Message: "The security token included in the request is invalid."}
}

// Signature is what a signed request says of itself.
type Signature struct {
	AccessKeyID string
	// SessionToken is that of temporary credentials, or empty.
	SessionToken string
	// Scope is the credential's: day, region, service and a terminator.
	Scope []string
	// SignedHeaders are the names as they were sent.
	SignedHeaders []string
	Time          time.Time

	signature string
	// expires is the life of a presigned request; 0 for others.
	expires   time.Duration
	presigned bool
}

// parameters are the parts of a signature as text.
type parameters struct {
	credential, signature, headers, date, token string
	expires                                     time.Duration
	presigned                                   bool
}

// Parse reads the signature of a request, in its header or in its query, without
// checking more than its form. anyScheme takes whatever the Authorization header
// holds for a signature; without, a header of another scheme counts as none. The
// error is an *Error.
func Parse(r *Request, anyScheme bool) (*Signature, error) {
	p, err := read(r, anyScheme)
	if err != nil {
		return nil, err
	}
	at, err := p.time()
	if err != nil {
		return nil, err
	}
	return p.parse(at)
}

// time reads the date. An RFC 1123 date is admitted in a header alone.
func (p *parameters) time() (time.Time, error) {
	at, err := time.Parse(timeFormat, p.date)
	if err != nil {
		if at, err = http.ParseTime(p.date); err != nil || p.presigned {
			return time.Time{}, incomplete("Date must be in ISO-8601 'basic format'. Got '" + p.date +
				"'. See http://en.wikipedia.org/wiki/ISO_8601")
		}
	}
	return at.UTC(), nil
}

func (p *parameters) parse(at time.Time) (*Signature, error) {
	scope := strings.Split(strings.TrimRight(p.credential, "/"), "/")
	if len(scope) != 5 {
		return nil, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" +
			p.credential + "'")
	}
	return &Signature{
		AccessKeyID:   scope[0],
		SessionToken:  p.token,
		Scope:         scope[1:],
		SignedHeaders: strings.Split(p.headers, ";"),
		Time:          at,
		signature:     p.signature,
		expires:       p.expires,
		presigned:     p.presigned,
	}, nil
}

// read finds the signature of a request.
func read(r *Request, anyScheme bool) (*parameters, error) {
	header := r.Header.Get("Authorization")
	presigned := r.Query.Has("X-Amz-Algorithm")
	switch {
	case header != "" && presigned:
		return nil, invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case presigned:
		return readPresigned(r.Query)
	case strings.TrimSpace(header) == "", !anyScheme && !strings.HasPrefix(strings.TrimSpace(header), "AWS4-"):
		return nil, &Error{Name: Missing, Message: "Request is missing Authentication Token"}
	}
	p := &parameters{date: r.Header.Get("X-Amz-Date"), token: r.Header.Get("X-Amz-Security-Token")}
	if p.date == "" {
		p.date = r.Header.Get("Date")
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	given := map[string]string{}
	for part := range strings.FieldsFuncSeq(rest, func(c rune) bool { return c == ',' || c == ' ' }) {
		k, v, ok := strings.Cut(part, "=")
		if !ok {
			return nil, incomplete("'" + part + "' not a valid key=value pair (missing equal-sign) in Authorization header: '" + header + "'.")
		}
		given[k] = v
	}
	var message strings.Builder
	for _, parameter := range []string{"Credential", "Signature", "SignedHeaders"} {
		if given[parameter] == "" {
			message.WriteString("Authorization header requires '" + parameter + "' parameter. ")
		}
	}
	if p.date == "" {
		message.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if message.Len() > 0 {
		return nil, incomplete(message.String() + "Authorization=" + header)
	}
	if name != algorithm {
		return nil, unsupportedAlgorithm(name)
	}
	p.credential, p.signature, p.headers = given["Credential"], given["Signature"], given["SignedHeaders"]
	return p, nil
}

// readPresigned reads a signature in the query.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func readPresigned(query url.Values) (*parameters, error) {
	var message strings.Builder
	for _, parameter := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if query.Get(parameter) == "" {
			message.WriteString("AWS query-string parameters must include '" + parameter + "'. ")
		}
	}
	if message.Len() > 0 {
		return nil, incomplete(message.String() + "Re-examine the query-string parameters.")
	}
	if name := query.Get("X-Amz-Algorithm"); name != algorithm {
		return nil, unsupportedAlgorithm(name)
	}
	p := &parameters{
		credential: query.Get("X-Amz-Credential"), signature: query.Get("X-Amz-Signature"),
		headers: query.Get("X-Amz-SignedHeaders"), date: query.Get("X-Amz-Date"),
		token:     query.Get("X-Amz-Security-Token"),
		presigned: true, expires: maxSkew,
	}
	if text := query.Get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > maxExpires {
			return nil, incomplete("X-Amz-Expires must be a number of seconds between 0 and 604800, got '" + text + "'")
		}
		p.expires = time.Duration(seconds) * time.Second
	}
	return p, nil
}

func unsupportedAlgorithm(name string) error {
	return incomplete("Unsupported AWS 'algorithm': '" + name + "' (only " + algorithm + " for now). ")
}
