package builtin

import "appsync-emulator/mappingtemplate/value"

// Transform is $util.transform: filters of GraphQL arguments in the forms that
// data sources and subscriptions take.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/transformation-helpers-in-utils-transform.html
type Transform Util

// Property finds nothing: the family has only methods.
func (t *Transform) Property(string) (any, bool) { return nil, false }

// Invoke calls a transformation. A filter that cannot be transformed yields
// null, as does none at all.
func (t *Transform) Invoke(name string, args []any) (any, bool, error) {
	for _, a := range args {
		if err := Bounded(a); err != nil {
			return fail(err)
		}
	}
	switch name {
	case "toDynamoDBFilterExpression", "toDynamoDBConditionExpression":
		if len(args) != 1 {
			return notFound()
		}
		m, ok := args[0].(*value.Map)
		if !ok {
			return found(nil)
		}
		s, ok, err := dynamoDBExpression(m)
		if err != nil {
			return fail(err)
		}
		if !ok {
			return found(nil)
		}
		return found(s)
	case "toElasticsearchQueryDSL":
		if len(args) != 1 {
			return notFound()
		}
		m, ok := args[0].(*value.Map)
		if !ok {
			return found(nil)
		}
		query, ok := searchQuery(m, 0)
		if !ok {
			return found(nil)
		}
		s, err := toJSON(query)
		if err != nil {
			return fail(err)
		}
		return found(s)
	case "toSubscriptionFilter":
		if len(args) == 0 || len(args) > 3 {
			return notFound()
		}
		m, ok := arg(args, 0).(*value.Map)
		if !ok {
			return found(nil)
		}
		ignored, ok1 := arg(args, 1).(*value.List)
		rules, ok2 := arg(args, 2).(*value.Map)
		if !ok1 && arg(args, 1) != nil || !ok2 && arg(args, 2) != nil {
			return notFound()
		}
		filter, err := subscriptionFilter(m, ignored, rules)
		if err != nil {
			return fail(err)
		}
		return found(filter)
	}
	return notFound()
}
