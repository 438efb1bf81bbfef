package dynamodbapi

import (
	"context"

	"appsync-emulator/storage"
)

// transactGetItems answers TransactGetItems.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (h *Handler) transactGetItems(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	items := in.get("TransactItems")
	get := &storage.TransactGetInput{Report: report(in)}
	for i := range items.list {
		g := items.list[i].get("Get")
		if err := mixing(g, []string{"ProjectionExpression"}, nil); err != nil {
			return nil, err
		}
		key := g.get("Key")
		if key.bad != nil {
			return nil, key.bad
		}
		expr, err := expressions(g)
		if err != nil {
			return nil, err
		}
		get.Gets = append(get.Gets, storage.TransactGet{
			Key:  storage.Key{Table: g.table(), Key: orEmpty(key.item)},
			Expr: expr,
		})
	}
	out, err := h.store.TransactGet(ctx, get)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	dst = appendResponses(dst, out.Items)
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), true)
	return append(dst, '}'), nil
}

// transactWriteItems answers TransactWriteItems.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func (h *Handler) transactWriteItems(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	items := in.get("TransactItems")
	write := &storage.TransactWriteInput{Token: in.get("ClientRequestToken").text, Report: report(in)}
	for i := range items.list {
		action, err := transactAction(&items.list[i])
		if err != nil {
			return nil, err
		}
		write.Actions = append(write.Actions, *action)
	}
	out, err := h.store.TransactWrite(ctx, write)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), true)
	dst = appendCollections(dst, out.Collections)
	return append(dst, '}'), nil
}

// transactAction reads one action of a write transaction.
func transactAction(in *value) (*storage.TransactWrite, error) {
	var action string
	for _, name := range []string{"ConditionCheck", "Put", "Delete", "Update"} {
		if !in.has(name) {
			continue
		}
		if action != "" {
			return nil, validationError("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		action = name
	}
	if action == "" {
		return nil, validationError("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	}
	a := in.get(action)
	takes := []string{"ConditionExpression"}
	if action == "Update" {
		takes = []string{"UpdateExpression", "ConditionExpression"}
	}
	if err := mixing(a, takes, nil); err != nil {
		return nil, err
	}
	key := a.get("Key")
	if action == "Put" {
		key = a.get("Item")
	}
	if key.bad != nil {
		return nil, key.bad
	}
	expr, err := expressions(a)
	if err != nil {
		return nil, err
	}
	table, it := a.table(), orEmpty(key.item)
	w := &storage.TransactWrite{ReturnOldOnFailure: returnsOld(a)}
	switch action {
	case "Put":
		w.Put = &storage.PutItemInput{Table: table, Item: it, Expr: expr}
	case "Update":
		w.Update = &storage.UpdateItemInput{Table: table, Key: it, Expr: expr}
	case "Delete":
		w.Delete = &storage.DeleteItemInput{Table: table, Key: it, Expr: expr}
	default:
		w.Check = &storage.ConditionCheck{Table: table, Key: it, Expr: expr}
	}
	return w, nil
}
