package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"appsync-emulator/storage/bolt/internal/journal"
	"appsync-emulator/storage/bolt/internal/overlay"
)

var id = journal.ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

func create(t *testing.T) (j *journal.Journal, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	j, err := journal.Create(path, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j, path
}

func appendText(t *testing.T, j *journal.Journal, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := j.Append(append(j.Begin(), text...)); err != nil {
			t.Fatal(err)
		}
	}
}

// want compares what the journal has after a record.
func want(t *testing.T, path string, last uint64, texts ...string) {
	t.Helper()
	records, err := journal.Read(path, id, last)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, r := range records {
		if r.Number != last+1+uint64(i) {
			t.Errorf("record %d comes after %d", r.Number, last+uint64(i))
		}
		got = append(got, string(r.Text))
	}
	if !slices.Equal(got, texts) {
		t.Errorf("got %q, want %q", got, texts)
	}
}

func TestWhatWasAppendedIsRead(t *testing.T) {
	j, path := create(t)
	want(t, path, 0)
	appendText(t, j, "a", "", strings.Repeat("b", 10_000))
	want(t, path, 0, "a", "", strings.Repeat("b", 10_000))
	want(t, path, 1, "", strings.Repeat("b", 10_000))
	want(t, path, 3)
}

// A segment is written anew when the file has what it held. Until then both count.
func TestSegmentsTakeTurns(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "1 is long enough to leave something behind", "2 likewise, as it is the longest of them all", "3")
	if err := j.Switch(); err != nil {
		t.Fatal(err)
	}
	appendText(t, j, "4", "5")
	want(t, path, 0, "1 is long enough to leave something behind", "2 likewise, as it is the longest of them all", "3", "4", "5")
	want(t, path, 3, "4", "5")
	if err := j.Switch(); err != nil {
		t.Fatal(err)
	}
	want(t, path, 3, "4", "5")
	appendText(t, j, "6") // over a part of the first
	want(t, path, 3, "4", "5", "6")
	want(t, path, 5, "6")
	if j.Number() != 6 {
		t.Errorf("got %d", j.Number())
	}
}

// segment returns the contents of the first segment.
func segment(t *testing.T, path string) (file string, contents []byte) {
	t.Helper()
	file = path + "-journal-0"
	contents, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, contents
}

// Wherever a machine goes down while a record is written, those before it are
// there, and it is not.
func TestATornRecordIsNone(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "first", "second")
	_, before := segment(t, path)
	appendText(t, j, "the third")
	file, after := segment(t, path)
	for n := len(before); n < len(after); n++ {
		for name, contents := range map[string][]byte{
			"cut":      after[:n],
			"not all":  append(slices.Clone(after[:n]), make([]byte, len(after)-n)...),
			"reversed": append(append(slices.Clone(before), make([]byte, n-len(before))...), after[n:]...),
		} {
			if slices.Equal(contents, after) {
				continue
			}
			if err := os.WriteFile(file, contents, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprint(name, " at ", n-len(before)), func(t *testing.T) { want(t, path, 0, "first", "second") })
		}
	}
}

// The same over what is left of older records, whose numbers tell that they are.
func TestATornRecordOverOlderOnes(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "old one", "old two", "old three")
	for range 2 {
		if err := j.Switch(); err != nil {
			t.Fatal(err)
		}
	}
	file, before := segment(t, path)
	appendText(t, j, "new")
	_, after := segment(t, path)
	for n := 0; n < len(after); n++ {
		contents := append(slices.Clone(after[:n]), before[n:]...)
		if slices.Equal(contents, after) {
			break
		}
		if err := os.WriteFile(file, contents, 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, path, 3)
	}
}

// A record that had been safe, for newer ones follow, is missed.
func TestADamagedRecordIsAnError(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "first", "second", "third")
	file, sound := segment(t, path)
	perRecord := len(sound) / 3
	for at := range perRecord * 2 {
		damaged := slices.Clone(sound)
		damaged[at] ^= 0x10
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Read(path, id, 0); !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("byte %d: got %v", at, err)
		}
	}
	t.Run("a segment is gone", func(t *testing.T) {
		j, path := create(t)
		appendText(t, j, "first")
		if err := j.Switch(); err != nil {
			t.Fatal(err)
		}
		appendText(t, j, "second")
		if err := os.Remove(path + "-journal-0"); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Read(path, id, 0); !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("got %v", err)
		}
		want(t, path, 1, "second")
	})
}

func TestAnotherJournalIsNotRead(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "a")
	if records, err := journal.Read(path, journal.ID{1}, 0); err != nil || len(records) > 0 {
		t.Errorf("got %v, %v", records, err)
	}
	if err := journal.Remove(path); err != nil {
		t.Fatal(err)
	}
	want(t, path, 0)
	if err := journal.Remove(path); err != nil {
		t.Error(err)
	}
}

// What could not be made durable is not there, and what follows takes its place.
func TestAFailedAppendLeavesNothing(t *testing.T) {
	j, path := create(t)
	appendText(t, j, "a")
	works, fails := j.Sync, errors.New("the disk fails")
	j.Sync = func(*os.File) error { return fails }
	for range 2 {
		if _, err := j.Append(append(j.Begin(), "refused"...)); !errors.Is(err, fails) {
			t.Errorf("got %v", err)
		}
		want(t, path, 0, "a")
	}
	j.Sync = works
	appendText(t, j, "b")
	want(t, path, 0, "a", "b")
}

func TestChangesAreRead(t *testing.T) {
	changes := []*overlay.Change{
		{Bucket: "a", Key: []byte("k"), Value: []byte("v")},
		{Bucket: "a", Key: []byte("removed")},
		{Bucket: "b", Key: []byte("empty"), Value: []byte{}},
		{Bucket: "b", Key: []byte("long"), Value: []byte(strings.Repeat("x", 1000))},
	}
	var text []byte
	var ends []int
	for _, c := range changes {
		text = journal.AppendChange(text, c)
		ends = append(ends, len(text))
	}
	set := overlay.New()
	if err := journal.Changes(text, set); err != nil {
		t.Fatal(err)
	}
	i := 0
	for c := range set.All(nil) {
		w := changes[i]
		if c.Bucket != w.Bucket || string(c.Key) != string(w.Key) || string(c.Value) != string(w.Value) || (c.Value == nil) != (w.Value == nil) {
			t.Errorf("got %+v, want %+v", c, w)
		}
		i++
	}
	if i != len(changes) {
		t.Errorf("got %d changes", i)
	}
	for n := 1; n < len(text); n++ {
		if err := journal.Changes(text[:n], overlay.New()); (err == nil) != slices.Contains(ends, n) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

// Whatever the segments hold, reading them ends and panics never.
func FuzzRead(f *testing.F) {
	f.Add([]byte{}, []byte{})
	j, err := journal.Create(filepath.Join(f.TempDir(), "store.db"), id)
	if err != nil {
		f.Fatal(err)
	}
	defer j.Close()
	text := journal.AppendChange(j.Begin(), &overlay.Change{Bucket: "b", Key: []byte("k"), Value: []byte("v")})
	f.Add(text, id[:])
	f.Fuzz(func(t *testing.T, first, second []byte) {
		path := filepath.Join(t.TempDir(), "store.db")
		for i, b := range [][]byte{first, second} {
			if err := os.WriteFile(fmt.Sprintf("%s-journal-%d", path, i), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if records, err := journal.Read(path, id, 0); err == nil {
			for _, r := range records {
				_ = journal.Changes(r.Text, overlay.New())
			}
		}
		_ = journal.Changes(first, overlay.New())
	})
}
