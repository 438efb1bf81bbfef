package dynamodbapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	terminator = "aws4_request"
	service    = "dynamodb"
	// maxSkew is how far a request's time may be from ours.
	maxSkew = 15 * time.Minute
	// maxExpires is the life of a presigned request at most.
	maxExpires = 7 * 24 * time.Hour
)

// signature is what a signed request says of itself.
type signature struct {
	credential, signature, headers string
	date                           string
	expires                        time.Duration // 0 when it is not presigned
	presigned                      bool
}

// verify checks the signature of a request, in its header or in its query. The
// checks and their order are AWS's.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
func (h *Handler) verify(r *http.Request, body []byte) error {
	query := r.URL.Query()
	header := r.Header.Get("Authorization")
	s, err := readSignature(r, header, query)
	if err != nil {
		return err
	}
	at, err := time.Parse(timeFormat, s.date)
	if err != nil {
		if at, err = http.ParseTime(s.date); err != nil || s.presigned {
			return incompleteSignature("Date must be in ISO-8601 'basic format'. Got '" + s.date + "'. See http://en.wikipedia.org/wiki/ISO_8601")
		}
	}
	if err := checkTime(s, at.UTC(), h.opt.Now().UTC()); err != nil {
		return err
	}
	signed := strings.Split(s.headers, ";")
	if !slices.ContainsFunc(signed, func(name string) bool { return strings.EqualFold(name, "host") }) {
		return invalidSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	scope := strings.Split(strings.TrimRight(s.credential, "/"), "/")
	if len(scope) != 5 {
		return incompleteSignature("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + s.credential + "'")
	}
	if err := checkScope(scope, at.UTC()); err != nil {
		return err
	}
	secret, ok := h.opt.Credentials(scope[0])
	if !ok {
		return serviceFailure("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	canonical := canonicalRequest(r, query, signed, body, s.presigned)
	hash := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{algorithm, at.UTC().Format(timeFormat), strings.Join(scope[1:], "/"), hex.EncodeToString(hash[:])}, "\n")
	want := hex.EncodeToString(sign(signingKey(secret, scope), toSign))
	if !hmac.Equal([]byte(want), []byte(s.signature)) {
		return invalidSignature("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
			"The Canonical String for this request should have been\n'" + canonical + "'\n\nThe String-to-Sign should have been\n'" + toSign + "'\n")
	}
	return nil
}

// readSignature finds the signature of a request.
func readSignature(r *http.Request, header string, query url.Values) (*signature, error) {
	presigned := query.Has("X-Amz-Algorithm")
	switch {
	case header != "" && presigned:
		return nil, invalidSignature("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case presigned:
		return readPresigned(query)
	case !strings.HasPrefix(strings.TrimSpace(header), "AWS4-"):
		return nil, serviceFailure("MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	s := &signature{date: r.Header.Get("X-Amz-Date")}
	if s.date == "" {
		s.date = r.Header.Get("Date")
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	parameters := map[string]string{}
	for part := range strings.FieldsFuncSeq(rest, func(c rune) bool { return c == ',' || c == ' ' }) {
		k, v, ok := strings.Cut(part, "=")
		if !ok {
			return nil, incompleteSignature("'" + part + "' not a valid key=value pair (missing equal-sign) in Authorization header: '" + header + "'.")
		}
		parameters[k] = v
	}
	var message strings.Builder
	for _, parameter := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parameters[parameter] == "" {
			message.WriteString("Authorization header requires '" + parameter + "' parameter. ")
		}
	}
	if s.date == "" {
		message.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if message.Len() > 0 {
		return nil, incompleteSignature(message.String() + "Authorization=" + header)
	}
	if name != algorithm {
		return nil, unsupportedAlgorithm(name)
	}
	s.credential, s.signature, s.headers = parameters["Credential"], parameters["Signature"], parameters["SignedHeaders"]
	return s, nil
}

// readPresigned reads a signature in the query.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func readPresigned(query url.Values) (*signature, error) {
	var message strings.Builder
	for _, parameter := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if query.Get(parameter) == "" {
			message.WriteString("AWS query-string parameters must include '" + parameter + "'. ")
		}
	}
	if message.Len() > 0 {
		return nil, incompleteSignature(message.String() + "Re-examine the query-string parameters.")
	}
	if name := query.Get("X-Amz-Algorithm"); name != algorithm {
		return nil, unsupportedAlgorithm(name)
	}
	s := &signature{
		credential: query.Get("X-Amz-Credential"), signature: query.Get("X-Amz-Signature"),
		headers: query.Get("X-Amz-SignedHeaders"), date: query.Get("X-Amz-Date"),
		presigned: true, expires: maxSkew,
	}
	if text := query.Get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > maxExpires {
			return nil, incompleteSignature("X-Amz-Expires must be a number of seconds between 0 and 604800, got '" + text + "'")
		}
		s.expires = time.Duration(seconds) * time.Second
	}
	return s, nil
}

func unsupportedAlgorithm(name string) error {
	return incompleteSignature("Unsupported AWS 'algorithm': '" + name + "' (only " + algorithm + " for now). ")
}

// checkTime refuses signatures of another time.
func checkTime(s *signature, at, now time.Time) error {
	life, words := maxSkew, "15 min."
	if s.presigned {
		life, words = s.expires, strconv.Itoa(int(s.expires/time.Second))+" sec."
	}
	if oldest := now.Add(-life); at.Before(oldest.Truncate(time.Second)) {
		return invalidSignature("Signature expired: " + at.Format(timeFormat) + " is now earlier than " +
			oldest.Format(timeFormat) + " (" + now.Format(timeFormat) + " - " + words + ")")
	}
	if newest := now.Add(maxSkew); at.After(newest) {
		return invalidSignature("Signature not yet current: " + at.Format(timeFormat) + " is still later than " +
			newest.Format(timeFormat) + " (" + now.Format(timeFormat) + " + 15 min.)")
	}
	return nil
}

// checkScope refuses credentials of another service or day. Any region is ours.
func checkScope(scope []string, at time.Time) error {
	var message []string
	if scope[2] == "" {
		message = append(message, "Credential should be scoped to a valid region, not ''.")
	}
	if scope[3] != service {
		message = append(message, "Credential should be scoped to correct service: '"+service+"'.")
	}
	if scope[4] != terminator {
		message = append(message, "Credential should be scoped with a valid terminator: '"+terminator+"', not '"+scope[4]+"'.")
	}
	if day := at.Format("20060102"); scope[1] != day {
		message = append(message, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			scope[1]+"' != '"+day+"', from '"+at.Format(timeFormat)+"'.")
	}
	if message == nil {
		return nil
	}
	return invalidSignature(strings.Join(message, " "))
}

// canonicalRequest returns the text whose hash is signed.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
func canonicalRequest(r *http.Request, query url.Values, signed []string, body []byte, presigned bool) string {
	var b strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	b.WriteString(r.Method + "\n" + path + "\n")
	var pairs []string
	for name, all := range query {
		if presigned && name == "X-Amz-Signature" {
			continue
		}
		for _, v := range all {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	b.WriteString(strings.Join(pairs, "&") + "\n")
	for _, name := range signed {
		name = strings.ToLower(name)
		values := r.Header.Values(name)
		switch name {
		case "host":
			values = []string{r.Host}
		case "content-length":
			// The server has taken it out of the header.
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
		trimmed := make([]string, len(values))
		for i, v := range values {
			trimmed[i] = strings.Join(strings.Fields(v), " ")
		}
		b.WriteString(name + ":" + strings.Join(trimmed, ",") + "\n")
	}
	b.WriteString("\n" + strings.ToLower(strings.Join(signed, ";")) + "\n")
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if payload != "UNSIGNED-PAYLOAD" {
		hash := sha256.Sum256(body)
		payload = hex.EncodeToString(hash[:])
	}
	b.WriteString(payload)
	return b.String()
}

// escape is the URI encoding of signatures: all but unreserved characters.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

// signingKey derives the key of a credential scope.
func signingKey(secret string, scope []string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range scope[1:] {
		key = sign(key, part)
	}
	return key
}

func serviceFailure(name, message string) *failure {
	return &failure{status: http.StatusBadRequest, space: serviceSpace, name: name, message: message}
}

func incompleteSignature(message string) error {
	return serviceFailure("IncompleteSignatureException", message)
}

func invalidSignature(message string) error {
	return serviceFailure("InvalidSignatureException", message)
}
