package idp

import (
	"strconv"
	"time"

	"appsync-emulator/emulator/internal/project"
)

type listPoolsInput struct {
	MaxResults *int
	NextToken  string
}

func (in *listPoolsInput) check(v *violations) {
	switch {
	case in.MaxResults == nil:
		v.need("maxResults", "")
	case *in.MaxResults < 1 || *in.MaxResults > maxPage:
		v.add("'"+strconv.Itoa(*in.MaxResults)+"' ", "maxResults", "Member must have value between 1 and 60")
	}
}

// listUserPools is ListUserPools.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPools.html
func (c *call) listUserPools(*listPoolsInput) (any, error) {
	type description struct{ Id, Name string }
	out := struct{ UserPools []description }{[]description{}}
	for _, p := range c.pools {
		if c.only == nil || c.only == p {
			out.UserPools = append(out.UserPools, description{p.ID, p.ID})
		}
	}
	return out, nil
}

type poolInput struct{ UserPoolId string }

func (in *poolInput) check(v *violations) { v.need("userPoolId", in.UserPoolId) }

// describeUserPool is DescribeUserPool.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
func (c *call) describeUserPool(in *poolInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	type policy struct {
		MinimumLength                 int
		RequireLowercase              bool
		RequireNumbers                bool
		RequireSymbols                bool
		RequireUppercase              bool
		TemporaryPasswordValidityDays int
	}
	type policies struct{ PasswordPolicy policy }
	type described struct {
		Id, Name               string
		AliasAttributes        []string `json:",omitempty"`
		UsernameAttributes     []string `json:",omitempty"`
		AutoVerifiedAttributes []string `json:",omitempty"`
		EstimatedNumberOfUsers int
		MfaConfiguration       string
		Policies               policies
	}
	p := pool.PasswordPolicy
	return struct{ UserPool described }{described{
		Id: pool.ID, Name: pool.ID,
		AliasAttributes: pool.AliasAttributes, UsernameAttributes: pool.UsernameAttributes,
		AutoVerifiedAttributes: pool.AutoVerifiedAttributes,
		EstimatedNumberOfUsers: len(c.read(pool).Users),
		MfaConfiguration:       "OFF",
		Policies: policies{policy{
			p.MinimumLength, p.RequireLowercase, p.RequireNumbers, p.RequireSymbols, p.RequireUppercase, p.TemporaryValidityInDays,
		}},
	}}, nil
}

// listUserPoolClients is ListUserPoolClients: those that the project lists.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClients.html
func (c *call) listUserPoolClients(in *poolInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	type description struct{ ClientId, ClientName, UserPoolId string }
	out := struct{ UserPoolClients []description }{[]description{}}
	for _, client := range pool.Clients {
		out.UserPoolClients = append(out.UserPoolClients, description{client.ID, client.ID, pool.ID})
	}
	return out, nil
}

type poolClientInput struct{ UserPoolId, ClientId string }

func (in *poolClientInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	v.need("clientId", in.ClientId)
}

// describeUserPoolClient is DescribeUserPoolClient.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
func (c *call) describeUserPoolClient(in *poolClientInput) (any, error) {
	pool, err := c.userPool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	client := pool.client(in.ClientId)
	if client == nil {
		return nil, notFound("User pool client %s does not exist.", in.ClientId)
	}
	return struct{ UserPoolClient clientType }{clientTypeOf(pool, client)}, nil
}

type validityUnits struct{ AccessToken, IdToken, RefreshToken string }

type clientType struct {
	UserPoolId, ClientName, ClientId                           string
	ClientSecret                                               string   `json:",omitempty"`
	ExplicitAuthFlows                                          []string `json:",omitempty"`
	AccessTokenValidity, IdTokenValidity, RefreshTokenValidity int64
	TokenValidityUnits                                         validityUnits
	PreventUserExistenceErrors                                 string
	EnableTokenRevocation                                      bool
}

func clientTypeOf(pool *pool, client *project.UserPoolClient) clientType {
	const unit = "seconds"
	out := clientType{
		UserPoolId: pool.ID, ClientName: client.ID, ClientId: client.ID, ClientSecret: client.Secret,
		ExplicitAuthFlows:          client.AuthFlows,
		AccessTokenValidity:        int64(client.AccessTokenValidity / time.Second),
		IdTokenValidity:            int64(client.IDTokenValidity / time.Second),
		RefreshTokenValidity:       int64(client.RefreshTokenValidity / time.Second),
		TokenValidityUnits:         validityUnits{unit, unit, unit},
		PreventUserExistenceErrors: "LEGACY",
		EnableTokenRevocation:      true,
	}
	if client.HideUnknownUsers {
		out.PreventUserExistenceErrors = "ENABLED"
	}
	return out
}
