package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Error is the refusal of a request.
type Error struct {
	// Status is the HTTP status of the refusal.
	Status int
	// Message says what is wrong, for people.
	Message string
	// Field is the part of the request that is at fault, such as "tables[1]" or
	// the name of a parameter; empty when it is the request as a whole.
	Field string
	// Line counts the lines of what is imported, or of a scenario, from 1; 0
	// elsewhere. Column is that in the line of a scenario.
	Line, Column int
	// Problems is all that is wrong, where that is more than one thing.
	Problems []Problem
}

// Problem is one of several mistakes in a request.
type Problem struct {
	Field   string `json:"field,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

func (e *Error) Error() string {
	switch {
	case e.Column > 0:
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	case e.Line > 0:
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	case e.Field != "":
		return e.Field + ": " + e.Message
	}
	return e.Message
}

func badRequest(field, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Field: field, Message: fmt.Sprintf(format, args...)}
}

func notFound(field, format string, args ...any) *Error {
	return &Error{Status: http.StatusNotFound, Field: field, Message: fmt.Sprintf(format, args...)}
}

// didYouMean is the end of a message about a name that is none of candidates.
func didYouMean(name string, candidates []string) string {
	if s := project.Suggest(name, candidates); s != "" && s != name {
		return fmt.Sprintf("; did you mean %q?", s)
	}
	return ""
}

// asError is what the client is told of an error.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	status := http.StatusInternalServerError
	message := err.Error()
	if refusal := refused(err); refusal != nil {
		status, message = http.StatusBadRequest, refusal.Error()
	} else if e, ok := errors.AsType[*storage.ResourceNotFoundError](err); ok {
		status, message = http.StatusNotFound, e.Message
	} else if e, ok := errors.AsType[*storage.ResourceInUseError](err); ok {
		status, message = http.StatusConflict, e.Message
	} else if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status, message = http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d MB", maxBody>>20)
	} else if errors.Is(err, storage.ErrClosed) || errors.Is(err, context.Canceled) {
		status = http.StatusServiceUnavailable
	}
	return &Error{Status: status, Message: message}
}

// refused finds in err that a value or an item is not what DynamoDB takes.
func refused(err error) error {
	if e, ok := errors.AsType[*storage.ValidationError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*attribute.ValueError](err); ok {
		// The names in front of it say where in the item it is.
		if text := err.Error(); strings.HasSuffix(text, e.Error()) {
			return err
		}
		return e
	}
	if e, ok := errors.AsType[*attribute.SerializationError](err); ok {
		return e
	}
	return nil
}
