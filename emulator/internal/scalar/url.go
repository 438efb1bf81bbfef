package scalar

import (
	"net/netip"
	"strconv"
	"strings"
)

func awsURL() Scalar {
	return &textScalar{
		name: "AWSURL",
		description: "A URL as in RFC 1738, such as `https://www.amazon.com/dp/B000NZW3KC/` or " +
			"`mailto:example@example.com`. It must have a scheme, and no two slashes in a row in its path.",
		noun:  "valid URL.",
		valid: validURL,
	}
}

func validURL(text string) bool {
	colon := strings.IndexByte(text, ':')
	if colon < 1 || !validScheme(text[:colon]) {
		return false
	}
	scheme, rest := text[:colon], text[colon+1:]
	for i := 0; i < len(rest); i++ {
		if rest[i] <= ' ' || rest[i] == 0x7f {
			return false
		}
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	if !validEscapes(query) || !validEscapes(fragment) {
		return false
	}
	if !strings.HasPrefix(rest, "//") {
		// A scheme without hosts, such as mailto.
		return rest != "" && validURLPath(rest)
	}
	rest = rest[2:]
	authority, path := rest, ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		authority, path = rest[:slash], rest[slash:]
	}
	if authority == "" {
		// Only files have no host.
		return strings.EqualFold(scheme, "file") && path != "" && validURLPath(path)
	}
	return validAuthority(authority) && validURLPath(path)
}

func validScheme(text string) bool {
	if text == "" || !isLetter(text[0]) {
		return false
	}
	for i := 1; i < len(text); i++ {
		if c := text[i]; !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// validAuthority checks [user[:password]@]host[:port].
func validAuthority(text string) bool {
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		if !validURLPath(text[:at]) {
			return false
		}
		text = text[at+1:]
	}
	if strings.HasPrefix(text, "[") {
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return false
		}
		addr, err := netip.ParseAddr(text[1:end])
		return err == nil && addr.Is6() && validPort(text[end+1:])
	}
	host, port := text, ""
	if colon := strings.IndexByte(text, ':'); colon >= 0 {
		host, port = text[:colon], text[colon:]
	}
	return validHost(host) && validPort(port)
}

func validPort(text string) bool {
	if text == "" || text == ":" {
		return true
	}
	if text[0] != ':' || !isDigit(text[1]) {
		return false
	}
	_, err := strconv.ParseUint(text[1:], 10, 16)
	return err == nil
}

// validHost checks a name of labels joined by points, or an IPv4 address.
// Letters beyond ASCII are taken, for internationalized names.
func validHost(text string) bool {
	text = strings.TrimSuffix(text, ".")
	if text == "" || len(text) > 253 {
		return false
	}
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] != '.' {
			if c := text[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c < 0x80 {
				return false
			}
			continue
		}
		if i == start || text[start] == '-' || text[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}

// validURLPath refuses RFC 1738's unsafe characters, broken escapes and double
// slashes.
func validURLPath(text string) bool {
	return !strings.Contains(text, "//") && !strings.ContainsAny(text, "<>\"{}|\\^`[]") && validEscapes(text)
}

func validEscapes(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			continue
		}
		if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
			return false
		}
		i += 2
	}
	return true
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
