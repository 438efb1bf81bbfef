package dynamodbapi

import "strings"

// kind is the type of a shape.
type kind uint8

const (
	textKind kind = iota
	booleanKind
	integerKind
	longKind
	blobKind
	listKind
	mapKind
	structureKind
	// attributeKind is an AttributeValue, itemKind a map of them.
	attributeKind
	itemKind
)

// shape is the type of a parameter with the constraints on it, as in the
// service's model. The order of fields is that in which DynamoDB reports their
// violations. Shapes are immutable.
type shape struct {
	kind kind
	// class is the structure's name.
	class  string
	elem   *shape // of lists and maps
	fields []field

	notNull bool
	// required and named are the checks of table operations, which come before
	// all constraints: that the parameter is there, and its length.
	required, named bool
	// alone has a name of a wrong length be told without all other violations.
	alone bool

	name     bool // [a-zA-Z0-9_.-]+
	min, max int64
	hasMin   bool
	hasMax   bool
	// terseMin and terseMax have violations of the bounds be told tersely.
	terseMin, terseMax bool
	enum               []string
	// keyNames has the keys of a map be table names; minValue and maxValue bound
	// the lengths of its values.
	keyNames           bool
	minValue, maxValue int
	// table tells that the text may be a table's ARN.
	table bool
}

type field struct {
	name  string
	shape *shape
}

const namePattern = "[a-zA-Z0-9_.-]+"

// matchesName reports whether all of s is namePattern.
func matchesName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return s != ""
}

// tableNameOf returns the name of the table that text names, by its name or by
// its ARN.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html#DDB-GetItem-request-TableName
func tableNameOf(text string) string {
	if !strings.HasPrefix(text, "arn:") {
		return text
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[2] != "dynamodb" {
		return text
	}
	name, ok := strings.CutPrefix(parts[5], "table/")
	if !ok {
		return text
	}
	return name
}

// The constructors of shapes, which read like the service's model.

func text() *shape    { return &shape{kind: textKind} }
func boolean() *shape { return &shape{kind: booleanKind} }
func integer() *shape { return &shape{kind: integerKind} }
func long() *shape    { return &shape{kind: longKind} }

func attributeValue() *shape { return &shape{kind: attributeKind, class: "AttributeValue"} }
func item() *shape           { return &shape{kind: itemKind, class: "AttributeValue"} }

func oneOf(values ...string) *shape { return &shape{kind: textKind, enum: values} }

func listOf(elem *shape) *shape { return &shape{kind: listKind, elem: elem} }
func mapOf(elem *shape) *shape  { return &shape{kind: mapKind, elem: elem} }

func structure(class string, fields ...field) *shape {
	return &shape{kind: structureKind, class: class, fields: fields}
}

// must returns the shape as one that must not be null.
func (s *shape) must() *shape {
	c := *s
	c.notNull = true
	return &c
}

func (s *shape) atLeast(n int64) *shape {
	c := *s
	c.min, c.hasMin = n, true
	return &c
}

// tersely returns the shape as one whose maximum, or minimum when there is no
// maximum, DynamoDB tells without the value and by the parameter's own name.
//
// Recorded: nubo-db/dynamodb-conformance tier3/error-messages.
func (s *shape) tersely() *shape {
	c := *s
	c.terseMin, c.terseMax = !c.hasMax, c.hasMax
	return &c
}

func (s *shape) atMost(n int64) *shape {
	c := *s
	c.max, c.hasMax = n, true
	return &c
}

// tableName is a table's name where an ARN serves as well.
func tableName() *shape {
	s := indexName()
	s.table = true
	return s
}

func indexName() *shape {
	return &shape{kind: textKind, name: true, min: 3, max: 255, hasMin: true, hasMax: true}
}

// ownTableName is the name in operations on a table itself, which check it first.
func ownTableName() *shape {
	return &shape{kind: textKind, name: true, required: true, named: true, table: true}
}

// newTableName is the name in CreateTable, which is checked first too, but in the
// words of other operations, and is no ARN.
//
// Recorded: nubo-db/dynamodb-conformance tier3/error-messages/createTable and
// tier3/validation-ordering/createTable.
func newTableName() *shape {
	s := indexName()
	s.required, s.alone = true, true
	return s
}
