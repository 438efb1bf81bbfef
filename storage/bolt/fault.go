package bolt

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"

	berrors "go.etcd.io/bbolt/errors"
)

// fault is a ValidationException on its way to the caller. DynamoDB finds some
// faults before it looks at any item; such an upfront fault refuses a whole
// transaction, where others become the cancellation reason of one action.
type fault struct {
	message string
	upfront bool
}

func (f *fault) Error() string { return f.message }

// refuse returns a fault that a transaction reports for one action.
func refuse(format string, args ...any) error {
	return &fault{message: fmt.Sprintf(format, args...)}
}

// refuseUpfront returns a fault that refuses the whole request.
func refuseUpfront(format string, args ...any) error {
	return &fault{message: fmt.Sprintf(format, args...), upfront: true}
}

// upfront marks the refusal of an expression or value as an upfront fault.
func upfront(err error) error {
	if f, ok := asFault(err); ok {
		return &fault{message: f.message, upfront: true}
	}
	return err
}

// asFault finds the validation message of err, whichever package it comes from.
func asFault(err error) (*fault, bool) {
	if f, ok := errors.AsType[*fault](err); ok {
		return f, true
	}
	if e, ok := errors.AsType[*expression.Error](err); ok {
		return &fault{message: e.Message}, true
	}
	if e, ok := errors.AsType[*attribute.ValueError](err); ok {
		return &fault{message: e.Message}, true
	}
	return nil, false
}

// public turns err into what package storage declares.
func public(err error) error {
	if err == nil {
		return nil
	}
	if f, ok := asFault(err); ok {
		return &storage.ValidationError{Message: f.message}
	}
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return storage.ErrClosed
	}
	return err
}

// ErrNoSpace is returned by writes when the disk is full. Nothing of such a write
// is in the file, which stays usable.
var ErrNoSpace = errors.New("no space left for the store's file")

// noSpace marks what the operating system says when a file cannot grow. bbolt
// keeps only its text when that happens as it makes the file longer.
func noSpace(err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return fmt.Errorf("%w: %w", ErrNoSpace, err)
		}
	}
	return err
}

func tableNotFound() error {
	return &storage.ResourceNotFoundError{Message: "Requested resource not found"}
}

func tableNotFoundNamed(name string) error {
	return &storage.ResourceNotFoundError{Message: "Requested resource not found: Table: " + name + " not found"}
}

// damaged reports contents that this package cannot have written.
func damaged(format string, args ...any) error {
	return fmt.Errorf("storage/bolt: damaged file: "+format, args...)
}
