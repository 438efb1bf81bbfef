package builtin

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// The bounds on how far a filter is multiplied out. AppSync refuses filters far
// smaller than these when they are set.
const (
	maxFilterGroups = 1000
	maxGroupFilters = 1000
	maxFilters      = 20_000 // in all groups
)

var (
	errTooManyGroups  = errors.New("toSubscriptionFilter: the filter has too many alternatives")
	errTooManyFilters = errors.New("toSubscriptionFilter: the filter has too many conditions")
)

// filterGroup is one alternative: filters that must all hold.
type filterGroup []any

// subscriptionFilter multiplies a filter out into an OR of groups of ANDed
// filters. Several operators on one field are alternatives, and each rule is
// one. Operators and values are not checked. The forms are those recorded from
// AppSync (localstack/appsync-utils, transform-subscription.test.js.snap).
func subscriptionFilter(filter *value.Map, ignored *value.List, rules *value.Map) (*value.Map, error) {
	drop := make(map[string]bool, ignored.Len())
	for i := 0; i < ignored.Len(); i++ {
		if name, ok := ignored.Items[i].(string); ok {
			drop[name] = true
		}
	}
	groups, err := allOf(filter, drop, 0)
	if err != nil {
		return nil, err
	}
	var alternatives []filterGroup
	for name, v := range rules.All() {
		alternatives = append(alternatives, fieldAlternatives(name, v)...)
	}
	if len(alternatives) > maxFilterGroups {
		return nil, errTooManyGroups
	}
	if groups, err = cross(groups, alternatives); err != nil {
		return nil, err
	}
	out := &value.List{Items: make([]any, 0, len(groups))}
	for _, g := range groups {
		one := value.NewMap(1)
		one.Set("filters", &value.List{Items: g})
		out.Append(one)
	}
	m := value.NewMap(1)
	m.Set("filterGroup", out)
	return m, nil
}

// allOf returns the alternatives of a map, all of whose fields must hold.
func allOf(m *value.Map, drop map[string]bool, depth int) ([]filterGroup, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	var groups []filterGroup
	for name, v := range m.All() {
		var next []filterGroup
		var err error
		list, isList := v.(*value.List)
		switch {
		case name == "and" && isList:
			for _, item := range list.Items {
				member, _ := item.(*value.Map)
				var alternatives []filterGroup
				if alternatives, err = allOf(member, drop, depth+1); err == nil {
					next, err = cross(next, alternatives)
				}
				if err != nil {
					return nil, err
				}
			}
		case name == "or" && isList:
			for _, item := range list.Items {
				member, _ := item.(*value.Map)
				alternatives, err := allOf(member, drop, depth+1)
				if err != nil {
					return nil, err
				}
				next = append(next, alternatives...)
				if len(next) > maxFilterGroups {
					return nil, errTooManyGroups
				}
			}
		case !drop[name]:
			next = fieldAlternatives(name, v)
		}
		if groups, err = cross(groups, next); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// fieldAlternatives returns one alternative for each operator of a field.
func fieldAlternatives(name string, v any) []filterGroup {
	operators, _ := v.(*value.Map)
	var out []filterGroup
	for operator, operand := range operators.All() {
		f := value.NewMap(3)
		f.Set("fieldName", name)
		f.Set("operator", operator)
		f.Set("value", operand)
		out = append(out, filterGroup{f})
	}
	return out
}

// cross combines every alternative of a with every one of b. A side without
// alternatives demands nothing.
func cross(a, b []filterGroup) ([]filterGroup, error) {
	if len(a) == 0 {
		return b, nil
	}
	if len(b) == 0 {
		return a, nil
	}
	if len(a)*len(b) > maxFilterGroups {
		return nil, errTooManyGroups
	}
	if err := boundedProduct(a, b); err != nil {
		return nil, err
	}
	out := make([]filterGroup, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(x[:len(x):len(x)], y...))
		}
	}
	return out, nil
}

// boundedProduct says whether the groups that a and b multiply out to are few
// and short enough.
func boundedProduct(a, b []filterGroup) error {
	longestA, sumA := lengths(a)
	longestB, sumB := lengths(b)
	if longestA+longestB > maxGroupFilters || sumA*len(b)+sumB*len(a) > maxFilters {
		return errTooManyFilters
	}
	return nil
}

func lengths(groups []filterGroup) (longest, sum int) {
	for _, g := range groups {
		longest = max(longest, len(g))
		sum += len(g)
	}
	return longest, sum
}
