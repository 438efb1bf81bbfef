package versioned

import (
	"context"
	"errors"
	"fmt"

	"appsync-emulator/storage/attribute"
)

// Strategy is how a resolver detects and resolves conflicts: the two settings of
// AppSync's SyncConfig in one.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_SyncConfig.html
type Strategy uint8

// The strategies.
const (
	// NoDetection checks no versions. Items get their metadata all the same.
	NoDetection Strategy = iota
	// OptimisticConcurrency rejects the write.
	OptimisticConcurrency
	// Automerge merges puts and updates into the stored item, whatever has
	// changed since the caller's version, and rejects deletes.
	Automerge
	// FieldLevel is Automerge, but a scalar that nobody has changed since the
	// caller's version takes the new value. How it was at that version is looked
	// up in the delta table; when it is not there any more, Automerge decides.
	FieldLevel
	// Lambda asks the Handler of the write.
	Lambda
)

var strategyNames = [...]string{"NONE", "OPTIMISTIC_CONCURRENCY", "AUTOMERGE", "FIELD_LEVEL", "LAMBDA"}

// String returns AppSync's name of the strategy.
func (s Strategy) String() string {
	if int(s) < len(strategyNames) {
		return strategyNames[s]
	}
	return "?"
}

// Handler resolves conflicts, as a Lambda function does. It is called outside of
// any transaction and may use the store. The items of the event are its own.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#lambda
type Handler func(ctx context.Context, e Event) (Reply, error)

// Event is a conflict for a Handler. The data source adds the arguments,
// identity and resolver of the request.
type Event struct {
	Table     string
	Operation Operation
	// NewItem is the item as it would be had there been no conflict.
	NewItem *attribute.Item
	// ExistingItem is the stored item.
	ExistingItem *attribute.Item
}

// Action is what a Handler wants done.
type Action string

// The actions.
const (
	Resolve Action = "RESOLVE" // of a put or update: store Item
	Remove  Action = "REMOVE"  // of a delete: delete
	Reject  Action = "REJECT"  // keep the stored item and fail the mutation
)

// Reply is the answer of a Handler.
type Reply struct {
	Action Action
	// Item is what Resolve stores. Key attributes and metadata in it are ignored.
	Item *attribute.Item
}

// maxAttempts is how often a Handler is asked for one write. AppSync's number is
// not documented.
const maxAttempts = 10

// ask asks the handler about a conflict with the stored item, and returns a new
// item to store, for a delete what becomes the tombstone.
func (w *write) ask(ctx context.Context, stored *attribute.Item) (*attribute.Item, error) {
	if w.asked == maxAttempts {
		return nil, w.fail(RuleAttemptsUsedUp, &ConflictError{Kind: AttemptsUsedUp, Item: stored})
	}
	w.asked++
	failed := func(err error) error {
		return w.fail(RuleHandlerFailed, &ConflictError{Kind: HandlerFailed, Item: stored, Err: err})
	}
	if w.Handler == nil {
		return nil, failed(errors.New("there is no handler"))
	}
	preview, err := w.intended(stored)
	if err != nil {
		return nil, w.fail(RuleRefused, err)
	}
	reply, err := w.Handler(ctx, Event{
		Table: w.table.cfg.Table, Operation: w.op,
		NewItem: w.stamp(preview, stored, w.table.times.preview()), ExistingItem: stored.Clone(),
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, w.fail(RuleStoreFailed, ctx.Err())
		}
		return nil, failed(err)
	}
	isDelete := w.op == DeleteItem
	switch {
	case reply.Action == Reject:
		return nil, w.fail(RuleHandlerRejected, &ConflictError{Kind: Rejected, Item: stored})
	case reply.Action == Remove && isDelete:
		w.rule(RuleRemoved)
		return stored.Clone(), nil
	case reply.Action == Resolve && !isDelete && reply.Item != nil:
		w.rule(RuleResolved)
		return w.resolved(reply.Item, stored), nil
	}
	return nil, failed(fmt.Errorf("the reply %q does not resolve a conflict of %s", reply.Action, w.op))
}

// resolved is the item of a handler under the key of the stored one.
func (w *write) resolved(item, stored *attribute.Item) *attribute.Item {
	item = item.Clone()
	for _, k := range w.Key.Attributes() {
		item.Set(k.Name, k.Value)
	}
	if w.op == UpdateItem {
		carry(item, stored, attrDeleted, attrTTL)
	} else {
		item.Delete(attrDeleted)
		item.Delete(attrTTL)
	}
	return item
}
