package realtime

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"appsync-emulator/mappingtemplate/value"
)

// subprotocol is the one subprotocol of AppSync's protocol.
const subprotocol = "graphql-ws"

// headerProtocol begins the subprotocol that carries the header object.
const headerProtocol = "header-"

// connectHeader finds the header object of a new connection: in a subprotocol
// (Amplify JS 5 and 6, Apollo link 4), in the query (older JavaScript and
// mobile clients) or in the HTTP headers themselves (Amplify Android and
// Swift). ok is false when there is none or it cannot be read.
func connectHeader(r *http.Request) (h http.Header, ok bool) {
	for _, p := range websocket.Subprotocols(r) {
		if encoded, found := strings.CutPrefix(p, headerProtocol); found {
			return decodeHeader(encoded)
		}
	}
	// Errors in other parameters do not matter here.
	query, _ := url.ParseQuery(r.URL.RawQuery)
	if encoded := query.Get("header"); encoded != "" {
		// aws-appsync 4 does not escape the base64 text: its plus signs have
		// become blanks.
		return decodeHeader(strings.ReplaceAll(encoded, " ", "+"))
	}
	if r.Header.Get("x-api-key") != "" || r.Header.Get("Authorization") != "" {
		return r.Header, true
	}
	return nil, false
}

// toStandard maps the URL alphabet of base64 to the standard one.
var toStandard = strings.NewReplacer("-", "+", "_", "/")

// decodeHeader reads base64 text of a JSON object in either alphabet, with or
// without padding.
func decodeHeader(encoded string) (http.Header, bool) {
	encoded = toStandard.Replace(strings.TrimRight(encoded, "="))
	text, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, false
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		return nil, false
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, false
	}
	return headerOf(m), true
}

// headerOf turns a header object into headers: names are case-insensitive, and
// some clients send one twice in different cases. Entries that are no text
// cannot be headers and are left out.
func headerOf(m *value.Map) http.Header {
	h := make(http.Header, m.Len())
	for name, v := range m.All() {
		switch v.(type) {
		case nil, *value.Map, *value.List:
		default:
			h.Set(name, value.ToString(v))
		}
	}
	return h
}
