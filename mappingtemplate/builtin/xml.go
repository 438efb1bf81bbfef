package builtin

import (
	"encoding/xml"
	"errors"
	"io"
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

// xmlToMap converts as org.json does: an element is the value of its tag,
// repeated tags are a list, attributes are keys beside the children, text
// beside either is under "content", and text that reads as a number, a boolean
// or null is one.
func xmlToMap(s string) (*value.Map, error) {
	type element struct {
		tag      string
		children *value.Map
		text     strings.Builder
	}
	decoder := xml.NewDecoder(strings.NewReader(s))
	decoder.Strict = true
	// Text is UTF-8 already, whatever encoding the declaration names.
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := &value.Map{}
	stack := []*element{{children: root}}
	for {
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
			for _, a := range t.Attr {
				accumulate(e.children, xmlName(a.Name), xmlScalar(a.Value))
			}
			stack = append(stack, e)
		case xml.EndElement:
			if len(stack) == 1 || top.tag != xmlName(t.Name) {
				return nil, errors.New("mismatched end tag")
			}
			stack = stack[:len(stack)-1]
			content := strings.TrimSpace(top.text.String())
			var v any = top.children
			switch {
			case top.children.Len() == 0:
				v = xmlScalar(content)
			case content != "":
				accumulate(top.children, "content", xmlScalar(content))
			}
			accumulate(stack[len(stack)-1].children, top.tag, v)
		case xml.CharData:
			if len(stack) > 1 {
				top.text.Write(t)
			} else if strings.TrimSpace(string(t)) != "" {
				return nil, errors.New("text outside of the root element")
			}
		}
	}
	if len(stack) > 1 {
		return nil, errors.New("unclosed element")
	}
	return root, nil
}

func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// accumulate stores v under name; a second value makes a list of both.
func accumulate(m *value.Map, name string, v any) {
	old, ok := m.Get(name)
	if !ok {
		m.Set(name, v)
		return
	}
	if list, ok := old.(*value.List); ok {
		list.Append(v)
		return
	}
	m.Set(name, value.NewList(old, v))
}

func xmlScalar(s string) any {
	switch s {
	case "":
		return ""
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if c := s[0]; c == '-' || c >= '0' && c <= '9' {
		if n, err := value.ParseJSON(s); err == nil && strings.TrimSpace(s) == s {
			return n
		}
	}
	return s
}
