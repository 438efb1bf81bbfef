package expression

import "strings"

// The texts below are DynamoDB's, but for msgPathDepth, of which no record is
// public. Those about one expression are prefixed with its parameter, as in
// "Invalid FilterExpression: ...".
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
const (
	msgEmpty              = "The expression can not be empty;"
	msgRedundantParens    = "The expression has redundant parentheses;"
	msgSize               = "Expression size has exceeded the maximum allowed size; expression size: "
	msgReserved           = "Attribute name is a reserved keyword; reserved keyword: "
	msgUnknownFunction    = "Invalid function name; function: "
	msgMisusedFunction    = "The function is not allowed to be used this way in an expression; function: "
	msgNotInCondition     = "The function is not allowed in a condition expression; function: "
	msgNotInUpdate        = "The function is not allowed in an update expression; function: "
	msgUndefinedName      = "An expression attribute name used in the document path is not defined; attribute name: "
	msgUndefinedValue     = "An expression attribute value used in expression is not defined; attribute value: "
	msgOperandCount       = "Incorrect number of operands for operator or function; operator or function: "
	msgOperandType        = "Incorrect operand type for operator or function; operator or function: "
	msgActionOperandType  = "Incorrect operand type for operator or function; operator: "
	msgNeedsPath          = "Operator or function requires a document path; operator or function: "
	msgNotDistinct        = "The first operand must be distinct from the remaining operands for this operator or function; operator: "
	msgTypeName           = "Invalid attribute type name found; type: "
	msgTypeNames          = ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
	msgTooManyIn          = "The IN operator is provided with too many operands; number of operands: "
	msgOperators          = "The expression contains too many operators; operator count: "
	msgPathDepth          = "The document path has too many nesting elements; nesting levels: "
	msgBetweenTypes       = "The BETWEEN operator requires same data type for lower and upper bounds; "
	msgBetweenOrder       = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
	msgInvalidKeyOperator = "Invalid operator used in KeyConditionExpression: "
	msgInvalidKeyUse      = "Invalid condition in KeyConditionExpression: "
	msgInvalidParameter   = "One or more parameter values were invalid: "
	msgScalarKey          = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
)

// The refusals that depend on the item.
var (
	errInvalidPath      = &Error{"The document path provided in the update expression is invalid for update"}
	errMissingAttribute = &Error{"The provided expression refers to an attribute that does not exist in the item"}
	errOperandType      = &Error{"An operand in the update expression has an incorrect data type"}
)

// grammar is one of the five kinds of expressions.
type grammar uint8

const (
	conditionGrammar grammar = iota
	filterGrammar
	keyConditionGrammar
	updateGrammar
	projectionGrammar
)

var parameterNames = [...]string{
	conditionGrammar:    "ConditionExpression",
	filterGrammar:       "FilterExpression",
	keyConditionGrammar: "KeyConditionExpression",
	updateGrammar:       "UpdateExpression",
	projectionGrammar:   "ProjectionExpression",
}

// refuse returns the refusal of an expression of the grammar.
func (g grammar) refuse(message string) *Error {
	return &Error{"Invalid " + parameterNames[g] + ": " + message}
}

// keyList returns placeholders as DynamoDB lists them: {#a, #b}.
func keyList(keys []string) string { return "{" + strings.Join(keys, ", ") + "}" }
