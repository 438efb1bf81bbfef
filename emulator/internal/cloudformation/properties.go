package cloudformation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// properties reads the properties of a resource, or of a part of it. Its methods
// report what is wrong, name the resource, and return zero values for it.
type properties struct {
	s    *Stack
	node *project.Node // a map
	// what names the properties in messages: "resource OrderTable".
	what string
	at   project.Position
	// fold does not mind the case of keys.
	fold bool
	read map[string]bool // keys that were asked for
}

// properties returns those of a resource; an empty set when it has none.
func (r *resource) read() *properties {
	what := "resource " + r.path()
	n := r.properties()
	if n == nil {
		n = project.NewMap(r.node, nil)
	}
	p := r.stack.properties(n, what, r.pos)
	p.fold = strings.HasPrefix(r.kind, "Custom::")
	return p
}

func (s *Stack) properties(n *project.Node, what string, at project.Position) *properties {
	p := &properties{s: s, what: what, at: at, read: map[string]bool{}}
	v := s.shallow(n)
	switch {
	case v == nil, s.app.isBad(v):
	case v.Kind() == project.NodeMap:
		p.node = v
	case v.Kind() != project.NodeNull:
		s.app.problem(n.Position(), fmt.Sprintf("%s: the properties must be a map, not %s", what, v.Kind()), "")
	}
	if p.node == nil {
		p.node = project.NewMap(n, nil)
	}
	return p
}

// entry returns a property as it is written, nil when there is none.
func (p *properties) entry(key string) *project.Entry {
	p.read[key] = true
	var e *project.Entry
	if p.fold {
		e = p.node.FindFold(key)
	} else {
		e = p.node.Find(key)
	}
	if e == nil || e.Value().Kind() == project.NodeNull {
		return nil
	}
	return e
}

// has tells whether a property has a value; what it is may be wrong.
func (p *properties) has(key string) bool {
	e := p.entry(key)
	return e != nil && p.s.shallow(e.Value()) != nil
}

// get evaluates a property, nil when it is absent or wrong. A value that depends
// on what is not known is warned of.
func (p *properties) get(key string) *project.Node {
	e := p.entry(key)
	if e == nil {
		return nil
	}
	v := p.s.eval(e.Value())
	if v == nil || p.s.app.isBad(v) || v.Kind() == project.NodeNull {
		return nil
	}
	p.doubt(e, v)
	return v
}

// doubt warns of a property whose value is not known.
func (p *properties) doubt(e *project.Entry, v *project.Node) {
	if why, ok := p.s.app.doubts[v]; ok {
		p.s.app.warn(e.Position(), fmt.Sprintf("%s: `%s` is not known: %s", p.what, e.Key(), why.why), why.hint)
	}
	// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
	if isScalar(v) && strings.Contains(v.Text(), "{{resolve:") {
		p.s.app.warn(e.Position(), fmt.Sprintf("%s: `%s` has a dynamic reference, which is taken as it is written", p.what, e.Key()), "")
	}
}

// need reports that a property is missing, unless it is there and wrong.
func (p *properties) need(key string) *project.Node {
	v := p.get(key)
	if v != nil {
		return v
	}
	if e := p.entry(key); e == nil || p.s.eval(e.Value()) == nil {
		p.s.app.problem(p.at, fmt.Sprintf("%s needs `%s`", p.what, key), "")
	}
	return nil
}

func (p *properties) wrong(key, must string, v *project.Node) {
	got := v.Kind().String()
	if isScalar(v) {
		got = "`" + shorten(v.Text()) + "`"
	}
	e := p.entry(key)
	p.s.app.problem(e.Value().Position(), fmt.Sprintf("%s: `%s` must be %s, not %s", p.what, e.Key(), must, got), "")
}

// str returns a text, "" when there is none. Numbers and booleans are texts, too,
// as they are for CloudFormation.
func (p *properties) str(key string) string { return p.strOf(key, p.get(key)) }

// needStr is str of a property that must be there.
func (p *properties) needStr(key string) string { return p.strOf(key, p.need(key)) }

func (p *properties) strOf(key string, v *project.Node) string {
	switch {
	case v == nil:
		return ""
	case !isScalar(v):
		p.wrong(key, "a string", v)
		return ""
	}
	return v.Text()
}

func (p *properties) boolean(key string, otherwise bool) bool {
	v := p.get(key)
	if v == nil {
		return otherwise
	}
	switch strings.ToLower(v.Text()) {
	case "true":
		return true
	case "false":
		return false
	}
	p.wrong(key, "true or false", v)
	return otherwise
}

// integer returns a whole number from least to most.
func (p *properties) integer(key string, least, most, otherwise int64) int64 {
	v := p.get(key)
	if v == nil {
		return otherwise
	}
	// 3600.0 is a whole number for CloudFormation.
	number, err := strconv.ParseFloat(v.Text(), 64)
	if !isScalar(v) || v.Kind() == project.NodeBool || err != nil || number != float64(int64(number)) {
		p.wrong(key, "a whole number", v)
		return otherwise
	}
	if int64(number) < least || int64(number) > most {
		p.wrong(key, fmt.Sprintf("between %d and %d", least, most), v)
		return otherwise
	}
	return int64(number)
}

// enum returns one of values.
func (p *properties) enum(key, otherwise string, values ...string) string {
	v := p.get(key)
	if v == nil {
		return otherwise
	}
	if !isScalar(v) || !slices.Contains(values, v.Text()) {
		must := "one of " + strings.Join(values, ", ")
		if len(values) < 3 {
			must = strings.Join(values, " or ")
		}
		p.wrong(key, must, v)
		return otherwise
	}
	return v.Text()
}

// item is one of a list, evaluated as far as it is a function, and the place where
// it is written.
type item struct {
	value *project.Node
	at    project.Position
}

// list returns the items of a list, without those that are AWS::NoValue.
func (p *properties) list(key string) []item {
	e := p.entry(key)
	if e == nil {
		return nil
	}
	v := p.s.shallow(e.Value())
	if v == nil || p.s.app.isBad(v) {
		return nil
	}
	if v.Kind() != project.NodeList {
		p.wrong(key, "a list", v)
		return nil
	}
	var out []item
	for _, n := range v.Items() {
		if shallow := p.s.shallow(n); shallow != nil && !p.s.app.isBad(shallow) {
			out = append(out, item{shallow, n.Position()})
		}
	}
	return out
}

// strings returns a list of texts; each has the place where it is written.
func (p *properties) strings(key string) (texts []string, at []project.Position) {
	e := p.entry(key)
	if e == nil {
		return nil, nil
	}
	for _, i := range p.list(key) {
		if !isScalar(i.value) {
			p.s.app.problem(i.at, fmt.Sprintf("%s: `%s` must hold strings, not %s", p.what, e.Key(), i.value.Kind()), "")
			continue
		}
		p.doubt(e, i.value)
		texts, at = append(texts, i.value.Text()), append(at, i.at)
	}
	return texts, at
}

// sub returns the properties below one, nil when it is absent or no map.
func (p *properties) sub(key string) *properties {
	e := p.entry(key)
	if e == nil {
		return nil
	}
	v := p.s.shallow(e.Value())
	if v == nil || p.s.app.isBad(v) || v.Kind() == project.NodeNull {
		return nil
	}
	if v.Kind() != project.NodeMap {
		p.wrong(key, "a map", v)
		return nil
	}
	out := p.s.properties(v, fmt.Sprintf("%s: `%s`", p.what, e.Key()), e.Position())
	out.fold = p.fold
	return out
}

// needSub is sub of a property that must be there.
func (p *properties) needSub(key string) *properties {
	if out := p.sub(key); out != nil {
		return out
	}
	p.need(key)
	return nil
}

// subs returns the maps of a list.
func (p *properties) subs(key string) []*properties {
	var out []*properties
	for i, item := range p.list(key) {
		what := fmt.Sprintf("%s: `%s` item %d", p.what, key, i+1)
		if item.value.Kind() != project.NodeMap {
			p.s.app.problem(item.at, fmt.Sprintf("%s must be a map, not %s", what, item.value.Kind()), "")
			continue
		}
		sub := p.s.properties(item.value, what, item.at)
		sub.fold = p.fold
		out = append(out, sub)
	}
	return out
}

// ignore warns of the properties that nobody asked for, except those that say
// only how the resource is deployed.
func (p *properties) ignore(deployOnly ...string) {
	known := append([]string{}, deployOnly...)
	for key := range p.read {
		known = append(known, key)
	}
	slices.Sort(known)
	for i := range p.node.Entries() {
		e := &p.node.Entries()[i]
		isKnown := slices.ContainsFunc(known, func(k string) bool {
			return k == e.Key() || p.fold && strings.EqualFold(k, e.Key())
		})
		if !isKnown {
			p.s.app.warn(e.Position(), fmt.Sprintf("%s: property `%s` is ignored", p.what, shorten(e.Key())), didYouMean(e.Key(), known))
		}
	}
}
