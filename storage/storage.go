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
	// Settings are what DescribeTable repeats.
	Settings TableSettings
}

// TableSettings are kept with a table and answered again. But for
// DeletionProtection no operation heeds them. The zero value is an on-demand
// table without tags.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
type TableSettings struct {
	// BillingMode is PROVISIONED or PAY_PER_REQUEST; empty means the latter.
	BillingMode string
	// Throughput is that of the table, IndexThroughput that of its global
	// secondary indexes by name.
	Throughput      Throughput
	IndexThroughput map[string]Throughput
	// TableClass is STANDARD or STANDARD_INFREQUENT_ACCESS; empty was not given.
	TableClass string
	// DeletionProtection has DeleteTable refuse.
	DeletionProtection bool
	// Encrypted tells that encryption with a KMS key was asked for, by the key id
	// in EncryptionKey when that is not empty.
	Encrypted     bool
	EncryptionKey string
	// Stream is the StreamViewType; empty when the stream is disabled.
	Stream string
	Tags   map[string]string
}

// Throughput is provisioned capacity in units per second.
type Throughput struct {
	Read, Write int64
}

// TableUpdate says what UpdateTable changes.
type TableUpdate struct {
	// CreateIndexes are global secondary indexes to add, DeleteIndexes names of
	// those to drop. DynamoDB allows one of either in a request.
	CreateIndexes []Index
	DeleteIndexes []string
	// TTL changes the expiry of items; nil leaves it.
	TTL *TTLUpdate
	// Settings edits the settings, whose maps are not nil then; nil leaves them.
	// It sees the settings as they are when the update takes place and may run
	// more than once. Its error refuses the whole update and is returned as it is.
	Settings func(s *TableSettings) error
}

// TTLUpdate enables the expiry of items by Attribute, or disables it.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
type TTLUpdate struct {
	Attribute string
	Enabled   bool
}

// IndexStatus is where an index is in its life.
type IndexStatus string

// The states of an index. An index is read only when it is active.
const (
	IndexActive   IndexStatus = "ACTIVE"
	IndexCreating IndexStatus = "CREATING"
	IndexDeleting IndexStatus = "DELETING"
)

// TableDescription is a table as it stands. Items are in the state of the last
// write: unlike DynamoDB's, the counts do not lag.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
type TableDescription struct {
	Table
	// ID is a UUID that another table of the same name does not have.
	ID      string
	Created time.Time
	Items   int64
	// Bytes is the size of all items as DynamoDB counts it.
	Bytes int64
	// IndexStates are in the order of Table.Indexes.
	IndexStates []IndexState
}

// IndexState is an index as it stands.
type IndexState struct {
	Name   string
	Status IndexStatus
	Items  int64
	Bytes  int64
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
	// Empty names the expressions that were given as an empty text, which
	// DynamoDB refuses; an empty text alone means that there is none.
	Empty  Parameter
	Names  map[string]string
	Values map[string]attribute.Value
}

// Parameter is a set of expression parameters.
type Parameter uint8

// The expression parameters of DynamoDB.
const (
	ConditionExpression Parameter = 1 << iota
	FilterExpression
	KeyConditionExpression
	UpdateExpression
	ProjectionExpression
)

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

// Capacity is what an operation consumed of one table, in DynamoDB's units.
// Reads and writes of the table itself are apart from those of its indexes.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
type Capacity struct {
	Table       string
	Read, Write float64
	// Indexes are those that took part, in the order of their names.
	Indexes []IndexCapacity
}

// IndexCapacity is what an operation consumed of one index.
type IndexCapacity struct {
	Name        string
	Local       bool
	Read, Write float64
}

// Total returns the units of the table and all its indexes.
func (c *Capacity) Total() (read, write float64) {
	read, write = c.Read, c.Write
	for _, ix := range c.Indexes {
		read += ix.Read
		write += ix.Write
	}
	return read, write
}

// Collection is the estimated size of an item collection: all items of a table
// with local secondary indexes that share a partition key, and what they have in
// those indexes.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ItemCollectionMetrics.html
type Collection struct {
	Table string
	// Key is the partition key alone.
	Key *attribute.Item
	// The size lies between LowerGB and UpperGB.
	LowerGB, UpperGB float64
}

// Report asks an operation for more than its result. It costs nothing when it
// is zero.
type Report struct {
	// Capacity asks for the consumed capacity.
	Capacity bool
	// Collections asks a write for the sizes of the item collections that it
	// changed.
	Collections bool
}

// GetItemInput asks for one item by its primary key.
type GetItemInput struct {
	Table          string
	Key            *attribute.Item
	ConsistentRead bool
	Expr           Expressions // Projection
	Report         Report
}

// GetItemOutput holds the item, nil when there is none.
type GetItemOutput struct {
	Item     *attribute.Item
	Capacity *Capacity // when asked for
}

// PutItemInput writes a whole item.
type PutItemInput struct {
	Table        string
	Item         *attribute.Item
	Expr         Expressions // Condition
	ReturnValues ReturnValues
	Report       Report
}

// UpdateItemInput changes an item, or creates it.
type UpdateItemInput struct {
	Table        string
	Key          *attribute.Item
	Expr         Expressions // Update, Condition
	ReturnValues ReturnValues
	Report       Report
}

// DeleteItemInput removes an item.
type DeleteItemInput struct {
	Table        string
	Key          *attribute.Item
	Expr         Expressions // Condition
	ReturnValues ReturnValues
	Report       Report
}

// WriteOutput answers a write: the attributes that ReturnValues asked for, nil
// when there are none.
type WriteOutput struct {
	Attributes *attribute.Item
	Capacity   *Capacity   // when asked for
	Collection *Collection // when asked for and the table has local indexes
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
	Report         Report
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
	Report                 Report
}

// PageOutput is one page of a Query or Scan.
type PageOutput struct {
	Items []*attribute.Item
	// Count is the number of items returned, or counted when Select is COUNT.
	Count        int
	ScannedCount int
	// LastKey continues the read; nil at the end.
	LastKey  *attribute.Item
	Capacity *Capacity // when asked for
}

// Key names an item of a table.
type Key struct {
	Table string
	Key   *attribute.Item
}

// BatchGetInput reads up to 100 items of several tables.
type BatchGetInput struct {
	Tables []BatchGetTable
	Report Report
}

// BatchGetTable is what a batch reads of one table. A batch names a table once.
type BatchGetTable struct {
	Table          string
	Keys           []*attribute.Item
	ConsistentRead bool
	Expr           Expressions // Projection
}

// BatchGetOutput answers a batch.
type BatchGetOutput struct {
	// Items has the shape of the request: Items[t][k] is the item of
	// Tables[t].Keys[k], nil when there is none or it is unprocessed.
	Items [][]*attribute.Item
	// Unprocessed is a request for what did not fit into 16 MB; empty when all
	// did.
	Unprocessed []BatchGetTable
	Capacity    []Capacity // of each table in the order of the request, when asked for
}

// TransactGet reads one item of a transaction.
type TransactGet struct {
	Key
	Expr Expressions // Projection
}

// TransactGetInput reads up to 100 items at one moment.
type TransactGetInput struct {
	Gets   []TransactGet
	Report Report
}

// TransactGetOutput has one item for each get, in their order, nil where there
// is none.
type TransactGetOutput struct {
	Items    []*attribute.Item
	Capacity []Capacity // of each table in the order of its first mention, when asked for
}

// TransactWriteInput writes up to 100 items, all or none.
type TransactWriteInput struct {
	Actions []TransactWrite
	// Token is the ClientRequestToken: for ten minutes the same request with the
	// same token succeeds without doing anything again, and another request with
	// it is an *IdempotentParameterMismatchError. Empty means none.
	Token  string
	Report Report
}

// TransactWriteOutput answers a write transaction with what was asked for.
type TransactWriteOutput struct {
	Capacity    []Capacity // of each table in the order of its first mention
	Collections []Collection
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

// BatchWriteInput puts and deletes up to 25 items of several tables.
type BatchWriteInput struct {
	Writes []BatchWrite
	Report Report
}

// BatchWriteOutput answers a batch.
type BatchWriteOutput struct {
	// Unprocessed are the writes to send again, empty when all are done.
	Unprocessed []BatchWrite
	Capacity    []Capacity // of each table in the order of its first mention, when asked for
	Collections []Collection
}

// Store is DynamoDB's data plane, and the little of its control plane that the
// emulator needs, in Go types. Implementations are safe for concurrent use. A
// write has reached durable storage when its call returns. Items handed out are
// the caller's to keep and must be treated as read-only when they were passed
// in. Refusals are the errors of this package, worded as DynamoDB words them.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
type Store interface {
	// CreateTable creates a table. An existing one of the name is a
	// *ResourceInUseError.
	CreateTable(ctx context.Context, t Table) error
	// EnsureTable makes the store have the table as defined: it creates it, or
	// has the existing one take over indexes and TTL attribute of t. New and
	// changed indexes are built from its items before EnsureTable returns, those
	// that t does not have are dropped, and settings stay unless t has some. A
	// table of the name with another key is a *ResourceInUseError.
	EnsureTable(ctx context.Context, t Table) error
	// UpdateTable changes a table. It returns when the change is registered:
	// indexes are built and dropped while requests go on, which DescribeTable
	// tells.
	UpdateTable(ctx context.Context, name string, u TableUpdate) error
	DeleteTable(ctx context.Context, name string) error
	DescribeTable(ctx context.Context, name string) (*TableDescription, error)
	// ListTables returns, in ascending order, up to limit names of tables that
	// come after the given one, which need not exist. A limit of 0 means all.
	ListTables(ctx context.Context, after string, limit int) ([]string, error)

	GetItem(ctx context.Context, in *GetItemInput) (*GetItemOutput, error)
	PutItem(ctx context.Context, in *PutItemInput) (*WriteOutput, error)
	UpdateItem(ctx context.Context, in *UpdateItemInput) (*WriteOutput, error)
	DeleteItem(ctx context.Context, in *DeleteItemInput) (*WriteOutput, error)
	Query(ctx context.Context, in *QueryInput) (*PageOutput, error)
	Scan(ctx context.Context, in *ScanInput) (*PageOutput, error)

	BatchGet(ctx context.Context, in *BatchGetInput) (*BatchGetOutput, error)
	BatchWrite(ctx context.Context, in *BatchWriteInput) (*BatchWriteOutput, error)
	TransactGet(ctx context.Context, in *TransactGetInput) (*TransactGetOutput, error)
	TransactWrite(ctx context.Context, in *TransactWriteInput) (*TransactWriteOutput, error)

	// ExpireBefore removes the items whose TTL attribute is at or before t and
	// returns how many there were.
	ExpireBefore(ctx context.Context, t time.Time) (int, error)

	Close() error
}
