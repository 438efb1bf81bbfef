package vtl

import "math"

// The grammar decides some questions by looking at several tokens. What such a
// look finds also shows in the messages of syntax errors, so the scans here
// follow the order in which Velocity's own parser tries alternatives.

// lookaheadKind names a decision.
type lookaheadKind uint8

const (
	aheadReference lookaheadKind = iota
	aheadEscape
	aheadArgumentRange
	aheadArgument
	aheadMapEntry
	aheadParameterRange
	aheadDot
	aheadMethod
	aheadFormalDot
	aheadFormalMethod
	aheadNot
	aheadRange
	lookaheadCount
)

const unlimited = math.MaxInt32

// lookahead is a scan under way.
type lookahead struct {
	// left is how many more tokens may be looked at, at the token at, the
	// farthest reached is last.
	left, at, last int
	// won is set when the tokens allowed were all matched.
	won bool
	// depth is how deep the alternatives nest.
	depth int
	// collecting adds what is tried to entries.
	collecting bool
	entries    []kind
	path       []kind
}

// lookaheadCall remembers a scan for the message of a later error.
type lookaheadCall struct{ until, first, limit int }

// ahead decides whether the next tokens, at most limit of them, are of the
// form that k asks for.
func (p *parser) ahead(k lookaheadKind, limit int) bool {
	p.look = lookahead{left: limit, at: p.current, last: p.current}
	ok := p.scan(k) || p.look.won
	calls := p.calls[k]
	i := 0
	for i < len(calls) && calls[i].until > p.generation {
		i++
	}
	call := lookaheadCall{until: p.generation + limit - p.look.left, first: p.current, limit: limit}
	if i < len(calls) {
		calls[i] = call
	} else {
		p.calls[k] = append(calls, call)
	}
	return ok
}

func (p *parser) scan(k lookaheadKind) bool {
	switch k {
	case aheadReference:
		return p.scanReference()
	case aheadEscape:
		return p.scanToken(kDoubleEscape)
	case aheadArgument:
		return p.scanArgument()
	case aheadMapEntry:
		return p.scanMapEntries()
	case aheadDot, aheadFormalDot:
		return p.scanDot()
	case aheadMethod, aheadFormalMethod:
		return p.scanMethod()
	case aheadNot:
		return p.scanNot()
	default:
		return p.scanRangeStart()
	}
}

// expectations lists what could have stood in place of the next token.
func (p *parser) expectations() []kind {
	var entries []kind
	if p.expectedIn == p.generation {
		for k := kEOF; k < kindCount; k++ {
			if p.expected.has(k) {
				entries = append(entries, k)
			}
		}
	}
	p.look.entries, p.look.path = entries, nil
	for k := range lookaheadCount {
		for _, c := range p.calls[k] {
			if c.until <= p.generation {
				continue
			}
			p.look = lookahead{
				left: c.limit, at: c.first, last: c.first, collecting: true,
				entries: p.look.entries, path: p.look.path,
			}
			p.scan(k)
			if p.look.won {
				break
			}
		}
	}
	p.collect(kEOF, 0)
	return p.look.entries
}

// collect notes that a token of kind k was tried pos tokens ahead. Velocity's
// parser drops sequences that are new and repeats single tokens that are not,
// which AppSync's users see in its messages.
func (p *parser) collect(k kind, pos int) {
	l := &p.look
	if pos >= 100 {
		return
	}
	if pos == len(l.path)+1 {
		l.path = append(l.path, k)
		return
	}
	if len(l.path) == 0 {
		return
	}
	if len(l.path) == 1 {
		for _, e := range l.entries {
			if e == l.path[0] {
				l.entries = append(l.entries, e)
				break
			}
		}
	}
	if pos == 0 {
		return
	}
	for len(l.path) < pos {
		l.path = append(l.path, kEOF)
	}
	l.path = l.path[:pos]
	l.path[pos-1] = k
}

// maxScanDepth bounds the recursion of a scan.
const maxScanDepth = 10 * maxNesting

// scanToken moves over a token of kind k.
func (p *parser) scanToken(k kind) bool {
	l := &p.look
	if l.won {
		return true
	}
	p.scans++
	if p.scans > maxScans {
		p.fail(p.errorAt(p.current, "the template nests too many brackets"))
	}
	if l.at == l.last {
		l.left--
		p.token(l.at + 1)
		l.last++
	}
	l.at++
	if l.collecting {
		if i := l.at - p.current; i >= 0 {
			p.collect(k, i)
		}
	}
	if p.tokens[l.at].kind != k {
		return false
	}
	if l.left == 0 && l.at == l.last {
		l.won = true
	}
	return true
}

// try runs one alternative, and goes back to where it began if it fails.
func (p *parser) try(f func() bool) bool {
	at := p.look.at
	if f() {
		return true
	}
	p.look.at = at
	return false
}

func (p *parser) tryToken(k kind) bool {
	at := p.look.at
	if p.scanToken(k) {
		return true
	}
	p.look.at = at
	return false
}

// tryAny runs alternatives until one matches.
func (p *parser) tryAny(fs ...func() bool) bool {
	if p.look.won {
		return true
	}
	p.look.depth++
	defer func() { p.look.depth-- }()
	if p.look.depth > maxScanDepth {
		p.fail(p.errorAt(p.current, "the template nests too many brackets"))
	}
	at := p.look.at
	for _, f := range fs {
		p.look.at = at
		if f() {
			return true
		}
	}
	return false
}

// repeat runs f as long as it matches.
func (p *parser) repeat(f func() bool) {
	for !p.look.won && p.try(f) {
	}
}

func (p *parser) scanReference() bool {
	return p.tryAny(
		func() bool {
			if !p.scanToken(kIdentifier) {
				return false
			}
			p.repeat(p.scanIndex)
			p.repeat(p.scanDot)
			return true
		},
		func() bool {
			if !p.scanToken(kRefOpen) || !p.scanToken(kIdentifier) {
				return false
			}
			p.repeat(p.scanIndex)
			p.repeat(p.scanDot)
			return p.scanToken(kRefClose)
		})
}

func (p *parser) scanIndex() bool {
	if !p.scanToken(kIndexOpen) {
		return false
	}
	p.tryToken(kBlank)
	ok := p.tryAny(p.scanString, p.scanInteger, p.scanTrue, p.scanFalse, p.scanReference)
	if !ok {
		return false
	}
	p.tryToken(kBlank)
	return p.scanToken(kIndexClose)
}

func (p *parser) scanString() bool  { return p.scanToken(kString) }
func (p *parser) scanInteger() bool { return p.scanToken(kInteger) }
func (p *parser) scanFloat() bool   { return p.scanToken(kFloat) }
func (p *parser) scanTrue() bool    { return p.scanToken(kTrue) }
func (p *parser) scanFalse() bool   { return p.scanToken(kFalse) }
func (p *parser) scanWord() bool    { return p.scanToken(kWord) }

func (p *parser) scanDot() bool {
	if !p.scanToken(kDot) {
		return false
	}
	if !p.tryAny(p.scanMethod, func() bool { return p.scanToken(kIdentifier) }) {
		return false
	}
	p.repeat(p.scanIndex)
	return true
}

func (p *parser) scanMethod() bool {
	if !p.scanToken(kIdentifier) || !p.scanToken(kParenOpen) {
		return false
	}
	p.try(p.scanParameters)
	return p.scanToken(kCallClose)
}

// scanParameters scans parameters with commas between.
func (p *parser) scanParameters() bool {
	if !p.scanParameter() {
		return false
	}
	p.repeat(func() bool { return p.scanToken(kComma) && p.scanParameter() })
	return true
}

func (p *parser) scanParameter() bool {
	p.tryToken(kBlank)
	ok := p.tryAny(p.scanString, p.scanInteger, p.scanRange, p.scanMap, p.scanList, p.scanTrue, p.scanFalse,
		p.scanReference, p.scanFloat)
	if !ok {
		return false
	}
	p.tryToken(kBlank)
	return true
}

func (p *parser) scanMap() bool {
	if !p.scanToken(kCurlyOpen) {
		return false
	}
	p.tryAny(p.scanMapEntries, func() bool { p.tryToken(kBlank); return true })
	return p.tryAny(
		func() bool { return p.scanToken(kCurlyClose) },
		func() bool { return p.scanToken(kRefClose) })
}

func (p *parser) scanMapEntries() bool {
	if !p.scanMapEntry() {
		return false
	}
	p.repeat(func() bool { return p.scanToken(kComma) && p.scanMapEntry() })
	return true
}

func (p *parser) scanMapEntry() bool {
	return p.scanParameter() && p.scanToken(kColon) && p.scanParameter()
}

func (p *parser) scanList() bool {
	if !p.scanToken(kBracketOpen) {
		return false
	}
	p.try(p.scanParameters)
	return p.scanToken(kBracketClose)
}

// scanRangeStart scans a range up to its dots, which tell it from a list.
func (p *parser) scanRangeStart() bool {
	if !p.scanToken(kBracketOpen) {
		return false
	}
	return p.scanBound() && p.scanToken(kDoubleDot)
}

func (p *parser) scanBound() bool {
	p.tryToken(kBlank)
	if !p.tryAny(p.scanReference, p.scanInteger) {
		return false
	}
	p.tryToken(kBlank)
	return true
}

func (p *parser) scanRange() bool {
	return p.scanRangeStart() && p.scanBound() && p.scanToken(kBracketClose)
}

// scanArgument scans an argument of a directive with what separates it from
// the one before.
func (p *parser) scanArgument() bool {
	p.tryToken(kBlank)
	p.try(func() bool {
		if !p.scanToken(kComma) {
			return false
		}
		p.tryToken(kBlank)
		return true
	})
	return p.tryAny(p.scanReference, p.scanWord, p.scanString, p.scanInteger, p.scanRange, p.scanFloat,
		p.scanMap, p.scanList, p.scanTrue, p.scanFalse)
}

func (p *parser) scanNot() bool {
	p.tryToken(kBlank)
	if !p.scanToken(kNot) {
		return false
	}
	return p.tryAny(p.scanNot, p.scanPrimary)
}

func (p *parser) scanPrimary() bool {
	p.tryToken(kBlank)
	return p.tryAny(p.scanString, p.scanReference, p.scanInteger, p.scanRange, p.scanFloat, p.scanMap,
		p.scanList, p.scanTrue, p.scanFalse, func() bool { return p.scanToken(kParenOpen) })
}
