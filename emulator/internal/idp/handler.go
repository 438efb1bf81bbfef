package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// Prefix is what the paths of the handler begin with.
const Prefix = project.LocalIssuerPath

// headerExpose lets web pages read what Cognito's answers say in headers. Clients
// read an exception's name there.
//
// Recorded: aws-amplify/amplify-js#4373.
var headerExpose = []string{"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"}

// Handler returns the HTTP form of the provider. It does not ask who calls: that a
// request does not come from a foreign web page is for the server to see to.
func (p *Provider) Handler() http.Handler { return http.HandlerFunc(p.serveHTTP) }

// API returns Cognito's protocol alone, at any path: for clients that take an
// address without a path. Its answers have request ids of their own.
func (p *Provider) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["x-amzn-RequestId"] = []string{uuid(secureBytes(16))}
		p.serveAPI(w, r, nil)
	})
}

// route is what can be asked for at a path.
type route struct {
	method string
	serve  func(x *exchange)
}

// exchange is a request for something that is not of Cognito's protocol.
type exchange struct {
	*Provider
	w    http.ResponseWriter
	r    *http.Request
	pool *pool // nil where the path names none
}

func (p *Provider) serveHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["access-control-expose-headers"] = headerExpose
	x := &exchange{Provider: p, w: w, r: r}
	path := strings.Trim(strings.TrimPrefix(r.URL.EscapedPath(), strings.TrimSuffix(Prefix, "/")), "/")
	routes := rootRoutes[path]
	if routes == nil {
		name, rest, _ := strings.Cut(path, "/")
		if name, err := url.PathUnescape(name); err == nil {
			x.pool = p.pool(name)
		}
		routes = poolRoutes[rest]
		if x.pool == nil && routes != nil {
			x.refuse(http.StatusNotFound, fmt.Sprintf("there is no user pool %q; GET %s lists them", name, Prefix))
			return
		}
	}
	var methods []string
	for _, route := range routes {
		if route.method == r.Method || route.method == http.MethodGet && r.Method == http.MethodHead {
			route.serve(x)
			return
		}
		methods = append(methods, route.method)
	}
	if routes == nil {
		x.refuse(http.StatusNotFound, "there is nothing at "+r.URL.Path)
		return
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	x.refuse(http.StatusMethodNotAllowed, "the method here is "+strings.Join(methods, " or "))
}

var rootRoutes = map[string][]route{
	"":         {{http.MethodGet, (*exchange).overview}, {http.MethodPost, (*exchange).api}},
	"messages": {{http.MethodGet, (*exchange).messages}, {http.MethodDelete, (*exchange).clearMessages}},
	"reset":    {{http.MethodPost, (*exchange).reset}},
	"token":    {{http.MethodPost, (*exchange).token}},
}

// poolRoutes follow the name of a pool.
var poolRoutes = map[string][]route{
	"":                                 {{http.MethodGet, (*exchange).overview}, {http.MethodPost, (*exchange).api}},
	".well-known/openid-configuration": {{http.MethodGet, (*exchange).discovery}},
	".well-known/jwks.json":            {{http.MethodGet, (*exchange).keySet}},
	"token":                            {{http.MethodPost, (*exchange).token}},
}

func (x *exchange) api() { x.serveAPI(x.w, x.r, x.pool) }

func (x *exchange) write(status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		x.log.Error("an answer cannot be written as JSON", "path", x.r.URL.Path, "error", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":{"message":"internal error"}}`)
	}
	h := x.w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(len(body) + 1)}
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.w.Write(append(body, '\n')) // an error means that the client has gone
	}
}

func (x *exchange) refuse(status int, message string) {
	type refusal struct {
		Message string `json:"message"`
	}
	x.write(status, struct {
		Error refusal `json:"error"`
	}{refusal{message}})
}

// base is the provider's address as the client has called it.
func (x *exchange) base() string {
	scheme := "http"
	if x.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + x.r.Host + Prefix
}

// overview tells which pools there are, for people who set up a client.
func (x *exchange) overview() {
	type poolForm struct {
		UserPoolID       string   `json:"userPoolId"`
		Issuer           string   `json:"issuer"`
		UserPoolEndpoint string   `json:"userPoolEndpoint"`
		JWKS             string   `json:"jwks"`
		Clients          []string `json:"clients,omitempty"`
		Groups           []string `json:"groups"`
		Users            []string `json:"users"`
	}
	form := func(p *pool) poolForm {
		base := x.base() + url.PathEscape(p.ID) + "/"
		d := x.read(p)
		f := poolForm{
			UserPoolID: p.ID, Issuer: p.Issuer, UserPoolEndpoint: base, JWKS: base + ".well-known/jwks.json",
			Groups: []string{}, Users: d.usernames(),
		}
		for _, c := range p.Clients {
			f.Clients = append(f.Clients, c.ID)
		}
		for name := range d.Groups {
			f.Groups = append(f.Groups, name)
		}
		slices.Sort(f.Groups)
		if f.Users == nil {
			f.Users = []string{}
		}
		return f
	}
	if x.pool != nil {
		x.write(http.StatusOK, form(x.pool))
		return
	}
	pools := []poolForm{}
	for _, p := range x.pools {
		pools = append(pools, form(p))
	}
	x.write(http.StatusOK, struct {
		UserPools []poolForm `json:"userPools"`
	}{pools})
}

// discovery is the OpenID Connect configuration of a pool.
//
// See: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
func (x *exchange) discovery() {
	x.write(http.StatusOK, struct {
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Issuer     string   `json:"issuer"`
		JWKSURI    string   `json:"jwks_uri"`
		Responses  []string `json:"response_types_supported"`
		Scopes     []string `json:"scopes_supported"`
		Subjects   []string `json:"subject_types_supported"`
	}{
		[]string{"RS256"}, x.pool.Issuer, x.base() + url.PathEscape(x.pool.ID) + "/.well-known/jwks.json",
		[]string{"code", "token"}, []string{"openid", "email", "phone", "profile"}, []string{"public"},
	})
}

// keySet is the JSON Web Key Set of a pool.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
func (x *exchange) keySet() {
	set, err := x.keyring.publicKeys()
	if err != nil {
		x.log.Error("no keys for tokens", "error", err)
		x.refuse(http.StatusInternalServerError, "the keys cannot be read; the log of the emulator tells why")
		return
	}
	x.write(http.StatusOK, set)
}

func (x *exchange) messages() {
	x.write(http.StatusOK, struct {
		Messages []Message `json:"messages"`
	}{x.mail.list(x.r.URL.Query().Get("username"))})
}

func (x *exchange) clearMessages() {
	x.mail.clear()
	x.write(http.StatusOK, struct{}{})
}

func (x *exchange) reset() {
	if err := x.Reset(); err != nil {
		x.log.Error("the user pools cannot be reset", "error", err)
		x.refuse(http.StatusInternalServerError, err.Error())
		return
	}
	x.write(http.StatusOK, struct{}{})
}

// token makes a token for a test.
func (x *exchange) token() {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	if err != nil {
		x.refuse(http.StatusBadRequest, "the body cannot be read: "+err.Error())
		return
	}
	var in struct {
		UserPoolID string         `json:"userPoolId"`
		Username   string         `json:"username"`
		Groups     []string       `json:"groups"`
		ClientID   string         `json:"clientId"`
		Use        string         `json:"use"`
		Claims     map[string]any `json:"claims"`
		Expires    string         `json:"expires"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		x.refuse(http.StatusBadRequest, "the body cannot be read: "+err.Error())
		return
	}
	t := Token{Pool: in.UserPoolID, Username: in.Username, Groups: in.Groups, ClientID: in.ClientID, Use: in.Use, Claims: in.Claims}
	if x.pool != nil {
		t.Pool = x.pool.ID
	}
	if in.Expires != "" {
		if t.Validity, err = time.ParseDuration(in.Expires); err != nil {
			x.refuse(http.StatusBadRequest, `expires: want a duration such as "90s" or "1h30m"`)
			return
		}
	}
	token, err := x.Mint(t)
	wrong, isWrong := errors.AsType[*TokenError](err)
	switch {
	case isWrong:
		x.refuse(http.StatusBadRequest, wrong.Message)
	case err != nil:
		x.log.Error("a token cannot be made", "error", err)
		x.refuse(http.StatusInternalServerError, "the token cannot be made; the log of the emulator tells why")
	default:
		x.write(http.StatusOK, struct {
			Token string `json:"token"`
		}{token})
	}
}
