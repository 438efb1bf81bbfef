package dynamodbapi

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"appsync-emulator/storage"
)

// The forms of the ARNs of resources: what is no ARN of anything is nobody's to
// touch, what is none of a table is refused.
var (
	anyARN   = regexp.MustCompile(`^.+:.+:.+:.+:.+:.+/.+$`)
	tableARN = regexp.MustCompile(`^arn:aws[a-z-]*:dynamodb:.+:\d+:table/[^/]{2}[^/]+$`)
)

// maxTags is how many tags a table has at most.
const maxTags = 50

// resource returns the table that ResourceArn names, after DynamoDB's checks.
// list is the parameter with what to change, "" for none.
func (h *Handler) resource(in *value, action, list, empty string) (string, error) {
	arn := in.get("ResourceArn")
	if !arn.given {
		return "", validationError("Invalid TableArn")
	}
	if action == "TagResource" && arn.text != "" && !anyARN.MatchString(arn.text) {
		// Newer than what the other operations are known to do.
		// Recorded: nubo-db/dynamodb-conformance tier2/tags.
		return "", invalidARN(arn.text)
	}
	if !anyARN.MatchString(arn.text) {
		return "", h.unauthorized(action, cmp.Or(arn.text, "*"))
	}
	if list != "" && !in.has(list) {
		return "", validationf("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", below("", list))
	}
	if !tableARN.MatchString(arn.text) {
		return "", invalidARN(arn.text)
	}
	if account := strings.Split(arn.text, ":")[4]; account != h.opt.AccountID {
		return "", h.unauthorized(action, arn.text)
	}
	if list != "" && len(in.get(list).list) == 0 {
		return "", validationError(empty)
	}
	return arn.text[strings.LastIndexByte(arn.text, '/')+1:], nil
}

func invalidARN(arn string) error {
	return validationError("Invalid TableArn: Invalid ResourceArn provided as input " + arn)
}

// unauthorized refuses what is nobody's, or another account's.
func (h *Handler) unauthorized(action, resource string) error {
	return accessDenied("User: arn:aws:iam::" + h.opt.AccountID + ":root is not authorized to perform: dynamodb:" + action + " on resource: " + resource)
}

// noResource is err in the words of operations on resources.
func noResource(err error, message string) error {
	var missing *storage.ResourceNotFoundError
	if errors.As(err, &missing) {
		return notFound(message)
	}
	return err
}

func resourceMissing(in *value) string {
	// The misspelling is DynamoDB's.
	return "Requested resource not found: ResourcArn: " + in.get("ResourceArn").text + " not found"
}

// tagResource answers TagResource.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
func (h *Handler) tagResource(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	table, err := h.resource(in, "TagResource", "Tags", "Atleast one Tag needs to be provided as Input.")
	if err != nil {
		return nil, err
	}
	// The constraints on tags are those that CreateTable has.
	var c checker
	c.check(in.get("Tags"), tags(), "", "Tags")
	if err := c.err(); err != nil {
		return nil, err
	}
	given := in.get("Tags")
	err = h.store.UpdateTable(ctx, table, storage.TableUpdate{Settings: func(s *storage.TableSettings) error {
		all := maps.Clone(s.Tags)
		if all == nil {
			all = map[string]string{}
		}
		for i := range given.list {
			all[given.list[i].get("Key").text] = given.list[i].get("Value").text
		}
		if len(all) > maxTags {
			return &storage.LimitExceededError{Message: "Subscriber limit exceeded: the number of tags exceeds the limit of 50"}
		}
		s.Tags = all
		return nil
	}})
	return dst, noResource(err, resourceMissing(in))
}

// untagResource answers UntagResource.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
func (h *Handler) untagResource(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	table, err := h.resource(in, "UntagResource", "TagKeys", "Atleast one Tag Key needs to be provided as Input.")
	if err != nil {
		return nil, err
	}
	err = h.store.UpdateTable(ctx, table, storage.TableUpdate{Settings: func(s *storage.TableSettings) error {
		s.Tags = maps.Clone(s.Tags)
		for _, key := range in.get("TagKeys").texts() {
			delete(s.Tags, key)
		}
		return nil
	}})
	return dst, noResource(err, "Requested resource not found")
}

// listTagsOfResource answers ListTagsOfResource. All tags fit into one page.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
func (h *Handler) listTagsOfResource(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	table, err := h.resource(in, "ListTagsOfResource", "", "")
	if err != nil {
		return nil, err
	}
	d, err := h.store.DescribeTable(ctx, table)
	if err != nil {
		return nil, noResource(err, resourceMissing(in))
	}
	dst = append(dst, `{"Tags":[`...)
	for i, key := range slices.Sorted(maps.Keys(d.Settings.Tags)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendTextMember(dst, "Key", key)
		dst = appendTextMember(dst, "Value", d.Settings.Tags[key])
		dst = append(dst, '}')
	}
	return append(dst, ']', '}'), nil
}

// describeLimits answers DescribeLimits with the quotas of a new account.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
func (h *Handler) describeLimits(_ context.Context, _ *value, dst []byte) ([]byte, error) {
	return append(dst, `{"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,"TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000}`...), nil
}

// describeEndpoints answers DescribeEndpoints: the endpoint is where the request
// came to.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
func (h *Handler) describeEndpoints(ctx context.Context, _ *value, dst []byte) ([]byte, error) {
	host, _ := ctx.Value(hostKey{}).(string)
	dst = append(dst, `{"Endpoints":[{"Address":`...)
	dst = appendText(dst, host)
	return append(dst, `,"CachePeriodInMinutes":1440}]}`...), nil
}
