package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// segments is how many files a journal has.
const segments = 2

// suffixes are what the names of segments end in.
var suffixes = [segments]string{"-journal-0", "-journal-1"}

// Journal is written by one goroutine at a time.
type Journal struct {
	id     ID
	path   string
	files  [segments]*os.File
	now    int   // the segment that is written
	offset int64 // where in it
	number uint64
	buffer []byte
	// unsure tells that after an error the segment may hold a record that was
	// refused.
	unsure bool

	// Sync makes what was written to a file durable. Tests replace it.
	Sync func(*os.File) error
}

// Create makes an empty journal beside the file at path, in place of what is
// there.
func Create(path string, id ID) (*Journal, error) {
	j := &Journal{id: id, path: path, Sync: syncData}
	for i, suffix := range suffixes {
		f, err := os.OpenFile(path+suffix, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
		if err != nil {
			return nil, errors.Join(err, j.Close())
		}
		j.files[i] = f
	}
	if err := syncFolder(path); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// syncFolder makes the names of files durable. Windows knows no such thing.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Size returns how long the segment is that is written.
func (j *Journal) Size() int64 {
	if j == nil {
		return 0
	}
	return j.offset
}

// Settle makes sure that nothing is in the journal that was refused.
func (j *Journal) Settle() error {
	if j == nil || !j.unsure {
		return nil
	}
	return j.forget()
}

// Number returns that of the last record, 0 when there is none.
func (j *Journal) Number() uint64 { return j.number }

// Begin returns what the text of a record is appended to. It is valid until the
// next Begin.
func (j *Journal) Begin() []byte {
	if cap(j.buffer) < headSize {
		j.buffer = make([]byte, 0, 4<<10)
	}
	return j.buffer[:headSize]
}

// Append makes a record durable, which is what Begin returned with text behind it,
// and returns its number. After an error nothing of it is in the journal.
func (j *Journal) Append(record []byte) (number uint64, err error) {
	if cap(record) <= keptBuffer {
		j.buffer = record[:0]
	}
	if len(record)-headSize > maxRecord {
		return 0, fmt.Errorf("a record of %d bytes is too large", len(record))
	}
	if err := j.Settle(); err != nil {
		return 0, err
	}
	seal(record, j.id, j.number+1)
	f := j.files[j.now]
	if _, err = f.WriteAt(record, j.offset); err == nil {
		err = j.Sync(f)
	}
	if err != nil {
		j.unsure = true
		_ = j.forget() // which is tried again otherwise
		return 0, err
	}
	j.offset += int64(len(record))
	j.number++
	return j.number, nil
}

// keptBuffer is how large a buffer may be to be used again.
const keptBuffer = 1 << 20

// forget makes sure that what was refused is not in the segment.
func (j *Journal) forget() error {
	f := j.files[j.now]
	if err := f.Truncate(j.offset); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	j.unsure = false
	return nil
}

// Switch has the following records go to the other segment, whose own are in the
// store's file.
func (j *Journal) Switch() error {
	if err := j.Settle(); err != nil {
		return err
	}
	j.now, j.offset = (j.now+1)%segments, 0
	return nil
}

// Close closes the files, which stay.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	var errs []error
	for _, f := range j.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// Exists reports whether there are files of a journal beside the file at path.
func Exists(path string) bool {
	for _, suffix := range suffixes {
		if _, err := os.Lstat(path + suffix); err == nil {
			return true
		}
	}
	return false
}

// Remove removes the files of the journal beside the file at path, if there are
// any.
func Remove(path string) error {
	var errs []error
	for _, suffix := range suffixes {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Read returns the records of the journal with an identifier beside the file at
// path, in their order, as far as they are newer than the last that is in that
// file. Records that are missing in between are ErrDamaged.
func Read(path string, id ID, last uint64) ([]Record, error) {
	var runs [][]Record
	for _, suffix := range suffixes {
		b, err := os.ReadFile(path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		run, err := records(b, id, last)
		if err != nil {
			return nil, err
		}
		old, _ := slices.BinarySearchFunc(run, last+1, func(r Record, n uint64) int {
			switch {
			case r.Number < n:
				return -1
			case r.Number > n:
				return 1
			}
			return 0
		})
		if run = run[old:]; len(run) > 0 {
			runs = append(runs, run)
		}
	}
	slices.SortFunc(runs, func(a, b []Record) int {
		if a[0].Number < b[0].Number {
			return -1
		}
		return 1
	})
	all := slices.Concat(runs...)
	for i, r := range all {
		if want := last + 1 + uint64(i); r.Number != want {
			return nil, fmt.Errorf("%w: record %d follows on %d", ErrDamaged, r.Number, want-1)
		}
	}
	return all, nil
}
