//go:build unix

package bolt_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt"
)

// fullFile is the variable that makes the test the process whose files may not
// grow.
const fullFile = "STORAGE_BOLT_FULL_FILE"

// fillUp writes until the file may not grow, which to the store is as a disk that
// is full, and then goes on with more space.
func fillUp(path string) error {
	const limit = 4 << 20
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: before.Max}); err != nil {
		return err
	}
	write := func(i int) error {
		_, err := s.PutItem(ctx, putText(i))
		return err
	}
	written := 0
	for ; ; written++ {
		if err = write(written); err != nil {
			break
		}
		if written > limit/1000 {
			return errors.New("the file grows without limit")
		}
	}
	if !errors.Is(err, bolt.ErrNoSpace) {
		return fmt.Errorf("got %w", err)
	}
	verify := func() error {
		if err := s.Check(ctx); err != nil {
			return err
		}
		d, err := s.DescribeTable(ctx, "posts")
		if err != nil {
			return err
		}
		if d.Items != int64(written) {
			return fmt.Errorf("%d items of %d", d.Items, written)
		}
		return nil
	}
	if err := verify(); err != nil {
		return err
	}
	if err := write(written); !errors.Is(err, bolt.ErrNoSpace) {
		return fmt.Errorf("again: got %w", err)
	}
	if err := s.Snapshot(ctx, path+".snapshot"); err != nil && !errors.Is(err, bolt.ErrNoSpace) {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	for range 100 {
		if err := write(written); err != nil {
			return fmt.Errorf("with space again: %w", err)
		}
		written++
	}
	if err := verify(); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = bolt.Open(path, bolt.Options{}); err != nil {
		return err
	}
	return errors.Join(verify(), s.Close())
}

func putText(i int) *storage.PutItemInput {
	return &storage.PutItemInput{Table: "posts", Item: item("id", fmt.Sprint(i), "n", i, "text", strings.Repeat("x", 2000))}
}

func TestAFullDiskLeavesTheFileUsable(t *testing.T) {
	if path := os.Getenv(fullFile); path != "" {
		if err := fillUp(path); err != nil {
			t.Error(err)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestAFullDiskLeavesTheFileUsable$")
	cmd.Env = append(os.Environ(), fullFile+"="+filepath.Join(t.TempDir(), "store.db"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
