package bolt

import (
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Limits of DynamoDB on keys and items.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
	maxItemSize     = 400 << 10
)

const (
	msgKeyMismatch = "The provided key element does not match the schema"
	msgItemSize    = "Item size has exceeded the maximum allowed size"
	msgUpdateSize  = "Item size to update has exceeded the maximum allowed size"
	// The missing blank is DynamoDB's.
	msgPartitionSize = "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
	msgSortSize      = "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
	msgIndexKeyKind  = "The update expression attempted to update the secondary index key to unsupported type"
	msgIndexKeySize  = "The update expression attempted to update the secondary index key beyond allowed size limits."
)

// emptyKind says what is empty in the value of a key attribute, or "".
func emptyKind(v attribute.Value) string {
	switch {
	case v.Text() != "":
		return ""
	case v.Kind() == attribute.S:
		return "string"
	case v.Kind() == attribute.B:
		return "binary"
	default:
		return ""
	}
}

// checkKeyValue checks a value of a key attribute that has the right kind.
func checkKeyValue(name string, v attribute.Value, limit int) error {
	if what := emptyKind(v); what != "" {
		return refuseUpfront("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, name)
	}
	if v.Kind() != attribute.N && len(v.Text()) > limit {
		if limit == maxPartitionKey {
			return refuse(msgPartitionSize)
		}
		return refuse(msgSortSize)
	}
	return nil
}

// checkKeyPart checks one attribute of a key that a caller gave as such.
func checkKeyPart(key *attribute.Item, name string, kind attribute.Kind, limit int) error {
	v := key.Get(name)
	if v.Kind() != kind {
		return refuse(msgKeyMismatch)
	}
	return checkKeyValue(name, v, limit)
}

// checkKeyParts checks the attributes of k in key, which may have others too.
func checkKeyParts(key *attribute.Item, k expression.Key) error {
	if err := checkKeyPart(key, k.Partition, k.PartitionKind, maxPartitionKey); err != nil {
		return err
	}
	if k.Sort == "" {
		return nil
	}
	return checkKeyPart(key, k.Sort, k.SortKind, maxSortKey)
}

// encodeKey checks that key is a primary key of the table and returns the key to
// store the item under.
func (t *table) encodeKey(key *attribute.Item) ([]byte, error) {
	if key.Len() != t.keyLen {
		return nil, refuse(msgKeyMismatch)
	}
	if err := checkKeyParts(key, t.key); err != nil {
		return nil, err
	}
	return appendKey(make([]byte, 0, 64), t.key, key)
}

// encodeItemKey is encodeKey for a whole item.
func (t *table) encodeItemKey(item *attribute.Item) ([]byte, error) {
	return t.encodePutKey(item, false)
}

// encodePutKey is encodeItemKey for what is put. In a batch DynamoDB has other
// words for an item without its key.
func (t *table) encodePutKey(item *attribute.Item, batched bool) ([]byte, error) {
	check := func(name string, kind attribute.Kind, limit int) error {
		v := item.Get(name)
		if batched && v.Kind() != kind {
			return refuse(msgKeyMismatch)
		}
		if !v.IsValid() {
			return refuse("One or more parameter values were invalid: Missing the key %s in the item", name)
		}
		if v.Kind() != kind {
			return refuse("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", name, kind, v.Kind())
		}
		return checkKeyValue(name, v, limit)
	}
	if err := check(t.key.Partition, t.key.PartitionKind, maxPartitionKey); err != nil {
		return nil, err
	}
	if t.key.Sort != "" {
		if err := check(t.key.Sort, t.key.SortKind, maxSortKey); err != nil {
			return nil, err
		}
	}
	return appendKey(make([]byte, 0, 64), t.key, item)
}

// checkIndexKeys checks the attributes that indexes have as keys in item, which
// the action leaves. An update need not answer for those that it does not touch.
func (a *action) checkIndexKeys(item *attribute.Item) error {
	for _, ix := range a.table.indexes {
		if err := a.checkIndexKey(item, ix, ix.key.Partition, ix.key.PartitionKind, maxPartitionKey); err != nil {
			return err
		}
		if ix.key.Sort == "" {
			continue
		}
		if err := a.checkIndexKey(item, ix, ix.key.Sort, ix.key.SortKind, maxSortKey); err != nil {
			return err
		}
	}
	return nil
}

func (a *action) checkIndexKey(item *attribute.Item, ix *index, name string, kind attribute.Kind, limit int) error {
	v := item.Get(name)
	update := a.kind == updateItem
	if !v.IsValid() || (update && a.old != nil && attribute.Equal(v, a.old.Get(name))) {
		return nil
	}
	if v.Kind() != kind {
		if update {
			return refuse(msgIndexKeyKind) // it came out of the item
		}
		return ix.wrongKind(name, kind, v.Kind())
	}
	if what := emptyKind(v); what != "" {
		if update {
			return refuseUpfront("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty %s value.", what)
		}
		return refuseUpfront("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", what, ix.def.Name, name)
	}
	if kind == attribute.N || len(v.Text()) <= limit {
		return nil
	}
	switch {
	case update:
		return refuse(msgIndexKeySize)
	case limit == maxPartitionKey:
		return refuse(msgPartitionSize)
	default:
		return refuse(msgSortSize)
	}
}

// wrongKind refuses a value for a key attribute that has another kind.
func (ix *index) wrongKind(name string, want, actual attribute.Kind) error {
	return refuse("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, want, actual, ix.def.Name)
}

// checkValues refuses values that DynamoDB cannot hold: absent ones, empty sets,
// and those that nest too deeply.
func checkValues(item *attribute.Item) error {
	for _, a := range item.Attributes() {
		if a.Name == "" {
			return refuseUpfront("Empty attribute name")
		}
		if err := checkValue(a.Value); err != nil {
			return upfront(err)
		}
		if err := attribute.CheckNesting(a.Value, 0); err != nil {
			return upfront(err)
		}
	}
	return nil
}

func checkValue(v attribute.Value) error {
	switch v.Kind() {
	case attribute.Invalid:
		return refuse("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case attribute.SS, attribute.NS, attribute.BS:
		if len(v.Elems()) == 0 {
			_, err := attribute.NewSet(v.Kind(), nil)
			return err
		}
	case attribute.L:
		for _, e := range v.Elems() {
			if err := checkValue(e); err != nil {
				return err
			}
		}
	case attribute.M:
		for _, a := range v.Item().Attributes() {
			if err := checkValue(a.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTable refuses definitions that DynamoDB refuses.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func checkTable(def *storage.Table) error {
	if err := checkName(def.Name); err != nil {
		return err
	}
	kinds := map[string]attribute.Kind{}
	if err := checkSchema(def.Key, kinds); err != nil {
		return err
	}
	seen := map[string]bool{}
	local, global := 0, 0
	for i := range def.Indexes {
		ix := &def.Indexes[i]
		if err := checkName(ix.Name); err != nil {
			return err
		}
		if seen[ix.Name] {
			return refuse("One or more parameter values were invalid: Duplicate index name: %s", ix.Name)
		}
		seen[ix.Name] = true
		if err := checkSchema(ix.Key, kinds); err != nil {
			return err
		}
		if ix.Local {
			local++
			if def.Key.Sort == nil {
				return refuse("One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
			}
			if ix.Key.Sort == nil {
				return refuse("One or more parameter values were invalid: Index KeySchema does not have a range key for index: %s", ix.Name)
			}
			if ix.Key.Partition.Name != def.Key.Partition.Name {
				return refuse("One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
					ix.Name, ix.Key.Partition.Name, def.Key.Partition.Name)
			}
		} else {
			global++
		}
		switch ix.Projection {
		case "":
			ix.Projection = storage.ProjectAll
			fallthrough
		case storage.ProjectAll, storage.ProjectKeysOnly:
			if len(ix.Include) > 0 {
				return refuse("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified", ix.Projection)
			}
		case storage.ProjectInclude:
			if len(ix.Include) == 0 {
				return refuse("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
			}
		default:
			return refuse("One or more parameter values were invalid: Unknown ProjectionType: %s", ix.Projection)
		}
	}
	if local > 5 {
		return refuse("One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	}
	if global > 20 {
		return refuse("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of 20")
	}
	return nil
}

func checkName(name string) error {
	ok := len(name) >= 3 && len(name) <= 255
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
	}
	if !ok {
		return refuse("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")
	}
	return nil
}

// checkSchema checks a key schema. kinds collects the kinds of key attributes,
// which must be the same wherever an attribute is a key.
func checkSchema(k storage.KeySchema, kinds map[string]attribute.Kind) error {
	parts := []storage.KeyAttribute{k.Partition}
	if k.Sort != nil {
		if k.Sort.Name == k.Partition.Name {
			return refuse("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
		parts = append(parts, *k.Sort)
	}
	for _, p := range parts {
		if p.Name == "" || len(p.Name) > 255 {
			return refuse("Invalid KeySchema: the name of a key attribute must have between 1 and 255 characters")
		}
		if p.Kind != attribute.S && p.Kind != attribute.N && p.Kind != attribute.B {
			return refuse("Invalid KeySchema: the key attribute %s must be of type S, N or B", p.Name)
		}
		if kind, ok := kinds[p.Name]; ok && kind != p.Kind {
			return refuse("Invalid KeySchema: the key attribute %s is defined as %s and as %s", p.Name, kind, p.Kind)
		}
		kinds[p.Name] = p.Kind
	}
	return nil
}
