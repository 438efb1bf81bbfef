package attribute

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SerializationError is a text that is not DynamoDB JSON at all, which DynamoDB
// answers with a SerializationException.
type SerializationError struct{ Message string }

func (e *SerializationError) Error() string { return e.Message }

// The refusals of malformed typed values, in DynamoDB's words.
var (
	errEmptyValue = &ValueError{"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"}
	errManyTypes  = &ValueError{"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"}
	errNotNull    = &ValueError{"One or more parameter values were invalid: Null attribute value types must have the value of true"}

	errUnexpectedStructure = &SerializationError{"Start of structure or map found where not expected"}
	errUnexpectedField     = &SerializationError{"Unexpected field type"}
)

// AppendJSON appends the value as DynamoDB JSON, such as {"S":"x"}. The absent
// value is written as null.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.DataTypeDescriptors
func AppendJSON(dst []byte, v Value) []byte {
	if v.kind == Invalid {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"`...)
	dst = append(dst, v.kind.String()...)
	dst = append(dst, `":`...)
	switch v.kind {
	case S, N, B:
		dst = appendScalar(dst, v)
	case BOOL:
		dst = strconv.AppendBool(dst, v.flag)
	case NULL:
		dst = append(dst, "true"...)
	case SS, NS, BS:
		dst = append(dst, '[')
		for i, e := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendScalar(dst, e)
		}
		dst = append(dst, ']')
	case L:
		dst = append(dst, '[')
		for i, e := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, e)
		}
		dst = append(dst, ']')
	case M:
		dst = AppendItemJSON(dst, v.item)
	}
	return append(dst, '}')
}

// AppendItemJSON appends the item as a JSON object of DynamoDB JSON values, in
// name order. A nil item is an empty object.
func AppendItemJSON(dst []byte, it *Item) []byte {
	dst = append(dst, '{')
	for i, a := range it.Attributes() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSONString(dst, a.Name)
		dst = append(dst, ':')
		dst = AppendJSON(dst, a.Value)
	}
	return append(dst, '}')
}

func appendScalar(dst []byte, v Value) []byte {
	switch v.kind {
	case B:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(v.text))
		return append(dst, '"')
	case N:
		dst = append(dst, '"')
		dst = append(dst, v.text...)
		return append(dst, '"')
	default:
		return appendJSONString(dst, v.text)
	}
}

const hexDigits = "0123456789abcdef"

func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, `\ufffd`...)
				start = i + n
			}
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// ParseItemJSON reads an item: a JSON object whose members are DynamoDB JSON
// values. A refusal of a value is a *ValueError in DynamoDB's words; text that
// is not DynamoDB JSON is a *SerializationError.
func ParseItemJSON(text []byte) (*Item, error) {
	r := jsonReader{text: text}
	it, err := r.item(0)
	if err != nil {
		return nil, err
	}
	return it, r.end()
}

// ParseValueJSON reads one DynamoDB JSON value, such as {"S":"x"}, with the
// errors of ParseItemJSON.
func ParseValueJSON(text []byte) (Value, error) {
	r := jsonReader{text: text}
	v, err := r.value(0)
	if err != nil {
		return Value{}, err
	}
	return v, r.end()
}

// jsonReader reads DynamoDB JSON from left to right. Its recursion is bounded by
// MaxNesting.
type jsonReader struct {
	text []byte
	pos  int
}

func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek returns the next byte that is not blank, 0 at the end.
func (r *jsonReader) peek() byte {
	r.space()
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

// accept consumes the next byte that is not blank if it is c.
func (r *jsonReader) accept(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// literal consumes word if it comes next.
func (r *jsonReader) literal(word string) bool {
	r.space()
	if len(r.text)-r.pos < len(word) || string(r.text[r.pos:r.pos+len(word)]) != word {
		return false
	}
	r.pos += len(word)
	return true
}

func (r *jsonReader) syntax(want string) error {
	found := "the end"
	if r.pos < len(r.text) {
		found = strconv.QuoteRune(rune(r.text[r.pos]))
	}
	return &SerializationError{"expected " + want + " but found " + found + " at offset " + strconv.Itoa(r.pos)}
}

func (r *jsonReader) end() error {
	if r.peek() != 0 || r.pos < len(r.text) {
		return r.syntax("the end")
	}
	return nil
}

// members calls each for every member of the object that comes next; each
// consumes the member's value.
func (r *jsonReader) members(each func(name string) error) error {
	if !r.accept('{') {
		return r.syntax("an object")
	}
	if r.accept('}') {
		return nil
	}
	for {
		if r.peek() != '"' {
			return r.syntax("a member name")
		}
		name, err := r.str()
		if err != nil {
			return err
		}
		if !r.accept(':') {
			return r.syntax("':'")
		}
		if err := each(name); err != nil {
			return err
		}
		if r.accept('}') {
			return nil
		}
		if !r.accept(',') {
			return r.syntax("',' or '}'")
		}
	}
}

// elements calls each for every element of the array that comes next.
func (r *jsonReader) elements(each func() error) error {
	if r.peek() != '[' {
		if r.peek() == '{' {
			return errUnexpectedStructure
		}
		return errUnexpectedField
	}
	r.pos++
	if r.accept(']') {
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if r.accept(']') {
			return nil
		}
		if !r.accept(',') {
			return r.syntax("',' or ']'")
		}
	}
}

func (r *jsonReader) item(levels int) (*Item, error) {
	if c := r.peek(); c != '{' {
		if c == '[' {
			return nil, &SerializationError{"Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"}
		}
		if c == '"' || c == '-' || isDigit(c) || c == 't' || c == 'f' {
			return nil, errUnexpectedField
		}
		return nil, r.syntax("an object")
	}
	it := &Item{}
	err := r.members(func(name string) error {
		if r.literal("null") {
			return nil
		}
		v, err := r.value(levels)
		if err != nil {
			return err
		}
		it.Set(name, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return it, nil
}

func (r *jsonReader) value(levels int) (Value, error) {
	if levels >= MaxNesting {
		return Value{}, errNesting
	}
	switch c := r.peek(); {
	case c == '{':
	case c == '[':
		return Value{}, &SerializationError{"Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"}
	case c == '"' || c == '-' || isDigit(c) || c == 't' || c == 'f':
		return Value{}, &SerializationError{"Unexpected value type in payload"}
	default:
		return Value{}, r.syntax("an attribute value")
	}
	var v Value
	several := false
	err := r.members(func(name string) error {
		if r.literal("null") {
			return nil
		}
		kind := kindNamed(name)
		if kind == Invalid {
			return r.skip()
		}
		typed, err := r.typed(kind, levels)
		several = several || v.kind != Invalid && v.kind != kind
		v = typed
		return err
	})
	switch {
	case err != nil:
		return Value{}, err
	case v.kind == Invalid:
		return Value{}, errEmptyValue
	case several:
		return Value{}, errManyTypes
	}
	return v, nil
}

func kindNamed(name string) Kind {
	for k := S; k <= M; k++ {
		if kindNames[k] == name {
			return k
		}
	}
	return Invalid
}

// typed reads the payload of a value of type kind.
func (r *jsonReader) typed(kind Kind, levels int) (Value, error) {
	switch kind {
	case S, N, B:
		return r.scalar(kind)
	case BOOL:
		b, err := r.boolean()
		return Bool(b), err
	case NULL:
		isNull, err := r.boolean()
		if err == nil && !isNull {
			err = errNotNull
		}
		return Null(), err
	case SS, NS, BS:
		var elems []Value
		err := r.elements(func() error {
			if r.literal("null") {
				return errEmptyValue
			}
			e, err := r.scalar(kind.ElemKind())
			elems = append(elems, e)
			return err
		})
		if err != nil {
			return Value{}, err
		}
		return NewSet(kind, elems)
	case L:
		elems := []Value{}
		err := r.elements(func() error {
			if r.literal("null") {
				return errEmptyValue
			}
			e, err := r.value(levels + 1)
			elems = append(elems, e)
			return err
		})
		return ListOf(elems), err
	default:
		it, err := r.item(levels + 1)
		return MapOf(it), err
	}
}

func (r *jsonReader) boolean() (bool, error) {
	switch c := r.peek(); {
	case r.literal("true"):
		return true, nil
	case r.literal("false"):
		return false, nil
	case c == '"':
		text, err := r.str()
		if err != nil {
			return false, err
		}
		switch strings.ToUpper(text) {
		case "TRUE", "YES", "1":
			return true, nil
		case "FALSE", "NO", "0":
			return false, nil
		}
		return false, &SerializationError{"Unexpected token received from parser"}
	case c == '[':
		return false, &SerializationError{"Unrecognized collection type class java.lang.Boolean"}
	case c == '{':
		return false, errUnexpectedStructure
	case c == '-' || isDigit(c):
		return false, &SerializationError{r.numberToken() + " cannot be converted to Boolean"}
	}
	return false, r.syntax("true or false")
}

func (r *jsonReader) scalar(kind Kind) (Value, error) {
	if c := r.peek(); c != '"' {
		return Value{}, r.notString(kind, c)
	}
	text, err := r.str()
	if err != nil {
		return Value{}, err
	}
	switch kind {
	case N:
		return ParseNumber(text)
	case B:
		if len(text)%4 != 0 {
			return Value{}, &SerializationError{"Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(text))}
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			// The misspelling is DynamoDB's.
			return Value{}, &SerializationError{"Invalid last non-pad Base64 character dectected"}
		}
		return Binary(raw), nil
	default:
		return String(text), nil
	}
}

// notString is the refusal of a payload that starts with c, where a string is
// expected.
func (r *jsonReader) notString(kind Kind, c byte) error {
	class := "java.lang.String"
	if kind == B {
		class = "java.nio.ByteBuffer"
	}
	switch {
	case c == '[':
		return &SerializationError{"Unrecognized collection type class " + class}
	case c == '{':
		return errUnexpectedStructure
	case c != 't' && c != 'f' && c != '-' && !isDigit(c):
		return r.syntax("a string")
	case kind == B:
		return &SerializationError{"only base-64-encoded strings are convertible to bytes"}
	case c == 't':
		return &SerializationError{"TRUE_VALUE cannot be converted to String"}
	case c == 'f':
		return &SerializationError{"FALSE_VALUE cannot be converted to String"}
	default:
		return &SerializationError{r.numberToken() + " cannot be converted to String"}
	}
}

// numberToken names the number literal that starts at pos as DynamoDB does.
func (r *jsonReader) numberToken() string {
	for _, c := range r.text[r.pos:] {
		switch {
		case c == '.' || c == 'e' || c == 'E':
			return "DECIMAL_VALUE"
		case c != '-' && !isDigit(c):
			return "NUMBER_VALUE"
		}
	}
	return "NUMBER_VALUE"
}

// str reads the string literal that starts at pos.
func (r *jsonReader) str() (string, error) {
	start := r.pos + 1
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return strings.ToValidUTF8(string(r.text[start:i]), "\uFFFD"), nil
		case c == '\\':
			return r.escapedStr(start, i)
		case c < ' ':
			r.pos = i
			return "", r.syntax("a string without control characters")
		}
	}
	r.pos = len(r.text)
	return "", r.syntax("the end of a string")
}

// escapedStr reads on from the first escape of a string literal, at i.
func (r *jsonReader) escapedStr(start, i int) (string, error) {
	out := append(make([]byte, 0, len(r.text[start:i])+32), r.text[start:i]...)
	for i < len(r.text) {
		c := r.text[i]
		switch {
		case c == '"':
			r.pos = i + 1
			return strings.ToValidUTF8(string(out), "\uFFFD"), nil
		case c < ' ':
			r.pos = i
			return "", r.syntax("a string without control characters")
		case c != '\\':
			out = append(out, c)
			i++
			continue
		}
		if i+1 >= len(r.text) {
			break
		}
		i += 2
		switch e := r.text[i-1]; e {
		case '"', '\\', '/':
			out = append(out, e)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			c, ok := r.hex4(i)
			if !ok {
				r.pos = i
				return "", r.syntax("four hexadecimal digits")
			}
			i += 4
			if utf16.IsSurrogate(c) {
				pair := rune(utf8.RuneError)
				if i+1 < len(r.text) && r.text[i] == '\\' && r.text[i+1] == 'u' {
					if low, ok := r.hex4(i + 2); ok {
						if pair = utf16.DecodeRune(c, low); pair != utf8.RuneError {
							i += 6
						}
					}
				}
				c = pair
			}
			out = utf8.AppendRune(out, c)
		default:
			r.pos = i - 1
			return "", r.syntax("an escape")
		}
	}
	r.pos = len(r.text)
	return "", r.syntax("the end of a string")
}

func (r *jsonReader) hex4(i int) (rune, bool) {
	if i+4 > len(r.text) {
		return 0, false
	}
	var n rune
	for _, c := range r.text[i : i+4] {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || c < '0' {
			return 0, false
		}
		n = n<<4 | rune(d)
	}
	return n, true
}

// skip consumes any JSON value, at least as far as its extent goes.
func (r *jsonReader) skip() error {
	depth := 0
	for {
		switch c := r.peek(); {
		case c == '"':
			if _, err := r.str(); err != nil {
				return err
			}
		case c == '{' || c == '[':
			depth++
			r.pos++
			continue
		case c == '}' || c == ']':
			if depth == 0 {
				return r.syntax("a value")
			}
			depth--
			r.pos++
		case c == ',' || c == ':':
			if depth == 0 {
				return r.syntax("a value")
			}
			r.pos++
			continue
		case c == 0:
			return r.syntax("a value")
		default:
			for r.pos < len(r.text) && strings.IndexByte(" \t\r\n,:{}[]\"", r.text[r.pos]) < 0 {
				r.pos++
			}
		}
		if depth == 0 {
			return nil
		}
	}
}
