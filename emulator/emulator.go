package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/clock"
	"appsync-emulator/emulator/internal/dynamodbapi"
	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/versioned"
)

// DefaultListen is where an emulator listens when nothing else is said: the
// address that users of `amplify mock` already have in their configuration.
const DefaultListen = "127.0.0.1:20002"

// sweepInterval is how often expired items are looked for.
const sweepInterval = time.Minute

// Options tunes an emulator. The zero value serves on DefaultListen and keeps
// its data in the user's configuration folder.
type Options struct {
	// Listen is the address to listen on, DefaultListen when empty.
	Listen string
	// DataFile holds the tables. Empty means a file of the API's own under
	// ConfigDir.
	DataFile string
	// InMemory keeps the data only until Close, and does not wait for the disk.
	InMemory bool
	// ConfigDir holds the local certificate authority and data files; empty
	// means the folder appsync-emulator in the user's configuration folder.
	ConfigDir string
	// TLSCert and TLSKey are PEM files of a certificate to serve instead of one
	// of the local authority.
	TLSCert, TLSKey string
	// NoTLS serves plain HTTP only and makes no certificate authority.
	NoTLS bool
	// Seed makes identifiers and random numbers reproducible when it is not 0.
	Seed uint64
	// Logger receives a line for each request, and what goes wrong. Nil logs
	// nothing.
	Logger *slog.Logger
	// MaxBodyBytes bounds a request's body; 0 means the server's default.
	MaxBodyBytes int64
	// SubscriptionsPerConnection bounds the subscriptions of one WebSocket; 0 means
	// AppSync's quota of 100, which AWS raises on request.
	SubscriptionsPerConnection int
	// AllowHosts are names besides localhost by which clients may reach
	// /_emulator/, such as that of a container. AllowOrigins are web pages besides
	// those of localhost that may send requests to it, and to DynamoDB's protocol.
	AllowHosts, AllowOrigins []string
	// LambdaEndpoint is the URL of a server that speaks Lambda's Invoke API, such as
	// `sam local start-lambda` or LocalStack, and runs the project's functions.
	// LambdaFunctions are the URLs of those that run elsewhere, such as in a
	// container image, by name or ARN. Without either functions run where the
	// project says.
	LambdaEndpoint  string
	LambdaFunctions map[string]string
	// Credentials are the secrets of AWS access keys, by key. With any, requests in
	// DynamoDB's protocol must be signed with one of them; without, their signatures
	// are not looked at.
	Credentials map[string]string

	// transport fetches the keys of token issuers, for tests; nil is the network.
	transport http.RoundTripper
}

// Emulator is an AppSync API at work. It is safe for concurrent use.
type Emulator struct {
	options  Options
	log      *slog.Logger
	clock    *clock.Clock
	store    *bolt.Store
	admin    *admin.Service
	faults   *faults.Injector
	api      *served
	realtime *realtime.Handler
	server   *server.Server

	// What the resolvers of all projects share that are served one after another.
	ids         builtin.Random
	times       *versioned.Timestamps
	evaluations chan struct{}

	// stop ends the sweeper; nil before Start.
	stop    context.CancelFunc
	sweeper sync.WaitGroup

	reloading sync.Mutex // held by Reload
	// closing ends the waits for replaced projects, which retiring counts.
	closing      chan struct{}
	closeClosing func()
	retiring     sync.WaitGroup
}

// New makes an emulator of a project: it opens the data file, creates the
// tables that are missing and loads the seed into empty ones. The emulator must
// be closed.
func New(p *Project, opt Options) (_ *Emulator, err error) {
	e := &Emulator{
		options: opt, log: opt.Logger, clock: clock.New(), closing: make(chan struct{}),
		evaluations: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
	}
	e.closeClosing = sync.OnceFunc(func() { close(e.closing) })
	e.ids, e.times = e.random(), versioned.NewTimestamps(e.clock)
	if opt.Listen == "" {
		e.options.Listen = DefaultListen
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.options.ConfigDir == "" && (!opt.NoTLS || !opt.InMemory && opt.DataFile == "") {
		if e.options.ConfigDir, err = DefaultConfigDir(); err != nil {
			return nil, err
		}
	}
	if err := e.openStore(p); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.store.Close()
		}
	}()
	ctx := context.Background()
	if err := createTables(ctx, e.store, p.api); err != nil {
		return nil, err
	}
	if err := seed(ctx, e.store, p.api); err != nil {
		return nil, err
	}
	e.faults = e.newFaults(p)
	if err := e.administer(p); err != nil {
		return nil, err
	}
	if err := e.compose(p); err != nil {
		return nil, err
	}
	return e, nil
}

// DefaultConfigDir is where the local certificate authority and the data files
// are kept.
func DefaultConfigDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the configuration: %w", err)
	}
	return filepath.Join(dir, "appsync-emulator"), nil
}

func (e *Emulator) openStore(p *Project) (err error) {
	file := e.options.DataFile
	if file == "" && !e.options.InMemory {
		if file, err = p.DataFile(e.options.ConfigDir); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
	}
	e.options.DataFile = file
	e.store, err = bolt.Open(file, bolt.Options{Clock: e.clock, InMemory: e.options.InMemory, Logger: e.log})
	return err
}

// dynamoDB returns the handler of DynamoDB's protocol. Signatures are checked
// against the wall clock: clients do not follow the emulator's.
func (e *Emulator) dynamoDB() *dynamodbapi.Handler {
	opt := dynamodbapi.Options{Store: e.store, Log: e.log}
	if secrets := e.options.Credentials; len(secrets) > 0 {
		opt.Credentials = func(key string) (secret string, ok bool) {
			secret, ok = secrets[key]
			return secret, ok
		}
	}
	return dynamodbapi.New(opt)
}

// compose wires the parts together.
func (e *Emulator) compose(p *Project) error {
	provider, err := e.newIdentityProvider(p)
	if err != nil {
		return err
	}
	p.served.Store(true)
	subscriptions := newSubscribers()
	first, err := e.newGeneration(p, provider, subscriptions)
	if err != nil {
		return err
	}
	e.api = newServed(first, subscriptions)
	e.realtime = realtime.NewHandler(e.faults.Backend(e.api), realtime.Options{
		Log: e.log, Faults: e.faults, MaxSubscriptions: e.options.SubscriptionsPerConnection,
	})
	e.server, err = server.New(server.Options{
		Log:              e.log,
		Backend:          e.api,
		APIID:            first.api.id,
		Realtime:         e.realtime,
		MaxBodyBytes:     e.options.MaxBodyBytes,
		EvaluateTemplate: e.templateEvaluation(e.ids),
		Faults:           e.faults,
		Admin:            e.administration(),
		DynamoDB:         e.services(),
		AllowHosts:       e.options.AllowHosts,
		AllowOrigins:     e.options.AllowOrigins,
		TLS: server.TLSOptions{
			Disabled: e.options.NoTLS,
			CertFile: e.options.TLSCert,
			KeyFile:  e.options.TLSKey,
			Dir:      authorityDir(e.options.ConfigDir),
		},
	})
	return err
}

func authorityDir(configDir string) string { return filepath.Join(configDir, "tls") }

// TrustInstructions tells how each platform comes to trust the local
// certificate authority, which is made if there is none. An empty configDir is
// the default one.
func TrustInstructions(configDir string) (string, error) {
	if configDir == "" {
		var err error
		if configDir, err = DefaultConfigDir(); err != nil {
			return "", err
		}
	}
	authority, err := server.OpenAuthority(authorityDir(configDir), nil)
	if err != nil {
		return "", err
	}
	return server.TrustInstructions(authority.TrustFile), nil
}

// lockedRandom makes a seeded source safe for concurrent use.
type lockedRandom struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

func (r *lockedRandom) Uint64() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pcg.Uint64()
}

func (e *Emulator) random() builtin.Random {
	if e.options.Seed == 0 {
		return nil
	}
	return &lockedRandom{pcg: rand.NewPCG(e.options.Seed, 0)}
}

// Handler returns the emulator as an HTTP handler, for programs that have their
// own server. It needs no Start.
func (e *Emulator) Handler() http.Handler { return e.server.Handler() }

// Start listens and serves until Close. It returns once requests are accepted;
// the error is the operating system's, such as the port being in use.
func (e *Emulator) Start(ctx context.Context) error {
	if err := e.server.Start(ctx, e.options.Listen); err != nil {
		return err
	}
	sweepCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.sweeper.Go(func() { e.sweep(sweepCtx) })
	return nil
}

// sweep removes expired items, as DynamoDB does in the background: now and
// then, and when the clock is moved.
func (e *Emulator) sweep(ctx context.Context) {
	timer := time.NewTicker(sweepInterval)
	defer timer.Stop()
	for {
		moved := e.clock.Moved()
		if _, err := e.store.ExpireBefore(ctx, e.clock.Now()); err != nil && ctx.Err() == nil {
			e.log.Error("removing expired items failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-moved:
		}
	}
}

// Close stops serving, waits for what is under way (two seconds at most) and
// closes the data file.
func (e *Emulator) Close() error {
	var errs []error
	e.reloading.Lock() // none begins after this one
	e.closeClosing()
	e.reloading.Unlock()
	e.admin.ReleaseAll() // what is held is under way, too
	e.faults.Close()     // and so is what waits because of a fault
	errs = append(errs, e.server.Close())
	if e.stop != nil {
		e.stop()
	}
	e.sweeper.Wait()
	e.retiring.Wait()
	e.api.now().lambda.Close()
	errs = append(errs, e.admin.Close(), e.store.Close())
	return errors.Join(errs...)
}

// Addr is the address that the emulator listens on, host and port.
func (e *Emulator) Addr() string { return e.server.Addr() }

// URL is the GraphQL endpoint over plain HTTP; the same port speaks TLS. An
// emulator that listens on all addresses is at localhost, too.
func (e *Emulator) URL() string { return "http://" + e.host() + "/graphql" }

// RealtimeURL is the WebSocket endpoint without TLS; behind wss:// it is the
// same.
func (e *Emulator) RealtimeURL() string { return "ws://" + e.host() + "/graphql/realtime" }

func (e *Emulator) host() string {
	host, port, err := net.SplitHostPort(e.server.Addr())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return e.server.Addr()
}

// APIKey is the first API key that has not expired, or empty.
func (e *Emulator) APIKey() string {
	now := e.clock.Now()
	for _, k := range e.api.now().project.api.APIKeys {
		if k.Expires.IsZero() || now.Before(k.Expires) {
			return k.Key
		}
	}
	return ""
}

// DataFile is where the tables are kept; empty when they are in memory.
func (e *Emulator) DataFile() string {
	if e.options.InMemory {
		return ""
	}
	return e.options.DataFile
}

// CACertificate is the PEM file of the certificate authority that clients must
// trust for TLS; empty when TLS is off or the certificate is the user's own.
func (e *Emulator) CACertificate() string { return e.server.CAFile() }

// Check verifies the data file: every index against its items. It returns
// nothing when all is well.
func (e *Emulator) Check(ctx context.Context) error { return e.store.Check(ctx) }

var _ storage.Store = (*bolt.Store)(nil)
