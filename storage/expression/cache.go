package expression

import (
	"cmp"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"appsync-emulator/storage/attribute"
)

// Cache keeps parsed expressions by their text. It is safe for concurrent use.
type Cache struct {
	trees *lru.Cache[cacheKey, *tree]
}

type cacheKey struct {
	grammar grammar
	text    string
}

// NewCache returns a cache of at most size expressions; a size below 1 is 1.
func NewCache(size int) *Cache {
	trees, err := lru.New[cacheKey, *tree](max(size, 1))
	if err != nil {
		panic(err) // a positive size is never refused
	}
	return &Cache{trees: trees}
}

func (c *Cache) parse(g grammar, text string) *tree {
	key := cacheKey{g, text}
	if t, ok := c.trees.Get(key); ok {
		return t
	}
	t := parse(g, text)
	if len(text) <= maxExpressionSize {
		c.trees.Add(key, t)
	}
	return t
}

// binding is the state of one Bind.
type binding struct {
	req   *Request
	trees [len(parameterNames)]*tree
}

// Bind parses the expressions of req, joins them with its names and values and
// checks them as DynamoDB does before it looks at any item. Table is the primary
// key of the table; index is the key that the key condition is about, nil for
// that of the table. The error is an *Error.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
func (c *Cache) Bind(req Request, table Key, index *Key) (*Bound, error) {
	bound, err := c.Parse(req)
	if err != nil {
		return nil, err
	}
	if err := bound.checkKeys(table, index); err != nil {
		return nil, err
	}
	return bound, nil
}

// Parse is Bind without what depends on a table: DynamoDB refuses all of that
// before it looks whether there is one. The caller goes on with
// KeyCondition.Bind, Update.CheckKey, Condition.CheckNoKeys and the
// CheckScalars methods. The error is an *Error.
func (c *Cache) Parse(req Request) (*Bound, error) {
	b := binding{req: &req}
	given := [...]struct {
		text    string
		present bool
	}{
		conditionGrammar:    {req.Condition, req.HasCondition},
		filterGrammar:       {req.Filter, req.HasFilter},
		keyConditionGrammar: {req.KeyCondition, req.HasKeyCondition},
		updateGrammar:       {req.Update, req.HasUpdate},
		projectionGrammar:   {req.Projection, req.HasProjection},
	}
	var present [len(parameterNames)]bool
	for g, e := range given {
		present[g] = e.text != "" || e.present
	}
	if err := b.checkPlaceholders(present); err != nil {
		return nil, err
	}

	bound := &Bound{}
	// The order is that in which DynamoDB checks the parameters.
	for _, g := range [...]grammar{updateGrammar, conditionGrammar, keyConditionGrammar, filterGrammar, projectionGrammar} {
		if !present[g] {
			continue
		}
		t := c.parse(g, given[g].text)
		if t.refusal != nil {
			return nil, t.refusal
		}
		b.trees[g] = t
		if err := b.bindTree(bound, t); err != nil {
			return nil, err
		}
	}
	if err := b.checkUnused(); err != nil {
		return nil, err
	}
	if bound.Key != nil {
		if err := bound.Key.parse(); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

// bindTree adds the bound form of t to bound. The key condition is held as a
// condition until everything has been read.
func (b *binding) bindTree(bound *Bound, t *tree) error {
	env := b.environment(t)
	switch t.grammar {
	case updateGrammar:
		u, err := newUpdate(t, env)
		bound.Update = u
		return err
	case projectionGrammar:
		p, err := newProjection(t, env)
		bound.Projection = p
		return err
	}
	condition, err := newCondition(t, env)
	if err != nil {
		return err
	}
	switch t.grammar {
	case conditionGrammar:
		bound.Condition = condition
	case filterGrammar:
		bound.Filter = condition
	case keyConditionGrammar:
		bound.Key = &KeyCondition{condition: condition}
	}
	return nil
}

// checkKeys applies the rules that know the key of the table or index.
func (b *Bound) checkKeys(table Key, index *Key) error {
	key, indexes := table, []Key(nil)
	if index != nil {
		key, indexes = *index, []Key{*index}
	}
	if b.Key != nil {
		if err := b.Key.Bind(key); err != nil {
			return err
		}
	}
	return cmp.Or(
		b.Update.CheckKey(table),
		b.Update.CheckScalars(table, indexes),
		b.Condition.CheckScalars(table, indexes),
		b.Projection.CheckScalars(table, indexes),
		b.Filter.CheckScalars(table, indexes),
	)
}

// CheckScalars refuses paths that lead into a key attribute of the table or of
// one of its indexes. A nil condition is never refused.
func (c *Condition) CheckScalars(table Key, indexes []Key) error {
	return checkScalarKeys(c.allPaths(), table, indexes)
}

// CheckScalars is that of a Condition for a projection.
func (p *Projection) CheckScalars(table Key, indexes []Key) error {
	return checkScalarKeys(p.allPaths(), table, indexes)
}

// CheckScalars is that of a Condition for the paths that an update reads or
// writes.
func (u *Update) CheckScalars(table Key, indexes []Key) error {
	return checkScalarKeys(u.allPaths(), table, indexes)
}

func checkScalarKeys(paths []Path, table Key, indexes []Key) error {
	if allTopLevel(paths) {
		return nil
	}
	if err := checkScalarKey(paths, table, "Key: "); err != nil {
		return err
	}
	for _, key := range indexes {
		if err := checkScalarKey(paths, key, "IndexKey: "); err != nil {
			return err
		}
	}
	return nil
}

// checkScalarKey refuses paths that lead into an attribute of key.
func checkScalarKey(paths []Path, key Key, label string) error {
	for _, name := range [...]string{key.Partition, key.Sort} {
		for _, p := range paths {
			if len(p) > 1 && name != "" && p.Head() == name {
				return &Error{msgScalarKey + label + name}
			}
		}
	}
	return nil
}

// checkPlaceholders checks the names and values by themselves.
func (b *binding) checkPlaceholders(present [len(parameterNames)]bool) error {
	names, values := b.req.Names, b.req.Values
	if names != nil && !slices.Contains(present[:], true) {
		return &Error{"ExpressionAttributeNames can only be specified when using expressions"}
	}
	withValues := present
	withValues[projectionGrammar] = false
	if values != nil && !slices.Contains(withValues[:], true) {
		return &Error{"ExpressionAttributeValues can only be specified when using expressions" + b.req.Operation.missingExpressions()}
	}

	if names != nil && len(names) == 0 {
		return &Error{"ExpressionAttributeNames must not be empty"}
	}
	for key := range names {
		if !isPlaceholder(key, '#') {
			return &Error{`ExpressionAttributeNames contains invalid key: Syntax error; key: "` + firstKey(names, func(k string) bool { return !isPlaceholder(k, '#') }) + `"`}
		}
	}
	if values != nil && len(values) == 0 {
		return &Error{"ExpressionAttributeValues must not be empty"}
	}
	for key := range values {
		if !isPlaceholder(key, ':') {
			return &Error{`ExpressionAttributeValues contains invalid key: Syntax error; key: "` + firstKey(values, func(k string) bool { return !isPlaceholder(k, ':') }) + `"`}
		}
	}
	for _, v := range values {
		if checkValue(v) != nil {
			key := firstKey(values, func(k string) bool { return checkValue(values[k]) != nil })
			return &Error{"ExpressionAttributeValues contains invalid value: " + checkValue(values[key]).Error() + " for key " + key}
		}
	}
	return nil
}

func checkValue(v attribute.Value) error {
	switch v.Kind() {
	case attribute.Invalid:
		return &Error{"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"}
	case attribute.L, attribute.M:
		return attribute.CheckNesting(v, 0)
	}
	return nil
}

// missingExpressions lists the expressions that could have used the values of
// an operation.
func (o Operation) missingExpressions() string {
	switch o {
	case PutItem, DeleteItem:
		return ": ConditionExpression is null"
	case UpdateItem:
		return ": UpdateExpression and ConditionExpression are null"
	case Query:
		return ": FilterExpression and KeyConditionExpression are null"
	case Scan:
		return ": FilterExpression is null"
	default:
		return ""
	}
}

// isPlaceholder reports whether key is the sign and then letters, digits and
// underscores.
func isPlaceholder(key string, sign byte) bool {
	return len(key) > 1 && key[0] == sign && wordEnd(key, 1) == len(key)
}

// firstKey returns the least key for which bad holds, so that messages do not
// depend on the order of a map.
func firstKey[V any](m map[string]V, bad func(string) bool) string {
	first, found := "", false
	for key := range m {
		if bad(key) && (!found || key < first) {
			first, found = key, true
		}
	}
	return first
}

// checkUnused refuses placeholders that no expression mentions.
func (b *binding) checkUnused() error {
	var unused []string
	for key := range b.req.Names {
		if !slices.ContainsFunc(b.trees[:], func(t *tree) bool { return t.usesName(key) }) {
			unused = append(unused, key)
		}
	}
	if len(unused) > 0 {
		slices.Sort(unused)
		return &Error{"Value provided in ExpressionAttributeNames unused in expressions: keys: " + keyList(unused)}
	}
	for key := range b.req.Values {
		if !slices.ContainsFunc(b.trees[:], func(t *tree) bool { return t.usesValue(key) }) {
			unused = append(unused, key)
		}
	}
	if len(unused) > 0 {
		slices.Sort(unused)
		return &Error{"Value provided in ExpressionAttributeValues unused in expressions: keys: " + keyList(unused)}
	}
	return nil
}

func (t *tree) usesName(key string) bool {
	if t == nil {
		return false
	}
	_, ok := t.names[key]
	return ok
}

func (t *tree) usesValue(key string) bool {
	if t == nil {
		return false
	}
	_, ok := t.valueSet[key]
	return ok
}
