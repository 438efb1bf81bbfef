package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// crashChild makes the test binary serve the posts sample from the data file
// that the variable names, until it is killed.
const crashChild = "APPSYNC_EMULATOR_CRASH_CHILD"

func TestMain(m *testing.M) {
	if file := os.Getenv(crashChild); file != "" {
		serveUntilKilled(file)
	}
	os.Exit(m.Run())
}

func serveUntilKilled(file string) {
	e, err := open(file)
	if err == nil {
		err = e.Start(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(e.URL(), e.APIKey())
	select {}
}

func open(file string) (*Emulator, error) {
	p, err := Load("../fixtures/deltasync-posts", LoadOptions{})
	if err != nil {
		return nil, err
	}
	return New(p, Options{DataFile: file, Listen: "127.0.0.1:0", NoTLS: true})
}

// TestKilledWhileWriting kills the serving process, without warning, under
// concurrent creates, and looks into the data file: whatever was answered must
// be there, in both tables, and nothing may be half written.
func TestKilledWhileWriting(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	file := filepath.Join(t.TempDir(), "posts.db")
	var answered []string
	for round := range rounds {
		ids := killUnderLoad(t, file, 1+rand.IntN(150))
		answered = append(answered, ids...)
		verify(t, file, answered)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	t.Logf("%d kills, %d answered mutations, none lost", rounds, len(answered))
}

// killUnderLoad serves the file in a process of its own, creates posts over
// eight connections and kills the process when the given number of creates has
// been answered, while others are under way. It returns the answered ids.
func killUnderLoad(t *testing.T, file string, answers int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashChild+"="+file)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("the process did not start: %v", err)
	}
	url, key, _ := strings.Cut(strings.TrimSpace(line), " ")

	var (
		mu       sync.Mutex // guards answered
		answered []string
		killed   atomic.Bool
		wg       sync.WaitGroup
	)
	for writer := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; !killed.Load(); i++ {
				id, err := createPost(url, key, fmt.Sprintf("post %d of writer %d", i, writer))
				if err != nil {
					return // the process is gone; the create was not answered
				}
				mu.Lock()
				answered = append(answered, id)
				enough := len(answered) >= answers
				mu.Unlock()
				if enough && !killed.Swap(true) {
					cmd.Process.Kill()
				}
			}
		}()
	}
	wg.Wait()
	cmd.Wait()
	return answered
}

func createPost(url, key, title string) (string, error) {
	body := fmt.Sprintf(`{"query":"mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }",`+
		`"variables":{"input":{"author":"Newsroom","title":%q,"content":"text","ups":1}}}`, title)
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("x-api-key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct{ CreatePost struct{ ID string } }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", err
	}
	if answer.Data.CreatePost.ID == "" {
		return "", fmt.Errorf("not created: %s", text)
	}
	return answer.Data.CreatePost.ID, nil
}

// verify opens the file that the killed process left and compares its tables.
func verify(t *testing.T, file string, answered []string) {
	t.Helper()
	e, err := open(file)
	if err != nil {
		t.Fatalf("the file does not open: %v", err)
	}
	defer e.Close()
	ctx := context.Background()
	if err := e.Check(ctx); err != nil {
		t.Errorf("the store is not consistent: %v", err)
	}
	base, delta := itemsByID(t, e.store, "Posts"), itemsByID(t, e.store, "PostsDelta")
	for _, id := range answered {
		if base[id] == nil {
			t.Errorf("post %s was answered and is not in the base table", id)
		}
		if delta[id] == nil {
			t.Errorf("post %s was answered and has no delta record", id)
		}
	}
	attributes := []string{"id", "author", "title", "content", "ups", "createdDate"}
	for id, record := range delta {
		for _, name := range append(attributes, "timestamp", "expdate") {
			if !record.Has(name) {
				t.Errorf("the delta record of %s has no %s", id, name)
			}
		}
		if base[id] == nil {
			t.Errorf("the delta record of %s has no base item", id)
		}
	}
	for id, item := range base {
		for _, name := range attributes {
			if !item.Has(name) {
				t.Errorf("post %s has no %s", id, name)
			}
		}
	}
}

func itemsByID(t *testing.T, store storage.Store, table string) map[string]*attribute.Item {
	t.Helper()
	items := map[string]*attribute.Item{}
	in := &storage.ScanInput{Table: table}
	for {
		page, err := store.Scan(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			items[item.Get("id").Text()] = item
		}
		if in.StartKey = page.LastKey; in.StartKey == nil {
			return items
		}
	}
}
