package document

import (
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// SourceKind is the kind of data source that a document is for.
type SourceKind uint8

// The kinds of data sources. A versioned DynamoDB data source takes other
// operations and fields than a plain one.
const (
	SourceNone SourceKind = iota + 1
	SourceDynamoDB
	SourceVersionedDynamoDB
	SourceLambda
	SourceHTTP
	SourceOpenSearch
	SourceRDS
	SourceEventBridge
)

// Version is the version of a document.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-changelog.html
type Version string

// The versions of documents.
const (
	Version2017 Version = "2017-02-28"
	Version2018 Version = "2018-05-29"
)

// Document is a decoded request: one of *None, *GetItem, *PutItem, *UpdateItem,
// *DeleteItem, *Query, *Scan, *Sync, *BatchGetItem, *BatchPutItem,
// *BatchDeleteItem, *TransactGetItems and *TransactWriteItems.
type Document interface {
	// Operation is the operation's name; it is empty for *None.
	Operation() string
	// TemplateVersion is the version that the document was decoded under.
	TemplateVersion() Version
}

// None is a request to a NONE data source, which answers Payload.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-none.html
type None struct {
	Version Version
	Payload any
}

// GetItem reads one item.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-getitem.html
type GetItem struct {
	Version        Version
	Key            *attribute.Item
	ConsistentRead bool
	Projection     *Projection // nil when there is none
}

// PutItem writes one item: Key and Attributes together.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-putitem.html
type PutItem struct {
	Version    Version
	Key        *attribute.Item
	Attributes *attribute.Item // never nil
	Condition  *Condition      // nil when there is none
	Versioned  Versioned
}

// UpdateItem changes one item.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-updateitem.html
type UpdateItem struct {
	Version   Version
	Key       *attribute.Item
	Update    Expression
	Condition *Condition // nil when there is none
	Versioned Versioned
}

// DeleteItem removes one item.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-deleteitem.html
type DeleteItem struct {
	Version   Version
	Key       *attribute.Item
	Condition *Condition // nil when there is none
	Versioned Versioned
}

// Query reads a page of the items of one partition.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-query.html
type Query struct {
	Version Version
	// Query is the key condition.
	Query  Expression
	Filter *Expression // nil when there is none
	Index  string      // empty for the table
	// Limit is the number of items to evaluate; nil means a page of 1 MB.
	Limit            *int64
	NextToken        string // empty for the first page
	ScanIndexForward bool
	ConsistentRead   bool
	Select           string      // empty for the default
	Projection       *Projection // nil when there is none
}

// Scan reads a page of a table or index.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-scan.html
type Scan struct {
	Version Version
	Filter  *Expression // nil when there is none
	Index   string      // empty for the table
	// Limit is the number of items to evaluate; nil means a page of 1 MB.
	Limit          *int64
	NextToken      string // empty for the first page
	ConsistentRead bool
	Select         string // empty for the default
	// Segment and TotalSegments are both set or both nil.
	Segment, TotalSegments *int64
	Projection             *Projection // nil when there is none
}

// Sync reads a page of all items of a versioned data source, or of what has
// changed since another Sync. An expression with an empty text counts as none:
// Amplify sends such filters.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-sync.html
type Sync struct {
	Version Version
	Filter  *Expression // nil when there is none
	// Limit is the number of items to evaluate; nil means the default.
	Limit     *int64
	NextToken string // empty for the first page
	// LastSync is when the last Sync began, in milliseconds since 1970; nil means
	// that there was none.
	LastSync *int64
	// BasePartitionKey names the partition key of the base table, by whose values
	// the delta table is partitioned too; empty when it is not.
	BasePartitionKey string
	// DeltaIndexName is the index of the delta table; empty for the table.
	DeltaIndexName string
	// Query is the key condition of a Sync of a part of the base table; nil for
	// all of it. Index and ScanIndexForward belong to it.
	Query            *Expression
	Index            string // empty for the table
	ScanIndexForward bool
}

// BatchGetItem reads items of several tables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-batch-get-item.html
type BatchGetItem struct {
	Version Version
	Tables  []BatchGetTable // in the order of the document, never empty
}

// BatchGetTable is what a BatchGetItem reads of one table.
type BatchGetTable struct {
	Table          string
	Keys           []*attribute.Item // never empty
	ConsistentRead bool
	Projection     *Projection // nil when there is none
}

// BatchPutItem writes whole items to several tables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-batch-put-item.html
type BatchPutItem struct {
	Version Version
	Tables  []BatchWriteTable // in the order of the document, never empty
}

// BatchDeleteItem removes items from several tables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-batch-delete-item.html
type BatchDeleteItem struct {
	Version Version
	Tables  []BatchWriteTable // in the order of the document, never empty
}

// BatchWriteTable is what a batch writes to one table: whole items to put, or
// the keys of those to delete.
type BatchWriteTable struct {
	Table string
	Items []*attribute.Item // never empty
}

// TransactGetItems reads items of several tables at one moment.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-transact-get-items.html
type TransactGetItems struct {
	Version Version
	Items   []TransactGet // never empty
}

// TransactGet is one read of a transaction.
type TransactGet struct {
	Table      string
	Key        *attribute.Item
	Projection *Projection // nil when there is none
}

// TransactWriteItems writes items of several tables, all or none.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-transact-write-items.html
type TransactWriteItems struct {
	Version Version
	Items   []TransactWrite // never empty
}

// TransactOperation is what a transaction does to one item.
type TransactOperation string

// The operations of transactions.
const (
	TransactPut    TransactOperation = "PutItem"
	TransactUpdate TransactOperation = "UpdateItem"
	TransactDelete TransactOperation = "DeleteItem"
	TransactCheck  TransactOperation = "ConditionCheck"
)

// TransactWrite is one action of a transaction.
type TransactWrite struct {
	Table      string
	Operation  TransactOperation
	Key        *attribute.Item
	Attributes *attribute.Item // of TransactPut; nil when there are none
	Update     Expression      // of TransactUpdate
	// Condition is nil when there is none; TransactCheck has one.
	Condition *TransactCondition
}

// TransactCondition is the condition of an action of a transaction.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-transaction-condition-expressions.html
type TransactCondition struct {
	Expression
	// ReturnValues puts the item that failed the condition into the cancellation
	// reasons. Its field is returnValuesOnConditionCheckFailure, true by default.
	ReturnValues bool
}

// Expression is an expression with its placeholders. A nil map was not given;
// an empty one was given empty, which DynamoDB refuses.
type Expression struct {
	Expression string
	Names      map[string]string
	Values     map[string]attribute.Value
}

// Projection selects the attributes of the result.
type Projection struct {
	Expression string
	Names      map[string]string
}

// Strategy says what follows a condition that failed.
type Strategy string

// The strategies.
const (
	StrategyReject Strategy = "Reject"
	StrategyCustom Strategy = "Custom"
)

// Condition is the condition of a write.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions.html
type Condition struct {
	Expression
	// EqualsIgnore names the attributes that do not count when the stored item
	// is compared with the one to be written.
	EqualsIgnore []string
	// ConsistentRead says how the stored item is read after a failure.
	ConsistentRead bool
	// Strategy is StrategyReject unless the document names another.
	Strategy Strategy
	// LambdaARN is set for StrategyCustom only.
	LambdaARN string
}

// Versioned holds the fields that only versioned data sources take.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-sync.html
type Versioned struct {
	// ItemVersion is _version, the latest version that the caller knows; nil
	// when it knows none.
	ItemVersion *int64
	// CustomPartitionKey names the attribute by whose value the delta table is
	// partitioned; empty for the default.
	CustomPartitionKey string
	// PopulateIndexFields adds the key of the delta table's index.
	PopulateIndexFields bool
}

func (*None) Operation() string       { return "" }
func (*GetItem) Operation() string    { return "GetItem" }
func (*PutItem) Operation() string    { return "PutItem" }
func (*UpdateItem) Operation() string { return "UpdateItem" }
func (*DeleteItem) Operation() string { return "DeleteItem" }
func (*Query) Operation() string      { return "Query" }
func (*Scan) Operation() string       { return "Scan" }
func (*Sync) Operation() string       { return "Sync" }

func (*BatchGetItem) Operation() string       { return "BatchGetItem" }
func (*BatchPutItem) Operation() string       { return "BatchPutItem" }
func (*BatchDeleteItem) Operation() string    { return "BatchDeleteItem" }
func (*TransactGetItems) Operation() string   { return "TransactGetItems" }
func (*TransactWriteItems) Operation() string { return "TransactWriteItems" }

func (d *None) TemplateVersion() Version       { return d.Version }
func (d *GetItem) TemplateVersion() Version    { return d.Version }
func (d *PutItem) TemplateVersion() Version    { return d.Version }
func (d *UpdateItem) TemplateVersion() Version { return d.Version }
func (d *DeleteItem) TemplateVersion() Version { return d.Version }
func (d *Query) TemplateVersion() Version      { return d.Version }
func (d *Scan) TemplateVersion() Version       { return d.Version }
func (d *Sync) TemplateVersion() Version       { return d.Version }

func (d *BatchGetItem) TemplateVersion() Version       { return d.Version }
func (d *BatchPutItem) TemplateVersion() Version       { return d.Version }
func (d *BatchDeleteItem) TemplateVersion() Version    { return d.Version }
func (d *TransactGetItems) TemplateVersion() Version   { return d.Version }
func (d *TransactWriteItems) TemplateVersion() Version { return d.Version }

// Decode checks a document and returns its typed form. Doc is not changed, and
// the payload of *None is shared with it. The error is
//
//   - an *Error: AppSync refuses the document, under the errorType
//     "MappingTemplate";
//   - a *NotSupportedError: AppSync takes the operation, the emulator does not;
//   - an *attribute.ValueError: DynamoDB refuses a value, such as an empty set,
//     as it would refuse the request.
func Decode(doc *value.Map, source SourceKind) (Document, error) {
	return DecodeAs(doc, source, "")
}

// DecodeAs is Decode under a given version, as in functions of pipelines, where
// the function's version counts and the document's own, if any, is ignored. An
// empty version means the document's.
func DecodeAs(doc *value.Map, source SourceKind, version Version) (Document, error) {
	d := decoder{fields: doc}
	out, err := d.decode(source, version)
	if err != nil {
		return nil, placed(err)
	}
	return out, nil
}
