package subscription

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// EnhancedFilter is the filter that a subscription's resolver sets, compiled
// once for all events. It is safe for concurrent use.
//
// An event matches when all filters of one group hold; without groups every
// event matches. Filters compare by type: the string "5" is not the number 5.
// A field that is null or that the mutation did not select fulfils the negative
// operators ne, notIn and notContains alone. A path that leads through a list
// fulfils none, and an event that is itself a list no filter at all.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-enhanced-filtering.html
type EnhancedFilter struct {
	groups [][]rule
	key    string // equal for filters that match the same events
	slots  []slot // one of them holds for every event that matches
}

// maxLevels is how deep a field may lie that is filtered by. AppSync ignores
// filters of deeper ones.
const maxLevels = 5

// rule is one comparison of a field.
type rule struct {
	path []string
	// among holds the values that alone fulfil the rule, when they are few and
	// the index can find them: those of eq and in. Nil otherwise.
	among []any
	// holds tells whether a value that is not null fulfils the rule.
	holds func(v any) bool
	// missing tells whether null does.
	missing bool
}

var errMalformedFilter = errors.New("subscription filter is malformed.")

// CompileFilter compiles the argument of $extensions.setSubscriptionFilter.
// That filter keeps AppSync's limits is checked when it is set; the error here
// is of one that has another form altogether.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
func CompileFilter(filter *value.Map) (*EnhancedFilter, error) {
	out := &EnhancedFilter{key: string(appendKey(nil, filter)), slots: []slot{newSlot(nil)}}
	groups := filter.Value("filterGroup")
	if groups == nil {
		return out, nil
	}
	list, ok := groups.(*value.List)
	if !ok {
		return nil, errMalformedFilter
	}
	for _, item := range list.Items {
		group, _ := item.(*value.Map)
		filters, ok := group.Value("filters").(*value.List)
		if !ok {
			return nil, errMalformedFilter
		}
		rules := make([]rule, 0, len(filters.Items))
		for _, item := range filters.Items {
			f, _ := item.(*value.Map)
			r, ok := compileRule(f)
			if !ok {
				return nil, errMalformedFilter
			}
			if len(r.path) <= maxLevels {
				rules = append(rules, r)
			}
		}
		out.groups = append(out.groups, rules)
	}
	if slots := slotsOf(out.groups); slots != nil {
		out.slots = slots
	}
	return out, nil
}

// slotsOf returns slots of which one holds for every event that one of the
// groups lets pass: those of the values that the groups demand. There are none
// when a group demands no certain values, or when there are no groups.
func slotsOf(groups [][]rule) []slot {
	var slots []slot
	for _, rules := range groups {
		wanted := demanded(rules)
		if len(wanted) == 0 {
			return nil
		}
		for _, s := range wanted {
			if !slices.ContainsFunc(slots, func(o slot) bool { return o.shape == s.shape && o.key == s.key }) {
				slots = append(slots, s)
			}
		}
	}
	return slots
}

// demanded returns the slots of one group: a single one of all fields that must
// have one value or, without such, one for each value of a field that must have
// one of several.
func demanded(rules []rule) []slot {
	var all []wantedValue
	var several *rule
	for i := range rules {
		switch r := &rules[i]; {
		case len(r.among) == 1:
			all = append(all, wantedValue{path: strings.Join(r.path, "."), value: r.among[0]})
		case len(r.among) > 1 && several == nil:
			several = r
		}
	}
	if len(all) > 0 {
		return []slot{newSlot(all)}
	}
	if several == nil {
		return nil
	}
	var slots []slot
	for _, v := range several.among {
		slots = append(slots, newSlot([]wantedValue{{path: strings.Join(several.path, "."), value: v}}))
	}
	return slots
}

// indexable returns the values that alone fulfil eq or in, or nil when there is
// one whose encoding differs from that of a value it equals: numbers beyond
// those that a double holds exactly do.
func indexable(values ...any) []any {
	for _, v := range values {
		switch v := v.(type) {
		case string, bool, int32:
		case int64:
			if v < -1<<53 || v > 1<<53 {
				return nil
			}
		case float64:
			if math.Abs(v) > 1<<53 || math.IsNaN(v) {
				return nil
			}
		default:
			return nil
		}
	}
	return values
}

func compileRule(f *value.Map) (rule, bool) {
	field, _ := f.Value("fieldName").(string)
	operator, _ := f.Value("operator").(string)
	operand := f.Value("value")
	list := elements(operand)
	r := rule{path: strings.Split(field, ".")}
	switch operator {
	case "eq":
		r.among = indexable(operand)
		r.holds = func(v any) bool { return same(v, operand) }
	case "ne":
		r.missing = true
		r.holds = func(v any) bool { return !same(v, operand) }
	case "lt":
		r.holds = ordered(operand, func(order int) bool { return order < 0 })
	case "le":
		r.holds = ordered(operand, func(order int) bool { return order <= 0 })
	case "gt":
		r.holds = ordered(operand, func(order int) bool { return order > 0 })
	case "ge":
		r.holds = ordered(operand, func(order int) bool { return order >= 0 })
	case "between":
		if len(list) != 2 {
			return r, false
		}
		r.holds = func(v any) bool {
			low, ok := compare(v, list[0])
			high, alike := compare(v, list[1])
			return ok && alike && low >= 0 && high <= 0
		}
	case "beginsWith":
		prefix, ok := operand.(string)
		if !ok {
			return r, false
		}
		r.holds = func(v any) bool {
			s, ok := v.(string)
			return ok && strings.HasPrefix(s, prefix)
		}
	case "contains":
		r.holds = func(v any) bool { return contains(v, operand) }
	case "notContains":
		r.missing = true
		r.holds = func(v any) bool { return !contains(v, operand) }
	case "in":
		r.among = indexable(list...)
		r.holds = func(v any) bool { return member(list, v) }
	case "notIn":
		r.missing = true
		r.holds = func(v any) bool { return !member(list, v) }
	case "containsAny":
		r.holds = func(v any) bool {
			return slices.ContainsFunc(elements(v), func(item any) bool { return member(list, item) })
		}
	default:
		return r, false
	}
	return r, true
}

// Matches reports whether the filter lets the event pass. A nil filter lets all
// pass.
func (f *EnhancedFilter) Matches(event *value.Map) bool {
	return f == nil || f.matches(event, true)
}

// matches is Matches of a filter that is not nil, for events of any kind.
func (f *EnhancedFilter) matches(event *value.Map, isObject bool) bool {
	if len(f.groups) == 0 || !isObject {
		return len(f.groups) == 0
	}
	for _, rules := range f.groups {
		if !slices.ContainsFunc(rules, func(r rule) bool { return !r.matches(event) }) {
			return true
		}
	}
	return false
}

func (r *rule) matches(event *value.Map) bool {
	var v any = event
	for _, name := range r.path {
		if v == nil {
			return r.missing
		}
		object, ok := v.(*value.Map)
		if !ok {
			return false
		}
		v = object.Value(name)
	}
	if v == nil {
		return r.missing
	}
	return r.holds(v)
}

// ordered returns the rule of a comparison with operand.
func ordered(operand any, holds func(order int) bool) func(any) bool {
	return func(v any) bool {
		order, ok := compare(v, operand)
		return ok && holds(order)
	}
}

// contains reports whether a text has a part, or a list a member.
func contains(v, part any) bool {
	if s, ok := v.(string); ok {
		p, ok := part.(string)
		return ok && strings.Contains(s, p)
	}
	return member(elements(v), part)
}

func member(list []any, v any) bool {
	return slices.ContainsFunc(list, func(item any) bool { return same(item, v) })
}

// elements returns what a list holds, nothing for anything else.
func elements(v any) []any {
	switch v := v.(type) {
	case *value.List:
		return v.Items
	case *value.Set:
		return v.Items
	case *value.Array:
		return v.Items
	}
	return nil
}

// same reports whether two booleans, texts or numbers are equal. Values of
// different types never are.
func same(a, b any) bool {
	if x, ok := a.(bool); ok {
		y, ok := b.(bool)
		return ok && x == y
	}
	order, ok := compare(a, b)
	return ok && order == 0
}

// compare orders two texts or two numbers, whatever Go types the numbers have;
// ok is false for anything else.
func compare(a, b any) (order int, ok bool) {
	if x, isText := a.(string); isText {
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	}
	if x, ok := integer(a); ok {
		if y, ok := integer(b); ok {
			return cmp.Compare(x, y), true
		}
	}
	if whole(a) && whole(b) {
		x, _ := value.BigDecimalOf(a)
		y, _ := value.BigDecimalOf(b)
		return x.Cmp(y), true
	}
	// A GraphQL Float is a double, also where the store kept more digits.
	x, isNumber := value.DoubleValue(a)
	y, alike := value.DoubleValue(b)
	return cmp.Compare(x, y), isNumber && alike
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func whole(v any) bool {
	if _, ok := v.(*big.Int); ok {
		return true
	}
	_, ok := integer(v)
	return ok
}
