package versioned_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

func ptr[T any](v T) *T { return &v }

// all runs a Sync to its end and returns its items. Every page must have the
// startedAt of the first.
func (h *harness) all(in versioned.SyncInput) (items []*attribute.Item, pages, scanned int, last *versioned.SyncOutput) {
	h.t.Helper()
	var started int64
	for {
		out := must(h.Sync(ctx, &in))(h.t)
		items, pages, scanned = append(items, out.Items...), pages+1, scanned+out.ScannedCount
		if started == 0 {
			started = out.StartedAt
		}
		if out.StartedAt != started {
			h.t.Fatalf("page %d began at %d, the first at %d", pages, out.StartedAt, started)
		}
		if out.Next == nil {
			return items, pages, scanned, out
		}
		if pages > 10000 {
			h.t.Fatal("the pages do not end")
		}
		h.clock.advance(time.Millisecond)
		// As through a token.
		next, err := versioned.ParsePosition(out.Next.Item())
		if err != nil {
			h.t.Fatal(err)
		}
		in.From = next
	}
}

// ids are those of items with their versions.
func ids(items []*attribute.Item) string {
	var out []string
	for _, it := range items {
		s := it.Get("id").Text() + ":" + it.Get("_version").Text()
		if it.Get("_deleted").Bool() {
			s += "x"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// The choice between base and delta table: the AWS page "Sync operations".
// AppSync's lastSync is in milliseconds; DataStore for JavaScript sends 0 at
// first, Android's may lie in the future.
func TestSyncChoosesTheTable(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	now := epoch + 1
	for name, test := range map[string]struct {
		lastSync *int64
		delta    bool
		items    int
	}{
		"none":               {nil, false, 1},
		"0":                  {ptr(int64(0)), false, 1},
		"negative":           {ptr(int64(-1)), false, 1},
		"the least":          {ptr(int64(math.MinInt64)), false, 1},
		"in seconds":         {ptr(now / 1000), false, 1},
		"before the window":  {ptr(now - 3600_000 - 1), false, 1},
		"at its edge":        {ptr(now - 3600_000), true, 1},
		"inside":             {ptr(now - 1000), true, 1},
		"at the change":      {ptr(epoch), true, 1}, // the millisecond counts
		"after it":           {ptr(epoch + 1), true, 0},
		"in the future":      {ptr(now + 3600_000), true, 0},
		"days in the future": {ptr(now + 10*86400_000), true, 0},
		"in a far future":    {ptr(int64(math.MaxInt64)), true, 0},
		"in microseconds":    {ptr(now * 1000), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h.clock.set(now)
			out := must(h.Sync(ctx, &versioned.SyncInput{LastSync: test.lastSync}))(t)
			if out.Delta != test.delta || len(out.Items) != test.items || out.Next != nil || out.StartedAt < now {
				t.Errorf("%+v", out)
			}
		})
	}
}

// A window that reaches back before 1970 has no further days.
func TestSyncWithAnEndlessWindow(t *testing.T) {
	h := notes(t, func(c *versioned.Config) { c.DeltaTTL = math.MaxInt64 })
	h.put(nil, id("n1"))
	for _, lastSync := range []int64{0, -5, 1} {
		items, _, _, out := h.all(versioned.SyncInput{LastSync: &lastSync})
		if ids(items) != "n1:1" || !out.Delta {
			t.Errorf("%d: %s, %+v", lastSync, ids(items), out)
		}
	}
	none := notes(t, func(c *versioned.Config) { c.DeltaTTL = 0 })
	none.put(nil, id("n1"))
	if out := must(none.Sync(ctx, &versioned.SyncInput{LastSync: ptr(epoch - 1)}))(t); out.Delta {
		t.Error("there is no window")
	}
}

// Base: every item once, tombstones too (aws-amplify/amplify-cli#4230), in pages
// whose startedAt is that of the first.
func TestSyncOfTheBaseTable(t *testing.T) {
	h := notes(t)
	want := map[string]bool{}
	for i := range 25 {
		n := fmt.Sprint("n", i)
		h.put(item("n", i), id(n))
		h.set(id(n), "text", "a")
		if i%5 == 0 {
			h.delete(id(n))
		}
		want[n] = i%5 == 0
	}
	items, pages, scanned, out := h.all(versioned.SyncInput{Limit: ptr(int64(4))})
	if pages != 7 || scanned != 25 || out.Delta {
		t.Errorf("%d pages, %d scanned, %+v", pages, scanned, out)
	}
	for _, it := range items {
		n := it.Get("id").Text()
		if deleted, ok := want[n]; !ok || deleted != it.Get("_deleted").Bool() {
			t.Errorf("%s", text(it))
		}
		delete(want, n)
	}
	if len(want) != 0 {
		t.Errorf("missing %v", want)
	}
	// The filter works after the limit; a tombstone has its attributes and matches.
	items, pages, scanned, _ = h.all(versioned.SyncInput{
		Limit: ptr(int64(10)), Expr: storage.Expressions{Filter: "n < :n", Values: values(":n", 6)},
	})
	if len(items) != 6 || pages != 3 || scanned != 25 {
		t.Errorf("%d items in %d pages, %d scanned", len(items), pages, scanned)
	}
	// As DataStore resolvers leave it over: aws-amplify/amplify-android#2540.
	items, _, _, _ = h.all(versioned.SyncInput{Expr: storage.Expressions{Filter: "", Names: map[string]string{}, Values: values(":unused", 1)}})
	if len(items) != 25 {
		t.Errorf("%d items", len(items))
	}
	// A tombstone whose time has come is not there.
	h.clock.advance(31 * 24 * time.Hour)
	for _, filter := range []string{"", "n >= :n", "(n >= :n)", "(n >= :n) OR (n < :n)", "n >= :n OR n < :n"} {
		expr := storage.Expressions{Filter: filter}
		if filter != "" {
			expr.Values = values(":n", 0)
		}
		items, _, scanned, _ = h.all(versioned.SyncInput{Expr: expr})
		if len(items) != 20 || scanned != 20 {
			t.Errorf("%q: %d items, %d scanned", filter, len(items), scanned)
		}
	}
}

// See the AWS page of Sync: the default is 100 and the maximum 1000.
func TestSyncLimits(t *testing.T) {
	h := notes(t)
	var writes []storage.TransactWrite
	for i := range 1005 {
		writes = append(writes, storage.TransactWrite{Put: &storage.PutItemInput{Table: "Notes", Item: id(fmt.Sprint(i))}})
		if len(writes) == 100 || i == 1004 {
			must(h.store.TransactWrite(ctx, &storage.TransactWriteInput{Actions: writes}))(t)
			writes = nil
		}
	}
	for limit, want := range map[int64]int{1: 1, 999: 999, 1000: 1000, 1001: 1000, math.MaxInt64: 1000} {
		out := must(h.Sync(ctx, &versioned.SyncInput{Limit: &limit}))(t)
		if len(out.Items) != want || out.Next == nil {
			t.Errorf("limit %d: %d items", limit, len(out.Items))
		}
	}
	if out := must(h.Sync(ctx, &versioned.SyncInput{}))(t); len(out.Items) != 100 {
		t.Errorf("%d items", len(out.Items))
	}
	for _, limit := range []int64{0, -1, math.MinInt64} {
		_, err := h.Sync(ctx, &versioned.SyncInput{Limit: &limit})
		expectRefusal(t, err, fmt.Sprintf("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value greater than or equal to 1", limit))
	}
}

// One row for each change, oldest first, over all days and in any pages:
// AppSyncClientInstrumentationTest of aws-amplify/amplify-android and
// aws-amplify/amplify-js#8158.
func TestSyncOfChanges(t *testing.T) {
	h := notes(t, func(c *versioned.Config) { c.DeltaTTL = 20 * 24 * time.Hour })
	h.put(nil, id("before"))
	h.clock.advance(time.Second)
	since := h.clock.ms.Load()
	h.put(nil, id("n1"))
	h.put(nil, id("n2"))
	h.delete(id("n2"))
	h.clock.advance(24 * time.Hour)
	h.set(id("n1"), "text", "a")
	h.clock.advance(3 * 24 * time.Hour)
	h.put(nil, id("n3"))
	h.delete(id("n1"))
	const want = "n1:1 n2:1 n2:2x n1:2 n3:1 n1:3x"
	for limit := int64(1); limit < 9; limit++ {
		items, pages, scanned, out := h.all(versioned.SyncInput{LastSync: &since, Limit: &limit})
		if ids(items) != want || scanned != 6 || !out.Delta || pages > 6+4 {
			t.Errorf("limit %d: %s in %d pages, %d scanned", limit, ids(items), pages, scanned)
		}
	}
	// The order of the query does not touch that of the changes.
	items, _, _, _ := h.all(versioned.SyncInput{LastSync: &since, Descending: true})
	if ids(items) != want {
		t.Error(ids(items))
	}
	// With a filter, whose items are counted all the same.
	items, _, scanned, _ := h.all(versioned.SyncInput{LastSync: &since, Expr: storage.Expressions{
		Filter: "#day = :day", Names: map[string]string{"#day": "id"}, Values: values(":day", "n1"),
	}})
	if ids(items) != "n1:1 n1:2 n1:3x" || scanned != 6 {
		t.Errorf("%s, %d scanned", ids(items), scanned)
	}
	// A client that goes on from startedAt gets what came after, and no more.
	out := must(h.Sync(ctx, &versioned.SyncInput{LastSync: &since}))(t)
	h.put(nil, id("n4"))
	items, _, _, _ = h.all(versioned.SyncInput{LastSync: &out.StartedAt})
	if ids(items) != "n4:1" {
		t.Error(ids(items))
	}
}

// Rows whose _ttl has passed are skipped, though they may still be stored.
func TestSyncSkipsExpiredChanges(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	h.clock.advance(30 * time.Minute)
	h.put(nil, id("n2"))
	first := must(h.Sync(ctx, &versioned.SyncInput{LastSync: ptr(epoch), Limit: ptr(int64(1))}))(t)
	h.clock.advance(31 * time.Minute)
	in := versioned.SyncInput{From: first.Next, LastSync: ptr(epoch)}
	items, _, scanned, _ := h.all(in)
	if ids(items) != "n2:1" || scanned != 1 {
		t.Errorf("%s, %d scanned", ids(items), scanned)
	}
	whole := *first.Next
	whole.Key = nil
	items, _, scanned, _ = h.all(versioned.SyncInput{From: &whole})
	if ids(items) != "n2:1" || scanned != 1 {
		t.Errorf("%s, %d scanned", ids(items), scanned)
	}
}

// A page goes on where the one before ended, whatever else the request says
// then: lastSync and the window count for the first page alone.
func TestSyncContinuesWhatItBegan(t *testing.T) {
	h := notes(t)
	for i := range 6 {
		h.put(nil, id(fmt.Sprint("n", i)))
	}
	first := must(h.Sync(ctx, &versioned.SyncInput{LastSync: ptr(epoch), Limit: ptr(int64(3))}))(t)
	h.clock.advance(10 * time.Minute)
	out := must(h.Sync(ctx, &versioned.SyncInput{From: first.Next}))(t)
	if !out.Delta || ids(out.Items) != "n3:1 n4:1 n5:1" || out.StartedAt != first.StartedAt {
		t.Errorf("%s %+v", ids(out.Items), out)
	}
	base := must(h.Sync(ctx, &versioned.SyncInput{Limit: ptr(int64(3))}))(t)
	out = must(h.Sync(ctx, &versioned.SyncInput{From: base.Next, LastSync: ptr(epoch)}))(t)
	if out.Delta || len(out.Items) != 3 || out.StartedAt != base.StartedAt {
		t.Errorf("%+v", out)
	}
}

// Pages stay near 1 MB, as DynamoDB's do, also when the days are small.
func TestPagesOfChangesAreBounded(t *testing.T) {
	h := notes(t, func(c *versioned.Config) { c.DeltaTTL = 20 * 24 * time.Hour })
	for i := range 8 {
		h.put(item("text", strings.Repeat("x", 300<<10)), id(fmt.Sprint("n", i)))
		h.clock.advance(24 * time.Hour)
	}
	items, pages, scanned, _ := h.all(versioned.SyncInput{LastSync: ptr(epoch)})
	if ids(items) != "n0:1 n1:1 n2:1 n3:1 n4:1 n5:1 n6:1 n7:1" || pages != 3 || scanned != 8 {
		t.Errorf("%s in %d pages, %d scanned", ids(items), pages, scanned)
	}
}

// Several tables may share a delta table: AWS page "Versioned data sources".
func TestSharedDeltaTable(t *testing.T) {
	h := notes(t)
	if err := h.store.CreateTable(ctx, storage.Table{Name: "Note", Key: schema(attr("id", attribute.S))}); err != nil {
		t.Fatal(err)
	}
	cfg := h.cfg
	cfg.Table = "Note"
	other := *h
	other.Table, other.cfg = versioned.New(h.store, h.times, cfg), cfg
	h.put(nil, id("n1"))
	other.put(nil, id("n1"))
	other.set(id("n1"), "a", 1)
	for name, test := range map[string]struct {
		h    *harness
		want string
	}{"Notes": {h, "n1:1"}, "Note": {&other, "n1:1 n1:2"}} {
		if items, _, _, _ := test.h.all(versioned.SyncInput{LastSync: ptr(epoch)}); ids(items) != test.want {
			t.Errorf("%s: %s", name, ids(items))
		}
	}
}

// The query that Amplify sends for models with keys:
// aws-amplify/amplify-category-api#672. Inside of the delta window AppSync passes
// the index on to the delta table and fails: #1853.
func TestSyncByQuery(t *testing.T) {
	h := notes(t)
	for i := range 6 {
		h.put(item("owner", []string{"ann", "bob"}[i%2], "n", i), id(fmt.Sprint("n", i)))
	}
	query := versioned.SyncInput{
		Index: "byOwner", Limit: ptr(int64(2)),
		Expr: storage.Expressions{
			KeyCondition: "#owner = :owner", Filter: "#n < :n",
			Names: map[string]string{"#owner": "owner", "#n": "n"}, Values: values(":owner", "ann", ":n", 4),
		},
	}
	items, _, scanned, _ := h.all(query)
	if ids(items) != "n0:1 n2:1" || scanned != 3 {
		t.Errorf("%s, %d scanned", ids(items), scanned)
	}
	query.Descending = true
	if items, _, _, _ = h.all(query); ids(items) != "n2:1 n0:1" {
		t.Error(ids(items))
	}
	query.LastSync = ptr(epoch)
	items, _, scanned, out := h.all(query)
	if ids(items) != "n0:1 n2:1" || scanned != 6 || !out.Delta {
		t.Errorf("%s, %d scanned", ids(items), scanned)
	}
	query.Expr.Filter = ""
	query.Expr.KeyCondition = "#owner = :owner AND begins_with(id, :id)"
	query.Expr.Names = map[string]string{"#owner": "owner"}
	query.Expr.Values = values(":owner", "bob", ":id", "n")
	if items, _, _, _ = h.all(query); ids(items) != "n1:1 n3:1 n5:1" {
		t.Error(ids(items))
	}

	cfg := h.cfg
	cfg.StrictIndex = true
	strict := versioned.New(h.store, h.times, cfg)
	_, err := strict.Sync(ctx, &query)
	expectRefusal(t, err, "The table does not have the specified index: byOwner")
	query.LastSync = nil
	must(strict.Sync(ctx, &query))(t)
}

// customPartitionKey, basePartitionKey and deltaIndexName: AWS pages of PutItem
// and Sync.
func TestSyncWithCustomPartitions(t *testing.T) {
	h := comments(t)
	write := func(post string, at int, custom string) {
		must(h.Put(ctx, &versioned.Write{
			Key: item("post", post, "at", at), Attributes: item("id", fmt.Sprint(post, at)), CustomPartitionKey: custom, PopulateIndexFields: true,
		}))(t)
	}
	write("a", 2, "post")
	write("b", 1, "post")
	write("a", 1, "post")
	write("plain", 1, "")
	byPost := storage.Expressions{Values: values(":p", "a")}
	query, filter, other := byPost, byPost, byPost
	query.KeyCondition = "post = :p"
	filter.Filter = "post = :p AND attribute_exists(id)"
	other.Filter = "post <> :p"
	for name, test := range map[string]struct {
		in   versioned.SyncInput
		want string
	}{
		"the whole delta table":       {versioned.SyncInput{}, "plain1:1"},
		"by the index":                {versioned.SyncInput{DeltaIndex: "byDay"}, "a2:1 b1:1 a1:1"},
		"by the query":                {versioned.SyncInput{BasePartitionKey: "post", Expr: query}, "a2:1 a1:1"},
		"by the filter":               {versioned.SyncInput{BasePartitionKey: "post", Expr: filter, DeltaIndex: "byDay"}, "a2:1 a1:1"},
		"a filter that fixes nothing": {versioned.SyncInput{BasePartitionKey: "post", Expr: other, DeltaIndex: "byDay"}, "b1:1"},
		"without an index or a value": {versioned.SyncInput{BasePartitionKey: "post"}, "plain1:1"},
		"a query without the name":    {versioned.SyncInput{Expr: query, DeltaIndex: "byDay"}, "a2:1 a1:1"},
		"another name":                {versioned.SyncInput{BasePartitionKey: "id", Expr: query}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for limit := int64(1); limit < 5; limit++ {
				test.in.LastSync, test.in.Limit = ptr(epoch), &limit
				if items, _, _, out := h.all(test.in); ids(items) != test.want || !out.Delta {
					t.Errorf("limit %d: %s", limit, ids(items))
				}
			}
		})
	}
	_, err := h.Sync(ctx, &versioned.SyncInput{LastSync: ptr(epoch), DeltaIndex: "gone"})
	expectRefusal(t, err, "The table does not have the specified index: gone")
}

// What is wrong with a request is said of the request, not of what became of it.
func TestSyncRefuses(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	for name, test := range map[string]struct {
		expr    storage.Expressions
		message string
	}{
		"syntax": {storage.Expressions{Filter: "a ="}, `Invalid FilterExpression: Syntax error; token: "<EOF>", near: "="`},
		"parentheses": {storage.Expressions{Filter: "((a = :v))", Values: values(":v", 1)},
			"Invalid FilterExpression: The expression has redundant parentheses;"},
		"undefined": {storage.Expressions{Filter: "a = :v"},
			"Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v"},
		"unused": {storage.Expressions{Filter: "a = :v", Values: values(":v", 1, ":w", 1)},
			"Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Sync(ctx, &versioned.SyncInput{Expr: test.expr})
			expectRefusal(t, err, test.message)
			_, err = h.Sync(ctx, &versioned.SyncInput{Expr: test.expr, BasePartitionKey: "id", LastSync: ptr(epoch)})
			expectRefusal(t, err, test.message)
		})
	}
}

func TestPositionsAreItems(t *testing.T) {
	for _, p := range []versioned.Position{
		{},
		{StartedAt: epoch, Key: id("n1")},
		{Delta: true, LastSync: epoch, StartedAt: epoch + 1, Day: 19675, Custom: ptr(""), Index: "byDay", Key: item("ds_pk", "a", "ds_sk", "b")},
	} {
		got, err := versioned.ParsePosition(p.Item())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text(p.Item()), text(got.Item())); diff != "" || (got.Custom == nil) != (p.Custom == nil) {
			t.Errorf("position (-want +got):\n%s", diff)
		}
	}
	whole := (&versioned.Position{Delta: true, Custom: ptr("a"), Index: "i", Key: id("n1")}).Item()
	for _, a := range whole.Attributes() {
		if _, err := versioned.ParsePosition(with(whole, a.Name, []any{})); err == nil {
			t.Errorf("%s is a list", a.Name)
		}
	}
	for _, broken := range []*attribute.Item{nil, item(), id("n1")} {
		if _, err := versioned.ParsePosition(broken); err == nil {
			t.Errorf("%s is a position", text(broken))
		}
	}
}

// FuzzSync continues from arbitrary positions, over a store that has some items.
func FuzzSync(f *testing.F) {
	h := notes(f)
	for i := range 3 {
		h.put(nil, id(fmt.Sprint("n", i)))
	}
	f.Add(text((&versioned.Position{Delta: true, LastSync: epoch, Day: 19675, Key: item("ds_pk", today, "ds_sk", "x")}).Item()), int64(10))
	f.Add(text((&versioned.Position{StartedAt: math.MaxInt64, LastSync: math.MinInt64, Day: math.MinInt64, Delta: true}).Item()), int64(1))
	f.Add(text((&versioned.Position{LastSync: math.MaxInt64, Day: math.MaxInt64, Delta: true, Index: "byDay"}).Item()), int64(0))
	f.Fuzz(func(t *testing.T, at string, limit int64) {
		position, err := attribute.ParseItemJSON([]byte(at))
		if err != nil {
			return
		}
		from, err := versioned.ParsePosition(position)
		if err != nil {
			return
		}
		began := time.Now()
		out, err := h.Sync(ctx, &versioned.SyncInput{From: from, Limit: &limit})
		if err == nil && (len(out.Items) > 1000 || out.StartedAt != from.StartedAt) {
			t.Errorf("%+v", out)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
	})
}
