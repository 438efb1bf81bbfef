package versioned

import "appsync-emulator/storage/attribute"

// Decision tells what became of one write, and why.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
type Decision struct {
	// Time is the _lastChangedAt of the write, in milliseconds; that of the clock
	// when nothing was written.
	Time      int64
	Table     string
	Key       *attribute.Item
	Operation Operation
	Strategy  Strategy
	// Sent is the _version of the request, invalid when it had none.
	Sent attribute.Value
	// Stored is the version that was found and Written the one that took its
	// place; 0 is none.
	Stored, Written int64
	// Conflict tells that the versions differed.
	Conflict bool
	Rule     Rule
	// Attempts counts the calls of the Lambda function.
	Attempts int
	// Attributes are what a merge did with each attribute that it looked at.
	Attributes []AttributeDecision
	// Err is what the caller was answered.
	Err error
}

// Rule is what decided a write.
type Rule string

// The rules.
const (
	RuleCreated         Rule = "created"           // there was no item
	RuleAbsent          Rule = "absent"            // there was no item to delete
	RuleNoDetection     Rule = "no detection"      // the resolver detects no conflicts
	RuleVersionNotSent  Rule = "version not sent"  // the request has no _version
	RuleVersionMatches  Rule = "version matches"   // it has the stored one
	RuleRejected        Rule = "rejected"          // optimistic concurrency, or a delete under a merge
	RuleMerged          Rule = "merged"            // Automerge
	RuleResolved        Rule = "resolved"          // the Lambda function gave an item
	RuleRemoved         Rule = "removed"           // the Lambda function lets the delete pass
	RuleHandlerRejected Rule = "handler rejected"  // the Lambda function keeps the stored item
	RuleHandlerFailed   Rule = "handler failed"    // it gave no answer that means something
	RuleAttemptsUsedUp  Rule = "attempts used up"  // the item changed all the time
	RuleConditionFailed Rule = "condition failed"  // the caller's condition
	RuleRefused         Rule = "refused"           // a request that cannot be carried out
	RuleDeltaWrite      Rule = "delta write error" // the delta table refused the record
	RuleStoreFailed     Rule = "store failed"      // an error of the store
)

// AttributeAction is what a merge did with one attribute, in AppSync's words but
// for Replaced and Removed, which only FieldLevel does.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
type AttributeAction string

// The actions.
const (
	Added    AttributeAction = "ADDED"
	Rejects  AttributeAction = "REJECTED"
	Appended AttributeAction = "APPENDED"
	Merged   AttributeAction = "MERGED"
	Replaced AttributeAction = "REPLACED"
	Removed  AttributeAction = "REMOVED"
)

// AttributeDecision is the action on the attribute at a path such as "a.b".
type AttributeDecision struct {
	Path   string
	Action AttributeAction
}
