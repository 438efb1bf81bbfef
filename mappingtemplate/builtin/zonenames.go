package builtin

import (
	_ "embed"
	"strings"
	"sync"
	"time"
)

//go:embed zonenames.txt
var zoneNamesText string

// zoneNames are the texts of the pattern letters z and v, and what they mean
// when they are read.
type zoneNames struct {
	// byRegion holds the names of a region by the index that zoneName makes.
	byRegion map[string][]string
	// short and long give the region of a name.
	short, long map[string]string
	// longest is the length of the longest name or region.
	longest int
}

// knownZones reads the table at its first use: most APIs never need it.
var knownZones = sync.OnceValue(func() *zoneNames {
	z := &zoneNames{byRegion: map[string][]string{}, short: map[string]string{}, long: map[string]string{}}
	for line := range strings.Lines(zoneNamesText) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		switch fields[0] {
		case "N":
			for _, region := range strings.Fields(fields[7]) {
				z.byRegion[region] = fields[1:7]
				z.longest = max(z.longest, len(region))
			}
		case "S", "L":
			names := z.short
			if fields[0] == "L" {
				names = z.long
			}
			for _, name := range fields[2:] {
				names[name] = fields[1]
				z.longest = max(z.longest, len(name))
			}
		}
	}
	return z
})

// zoneName returns the name that the zone goes by at t, or its identifier when
// it has no name.
func zoneName(t time.Time, generic, long bool) string {
	id := t.Location().String()
	names := knownZones().byRegion[id]
	if names == nil {
		return id
	}
	i := 0
	switch {
	case generic:
		i = 2
	case isDaylightSaving(t):
		i = 1
	}
	if long {
		i += 3
	}
	if names[i] == "=" || names[i] == "" {
		return id
	}
	return names[i]
}

// winterTimes are the zones whose law calls summer time the standard and winter
// time the exception. Java turns them round: what is ahead is summer time.
var winterTimes = map[string]struct {
	since, until int64
	ahead        int
}{
	"Europe/Dublin":     {-37242000, 1 << 62, 3600},
	"Eire":              {-37242000, 1 << 62, 3600},
	"Africa/Casablanca": {1540695600, 1 << 62, 3600},
	"Africa/El_Aaiun":   {1540695600, 1 << 62, 3600},
	"Africa/Windhoek":   {764200800, 1508803200, 7200},
}

func isDaylightSaving(t time.Time) bool {
	if w, ok := winterTimes[t.Location().String()]; ok && t.Unix() >= w.since && t.Unix() < w.until {
		_, offset := t.Zone()
		return offset == w.ahead
	}
	return t.IsDST()
}
