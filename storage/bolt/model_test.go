package bolt_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// modelOperations and modelKills make TestStoreBehavesAsItsModelAtLength longer:
//
//	go test ./storage/bolt -run Model -v -operations 200000 -kills 100
var (
	modelOperations = flag.Int("operations", 6000, "compare the store with its model for that many operations")
	modelKills      = flag.Int("kills", 6, "kill and reopen the store that many times")
)

// modelWriteBehind has changes written to the file often, so that operations meet
// them in every state.
const modelWriteBehind = 20_000

// differ runs an operation on both and returns how they differ, "" when they do
// not.
func differ(o op, s *modelStore, w *world) string {
	before := w.now
	want := o.expect(w)
	got := o.do(s)
	if _, ok := o.(batch); ok { // Load says which item it was
		if _, rest, found := strings.Cut(got, "failure item "); found {
			_, got, _ = strings.Cut(rest, ": ")
			got = "validation " + got
		}
	}
	if s.clock.seconds != w.now {
		return fmt.Sprintf("clocks differ: %d, %d, %d", before, s.clock.seconds, w.now)
	}
	if slices.Contains(want, got) {
		return ""
	}
	return fmt.Sprintf("%+v\ngives %s\nwant  %s", o, got, strings.Join(want, "\nor    "))
}

// differences compares all that both hold.
func differences(s *modelStore, w *world) error {
	names, err := s.ListTables(ctx, "", 0)
	if err != nil {
		return err
	}
	if want := slices.Sorted(maps.Keys(w.tables)); !slices.Equal(names, want) {
		return fmt.Errorf("tables %q, want %q", names, want)
	}
	for _, name := range names {
		t := w.tables[name]
		d, err := s.DescribeTable(ctx, name)
		if err != nil {
			return err
		}
		if d.Items != int64(len(t.items)) {
			return fmt.Errorf("table %s counts %d items, want %d", name, d.Items, len(t.items))
		}
		indexes := []string{""}
		for _, ix := range d.Indexes {
			indexes = append(indexes, ix.Name)
		}
		if len(indexes) != len(t.def.Indexes)+1 {
			return fmt.Errorf("table %s has the indexes %q", name, indexes[1:])
		}
		for _, index := range indexes {
			if diff := differ(read{scan: true, table: name, index: index}, s, w); diff != "" {
				return errors.New(diff)
			}
		}
	}
	return nil
}

// modelStoreAt opens a store with the clock of w.
func modelStoreAt(path string, opt bolt.Options, now int64) (*modelStore, error) {
	clock := &modelClock{now}
	opt.Clock = clock
	s, err := bolt.Open(path, opt)
	return &modelStore{Store: s, clock: clock, snapshot: path + ".snapshot"}, err
}

func TestStoreBehavesAsItsModel(t *testing.T) {
	folder := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		s, err := modelStoreAt(filepath.Join(folder, fmt.Sprint(run)), bolt.Options{InMemory: true, WriteBehind: modelWriteBehind}, modelStart)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		w := newWorld(modelStart)
		for _, o := range rapid.SliceOfN(rapid.Custom(drawOp), 1, 60).Draw(t, "operations") {
			if diff := differ(o, s, w); diff != "" {
				t.Fatal(diff)
			}
		}
		if err := differences(s, w); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

// What the same operations do again and again, across restarts.
func TestStoreBehavesAsItsModelAtLength(t *testing.T) {
	const perRun, perOpening = 2000, 500
	draw := rapid.Custom(drawOp)
	folder := t.TempDir()
	done, openings := 0, 0
	for run := 0; done < *modelOperations; run++ {
		w := newWorld(modelStart)
		path := filepath.Join(folder, fmt.Sprint("run", run))
		for from := 0; from < perRun && done < *modelOperations; from += perOpening {
			s, err := modelStoreAt(path, bolt.Options{WriteBehind: modelWriteBehind}, w.now)
			if err != nil {
				t.Fatal(err)
			}
			openings++
			for i := from; i < from+perOpening; i++ {
				if diff := differ(draw.Example(run*perRun+i), s, w); diff != "" {
					t.Fatalf("run %d, operation %d: %s", run, i, diff)
				}
				done++
			}
			if err := errors.Join(differences(s, w), s.Check(ctx), s.Close()); err != nil {
				t.Fatalf("run %d, after operation %d: %v", run, from+perOpening, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d operations, %d restarts, 0 differences", done, openings)
}

// modelFile is the variable that makes the test binary the process that
// TestStoreBehavesAsItsModelWhenKilled kills.
const modelFile = "STORAGE_BOLT_MODEL_FILE"

// operateUntilKilled carries out operations from the given number on and says
// each that has been answered. The file's path, the number and the time come in
// one variable.
func operateUntilKilled(spec string) error {
	var path string
	var from int
	var now int64
	if _, err := fmt.Sscanf(spec, "%d %d %s", &from, &now, &path); err != nil {
		return err
	}
	s, err := modelStoreAt(path, bolt.Options{WriteBehind: modelWriteBehind}, now)
	if err != nil {
		return err
	}
	draw := rapid.Custom(drawOp)
	for i := from; ; i++ {
		o := draw.Example(i)
		if answer := o.do(s); strings.HasPrefix(answer, "failure") && !strings.Contains(answer, "item") {
			return fmt.Errorf("operation %d: %s", i, answer)
		}
		fmt.Println(i)
	}
}

// After a kill there is what had been answered, and of the operation that was
// under way all or nothing.
func TestStoreBehavesAsItsModelWhenKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	w := newWorld(modelStart)
	draw := rapid.Custom(drawOp)
	const first = 1 << 30 // other operations than in the test before
	next, inFlight := first, 0
	for kill := range *modelKills {
		from, err := operateAndKill(self, path, next, w.now, 20+kill*37%400, time.Duration(kill%7)*150*time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		for ; next < from; next++ {
			draw.Example(next).expect(w)
		}
		// The next one had perhaps been carried out too.
		maybe := w.copy()
		maybe.saved = w.saved
		draw.Example(next).expect(maybe)
		s, err := modelStoreAt(path, bolt.Options{WriteBehind: modelWriteBehind}, w.now)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(ctx); err != nil {
			t.Fatalf("kill %d, after operation %d: %v", kill, next-1, err)
		}
		if err := differences(s, w); err != nil {
			s.clock.seconds = maybe.now
			if with := differences(s, maybe); with != nil {
				t.Fatalf("kill %d, after operation %d: %v\nor with %+v: %v", kill, next-1, err, draw.Example(next), with)
			}
			w = maybe
			inFlight++
		}
		// Whether a snapshot was taken last is not known, so there is none.
		w.saved = nil
		if err := os.Remove(s.snapshot); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		next++
	}
	t.Logf("%d kills, %d operations, %d of them seen though not answered, 0 differences", *modelKills, next-first, inFlight)
}

// operateAndKill has a process operate on the file and kills it some time after
// it has answered a number of operations. It returns the first operation that was
// not answered.
func operateAndKill(self, path string, from int, now int64, operations int, after time.Duration) (int, error) {
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %s", modelFile, from, now, path))
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	next := from
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		if lines.Text() != fmt.Sprint(next) {
			break // cut off by the kill
		}
		if next++; next == from+operations {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	if next < from+operations {
		return 0, fmt.Errorf("only %d operations", next-from)
	}
	return next, nil
}

// Counters that many goroutines increment under a condition end where they must.
func TestConcurrentUpdates(t *testing.T) {
	s := newStore(t, posts(), comments())
	const writers, increments = 16, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range increments {
				if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", "counter"), Expr: storage.Expressions{Update: "ADD n :one", Values: values(":one", 1)}}); err != nil {
					t.Error(err)
					return
				}
				// A caller sees its own write at once, in the table and in the index.
				mine := item("postId", fmt.Sprint("w", w), "at", i, "author", fmt.Sprint("w", w), "score", i)
				put(t, s, "comments", mine)
				out, err := s.Query(ctx, &storage.QueryInput{Table: "comments", Index: "byAuthor", Descending: true, Limit: 1, Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", fmt.Sprint("w", w))}})
				if err != nil || len(out.Items) != 1 || text(out.Items[0]) != text(mine) {
					t.Errorf("got %v, %v", out, err)
					return
				}
			}
		})
	}
	// Reads, schema changes, checks and sweeps go on meanwhile.
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			def := posts()
			if i%2 == 0 {
				def.Indexes = []storage.Index{{Name: "byN", Key: key(part("n", attribute.N))}}
			}
			if err := s.EnsureTable(ctx, def); err != nil {
				t.Error(err)
				return
			}
			if err := s.Check(ctx); err != nil {
				t.Error(err)
				return
			}
			_, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Index: "byN"})
			if i%2 == 0 && err != nil {
				t.Error(err)
				return
			}
			if _, err := s.ExpireBefore(ctx, time.Unix(1e9, 0)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	close(stop)
	others.Wait()
	expectItem(t, get(t, s, "posts", item("id", "counter")), item("id", "counter", "n", writers*increments))
	if stats, err := s.Stats(ctx); err != nil || stats.Commits >= stats.Mutations {
		t.Errorf("got %+v, %v", stats, err)
	}
}
