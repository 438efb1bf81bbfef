// Package bolt is the storage.Store of the emulator: DynamoDB's tables in one
// bbolt file.
//
// A table is a bucket. In it one bucket holds the items under their
// order-preserving primary key, one bucket per secondary index maps index key
// plus primary key to the projected attributes, and one orders by time the items
// that expire. All of them change in the same transaction, and what they hold is
// counted in it. Schemas live in memory as well, and change only together with
// the file. An index that comes later is built in chunks while requests go on.
//
// Reads run in bbolt's read transactions, as many at a time as there are
// callers. Writes queue for one goroutine that makes whatever is waiting durable
// together: it appends it to a journal beside the file and keeps it in memory, laid
// over what reads see of the file, until there is enough of it to be written to the
// file. A store that was closed is the file alone. Snapshots, repair and bulk loading are for administration
// and stand beside storage.Store. Expressions are package storage/expression's, encodings
// are package storage/attribute's; nothing above storage imports this package
// but what opens the file.
package bolt
