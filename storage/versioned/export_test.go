package versioned

import "appsync-emulator/storage/attribute"

// MergeItems is Automerge of two items.
func MergeItems(stored, incoming *attribute.Item) *attribute.Item {
	m := merge{}
	return m.items("", stored, incoming, nil)
}
