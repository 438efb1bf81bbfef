package document

import (
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// dynamoDB reads a document for DynamoDB.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-dynamodb.html
func (d *decoder) dynamoDB() (Document, error) {
	name, err := d.required("operation")
	if err != nil {
		return nil, err
	}
	switch name {
	case "GetItem":
		return d.getItem()
	case "PutItem":
		return d.putItem()
	case "UpdateItem":
		return d.updateItem()
	case "DeleteItem":
		return d.deleteItem()
	case "Query":
		return d.query()
	case "Scan":
		return d.scan()
	case "BatchGetItem", "BatchPutItem", "BatchDeleteItem", "TransactGetItems", "TransactWriteItems":
		if d.templateVersion == Version2018 {
			return d.severalItems(name)
		}
	case "Sync":
		if d.versioned && d.templateVersion == Version2018 {
			return d.sync()
		}
		return nil, unsupportedOperation(name)
	}
	if d.versioned {
		return nil, unsupportedVersioned(name)
	}
	return nil, unsupportedOperation(name)
}

// severalItems reads a document for several items, which only version
// 2018-05-29 has. Versioned data sources take those that read.
func (d *decoder) severalItems(name string) (Document, error) {
	switch name {
	case "BatchGetItem":
		return d.batchGetItem()
	case "TransactGetItems":
		return d.transactGetItems()
	}
	if d.versioned {
		return nil, unsupportedVersioned(name)
	}
	switch name {
	case "BatchPutItem":
		return d.batchPutItem()
	case "BatchDeleteItem":
		return d.batchDeleteItem()
	}
	return d.transactWriteItems()
}

func (d *decoder) getItem() (Document, error) {
	out := &GetItem{Version: d.templateVersion}
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "key":
			out.Key, err = optionalItem(v)
		case "consistentRead":
			out.ConsistentRead, err = optionalBool(v, false)
		case "projection":
			out.Projection, err = projection(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return checked(out, out.Key)
}

// checked refuses a document without a key.
func checked(out Document, key *attribute.Item) (Document, error) {
	if key == nil {
		return nil, notFound("key")
	}
	return out, nil
}

func (d *decoder) putItem() (Document, error) {
	out := &PutItem{Version: d.templateVersion}
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "key":
			out.Key, err = optionalItem(v)
		case "attributeValues":
			out.Attributes, err = optionalItem(v)
		case "condition":
			out.Condition, err = condition(v)
		default:
			err = d.versionedField(&out.Versioned, name, v)
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	if out.Attributes == nil {
		out.Attributes = &attribute.Item{}
	}
	return checked(out, out.Key)
}

func (d *decoder) updateItem() (Document, error) {
	out := &UpdateItem{Version: d.templateVersion}
	var update *Expression
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "key":
			out.Key, err = optionalItem(v)
		case "update":
			update, err = expression(v)
		case "condition":
			out.Condition, err = condition(v)
		default:
			err = d.versionedField(&out.Versioned, name, v)
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	if out.Key != nil && update == nil {
		return nil, notFound("update")
	}
	if update != nil {
		out.Update = *update
	}
	return checked(out, out.Key)
}

func (d *decoder) deleteItem() (Document, error) {
	out := &DeleteItem{Version: d.templateVersion}
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "key":
			out.Key, err = optionalItem(v)
		case "condition":
			out.Condition, err = condition(v)
		default:
			err = d.versionedField(&out.Versioned, name, v)
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return checked(out, out.Key)
}

// versionedField reads the fields of writes to versioned data sources; plain
// data sources know none of them.
func (d *decoder) versionedField(out *Versioned, name string, v any) (err error) {
	if !d.versioned {
		return unsupportedElement()
	}
	switch name {
	case "_version":
		out.ItemVersion, err = optionalInteger(v)
	case "customPartitionKey":
		out.CustomPartitionKey, err = optionalString(v)
	case "populateIndexFields":
		out.PopulateIndexFields, err = optionalBool(v, false)
	default:
		err = unsupportedElement()
	}
	return err
}

func (d *decoder) query() (Document, error) {
	out := &Query{Version: d.templateVersion, ScanIndexForward: true}
	var query *Expression
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "query":
			query, err = expression(v)
		case "filter":
			out.Filter, err = expression(v)
		case "index":
			out.Index, err = optionalString(v)
		case "limit":
			out.Limit, err = optionalInteger(v)
		case "nextToken":
			out.NextToken, err = optionalString(v)
		case "scanIndexForward":
			out.ScanIndexForward, err = optionalBool(v, true)
		case "consistentRead":
			out.ConsistentRead, err = optionalBool(v, false)
		case "select":
			out.Select, err = selection(v)
		case "projection":
			out.Projection, err = projection(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	if query == nil {
		return nil, notFound("query")
	}
	out.Query = *query
	return out, nil
}

func (d *decoder) scan() (Document, error) {
	out := &Scan{Version: d.templateVersion}
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "filter":
			out.Filter, err = expression(v)
		case "index":
			out.Index, err = optionalString(v)
		case "limit":
			out.Limit, err = optionalInteger(v)
		case "nextToken":
			out.NextToken, err = optionalString(v)
		case "consistentRead":
			out.ConsistentRead, err = optionalBool(v, false)
		case "select":
			out.Select, err = selection(v)
		case "segment":
			out.Segment, err = optionalInteger(v)
		case "totalSegments":
			out.TotalSegments, err = optionalInteger(v)
		case "projection":
			out.Projection, err = projection(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	switch {
	case out.Segment != nil && out.TotalSegments == nil:
		return nil, notFound("totalSegments")
	case out.Segment == nil && out.TotalSegments != nil:
		return nil, notFound("segment")
	}
	return out, nil
}

func selection(v any) (string, error) {
	s, err := optionalString(v)
	if err != nil {
		return "", err
	}
	switch s {
	case "":
		if v == nil {
			return "", nil
		}
	case "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES":
		return s, nil
	}
	return "", badValue(s, "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES")
}

// expression reads {expression, expressionNames?, expressionValues?}.
func expression(v any) (*Expression, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := &Expression{}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		if err := expressionField(out, name, v); err != nil {
			return nil, under(err, name)
		}
	}
	return out, needsExpression(m)
}

func needsExpression(m *value.Map) error {
	if m.Value("expression") == nil {
		return notFound("expression")
	}
	return nil
}

func expressionField(out *Expression, name string, v any) (err error) {
	switch name {
	case "expression":
		out.Expression, err = optionalString(v)
	case "expressionNames":
		out.Names, err = expressionNames(v)
	case "expressionValues":
		out.Values, err = expressionValues(v)
	default:
		err = unsupportedElement()
	}
	return err
}

func expressionNames(v any) (map[string]string, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := make(map[string]string, m.Len())
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		s, ok := v.(string)
		if !ok {
			return nil, under(wrongType("string", v), name)
		}
		out[name] = s
	}
	return out, nil
}

func expressionValues(v any) (map[string]attribute.Value, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := make(map[string]attribute.Value, m.Len())
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		typed, err := typedValue(v, 0)
		if err != nil {
			return nil, under(err, name)
		}
		out[name] = typed
	}
	return out, nil
}

// projection reads {expression, expressionNames?}.
func projection(v any) (*Projection, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := &Projection{}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		switch name {
		case "expression":
			out.Expression, err = optionalString(v)
		case "expressionNames":
			out.Names, err = expressionNames(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return out, needsExpression(m)
}

// condition reads the condition of a write: an expression, and what follows
// when it fails.
func condition(v any) (*Condition, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := &Condition{ConsistentRead: true, Strategy: StrategyReject}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		switch name {
		case "equalsIgnore":
			out.EqualsIgnore, err = textList(v)
		case "consistentRead":
			out.ConsistentRead, err = optionalBool(v, true)
		case "conditionalCheckFailedHandler":
			err = out.failedHandler(v)
		default:
			err = expressionField(&out.Expression, name, v)
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return out, needsExpression(m)
}

func textList(v any) ([]string, error) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.(*value.List)
	if !ok {
		return nil, wrongType("array", v)
	}
	out := make([]string, len(list.Items))
	for i, item := range list.Items {
		s, ok := item.(string)
		if !ok {
			return nil, underIndex(wrongType("string", item), i)
		}
		out[i] = s
	}
	return out, nil
}

// failedHandler reads {strategy, lambdaArn?}: the function goes with the custom
// strategy, and only with it.
func (c *Condition) failedHandler(v any) error {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return err
	}
	strategy := ""
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		switch name {
		case "strategy":
			strategy, err = optionalString(v)
		case "lambdaArn":
			c.LambdaARN, err = optionalString(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return under(err, name)
		}
	}
	switch c.Strategy = Strategy(strategy); c.Strategy {
	case StrategyCustom:
		if c.LambdaARN == "" {
			return notFound("lambdaArn")
		}
	case StrategyReject:
		if c.LambdaARN != "" {
			return under(unsupportedElement(), "lambdaArn")
		}
	case "":
		return notFound("strategy")
	default:
		return under(badValue(strategy, string(StrategyReject), string(StrategyCustom)), "strategy")
	}
	return nil
}
