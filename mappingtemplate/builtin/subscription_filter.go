package builtin

import (
	"fmt"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/value"
)

// FilterError says why AppSync refuses a subscription with this filter. AppSync
// answers the subscription, not the template: with errorCode 400 and Message.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
type FilterError struct {
	Message string
}

func (e *FilterError) Error() string { return e.Message }

func filterError(format string, args ...any) error {
	return &FilterError{Message: fmt.Sprintf(format, args...)}
}

// The limits of a filter, from the page above.
const (
	maxFilterAttributes   = 5   // fields that one group combines
	maxFilterCombinations = 10  // groups, each value of "in" counting as one
	maxFilterText         = 256 // characters
	maxFilterIn           = 5   // values of "in" and "notIn"
	maxFilterContainsAny  = 20  // values
)

// checkFilter returns a *FilterError for a filter that AppSync refuses. A filter
// without groups is none and passes. Amplify's clients know some errors by their
// words and then subscribe again without a filter.
//
// See: https://github.com/aws-amplify/amplify-js/blob/main/packages/datastore/src/sync/processors/subscription.ts
func checkFilter(filter *value.Map) error {
	groups, ok := filter.Value("filterGroup").(*value.List)
	if !ok {
		if filter.Value("filterGroup") == nil {
			return nil
		}
		return filterError("subscription filter has invalid filterGroup.")
	}
	combinations := 0
	for _, item := range groups.Items {
		group, _ := item.(*value.Map)
		filters, ok := group.Value("filters").(*value.List)
		if !ok {
			return filterError("subscription filter has invalid filters.")
		}
		n, err := checkFilters(filters)
		if err != nil {
			return err
		}
		if combinations += n; combinations > maxFilterCombinations {
			return filterError("Filters combination exceed maximum limit %d for subscription", maxFilterCombinations)
		}
	}
	return nil
}

// checkFilters checks one group and returns how many combinations it stands for.
func checkFilters(filters *value.List) (int, error) {
	combinations := 1
	seen := make(map[string]bool, len(filters.Items))
	for _, item := range filters.Items {
		f, _ := item.(*value.Map)
		field, _ := f.Value("fieldName").(string)
		if field == "" || utf8.RuneCountInString(field) > maxFilterText {
			return 0, filterError("subscription filter has invalid fieldName.")
		}
		if seen[field] {
			return 0, filterError("subscription filter uses same fieldName multiple time in single filter object.")
		}
		seen[field] = true
		operator, _ := f.Value("operator").(string)
		if err := checkOperand(operator, f.Value("value")); err != nil {
			return 0, err
		}
		if operator == "in" {
			combinations = min(combinations*length(f.Value("value")), maxFilterCombinations+1)
		}
	}
	if len(seen) > maxFilterAttributes {
		return 0, filterError("Filters exceed maximum attributes limit %d for subscription", maxFilterAttributes)
	}
	return combinations, nil
}

// checkOperand says whether an operator is one, and takes the value.
func checkOperand(operator string, v any) error {
	valid := false
	switch operator {
	case "eq", "ne":
		_, valid = v.(bool)
		valid = valid || isFilterScalar(v)
	case "le", "lt", "ge", "gt", "contains", "notContains":
		valid = isFilterScalar(v)
	case "beginsWith":
		_, valid = v.(string)
		valid = valid && isFilterScalar(v)
	case "in", "notIn":
		if length(v) > maxFilterIn {
			return tooManyValues(operator, maxFilterIn)
		}
		valid = isFilterList(v)
	case "between":
		valid = length(v) == 2 && isFilterList(v)
	case "containsAny":
		if length(v) > maxFilterContainsAny {
			return tooManyValues(operator, maxFilterContainsAny)
		}
		valid = isFilterList(v)
	default:
		return filterError("subscription filter has invalid operator `%s`.", operator)
	}
	if !valid {
		return filterError("subscription filter has invalid filter value for operator `%s`.", operator)
	}
	return nil
}

func tooManyValues(operator string, limit int) error {
	return filterError("subscription exceeds maximum value limit %d for operator `%s`.", limit, operator)
}

// isFilterScalar says whether v is a number or a string that is short enough.
func isFilterScalar(v any) bool {
	if s, ok := v.(string); ok {
		return utf8.RuneCountInString(s) <= maxFilterText
	}
	return isNumber(v)
}

// isFilterList says whether v is a list of such values; an empty one is none.
func isFilterList(v any) bool {
	list, _ := items(v)
	for _, item := range list {
		if !isFilterScalar(item) {
			return false
		}
	}
	return len(list) > 0
}

// length returns how many elements a collection has.
func length(v any) int {
	list, _ := items(v)
	return len(list)
}
