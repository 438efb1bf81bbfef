// Package overlay holds changes that lie over the buckets of a file: what has
// been written, and is safe in a journal, but not in the file itself yet.
//
// A Set is an ordered collection of changes, of which snapshots cost nothing: the
// writer goes on changing its own while reads look at theirs. A Cursor walks
// through a bucket of the file as it looks with some sets laid over it, in both
// directions.
//
// Package bolt reads and writes through the overlay, and takes it into the file
// from time to time.
package overlay
