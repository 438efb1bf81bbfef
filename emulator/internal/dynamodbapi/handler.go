package dynamodbapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"appsync-emulator/storage"
)

// TargetPrefix is what the X-Amz-Target header of a DynamoDB request begins
// with, by which a server tells these requests from others.
const TargetPrefix = "DynamoDB_20120810."

// streamsPrefix begins the targets of DynamoDB Streams.
const streamsPrefix = "DynamoDBStreams_20120810."

// maxBody is the length of a request at most.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxBody = 16 << 20

// Options configure New. Only Store is required.
type Options struct {
	Store storage.Store
	// Now is the time against which signatures are checked. Nil means time.Now.
	Now func() time.Time
	// Log hears of failures that are not the caller's. Nil means silence.
	Log *slog.Logger
	// Region and AccountID are those of ARNs. Empty means us-east-1 and
	// 123456789012.
	Region    string
	AccountID string
	// Credentials returns the secret of an access key. With it every request must
	// be signed; nil accepts signed and unsigned requests without a look.
	Credentials func(accessKeyID string) (secret string, ok bool)
}

// Handler answers DynamoDB's operations. It is safe for concurrent use.
type Handler struct {
	opt        Options
	store      storage.Store
	operations map[string]*operation
	scratch    sync.Pool // of *scratch
}

// scratch is the memory of one exchange.
type scratch struct {
	body   bytes.Buffer
	answer []byte
}

// maxScratch is how much memory an exchange may leave to the next.
const maxScratch = 1 << 20

// operation is one of DynamoDB's operations: the shape of its input, and what
// appends the answer to dst.
type operation struct {
	input *shape
	run   func(ctx context.Context, in *value, dst []byte) ([]byte, error)
}

// New returns a handler for the tables of opt.Store.
func New(opt Options) *Handler {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Region == "" {
		opt.Region = "us-east-1"
	}
	if opt.AccountID == "" {
		opt.AccountID = "123456789012"
	}
	h := &Handler{opt: opt, store: opt.Store}
	h.scratch.New = func() any { return new(scratch) }
	m := newModel()
	h.operations = map[string]*operation{
		"GetItem":            {m.getItem, h.getItem},
		"PutItem":            {m.putItem, h.putItem},
		"UpdateItem":         {m.updateItem, h.updateItem},
		"DeleteItem":         {m.deleteItem, h.deleteItem},
		"Query":              {m.query, h.query},
		"Scan":               {m.scan, h.scan},
		"BatchGetItem":       {m.batchGetItem, h.batchGetItem},
		"BatchWriteItem":     {m.batchWriteItem, h.batchWriteItem},
		"TransactGetItems":   {m.transactGetItems, h.transactGetItems},
		"TransactWriteItems": {m.transactWriteItems, h.transactWriteItems},

		"CreateTable":               {m.createTable, h.createTable},
		"DescribeTable":             {m.tableOnly, h.describeTable},
		"UpdateTable":               {m.updateTable, h.updateTable},
		"DeleteTable":               {m.tableOnly, h.deleteTable},
		"ListTables":                {m.listTables, h.listTables},
		"UpdateTimeToLive":          {m.updateTimeToLive, h.updateTimeToLive},
		"DescribeTimeToLive":        {m.tableOnly, h.describeTimeToLive},
		"TagResource":               {m.tagResource, h.tagResource},
		"UntagResource":             {m.untagResource, h.untagResource},
		"ListTagsOfResource":        {m.listTagsOfResource, h.listTagsOfResource},
		"DescribeLimits":            {m.empty, h.describeLimits},
		"DescribeEndpoints":         {m.empty, h.describeEndpoints},
		"DescribeContinuousBackups": {m.tableOnly, h.describeContinuousBackups},

		"ExecuteStatement":      {m.executeStatement, h.executeStatement},
		"BatchExecuteStatement": {m.batchExecuteStatement, h.batchExecuteStatement},
		"ExecuteTransaction":    {m.executeTransaction, h.executeTransaction},
	}
	return h
}

// unsupported says why an operation of DynamoDB is not served, or "" for those
// that DynamoDB has not either.
func unsupported(name string) string {
	switch name {
	case "CreateBackup", "DeleteBackup", "DescribeBackup", "ListBackups", "RestoreTableFromBackup",
		"RestoreTableToPointInTime", "UpdateContinuousBackups":
		return "Backups are out of the emulator's scope: " + name
	case "CreateGlobalTable", "DescribeGlobalTable", "DescribeGlobalTableSettings", "ListGlobalTables",
		"UpdateGlobalTable", "UpdateGlobalTableSettings", "DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling":
		return "Global tables and auto scaling are out of the emulator's scope: " + name
	case "DescribeExport", "ExportTableToPointInTime", "ListExports", "DescribeImport", "ImportTable", "ListImports":
		return "Export and import are out of the emulator's scope: " + name
	case "DescribeKinesisStreamingDestination", "DisableKinesisStreamingDestination",
		"EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination":
		return "Kinesis Data Streams are out of the emulator's scope: " + name
	case "DescribeContributorInsights", "ListContributorInsights", "UpdateContributorInsights",
		"DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy":
		return "Contributor Insights and resource policies are out of the emulator's scope: " + name
	}
	return ""
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if !has(header, "X-Amzn-Requestid") {
		header["X-Amzn-Requestid"] = []string{newRequestID()}
	}
	if r.Header.Get("Origin") != "" {
		admit(header)
	}
	if r.Method == http.MethodOptions {
		preflight(header, r)
		w.WriteHeader(http.StatusOK)
		return
	}
	s := h.scratch.Get().(*scratch)
	body := &s.body
	body.Reset()
	defer func() {
		if body.Cap() <= maxScratch && cap(s.answer) <= maxScratch {
			h.scratch.Put(s)
		}
	}()
	if status := readBody(body, r.Body); status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	contentType = strings.TrimSpace(contentType)
	if r.Method != http.MethodPost || body.Len() > 0 && contentType != "application/json" && contentType != "application/x-amz-json-1.0" {
		write(w, http.StatusNotFound, "", []byte("<UnknownOperationException/>\n"))
		return
	}
	if contentType != "application/x-amz-json-1.0" {
		contentType = "application/json"
	}
	answer, err := h.answer(r, body.Bytes(), s.answer[:0])
	status := http.StatusOK
	if err == nil {
		s.answer = answer
	} else {
		var f *failure
		if f = asFailure(err); f == nil {
			f = &failure{status: http.StatusInternalServerError, space: dynamoSpace, name: "InternalServerError", message: "The request processing has failed because of an unknown error, exception or failure."}
			if r.Context().Err() == nil && !errors.Is(err, storage.ErrClosed) {
				h.opt.Log.Error("dynamodb request failed", "target", r.Header.Get("X-Amz-Target"), "error", err)
			}
		}
		status, answer = f.status, f.appendJSON(nil)
		header["X-Amzn-Errortype"] = []string{f.name}
	}
	write(w, status, contentType, answer)
}

// readBody reads a request into dst. The status is not 200 when that fails.
func readBody(dst *bytes.Buffer, body io.Reader) int {
	if body == nil {
		return http.StatusOK
	}
	_, err := dst.ReadFrom(io.LimitReader(body, maxBody+1))
	var tooLong *http.MaxBytesError
	switch {
	case dst.Len() > maxBody || errors.As(err, &tooLong):
		return http.StatusRequestEntityTooLarge
	case err != nil:
		// Whoever did not send the whole request does not read the answer.
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// has reports whether the server around this handler has set a header already,
// in whatever case: a second one would contradict it.
func has(header http.Header, name string) bool {
	for n := range header {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// admit lets pages of every origin read the answer.
func admit(header http.Header) {
	if !has(header, "Access-Control-Allow-Origin") {
		header.Set("Access-Control-Allow-Origin", "*")
	}
	if !has(header, "Access-Control-Expose-Headers") {
		header.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amz-crc32")
	}
}

// preflight admits every origin and header.
func preflight(header http.Header, r *http.Request) {
	if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
		header.Set("Access-Control-Allow-Headers", wanted)
	}
	if wanted := r.Header.Get("Access-Control-Request-Method"); wanted != "" {
		header.Set("Access-Control-Allow-Methods", wanted)
	}
	header.Set("Access-Control-Max-Age", "172800")
	header.Set("Content-Length", "0")
}

// write sends an answer with its checksum.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.Response
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	if contentType != "" {
		header["Content-Type"] = []string{contentType}
	}
	header["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// answer appends the answer to a request to dst, or returns the error that it
// fails with. The order of the checks is DynamoDB's.
func (h *Handler) answer(r *http.Request, body, dst []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, errPanic
			h.opt.Log.Error("dynamodb request panicked", "target", r.Header.Get("X-Amz-Target"), "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if len(body) > 0 && !json.Valid(body) {
		return nil, serializationError("")
	}
	op, err := h.operation(r.Header.Get("X-Amz-Target"))
	if err != nil {
		return nil, err
	}
	if h.opt.Credentials != nil {
		if err := h.verify(r, body); err != nil {
			return nil, err
		}
	}
	if len(body) == 0 {
		return nil, serializationError("")
	}
	in, err := decode(body, op.input)
	if err != nil {
		return nil, err
	}
	if err := check(in); err != nil {
		return nil, err
	}
	return op.run(context.WithValue(r.Context(), hostKey{}, r.Host), in, dst)
}

var errPanic = errors.New("dynamodbapi: the request panicked")

// hostKey is the context key of the request's host, which DescribeEndpoints
// repeats.
type hostKey struct{}

func (h *Handler) operation(target string) (*operation, error) {
	if name, ok := strings.CutPrefix(target, TargetPrefix); ok {
		if op := h.operations[name]; op != nil {
			return op, nil
		}
		return nil, unknownOperation(unsupported(name))
	}
	if name, ok := strings.CutPrefix(target, streamsPrefix); ok {
		return nil, unknownOperation("DynamoDB Streams are out of the emulator's scope: " + name)
	}
	return nil, unknownOperation("")
}

// newRequestID returns a request id of DynamoDB's form.
func newRequestID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var id [52]byte
	for i := 0; i < len(id); {
		for n, bits := rand.Uint64(), 0; bits < 60 && i < len(id); bits += 5 {
			id[i] = letters[n&31]
			n >>= 5
			i++
		}
	}
	return string(id[:])
}
