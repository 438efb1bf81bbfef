package dynamodbapi

import (
	"strconv"
	"strings"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	s = strings.ToValidUTF8(s, "\uFFFD")
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendMember appends a comma where one is needed and the name of an object's
// member. Names are of the protocol and need no escapes.
func appendMember(dst []byte, name string) []byte {
	if c := dst[len(dst)-1]; c != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

// appendKeyed is appendMember for names that come from the caller.
func appendKeyed(dst []byte, name string) []byte {
	if c := dst[len(dst)-1]; c != '{' {
		dst = append(dst, ',')
	}
	dst = appendText(dst, name)
	return append(dst, ':')
}

func appendTextMember(dst []byte, name, s string) []byte {
	return appendText(appendMember(dst, name), s)
}

func appendIntMember(dst []byte, name string, n int64) []byte {
	return strconv.AppendInt(appendMember(dst, name), n, 10)
}

func appendBoolMember(dst []byte, name string, b bool) []byte {
	return strconv.AppendBool(appendMember(dst, name), b)
}

func appendNumberMember(dst []byte, name string, n float64) []byte {
	dst = appendMember(dst, name)
	start := len(dst)
	dst = strconv.AppendFloat(dst, n, 'f', -1, 64)
	// DynamoDB writes capacities with a fraction.
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, '.', '0')
}

// appendTimeMember appends a time as DynamoDB has it: epoch seconds with
// milliseconds.
func appendTimeMember(dst []byte, name string, t time.Time) []byte {
	dst = appendMember(dst, name)
	return strconv.AppendFloat(dst, float64(t.UnixMilli())/1000, 'f', 3, 64)
}

func appendItemMember(dst []byte, name string, it *attribute.Item) []byte {
	return attribute.AppendItemJSON(appendMember(dst, name), it)
}

func appendItems(dst []byte, items []*attribute.Item) []byte {
	dst = append(dst, '[')
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = attribute.AppendItemJSON(dst, it)
	}
	return append(dst, ']')
}

// level is what ReturnConsumedCapacity asks for.
type level string

func (l level) wanted() bool { return l == "TOTAL" || l == "INDEXES" }

// appendCapacity appends a ConsumedCapacity. Transactions tell reads and writes
// apart.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
func appendCapacity(dst []byte, c *storage.Capacity, l level, split bool) []byte {
	dst = append(dst, '{')
	dst = appendTextMember(dst, "TableName", c.Table)
	read, write := c.Total()
	dst = appendUnits(dst, read, write, split)
	if l == "INDEXES" {
		dst = append(appendMember(dst, "Table"), '{')
		dst = append(appendUnits(dst, c.Read, c.Write, split), '}')
		dst = appendIndexCapacity(dst, "LocalSecondaryIndexes", c.Indexes, true, split)
		dst = appendIndexCapacity(dst, "GlobalSecondaryIndexes", c.Indexes, false, split)
	}
	return append(dst, '}')
}

func appendUnits(dst []byte, read, write float64, split bool) []byte {
	dst = appendNumberMember(dst, "CapacityUnits", read+write)
	if split && read > 0 {
		dst = appendNumberMember(dst, "ReadCapacityUnits", read)
	}
	if split && write > 0 {
		dst = appendNumberMember(dst, "WriteCapacityUnits", write)
	}
	return dst
}

func appendIndexCapacity(dst []byte, name string, indexes []storage.IndexCapacity, local, split bool) []byte {
	opened := false
	for _, ix := range indexes {
		if ix.Local != local {
			continue
		}
		if !opened {
			dst = append(appendMember(dst, name), '{')
			opened = true
		}
		dst = append(appendKeyed(dst, ix.Name), '{')
		dst = append(appendUnits(dst, ix.Read, ix.Write, split), '}')
	}
	if opened {
		dst = append(dst, '}')
	}
	return dst
}

// appendOneCapacity appends the member of operations on one table.
func appendOneCapacity(dst []byte, c *storage.Capacity, l level) []byte {
	if c == nil || !l.wanted() {
		return dst
	}
	return appendCapacity(appendMember(dst, "ConsumedCapacity"), c, l, false)
}

// appendCapacities appends the member of operations on several tables.
func appendCapacities(dst []byte, all []storage.Capacity, l level, split bool) []byte {
	if !l.wanted() {
		return dst
	}
	dst = append(appendMember(dst, "ConsumedCapacity"), '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCapacity(dst, &all[i], l, split)
	}
	return append(dst, ']')
}

// appendCollection appends an ItemCollectionMetrics.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ItemCollectionMetrics.html
func appendCollection(dst []byte, c *storage.Collection) []byte {
	dst = append(dst, '{')
	dst = appendItemMember(dst, "ItemCollectionKey", c.Key)
	dst = append(appendMember(dst, "SizeEstimateRangeGB"), '[')
	dst = strconv.AppendFloat(dst, c.LowerGB, 'f', -1, 64)
	dst = append(dst, ',')
	dst = strconv.AppendFloat(dst, c.UpperGB, 'f', -1, 64)
	return append(dst, ']', '}')
}

// appendCollections appends the member of operations on several tables: lists
// by table.
func appendCollections(dst []byte, all []storage.Collection) []byte {
	if len(all) == 0 {
		return dst
	}
	dst = append(appendMember(dst, "ItemCollectionMetrics"), '{')
	done := map[string]bool{}
	for i := range all {
		table := all[i].Table
		if done[table] {
			continue
		}
		done[table] = true
		dst = append(appendKeyed(dst, table), '[')
		for j := i; j < len(all); j++ {
			if all[j].Table != table {
				continue
			}
			if j > i {
				dst = append(dst, ',')
			}
			dst = appendCollection(dst, &all[j])
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
