package idp

import (
	"maps"
	"slices"
)

// groupInput names a group.
type groupInput struct {
	UserPoolId string
	GroupName  string
}

func (in *groupInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	v.name("groupName", in.GroupName)
}

// groupType is Cognito's GroupType.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
type groupType struct {
	GroupName        string
	UserPoolId       string
	Description      string `json:",omitempty"`
	RoleArn          string `json:",omitempty"`
	Precedence       *int   `json:",omitempty"`
	LastModifiedDate timestamp
	CreationDate     timestamp
}

func (g *group) asType(pool *pool) groupType {
	return groupType{
		GroupName: g.Name, UserPoolId: pool.ID, Description: g.Description, RoleArn: g.RoleARN, Precedence: g.Precedence,
		LastModifiedDate: timestamp(g.Modified), CreationDate: timestamp(g.Created),
	}
}

// groupAnswer is the answer about one group.
type groupAnswer struct{ Group groupType }

type describedGroupInput struct {
	groupInput
	Description *string
	RoleArn     *string
	Precedence  *int
}

func (in *describedGroupInput) check(v *violations) {
	in.groupInput.check(v)
	if in.Description != nil {
		v.length("description", *in.Description, 2048)
	}
	if in.Precedence != nil && *in.Precedence < 0 {
		v.add("", "precedence", "Member must have value greater than or equal to 0")
	}
}

// describe puts what is said into a group.
func (in *describedGroupInput) describe(g *group) {
	if in.Description != nil {
		g.Description = *in.Description
	}
	if in.RoleArn != nil {
		g.RoleARN = *in.RoleArn
	}
	if in.Precedence != nil {
		g.Precedence = in.Precedence
	}
}

// createGroup is CreateGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
func (c *call) createGroup(in *describedGroupInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g := &group{Name: in.GroupName, Created: c.now, Modified: c.now}
	in.describe(g)
	err = c.update(pool, func(d *data) error {
		if d.Groups[g.Name] != nil {
			return errGroupExists
		}
		d.Groups[g.Name] = g
		return nil
	})
	if err != nil {
		return nil, err
	}
	return groupAnswer{g.asType(pool)}, nil
}

// updateGroup is UpdateGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html
func (c *call) updateGroup(in *describedGroupInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var out groupAnswer
	err = c.update(pool, func(d *data) error {
		known := d.Groups[in.GroupName]
		if known == nil {
			return errGroup
		}
		g := *known
		g.Modified = c.now
		in.describe(&g)
		d.Groups[g.Name] = &g
		out.Group = g.asType(pool)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// group finds a group.
func (c *call) group(in *groupInput) (*pool, *data, *group, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, nil, nil, err
	}
	d := c.read(pool)
	g := d.Groups[in.GroupName]
	if g == nil {
		return nil, nil, nil, errGroup
	}
	return pool, d, g, nil
}

// getGroup is GetGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetGroup.html
func (c *call) getGroup(in *groupInput) (any, error) {
	pool, _, g, err := c.group(in)
	if err != nil {
		return nil, err
	}
	return groupAnswer{g.asType(pool)}, nil
}

// deleteGroup is DeleteGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteGroup.html
func (c *call) deleteGroup(in *groupInput) (any, error) {
	pool, _, _, err := c.group(in)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.update(pool, func(d *data) error {
		if d.Groups[in.GroupName] == nil {
			return errGroup
		}
		delete(d.Groups, in.GroupName)
		for name, known := range d.Users {
			if slices.Contains(known.Groups, in.GroupName) {
				u := known.clone()
				u.Groups = slices.DeleteFunc(u.Groups, func(g string) bool { return g == in.GroupName })
				d.Users[name] = u
			}
		}
		return nil
	})
}

type listGroupsInput struct {
	UserPoolId string
	Limit      *int
	NextToken  string
}

func (in *listGroupsInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	checkLimit(v, in.Limit)
}

// groupsAnswer is the answer about several groups.
type groupsAnswer struct {
	Groups    []groupType
	NextToken string `json:",omitempty"`
}

// pageOfGroups answers with the groups of some names, which are in ascending order.
func pageOfGroups(pool *pool, d *data, names []string, limit *int, token string) (any, error) {
	names, next, err := page(names, limit, token)
	if err != nil {
		return nil, err
	}
	out := groupsAnswer{make([]groupType, len(names)), next}
	for i, name := range names {
		out.Groups[i] = d.Groups[name].asType(pool)
	}
	return out, nil
}

// listGroups is ListGroups.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListGroups.html
func (c *call) listGroups(in *listGroupsInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	d := c.read(pool)
	return pageOfGroups(pool, d, slices.Sorted(maps.Keys(d.Groups)), in.Limit, in.NextToken)
}

type listMembersInput struct {
	groupInput
	Limit     *int
	NextToken string
}

func (in *listMembersInput) check(v *violations) {
	in.groupInput.check(v)
	checkLimit(v, in.Limit)
}

// listUsersInGroup is ListUsersInGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsersInGroup.html
func (c *call) listUsersInGroup(in *listMembersInput) (any, error) {
	_, d, g, err := c.group(&in.groupInput)
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(d.usernames(), func(name string) bool { return !slices.Contains(d.Users[name].Groups, g.Name) })
	names, next, err := page(names, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := struct {
		NextToken string `json:",omitempty"`
		Users     []userType
	}{next, make([]userType, len(names))}
	for i, name := range names {
		out.Users[i] = d.Users[name].asType()
	}
	return out, nil
}

type membershipInput struct {
	namedInput
	GroupName string
}

func (in *membershipInput) check(v *violations) {
	in.namedInput.check(v)
	v.name("groupName", in.GroupName)
}

// adminAddUserToGroup is AdminAddUserToGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminAddUserToGroup.html
func (c *call) adminAddUserToGroup(in *membershipInput) (any, error) {
	pool, _, known, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.updateUser(pool, known.Username, func(d *data, u *user) error {
		if d.Groups[in.GroupName] == nil {
			return errGroup
		}
		if !slices.Contains(u.Groups, in.GroupName) {
			u.Groups = append(u.Groups, in.GroupName)
		}
		return nil
	})
}

// adminRemoveUserFromGroup is AdminRemoveUserFromGroup.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRemoveUserFromGroup.html
func (c *call) adminRemoveUserFromGroup(in *membershipInput) (any, error) {
	pool, _, known, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	return nothing{}, c.updateUser(pool, known.Username, func(d *data, u *user) error {
		if d.Groups[in.GroupName] == nil {
			return errGroup
		}
		u.Groups = slices.DeleteFunc(u.Groups, func(g string) bool { return g == in.GroupName })
		return nil
	})
}

type userGroupsInput struct {
	namedInput
	Limit     *int
	NextToken string
}

func (in *userGroupsInput) check(v *violations) {
	in.namedInput.check(v)
	checkLimit(v, in.Limit)
}

// adminListGroupsForUser is AdminListGroupsForUser.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html
func (c *call) adminListGroupsForUser(in *userGroupsInput) (any, error) {
	pool, d, u, err := c.named(&in.namedInput)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(u.Groups))
	for _, g := range d.groupsOf(u) {
		names = append(names, g.Name)
	}
	slices.Sort(names)
	return pageOfGroups(pool, d, names, in.Limit, in.NextToken)
}
