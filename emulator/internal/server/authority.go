package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Files of an Authority in its folder. The first holds a private key and is
// readable by its owner alone; so does the last.
const (
	authorityFile = "ca-key.pem" // certificate and key
	trustFile     = "ca.pem"     // certificate, for users to trust
	leafFile      = "server.pem" // certificate and key of the server
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	// leafLife is the longest that all platforms accept; Apple's limit is 825
	// days for authorities that users add.
	leafLife = 397 * 24 * time.Hour
	// renewBefore is how long before its end a certificate is replaced.
	renewBefore = 30 * 24 * time.Hour
	// backdate allows for clocks that differ a little.
	backdate = 24 * time.Hour
)

// Authority is a certificate authority of this machine alone. Whoever trusts it
// can talk TLS to the emulator, which Amplify clients do for subscriptions even
// when their endpoint is plain HTTP.
type Authority struct {
	// TrustFile is the path of the certificate to trust.
	TrustFile string
	// Created reports that the authority is new, so that nobody trusts it yet.
	Created bool

	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time
}

// OpenAuthority opens the authority in a folder, and makes folder and authority
// when they are missing or about to expire. Several processes may do so at the
// same time: they end up with the same authority. now is the wall clock; nil is
// time.Now.
func OpenAuthority(dir string, now func() time.Time) (*Authority, error) {
	if now == nil {
		now = time.Now
	}
	a := &Authority{TrustFile: filepath.Join(dir, trustFile), dir: dir, now: now}
	if err := a.open(); err != nil {
		return nil, fmt.Errorf("server: certificate authority: %w", err)
	}
	return a, nil
}

func (a *Authority) open() error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(a.dir, authorityFile)
	err := a.load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = a.create(path, writeNew)
	case err == nil && a.now().Add(renewBefore).After(a.cert.NotAfter):
		err = a.create(path, writeFile)
	}
	if err != nil {
		return err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if present, err := os.ReadFile(a.TrustFile); err == nil && bytes.Equal(present, certificate) {
		return nil
	}
	return writeFile(a.TrustFile, certificate, 0o644)
}

func (a *Authority) load(path string) error {
	pair, err := readPair(path)
	if err != nil {
		return err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return fmt.Errorf("%s is not the certificate authority of the emulator; remove it to have a new one made", path)
	}
	a.cert, a.key = pair.Leaf, key
	return nil
}

// create makes an authority and stores it with write. When another process was
// first, its authority counts.
func (a *Authority) create(path string, write func(string, []byte, fs.FileMode) error) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	now := a.now()
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		Subject: pkix.Name{
			Organization: []string{"appsync-emulator"},
			CommonName:   "appsync-emulator local CA " + host,
		},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	text, err := encodePair(raw, key)
	if err != nil {
		return err
	}
	err = write(path, text, 0o600)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	a.Created = err == nil
	return a.load(path)
}

// TLSConfig returns a configuration whose certificate names hosts, which are
// host names and addresses. The certificate is kept in the authority's folder,
// so that exceptions which users made for it last, and is replaced when it is
// near its end or lacks a host. Only HTTP/1.1 is offered: WebSockets need it.
func (a *Authority) TLSConfig(hosts []string) (*tls.Config, error) {
	l := &leaf{authority: a, hosts: hosts}
	if _, err := l.current(); err != nil {
		return nil, fmt.Errorf("server: certificate: %w", err)
	}
	return newTLSConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return l.current() }), nil
}

// LoadTLSConfig returns a configuration with the user's own certificate, which
// may be a chain, and key, both as PEM files.
func LoadTLSConfig(certFile, keyFile string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("server: certificate %s with key %s: %w", certFile, keyFile, err)
	}
	return newTLSConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }), nil
}

func newTLSConfig(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		GetCertificate: get,
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
	}
}

// CertificateHosts returns the names and addresses by which clients may call a
// server that listens on an address: this machine in all its forms, 10.0.2.2,
// which is the host as an Android emulator sees it, and the address itself. An
// unspecified address stands for all addresses of the machine.
func CertificateHosts(listen string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1", "10.0.2.2"}
	add := func(host string) {
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if name, err := os.Hostname(); err == nil && isASCII(name) {
		add(name) // certificates hold nothing else
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		add(host)
		return hosts
	}
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if n, ok := address.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			add(n.IP.String())
		}
	}
	return hosts
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// leaf is the server's certificate, renewed when it is asked for.
type leaf struct {
	authority *Authority
	hosts     []string

	mu   sync.Mutex // guards pair
	pair *tls.Certificate
}

func (l *leaf) current() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pair != nil && !l.expiring(l.pair) {
		return l.pair, nil
	}
	path := filepath.Join(l.authority.dir, leafFile)
	if pair, err := readPair(path); err == nil && l.usable(pair) {
		l.pair = pair
		return pair, nil
	}
	pair, err := l.issue(path)
	if err != nil {
		if l.pair != nil {
			return l.pair, nil // better an old certificate than none
		}
		return nil, err
	}
	l.pair = pair
	return pair, nil
}

func (l *leaf) expiring(pair *tls.Certificate) bool {
	return l.authority.now().Add(renewBefore).After(pair.Leaf.NotAfter)
}

func (l *leaf) usable(pair *tls.Certificate) bool {
	if l.expiring(pair) || pair.Leaf.CheckSignatureFrom(l.authority.cert) != nil {
		return false
	}
	return !slices.ContainsFunc(l.hosts, func(host string) bool { return pair.Leaf.VerifyHostname(host) != nil })
}

func (l *leaf) issue(path string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := l.authority.now()
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		Subject:      pkix.Name{Organization: []string{"appsync-emulator"}, CommonName: "localhost"},
		NotBefore:    now.Add(-backdate),
		NotAfter:     now.Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if template.NotAfter.After(l.authority.cert.NotAfter) {
		template.NotAfter = l.authority.cert.NotAfter
	}
	for _, host := range l.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, l.authority.cert, &key.PublicKey, l.authority.key)
	if err != nil {
		return nil, err
	}
	text, err := encodePair(raw, key)
	if err != nil {
		return nil, err
	}
	if err := writeFile(path, text, 0o600); err != nil {
		return nil, err
	}
	return parsePair(text)
}

func serialNumber() *big.Int {
	var raw [16]byte
	rand.Read(raw[:]) // never fails
	return new(big.Int).SetBytes(raw[:])
}

func encodePair(certificate []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), nil
}

// readPair reads a certificate and its key from one file.
func readPair(path string) (*tls.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pair, err := parsePair(text)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged; remove it to have a new one made: %w", path, err)
	}
	return pair, nil
}

func parsePair(text []byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, err
		}
	}
	return &pair, nil
}

// writeFile stores a file as a whole: readers see the old content or the new.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	return writeThrough(path, content, mode, os.Rename)
}

// writeNew is writeFile for a file that must not exist yet; when it does, the
// error is fs.ErrExist.
func writeNew(path string, content []byte, mode fs.FileMode) error {
	return writeThrough(path, content, mode, func(temporary, path string) error {
		err := os.Link(temporary, path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Rename(temporary, path) // a file system without hard links
	})
}

func writeThrough(path string, content []byte, mode fs.FileMode, publish func(temporary, path string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	if err != nil {
		return err
	}
	return publish(f.Name(), path)
}
