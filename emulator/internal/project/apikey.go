package project

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// DefaultAPIKey is the key of an API with API_KEY authentication whose project
// names none. Amplify's mock has the same, so clients may know it already.
const DefaultAPIKey = "da2-fakeApiId123456"

// The validity of an API key.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateApiKey.html
const (
	minKeyValidity = 24 * time.Hour
	maxKeyValidity = 365 * 24 * time.Hour
)

func (l *loader) apiKeys(section *fields) {
	used := l.api.Auth.Type == AuthAPIKey
	for _, a := range l.api.AdditionalAuth {
		used = used || a.Type == AuthAPIKey
	}
	var keys []APIKey
	complete := true
	if e := section.get("apiKeys"); e != nil {
		switch {
		case l.unsupported(e.value):
			complete = false
		case e.value.kind != kindList:
			section.wrong(e, "a list of names or maps")
			complete = false
		default:
			names := map[string]*declared{}
			for _, item := range e.value.items {
				key, ok := l.apiKey(item, orElse(item, e.pos))
				if !ok {
					complete = false
					continue
				}
				if l.declare(names, "API key", key.Name, key.Pos) {
					keys = append(keys, key)
				}
			}
			if !used && l.api.Auth.Type != "" && len(keys) > 0 {
				section.noEffect("apiKeys", "no authentication is "+AuthAPIKey)
			}
		}
	}
	if !used {
		return
	}
	if len(keys) == 0 && complete {
		keys = []APIKey{defaultKey(l.api.Auth.Pos)}
	}
	l.api.APIKeys = keys
}

// secretPattern is what can be sent in a header.
var secretPattern = regexp.MustCompile(`^[!-~]+$`)

func (l *loader) apiKey(n *node, at place) (APIKey, bool) {
	key := APIKey{Pos: l.position(at)}
	if n.kind == kindString && n.tag == "" {
		if l.unsupportedVariable(n) {
			return key, false
		}
		key.Name = n.text
		key.Expires = l.hour().Add(maxKeyValidity)
	} else {
		f, ok := l.fields(n, "an API key", at, "name", "description", "apiKeyId", "expiresAfter", "expiresAt", "wafRules", "key")
		if !ok {
			return key, false
		}
		name := f.need("name")
		key.Name = f.strOf(name)
		if name != nil {
			f.what = "API key " + key.Name
		}
		key.Description, _ = f.text("description")
		if e := f.get("key"); e != nil {
			key.Key = f.strOf(e)
			if key.Key != "" && !secretPattern.MatchString(key.Key) {
				l.problem(e.value.pos, "`key` must consist of printable ASCII characters without spaces", "")
			}
		}
		key.Expires = l.expiry(f)
	}
	if key.Name == "" {
		return key, false
	}
	if key.Description == "" {
		key.Description = key.Name
	}
	if key.Key == "" {
		key.Key = StableKey(l.api.Name, key.Name)
	}
	return key, true
}

// hour is the load time, rounded down to the hour as AppSync does.
func (l *loader) hour() time.Time {
	return l.now.UTC().Truncate(time.Hour)
}

// expiry works out when a key expires.
func (l *loader) expiry(f *fields) time.Time {
	otherwise := l.hour().Add(maxKeyValidity)
	if e := f.get("expiresAfter"); e != nil {
		f.noEffect("expiresAt", "`expiresAfter` takes its place")
		if l.unsupported(e.value) {
			return otherwise
		}
		expires, ok := l.addDuration(e.value)
		switch {
		case !ok:
			f.wrong(e, "a duration: hours, or a number followed by y, q, M, w, d, h, m, s or ms")
			return otherwise
		case expires.Before(l.now.Add(minKeyValidity)) || expires.After(l.now.Add(maxKeyValidity)):
			l.problem(e.value.pos, fmt.Sprintf("%s must be valid for 1 to 365 days", f.what), "")
			return otherwise
		}
		return expires
	}
	e := f.get("expiresAt")
	if e == nil || l.unsupported(e.value) {
		return otherwise
	}
	expires, ok := time.Time{}, false
	if e.value.kind == kindString {
		expires, ok = parseDateTime(e.value.text)
	}
	if !ok {
		f.wrong(e, "a date such as 2030-01-31T00:00:00Z")
		return otherwise
	}
	expires = expires.UTC().Truncate(time.Hour)
	switch {
	case !expires.After(l.now):
		l.warn(e.value.pos, fmt.Sprintf("%s has expired", f.what), "")
	case expires.After(l.now.Add(maxKeyValidity)):
		l.warn(e.value.pos, fmt.Sprintf("%s is valid for more than 365 days, which AppSync refuses", f.what), "")
	}
	return expires
}

// parseDateTime reads ISO 8601; a date without a zone is UTC.
func parseDateTime(text string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", time.DateOnly,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

var durationPattern = regexp.MustCompile(`^(\d+)(y|q|M|w|d|h|ms|m|s)?$`)

// addDuration adds a validity to the load time. A number is hours; 24 hours
// count as 25, for rounding down would make them too short.
func (l *loader) addDuration(n *node) (time.Time, bool) {
	from := l.hour()
	if n.kind == kindInt || n.kind == kindFloat {
		// Far outside the bounds, and NaN, become just outside: no overflow.
		const tooLong = 100 * 365 * 24
		hours := n.float
		if !(hours >= 0) {
			hours = 0
		}
		return from.Add(atLeast25(time.Duration(min(hours, tooLong) * float64(time.Hour)))), true
	}
	if n.kind != kindString {
		return from, false
	}
	m := durationPattern.FindStringSubmatch(n.text)
	if m == nil {
		return from, false
	}
	amount, err := strconv.Atoi(m[1])
	if err != nil {
		return from, false
	}
	if amount == 1 && m[2] == "y" {
		return from.Add(maxKeyValidity), true // a leap year would be too long
	}
	units := map[string]time.Duration{
		"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "": time.Hour,
		"m": time.Minute, "s": time.Second, "ms": time.Millisecond,
	}
	if unit, ok := units[m[2]]; ok {
		const tooLong = 100 * 365 * 24 * time.Hour
		return from.Add(atLeast25(time.Duration(min(int64(amount), int64(tooLong/unit))) * unit)), true
	}
	months := map[string]int{"M": 1, "q": 3, "y": 12}[m[2]]
	return addMonths(from, min(amount, 1200)*months), true
}

func atLeast25(d time.Duration) time.Duration {
	if d >= 24*time.Hour && d < 25*time.Hour {
		return 25 * time.Hour
	}
	return d
}

// addMonths adds calendar months; a day that the month does not have becomes
// its last one.
func addMonths(t time.Time, months int) time.Time {
	added := t.AddDate(0, months, 0)
	if added.Day() != t.Day() {
		added = added.AddDate(0, 0, -added.Day())
	}
	return added
}
