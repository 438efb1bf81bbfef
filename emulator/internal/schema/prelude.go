package schema

// prelude declares the directives that every AppSync schema has. A schema that
// declares some of them itself gets these all the same.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
const prelude = `
"""Selects the field or fragment only where ` + "`if`" + ` is true."""
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"""Leaves the field or fragment out where ` + "`if`" + ` is true."""
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"""Allows the field to be delivered later. It is accepted and has no effect."""
directive @defer on FIELD
"""Opens the type or field to callers with an API key."""
directive @aws_api_key on OBJECT | FIELD_DEFINITION
"""Opens the type or field to callers that sign with IAM credentials."""
directive @aws_iam on OBJECT | FIELD_DEFINITION
"""Opens the type or field to callers with an OpenID Connect token."""
directive @aws_oidc on OBJECT | FIELD_DEFINITION
"""Opens the type or field to callers that the Lambda authorizer admits."""
directive @aws_lambda on OBJECT | FIELD_DEFINITION
"""Opens the type or field to callers with a Cognito user pools token."""
directive @aws_cognito_user_pools("""Only members of these groups.""" cognito_groups: [String]) on OBJECT | FIELD_DEFINITION
"""Restricts the field where Cognito user pools are the only authorization mode."""
directive @aws_auth("""Only members of these groups.""" cognito_groups: [String]) on FIELD_DEFINITION
"""Names the subscriptions that the mutation feeds. Superseded by @aws_subscribe."""
directive @aws_publish(subscriptions: [String]) on FIELD_DEFINITION
"""Names the mutations whose results the subscription delivers."""
directive @aws_subscribe(mutations: [String]) on FIELD_DEFINITION
"""Marks a field or enum value that clients should stop using."""
directive @deprecated("""Why, and what to use instead.""" reason: String = "No longer supported") on FIELD_DEFINITION | ENUM_VALUE | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
`

// metaTypes are the types of introspection in the form of graphql-java 9, which
// knows neither specifiedByURL nor isRepeatable.
//
// See: https://github.com/graphql-java/graphql-java/blob/v9.0/src/main/java/graphql/introspection/Introspection.java
const metaTypes = `
"""What the API offers: its types, its directives and where operations start."""
type __Schema {
	"""All types of the API."""
	types: [__Type!]!
	"""The type in which queries start."""
	queryType: __Type!
	"""The type in which mutations start, if there are any."""
	mutationType: __Type
	"""All directives of the API."""
	directives: [__Directive!]!
	"""The type in which subscriptions start, if there are any."""
	subscriptionType: __Type
}
"""A type of the API, or a list or non-null wrapper around one."""
type __Type {
	kind: __TypeKind!
	name: String
	description: String
	fields(includeDeprecated: Boolean = false): [__Field!]
	interfaces: [__Type!]
	possibleTypes: [__Type!]
	enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
	inputFields: [__InputValue!]
	ofType: __Type
}
"""A field of an object or interface."""
type __Field {
	name: String!
	description: String
	args: [__InputValue!]!
	type: __Type!
	isDeprecated: Boolean!
	deprecationReason: String
}
"""An argument, or a field of an input object."""
type __InputValue {
	name: String!
	description: String
	type: __Type!
	defaultValue: String
}
"""A value of an enum."""
type __EnumValue {
	name: String!
	description: String
	isDeprecated: Boolean!
	deprecationReason: String
}
"""A directive that documents may use."""
type __Directive {
	name: String
	description: String
	locations: [__DirectiveLocation!]
	args: [__InputValue!]!
	onOperation: Boolean @deprecated(reason: "Use ` + "`locations`" + `.")
	onFragment: Boolean @deprecated(reason: "Use ` + "`locations`" + `.")
	onField: Boolean @deprecated(reason: "Use ` + "`locations`" + `.")
}
"""The kinds of types and wrappers."""
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
"""Where a directive may stand."""
enum __DirectiveLocation {
	QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT
	SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE
	INPUT_OBJECT INPUT_FIELD_DEFINITION
}
`

// isAmplifyDirective tells the directives that Amplify's transformer takes out
// of a schema before AppSync sees it.
//
// See: https://docs.amplify.aws/gen1/javascript/build-a-backend/graphqlapi/directives-reference/
func isAmplifyDirective(name string) bool {
	switch name {
	case "model", "auth", "key", "connection", "hasMany", "hasOne", "belongsTo", "manyToMany",
		"index", "primaryKey", "function", "http", "predictions", "searchable", "versioned",
		"default", "refersTo", "mapsTo", "sql", "validate", "conversation", "generation":
		return true
	}
	return false
}
