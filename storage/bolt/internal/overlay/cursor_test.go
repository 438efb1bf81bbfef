package overlay_test

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"appsync-emulator/storage/bolt/internal/overlay"
)

// plain is a cursor through a sorted list, with the semantics of bbolt's.
type plain struct {
	keys   []string
	values map[string]string
	at     int
}

func newPlain(values map[string]string) *plain {
	return &plain{keys: slices.Sorted(maps.Keys(values)), values: values}
}

func (p *plain) here() (k, v []byte) {
	if p.at < 0 || p.at >= len(p.keys) {
		return nil, nil
	}
	return []byte(p.keys[p.at]), []byte(p.values[p.keys[p.at]])
}

func (p *plain) First() (k, v []byte) { p.at = 0; return p.here() }
func (p *plain) Last() (k, v []byte)  { p.at = len(p.keys) - 1; return p.here() }
func (p *plain) Next() (k, v []byte)  { p.at++; return p.here() }
func (p *plain) Prev() (k, v []byte)  { p.at--; return p.here() }
func (p *plain) Seek(key []byte) (k, v []byte) {
	p.at, _ = slices.BinarySearch(p.keys, string(key))
	return p.here()
}

// A cursor over a file with two sets of changes, among them changes of other
// buckets, does what one does over the buckets with the changes made.
func TestACursorSeesTheChanges(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "file.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	keys := rapid.StringMatching(`[ab]{1,3}`)
	rapid.Check(t, func(t *rapid.T) {
		tx, err := db.Begin(true)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		want := map[string]string{}
		var bucket *bbolt.Bucket
		if rapid.Bool().Draw(t, "in the file") {
			if bucket, err = tx.CreateBucket([]byte("b")); err != nil {
				t.Fatal(err)
			}
			for _, k := range rapid.SliceOf(keys).Draw(t, "file") {
				want[k] = "file"
				if err := bucket.Put([]byte(k), []byte("file")); err != nil {
					t.Fatal(err)
				}
			}
		}
		sets := map[string]*overlay.Set{}
		for _, name := range []string{"under", "over"} {
			set := overlay.New()
			for _, k := range rapid.SliceOf(keys).Draw(t, name) {
				for _, other := range []string{"a", "b\x00", "b\x00a", "c"} {
					set.Put(&overlay.Change{Bucket: other, Key: []byte(k), Value: []byte("wrong")})
				}
				if rapid.Bool().Draw(t, "removed") {
					set.Put(&overlay.Change{Bucket: "b", Key: []byte(k)})
					delete(want, k)
				} else {
					set.Put(&overlay.Change{Bucket: "b", Key: []byte(k), Value: []byte(name)})
					want[k] = name
				}
			}
			sets[name] = set
		}
		var file overlay.File
		if bucket != nil {
			file = bucket.Cursor()
		}
		got, model := overlay.NewCursor("b", file, sets["over"], sets["under"]), newPlain(want)
		here := false
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			steps := []string{"first", "last", "seek"}
			if here {
				steps = append(steps, "next", "prev", "next", "prev")
			}
			var k, v, wantK, wantV []byte
			switch step := rapid.SampledFrom(steps).Draw(t, "step"); step {
			case "first":
				k, v = got.First()
				wantK, wantV = model.First()
			case "last":
				k, v = got.Last()
				wantK, wantV = model.Last()
			case "seek":
				to := []byte(keys.Draw(t, "to"))
				k, v = got.Seek(to)
				wantK, wantV = model.Seek(to)
			case "next":
				k, v = got.Next()
				wantK, wantV = model.Next()
			case "prev":
				k, v = got.Prev()
				wantK, wantV = model.Prev()
			}
			if !bytes.Equal(k, wantK) || !bytes.Equal(v, wantV) || (k == nil) != (wantK == nil) {
				t.Fatalf("got %s=%s, want %s=%s of %v", k, v, wantK, wantV, want)
			}
			here = k != nil
		}
	})
}

func TestASnapshotDoesNotChange(t *testing.T) {
	set := overlay.New()
	put := func(value string) {
		for _, k := range []string{"a", "b", "c"} {
			set.Put(&overlay.Change{Bucket: "x", Key: []byte(k + value), Value: []byte(value)})
			set.Put(&overlay.Change{Bucket: "x", Key: []byte(k), Value: []byte(value)})
		}
	}
	put("1")
	old := set.Snapshot()
	size := old.Size()
	put("22")
	if c := old.Get(&overlay.Change{Bucket: "x", Key: []byte("a")}); string(c.Value) != "1" {
		t.Errorf("got %s", c.Value)
	}
	if old.Len() != 6 || set.Len() != 9 || old.Size() != size || set.Size() <= size {
		t.Errorf("got %d and %d changes of %d and %d bytes", old.Len(), set.Len(), old.Size(), set.Size())
	}
	var none *overlay.Set
	if none.Len() != 0 || none.Get(&overlay.Change{Bucket: "x"}) != nil {
		t.Error("no set has changes")
	}
}
