package partiql

import (
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// SyntaxError is a statement that cannot be parsed, or whose form DynamoDB does
// not support. Message is the text of DynamoDB's ValidationException; Line and
// Column, which count from 1, and Length, in characters, tell the place.
type SyntaxError struct {
	Message              string
	Line, Column, Length int
}

func (e *SyntaxError) Error() string { return e.Message }

// The texts below are DynamoDB's.
const (
	msgMalformed         = "Statement wasn't well formed, can't be processed: "
	msgDataManipulation  = "Expected data manipulation"
	msgTrailing          = "Unexpected token after expression"
	msgPathDot           = "Invalid path dot component"
	msgPathComponent     = "Unexpected path component"
	msgEmptyComponent    = "Path component cannot be an empty string"
	msgFromComponents    = "A path may contain at most 2 components in the FROM clause"
	msgSingleTable       = "FROM clause may only contain a single table name in data manipulation statements"
	msgListIndex         = "List index is not within the allowable range; index: "
	msgAlias             = "Aliasing is not supported"
	msgDuplicateColumn   = "Duplicate identifiers in select clause: "
	msgStarAndOthers     = "'*' cannot be selected beside other attributes"
	msgUnsupportedClause = "Unsupported clause: "
	msgUnknownFunction   = "Unrecognized function: "
	msgDataType          = "Unsupported data type: "
	msgEmptyBag          = "Empty bags are not supported"
	msgBagType           = "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
	msgDuplicates        = "One or more parameter values were invalid: Input collection "
	msgNesting           = "Nesting Levels have exceeded supported limits under "
	msgParameters        = "Number of parameters in request and statement don't match."
	msgTooManyIn         = "The IN operator is provided with too many operands; number of operands: "
	msgDeleteReturning   = "Invalid returning clause: RETURNING %s *. Only RETURNING ALL OLD * is allowed in DELETE statements."
	msgExistsAlone       = "EXISTS can only be used in ExecuteTransaction write requests."

	msgNoIndex        = "The table does not have the specified index"
	msgIndexWrite     = "This operation is not supported on an index"
	msgConsistent     = "Strongly consistent read is not supported on Global Secondary Indexes"
	msgFilterMissing  = "One or more parameter values were invalid: Secondary index %s does not project one or more filter attributes: [%s]"
	msgKeyType        = "Key attribute's data type should match its data type in table's schema: Key "
	msgOverlapping    = "Overlapping conditions with range keys are not supported in where clause"
	msgTooManyReads   = "Too many decomposed read operations for a given query."
	msgIncompleteKey  = "Where clause does not contain a mandatory equality on all key attributes"
	msgConflictingKey = "Multiple conditions on same key %s. Only single item Update/Insert/Delete are supported"
	msgKeyMismatch    = "The provided key element does not match the schema"
	msgOrderNoWhere   = "Must have WHERE clause in the statement when using ORDER BY clause."
	msgOrderAttribute = "Attribute %s in ORDER BY clause must be part of the primary key"
	msgOrderNoKey     = "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
	msgOrderKeys      = "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
	msgToken          = "Invalid NextToken"
	msgOtherToken     = "NextToken does not match request"
	msgNotFound       = "Requested resource not found"

	msgBatchMixed     = "Read and write requests together in the same batch is not supported."
	msgBatchDuplicate = "Provided list of item keys contains duplicates"
	msgBatchSelect    = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."

	msgTransactionMixed     = "ExecuteTransaction API does not support both read and write operations in the same request."
	msgTransactionDuplicate = "Transaction request cannot include multiple operations on one item"
	msgTransactionSelect    = "Select statements within ExecuteTransaction must specify the primary key in the where clause."
	msgTransactionIndex     = "Reads on indices are not supported within transactions."
	msgTransactionReturning = "RETURNING clause is not supported in ExecuteTransaction."
	msgExistsCondition      = "EXISTS() must contain a single item read with additional condition"
)

// malformed refuses a statement that does not follow the grammar.
func malformed(text string, t token, detail string) error {
	return syntaxError(text, t, msgMalformed+detail)
}

func syntaxError(text string, t token, message string) error {
	at := spanOf(text, t)
	return &SyntaxError{Message: message, Line: at.line, Column: at.column, Length: at.length}
}

// syntaxErrorAt is syntaxError with the place in the message.
func syntaxErrorAt(text string, t token, message string) error {
	return syntaxError(text, t, message+" at "+spanOf(text, t).String())
}

// public turns any refusal into an error of package storage, in the words that
// PartiQL has for it: the expressions that a statement became do not show.
func public(err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *SyntaxError:
		return &storage.ValidationError{Message: e.Message}
	case *attribute.ValueError:
		return &storage.ValidationError{Message: e.Message}
	case *expression.Error:
		return &storage.ValidationError{Message: plain(e.Message)}
	case *storage.ValidationError:
		return &storage.ValidationError{Message: plain(e.Message)}
	case *storage.ResourceNotFoundError:
		return &storage.ResourceNotFoundError{Message: msgNotFound}
	}
	return err
}

// plain removes the name of the parameter from a refusal of an expression.
func plain(message string) string {
	if rest, ok := strings.CutPrefix(message, "Invalid "); ok {
		if name, text, ok := strings.Cut(rest, ": "); ok && strings.HasSuffix(name, "Expression") {
			message = text
		}
	}
	// The order of the types is another in PartiQL.
	return strings.Replace(message, "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}", "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}", 1)
}
