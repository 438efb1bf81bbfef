package builtin

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

const hexDigits = "0123456789ABCDEF"

func encode(name string, v any) (any, bool, error) {
	s, null, ok := text(v)
	if !ok {
		return notFound()
	}
	if null {
		return found(nil)
	}
	switch name {
	case "escapeJavaScript":
		return found(escapeJavaScript(s))
	case "urlEncode":
		return found(urlEncode(s))
	case "urlDecode":
		d, err := urlDecode(s)
		if err != nil {
			return fail(err)
		}
		return found(d)
	case "base64Encode":
		return found(base64.StdEncoding.EncodeToString([]byte(s)))
	default:
		return base64Decode(s)
	}
}

// base64Decode yields bytes, which a template sees as text. Java's decoder takes
// unpadded input too.
func base64Decode(s string) (any, bool, error) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return fail(throw("java.lang.IllegalArgumentException", "Illegal base64 input: %v", err))
	}
	return found(string(b))
}

// escapeJavaScript escapes as Apache Commons Lang does: quotes, slash and
// backslash by a backslash, control and non-ASCII characters as \uXXXX.
func escapeJavaScript(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\'' || r == '"' || r == '\\' || r == '/':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r > 0x7f:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04X`, unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// urlEncode is java.net.URLEncoder in UTF-8.
func urlEncode(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '.', c == '-', c == '*', c == '_':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// urlDecode is java.net.URLDecoder in UTF-8.
func urlDecode(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", throw("java.lang.IllegalArgumentException", "URLDecoder: Incomplete trailing escape (%%) pattern")
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", throw("java.lang.IllegalArgumentException", "URLDecoder: Illegal hex characters in escape (%%) pattern - For input string: %q", s[i+1:i+3])
			}
			b = append(b, byte(n))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), nil
}
