package expression

import "appsync-emulator/storage/attribute"

// Request holds the expression parameters of one operation. Placeholders in
// Names carry their '#', those in Values their ':'. A nil map means that the
// parameter was not given; an empty one was given empty, which is refused.
//
// An expression is present when its text is not empty or when its Has field is
// true; with the latter an empty text is refused as DynamoDB refuses it.
type Request struct {
	Condition    string
	Filter       string
	KeyCondition string
	Update       string
	Projection   string

	HasCondition    bool
	HasFilter       bool
	HasKeyCondition bool
	HasUpdate       bool
	HasProjection   bool

	// Operation names the parameters that the operation could have had, for the
	// message about values without an expression. The zero value derives
	// nothing and leaves the list out.
	Operation Operation

	Names  map[string]string
	Values map[string]attribute.Value
}

// Operation is the kind of DynamoDB operation a Request belongs to.
type Operation uint8

// The operations that take expressions.
const (
	OtherOperation Operation = iota
	GetItem
	PutItem
	UpdateItem
	DeleteItem
	Query
	Scan
)

// Key names the attributes of a primary or index key.
type Key struct {
	Partition     string
	PartitionKind attribute.Kind
	// Sort is empty when the key is a partition key alone.
	Sort     string
	SortKind attribute.Kind
}

// Error is a refusal. Message is the text of DynamoDB's ValidationException.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// Bound holds the expressions of a request, ready to be evaluated. Expressions
// that were not given are nil. Once its key condition is bound a Bound is
// immutable and safe for concurrent use.
type Bound struct {
	Condition  *Condition
	Filter     *Condition
	Key        *KeyCondition
	Update     *Update
	Projection *Projection
}
