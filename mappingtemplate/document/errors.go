package document

import (
	"strconv"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// ErrorType is the errorType under which AppSync reports an *Error.
const ErrorType = "MappingTemplate"

// Error is AppSync's refusal of a document, in its words. It is reported under
// the errorType "MappingTemplate".
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
type Error struct {
	Message string
}

func (e *Error) Error() string { return e.Message }

// NotSupportedError is the refusal of an operation that AppSync knows and the
// emulator does not run.
type NotSupportedError struct {
	Operation string
}

func (e *NotSupportedError) Error() string {
	return "The operation '" + e.Operation + "' is not supported by the emulator yet."
}

// fault is an Error in the making: it does not know yet where in the document it
// lies. The readers on its way up each add the name of their field, so that
// documents without faults cost no paths.
type fault struct {
	before, after string
	// names leads from the leaf to the root.
	names []string
}

// Error spells the path out as AppSync's messages do: $[condition][expression].
func (f *fault) Error() string {
	var b strings.Builder
	b.WriteString(f.before)
	b.WriteByte('$')
	for i := len(f.names) - 1; i >= 0; i-- {
		b.WriteByte('[')
		b.WriteString(f.names[i])
		b.WriteByte(']')
	}
	b.WriteString(f.after)
	return b.String()
}

// under places a fault below the named field; other errors pass.
func under(err error, name string) error {
	if f, ok := err.(*fault); ok {
		f.names = append(f.names, name)
	}
	return err
}

// underIndex places a fault below an element of a list.
func underIndex(err error, i int) error { return under(err, strconv.Itoa(i)) }

// placed turns a fault, now complete, into an *Error.
func placed(err error) error {
	if f, ok := err.(*fault); ok {
		return &Error{Message: f.Error()}
	}
	return err
}

// notFound says that a required field is missing.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
func notFound(name string) error {
	return under(&fault{before: "Value for field '", after: "' not found."}, name)
}

// unsupportedElement says that a document of this kind has no such field, as
// recorded in aws/aws-appsync-community#217.
func unsupportedElement() error {
	return &fault{before: "Unsupported element '", after: "'."}
}

// noKeys says that a batch reads nothing of a table. It is placed below the
// table: RequestItem keys '$[tables][posts]' can't be empty.
func noKeys() error {
	return &fault{before: "RequestItem keys '", after: "' can't be empty"}
}

// noItems says that a batch writes nothing to a table. It is placed above the
// table, as recorded in aws-amplify/amplify-cli#1097.
func noItems(table string) error {
	return &fault{before: "Items list for table '" + table + "' can't be empty at path "}
}

// empty says that a list or object that must have something in it is empty.
func empty() error {
	return &fault{before: "Value for field '", after: "' can't be empty."}
}

// unsupportedOperation is recorded in aws-amplify/amplify-cli#3889.
func unsupportedOperation(name string) error {
	return &Error{"Unsupported operation '" + name + "'."}
}

// versionedOperations is AppSync's list, in its order, as recorded in
// aws-amplify/amplify-js#6021.
const versionedOperations = "TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync"

func unsupportedVersioned(name string) error {
	return &Error{"Unsupported operation '" + name + "'. Datasource Versioning only supports the following operations (" +
		versionedOperations + ")"}
}

// wrongType says that a field is of another JSON type than want.
func wrongType(want string, got any) error {
	return &fault{before: "Expected JSON " + want + " for field '", after: "' but got a '" + nodeType(got) + "' instead."}
}

func wrongValueType(want string, got any) error {
	return &fault{before: "Expected JSON " + want + " for attribute value '", after: "' but got a '" + nodeType(got) + "' instead."}
}

// notOneType says that a typed value has no type, or several.
func notOneType(count int) error {
	return &fault{
		before: "Expected exactly one type (S, N, B, BOOL, NULL, SS, NS, BS, L or M) for attribute value '",
		after:  "' but got " + strconv.Itoa(count) + ".",
	}
}

// badValue says that a field has another value than those allowed.
func badValue(got string, allowed ...string) error {
	return &fault{
		before: "Unsupported value '" + got + "' for field '",
		after:  "'. Supported values are (" + strings.Join(allowed, ",") + ").",
	}
}

// nodeType names the type of a JSON value as Jackson does.
func nodeType(v any) string {
	switch v.(type) {
	case nil:
		return "NULL"
	case bool:
		return "BOOLEAN"
	case string:
		return "STRING"
	case *value.Map, *value.Entry:
		return "OBJECT"
	case *value.List, *value.Set, *value.Array:
		return "ARRAY"
	}
	if _, ok := numberText(v); ok {
		return "NUMBER"
	}
	return "POJO"
}
