package dynamodbapi_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// describe returns a table without what differs from run to run.
func (c *client) describe(operation, body, member string) map[string]any {
	c.Helper()
	d := parse(c, c.ok(operation, body)).(map[string]any)[member].(map[string]any)
	for name, form := range map[string]string{
		"TableId": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	} {
		if id, _ := d[name].(string); !regexp.MustCompile(form).MatchString(id) {
			c.Errorf("%s: %v", name, d[name])
		}
		delete(d, name)
	}
	if at, _ := d["CreationDateTime"].(float64); at < 1e9 || at > 1e11 {
		c.Errorf("CreationDateTime: %v", d["CreationDateTime"])
	}
	delete(d, "CreationDateTime")
	if billing, ok := d["BillingModeSummary"].(map[string]any); ok {
		delete(billing, "LastUpdateToPayPerRequestDateTime")
	}
	return d
}

func (c *client) expectTable(got map[string]any, want string) {
	c.Helper()
	if diff := cmp.Diff(parse(c, want), any(got)); diff != "" {
		c.Errorf("(-want +got):\n%s", diff)
	}
}

const provisioned = `{"TableName": "music", "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "Song", "AttributeType": "S"}, {"AttributeName": "Year", "AttributeType": "N"}],
	"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Song", "KeyType": "RANGE"}],
	"ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5},
	"GlobalSecondaryIndexes": [{"IndexName": "byYear", "KeySchema": [{"AttributeName": "Year", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}],
	"TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": true, "Tags": [{"Key": "team", "Value": "music"}],
	"SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "abc"}, "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}`

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
func TestTables(t *testing.T) {
	c := newClient(t)
	const arn = "arn:aws:dynamodb:us-east-1:123456789012:table/"
	c.expectTable(c.describe("CreateTable", rangeTable, "TableDescription"), `{
		"TableName": "range", "TableArn": "`+arn+`range", "TableStatus": "CREATING", "ItemCount": 0, "TableSizeBytes": 0, "DeletionProtectionEnabled": false,
		"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
		"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "N"}, {"AttributeName": "c", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
		"LocalSecondaryIndexes": [{"IndexName": "local", "IndexArn": "`+arn+`range/index/local", "IndexSizeBytes": 0, "ItemCount": 0, "Projection": {"ProjectionType": "ALL"},
			"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}]}],
		"GlobalSecondaryIndexes": [{"IndexName": "global", "IndexArn": "`+arn+`range/index/global", "IndexSizeBytes": 0, "ItemCount": 0, "IndexStatus": "CREATING",
			"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["d"]}, "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}],
			"ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}}]}`)
	c.fault("CreateTable", rangeTable, "com.amazonaws.dynamodb.v20120810#ResourceInUseException", "message: Table already exists: range")
	c.ok("PutItem", `{"TableName": "range", "Item": {"a": {"S": "x"}, "b": {"N": "1"}}}`)
	d := c.describe("DescribeTable", `{"TableName": "`+arn+`range"}`, "Table")
	if d["TableStatus"] != "ACTIVE" || d["ItemCount"] != 1.0 || d["TableSizeBytes"] != 5.0 {
		t.Errorf("%v", d)
	}
	if ix := d["GlobalSecondaryIndexes"].([]any)[0].(map[string]any); ix["IndexStatus"] != "ACTIVE" || ix["ItemCount"] != 0.0 {
		t.Errorf("%v", ix)
	}

	c.ok("CreateTable", provisioned)
	d = c.describe("DescribeTable", `{"TableName": "music"}`, "Table")
	label, _ := d["LatestStreamLabel"].(string)
	c.expectTable(d, `{
		"TableName": "music", "TableArn": "`+arn+`music", "TableStatus": "ACTIVE", "ItemCount": 0, "TableSizeBytes": 0, "DeletionProtectionEnabled": true,
		"ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 10, "WriteCapacityUnits": 5},
		"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}, "SSEDescription": {"SSEType": "KMS", "Status": "ENABLED", "KMSMasterKeyArn": "arn:aws:kms:us-east-1:123456789012:key/abc"},
		"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}, "LatestStreamLabel": "`+label+`", "LatestStreamArn": "`+arn+`music/stream/`+label+`",
		"AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "Song", "AttributeType": "S"}, {"AttributeName": "Year", "AttributeType": "N"}],
		"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Song", "KeyType": "RANGE"}],
		"GlobalSecondaryIndexes": [{"IndexName": "byYear", "IndexArn": "`+arn+`music/index/byYear", "IndexSizeBytes": 0, "ItemCount": 0, "IndexStatus": "ACTIVE",
			"Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "Year", "KeyType": "HASH"}],
			"ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}]}`)
	c.expect("ListTagsOfResource", `{"ResourceArn": "`+arn+`music"}`, `{"Tags": [{"Key": "team", "Value": "music"}]}`)

	c.invalid("DeleteTable", `{"TableName": "music"}`, "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	c.ok("UpdateTable", `{"TableName": "music", "DeletionProtectionEnabled": false}`)
	if d := c.describe("DeleteTable", `{"TableName": "music"}`, "TableDescription"); d["TableStatus"] != "DELETING" {
		t.Errorf("%v", d)
	}
	for _, operation := range []string{"DeleteTable", "DescribeTable", "DescribeTimeToLive"} {
		c.fault(operation, `{"TableName": "music"}`, notFound, "message: Requested resource not found: Table: music not found")
	}
	c.fault("UpdateTable", `{"TableName": "music", "DeletionProtectionEnabled": false}`, notFound, "message: Requested resource not found: Table: music not found")
	c.fault("DescribeContinuousBackups", `{"TableName": "music"}`, "com.amazonaws.dynamodb.v20120810#TableNotFoundException", "message: Table not found: music")
	c.expect("DescribeContinuousBackups", `{"TableName": "range"}`,
		`{"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "DISABLED", "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}}`)
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func TestListTables(t *testing.T) {
	c := newClient(t, hashTable, rangeTable, strings.Replace(hashTable, "hash", "more", 1))
	c.expect("ListTables", `{}`, `{"TableNames": ["hash", "more", "range"]}`)
	c.expect("ListTables", `{"Limit": 2}`, `{"TableNames": ["hash", "more"], "LastEvaluatedTableName": "more"}`)
	c.expect("ListTables", `{"Limit": 2, "ExclusiveStartTableName": "more"}`, `{"TableNames": ["range"]}`)
	c.expect("ListTables", `{"Limit": 3}`, `{"TableNames": ["hash", "more", "range"]}`)
	c.expect("ListTables", `{"ExclusiveStartTableName": "zzz"}`, `{"TableNames": []}`)
}

// The words: architect/dynalite test/createTable.js, recorded from DynamoDB.
func TestCreateTableIsRefused(t *testing.T) {
	c := newClient(t)
	const (
		invalid = "One or more parameter values were invalid: "
		one     = `"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}`
		a       = `{"AttributeName": "a", "KeyType": "HASH"}`
		ab      = `"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}]`
		abKey   = `"KeySchema": [` + a + `, {"AttributeName": "b", "KeyType": "RANGE"}]`
	)
	index := func(name, keys, projection string) string {
		return `{"IndexName": "` + name + `", "KeySchema": [` + keys + `], "Projection": ` + projection + `}`
	}
	const rangeKey = `{"AttributeName": "b", "KeyType": "RANGE"}`
	many := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, index("abc"+string(rune('a'+i)), a+", "+rangeKey, `{"ProjectionType": "ALL"}`))
		}
		return strings.Join(all, ",")
	}
	c.violates("CreateTable", `{"TableName": "abc;"}`, value("null", "attributeDefinitions", notNull), value("'abc;'", "tableName", namePattern), value("null", "keySchema", notNull))
	c.violates("CreateTable", `{"TableName": "abc", "AttributeDefinitions": [], "KeySchema": [], "ProvisionedThroughput": {"ReadCapacityUnits": -1, "WriteCapacityUnits": -1}, "BillingMode": "A"}`,
		value("'A'", "billingMode", "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
		value("'-1'", "provisionedThroughput.writeCapacityUnits", "Member must have value greater than or equal to 1"),
		value("'-1'", "provisionedThroughput.readCapacityUnits", "Member must have value greater than or equal to 1"),
		value("'[]'", "keySchema", "Member must have length greater than or equal to 1"))
	c.violates("CreateTable", `{"TableName": "abc", "AttributeDefinitions": [{}, {"AttributeName": "b", "AttributeType": "SS"}], "KeySchema": [{"KeyType": "HASH"}, {"KeyType": "Woop", "AttributeName": "a"}], "ProvisionedThroughput": {}}`,
		value("null", "attributeDefinitions.1.member.attributeName", notNull), value("null", "attributeDefinitions.1.member.attributeType", notNull),
		value("'SS'", "attributeDefinitions.2.member.attributeType", "Member must satisfy enum value set: [B, N, S]"),
		value("null", "provisionedThroughput.writeCapacityUnits", notNull), value("null", "provisionedThroughput.readCapacityUnits", notNull),
		value("null", "keySchema.1.member.attributeName", notNull), value("'Woop'", "keySchema.2.member.keyType", "Member must satisfy enum value set: [HASH, RANGE]"))
	c.violates("CreateTable", `{"TableName": "abc", `+ab+`, `+abKey+`, `+one+`, "LocalSecondaryIndexes": [{}]}`, value("null", "localSecondaryIndexes.1.member.indexName", notNull),
		value("null", "localSecondaryIndexes.1.member.keySchema", notNull), value("null", "localSecondaryIndexes.1.member.projection", notNull))
	c.violates("CreateTable", `{"TableName": "abc", `+ab+`, `+abKey+`, `+one+`, "GlobalSecondaryIndexes": [{"IndexName": "h;", "KeySchema": [], "Projection": {}}]}`,
		value("'h;'", "globalSecondaryIndexes.1.member.indexName", namePattern), value("'h;'", "globalSecondaryIndexes.1.member.indexName", "Member must have length greater than or equal to 3"),
		value("'[]'", "globalSecondaryIndexes.1.member.keySchema", "Member must have length greater than or equal to 1"))
	for _, tt := range []struct{ body, message string }{
		{`"AttributeDefinitions": [], "KeySchema": [` + a + `]`, invalid + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
		{`"AttributeDefinitions": [], "KeySchema": [` + a + `], "BillingMode": "PAY_PER_REQUEST", ` + one, invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
		{`"AttributeDefinitions": [], "KeySchema": [` + a + `], "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1000000000001}`, "Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
		{`"AttributeDefinitions": [], "KeySchema": [` + a + `], "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000000, "WriteCapacityUnits": 1000000000001}`, "Given value 1000000000001 for WriteCapacityUnits is out of bounds"},
		{`"AttributeDefinitions": [], "KeySchema": [` + a + `], "BillingMode": "PAY_PER_REQUEST"`, "Invalid KeySchema: Some index key attribute have no definition"},
		{`"AttributeDefinitions": [{"AttributeName": "b", "AttributeType": "S"}], "KeySchema": [` + a + `], ` + one, invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [a], AttributeDefinitions: [b]"},
		{ab + `, "KeySchema": [` + a + `, ` + a + `], ` + one, "Both the Hash Key and the Range Key element in the KeySchema have the same name"},
		{ab + `, "KeySchema": [` + a + `, {"AttributeName": "b", "KeyType": "HASH"}], ` + one, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
		{ab + `, "KeySchema": [{"AttributeName": "a", "KeyType": "RANGE"}, ` + rangeKey + `], ` + one, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
		{ab + `, "KeySchema": [` + a + `], ` + one, invalid + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"},
		{ab + `, "KeySchema": [` + a + `], ` + one + `, "LocalSecondaryIndexes": []`, invalid + "List of LocalSecondaryIndexes is empty"},
		{ab + `, "KeySchema": [` + a + `], ` + one + `, "GlobalSecondaryIndexes": []`, invalid + "List of GlobalSecondaryIndexes is empty"},
		{ab + `, "KeySchema": [` + a + `], ` + one + `, "LocalSecondaryIndexes": [` + index("abc", `{"AttributeName": "c", "KeyType": "RANGE"}`, `{}`) + `]`,
			invalid + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + index("abc", `{"AttributeName": "c", "KeyType": "RANGE"}, {"AttributeName": "d", "KeyType": "RANGE"}`, `{}`) + `]`,
			invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [c, d], AttributeDefinitions: [a, b]"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + index("abc", `{"AttributeName": "b", "KeyType": "HASH"}`, `{}`) + `]`, invalid + "Index KeySchema does not have a range key for index: abc"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + index("abc", `{"AttributeName": "b", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}`, `{}`) + `]`,
			invalid + "Index KeySchema does not have the same leading hash key as table KeySchema for index: abc. index hash key: b, table hash key: a"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + index("abc", a+`, `+rangeKey, `{}`) + `]`, invalid + "Unknown ProjectionType: null"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + index("abc", a+`, `+rangeKey, `{"ProjectionType": "ALL", "NonKeyAttributes": ["c"]}`) + `]`, invalid + "ProjectionType is ALL, but NonKeyAttributes is specified"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + many(1) + `, ` + many(1) + `]`, invalid + "Duplicate index name: abca"},
		{ab + `, ` + abKey + `, ` + one + `, "LocalSecondaryIndexes": [` + many(6) + `]`, invalid + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"},
		{ab + `, ` + abKey + `, "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [` + many(21) + `]`, invalid + "GlobalSecondaryIndex count exceeds the per-table limit of 20"},
		{ab + `, ` + abKey + `, "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [{"IndexName": "abc", "KeySchema": [` + a + `], "Projection": {"ProjectionType": "ALL"}, ` + one + `}]`,
			invalid + "ProvisionedThroughput should not be specified for index: abc when BillingMode is PAY_PER_REQUEST"},
		{ab + `, "KeySchema": [` + a + `], "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [` + index("abc", a, `{"ProjectionType": "ALL"}`) + `]`,
			invalid + "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b], keys used: [a]"},
	} {
		c.invalid("CreateTable", `{"TableName": "abc", `+tt.body+`}`, tt.message)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
// The words: architect/dynalite test/updateTable.js, recorded from DynamoDB.
func TestUpdateTable(t *testing.T) {
	c := newClient(t, hashTable, provisioned)
	const invalid = "One or more parameter values were invalid: "
	for _, tt := range []struct{ table, body, message string }{
		{"hash", `"GlobalSecondaryIndexUpdates": []`, "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"},
		{"hash", `"BillingMode": "PROVISIONED"`, invalid + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"},
		{"hash", `"ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1}`, "Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
		{"hash", `"GlobalSecondaryIndexUpdates": [{}]`, invalid + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null"},
		{"hash", `"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "abc"}}, {"Delete": {"IndexName": "abc"}}]`, invalid + "Only one global secondary index update per index is allowed simultaneously. Index: abc"},
		{"hash", `"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}`, invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
		{"music", `"ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}`, "The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 10. Requested ReadCapacityUnits: 10. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."},
		{"music", `"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}`, "Table already has an enabled stream: TableName: music"},
		{"hash", `"StreamSpecification": {"StreamEnabled": false}`, "Table has no stream to disable: TableName: hash"},
		{"hash", `"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "abc", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]`,
			invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [a]"},
	} {
		c.invalid("UpdateTable", `{"TableName": "`+tt.table+`", `+tt.body+`}`, tt.message)
	}
	c.fault("UpdateTable", `{"TableName": "hash", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "abc"}}]}`, notFound, "message: Requested resource not found")
	c.fault("UpdateTable", `{"TableName": "music", "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "abc", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 3}}}]}`,
		notFound, "message: Requested resource not found")

	if d := c.describe("UpdateTable", `{"TableName": "music", "BillingMode": "PAY_PER_REQUEST"}`, "TableDescription"); d["TableStatus"] != "UPDATING" ||
		d["BillingModeSummary"].(map[string]any)["BillingMode"] != "PAY_PER_REQUEST" {
		t.Errorf("%v", d)
	}
	c.invalid("UpdateTable", `{"TableName": "music", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}`,
		invalid+"ProvisionedThroughput must be specified for index: byYear")
	c.ok("UpdateTable", `{"TableName": "music", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
		"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "byYear", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}}]}`)
	d := c.describe("DescribeTable", `{"TableName": "music"}`, "Table")
	if diff := cmp.Diff(map[string]any{"NumberOfDecreasesToday": 0.0, "ReadCapacityUnits": 3.0, "WriteCapacityUnits": 4.0},
		d["GlobalSecondaryIndexes"].([]any)[0].(map[string]any)["ProvisionedThroughput"]); diff != "" {
		t.Error(diff)
	}

	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}, "x": {"N": "1"}}}`)
	c.ok("UpdateTable", `{"TableName": "hash", "AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "N"}],
		"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "byX", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]}`)
	for {
		d := c.describe("DescribeTable", `{"TableName": "hash"}`, "Table")
		if d["GlobalSecondaryIndexes"].([]any)[0].(map[string]any)["IndexStatus"] == "ACTIVE" {
			break
		}
	}
	c.expect("Query", `{"TableName": "hash", "IndexName": "byX", "KeyConditionExpression": "x = :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}`,
		`{"Items": [{"a": {"S": "1"}, "x": {"N": "1"}}], "Count": 1, "ScannedCount": 1}`)
	c.ok("UpdateTable", `{"TableName": "hash", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "byX"}}]}`)
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
func TestTimeToLive(t *testing.T) {
	c := newClient(t, hashTable)
	c.expect("DescribeTimeToLive", `{"TableName": "hash"}`, `{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}`)
	c.invalid("UpdateTimeToLive", `{"TableName": "hash", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": false}}`, "TimeToLive is already disabled")
	c.expect("UpdateTimeToLive", `{"TableName": "hash", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}}`,
		`{"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}}`)
	c.expect("DescribeTimeToLive", `{"TableName": "hash"}`, `{"TimeToLiveDescription": {"AttributeName": "ttl", "TimeToLiveStatus": "ENABLED"}}`)
	c.invalid("UpdateTimeToLive", `{"TableName": "hash", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}}`, "TimeToLive is already enabled")
	c.ok("UpdateTimeToLive", `{"TableName": "hash", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": false}}`)
}

// The words: architect/dynalite test/tagResource.js, recorded from DynamoDB.
func TestTags(t *testing.T) {
	c := newClient(t, hashTable)
	const (
		prefix = "arn:aws:dynamodb:us-east-1:123456789012:table/"
		denied = "com.amazon.coral.service#AccessDeniedException"
	)
	for operation, list := range map[string]string{"TagResource": "Tags", "UntagResource": "TagKeys", "ListTagsOfResource": ""} {
		c.invalid(operation, `{}`, "Invalid TableArn")
		for _, arn := range []string{"", "abcd", "a:b:c:d:e:f", "a:b:c:d:e/f"} {
			on := arn
			if on == "" {
				on = "*"
			}
			if operation == "TagResource" && arn != "" {
				// Recorded: nubo-db/dynamodb-conformance tier2/tags, 2026.
				c.invalid(operation, `{"ResourceArn": "`+arn+`"}`, "Invalid TableArn: Invalid ResourceArn provided as input "+arn)
				continue
			}
			c.fault(operation, `{"ResourceArn": "`+arn+`"}`, denied,
				"Message: User: arn:aws:iam::123456789012:root is not authorized to perform: dynamodb:"+operation+" on resource: "+on)
		}
		given := ""
		if list != "" {
			c.invalid(operation, `{"ResourceArn": "a:b:c:d:e:f/g"}`,
				"1 validation error detected: "+value("null", strings.ToLower(list[:1])+list[1:], notNull))
			given = `, "` + list + `": []`
		}
		for _, arn := range []string{"a:b:c:d:e:f/g", prefix + "ab"} {
			c.invalid(operation, `{"ResourceArn": "`+arn+`"`+given+`}`, "Invalid TableArn: Invalid ResourceArn provided as input "+arn)
		}
	}
	c.invalid("TagResource", `{"ResourceArn": "`+prefix+`hash", "Tags": []}`, "Atleast one Tag needs to be provided as Input.")
	c.invalid("UntagResource", `{"ResourceArn": "`+prefix+`hash", "TagKeys": []}`, "Atleast one Tag Key needs to be provided as Input.")
	// Recorded: nubo-db/dynamodb-conformance tier2/tags.
	const other = "arn:aws:dynamodb:us-east-1:000000000000:table/nonexistent_table_xyz"
	c.fault("ListTagsOfResource", `{"ResourceArn": "`+other+`"}`, denied,
		"Message: User: arn:aws:iam::123456789012:root is not authorized to perform: dynamodb:ListTagsOfResource on resource: "+other)
	missing := "Requested resource not found: ResourcArn: " + prefix + "none not found"
	c.fault("TagResource", `{"ResourceArn": "`+prefix+`none", "Tags": [{"Key": "a", "Value": "b"}]}`, notFound, "message: "+missing)
	c.fault("ListTagsOfResource", `{"ResourceArn": "`+prefix+`none"}`, notFound, "message: "+missing)
	c.fault("UntagResource", `{"ResourceArn": "`+prefix+`none", "TagKeys": ["a"]}`, notFound, "message: Requested resource not found")

	c.expect("ListTagsOfResource", `{"ResourceArn": "`+prefix+`hash"}`, `{"Tags": []}`)
	if body := c.ok("TagResource", `{"ResourceArn": "`+prefix+`hash", "Tags": [{"Key": "t2", "Value": "v2"}, {"Key": "t1", "Value": ""}]}`); body != "" {
		t.Errorf("TagResource answers %q", body)
	}
	c.expect("ListTagsOfResource", `{"ResourceArn": "`+prefix+`hash"}`, `{"Tags": [{"Key": "t1", "Value": ""}, {"Key": "t2", "Value": "v2"}]}`)
	c.ok("UntagResource", `{"ResourceArn": "`+prefix+`hash", "TagKeys": ["t2", "none"]}`)
	c.expect("ListTagsOfResource", `{"ResourceArn": "`+prefix+`hash"}`, `{"Tags": [{"Key": "t1", "Value": ""}]}`)
	c.violates("TagResource", `{"ResourceArn": "`+prefix+`hash", "Tags": [{"Value": "x"}]}`, value("null", "tags.1.member.key", notNull))
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
func TestAccount(t *testing.T) {
	c := newClient(t)
	c.expect("DescribeEndpoints", `{}`, `{"Endpoints": [{"Address": "`+strings.TrimPrefix(c.url, "http://")+`", "CachePeriodInMinutes": 1440}]}`)
	c.expect("DescribeLimits", `{}`, `{"AccountMaxReadCapacityUnits": 80000, "AccountMaxWriteCapacityUnits": 80000, "TableMaxReadCapacityUnits": 40000, "TableMaxWriteCapacityUnits": 40000}`)
}
