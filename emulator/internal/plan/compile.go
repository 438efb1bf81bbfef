package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
)

// Options are what an API's configuration says about queries. The zero value
// is AppSync's default.
type Options struct {
	// IntrospectionDisabled is introspectionConfig DISABLED.
	//
	// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-best-practices.html
	IntrospectionDisabled bool
	// CacheSize bounds the plans that a Cache keeps; 0 means 1000.
	CacheSize int
	// CacheText bounds the bytes of query text that a Cache keeps; 0 means
	// 16 MiB.
	CacheText int
}

// Compile parses, validates and compiles one operation of query text. An empty
// operationName chooses the only one. What is wrong with the text is a Failure;
// the Failure is nil when the Plan is not.
func Compile(s *schema.Schema, query, operationName string, opt Options) (*Plan, *Failure) {
	doc, ok := parse(query)
	if !ok {
		return nil, malformed()
	}
	op, failure := doc.operation(operationName)
	if failure != nil {
		return nil, failure
	}
	meta := newMetaFields(s, opt)
	if failure := validate(s, doc, meta); failure != nil {
		return nil, failure
	}
	if op == nil {
		// Without an operation any fragment is unused, which is an error.
		return nil, malformed()
	}
	root := rootType(s, op.Operation)
	if root == nil {
		return nil, noRootType(op)
	}
	c := &compiler{schema: s, doc: doc, meta: meta}
	return c.compile(op, root)
}

// noRootType refuses an operation of a kind that the schema lacks.
//
// Recorded: aws-samples/aws-mobile-appsync-chat-starter-angular#21.
func noRootType(op *ast.OperationDefinition) *Failure {
	what := "root query"
	switch op.Operation {
	case ast.Mutation:
		what = "mutations"
	case ast.Subscription:
		what = "subscriptions"
	}
	return refused("Schema is not configured for "+what+".", locate(op.Position))
}

// compiler turns a valid operation into a Plan.
type compiler struct {
	schema *schema.Schema
	doc    *document
	meta   *metaFields
	slots  map[string]int
	// fields and collected count what was built and looked at.
	fields, collected int
	tooLarge          bool
}

func (c *compiler) compile(op *ast.OperationDefinition, root *schema.Type) (*Plan, *Failure) {
	p := &Plan{Kind: Query, Name: op.Name, none: &Variables{}}
	switch op.Operation {
	case ast.Mutation:
		p.Kind = Mutation
	case ast.Subscription:
		p.Kind = Subscription
	}
	c.variables(p, op.VariableDefinitions)
	p.Root = c.selectionSet(root, []occurrence{{node: &ast.Field{SelectionSet: op.SelectionSet}}}, 1)
	if c.tooLarge {
		return nil, tooLarge()
	}
	return p, nil
}
