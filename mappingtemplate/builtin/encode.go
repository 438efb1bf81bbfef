package builtin

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
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

// base64Decode yields bytes, which a template sees as text. As Java's decoder it
// takes unpadded input and ignores the bits behind the last byte, but neither
// line ends nor wrong padding.
func base64Decode(s string) (any, bool, error) {
	body := strings.TrimRight(s, "=")
	padding := len(s) - len(body)
	rest := len(body) % 4
	bad := padding > 0 && (rest < 2 || rest+padding != 4) || strings.ContainsAny(s, "\r\n")
	b, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil || bad {
		return fail(throw("java.lang.IllegalArgumentException", "Input is not valid base64"))
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
			// Integer.parseInt takes a sign.
			n, err := strconv.ParseInt(s[i+1:i+3], 16, 16)
			if err == nil && s[i+1] == '-' {
				return "", throw("java.lang.IllegalArgumentException", "URLDecoder: Illegal hex characters in escape (%%) pattern - negative value")
			}
			if err != nil {
				return "", throw("java.lang.IllegalArgumentException", "URLDecoder: Illegal hex characters in escape (%%) pattern - For input string: %q", s[i+1:i+3])
			}
			b = append(b, byte(n))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return textOfUTF8(b), nil
}

// textOfUTF8 is Java's new String(b, UTF_8): every malformed sequence becomes one
// U+FFFD.
func textOfUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			size = malformedLength(b)
		}
		out.WriteRune(r)
		b = b[size:]
	}
	return out.String()
}

// malformedLength returns how many bytes belong to the malformed sequence that
// begins b.
func malformedLength(b []byte) int {
	continues := func(i int, lo, hi byte) bool { return i < len(b) && b[i] >= lo && b[i] <= hi }
	lo, hi := byte(0x80), byte(0xBF)
	switch lead := b[0]; {
	case lead == 0xE0:
		lo = 0xA0
	case lead == 0xF0:
		lo = 0x90
	case lead == 0xF4:
		hi = 0x8F
	case lead < 0xE0 || lead > 0xF4:
		return 1
	}
	switch {
	case !continues(1, lo, hi):
		return 1
	case !continues(2, 0x80, 0xBF):
		return 2
	}
	// Four bytes without the last, or a surrogate.
	return 3
}
