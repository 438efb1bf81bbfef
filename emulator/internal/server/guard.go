package server

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// guard keeps web pages from what is meant for the developer's tools. A browser
// on this machine reaches the server on behalf of any page that is open in it: it
// sends requests that the page may not read (CSRF), and a page whose host name is
// made to point here may read them as well (DNS rebinding). The headers Host,
// Origin and Sec-Fetch-Site, which pages cannot set, tell such requests from
// those of tools.
//
// See: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
type guard struct {
	hosts, origins map[string]bool
}

// newGuard returns a guard that admits the hosts and origins besides those of the
// loopback interface. Hosts are without a port.
func newGuard(hosts, origins []string) (*guard, error) {
	g := &guard{hosts: map[string]bool{}, origins: map[string]bool{}}
	for _, h := range hosts {
		name := hostName(h)
		if _, _, err := net.SplitHostPort(h); err == nil || name == "" || strings.ContainsAny(h, "/*@ ") {
			return nil, fmt.Errorf("server: allowed host %q: want a host name or address, without a port", h)
		}
		g.hosts[name] = true
	}
	for _, o := range origins {
		origin, ok := parseOrigin(o)
		if !ok {
			return nil, fmt.Errorf("server: allowed origin %q: want scheme://host or scheme://host:port", o)
		}
		g.origins[originText(origin)] = true
	}
	return g, nil
}

// refuseHost returns why a request may not use the name that it gives this
// server, or "".
func (g *guard) refuseHost(r *http.Request) string {
	if name := hostName(r.Host); isLoopbackHost(name) || g.hosts[name] {
		return ""
	}
	return fmt.Sprintf("The host %q is not this machine's own (localhost, 127.0.0.1, [::1]), so that this may be the request of a web page. "+
		"`serve --allow-host` admits other names.", r.Host)
}

// refuseOrigin returns why the page that a request comes from may not send it, or
// "". Clients that are no browsers name none.
func (g *guard) refuseOrigin(r *http.Request) string {
	origins := r.Header["Origin"]
	for _, text := range origins {
		if !g.admitsOrigin(r, text) {
			return fmt.Sprintf("The web page at %q is not of this machine, so that it may not do this. "+
				"`serve --allow-origin` admits other pages.", text)
		}
	}
	if len(origins) == 0 && strings.EqualFold(r.Header.Get("Sec-Fetch-Site"), "cross-site") {
		return "A web page that is not of this machine has sent this request, which it may not. `serve --allow-origin` admits other pages."
	}
	return ""
}

func (g *guard) admitsOrigin(r *http.Request, text string) bool {
	origin, ok := parseOrigin(text)
	if !ok {
		return false // "null" is the origin of pages that hide theirs
	}
	name := hostName(origin.Host)
	return isLoopbackHost(name) || g.origins[originText(origin)] ||
		g.hosts[name] && strings.EqualFold(origin.Host, r.Host)
}

func parseOrigin(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	return u, true
}

func originText(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// hostName is the host of "host:port", of a bare host, and of an address in
// brackets, in lower case and without the dot of a complete name.
func hostName(hostPort string) string {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isLoopbackHost reports whether a host is this machine and nothing else can make
// it another: names below localhost are not looked up (RFC 6761, 6.3).
func isLoopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
