package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxFunctions is AppSync's limit for the functions of one pipeline.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
const maxFunctions = 10

var resolverKeys = []string{
	"kind", "type", "field", "dataSource", "functions", "request", "response", "code",
	"maxBatchSize", "caching", "sync", "substitutions", "metricsConfig",
}

// resolver reads an entry of `resolvers`.
func (l *loader) resolver(e entry) {
	what := "resolver " + shorten(e.key)
	if e.value.kind == kindString && e.value.tag == "" && !l.unsupportedVariable(e.value) {
		l.problem(e.value.pos, what+" must be a map, not a string",
			"write {kind: UNIT, dataSource: "+shorten(e.value.text)+"}")
		return
	}
	f, ok := l.fields(e.value, what, e.pos, resolverKeys...)
	if !ok {
		return
	}
	r := &Resolver{Pos: l.position(e.pos)}
	named := l.resolverField(f, e, r)
	named = named && l.declare(l.resolvers, "resolver", r.Type+"."+r.Field, r.Pos)
	inline := r.Type + "_" + r.Field
	if !named { // what is inline needs a name that is not taken
		inline = fmt.Sprintf("_%d_%d", e.pos.line, e.pos.column)
	}
	otherwise := KindPipeline
	if f.get("kind") != nil && f.get("dataSource") != nil && f.get("functions") == nil {
		otherwise = KindUnit // what a wrong kind surely meant
	}
	r.Kind = f.enum("kind", otherwise, KindUnit, KindPipeline)
	r.Unit = Function{
		MaxBatchSize: l.maxBatchSize(f),
		Pos:          r.Pos,
	}
	t := l.templates(f)
	r.Unit.Request, r.Unit.Response, r.Unit.Code = t.request, t.response, t.code
	r.Unit.Sync = l.sync(f, inline+"_Sync")
	r.Caching = l.resolverCaching(f)

	if r.Kind == KindUnit {
		if fe := f.get("functions"); fe != nil {
			l.problem(fe.pos, what+" is a UNIT and cannot have `functions`", "leave out `kind`, or make it PIPELINE")
		}
		if d := f.need("dataSource"); d != nil {
			r.Unit.DataSource = l.dataSourceOf(d, inline, what, r.Unit.Sync)
		}
	} else {
		l.pipeline(f, r, inline)
	}
	if named {
		l.api.Resolvers = append(l.api.Resolvers, r)
	}
}

// resolverField works out the type and field of a resolver, from its key
// (Type.field) or from the keys inside, which win.
func (l *loader) resolverField(f *fields, e entry, r *Resolver) bool {
	typeName, field, dotted := strings.Cut(e.key, ".")
	inKey := dotted && namePattern.MatchString(typeName) && namePattern.MatchString(field)
	typeEntry, fieldEntry := f.get("type"), f.get("field")
	if !inKey && (typeEntry == nil || fieldEntry == nil) {
		hint := ""
		if !dotted && typeEntry == nil && fieldEntry == nil {
			hint = "for example Query." + shorten(e.key)
		}
		l.problem(e.pos, fmt.Sprintf("%s must be called Type.field, or have `type` and `field`", f.what), hint)
		return false
	}
	if typeEntry == nil {
		r.Type = typeName
	} else if r.Type = f.strOf(typeEntry); r.Type == "" || !l.checkName(r.Type, "type", typeEntry.value.pos) {
		return false
	}
	if fieldEntry == nil {
		r.Field = field
	} else if r.Field = f.strOf(fieldEntry); r.Field == "" || !l.checkName(r.Field, "field", fieldEntry.value.pos) {
		return false
	} else {
		r.Pos = l.position(fieldEntry.value.pos)
	}
	return true
}

func (l *loader) pipeline(f *fields, r *Resolver, inline string) {
	if r.Unit.Sync != nil {
		f.noEffect("sync", "it belongs to the functions of a PIPELINE")
		r.Unit.Sync = nil
	}
	e := f.get("functions")
	if e == nil {
		hint := ""
		if f.get("dataSource") != nil {
			hint = "add `kind: UNIT` to send its request to the data source"
		}
		l.problem(f.at, f.what+" is a PIPELINE, the default kind, and needs `functions`", hint)
		return
	}
	f.noEffect("dataSource", "a PIPELINE has those of its functions")
	if l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list of functions")
		return
	}
	for i, item := range e.value.items {
		at := orElse(item, e.pos)
		if item.kind == kindString && item.tag == "" {
			if l.unsupportedVariable(item) {
				continue
			}
			ref := FunctionRef{Name: item.text, Pos: l.position(at)}
			r.Functions = append(r.Functions, ref)
			l.functionRefs = append(l.functionRefs, ref)
			continue
		}
		name := fmt.Sprintf("%s_%d", inline, i)
		if l.function(item, name, at) {
			r.Functions = append(r.Functions, FunctionRef{Name: name, Pos: l.position(at)})
		}
	}
	if n := len(e.value.items); n > maxFunctions {
		l.warn(e.pos, fmt.Sprintf("%s has %d functions; AppSync takes at most %d", f.what, n, maxFunctions), "")
	}
}

// pipelineFunction reads an entry of `pipelineFunctions`.
func (l *loader) pipelineFunction(e entry) {
	if e.value.kind == kindString && e.value.tag == "" && !frameworkVariable.MatchString(e.value.text) {
		l.problem(e.value.pos, "function "+shorten(e.key)+" must be a map, not a string",
			"write {dataSource: "+shorten(e.value.text)+"}")
		// Whoever names it need not be told again that it is broken.
		l.declare(l.functions, "function", e.key, l.position(e.pos))
		return
	}
	l.function(e.value, e.key, e.pos)
}

// function reads a pipeline function and tells whether it became part of the
// API.
func (l *loader) function(n *node, name string, at place) bool {
	what := "function " + shorten(name)
	fn := &Function{Name: name, Pos: l.position(at)}
	l.checkName(name, "function", at)
	known := l.declare(l.functions, "function", name, fn.Pos)
	f, ok := l.fields(n, what, at, "dataSource", "description", "code", "request", "response",
		"maxBatchSize", "sync", "substitutions")
	if !ok {
		return false
	}
	f.text("description")
	t := l.templates(f)
	fn.Request, fn.Response, fn.Code = t.request, t.response, t.code
	fn.MaxBatchSize = l.maxBatchSize(f)
	fn.Sync = l.sync(f, name+"_Sync")
	if d := f.need("dataSource"); d != nil {
		fn.DataSource = l.dataSourceOf(d, name, what, fn.Sync)
	}
	if known {
		l.api.Functions = append(l.api.Functions, fn)
	}
	return known
}

// dataSourceOf reads the data source of a resolver or function: the name of
// one, or an inline one, which is then called inline.
func (l *loader) dataSourceOf(e *entry, inline, by string, sync *Sync) string {
	if e.value.kind == kindString && e.value.tag == "" {
		if l.unsupportedVariable(e.value) {
			return ""
		}
		l.sourceRefs = append(l.sourceRefs, sourceRef{e.value.text, l.position(e.value.pos), by, sync})
		return e.value.text
	}
	if _, _, ok := e.value.intrinsic(); !ok && e.value.kind != kindMap {
		l.problem(e.value.pos, fmt.Sprintf("`dataSource` of %s must be a name or a map, not %s", by, e.value.kind), "")
		return ""
	}
	l.dataSource(e.value, inline, e.pos)
	l.sourceRefs = append(l.sourceRefs, sourceRef{inline, l.position(e.pos), by, sync})
	return inline
}

// maxBatchSize is 0 when it is not set: no batching.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateResolver.html
func (l *loader) maxBatchSize(f *fields) int {
	return int(f.integer("maxBatchSize", 1, 2000, 0))
}

func (l *loader) resolverCaching(resolver *fields) *Caching {
	e := resolver.get("caching")
	if e == nil {
		return nil
	}
	caching := &Caching{}
	if e.value.kind == kindBool {
		if !e.value.truth {
			return nil
		}
	} else {
		f, ok := l.fields(e.value, "`caching` of "+resolver.what, e.pos, "ttl", "keys")
		if !ok {
			return nil
		}
		caching.TTLSeconds = int(f.integer("ttl", 1, 3600, 0))
		for _, key := range f.strings("keys") {
			caching.Keys = append(caching.Keys, key.text)
		}
	}
	if l.api.Cache == nil {
		resolver.noEffect("caching", "the API has no `caching`")
	}
	return caching
}

// sync reads the conflict handling of a resolver or function; inlineName is
// what an inline conflict handler is called.
func (l *loader) sync(owner *fields, inlineName string) *Sync {
	e := owner.get("sync")
	if e == nil {
		return nil
	}
	f, ok := l.fields(e.value, "`sync` of "+owner.what, e.pos,
		append(lambdaKeys(), "conflictDetection", "conflictHandler", "automerge")...)
	if !ok {
		return nil
	}
	const (
		optimistic = "OPTIMISTIC_CONCURRENCY"
		automerge  = "AUTOMERGE"
		lambda     = "LAMBDA"
	)
	s := &Sync{
		ConflictDetection: f.enum("conflictDetection", "VERSION", "VERSION", "NONE"),
		ConflictHandler:   f.enum("conflictHandler", optimistic, optimistic, automerge, lambda),
		Automerge:         f.enum("automerge", "", "FIELD_LEVEL"),
		Pos:               l.position(e.pos),
	}
	if s.ConflictHandler == lambda {
		s.Lambda = l.lambda(f, inlineName)
	} else {
		for _, key := range lambdaKeys() {
			f.noEffect(key, "the conflict handler is not "+lambda)
		}
	}
	if s.ConflictHandler != automerge {
		f.noEffect("automerge", "the conflict handler is not "+automerge)
	}
	return s
}

// checkReferences reports names that nothing defines.
func (l *loader) checkReferences() {
	if !l.someDataSourcesUnread {
		names := slices.Sorted(maps.Keys(l.dataSources))
		for _, ref := range l.sourceRefs {
			if l.dataSources[ref.name] == nil {
				l.problemAt(ref.pos, fmt.Sprintf("unknown data source `%s`", shorten(ref.name)), didYouMean(ref.name, names))
			}
		}
	}
	if !l.someFunctionsUnread {
		names := slices.Sorted(maps.Keys(l.functions))
		for _, ref := range l.functionRefs {
			if l.functions[ref.Name] == nil {
				l.problemAt(ref.Pos, fmt.Sprintf("unknown function `%s`", shorten(ref.Name)), didYouMean(ref.Name, names))
			}
		}
	}
	for _, ref := range l.sourceRefs {
		d := l.api.DataSource(ref.name)
		if ref.sync != nil && d != nil && !d.Versioned {
			l.warnings = append(l.warnings, Problem{Pos: ref.sync.Pos,
				Message: fmt.Sprintf("`sync` of %s has no effect: data source %s is not versioned", ref.by, ref.name)})
		}
	}
}
