package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/server"
)

func leafOf(t *testing.T, c *tls.Config) *x509.Certificate {
	t.Helper()
	pair, err := c.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

func TestAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "tls")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	open := func(hosts ...string) (*server.Authority, *x509.Certificate) {
		t.Helper()
		a, err := server.OpenAuthority(dir, clock)
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.TLSConfig(append(server.CertificateHosts("127.0.0.1:20002"), hosts...))
		if err != nil {
			t.Fatal(err)
		}
		return a, leafOf(t, c)
	}
	a, leaf := open()
	if !a.Created {
		t.Error("a new authority does not say so")
	}
	verify := func(leaf *x509.Certificate, host string) {
		t.Helper()
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool(t, a.TrustFile), DNSName: host, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "10.0.2.2"} {
		verify(leaf, host)
	}
	text, _ := os.ReadFile(a.TrustFile)
	block, _ := pem.Decode(text)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !ca.IsCA {
		t.Fatalf("%v, CA %v", err, ca.IsCA)
	}
	if years := ca.NotAfter.Sub(now).Hours() / 24 / 365; years < 9.9 || years > 10.1 {
		t.Errorf("the authority lives %.1f years", years)
	}
	// See: https://support.apple.com/en-us/103769
	if days := leaf.NotAfter.Sub(leaf.NotBefore).Hours() / 24; days > 825 {
		t.Errorf("the certificate lives %.0f days; Apple admits 825", days)
	}
	if runtime.GOOS != "windows" {
		for _, name := range []string{"ca-key.pem", "server.pem"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	}

	again, same := open()
	if again.Created || !same.Equal(leaf) {
		t.Error("certificates are made anew at each start")
	}
	_, more := open("box.local", "192.168.7.7")
	verify(more, "box.local")
	verify(more, "192.168.7.7")
	now = leaf.NotAfter.Add(-24 * time.Hour)
	_, renewed := open()
	if renewed.Equal(more) || !renewed.NotAfter.After(now.Add(300*24*time.Hour)) {
		t.Error("a certificate near its end was not renewed")
	}
	verify(renewed, "localhost")
	now = ca.NotAfter.Add(-24 * time.Hour)
	if last, _ := open(); !last.Created {
		t.Error("an authority near its end was not replaced")
	}
}

// A server that runs for long renews its certificate by itself.
func TestCertificateIsRenewedWhileServing(t *testing.T) {
	now := time.Now()
	a, err := server.OpenAuthority(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.TLSConfig([]string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	first := leafOf(t, c)
	now = first.NotAfter
	if leafOf(t, c).Equal(first) {
		t.Error("the certificate has expired")
	}
}

func TestFirstStartsAtTheSameTime(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var leaves []*x509.Certificate
	created := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			a, err := server.OpenAuthority(dir, nil)
			if err != nil {
				t.Error(err)
				return
			}
			c, err := a.TLSConfig([]string{"localhost"})
			if err != nil {
				t.Error(err)
				return
			}
			pair, err := c.GetCertificate(nil)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			leaves = append(leaves, pair.Leaf)
			if a.Created {
				created++
			}
		})
	}
	wg.Wait()
	if created != 1 {
		t.Errorf("%d authorities were made", created)
	}
	roots := pool(t, filepath.Join(dir, "ca.pem"))
	for _, leaf := range leaves {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost"}); err != nil {
			t.Error(err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("temporary files remain: %v", left)
	}
}

func TestDamagedAuthority(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ca-key.pem")
	if err := os.WriteFile(path, []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := server.OpenAuthority(dir, nil)
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("error %v", err)
	}
}

func TestOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	a, err := server.OpenAuthority(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.TLSConfig([]string{"127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	pair := filepath.Join(dir, "server.pem")
	f := start(t, func(o *server.Options) { o.TLS = server.TLSOptions{CertFile: pair, KeyFile: pair} })
	if f.CAFile() != "" {
		t.Errorf("certificate authority %s", f.CAFile())
	}
	conn, err := tls.Dial("tcp", f.addr, &tls.Config{RootCAs: pool(t, a.TrustFile)})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := server.New(server.Options{TLS: server.TLSOptions{CertFile: "missing.pem", KeyFile: "missing.key"}}); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("error %v", err)
	}
}

func TestCertificateHosts(t *testing.T) {
	tests := []struct {
		listen string
		want   []string
	}{
		{"127.0.0.1:20002", []string{"localhost", "127.0.0.1", "::1", "10.0.2.2"}},
		{"192.168.1.5:80", []string{"localhost", "192.168.1.5"}},
		{"dev.example:80", []string{"localhost", "dev.example"}},
		{"[fd00::1]:80", []string{"localhost", "fd00::1"}},
		{"0.0.0.0:80", []string{"localhost", "127.0.0.1"}},
		{":80", []string{"localhost", "127.0.0.1"}},
	}
	for _, tt := range tests {
		got := server.CertificateHosts(tt.listen)
		for _, host := range tt.want {
			if !slices.Contains(got, host) {
				t.Errorf("%s: %v lacks %s", tt.listen, got, host)
			}
		}
		if slices.Contains(got, "0.0.0.0") || slices.Contains(got, "") {
			t.Errorf("%s: %v", tt.listen, got)
		}
	}
}

func TestTrustInstructions(t *testing.T) {
	text := server.TrustInstructions("/home/me/ca.pem")
	for _, want := range []string{
		`NODE_EXTRA_CA_CERTS="/home/me/ca.pem"`, "macOS", "Windows", "Linux", "Firefox", "iOS simulator", "Android emulator",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the instructions lack %s", want)
		}
	}
	if strings.Contains(text, "FILE") {
		t.Error("a placeholder remains")
	}
}
