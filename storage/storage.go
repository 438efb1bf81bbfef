package storage

import (
	"context"
	"time"

	"appsync-emulator/storage/attribute"
)

// Clock is the wall clock of all data time: TTLs, timestamps, versions.
type Clock interface {
	Now() time.Time
}

// KeyAttribute is one attribute of a primary or index key. Kind is S, N or B.
type KeyAttribute struct {
	Name string
	Kind attribute.Kind
}

// KeySchema is a primary or index key. Sort is nil when the key is a partition
// key alone.
type KeySchema struct {
	Partition KeyAttribute
	Sort      *KeyAttribute
}

// ProjectionType says which attributes an index holds.
type ProjectionType string

// The projection types of DynamoDB.
const (
	ProjectAll      ProjectionType = "ALL"
	ProjectKeysOnly ProjectionType = "KEYS_ONLY"
	ProjectInclude  ProjectionType = "INCLUDE"
)

// Index describes a secondary index.
type Index struct {
	Name string
	Key  KeySchema
	// Local marks a local secondary index: it shares the table's partition key
	// and may be read consistently.
	Local      bool
	Projection ProjectionType
	// Include names the projected attributes of ProjectInclude.
	Include []string
}

// Table describes a table.
type Table struct {
	Name    string
	Key     KeySchema
	Indexes []Index
	// TTLAttribute names the attribute that holds the expiry in epoch seconds;
	// empty means that items never expire.
	TTLAttribute string
}

// Expressions are the expression parameters that operations share, in
// DynamoDB's own terms. Placeholders in Names carry their '#', those in Values
// their ':'. A nil map means that the parameter was not given; an empty one was
// given empty, which DynamoDB refuses.
type Expressions struct {
	Condition    string
	Filter       string
	KeyCondition string
	Update       string
	Projection   string
	Names        map[string]string
	Values       map[string]attribute.Value
}

// ReturnValues selects what a write answers.
type ReturnValues string

// The values of DynamoDB. The zero value means ReturnNone.
const (
	ReturnNone       ReturnValues = "NONE"
	ReturnAllOld     ReturnValues = "ALL_OLD"
	ReturnUpdatedOld ReturnValues = "UPDATED_OLD"
	ReturnAllNew     ReturnValues = "ALL_NEW"
	ReturnUpdatedNew ReturnValues = "UPDATED_NEW"
)

// GetItemInput asks for one item by its primary key.
type GetItemInput struct {
	Table          string
	Key            *attribute.Item
	ConsistentRead bool
	Expr           Expressions // Projection
}

// GetItemOutput holds the item, nil when there is none.
type GetItemOutput struct {
	Item *attribute.Item
}

// PutItemInput writes a whole item.
type PutItemInput struct {
	Table        string
	Item         *attribute.Item
	Expr         Expressions // Condition
	ReturnValues ReturnValues
}

// UpdateItemInput changes an item, or creates it.
type UpdateItemInput struct {
	Table        string
	Key          *attribute.Item
	Expr         Expressions // Update, Condition
	ReturnValues ReturnValues
}

// DeleteItemInput removes an item.
type DeleteItemInput struct {
	Table        string
	Key          *attribute.Item
	Expr         Expressions // Condition
	ReturnValues ReturnValues
}

// WriteOutput answers a write: the attributes that ReturnValues asked for, nil
// when there are none.
type WriteOutput struct {
	Attributes *attribute.Item
}

// Select is DynamoDB's Select parameter; empty means the default.
type Select string

// The values of Select.
const (
	SelectAll       Select = "ALL_ATTRIBUTES"
	SelectProjected Select = "ALL_PROJECTED_ATTRIBUTES"
	SelectSpecific  Select = "SPECIFIC_ATTRIBUTES"
	SelectCount     Select = "COUNT"
)

// QueryInput reads the items of one partition in key order.
type QueryInput struct {
	Table          string
	Index          string
	Expr           Expressions // KeyCondition, Filter, Projection
	Descending     bool
	Limit          int // items evaluated; 0 means a page of 1 MB
	ConsistentRead bool
	Select         Select
	StartKey       *attribute.Item // exclusive
}

// ScanInput reads a table or index in an order that is stable but not meaningful.
type ScanInput struct {
	Table          string
	Index          string
	Expr           Expressions // Filter, Projection
	Limit          int
	ConsistentRead bool
	Select         Select
	StartKey       *attribute.Item
	// Segment of TotalSegments; TotalSegments 0 means a whole scan.
	Segment, TotalSegments int
}

// PageOutput is one page of a Query or Scan.
type PageOutput struct {
	Items []*attribute.Item
	// Count is the number of items returned, or counted when Select is COUNT.
	Count        int
	ScannedCount int
	// LastKey continues the read; nil at the end.
	LastKey *attribute.Item
}

// Key names an item of a table.
type Key struct {
	Table string
	Key   *attribute.Item
}

// TransactGet reads one item of a transaction.
type TransactGet struct {
	Key
	Expr Expressions // Projection
}

// TransactWrite is one action of a write transaction: exactly one field is set.
type TransactWrite struct {
	Put    *PutItemInput
	Update *UpdateItemInput
	Delete *DeleteItemInput
	Check  *ConditionCheck
	// ReturnOldOnFailure puts the item into the cancellation reason.
	ReturnOldOnFailure bool
}

// ConditionCheck is a condition on an item that a transaction does not write.
type ConditionCheck struct {
	Table string
	Key   *attribute.Item
	Expr  Expressions // Condition
}

// BatchWrite is one action of a batch: Put or Delete.
type BatchWrite struct {
	Table  string
	Put    *attribute.Item
	Delete *attribute.Item // key
}

// Store is DynamoDB's data plane, and the little of its control plane that the
// emulator needs, in Go types. Implementations are safe for concurrent use. A
// write has reached durable storage when its call returns. Items handed out are
// the caller's to keep and must be treated as read-only when they were passed
// in. Refusals are the errors of this package, worded as DynamoDB words them.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
type Store interface {
	// CreateTable creates a table, or does nothing when an equal one exists. A
	// table of the name with another key is a *ResourceInUseError; otherwise the
	// existing one takes over indexes and TTL attribute of t: new and changed
	// indexes are built from its items, those that t does not have are dropped.
	CreateTable(ctx context.Context, t Table) error
	DeleteTable(ctx context.Context, name string) error
	DescribeTable(ctx context.Context, name string) (Table, error)
	ListTables(ctx context.Context) ([]string, error)

	GetItem(ctx context.Context, in *GetItemInput) (*GetItemOutput, error)
	PutItem(ctx context.Context, in *PutItemInput) (*WriteOutput, error)
	UpdateItem(ctx context.Context, in *UpdateItemInput) (*WriteOutput, error)
	DeleteItem(ctx context.Context, in *DeleteItemInput) (*WriteOutput, error)
	Query(ctx context.Context, in *QueryInput) (*PageOutput, error)
	Scan(ctx context.Context, in *ScanInput) (*PageOutput, error)

	// BatchGet and TransactGet return one element per key, in order; it is nil
	// when the item does not exist. BatchWrite writes all or nothing.
	BatchGet(ctx context.Context, keys []Key) ([]*attribute.Item, error)
	BatchWrite(ctx context.Context, writes []BatchWrite) error
	TransactGet(ctx context.Context, gets []TransactGet) ([]*attribute.Item, error)
	TransactWrite(ctx context.Context, writes []TransactWrite) error

	// ExpireBefore removes the items whose TTL attribute is at or before t and
	// returns how many there were.
	ExpireBefore(ctx context.Context, t time.Time) (int, error)

	Close() error
}
