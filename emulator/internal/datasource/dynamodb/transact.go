package dynamodb

import (
	"context"
	"errors"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
)

// The blocks of a transaction's result.
const (
	transactItems       = "items"
	transactKeys        = "keys"
	cancellationReasons = "cancellationReasons"
)

// transactGet answers the items in the order of the request, null where there is
// none.
func (s *Source) transactGet(ctx context.Context, doc *document.TransactGetItems) (any, error) {
	in := &storage.TransactGetInput{Gets: make([]storage.TransactGet, len(doc.Items))}
	for i, get := range doc.Items {
		var expr expressions
		expr.addProjection(get.Projection)
		in.Gets[i] = storage.TransactGet{Key: storage.Key{Table: get.Table, Key: get.Key}, Expr: expr.Expressions}
	}
	out, err := s.store.TransactGet(ctx, in)
	if err != nil {
		return nil, canceled(err, transactItems)
	}
	items := make([]any, len(out.Items))
	for i, item := range out.Items {
		items[i] = itemOrNull(item)
	}
	return value.MapOf(transactItems, value.NewList(items...), cancellationReasons, nil), nil
}

// transactWrite answers the keys in the order of the request.
func (s *Source) transactWrite(ctx context.Context, doc *document.TransactWriteItems) (any, error) {
	in := &storage.TransactWriteInput{Actions: make([]storage.TransactWrite, len(doc.Items))}
	keys := make([]any, len(doc.Items))
	for i := range doc.Items {
		keys[i] = document.FromItem(doc.Items[i].Key)
		in.Actions[i] = action(&doc.Items[i])
	}
	if _, err := s.store.TransactWrite(ctx, in); err != nil {
		return nil, canceled(err, transactKeys)
	}
	return value.MapOf(transactKeys, value.NewList(keys...), cancellationReasons, nil), nil
}

func action(w *document.TransactWrite) storage.TransactWrite {
	var out storage.TransactWrite
	var expr expressions
	if w.Condition != nil {
		expr.add(parameterCondition, &w.Condition.Expression)
		out.ReturnOldOnFailure = w.Condition.ReturnValues
	}
	switch w.Operation {
	case document.TransactPut:
		out.Put = &storage.PutItemInput{Table: w.Table, Item: wholeItem(w.Key, w.Attributes), Expr: expr.Expressions}
	case document.TransactUpdate:
		expr.add(parameterUpdate, &w.Update)
		out.Update = &storage.UpdateItemInput{Table: w.Table, Key: w.Key, Expr: expr.Expressions}
	case document.TransactDelete:
		out.Delete = &storage.DeleteItemInput{Table: w.Table, Key: w.Key, Expr: expr.Expressions}
	case document.TransactCheck:
		out.Check = &storage.ConditionCheck{Table: w.Table, Key: w.Key, Expr: expr.Expressions}
	}
	return out
}

// canceled turns the failure of a transaction into AppSync's error. The result
// beside it has the block of what did not come and the reasons, which are null
// unless DynamoDB gave some.
func canceled(err error, block string) error {
	var reasons any
	if failed, ok := errors.AsType[*storage.TransactionCanceledError](err); ok {
		list := make([]any, len(failed.Reasons))
		for i := range failed.Reasons {
			list[i] = reason(&failed.Reasons[i])
		}
		reasons = value.NewList(list...)
	}
	return withResult(refusal(err), value.MapOf(block, nil, cancellationReasons, reasons))
}

// reason is why an action was canceled. The guide has words of AppSync's own for
// those of DynamoDB that it shows.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-transact-write-items.html
func reason(r *storage.CancellationReason) *value.Map {
	kind, message := r.Code, r.Message
	switch r.Code {
	case "None":
		message = "None"
	case "ConditionalCheckFailed":
		kind, message = "ConditionCheckFailed", "The condition check failed."
	}
	out := value.NewMap(3)
	if r.Item != nil {
		out.Set("item", document.FromItem(r.Item))
	}
	out.Set("type", kind)
	out.Set("message", message)
	return out
}
