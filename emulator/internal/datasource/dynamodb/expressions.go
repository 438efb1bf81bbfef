package dynamodb

import (
	"maps"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/storage"
)

// The parameters in which a request to DynamoDB carries its expressions.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
const (
	parameterCondition    = "ConditionExpression"
	parameterFilter       = "FilterExpression"
	parameterKeyCondition = "KeyConditionExpression"
	parameterProjection   = "ProjectionExpression"
	parameterUpdate       = "UpdateExpression"
)

// expressions gathers the expressions of one request. A document gives each its
// own placeholders, a request to DynamoDB has one set for all: they are merged,
// and where two expressions mean different things by one placeholder, the one
// that was added last has its way. What AppSync does then is not documented;
// Amplify's simulator lets the update win over the condition, and the key
// condition over the filter.
type expressions struct {
	storage.Expressions
	// empty is the parameter that was added last of those given without text,
	// which the store cannot tell from those not given.
	empty string
}

func (e *expressions) add(parameter string, x *document.Expression) {
	if x == nil {
		return
	}
	if x.Expression == "" {
		e.empty = parameter
	}
	switch parameter {
	case parameterCondition:
		e.Condition = x.Expression
	case parameterFilter:
		e.Filter = x.Expression
	case parameterKeyCondition:
		e.KeyCondition = x.Expression
	case parameterProjection:
		e.Projection = x.Expression
	case parameterUpdate:
		e.Update = x.Expression
	}
	e.Names = merge(e.Names, x.Names)
	e.Values = merge(e.Values, x.Values)
}

func (e *expressions) addCondition(c *document.Condition) {
	if c != nil {
		e.add(parameterCondition, &c.Expression)
	}
}

func (e *expressions) addProjection(p *document.Projection) {
	if p != nil {
		e.add(parameterProjection, &document.Expression{Expression: p.Expression, Names: p.Names})
	}
}

// check refuses an empty expression in the words of DynamoDB, which looks at the
// placeholders first.
//
// Recorded: getmoto/moto#6636.
func (e *expressions) check() error {
	switch {
	case e.empty == "":
		return nil
	case e.Names != nil && len(e.Names) == 0:
		return storage.Validationf("ExpressionAttributeNames must not be empty")
	case e.Values != nil && len(e.Values) == 0:
		return storage.Validationf("ExpressionAttributeValues must not be empty")
	}
	return storage.Validationf("Invalid %s: The expression can not be empty;", e.empty)
}

// merge adds the placeholders of b to those of a. A nil map was not given.
func merge[V any](a, b map[string]V) map[string]V {
	if a == nil {
		return b
	}
	if b != nil {
		maps.Copy(a, b)
	}
	return a
}
