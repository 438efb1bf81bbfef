package dynamodbapi

import (
	"context"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/partiql"
)

// executeStatement answers ExecuteStatement.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
func (h *Handler) executeStatement(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	parameters, err := in.get("Parameters").attributes()
	if err != nil {
		return nil, err
	}
	out, err := partiql.Execute(ctx, h.store, partiql.Input{
		Statement: in.get("Statement").text, Parameters: parameters,
		ConsistentRead: in.get("ConsistentRead").flag,
		Limit:          int(in.get("Limit").num), NextToken: in.get("NextToken").text,
		Capacity: capacityLevel(in).wanted(), ReturnOldOnFailure: returnsOld(in),
	})
	if err != nil {
		return nil, withItem(err, returnsOld(in))
	}
	dst = append(dst, '{')
	dst = appendItems(appendMember(dst, "Items"), out.Items)
	if out.LastEvaluatedKey != nil {
		dst = appendItemMember(dst, "LastEvaluatedKey", out.LastEvaluatedKey)
	}
	if out.NextToken != "" {
		dst = appendTextMember(dst, "NextToken", out.NextToken)
	}
	dst = appendOneCapacity(dst, out.Capacity, capacityLevel(in))
	return append(dst, '}'), nil
}

// batchExecuteStatement answers BatchExecuteStatement.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
func (h *Handler) batchExecuteStatement(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	statements := in.get("Statements")
	batch := partiql.BatchInput{Capacity: capacityLevel(in).wanted()}
	for i := range statements.list {
		s := &statements.list[i]
		parameters, err := s.get("Parameters").attributes()
		if err != nil {
			return nil, err
		}
		batch.Statements = append(batch.Statements, partiql.BatchStatement{
			Statement: s.get("Statement").text, Parameters: parameters,
			ConsistentRead: s.get("ConsistentRead").flag, ReturnOldOnFailure: returnsOld(s),
		})
	}
	out, err := partiql.ExecuteBatch(ctx, h.store, batch)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"Responses":[`...)
	for i := range out.Results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendResult(dst, &out.Results[i])
	}
	dst = append(dst, ']')
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), false)
	return append(dst, '}'), nil
}

// appendResult appends a BatchStatementResponse.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementResponse.html
func appendResult(dst []byte, r *partiql.BatchResult) []byte {
	dst = append(dst, '{')
	if r.Error != nil {
		dst = append(appendMember(dst, "Error"), '{')
		dst = appendTextMember(dst, "Code", r.Error.Code)
		if r.Error.Item != nil {
			dst = appendItemMember(dst, "Item", r.Error.Item)
		}
		dst = append(appendTextMember(dst, "Message", r.Error.Message), '}')
	}
	if r.Item != nil {
		dst = appendItemMember(dst, "Item", r.Item)
	}
	if r.Table != "" {
		dst = appendTextMember(dst, "TableName", r.Table)
	}
	return append(dst, '}')
}

// executeTransaction answers ExecuteTransaction.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html
func (h *Handler) executeTransaction(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	statements := in.get("TransactStatements")
	transaction := partiql.TransactionInput{
		Token:    in.get("ClientRequestToken").text,
		Capacity: capacityLevel(in).wanted(),
	}
	for i := range statements.list {
		s := &statements.list[i]
		parameters, err := s.get("Parameters").attributes()
		if err != nil {
			return nil, err
		}
		transaction.Statements = append(transaction.Statements, partiql.TransactionStatement{
			Statement: s.get("Statement").text, Parameters: parameters, ReturnOldOnFailure: returnsOld(s),
		})
	}
	out, err := partiql.ExecuteTransaction(ctx, h.store, transaction)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	dst = appendResponses(dst, out.Items)
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), true)
	return append(dst, '}'), nil
}

// appendResponses appends the member with the items of a transaction, an empty
// object where there is none.
func appendResponses(dst []byte, items []*attribute.Item) []byte {
	dst = append(appendMember(dst, "Responses"), '[')
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		if it != nil {
			dst = appendItemMember(dst, "Item", it)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
