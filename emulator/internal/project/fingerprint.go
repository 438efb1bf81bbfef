package project

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
)

// Fingerprint is equal for two loads that have read the same files with the same
// texts.
func (a *API) Fingerprint() [sha256.Size]byte {
	h := sha256.New()
	add := func(text string) {
		var size [8]byte
		binary.LittleEndian.PutUint64(size[:], uint64(len(text)))
		h.Write(size[:])
		h.Write([]byte(text))
	}
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		add(name)
		add(a.files[name].text)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
