package dynamodb

import (
	"context"
	"fmt"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/versioned"
)

// conflictHandler asks the Lambda function of a resolver how to resolve a
// conflict.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#lambda
func (s *Versioned) conflictHandler(in *datasource.Invocation) versioned.Handler {
	return func(ctx context.Context, e versioned.Event) (versioned.Reply, error) {
		event := value.AppendJSON(nil, s.conflict(in, &e))
		payload, err := lambda.Call(ctx, s.reads.lambda, in.Sync.Function, event)
		if err != nil {
			return versioned.Reply{}, err
		}
		return conflictReply(payload)
	}
}

// conflict is what a function is told of a conflict: plain JSON, the metadata of
// the items included.
func (s *Versioned) conflict(in *datasource.Invocation, e *versioned.Event) *value.Map {
	var arguments, identity, parentType, field any
	arguments = value.NewMap(0)
	if f := in.Field; f != nil {
		arguments, identity = f.Arguments(), f.Identity()
		parentType, field = f.ParentType(), f.Name()
	}
	return value.MapOf(
		"newItem", itemOrNull(e.NewItem),
		"existingItem", itemOrNull(e.ExistingItem),
		"arguments", arguments,
		"resolver", value.MapOf(
			"tableName", e.Table,
			"awsRegion", s.reads.region,
			"parentType", parentType,
			"field", field,
		),
		"identity", identity,
	)
}

// conflictReply reads a function's answer. Whether its action fits the operation
// is for the table to say.
func conflictReply(payload []byte) (out versioned.Reply, err error) {
	v, err := value.ParseJSON(string(payload))
	if err != nil {
		return out, malformed("the answer is no JSON")
	}
	answer, ok := v.(*value.Map)
	if !ok {
		return out, malformed("the answer is not an object")
	}
	action, ok := answer.Value(fieldAction).(string)
	if !ok {
		return out, malformed("the answer has no action")
	}
	out.Action = versioned.Action(cut(action))
	if item, ok := answer.Value("item").(*value.Map); ok && out.Action == versioned.Resolve {
		if out.Item, err = document.ToItem(item); err != nil {
			return out, fmt.Errorf("the item of the answer cannot be stored: %w", err)
		}
	}
	return out, nil
}
