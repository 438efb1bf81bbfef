package dynamodb

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The error types of DynamoDB's refusals.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
const (
	typeConditionFailed  = "DynamoDB:ConditionalCheckFailedException"
	typeDynamoDB         = "DynamoDB:DynamoDbException"
	typeResourceNotFound = "DynamoDB:ResourceNotFoundException"
	typeCanceled         = "DynamoDB:TransactionCanceledException"
	typeThroughput       = "DynamoDB:ProvisionedThroughputExceededException"
	// Recorded: aws-amplify/amplify-cli#3411.
	typeIllegalArgument = "DynamoDB:UserIllegalArgumentException"
	messageToken        = "com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given."
)

// Source is a DynamoDB data source: a table of a store. Batches and transactions
// name their tables themselves and reach every table of the store: what bounds
// them in AppSync is the role of the data source.
type Source struct {
	store  storage.Store
	table  string
	tokens *Tokens
	// lambda runs the functions of custom strategies, nil for none; region is what
	// they are told.
	lambda lambda.Invoker
	region string
}

// New returns the data source of a table.
func New(store storage.Store, table string, tokens *Tokens) *Source {
	return &Source{store: store, table: table, tokens: tokens}
}

// Invoke implements datasource.Source.
func (s *Source) Invoke(ctx context.Context, in *datasource.Invocation) (any, error) {
	doc, err := document.DecodeAs(in.Document, document.SourceDynamoDB, in.Version)
	if err != nil {
		return nil, withResult(refusal(err), unsent(in.Document))
	}
	var result any
	switch doc := doc.(type) {
	case *document.GetItem:
		result, err = s.get(ctx, doc)
	case *document.PutItem, *document.UpdateItem, *document.DeleteItem:
		result, err = s.write(ctx, in, doc)
	case *document.Query:
		result, err = s.query(ctx, doc, in.Scope)
	case *document.Scan:
		result, err = s.scan(ctx, doc, in.Scope)
	case *document.BatchGetItem:
		result, err = s.batchGet(ctx, doc)
	case *document.BatchPutItem:
		result, err = s.batchPut(ctx, doc)
	case *document.BatchDeleteItem:
		result, err = s.batchDelete(ctx, doc)
	case *document.TransactGetItems:
		result, err = s.transactGet(ctx, doc)
	case *document.TransactWriteItems:
		result, err = s.transactWrite(ctx, doc)
	default:
		return nil, &document.NotSupportedError{Operation: doc.Operation()}
	}
	if err != nil {
		return nil, refusal(err)
	}
	return result, nil
}

// refusal turns DynamoDB's exceptions into AppSync's errors; others pass.
func refusal(err error) error {
	var invalid *storage.ValidationError
	var value *attribute.ValueError
	var missing *storage.ResourceNotFoundError
	var canceled *storage.TransactionCanceledError
	switch {
	case errors.As(err, &invalid):
		return failure(typeDynamoDB, invalid.Message)
	case errors.As(err, &value):
		return failure(typeDynamoDB, value.Error())
	case errors.As(err, &missing):
		return failure(typeResourceNotFound, missing.Message)
	case errors.As(err, &canceled):
		return failure(typeCanceled, canceled.Error())
	}
	return err
}

// failure words an exception as the AWS SDK does, of whose text AppSync makes
// its message.
//
// Recorded: aws/aws-appsync-community#343.
func failure(errorType, message string) *datasource.Error {
	return &datasource.Error{
		Type:    errorType,
		Message: message + " (Service: DynamoDb, Status Code: 400, Request ID: " + requestID() + ")",
	}
}

// requestID returns an identifier in the form of DynamoDB's.
func requestID() string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var id [52]byte
	for i := range id {
		id[i] = letters[rand.IntN(len(letters))]
	}
	return string(id[:])
}

func itemOrNull(item *attribute.Item) any {
	if item == nil {
		return nil
	}
	return document.FromItem(item)
}

func (s *Source) get(ctx context.Context, doc *document.GetItem) (any, error) {
	var expr expressions
	expr.addProjection(doc.Projection)
	out, err := s.store.GetItem(ctx, &storage.GetItemInput{
		Table:          s.table,
		Key:            doc.Key,
		ConsistentRead: doc.ConsistentRead,
		Expr:           expr.Expressions,
	})
	if err != nil {
		return nil, err
	}
	return itemOrNull(out.Item), nil
}

// write writes one item.
func (s *Source) write(ctx context.Context, in *datasource.Invocation, doc document.Document) (any, error) {
	switch doc := doc.(type) {
	case *document.PutItem:
		return s.put(ctx, in, doc)
	case *document.UpdateItem:
		return s.update(ctx, in, doc)
	case *document.DeleteItem:
		return s.delete(ctx, in, doc)
	}
	return nil, &document.NotSupportedError{Operation: doc.Operation()}
}

func (s *Source) put(ctx context.Context, in *datasource.Invocation, doc *document.PutItem) (any, error) {
	item := wholeItem(doc.Key, doc.Attributes)
	var expr expressions
	expr.addCondition(doc.Condition)
	_, err := s.store.PutItem(ctx, &storage.PutItemInput{Table: s.table, Item: item, Expr: expr.Expressions})
	if failed := conditionFailed(err); failed != nil {
		// A retry of a write that had succeeded is a success.
		if failed.Item != nil && equalItems(item, failed.Item, doc.Condition.EqualsIgnore) {
			return itemOrNull(failed.Item), nil
		}
		return s.settle(ctx, in, doc.Condition, s.unmet(failed))
	}
	if err != nil {
		return nil, err
	}
	return document.FromItem(item), nil
}

// wholeItem adds the key to the attributes, which may be nil.
func wholeItem(key, attributes *attribute.Item) *attribute.Item {
	if attributes == nil {
		return key
	}
	for _, a := range key.Attributes() {
		attributes.Set(a.Name, a.Value)
	}
	return attributes
}

func (s *Source) update(ctx context.Context, in *datasource.Invocation, doc *document.UpdateItem) (any, error) {
	var expr expressions
	expr.addCondition(doc.Condition)
	expr.add(parameterUpdate, &doc.Update)
	out, err := s.store.UpdateItem(ctx, &storage.UpdateItemInput{
		Table:        s.table,
		Key:          doc.Key,
		Expr:         expr.Expressions,
		ReturnValues: storage.ReturnAllNew,
	})
	if failed := conditionFailed(err); failed != nil {
		return s.settle(ctx, in, doc.Condition, s.unmet(failed))
	}
	if err != nil {
		return nil, err
	}
	return itemOrNull(out.Attributes), nil
}

func (s *Source) delete(ctx context.Context, in *datasource.Invocation, doc *document.DeleteItem) (any, error) {
	var expr expressions
	expr.addCondition(doc.Condition)
	out, err := s.store.DeleteItem(ctx, &storage.DeleteItemInput{
		Table:        s.table,
		Key:          doc.Key,
		Expr:         expr.Expressions,
		ReturnValues: storage.ReturnAllOld,
	})
	if failed := conditionFailed(err); failed != nil {
		// A retry of a delete that had succeeded is a success.
		if failed.Item == nil {
			return nil, nil
		}
		return s.settle(ctx, in, doc.Condition, s.unmet(failed))
	}
	if err != nil {
		return nil, err
	}
	return itemOrNull(out.Attributes), nil
}

func conditionFailed(err error) *storage.ConditionalCheckFailedError {
	var failed *storage.ConditionalCheckFailedError
	errors.As(err, &failed)
	return failed
}

// rejected is the answer to a write whose condition failed for good: the error,
// with the item that is there as $ctx.result.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions.html
func rejected(failed *storage.ConditionalCheckFailedError) error {
	err := failure(typeConditionFailed, failed.Error())
	err.Result = itemOrNull(failed.Item)
	return err
}

// equalItems compares two items but for the ignored attributes.
func equalItems(a, b *attribute.Item, ignore []string) bool {
	without := func(it *attribute.Item) *attribute.Item {
		it = it.Clone()
		for _, name := range ignore {
			it.Delete(name)
		}
		return it
	}
	return attribute.Equal(attribute.MapOf(without(a)), attribute.MapOf(without(b)))
}

func (s *Source) query(ctx context.Context, doc *document.Query, scope string) (any, error) {
	var expr expressions
	expr.addProjection(doc.Projection)
	expr.add(parameterFilter, doc.Filter)
	expr.add(parameterKeyCondition, &doc.Query)
	var err error
	in := &storage.QueryInput{
		Table:          s.table,
		Index:          doc.Index,
		Expr:           expr.Expressions,
		Descending:     !doc.ScanIndexForward,
		ConsistentRead: doc.ConsistentRead,
		Select:         storage.Select(doc.Select),
	}
	if in.Limit, err = limit(doc.Limit); err != nil {
		return nil, err
	}
	if in.StartKey, err = s.startKey(scope, doc.NextToken); err != nil {
		return nil, err
	}
	page, err := s.store.Query(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.page(scope, page), nil
}

func (s *Source) scan(ctx context.Context, doc *document.Scan, scope string) (any, error) {
	var expr expressions
	expr.addProjection(doc.Projection)
	expr.add(parameterFilter, doc.Filter)
	var err error
	in := &storage.ScanInput{
		Table:          s.table,
		Index:          doc.Index,
		Expr:           expr.Expressions,
		ConsistentRead: doc.ConsistentRead,
		Select:         storage.Select(doc.Select),
	}
	if in.Limit, err = limit(doc.Limit); err != nil {
		return nil, err
	}
	if in.StartKey, err = s.startKey(scope, doc.NextToken); err != nil {
		return nil, err
	}
	if doc.TotalSegments != nil && doc.Segment != nil {
		in.Segment, in.TotalSegments, err = segments(*doc.Segment, *doc.TotalSegments)
		if err != nil {
			return nil, err
		}
	}
	page, err := s.store.Scan(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.page(scope, page), nil
}

// The bounds of parallel scans.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
const maxSegments = 1_000_000

func segments(segment, total int64) (int, int, error) {
	switch {
	case total < 1:
		return 0, 0, outOfRange(total, "totalSegments", "greater", 1)
	case total > maxSegments:
		return 0, 0, outOfRange(total, "totalSegments", "less", maxSegments)
	case segment < 0:
		return 0, 0, outOfRange(segment, "segment", "greater", 0)
	case segment >= maxSegments:
		return 0, 0, outOfRange(segment, "segment", "less", maxSegments-1)
	}
	return int(segment), int(total), nil
}

func limit(n *int64) (int, error) {
	switch {
	case n == nil:
		return 0, nil
	case *n < 1:
		return 0, outOfRange(*n, "limit", "greater", 1)
	case *n > math.MaxInt32:
		return math.MaxInt32, nil
	}
	return int(*n), nil
}

func outOfRange(n int64, name, than string, bound int) error {
	return storage.Validationf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must have value %s than or equal to %d", strconv.FormatInt(n, 10), name, than, bound)
}

func (s *Source) startKey(scope, token string) (*attribute.Item, error) {
	if token == "" {
		return nil, nil
	}
	key, err := s.tokens.Open(s.scope(scope), token)
	if err != nil {
		return nil, &datasource.Error{Type: typeIllegalArgument, Message: messageToken}
	}
	return key, nil
}

// scope binds a token to its resolver and to the table that it reads.
func (s *Source) scope(resolver string) string { return resolver + "\x00" + s.table }

func (s *Source) page(scope string, page *storage.PageOutput) *value.Map {
	items := make([]any, len(page.Items))
	for i, item := range page.Items {
		items[i] = document.FromItem(item)
	}
	out := value.NewMap(3)
	out.Set("items", value.NewList(items...))
	if page.LastKey != nil {
		out.Set("nextToken", s.tokens.Seal(s.scope(scope), page.LastKey))
	} else {
		out.Set("nextToken", nil)
	}
	out.Set("scannedCount", value.Integer(int64(page.ScannedCount)))
	return out
}
