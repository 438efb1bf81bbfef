package dynamodbapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// value is a parameter as it was given. The zero value, and JSON's null, are the
// absence of one.
type value struct {
	shape *shape
	given bool
	flag  bool
	text  string
	num   int64
	// list holds the elements of a list, the values of a map in the order of
	// keys, or the fields of a structure in the order of the shape's.
	list []value
	keys []string
	item *attribute.Item
	attr *attribute.Value // of attribute values
	// bad is why an attribute value or item is refused. Types come first, so it
	// is told only when all of the request has been read.
	bad error
}

// absent is what get returns for parameters that are not there.
var absent value

// get returns the named field of a structure, which is not given when the
// structure is not.
func (v *value) get(name string) *value {
	if v.shape == nil || len(v.list) == 0 {
		return &absent
	}
	for i := range v.shape.fields {
		if v.shape.fields[i].name == name {
			return &v.list[i]
		}
	}
	return &absent
}

func (v *value) has(name string) bool { return v.get(name).given }

// attribute returns an attribute value, which is absent when it was not given.
func (v *value) attribute() attribute.Value {
	if v.attr == nil {
		return attribute.Value{}
	}
	return *v.attr
}

// texts returns the elements of a list of texts.
func (v *value) texts() []string {
	out := make([]string, len(v.list))
	for i := range v.list {
		out[i] = v.list[i].text
	}
	return out
}

// table returns the table that a TableName names.
func (v *value) table() string { return tableNameOf(v.get("TableName").text) }

// The refusals of types, in DynamoDB's words.
const (
	msgUnexpectedStructure = "Start of structure or map found where not expected"
	msgUnexpectedField     = "Unexpected field type"
	msgUnexpectedValue     = "Unexpected value type in payload"
	msgCast                = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')"

	classPrefix = "com.amazonaws.dynamodb.v20120810."
)

// decode reads a request of the shape. body must be valid JSON. The error is a
// SerializationException.
func decode(body []byte, s *shape) (*value, error) {
	r := reader{b: body}
	v := new(value)
	if r.peek() != '{' {
		// DynamoDB's words are not published.
		return nil, serializationError("Start of structure expected")
	}
	if err := r.read(v, s, false); err != nil {
		return nil, err
	}
	return v, nil
}

// reader walks valid JSON.
type reader struct {
	b   []byte
	pos int
}

// peek returns the byte that comes next and is not blank.
func (r *reader) peek() byte {
	for r.pos < len(r.b) {
		switch c := r.b[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// skip passes over the next value and returns its text.
func (r *reader) skip() []byte {
	r.peek()
	start, depth := r.pos, 0
	for r.pos < len(r.b) {
		switch c := r.b[r.pos]; c {
		case '"':
			r.skipString()
			if depth == 0 {
				return r.b[start:r.pos]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				return r.b[start:r.pos]
			}
			if c != ',' {
				if depth--; depth == 0 {
					r.pos++
					return r.b[start:r.pos]
				}
			}
		case ' ', '\t', '\n', '\r':
			if depth == 0 {
				return r.b[start:r.pos]
			}
		}
		r.pos++
	}
	return r.b[start:]
}

func (r *reader) skipString() {
	r.pos++
	for {
		n := bytes.IndexAny(r.b[r.pos:], `"\`)
		if n < 0 {
			r.pos = len(r.b)
			return
		}
		r.pos += n + 1
		if r.b[r.pos-1] == '"' {
			return
		}
		r.pos++
	}
}

// str reads the string that comes next.
func (r *reader) str() string {
	start := r.pos
	r.skipString()
	raw := r.b[start:r.pos]
	for _, c := range raw[1 : len(raw)-1] {
		if c == '\\' || c >= 0x80 {
			var s string
			_ = json.Unmarshal(raw, &s) // raw is a valid string
			return s
		}
	}
	return string(raw[1 : len(raw)-1])
}

// next goes to the next member or element of what was opened by a bracket that
// has been passed, and reports whether there is one. It passes the closing one.
func (r *reader) next() bool {
	switch r.peek() {
	case ',':
		r.pos++
		r.peek()
		return true
	case '}', ']':
		r.pos++
		return false
	}
	return true
}

// read reads a value of the shape into v. inner tells that it is an element of a
// list or map.
func (r *reader) read(v *value, s *shape, inner bool) error {
	c := r.peek()
	if c == 'n' {
		r.pos += len("null")
		return nil
	}
	v.shape, v.given = s, true
	switch s.kind {
	case textKind:
		return r.readText(v, c)
	case booleanKind:
		return r.readBoolean(v, c)
	case integerKind:
		return r.readNumber(v, c, "Integer", math.MinInt32, math.MaxInt32)
	case longKind:
		return r.readNumber(v, c, "Long", math.MinInt64, math.MaxInt64)
	case blobKind:
		return r.readBlob(v, c)
	case listKind:
		return r.readList(v, c, inner)
	case mapKind:
		return r.readMap(v, c, inner)
	case structureKind:
		return r.readStructure(v, c, inner)
	case attributeKind:
		return r.readAttribute(v, c, inner)
	default:
		return r.readItem(v, c, inner)
	}
}

// token names the scalar that comes next as DynamoDB does.
func (r *reader) token() string {
	switch raw := r.skip(); raw[0] {
	case 't':
		return "TRUE_VALUE"
	case 'f':
		return "FALSE_VALUE"
	case '"':
		return "STRING_VALUE"
	default:
		if bytes.ContainsAny(raw, ".eE") {
			return "DECIMAL_VALUE"
		}
		return "NUMBER_VALUE"
	}
}

// misplaced refuses a list or structure where a scalar of a Java class belongs,
// and is nil for scalars.
func misplaced(c byte, class string) error {
	switch c {
	case '[':
		return serializationError("Unrecognized collection type class " + class)
	case '{':
		return serializationError(msgUnexpectedStructure)
	}
	return nil
}

func (r *reader) readText(v *value, c byte) error {
	if c == '"' {
		v.text = r.str()
		return nil
	}
	if err := misplaced(c, "java.lang.String"); err != nil {
		return err
	}
	return serializationError(r.token() + " cannot be converted to String")
}

func (r *reader) readBoolean(v *value, c byte) error {
	switch c {
	case 't', 'f':
		v.flag = c == 't'
		r.skip()
		return nil
	case '"':
		switch strings.ToUpper(r.str()) {
		case "TRUE", "YES", "1":
			v.flag = true
			return nil
		case "FALSE", "NO", "0":
			return nil
		}
		return serializationError("Unexpected token received from parser")
	}
	if err := misplaced(c, "java.lang.Boolean"); err != nil {
		return err
	}
	return serializationError(r.token() + " cannot be converted to Boolean")
}

func (r *reader) readNumber(v *value, c byte, class string, lowest, highest int64) error {
	if err := misplaced(c, "java.lang."+class); err != nil {
		return err
	}
	if c == '"' || c == 't' || c == 'f' {
		return serializationError(r.token() + " cannot be converted to " + class)
	}
	raw := string(r.skip())
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		// A fraction is cut off, what is too large comes as near as it can.
		f, _ := strconv.ParseFloat(raw, 64)
		switch f = math.Floor(f); {
		case f >= math.MaxInt64:
			n = math.MaxInt64
		case f <= math.MinInt64:
			n = math.MinInt64
		default:
			n = int64(f)
		}
	}
	v.num = min(max(n, lowest), highest)
	return nil
}

func (r *reader) readBlob(v *value, c byte) error {
	if err := misplaced(c, "java.nio.ByteBuffer"); err != nil {
		return err
	}
	if c != '"' {
		return serializationError("only base-64-encoded strings are convertible to bytes")
	}
	v.text = r.str()
	if len(v.text)%4 != 0 {
		return serializationError("Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(v.text)))
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(v.text); err != nil {
		// The misspelling is DynamoDB's.
		return serializationError("Invalid last non-pad Base64 character dectected")
	}
	return nil
}

func (r *reader) readList(v *value, c byte, inner bool) error {
	switch {
	case c == '{':
		return serializationError(msgUnexpectedStructure)
	case c != '[' && inner:
		return serializationError(msgCast)
	case c != '[':
		return serializationError(msgUnexpectedField)
	}
	r.pos++
	for r.next() {
		v.list = append(v.list, value{})
		if err := r.read(&v.list[len(v.list)-1], v.shape.elem, true); err != nil {
			return err
		}
	}
	return nil
}

// javaClass is how messages name the class of the values of a map.
func javaClass(s *shape) string {
	if s.class != "" {
		return classPrefix + s.class
	}
	if s.kind == listKind {
		return "java.util.List<" + javaClass(s.elem) + ">"
	}
	return "java.lang.String"
}

func notMap(c byte, inner bool, class string) error {
	switch {
	case c == '[':
		return serializationError("Unrecognized collection type java.util.Map<java.lang.String, " + class + ">")
	case c != '{' && inner:
		return serializationError(msgCast)
	case c != '{':
		return serializationError(msgUnexpectedField)
	}
	return nil
}

func (r *reader) readMap(v *value, c byte, inner bool) error {
	if err := notMap(c, inner, javaClass(v.shape.elem)); err != nil {
		return err
	}
	r.pos++
	seen := map[string]int{}
	for r.next() {
		key := r.str()
		r.peek()
		r.pos++ // the colon
		var e value
		if err := r.read(&e, v.shape.elem, true); err != nil {
			return err
		}
		// Members that are null count as absent, and the last of a name counts.
		if !e.given {
			continue
		}
		if at, ok := seen[key]; ok {
			v.list[at] = e
			continue
		}
		seen[key] = len(v.keys)
		v.keys, v.list = append(v.keys, key), append(v.list, e)
	}
	return nil
}

func notStructure(c byte, inner bool, class string) error {
	switch {
	case c == '[':
		return serializationError("Unrecognized collection type class " + classPrefix + class)
	case c != '{' && inner:
		return serializationError(msgUnexpectedValue)
	case c != '{':
		return serializationError(msgUnexpectedField)
	}
	return nil
}

func (r *reader) readStructure(v *value, c byte, inner bool) error {
	s := v.shape
	if err := notStructure(c, inner, s.class); err != nil {
		return err
	}
	v.list = make([]value, len(s.fields))
	r.pos++
next:
	for r.next() {
		name := r.str()
		r.peek()
		r.pos++ // the colon
		for i := range s.fields {
			if s.fields[i].name == name {
				v.list[i] = value{}
				if err := r.read(&v.list[i], s.fields[i].shape, false); err != nil {
					return err
				}
				continue next
			}
		}
		r.skip()
	}
	return nil
}

func (r *reader) readAttribute(v *value, c byte, inner bool) error {
	if err := notStructure(c, inner, v.shape.class); err != nil {
		return err
	}
	raw := r.skip()
	attr, err := attribute.ParseValueJSON(raw)
	v.attr = &attr
	return v.judge(raw, err, attributeTypes())
}

func (r *reader) readItem(v *value, c byte, inner bool) error {
	if err := notMap(c, inner, classPrefix+v.shape.class); err != nil {
		return err
	}
	raw := r.skip()
	it, err := attribute.ParseItemJSON(raw)
	v.item = it
	return v.judge(raw, err, nil)
}

// judge decides on the error of reading attribute values from raw: wrong types
// are returned at once, bad values are kept in v. types is the shape of raw,
// nil for that of an item.
func (v *value) judge(raw []byte, err error, types *shape) error {
	if err == nil {
		return nil
	}
	var bad *attribute.ValueError
	if !errors.As(err, &bad) {
		return err
	}
	v.bad = validationError(bad.Message)
	if types == nil {
		types = mapOf(attributeTypes())
	}
	r := reader{b: raw}
	return r.read(new(value), types, true)
}

// attributeTypes is the shape of AttributeValue, for when types have to be told
// from values.
func attributeTypes() *shape {
	s := &shape{kind: structureKind, class: "AttributeValue"}
	blob := &shape{kind: blobKind}
	s.fields = []field{
		{"S", text()}, {"N", text()}, {"B", blob}, {"BOOL", boolean()}, {"NULL", boolean()},
		{"SS", listOf(text())}, {"NS", listOf(text())}, {"BS", listOf(blob)},
		{"L", listOf(s)}, {"M", mapOf(s)},
	}
	return s
}
