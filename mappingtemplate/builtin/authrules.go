package builtin

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// AuthRules is $util.authRules, which AWS does not document. Amplify's templates
// for models on SQL databases describe the roles of a model as a list of rules
// and ask it whether the caller plays one of them. What the rules mean is what
// Amplify's templates for DynamoDB do for the same roles without it.
//
// See: https://github.com/aws-amplify/amplify-category-api/tree/main/packages/amplify-graphql-auth-transformer/src/vtl-generator/rds
type AuthRules Util

// Property finds nothing: the family has only methods.
func (a *AuthRules) Property(string) (any, bool) { return nil, false }

// Invoke asks about the caller. The answer of validateUsingSource is a Boolean,
// that of the others a map: authorized and, where it applies, authorizedInput or
// authFilter. A rule that makes no sense allows nothing.
func (a *AuthRules) Invoke(name string, args []any) (any, bool, error) {
	for _, arg := range args {
		if err := Bounded(arg); err != nil {
			return fail(err)
		}
	}
	rules, ok := arg(args, 0).(*value.List)
	if !ok && arg(args, 0) != nil {
		return notFound()
	}
	switch {
	case name == "mutationAuth" && len(args) == 4:
		operation, _, ok1 := text(args[1])
		input, ok2 := args[2].(*value.Map)
		existing, ok3 := args[3].(*value.Map)
		if !ok1 || !ok2 && args[2] != nil || !ok3 && args[3] != nil {
			return notFound()
		}
		return found(a.caller(rules).mutation(operation, input, existing))
	case name == "queryAuth" && len(args) == 1:
		return found(a.caller(rules).read((*authRule).queryFilters))
	case name == "subscriptionAuth" && len(args) == 1:
		return found(a.caller(rules).read((*authRule).subscriptionFilters))
	case name == "validateUsingSource" && len(args) == 2:
		source, ok := args[1].(*value.Map)
		if !ok && args[1] != nil {
			return notFound()
		}
		return found(a.caller(rules).owns(source))
	}
	return notFound()
}

// caller is who made the request, with the rules of its authorization mode.
type caller struct {
	identity *value.Map
	claims   *value.Map
	rules    []*authRule
	// roleArns are the Cognito roles that rules name; an administrator has
	// another.
	roleArns []string
}

func (a *AuthRules) caller(rules *value.List) *caller {
	c := &caller{}
	c.identity, _ = a.env.Identity.(*value.Map)
	c.claims, _ = c.identity.Value("claims").(*value.Map)
	mode := AuthType(a.env.Identity)
	for i := 0; i < rules.Len(); i++ {
		m, ok := rules.Items[i].(*value.Map)
		if !ok || providerMode(m.Value("provider")) != mode {
			continue
		}
		c.rules = append(c.rules, &authRule{caller: c, Map: m})
		if arn, ok := scalarText(m.Value("roleArn")); ok {
			c.roleArns = append(c.roleArns, arn)
		}
	}
	return c
}

// providerMode returns the $util.authType of a rule's provider.
func providerMode(provider any) string {
	switch provider {
	case "apiKey":
		return authAPIKey
	case "iam":
		return authIAM
	case "userPools":
		return authUserPool
	case "oidc":
		return authOIDC
	case "function":
		return authLambda
	}
	return ""
}

// mutation says whether the caller may write every field of the input. On create
// it fills in the owner fields that the input does not name.
func (c *caller) mutation(operation string, input, existing *value.Map) *value.Map {
	record := existing
	authorized := value.NewMap(0)
	if input != nil {
		authorized, _ = value.DeepCopy(input).(*value.Map)
	}
	switch operation {
	case "create":
		record = authorized
	case "update", "delete":
	default:
		return value.MapOf("authorized", false)
	}
	matched, everything := false, false
	allowed := make(map[string]bool)
	for _, r := range c.rules {
		if !r.allows(record) && (operation != "create" || !r.fillOwner(authorized)) {
			continue
		}
		matched = true
		fields, ok := items(r.Value("allowedFields"))
		if !ok {
			everything = true
		}
		for _, f := range fields {
			if name, ok := f.(string); ok {
				allowed[name] = true
			}
		}
	}
	for name := range input.All() {
		if !everything && !allowed[name] {
			matched = false
		}
	}
	if !matched {
		return value.MapOf("authorized", false)
	}
	return value.MapOf("authorized", true, "authorizedInput", authorized)
}

// read says whether the caller may read all, or what matches a filter, or
// nothing.
func (c *caller) read(filters func(*authRule) []any) *value.Map {
	var alternatives []any
	for _, r := range c.rules {
		if r.allowsAll() {
			return value.MapOf("authorized", true)
		}
		alternatives = append(alternatives, filters(r)...)
	}
	if len(alternatives) == 0 {
		return value.MapOf("authorized", false)
	}
	return value.MapOf("authorized", true, "authFilter", single("or", value.NewList(alternatives...)))
}

// owns says whether the caller may read a record.
func (c *caller) owns(record *value.Map) bool {
	for _, r := range c.rules {
		if r.allows(record) {
			return true
		}
	}
	return false
}

// groups returns the caller's groups in a claim, which is a list, the JSON text
// of one, or one name.
func (c *caller) groups(claim string) []any {
	v := c.claims.Value(claim)
	if s, ok := v.(string); ok {
		if list, err := value.ParseJSON(s); err == nil {
			v = list
		}
		if _, ok := v.(*value.List); !ok {
			v = value.NewList(s)
		}
	}
	list, _ := items(v)
	names := make([]any, 0, len(list))
	for _, item := range list {
		if name, ok := scalarText(item); ok && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// ownerClaim returns the text of a claim that names the caller.
func (c *caller) ownerClaim(name string) (string, bool) {
	s, ok := scalarText(c.claims.Value(name))
	if !ok && name == "username" {
		return scalarText(c.claims.Value("cognito:username"))
	}
	return s, ok
}

const (
	claimDelimiter = "::"
	// defaultOwnerClaim is what a rule means that names no claim.
	defaultOwnerClaim = "sub::username"
	defaultGroupClaim = "cognito:groups"
)

// authRule is a rule that applies to the caller's authorization mode.
type authRule struct {
	*value.Map
	caller *caller
}

func (r *authRule) string(name string) string {
	s, _ := r.Value(name).(string)
	return s
}

// allowsAll says whether the caller plays the rule's role whatever the record.
func (r *authRule) allowsAll() bool {
	iam := r.string("provider") == "iam"
	switch r.string("type") {
	case "public":
		return r.string("provider") == "apiKey" || iam && r.hasRole()
	case "private":
		switch r.string("provider") {
		case "userPools", "oidc":
			return true
		}
		return iam && (r.hasRole() || r.isSignedIn())
	case "custom":
		return r.string("provider") == "function"
	case "admin":
		return iam && r.isAdmin()
	case "groups":
		allowed, _ := items(r.Value("allowedGroups"))
		return intersect(texts(allowed), r.groups())
	}
	return false
}

// allows says whether the caller plays the rule's role for a record.
func (r *authRule) allows(record *value.Map) bool {
	if r.allowsAll() {
		return true
	}
	switch r.string("type") {
	case "owner":
		_, all := r.owners()
		return intersect(r.fieldValues(record, "ownerField"), all)
	case "groups":
		return intersect(r.fieldValues(record, "groupsField"), r.groups())
	}
	return false
}

// fillOwner makes the caller the owner in an input that says nothing of owners.
func (r *authRule) fillOwner(input *value.Map) bool {
	field := r.string("ownerFieldName")
	owner, all := r.owners()
	if r.string("type") != "owner" || field == "" || len(all) == 0 || input.Has(field) {
		return false
	}
	if r.isList("ownerField") {
		input.Set(field, value.NewList(owner))
	} else {
		input.Set(field, owner)
	}
	return true
}

// queryFilters returns the filters that select the records of the rule's role.
func (r *authRule) queryFilters() []any {
	var filters []any
	switch r.string("type") {
	case "owner":
		operator := "eq"
		if r.isList("ownerField") {
			operator = "contains"
		}
		_, all := r.owners()
		if len(all) == 0 {
			// Without one claim the others still select.
			for _, name := range r.claimNames() {
				if claim, ok := r.caller.ownerClaim(name); ok {
					all = append(all, claim)
				}
			}
		}
		for _, owner := range all {
			filters = r.addFilter(filters, "ownerField", operator, owner)
		}
	case "groups":
		groups := r.groups()
		if !r.isList("groupsField") {
			if len(groups) > 0 {
				filters = r.addFilter(filters, "groupsField", "in", value.NewList(groups...))
			}
			break
		}
		for _, group := range groups {
			filters = r.addFilter(filters, "groupsField", "contains", group)
		}
	}
	return filters
}

// subscriptionFilters returns the filters that select the events of the rule's
// role. An event shows of an owner only the last claim.
func (r *authRule) subscriptionFilters() []any {
	switch r.string("type") {
	case "owner":
		_, all := r.owners()
		if len(all) == 0 {
			return nil
		}
		operator := "eq"
		if r.isList("ownerField") {
			operator = "contains"
		}
		return r.addFilter(nil, "ownerField", operator, all[len(all)-1])
	case "groups":
		groups := r.groups()
		if len(groups) == 0 {
			return nil
		}
		operator := "in"
		if r.isList("groupsField") {
			operator = "containsAny"
		}
		return r.addFilter(nil, "groupsField", operator, value.NewList(groups...))
	}
	return nil
}

// addFilter adds a condition on the field that the rule names under kind, which
// is "ownerField" or "groupsField".
func (r *authRule) addFilter(filters []any, kind, operator string, operand any) []any {
	field := r.string(kind + "Name")
	if field == "" {
		return filters
	}
	return append(filters, single(field, single(operator, operand)))
}

func (r *authRule) isList(kind string) bool { return r.string(kind+"Type") == "string[]" }

// fieldValues returns the owners or groups that a record names.
func (r *authRule) fieldValues(record *value.Map, kind string) []any {
	field := r.string(kind + "Name")
	if field == "" {
		return nil
	}
	v := record.Value(field)
	if r.isList(kind) {
		list, _ := items(v)
		return texts(list)
	}
	return texts([]any{v})
}

func (r *authRule) groups() []any {
	claim := r.string("groupClaim")
	if claim == "" {
		claim = defaultGroupClaim
	}
	return r.caller.groups(claim)
}

func (r *authRule) claimNames() []string {
	claim := r.string("identityClaim")
	if claim == "" {
		claim = defaultOwnerClaim
	}
	return strings.Split(claim, claimDelimiter)
}

// owners returns the name under which the caller owns records, and all names
// that are its own, in the order of the claims. There is none unless the caller
// has every claim.
func (r *authRule) owners() (owner string, all []any) {
	names := r.claimNames()
	claims := make([]string, len(names))
	for i, name := range names {
		var ok bool
		if claims[i], ok = r.caller.ownerClaim(name); !ok {
			return "", nil
		}
	}
	owner = strings.Join(claims, claimDelimiter)
	all = append(all, owner)
	if len(claims) > 1 {
		for _, claim := range claims {
			all = append(all, claim)
		}
	}
	return owner, all
}

// hasRole says whether the caller has the Cognito role of the rule.
func (r *authRule) hasRole() bool {
	arn := r.string("roleArn")
	return arn != "" && r.caller.identity.Value("userArn") == arn
}

// isSignedIn says whether the caller is a signed-in user of the rule's identity
// pool.
func (r *authRule) isSignedIn() bool {
	pool := r.string("cognitoIdentityPoolId")
	return pool != "" && r.caller.identity.Value("cognitoIdentityPoolId") == pool &&
		r.caller.identity.Value("cognitoIdentityAuthType") == "authenticated"
}

// isAdmin says whether the caller's ARN names one of the rule's roles; a strict
// rule gives whole ARNs.
func (r *authRule) isAdmin() bool {
	arn, _ := r.caller.identity.Value("userArn").(string)
	for _, role := range r.caller.roleArns {
		if arn == role {
			return false
		}
	}
	roles, _ := items(r.Value("roles"))
	for _, v := range roles {
		role, _ := v.(string)
		switch {
		case role == "":
		case role == arn, r.Value("strict") != true && strings.Contains(arn, role):
			return true
		}
	}
	return false
}

// scalarText returns the text by which a template compares a scalar.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return value.ToString(v), true
	}
	if isNumber(v) {
		return value.ToString(v), true
	}
	return "", false
}

// texts returns the texts of the scalars in a list.
func texts(list []any) []any {
	var out []any
	for _, v := range list {
		if s, ok := scalarText(v); ok {
			out = append(out, s)
		}
	}
	return out
}

func intersect(a, b []any) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	seen := make(map[any]bool, len(a))
	for _, v := range a {
		seen[v] = true
	}
	for _, v := range b {
		if seen[v] {
			return true
		}
	}
	return false
}
