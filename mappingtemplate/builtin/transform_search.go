package builtin

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// searchQuery turns a filter into an OpenSearch query: several conditions are
// one bool.must, and no condition is null. ok is false for a filter that AppSync
// cannot transform. What AWS's page leaves open (alternatives, empty filters,
// the letter case of groups) is as in amplify-appsync-simulator,
// elasticsearch-helper.ts.
func searchQuery(m *value.Map, depth int) (query any, ok bool) {
	if depth > maxDepth {
		return nil, false
	}
	var clauses []any
	for name, v := range m.All() {
		clause, ok := searchEntry(name, v, depth)
		if !ok {
			return nil, false
		}
		clauses = append(clauses, clause)
	}
	return mustAll(clauses), true
}

// searchEntry returns the clause for one entry of a filter, a group or a field.
func searchEntry(name string, v any, depth int) (any, bool) {
	switch {
	case strings.EqualFold(name, "and"):
		queries, ok := searchMembers(v, depth)
		if !ok || len(queries) == 0 {
			return nil, ok
		}
		return boolClause("must", value.NewList(queries...)), true
	case strings.EqualFold(name, "or"):
		queries, ok := searchMembers(v, depth)
		if !ok || len(queries) == 0 {
			return nil, ok
		}
		return single("bool", value.MapOf("should", value.NewList(queries...), "minimum_should_match", int32(1))), true
	case strings.EqualFold(name, "not"):
		member, isMap := v.(*value.Map)
		if !isMap {
			return nil, false
		}
		query, ok := searchQuery(member, depth+1)
		if !ok || query == nil {
			return nil, ok
		}
		return boolClause("must_not", query), true
	}
	return searchField(name, v)
}

func searchMembers(v any, depth int) ([]any, bool) {
	members, ok := v.(*value.List)
	if !ok {
		return nil, false
	}
	queries := make([]any, 0, len(members.Items))
	for _, item := range members.Items {
		member, ok := item.(*value.Map)
		if !ok {
			return nil, false
		}
		query, ok := searchQuery(member, depth+1)
		if !ok {
			return nil, false
		}
		queries = append(queries, query)
	}
	return queries, true
}

// mustAll joins clauses; one alone stands for itself.
func mustAll(clauses []any) any {
	switch len(clauses) {
	case 0:
		return nil
	case 1:
		return clauses[0]
	}
	return boolClause("must", value.NewList(clauses...))
}

func boolClause(occurrence string, query any) *value.Map {
	return single("bool", single(occurrence, query))
}

func searchField(name string, v any) (any, bool) {
	operators, ok := v.(*value.Map)
	if !ok {
		return nil, false
	}
	clauses := make([]any, 0, operators.Len())
	for operator, operand := range operators.All() {
		clause, ok := searchClause(name, operator, operand)
		if !ok {
			return nil, false
		}
		clauses = append(clauses, clause)
	}
	return mustAll(clauses), true
}

func searchClause(field, operator string, v any) (any, bool) {
	kind := ""
	switch operator {
	case "eq":
		kind = "term"
	case "ne":
		return boolClause("must_not", single("term", single(field, v))), true
	case "range":
		bounds, ok := v.(*value.List)
		if !ok || len(bounds.Items) < 2 {
			return nil, false
		}
		return single("range", single(field, value.MapOf("gte", bounds.Items[0], "lte", bounds.Items[1]))), true
	case "gt", "gte", "lt", "lte":
		return single("range", single(field, single(operator, v))), true
	case "exists":
		wanted, ok := v.(bool)
		if !ok {
			return nil, false
		}
		exists := single("exists", single("field", field))
		if !wanted {
			return boolClause("must_not", exists), true
		}
		return exists, true
	case "match":
		kind = "match"
	case "matchPhrase":
		kind = "match_phrase"
	case "matchPhrasePrefix":
		kind = "match_phrase_prefix"
	case "multiMatch":
		kind = "multi_match"
	case "wildcard":
		kind = "wildcard"
	case "regexp":
		kind = "regexp"
	default:
		return nil, false
	}
	return single(kind, single(field, v)), true
}
