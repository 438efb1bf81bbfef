package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/server"
)

// reached answers with the path that it is asked for.
func reached(what string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, what+" "+r.URL.Path) })
}

func startGuarded(t *testing.T, change func(*server.Options)) *fixture {
	return start(t, func(o *server.Options) {
		o.Admin, o.DynamoDB = reached("admin"), reached("dynamodb")
		if change != nil {
			change(o)
		}
	})
}

// send sends a request under a Host of its own, with header names and values.
func (f *fixture) send(method, path, host string, header ...string) (*http.Response, string) {
	f.Helper()
	req, err := http.NewRequest(method, "http://"+f.addr+path, nil)
	if err != nil {
		f.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := f.plain.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.Fatal(err)
	}
	return resp, string(text)
}

// What a browser sends on behalf of a page is told by its Host, Origin and
// Sec-Fetch-Site.
//
// See: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
func TestWebPagesDoNotReachTheAdministration(t *testing.T) {
	f := startGuarded(t, func(o *server.Options) {
		o.AllowHosts = []string{"emulator", "Box.example.", "192.168.1.5"}
		o.AllowOrigins = []string{"https://App.example:8443", "capacitor://app"}
	})
	for _, c := range []struct {
		name, host string
		header     []string
		admitted   bool
	}{
		{"a tool", "", nil, true},
		{"localhost with a port of its own", "localhost:1", nil, true},
		{"a name below localhost", "api.localhost:20002", nil, true},
		{"a complete name", "localhost.:20002", nil, true},
		{"IPv6", "[::1]:20002", nil, true},
		{"IPv6 without a port", "[::1]", nil, true},
		{"all of 127", "127.1.2.3", nil, true},
		{"an allowed name", "emulator:20002", nil, true},
		{"an allowed name in another form", "BOX.EXAMPLE:1", nil, true},
		{"an allowed address", "192.168.1.5:20002", nil, true},

		{"a rebound name", "evil.example:20002", nil, false},
		{"a name that only looks like it", "localhost.evil.example", nil, false},
		{"an address that only begins like it", "127.0.0.1.evil.example:20002", nil, false},
		{"an address of the network", "10.0.0.1:20002", nil, false},
		{"all addresses", "0.0.0.0:20002", nil, false},

		{"a page of this machine", "", []string{"Origin", "http://localhost:3000"}, true},
		{"a page of this machine from another site", "", []string{"Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "cross-site"}, true},
		{"an allowed page", "", []string{"Origin", "https://app.example:8443"}, true},
		{"an allowed page of another scheme", "", []string{"Origin", "capacitor://app"}, true},
		{"a page of the allowed name itself", "emulator:20002", []string{"Origin", "http://emulator:20002"}, true},

		{"a foreign page", "", []string{"Origin", "https://evil.example"}, false},
		{"an allowed page at another port", "", []string{"Origin", "https://app.example"}, false},
		{"an allowed page without its encryption", "", []string{"Origin", "http://app.example:8443"}, false},
		{"another port of the allowed name", "emulator:20002", []string{"Origin", "http://emulator:8080"}, false},
		{"a page that hides its origin", "", []string{"Origin", "null"}, false},
		{"an empty origin", "", []string{"Origin", ""}, false},
		{"one good origin of two", "", []string{"Origin", "http://localhost", "Origin", "https://evil.example"}, false},
		{"an origin with a user", "", []string{"Origin", "http://localhost@evil.example"}, false},
		{"an image on a foreign page", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false},
		{"an address that was typed", "", []string{"Sec-Fetch-Site", "none"}, true},
		{"a page of the same site", "", []string{"Sec-Fetch-Site", "same-site"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				resp, body := f.send(method, "/_emulator/tables", c.host, c.header...)
				want := `{"error":{"message":"`
				status := http.StatusForbidden
				if c.admitted {
					want, status = "admin /_emulator/tables", http.StatusOK
				}
				if resp.StatusCode != status || !strings.HasPrefix(body, want) || !c.admitted && !json.Valid([]byte(body)) {
					t.Errorf("%s: %d %s", method, resp.StatusCode, body)
				}
				for name := range resp.Header {
					if !c.admitted && strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s: %s", method, name)
					}
				}
			}
		})
	}
}

// Without an answer to its preflight a page cannot send JSON, nor read anything.
func TestAdmittedPagesAloneMayReadTheAdministration(t *testing.T) {
	f := startGuarded(t, func(o *server.Options) { o.AllowOrigins = []string{"https://app.example"} })
	for origin, admitted := range map[string]bool{
		"http://localhost:3000": true, "https://app.example": true, "https://evil.example": false, "null": false,
	} {
		want := ""
		if admitted {
			want = origin
		}
		resp, _ := f.send("OPTIONS", "/_emulator/reset", "", "Origin", origin,
			"Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "content-type")
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want || admitted != (resp.StatusCode == 200) {
			t.Errorf("preflight of %s: %d, allowed %q", origin, resp.StatusCode, got)
		}
		methods, headers := resp.Header.Get("Access-Control-Allow-Methods"), resp.Header.Get("Access-Control-Allow-Headers")
		if admitted != strings.Contains(methods, "DELETE") || admitted != (headers == "content-type") {
			t.Errorf("preflight of %s: methods %q, headers %q", origin, methods, headers)
		}
		resp, _ = f.send("GET", "/_emulator/tables", "", "Origin", origin)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: allowed %q", origin, got)
		}
	}
	if resp, _ := f.send("GET", "/_emulator/tables", ""); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS headers without an origin")
	}
}

// The health route is for everybody: it tells nothing.
func TestHealthStaysOpen(t *testing.T) {
	f := startGuarded(t, nil)
	resp, body := f.send("GET", "/_emulator/health", "evil.example", "Origin", "https://evil.example")
	if resp.StatusCode != 200 || body != `{"status":"ok"}` || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestDynamoDBIsKeptFromForeignPages(t *testing.T) {
	f := startGuarded(t, func(o *server.Options) { o.AllowOrigins = []string{"https://app.example"} })
	const target = "DynamoDB_20120810.ListTables"
	for origin, admitted := range map[string]bool{
		"http://localhost:3000": true, "https://app.example": true, "https://evil.example": false, "null": false,
	} {
		// Containers have names of their own for this machine.
		resp, body := f.send("POST", "/", "emulator:20002", "X-Amz-Target", target, "Origin", origin)
		if admitted && (resp.StatusCode != 200 || body != "dynamodb /") ||
			!admitted && (resp.StatusCode != 403 || !strings.HasPrefix(body, `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"`)) {
			t.Errorf("%s: %d %s", origin, resp.StatusCode, body)
		}
		resp, _ = f.send("OPTIONS", "/", "", "Origin", origin, "Access-Control-Request-Headers", "x-amz-target")
		if allowed := resp.Header.Get("Access-Control-Allow-Headers") == "x-amz-target"; allowed != admitted {
			t.Errorf("preflight of %s: %d", origin, resp.StatusCode)
		}
	}
	if _, body := f.send("POST", "/", "emulator:20002", "X-Amz-Target", target); body != "dynamodb /" {
		t.Error(body)
	}
	if resp, body := f.send("POST", "/", ""); resp.StatusCode != 404 || !strings.Contains(body, "UnknownOperationException") {
		t.Errorf("without a target: %d %s", resp.StatusCode, body)
	}
	if !strings.Contains(f.log.String(), "operation=ListTables status=200") {
		t.Error("the operation is not in the log")
	}
}

func TestWhatIsAllowedIsChecked(t *testing.T) {
	for _, host := range []string{"", "a:1", "http://a", "*", "a b"} {
		if _, err := server.New(server.Options{AllowHosts: []string{host}}); err == nil {
			t.Errorf("host %q is taken", host)
		}
	}
	for _, origin := range []string{"", "a", "a:1", "localhost:3000", "*", "null", "http://a/b", "http://u@a", "http://a?b", "http://%zz"} {
		if _, err := server.New(server.Options{AllowOrigins: []string{origin}}); err == nil {
			t.Errorf("origin %q is taken", origin)
		}
	}
	if _, err := server.New(server.Options{AllowHosts: []string{"::1", "[fe80::1]", "a.example."}, AllowOrigins: []string{"http://a/", "HTTPS://B:1"}}); err != nil {
		t.Error(err)
	}
}
