package bolt_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// crashFile is the variable that makes the test binary the process that
// TestKillLosesNothing kills.
const crashFile = "STORAGE_BOLT_CRASH_FILE"

// crashRebuild is the variable that has it build an index meanwhile.
const crashRebuild = "STORAGE_BOLT_CRASH_REBUILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if spec := os.Getenv(modelFile); spec != "" {
		if err := operateUntilKilled(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv(restoreFile); path != "" {
		if err := restoreUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashWriters = 8

// writeUntilKilled writes from several goroutines and reports each write after
// it was answered: puts "p WRITER N" of one item each, transactions "t WRITER N"
// of two, deletions "d WRITER N" of what a put made.
func writeUntilKilled(path string) error {
	s, err := bolt.Open(path, bolt.Options{WriteBehind: 40_000})
	if err != nil {
		return err
	}
	if err := s.EnsureTable(ctx, comments()); err != nil {
		return err
	}
	var out sync.Mutex
	report := func(kind string, writer, n int) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf("%s %d %d\n", kind, writer, n)
	}
	failed := make(chan error)
	for writer := range crashWriters {
		go func() {
			for n := 0; ; n++ {
				if err := crashWrite(s, writer, n, report); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	if os.Getenv(crashRebuild) != "" {
		go func() { failed <- rebuild(s) }()
	}
	return <-failed
}

// rebuild adds and drops an index, again and again.
func rebuild(s *bolt.Store) error {
	for {
		with := comments()
		with.Indexes = append(with.Indexes, storage.Index{Name: "byNumber", Key: key(part("score", attribute.N)), Projection: storage.ProjectKeysOnly})
		for _, def := range []storage.Table{with, comments()} {
			if err := s.EnsureTable(ctx, def); err != nil {
				return err
			}
		}
	}
}

func crashItem(kind string, writer, n int) *storage.PutItemInput {
	return &storage.PutItemInput{Table: "comments", Item: item(
		"postId", fmt.Sprint(kind, writer), "at", n, "author", fmt.Sprint("a", n%3), "score", n, "expires", n,
		"text", strings.Repeat("x", n%50*40),
	)}
}

func crashWrite(s *bolt.Store, writer, n int, report func(string, int, int)) error {
	if _, err := s.PutItem(ctx, crashItem("p", writer, n)); err != nil {
		return err
	}
	report("p", writer, n)
	err := transactWrite(s, []storage.TransactWrite{{Put: crashItem("t", writer, n)}, {Put: crashItem("u", writer, n)}})
	if err != nil {
		return err
	}
	report("t", writer, n)
	if n%4 != 3 {
		return nil
	}
	_, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "comments", Key: item("postId", fmt.Sprint("p", writer), "at", n-2)})
	if err != nil {
		return err
	}
	report("d", writer, n-2)
	return nil
}

func TestKillLosesNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	path := filepath.Join(t.TempDir(), "store.db")
	for round := range rounds {
		if round%5 == 0 { // else on the file that the last crash left
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), crashFile+"="+path)
		if round%4 == 3 {
			cmd.Env = append(cmd.Env, crashRebuild+"=1")
		}
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The process is killed after some answered writes, at a moment that it
		// does not choose; what it reported until then counts.
		answered := map[string]bool{}
		lines := bufio.NewScanner(pipe)
		for n := 0; lines.Scan(); n++ {
			answered[lines.Text()] = true
			if n == 50+round*37 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		if len(answered) < 50 {
			t.Fatalf("round %d: only %d writes", round, len(answered))
		}
		verifyCrash(t, path, answered)
	}
}

func verifyCrash(t *testing.T, path string, answered map[string]bool) {
	t.Helper()
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(ctx); err != nil {
		t.Fatal(err)
	}
	stored := func(kind, writer, n string) bool {
		at, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		return get(t, s, "comments", item("postId", kind+writer, "at", at)) != nil
	}
	for line := range answered {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue // cut off by the kill
		}
		switch f[0] {
		case "p":
			n, err := strconv.Atoi(f[2])
			if err != nil {
				t.Fatal(err)
			}
			// The deletion of it may have been under way, or done.
			if !stored("p", f[1], f[2]) && n%4 != 1 {
				t.Errorf("lost %s", line)
			}
		case "d":
			if stored("p", f[1], f[2]) {
				t.Errorf("lost %s", line)
			}
		case "t":
			if !stored("t", f[1], f[2]) || !stored("u", f[1], f[2]) {
				t.Errorf("lost %s", line)
			}
		}
	}
	// Transactions are there wholly or not at all.
	for writer := range crashWriters {
		count := func(kind string) int {
			out := query(t, s, storage.QueryInput{Table: "comments", Select: storage.SelectCount, Expr: storage.Expressions{
				KeyCondition: "postId = :p", Values: values(":p", fmt.Sprint(kind, writer)),
			}})
			return out.Count
		}
		if a, b := count("t"), count("u"); a != b {
			t.Errorf("writer %d: transactions left %d and %d items", writer, a, b)
		}
	}
}
