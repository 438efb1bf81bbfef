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
	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/dynamodbapi"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/mappingtemplate"
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
}

// Emulator is an AppSync API at work. It is safe for concurrent use.
type Emulator struct {
	project *Project
	options Options
	log     *slog.Logger
	clock   *clock.Clock
	store   *bolt.Store
	admin   *admin.Service
	api     *api
	server  *server.Server
	lambda  *lambda.Client
	// stop ends the sweeper; nil before Start.
	stop    context.CancelFunc
	sweeper sync.WaitGroup
}

// New makes an emulator of a project: it opens the data file, creates the
// tables that are missing and loads the seed into empty ones. The emulator must
// be closed.
func New(p *Project, opt Options) (_ *Emulator, err error) {
	e := &Emulator{project: p, options: opt, log: opt.Logger, clock: clock.New()}
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
	if err := e.openStore(); err != nil {
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
	if err := e.administer(); err != nil {
		return nil, err
	}
	if err := e.compose(); err != nil {
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

func (e *Emulator) openStore() (err error) {
	file := e.options.DataFile
	if file == "" && !e.options.InMemory {
		if file, err = e.project.DataFile(e.options.ConfigDir); err != nil {
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

// logLevel is the level of a line that a template writes: of $util.log.info,
// debug and error, and of the engine's warnings.
func logLevel(template string) slog.Level {
	switch template {
	case "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// compose wires the parts of the API together.
func (e *Emulator) compose() error {
	p := e.project
	ids := e.random()
	tokens, err := dynamodb.NewTokens([]byte(p.api.ID))
	if err != nil {
		return err
	}
	if e.lambda, err = lambdas(p.api, &e.options, e.log); err != nil {
		return err
	}
	maker := sourceMaker{
		store:     e.store,
		tokens:    tokens,
		functions: e.lambda,
		times:     versioned.NewTimestamps(e.clock),
		admin:     e.admin,
		log:       e.log,
	}
	bySource := maker.sources(p.api)
	shared := &resolver.Runtime{
		Evaluations: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		Now:         e.clock.Now,
		IDs:         ids,
		Environment: environment(p.api),
		Log: func(level, name, text string) {
			e.log.Log(context.Background(), logLevel(level), text, "resolver", name)
		},
		TemplateFailed: func(name string, err *mappingtemplate.Error) {
			e.log.Warn("a mapping template failed", "resolver", name, "template", err.Template,
				"line", err.Line, "column", err.Column, "error", err.Message)
		},
		Failed: func(name string, err error) {
			e.log.Error("a resolver failed", "resolver", name, "error", err)
		},
		Source: func(name string) datasource.Source { return bySource[name] },
	}
	if e.api, err = newAPI(p, shared, e.clock.Now, e.log); err != nil {
		return err
	}
	e.server, err = server.New(server.Options{
		Log:              e.log,
		Backend:          e.api,
		APIID:            e.api.id,
		Realtime:         realtime.NewHandler(e.api, realtime.Options{Log: e.log}),
		MaxBodyBytes:     e.options.MaxBodyBytes,
		EvaluateTemplate: e.templateEvaluation(ids),
		Admin:            e.admin.Handler(),
		DynamoDB:         e.dynamoDB(),
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
	e.admin.ReleaseAll() // what is held is under way, too
	errs = append(errs, e.server.Close())
	if e.stop != nil {
		e.stop()
	}
	e.sweeper.Wait()
	e.lambda.Close()
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
	for _, k := range e.project.api.APIKeys {
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
