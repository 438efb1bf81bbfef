package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An export that is broken off is not taken for the whole.
func TestBrokenExport(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"Item":{"id":{"S":"a"}}}`+"\n")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	store, err := newServed(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	file := filepath.Join(t.TempDir(), "out.jsonl")
	n, err := exportTo(t.Context(), file, io.Discard, func(w io.Writer) (int, error) { return store.Export(t.Context(), "T", w) })
	if n != 1 || err == nil || !strings.HasPrefix(err.Error(), "the export was broken off: ") {
		t.Errorf("%d, %v", n, err)
	}
	for _, name := range []string{file, file + ".partial"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is there", name)
		}
	}
}

// Something else that listens there is told so.
func TestWhatIsNoEmulator(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	store, err := newServed(server.URL + "/graphql")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	_, err = store.Import(t.Context(), "T", strings.NewReader(""))
	if want := server.URL + " answers 404 Not Found; is it an appsync-emulator?"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
