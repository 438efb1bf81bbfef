package dynamodbapi

import (
	"errors"
	"fmt"
	"net/http"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The namespaces of error types.
const (
	dynamoSpace   = "com.amazonaws.dynamodb.v20120810#"
	serviceSpace  = "com.amazon.coral.service#"
	validateSpace = "com.amazon.coral.validate#"
)

// failure is an error in its wire form.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
type failure struct {
	status      int
	space, name string
	message     string
	// capital has the message under Message instead of message; it depends on
	// the exception which one DynamoDB uses.
	capital bool
	// item is that of a failed condition, nil for none.
	item    *attribute.Item
	reasons []storage.CancellationReason
}

func (f *failure) Error() string { return f.name + ": " + f.message }

func validationError(message string) *failure {
	return &failure{status: http.StatusBadRequest, space: validateSpace, name: "ValidationException", message: message}
}

func validationf(format string, args ...any) *failure {
	return validationError(fmt.Sprintf(format, args...))
}

// invalid is a validation error of the form that most have.
func invalid(format string, args ...any) *failure {
	return validationError("One or more parameter values were invalid: " + fmt.Sprintf(format, args...))
}

func serializationError(message string) *failure {
	return &failure{status: http.StatusBadRequest, space: serviceSpace, name: "SerializationException", message: message, capital: true}
}

func unknownOperation(message string) *failure {
	return &failure{status: http.StatusBadRequest, space: serviceSpace, name: "UnknownOperationException", message: message}
}

func accessDenied(message string) *failure {
	return &failure{status: http.StatusBadRequest, space: serviceSpace, name: "AccessDeniedException", message: message, capital: true}
}

func notFound(message string) *failure {
	return dynamoFailure("ResourceNotFoundException", message)
}

func dynamoFailure(name, message string) *failure {
	return &failure{status: http.StatusBadRequest, space: dynamoSpace, name: name, message: message}
}

// asFailure returns the wire form of an error that is the caller's to mend, and
// nil for any other.
func asFailure(err error) *failure {
	var (
		wire       *failure
		validation *storage.ValidationError
		condition  *storage.ConditionalCheckFailedError
		missing    *storage.ResourceNotFoundError
		inUse      *storage.ResourceInUseError
		limit      *storage.LimitExceededError
		mismatch   *storage.IdempotentParameterMismatchError
		cancelled  *storage.TransactionCanceledError
		duplicate  *storage.DuplicateItemError
		badValue   *attribute.ValueError
		unreadable *attribute.SerializationError
	)
	switch {
	case errors.As(err, &wire):
		return wire
	case errors.As(err, &validation):
		return validationError(validation.Message)
	case errors.As(err, &condition):
		return dynamoFailure("ConditionalCheckFailedException", condition.Error())
	case errors.As(err, &missing):
		return notFound(missing.Message)
	case errors.As(err, &inUse):
		return dynamoFailure("ResourceInUseException", inUse.Message)
	case errors.As(err, &limit):
		return dynamoFailure("LimitExceededException", limit.Message)
	case errors.As(err, &mismatch):
		f := dynamoFailure("IdempotentParameterMismatchException", mismatch.Error())
		f.capital = true
		return f
	case errors.As(err, &cancelled):
		f := dynamoFailure("TransactionCanceledException", cancelled.Error())
		f.capital, f.reasons = true, cancelled.Reasons
		return f
	case errors.As(err, &duplicate):
		return dynamoFailure("DuplicateItemException", duplicate.Error())
	case errors.As(err, &badValue):
		return validationError(badValue.Message)
	case errors.As(err, &unreadable):
		return serializationError(unreadable.Message)
	}
	return nil
}

// withItem returns the wire form of a single write's error: with the item that
// failed the condition when old asks for it.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html#DDB-PutItem-request-ReturnValuesOnConditionCheckFailure
func withItem(err error, old bool) error {
	var condition *storage.ConditionalCheckFailedError
	if !old || !errors.As(err, &condition) {
		return err
	}
	f := asFailure(err)
	f.item = condition.Item
	return f
}

func (f *failure) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"__type":"`...)
	dst = append(dst, f.space...)
	dst = append(dst, f.name...)
	dst = append(dst, '"')
	if f.reasons != nil {
		dst = append(dst, `,"CancellationReasons":[`...)
		for i, r := range f.reasons {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendReason(dst, r)
		}
		dst = append(dst, ']')
	}
	if f.item != nil {
		dst = append(dst, `,"Item":`...)
		dst = attribute.AppendItemJSON(dst, f.item)
	}
	if f.message != "" {
		if f.capital {
			dst = append(dst, `,"Message":`...)
		} else {
			dst = append(dst, `,"message":`...)
		}
		dst = appendText(dst, f.message)
	}
	return append(dst, '}')
}

// appendReason appends why an action of a transaction failed.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html
func appendReason(dst []byte, r storage.CancellationReason) []byte {
	code := r.Code
	if code == "" {
		code = "None"
	}
	dst = append(dst, `{"Code":`...)
	dst = appendText(dst, code)
	if r.Item != nil {
		dst = append(dst, `,"Item":`...)
		dst = attribute.AppendItemJSON(dst, r.Item)
	}
	if r.Message != "" {
		dst = append(dst, `,"Message":`...)
		dst = appendText(dst, r.Message)
	}
	return append(dst, '}')
}
