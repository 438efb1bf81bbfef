package sigv4

import (
	"slices"
	"strings"
	"time"
)

// Credentials are what a caller signs with.
type Credentials struct {
	AccessKeyID string
	Secret      string
	// SessionToken is empty for long-term credentials.
	SessionToken string
}

// Signer signs requests to one service in one region.
type Signer struct {
	Credentials
	Service, Region string
}

// Sign adds the date, the session token if there is one, and the signature to the
// headers of a request. All headers that the request has by then are signed, and
// the host.
func (s *Signer) Sign(r *Request, at time.Time) {
	at = at.UTC()
	r.Header.Set("X-Amz-Date", at.Format(timeFormat))
	if s.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", s.SessionToken)
	}
	r.Header.Del("Authorization")
	names := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); name != "host" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	scope := []string{at.Format(dayFormat), s.Region, s.Service, terminator}
	signature := sign(s.Secret, scope, stringToSign(r.canonical(names, false), scope, at))
	r.Header.Set("Authorization", algorithm+" Credential="+s.AccessKeyID+"/"+strings.Join(scope, "/")+
		", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
}
