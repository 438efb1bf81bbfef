package emulator_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	bbolt "go.etcd.io/bbolt"
)

// bareServer is what the emulator is measured against: a program that does only
// net/http, encoding/json and the same bbolt reads and writes as the posts
// sample, with no GraphQL, no templates, no DynamoDB semantics.
type bareServer struct {
	url  string
	db   *bbolt.DB
	addr string
}

type barePost struct {
	ID          string `json:"id"`
	Author      string `json:"author"`
	Title       string `json:"title"`
	Content     string `json:"content"`
	URL         string `json:"url,omitempty"`
	Ups         int    `json:"ups"`
	Downs       int    `json:"downs"`
	CreatedDate string `json:"createdDate"`
	Timestamp   int64  `json:"timestamp,omitempty"`
	Expdate     int64  `json:"expdate,omitempty"`
}

type bareRequest struct {
	Query     string `json:"query"`
	Variables struct {
		ID    string   `json:"id"`
		Input barePost `json:"input"`
	} `json:"variables"`
}

var basePosts, deltaPosts = []byte("base"), []byte("delta")

// startBare serves /get, /list, /create (one write) and /pipeline (base and
// delta). durable asks for an fsync before each answer, which concurrent writes
// share through bbolt's own Batch.
func startBare(tb testing.TB, durable bool) *bareServer {
	tb.Helper()
	db, err := bbolt.Open(filepath.Join(tb.TempDir(), "bare.db"), 0o600,
		&bbolt.Options{NoSync: !durable, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		tb.Fatal(err)
	}
	// Batch waits for company; with no more writers than connections, a short
	// wait gives the bare program its best rate.
	db.MaxBatchDelay = 200 * time.Microsecond
	if err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{basePosts, deltaPosts} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	s := &bareServer{db: db}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /get", s.get)
	mux.HandleFunc("POST /list", s.list)
	mux.HandleFunc("POST /create", s.create(false))
	mux.HandleFunc("POST /pipeline", s.create(true))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(l)
	tb.Cleanup(func() {
		srv.Close()
		db.Close()
	})
	s.addr = l.Addr().String()
	s.url = "http://" + s.addr
	return s
}

func (s *bareServer) put(tb testing.TB, posts ...barePost) {
	tb.Helper()
	if err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, p := range posts {
			text, err := json.Marshal(p)
			if err != nil {
				return err
			}
			if err := tx.Bucket(basePosts).Put([]byte(p.ID), text); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
}

func decodeBare(w http.ResponseWriter, r *http.Request) (bareRequest, bool) {
	var req bareRequest
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return req, false
	}
	return req, true
}

func answerBare(w http.ResponseWriter, field string, v any) {
	text, err := json.Marshal(map[string]any{"data": map[string]any{field: v}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

func (s *bareServer) get(w http.ResponseWriter, r *http.Request) {
	req, ok := decodeBare(w, r)
	if !ok {
		return
	}
	var p barePost
	if err := s.db.View(func(tx *bbolt.Tx) error {
		return json.Unmarshal(tx.Bucket(basePosts).Get([]byte(req.Variables.ID)), &p)
	}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answerBare(w, "getPost", p)
}

func (s *bareServer) list(w http.ResponseWriter, r *http.Request) {
	if _, ok := decodeBare(w, r); !ok {
		return
	}
	var posts []barePost
	if err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(basePosts).ForEach(func(_, v []byte) error {
			var p barePost
			if err := json.Unmarshal(v, &p); err != nil {
				return err
			}
			posts = append(posts, p)
			return nil
		})
	}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answerBare(w, "listPosts", posts)
}

func (s *bareServer) create(withDelta bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		req, ok := decodeBare(w, r)
		if !ok {
			return
		}
		p := req.Variables.Input
		var id [16]byte
		rand.Read(id[:])
		p.ID = hex.EncodeToString(id[:])
		now := time.Now()
		p.CreatedDate = now.UTC().Format("2006-01-02T15:04:05.000Z")
		if err := s.write(basePosts, []byte(p.ID), p); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if withDelta {
			p.Timestamp, p.Expdate = now.Unix(), now.Unix()+3600
			if err := s.write(deltaPosts, []byte(p.ID+now.String()), p); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		answerBare(w, "createPost", p)
	}
}

func (s *bareServer) write(bucket, key []byte, p barePost) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key, text) })
}

// startBareBroadcast serves WebSockets that get every message of broadcast: a
// bare gorilla/websocket broadcast of the same bytes. A connection has joined,
// and hears what is broadcast, once there is a value for it in joins.
func startBareBroadcast(tb testing.TB, connections int) (url string, joins <-chan struct{}, broadcast func([]byte)) {
	tb.Helper()
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	joined := make(chan *websocket.Conn)
	messages := make(chan []byte)
	heard := make(chan struct{}, connections)
	done := make(chan struct{})
	go func() {
		var conns []*websocket.Conn
		for {
			select {
			case c := <-joined:
				conns = append(conns, c)
				heard <- struct{}{}
			case m := <-messages:
				for _, c := range conns {
					if err := c.WriteMessage(websocket.TextMessage, m); err != nil {
						tb.Error(err)
					}
				}
			case <-done:
				for _, c := range conns {
					c.Close()
				}
				return
			}
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		joined <- c
	})}
	go srv.Serve(l)
	tb.Cleanup(func() {
		close(done)
		srv.Close()
	})
	return "ws://" + l.Addr().String(), heard, func(m []byte) { messages <- m }
}
