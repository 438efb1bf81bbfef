package mappingtemplate

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// Coverage collects which lines, branches and macros of templates have run. The
// zero Coverage is ready to use, for any number of evaluators, and safe for
// concurrent use. It keeps every template it meets.
type Coverage struct {
	mu sync.Mutex // guards templates
	// templates are by file, and by text where they come from none.
	templates map[source]*templateCoverage
}

// templateCoverage is the coverage of one template.
type templateCoverage struct {
	once     sync.Once
	template *Template
	counts   *vtl.Coverage
	err      error

	// The rest is guarded by Coverage.mu. name is that of the first evaluation,
	// by its number, so that it does not depend on how evaluations overlap.
	name  string
	first int64
	text  string
}

// compile returns the template for the n-th evaluation.
func (c *Coverage) compile(src source, n int64) (*Template, *templateCoverage, error) {
	key := source{text: src.text}
	if src.file {
		key = src
	}
	c.mu.Lock()
	t := c.templates[key]
	if t == nil {
		if c.templates == nil {
			c.templates = make(map[source]*templateCoverage)
		}
		// A text may be a part of something much larger.
		key.text = strings.Clone(key.text)
		t = &templateCoverage{name: src.name, first: n, text: key.text}
		c.templates[key] = t
	} else if n < t.first {
		t.name, t.first = src.name, n
	}
	c.mu.Unlock()
	t.once.Do(func() {
		var engine *vtl.Template
		if engine, t.counts, t.err = vtl.CompileWithCoverage(templateName, src.text); t.err != nil {
			t.err = compileError(templateName, t.err)
			return
		}
		t.template = &Template{name: templateName, vtl: engine}
	})
	return t.template, t, t.err
}

// TemplateCoverage is what ran of a template.
type TemplateCoverage struct {
	// Name is the template's file, or what the evaluation that used it first was
	// called.
	Name     string
	Lines    []vtl.LineCount
	Branches []vtl.Branch
	Macros   []vtl.MacroCount

	source []string
}

// Templates returns the coverage of each template that compiles, in the order of
// their first use.
func (c *Coverage) Templates() []TemplateCoverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	used := make([]*templateCoverage, 0, len(c.templates))
	for _, t := range c.templates {
		used = append(used, t)
	}
	slices.SortFunc(used, func(a, b *templateCoverage) int {
		if a.first != b.first {
			return int(min(1, max(-1, a.first-b.first)))
		}
		return strings.Compare(a.name, b.name)
	})
	var all []TemplateCoverage
	for _, t := range used {
		// Whoever is compiling it now is waited for.
		if t.once.Do(func() {}); t.counts == nil {
			continue
		}
		all = append(all, TemplateCoverage{
			Name: t.name, Lines: t.counts.Lines(), Branches: t.counts.Branches(), Macros: t.counts.Macros(),
			source: strings.Split(t.text, "\n"),
		})
	}
	return all
}

// ratio counts what ran of what can.
type ratio struct{ hit, all int }

func (r *ratio) add(hit bool) {
	r.all++
	if hit {
		r.hit++
	}
}

// String is the percentage, and the counts behind it.
func (r ratio) String() string {
	if r.all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%% (%d/%d)", 100*float64(r.hit)/float64(r.all), r.hit, r.all)
}

func (r ratio) plus(s ratio) ratio { return ratio{r.hit + s.hit, r.all + s.all} }

// ratios of lines, of branches (each way of a condition or loop is one) and of
// macros.
func (t *TemplateCoverage) ratios() (lines, branches, macros ratio) {
	for _, l := range t.Lines {
		lines.add(l.Count > 0)
	}
	for _, b := range t.Branches {
		branches.add(b.Taken > 0)
		branches.add(b.NotTaken > 0)
	}
	for _, m := range t.Macros {
		macros.add(m.Count > 0)
	}
	return lines, branches, macros
}

// CoverageFormat is a form of a coverage report.
type CoverageFormat string

// The forms of a coverage report.
const (
	// CoverageText is a table for people, and below it what did not run.
	CoverageText CoverageFormat = "text"
	// CoverageLCOV is a tracefile of lcov, which editors and CI systems read.
	CoverageLCOV CoverageFormat = "lcov"
	// CoverageJSON is one JSON object.
	CoverageJSON CoverageFormat = "json"
)

// ParseCoverageFormat returns the form with the given name.
func ParseCoverageFormat(name string) (CoverageFormat, error) {
	switch f := CoverageFormat(name); f {
	case CoverageText, CoverageLCOV, CoverageJSON:
		return f, nil
	}
	return "", fmt.Errorf("%q: want text, lcov or json", name)
}

// Write writes a report. An error is w's.
func (c *Coverage) Write(w io.Writer, format CoverageFormat) error {
	out := bufio.NewWriter(w)
	switch templates := c.Templates(); format {
	case CoverageLCOV:
		writeLCOV(out, templates)
	case CoverageJSON:
		out.Write(appendCoverageJSON(nil, templates))
	default:
		writeCoverageText(out, templates)
	}
	return out.Flush()
}

// writeCoverageText writes the table and the list of what did not run. Errors
// stay with the writer, which reports them when it is flushed.
func writeCoverageText(w *bufio.Writer, templates []TemplateCoverage) {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "TEMPLATE\tLINES\tBRANCHES\tMACROS")
	var lines, branches, macros ratio
	for i := range templates {
		l, b, m := templates[i].ratios()
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", templates[i].Name, l, b, m)
		lines, branches, macros = lines.plus(l), branches.plus(b), macros.plus(m)
	}
	if len(templates) != 1 {
		fmt.Fprintf(table, "all\t%s\t%s\t%s\n", lines, branches, macros)
	}
	table.Flush()
	for i := range templates {
		writeMissing(w, &templates[i])
	}
}

// maxExcerpt is how much of a line a report shows, in characters.
const maxExcerpt = 80

func writeMissing(w *bufio.Writer, t *TemplateCoverage) {
	report := func(line int, what string) {
		fmt.Fprintf(w, "%s:%d: %s", t.Name, line, what)
		if line <= len(t.source) {
			text := []rune(strings.TrimSpace(strings.ReplaceAll(t.source[line-1], "\t", " ")))
			if len(text) > maxExcerpt {
				text = append(text[:maxExcerpt-1], '…')
			}
			fmt.Fprintf(w, ": %s", string(text))
		}
		w.WriteByte('\n')
	}
	blank := sync.OnceFunc(func() { w.WriteByte('\n') })
	for _, l := range t.Lines {
		if l.Count == 0 {
			blank()
			report(l.Line, "not run")
		}
	}
	for _, b := range t.Branches {
		for _, way := range ways(b) {
			// Where neither way was gone the line has not run, as told above.
			if way.count == 0 && b.Taken+b.NotTaken > 0 {
				blank()
				report(way.line, way.text)
			}
		}
	}
	for _, m := range t.Macros {
		if m.Count == 0 {
			blank()
			report(m.Line, "#macro "+m.Name+" not called")
		}
	}
}

// way is one of the two ways that a branch can go.
type way struct {
	line  int
	text  string
	count int64
}

func ways(b vtl.Branch) [2]way {
	taken, not := string(b.Kind)+" never taken", string(b.Kind)+" always taken"
	if b.Kind == vtl.BranchForeach {
		taken, not = "#foreach never entered", "#foreach always entered"
	}
	line := b.Line
	if b.Else > 0 {
		line, not = b.Else, "#else never taken"
	}
	return [2]way{{b.Line, taken, b.Taken}, {line, not, b.NotTaken}}
}

// writeLCOV writes a tracefile: macros are its functions.
//
// See: https://github.com/linux-test-project/lcov, man page geninfo, "FILES".
func writeLCOV(w *bufio.Writer, templates []TemplateCoverage) {
	for i := range templates {
		t := &templates[i]
		lines, branches, macros := t.ratios()
		fmt.Fprintf(w, "TN:\nSF:%s\n", oneLine(t.Name))
		for _, m := range t.Macros {
			fmt.Fprintf(w, "FN:%d,%s\n", m.Line, m.Name)
		}
		for _, m := range t.Macros {
			fmt.Fprintf(w, "FNDA:%d,%s\n", m.Count, m.Name)
		}
		fmt.Fprintf(w, "FNF:%d\nFNH:%d\n", macros.all, macros.hit)
		for n, b := range t.Branches {
			for i, way := range ways(b) {
				count := "-" // never evaluated, as against never gone
				if b.Taken+b.NotTaken > 0 {
					count = strconv.FormatInt(way.count, 10)
				}
				fmt.Fprintf(w, "BRDA:%d,%d,%d,%s\n", b.Line, n, i, count)
			}
		}
		fmt.Fprintf(w, "BRF:%d\nBRH:%d\n", branches.all, branches.hit)
		for _, l := range t.Lines {
			fmt.Fprintf(w, "DA:%d,%d\n", l.Line, l.Count)
		}
		fmt.Fprintf(w, "LF:%d\nLH:%d\nend_of_record\n", lines.all, lines.hit)
	}
}

// oneLine keeps a name, which may be any text, on its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
}

func appendCoverageJSON(dst []byte, templates []TemplateCoverage) []byte {
	list := value.NewList()
	for i := range templates {
		t := &templates[i]
		lines, branches, macros := value.NewList(), value.NewList(), value.NewList()
		for _, l := range t.Lines {
			lines.Append(value.MapOf("line", int64(l.Line), "count", l.Count))
		}
		for _, b := range t.Branches {
			m := value.MapOf("directive", string(b.Kind), "line", int64(b.Line), "column", int64(b.Column),
				"taken", b.Taken, "notTaken", b.NotTaken)
			if b.Else > 0 {
				m.Set("elseLine", int64(b.Else))
			}
			branches.Append(m)
		}
		for _, m := range t.Macros {
			macros.Append(value.MapOf("name", m.Name, "line", int64(m.Line), "count", m.Count))
		}
		l, b, m := t.ratios()
		list.Append(value.MapOf("template", t.Name,
			"summary", value.MapOf("lines", l.value(), "branches", b.value(), "macros", m.value()),
			"lines", lines, "branches", branches, "macros", macros))
	}
	return append(value.AppendJSON(dst, value.MapOf("templates", list)), '\n')
}

func (r ratio) value() *value.Map { return value.MapOf("covered", int64(r.hit), "total", int64(r.all)) }
