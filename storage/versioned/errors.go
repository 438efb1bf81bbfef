package versioned

import (
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The messages of conflicts and refusals. Those of a rejected mutation and of a
// delta record that could not be written are AppSync's, recorded in
// aws-amplify/amplify-flutter#1501 and aws-amplify/amplify-category-api#2053. Of
// the others no record is public: they say what the table of errors in the
// documentation says of their kind.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#errors
const (
	msgRejected      = "Conflict resolver rejects mutation."
	msgHandlerFailed = "An internal error occurred when trying to resolve a conflict."
	msgMaxConflicts  = "Max retry attempts were reached for conflict resolution."
	msgDeltaWrite    = "Failed to write delta sync record."
	msgMetadata      = "The metadata attributes _version, _ttl, _lastChangedAt and _deleted cannot be changed; attribute: "
	msgPartitionKey  = "The attribute that customPartitionKey names must be a string, number or binary of the item; attribute: "
)

// ConflictKind says how a conflict ended.
type ConflictKind uint8

// The kinds of conflicts that were not resolved, with the error type that AppSync
// gives each.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#errors
const (
	// Rejected: the versions differ and the conflict handler keeps the stored
	// item. ConflictUnhandled.
	Rejected ConflictKind = iota + 1
	// HandlerFailed: the Lambda function could not be asked, or its reply means
	// nothing. ConflictError.
	HandlerFailed
	// AttemptsUsedUp: the item changed each time while the conflict was being
	// resolved. MaxConflicts.
	AttemptsUsedUp
)

// ConflictError is a conflict that was not resolved. Nothing has been written.
type ConflictError struct {
	Kind ConflictKind
	// Item is the stored item, which $ctx.result holds.
	Item *attribute.Item
	// Err is what went wrong with the handler, nil for the other kinds. It is not
	// part of the message.
	Err error
}

func (e *ConflictError) Error() string {
	switch e.Kind {
	case HandlerFailed:
		return msgHandlerFailed
	case AttemptsUsedUp:
		return msgMaxConflicts
	default:
		return msgRejected
	}
}

func (e *ConflictError) Unwrap() error { return e.Err }

// ConditionFailedError is a condition of the caller that does not hold. AppSync's
// error type for it has no "DynamoDB:" in front, and $ctx.result is null.
// Recorded in packages/datastore/__tests__/helpers/fakes/graphqlService.ts of
// aws-amplify/amplify-js.
type ConditionFailedError struct {
	// Item is the item that failed the condition, nil when there was none.
	Item *attribute.Item
	// Put is the item that a put would have stored over Item, with its metadata;
	// nil for other writes and when there was none.
	Put *attribute.Item
}

func (e *ConditionFailedError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the *storage.ConditionalCheckFailedError of a store.
func (e *ConditionFailedError) Unwrap() error {
	return &storage.ConditionalCheckFailedError{Item: e.Item}
}

// BadRequestError is a write that AppSync refuses before it looks at the item,
// such as one to metadata.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#errors
type BadRequestError struct{ Message string }

func (e *BadRequestError) Error() string { return e.Message }

// DeltaSyncWriteError is a change whose record the delta table refused, as when
// the table is missing or has another key. AppSync has changed the base item
// then; here neither is written.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#errors
type DeltaSyncWriteError struct{ Err error }

func (e *DeltaSyncWriteError) Error() string { return msgDeltaWrite }

// Unwrap returns the store's refusal.
func (e *DeltaSyncWriteError) Unwrap() error { return e.Err }
