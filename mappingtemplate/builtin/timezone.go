package builtin

import (
	"fmt"
	"strings"
	"time"

	// The zones are embedded: not every system has them.
	_ "time/tzdata"
)

// parseZone reads a zone id as java.time.ZoneId does: an offset, UTC, GMT or UT
// with or without one, or the name of a region.
func parseZone(id string) (*time.Location, error) {
	if id == "Z" || id == "UTC" || id == "GMT" || id == "UT" {
		if id == "Z" {
			return time.FixedZone("Z", 0), nil
		}
		return time.FixedZone(id, 0), nil
	}
	if seconds, ok := parseZoneOffset(id); ok {
		return fixedOffset(seconds), nil
	}
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		rest, ok := strings.CutPrefix(id, prefix)
		if !ok {
			continue
		}
		if seconds, ok := parseZoneOffset(rest); ok && seconds == 0 {
			return time.FixedZone(prefix, 0), nil
		} else if ok {
			return time.FixedZone(prefix+formatOffset(seconds, "+HH:MM:ss", ""), seconds), nil
		}
	}
	// Go knows further names, such as EST and Local, which are no Java ids.
	if _, ok := knownZones().byRegion[id]; ok {
		if loc, err := time.LoadLocation(id); err == nil {
			return loc, nil
		}
	}
	return nil, throw("java.time.zone.ZoneRulesException", "Unknown time-zone ID: %s", id)
}

func fixedOffset(seconds int) *time.Location {
	return time.FixedZone(formatOffset(seconds, "+HH:MM:ss", "Z"), seconds)
}

// maxOffset is the largest offset from UTC, 18 hours.
const maxOffset = 18 * 3600

// parseZoneOffset reads +h, +hh, +hh:mm, +hhmm, +hh:mm:ss and +hhmmss.
func parseZoneOffset(s string) (int, bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var parts [3]int
	digits := s[1:]
	switch {
	case len(digits) == 1:
		digits = "0" + digits
	case len(digits) == 5 && digits[2] == ':':
		digits = digits[:2] + digits[3:]
	case len(digits) == 8 && digits[2] == ':' && digits[5] == ':':
		digits = digits[:2] + digits[3:5] + digits[6:]
	}
	if n := len(digits); n != 2 && n != 4 && n != 6 {
		return 0, false
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		parts[i/2] = parts[i/2]*10 + int(digits[i]-'0')
	}
	seconds := parts[0]*3600 + parts[1]*60 + parts[2]
	if parts[1] > 59 || parts[2] > 59 || seconds > maxOffset {
		return 0, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// formatOffset writes an offset by one of Java's patterns: "+HHmm" leaves out
// minutes that are zero, "+HH:MM:ss" seconds that are zero, "+HHMMSS" nothing.
func formatOffset(seconds int, pattern, zero string) string {
	if seconds == 0 && zero != "" {
		return zero
	}
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	colon := ""
	if strings.Contains(pattern, ":") {
		colon = ":"
	}
	out := []byte{sign}
	out = append(out, fmt.Sprintf("%02d", h)...)
	if strings.Contains(pattern, "mm") && m == 0 {
		return string(out)
	}
	if strings.ContainsAny(pattern, "Mm") {
		out = append(out, fmt.Sprintf("%s%02d", colon, m)...)
	}
	if strings.Contains(pattern, "SS") || strings.Contains(pattern, "ss") && s != 0 {
		out = append(out, fmt.Sprintf("%s%02d", colon, s)...)
	}
	return string(out)
}
