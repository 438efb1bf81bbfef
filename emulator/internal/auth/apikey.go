package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// apiKeyHeader is in canonical form, which spares http.Header a conversion.
const apiKeyHeader = "X-Api-Key"

// apiKey holds a digest instead of the key, so that comparing takes the same
// time whatever the lengths and contents.
type apiKey struct {
	digest  [sha256.Size]byte
	expires time.Time
}

func apiKeys(api *project.API) []apiKey {
	var keys []apiKey
	for _, k := range api.APIKeys {
		keys = append(keys, apiKey{digest: sha256.Sum256([]byte(k.Key)), expires: k.Expires})
	}
	return keys
}

// key finds a key among the API's. ok is false for one that is not there or has
// expired.
func (a *Authenticator) key(key string) (expires time.Time, ok bool) {
	digest := sha256.Sum256([]byte(key))
	now := a.opt.Now()
	found := -1
	for i := range a.keys {
		k := &a.keys[i]
		same := subtle.ConstantTimeCompare(digest[:], k.digest[:])
		if k.expires.IsZero() || now.Before(k.expires) {
			found = subtle.ConstantTimeSelect(same, i, found)
		}
	}
	if found < 0 {
		return time.Time{}, false
	}
	return a.keys[found].expires, true
}
