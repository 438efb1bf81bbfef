package scalar

import "strings"

func awsEmail() Scalar {
	return &textScalar{
		name:        "AWSEmail",
		description: "An email address, `local-part@domain-part` as in RFC 822, such as `username@example.com`.",
		noun:        "valid email address.",
		valid:       validEmail,
	}
}

// validEmail checks an addr-spec of RFC 822: words and sub-domains joined by
// points, quoted strings as words, [literals] as domains; no white space and no
// comments between them.
func validEmail(text string) bool {
	at := strings.LastIndexByte(text, '@')
	return at > 0 && validLocalPart(text[:at]) && validMailDomain(text[at+1:])
}

func validLocalPart(text string) bool {
	for {
		n := quotedLength(text)
		if n == 0 {
			n = atomLength(text)
		}
		if n == 0 {
			return false
		}
		if n == len(text) {
			return true
		}
		if text[n] != '.' {
			return false
		}
		text = text[n+1:]
	}
}

func validMailDomain(text string) bool {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return len(text) > 2 && !strings.ContainsAny(text[1:len(text)-1], "[]\\\r\n")
	}
	for {
		n := atomLength(text)
		if n == 0 {
			return false
		}
		if n == len(text) {
			return true
		}
		if text[n] != '.' {
			return false
		}
		text = text[n+1:]
	}
}

// atomLength counts the atom characters at the front of text.
func atomLength(text string) int {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\".[]`, c) >= 0 {
			return i
		}
	}
	return len(text)
}

// quotedLength measures the quoted string at the front of text, 0 if there is
// none.
func quotedLength(text string) int {
	if text == "" || text[0] != '"' {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i++
		case c == '\r' || c == '\n' || c >= 0x7f:
			return 0
		}
	}
	return 0
}
