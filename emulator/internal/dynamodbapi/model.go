package dynamodbapi

// model holds the inputs of the operations.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
type model struct {
	empty, tableOnly *shape

	getItem, putItem, updateItem, deleteItem *shape
	query, scan                              *shape
	batchGetItem, batchWriteItem             *shape
	transactGetItems, transactWriteItems     *shape

	createTable, updateTable, listTables           *shape
	updateTimeToLive                               *shape
	tagResource, untagResource, listTagsOfResource *shape

	executeStatement, batchExecuteStatement, executeTransaction *shape
}

func newModel() *model {
	m := &model{
		empty:     structure("DescribeLimitsInput"),
		tableOnly: structure("DescribeTableInput", field{"TableName", ownTableName()}),
	}
	m.items()
	m.pages()
	m.batches()
	m.transactions()
	m.tables()
	m.resources()
	m.statements()
	return m
}

// Parameters that several operations have.

func returnConsumedCapacity() field {
	return field{"ReturnConsumedCapacity", oneOf("INDEXES", "TOTAL", "NONE")}
}

func returnItemCollectionMetrics() field {
	return field{"ReturnItemCollectionMetrics", oneOf("SIZE", "NONE")}
}

func returnValues() field {
	return field{"ReturnValues", oneOf("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")}
}

func returnOldOnFailure() field {
	return field{"ReturnValuesOnConditionCheckFailure", oneOf("ALL_OLD", "NONE")}
}

func conditionalOperator() field { return field{"ConditionalOperator", oneOf("OR", "AND")} }

func attributesToGet() field {
	return field{"AttributesToGet", listOf(text()).atLeast(1).atMost(255)}
}

func table() field { return field{"TableName", tableName().must()} }
func key() field   { return field{"Key", item().must()} }
func names() field { return field{"ExpressionAttributeNames", mapOf(text())} }
func values() field {
	return field{"ExpressionAttributeValues", mapOf(attributeValue())}
}

func expressionText(name string) field { return field{name, text()} }

func comparisonOperator() *shape {
	return oneOf("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS")
}

func expected() field {
	return field{"Expected", mapOf(structure("ExpectedAttributeValue",
		field{"AttributeValueList", listOf(attributeValue())},
		field{"ComparisonOperator", comparisonOperator()},
		field{"Exists", boolean()},
		field{"Value", attributeValue()},
	))}
}

// conditions is one of the maps of conditions on attributes that expressions
// have replaced.
func conditions(name string) field {
	return field{name, mapOf(structure("Condition",
		field{"AttributeValueList", listOf(attributeValue())},
		field{"ComparisonOperator", comparisonOperator().must()},
	))}
}

func (m *model) items() {
	m.getItem = structure("GetItemInput",
		attributesToGet(),
		returnConsumedCapacity(),
		key(),
		table(),
		field{"ConsistentRead", boolean()},
		expressionText("ProjectionExpression"),
		names(),
	)
	m.putItem = structure("PutItemInput",
		returnConsumedCapacity(),
		table(),
		field{"Item", item().must()},
		conditionalOperator(),
		expected(),
		returnValues(),
		returnItemCollectionMetrics(),
		expressionText("ConditionExpression"),
		values(),
		names(),
		returnOldOnFailure(),
	)
	m.updateItem = structure("UpdateItemInput",
		returnConsumedCapacity(),
		table(),
		returnItemCollectionMetrics(),
		returnValues(),
		key(),
		conditionalOperator(),
		expected(),
		field{"AttributeUpdates", mapOf(structure("AttributeValueUpdate",
			field{"Action", oneOf("ADD", "DELETE", "PUT")},
			field{"Value", attributeValue()},
		))},
		expressionText("ConditionExpression"),
		expressionText("UpdateExpression"),
		values(),
		names(),
		returnOldOnFailure(),
	)
	m.deleteItem = structure("DeleteItemInput",
		returnConsumedCapacity(),
		table(),
		returnValues(),
		returnItemCollectionMetrics(),
		key(),
		conditionalOperator(),
		expected(),
		expressionText("ConditionExpression"),
		values(),
		names(),
		returnOldOnFailure(),
	)
}

func (m *model) pages() {
	selected := field{"Select", oneOf("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")}
	m.query = structure("QueryInput",
		selected,
		field{"IndexName", indexName()},
		returnConsumedCapacity(),
		conditions("QueryFilter"),
		table(),
		conditionalOperator(),
		attributesToGet(),
		field{"Limit", integer().atLeast(1).tersely()},
		conditions("KeyConditions"),
		field{"ExclusiveStartKey", item()},
		field{"ConsistentRead", boolean()},
		field{"ScanIndexForward", boolean()},
		expressionText("KeyConditionExpression"),
		expressionText("FilterExpression"),
		expressionText("ProjectionExpression"),
		values(),
		names(),
	)
	m.scan = structure("ScanInput",
		selected,
		field{"IndexName", indexName()},
		field{"TotalSegments", integer().atLeast(1).atMost(1000000)},
		returnConsumedCapacity(),
		table(),
		conditionalOperator(),
		conditions("ScanFilter"),
		field{"Segment", integer().atLeast(0).atMost(999999)},
		field{"Limit", integer().atLeast(1)},
		attributesToGet(),
		field{"ExclusiveStartKey", item()},
		field{"ConsistentRead", boolean()},
		expressionText("FilterExpression"),
		expressionText("ProjectionExpression"),
		values(),
		names(),
	)
}

func (m *model) batches() {
	get := mapOf(structure("KeysAndAttributes",
		field{"Keys", listOf(item()).must().atLeast(1).atMost(100).tersely()},
		attributesToGet(),
		field{"ConsistentRead", boolean()},
		expressionText("ProjectionExpression"),
		names(),
	)).must()
	get.keyNames = true
	m.batchGetItem = structure("BatchGetItemInput", returnConsumedCapacity(), field{"RequestItems", get})

	write := mapOf(listOf(structure("WriteRequest",
		field{"DeleteRequest", structure("DeleteRequest", key())},
		field{"PutRequest", structure("PutRequest", field{"Item", item().must()})},
	))).must()
	write.keyNames, write.minValue, write.maxValue = true, 1, 25
	m.batchWriteItem = structure("BatchWriteItemInput",
		returnConsumedCapacity(),
		returnItemCollectionMetrics(),
		field{"RequestItems", write},
	)
}

func clientRequestToken() field {
	return field{"ClientRequestToken", text().atLeast(1).atMost(36)}
}

func (m *model) transactions() {
	m.transactGetItems = structure("TransactGetItemsInput",
		returnConsumedCapacity(),
		field{"TransactItems", listOf(structure("TransactGetItem",
			field{"Get", structure("Get",
				key(),
				table(),
				expressionText("ProjectionExpression"),
				names(),
			).must()},
		)).must().atLeast(1).atMost(100)},
	)
	condition := expressionText("ConditionExpression")
	m.transactWriteItems = structure("TransactWriteItemsInput",
		returnConsumedCapacity(),
		returnItemCollectionMetrics(),
		clientRequestToken(),
		field{"TransactItems", listOf(structure("TransactWriteItem",
			field{"ConditionCheck", structure("ConditionCheck",
				key(),
				table(),
				field{"ConditionExpression", text().must()},
				names(), values(), returnOldOnFailure(),
			)},
			field{"Put", structure("Put",
				field{"Item", item().must()},
				table(),
				condition, names(), values(), returnOldOnFailure(),
			)},
			field{"Delete", structure("Delete",
				key(),
				table(),
				condition, names(), values(), returnOldOnFailure(),
			)},
			field{"Update", structure("Update",
				key(),
				field{"UpdateExpression", text().must()},
				table(),
				condition, names(), values(), returnOldOnFailure(),
			)},
		)).must().atLeast(1).atMost(100)},
	)
}

func keySchema(types ...string) field {
	keyType := text()
	if types != nil {
		keyType = oneOf(types...)
	}
	return field{"KeySchema", listOf(structure("KeySchemaElement",
		field{"AttributeName", text().must()},
		field{"KeyType", keyType.must()},
	)).must().atLeast(1).atMost(2)}
}

func throughput() field {
	return field{"ProvisionedThroughput", structure("ProvisionedThroughput",
		field{"WriteCapacityUnits", long().must().atLeast(1)},
		field{"ReadCapacityUnits", long().must().atLeast(1)},
	)}
}

func projection() field {
	return field{"Projection", structure("Projection",
		field{"ProjectionType", oneOf("ALL", "INCLUDE", "KEYS_ONLY")},
		field{"NonKeyAttributes", listOf(text().atLeast(1).atMost(255)).atLeast(1)},
	).must()}
}

func attributeDefinitions() *shape {
	return listOf(structure("AttributeDefinition",
		field{"AttributeName", text().must()},
		field{"AttributeType", oneOf("B", "N", "S").must()},
	))
}

func streamSpecification() field {
	return field{"StreamSpecification", structure("StreamSpecification",
		field{"StreamEnabled", boolean().must()},
		field{"StreamViewType", oneOf("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")},
	)}
}

func encryption() field {
	return field{"SSESpecification", structure("SSESpecification",
		field{"Enabled", boolean()},
		field{"SSEType", oneOf("AES256", "KMS")},
		field{"KMSMasterKeyId", text()},
	)}
}

func tags() *shape {
	return listOf(structure("Tag",
		field{"Key", text().must().atLeast(1).atMost(128)},
		field{"Value", text().must().atLeast(0).atMost(256)},
	))
}

func (m *model) tables() {
	billing := field{"BillingMode", oneOf("PROVISIONED", "PAY_PER_REQUEST")}
	class := field{"TableClass", oneOf("STANDARD", "STANDARD_INFREQUENT_ACCESS")}
	index := func(name string, more ...field) *shape {
		return structure(name, append([]field{{"IndexName", indexName().must()}, keySchema(), projection()}, more...)...)
	}
	m.createTable = structure("CreateTableInput",
		field{"AttributeDefinitions", attributeDefinitions().must()},
		field{"TableName", newTableName()},
		billing,
		throughput(),
		keySchema("HASH", "RANGE"),
		field{"GlobalSecondaryIndexes", listOf(index("GlobalSecondaryIndex", throughput()))},
		field{"LocalSecondaryIndexes", listOf(index("LocalSecondaryIndex"))},
		streamSpecification(),
		encryption(),
		field{"Tags", tags()},
		class,
		field{"DeletionProtectionEnabled", boolean()},
	)
	must := throughput()
	must.shape = must.shape.must()
	m.updateTable = structure("UpdateTableInput",
		field{"TableName", ownTableName()},
		field{"AttributeDefinitions", attributeDefinitions()},
		throughput(),
		billing,
		field{"GlobalSecondaryIndexUpdates", listOf(structure("GlobalSecondaryIndexUpdate",
			field{"Update", structure("UpdateGlobalSecondaryIndexAction",
				field{"IndexName", indexName().must()}, must)},
			field{"Create", structure("CreateGlobalSecondaryIndexAction",
				projection(), field{"IndexName", indexName().must()}, throughput(), keySchema())},
			field{"Delete", structure("DeleteGlobalSecondaryIndexAction",
				field{"IndexName", indexName().must()})},
		))},
		streamSpecification(),
		encryption(),
		field{"ReplicaUpdates", listOf(structure("ReplicationGroupUpdate"))},
		class,
		field{"DeletionProtectionEnabled", boolean()},
	)
	m.listTables = structure("ListTablesInput",
		field{"Limit", integer().atLeast(1).atMost(100)},
		field{"ExclusiveStartTableName", indexName()},
	)
}

func (m *model) resources() {
	m.updateTimeToLive = structure("UpdateTimeToLiveInput",
		field{"TableName", ownTableName()},
		field{"TimeToLiveSpecification", structure("TimeToLiveSpecification",
			field{"Enabled", boolean().must()},
			field{"AttributeName", text().must().atLeast(1).atMost(255)},
		).must()},
	)
	// What is wrong with a resource comes before what is wrong with its tags, so
	// these are checked by the operations.
	arn := field{"ResourceArn", text()}
	m.tagResource = structure("TagResourceInput", arn, field{"Tags", listOf(structure("Tag",
		field{"Key", text()}, field{"Value", text()}))})
	m.untagResource = structure("UntagResourceInput", arn, field{"TagKeys", listOf(text())})
	m.listTagsOfResource = structure("ListTagsOfResourceInput", arn, field{"NextToken", text()})
}

func (m *model) statements() {
	statement := field{"Statement", text().must().atLeast(1).atMost(8192)}
	parameters := field{"Parameters", listOf(attributeValue()).atLeast(1)}
	m.executeStatement = structure("ExecuteStatementInput",
		statement, parameters,
		field{"ConsistentRead", boolean()},
		field{"NextToken", text().atLeast(1).atMost(32768)},
		returnConsumedCapacity(),
		field{"Limit", integer().atLeast(1)},
		returnOldOnFailure(),
	)
	m.batchExecuteStatement = structure("BatchExecuteStatementInput",
		field{"Statements", listOf(structure("BatchStatementRequest",
			statement, parameters,
			field{"ConsistentRead", boolean()},
			returnOldOnFailure(),
		)).must().atLeast(1).atMost(25)},
		returnConsumedCapacity(),
	)
	m.executeTransaction = structure("ExecuteTransactionInput",
		field{"TransactStatements", listOf(structure("ParameterizedStatement",
			statement, parameters, returnOldOnFailure(),
		)).must().atLeast(1).atMost(100)},
		clientRequestToken(),
		returnConsumedCapacity(),
	)
}
