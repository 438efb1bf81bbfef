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
	parameterCondition    = storage.ConditionExpression
	parameterFilter       = storage.FilterExpression
	parameterKeyCondition = storage.KeyConditionExpression
	parameterProjection   = storage.ProjectionExpression
	parameterUpdate       = storage.UpdateExpression
)

// expressions gathers the expressions of one request. A document gives each its
// own placeholders, a request to DynamoDB has one set for all: they are merged,
// and where two expressions mean different things by one placeholder, the one
// that was added last has its way. What AppSync does then is not documented;
// Amplify's simulator lets the update win over the condition, and the key
// condition over the filter.
type expressions struct {
	storage.Expressions
}

func (e *expressions) add(parameter storage.Parameter, x *document.Expression) {
	if x == nil {
		return
	}
	if x.Expression == "" {
		e.Empty |= parameter
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
