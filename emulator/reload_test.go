package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// notesProject is a small project that the tests of reloads change.
func notesProject() map[string]string {
	return map[string]string{
		"appsync.yml": `name: notes
authentication: { type: API_KEY }
dataSources:
  Notes: { type: AMAZON_DYNAMODB, config: { tableName: notes } }
  Local: { type: NONE }
tables:
  - { name: notes, partitionKey: { name: id, type: S } }
seed: seed.json
resolvers:
  Query.version: { kind: UNIT, dataSource: Local, request: t/none.vtl, response: t/version.vtl }
  Query.notes: { kind: UNIT, dataSource: Notes, request: t/scan.vtl, response: t/items.vtl }
  Mutation.addNote: { kind: UNIT, dataSource: Notes, request: t/put.vtl, response: t/result.vtl }
  Mutation.reword: { kind: UNIT, dataSource: Local, request: t/args.vtl, response: t/result.vtl }
`,
		"schema.graphql": `type Note { id: ID! text: String }
type Query { version: String notes: [Note] }
type Mutation {
  addNote(id: ID!, text: String): Note
  reword(id: ID!, text: String): Note
}
type Subscription {
  onAddNote(id: ID): Note @aws_subscribe(mutations: ["addNote"])
  onReword: Note @aws_subscribe(mutations: ["reword"])
}
`,
		"seed.json":     `{"notes": [{"id": "first", "text": "from the seed"}]}`,
		"t/none.vtl":    `{"version": "2018-05-29"}`,
		"t/version.vtl": `"one"`,
		"t/scan.vtl":    `{"version": "2018-05-29", "operation": "Scan"}`,
		"t/items.vtl":   `$util.toJson($ctx.result.items)`,
		"t/result.vtl":  `$util.toJson($ctx.result)`,
		"t/args.vtl":    `{"version": "2018-05-29", "payload": $util.toJson($ctx.args)}`,
		"t/put.vtl": `{"version": "2018-05-29", "operation": "PutItem", "key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)},
  "attributeValues": {"text": $util.dynamodb.toDynamoDBJson($ctx.args.text)}}`,
	}
}

// folder is a project on the disk.
type folder struct {
	tb  testing.TB
	dir string
}

func newFolder(tb testing.TB, files map[string]string) folder {
	f := folder{tb, filepath.Join(tb.TempDir(), "project")}
	for name, text := range files {
		f.write(name, text)
	}
	return f
}

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f folder) write(name, text string) {
	f.tb.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(f.path(name)), 0o755), os.WriteFile(f.path(name), []byte(text), 0o644)); err != nil {
		f.tb.Fatal(err)
	}
}

// replace changes a file as many editors save it: another one takes its name.
func (f folder) replace(name, old, new string) {
	f.tb.Helper()
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		f.tb.Fatal(err)
	}
	changed := strings.Replace(string(text), old, new, 1)
	if changed == string(text) {
		f.tb.Fatalf("%s does not contain %q", name, old)
	}
	f.write(name+".tmp", changed)
	if err := os.Rename(f.path(name+".tmp"), f.path(name)); err != nil {
		f.tb.Fatal(err)
	}
}

func (f folder) load() *emulator.Project {
	f.tb.Helper()
	p, err := emulator.Load(f.dir, emulator.LoadOptions{})
	if err != nil {
		f.tb.Fatal(err)
	}
	return p
}

func (f folder) reload(s *emulatortest.Server) emulator.Reload {
	f.tb.Helper()
	done, err := s.Reload(f.tb.Context(), f.load())
	if err != nil {
		f.tb.Fatal(err)
	}
	return done
}

func answers(t *testing.T, s *emulatortest.Server, query, want string) {
	t.Helper()
	if got := s.Query(query, nil); got != want {
		t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
	}
}

func TestReloadServesTheChangedProject(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	answers(t, s, `{ version }`, `{"data":{"version":"one"}}`)
	s.Query(`mutation { addNote(id: "kept", text: "yes") { id } }`, nil)

	f.replace("t/version.vtl", "one", "two")
	f.replace("schema.graphql", "type Query { version: String", "type Query { version: String another: Int")
	f.replace("seed.json", "from the seed", "from another seed")
	f.reload(s)
	answers(t, s, `{ version another }`, `{"data":{"version":"two","another":null}}`)
	answers(t, s, `{ notes { id text } }`, `{"data":{"notes":[{"id":"kept","text":"yes"},{"id":"first","text":"from the seed"}]}}`)

	// What is reset to is the new seed.
	if err := s.Reset(t.Context(), emulator.ResetOptions{}); err != nil {
		t.Fatal(err)
	}
	answers(t, s, `{ notes { text } }`, `{"data":{"notes":[{"text":"from another seed"}]}}`)
}

func TestReloadChangesKeysAndModes(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	old := s.APIKey()
	f.replace("appsync.yml", "name: notes\n", "name: other\napiKeys: [{ name: web, description: another }]\n")
	f.reload(s)
	if s.APIKey() == old {
		t.Fatal("the key is the same")
	}
	answers(t, s, `{ version }`, `{"data":{"version":"one"}}`)
	if got := s.Post(`{"query":"{ version }"}`, "x-api-key", old); got.Status != http.StatusUnauthorized {
		t.Errorf("the key that is gone: %d %s", got.Status, got.Body)
	}
}

func TestReloadBuildsTablesAndIndexesInPlace(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	s.Query(`mutation { addNote(id: "second", text: "found") { id } }`, nil)
	f.replace("appsync.yml", "  - { name: notes, partitionKey: { name: id, type: S } }\n", `
  - name: notes
    partitionKey: { name: id, type: S }
    indexes: [{ name: byText, partitionKey: { name: text, type: S } }]
  - { name: tags, partitionKey: { name: tag, type: S } }
`)
	f.replace("appsync.yml", "  Local:", "  Tags: { type: AMAZON_DYNAMODB, config: { tableName: tags } }\n  Local:")
	f.replace("appsync.yml", "resolvers:\n", `resolvers:
  Query.byText: { kind: UNIT, dataSource: Notes, request: t/byText.vtl, response: t/items.vtl }
  Query.tags: { kind: UNIT, dataSource: Tags, request: t/scan.vtl, response: t/items.vtl }
`)
	f.replace("schema.graphql", "type Query {", "type Tag { tag: ID }\ntype Query { byText(text: String!): [Note] tags: [Tag]")
	f.replace("seed.json", `{"notes"`, `{"tags": [{"tag": "new"}], "notes"`)
	f.write("t/byText.vtl", `{"version": "2018-05-29", "operation": "Query", "index": "byText", "query": {"expression": "#t = :t",
  "expressionNames": {"#t": "text"}, "expressionValues": {":t": $util.dynamodb.toDynamoDBJson($ctx.args.text)}}}`)
	done := f.reload(s)
	if fmt.Sprint(done.Tables, done.Changed) != "[tags] [notes]" {
		t.Errorf("made %v, changed %v", done.Tables, done.Changed)
	}
	answers(t, s, `{ byText(text: "found") { id } tags { tag } }`, `{"data":{"byText":[{"id":"second"}],"tags":[{"tag":"new"}]}}`)

	// Nothing to do for tables that stay as they are.
	if done := f.reload(s); len(done.Tables)+len(done.Changed) > 0 {
		t.Errorf("made %v, changed %v", done.Tables, done.Changed)
	}

	// An index that is gone from the project goes, when the last project has no requests.
	f.replace("appsync.yml", "indexes: [{ name: byText, partitionKey: { name: text, type: S } }]", "ttlAttribute: expires")
	f.reload(s)
	eventually(t, "the index is gone", func() bool {
		return !strings.Contains(administer(t, s, "GET", "tables/notes", ""), "byText")
	})
	answers(t, s, `{ tags { tag } }`, `{"data":{"tags":[{"tag":"new"}]}}`)
}

// A table cannot get another key: the data would be lost.
func TestReloadRefusesAnotherKey(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	f.replace("appsync.yml", "partitionKey: { name: id, type: S }", "partitionKey: { name: slug, type: S }, sortKey: { name: at, type: N }")
	f.replace("t/version.vtl", "one", "two")
	_, err := s.Reload(t.Context(), f.load())
	problems, is := emulator.IsProblems(err)
	want := "appsync.yml:7:5: table notes has the key slug (S), at (N), and its items have the key id (S)"
	if !is || len(problems) != 1 || !strings.HasPrefix(problems[0].String(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	answers(t, s, `{ version }`, `{"data":{"version":"one"}}`)
}

// A request is answered by the project that it began with.
func TestRequestsUnderWayEndWithTheirProject(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	if err := s.SetFaults(`{"kind":"latency","delay":"10m","match":{"field":"Query.version"}}`); err != nil {
		t.Fatal(err)
	}
	body := make(chan string, 1)
	go func() { body <- s.Query(`{ version }`, nil) }()
	eventually(t, "the request waits", func() bool {
		return strings.Contains(administer(t, s, "GET", "faults", ""), `"applied":1`)
	})
	f.replace("t/version.vtl", "one", "two")
	f.reload(s)
	select {
	case got := <-body:
		t.Fatalf("answered before the fault was removed: %s", got)
	default:
	}
	s.ClearFaults()
	if got := <-body; got != `{"data":{"version":"one"}}` {
		t.Errorf("under way: %s", got)
	}
	answers(t, s, `{ version }`, `{"data":{"version":"two"}}`)
}

func TestSubscriptionsOutliveAReload(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	c := dial(t, s)
	c.start("all", `subscription { onAddNote { id text } }`, nil)
	c.expect(`{"id":"all","type":"start_ack"}`)
	c.start("one", `subscription ($id: ID) { onAddNote(id: $id) { text } }`, map[string]any{"id": "1"})
	c.expect(`{"id":"one","type":"start_ack"}`)
	c.start("gone", `subscription { onReword { id } }`, nil)
	c.expect(`{"id":"gone","type":"start_ack"}`)

	// The field has another type, its neighbour is gone, and another mutation counts.
	f.replace("schema.graphql", "  onReword: Note @aws_subscribe(mutations: [\"reword\"])\n", "")
	f.replace("schema.graphql", `["addNote"]`, `["addNote", "reword"]`)
	done := f.reload(s)
	if done.Subscriptions != 2 || done.Ended != 1 {
		t.Errorf("%d go on, %d ended", done.Subscriptions, done.Ended)
	}
	c.expect(`{"id":"gone","type":"error","payload":{"errors":[{"message":"The subscription has ended: the project was reloaded, and the subscription does not fit it any more: ` +
		`Validation error of type FieldUndefined: Field 'onReword' in type 'Subscription' is undefined @ 'onReword'"}]}}`)
	s.Query(`mutation { reword(id: "2", text: "two") { id text } }`, nil)
	c.expect(`{"id":"all","type":"data","payload":{"data":{"onAddNote":{"id":"2","text":"two"}}}}`)
	s.Query(`mutation { addNote(id: "2", text: "three") { id text } }`, nil)
	c.expect(`{"id":"all","type":"data","payload":{"data":{"onAddNote":{"id":"2","text":"three"}}}}`)

	// The id of what has ended is free, and stop works for what goes on.
	c.send(`{"id":"all","type":"stop"}`)
	c.expect(`{"id":"all","type":"complete"}`)
	c.start("gone", `subscription { onAddNote { id } }`, nil)
	c.expect(`{"id":"gone","type":"start_ack"}`)
	if n := emulator.Subscriptions(s.Emulator); n != 2 {
		t.Errorf("%d subscriptions", n)
	}
}

// The keys of a user pool and the users who have signed up outlive a reload, also one
// that changes the pool.
func TestUsersOutliveAReload(t *testing.T) {
	f := folder{t, filepath.Join(t.TempDir(), "project")}
	if err := os.CopyFS(f.dir, os.DirFS("../fixtures/notes")); err != nil {
		t.Fatal(err)
	}
	s := emulatortest.Start(t, f.dir)
	cognito := func(operation, body string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, strings.TrimSuffix(s.URL(), "graphql"), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	cognito("SignUp", `{"ClientId":"web","Username":"alan","Password":"Turing-1912"}`)
	token, err := s.Token(emulator.Token{Username: "grace"})
	if err != nil {
		t.Fatal(err)
	}
	me := func(want string) {
		t.Helper()
		if got := s.Post(`{"query":"{ me { username } }"}`, "x-api-key", "", "authorization", token).Body; got != want {
			t.Errorf("got %s", got)
		}
	}
	me(`{"data":{"me":{"username":"grace"}}}`)
	f.replace("appsync.yml", "    - username: ada\n", "    - { username: mary, password: Jackson-1921 }\n    - username: ada\n")
	f.reload(s)
	me(`{"data":{"me":{"username":"grace"}}}`)
	users := cognito("ListUsers", `{"UserPoolId":"us-east-1_notes01"}`)
	for _, name := range []string{"alan", "mary", "ada"} {
		if !strings.Contains(users, `"Username":"`+name+`"`) {
			t.Errorf("no %s in %s", name, users)
		}
	}
}

// A field that the caller may not read any more ends the subscription.
func TestSubscriptionsEndThatAreNotAuthorizedAnyMore(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	c := dial(t, s)
	c.start("1", `subscription { onAddNote { id } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	f.replace("appsync.yml", "authentication: { type: API_KEY }\n", "authentication: { type: API_KEY }\nadditionalAuthentications: [{ type: AWS_IAM }]\n")
	f.replace("schema.graphql", "onAddNote(id: ID): Note", "onAddNote(id: ID): Note @aws_iam")
	if done := f.reload(s); done.Ended != 1 {
		t.Errorf("%d ended", done.Ended)
	}
	if got := c.read(); !strings.Contains(got, `"errorType":"Unauthorized"`) || !strings.Contains(got, "Not Authorized to access onAddNote on type Subscription") {
		t.Errorf("got %s", got)
	}
}

func TestAProjectIsServedOnce(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	p := f.load()
	for _, want := range []string{"<nil>", "a project is served once: load it again"} {
		if _, err := s.Reload(t.Context(), p); fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Each subscription hears of each event once, and of all in their order, while
// projects change.
func TestNoEventIsLostBetweenProjects(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	const events, clients = 300, 4
	var sockets [clients]*socket
	for i := range sockets {
		sockets[i] = dial(t, s)
		sockets[i].start("1", `subscription { onAddNote { id } }`, nil)
		sockets[i].expect(`{"id":"1","type":"start_ack"}`)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for i := range events {
			s.Query(fmt.Sprintf(`mutation { addNote(id: "%d") { id } }`, i), nil)
		}
	})
	stop := make(chan struct{})
	var reloads sync.WaitGroup
	reloads.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			p, err := emulator.Load(f.dir, emulator.LoadOptions{})
			if err == nil {
				_, err = s.Reload(context.Background(), p)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for _, c := range sockets {
		for i := range events {
			c.expect(fmt.Sprintf(`{"id":"1","type":"data","payload":{"data":{"onAddNote":{"id":"%d"}}}}`, i))
		}
	}
	work.Wait()
	close(stop)
	reloads.Wait()
}

// Subscriptions that come and go while projects change are neither lost nor left.
func TestSubscriptionsComeAndGoDuringReloads(t *testing.T) {
	f := newFolder(t, notesProject())
	s := emulatortest.Start(t, f.dir)
	var work sync.WaitGroup
	for range 4 {
		c := dial(t, s)
		work.Go(func() {
			for i := range 50 {
				id := fmt.Sprint(i)
				data := `{\"query\":\"subscription { onReword { id } }\"}`
				c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil,
					`{"id":%q,"type":"start","payload":{"data":"%s","extensions":{"authorization":{"host":"localhost","x-api-key":%q}}}}`, id, data, c.key))
				for _, want := range []string{"start_ack", "complete"} {
					_, got, err := c.conn.ReadMessage()
					if err != nil || string(got) != fmt.Sprintf(`{"id":%q,"type":%q}`, id, want) {
						t.Errorf("got %s, %v, want %s", got, err, want)
						return
					}
					if want == "start_ack" {
						c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":%q,"type":"stop"}`, id))
					}
				}
			}
		})
	}
	for range 20 {
		f.reload(s)
	}
	work.Wait()
	eventually(t, "no subscription is left", func() bool { return emulator.Subscriptions(s.Emulator) == 0 })
}

// watched follows a project, and hears what became of each change.
type watched struct {
	folder
	*emulatortest.Server
	t       *testing.T
	served  chan emulator.Reload
	refused chan error
}

func startWatched(t *testing.T) *watched {
	f := newFolder(t, notesProject())
	w := &watched{folder: f, t: t, served: make(chan emulator.Reload, 100), refused: make(chan error, 100)}
	w.Server = emulatortest.Start(t, f.dir, func(o *emulator.Options) {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- w.Watch(ctx, emulator.WatchOptions{
			Reloaded: func(_ *emulator.Project, r emulator.Reload) { w.served <- r },
			Refused:  func(err error) { w.refused <- err },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("watching ended: %v", err)
		}
	})
	return w
}

// version waits until the project is served whose version is wanted: a save that is
// two events may be two reloads.
func (w *watched) version(want string) {
	w.t.Helper()
	eventually(w.t, "version "+want+" is served", func() bool {
		return w.Query(`{ version }`, nil) == fmt.Sprintf(`{"data":{"version":%q}}`, want)
	})
}

func (w *watched) refusal() error {
	w.t.Helper()
	select {
	case err := <-w.refused:
		return err
	case <-time.After(15 * time.Second):
		w.t.Fatal("nothing was refused")
		return nil
	}
}

func TestWatchFollowsEveryKindOfSave(t *testing.T) {
	w := startWatched(t)
	w.version("one")
	w.write("t/version.vtl", `"written"`)
	w.version("written")
	w.replace("t/version.vtl", "written", "renamed over")
	w.version("renamed over")

	// A folder is removed and made again, as a checkout does.
	if err := os.Rename(w.path("t"), w.path("away")); err != nil {
		t.Fatal(err)
	}
	if err := w.refusal(); !strings.Contains(err.Error(), "t/") {
		t.Errorf("refused with %v", err)
	}
	w.version("renamed over")
	if err := os.Rename(w.path("away"), w.path("t")); err != nil {
		t.Fatal(err)
	}
	w.replace("t/version.vtl", "renamed over", "back again")
	w.version("back again")

	// So is the whole project.
	if err := os.Rename(w.dir, w.dir+"2"); err != nil {
		t.Fatal(err)
	}
	w.refusal()
	w.version("back again")
	if err := os.Rename(w.dir+"2", w.dir); err != nil {
		t.Fatal(err)
	}
	w.replace("t/version.vtl", "back again", "all again")
	w.version("all again")
}

func TestWatchKeepsServingWhileAChangeIsBroken(t *testing.T) {
	w := startWatched(t)
	w.replace("t/version.vtl", `"one"`, "#if($ctx)\n\"broken\"\n#set(\n#end")
	problems, is := emulator.IsProblems(w.refusal())
	if !is || len(problems) != 1 || problems[0].File != "t/version.vtl" || problems[0].Line < 3 {
		t.Errorf("refused with %v", problems)
	}
	w.version("one")

	// Mended by a file that the project was waiting for, in a folder that was not there.
	w.write("t/version.vtl", `"two"`)
	w.version("two")
	w.replace("appsync.yml", "response: t/version.vtl", "response: deep/er/version.vtl")
	if err := w.refusal(); !strings.Contains(err.Error(), "deep/er/version.vtl does not exist") {
		t.Errorf("refused with %v", err)
	}
	w.write("deep/er/version.vtl", `"three"`)
	w.version("three")
	w.replace("deep/er/version.vtl", "three", "four")
	w.version("four")
}

func TestWatchHearsOfFilesThatAPatternFinds(t *testing.T) {
	w := startWatched(t)
	w.replace("appsync.yml", "name: notes\n", "name: notes\nschema: [schema.graphql, more/*.graphql]\n")
	w.write("more/one.graphql", "extend type Query { added: Int }\n")
	eventually(t, "the field is there", func() bool { return w.Query(`{ added }`, nil) == `{"data":{"added":null}}` })
	w.write("more/two.graphql", "extend type Query { later: Int }\n")
	eventually(t, "the field of the new file is there", func() bool { return w.Query(`{ later }`, nil) == `{"data":{"later":null}}` })
}

// What makes no difference is no reload, and the folder is never written to.
func TestWatchIgnoresWhatIsNotTheProject(t *testing.T) {
	w := startWatched(t)
	before := listing(t, w.dir)
	w.write("README.md", "read me")
	w.write("node_modules/x/index.js", "1")
	w.write("t/version.vtl", `"one"`) // the same text
	w.write("t/.version.vtl.swp", "x")
	w.write("appsync.yml", notesProject()["appsync.yml"]+"# last\n")
	select {
	case <-w.served:
	case <-time.After(15 * time.Second):
		t.Fatal("the change was not followed")
	}
	w.write("t/version.vtl", `"last"`)
	w.version("last")
	if n := len(w.served) + len(w.refused); n > 1 {
		t.Errorf("%d more reloads", n)
	}
	for _, name := range []string{"README.md", "node_modules", "node_modules/x", "node_modules/x/index.js", "t/.version.vtl.swp"} {
		if err := os.RemoveAll(w.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	if after := listing(t, w.dir); after != before {
		t.Errorf("the folder holds\n%s\nand held\n%s", after, before)
	}
}

func listing(t *testing.T, dir string) string {
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}

// A reload of the point-of-sale sample, from the first file that is read until the
// project is served, with subscriptions that go on.
func BenchmarkReload(b *testing.B) {
	const project = "../fixtures/point-of-sale"
	s := emulatortest.Start(b, project)
	for b.Loop() {
		p, err := emulator.Load(project, emulator.LoadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Reload(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
}
