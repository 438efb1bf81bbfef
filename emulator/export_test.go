package emulator

import "net/http"

// Subscriptions is how many subscriptions an emulator has registered.
func Subscriptions(e *Emulator) int { return e.api.subscriptions.Len() }

// SetTransport has an emulator fetch the keys of token issuers by other means than
// the network.
func SetTransport(o *Options, t http.RoundTripper) { o.transport = t }
