package partiql

import "appsync-emulator/storage"

// Kind is the kind of a statement.
type Kind uint8

// The kinds of statements. An Exists statement is a condition of a transaction.
const (
	Select Kind = iota + 1
	Insert
	Update
	Delete
	Exists
)

// String returns the keyword of the statement.
func (k Kind) String() string {
	switch k {
	case Select:
		return "SELECT"
	case Insert:
		return "INSERT"
	case Update:
		return "UPDATE"
	case Delete:
		return "DELETE"
	case Exists:
		return "EXISTS"
	default:
		return "?"
	}
}

// Statement is a parsed statement. It is immutable.
type Statement struct {
	text  string
	kind  Kind
	table string
	index string
	// parameters is the number of placeholders.
	parameters int

	projection []*node // paths of a SELECT, nil for *
	where      *node   // nil without a WHERE clause
	order      []orderTerm
	item       *node // what INSERT writes
	actions    []updateAction
	returning  storage.ReturnValues // empty without a RETURNING clause
}

// orderTerm is one attribute of an ORDER BY clause.
type orderTerm struct {
	name       string
	descending bool
}

// updateAction is a SET, or a REMOVE when value is nil.
type updateAction struct {
	path, value *node
}

// Kind returns what the statement does.
func (s *Statement) Kind() Kind { return s.kind }

// Table returns the name of the table.
func (s *Statement) Table() string { return s.table }

// Index returns the name of the index that a SELECT reads, empty for the table.
func (s *Statement) Index() string { return s.index }

// Parameters returns how many parameters the statement needs.
func (s *Statement) Parameters() int { return s.parameters }

// reads reports whether the statement is a read: EXISTS belongs to writes.
func (s *Statement) reads() bool { return s.kind == Select }
