package dynamodb

import (
	"context"
	"errors"
	"strconv"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// The error types of writes to versioned data sources. That of a failed condition
// has no "DynamoDB:" in front, as recorded in
// packages/datastore/__tests__/helpers/fakes/graphqlService.ts of
// aws-amplify/amplify-js.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#errors
const (
	typeVersionedConditionFailed = "ConditionalCheckFailedException"

	typeConflictUnhandled = "ConflictUnhandled"
	typeConflictError     = "ConflictError"
	typeMaxConflicts      = "MaxConflicts"
	typeBadRequest        = "BadRequest"
	typeDeltaSyncWrite    = "DeltaSyncWriteError"
)

// Versioned is a versioned DynamoDB data source: its items carry _version,
// _lastChangedAt and _deleted, a delta table has a record of each change, and
// clients get what they missed by Sync.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-sync.html
type Versioned struct {
	// reads is the plain data source of the base table, from which items are
	// missing whose _ttl has passed. Nothing is written through it.
	reads *Source
	table *versioned.Table
	// name is that of the base table.
	name string
	// gate is nil when nobody holds writes.
	gate Gate
}

// Gate is asked before a write of an item of a base table begins, outside of any
// transaction. It may keep the write waiting until ctx is done, and its error is
// the answer of the write.
type Gate func(ctx context.Context, table string, key *attribute.Item) error

// NewVersioned returns the data source of the tables that cfg names. All
// versioned data sources of an API share its times.
func NewVersioned(store storage.Store, times *versioned.Timestamps, cfg versioned.Config, tokens *Tokens) *Versioned {
	table := versioned.New(store, times, cfg)
	return &Versioned{reads: New(liveItems{store, table}, cfg.Table, tokens), table: table, name: cfg.Table}
}

// WithLambda returns the data source with an invoker of the functions that
// resolve conflicts. They are told the region, us-east-1 when empty.
func (s *Versioned) WithLambda(invoker lambda.Invoker, region string) *Versioned {
	return &Versioned{reads: s.reads.WithLambda(invoker, region), table: s.table, name: s.name, gate: s.gate}
}

// WithGate returns the data source with a gate before its writes.
func (s *Versioned) WithGate(gate Gate) *Versioned {
	gated := *s
	gated.gate = gate
	return &gated
}

// liveItems is a store whose reads go through the versioned table.
type liveItems struct {
	storage.Store
	table *versioned.Table
}

func (l liveItems) GetItem(ctx context.Context, in *storage.GetItemInput) (*storage.GetItemOutput, error) {
	return l.table.Get(ctx, in)
}

func (l liveItems) Query(ctx context.Context, in *storage.QueryInput) (*storage.PageOutput, error) {
	return l.table.Query(ctx, in)
}

func (l liveItems) Scan(ctx context.Context, in *storage.ScanInput) (*storage.PageOutput, error) {
	return l.table.Scan(ctx, in)
}

func (l liveItems) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	return l.table.BatchGet(ctx, in)
}

func (l liveItems) TransactGet(ctx context.Context, in *storage.TransactGetInput) (*storage.TransactGetOutput, error) {
	return l.table.TransactGet(ctx, in)
}

// Invoke implements datasource.Source.
func (s *Versioned) Invoke(ctx context.Context, in *datasource.Invocation) (any, error) {
	doc, err := document.DecodeAs(in.Document, document.SourceVersionedDynamoDB, in.Version)
	if err != nil {
		return nil, withResult(refusal(err), unsent(in.Document))
	}
	var result any
	switch doc := doc.(type) {
	case *document.PutItem, *document.UpdateItem, *document.DeleteItem:
		result, err = s.write(ctx, in, doc)
	case *document.Sync:
		result, err = s.sync(ctx, doc, in.Scope)
	case *document.GetItem:
		result, err = s.reads.get(ctx, doc)
	case *document.Query:
		result, err = s.reads.query(ctx, doc, in.Scope)
	case *document.Scan:
		result, err = s.reads.scan(ctx, doc, in.Scope)
	case *document.BatchGetItem:
		result, err = s.reads.batchGet(ctx, doc)
	case *document.TransactGetItems:
		result, err = s.reads.transactGet(ctx, doc)
	default:
		return nil, &document.NotSupportedError{Operation: doc.Operation()}
	}
	if err != nil {
		return nil, versionedRefusal(err)
	}
	return result, nil
}

// write writes one item, once the gate lets it through.
func (s *Versioned) write(ctx context.Context, in *datasource.Invocation, doc document.Document) (any, error) {
	if s.gate != nil {
		if err := s.gate(ctx, s.name, keyOf(doc)); err != nil {
			return nil, err
		}
	}
	return s.send(ctx, in, doc)
}

func keyOf(doc document.Document) *attribute.Item {
	switch doc := doc.(type) {
	case *document.PutItem:
		return doc.Key
	case *document.UpdateItem:
		return doc.Key
	case *document.DeleteItem:
		return doc.Key
	}
	return nil
}

// send sends a write to the table. What it answers is the item as stored, also
// of a delete: the tombstone.
func (s *Versioned) send(ctx context.Context, in *datasource.Invocation, doc document.Document) (any, error) {
	var expr expressions
	var send func(context.Context, *versioned.Write) (*attribute.Item, error)
	var w *versioned.Write
	var c *document.Condition
	switch doc := doc.(type) {
	case *document.PutItem:
		send, w, c = s.table.Put, s.of(in, doc.Key, doc.Versioned), doc.Condition
		w.Attributes = doc.Attributes
		expr.addCondition(c)
	case *document.UpdateItem:
		send, w, c = s.table.Update, s.of(in, doc.Key, doc.Versioned), doc.Condition
		expr.addCondition(c)
		expr.add(parameterUpdate, &doc.Update)
	case *document.DeleteItem:
		send, w, c = s.table.Delete, s.of(in, doc.Key, doc.Versioned), doc.Condition
		expr.addCondition(c)
	default:
		return nil, &document.NotSupportedError{Operation: doc.Operation()}
	}
	w.Expr = expr.Expressions
	item, err := send(ctx, w)
	if failed, ok := errors.AsType[*versioned.ConditionFailedError](err); ok && c != nil {
		return s.unmet(ctx, in, c, failed)
	}
	if err != nil {
		return nil, err
	}
	return itemOrNull(item), nil
}

// of returns the part of a write that all operations have.
func (s *Versioned) of(in *datasource.Invocation, key *attribute.Item, v document.Versioned) *versioned.Write {
	w := &versioned.Write{Key: key, CustomPartitionKey: v.CustomPartitionKey, PopulateIndexFields: v.PopulateIndexFields}
	if v.ItemVersion != nil {
		w.Version = attribute.Number(strconv.FormatInt(*v.ItemVersion, 10))
	}
	if in.Sync != nil {
		w.Strategy = strategyOf(in.Sync.Handler)
	}
	if w.Strategy == versioned.Lambda {
		w.Handler = s.conflictHandler(in)
	}
	return w
}

func strategyOf(h datasource.ConflictHandler) versioned.Strategy {
	switch h {
	case datasource.OptimisticConcurrency:
		return versioned.OptimisticConcurrency
	case datasource.Automerge:
		return versioned.Automerge
	case datasource.FieldLevel:
		return versioned.FieldLevel
	case datasource.LambdaHandler:
		return versioned.Lambda
	}
	return versioned.NoDetection
}

// unmet goes on after a failed condition as a plain data source does. AppSync's
// guide to condition expressions makes no exception for versioned data sources;
// what differs is the error of a rejected write, which has no item beside it, and
// that a put differs from what is stored in its metadata, too.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions.html
func (s *Versioned) unmet(ctx context.Context, in *datasource.Invocation, c *document.Condition, failed *versioned.ConditionFailedError) (any, error) {
	// A retry of a write that had succeeded is a success.
	if failed.Item != nil && failed.Put != nil && equalItems(failed.Put, failed.Item, c.EqualsIgnore) {
		return itemOrNull(failed.Item), nil
	}
	return s.reads.settle(ctx, in, c, &unmet{
		current: failed.Item, rejected: failed, kind: document.SourceVersionedDynamoDB, send: s.send,
	})
}

// versionedRefusal turns the errors of a versioned table into AppSync's; others
// pass.
func versionedRefusal(err error) error {
	if e, ok := errors.AsType[*versioned.ConflictError](err); ok {
		return conflictRefusal(e)
	}
	if _, ok := errors.AsType[*versioned.ConditionFailedError](err); ok {
		return failure(typeVersionedConditionFailed, err.Error())
	}
	if e, ok := errors.AsType[*versioned.BadRequestError](err); ok {
		return &datasource.Error{Type: typeBadRequest, Message: e.Error()}
	}
	if e, ok := errors.AsType[*versioned.DeltaSyncWriteError](err); ok {
		return &datasource.Error{Type: typeDeltaSyncWrite, Message: e.Error()}
	}
	return refusal(err)
}

func conflictRefusal(e *versioned.ConflictError) error {
	if errors.Is(e, lambda.ErrNotConfigured) {
		return &datasource.NotSupportedError{Reason: "There is a conflict, and its Lambda conflict handler cannot be asked: " + e.Err.Error() + "."}
	}
	out := &datasource.Error{Type: typeConflictUnhandled, Message: e.Error(), Result: itemOrNull(e.Item)}
	switch e.Kind {
	case versioned.HandlerFailed:
		out.Type = typeConflictError
	case versioned.AttemptsUsedUp:
		out.Type = typeMaxConflicts
	}
	return out
}

// sync answers a Sync: items, nextToken, scannedCount and startedAt, which the
// client sends as lastSync when it comes back.
func (s *Versioned) sync(ctx context.Context, doc *document.Sync, scope string) (any, error) {
	var expr expressions
	expr.add(parameterFilter, doc.Filter)
	expr.add(parameterKeyCondition, doc.Query)
	in := &versioned.SyncInput{
		Expr:             expr.Expressions,
		Index:            doc.Index,
		Descending:       !doc.ScanIndexForward,
		Limit:            doc.Limit,
		LastSync:         doc.LastSync,
		BasePartitionKey: doc.BasePartitionKey,
		DeltaIndex:       doc.DeltaIndexName,
	}
	scope = s.reads.scope(scope) + "\x00Sync"
	if doc.NextToken != "" {
		item, err := s.reads.tokens.Open(scope, doc.NextToken)
		if err == nil {
			in.From, err = versioned.ParsePosition(item)
		}
		if err != nil {
			return nil, &datasource.Error{Type: typeIllegalArgument, Message: messageToken}
		}
	}
	page, err := s.table.Sync(ctx, in)
	if err != nil {
		return nil, err
	}
	items := make([]any, len(page.Items))
	for i, item := range page.Items {
		items[i] = document.FromItem(item)
	}
	var next any
	if page.Next != nil {
		next = s.reads.tokens.Seal(scope, page.Next.Item())
	}
	return value.MapOf(
		"items", value.NewList(items...),
		"nextToken", next,
		"scannedCount", value.Integer(int64(page.ScannedCount)),
		"startedAt", value.Integer(page.StartedAt),
	), nil
}
