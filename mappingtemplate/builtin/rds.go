package builtin

import (
	"appsync-emulator/mappingtemplate/value"
)

// RDS is $util.rds: from the raw text of the RDS Data API to rows.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/rds-helpers-in-util-rds.html
type RDS Util

// Property finds nothing: the family has only methods.
func (r *RDS) Property(string) (any, bool) { return nil, false }

// Invoke converts a result. Text that is no such result yields null.
func (r *RDS) Invoke(name string, args []any) (any, bool, error) {
	if len(args) != 1 || name != "toJsonObject" && name != "toJsonString" {
		return notFound()
	}
	s, null, ok := text(args[0])
	if !ok {
		return notFound()
	}
	if null {
		return found(nil)
	}
	parsed, err := value.ParseJSON(s)
	if err != nil {
		return found(nil)
	}
	m, _ := parsed.(*value.Map)
	statements, ok := m.Value("sqlStatementResults").(*value.List)
	if !ok {
		return found(nil)
	}
	out := &value.List{Items: make([]any, 0, len(statements.Items))}
	for _, st := range statements.Items {
		m, _ := st.(*value.Map)
		out.Append(rows(m))
	}
	// Rows repeat the labels of their columns, so that a short text can become a
	// long one.
	if name == "toJsonString" {
		s, err := toJSON(out)
		if err != nil {
			return fail(err)
		}
		return found(s)
	}
	return found(out)
}

// rows returns the rows of one statement, as maps of column label to value. A
// column that is null has no key, and a statement that returned no records has
// one empty row, as recorded from AppSync (localstack/appsync-utils,
// resolvers.test.js.snap, "toJsonObject" and "toJsonObject insert or update").
func rows(statement *value.Map) *value.List {
	records, ok := statement.Value("records").(*value.List)
	if !ok {
		return value.NewList(&value.Map{})
	}
	columns, _ := statement.Value("columnMetadata").(*value.List)
	out := &value.List{Items: make([]any, 0, len(records.Items))}
	for _, rec := range records.Items {
		fields, _ := rec.(*value.List)
		row := value.NewMap(fields.Len())
		for i := 0; i < fields.Len() && i < columns.Len(); i++ {
			column, _ := columns.Items[i].(*value.Map)
			name, ok := column.Value("label").(string)
			if !ok {
				if name, ok = column.Value("name").(string); !ok {
					continue
				}
			}
			field, _ := fields.Items[i].(*value.Map)
			if v := fieldValue(field); v != nil {
				row.Set(name, v)
			}
		}
		out.Append(row)
	}
	return out
}

// fieldValue unpacks a Field or an ArrayValue of the RDS Data API.
//
// See: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_Field.html
func fieldValue(field *value.Map) any {
	if field.Value("isNull") == true {
		return nil
	}
	for name, v := range field.All() {
		switch name {
		case "stringValue", "longValue", "doubleValue", "booleanValue", "blobValue",
			"stringValues", "longValues", "doubleValues", "booleanValues":
			return v
		case "arrayValue":
			inner, _ := v.(*value.Map)
			return fieldValue(inner)
		case "arrayValues":
			list, _ := v.(*value.List)
			out := &value.List{}
			for i := 0; i < list.Len(); i++ {
				inner, _ := list.Items[i].(*value.Map)
				out.Append(fieldValue(inner))
			}
			return out
		}
	}
	return nil
}
