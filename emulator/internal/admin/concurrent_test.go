package admin_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Requests go on while the whole store is emptied, kept and brought back, and
// none of them fails or leaves the store inconsistent.
func TestRequestsGoOnDuringAdministration(t *testing.T) {
	f := start(t)
	var stop atomic.Bool
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := 0; !stop.Load(); i++ {
				item := attribute.NewItem(
					attribute.Attribute{Name: "id", Value: attribute.String(fmt.Sprintf("%d-%d", w, i%50))},
					attribute.Attribute{Name: "author", Value: attribute.String(fmt.Sprintf("x%d", i%3))})
				if _, err := f.store.PutItem(t.Context(), &storage.PutItemInput{Table: "Posts", Item: item}); err != nil {
					t.Errorf("put: %v", err)
					return
				}
				if _, err := f.store.Scan(t.Context(), &storage.ScanInput{Table: "Posts", Index: "byAuthor", Limit: 10}); err != nil {
					t.Errorf("scan: %v", err)
					return
				}
			}
		})
	}
	// One request after the other from several clients at once.
	var clients sync.WaitGroup
	for _, requests := range [][][3]string{
		{{"POST", "snapshot/one", ""}, {"POST", "restore/one", ""}, {"GET", "snapshots", ""}},
		{{"POST", "reset", "{}"}, {"POST", "seed", `{"Posts":[{"id":"s"}],"Events":[]}`}, {"GET", "tables", ""}},
		{{"GET", "tables/Posts/export", ""}, {"POST", "tables/Posts/import", `{"Item":{"id":{"S":"i"}}}`}},
		{{"POST", "clock", `{"advance":"1s"}`}, {"POST", "expire", ""}, {"GET", "clock", ""}, {"GET", "tables/Posts/items", ""}},
	} {
		clients.Go(func() {
			for range 8 {
				for _, r := range requests {
					req, err := http.NewRequest(r[0], f.url+r[1], strings.NewReader(r[2]))
					if err != nil {
						t.Error(err)
						return
					}
					resp, err := http.DefaultClient.Do(req)
					if err != nil {
						t.Error(err)
						return
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || resp.StatusCode != http.StatusOK {
						t.Errorf("%s: %d %s %v", r[1], resp.StatusCode, body, err)
					}
				}
			}
		})
	}
	clients.Wait()
	stop.Store(true)
	workers.Wait()
	if err := f.store.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
