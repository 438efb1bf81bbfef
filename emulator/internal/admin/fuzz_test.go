package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/admin"
)

// Whatever is asked, the answer is JSON, and nothing fails that the request is not
// to blame for.
func FuzzRequests(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "tables", ""},
		{"GET", `tables/Posts/items?startKey={"id":"a"}&limit=2&index=byAuthor&format=dynamodb`, ""},
		{"PUT", "tables/Posts/items/a%2fb", `{"n":{"N":"1e3"}}`},
		{"PUT", "tables/Events/items/7/AA==", `{"l":[{"x":[null,true]}]}`},
		{"GET", "tables/Posts/export", ""},
		{"POST", "tables/Posts/import", "{\"Item\":{\"id\":{\"S\":\"a\"}}}\n\n{\"Item\":[]}"},
		{"POST", "reset", `{"tables":["Posts"],"seed":false}`},
		{"POST", "seed", `{"Posts":[{"id":{"S":"b"},"s":{"SS":["p","p"]}}]}`},
		{"POST", "snapshot/a", ""}, {"POST", "restore/a", ""}, {"DELETE", "snapshots/a", ""},
		{"POST", "clock", `{"set":1714564800000,"advance":"1h","freeze":true}`},
		{"POST", "expire", ""},
		{"GET", "sync", ""},
		{"POST", "hold", `{"table":"Posts","key":{"id":"a"}}`},
		{"POST", "release", `{"table":"Events","key":{"day":{"N":"1"},"at":{"B":"AQI="}}}`},
		{"GET", "holds", ""}, {"DELETE", "holds", ""},
		{"POST", "faults", `[{"id":"a","kind":"latency","delay":"1s","match":{"field":"Post.comments"}},{"kind":"close"}]`},
		{"POST", "faults/scenario?name=a", "steps:\n  - at: 0s\n    set: {kind: drop}\n"},
		{"GET", "faults", ""}, {"GET", "faults/a", ""}, {"DELETE", "faults/a", ""}, {"DELETE", "faults", ""},
		{"GET", "faults/scenario", ""}, {"DELETE", "faults/scenario", ""}, {"GET", "connections", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	service := start(f, versionedTables)
	handler := service.Handler()
	f.Fuzz(func(t *testing.T, method, path, body string) {
		address, err := url.Parse("http://localhost" + admin.Prefix + path)
		if err != nil {
			t.Skip()
		}
		req := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		req.Method, req.URL = method, address
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if answer.Code >= 500 {
			t.Fatalf("%q %q %q: %d %s", method, path, body, answer.Code, answer.Body)
		}
		for line := range strings.Lines(answer.Body.String()) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("%q %q %q: %s", method, path, body, line)
			}
		}
	})
}
