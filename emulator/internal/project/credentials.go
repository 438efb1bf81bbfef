package project

import (
	"fmt"
	"strings"
)

// Credential is an AWS access key with which callers sign their requests to an API
// with AWS_IAM, and what templates see of such a caller.
type Credential struct {
	AccessKeyID string
	// Secret is empty when signatures are not to be checked.
	Secret string
	// SessionToken is that of temporary credentials, or empty.
	SessionToken string

	// These are fields of $ctx.identity; empty ones are made up, or null.
	AccountID                   string
	Username                    string
	UserARN                     string
	CognitoIdentityPoolID       string
	CognitoIdentityID           string
	CognitoIdentityAuthType     string // authenticated or unauthenticated
	CognitoIdentityAuthProvider string

	Pos Position
}

// credentialsKey is the key of the project that lists them.
const credentialsKey = "credentials"

// credentials reads the access keys of an API's callers.
func (l *loader) credentials(section *fields) {
	e := section.get(credentialsKey)
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindList {
		section.wrong(e, "a list of access keys")
		return
	}
	names := map[string]*declared{}
	withSecret, without := 0, place{}
	for _, item := range e.value.items {
		at := orElse(item, e.pos)
		c, ok := l.credential(item, at)
		if !ok || !l.declare(names, "access key", c.AccessKeyID, c.Pos) {
			continue
		}
		if c.Secret != "" {
			withSecret++
		} else {
			without = at
		}
		l.api.Credentials = append(l.api.Credentials, c)
	}
	if withSecret > 0 && withSecret < len(l.api.Credentials) {
		l.problem(without, "this access key needs a `secretAccessKey`, as others have one", "signatures are checked with all or with none")
	}
	if !l.authenticates(AuthIAM) && l.api.Auth.Type != "" && len(l.api.Credentials) > 0 {
		section.noEffect(credentialsKey, "no authentication is "+AuthIAM)
	}
}

func (l *loader) authenticates(mode string) bool {
	if l.api.Auth.Type == mode {
		return true
	}
	for _, a := range l.api.AdditionalAuth {
		if a.Type == mode {
			return true
		}
	}
	return false
}

func (l *loader) credential(n *node, at place) (Credential, bool) {
	f, ok := l.fields(n, "an access key", at, "accessKeyId", "secretAccessKey", "sessionToken", "accountId", "username",
		"userArn", "cognitoIdentityPoolId", "cognitoIdentityId", "cognitoIdentityAuthType", "cognitoIdentityAuthProvider")
	if !ok {
		return Credential{}, false
	}
	c := Credential{Pos: l.position(at)}
	id := f.need("accessKeyId")
	c.AccessKeyID = f.strOf(id)
	if c.AccessKeyID != "" {
		f.what = "access key " + shorten(c.AccessKeyID)
	}
	if !secretPattern.MatchString(c.AccessKeyID) || strings.ContainsAny(c.AccessKeyID, "/,=") {
		if c.AccessKeyID != "" {
			l.problem(id.value.pos, "`accessKeyId` must consist of printable ASCII characters without spaces, `/`, `,` and `=`", "")
		}
		return Credential{}, false
	}
	c.Secret = f.str("secretAccessKey")
	if e := f.get("sessionToken"); e != nil {
		if c.SessionToken = f.strOf(e); c.SessionToken != "" && !secretPattern.MatchString(c.SessionToken) {
			l.problem(e.value.pos, "`sessionToken` must consist of printable ASCII characters without spaces", "")
		}
	}
	c.AccountID = l.accountID(f)
	c.Username = f.str("username")
	c.UserARN = f.str("userArn")
	c.CognitoIdentityPoolID = f.str("cognitoIdentityPoolId")
	c.CognitoIdentityID = f.str("cognitoIdentityId")
	c.CognitoIdentityAuthType = f.enum("cognitoIdentityAuthType", "", "authenticated", "unauthenticated")
	c.CognitoIdentityAuthProvider = f.str("cognitoIdentityAuthProvider")
	return c, true
}

// accountID reads an AWS account, which YAML takes for a number when it stands
// without quotes: leading zeros are lost then.
func (l *loader) accountID(f *fields) string {
	e := f.get("accountId")
	if e == nil {
		return ""
	}
	id := f.strOf(e)
	if id == "" {
		return ""
	}
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		l.problem(e.value.pos, fmt.Sprintf("`accountId` must be 12 digits in quotes, not `%s`", shorten(id)), "")
		return ""
	}
	return id
}
