package faults

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/mappingtemplate/value"
)

// subject is what may be disturbed, as far as it is known at a moment: a request,
// a connection, a frame. A match that asks for what is not known does not match.
type subject struct {
	header func(name string) string
	ip     string
	users  []string    // username and sub
	conn   *connection // nil over HTTP
	op     *operation  // nil before the operation is known, and where there is none
}

// subjectOfHTTP is a request before anything of it but its header is read. The
// header object of a WebSocket handshake counts as header.
func subjectOfHTTP(r *http.Request) *subject {
	own := realtime.HandshakeHeader(r)
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	return &subject{ip: ip, header: func(name string) string {
		if v := own.Get(name); v != "" {
			return v
		}
		return r.Header.Get(name)
	}}
}

// matches reports whether a fault with this match is for the subject; nil is for
// all. The field and the connection's place are for the caller to look at.
func (m *Match) matches(s *subject) bool {
	if m == nil {
		return true
	}
	if m.APIKey != "" && s.header("X-Api-Key") != m.APIKey || m.User != "" && !slices.Contains(s.users, m.User) {
		return false
	}
	if m.IP != "" {
		a, err := netip.ParseAddr(s.ip)
		if err != nil || !m.prefix.Contains(a.Unmap().WithZone("")) {
			return false
		}
	}
	for name, want := range m.Header {
		if s.header(name) != want {
			return false
		}
	}
	if m.Connection != "" && (s.conn == nil || s.conn.id != m.Connection) {
		return false
	}
	if !m.ofOperation() {
		return true
	}
	if s.op == nil {
		return false
	}
	s.op.once.Do(s.op.parse)
	return (m.Operation == "" || m.Operation == s.op.kind) && (m.Name == "" || m.Name == s.op.name)
}

// selects reports whether an operation selects the field of a match at its root.
func (m *Match) selects(op *operation) bool {
	if m == nil || m.Field == "" {
		return true
	}
	op.once.Do(op.parse)
	typeName, field := splitField(m.Field)
	return (typeName == "" || strings.EqualFold(typeName, op.kind)) && slices.Contains(op.fields, field)
}

// usersOf are the names by which a caller may be matched.
func usersOf(identity any) []string {
	id, _ := identity.(auth.Identity)
	m, _ := id.Value.(*value.Map)
	if m == nil {
		return nil
	}
	var users []string
	for _, name := range []string{"username", "sub"} {
		if text, ok := m.Value(name).(string); ok && text != "" {
			users = append(users, text)
		}
	}
	return users
}

// operation is a GraphQL operation, which is parsed when somebody asks.
type operation struct {
	query, name string

	once   sync.Once
	kind   string   // "query", "mutation" or "subscription"; empty when it cannot be parsed
	fields []string // of the root, without aliases
}

func (o *operation) String() string {
	o.once.Do(o.parse)
	switch {
	case o.name != "":
		return o.kind + " " + o.name
	case len(o.fields) > 0:
		return o.kind + " " + o.fields[0]
	}
	return o.kind
}

// maxTokens bounds what is parsed of a query.
const maxTokens = 50_000

func (o *operation) parse() {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: o.query}, maxTokens)
	if err != nil {
		return
	}
	def := doc.Operations.ForName(o.name)
	if def == nil {
		return
	}
	o.kind, o.name = string(def.Operation), def.Name
	o.collect(doc, def.SelectionSet, map[string]bool{})
}

func (o *operation) collect(doc *ast.QueryDocument, set ast.SelectionSet, seen map[string]bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			o.fields = append(o.fields, s.Name)
		case *ast.InlineFragment:
			o.collect(doc, s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if f := doc.Fragments.ForName(s.Name); f != nil && !seen[s.Name] {
				seen[s.Name] = true
				o.collect(doc, f.SelectionSet, seen)
			}
		}
	}
}
