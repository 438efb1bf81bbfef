package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

func TestTablesAreListed(t *testing.T) {
	f := start(t)
	f.put("Posts", `{"id":{"S":"a"},"author":{"S":"x"}}`, `{"id":{"S":"b"}}`)
	_, body := f.do("GET", "tables", "")
	var got struct{ Tables []admin.Table }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Tables) != 2 || got.Tables[0].Name != "Events" || got.Tables[1].Name != "Posts" {
		t.Fatalf("%s", body)
	}
	e, p := got.Tables[0], got.Tables[1]
	if e.PartitionKey != (admin.Key{Name: "day", Type: "N"}) || *e.SortKey != (admin.Key{Name: "at", Type: "B"}) || e.Items != 0 {
		t.Errorf("Events: %+v", e)
	}
	// The sizes are DynamoDB's: lengths of names and values, 2+1+6+1 and 2+1.
	if p.Items != 2 || p.Bytes != 13 || p.TTLAttribute != "expires" || p.SortKey != nil || p.Created.IsZero() {
		t.Errorf("Posts: %+v", p)
	}
	ix := p.Indexes[0]
	if ix.Name != "byAuthor" || ix.Items != 1 || ix.Bytes != 10 || ix.Status != "ACTIVE" || ix.Projection != "ALL" {
		t.Errorf("byAuthor: %+v", ix)
	}
	_, one := f.do("GET", "tables/Posts", "")
	if !strings.Contains(body, one) {
		t.Errorf("%s is not in %s", one, body)
	}
}

func TestItemsAreReadPageByPage(t *testing.T) {
	f := start(t)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		f.put("Posts", `{"id":{"S":"`+id+`"},"author":{"S":"x"},"n":{"N":"12345678901234567890.5"},"tags":{"SS":["p"]},"raw":{"B":"AQI="}}`)
	}
	for _, query := range []string{"format=plain&", "format=dynamodb&", "format=dynamodb&index=byAuthor&", "index=byAuthor&"} {
		seen := map[string]bool{}
		next, pages := "", 0
		for {
			path := "tables/Posts/items?" + query + "limit=2"
			if next != "" {
				path += "&startKey=" + url.QueryEscape(next)
			}
			status, body := f.do("GET", path, "")
			var page struct {
				Items   []json.RawMessage
				NextKey json.RawMessage
			}
			if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 {
				t.Fatalf("%s: %d %s", path, status, body)
			}
			for _, item := range page.Items {
				seen[string(item)] = true
			}
			if pages++; page.NextKey == nil {
				break
			}
			next = string(page.NextKey)
		}
		want := `{"author":"x","id":"c","n":12345678901234567890.5,"raw":"AQI=","tags":["p"]}`
		if strings.HasPrefix(query, "format=dynamodb") {
			want = `{"author":{"S":"x"},"id":{"S":"c"},"n":{"N":"12345678901234567890.5"},"raw":{"B":"AQI="},"tags":{"SS":["p"]}}`
		}
		if len(seen) != 5 || pages != 3 || !seen[want] {
			t.Errorf("%s: %d pages: %v", query, pages, seen)
		}
	}
}

// The types of plain keys are those of the schema.
func TestKeysAreTypedByTheSchema(t *testing.T) {
	f := start(t)
	f.put("Events", `{"day":{"N":"7"},"at":{"B":"+/8="},"what":{"S":"x"}}`, `{"day":{"N":"8"},"at":{"B":"AA=="}}`)
	item := `{"at":"+/8=","day":7,"what":"x"}`
	f.want("GET", "tables/Events/items/7/%2B%2F8%3D", "", 200, item)
	f.want("GET", "tables/Events/items/7.0/-_8", "", 200, item)
	f.want("GET", "tables/Events/items/7/+%2F8=?format=dynamodb", "", 200, `{"at":{"B":"+/8="},"day":{"N":"7"},"what":{"S":"x"}}`)
	for _, key := range []string{`{"day":7,"at":"+/8="}`, `{"day":"7","at":"-_8"}`, `{"day":{"N":"7"},"at":{"B":"+/8="}}`} {
		_, body := f.do("GET", "tables/Events/items?startKey="+url.QueryEscape(key), "")
		if strings.Contains(body, `"what"`) || strings.Contains(body, "error") {
			t.Errorf("%s: %s", key, body)
		}
	}
}

func TestASingleItem(t *testing.T) {
	f := start(t)
	const path = "tables/Posts/items/a%2Fb%20%C3%A9"
	f.refused("GET", path, "", 404, `table "Posts" has no item {"id":"a/b é"}`, "")
	f.want("PUT", path, `{"ups":1}`, 200, `{"created":true}`)
	f.want("GET", path, "", 200, `{"id":"a/b é","ups":1}`)
	f.want("PUT", path, `{"id":{"S":"a/b é"},"tags":{"NS":["1","2"]}}`, 200, `{"created":false}`)
	f.want("GET", path+"?format=dynamodb", "", 200, `{"id":{"S":"a/b é"},"tags":{"NS":["1","2"]}}`)
	f.refused("PUT", path, `{"id":"c"}`, 400, "the item has another key than the address", "id")
	f.want("DELETE", path, "", 200, `{"deleted":true}`)
	f.refused("DELETE", path, "", 404, `table "Posts" has no item {"id":"a/b é"}`, "")
}

func TestResetEmptiesAndSeeds(t *testing.T) {
	f := start(t)
	f.put("Posts", `{"id":{"S":"z"}}`)
	f.put("Events", `{"day":{"N":"7"},"at":{"B":"AA=="}}`)
	f.want("POST", "reset", `{"tables":["Posts"]}`, 200, `{"tables":{"Posts":{"items":2}}}`)
	f.wantItems("tables/Posts/items", `{"author":"x","id":"a","ups":3}`, `{"id":"b","tags":["p","q"]}`)
	_, left := f.do("GET", "tables/Events/items", "")
	if !strings.Contains(left, `"day":7`) {
		t.Errorf("another table: %s", left)
	}
	f.want("POST", "reset", "", 200, `{"tables":{"Posts":{"items":2}}}`)
	f.wantItems("tables/Events/items")
	f.want("POST", "reset", `{"seed":false}`, 200, `{"tables":{}}`)
	f.wantItems("tables/Posts/items")

	// What the project has is there again, what others have made stays.
	if err := f.store.DeleteTable(t.Context(), "Posts"); err != nil {
		t.Fatal(err)
	}
	other := events
	other.Name = "Other"
	if err := f.store.CreateTable(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.want("POST", "reset", `{}`, 200, `{"tables":{"Posts":{"items":2}}}`)
	f.wantItems("tables/Other/items")
}

func TestSeedPutsItems(t *testing.T) {
	f := start(t)
	f.want("POST", "seed", `{"Posts":[{"id":"a","n":1},{"id":{"S":"b"}}],"Events":[]}`, 200, `{"tables":{"Events":{"items":0},"Posts":{"items":2}}}`)
	f.want("POST", "seed", `{"Posts":[{"id":"a","n":2}]}`, 200, `{"tables":{"Posts":{"items":1}}}`)
	f.wantItems("tables/Posts/items", `{"id":"a","n":2}`, `{"id":"b"}`)

	f.refused("POST", "seed", `{"Posts":[{"id":"c"}],"Event":[]}`, 404, `there is no table "Event"; did you mean "Events"?`, "Event")
	f.refused("GET", "tables/Posts/items/c", "", 404, `table "Posts" has no item {"id":"c"}`, "")
	// DynamoDB's words: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
	f.refused("POST", "seed", `{"Posts":[{"id":"c"},{"n":1}]}`, 400, "One or more parameter values were invalid: Missing the key id in the item", "Posts[1]")
	f.refused("POST", "seed", `{"Posts":[{"id":{"S":"c"},"n":{"N":"x"}}]}`, 400, "The parameter cannot be converted to a numeric value: x", "Posts[0]")
	f.refused("POST", "seed", `{"Posts":{}}`, 400, "the items of a table are a list", "Posts")
	f.refused("POST", "seed", `{"Posts":[5]}`, 400, "an item is an object", "Posts[0]")
	f.refused("POST", "seed", `[]`, 400, "a seed is an object of table names and lists of items", "")
	if status, body := f.do("POST", "seed", "{\"Posts\":\n[}"); status != 400 || !strings.Contains(body, "line 2") {
		t.Errorf("%d %s", status, body)
	}
}

func TestSnapshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data.db.snapshots")
	f := start(t, func(o *admin.Options) { o.SnapshotDir = dir })
	f.want("GET", "snapshots", "", 200, `{"snapshots":[]}`)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is there before it is needed")
	}
	f.put("Posts", `{"id":{"S":"a"}}`)
	for _, name := range []string{"one", "two.x_-Y"} {
		if status, body := f.do("POST", "snapshot/"+name, ""); status != 200 || !strings.Contains(body, `"name":"`+name+`"`) {
			t.Errorf("%d %s", status, body)
		}
	}
	f.put("Posts", `{"id":{"S":"b"}}`)
	f.want("POST", "restore/one", "", 200, `{"name":"one"}`)
	f.wantItems("tables/Posts/items", `{"id":"a"}`)

	// A snapshot stays as it is, and is replaced by one of its name.
	f.put("Posts", `{"id":{"S":"c"}}`)
	f.do("POST", "snapshot/one", "")
	f.want("POST", "restore/two.x_-Y", "", 200, `{"name":"two.x_-Y"}`)
	f.wantItems("tables/Posts/items", `{"id":"a"}`)
	f.want("POST", "restore/one", "", 200, `{"name":"one"}`)
	f.wantItems("tables/Posts/items", `{"id":"a"}`, `{"id":"c"}`)

	var list struct {
		Snapshots []struct {
			Name  string
			Bytes int64
		}
	}
	_, body := f.do("GET", "snapshots", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Snapshots) != 2 || list.Snapshots[0].Name != "one" || list.Snapshots[0].Bytes == 0 {
		t.Errorf("%s", body)
	}
	f.refused("POST", "restore/on", "", 404, `there is no snapshot "on"; did you mean "one"?`, "name")
	f.want("DELETE", "snapshots/one", "", 200, `{"name":"one"}`)
	f.refused("DELETE", "snapshots/one", "", 404, `there is no snapshot "one"`, "name")
	for _, name := range []string{"a%2Fb", "..%2Fx", "%20", "é", "a%00", "a%5Cb"} {
		f.refused("POST", "snapshot/"+name, "", 400, "a snapshot's name has letters, digits, '.', '_' and '-' alone, and is not empty", "name")
	}
	f.refused("POST", "snapshot/"+strings.Repeat("a", 101), "", 400, "a snapshot's name has 100 characters at most", "name")
	// Names that mean something to a file system are none there.
	for _, name := range []string{".", "..", "CON", "two.x_-Y.db"} {
		if _, err := f.Snapshot(t.Context(), name); err != nil {
			t.Error(err)
		}
		if err := f.Restore(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}

// A file that is no snapshot leaves everything as it is.
func TestADamagedSnapshotIsRefused(t *testing.T) {
	dir := t.TempDir()
	f := start(t, func(o *admin.Options) { o.SnapshotDir = dir })
	f.put("Posts", `{"id":{"S":"a"}}`)
	if err := os.WriteFile(filepath.Join(dir, "snapshot-bad.db"), []byte("no snapshot"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, body := f.do("POST", "restore/bad", ""); status != 500 || !strings.Contains(body, "not a store") {
		t.Errorf("%d %s", status, body)
	}
	f.wantItems("tables/Posts/items", `{"id":"a"}`)
}

// A snapshot of an earlier day has not what the project has got since.
func TestRestoreMakesWhatTheProjectHasGotSince(t *testing.T) {
	dir := t.TempDir()
	f := start(t, func(o *admin.Options) { o.SnapshotDir = dir })
	f.put("Posts", `{"id":{"S":"a"},"author":{"S":"x"},"kind":{"S":"k"}}`)
	extra := storage.Index{Name: "extra", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "author", Kind: attribute.S}}, Projection: storage.ProjectKeysOnly}
	with := posts
	with.Indexes = append([]storage.Index{extra}, posts.Indexes...)
	if err := f.store.EnsureTable(t.Context(), with); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Snapshot(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	later := start(t, func(o *admin.Options) {
		o.SnapshotDir = dir
		o.Project.Tables[0].Indexes = append(o.Project.Tables[0].Indexes[:1:1], storage.Index{
			Name: "byKind", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "kind", Kind: attribute.S}}, Projection: storage.ProjectAll,
		})
		newer := events
		newer.Name = "Newer"
		o.Project.Tables = append(o.Project.Tables, newer)
	})
	if err := later.Restore(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"byKind", "byAuthor"} {
		later.want("GET", "tables/Posts/items?index="+index, "", 200, `{"items":[{"author":"x","id":"a","kind":"k"}]}`)
	}
	later.wantItems("tables/Posts/items?index=extra", `{"author":"x","id":"a"}`)
	later.wantItems("tables/Newer/items")
}

func TestTemporarySnapshotsAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f := start(t)
	if _, err := f.Snapshot(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(os.TempDir(), "appsync-emulator-snapshots-*"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept[0]); err == nil {
		t.Error("the folder is still there")
	}
}

func TestExportAndImport(t *testing.T) {
	f := start(t)
	f.put("Posts", `{"id":{"S":"a"},"author":{"S":"x"},"s":{"NS":["1","2"]}}`, `{"id":{"S":"b"},"t":{"S":"line\n2"}}`)
	lines := `{"Item":{"author":{"S":"x"},"id":{"S":"a"},"s":{"NS":["1","2"]}}}` + "\n" + `{"Item":{"id":{"S":"b"},"t":{"S":"line\n2"}}}`
	exported := func() {
		t.Helper()
		if status, body := f.do("GET", "tables/Posts/export", ""); status != 200 || sortedLines(body) != lines {
			t.Errorf("%d %s", status, body)
		}
	}
	exported()
	f.want("GET", "tables/Events/export", "", 200, "")
	f.want("POST", "reset", `{"seed":false}`, 200, `{"tables":{}}`)
	f.want("POST", "tables/Posts/import", "\uFEFF\r\n"+strings.ReplaceAll(lines, "\n{", "\r\n\n \n{"), 200, `{"items":2}`)
	exported()
	f.wantItems("tables/Posts/items?index=byAuthor", `{"author":"x","id":"a","s":[1,2]}`)
	f.want("POST", "tables/Posts/import", "", 200, `{"items":0}`)
}

func TestImportNamesTheLine(t *testing.T) {
	good := `{"Item":{"id":{"S":"a"}}}` + "\n"
	form := `a line is {"Item": {...}} with the item in DynamoDB JSON`
	for name, c := range map[string]struct{ lines, message string }{
		"no JSON":        {good + "\n{x", "line 3: invalid character 'x' looking for beginning of object key string"},
		"no object":      {good + "[]", "line 2: " + form},
		"no Item":        {good + `{"item":{}}`, "line 2: " + form},
		"more than Item": {good + `{"Item":{},"Key":{}}`, "line 2: " + form},
		"plain JSON":     {good + `{"Item":{"id":"a"}}`, "line 2: "},
		"not a number":   {good + `{"Item":{"id":{"S":"b"},"n":{"N":"x"}}}`, "line 2: The parameter cannot be converted to a numeric value: x"},
		"no key":         {good + good + `{"Item":{"n":{"N":"1"}}}` + "\n" + good, "line 3: One or more parameter values were invalid: Missing the key id in the item"},
		"too long":       {good + `{"Item":{"id":{"S":"` + strings.Repeat("x", 5<<20) + `"}}}`, "line 2: the line is longer than 4 MB"},
		"too large":      {good + `{"Item":{"id":{"S":"b"},"x":{"S":"` + strings.Repeat("x", 401<<10) + `"}}}`, "line 2: Item size has exceeded the maximum allowed size"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			status, body := f.do("POST", "tables/Posts/import", c.lines)
			var answer struct {
				Error struct {
					Message string
					Line    int
				}
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatal(err, body)
			}
			if status != 400 || !strings.HasPrefix(answer.Error.Message, c.message) || answer.Error.Line == 0 {
				t.Errorf("%d %s, want %s", status, body, c.message)
			}
			f.wantItems("tables/Posts/items", `{"id":"a"}`)
		})
	}
}

func TestClock(t *testing.T) {
	f := start(t)
	const frozen = `{"now":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000,"frozen":true}`
	f.want("POST", "clock", `{"set":"2024-05-01T12:00:00Z","freeze":true}`, 200, frozen)
	f.want("GET", "clock", "", 200, frozen)
	if !f.clock.Now().Equal(noon) {
		t.Error(f.clock.Now())
	}
	f.want("POST", "clock", `{"advance":"1h30m0.5s"}`, 200, `{"now":"2024-05-01T13:30:00.500Z","milliseconds":1714570200500,"frozen":true}`)
	f.want("POST", "clock", `{"set":1714564800000}`, 200, frozen)
	f.want("POST", "clock", `{"set":"2024-05-01T14:00:00+02:00"}`, 200, frozen)
	status, body := f.do("POST", "clock", `{"set":"2030-01-01T00:00:00Z","advance":"24h","freeze":false}`)
	if status != 200 || !strings.Contains(body, `"now":"2030-01-02T00:0`) || !strings.Contains(body, `"frozen":false`) {
		t.Errorf("%d %s", status, body)
	}
	if _, body := f.do("POST", "clock", `{"freeze":true}`); !strings.Contains(body, `"now":"2030-01-02T00:0`) || !strings.Contains(body, `"frozen":true`) {
		t.Error(body)
	}
	const bounds = "the clock goes from 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z"
	const time = "want a time as 2024-05-01T12:00:00Z, or milliseconds since 1970"
	f.refused("POST", "clock", `{"set":"1969-12-31T23:59:59Z"}`, 400, bounds, "set")
	f.refused("POST", "clock", `{"set":9223372036854775807}`, 400, bounds, "set")
	f.refused("POST", "clock", `{"advance":"2500000h"}`, 400, bounds, "advance")
	f.refused("POST", "clock", `{"advance":"-1h"}`, 400, `time goes forward; "set" goes back`, "advance")
	f.refused("POST", "clock", `{"set":"noon"}`, 400, time, "set")
	f.refused("POST", "clock", `{"set":1.5}`, 400, time, "set")
	f.refused("POST", "clock", `{"advance":5}`, 400, `want a duration such as "90s" or "1h30m"`, "advance")
	f.refused("POST", "clock", `{"freeze":1}`, 400, "want true or false", "freeze")
	f.refused("POST", "clock", ``, 400, `want some of "set", "advance" and "freeze"`, "")
	f.refused("POST", "clock", `{"frezze":true}`, 400, `there is no "frezze" here; did you mean "freeze"?`, "frezze")
}

func TestExpireRemovesWhatIsDue(t *testing.T) {
	f := start(t)
	f.clock.Freeze(noon)
	f.put("Posts", `{"id":{"S":"soon"},"expires":{"N":"1714564860"}}`, `{"id":{"S":"later"},"expires":{"N":"1714568460"}}`)
	f.want("POST", "expire", "", 200, `{"expired":0}`)
	f.do("POST", "clock", `{"advance":"2m"}`)
	f.want("POST", "expire", "", 200, `{"expired":1}`)
	f.wantItems("tables/Posts/items", `{"expires":1714568460,"id":"later"}`)
}

func TestRefusals(t *testing.T) {
	f := start(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		message, field     string
	}{
		{"GET", "tables/Post", "", 404, `there is no table "Post"; did you mean "Posts"?`, "table"},
		{"GET", "tables/Nothing/items", "", 404, `there is no table "Nothing"`, "table"},
		{"GET", "tables/Post/export", "", 404, `there is no table "Post"; did you mean "Posts"?`, "table"},
		{"POST", "tables/Post/import", "{}", 404, `there is no table "Post"; did you mean "Posts"?`, "table"},
		{"GET", "tables/Post/items/a", "", 404, `there is no table "Post"; did you mean "Posts"?`, "table"},
		{"POST", "reset", `{"tables":["Posts","Evens"]}`, 404, `there is no table "Evens"; did you mean "Events"?`, "tables[1]"},
		{"POST", "reset", `{"tables":[]}`, 400, `name the tables to empty, or leave "tables" out for all`, "tables"},
		{"POST", "reset", `{"tables":"Posts"}`, 400, "want a list of table names", "tables"},
		{"POST", "reset", `{"tables":[1]}`, 400, "want the name of a table", "tables[0]"},
		{"POST", "reset", `{"seed":"no"}`, 400, "want true or false", "seed"},
		{"POST", "reset", `{"table":["Posts"]}`, 400, `there is no "table" here; did you mean "tables"?`, "table"},
		{"POST", "reset", `[]`, 400, "the body is not a JSON object", ""},
		{"GET", "tables/Posts/items?limit=0", "", 400, "want a number from 1 to 1000", "limit"},
		{"GET", "tables/Posts/items?limt=1", "", 400, `there is no parameter "limt"; did you mean "limit"?`, "limt"},
		{"GET", "tables/Posts/items?limit=1&limit=2", "", 400, "the parameter is there 2 times", "limit"},
		{"GET", "tables/Posts/items?format=xml", "", 400, "want plain or dynamodb", "format"},
		{"GET", "tables/Posts/items?index=byAuthr", "", 404, `table "Posts" has no index "byAuthr"; did you mean "byAuthor"?`, "index"},
		{"GET", "tables/Posts/items?startKey=x", "", 400, "the key is not JSON: Unrecognized token 'x': was expecting ('true', 'false' or 'null') at line 1, column 2", "startKey"},
		{"GET", "tables/Posts/items?startKey=%7B%7D", "", 400, "id is missing", "startKey"},
		{"GET", "tables/Posts/items?startKey=%7B%22id%22:1%7D", "", 400, "id: want a string, for a key of type S", "startKey"},
		{"GET", "tables/Posts/items?startKey=%7B%22n%22:1%7D", "", 400, "n is not an attribute of the key", "startKey"},
		{"GET", "tables/Posts/items/a/b", "", 400, `an item of table "Posts" is at /items/{id}`, ""},
		{"GET", "tables/Events/items/7", "", 400, `an item of table "Events" is at /items/{day}/{at}`, ""},
		{"GET", "tables/Events/items/x/AA==", "", 400, "The parameter cannot be converted to a numeric value: x", "day"},
		{"GET", "tables/Events/items/7/*", "", 400, "want Base64, for a key of type B", "at"},
		{"PUT", "tables/Posts/items/a", "", 400, "the body is not JSON: Unexpected end-of-input: expected a value at line 1, column 1", ""},
		{"GET", "reset", "", 405, "the method here is POST", ""},
		{"POST", "clocks", "", 404, `there is nothing at /_emulator/clocks; did you mean "clock"?`, ""},
		{"GET", "tables/", "", 404, `there is nothing at /_emulator/tables/`, ""},
	} {
		f.refused(c.method, c.path, c.body, c.status, c.message, c.field)
	}
	req, _ := http.NewRequest("PATCH", f.url+"clock", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if allow := resp.Header.Get("Allow"); resp.StatusCode != 405 || allow != "GET, POST" {
		t.Errorf("%d, Allow: %s", resp.StatusCode, allow)
	}
}

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestBodiesAreBounded(t *testing.T) {
	f := start(t)
	for path, status := range map[string]int{"seed": 413, "reset": 413, "clock": 413, "tables/Posts/import": 400} {
		answer := httptest.NewRecorder()
		f.Handler().ServeHTTP(answer, httptest.NewRequest("POST", admin.Prefix+path, zeros{}))
		if answer.Code != status || !strings.Contains(answer.Body.String(), "longer than") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}
