//go:build oracle

package builtin_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// The tests of this file ask Java itself what a helper yields. They need a JDK,
// version 11 or newer, and Apache Commons Lang 2.6 (Debian: openjdk-17-jdk-headless
// and libcommons-lang-java):
//
//	go test -tags oracle -run Java ./mappingtemplate/builtin/
const commonsLang = "/usr/share/java/commons-lang.jar"

// question is one call of an operation of testdata/oracle/Helpers.java.
type question struct {
	op   string
	args []string
}

// answer is a result of Java, or the class of its exception.
type answer struct {
	text      string
	exception string
}

// oracle is the Java program of all tests. It ends with the test binary, which
// closes its input.
type oracle struct {
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

var startOracle = sync.OnceValues(func() (*oracle, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: the oracle tests need a JDK and Apache Commons Lang 2.6 (Debian: apt-get install openjdk-17-jdk-headless libcommons-lang-java)", err)
	}
	o := &oracle{}
	cmd := exec.Command(java, "-Duser.language=en", "-Duser.country=US", "-cp", commonsLang, "testdata/oracle/Helpers.java")
	cmd.Stderr = &o.stderr
	if o.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 1<<20)
	return o, cmd.Start()
})

// askJava has Java answer all questions.
func askJava(t *testing.T, questions []question) []answer {
	t.Helper()
	o, err := startOracle()
	if err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	for _, q := range questions {
		in.WriteString(q.op)
		for _, a := range q.args {
			in.WriteByte(' ')
			in.WriteString(base64.StdEncoding.EncodeToString([]byte(a)))
		}
		in.WriteByte('\n')
	}
	in.WriteByte('\n')
	if _, err := o.in.Write(in.Bytes()); err != nil {
		t.Fatalf("java: %v\n%s", err, o.stderr.Bytes())
	}
	answers := make([]answer, len(questions))
	for i := range answers {
		line, err := o.out.ReadString('\n')
		if err != nil {
			t.Fatalf("java: %v\n%s", err, o.stderr.Bytes())
		}
		line = strings.TrimSuffix(line, "\n")
		if class, ok := strings.CutPrefix(line, "!"); ok {
			answers[i].exception = class
			continue
		}
		text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, "="))
		if err != nil {
			t.Fatal(err)
		}
		answers[i].text = string(text)
	}
	return answers
}

// differences reports the first few that were found.
type differences struct {
	t *testing.T
	n int
}

func (d *differences) add(format string, args ...any) {
	if d.n++; d.n <= 25 {
		d.t.Errorf(format, args...)
	}
}

func (d *differences) done(total int) {
	if d.n > 0 {
		d.t.Errorf("%d of %d differ", d.n, total)
	}
}

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

var oracleZones = []string{
	"UTC", "Z", "GMT", "+08:00", "-03:30", "+05:30:15", "UTC+8", "GMT-02:00", "UT+01:00", "UTC+00:00",
	"Australia/Perth", "Australia/Adelaide", "Australia/Lord_Howe", "America/New_York", "America/Los_Angeles",
	"America/Sao_Paulo", "America/St_Johns", "America/Caracas", "Europe/London", "Europe/Berlin", "Europe/Dublin",
	"Europe/Moscow", "Europe/Istanbul", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Asia/Tokyo",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Asia/Dubai", "Asia/Tehran", "Pacific/Auckland",
	"Pacific/Apia", "Pacific/Chatham", "Etc/GMT+5", "Etc/UTC",
}

// randomInstant yields times within the years 1980 to 2036, in which the releases
// of the time zone database agree, with some far outside for zones without rules.
func randomInstant(r *rand.Rand, zone string) time.Time {
	if (zone == "UTC" || zone == "+08:00") && r.IntN(3) == 0 {
		return time.Unix(r.Int64N(2*300_000_000_000)-300_000_000_000, r.Int64N(1e9)).UTC()
	}
	at := time.Unix(320_000_000+r.Int64N(1_780_000_000), r.Int64N(1e9)).UTC()
	if r.IntN(4) == 0 {
		at = at.Truncate(time.Duration(pick(r, []int64{1e9, 1e6, 60e9, 3600e9, 86400e9})))
	}
	return at
}

const patternLetters = "GuyDMLdQqYwWEecFahKkHmsSAnNVzOXxZ"

// randomPattern yields patterns of every letter and width, with literals, quoted
// text, padding and optional sections; some are wrong. B is missing: Java has it
// since version 16 only.
func randomPattern(r *rand.Rand, letters string) string {
	var b strings.Builder
	open := 0
	for range 1 + r.IntN(6) {
		switch r.IntN(12) {
		case 0:
			b.WriteString(pick(r, []string{"-", "/", ":", " ", ", ", ".", "'T'", "''", "'at '", "'o''clock'", "é", "年"}))
		case 1:
			b.WriteByte('[')
			open++
		case 2:
			if open > 0 {
				b.WriteByte(']')
				open--
			}
		case 3:
			b.WriteString(strings.Repeat("p", 1+r.IntN(6)))
			fallthrough
		default:
			width := 1 + r.IntN(5)
			if r.IntN(10) == 0 {
				width = 1 + r.IntN(21)
			}
			b.WriteString(strings.Repeat(string(letters[r.IntN(len(letters))]), width))
			if r.IntN(3) == 0 {
				b.WriteByte("-/: ._,"[r.IntN(7)])
			}
		}
	}
	if r.IntN(40) == 0 {
		b.WriteString(pick(r, []string{"{", "}", "#", "]", "'", "b", "I", "é", "p", "v", "vvvv", "g"}))
	}
	return b.String()
}

var commonPatterns = []string{
	"yyyy-MM-dd HH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "EEE, dd MMM yyyy HH:mm:ss Z",
	"dd/MM/yyyy HH:mm", "M/d/yy h:mm a", "uuuuMMddHHmmss", "yyyyMMddHHmmssSSS", "yyyy-DDD HH", "YYYY-'W'ww-e HH:mm",
	"d MMMM uuuu, HH 'Uhr'", "yyyy-MM-dd HH:mm:ss VV", "yyyy-MM-dd HH:mm:ss O", "yyyy-MM-dd HH:mm:ss OOOO", "G yyyy MM dd HH",
	"yyyy-MM-dd KK:mm a", "yyyy-MM-dd kk:mm", "yyyy-MM-dd A", "yyyy-MM-dd N", "yyyy-MM-dd HH:mm:ss.n", "uuuu-Q-MM-dd HH",
	"yyyy-MM-dd EEEE HH:mm", "yyyy-MM-dd EEEEE HH", "uuuu-MM-W-e HH", "uuuu-MM-F-e HH", "MMM d, yyyy h:mm:ss a X", "yy-M-d H:m:s.S x",
	"ppppd.ppM.yyyy pppH", "yyyyMMdd'T'HHmmssX", "uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx", "uuuu/LL/dd c HH", "uuuu-MM-dd ee HH:mm:ss XX",
	"yyyy-MM-dd hh:mm:ss a ZZZZZ", "yyyy-MM-dd HH:mm:ss ZZZZ", "yyyy MMM[ dd[ HH[:mm[:ss]]]]", "yyMMddHHmm", "uuuu-qq-MM-dd k",
}

// compareFormats asks for n times in patterns that gen makes.
func compareFormats(t *testing.T, n int, gen func(r *rand.Rand) string) {
	r := newRandom()
	questions := make([]question, n)
	ours := make([]answer, n)
	for i := range questions {
		zone := pick(r, oracleZones)
		at := randomInstant(r, zone)
		pattern := gen(r)
		questions[i] = question{"format", []string{pattern, strconv.FormatInt(at.Unix(), 10), strconv.Itoa(at.Nanosecond()), zone}}
		u := builtin.New(&builtin.Env{Now: func() time.Time { return at }})
		v, ok, err := invoke(t, u, "time", "nowFormatted", pattern, zone)
		if err != nil || !ok {
			ours[i].exception = fmt.Sprint(err)
			continue
		}
		ours[i].text = v.(string)
	}
	d := differences{t: t}
	for i, java := range askJava(t, questions) {
		if java.text != ours[i].text || (java.exception == "") != (ours[i].exception == "") {
			d.add("%q: ours %q, Java %q", questions[i].args, ours[i], java)
		}
	}
	d.done(n)
}

func TestJavaFormatsDates(t *testing.T) {
	t.Run("common patterns", func(t *testing.T) {
		compareFormats(t, 5000, func(r *rand.Rand) string { return pick(r, commonPatterns) })
	})
	t.Run("random patterns", func(t *testing.T) {
		compareFormats(t, 20000, func(r *rand.Rand) string { return randomPattern(r, patternLetters) })
	})
}

// mutate changes a character of a text here and there.
func mutate(r *rand.Rand, s string) string {
	if s == "" {
		return "x"
	}
	i := r.IntN(len(s))
	switch r.IntN(4) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + string("0123456789-+:. TZx"[r.IntN(18)]) + s[i+1:]
	case 2:
		return s[:i] + string("0123456789-+:. TZx"[r.IntN(18)]) + s[i:]
	}
	return s + string("0123456789-+:. TZx"[r.IntN(18)])
}

var narrowDay = regexp.MustCompile("EEEEE|eeeee|ccccc")

func compareParses(t *testing.T, n int, gen func(r *rand.Rand) string) {
	r := newRandom()
	var questions []question
	var ours []answer
	for len(questions) < n {
		zone := pick(r, oracleZones)
		at := randomInstant(r, zone)
		pattern := gen(r)
		u := builtin.New(&builtin.Env{Now: func() time.Time { return at }, Cache: &builtin.Cache{}})
		v, _, err := invoke(t, u, "time", "nowFormatted", pattern, zone)
		if err != nil {
			continue
		}
		if strings.ContainsAny(pattern, "ec") && narrowDay.MatchString(pattern) {
			// The letters of the days are ambiguous, and which of two contradicting
			// days Java believes depends on the order of a hash map.
			continue
		}
		text := v.(string)
		for r.IntN(3) == 0 {
			text = mutate(r, text)
		}
		if !utf8.ValidString(text) {
			continue
		}
		if r.IntN(2) == 0 {
			zone = pick(r, oracleZones)
		}
		var a answer
		v, _, err = invoke(t, u, "time", "parseFormattedToEpochMilliSeconds", text, pattern, zone)
		if err != nil || v == nil {
			a.exception = fmt.Sprint(err)
		} else {
			a.text = value.ToString(v)
		}
		questions = append(questions, question{"parse", []string{text, pattern, zone}})
		ours = append(ours, a)
	}
	d := differences{t: t}
	parsed := 0
	for i, java := range askJava(t, questions) {
		if java.exception == "" {
			parsed++
		}
		if java.text != ours[i].text {
			d.add("%q: ours %q, Java %q", questions[i].args, ours[i], java)
		}
	}
	d.done(n)
	t.Logf("Java parsed %d of %d", parsed, n)
}

func TestJavaParsesDates(t *testing.T) {
	t.Run("common patterns", func(t *testing.T) {
		compareParses(t, 10000, func(r *rand.Rand) string { return pick(r, commonPatterns) })
	})
	t.Run("random patterns", func(t *testing.T) {
		compareParses(t, 10000, func(r *rand.Rand) string { return randomPattern(r, patternLetters) })
	})
	t.Run("random patterns with a date", func(t *testing.T) {
		dates := []string{"uuuuMMdd", "yyyy-MM-dd", "u-M-d", "uuuu-DDD", "YYYY-ww-e", "uuuu MMM d", "MMMM d, yyyy", "yy-MM-dd", "uuuu-MM-W-EEE", "uuuu-MM-F-e", "YY-w-E", "G yyyy-MM-dd"}
		times := []string{"HH", "HHmm", "HH:mm:ss", "h a", "hh:mm a", "k:mm", "K:m a", "A", "N", "HH:mm:ss.SSS", "H:m:s.n"}
		compareParses(t, 10000, func(r *rand.Rand) string {
			return pick(r, dates) + pick(r, []string{" ", "'T'", "/"}) + pick(r, times) + pick(r, []string{"", " ", "["}) + randomPattern(r, patternLetters)
		})
	})
}

func TestJavaParsesISO8601(t *testing.T) {
	r := newRandom()
	layouts := []string{"uuuu-MM-dd'T'HH:mm:ss.SSSXXX", "uuuu-MM-dd'T'HH:mmXXX", "uuuu-MM-dd'T'HH:mm:ssXXXXX", "uuuu-MM-dd'T'HH:mm:ss.nX",
		"uuuu-MM-dd't'HH:mm:ss.SX", "uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx", "uuuu-MM-dd'T'HHX", "uuuu-MM-dd HH:mm:ssX", "uuuu-MM-dd'T'HH:mm:ss'z'",
		"uuuu-MM-dd'T'HH:mm:ssXXXX", "uuuu-MM-dd'T'HH:mm:ss'.'X", "uuuu-MM-dd", "uuuu-DDD'T'HH:mmX", "uuuu-MM-dd'T'24:mm:ssX"}
	var questions []question
	var ours []answer
	for range 10000 {
		zone := pick(r, oracleZones)
		at := randomInstant(r, zone)
		u := builtin.New(&builtin.Env{Now: func() time.Time { return at }})
		text := call(t, u, "time", "nowFormatted", pick(r, layouts), zone).(string)
		for r.IntN(3) == 0 {
			text = mutate(r, text)
		}
		var a answer
		if v := call(t, u, "time", "parseISO8601ToEpochMilliSeconds", text); v == nil {
			a.exception = "null"
		} else {
			a.text = value.ToString(v)
		}
		questions, ours = append(questions, question{"iso", []string{text}}), append(ours, a)
	}
	d := differences{t: t}
	for i, java := range askJava(t, questions) {
		if java.text != ours[i].text {
			d.add("%q: ours %q, Java %q", questions[i].args, ours[i], java)
		}
	}
	d.done(len(questions))
}

// oldBlocks are blocks of characters that Unicode 13, which JDK 17 knows, has
// complete.
var oldBlocks = [][2]int{{0x20, 0x7ff}, {0x1e00, 0x1fff}, {0x2100, 0x24ff}, {0x3000, 0x9fef}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xff00, 0xffee}, {0x1d400, 0x1d7ff}, {0x1f600, 0x1f64f}}

// oddText mixes plain text with characters that helpers treat specially.
func oddText(r *rand.Rand) string {
	odd := []rune("aZ09 \t\n\r\f\b\x00\x1f\x7f\u0080\u0085\u00a0\u00df\u00fc\u00e9\u0130\u0131\u0149\u01c5\u0345\u0390\u03c3\u03c2\u0587\u1e9e\u1f80\u1fb3\u2007\u2028\ufb03\ufb01\u00bd\u212b\uac00\u1100\u1161\u0301\u0323\u3000\ufeff\uffff\ue000\U0001F600\U0001F1E6\U00010400\U00010428%+&=/\\'\"<>.*-_~!()")
	var b strings.Builder
	for range r.IntN(12) {
		if r.IntN(6) == 0 {
			block := pick(r, oldBlocks)
			// The end of a word, by which Java knows a final sigma, is its own science.
			if c := rune(block[0] + r.IntN(block[1]-block[0]+1)); c != 'Σ' {
				b.WriteRune(c)
			}
			continue
		}
		b.WriteRune(pick(r, odd))
	}
	return b.String()
}

// compareHelper asks for one helper whose arguments are all text.
func compareHelper(t *testing.T, family, name string, n int, gen func(r *rand.Rand) []string) {
	t.Run(name, func(t *testing.T) {
		r := newRandom()
		u := builtin.New(&builtin.Env{Cache: &builtin.Cache{}})
		questions := make([]question, n)
		ours := make([]answer, n)
		for i := range questions {
			texts := gen(r)
			questions[i] = question{name, texts}
			args := make([]any, len(texts))
			for j, s := range texts {
				args[j] = s
			}
			v, ok, err := invoke(t, u, family, name, args...)
			if err != nil || !ok {
				ours[i].exception = fmt.Sprint(err)
				continue
			}
			ours[i].text = value.ToString(v)
			if name == "base64Decode" {
				ours[i].text = base64.StdEncoding.EncodeToString([]byte(ours[i].text))
			}
		}
		d := differences{t: t}
		for i, java := range askJava(t, questions) {
			if java.text != ours[i].text || (java.exception == "") != (ours[i].exception == "") {
				d.add("%q: ours %q, Java %q", questions[i].args, ours[i], java)
			}
		}
		d.done(n)
	})
}

func TestJavaEncodes(t *testing.T) {
	one := func(r *rand.Rand) []string { return []string{oddText(r)} }
	compareHelper(t, "", "urlEncode", 5000, one)
	compareHelper(t, "", "base64Encode", 2000, one)
	compareHelper(t, "", "escapeJavaScript", 5000, one)
	compareHelper(t, "", "isNullOrBlank", 5000, func(r *rand.Rand) []string {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteRune(pick(r, []rune(" \t\n\v\f\r\x1c\x1f\u0085\u00a0\u1680\u180e\u2000\u2007\u200b\u2028\u202f\u205f\u3000\ufeff")))
		}
		return []string{b.String()}
	})
	compareHelper(t, "", "urlDecode", 5000, func(r *rand.Rand) []string {
		var b strings.Builder
		for range r.IntN(8) {
			b.WriteString(pick(r, []string{"a", "+", "%20", "%C3", "%BC", "%c3%bc", "%", "%4", "%zz", "%F0%9F%98%80", "%ED%A0%80", "%00", "é", "%-1", "%+1", "% 1", "%FF", "%E2%82"}))
		}
		return []string{b.String()}
	})
	compareHelper(t, "", "base64Decode", 5000, func(r *rand.Rand) []string {
		if r.IntN(2) == 0 {
			return []string{mutate(r, base64.StdEncoding.EncodeToString([]byte(oddText(r))))}
		}
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteByte("aQZ0+/-_=== \n"[r.IntN(13)])
		}
		return []string{b.String()}
	})
}

func TestJavaHandlesStrings(t *testing.T) {
	one := func(r *rand.Rand) []string { return []string{oddText(r)} }
	compareHelper(t, "str", "toUpper", 10000, one)
	compareHelper(t, "str", "toLower", 10000, one)
	greek := []rune("ΑΣσΟΔ")
	compareHelper(t, "str", "toLower", 2000, func(r *rand.Rand) []string {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteRune(pick(r, greek))
			if r.IntN(5) == 0 {
				b.WriteByte(' ')
			}
		}
		return []string{b.String()}
	})
	compareHelper(t, "str", "toReplace", 5000, func(r *rand.Rand) []string {
		ab := func(n int) string { return strings.Repeat("a", r.IntN(n)) + strings.Repeat("é", r.IntN(n)) }
		return []string{ab(4) + ab(3) + ab(3), ab(2), pick(r, []string{"", "x", "$1", "aa"})}
	})
	compareHelper(t, "str", "normalize", 10000, func(r *rand.Rand) []string {
		return []string{oddText(r), pick(r, []string{"nfc", "nfd", "nfkc", "nfkd"})}
	})
	compareHelper(t, "", "matches", 5000, func(r *rand.Rand) []string {
		patterns := []string{"a*b", "(a|b)+", `\d{2,3}`, `\w+@\w+`, `[^a-c]*`, `(?i)AB`, `(a)\1`, `(?=a)\w+`, `(?<!b)a.*`, `.+`, `\p{L}+`, `\p{Alpha}*`, `[a-z&&[^b]]+`, `a++b`, `\Qa.b\E`, `(?<n>a)\k<n>`, `\s*`, `\h+`, `^a$`, `a|`, `(`, `[`, `*`, `\u0061+`, `\x{61}`, `(?s).*`, `(?x) a b`, `\R`, `[\w.-]+`, `\bab\b`, `\D+`}
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteString(pick(r, []string{"a", "b", "B", "c", "1", "12", "@", " ", "\t", "\n", ".", "é", "-"}))
		}
		return []string{pick(r, patterns), b.String()}
	})
}

func TestJavaRoundsAndCompares(t *testing.T) {
	r := newRandom()
	u := builtin.New(&builtin.Env{})
	number := func() float64 {
		switch r.IntN(4) {
		case 0:
			return float64(r.IntN(41)-20) / 2
		case 1:
			return pick(r, []float64{0, 0.49999999999999994, -0.5, 1e19, -1e19, 9007199254740991.5, 4503599627370497.5, -4503599627370497.5, 5e-324})
		case 2:
			return r.NormFloat64() * 1e17
		}
		return r.NormFloat64() * 100
	}
	var questions []question
	var ours []string
	for range 10000 {
		a, b := number(), number()
		texts := []string{strconv.FormatFloat(a, 'g', -1, 64), strconv.FormatFloat(b, 'g', -1, 64)}
		questions = append(questions, question{"roundNum", texts[:1]}, question{"minVal", texts}, question{"maxVal", texts})
		ours = append(ours, value.ToString(call(t, u, "math", "roundNum", a)),
			value.ToString(call(t, u, "math", "minVal", a, b)), value.ToString(call(t, u, "math", "maxVal", a, b)))
	}
	d := differences{t: t}
	for i, java := range askJava(t, questions) {
		if java.text != ours[i] {
			d.add("%s%q: ours %s, Java %s", questions[i].op, questions[i].args, ours[i], java)
		}
	}
	d.done(len(questions))
}

func TestJavaSorts(t *testing.T) {
	r := newRandom()
	u := builtin.New(&builtin.Env{})
	var questions []question
	var ours []string
	for range 3000 {
		desc := r.IntN(2) == 0
		direction := strconv.FormatBool(desc)
		texts, numbers := []string{direction}, []string{direction}
		list, doubles := value.NewList(), value.NewList()
		for range r.IntN(8) {
			s := oddText(r)
			f := pick(r, []float64{0, 1, -1, 1.5, r.NormFloat64()})
			texts, numbers = append(texts, s), append(numbers, strconv.FormatFloat(f, 'g', -1, 64))
			list.Append(s)
			doubles.Append(f)
		}
		questions = append(questions, question{"sortList", texts}, question{"sortDoubles", numbers})
		var sorted []string
		for _, s := range call(t, u, "list", "sortList", list, desc, "any").(*value.List).Items {
			sorted = append(sorted, s.(string))
		}
		ours = append(ours, strings.Join(sorted, "\x00"), value.ToString(call(t, u, "list", "sortList", doubles, desc, "any")))
	}
	d := differences{t: t}
	for i, java := range askJava(t, questions) {
		if java.text != ours[i] {
			d.add("%s%q: ours %q, Java %q", questions[i].op, questions[i].args, ours[i], java)
		}
	}
	d.done(len(questions))
}
