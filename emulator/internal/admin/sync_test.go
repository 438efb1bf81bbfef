package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// versionedTables makes the tables of the fixture those of versioned data sources.
func versionedTables(o *admin.Options) {
	o.Project.Versioned = []admin.VersionedSource{
		{Name: "PostSource", Table: "Posts", DeltaTable: "Nowhere", BaseTTL: 2 * time.Hour, DeltaTTL: time.Hour},
		{Name: "EventSource", Table: "Events", DeltaTable: "Nowhere"},
	}
}

func postKey(id string) *attribute.Item {
	return attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String(id)})
}

func TestSyncTellsHowDataSourcesStand(t *testing.T) {
	f := start(t, versionedTables)
	f.clock.Freeze(noon)
	f.put("Posts", `{"id":{"S":"a"}}`)
	f.ObserveWrite("PostSource", versioned.Decision{
		Time: noon.UnixMilli(), Table: "Posts", Key: postKey("a"), Operation: versioned.UpdateItem, Strategy: versioned.Automerge,
		Sent: attribute.Number("1"), Stored: 2, Written: 3, Conflict: true, Rule: versioned.RuleMerged,
		Attributes: []versioned.AttributeDecision{{Path: "tags", Action: versioned.Appended}},
	})
	f.ObserveWrite("PostSource", versioned.Decision{
		Time: noon.UnixMilli(), Table: "Posts", Key: postKey("a"), Operation: versioned.DeleteItem,
		Stored: 3, Rule: versioned.RuleConditionFailed, Err: errors.New("The conditional request failed"),
	})
	f.ObserveWrite("nobody", versioned.Decision{})
	const merged = `{"time":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000,"operation":"UpdateItem","key":{"id":"a"},` +
		`"handler":"AUTOMERGE","sent":1,"stored":2,"written":3,"conflict":true,"rule":"merged","attributes":[{"path":"tags","action":"APPENDED"}]}`
	const failed = `{"time":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000,"operation":"DeleteItem","key":{"id":"a"},` +
		`"handler":"NONE","stored":3,"conflict":false,"rule":"condition failed","error":"The conditional request failed"}`
	f.want("GET", "sync", "", 200, `{"now":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000,"dataSources":[`+
		`{"name":"PostSource","baseTable":{"name":"Posts","items":1,"ttlMinutes":120},"deltaTable":{"name":"Nowhere","items":null,"ttlMinutes":60},`+
		`"deltaWindow":{"since":"2024-05-01T11:00:00.000Z","milliseconds":1714561200000},"writes":[`+failed+`,`+merged+`],"conflicts":[`+merged+`]},`+
		`{"name":"EventSource","baseTable":{"name":"Events","items":0,"ttlMinutes":0},"deltaTable":{"name":"Nowhere","items":null,"ttlMinutes":0},`+
		`"deltaWindow":{"since":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000},"writes":[],"conflicts":[]}]}`)
}

func TestSyncWithoutVersionedDataSources(t *testing.T) {
	f := start(t)
	f.clock.Freeze(noon)
	f.want("GET", "sync", "", 200, `{"now":"2024-05-01T12:00:00.000Z","milliseconds":1714564800000,"dataSources":[]}`)
}

func TestHoldsAreAskedForAndReleased(t *testing.T) {
	f := start(t, versionedTables)
	const post = `{"table":"Posts","key":{"id":"a"}}`
	const event = `{"table":"Events","key":{"at":"AQI=","day":1}}`
	const postHeld = `{"table":"Posts","key":{"id":"a"},"waiting":false}`
	const eventHeld = `{"table":"Events","key":{"at":"AQI=","day":1},"waiting":false}`
	f.want("GET", "holds", "", 200, `{"holds":[]}`)
	f.want("POST", "hold", post, 200, postHeld)
	f.want("POST", "hold", `{"table":"Posts","key":{"id":{"S":"a"}}}`, 200, postHeld)
	f.want("POST", "hold", event, 200, eventHeld)
	f.want("POST", "hold", `{"table":"Events","key":{"day":{"N":"1.0"},"at":{"B":"AQI="}}}`, 200, eventHeld)
	f.want("GET", "holds", "", 200, `{"holds":[`+postHeld+`,`+eventHeld+`]}`)
	f.want("POST", "release", post, 200, postHeld)
	f.refused("POST", "release", post, 404, `{"id":"a"} of table "Posts" is not held`, "key")
	f.want("DELETE", "holds", "", 200, `{"released":[`+eventHeld+`]}`)
	f.want("DELETE", "holds", "", 200, `{"released":[]}`)
}

func TestHoldsThatAreRefused(t *testing.T) {
	f := start(t, versionedTables)
	for _, path := range []string{"hold", "release"} {
		f.refused("POST", path, ``, 400, "want the name of the base table of a versioned data source", "table")
		f.refused("POST", path, `{"table":"Post","key":{"id":"a"}}`, 404, `no versioned data source has the base table "Post"; did you mean "Posts"?`, "table")
		f.refused("POST", path, `{"table":"Posts"}`, 400, `want the key of an item, such as {"id":"1"}`, "key")
		f.refused("POST", path, `{"table":"Posts","key":{"id":1}}`, 400, "id: want a string, for a key of type S", "key")
		f.refused("POST", path, `{"table":"Posts","key":{"id":{"N":"1"}}}`, 400, "id: want type S, not N", "key")
		f.refused("POST", path, `{"table":"Posts","key":{"id":"a","x":"b"}}`, 400, "x is not an attribute of the key", "key")
		f.refused("POST", path, `{"table":"Events","key":{"day":1}}`, 400, "at is missing", "key")
		f.refused("POST", path, `{"table":"Posts","keys":{}}`, 400, `there is no "keys" here; did you mean "key"?`, "keys")
	}
	for i := range 1000 {
		if _, err := f.Hold("Posts", postKey(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	f.refused("POST", "hold", `{"table":"Posts","key":{"id":"one more"}}`, 409, "1000 items are held, which is the limit", "")
}

// await waits until as many writes wait.
func (f *fixture) await(n int) {
	f.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		_, got := f.do("GET", "holds", "")
		if strings.Count(got, `"waiting":true`) == n {
			return
		}
		if time.Now().After(deadline) {
			f.Fatal(got)
		}
	}
}

func TestOneWriteWaitsInAHold(t *testing.T) {
	f := start(t, versionedTables)
	const a = `{"table":"Posts","key":{"id":"a"}}`
	f.do("POST", "hold", a)
	wait := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() { done <- f.BeforeWrite(ctx, "Posts", postKey("a")) }()
		return done
	}
	first := wait(t.Context())
	f.await(1)
	for table, id := range map[string]string{"Posts": "a", "Events": "a"} {
		if err := f.BeforeWrite(t.Context(), table, postKey(id)); err != nil {
			t.Error(err)
		}
	}
	f.refused("POST", "hold", a, 409, `a mutation of {"id":"a"} of table "Posts" waits already; release it first`, "")
	f.want("POST", "release", a, 200, `{"table":"Posts","key":{"id":"a"},"waiting":true}`)
	if err := <-first; err != nil {
		t.Error(err)
	}
	// A request that ends takes its hold with it.
	f.do("POST", "hold", a)
	ctx, cancel := context.WithCancel(t.Context())
	second := wait(ctx)
	f.await(1)
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	f.want("GET", "holds", "", 200, `{"holds":[]}`)
}

func TestWritesAndHoldsAtOnce(t *testing.T) {
	f := start(t, versionedTables)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 200 {
				key := postKey(fmt.Sprint(i % 3))
				if w == 0 {
					// It may wait already, which is refused.
					_, _ = f.Hold("Posts", key)
					_, _ = f.Release("Posts", key)
					continue
				}
				if err := f.BeforeWrite(t.Context(), "Posts", key); err != nil {
					t.Error(err)
				}
				f.ObserveWrite("PostSource", versioned.Decision{Table: "Posts", Key: key, Conflict: true})
				if i%50 == 0 {
					f.do("GET", "sync", "")
				}
			}
		})
	}
	writers.Wait()
	f.want("GET", "holds", "", 200, `{"holds":[]}`)
}

func BenchmarkBeforeWriteWithoutHolds(b *testing.B) {
	f := start(b, versionedTables)
	key := postKey("a")
	b.ReportAllocs()
	for b.Loop() {
		if err := f.BeforeWrite(b.Context(), "Posts", key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObserveWrite(b *testing.B) {
	f := start(b, versionedTables)
	d := versioned.Decision{Table: "Posts", Key: postKey("a"), Conflict: true}
	b.ReportAllocs()
	for b.Loop() {
		f.ObserveWrite("PostSource", d)
	}
}
