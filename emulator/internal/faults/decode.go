package faults

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/realtime"
)

// Bounds of what is set at a time.
const (
	maxFaults = 1000
	maxDelay  = 10 * time.Minute
	maxCopies = 100
	maxText   = 10_000
	// maxProblems is how many mistakes are told; after so many the rest is noise.
	maxProblems = 100
)

// decoder turns nodes into faults and collects what is wrong with them.
type decoder struct {
	problems Problems
	// fields are those of the schema, as "Type.field"; nil when they are not known.
	fields []string
}

func (d *decoder) problem(at place, hint, format string, args ...any) {
	if len(d.problems) == maxProblems {
		return
	}
	d.problems = append(d.problems, Problem{
		Path: at.path, Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// faults reads a fault or a list of them.
func (d *decoder) faults(n *node) []Fault {
	if n.kind != list {
		return []Fault{d.fault(n)}
	}
	if len(n.items) > maxFaults {
		d.problem(n.at, "", "more than %d faults", maxFaults)
		return nil
	}
	var out []Fault
	ids := map[string]bool{}
	for _, item := range n.items {
		f := d.fault(item)
		if f.ID != "" && ids[f.ID] {
			d.problem(item.at, "", "the id %q is there twice", f.ID)
		}
		ids[f.ID] = true
		out = append(out, f)
	}
	return out
}

// members of all kinds, and those that each kind has besides.
var (
	commonMembers = []string{"id", "kind", "match", "for"}
	countMembers  = []string{"skip", "times", "probability", "seed"}
	kindMembers   = map[Kind][]string{
		Latency:         {"at", "delay", "jitter"},
		Drop:            {"at"},
		ResetConnection: {"at"},
		Offline:         {"mode"},
		HalfOpen:        {"then"},
		Status:          {"at", "status", "errorType", "message"},
		Error:           {"at", "errorType", "message"},
		ConnectionError: {"errorType", "message", "errorCode"},
		Close:           {"at", "code", "reason"},
		DropFrames:      {"frames"},
		DelayFrames:     {"frames", "delay", "jitter"},
		DuplicateFrames: {"frames", "copies"},
	}
	kinds = []Kind{
		Latency, Drop, ResetConnection, Offline, HalfOpen, Status, Error, ConnectionError, Close,
		DropFrames, DelayFrames, DuplicateFrames,
	}
	// moments are the values of at; the first is the default.
	moments = map[Kind][]At{
		Latency:         {Before, After},
		Drop:            {Before, After, Connect, Now},
		ResetConnection: {Before, After, Connect, Now},
		Status:          {Before, After, Connect},
		Error:           {Before, After},
		Close:           {Now, Connect, Before, After},
	}
)

// lasting reports whether a fault is a state rather than something that happens.
func (k Kind) lasting() bool { return k == Offline || k == HalfOpen }

func (k Kind) ofFrames() bool { return k == DropFrames || k == DelayFrames || k == DuplicateFrames }

func (d *decoder) fault(n *node) (f Fault) {
	if !d.is(n, object) {
		return f
	}
	known := len(d.problems)
	f.Kind = Kind(d.choice(n.member("kind"), "", stringsOf(kinds)))
	if f.Kind == "" {
		if len(d.problems) == known {
			d.problem(n.at, "", "want the kind of the fault: %s", strings.Join(stringsOf(kinds), ", "))
		}
		return f
	}
	members := slices.Concat(commonMembers, kindMembers[f.Kind])
	if !f.Kind.lasting() {
		members = append(members, countMembers...)
	}
	d.members(n, members, "a fault of kind "+string(f.Kind))

	if v := n.member("id"); v != nil {
		f.ID = d.id(v)
	}
	f.At = At(d.choice(n.member("at"), first(moments[f.Kind]), stringsOf(moments[f.Kind])))
	if v := n.member("match"); v != nil {
		f.Match = d.match(v, f.Kind, f.At)
	}
	f.For = Duration(d.duration(n.member("for"), 0, math.MaxInt64))
	f.Skip = d.integer(n.member("skip"), 0, 0, math.MaxInt32)
	f.Times = d.integer(n.member("times"), 0, 1, math.MaxInt32)
	f.Probability = d.probability(n.member("probability"))
	f.Seed = uint64(d.integer(n.member("seed"), 0, 1, math.MaxInt32))
	d.ofKind(n, &f)
	if f.Seed != 0 && f.Probability == 0 && f.Jitter == 0 {
		d.problem(n.member("seed").at, "", "a seed goes with a probability or a jitter")
	}
	return f
}

// ofKind reads what only some kinds have.
func (d *decoder) ofKind(n *node, f *Fault) {
	known := len(d.problems)
	f.Delay = Duration(d.duration(n.member("delay"), 0, maxDelay))
	f.Jitter = Duration(d.duration(n.member("jitter"), 0, maxDelay))
	f.ErrorType = d.string(n.member("errorType"), "")
	f.Message = d.string(n.member("message"), "")
	f.Reason = d.string(n.member("reason"), "")
	if len(f.Reason) > 123 {
		d.problem(n.member("reason").at, "", "the reason of a close frame has at most 123 bytes")
	}
	if v := n.member("frames"); v != nil && d.is(v, list) {
		for _, item := range v.items {
			f.Frames = append(f.Frames, d.choice(item, "", frameTypes))
		}
	}
	switch f.Kind {
	case Latency, DelayFrames:
		if f.Delay == 0 && f.Jitter == 0 && len(d.problems) == known {
			d.problem(n.at, "", `want a "delay" or a "jitter", such as "300ms"`)
		}
	case Offline:
		f.Mode = d.choice(n.member("mode"), Refuse, []string{Refuse, Silent})
	case HalfOpen:
		f.Then = d.choice(n.member("then"), Reset, []string{Reset, Resume})
	case Status:
		f.Status = d.status(n)
		if r := refusals[f.Status]; f.ErrorType == "" {
			f.ErrorType = r.errorType
			if f.Message == "" {
				f.Message = r.message
			}
		}
	case Error:
		if f.ErrorType == "" && f.Message == "" {
			d.problem(n.at, "", `want an "errorType" or a "message"`)
		}
	case ConnectionError:
		if f.ErrorType == "" && f.Message == "" {
			r := refusals[401]
			f.ErrorType, f.Message = r.errorType, r.message
		}
		f.ErrorCode = d.integer(n.member("errorCode"), 400, 100, 599)
	case Close:
		f.Code = d.integer(n.member("code"), 1001, 1000, 4999)
		if v := n.member("code"); v != nil && f.Code != 0 && !realtime.ValidCloseCode(f.Code) {
			d.problem(v.at, "1000 to 1003, 1007 to 1014, 3000 to 4999", "%d is not a code that a close frame may have", f.Code)
		}
	case DuplicateFrames:
		f.Copies = d.integer(n.member("copies"), 2, 2, maxCopies)
	}
}

func (d *decoder) status(n *node) int {
	v := n.member("status")
	var codes []string
	for code := range refusals {
		codes = append(codes, strconv.Itoa(code))
	}
	slices.Sort(codes)
	if v == nil {
		d.problem(n.at, "", `want a "status": %s`, strings.Join(codes, ", "))
		return 0
	}
	status := d.integer(v, 0, 0, 999)
	if _, ok := refusals[status]; !ok && status != 0 {
		d.problem(v.at, "", "%d is not a status that a fault answers: %s", status, strings.Join(codes, ", "))
	}
	return status
}

var operations = []string{"query", "mutation", "subscription"}

func (d *decoder) match(n *node, k Kind, at At) *Match {
	if !d.is(n, object) {
		return nil
	}
	d.members(n, []string{"operation", "name", "field", "ip", "header", "apiKey", "user", "connection", "nthConnection"}, "a match")
	m := &Match{
		Operation:     d.choice(n.member("operation"), "", operations),
		Name:          d.string(n.member("name"), ""),
		Field:         d.string(n.member("field"), ""),
		IP:            d.string(n.member("ip"), ""),
		APIKey:        d.string(n.member("apiKey"), ""),
		User:          d.string(n.member("user"), ""),
		Connection:    d.string(n.member("connection"), ""),
		NthConnection: d.integer(n.member("nthConnection"), 0, 1, math.MaxInt32),
	}
	if m.IP != "" {
		var ok bool
		if m.prefix, ok = parsePrefix(m.IP); !ok {
			d.problem(n.member("ip").at, "", `%q is neither an address nor a range such as "10.0.0.0/8"`, m.IP)
		}
	}
	if v := n.member("header"); v != nil && d.is(v, object) {
		m.Header = make(map[string]string, len(v.members))
		for _, h := range v.members {
			m.Header[h.name] = d.string(h.value, "")
		}
	}
	d.checkMatch(n, m, k, at)
	return m
}

// checkMatch refuses what a fault of this kind, at this moment, cannot know.
func (d *decoder) checkMatch(n *node, m *Match, k Kind, at At) {
	refuse := func(what string, names ...string) {
		for _, name := range names {
			if v := n.member(name); v != nil {
				d.problem(v.at, "", "%s %s", what, name)
			}
		}
	}
	what := "a fault of kind " + string(k)
	if at != "" {
		what += " at " + string(at)
	}
	handshake := at == Connect && k != Close
	switch {
	case k.lasting() || k == ConnectionError || at == Connect || at == Now:
		refuse(what+" has no operation: it cannot match by", "operation", "name", "field")
	case k.ofFrames() || k == Close:
		if m.Operation != "" && m.Operation != "subscription" {
			d.problem(n.member("operation").at, "", "%s is for subscriptions alone", what)
		}
	case k == Status && m.Operation == "subscription":
		d.problem(n.member("operation").at, "the kinds error and connectionError, or status at connect", "a subscription has no HTTP status")
	}
	switch {
	case k == Offline || k == Status || handshake:
		refuse(what+" is not one of a connection: it cannot match by", "connection", "nthConnection")
	case at == Now:
		refuse(what+" is for connections that are open: it cannot match by", "nthConnection")
	}
	if at == Connect {
		refuse(what+" comes before the client is known: it cannot match by", "user")
	}
	if m.Field != "" {
		d.checkField(n.member("field"), m, k)
	}
}

func (d *decoder) checkField(n *node, m *Match, k Kind) {
	typeName, field := splitField(m.Field)
	roots := []string{"Query", "Mutation", "Subscription"}
	switch {
	case k.ofFrames() || k == Close:
		roots = []string{"Subscription"}
	case m.Operation != "":
		roots = []string{strings.ToUpper(m.Operation[:1]) + m.Operation[1:]}
	}
	if typeName != "" && !slices.Contains(roots, typeName) && k != Latency && k != Error {
		d.problem(n.at, "", "%q is no field of a root type; only faults of kind latency and error are for fields of other types", m.Field)
		return
	}
	if d.fields == nil {
		return
	}
	for _, known := range d.fields {
		knownType, knownField := splitField(known)
		if knownField == field && (knownType == typeName || typeName == "" && slices.Contains(roots, knownType)) {
			return
		}
	}
	candidates := d.fields
	if typeName == "" {
		candidates = nil
		for _, known := range d.fields {
			if knownType, knownField := splitField(known); slices.Contains(roots, knownType) {
				candidates = append(candidates, knownField)
			}
		}
	}
	d.problem(n.at, suggest(m.Field, candidates), "the schema has no field %q here", m.Field)
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), true
}

func (d *decoder) is(n *node, k kind) bool {
	if n.kind == k {
		return true
	}
	d.problem(n.at, "", "want %s, not %s", k, n.kind)
	return false
}

// members reports those of n that are not known.
func (d *decoder) members(n *node, known []string, what string) {
	for _, m := range n.members {
		if !slices.Contains(known, m.name) {
			d.problem(m.at, suggest(m.name, known), "%s has no %q", what, m.name)
		}
	}
}

func (d *decoder) string(n *node, otherwise string) string {
	if n == nil {
		return otherwise
	}
	switch {
	case n.kind == number: // such as a name that YAML takes for one
	case !d.is(n, text):
		return otherwise
	case n.text == "":
		d.problem(n.at, "", "want a text that is not empty")
	case len(n.text) > maxText:
		d.problem(n.at, "", "the text is longer than %d bytes", maxText)
	}
	return n.text
}

func (d *decoder) choice(n *node, otherwise string, choices []string) string {
	if n == nil {
		return otherwise
	}
	if n.kind != text {
		d.is(n, text)
		return otherwise
	}
	if !slices.Contains(choices, n.text) {
		d.problem(n.at, suggest(n.text, choices), "%q is none of %s", n.text, strings.Join(choices, ", "))
		return otherwise
	}
	return n.text
}

func (d *decoder) id(n *node) string {
	known := len(d.problems)
	id := d.string(n, "")
	if len(d.problems) > known {
		return id
	}
	valid := id != "" && len(id) <= 64
	for _, c := range []byte(id) {
		valid = valid && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0)
	}
	switch {
	case !valid:
		d.problem(n.at, "", "an id has 1 to 64 letters, digits, '.', '_' and '-'")
	case id == "scenario" || id == "all":
		d.problem(n.at, "", "%q cannot be the id of a fault", id)
	}
	return id
}

func (d *decoder) integer(n *node, otherwise, least, most int) int {
	if n == nil {
		return otherwise
	}
	if !d.is(n, number) {
		return otherwise
	}
	i, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || i < int64(least) || i > int64(most) {
		d.problem(n.at, "", "want a whole number from %d to %d", least, most)
		return otherwise
	}
	return int(i)
}

func (d *decoder) probability(n *node) float64 {
	if n == nil || !d.is(n, number) {
		return 0
	}
	p, err := strconv.ParseFloat(n.text, 64)
	if err != nil || !(p > 0 && p <= 1) {
		d.problem(n.at, "", "want a number above 0 and up to 1")
		return 0
	}
	return p
}

func (d *decoder) duration(n *node, otherwise, most time.Duration) time.Duration {
	if n == nil {
		return otherwise
	}
	if n.kind == text {
		v, err := time.ParseDuration(n.text)
		switch {
		case err != nil:
		case v < 0:
			d.problem(n.at, "", "a duration is not negative")
			return otherwise
		case v > most:
			d.problem(n.at, "", "the longest duration here is %s", most)
			return otherwise
		default:
			return v
		}
	}
	d.problem(n.at, "", `want a duration such as "300ms" or "1m30s"`)
	return otherwise
}

func first(at []At) string {
	if len(at) == 0 {
		return ""
	}
	return string(at[0])
}

func stringsOf[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
