package emulator

import (
	"context"
	"log/slog"
	"time"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// versioned makes a versioned data source.
func (m *sourceMaker) versioned(d *project.DataSource) *dynamodb.Versioned {
	tables := versionedSource(d)
	cfg := versioned.Config{
		Table:      tables.Table,
		DeltaTable: tables.DeltaTable,
		BaseTTL:    tables.BaseTTL,
		DeltaTTL:   tables.DeltaTTL,
		Observe: func(decision versioned.Decision) {
			m.admin.ObserveWrite(d.Name, decision)
			m.observe(decision)
		},
	}
	return dynamodb.NewVersioned(m.store, m.times, cfg, m.tokens).
		WithLambda(m.functions, d.Region).WithGate(m.admin.BeforeWrite)
}

// isVersioned reports whether a data source is a versioned one.
func isVersioned(d *project.DataSource) bool {
	return d.Type == project.DataSourceDynamoDB && d.Versioned && d.DeltaSync != nil
}

// versionedSource is what a versioned data source is made of.
func versionedSource(d *project.DataSource) admin.VersionedSource {
	return admin.VersionedSource{
		Name:       d.Name,
		Table:      d.TableName,
		DeltaTable: d.DeltaSync.TableName,
		BaseTTL:    time.Duration(d.DeltaSync.BaseTableTTL) * time.Minute,
		DeltaTTL:   time.Duration(d.DeltaSync.DeltaTableTTL) * time.Minute,
	}
}

// observe logs the writes that met a conflict, and why they ended as they did:
// clients are told little of it, and of a merge nothing.
func (m *sourceMaker) observe(d versioned.Decision) {
	level := slog.LevelDebug
	switch {
	case d.Rule == versioned.RuleHandlerFailed, d.Rule == versioned.RuleAttemptsUsedUp, d.Rule == versioned.RuleDeltaWrite:
		level = slog.LevelWarn
	case !d.Conflict:
		return
	}
	ctx := context.Background()
	if !m.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("table", d.Table),
		slog.String("key", string(attribute.AppendItemJSON(nil, d.Key))),
		slog.String("operation", string(d.Operation)),
		slog.String("handler", d.Strategy.String()),
		slog.String("rule", string(d.Rule)),
		slog.String("sent", d.Sent.Text()),
		slog.Int64("stored", d.Stored),
		slog.Int64("written", d.Written),
	}
	for _, a := range d.Attributes {
		attrs = append(attrs, slog.String("attribute."+a.Path, string(a.Action)))
	}
	if reason := reasonOf(d.Err); reason != nil {
		attrs = append(attrs, slog.Any("error", reason))
	}
	m.log.LogAttrs(ctx, level, "a conflict", attrs...)
}

// reasonOf returns what is behind the error that a client is answered, if it
// tells more.
func reasonOf(err error) error {
	if wrapper, ok := err.(interface{ Unwrap() error }); ok {
		if reason := wrapper.Unwrap(); reason != nil {
			return reason
		}
	}
	return err
}
