package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"appsync-emulator/emulator"
)

func inspect(_ context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("inspect", "inspect [PROJECT] [flags]",
		"Prints what a project is made of and where each part of it is written: APIs,\nauthorization, data sources, tables, resolvers, seed, Lambda functions, and what\nhas no effect or cannot run here, with the reason.")
	asJSON := fs.Bool("json", false, "print JSON, of which docs/inspect.md has the members")
	showKeys := fs.Bool("show-keys", false, "print API keys too, and not their names alone")
	from := fs.projectFlags()
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	// Warnings are a part of what is printed.
	var said strings.Builder
	project, ok := from.load(&said)
	if !ok {
		fmt.Fprint(stderr, said.String())
		return exitFailure
	}
	found := project.Inspect(*showKeys)
	if *asJSON {
		out := json.NewEncoder(stdout)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		if err := out.Encode(found); err != nil {
			fmt.Fprintln(stderr, "appsync-emulator:", err)
			return exitFailure
		}
		return exitOK
	}
	r := &inspection{w: stdout}
	r.project(found)
	if r.err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", r.err)
		return exitFailure
	}
	return exitOK
}

// inspection writes what was found for people to read.
type inspection struct {
	w   io.Writer
	err error // the first one
}

func (r *inspection) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(r.w, format, args...); r.err == nil {
		r.err = err
	}
}

// table writes rows below a title, in columns; nothing when there are none.
func (r *inspection) table(title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	r.printf("\n%s\n", title)
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, "  "+strings.Join(row, "\t"))
	}
	t.Flush()
	for line := range strings.Lines(b.String()) {
		r.printf("%s\n", strings.TrimRight(line, " \n"))
	}
}

// rowsOf describes each element of a list in a row.
func rowsOf[T any](list []T, row func(T) []string) [][]string {
	rows := make([][]string, len(list))
	for i, v := range list {
		rows[i] = row(v)
	}
	return rows
}

func (r *inspection) project(found *emulator.Inspection) {
	r.printf("%s", found.File)
	if found.Kind != "" {
		r.printf(", %s", found.Kind)
	}
	r.printf("\n")
	for _, api := range found.APIs {
		r.api(&api)
	}
	r.table("No effect", rowsOf(found.Warnings, func(w emulator.InspectedWarning) []string {
		if w.Hint != "" {
			w.Message += " (" + w.Hint + ")"
		}
		return []string{w.Origin, w.Message}
	}))
	r.table("Not supported", rowsOf(found.NotSupported, func(n emulator.InspectedRefusal) []string {
		return []string{n.What, n.Origin, n.Reason}
	}))
}

func (r *inspection) api(api *emulator.InspectedAPI) {
	r.printf("\nAPI %s (%s)\n", api.Name, api.ID)
	var settings [][]string
	setting := func(name string, value any) { settings = append(settings, []string{name, fmt.Sprint(value)}) }
	setting("schema", strings.Join(api.Schema, ", "))
	if !api.IntrospectionEnabled {
		setting("introspection", "disabled")
	}
	if api.QueryDepthLimit > 0 {
		setting("query depth limit", api.QueryDepthLimit)
	}
	if api.ResolverCountLimit > 0 {
		setting("resolver count limit", api.ResolverCountLimit)
	}
	if len(api.Environment) > 0 {
		setting("environment", strings.Join(api.Environment, ", "))
	}
	r.table("Settings", settings)
	r.table("Authorization", rowsOf(api.Authorization, modeRow))
	r.table("API keys", rowsOf(api.APIKeys, keyRow))
	r.table("AWS credentials", rowsOf(api.Credentials, func(c emulator.InspectedCredential) []string {
		return []string{c.AccessKeyID, c.Username, c.Origin}
	}))
	r.table("User pools", rowsOf(api.UserPools, poolRow))
	r.table("Data sources", rowsOf(api.DataSources, dataSourceRow))
	r.tables(api.Tables)
	r.table("Functions", rowsOf(api.Functions, func(f emulator.InspectedFunction) []string {
		return []string{f.Name, f.DataSource + syncText(f.Sync), templatesText(f.InspectedTemplates), f.Origin}
	}))
	r.table("Resolvers", rowsOf(api.Resolvers, func(v emulator.InspectedResolver) []string {
		runs := v.DataSource
		if v.Kind == "PIPELINE" {
			runs = strings.Join(v.Functions, " > ")
		}
		return []string{v.Type + "." + v.Field, v.Kind, runs + syncText(v.Sync), templatesText(v.InspectedTemplates), v.Origin}
	}))
	if s := api.Seed; s != nil {
		r.table("Seed "+s.File, rowsOf(s.Tables, func(t emulator.InspectedSeedTable) []string {
			return []string{t.Table, count(t.Items, "item")}
		}))
	}
	lambdas := rowsOf(api.Lambda.Functions, func(f emulator.InspectedLambdaFunction) []string {
		url := f.URL
		if url == "" {
			url = "where all functions run"
		}
		if f.TimeoutSeconds > 0 {
			url += fmt.Sprintf(", %d s", f.TimeoutSeconds)
		}
		return []string{f.Name, url, f.Origin}
	})
	if api.Lambda.Endpoint != "" {
		lambdas = append(lambdas, []string{"all others", api.Lambda.Endpoint})
	}
	r.table("Lambda functions", lambdas)
}

func modeRow(m emulator.InspectedMode) []string {
	var details []string
	detail := func(name, value string) {
		if value != "" {
			details = append(details, name+" "+value)
		}
	}
	detail("user pool", m.UserPoolID)
	detail("default action", m.DefaultAction)
	detail("clients", m.AppIDClientRegex)
	detail("issuer", m.Issuer)
	detail("client", m.ClientID)
	detail("function", m.Function)
	name := m.Type
	if m.Default {
		name += " (default)"
	}
	return []string{name, strings.Join(details, ", "), m.Origin}
}

func keyRow(k emulator.InspectedKey) []string {
	expires := "does not expire"
	if !k.Expires.IsZero() {
		expires = "until " + k.Expires.UTC().Format(time.RFC3339)
	}
	row := []string{k.Name}
	if k.Key != "" {
		row = append(row, k.Key)
	}
	return append(row, expires, k.Description, k.Origin)
}

func poolRow(p emulator.InspectedUserPool) []string {
	clients := "any client"
	if len(p.Clients) > 0 {
		ids := make([]string, len(p.Clients))
		for i, c := range p.Clients {
			ids[i] = c.ID
		}
		clients = "clients " + strings.Join(ids, ", ")
	}
	groups := "no groups"
	if len(p.Groups) > 0 {
		names := make([]string, len(p.Groups))
		for i, g := range p.Groups {
			names[i] = g.Name
		}
		groups = "groups " + strings.Join(names, ", ")
	}
	return []string{p.ID, clients, groups, count(len(p.Users), "user"), p.Origin}
}

func dataSourceRow(d emulator.InspectedDataSource) []string {
	var what []string
	switch {
	case d.Table != "":
		what = append(what, "table "+d.Table)
	case d.Function != "":
		what = append(what, "function "+d.Function)
	case d.Endpoint != "":
		what = append(what, d.Endpoint)
	}
	if v := d.Versioned; v != nil {
		what = append(what, fmt.Sprintf("versioned: delta table %s, TTLs %d and %d min", v.DeltaTable, v.BaseTableTTLMinutes, v.DeltaTableTTLMinutes))
	}
	return []string{d.Name, d.Type, strings.Join(what, ", "), d.Origin}
}

// tables writes each table with its indexes below it.
func (r *inspection) tables(tables []emulator.InspectedTable) {
	var rows [][]string
	for _, t := range tables {
		ttl := ""
		if t.TTLAttribute != "" {
			ttl = "TTL " + t.TTLAttribute
		}
		rows = append(rows, []string{t.Name, schemaText(t.PartitionKey, t.SortKey), ttl, t.Origin})
		for _, i := range t.Indexes {
			name := "  index " + i.Name
			if i.Local {
				name = "  local index " + i.Name
			}
			projection := i.Projection
			if len(i.Include) > 0 {
				projection += " " + strings.Join(i.Include, ", ")
			}
			rows = append(rows, []string{name, schemaText(i.PartitionKey, i.SortKey), projection})
		}
	}
	r.table("Tables", rows)
}

func schemaText(partition emulator.InspectedAttribute, sort *emulator.InspectedAttribute) string {
	text := partition.Name + " " + partition.Type
	if sort != nil {
		text += ", " + sort.Name + " " + sort.Type
	}
	return text
}

func templatesText(t emulator.InspectedTemplates) string {
	var all []string
	for _, origin := range []string{t.Request, t.Response, t.Code} {
		if origin != "" {
			all = append(all, origin)
		}
	}
	return strings.Join(all, " ")
}

func syncText(s *emulator.InspectedSync) string {
	if s == nil {
		return ""
	}
	text := " (" + strings.TrimSpace(s.ConflictDetection+" "+s.ConflictHandler)
	if s.Function != "" {
		text += " " + s.Function
	}
	return text + ")"
}
