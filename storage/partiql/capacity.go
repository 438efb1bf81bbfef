package partiql

import (
	"slices"
	"strings"

	"appsync-emulator/storage"
)

// addCapacity adds what an operation consumed to those of its table in total.
func addCapacity(total []storage.Capacity, c *storage.Capacity) []storage.Capacity {
	if c == nil {
		return total
	}
	at := slices.IndexFunc(total, func(t storage.Capacity) bool { return t.Table == c.Table })
	if at < 0 {
		total = append(total, storage.Capacity{Table: c.Table})
		at = len(total) - 1
	}
	sum := &total[at]
	sum.Read += c.Read
	sum.Write += c.Write
	for _, ix := range c.Indexes {
		i, found := slices.BinarySearchFunc(sum.Indexes, ix.Name, func(s storage.IndexCapacity, name string) int { return strings.Compare(s.Name, name) })
		if !found {
			sum.Indexes = slices.Insert(sum.Indexes, i, storage.IndexCapacity{Name: ix.Name, Local: ix.Local})
		}
		sum.Indexes[i].Read += ix.Read
		sum.Indexes[i].Write += ix.Write
	}
	return total
}
