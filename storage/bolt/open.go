package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/expression"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Options configure Open. The zero value is a durable store.
type Options struct {
	// Clock dates tables when they are created. Nil means the system's clock.
	Clock storage.Clock
	// InMemory keeps the data in a temporary file that is never synced and is
	// gone after Close. The path given to Open is ignored.
	InMemory bool
	// LockTimeout is how long Open waits for another process to let go of the
	// file. Zero means one second.
	LockTimeout time.Duration
	// WriteBehind is how many bytes of changes are kept in memory, besides in the
	// journal, before they are written to the file; up to twice as much is. Zero
	// means 16 MB.
	WriteBehind int
	// Logger hears of index builds and internal failures. Nil means silence.
	Logger *slog.Logger
}

// The meta bucket says whose file this is and describes the tables.
const (
	metaBucket = "meta"

	metaApplication = "application"
	application     = "appsync-emulator store"

	metaFormat = "format"
	// formatVersion counts incompatible changes of the file's layout.
	formatVersion = 3
	// formatUncounted is the version whose tables have no counts and ids. Version 2
	// had no journal.
	formatUncounted = 1
)

// Errors of Open, wrapped with the path. Test for them with errors.Is.
var (
	// ErrLocked is returned when another process has the file open.
	ErrLocked = errors.New("the file is in use by another process")
	// ErrForeign is returned when the file was not made by this package.
	ErrForeign = errors.New("the file is not a store of appsync-emulator")
	// ErrNewerFormat is returned when a newer version of the program wrote the
	// file.
	ErrNewerFormat = errors.New("the file was written by a newer version of appsync-emulator")
	// ErrDamaged is returned when the file is one of this package's, but has lost
	// or changed contents.
	ErrDamaged = errors.New("the file is damaged")
)

// Store is the store in one file. It is safe for concurrent use.
type Store struct {
	db          *bbolt.DB
	file        *os.File // another handle of the database's file, nil where there is none
	clock       storage.Clock
	log         *slog.Logger
	expressions *expression.Cache
	opt         Options
	path        string
	remove      string // the temporary file to remove at Close

	// schema guards db, file and tables against transactions that begin while they
	// change: it is held while a read transaction begins, while one that changed
	// schemas commits, and while another file takes the place of this one. The
	// writer, which alone changes them, reads them without it.
	schema sync.RWMutex
	// tables are by name. The map is replaced, never changed.
	tables map[string]*table

	behind
	writer
	builder  builder
	resident residency
	// restores has one Restore wait for the other.
	restores sync.Mutex
	// base is what the file can go back to, nil when there is no such thing. It is
	// the writer's.
	base *base
}

var _ storage.Store = (*Store)(nil)

// Open opens the store in the file at path and creates the file when there is
// none. Close it when done. A file that cannot serve is an error: one of
// ErrLocked, ErrForeign, ErrNewerFormat or ErrDamaged, or what the operating
// system says.
func Open(path string, opt Options) (*Store, error) {
	s := &Store{
		opt:         opt,
		clock:       opt.Clock,
		log:         opt.Logger,
		expressions: expression.NewCache(expressionCacheSize),
	}
	if s.clock == nil {
		s.clock = systemClock{}
	}
	if s.opt.WriteBehind == 0 {
		s.opt.WriteBehind = writeBehind
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if opt.InMemory {
		var err error
		if path, err = temporaryFile(); err != nil {
			return nil, fmt.Errorf("storage/bolt: %w", err)
		}
	}
	var err error
	if s.db, s.tables, s.file, err = openFile(path, opt, false); err != nil {
		if opt.InMemory {
			os.Remove(path)
		}
		return nil, fmt.Errorf("storage/bolt: open %s: %w", path, err)
	}
	s.path = path
	if opt.InMemory {
		s.remove = removeEarly(path)
	} else {
		os.Remove(path + restoring) // what a process left that was killed at it
	}
	s.behind.start()
	s.commitTx = (*bbolt.Tx).Commit
	if err := s.recoverJournal(); err != nil {
		return nil, errors.Join(fmt.Errorf("storage/bolt: open %s: %w", path, err), s.closeFile())
	}
	s.startWriter()
	s.startBuilder()
	return s, nil
}

// expressionCacheSize is how many expression texts are kept parsed.
const expressionCacheSize = 1024

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// temporaryFile makes an empty file for a store in memory.
func temporaryFile() (string, error) {
	f, err := os.CreateTemp("", "appsync-emulator-*.db")
	if err != nil {
		return "", fmt.Errorf("create temporary file: %w", err)
	}
	if err := f.Close(); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("create temporary file: %w", err)
	}
	return f.Name(), nil
}

// removeEarly removes an open temporary file where open files can be removed,
// so that nothing stays behind even when the process is killed. Elsewhere it
// returns the path, to be removed after the file is closed.
func removeEarly(path string) string {
	if os.Remove(path) == nil {
		return ""
	}
	return path
}

// openFile inspects the file at path and opens it.
func openFile(path string, opt Options, roomy bool) (db *bbolt.DB, tables map[string]*table, own *os.File, err error) {
	if err := inspect(path); err != nil {
		return nil, nil, nil, err
	}
	return openDB(path, opt, nil, roomy)
}

// openDB opens the file at path, or that of a handle, makes a store of an empty
// one, and reads its schemas. It returns another handle, where there can be one,
// that becomes the caller's. A roomy file has a mapping that need not move.
func openDB(path string, opt Options, handle *os.File, roomy bool) (db *bbolt.DB, tables map[string]*table, own *os.File, err error) {
	// bbolt trusts what it reads. Pages that are gone or scrambled make it panic
	// or touch memory behind the end of the file; here that is an error.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
		if err == nil {
			return
		}
		if db != nil {
			db.Close()
			db, tables = nil, nil
		}
		if own != nil {
			own.Close()
			own = nil
		}
	}()
	timeout := opt.LockTimeout
	if timeout == 0 {
		timeout = time.Second
	}
	openHandle := func(path string, flag int, mode os.FileMode) (f *os.File, err error) {
		if f = handle; f == nil {
			if f, err = os.OpenFile(path, flag, mode); err != nil {
				return nil, err
			}
		}
		if canReopen {
			if own, err = duplicate(f); err != nil {
				f.Close()
				return nil, err
			}
		}
		return f, nil
	}
	mapping := initialMapping()
	if roomy && canReopen {
		mapping += baseMapping
	}
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:  timeout,
		OpenFile: openHandle,
		// Without its list of free pages bbolt would walk the whole file when it
		// opens it, and crash beyond recovery on the first damaged page. A
		// temporary file is never opened again and can do without.
		NoFreelistSync:  opt.InMemory,
		FreelistType:    bbolt.FreelistMapType,
		NoSync:          opt.InMemory,
		InitialMmapSize: mapping,
		NoStatistics:    true,
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, nil, own, ErrLocked
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, nil, own, fmt.Errorf("%w: %v", ErrDamaged, err)
	case err != nil:
		return nil, nil, own, err
	}
	db.AllocSize = growth
	tables, err = load(db)
	return db, tables, own, err
}

// growth is the step in which the file grows; bbolt's own, meant for servers,
// would make the smallest store 16 MB.
const growth = 1 << 20

// initialMapping is how much of the file is mapped from the start. The mapping
// cannot grow while reads are under way, so a large one keeps writes from
// waiting for them. Windows would make the file itself that large.
func initialMapping() int {
	if runtime.GOOS == "windows" || ^uint(0)>>32 == 0 {
		return 0
	}
	return 256 << 20
}

// inspect looks at the head of an existing file, so that what is no bbolt file
// or has been cut short is refused before it is mapped.
func inspect(path string) error {
	// Before it is opened: opening a pipe would wait for a writer.
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return errors.New("the path is a folder")
	case !info.Mode().IsRegular():
		return errors.New("the path is not a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil
	}
	// Another process may be writing at this moment: what it has half written is
	// whole when looked at again, and then its lock is found.
	for range inspections - 1 {
		if err := inspectPages(f, info.Size()); !errors.Is(err, ErrDamaged) {
			return err
		}
		if info, err = f.Stat(); err != nil {
			return err
		}
	}
	return inspectPages(f, info.Size())
}

// inspections is how often a file must look damaged to be taken for it.
const inspections = 3

// The layout of bbolt's files, as far as inspectPages reads it. Every page has a
// header of id (8 bytes), flags (2), count (2) and overflow (4). The first two
// pages are heads: magic, version, page size, flags (4 bytes each), root bucket
// (16), page of the free list, number of pages in use, transaction, checksum of
// all before it (8 each). The one of the later transaction counts.
const (
	pageHeader = 16
	headSize   = 64
	headMagic  = 0xED0CDAED

	headPageSize    = 8
	headFreeList    = 32
	headPages       = 40
	headTransaction = 48
	headChecksum    = 56

	noFreeList   = ^uint64(0)
	freeListPage = 0x10
)

func inspectPages(f io.ReaderAt, size int64) error {
	order := binary.NativeEndian
	pageSize := int64(os.Getpagesize())
	known, sound := false, false
	var newest, freeList, pages uint64
	for page := range int64(2) {
		buf := make([]byte, pageHeader+headSize)
		if _, err := f.ReadAt(buf, page*pageSize); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		head := buf[pageHeader:]
		if order.Uint32(head) != headMagic {
			continue
		}
		known = true
		// The second head is one page further, also when the first was being
		// written as the machine went down.
		if n := int64(order.Uint32(head[headPageSize:])); n >= 1<<10 && n <= 1<<24 {
			pageSize = n
		}
		if !soundHead(head) {
			continue
		}
		if transaction := order.Uint64(head[headTransaction:]); !sound || transaction > newest {
			newest, freeList, pages = transaction, order.Uint64(head[headFreeList:]), order.Uint64(head[headPages:])
		}
		sound = true
	}
	switch {
	case !known:
		return ErrForeign
	case !sound:
		return fmt.Errorf("%w: both of its heads", ErrDamaged)
	case pages > uint64(size/pageSize):
		return fmt.Errorf("%w: it should have %d pages of %d bytes, but has %d bytes", ErrDamaged, pages, pageSize, size)
	case freeList == noFreeList:
		return nil
	case freeList >= pages:
		return fmt.Errorf("%w: its list of free pages", ErrDamaged)
	}
	header := make([]byte, pageHeader)
	if _, err := f.ReadAt(header, int64(freeList)*pageSize); err != nil {
		return err
	}
	if order.Uint64(header) != freeList || order.Uint16(header[8:]) != freeListPage || freeList+uint64(order.Uint32(header[12:])) >= pages {
		return fmt.Errorf("%w: its list of free pages", ErrDamaged)
	}
	return nil
}

// load checks the meta bucket, makes it in a new file, and reads the schemas.
func load(db *bbolt.DB) (tables map[string]*table, err error) {
	fresh, version := false, uint32(formatVersion)
	err = db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte(metaBucket))
		if meta == nil {
			if name, _ := tx.Cursor().First(); name != nil {
				return ErrForeign
			}
			fresh = true
			return nil
		}
		if string(meta.Get([]byte(metaApplication))) != application {
			return ErrForeign
		}
		format := meta.Get([]byte(metaFormat))
		if len(format) != 4 {
			return fmt.Errorf("%w: no format version", ErrDamaged)
		}
		if version = binary.BigEndian.Uint32(format); version > formatVersion {
			return fmt.Errorf("%w: its format is %d, this one reads up to %d", ErrNewerFormat, version, formatVersion)
		}
		var err error
		tables, err = readTables(tx, meta)
		return err
	})
	if err != nil {
		return nil, err
	}
	if version == formatUncounted {
		return tables, upgrade(db, tables)
	}
	if !fresh {
		return tables, nil
	}
	return map[string]*table{}, db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket([]byte(metaBucket))
		if err != nil {
			return err
		}
		if err := meta.Put([]byte(metaApplication), []byte(application)); err != nil {
			return err
		}
		return meta.Put([]byte(metaFormat), binary.BigEndian.AppendUint32(nil, formatVersion))
	})
}

// upgrade counts what a file of the uncounted format holds.
func upgrade(db *bbolt.DB, tables map[string]*table) error {
	return db.Update(func(tx *bbolt.Tx) error {
		for _, t := range tables {
			root := tx.Bucket(t.bucket)
			tallies, err := t.count(root)
			if err != nil {
				return fmt.Errorf("%w: %v", ErrDamaged, err)
			}
			if err := writeCounts(root, t, tallies); err != nil {
				return err
			}
			t.id = newID()
			if err := writeDescriptor(tx, t); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(metaBucket)).Put([]byte(metaFormat), binary.BigEndian.AppendUint32(nil, formatVersion))
	})
}

// Close waits for the writes that were accepted and for the reads under way,
// then closes the file. Later calls fail with storage.ErrClosed. Closing again
// does nothing.
func (s *Store) Close() error {
	s.stopBuilder()
	if !s.stopWriter() {
		return nil
	}
	s.awaitFlush()
	var err error
	if !s.opt.InMemory {
		err = s.settle()
	}
	if err == nil {
		err = s.endJournal()
	}
	if err != nil {
		// What could not be written is in the journal, for the next Open.
		err = errors.Join(err, s.journal.Close())
	}
	if err = errors.Join(err, s.closeFile()); err != nil {
		return fmt.Errorf("storage/bolt: close: %w", err)
	}
	return nil
}

func (s *Store) closeFile() error {
	s.base.release()
	err := s.db.Close()
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
	}
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	return err
}

// reading is a read transaction with the schemas that are true in it.
type reading struct {
	tx       *bbolt.Tx
	pending  *pending
	tables   map[string]*table
	resident *residency
}

// view runs fn in a read transaction. What fn reads is valid only while it runs.
func (s *Store) view(ctx context.Context, fn func(r *reading) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.schema.RLock()
	tx, err := s.db.Begin(false)
	// After the transaction has begun: what is pending then is all that it lacks.
	r := reading{tx: tx, pending: s.pending.Load(), tables: s.tables, resident: &s.resident}
	s.schema.RUnlock()
	if err != nil {
		return public(err)
	}
	defer tx.Rollback()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.resident.touch(tx, 1)
	defer s.recover("read", &err)
	return public(fn(&r))
}

// recover turns a panic into an error, so that it ends one request only.
func (s *Store) recover(what string, err *error) {
	if p := recover(); p != nil {
		s.log.Error("panic in the store", "during", what, "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("storage/bolt: %s: internal failure: %v", what, p)
	}
}

func (r *reading) table(name string) (*table, error) {
	if t := r.tables[name]; t != nil {
		return t, nil
	}
	return nil, tableNotFound()
}

// open returns one of the table's buckets.
func (r *reading) open(t *table, p place) (*bucket, error) {
	root, err := r.root(t)
	if err != nil {
		return nil, err
	}
	return root.within(t, p)
}

// root returns the table's bucket.
func (r *reading) root(t *table) (*bucket, error) {
	file := r.tx.Bucket(t.bucket)
	if file == nil {
		return nil, damaged("table %s has no bucket", t.def.Name)
	}
	return &bucket{file: file, path: t.path, over: r.pending.over, under: r.pending.under}, nil
}

// within returns one of the buckets in b, that of a table.
func (b *bucket) within(t *table, p place) (*bucket, error) {
	file := b.file.Bucket(p.bucket)
	if file == nil {
		return nil, damaged("table %s has no bucket %s", t.def.Name, p.bucket)
	}
	return &bucket{file: file, path: p.path, over: b.over, under: b.under, group: b.group}, nil
}

var (
	itemsName  = []byte(itemsBucket)
	expiryName = []byte(expiryBucket)
)
