package storage

import (
	"errors"
	"fmt"

	"appsync-emulator/storage/attribute"
)

// The errors below are DynamoDB's exceptions. Their Error text is DynamoDB's
// message alone, without service or request id: callers add those.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html

// ValidationError is DynamoDB's ValidationException.
type ValidationError struct{ Message string }

func (e *ValidationError) Error() string { return e.Message }

// Validationf returns a *ValidationError.
func Validationf(format string, args ...any) error {
	return &ValidationError{Message: fmt.Sprintf(format, args...)}
}

// ConditionalCheckFailedError is DynamoDB's ConditionalCheckFailedException.
// Item is the item that failed the condition, nil when there was none.
type ConditionalCheckFailedError struct{ Item *attribute.Item }

func (e *ConditionalCheckFailedError) Error() string { return "The conditional request failed" }

// DuplicateItemError is DynamoDB's DuplicateItemException: an INSERT of an item
// whose key is in the table. Item is the item that is there.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html#API_ExecuteStatement_Errors
type DuplicateItemError struct{ Item *attribute.Item }

func (e *DuplicateItemError) Error() string { return "Duplicate primary key exists in table" }

// ResourceNotFoundError is DynamoDB's ResourceNotFoundException.
type ResourceNotFoundError struct{ Message string }

func (e *ResourceNotFoundError) Error() string { return e.Message }

// ResourceInUseError is DynamoDB's ResourceInUseException.
type ResourceInUseError struct{ Message string }

func (e *ResourceInUseError) Error() string { return e.Message }

// LimitExceededError is DynamoDB's LimitExceededException.
type LimitExceededError struct{ Message string }

func (e *LimitExceededError) Error() string { return e.Message }

// IdempotentParameterMismatchError is DynamoDB's
// IdempotentParameterMismatchException: a ClientRequestToken came again with
// another request.
type IdempotentParameterMismatchError struct{}

func (e *IdempotentParameterMismatchError) Error() string {
	return "The request was rejected because it attempted to reuse an idempotent token with different parameters."
}

// CancellationReason says why one action of a transaction failed, or "None".
type CancellationReason struct {
	Code    string
	Message string
	Item    *attribute.Item
}

// TransactionCanceledError is DynamoDB's TransactionCanceledException.
type TransactionCanceledError struct{ Reasons []CancellationReason }

func (e *TransactionCanceledError) Error() string {
	codes := ""
	for i, r := range e.Reasons {
		if i > 0 {
			codes += ", "
		}
		codes += r.Code
	}
	return "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]"
}

// ErrClosed is returned by a store that has been closed.
var ErrClosed = errors.New("storage: store is closed")
