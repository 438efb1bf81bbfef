package builtin

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// XML is $util.xml.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/xml-helpers-in-utils-xml.html
type XML Util

// Property finds nothing: the family has only methods.
func (x *XML) Property(string) (any, bool) { return nil, false }

// Invoke converts XML text. Text that is not XML yields null.
func (x *XML) Invoke(name string, args []any) (any, bool, error) {
	switch {
	case name == "toMap" && len(args) == 1:
	case name == "toJsonString" && (len(args) == 1 || len(args) == 2):
	default:
		return notFound()
	}
	s, null, ok := text(args[0])
	if !ok {
		return notFound()
	}
	encoded, ok := arg(args, 1).(bool)
	if !ok && len(args) == 2 {
		return notFound()
	}
	if null {
		return found(nil)
	}
	m, err := xmlToMap(s)
	if err != nil {
		return found(nil)
	}
	if name == "toMap" {
		return found(m)
	}
	out := value.JSON(m)
	if encoded {
		out = value.JSON(out)
	}
	return found(out)
}

// xmlDepth bounds the nesting of elements.
const xmlDepth = 500

// xmlToMap converts as org.json.XML does: an element is the value of its tag,
// repeated tags are a list, attributes are keys beside the children, each run of
// text beside either is under "content", and text that reads as a number, a
// boolean or null is one, unless it is a CDATA section.
func xmlToMap(s string) (*value.Map, error) {
	type element struct {
		tag      string
		children *value.Map
		// closed marks <a/>.
		closed bool
	}
	decoder := xml.NewDecoder(strings.NewReader(s))
	decoder.Strict = true
	// Text is UTF-8 already, whatever encoding the declaration names.
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := &value.Map{}
	stack := []*element{{children: root}}
	for {
		start := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) > xmlDepth {
				return nil, errTooDeep
			}
			e := &element{tag: xmlName(t.Name), children: &value.Map{}}
			e.closed = strings.HasSuffix(s[start:decoder.InputOffset()], "/>")
			for _, a := range t.Attr {
				accumulate(e.children, xmlName(a.Name), xmlScalar(a.Value))
			}
			stack = append(stack, e)
		case xml.EndElement:
			if len(stack) == 1 || top.tag != xmlName(t.Name) {
				return nil, errors.New("mismatched end tag")
			}
			stack = stack[:len(stack)-1]
			var v any = top.children
			if top.children.Len() == 0 {
				v = ""
			} else if content, ok := top.children.Get(xmlContent); ok && top.children.Len() == 1 && !top.closed {
				v = content
			}
			accumulate(stack[len(stack)-1].children, top.tag, v)
		case xml.CharData:
			text := string(t)
			cdata := strings.HasPrefix(s[start:], "<![CDATA[")
			if !cdata {
				text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
			}
			switch {
			case text == "":
			case len(stack) == 1:
				return nil, errors.New("text outside of the root element")
			case cdata:
				accumulate(top.children, xmlContent, text)
			default:
				accumulate(top.children, xmlContent, xmlScalar(text))
			}
		}
	}
	if len(stack) > 1 {
		return nil, errors.New("unclosed element")
	}
	return root, nil
}

// xmlContent is the key of the text of an element.
const xmlContent = "content"

func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// accumulate stores v under name; a second value makes a list of both. A list
// that comes first is an item of its own.
func accumulate(m *value.Map, name string, v any) {
	old, ok := m.Get(name)
	if !ok {
		if _, isList := v.(*value.List); isList {
			v = value.NewList(v)
		}
		m.Set(name, v)
		return
	}
	if list, ok := old.(*value.List); ok {
		list.Append(v)
		return
	}
	m.Set(name, value.NewList(old, v))
}

// xmlScalar is org.json.XML.stringToValue.
func xmlScalar(s string) any {
	switch {
	case s == "":
		return ""
	case strings.EqualFold(s, "true"):
		return true
	case strings.EqualFold(s, "false"):
		return false
	case strings.EqualFold(s, "null"):
		return nil
	}
	digits, negative := strings.CutPrefix(s, "-")
	if digits == "" || digits[0] < '0' && digits[0] != '.' || digits[0] > '9' || !negative && digits[0] == '.' {
		return s
	}
	if strings.ContainsAny(s, ".eE") || s == "-0" {
		f, err := strconv.ParseFloat(s, 64)
		// Neither hexadecimal numbers nor those with underscores count.
		if err != nil || strings.ContainsAny(s, "xX_pP") {
			return s
		}
		return f
	}
	// An integer with leading zeros stays text.
	if n, err := value.ParseJSON(s); err == nil {
		return n
	}
	return s
}
