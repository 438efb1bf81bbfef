package schema

import (
	"slices"
	"strings"
)

// nearest returns the candidate that a mistaken name most likely meant, or "".
// A name that lacks only the prefix of AppSync's scalars means the scalar.
func nearest(name string, candidates []string) string {
	slices.Sort(candidates)
	best, bestDistance := "", min(len(name)/3+2, len(name))
	for _, c := range candidates {
		if len(c) > 3 && strings.EqualFold(c[3:], name) && c[:3] == "AWS" {
			return c
		}
		if d := distance(name, c, bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the edits (insert, delete, replace, swap of neighbours) that
// turn a into b, letters compared without case at half price; limit or more
// when there are too many.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 200 {
		return limit
	}
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = 2 * j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = 2 * i
		for j := 1; j <= len(b); j++ {
			cost := 2
			switch {
			case a[i-1] == b[j-1]:
				cost = 0
			case lower(a[i-1]) == lower(b[j-1]):
				cost = 1
			}
			cur[j] = min(prev[j]+2, cur[j-1]+2, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+2)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return (prev[len(b)] + 1) / 2
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
