package bolt_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt"
)

// Whatever happens to a page, the process goes on: opening, reading, writing and
// checking succeed or report it.
func TestDamagedPagesAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateTable(ctx, comments()); err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		put(t, s, "comments", item("postId", "p", "at", i, "author", "a", "score", i, "tag", "t", "text", strings.Repeat("x", 400)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := os.Getpagesize()
	used := bytes.TrimRight(sound, "\x00")
	noticed := 0
	for page := 2; page*size < len(used); page++ {
		for name, damage := range map[string]func(b []byte){
			"zeroed":    func(b []byte) { clear(b) },
			"ones":      func(b []byte) { copy(b, bytes.Repeat([]byte{0xFF}, len(b))) },
			"body":      func(b []byte) { copy(b[16:], bytes.Repeat([]byte{0xFF}, len(b))) },
			"bits":      func(b []byte) { b[16] ^= 0x40; b[100] ^= 0x40; b[len(b)-20] ^= 0x40 },
			"elsewhere": func(b []byte) { copy(b, sound[3*size:4*size]) },
		} {
			b := bytes.Clone(sound)
			damage(b[page*size : (page+1)*size])
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				if !errors.Is(err, bolt.ErrDamaged) {
					t.Errorf("page %d, %s: %v", page, name, err)
				}
				noticed++
				continue
			}
			_, scanErr := s.Scan(ctx, &storage.ScanInput{Table: "comments"})
			_, indexErr := s.Scan(ctx, &storage.ScanInput{Table: "comments", Index: "byAuthor"})
			_, putErr := s.PutItem(ctx, &storage.PutItemInput{Table: "comments", Item: item("postId", "p", "at", 30, "author", "b", "score", 1)})
			checkErr := s.Check(ctx)
			if scanErr != nil || indexErr != nil || putErr != nil || checkErr != nil {
				noticed++
			}
			_ = s.Close()
		}
	}
	if noticed == 0 {
		t.Error("no damage was noticed")
	}
}
