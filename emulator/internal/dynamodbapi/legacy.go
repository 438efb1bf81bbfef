package dynamodbapi

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// translation turns the parameters that expressions have replaced into
// expressions. Its placeholders are short, as expressions may have 4 KB.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
type translation struct {
	expr *storage.Expressions
	// names are the placeholders that stand for attributes so far.
	names map[string]string
	next  int
}

// translate returns a translation that adds to expr.
func translate(expr *storage.Expressions) *translation {
	return &translation{expr: expr, names: map[string]string{}}
}

// placeholder returns a placeholder that the request does not have.
func placeholder[V any](t *translation, sign string, taken map[string]V) string {
	for {
		p := sign + strconv.FormatInt(int64(t.next), 36)
		t.next++
		if _, ok := taken[p]; !ok {
			return p
		}
	}
}

// name returns the placeholder of an attribute.
func (t *translation) name(attr string) string {
	if p, ok := t.names[attr]; ok {
		return p
	}
	p := placeholder(t, "#", t.expr.Names)
	if t.expr.Names == nil {
		t.expr.Names = map[string]string{}
	}
	t.expr.Names[p] = attr
	t.names[attr] = p
	return p
}

// value returns a placeholder for v.
func (t *translation) value(v attribute.Value) string {
	p := placeholder(t, ":", t.expr.Values)
	if t.expr.Values == nil {
		t.expr.Values = map[string]attribute.Value{}
	}
	t.expr.Values[p] = v
	return p
}

// projectionOf translates AttributesToGet.
func (t *translation) projectionOf(attributes []string) {
	paths := make([]string, len(attributes))
	for i, attr := range attributes {
		paths[i] = t.name(attr)
	}
	t.expr.Projection = strings.Join(paths, ",")
}

// checkAttributesToGet refuses attributes that are asked for twice.
func checkAttributesToGet(v *value) error {
	seen := make(map[string]bool, len(v.list))
	for _, attr := range v.texts() {
		if seen[attr] {
			return invalid("Duplicate value in attribute name: %s", attr)
		}
		seen[attr] = true
	}
	return nil
}

// condition translates one condition on an attribute.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html
func (t *translation) condition(attr, operator string, values []attribute.Value) string {
	name := t.name(attr)
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = t.value(v)
	}
	switch operator {
	case "NULL":
		return "attribute_not_exists(" + name + ")"
	case "NOT_NULL":
		return "attribute_exists(" + name + ")"
	case "IN":
		return name + " IN (" + strings.Join(all, ",") + ")"
	case "BETWEEN":
		return name + " BETWEEN " + all[0] + " AND " + all[1]
	case "BEGINS_WITH":
		return "begins_with(" + name + "," + all[0] + ")"
	case "CONTAINS":
		return "contains(" + name + "," + all[0] + ")"
	case "NOT_CONTAINS":
		return "NOT contains(" + name + "," + all[0] + ")"
	case "NE":
		return name + "<>" + all[0]
	case "LE":
		return name + "<=" + all[0]
	case "LT":
		return name + "<" + all[0]
	case "GE":
		return name + ">=" + all[0]
	case "GT":
		return name + ">" + all[0]
	default:
		return name + "=" + all[0]
	}
}

// attributes returns the values of a list, or the first reason why one is
// refused.
func (v *value) attributes() ([]attribute.Value, error) {
	all := make([]attribute.Value, len(v.list))
	for i := range v.list {
		e := &v.list[i]
		if e.bad != nil {
			return nil, e.bad
		}
		if !e.given {
			return nil, validationError("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		all[i] = e.attribute()
	}
	return all, nil
}

// checkArguments refuses values that do not go with the operator.
func checkArguments(operator string, values []attribute.Value) error {
	right := len(values) == 1
	switch operator {
	case "NULL", "NOT_NULL":
		right = len(values) == 0
	case "IN":
		right = len(values) > 0
	case "BETWEEN":
		right = len(values) == 2
	}
	if !right {
		return invalid("Invalid number of argument(s) for the %s ComparisonOperator", operator)
	}
	for _, v := range values {
		if v.Kind() != values[0].Kind() {
			return invalid("AttributeValues inside AttributeValueList must be of same type")
		}
	}
	var kinds []attribute.Kind
	switch operator {
	case "LE", "LT", "GE", "GT", "BETWEEN", "IN", "CONTAINS", "NOT_CONTAINS":
		kinds = []attribute.Kind{attribute.S, attribute.N, attribute.B}
	case "BEGINS_WITH":
		kinds = []attribute.Kind{attribute.S, attribute.B}
	}
	for _, v := range values {
		if kinds != nil && !slices.Contains(kinds, v.Kind()) {
			return invalid("ComparisonOperator %s is not valid for %s AttributeValue type", operator, v.Kind())
		}
	}
	if operator == "BETWEEN" {
		if order, _ := attribute.Compare(values[0], values[1]); order > 0 {
			return validationError("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	}
	return nil
}

// checkConditions checks a map of conditions: QueryFilter, ScanFilter or
// KeyConditions.
func checkConditions(v *value) error {
	for i := range v.list {
		values, err := v.list[i].get("AttributeValueList").attributes()
		if err != nil {
			return err
		}
		if err := checkArguments(v.list[i].get("ComparisonOperator").text, values); err != nil {
			return err
		}
	}
	return nil
}

// conditions translates a map of conditions that has been checked.
func (t *translation) conditions(v *value, conditionalOperator string) string {
	all := make([]string, len(v.list))
	for i := range v.list {
		values, _ := v.list[i].get("AttributeValueList").attributes() // checked
		all[i] = t.condition(v.keys[i], v.list[i].get("ComparisonOperator").text, values)
	}
	return join(all, conditionalOperator)
}

func join(conditions []string, conditionalOperator string) string {
	if conditionalOperator == "" {
		conditionalOperator = "AND"
	}
	return strings.Join(conditions, " "+conditionalOperator+" ")
}

// checkConditionalOperator refuses a ConditionalOperator that has nothing to
// join.
//
// Recorded: ExtendDB/extenddb#213.
func checkConditionalOperator(in, conditions *value) error {
	switch {
	case !in.has("ConditionalOperator"):
		return nil
	case len(conditions.list) == 0:
		return validationError("ConditionalOperator cannot be used without Filter or Expected")
	case len(conditions.list) == 1:
		return validationError("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	}
	return nil
}

// checkExpected checks the Expected parameter.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExpectedAttributeValue.html
func checkExpected(v *value) error {
	for i := range v.list {
		if err := checkExpectation(v.keys[i], &v.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkExpectation(attr string, e *value) error {
	values, one, exists := e.get("AttributeValueList"), e.get("Value"), e.get("Exists")
	operator := e.get("ComparisonOperator")
	if values.given && one.given {
		return invalid("Value and AttributeValueList cannot be used together for Attribute: %s", attr)
	}
	if !operator.given {
		switch {
		case values.given:
			return invalid("AttributeValueList can only be used with a ComparisonOperator for Attribute: %s", attr)
		case !exists.given && !one.given:
			return invalid("Value must be provided when Exists is null for Attribute: %s", attr)
		case exists.flag && !one.given:
			return invalid("Value must be provided when Exists is true for Attribute: %s", attr)
		case exists.given && !exists.flag && one.given:
			return invalid("Value cannot be used when Exists is false for Attribute: %s", attr)
		}
		return one.bad
	}
	if exists.given {
		return invalid("Exists and ComparisonOperator cannot be used together for Attribute: %s", attr)
	}
	if op := operator.text; op != "NULL" && op != "NOT_NULL" && !values.given && !one.given {
		return invalid("Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s", op, attr)
	}
	all, err := e.expectedValues()
	if err != nil {
		return err
	}
	return checkArguments(operator.text, all)
}

// expectedValues returns the values of an expectation, wherever they stand.
func (v *value) expectedValues() ([]attribute.Value, error) {
	if one := v.get("Value"); one.given {
		return []attribute.Value{one.attribute()}, one.bad
	}
	return v.get("AttributeValueList").attributes()
}

// expected translates the Expected parameter, which has been checked.
func (t *translation) expected(v *value, conditionalOperator string) {
	all := make([]string, len(v.list))
	for i := range v.list {
		e := &v.list[i]
		operator := e.get("ComparisonOperator").text
		switch exists := e.get("Exists"); {
		case operator != "":
		case exists.given && !exists.flag:
			operator = "NULL"
		default:
			operator = "EQ"
		}
		values, _ := e.expectedValues() // checked
		all[i] = t.condition(v.keys[i], operator, values)
	}
	t.expr.Condition = join(all, conditionalOperator)
}

// checkUpdates checks the AttributeUpdates parameter.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValueUpdate.html
func checkUpdates(v *value) error {
	for i := range v.list {
		action, arg := v.list[i].get("Action").text, v.list[i].get("Value")
		if arg.bad != nil {
			return arg.bad
		}
		if !arg.given {
			if action != "DELETE" {
				return invalid("Only DELETE action is allowed when no attribute value is specified")
			}
			continue
		}
		kind := arg.attribute().Kind()
		if action == "DELETE" && kind.ElemKind() == attribute.Invalid {
			return invalid("DELETE action with value is not supported for the type %s", kind)
		}
		if action == "ADD" && kind != attribute.N && kind != attribute.L && kind.ElemKind() == attribute.Invalid {
			return invalid("ADD action is not supported for the type %s", kind)
		}
	}
	return nil
}

// updates translates the AttributeUpdates parameter, which has been checked.
func (t *translation) updates(v *value) {
	var set, remove, add, del []string
	for i := range v.list {
		name, arg := t.name(v.keys[i]), v.list[i].get("Value")
		switch action := v.list[i].get("Action").text; {
		case action == "DELETE" && !arg.given:
			remove = append(remove, name)
		case action == "DELETE":
			del = append(del, name+" "+t.value(arg.attribute()))
		case action == "ADD" && arg.attribute().Kind() == attribute.L:
			none := t.value(attribute.ListOf([]attribute.Value{}))
			set = append(set, name+"=list_append(if_not_exists("+name+","+none+"),"+t.value(arg.attribute())+")")
		case action == "ADD":
			add = append(add, name+" "+t.value(arg.attribute()))
		default:
			set = append(set, name+"="+t.value(arg.attribute()))
		}
	}
	var clauses []string
	for _, c := range []struct {
		word    string
		actions []string
	}{{"SET ", set}, {"REMOVE ", remove}, {"ADD ", add}, {"DELETE ", del}} {
		if len(c.actions) > 0 {
			clauses = append(clauses, c.word+strings.Join(c.actions, ","))
		}
	}
	t.expr.Update = strings.Join(clauses, " ")
}

// untranslate puts the words of the replaced parameters into errors about the
// expressions that they became.
func untranslate(err error, in *value) error {
	var refused *storage.ValidationError
	if !errors.As(err, &refused) {
		return err
	}
	message := refused.Message
	switch {
	case message == "An operand in the update expression has an incorrect data type" && in.has("AttributeUpdates"):
		message = "Type mismatch for attribute to update"
	case in.has("AttributesToGet"):
		message = strings.Replace(message, "Cannot specify the ProjectionExpression when", "Cannot specify the AttributesToGet when", 1)
	}
	for _, filter := range []string{"QueryFilter", "ScanFilter"} {
		if in.has(filter) {
			message = strings.Replace(message, "Filter Expression can only contain", filter+" can only contain", 1)
		}
	}
	return validationError(message)
}
