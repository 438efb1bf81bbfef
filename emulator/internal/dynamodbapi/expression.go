package dynamodbapi

import (
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// mixing refuses requests that have both expressions and the parameters that
// expressions have replaced, and placeholders without expressions. Both lists
// are in the order in which DynamoDB names them.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
func mixing(in *value, expressions, replaced []string) error {
	var with, without []string
	for _, name := range expressions {
		if in.has(name) {
			with = append(with, name)
		}
	}
	for _, name := range replaced {
		// KeyConditions may go with the expressions that do not replace it.
		if in.has(name) && (name != "KeyConditions" || in.has("KeyConditionExpression")) {
			without = append(without, name)
		}
	}
	if len(with) > 0 && len(without) > 0 {
		return validationf("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}",
			strings.Join(without, ", "), strings.Join(with, ", "))
	}
	if in.has("ExpressionAttributeNames") && len(with) == 0 {
		return validationError("ExpressionAttributeNames can only be specified when using expressions")
	}
	if !in.has("ExpressionAttributeValues") {
		return nil
	}
	var takers []string
	for _, name := range expressions {
		if name == "ProjectionExpression" {
			continue
		}
		if in.has(name) {
			return nil
		}
		takers = append(takers, name)
	}
	verb := "is"
	if len(takers) > 1 {
		verb = "are"
	}
	return validationf("ExpressionAttributeValues can only be specified when using expressions: %s %s null", strings.Join(takers, " and "), verb)
}

// expressions returns the expression parameters of in. Whatever is wrong with
// their texts and placeholders the store refuses; only values that could not be
// read are refused here, after what DynamoDB checks before them.
func expressions(in *value) (storage.Expressions, error) {
	var e storage.Expressions
	take := func(name string, dst *string, bit storage.Parameter) {
		if v := in.get(name); v.given {
			if *dst = v.text; v.text == "" {
				e.Empty |= bit
			}
		}
	}
	take("ConditionExpression", &e.Condition, storage.ConditionExpression)
	take("FilterExpression", &e.Filter, storage.FilterExpression)
	take("KeyConditionExpression", &e.KeyCondition, storage.KeyConditionExpression)
	take("UpdateExpression", &e.Update, storage.UpdateExpression)
	take("ProjectionExpression", &e.Projection, storage.ProjectionExpression)

	var bad error
	if v := in.get("ExpressionAttributeNames"); v.given {
		e.Names = make(map[string]string, len(v.keys))
		for i, name := range v.keys {
			e.Names[name] = v.list[i].text
		}
	}
	if v := in.get("ExpressionAttributeValues"); v.given {
		e.Values = make(map[string]attribute.Value, len(v.keys))
		for i, name := range v.keys {
			e.Values[name] = v.list[i].attribute()
			if b := v.list[i].bad; b != nil && bad == nil {
				bad = validationf("ExpressionAttributeValues contains invalid value: %s for key %s", asFailure(b).message, name)
			}
		}
	}
	if bad == nil {
		return e, nil
	}
	if err := checkPlaceholders(in.get("ExpressionAttributeNames"), "ExpressionAttributeNames", '#'); err != nil {
		return e, err
	}
	if err := checkPlaceholders(in.get("ExpressionAttributeValues"), "ExpressionAttributeValues", ':'); err != nil {
		return e, err
	}
	return e, bad
}

func checkPlaceholders(v *value, parameter string, sign byte) error {
	if !v.given {
		return nil
	}
	if len(v.keys) == 0 {
		return validationError(parameter + " must not be empty")
	}
	for _, key := range v.keys {
		if !isPlaceholder(key, sign) {
			return validationf("%s contains invalid key: Syntax error; key: %q", parameter, key)
		}
	}
	return nil
}

func isPlaceholder(s string, sign byte) bool {
	if len(s) < 2 || s[0] != sign {
		return false
	}
	return matchesName(s[1:]) && !strings.ContainsAny(s, ".-")
}
