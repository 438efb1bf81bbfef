package mappingtemplate

import (
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/value"
)

// directPath is the template $util.toJson($ctx.a.b), by far the most common
// response template. Its value is read off the context, without the text in
// between; what that text would do to a value, normalize does.
type directPath struct {
	names []string
	// shared says that the value may be handed on without a copy: nothing but
	// the context refers to a data source's result.
	shared bool
}

// parseDirectPath recognises such a template; it returns nil for others.
func parseDirectPath(text string) *directPath {
	s := strings.TrimFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	s, ok := cutAnyPrefix(s, "$util.toJson(", "$utils.toJson(")
	if !ok {
		return nil
	}
	s, ok = strings.CutSuffix(s, ")")
	if !ok {
		return nil
	}
	s, ok = cutAnyPrefix(strings.Trim(s, " "), "$ctx.", "$context.")
	if !ok {
		return nil
	}
	names := strings.Split(s, ".")
	for _, n := range names {
		if !isIdentifier(n) {
			return nil
		}
	}
	return &directPath{names: names, shared: names[0] == "result"}
}

func cutAnyPrefix(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}

func isIdentifier(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// The bounds within which a value surely fits into a template's output; what
// might not fit takes the way through the text, which decides.
const (
	maxOutput = 5 << 20
	// maxReturned bounds the value of #return, which never becomes text.
	maxReturned = 64 << 20
	maxDepth    = 900
)

// evaluate returns the value, or says that only the text can tell it.
func (p *directPath) evaluate(root *value.Map, outputBytes int) (any, bool) {
	if root == nil {
		return nil, false
	}
	var v any = root
	for _, name := range p.names {
		m, ok := v.(*value.Map)
		if !ok {
			// A null ends the chain with null; properties of lists and
			// strings are the engine's business.
			if v == nil {
				break
			}
			return nil, false
		}
		v = m.Value(name)
	}
	if outputBytes <= 0 {
		outputBytes = maxOutput
	}
	n := normalizer{copy: !p.shared, budget: outputBytes}
	return n.normalize(v, 0)
}

// normalizer turns a template's value into what parsing its JSON text would
// give: sets, arrays and entries become lists and maps, numbers take the type
// that their text has.
type normalizer struct {
	// copy makes new maps and lists throughout; otherwise only where something
	// in them changes. The originals are never changed.
	copy bool
	// budget is reduced by an upper bound of the length of the text.
	budget int
}

// normalize returns false for a value that is too large or nested too deeply.
func (n *normalizer) normalize(v any, depth int) (any, bool) {
	n.budget -= 32
	if n.budget < 0 || depth > maxDepth {
		return nil, false
	}
	// Scalars that stay as they are keep the interface that holds them: making
	// another would allocate.
	switch x := v.(type) {
	case nil, bool, int32:
		return v, true
	case string:
		// Every byte may become an escape of six.
		if n.budget -= 6 * len(x); n.budget < 0 {
			return nil, false
		}
		if utf8.ValidString(x) {
			return v, true
		}
		return validText(x), true
	case int64:
		if x >= math.MinInt32 && x <= math.MaxInt32 {
			return int32(x), true
		}
		return v, true
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return value.FormatDouble(x), true
		}
		return v, true
	case *big.Int:
		n.budget -= x.BitLen()
		return value.BigInteger(x), n.budget >= 0
	case value.Decimal:
		n.budget -= len(x)
		number, err := value.ParseJSON(string(x))
		return number, err == nil && n.budget >= 0
	case *value.Map:
		return n.object(x, depth)
	case *value.List:
		return n.list(x, depth)
	case *value.Set:
		return n.items(x.Members(), depth)
	case *value.Array:
		return n.items(x.Items, depth)
	case *value.Entry:
		item, ok := n.normalize(x.Current(), depth+1)
		if !ok {
			return nil, false
		}
		m := value.NewMap(1)
		m.Set(validText(value.ToString(x.Key)), item)
		return m, true
	default:
		return validText(value.ToString(v)), true
	}
}

func (n *normalizer) object(m *value.Map, depth int) (any, bool) {
	if !n.copy {
		same := true
		for i := 0; i < m.Len() && same; i++ {
			same = n.plainKey(m, i)
		}
		for i := 0; i < m.Len() && same; i++ {
			_, item := m.NameAt(i)
			out, ok := n.normalize(item, depth+1)
			if !ok {
				return nil, false
			}
			if !identical(item, out) {
				// The rest of a copy of the map follows below.
				c := m.Copy()
				c.SetAt(i, out)
				return n.finish(c, i+1, depth)
			}
		}
		if same {
			return m, true
		}
	}
	out := value.NewMap(m.Len())
	for i := 0; i < m.Len(); i++ {
		name, item := m.NameAt(i)
		if n.budget -= 6 * len(name); n.budget < 0 {
			return nil, false
		}
		v, ok := n.normalize(item, depth+1)
		if !ok {
			return nil, false
		}
		out.Set(validText(name), v)
	}
	return out, true
}

// finish normalizes the values of c, a copy already, from the i-th on.
func (n *normalizer) finish(c *value.Map, i, depth int) (any, bool) {
	for ; i < c.Len(); i++ {
		_, item := c.NameAt(i)
		out, ok := n.normalize(item, depth+1)
		if !ok {
			return nil, false
		}
		c.SetAt(i, out)
	}
	return c, true
}

// plainKey says whether the i-th key is text as it is, and counts it.
func (n *normalizer) plainKey(m *value.Map, i int) bool {
	name, _ := m.NameAt(i)
	n.budget -= 6 * len(name)
	return m.Has(name) && validText(name) == name
}

func (n *normalizer) list(l *value.List, depth int) (any, bool) {
	if n.copy {
		return n.items(l.Items, depth)
	}
	for i, item := range l.Items {
		out, ok := n.normalize(item, depth+1)
		if !ok {
			return nil, false
		}
		if identical(item, out) {
			continue
		}
		c := make([]any, len(l.Items))
		copy(c, l.Items[:i])
		c[i] = out
		for j := i + 1; j < len(c); j++ {
			if c[j], ok = n.normalize(l.Items[j], depth+1); !ok {
				return nil, false
			}
		}
		return &value.List{Items: c}, true
	}
	return l, true
}

func (n *normalizer) items(items []any, depth int) (any, bool) {
	out := make([]any, len(items))
	for i, item := range items {
		v, ok := n.normalize(item, depth+1)
		if !ok {
			return nil, false
		}
		out[i] = v
	}
	return &value.List{Items: out}, true
}

// identical says whether b is a itself: the same map or list, or an equal
// scalar of the same type.
func identical(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool, int32, int64, string, *value.Map, *value.List, *big.Int:
		return a == b
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	}
	return false
}
