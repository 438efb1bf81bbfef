package expression

import (
	"strconv"

	"appsync-emulator/storage/attribute"
)

// Update is a bound update expression. It is safe for concurrent use.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
type Update struct {
	actions []action
	paths   []Path
	values  []attribute.Value
	// targets holds the path of each action.
	targets []Path
	// nested arranges targets when one of them leads into a list or map.
	nested *pathTree
}

// newUpdate checks env's tree rule by rule, as DynamoDB does.
func newUpdate(t *tree, env *environment) (*Update, error) {
	if message := env.checkUpdate(); message != "" {
		return nil, t.grammar.refuse(message)
	}
	u := &Update{actions: t.actions, paths: env.paths, values: env.values, targets: make([]Path, len(t.actions))}
	for i, a := range t.actions {
		u.targets[i] = env.paths[a.path]
	}
	if message := checkDisjoint(u.targets); message != "" {
		return nil, t.grammar.refuse(message)
	}
	if message := env.checkActions(); message != "" {
		return nil, t.grammar.refuse(message)
	}
	if !allTopLevel(u.targets) {
		u.nested = newPathTree(u.targets)
	}
	return u, nil
}

// checkUpdate returns the message about an undefined name, or else about an
// undefined value.
func (env *environment) checkUpdate() string {
	if !env.incomplete {
		return ""
	}
	for slot := range env.paths {
		if message := env.undefinedName(slot); message != "" {
			return message
		}
	}
	for slot := range env.values {
		if message := env.undefinedValue(slot); message != "" {
			return message
		}
	}
	return ""
}

// checkActions returns the message about an operand of ADD or DELETE, or else
// about one of a function or sum.
func (env *environment) checkActions() string {
	for _, a := range env.tree.actions {
		if a.kind != actionAdd && a.kind != actionDelete {
			continue
		}
		kind := env.literalKind(a.value)
		if kind.ElemKind() == attribute.Invalid && !(a.kind == actionAdd && kind == attribute.N) {
			return msgActionOperandType + clauseNames[a.kind] + ", operand type: " + longKindName(kind)
		}
	}
	for _, a := range env.tree.actions {
		if a.kind != actionSet {
			continue
		}
		if message := env.checkSetOperands(a.value); message != "" {
			return message
		}
	}
	return ""
}

// longKindName is the name of a type in the messages about ADD and DELETE.
func longKindName(kind attribute.Kind) string {
	switch kind {
	case attribute.S:
		return "STRING"
	case attribute.N:
		return "NUMBER"
	case attribute.B:
		return "BINARY"
	case attribute.BOOL:
		return "BOOLEAN"
	case attribute.L:
		return "LIST"
	case attribute.M:
		return "MAP"
	default:
		return kind.String()
	}
}

func (env *environment) checkSetOperands(n *node) string {
	if message := firstMessage(n.args, env.checkSetOperands); message != "" {
		return message
	}
	want := attribute.Invalid
	switch n.op {
	case opAdd, opSub:
		want = attribute.N
	case opListAppend, opIfNotExists:
		if len(n.args) != functionNamed(n.name).arity {
			return msgOperandCount + n.name + ", number of operands: " + strconv.Itoa(len(n.args))
		}
		if n.op == opListAppend {
			want = attribute.L
		} else if n.args[0].op != opPath {
			return msgNeedsPath + n.name
		}
	}
	if want == attribute.Invalid {
		return ""
	}
	for _, arg := range n.args {
		if kind := env.literalKind(arg); kind != attribute.Invalid && kind != want {
			return msgOperandType + n.name + ", operand type: " + kind.String()
		}
	}
	return ""
}

// CheckKey refuses changes to the attributes of the primary key. A nil update is
// never refused. The error is an *Error.
func (u *Update) CheckKey(key Key) error {
	if u == nil {
		return nil
	}
	for _, name := range [...]string{key.Partition, key.Sort} {
		for _, target := range u.targets {
			if name != "" && target.Head() == name {
				return &Error{msgInvalidParameter + "Cannot update attribute " + name + ". This attribute is part of the key"}
			}
		}
	}
	return nil
}

// allPaths returns the paths that the update reads or writes.
func (u *Update) allPaths() []Path {
	if u == nil {
		return nil
	}
	return u.paths
}

// StaticKind returns the kind of what the update writes to the attribute name or,
// with ADD and DELETE, combines with it, as far as the request alone tells:
// Invalid when it does not, or when nothing is written there. A nil update writes
// nothing.
func (u *Update) StaticKind(name string) attribute.Kind {
	if u == nil {
		return attribute.Invalid
	}
	for i, a := range u.actions {
		if len(u.targets[i]) > 1 || u.targets[i].Head() != name || a.value == nil {
			continue
		}
		switch a.value.op {
		case opValue:
			return u.values[a.value.slot].Kind()
		case opAdd, opSub:
			return attribute.N
		case opListAppend:
			return attribute.L
		}
	}
	return attribute.Invalid
}

// Targets returns the path that each action writes, in the order of the text.
// The slice must not be changed.
func (u *Update) Targets() []Path { return u.targets }
