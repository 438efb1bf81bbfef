package dynamodb

import (
	"context"
	"errors"
	"strings"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// defaultRegion is what functions are told when the project names no region.
const defaultRegion = "us-east-1"

// WithLambda returns the data source with an invoker of the functions that decide
// after a failed condition. They are told the region, us-east-1 when empty.
func (s *Source) WithLambda(invoker lambda.Invoker, region string) *Source {
	out := *s
	if out.lambda, out.region = invoker, region; region == "" {
		out.region = defaultRegion
	}
	return &out
}

// The parts of a custom handler's answer.
const (
	fieldAction       = "action"
	fieldRetryMapping = "retryMapping"

	actionReject  = "reject"
	actionDiscard = "discard"
	actionRetry   = "retry"
)

// The parts of a document and its condition that handlers concern.
const (
	fieldCondition = "condition"
	fieldHandler   = "conditionalCheckFailedHandler"
)

// unmet is a write whose condition has failed, and how its data source goes on
// from there. Plain and versioned data sources fail and write differently; what
// functions are told and may decide is the same.
type unmet struct {
	current  *attribute.Item // on which the condition failed, nil for none
	rejected error           // what the strategy Reject answers
	// kind is the kind of the data source, and send sends it a write.
	kind document.SourceKind
	send func(ctx context.Context, in *datasource.Invocation, doc document.Document) (any, error)
}

// unmet is a write of the plain data source whose condition has failed.
func (s *Source) unmet(failed *storage.ConditionalCheckFailedError) *unmet {
	return &unmet{current: failed.Item, rejected: rejected(failed), kind: document.SourceDynamoDB, send: s.write}
}

// settle follows the strategy of a condition that has failed, after the stored
// item was compared with the one that was to be written. Nothing is locked while
// a function decides: a write that comes between is judged by the condition of
// the retry.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions.html
func (s *Source) settle(ctx context.Context, in *datasource.Invocation, c *document.Condition, u *unmet) (any, error) {
	if c.Strategy != document.StrategyCustom {
		return nil, u.rejected
	}
	payload, err := lambda.Call(ctx, s.lambda, c.LambdaARN, value.AppendJSON(nil, s.event(in, u.current)))
	if errors.Is(err, lambda.ErrNotConfigured) {
		return nil, &datasource.NotSupportedError{Reason: "The condition failed, and its conditionalCheckFailedHandler cannot be asked: " + err.Error() + "."}
	}
	if err != nil {
		if errorType, message, ok := lambda.Refusal(err); ok {
			err = &datasource.Error{Type: errorType, Message: message, Result: itemOrNull(u.current)}
		}
		return nil, err
	}
	retry, action, err := decision(in, payload)
	if err != nil {
		return nil, misunderstood(c.LambdaARN, err, u.current)
	}
	switch action {
	case actionDiscard:
		return itemOrNull(u.current), nil
	case actionRetry:
		return u.retry(ctx, in, c.LambdaARN, retry)
	}
	return nil, u.rejected
}

// event is what a function is told of a failed condition. The request is without
// the handler, as in the guide's example, so that a function may answer its
// condition as it is.
func (s *Source) event(in *datasource.Invocation, current *attribute.Item) *value.Map {
	request := in.Document.Copy()
	if condition, ok := request.Value(fieldCondition).(*value.Map); ok {
		condition = condition.Copy()
		condition.Delete(fieldHandler)
		request.Set(fieldCondition, condition)
	}
	var arguments, identity, parentType, field, outputType any
	arguments = value.NewMap(0)
	if f := in.Field; f != nil {
		arguments, identity = f.Arguments(), f.Identity()
		parentType, field, outputType = f.ParentType(), f.Name(), f.OutputType()
	}
	return value.MapOf(
		"arguments", arguments,
		"requestMapping", request,
		"currentValue", typedItem(current),
		"resolver", value.MapOf(
			"tableName", s.table,
			"awsRegion", s.region,
			"parentType", parentType,
			"field", field,
			"outputType", outputType,
		),
		"identity", identity,
	)
}

// decision reads a function's answer: an action, and the document of a retry.
func decision(in *datasource.Invocation, payload []byte) (retry *value.Map, action string, err error) {
	v, err := value.ParseJSON(string(payload))
	if err != nil {
		return nil, "", malformed("the answer is no JSON")
	}
	answer, ok := v.(*value.Map)
	if !ok {
		return nil, "", malformed("the answer is not an object")
	}
	action, _ = answer.Value(fieldAction).(string)
	switch action {
	case actionReject, actionDiscard:
		return nil, action, nil
	case actionRetry:
	default:
		if v, has := answer.Get(fieldAction); has {
			return nil, "", malformed("Unsupported value " + excerpt(v) + " for field '$[action]'. Supported values are (reject,discard,retry).")
		}
		return nil, "", malformed("Value for field '$[action]' not found.")
	}
	mapping, ok := answer.Value(fieldRetryMapping).(*value.Map)
	if !ok {
		return nil, "", malformed("Value for field '$[retryMapping]' not found.")
	}
	retry, err = retryDocument(in.Document, mapping)
	return retry, action, err
}

// retryDocument is the document of a retry: the operation and key of the one that
// failed with what it says of versions, and the rest from the function.
func retryDocument(failed, mapping *value.Map) (*value.Map, error) {
	operation, _ := failed.Value("operation").(string)
	content := map[string]string{"PutItem": "attributeValues", "UpdateItem": "update"}[operation]
	if content != "" && mapping.Value(content) == nil {
		return nil, malformed("Value for field '$[retryMapping][" + content + "]' not found.")
	}
	out := value.MapOf("version", failed.Value("version"), "operation", operation, "key", failed.Value("key"))
	for _, name := range [...]string{"_version", "customPartitionKey", "populateIndexFields"} {
		if v, has := failed.Get(name); has {
			out.Set(name, v)
		}
	}
	for name, v := range mapping.All() {
		if name != content && name != fieldCondition {
			return nil, malformed("Unsupported element '$[retryMapping][" + cut(name) + "]'.")
		}
		if condition, ok := v.(*value.Map); ok && name == fieldCondition {
			if condition.Has(fieldHandler) {
				return nil, malformed("Unsupported element '$[retryMapping][condition][" + fieldHandler + "]'.")
			}
			if unconditional(condition) {
				continue
			}
		}
		out.Set(name, v)
	}
	return out, nil
}

// unconditional reports whether a condition only says how a failure is judged:
// the guide shows retries with such ones, which nothing can fail.
func unconditional(condition *value.Map) bool {
	for name := range condition.All() {
		if name != "equalsIgnore" && name != "consistentRead" {
			return false
		}
	}
	return true
}

// retry sends the document of a retry, whose strategy is Reject.
func (u *unmet) retry(ctx context.Context, in *datasource.Invocation, function string, retry *value.Map) (any, error) {
	again := *in
	again.Document = retry
	doc, err := document.DecodeAs(retry, u.kind, in.Version)
	if refused, ok := errors.AsType[*document.Error](err); ok {
		return nil, misunderstood(function, malformed(strings.Replace(refused.Message, "$[", "$[retryMapping][", 1)), u.current)
	}
	if err != nil {
		return nil, withResult(refusal(err), itemOrNull(u.current))
	}
	return u.send(ctx, &again, doc)
}

// malformed is what is wrong with a function's answer.
type malformed string

func (m malformed) Error() string { return string(m) }

// misunderstood is the failure of a write whose handler answered something else
// than a decision. AppSync's words for it are not published; these are its words
// for documents.
func misunderstood(function string, err error, current *attribute.Item) error {
	name, _, problem := lambda.ParseName(function)
	if problem != nil {
		name = function
	}
	return &datasource.Error{
		Type:    document.ErrorType,
		Message: "The answer of the conditionalCheckFailedHandler " + name + " cannot be used: " + err.Error(),
		Result:  itemOrNull(current),
	}
}

// excerpt is the beginning of a value that was not expected.
func excerpt(v any) string {
	if text, ok := v.(string); ok {
		return "'" + cut(text) + "'"
	}
	return cut(value.JSON(v))
}

func cut(text string) string {
	const shown = 60
	if len(text) > shown {
		return strings.ToValidUTF8(text[:shown], "") + "..."
	}
	return text
}

// typedItem is an item in typed values, null for none. Numbers are JSON numbers,
// as in the guide's example.
func typedItem(item *attribute.Item) any {
	if item == nil {
		return nil
	}
	attributes := item.Attributes()
	out := value.NewMap(len(attributes))
	for i := range attributes {
		out.Set(attributes[i].Name, typedValue(attributes[i].Value))
	}
	return out
}

func typedValue(v attribute.Value) any {
	content := document.FromAttribute(v)
	switch v.Kind() {
	case attribute.NULL:
		content = true
	case attribute.M:
		content = typedItem(v.Item())
	case attribute.L:
		elements := v.Elems()
		list := value.MakeList(len(elements))
		for i := range elements {
			list.Items[i] = typedValue(elements[i])
		}
		content = list
	}
	return value.MapOf(v.Kind().String(), content)
}
