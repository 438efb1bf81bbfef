// Package journal keeps changes safe that are not in the file itself yet.
//
// A journal lies in two files beside a store's, the segments, of which one is
// written at a time. A record is what one group of writes changed, with a number
// that is one more than that of the record before. It is appended and synced as a
// whole, so it is there or it is not. When the changes of a segment are in the
// store's file, which notes the number of the last such record, the segment is
// written from its start again: overwriting is cheaper than growing.
//
// Records carry the identifier of their journal, which the store's file knows. So
// segments that are left behind by another life of the file mean nothing.
package journal
