package partiql

import (
	"context"
	"errors"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// write is a statement that changes, or checks, one item: exactly one of the
// inputs is set.
type write struct {
	put    *storage.PutItemInput
	update *storage.UpdateItemInput
	remove *storage.DeleteItemInput
	check  *storage.ConditionCheck
}

// incompleteKeyError is a write whose WHERE clause does not name one item.
type incompleteKeyError struct{ message string }

func (e *incompleteKeyError) Error() string { return e.message }

// newWrite translates an INSERT, UPDATE, DELETE or EXISTS. A WHERE clause that
// does not name one item is an *incompleteKeyError.
func newWrite(s *Statement, args *arguments, table *storage.TableDescription) (*write, error) {
	w := newWriter(args)
	if s.kind == Insert {
		item, err := args.item(s.item)
		if err != nil {
			return nil, err
		}
		in := &storage.PutItemInput{Table: s.table, Item: item}
		w.attribute(table.Key.Partition.Name, false)
		in.Expr.Condition = w.take()
		w.fill(&in.Expr)
		return &write{put: in}, nil
	}
	key, rest, conflict, err := (&planner{table.Key, args}).single(s.where)
	if err != nil {
		return nil, err
	}
	switch {
	case s.kind == Exists && (!complete(key, table.Key) || len(rest) == 0):
		return nil, &storage.ValidationError{Message: msgExistsCondition}
	case s.kind == Exists:
	case !complete(key, table.Key):
		return nil, &incompleteKeyError{msgIncompleteKey}
	case conflict != "":
		return nil, &incompleteKeyError{strings.Replace(msgConflictingKey, "%s", conflict, 1)}
	}
	var expr storage.Expressions
	if s.kind == Update {
		if err := w.actions(s.actions); err != nil {
			return nil, err
		}
		expr.Update = w.take()
	}
	if err := w.writeCondition(s.kind, table.Key.Partition.Name, rest); err != nil {
		return nil, err
	}
	expr.Condition = w.take()
	w.fill(&expr)
	switch s.kind {
	case Update:
		return &write{update: &storage.UpdateItemInput{Table: s.table, Key: key, Expr: expr, ReturnValues: s.returning}}, nil
	case Delete:
		return &write{remove: &storage.DeleteItemInput{Table: s.table, Key: key, Expr: expr, ReturnValues: s.returning}}, nil
	default:
		return &write{check: &storage.ConditionCheck{Table: s.table, Key: key, Expr: expr}}, nil
	}
}

// writeCondition writes what must hold of the item. UPDATE and EXISTS need one;
// DELETE is content when there is none.
func (w *writer) writeCondition(kind Kind, partition string, rest []*node) error {
	condition := joined(opAnd, rest)
	if kind == Delete {
		if condition == nil {
			return nil
		}
		w.attribute(partition, false)
		w.write(" OR ")
		return w.term(condition)
	}
	w.attribute(partition, true)
	if condition == nil {
		return nil
	}
	w.write(" AND ")
	return w.term(condition)
}

// actions writes an update expression: PartiQL's clauses in any order become the
// four of DynamoDB.
func (w *writer) actions(actions []updateAction) error {
	var clauses [4]strings.Builder
	words := [...]string{"SET ", "REMOVE ", "ADD ", "DELETE "}
	for _, a := range actions {
		clause := 0
		w.path(a.path)
		switch {
		case a.value == nil:
			clause = 1
		case a.value.op == opCall && (a.value.name == "set_add" || a.value.name == "set_delete"):
			set, err := w.setOperand(a)
			if err != nil {
				return err
			}
			if clause = 2; a.value.name == "set_delete" {
				clause = 3
			}
			w.write(" ")
			w.value(set)
		default:
			w.write(" = ")
			if err := w.assigned(a.value); err != nil {
				return err
			}
		}
		b := &clauses[clause]
		if b.Len() > 0 {
			b.WriteString(", ")
		} else {
			b.WriteString(words[clause])
		}
		b.WriteString(w.take())
	}
	for i := range clauses {
		if clauses[i].Len() == 0 {
			continue
		}
		if w.text.Len() > 0 {
			w.write(" ")
		}
		w.write(clauses[i].String())
	}
	return nil
}

// setOperand returns the set that set_add and set_delete take.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
func (w *writer) setOperand(a updateAction) (attribute.Value, error) {
	call := a.value
	name := strings.ToUpper(call.name)
	if len(call.args) != 2 {
		return attribute.Value{}, syntaxErrorAt(w.args.text, call.token, name+" must have exactly two arguments")
	}
	if !equalPaths(a.path, call.args[0]) {
		return attribute.Value{}, syntaxErrorAt(w.args.text, call.token, "The first argument to "+name+" must equal the assignment value")
	}
	if call.args[1].isValue() {
		set, err := w.args.value(call.args[1])
		if err != nil || set.Kind().ElemKind() != attribute.Invalid {
			return set, err
		}
	}
	return attribute.Value{}, syntaxErrorAt(w.args.text, call.args[0].token, "The second argument to "+name+" must be a value with type SET")
}

// assigned writes what SET stores at a path.
func (w *writer) assigned(n *node) error {
	switch {
	case n.op == opSum:
		return w.operandsOf(n.args, w.summand, "", " "+n.name+" ", "")
	case n.op == opCall && n.name == "list_append":
		if len(n.args) != 2 {
			return syntaxErrorAt(w.args.text, n.token, "LIST_APPEND must have exactly two arguments")
		}
		return w.operandsOf(n.args, w.summand, "list_append(", ", ", ")")
	default:
		return w.summand(n)
	}
}

// summand writes a path, a value, or a list_append of those.
func (w *writer) summand(n *node) error {
	switch {
	case n.op == opPath:
		w.path(n)
		return nil
	case n.op == opCall && n.name == "list_append":
		return w.assigned(n)
	case n.op == opCall:
		return syntaxErrorAt(w.args.text, n.token, msgUnknownFunction+n.name)
	case n.op == opSum:
		return syntaxErrorAt(w.args.text, n.token, "Unsupported operator: "+n.name)
	}
	v, err := w.args.value(n)
	if err != nil {
		return err
	}
	w.value(v)
	return nil
}

// operandsOf writes operands with what stands before, between and behind them.
func (w *writer) operandsOf(args []*node, operand func(*node) error, before, between, behind string) error {
	w.write(before)
	for i, arg := range args {
		if i > 0 {
			w.write(between)
		}
		if err := operand(arg); err != nil {
			return err
		}
	}
	w.write(behind)
	return nil
}

// key returns the key of the item that is written; that of an item that lacks a
// key attribute is incomplete.
func (w *write) key(schema storage.KeySchema) *attribute.Item {
	switch {
	case w.update != nil:
		return w.update.Key
	case w.remove != nil:
		return w.remove.Key
	case w.check != nil:
		return w.check.Key
	}
	key := &attribute.Item{}
	for _, part := range []*storage.KeyAttribute{&schema.Partition, schema.Sort} {
		if part != nil && w.put.Item.Has(part.Name) {
			key.Set(part.Name, w.put.Item.Get(part.Name))
		}
	}
	return key
}

// run makes a write that is no check.
func (w *write) run(ctx context.Context, store storage.Store, report storage.Report) (*Output, error) {
	var done *storage.WriteOutput
	var err error
	switch {
	case w.put != nil:
		w.put.Report = report
		done, err = store.PutItem(ctx, w.put)
		if failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); ok {
			err = &storage.DuplicateItemError{Item: failed.Item}
		}
	case w.update != nil:
		w.update.Report = report
		done, err = store.UpdateItem(ctx, w.update)
	default:
		w.remove.Report = report
		done, err = store.DeleteItem(ctx, w.remove)
	}
	if err != nil {
		return nil, err
	}
	out := &Output{Items: []*attribute.Item{}, Capacity: done.Capacity}
	if done.Attributes.Len() > 0 {
		out.Items = append(out.Items, done.Attributes)
	}
	return out, nil
}
