package builtin

import "appsync-emulator/mappingtemplate/value"

// searchQuery turns a filter into an OpenSearch query. Several conditions are
// one bool.must. ok is false for an operator that is not known.
func searchQuery(m *value.Map, depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	var clauses []any
	for name, v := range m.All() {
		var clause any
		ok := true
		switch name {
		case "and", "or":
			members, isList := v.(*value.List)
			if !isList {
				return nil, false
			}
			queries := make([]any, 0, len(members.Items))
			for _, item := range members.Items {
				member, isMap := item.(*value.Map)
				if !isMap {
					return nil, false
				}
				query, ok := searchQuery(member, depth+1)
				if !ok {
					return nil, false
				}
				queries = append(queries, query)
			}
			if name == "and" {
				clause = boolClause("must", value.NewList(queries...))
			} else {
				clause = single("bool", value.MapOf("should", value.NewList(queries...), "minimum_should_match", int32(1)))
			}
		case "not":
			member, isMap := v.(*value.Map)
			if !isMap {
				return nil, false
			}
			var query any
			if query, ok = searchQuery(member, depth+1); ok {
				clause = boolClause("must_not", query)
			}
		default:
			clause, ok = searchField(name, v)
		}
		if !ok {
			return nil, false
		}
		clauses = append(clauses, clause)
	}
	return mustAll(clauses), true
}

// mustAll joins clauses; one alone stands for itself.
func mustAll(clauses []any) any {
	if len(clauses) == 1 {
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
		exists := single("exists", single("field", field))
		if v == false {
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
