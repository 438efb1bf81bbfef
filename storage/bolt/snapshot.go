package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

const (
	// copyStep is how much is copied before the caller's context is looked at.
	copyStep = 4 << 20

	// restoring is what the name of a file ends in that is about to take the
	// place of a store's.
	restoring = ".restoring"
	// snapshotting likewise for that of a snapshot.
	snapshotting = ".snapshotting"
)

// Snapshot writes the store as it is at this moment to a file at path, which
// Restore and Open read. Reads and writes go on meanwhile. A file that is there
// is replaced, all at once, when the copy is complete.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	if err := s.notItself(path); err != nil {
		return fmt.Errorf("storage/bolt: snapshot: %w", err)
	}
	p := &pin{}
	err := s.submit(ctx, p)
	if err == nil {
		defer s.rollback(p.tx)
		err = s.replace(path, path+snapshotting, func(f *os.File) error {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			_, err := p.tx.WriteTo(&stepWriter{ctx, f})
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("storage/bolt: snapshot to %s: %w", path, noSpace(err))
	}
	return nil
}

// pin begins a transaction at a moment when nothing is pending.
type pin struct {
	alone
	tx *bbolt.Tx
}

func (p *pin) swap(s *Store) (err error) {
	if err := s.settle(); err != nil {
		return err
	}
	// The copy must not be taken for the file that the journal goes with.
	if err := s.endJournal(); err != nil {
		return err
	}
	p.tx, err = s.db.Begin(false)
	return err
}

// stepWriter copies in steps and stops when its context is done.
type stepWriter struct {
	ctx context.Context
	to  *os.File
}

func (w *stepWriter) Write(b []byte) (int, error) { return w.to.Write(b) }

// ReadFrom has io.Copy use large steps.
func (w *stepWriter) ReadFrom(r io.Reader) (n int64, err error) {
	buf := make([]byte, copyStep)
	for {
		if err := w.ctx.Err(); err != nil {
			return n, err
		}
		read, err := io.ReadFull(r, buf)
		wrote, writeErr := w.to.Write(buf[:read])
		n += int64(wrote)
		switch {
		case writeErr != nil:
			return n, writeErr
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

// replace has fill write a file, which then takes the place of the one at path.
// Until then it lies at temporary.
func (s *Store) replace(path, temporary string, fill func(f *os.File) error) error {
	if err := s.create(temporary, fill); err != nil {
		return err
	}
	if s.opt.InMemory {
		// The list of free pages that a store in memory does without is made once
		// here, rather than each time when the snapshot is restored.
		db, err := bbolt.Open(temporary, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType, NoStatistics: true})
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			os.Remove(temporary)
			return err
		}
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return err
	}
	return s.syncFolder(path)
}

// create has fill write a file at path, which is durable unless the store is in
// memory.
func (s *Store) create(path string, fill func(f *os.File) error) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	if err := fill(f); err != nil {
		return err
	}
	if s.opt.InMemory {
		return nil
	}
	return f.Sync()
}

// syncFolder makes the name of a file durable. Windows knows no such thing.
func (s *Store) syncFolder(path string) error {
	if s.opt.InMemory || runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// notItself refuses the store's own file.
func (s *Store) notItself(path string) error {
	if s.opt.InMemory {
		return nil
	}
	own, err := os.Stat(s.path)
	if err != nil {
		return nil // it has been removed; so it is not at path
	}
	if other, err := os.Stat(path); err == nil && os.SameFile(own, other) {
		return errors.New("the path is that of the store itself")
	}
	return nil
}

// Restore replaces all that the store holds with what the file at path holds,
// which Snapshot wrote; the file itself stays as it is. Writes that were accepted
// before are finished first, reads under way finish on the old contents, later
// ones see the new. When the process is killed in between, the store has either
// the old contents or the new. An error, such as ErrForeign or ErrDamaged, leaves
// the old. Restoring the same snapshot again takes no longer for a large one than
// for a small one.
func (s *Store) Restore(ctx context.Context, path string) error {
	s.restores.Lock()
	defer s.restores.Unlock()
	if err := s.restore(ctx, path); err != nil {
		return fmt.Errorf("storage/bolt: restore from %s: %w", path, noSpace(err))
	}
	s.wakeBuilder()
	return nil
}

func (s *Store) restore(ctx context.Context, path string) error {
	if err := s.notItself(path); err != nil {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := inspect(path); err != nil {
		return err
	}
	if info, err := from.Stat(); err != nil {
		return err
	} else if info.Size() == 0 {
		return ErrForeign
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	id, err := identify(from)
	if err != nil {
		return err
	}
	again := &rewind{to: id}
	if err := s.submit(ctx, again); err != nil || again.done {
		return err
	}
	copied := s.path + restoring
	if s.opt.InMemory {
		if copied, err = temporaryFile(); err != nil {
			return err
		}
	}
	// Where the system can it shares the blocks or copies by itself.
	if err := s.create(copied, func(f *os.File) error { _, err := io.Copy(f, from); return err }); err != nil {
		return err
	}
	t := &takeover{path: copied}
	// Of a large mapping a system may have too little.
	for _, roomy := range []bool{true, false} {
		if t.db, t.tables, t.file, err = openFile(copied, s.opt, roomy); err == nil {
			if err = unmark(t.db); err != nil {
				t.db.Close()
				if t.file != nil {
					t.file.Close()
				}
				break
			}
			if roomy {
				t.base = newBase(t.db, t.file, id)
			}
			break
		}
	}
	if err != nil {
		os.Remove(copied)
		return err
	}
	if err := s.submit(ctx, t); err != nil {
		t.base.release()
		t.db.Close()
		if t.file != nil {
			t.file.Close()
		}
		os.Remove(copied)
		return err
	}
	return t.release()
}

// unmark parts a file from the journal that it had.
func unmark(db *bbolt.DB) error {
	marked := false
	err := db.View(func(tx *bbolt.Tx) error {
		_, _, marked = readJournalMark(tx)
		return nil
	})
	if err != nil || !marked {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Delete([]byte(metaJournal)) })
}

// takeover has another file take the place of the store's. It is no transaction:
// the writer does it between two.
type takeover struct {
	alone
	path   string
	db     *bbolt.DB
	file   *os.File
	tables map[string]*table
	base   *base

	// old is the database before, oldFile the other handle of its file, and
	// removeOld the file itself, when that is temporary and still there.
	old       *bbolt.DB
	oldFile   *os.File
	removeOld string
}

// release waits for the reads on the old database and closes it.
func (t *takeover) release() error {
	if t.old == nil {
		return nil
	}
	err := t.old.Close()
	if t.oldFile != nil {
		err = errors.Join(err, t.oldFile.Close())
	}
	if t.removeOld != "" {
		err = errors.Join(err, os.Remove(t.removeOld))
	}
	return err
}

func (t *takeover) swap(s *Store) error {
	s.stopFlush()
	if err := t.exchange(s); err != nil {
		return err
	}
	s.removeJournal()
	return nil
}

func (t *takeover) exchange(s *Store) error {
	s.schema.Lock()
	defer s.schema.Unlock()
	switch {
	case s.opt.InMemory:
		t.removeOld = s.remove
		s.path, s.remove = t.path, removeEarly(t.path)
	case runtime.GOOS == "windows":
		return s.takeOverClosed(t)
	default:
		if err := os.Rename(t.path, s.path); err != nil {
			return err
		}
		if err := s.syncFolder(s.path); err != nil {
			s.log.Error("the folder of the store could not be synced", "error", err)
		}
	}
	s.base.release()
	t.old, t.oldFile = s.db, s.file
	s.db, s.file, s.tables, s.base = t.db, t.file, t.tables, t.base
	s.forget()
	return nil
}

// takeOverClosed is the takeover where open files cannot be renamed: both are
// closed before and the new one is opened again. Reads wait meanwhile.
func (s *Store) takeOverClosed(t *takeover) error {
	if err := t.db.Close(); err != nil {
		return err
	}
	if err := s.db.Close(); err != nil {
		return err
	}
	renameErr := os.Rename(t.path, s.path)
	db, tables, file, err := openFile(s.path, s.opt, false)
	if err != nil {
		return errors.Join(renameErr, err)
	}
	s.db, s.file, s.tables = db, file, tables
	if renameErr == nil {
		s.forget()
	}
	return renameErr
}
