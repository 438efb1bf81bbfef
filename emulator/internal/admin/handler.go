package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/mappingtemplate/value"
)

// Prefix is what the paths of the handler begin with.
const Prefix = "/_emulator/"

const (
	// maxBody is the length of a body that is read as a whole. What is imported is
	// not: it is read line by line.
	maxBody = 64 << 20

	defaultPage = 100
	maxPage     = 1000
)

// Handler returns the HTTP form of the service. It does not ask who calls: that a
// request does not come from a foreign web page is for the server to see to.
func (s *Service) Handler() http.Handler { return &handler{service: s, routes: routes()} }

type handler struct {
	service *Service
	routes  []route
}

// route is an operation. A segment of the path in braces stands for any text,
// which the call has in its order.
type route struct {
	method, path string
	// parameters are those that the query may have.
	parameters []string
	serve      func(c *call) (any, error)
}

func routes() []route {
	return []route{
		{"GET", "tables", nil, (*call).tables},
		{"GET", "tables/{table}", nil, (*call).table},
		{"GET", "tables/{table}/items", []string{"limit", "startKey", "index", "format"}, (*call).items},
		{"GET", "tables/{table}/items/{partition}", []string{"format"}, (*call).item},
		{"GET", "tables/{table}/items/{partition}/{sort}", []string{"format"}, (*call).item},
		{"PUT", "tables/{table}/items/{partition}", nil, (*call).putItem},
		{"PUT", "tables/{table}/items/{partition}/{sort}", nil, (*call).putItem},
		{"DELETE", "tables/{table}/items/{partition}", nil, (*call).deleteItem},
		{"DELETE", "tables/{table}/items/{partition}/{sort}", nil, (*call).deleteItem},
		{"GET", "tables/{table}/export", nil, (*call).export},
		{"POST", "tables/{table}/import", nil, (*call).importLines},
		{"POST", "reset", nil, (*call).reset},
		{"POST", "seed", nil, (*call).seed},
		{"GET", "snapshots", nil, (*call).listSnapshots},
		{"DELETE", "snapshots/{name}", nil, (*call).deleteSnapshot},
		{"POST", "snapshot/{name}", nil, (*call).snapshot},
		{"POST", "restore/{name}", nil, (*call).restore},
		{"GET", "clock", nil, (*call).readClock},
		{"POST", "clock", nil, (*call).moveClock},
		{"POST", "expire", nil, (*call).expire},
		{"GET", "sync", nil, (*call).sync},
		{"POST", "hold", nil, (*call).hold},
		{"POST", "release", nil, (*call).release},
		{"GET", "holds", nil, (*call).listHolds},
		{"DELETE", "holds", nil, (*call).releaseHolds},
		{"POST", "faults", nil, (*call).setFaults},
		{"GET", "faults", nil, (*call).listFaults},
		{"DELETE", "faults", nil, (*call).removeFaults},
		{"POST", "faults/scenario", []string{"name"}, (*call).startScenario},
		{"GET", "faults/scenario", nil, (*call).getScenario},
		{"DELETE", "faults/scenario", nil, (*call).stopScenario},
		{"GET", "faults/{id}", nil, (*call).getFault},
		{"DELETE", "faults/{id}", nil, (*call).removeFault},
		{"GET", "connections", nil, (*call).listConnections},
	}
}

// call is a request on its way.
type call struct {
	*Service
	w        http.ResponseWriter
	r        *http.Request
	segments []string // those that the route has braces for
	query    url.Values
}

// answered is the answer of a call that has written it itself.
type answered struct{}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Service: h.service, w: w, r: r}
	answer, err := h.serve(c)
	if err != nil {
		h.refuse(c, err)
		return
	}
	if _, done := answer.(answered); !done {
		c.write(http.StatusOK, answer)
	}
}

func (h *handler) serve(c *call) (any, error) {
	found, err := h.route(c)
	if err != nil {
		return nil, err
	}
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return nil, badRequest("", "the query of the address cannot be read: %v", err)
	}
	for name, values := range c.query {
		if !slices.Contains(found.parameters, name) {
			return nil, badRequest(name, "there is no parameter %q%s", name, didYouMean(name, found.parameters))
		}
		if len(values) > 1 {
			return nil, badRequest(name, "the parameter is there %d times", len(values))
		}
	}
	return found.serve(c)
}

// route finds the operation of a request and sets the call's segments.
func (h *handler) route(c *call) (*route, error) {
	path := strings.TrimPrefix(c.r.URL.EscapedPath(), Prefix)
	segments := strings.Split(path, "/")
	for i, s := range segments {
		text, err := url.PathUnescape(s)
		if err != nil {
			return nil, badRequest("", "the path of the address cannot be read: %v", err)
		}
		segments[i] = text
	}
	var methods []string
	for i := range h.routes {
		r := &h.routes[i]
		matched, ok := r.match(segments)
		if !ok {
			continue
		}
		if r.method == c.r.Method {
			c.segments = matched
			return r, nil
		}
		methods = append(methods, r.method)
	}
	if methods != nil {
		c.w.Header().Set("Allow", strings.Join(methods, ", "))
		return nil, &Error{Status: http.StatusMethodNotAllowed, Message: "the method here is " + strings.Join(methods, " or ")}
	}
	var first []string
	for _, r := range h.routes {
		name, _, _ := strings.Cut(r.path, "/")
		first = append(first, name)
	}
	return nil, notFound("", "there is nothing at %s%s", c.r.URL.Path, didYouMean(segments[0], first))
}

func (r *route) match(segments []string) (matched []string, ok bool) {
	n := 0
	for name := range strings.SplitSeq(r.path, "/") {
		switch {
		case n == len(segments):
			return nil, false
		case strings.HasPrefix(name, "{"):
			if segments[n] == "" {
				return nil, false
			}
			matched = append(matched, segments[n])
		case name != segments[n]:
			return nil, false
		}
		n++
	}
	return matched, n == len(segments)
}

// refuse answers an error.
func (h *handler) refuse(c *call, err error) {
	e := asError(err)
	if e.Status == http.StatusInternalServerError {
		h.service.log.Error("an administrative request failed", "method", c.r.Method, "path", c.r.URL.Path, "error", err)
	}
	var answer struct {
		Error struct {
			Message  string    `json:"message"`
			Field    string    `json:"field,omitempty"`
			Line     int       `json:"line,omitempty"`
			Column   int       `json:"column,omitempty"`
			Problems []Problem `json:"problems,omitempty"`
		} `json:"error"`
	}
	answer.Error.Message, answer.Error.Field, answer.Error.Line = e.Message, e.Field, e.Line
	answer.Error.Column, answer.Error.Problems = e.Column, e.Problems
	if e.Line > 0 {
		answer.Error.Message = e.Error()
	}
	c.write(e.Status, answer)
}

func (c *call) write(status int, answer any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		c.log.Error("an answer cannot be written as JSON", "path", c.r.URL.Path, "error", err)
		http.Error(c.w, `{"error":{"message":"internal error"}}`, http.StatusInternalServerError)
		return
	}
	header := c.w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	c.w.WriteHeader(status)
	// An error here means that the client has gone.
	c.w.Write(body.Bytes())
}

// body reads the whole body.
func (c *call) body() (string, error) {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLong {
		err = badRequest("", "the body cannot be read: %v", err)
	}
	return string(text), err
}

// object reads a body that is an object with some of the members; none is an
// empty object.
func (c *call) object(members ...string) (*value.Map, error) {
	text, err := c.body()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return value.NewMap(0), nil
	}
	m, err := parseObject(text, "the body")
	if err != nil {
		return nil, err
	}
	for name := range m.All() {
		if !slices.Contains(members, name) {
			return nil, badRequest(name, "there is no %q here%s", name, didYouMean(name, members))
		}
	}
	return m, nil
}

func parseObject(text, what string) (*value.Map, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, badRequest("", "%s is not JSON: %v", what, err)
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, badRequest("", "%s is not a JSON object", what)
	}
	return m, nil
}

func (c *call) format() (Format, error) {
	switch f := Format(c.query.Get("format")); f {
	case "":
		return PlainJSON, nil
	case PlainJSON, DynamoDBJSON:
		return f, nil
	}
	return "", badRequest("format", "want %s or %s", PlainJSON, DynamoDBJSON)
}

func (c *call) tables() (any, error) {
	tables, err := Tables(c.r.Context(), c.store)
	return struct {
		Tables []Table `json:"tables"`
	}{tables}, err
}

func (c *call) table() (any, error) {
	d, err := c.Service.table(c.r.Context(), c.segments[0], "table")
	if err != nil {
		return nil, err
	}
	return describe(d), nil
}

func (c *call) items() (any, error) {
	format, err := c.format()
	if err != nil {
		return nil, err
	}
	limit := defaultPage
	if text := c.query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxPage {
			return nil, badRequest("limit", "want a number from 1 to %d", maxPage)
		}
	}
	var startKey *value.Map
	if text := c.query.Get("startKey"); text != "" {
		if startKey, err = parseObject(text, "the key"); err != nil {
			err.(*Error).Field = "startKey"
			return nil, err
		}
	}
	page, err := c.page(c.r.Context(), c.segments[0], c.query.Get("index"), limit, startKey)
	if err != nil {
		return nil, err
	}
	answer := struct {
		Items   []json.RawMessage `json:"items"`
		NextKey json.RawMessage   `json:"nextKey,omitempty"`
	}{Items: make([]json.RawMessage, len(page.Items))}
	for i, item := range page.Items {
		answer.Items[i] = format.AppendItem(nil, item)
	}
	if page.LastKey != nil {
		answer.NextKey = format.AppendItem(nil, page.LastKey)
	}
	return answer, nil
}

func (c *call) item() (any, error) {
	format, err := c.format()
	if err != nil {
		return nil, err
	}
	key, err := c.itemKey(c.r.Context(), c.segments[0], c.segments[1:])
	if err != nil {
		return nil, err
	}
	item, err := c.getItem(c.r.Context(), c.segments[0], key)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(format.AppendItem(nil, item)), nil
}

func (c *call) putItem() (any, error) {
	key, err := c.itemKey(c.r.Context(), c.segments[0], c.segments[1:])
	if err != nil {
		return nil, err
	}
	text, err := c.body()
	if err != nil {
		return nil, err
	}
	m, err := parseObject(text, "the body")
	if err != nil {
		return nil, err
	}
	item, err := ParseItem(m)
	if err != nil {
		return nil, badRequest("", "%v", err)
	}
	created, err := c.Service.putItem(c.r.Context(), c.segments[0], key, item)
	return struct {
		Created bool `json:"created"`
	}{created}, err
}

func (c *call) deleteItem() (any, error) {
	key, err := c.itemKey(c.r.Context(), c.segments[0], c.segments[1:])
	if err != nil {
		return nil, err
	}
	if err := c.Service.deleteItem(c.r.Context(), c.segments[0], key); err != nil {
		return nil, err
	}
	return struct {
		Deleted bool `json:"deleted"`
	}{true}, nil
}

func (c *call) export() (any, error) {
	table := c.segments[0]
	if err := exists(c.r.Context(), c.store, table); err != nil {
		return nil, err
	}
	c.w.Header().Set("Content-Type", "application/x-ndjson")
	c.w.WriteHeader(http.StatusOK)
	if _, err := Export(c.r.Context(), c.store, table, &stream{c: c}); err != nil {
		if c.r.Context().Err() == nil {
			c.log.Error("an export was broken off", "table", table, "error", err)
		}
		// The client must not take what it has for the whole.
		panic(http.ErrAbortHandler)
	}
	return answered{}, nil
}

func (c *call) importLines() (any, error) {
	body := &stream{c: c}
	n, err := Import(c.r.Context(), c.store, c.segments[0], body)
	if err != nil {
		// Clients read the answer when they have sent everything.
		io.Copy(io.Discard, io.LimitReader(body, maxBody))
		return nil, err
	}
	return loadedItems{n}, nil
}

type loadedItems struct {
	Items int `json:"items"`
}

// stream is a body, of a request or of an answer, that may take longer than the
// server gives to others, as long as it moves.
type stream struct {
	c        *call
	extended time.Time
}

// streamTimeout is how long a stream may stand still.
const streamTimeout = time.Minute

func (s *stream) extend() {
	now := time.Now()
	if now.Sub(s.extended) < streamTimeout/10 {
		return
	}
	s.extended = now
	control := http.NewResponseController(s.c.w)
	// Where there are no deadlines none has to be moved.
	_ = control.SetReadDeadline(now.Add(streamTimeout))
	_ = control.SetWriteDeadline(now.Add(streamTimeout))
}

func (s *stream) Read(p []byte) (int, error) {
	s.extend()
	return s.c.r.Body.Read(p)
}

func (s *stream) Write(p []byte) (int, error) {
	s.extend()
	return s.c.w.Write(p)
}

func (c *call) reset() (any, error) {
	m, err := c.object("tables", "seed")
	if err != nil {
		return nil, err
	}
	var r Reset
	switch seed := m.Value("seed").(type) {
	case nil:
	case bool:
		r.NoSeed = !seed
	default:
		return nil, badRequest("seed", "want true or false")
	}
	switch tables := m.Value("tables").(type) {
	case nil:
	case *value.List:
		r.Tables = []string{}
		for i, v := range tables.Items {
			name, ok := v.(string)
			if !ok {
				return nil, badRequest("tables["+strconv.Itoa(i)+"]", "want the name of a table")
			}
			r.Tables = append(r.Tables, name)
		}
	default:
		return nil, badRequest("tables", "want a list of table names")
	}
	loaded, err := c.Reset(c.r.Context(), r)
	return newLoadedTables(loaded), err
}

// loadedTables tells what has been loaded, table by table.
type loadedTables struct {
	Tables map[string]loadedItems `json:"tables"`
}

func newLoadedTables(loaded []Loaded) loadedTables {
	tables := loadedTables{Tables: map[string]loadedItems{}}
	for _, l := range loaded {
		tables.Tables[l.Table] = loadedItems{l.Items}
	}
	return tables
}

func (c *call) seed() (any, error) {
	text, err := c.body()
	if err != nil {
		return nil, err
	}
	tables, err := ParseSeed(text)
	if err != nil {
		return nil, err
	}
	loaded, err := c.Seed(c.r.Context(), tables)
	return newLoadedTables(loaded), err
}

// snapshotForm is a snapshot in an answer.
type snapshotForm struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Bytes   int64     `json:"bytes"`
}

func newSnapshotForm(s Snapshot) snapshotForm {
	return snapshotForm{Name: s.Name, Created: s.Created.UTC().Truncate(time.Millisecond), Bytes: s.Bytes}
}

func (c *call) listSnapshots() (any, error) {
	kept, err := c.Snapshots()
	if err != nil {
		return nil, err
	}
	answer := struct {
		Snapshots []snapshotForm `json:"snapshots"`
	}{make([]snapshotForm, len(kept))}
	for i, s := range kept {
		answer.Snapshots[i] = newSnapshotForm(s)
	}
	return answer, nil
}

func (c *call) snapshot() (any, error) {
	s, err := c.Snapshot(c.r.Context(), c.segments[0])
	return newSnapshotForm(s), err
}

// named answers with the name of what has been done to it.
type named struct {
	Name string `json:"name"`
}

func (c *call) restore() (any, error) {
	return named{c.segments[0]}, c.Restore(c.r.Context(), c.segments[0])
}

func (c *call) deleteSnapshot() (any, error) {
	return named{c.segments[0]}, c.DeleteSnapshot(c.segments[0])
}

// clockForm is the clock in an answer.
type clockForm struct {
	Now          string `json:"now"`
	Milliseconds int64  `json:"milliseconds"`
	Frozen       bool   `json:"frozen"`
}

func newClockForm(s ClockState) clockForm {
	return clockForm{Now: timeText(s.Now), Milliseconds: s.Now.UnixMilli(), Frozen: s.Frozen}
}

// timeText is a time in an answer, to the millisecond.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func (c *call) readClock() (any, error) { return newClockForm(c.Clock()), nil }

func (c *call) moveClock() (any, error) {
	m, err := c.object("set", "advance", "freeze")
	if err != nil {
		return nil, err
	}
	if m.Len() == 0 {
		return nil, badRequest("", `want some of "set", "advance" and "freeze"`)
	}
	var move ClockMove
	if move.Set, err = timeOf(m.Value("set")); err != nil {
		return nil, err
	}
	switch advance := m.Value("advance").(type) {
	case nil:
	case string:
		if move.Advance, err = time.ParseDuration(advance); err != nil {
			return nil, badRequest("advance", `want a duration such as "90s" or "1h30m"`)
		}
	default:
		return nil, badRequest("advance", `want a duration such as "90s" or "1h30m"`)
	}
	switch freeze := m.Value("freeze").(type) {
	case nil:
	case bool:
		move.Freeze = &freeze
	default:
		return nil, badRequest("freeze", "want true or false")
	}
	if err := move.check(c.opt.Clock.Now()); err != nil {
		return nil, err
	}
	return newClockForm(c.MoveClock(move)), nil
}

// timeOf reads a time in the form of RFC 3339, or in milliseconds since 1970.
func timeOf(v any) (*time.Time, error) {
	var at time.Time
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		var err error
		if at, err = time.Parse(time.RFC3339Nano, v); err == nil {
			return &at, nil
		}
	case int32:
		at = time.UnixMilli(int64(v)).UTC()
		return &at, nil
	case int64:
		at = time.UnixMilli(v).UTC()
		return &at, nil
	}
	return nil, badRequest("set", "want a time as 2024-05-01T12:00:00Z, or milliseconds since 1970")
}

func (c *call) expire() (any, error) {
	n, err := c.Expire(c.r.Context())
	return struct {
		Expired int `json:"expired"`
	}{n}, err
}

// Expire removes the items that have expired by the clock and returns how many
// there were.
func (s *Service) Expire(ctx context.Context) (int, error) {
	return s.store.ExpireBefore(ctx, s.opt.Clock.Now())
}
