package expression

import "appsync-emulator/storage/attribute"

type Cache struct{}

func NewCache(size int) *Cache { return &Cache{} }

func (c *Cache) Bind(req Request, table Key, index *Key) (*Bound, error) { return nil, nil }

// Condition is a bound condition or filter expression.
type Condition struct{}

func (c *Condition) Eval(item *attribute.Item) (bool, error) { return false, nil }

// CheckNoKeys refuses a Query filter that mentions one of the attributes of key.
func (c *Condition) CheckNoKeys(key Key) error { return nil }

type KeyCondition struct {
	Partition attribute.Value
	Sort      *SortCondition
}
type SortOp uint8

const (
	EQ SortOp = iota + 1
	LT
	LE
	GT
	GE
	BETWEEN
	BEGINS_WITH
)

type SortCondition struct {
	Op        SortOp
	Low, High attribute.Value
}

type Path struct{}

type Update struct{}

func (u *Update) Apply(old *attribute.Item) (*attribute.Item, []Path, error) { return nil, nil, nil }

type Projection struct{}

func (p *Projection) Apply(item *attribute.Item) *attribute.Item { return nil }

// ProjectPaths returns what paths select of item (UPDATED_OLD, UPDATED_NEW).
func ProjectPaths(item *attribute.Item, paths []Path) *attribute.Item { return nil }
