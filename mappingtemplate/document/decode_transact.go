package document

import "appsync-emulator/mappingtemplate/value"

// transactItems reads the items of a transaction, one by one in their order.
func (d *decoder) transactItems(item func(m *value.Map) error) error {
	v, err := d.only("transactItems")
	if err != nil {
		return err
	}
	list, ok := v.(*value.List)
	if !ok {
		return under(wrongType("array", v), "transactItems")
	}
	if len(list.Items) == 0 {
		return under(empty(), "transactItems")
	}
	for i, v := range list.Items {
		m, ok := v.(*value.Map)
		if !ok {
			err = wrongType("object", v)
		} else {
			err = item(m)
		}
		if err != nil {
			return under(underIndex(err, i), "transactItems")
		}
	}
	return nil
}

func (d *decoder) transactGetItems() (Document, error) {
	out := &TransactGetItems{Version: d.templateVersion}
	err := d.transactItems(func(m *value.Map) error {
		get, err := transactGet(m)
		out.Items = append(out.Items, get)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// transactGet reads {table, key, projection?}.
func transactGet(m *value.Map) (TransactGet, error) {
	var out TransactGet
	for i := 0; i < m.Len(); i++ {
		var err error
		name, v := m.NameAt(i)
		switch name {
		case "table":
			out.Table, err = optionalString(v)
		case "key":
			out.Key, err = optionalItem(v)
		case "projection":
			out.Projection, err = projection(v)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return out, under(err, name)
		}
	}
	return out, needs(m, "table", "key")
}

// needs refuses an object without one of the named fields.
func needs(m *value.Map, names ...string) error {
	for _, name := range names {
		if m.Value(name) == nil {
			return notFound(name)
		}
	}
	return nil
}

func (d *decoder) transactWriteItems() (Document, error) {
	out := &TransactWriteItems{Version: d.templateVersion}
	err := d.transactItems(func(m *value.Map) error {
		write, err := transactWrite(m)
		out.Items = append(out.Items, write)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// transactWrite reads one action. The operation decides which fields there are.
func transactWrite(m *value.Map) (TransactWrite, error) {
	var out TransactWrite
	v := m.Value("operation")
	if v == nil {
		return out, notFound("operation")
	}
	operation, ok := v.(string)
	if !ok {
		return out, under(wrongType("string", v), "operation")
	}
	needed := []string{"table", "key"}
	switch out.Operation = TransactOperation(operation); out.Operation {
	case TransactPut, TransactDelete:
	case TransactUpdate:
		needed = append(needed, "update")
	case TransactCheck:
		needed = append(needed, "condition")
	default:
		return out, unsupportedOperation(operation)
	}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		if err := out.field(name, v); err != nil {
			return out, under(err, name)
		}
	}
	return out, needs(m, needed...)
}

func (w *TransactWrite) field(name string, v any) (err error) {
	switch {
	case name == "operation":
	case name == "table":
		w.Table, err = optionalString(v)
	case name == "key":
		w.Key, err = optionalItem(v)
	case name == "condition":
		w.Condition, err = transactCondition(v)
	case name == "attributeValues" && w.Operation == TransactPut:
		w.Attributes, err = optionalItem(v)
	case name == "update" && w.Operation == TransactUpdate:
		var update *Expression
		if update, err = expression(v); update != nil {
			w.Update = *update
		}
	default:
		err = unsupportedElement()
	}
	return err
}

// transactCondition reads an expression and
// returnValuesOnConditionCheckFailure, which is true by default.
func transactCondition(v any) (*TransactCondition, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	out := &TransactCondition{ReturnValues: true}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		if name == "returnValuesOnConditionCheckFailure" {
			out.ReturnValues, err = optionalBool(v, true)
		} else {
			err = expressionField(&out.Expression, name, v)
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return out, needsExpression(m)
}
