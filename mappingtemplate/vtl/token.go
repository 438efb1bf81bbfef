package vtl

// kind is the kind of a token. The order decides which of two equally long
// matches wins, and the order in which a message lists what was expected.
type kind uint8

const (
	kEOF kind = iota
	kIndexOpen
	kIndexClose
	kBracketOpen
	kBracketClose
	kComma
	kDoubleDot
	kColon
	kCurlyOpen
	kCurlyClose
	kParenOpen
	kParenClose
	kCallClose
	kEscapedDirective
	kSet
	kDollar
	kDollarBang
	kTextblockStart
	kFormalStart
	kCommentStart
	kHash
	kLineCommentStart
	kDoubleEscape
	kEscape
	kText
	kLineCommentEnd
	kFormalEnd
	kCommentEnd
	kTextblock
	kSkipped
	kTextblockChar
	kBlank
	kString
	kTrue
	kFalse
	kNewline
	kMinus
	kPlus
	kMultiply
	kDivide
	kModulus
	kAnd
	kOr
	kLess
	kLessEqual
	kGreater
	kGreaterEqual
	kEqual
	kNotEqual
	kNot
	kAssign
	kEnd
	kIf
	kElseIf
	kElse
	kInteger
	kFloat
	kWord
	kBracketedWord
	kIdentifier
	kDot
	kRefOpen
	kRefClose
	kRefTerminator
	kDirectiveTerminator
	kEmptyIndex
	kindCount

	kNone kind = 255
)

// String is the kind's form in messages about what was expected.
func (k kind) String() string { return kindImages[k] }

var kindImages = [kindCount]string{
	kEOF:                 "<EOF>",
	kIndexOpen:           `"["`,
	kIndexClose:          `"]"`,
	kBracketOpen:         `"["`,
	kBracketClose:        `"]"`,
	kComma:               `","`,
	kDoubleDot:           `".."`,
	kColon:               `":"`,
	kCurlyOpen:           `"{"`,
	kCurlyClose:          `"}"`,
	kParenOpen:           `"("`,
	kParenClose:          "<RPAREN>",
	kCallClose:           `")"`,
	kEscapedDirective:    "<ESCAPE_DIRECTIVE>",
	kSet:                 "<SET_DIRECTIVE>",
	kDollar:              "<DOLLAR>",
	kDollarBang:          "<DOLLARBANG>",
	kTextblockStart:      `"#[["`,
	kFormalStart:         "<token of kind 18>",
	kCommentStart:        `"#*"`,
	kHash:                `"#"`,
	kLineCommentStart:    `"##"`,
	kDoubleEscape:        `"\\\\"`,
	kEscape:              `"\\"`,
	kText:                "<TEXT>",
	kLineCommentEnd:      "<SINGLE_LINE_COMMENT>",
	kFormalEnd:           `"*#"`,
	kCommentEnd:          `"*#"`,
	kTextblock:           `"]]#"`,
	kSkipped:             "<token of kind 29>",
	kTextblockChar:       "<token of kind 30>",
	kBlank:               "<WHITESPACE>",
	kString:              "<STRING_LITERAL>",
	kTrue:                `"true"`,
	kFalse:               `"false"`,
	kNewline:             "<NEWLINE>",
	kMinus:               `"-"`,
	kPlus:                `"+"`,
	kMultiply:            `"*"`,
	kDivide:              `"/"`,
	kModulus:             `"%"`,
	kAnd:                 "<LOGICAL_AND>",
	kOr:                  "<LOGICAL_OR>",
	kLess:                "<LOGICAL_LT>",
	kLessEqual:           "<LOGICAL_LE>",
	kGreater:             "<LOGICAL_GT>",
	kGreaterEqual:        "<LOGICAL_GE>",
	kEqual:               "<LOGICAL_EQUALS>",
	kNotEqual:            "<LOGICAL_NOT_EQUALS>",
	kNot:                 "<LOGICAL_NOT>",
	kAssign:              `"="`,
	kEnd:                 "<END>",
	kIf:                  "<IF_DIRECTIVE>",
	kElseIf:              "<ELSEIF_DIRECTIVE>",
	kElse:                "<ELSE_DIRECTIVE>",
	kInteger:             "<INTEGER_LITERAL>",
	kFloat:               "<FLOATING_POINT_LITERAL>",
	kWord:                "<WORD>",
	kBracketedWord:       "<BRACKETED_WORD>",
	kIdentifier:          "<IDENTIFIER>",
	kDot:                 "<DOT>",
	kRefOpen:             `"{"`,
	kRefClose:            `"}"`,
	kRefTerminator:       "<REFERENCE_TERMINATOR>",
	kDirectiveTerminator: "<DIRECTIVE_TERMINATOR>",
	kEmptyIndex:          "<EMPTY_INDEX>",
}

// kindSet is a set of token kinds.
type kindSet [2]uint64

func setOf(kinds ...kind) (s kindSet) {
	for _, k := range kinds {
		s.add(k)
	}
	return s
}

func (s *kindSet) add(k kind)     { s[k>>6] |= 1 << (k & 63) }
func (s kindSet) has(k kind) bool { return s[k>>6]&(1<<(k&63)) != 0 }
func (s *kindSet) union(t kindSet) {
	s[0] |= t[0]
	s[1] |= t[1]
}

// token is a piece of a template.
type token struct {
	kind kind
	// image is the token's text, with the "$" or "#" that introduced it.
	image string
	// special is the text of the terminators that were passed over right before
	// the token: a "$" or "#" that began nothing.
	special string
	pos     position
}

// literal is the token's text as output: with the stray "$" and "#" before it,
// and without block comments.
func (t *token) literal() string {
	if t.kind == kCommentEnd {
		return ""
	}
	if t.special == "" {
		return t.image
	}
	return t.special + t.image
}
