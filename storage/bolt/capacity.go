package bolt

import (
	"bytes"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The units of capacity: reads are counted in 4 KB, writes in 1 KB, each item
// rounded up and the smallest counting as one. An eventually consistent read
// takes half, everything in a transaction takes twice.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
const (
	readUnit  = 4 << 10
	writeUnit = 1 << 10
)

func units(size, unit int) float64 {
	return float64(max((size+unit-1)/unit, 1))
}

// readUnits is what reading size bytes consumes. What is not there takes as
// much as the smallest item.
func readUnits(size int, consistent bool) float64 {
	if consistent {
		return units(size, readUnit)
	}
	return units(size, readUnit) / 2
}

func writeUnits(size int) float64 { return units(size, writeUnit) }

// capacity is what the action consumed of its table and of the indexes that it
// changed, each write counting factor times.
func (a *action) capacity(factor float64) storage.Capacity {
	c := storage.Capacity{Table: a.table.def.Name}
	newSize := a.newSize
	if a.kind == deleteItem || a.kind == checkItem {
		newSize = 0
	}
	c.Write = factor * writeUnits(max(a.oldSize, newSize))
	if a.noop {
		return c
	}
	for i, ix := range a.table.indexes {
		var from, to entry
		if a.oldEntries != nil {
			from = a.oldEntries[i]
		}
		if a.kind != deleteItem {
			to = a.entries[i]
		}
		if n := a.entryWrites(ix, from, to); n > 0 {
			c.Indexes = append(c.Indexes, storage.IndexCapacity{Name: ix.def.Name, Local: ix.def.Local, Write: factor * n})
		}
	}
	return c
}

// entryWrites is what it takes to replace one entry of an index with another.
// An entry that changes its key is deleted and put.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
func (a *action) entryWrites(ix *index, from, to entry) float64 {
	switch {
	case from.key == nil && to.key == nil:
		return 0
	case from.key == nil:
		return writeUnits(to.size)
	case to.key == nil:
		return writeUnits(from.size)
	case !bytes.Equal(from.key, to.key):
		return writeUnits(from.size) + writeUnits(to.size)
	case ix.refers && attribute.Equal(attribute.MapOf(a.old), attribute.MapOf(a.new)), !ix.refers && bytes.Equal(from.value, to.value):
		return 0
	default:
		return writeUnits(max(from.size, to.size))
	}
}

// mergeCapacity adds c to the capacity of its table in all, which keeps the
// order in which tables were first mentioned.
func mergeCapacity(all []storage.Capacity, c storage.Capacity) []storage.Capacity {
	for i := range all {
		sum := &all[i]
		if sum.Table != c.Table {
			continue
		}
		sum.Read += c.Read
		sum.Write += c.Write
	indexes:
		for _, ix := range c.Indexes {
			for j := range sum.Indexes {
				if sum.Indexes[j].Name == ix.Name {
					sum.Indexes[j].Read += ix.Read
					sum.Indexes[j].Write += ix.Write
					continue indexes
				}
			}
			sum.Indexes = append(sum.Indexes, ix)
		}
		return all
	}
	return append(all, c)
}
