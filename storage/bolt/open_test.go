package bolt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt"
)

func TestReopenFindsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{})
	for _, def := range []storage.Table{posts(), comments()} {
		if err := s.CreateTable(ctx, def); err != nil {
			t.Fatal(err)
		}
	}
	stored := item("postId", "p", "at", 1, "author", "a", "score", 1, "expires", 5)
	put(t, s, "comments", stored)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	expectItem(t, get(t, s, "comments", item("postId", "p", "at", 1)), stored)
	def, err := s.DescribeTable(ctx, "comments")
	if err != nil {
		t.Fatal(err)
	}
	if len(def.Indexes) != 4 || def.TTLAttribute != "expires" || def.Indexes[2].Include[0] != "text" || !def.Indexes[3].Local {
		t.Errorf("got %+v", def)
	}
	// An equal definition changes nothing.
	if err := s.EnsureTable(ctx, comments()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.ExpireBefore(ctx, time.Unix(5, 0)); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	write := func(b []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	buckets := func(change func(tx *bbolt.Tx) error) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Update(change); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// store makes a real store and then changes its bytes.
	store := func(change func(b []byte) []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			s, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.CreateTable(ctx, comments()); err != nil {
				t.Fatal(err)
			}
			for i := range 50 {
				put(t, s, "comments", item("postId", "p", "at", i, "text", strings.Repeat("x", 1000)))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(change(b))(t, path)
		}
	}
	for _, tt := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"a text file", write([]byte(strings.Repeat("not a store\n", 1000))), bolt.ErrForeign},
		{"a short file", write([]byte("x")), bolt.ErrForeign},
		{"another program's bbolt file", buckets(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("users")); return err }), bolt.ErrForeign},
		{"another program's meta bucket", buckets(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("meta")); return err }), bolt.ErrForeign},
		{"a newer format", func(t *testing.T, path string) {
			store(bytes.Clone)(t, path)
			buckets(func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("meta")).Put([]byte("format"), binary.BigEndian.AppendUint32(nil, 4))
			})(t, path)
		}, bolt.ErrNewerFormat},
		{"no format", func(t *testing.T, path string) {
			store(bytes.Clone)(t, path)
			buckets(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte("format")) })(t, path)
		}, bolt.ErrDamaged},
		{"a table without its bucket", func(t *testing.T, path string) {
			store(bytes.Clone)(t, path)
			buckets(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("table/comments")) })(t, path)
		}, bolt.ErrDamaged},
		{"a garbled description", func(t *testing.T, path string) {
			store(bytes.Clone)(t, path)
			buckets(func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("meta")).Put([]byte("table/comments"), []byte("{"))
			})(t, path)
		}, bolt.ErrDamaged},
		{"cut short", store(func(b []byte) []byte { return b[:5*os.Getpagesize()] }), bolt.ErrDamaged},
		{"cut within the head", store(func(b []byte) []byte { return b[:100] }), bolt.ErrDamaged},
		{"zeroed pages", store(func(b []byte) []byte { clear(b[2*os.Getpagesize():]); return b }), bolt.ErrDamaged},
		{"scrambled pages", store(func(b []byte) []byte {
			for i := 2 * os.Getpagesize(); i < len(b); i++ {
				b[i] ^= byte(i*7 + 3)
			}
			return b
		}), bolt.ErrDamaged},
		{"both heads damaged", store(func(b []byte) []byte {
			b[60] ^= 1
			b[os.Getpagesize()+60] ^= 1
			return b
		}), bolt.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			tt.make(t, path)
			s, err := bolt.Open(path, bolt.Options{LockTimeout: 50 * time.Millisecond})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v, want %v with the path", err, tt.want)
			}
			// The file is left unlocked.
			if _, err := bolt.Open(path, bolt.Options{LockTimeout: 50 * time.Millisecond}); !errors.Is(err, tt.want) {
				t.Errorf("the second time: %v", err)
			}
		})
	}
	t.Run("a file in use", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s := open(t, path, bolt.Options{})
		if _, err := bolt.Open(path, bolt.Options{LockTimeout: 50 * time.Millisecond}); !errors.Is(err, bolt.ErrLocked) {
			t.Errorf("got %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		open(t, path, bolt.Options{})
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := bolt.Open(t.TempDir(), bolt.Options{}); err == nil {
			t.Error("opened")
		}
	})
	t.Run("a path without folder", func(t *testing.T) {
		if _, err := bolt.Open(filepath.Join(t.TempDir(), "no", "store.db"), bolt.Options{}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

// A file whose creation was interrupted before anything was stored is empty.
func TestOpenTakesAnEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, bolt.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "bare.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, bolt.Options{})
}

func TestInMemoryLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s := open(t, "ignored", bolt.Options{InMemory: true})
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "posts", item("id", "1"))
	expectItem(t, get(t, s, "posts", item("id", "1")), item("id", "1"))
	left := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if runtime.GOOS != "windows" && left() != 0 {
		t.Error("the file can be seen")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left() != 0 {
		t.Error("the file is still there")
	}
	if _, err := os.Stat("ignored"); err == nil {
		t.Error("the path was used")
	}
}

func TestClosedStores(t *testing.T) {
	s := newStore(t, posts())
	snapshot := filepath.Join(t.TempDir(), "before.db")
	if err := s.Snapshot(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, getErr := s.GetItem(ctx, &storage.GetItemInput{Table: "posts", Key: item("id", "1")})
	_, putErr := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", "1")})
	_, queryErr := s.Query(ctx, &storage.QueryInput{Table: "posts", Expr: storage.Expressions{KeyCondition: "id = :v", Values: values(":v", "1")}})
	_, listErr := s.ListTables(ctx, "", 0)
	_, expireErr := s.ExpireBefore(ctx, time.Now())
	_, statsErr := s.Stats(ctx)
	_, describeErr := s.DescribeTable(ctx, "posts")
	_, loadErr := s.Load(ctx, "posts", generation(1, 1))
	_, repairErr := s.Repair(ctx)
	for _, err := range []error{
		getErr, putErr, queryErr, listErr, expireErr, statsErr, describeErr, loadErr, repairErr,
		s.CreateTable(ctx, comments()), s.EnsureTable(ctx, comments()), s.DeleteTable(ctx, "posts"),
		s.UpdateTable(ctx, "posts", storage.TableUpdate{}), s.Clear(ctx), s.Check(ctx),
		s.Items(ctx, "posts", nil), s.Snapshot(ctx, filepath.Join(t.TempDir(), "snapshot.db")), s.Restore(ctx, snapshot),
		transactWrite(s, []storage.TransactWrite{{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", "1")}}}),
	} {
		if !errors.Is(err, storage.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
}
