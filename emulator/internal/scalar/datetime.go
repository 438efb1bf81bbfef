package scalar

func awsDate() Scalar {
	return &textScalar{
		name: "AWSDate",
		description: "An extended ISO 8601 date, `YYYY-MM-DD`, such as `1970-01-01`, `-2017-05-01` or " +
			"`1970-01-01+05:30`. The time zone offset is optional: `Z` or `±hh:mm`, seconds allowed.",
		noun:  "valid date.",
		valid: validDate,
	}
}

func awsTime() Scalar {
	return &textScalar{
		name: "AWSTime",
		description: "An extended ISO 8601 time, `hh:mm:ss.sss`, such as `12:30`, `12:30:24Z` or " +
			"`12:30:24.500-07:00`. Seconds, a fraction of 1 to 9 digits behind them, and the time zone " +
			"offset are optional.",
		noun:  "valid time.",
		valid: validTime,
	}
}

func awsDateTime() Scalar {
	return &textScalar{
		name: "AWSDateTime",
		description: "An extended ISO 8601 date and time, `YYYY-MM-DDThh:mm:ss.sssZ`, such as " +
			"`1970-01-01T12:30Z` or `1970-01-01T12:30:24.500-07:00`. Seconds and a fraction of 1 to 9 digits " +
			"behind them are optional; the time zone offset is compulsory.",
		noun:  "valid DateTime Object.",
		valid: validDateTime,
	}
}

func validDate(text string) bool {
	rest, ok := scanDate(text)
	return ok && (rest == "" || validOffset(rest))
}

func validTime(text string) bool {
	rest, ok := scanTime(text)
	return ok && (rest == "" || validOffset(rest))
}

func validDateTime(text string) bool {
	rest, ok := scanDate(text)
	if !ok || rest == "" || rest[0] != 'T' {
		return false
	}
	rest, ok = scanTime(rest[1:])
	return ok && validOffset(rest)
}

// scanDate takes a date from the front of text. The day must exist.
func scanDate(text string) (rest string, ok bool) {
	negative := text != "" && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return "", false
	}
	century, ok1 := twoDigits(text)
	year, ok2 := twoDigits(text[2:])
	month, ok3 := twoDigits(text[5:])
	day, ok4 := twoDigits(text[8:])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return "", false
	}
	year += 100 * century
	if negative && year == 0 {
		return "", false
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return "", false
	}
	return text[10:], true
}

// daysIn counts the days of a month in the proleptic Gregorian calendar, where
// the sign of the year makes no difference.
func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// scanTime takes hh:mm[:ss[.fraction]] from the front of text.
func scanTime(text string) (rest string, ok bool) {
	if len(text) < 5 || text[2] != ':' {
		return "", false
	}
	hour, ok1 := twoDigits(text)
	minute, ok2 := twoDigits(text[3:])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return "", false
	}
	text = text[5:]
	if text == "" || text[0] != ':' {
		return text, true
	}
	if len(text) < 3 {
		return "", false
	}
	second, ok := twoDigits(text[1:])
	if !ok || second > 59 {
		return "", false
	}
	text = text[3:]
	if text == "" || text[0] != '.' {
		return text, true
	}
	n := 1
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if n < 2 || n > 10 {
		return "", false
	}
	return text[n:], true
}

// validOffset reports whether text is Z or ±hh:mm[:ss] of at most 18 hours, the
// bound of java.time.ZoneOffset.
func validOffset(text string) bool {
	if text == "Z" {
		return true
	}
	if len(text) != 6 && len(text) != 9 {
		return false
	}
	if text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return false
	}
	hours, ok1 := twoDigits(text[1:])
	minutes, ok2 := twoDigits(text[4:])
	seconds, ok3 := 0, true
	if len(text) == 9 {
		if text[6] != ':' {
			return false
		}
		seconds, ok3 = twoDigits(text[7:])
	}
	if !ok1 || !ok2 || !ok3 || minutes > 59 || seconds > 59 {
		return false
	}
	return hours*3600+minutes*60+seconds <= 18*3600
}

func twoDigits(text string) (int, bool) {
	if len(text) < 2 || !isDigit(text[0]) || !isDigit(text[1]) {
		return 0, false
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), true
}
