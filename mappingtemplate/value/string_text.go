package value

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// lines returns the lines of s without what ends them, as String.lines does.
func lines(s string) []string {
	var out []string
	for s != "" {
		i := strings.IndexAny(s, "\r\n")
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		if strings.HasPrefix(s[i:], "\r\n") {
			i++
		}
		s = s[i+1:]
	}
	return out
}

// leadingSpace returns how many bytes of white space s begins with.
func leadingSpace(s string) int { return len(s) - len(strip(s, true, false)) }

// indent is String.indent: n blanks more before each line, or up to -n fewer.
func indent(s string, n int) (any, bool, error) {
	if s == "" {
		return returns("")
	}
	parts := lines(s)
	if n > 0 && n > (MaxText-min(len(s), MaxText))/(len(parts)+1) {
		return thrown(ErrTextTooLong)
	}
	var b strings.Builder
	for _, line := range parts {
		b.WriteString(strings.Repeat(" ", max(n, 0)))
		b.WriteString(outdent(line, max(-n, 0)))
		b.WriteByte('\n')
	}
	return returns(b.String())
}

// outdent returns line without its first n characters of white space.
func outdent(line string, n int) string {
	for i, r := range line {
		if n == 0 || !javaSpace(r) {
			return line[i:]
		}
		n--
	}
	return ""
}

// stripIndent is String.stripIndent, which takes the indentation off a text
// block.
func stripIndent(s string) string {
	if s == "" {
		return ""
	}
	parts := lines(s)
	endsLine := strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\r")
	common := len(s)
	if endsLine {
		common = 0
	} else {
		for _, line := range parts {
			if !isBlank(line) {
				common = min(common, leadingSpace(line))
			}
		}
		if last := parts[len(parts)-1]; isBlank(last) {
			common = min(common, len(last))
		}
	}
	for i, line := range parts {
		if isBlank(line) {
			parts[i] = ""
			continue
		}
		parts[i] = strip(line[min(common, leadingSpace(line)):], false, true)
	}
	text := strings.Join(parts, "\n")
	if endsLine {
		text += "\n"
	}
	return text
}

// translateEscapes is String.translateEscapes, of the escape sequences of Java's
// string literals.
func translateEscapes(s string) (any, bool, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		next := byte(0)
		if i < len(s) {
			next = s[i]
		}
		switch plain := strings.IndexByte("bfnrst'\"\\", next); {
		case next != 0 && plain >= 0:
			b.WriteByte("\b\f\n\r \t'\"\\"[plain])
		case next >= '0' && next <= '7':
			digits := 2
			if next <= '3' {
				digits = 3
			}
			code := rune(0)
			for ; digits > 0 && i < len(s) && s[i] >= '0' && s[i] <= '7'; digits-- {
				code = code*8 + rune(s[i]-'0')
				i++
			}
			i--
			b.WriteRune(code)
		case next == '\n':
		case next == '\r':
			if strings.HasPrefix(s[i+1:], "\n") {
				i++
			}
		default:
			unit := uint16(0)
			if i < len(s) {
				unit = utf16.Encode([]rune(s[i:])[:1])[0]
			}
			return thrown(illegalArgument(fmt.Sprintf(`Invalid escape sequence: \%c \\u%04X`, rune(unit), unit)))
		}
	}
	return returns(b.String())
}

// encode is String.getBytes in one of the six character sets that every Java
// platform has.
func encode(s, charset string) (any, bool, error) {
	switch strings.ToUpper(charset) {
	case "":
		return thrown(throwEmpty("java.io.UnsupportedEncodingException"))
	case "UTF-8", "UTF8":
		return returns(bytesOf(s))
	case "US-ASCII", "ASCII":
		return returns(bytesOf(narrow(s, 0x7F)))
	case "ISO-8859-1", "ISO8859_1", "LATIN1":
		return returns(bytesOf(narrow(s, 0xFF)))
	case "UTF-16":
		return returns(bytesOf("\xFE\xFF" + wide(s, false)))
	case "UTF-16BE":
		return returns(bytesOf(wide(s, false)))
	case "UTF-16LE":
		return returns(bytesOf(wide(s, true)))
	}
	return thrown(throw("java.io.UnsupportedEncodingException", charset))
}

// narrow writes a byte for each code point, and "?" for those above limit.
func narrow(s string, limit rune) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > limit {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return string(out)
}

func wide(s string, littleEndian bool) string {
	out := make([]byte, 0, 2*len(s))
	for _, u := range unitsOf(s) {
		if littleEndian {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return string(out)
}

// copyUnits is String.getChars and the old String.getBytes: it copies the UTF-16
// units from begin to end into an array, as whole chars or their low bytes.
func (c *call) copyUnits(s string) (any, bool, error) {
	begin, end, at := c.int(0), c.int(1), c.int(3)
	units := unitsOf(s)
	if begin < 0 || begin > end || end > len(units) {
		return thrown(badRange(begin, end, len(units)))
	}
	to, ok := c.args[2].(*Array)
	if !ok {
		return thrown(nullPointer())
	}
	if n := end - begin; at < 0 || at > len(to.Items)-n {
		if c.name == "getChars" && isLatin(s) {
			return thrown(throw("java.lang.ArrayIndexOutOfBoundsException", fmt.Sprintf("offset %d, count %d, length %d", at, n, len(to.Items))))
		}
		return thrown(badCount(at, n, len(to.Items)))
	}
	for i, u := range units[begin:end] {
		if c.name == "getChars" {
			to.Items[at+i] = Char(u)
		} else {
			to.Items[at+i] = int32(int8(u))
		}
	}
	return void(nil)
}

// partOfChars is String.valueOf(char[], offset, count).
func (c *call) partOfChars() (any, bool, error) {
	a, ok := c.args[0].(*Array)
	if !ok {
		return thrown(nullPointer())
	}
	offset, count := c.int(1), c.int(2)
	if offset < 0 || count < 0 || offset > len(a.Items)-count {
		return thrown(badCount(offset, count, len(a.Items)))
	}
	return returns(textOf(a.units()[offset : offset+count]))
}

func badCount(offset, count, length int) error {
	return stringIndex(fmt.Sprintf("offset %d, count %d, length %d", offset, count, length))
}
