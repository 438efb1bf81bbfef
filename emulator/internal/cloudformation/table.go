package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Tables are the DynamoDB tables of all stacks, in the order of the templates.
func (a *App) Tables() []*project.Table { return a.tables(nil) }

// tables are Tables, those of an outermost stack first. Of tables of one name in
// several such stacks, which are stages of an app, the first is taken.
func (a *App) tables(root *Stack) []*project.Table {
	stacks := slices.Clone(a.stacks)
	slices.SortStableFunc(stacks, func(x, y *Stack) int {
		switch {
		case x.root() == root && y.root() != root:
			return -1
		case x.root() != root && y.root() == root:
			return 1
		}
		return 0
	})
	var out []*project.Table
	first := map[string]*resource{}
	for _, s := range stacks {
		for _, r := range s.order {
			if !isTable(r.kind) || !r.exists() {
				continue
			}
			a.usedKinds[r.kind] = true
			t := r.table()
			if t == nil {
				continue
			}
			if other := first[t.Name]; other != nil {
				if other.stack.root() == s.root() {
					a.problem(r.pos, fmt.Sprintf("resource %s makes table %s, as resource %s does at %s", r.path(), t.Name, other.path(), other.pos), "")
				}
				continue
			}
			first[t.Name] = r
			out = append(out, t)
		}
	}
	return out
}

// table reads a table; nil when it has no key.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
func (r *resource) table() *project.Table {
	p := r.read()
	t := &project.Table{Pos: r.pos}
	p.get("TableName") // warned of when it is not known
	name := r.name()
	if !r.stack.app.isBad(name) {
		if t.Name = name.Text(); !project.IsTableName(t.Name) {
			at := r.pos
			if e := p.entry("TableName"); e != nil {
				at = e.Value().Position()
			}
			r.stack.app.problem(at, fmt.Sprintf("resource %s: table name `%s` must have 3 to 255 letters, digits, _, . and -", r.path(), shorten(t.Name)), "")
			t.Name = ""
		}
	}
	types := p.attributeTypes()
	var ok bool
	if t.PartitionKey, t.SortKey, ok = p.key(types); !ok {
		return nil
	}
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		for _, sub := range p.subs(kind) {
			if i, ok := sub.index(types); ok {
				i.Local = strings.HasPrefix(kind, "Local")
				if i.Local && i.PartitionKey != t.PartitionKey {
					p.s.app.problem(sub.at, fmt.Sprintf("%s: index %s is local and must have the table's partition key", p.what, i.Name), "")
				}
				t.Indexes = append(t.Indexes, i)
			}
		}
	}
	if ttl := p.sub("TimeToLiveSpecification"); ttl != nil {
		attribute := ttl.str("AttributeName")
		if ttl.boolean("Enabled", false) {
			t.TTLAttribute = attribute
		}
		ttl.ignore()
	}
	p.ignore("BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "SSESpecification", "StreamSpecification",
		"PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "Tags", "TableClass", "ContributorInsightsSpecification",
		"KinesisStreamSpecification", "ResourcePolicy", "WarmThroughput", "ImportSourceSpecification", "Replicas",
		"WriteProvisionedThroughputSettings", "WriteOnDemandThroughputSettings", "MultiRegionConsistency", "GlobalTableWitnesses",
		"ReadProvisionedThroughputSettings", "ReadOnDemandThroughputSettings", "GlobalTableSettingsReplicationMode", "GlobalTableSourceArn",
		// Those of Amplify's custom resource.
		"ServiceToken", "AllowDestructiveGraphqlSchemaUpdates", "ReplaceTableUponGsiUpdate", "IsImported", "Encryption")
	if t.Name == "" {
		return nil
	}
	return t
}

// attributeTypes reads AttributeDefinitions.
func (p *properties) attributeTypes() map[string]string {
	types := map[string]string{}
	for _, a := range p.subs("AttributeDefinitions") {
		name, kind := a.needStr("AttributeName"), a.enum("AttributeType", "", "S", "N", "B")
		if a.need("AttributeType") == nil || name == "" || kind == "" {
			continue
		}
		types[name] = kind
	}
	return types
}

// key reads a KeySchema.
func (p *properties) key(types map[string]string) (partition project.KeyAttribute, sort *project.KeyAttribute, ok bool) {
	if !p.has("KeySchema") {
		p.need("KeySchema")
		return partition, nil, false
	}
	for _, k := range p.subs("KeySchema") {
		name := k.needStr("AttributeName")
		role := k.enum("KeyType", "", "HASH", "RANGE")
		if name == "" || role == "" {
			k.need("KeyType")
			return partition, nil, false
		}
		kind, known := types[name]
		if !known {
			p.s.app.problem(k.at, fmt.Sprintf("%s: key attribute `%s` is not in `AttributeDefinitions`", p.what, shorten(name)), "")
			return partition, nil, false
		}
		attribute := project.KeyAttribute{Name: name, Type: kind}
		switch {
		case role == "HASH" && partition.Name == "":
			partition = attribute
		case role == "RANGE" && sort == nil:
			sort = &attribute
		default:
			p.s.app.problem(k.at, fmt.Sprintf("%s: `KeySchema` has two %s keys", p.what, role), "")
			return partition, nil, false
		}
	}
	if partition.Name == "" {
		p.s.app.problem(p.at, p.what+": `KeySchema` has no HASH key", "")
		return partition, nil, false
	}
	return partition, sort, true
}

func (p *properties) index(types map[string]string) (project.TableIndex, bool) {
	i := project.TableIndex{Name: p.needStr("IndexName"), Projection: "ALL"}
	if i.Name != "" {
		p.what += " (" + i.Name + ")"
	}
	var ok bool
	if i.PartitionKey, i.SortKey, ok = p.key(types); !ok || i.Name == "" {
		return i, false
	}
	if projection := p.sub("Projection"); projection != nil {
		i.Projection = projection.enum("ProjectionType", "KEYS_ONLY", "ALL", "KEYS_ONLY", "INCLUDE")
		include, _ := projection.strings("NonKeyAttributes")
		if i.Projection == "INCLUDE" {
			i.Include = include
		}
		projection.ignore()
	}
	p.ignore("ProvisionedThroughput", "OnDemandThroughput", "ContributorInsightsSpecification", "WarmThroughput",
		"WriteProvisionedThroughputSettings", "WriteOnDemandThroughputSettings", "ReadProvisionedThroughputSettings", "ReadOnDemandThroughputSettings")
	return i, true
}
