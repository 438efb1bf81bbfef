package expression

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokenEOF      tokenKind = iota
	tokenWord               // identifier or keyword
	tokenName               // #placeholder
	tokenValue              // :placeholder
	tokenNumber             // digits, as in a list index
	tokenOperator           // = <> < <= > >= + -
	tokenPunct              // ( ) [ ] . ,
	tokenUnknown            // anything else
)

// token is a stretch of an expression's text.
type token struct {
	kind       tokenKind
	start, end int
}

// lex splits text into tokens; the last one is the end of the text. What no
// grammar knows becomes a token of its own, for the parser to refuse.
func lex(text string) []token {
	tokens := make([]token, 0, len(text)/3+2)
	for i := 0; i < len(text); {
		start := i
		kind := tokenUnknown
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
			continue
		case isWordStart(c):
			kind = tokenWord
			i = wordEnd(text, i)
		case (c == '#' || c == ':') && i+1 < len(text) && isWordPart(text[i+1]):
			kind = tokenName
			if c == ':' {
				kind = tokenValue
			}
			i = wordEnd(text, i+1)
		case c >= '0' && c <= '9':
			kind = tokenNumber
			for i < len(text) && text[i] >= '0' && text[i] <= '9' {
				i++
			}
		case c == '<' && i+1 < len(text) && (text[i+1] == '>' || text[i+1] == '='),
			c == '>' && i+1 < len(text) && text[i+1] == '=':
			kind = tokenOperator
			i += 2
		case c == '=' || c == '<' || c == '>' || c == '+' || c == '-':
			kind = tokenOperator
			i++
		case c == '(' || c == ')' || c == '[' || c == ']' || c == '.' || c == ',':
			kind = tokenPunct
			i++
		default:
			i++
			for i < len(text) && text[i]&0xC0 == 0x80 { // the rest of a UTF-8 character
				i++
			}
		}
		tokens = append(tokens, token{kind, start, i})
	}
	return append(tokens, token{tokenEOF, len(text), len(text)})
}

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func isWordPart(c byte) bool { return isWordStart(c) || c >= '0' && c <= '9' }

func wordEnd(text string, i int) int {
	for i < len(text) && isWordPart(text[i]) {
		i++
	}
	return i
}
