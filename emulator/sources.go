package emulator

import (
	"log/slog"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/storage"
	"appsync-emulator/storage/versioned"
)

// sourceMaker makes the data sources of one API from what they share.
type sourceMaker struct {
	store  storage.Store
	tokens *dynamodb.Tokens
	// functions runs the Lambda functions that data sources ask.
	functions lambda.Invoker
	// times are those of all versioned data sources, so that a client may keep one
	// lastSync for them.
	times *versioned.Timestamps
	// admin hears of the writes of versioned data sources, and may hold them.
	admin *admin.Service
	log   *slog.Logger
}

// sources makes the data sources of a project, by name.
func (m *sourceMaker) sources(api *project.API) map[string]datasource.Source {
	out := make(map[string]datasource.Source, len(api.DataSources))
	for _, d := range api.DataSources {
		out[d.Name] = m.source(d)
	}
	return out
}

func (m *sourceMaker) source(d *project.DataSource) datasource.Source {
	switch {
	case d.Type == project.DataSourceNone:
		return datasource.None{}
	case isVersioned(d):
		return m.versioned(d)
	case d.Type == project.DataSourceDynamoDB:
		return dynamodb.New(m.store, d.TableName, m.tokens).WithLambda(m.functions, d.Region)
	}
	return datasource.NotSupported{
		Reason: "The emulator does not support data sources of type " + d.Type + " yet: " + d.Name + " is one.",
	}
}
