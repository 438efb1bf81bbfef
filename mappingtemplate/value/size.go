package value

// Size counts the values that v consists of, as far as comparing, hashing and
// printing look into it, up to limit. A value that is held twice counts twice.
func Size(v any, limit int) int {
	left := limit
	size(v, 0, &left)
	return limit - left
}

func size(v any, depth int, left *int) {
	*left--
	if depth > maxDepth || *left < 0 {
		return
	}
	switch v := v.(type) {
	case *List:
		sizeOfAll(v.Items, depth, left)
	case *Set:
		sizeOfAll(v.Members(), depth, left)
	case *Array:
		sizeOfAll(v.Items, depth, left)
	case *Map:
		for i := 0; i < len(v.entries) && *left >= 0; i++ {
			if v.entries[i].key != nil {
				size(v.entries[i].key, depth+1, left)
			}
			size(v.entries[i].val, depth+1, left)
		}
	case *Entry:
		size(v.Key, depth+1, left)
		size(v.Current(), depth+1, left)
	case string:
		*left -= len(v) >> 6
	}
}

func sizeOfAll(items []any, depth int, left *int) {
	for _, item := range items {
		if *left < 0 {
			return
		}
		size(item, depth+1, left)
	}
}
