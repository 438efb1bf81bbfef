package dynamodbapi

import (
	"context"
	"errors"
	"slices"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxThroughput is the capacity that may be asked for at most.
const maxThroughput = 1000000000000

const msgOnDemandThroughput = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"

// createTable answers CreateTable.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func (h *Handler) createTable(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	t, err := newTable(in)
	if err != nil {
		return nil, err
	}
	if err := h.store.CreateTable(ctx, *t); err != nil {
		return nil, err
	}
	d, err := h.store.DescribeTable(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	dst = h.appendTable(append(dst, `{"TableDescription":`...), d, "CREATING")
	return append(dst, '}'), nil
}

// newTable reads the table that is to be created. The order of the checks is
// DynamoDB's.
func newTable(in *value) (*storage.Table, error) {
	t := &storage.Table{Name: in.get("TableName").text}
	s := &t.Settings
	given := in.get("ProvisionedThroughput")
	if in.get("BillingMode").text == "PAY_PER_REQUEST" {
		if given.given {
			return nil, invalid(msgOnDemandThroughput)
		}
		s.BillingMode = "PAY_PER_REQUEST"
	} else {
		if !given.given {
			return nil, invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
		}
		s.BillingMode = "PROVISIONED"
		var err error
		if s.Throughput, err = throughputOf(given); err != nil {
			return nil, err
		}
	}
	kinds := newDefinitions(in.get("AttributeDefinitions"))
	schema := in.get("KeySchema")
	if len(schema.list) > len(kinds.names) {
		return nil, validationError("Invalid KeySchema: Some index key attribute have no definition")
	}
	var err error
	if t.Key, err = kinds.schema(schema); err != nil {
		return nil, err
	}
	local, global := in.get("LocalSecondaryIndexes"), in.get("GlobalSecondaryIndexes")
	if !local.given && !global.given && len(schema.list) != len(kinds.names) {
		return nil, invalid("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	if err := localIndexes(t, local, kinds); err != nil {
		return nil, err
	}
	if err := globalIndexes(t, global, kinds); err != nil {
		return nil, err
	}
	if used := kinds.usedNames(); len(used) < len(kinds.names) {
		return nil, invalid("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]",
			strings.Join(kinds.names, ", "), strings.Join(used, ", "))
	}
	s.TableClass = in.get("TableClass").text
	s.DeletionProtection = in.get("DeletionProtectionEnabled").flag
	if err := setEncryption(s, in.get("SSESpecification")); err != nil {
		return nil, err
	}
	if stream := in.get("StreamSpecification"); stream.given {
		if s.Stream, err = streamView(stream); err != nil {
			return nil, err
		}
	}
	if tags := in.get("Tags"); len(tags.list) > 0 {
		s.Tags = map[string]string{}
		for i := range tags.list {
			s.Tags[tags.list[i].get("Key").text] = tags.list[i].get("Value").text
		}
	}
	return t, nil
}

// streamView returns what a stream is to show, "" for no stream.
func streamView(v *value) (string, error) {
	view := v.get("StreamViewType")
	switch enabled := v.get("StreamEnabled").flag; {
	case enabled && !view.given:
		return "", invalid("StreamViewType is required when StreamEnabled is true")
	case !enabled && view.given:
		return "", invalid("StreamViewType is not allowed when StreamEnabled is false")
	}
	return view.text, nil
}

func setEncryption(s *storage.TableSettings, v *value) error {
	if !v.given {
		return nil
	}
	enabled, key := v.get("Enabled"), v.get("KMSMasterKeyId")
	if key.given && !enabled.flag {
		return invalid("SSESpecification KMSMasterKeyId can only be specified when Enabled is true")
	}
	s.Encrypted, s.EncryptionKey = enabled.flag, key.text
	return nil
}

func throughputOf(v *value) (storage.Throughput, error) {
	t := storage.Throughput{Read: v.get("ReadCapacityUnits").num, Write: v.get("WriteCapacityUnits").num}
	if t.Read > maxThroughput {
		return t, validationf("Given value %d for ReadCapacityUnits is out of bounds", t.Read)
	}
	if t.Write > maxThroughput {
		return t, validationf("Given value %d for WriteCapacityUnits is out of bounds", t.Write)
	}
	return t, nil
}

// definitions are the AttributeDefinitions of a request.
type definitions struct {
	names []string
	kinds map[string]attribute.Kind
	used  map[string]bool
}

func newDefinitions(v *value) *definitions {
	d := &definitions{kinds: map[string]attribute.Kind{}, used: map[string]bool{}}
	for i := range v.list {
		d.define(v.list[i].get("AttributeName").text, map[string]attribute.Kind{
			"S": attribute.S, "N": attribute.N, "B": attribute.B,
		}[v.list[i].get("AttributeType").text])
	}
	return d
}

func (d *definitions) define(name string, kind attribute.Kind) {
	d.names = append(d.names, name)
	d.kinds[name] = kind
}

// usedNames returns the attributes that keys have, in the order of their
// definition.
func (d *definitions) usedNames() []string {
	var names []string
	for _, name := range d.names {
		if d.used[name] {
			names = append(names, name)
		}
	}
	return names
}

// schema reads a key.
func (d *definitions) schema(v *value) (storage.KeySchema, error) {
	var k storage.KeySchema
	names := make([]string, len(v.list))
	defined := true
	for i := range v.list {
		names[i] = v.list[i].get("AttributeName").text
		_, ok := d.kinds[names[i]]
		defined = defined && ok
	}
	if !defined {
		return k, invalid("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
			strings.Join(names, ", "), strings.Join(d.names, ", "))
	}
	if len(names) == 2 && names[0] == names[1] {
		return k, validationError("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	}
	if v.list[0].get("KeyType").text != "HASH" {
		return k, validationError("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	if len(names) == 2 && v.list[1].get("KeyType").text != "RANGE" {
		return k, validationError("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	for i, name := range names {
		d.used[name] = true
		part := storage.KeyAttribute{Name: name, Kind: d.kinds[name]}
		if i == 0 {
			k.Partition = part
		} else {
			k.Sort = &part
		}
	}
	return k, nil
}

// localIndexes reads LocalSecondaryIndexes into t.
func localIndexes(t *storage.Table, v *value, kinds *definitions) error {
	if !v.given {
		return nil
	}
	if len(v.list) == 0 {
		return invalid("List of LocalSecondaryIndexes is empty")
	}
	if t.Key.Sort == nil {
		return invalid("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for i := range v.list {
		key, err := kinds.schema(v.list[i].get("KeySchema"))
		if err != nil {
			return err
		}
		name := v.list[i].get("IndexName").text
		if key.Sort == nil {
			return invalid("Index KeySchema does not have a range key for index: %s", name)
		}
		if key.Partition.Name != t.Key.Partition.Name {
			return invalid("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
				name, key.Partition.Name, t.Key.Partition.Name)
		}
		ix, err := newIndex(&v.list[i], key)
		if err != nil {
			return err
		}
		ix.Local = true
		if err := addIndex(t, ix); err != nil {
			return err
		}
	}
	if len(v.list) > 5 {
		return invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	}
	return nil
}

// globalIndexes reads GlobalSecondaryIndexes into t.
func globalIndexes(t *storage.Table, v *value, kinds *definitions) error {
	if !v.given {
		return nil
	}
	if len(v.list) == 0 {
		return invalid("List of GlobalSecondaryIndexes is empty")
	}
	for i := range v.list {
		key, err := kinds.schema(v.list[i].get("KeySchema"))
		if err != nil {
			return err
		}
		ix, err := newIndex(&v.list[i], key)
		if err != nil {
			return err
		}
		if err := setIndexThroughput(&t.Settings, ix.Name, v.list[i].get("ProvisionedThroughput")); err != nil {
			return err
		}
		if err := addIndex(t, ix); err != nil {
			return err
		}
	}
	if len(v.list) > 20 {
		return invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")
	}
	return nil
}

// setIndexThroughput keeps the capacity of an index, which must fit the billing
// mode.
func setIndexThroughput(s *storage.TableSettings, index string, v *value) error {
	if s.BillingMode != "PROVISIONED" {
		if v.given {
			return invalid("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", index)
		}
		return nil
	}
	if !v.given {
		return invalid("ProvisionedThroughput must be specified for index: %s", index)
	}
	t, err := throughputOf(v)
	if err != nil {
		return err
	}
	if s.IndexThroughput == nil {
		s.IndexThroughput = map[string]storage.Throughput{}
	}
	s.IndexThroughput[index] = t
	return nil
}

func newIndex(v *value, key storage.KeySchema) (storage.Index, error) {
	projected := v.get("Projection")
	ix := storage.Index{
		Name: v.get("IndexName").text, Key: key,
		Projection: storage.ProjectionType(projected.get("ProjectionType").text),
		Include:    projected.get("NonKeyAttributes").texts(),
	}
	switch {
	case ix.Projection == "":
		return ix, invalid("Unknown ProjectionType: null")
	case projected.has("NonKeyAttributes") && ix.Projection != storage.ProjectInclude:
		return ix, invalid("ProjectionType is %s, but NonKeyAttributes is specified", ix.Projection)
	case !projected.has("NonKeyAttributes") && ix.Projection == storage.ProjectInclude:
		return ix, invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	}
	return ix, nil
}

func addIndex(t *storage.Table, ix storage.Index) error {
	for _, other := range t.Indexes {
		if other.Name == ix.Name {
			return invalid("Duplicate index name: %s", ix.Name)
		}
	}
	t.Indexes = append(t.Indexes, ix)
	return nil
}

// describeTable answers DescribeTable.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func (h *Handler) describeTable(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	d, err := h.store.DescribeTable(ctx, in.table())
	if err != nil {
		return nil, err
	}
	dst = h.appendTable(append(dst, `{"Table":`...), d, "ACTIVE")
	return append(dst, '}'), nil
}

// deleteTable answers DeleteTable.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
func (h *Handler) deleteTable(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	name := in.table()
	d, err := h.store.DescribeTable(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := h.store.DeleteTable(ctx, name); err != nil {
		return nil, err
	}
	dst = h.appendTable(append(dst, `{"TableDescription":`...), d, "DELETING")
	return append(dst, '}'), nil
}

// listTables answers ListTables.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (h *Handler) listTables(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	limit := 100
	if v := in.get("Limit"); v.given {
		limit = int(v.num)
	}
	// One more tells whether there are more.
	tables, err := h.store.ListTables(ctx, in.get("ExclusiveStartTableName").text, limit+1)
	if err != nil {
		return nil, err
	}
	more := len(tables) > limit
	tables = tables[:min(limit, len(tables))]
	dst = append(dst, `{"TableNames":[`...)
	for i, name := range tables {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, name)
	}
	dst = append(dst, ']')
	if more {
		dst = appendTextMember(dst, "LastEvaluatedTableName", tables[limit-1])
	}
	return append(dst, '}'), nil
}

// updateTable answers UpdateTable.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
func (h *Handler) updateTable(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	name := in.table()
	update, err := h.tableUpdate(ctx, name, in)
	if err != nil {
		return nil, err
	}
	if err := h.store.UpdateTable(ctx, name, *update); err != nil {
		return nil, err
	}
	d, err := h.store.DescribeTable(ctx, name)
	if err != nil {
		return nil, err
	}
	dst = h.appendTable(append(dst, `{"TableDescription":`...), d, "UPDATING")
	return append(dst, '}'), nil
}

// tableUpdate reads what UpdateTable is to change.
func (h *Handler) tableUpdate(ctx context.Context, name string, in *value) (*storage.TableUpdate, error) {
	given, billing := in.get("ProvisionedThroughput"), in.get("BillingMode")
	indexes, stream := in.get("GlobalSecondaryIndexUpdates"), in.get("StreamSpecification")
	if len(in.get("ReplicaUpdates").list) > 0 {
		return nil, validationError("Global tables are out of the emulator's scope: ReplicaUpdates")
	}
	if !given.given && !billing.given && len(indexes.list) == 0 && !stream.given && !in.has("SSESpecification") &&
		!in.has("TableClass") && !in.has("DeletionProtectionEnabled") {
		return nil, validationError("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	if billing.text == "PROVISIONED" && !given.given {
		return nil, invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	wanted, err := throughputOf(given)
	if err != nil {
		return nil, err
	}
	if err := checkIndexUpdates(indexes); err != nil {
		return nil, err
	}
	view := ""
	if stream.given {
		if view, err = streamView(stream); err != nil {
			return nil, err
		}
	}
	d, err := h.store.DescribeTable(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(indexes.list) > 5 {
		return nil, &storage.LimitExceededError{Message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}
	}
	update := new(storage.TableUpdate)
	if err := indexChanges(update, indexes, in, d); err != nil {
		return nil, err
	}
	globals := globalNames(d)
	update.Settings = func(s *storage.TableSettings) error {
		was := s.BillingMode
		if was == "" {
			was = "PAY_PER_REQUEST"
		}
		if billing.given {
			s.BillingMode = billing.text
		}
		if err := changeThroughput(s, was, given.given, wanted); err != nil {
			return err
		}
		if err := changeIndexThroughput(s, was, indexes, globals); err != nil {
			return err
		}
		if stream.given {
			if err := changeStream(s, name, view); err != nil {
				return err
			}
		}
		if v := in.get("TableClass"); v.given {
			s.TableClass = v.text
		}
		if v := in.get("DeletionProtectionEnabled"); v.given {
			s.DeletionProtection = v.flag
		}
		return setEncryption(s, in.get("SSESpecification"))
	}
	return update, nil
}

func globalNames(d *storage.TableDescription) []string {
	var names []string
	for _, ix := range d.Indexes {
		if !ix.Local {
			names = append(names, ix.Name)
		}
	}
	return names
}

// checkIndexUpdates checks what can be checked without the table.
func checkIndexUpdates(v *value) error {
	seen := map[string]bool{}
	for i := range v.list {
		update, create, remove := v.list[i].get("Update"), v.list[i].get("Create"), v.list[i].get("Delete")
		name := ""
		count := 0
		for _, a := range []*value{update, create, remove} {
			if a.given {
				count++
				name = a.get("IndexName").text
			}
		}
		if count == 0 {
			return invalid("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if count > 1 || seen[name] {
			return invalid("Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
		}
		seen[name] = true
	}
	return nil
}

// indexChanges reads the indexes to create and to drop into update.
func indexChanges(update *storage.TableUpdate, v, in *value, d *storage.TableDescription) error {
	kinds := newDefinitions(in.get("AttributeDefinitions"))
	// The keys that there are need not be defined again.
	for _, def := range definitionsOf(&d.Table) {
		if _, ok := kinds.kinds[def.Name]; !ok {
			kinds.define(def.Name, def.Kind)
		}
	}
	for i := range v.list {
		if c := v.list[i].get("Create"); c.given {
			key, err := kinds.schema(c.get("KeySchema"))
			if err != nil {
				return err
			}
			ix, err := newIndex(c, key)
			if err != nil {
				return err
			}
			update.CreateIndexes = append(update.CreateIndexes, ix)
		}
		if r := v.list[i].get("Delete"); r.given {
			update.DeleteIndexes = append(update.DeleteIndexes, r.get("IndexName").text)
		}
		if u := v.list[i].get("Update"); u.given && !slices.Contains(globalNames(d), u.get("IndexName").text) {
			return notFound("Requested resource not found")
		}
	}
	return nil
}

// changeThroughput changes the capacity of a table whose billing mode was the
// given one.
func changeThroughput(s *storage.TableSettings, was string, given bool, wanted storage.Throughput) error {
	if s.BillingMode != "PROVISIONED" {
		if given {
			return invalid(msgOnDemandThroughput)
		}
		s.Throughput, s.IndexThroughput = storage.Throughput{}, nil
		return nil
	}
	if !given {
		return nil
	}
	if was == "PROVISIONED" && s.Throughput == wanted {
		return validationf("The provisioned throughput for the table will not change. The requested value equals the current value. "+
			"Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. "+
			"Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. "+
			"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
			s.Throughput.Read, wanted.Read, s.Throughput.Write, wanted.Write)
	}
	s.Throughput = wanted
	return nil
}

// changeIndexThroughput changes the capacities of indexes.
func changeIndexThroughput(s *storage.TableSettings, was string, v *value, globals []string) error {
	left := slices.Clone(globals)
	for i := range v.list {
		for _, action := range []string{"Update", "Create", "Delete"} {
			a := v.list[i].get(action)
			if !a.given {
				continue
			}
			name := a.get("IndexName").text
			left = slices.DeleteFunc(left, func(other string) bool { return other == name })
			if action == "Delete" {
				delete(s.IndexThroughput, name)
				continue
			}
			if err := setIndexThroughput(s, name, a.get("ProvisionedThroughput")); err != nil {
				return err
			}
		}
	}
	if s.BillingMode == "PROVISIONED" && was != "PROVISIONED" && len(left) > 0 {
		return invalid("ProvisionedThroughput must be specified for index: %s", strings.Join(left, ","))
	}
	return nil
}

// changeStream enables the stream or disables it.
func changeStream(s *storage.TableSettings, table, view string) error {
	switch {
	case view != "" && s.Stream != "":
		return validationError("Table already has an enabled stream: TableName: " + table)
	case view == "" && s.Stream == "":
		return validationError("Table has no stream to disable: TableName: " + table)
	}
	s.Stream = view
	return nil
}

// updateTimeToLive answers UpdateTimeToLive.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
func (h *Handler) updateTimeToLive(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	v := in.get("TimeToLiveSpecification")
	ttl := &storage.TTLUpdate{Attribute: v.get("AttributeName").text, Enabled: v.get("Enabled").flag}
	if err := h.store.UpdateTable(ctx, in.table(), storage.TableUpdate{TTL: ttl}); err != nil {
		return nil, err
	}
	dst = append(dst, `{"TimeToLiveSpecification":{`...)
	dst = appendTextMember(dst, "AttributeName", ttl.Attribute)
	dst = appendBoolMember(dst, "Enabled", ttl.Enabled)
	return append(dst, '}', '}'), nil
}

// describeTimeToLive answers DescribeTimeToLive.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
func (h *Handler) describeTimeToLive(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	d, err := h.store.DescribeTable(ctx, in.table())
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"TimeToLiveDescription":{`...)
	if d.TTLAttribute == "" {
		return append(dst, `"TimeToLiveStatus":"DISABLED"}}`...), nil
	}
	dst = appendTextMember(dst, "AttributeName", d.TTLAttribute)
	return append(dst, `,"TimeToLiveStatus":"ENABLED"}}`...), nil
}

// describeContinuousBackups answers DescribeContinuousBackups: there is no
// point-in-time recovery.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
func (h *Handler) describeContinuousBackups(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	name := in.table()
	_, err := h.store.DescribeTable(ctx, name)
	var missing *storage.ResourceNotFoundError
	if errors.As(err, &missing) {
		return nil, dynamoFailure("TableNotFoundException", "Table not found: "+name)
	}
	if err != nil {
		return nil, err
	}
	return append(dst, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"DISABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`...), nil
}
