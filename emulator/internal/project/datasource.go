package project

import (
	"fmt"
	"math"
)

// dataSourceTypes are the values of a data source's type.
var dataSourceTypes = []string{
	DataSourceDynamoDB, DataSourceLambda, DataSourceHTTP, DataSourceNone,
	DataSourceOpenSearch, DataSourceRelationalDatabase, DataSourceEventBridge, DataSourceBedrock,
}

// deployOnly are the keys of every data source's config that say only how it
// is deployed.
func deployOnly(keys ...string) []string {
	return append(keys, "serviceRoleArn", "iamRoleStatements")
}

// The TTLs of a versioned data source when the project says none, in minutes:
// those of serverless-appsync-plugin 2.
const (
	defaultBaseTableTTL  = 43200
	defaultDeltaTableTTL = 1440
)

// dataSource reads a data source that is called name; at is the place of its
// key, or of what it is inlined in.
func (l *loader) dataSource(n *node, name string, at place) {
	what := "data source " + name
	d := &DataSource{Name: name, Pos: l.position(at)}
	l.checkName(name, "data source", at)
	known := l.declare(l.dataSources, "data source", name, d.Pos)
	f, ok := l.fields(n, what, at, "type", "description", "config")
	if !ok {
		return
	}
	d.Type = f.enumOf(f.need("type"), "", dataSourceTypes...)
	d.Description, _ = f.text("description")
	switch d.Type {
	case DataSourceDynamoDB:
		l.dynamoDB(f, d)
	case DataSourceLambda:
		if c, ok := l.config(f, "the config of "+what, deployOnly(lambdaKeys()...)...); ok {
			d.Lambda = l.lambda(c, name)
		}
	case DataSourceHTTP:
		l.http(f, d)
	case DataSourceOpenSearch:
		if c, ok := l.config(f, "the config of "+what, deployOnly("endpoint", "domain", "region")...); ok {
			d.Endpoint, _ = c.text("endpoint")
			d.Region, _ = c.text("region")
			switch endpoint, domain := c.get("endpoint"), c.get("domain"); {
			case endpoint == nil && domain == nil:
				l.problem(c.at, c.what+" needs `endpoint` or `domain`", "")
			case endpoint != nil && domain != nil:
				c.noEffect("domain", "`endpoint` takes its place")
			}
			c.str("domain")
		}
	case DataSourceRelationalDatabase:
		if c, ok := l.config(f, "the config of "+what, deployOnly("dbClusterIdentifier", "awsSecretStoreArn",
			"databaseName", "schema", "region", "relationalDatabaseSourceType")...); ok {
			c.need("dbClusterIdentifier")
			c.need("awsSecretStoreArn")
			c.enum("relationalDatabaseSourceType", "", "RDS_HTTP_ENDPOINT")
			d.Region, _ = c.text("region")
		}
	case DataSourceEventBridge:
		if c, ok := l.config(f, "the config of "+what, deployOnly("eventBusArn")...); ok {
			c.need("eventBusArn")
		}
	case DataSourceBedrock:
		if f.get("config") != nil {
			if c, ok := l.config(f, "the config of "+what, deployOnly("models", "region")...); ok {
				d.Region, _ = c.text("region")
			}
		}
	case DataSourceNone:
		f.noEffect("config", "type NONE has none")
	}
	if known && d.Type != "" {
		l.api.DataSources = append(l.api.DataSources, d)
	}
}

func (l *loader) dynamoDB(f *fields, d *DataSource) {
	c, ok := l.config(f, "the config of "+f.what,
		deployOnly("tableName", "region", "useCallerCredentials", "versioned", "deltaSyncConfig")...)
	if !ok {
		l.someTablesUnread = true
		return
	}
	d.TableName = l.tableName(c, c.need("tableName"))
	d.Region, _ = c.text("region")
	c.boolean("useCallerCredentials", false)
	versioned := c.boolean("versioned", false)
	delta := l.deltaSync(c)
	switch hasDelta := c.get("deltaSyncConfig") != nil; {
	case versioned && !hasDelta:
		c.noEffect("versioned", "`deltaSyncConfig` is missing")
	case !versioned && hasDelta:
		c.noEffect("deltaSyncConfig", "`versioned` is not true")
	case versioned && delta != nil:
		d.Versioned, d.DeltaSync = true, delta
	}
	if d.Versioned && delta.TableName == d.TableName && d.TableName != "" {
		l.problem(c.get("deltaSyncConfig").pos, fmt.Sprintf("%s has the same base and delta table", f.what), "")
	}
}

func (l *loader) deltaSync(config *fields) *DeltaSync {
	e := config.get("deltaSyncConfig")
	if e == nil {
		return nil
	}
	f, ok := l.fields(e.value, "deltaSyncConfig", e.pos, "deltaSyncTableName", "baseTableTTL", "deltaSyncTableTTL")
	if !ok {
		l.someTablesUnread = true
		return nil
	}
	return &DeltaSync{
		TableName:     l.tableName(f, f.need("deltaSyncTableName")),
		BaseTableTTL:  int(f.integerOf(f.get("baseTableTTL"), true, 0, math.MaxInt32, defaultBaseTableTTL)),
		DeltaTableTTL: int(f.integerOf(f.get("deltaSyncTableTTL"), true, 0, math.MaxInt32, defaultDeltaTableTTL)),
	}
}

// tableName reads the name of a table, "" when it cannot be known.
func (l *loader) tableName(f *fields, e *entry) string {
	name, ok := f.textOf(e)
	if !ok || !l.checkTableName(name, "table", e.value.pos) {
		l.someTablesUnread = true
		return ""
	}
	return name
}

func (l *loader) http(f *fields, d *DataSource) {
	c, ok := l.config(f, "the config of "+f.what, deployOnly("endpoint", "authorizationConfig")...)
	if !ok {
		return
	}
	d.Endpoint, _ = c.textOf(c.need("endpoint"))
	e := c.get("authorizationConfig")
	if e == nil {
		return
	}
	a, ok := l.fields(e.value, "authorizationConfig", e.pos, "authorizationType", "awsIamConfig")
	if !ok {
		return
	}
	a.enumOf(a.need("authorizationType"), "", AuthIAM)
	if e = a.need("awsIamConfig"); e == nil {
		return
	}
	if s, ok := l.fields(e.value, "awsIamConfig", e.pos, "signingRegion", "signingServiceName"); ok {
		d.SigningRegion, _ = s.textOf(s.need("signingRegion"))
		d.SigningServiceName, _ = s.text("signingServiceName")
	}
}
