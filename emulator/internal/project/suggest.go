package project

import "strings"

// suggestLimit bounds the names that Suggest compares, in runes: no longer
// name is a slip of the keyboard, and the cost is quadratic.
const suggestLimit = 64

// Suggest returns the candidate that name was probably meant to be, or "" when
// none is near. Letter case and swapped neighbours are the slips that it
// forgives most; of equally near candidates the first one wins.
func Suggest(name string, candidates []string) string {
	short := []rune(strings.ToLower(name))
	if len(short) == 0 || len(short) > suggestLimit {
		return ""
	}
	// A third of the letters may be wrong, at least one and at most three; of a
	// single letter only its case.
	limit := min(max(len(short)/3, 1), 3, len(short)-1)
	best := ""
	for _, c := range candidates {
		if c == name {
			return c
		}
		folded := []rune(strings.ToLower(c))
		if d := editDistance(short, folded, limit); d <= limit {
			if d == 0 {
				return c
			}
			best, limit = c, d-1
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours that turn a into b. It gives up with limit+1 once the answer is
// known to be above limit.
func editDistance(a, b []rune, limit int) int {
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// didYouMean is the hint for a name that is none of candidates, or "".
func didYouMean(name string, candidates []string) string {
	if s := Suggest(name, candidates); s != "" && s != name {
		return "did you mean `" + s + "`?"
	}
	return ""
}
