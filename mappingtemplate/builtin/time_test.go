package builtin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// Expectations are the examples of AWS's page "Time helpers in $util.time",
// whose clock is 1517943695750, unless a case names another source.
func TestTimeHelpers(t *testing.T) {
	u, _ := newUtil()
	const ms = int64(docsNow)
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"nowISO8601", nil, "2018-02-06T19:01:35.750Z"},
		{"nowEpochSeconds", nil, int32(1517943695)},
		{"nowEpochMilliSeconds", nil, ms},
		{"nowFormatted", []any{"yyyy-MM-dd HH:mm:ssZ"}, "2018-02-06 19:01:35+0000"},
		{"nowFormatted", []any{"yyyy-MM-dd HH:mm:ssZ", "Australia/Perth"}, "2018-02-07 03:01:35+0800"},
		{"parseFormattedToEpochMilliSeconds", []any{"2018-02-01 01:16:46+0800", "yyyy-MM-dd HH:mm:ssZ"}, int64(1517419006000)},
		{"parseFormattedToEpochMilliSeconds", []any{"2018-02-05 02:36:29", "yyyy-MM-dd HH:mm:ss", "Australia/Perth"}, int64(1517769389000)},
		{"parseISO8601ToEpochMilliSeconds", []any{"2018-02-01T17:21:05.180+08:00"}, int64(1517476865180)},
		{"epochMilliSecondsToSeconds", []any{ms}, int32(1517943695)},
		{"epochMilliSecondsToISO8601", []any{ms}, "2018-02-06T19:01:35.750Z"},
		{"epochMilliSecondsToFormatted", []any{ms, "yyyy-MM-dd HH:mm:ssZ"}, "2018-02-06 19:01:35+0000"},
		{"epochMilliSecondsToFormatted", []any{ms, "yyyy-MM-dd HH:mm:ssZ", "Australia/Perth"}, "2018-02-07 03:01:35+0800"},
		{"nowFormatted", []any{"yyyy-MM-dd HH:mm:ssZ", "+08:00"}, "2018-02-07 03:01:35+0800"},
		{"parseFormattedToEpochMilliSeconds", []any{"2018-02-02 01:19:22+0800", "yyyy-MM-dd HH:mm:ssZ"}, int64(1517505562000)},
		{"parseFormattedToEpochMilliSeconds", []any{"2018-02-02 01:19:22", "yyyy-MM-dd HH:mm:ss", "+08:00"}, int64(1517505562000)},
		{"parseFormattedToEpochMilliSeconds", []any{"2018-02-02 01:19:22+0800", "yyyy-MM-dd HH:mm:ssZ", "UTC"}, int64(1517505562000)},
		// Null in, null out; text that cannot be parsed is null too
		// (amplify-appsync-simulator).
		{"epochMilliSecondsToISO8601", []any{nil}, nil},
		{"epochMilliSecondsToFormatted", []any{nil, "yyyy"}, nil},
		{"parseISO8601ToEpochMilliSeconds", []any{nil}, nil},
		{"parseISO8601ToEpochMilliSeconds", []any{"yesterday"}, nil},
		{"parseFormattedToEpochMilliSeconds", []any{"x", "yyyy"}, nil},
		{"parseFormattedToEpochMilliSeconds", []any{nil, "yyyy"}, nil},
		// java.lang.Math.floorDiv
		{"epochMilliSecondsToSeconds", []any{int32(-1)}, int32(-1)},
		// java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME
		{"parseISO8601ToEpochMilliSeconds", []any{"1970-01-01T00:00Z"}, int32(0)},
		{"parseISO8601ToEpochMilliSeconds", []any{"1970-01-01T00:00:01.5Z"}, int32(1500)},
		{"parseISO8601ToEpochMilliSeconds", []any{"1970-01-01T01:00:00.123456789+01:00"}, int32(123)},
		{"parseISO8601ToEpochMilliSeconds", []any{"1970-01-01T00:00:00"}, nil},
		{"parseISO8601ToEpochMilliSeconds", []any{"1970-13-01T00:00:00Z"}, nil},
	} {
		mustEqual(t, c.name, call(t, u, "time", c.name, c.args...), c.want)
	}
}

// The same page, "Usage with AWS AppSync defined scalars".
func TestTimeFormatsOfScalars(t *testing.T) {
	at := time.Date(2018, 7, 11, 22, 14, 45, 0, time.UTC)
	u := builtin.New(&builtin.Env{Now: func() time.Time { return at }})
	mustEqual(t, "AWSDate", call(t, u, "time", "nowFormatted", "yyyy-MM-dd[XXX]", "-07:00:30"), "2018-07-11-07:00")
	mustEqual(t, "AWSDateTime", call(t, u, "time", "nowFormatted", "yyyy-MM-dd'T'HH:mm:ss[XXXXX]", "-07:00:30"), "2018-07-11T15:14:15-07:00:30")
}

// Types that fit none of the page's signatures, and null for a format or a zone.
func TestTimeHelpersOfOddInput(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
	}{
		{"nowFormatted", []any{int32(1)}},
		{"nowFormatted", []any{"yyyy", int32(8)}},
		{"nowISO8601", []any{"UTC"}},
		{"epochMilliSecondsToSeconds", []any{1.5}},
		{"epochMilliSecondsToSeconds", []any{"1"}},
		{"epochMilliSecondsToISO8601", []any{value.Decimal("1.5")}},
		{"epochMilliSecondsToFormatted", []any{"1", "yyyy"}},
		{"epochMilliSecondsToFormatted", []any{int32(1)}},
		{"parseISO8601ToEpochMilliSeconds", []any{int32(1)}},
		{"parseFormattedToEpochMilliSeconds", []any{"2018"}},
		{"parseFormattedToEpochMilliSeconds", []any{"2018", true}},
	} {
		if v, ok, err := invoke(t, u, "time", c.name, c.args...); ok || err != nil {
			t.Errorf("%s(%v) = %v, %v, %v; want not found", c.name, c.args, v, ok, err)
		}
	}
	huge := strings.Repeat("1", 1<<20)
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"nowFormatted", []any{nil}, nil},
		{"nowFormatted", []any{"yyyy", nil}, "2018"},
		{"nowFormatted", []any{""}, ""},
		{"parseFormattedToEpochMilliSeconds", []any{"2018", nil}, nil},
		{"parseFormattedToEpochMilliSeconds", []any{"", ""}, nil},
		{"parseISO8601ToEpochMilliSeconds", []any{""}, nil},
		{"parseISO8601ToEpochMilliSeconds", []any{huge}, nil},
		{"parseFormattedToEpochMilliSeconds", []any{huge, "uuuu-MM"}, nil},
		{"epochMilliSecondsToISO8601", []any{int64(0)}, "1970-01-01T00:00:00.000Z"},
	} {
		mustEqual(t, c.name, call(t, u, "time", c.name, c.args...), c.want)
	}
}

func TestTimeHelpersThrowForPatternsAndZonesJavaDoesNotKnow(t *testing.T) {
	u, _ := newUtil()
	for _, args := range [][]any{
		{"yyyy-bb"},
		{"yyyy 'open"},
		{"yyyy]"},
		{"yyyy {"},
		{"VVV"},
		{"aaaaaa"},
		{"p"},
		{"ssss"},
		{"yyyy", "Mars/Olympus"},
		{"yyyy", "Local"},
		{"yyyy", "../etc"},
		{"yyyy", "+19:00"},
	} {
		_, _, err := invoke(t, u, "time", "nowFormatted", args...)
		var e *value.Exception
		if !errors.As(err, &e) {
			t.Errorf("nowFormatted(%v): error %v", args, err)
		}
	}
}

// The texts are what java.time.format.DateTimeFormatter (Java 17, locale en_US)
// documents for these letters.
func TestDateFormatsAreJavas(t *testing.T) {
	at := time.Date(2024, 3, 5, 15, 4, 9, 45_678_901, time.UTC) // a Tuesday
	u := builtin.New(&builtin.Env{Now: func() time.Time { return at }})
	for _, c := range []struct{ pattern, zone, want string }{
		{"G GGGG GGGGG", "UTC", "AD Anno Domini A"},
		{"y yy yyy yyyy yyyyy", "UTC", "2024 24 2024 2024 02024"},
		{"u uuuu", "UTC", "2024 2024"},
		{"D DDD", "UTC", "65 065"},
		{"M MM MMM MMMM MMMMM", "UTC", "3 03 Mar March M"},
		{"L LL LLL", "UTC", "3 03 Mar"},
		{"d dd", "UTC", "5 05"},
		{"Q QQ QQQ QQQQ", "UTC", "1 01 Q1 1st quarter"},
		{"Y YYYY w ww W", "UTC", "2024 2024 10 10 2"},
		{"E EE EEE EEEE EEEEE", "UTC", "Tue Tue Tue Tuesday T"},
		{"e ee eee eeee c", "UTC", "3 03 Tue Tuesday 3"},
		{"F", "UTC", "5"}, // the day in the aligned week of the month, up to Java 18
		{"a h hh K k H HH", "UTC", "PM 3 03 3 15 15 15"},
		{"m mm s ss", "UTC", "4 04 9 09"},
		{"S SS SSS SSSSSS SSSSSSSSS", "UTC", "0 04 045 045678 045678901"},
		{"A n N", "UTC", "54249045 45678901 54249045678901"},
		{"g", "UTC", "60374"},
		{"VV", "America/New_York", "America/New_York"},
		{"z zzzz", "America/New_York", "EST Eastern Standard Time"},
		{"z zzzz", "UTC", "UTC Coordinated Universal Time"},
		{"O OOOO", "Asia/Kolkata", "GMT+5:30 GMT+05:30"},
		{"O OOOO", "UTC", "GMT GMT"},
		{"X XX XXX XXXX XXXXX", "UTC", "Z Z Z Z Z"},
		{"x xx xxx xxxx xxxxx", "UTC", "+00 +0000 +00:00 +0000 +00:00"},
		{"X XX XXX XXXX XXXXX", "Asia/Kolkata", "+0530 +0530 +05:30 +0530 +05:30"},
		{"X x", "America/New_York", "-05 -05"},
		{"Z ZZZ ZZZZ ZZZZZ", "America/New_York", "-0500 -0500 GMT-05:00 -05:00"},
		{"Z ZZZZ ZZZZZ", "UTC", "+0000 GMT Z"},
		{"'T'yyyy''MM 'o''clock'", "UTC", "T2024'03 o'clock"},
		{"yyyy[-MM[-dd]]", "UTC", "2024-03-05"},
		{"yyyy[-MM", "UTC", "2024-03"},
		{"ppppd|pppH", "UTC", "   5| 15"},
		{"yyyyMMddHHmmssSSS", "UTC", "20240305150409045"},
		{"HH:mm VV", "+05:30", "20:34 +05:30"},
		{"HH:mm VV", "UTC+8", "23:04 UTC+08:00"},
	} {
		mustEqual(t, c.pattern+" in "+c.zone, call(t, u, "time", "nowFormatted", c.pattern, c.zone), c.want)
	}
}

// Names that the JDK 17 gives; a region without a name goes by its identifier.
func TestZonesHaveTheirNames(t *testing.T) {
	january, july := time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2024, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at         time.Time
		zone, want string
	}{
		{january, "Europe/Berlin", "CET, Central European Standard Time, CET, Central European Time"},
		{july, "Europe/Berlin", "CEST, Central European Summer Time, CET, Central European Time"},
		{january, "Europe/Dublin", "GMT, Greenwich Mean Time, IT, Irish Time"},
		{july, "Europe/Dublin", "IST, Irish Standard Time, IT, Irish Time"},
		{january, "Asia/Kolkata", "IST, India Standard Time, IT, India Time"},
		{january, "Etc/GMT+5", "GMT-05:00, GMT-05:00, GMT-05:00, GMT-05:00"},
		{january, "UTC+8", "UTC+08:00, UTC+08:00, UTC+08:00, UTC+08:00"},
	} {
		u := builtin.New(&builtin.Env{Now: func() time.Time { return c.at }})
		mustEqual(t, c.zone, call(t, u, "time", "nowFormatted", "z, zzzz, v, vvvv", c.zone), c.want)
	}
}

// Week numbers of java.time.temporal.WeekFields.of(Locale.US): weeks begin on
// Sunday, the first is the one with 1 January.
func TestWeeksAreThoseOfTheUnitedStates(t *testing.T) {
	for _, c := range []struct {
		date time.Time
		want string
	}{
		{time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC), "2023-1"},
		{time.Date(2023, 12, 30, 0, 0, 0, 0, time.UTC), "2023-52"},
		{time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC), "2024-1"},
		{time.Date(2022, 12, 31, 0, 0, 0, 0, time.UTC), "2022-53"},
		{time.Date(2024, 12, 28, 0, 0, 0, 0, time.UTC), "2024-52"},
		{time.Date(2024, 12, 29, 0, 0, 0, 0, time.UTC), "2025-1"},
	} {
		u := builtin.New(&builtin.Env{Now: func() time.Time { return c.date }})
		mustEqual(t, c.date.Format(time.DateOnly), call(t, u, "time", "nowFormatted", "Y-w"), c.want)
	}
}

// What each text means is documented for java.time.format.DateTimeFormatter and
// its SMART resolver.
func TestDatesParseAsJavaDoes(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct{ text, pattern, zone, want string }{
		{"20240305150409045", "yyyyMMddHHmmssSSS", "UTC", "2024-03-05T15:04:09.045Z"},
		{"24/3/5 3 PM", "yy/M/d h a", "UTC", "2024-03-05T15:00:00.000Z"},
		{"5 March 2024 00:30", "d MMMM yyyy HH:mm", "UTC", "2024-03-05T00:30:00.000Z"},
		{"Tue, 5 Mar 2024 00:30:00 +0100", "EEE, d MMM yyyy HH:mm:ss Z", "UTC", "2024-03-04T23:30:00.000Z"},
		{"2024-065T01", "yyyy-DDD'T'HH", "UTC", "2024-03-05T01:00:00.000Z"},
		{"2024-03-05T01:02", "yyyy-MM-dd'T'HH:mm[:ss]", "UTC", "2024-03-05T01:02:00.000Z"},
		{"2024-03-05T01:02:03", "yyyy-MM-dd'T'HH:mm[:ss]", "UTC", "2024-03-05T01:02:03.000Z"},
		{"2024-03-05 01:02 America/New_York", "yyyy-MM-dd HH:mm VV", "UTC", "2024-03-05T06:02:00.000Z"},
		{"2024-03-05 01:02 EST", "yyyy-MM-dd HH:mm z", "UTC", "2024-03-05T06:02:00.000Z"},
		{"2024-03-05 01:02Z", "yyyy-MM-dd HH:mmX", "Asia/Tokyo", "2024-03-05T01:02:00.000Z"},
		{"2024-03-05 01:02+09", "yyyy-MM-dd HH:mmX", "UTC", "2024-03-04T16:02:00.000Z"},
		{"2024-03-05 01:02GMT+9", "yyyy-MM-dd HH:mmO", "UTC", "2024-03-04T16:02:00.000Z"},
		{"2024-04-31 00", "yyyy-MM-dd HH", "UTC", "2024-04-30T00:00:00.000Z"},
		{"2024-03-05 24:00", "yyyy-MM-dd HH:mm", "UTC", "2024-03-06T00:00:00.000Z"},
		{"2024-W10-3 12", "YYYY-'W'ww-e HH", "UTC", "2024-03-05T12:00:00.000Z"},
		{"2021-03-28 02:30", "yyyy-MM-dd HH:mm", "Europe/Berlin", "2021-03-28T01:30:00.000Z"}, // the clocks skip it
		{"2021-10-31 02:30", "yyyy-MM-dd HH:mm", "Europe/Berlin", "2021-10-31T00:30:00.000Z"}, // it comes twice
		{"2024-03-05 PM", "yyyy-MM-dd a", "UTC", "2024-03-05T18:00:00.000Z"},                  // half a day is its middle
		{"   5.03.2024 0", "ppppd.MM.yyyy H", "UTC", "2024-03-05T00:00:00.000Z"},
	} {
		ms := call(t, u, "time", "parseFormattedToEpochMilliSeconds", c.text, c.pattern, c.zone)
		if ms == nil {
			t.Errorf("%q by %q: null", c.text, c.pattern)
			continue
		}
		mustEqual(t, c.text, call(t, u, "time", "epochMilliSecondsToISO8601", ms), c.want)
	}
	for _, c := range []struct{ text, pattern string }{
		{"2024-03-05", "yyyy-MM-dd"}, // no time of day
		{"12:30", "HH:mm"},           // no date
		{"2024-3-5 1", "yyyy-MM-dd H"},
		{"20245-03-05 1", "yyyy-MM-dd H"},
		{"2024-03-32 1", "yyyy-MM-dd H"},
		{"2024-03-05 25", "yyyy-MM-dd H"},
		{"2024-03-05 1 trailing", "yyyy-MM-dd H"},
		{"Mon 2024-03-05 1", "EEE yyyy-MM-dd H"}, // it was a Tuesday
		{"2024-03-05 13 PM", "yyyy-MM-dd h a"},
		{"99999999999999999999-03-05 1", "u-MM-dd H"},
		{"+999999999-03-05 1", "uuuu-MM-dd H"},
	} {
		if v := call(t, u, "time", "parseFormattedToEpochMilliSeconds", c.text, c.pattern); v != nil {
			t.Errorf("%q by %q = %v, want null", c.text, c.pattern, v)
		}
	}
}

func FuzzDateFormat(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX", "2024-03-05T15:04:09.045Z", "UTC")
	f.Add("EEE, d MMM yyyy HH:mm:ss Z", "Tue, 5 Mar 2024 00:30:00 +0100", "Asia/Kolkata")
	f.Add("pppd VV OOOO zzzz g N", "   5 UTC GMT", "+05:30")
	u := builtin.New(&builtin.Env{Cache: &builtin.Cache{}})
	family, _ := u.Property("time")
	f.Fuzz(func(t *testing.T, pattern, text, zone string) {
		if len(pattern) > 200 || len(text) > 200 {
			return
		}
		helpers := family.(object)
		formatted, _, err := helpers.Invoke("epochMilliSecondsToFormatted", []any{int64(docsNow), pattern, zone})
		if err == nil && formatted == nil {
			t.Fatalf("%q in %q formats to null", pattern, zone)
		}
		for _, s := range []any{text, formatted} {
			v, _, _ := helpers.Invoke("parseFormattedToEpochMilliSeconds", []any{s, pattern, zone})
			switch v.(type) {
			case nil, int32, int64:
			default:
				t.Fatalf("%q by %q = %T", s, pattern, v)
			}
		}
	})
}
