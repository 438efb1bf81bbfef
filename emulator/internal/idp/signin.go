package idp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/idp/srp"
	"appsync-emulator/emulator/internal/project"
)

// sessionValidity is how long a step of a sign-in may take.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
const sessionValidity = 3 * time.Minute

// The names of challenges that the emulator has.
const (
	challengePassword    = "PASSWORD_VERIFIER"
	challengeNewPassword = "NEW_PASSWORD_REQUIRED"
	challengeSelect      = "SELECT_CHALLENGE"
	choicePassword       = "PASSWORD"
	choiceSRP            = "PASSWORD_SRP"
)

// authFlows are the values of AuthFlow.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
var authFlows = []string{
	"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH",
	"ADMIN_USER_PASSWORD_AUTH", "USER_AUTH",
}

// challengeNames are the values of ChallengeName.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
var challengeNames = []string{
	"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", challengePassword, "CUSTOM_CHALLENGE",
	challengeSelect, "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", challengeNewPassword, "SMS_OTP",
	choicePassword, "WEB_AUTHN", choiceSRP,
}

type initiateAuthInput struct {
	AuthFlow       string
	AuthParameters map[string]string
	ClientId       string
}

func (in *initiateAuthInput) check(v *violations) {
	v.among("authFlow", in.AuthFlow, authFlows...)
	v.need("clientId", in.ClientId)
}

type adminInitiateAuthInput struct {
	initiateAuthInput
	UserPoolId string
}

func (in *adminInitiateAuthInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	in.initiateAuthInput.check(v)
}

// authAnswer is the answer of the operations that sign in: tokens or a challenge.
type authAnswer struct {
	AuthenticationResult *authenticationResult `json:",omitempty"`
	AvailableChallenges  []string              `json:",omitempty"`
	ChallengeName        string                `json:",omitempty"`
	ChallengeParameters  map[string]string
	Session              string `json:",omitempty"`
}

// attempt is a sign-in on its way.
type attempt struct {
	*call
	pool   *pool
	client *project.UserPoolClient
	admin  bool
}

// initiateAuth is InitiateAuth.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
func (c *call) initiateAuth(in *initiateAuthInput) (any, error) {
	pool, client, err := c.clientPool(in.ClientId)
	if err != nil {
		return nil, err
	}
	return (&attempt{call: c, pool: pool, client: client}).start(in)
}

// adminInitiateAuth is AdminInitiateAuth.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
func (c *call) adminInitiateAuth(in *adminInitiateAuthInput) (any, error) {
	a, err := c.adminAttempt(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return a.start(&in.initiateAuthInput)
}

func (c *call) adminAttempt(poolID, clientID string) (*attempt, error) {
	pool, err := c.userPool(poolID)
	if err != nil {
		return nil, err
	}
	client := pool.client(clientID)
	if client == nil {
		return nil, notFound("User pool client %s does not exist.", clientID)
	}
	return &attempt{call: c, pool: pool, client: client, admin: true}, nil
}

func (a *attempt) start(in *initiateAuthInput) (any, error) {
	if err := a.permits(in.AuthFlow); err != nil {
		return nil, err
	}
	switch in.AuthFlow {
	case "USER_SRP_AUTH":
		return a.challengeSRP(in.AuthParameters)
	case "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		return a.withPassword(in.AuthParameters)
	case "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN":
		token, err := parameter(in.AuthParameters, "REFRESH_TOKEN")
		if err != nil {
			return nil, err
		}
		return a.refresh(token, in.AuthParameters["SECRET_HASH"])
	case "USER_AUTH":
		return a.choose(in.AuthParameters)
	}
	// Recorded: amazon-archives/amazon-cognito-identity-js#565.
	return nil, invalidParameter("Custom auth lambda trigger is not configured for the user pool.")
}

// permits checks that the client may use a flow, and this operation, too.
func (a *attempt) permits(flow string) error {
	if strings.HasPrefix(flow, "ADMIN_") && !a.admin {
		return invalidParameter("Initiate Auth method not supported.")
	}
	allow := "ALLOW_" + flow
	switch flow {
	case "ADMIN_NO_SRP_AUTH":
		allow = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
	case "REFRESH_TOKEN":
		allow = "ALLOW_REFRESH_TOKEN_AUTH"
	}
	switch {
	case a.client.AuthFlows == nil || slices.Contains(a.client.AuthFlows, allow):
		return nil
	case flow == "USER_SRP_AUTH":
		return invalidParameter("USER_SRP_AUTH is not enabled for the client.")
	case strings.HasPrefix(flow, "ADMIN_"):
		return invalidParameter("Auth flow not enabled for this client")
	}
	return invalidParameter("%s flow not enabled for this client", flow)
}

// parameter returns a parameter that must be there.
func parameter(parameters map[string]string, name string) (string, error) {
	if parameters[name] == "" {
		return "", invalidParameter("Missing required parameter %s", name)
	}
	return parameters[name], nil
}

// user finds who signs in. A missing user is nil where the client does not want to
// be told.
func (a *attempt) user(parameters map[string]string) (*data, *user, error) {
	username, err := parameter(parameters, "USERNAME")
	if err != nil {
		return nil, nil, err
	}
	return a.known(username, parameters)
}

// known is user for a step whose name is known already. The name that the client
// gives is one that its hash may be of.
func (a *attempt) known(username string, parameters map[string]string) (*data, *user, error) {
	d := a.read(a.pool)
	u := a.pool.find(d, username)
	names := []string{username, parameters["USERNAME"]}
	if u != nil {
		names = append(names, u.Username)
	}
	switch err := checkSecret(a.client, parameters["SECRET_HASH"], names...); {
	case err != nil:
		return nil, nil, err
	case u == nil && !a.client.HideUnknownUsers:
		return nil, nil, errUnknownUser
	case u == nil:
		return d, nil, nil
	case u.Disabled:
		return nil, nil, errDisabled
	case u.Status == project.UserResetRequired:
		return nil, nil, errReset
	}
	return d, u, nil
}

// withPassword signs in with a name and a password.
func (a *attempt) withPassword(parameters map[string]string) (any, error) {
	if _, err := parameter(parameters, "USERNAME"); err != nil {
		return nil, err
	}
	password, err := parameter(parameters, "PASSWORD")
	if err != nil {
		return nil, err
	}
	d, u, err := a.user(parameters)
	if err != nil {
		return nil, err
	}
	if u == nil || u.Verifier == nil || !u.Verifier.Matches(a.pool.name, u.Username, password) {
		return nil, errPassword
	}
	return a.proved(d, u)
}

// proof is what the secret block of a password proof holds.
type proof struct {
	Pool     string    `json:"pool"`
	Client   string    `json:"client"`
	Username string    `json:"username"`
	Public   string    `json:"a"`
	Secret   []byte    `json:"b"`
	Expires  time.Time `json:"expires"`
}

// challengeSRP begins a password proof.
func (a *attempt) challengeSRP(parameters map[string]string) (any, error) {
	if _, err := parameter(parameters, "USERNAME"); err != nil {
		return nil, err
	}
	public, err := parameter(parameters, "SRP_A")
	if err != nil {
		return nil, err
	}
	if _, err := srp.ParsePublic(public); err != nil {
		return nil, invalidParameter("Invalid SRP_A")
	}
	_, u, err := a.user(parameters)
	if err != nil {
		return nil, err
	}
	username, verifier := parameters["USERNAME"], a.noVerifier(parameters["USERNAME"])
	if u != nil {
		username = u.Username
		if u.Verifier != nil {
			verifier = *u.Verifier
		}
	}
	secret := secureBytes(32)
	block, err := seal(a.sessions, proof{
		Pool: a.pool.ID, Client: a.client.ID, Username: username, Public: public, Secret: secret,
		Expires: a.now.Add(sessionValidity),
	})
	if err != nil {
		return nil, err
	}
	return authAnswer{
		ChallengeName: challengePassword,
		ChallengeParameters: map[string]string{
			"SALT": verifier.SaltHex(), "SECRET_BLOCK": block, "SRP_B": srp.NewProof(verifier, secret).PublicHex(),
			"USERNAME": username, "USER_ID_FOR_SRP": username,
		},
	}, nil
}

// noVerifier stands for that of a user who has none, the same each time, so that
// nobody tells missing users from others.
func (a *attempt) noVerifier(username string) srp.Verifier {
	mac := hmac.New(sha256.New, a.decoy)
	mac.Write([]byte(a.pool.ID + "/" + username))
	sum := mac.Sum(nil)
	return srp.Verifier{Salt: sum[:srp.SaltLength], Value: sum}
}

// timestampLayout is the form of a client's time.
const timestampLayout = "Mon Jan 2 15:04:05 MST 2006"

// answerSRP checks a password proof.
func (a *attempt) answerSRP(responses map[string]string) (any, error) {
	for _, name := range []string{"USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE"} {
		if _, err := parameter(responses, name); err != nil {
			return nil, err
		}
	}
	// Clients tell the time of their own clock, which need not be the emulator's.
	if _, err := time.Parse(timestampLayout, responses["TIMESTAMP"]); err != nil {
		return nil, errTimestamp
	}
	var sealed proof
	block := responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	if !unseal(a.sessions, block, &sealed) || sealed.Pool != a.pool.ID || sealed.Client != a.client.ID {
		return nil, errPassword
	}
	if a.now.After(sealed.Expires) {
		return nil, errSessionExpired
	}
	d, u, err := a.known(sealed.Username, responses)
	if err != nil {
		return nil, err
	}
	if u == nil || u.Verifier == nil || !a.signed(&sealed, *u.Verifier, u.Username, responses) {
		a.log.Info("a password proof does not hold: the password is wrong, or the client has another user pool id", "userPoolId", a.pool.ID)
		return nil, errPassword
	}
	return a.proved(d, u)
}

// signed reports whether the signature is that of a client that knows the password.
func (a *attempt) signed(p *proof, v srp.Verifier, username string, responses map[string]string) bool {
	public, err := srp.ParsePublic(p.Public)
	if err != nil {
		return false
	}
	key, err := srp.NewProof(v, p.Secret).Key(public)
	if err != nil {
		return false
	}
	block, err := base64.StdEncoding.DecodeString(responses["PASSWORD_CLAIM_SECRET_BLOCK"])
	if err != nil {
		return false
	}
	given, err := base64.StdEncoding.DecodeString(responses["PASSWORD_CLAIM_SIGNATURE"])
	return err == nil && hmac.Equal(given, srp.Signature(key, a.pool.name, username, block, responses["TIMESTAMP"]))
}

// step is what the session between two steps holds.
type step struct {
	Pool      string    `json:"pool"`
	Client    string    `json:"client"`
	Username  string    `json:"username"`
	Challenge string    `json:"challenge"`
	Expires   time.Time `json:"expires"`
}

func (a *attempt) session(username, challenge string) (string, error) {
	return seal(a.sessions, step{
		Pool: a.pool.ID, Client: a.client.ID, Username: username, Challenge: challenge, Expires: a.now.Add(sessionValidity),
	})
}

// resume reads a session that a step before has given.
func (a *attempt) resume(session, challenge string) (*step, error) {
	var s step
	switch {
	case session == "":
		return nil, invalidParameter("Missing required parameter Session")
	case !unseal(a.sessions, session, &s) || s.Pool != a.pool.ID || s.Client != a.client.ID || s.Challenge != challenge:
		return nil, errSession
	case a.now.After(s.Expires):
		return nil, errSessionExpired
	}
	return &s, nil
}

// proved goes on with a user whose password is right.
func (a *attempt) proved(d *data, u *user) (any, error) {
	switch {
	case u.Status == project.UserUnconfirmed:
		return nil, errNotConfirmed
	case u.Status == project.UserForceChangePassword:
		if !u.TemporaryUntil.IsZero() && !a.now.Before(u.TemporaryUntil) {
			return nil, errTemporary
		}
		return a.challengeNewPassword(u)
	}
	return a.signIn(d, u)
}

func (a *attempt) challengeNewPassword(u *user) (any, error) {
	session, err := a.session(u.Username, challengeNewPassword)
	if err != nil {
		return nil, err
	}
	attributes := map[string]string{}
	for _, m := range u.Attributes {
		attributes[m.Name] = m.Value
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		return nil, err
	}
	return authAnswer{
		ChallengeName: challengeNewPassword,
		ChallengeParameters: map[string]string{
			"USER_ID_FOR_SRP": u.Username, "requiredAttributes": "[]", "userAttributes": string(text),
		},
		Session: session,
	}, nil
}

// attributeResponse begins the responses that are attributes.
const attributeResponse = "userAttributes."

func (a *attempt) answerNewPassword(session string, responses map[string]string) (any, error) {
	if _, err := parameter(responses, "USERNAME"); err != nil {
		return nil, err
	}
	password, err := parameter(responses, "NEW_PASSWORD")
	if err != nil {
		return nil, err
	}
	s, err := a.resume(session, challengeNewPassword)
	if err != nil {
		return nil, err
	}
	_, u, err := a.known(s.Username, responses)
	if err != nil {
		return nil, err
	}
	if u == nil || u.Status != project.UserForceChangePassword || a.pool.find(a.read(a.pool), responses["USERNAME"]) != u {
		return nil, errSession
	}
	if lack := a.pool.PasswordPolicy.Refuse(password); lack != "" {
		return nil, passwordRefused(lack)
	}
	var attributes []member
	for name, text := range responses {
		if attribute, ok := strings.CutPrefix(name, attributeResponse); ok {
			attributes = append(attributes, member{attribute, text})
		}
	}
	slices.SortFunc(attributes, func(x, y member) int { return strings.Compare(x.Name, y.Name) })
	if err := checkAttributes(attributes, a.admin); err != nil {
		return nil, err
	}
	verifier := a.verifier(a.pool, u.Username, password)
	err = a.updateUser(a.pool, u.Username, func(_ *data, u *user) error {
		if u.Status != project.UserForceChangePassword {
			return errSession
		}
		u.Verifier, u.Status, u.TemporaryUntil = verifier, project.UserConfirmed, time.Time{}
		for _, m := range attributes {
			u.set(m.Name, m.Value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := a.read(a.pool)
	if u = d.Users[u.Username]; u == nil {
		return nil, errSession
	}
	return a.signIn(d, u)
}

// signIn gives a user tokens.
func (a *attempt) signIn(d *data, u *user) (any, error) {
	result, err := a.tokens(a.pool, d, u, a.client, a.newGrant(a.pool, u, a.client, a.now), a.now, true)
	if err != nil {
		return nil, err
	}
	return authAnswer{AuthenticationResult: result, ChallengeParameters: map[string]string{}}, nil
}

// refresh gives new tokens for a refresh token.
func (a *attempt) refresh(token, secretHash string) (any, error) {
	k, err := a.keyring.get()
	if err != nil {
		return nil, err
	}
	var g grant
	if !decryptToken(k.refresh, token, &g) || g.Pool != a.pool.ID || g.ClientID != a.client.ID {
		return nil, errRefreshToken
	}
	d := a.read(a.pool)
	u := d.Users[g.Username]
	if u == nil {
		return nil, errRefreshToken
	}
	if err := checkSecret(a.client, secretHash, u.Username, u.Sub); err != nil {
		return nil, err
	}
	switch {
	case u.Disabled:
		return nil, errDisabled
	case d.signedOut(u, g.OriginJTI):
		return nil, errRefreshRevoked
	case a.now.Unix() >= g.Expires:
		return nil, errRefreshExpired
	}
	result, err := a.tokens(a.pool, d, u, a.client, g, a.now, false)
	if err != nil {
		return nil, err
	}
	return authAnswer{AuthenticationResult: result, ChallengeParameters: map[string]string{}}, nil
}

// choose begins a sign-in whose kind the user chooses. Of the kinds there are those
// with a password.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
func (a *attempt) choose(parameters map[string]string) (any, error) {
	switch parameters["PREFERRED_CHALLENGE"] {
	case choicePassword:
		return a.withPassword(parameters)
	case choiceSRP:
		return a.challengeSRP(parameters)
	}
	_, u, err := a.user(parameters)
	if err != nil {
		return nil, err
	}
	username := parameters["USERNAME"]
	if u != nil {
		username = u.Username
	}
	session, err := a.session(username, challengeSelect)
	if err != nil {
		return nil, err
	}
	return authAnswer{
		AvailableChallenges: []string{choicePassword, choiceSRP}, ChallengeName: challengeSelect,
		ChallengeParameters: map[string]string{}, Session: session,
	}, nil
}

// answerSelect goes on with the kind that was chosen.
func (a *attempt) answerSelect(session string, responses map[string]string) (any, error) {
	answer, err := parameter(responses, "ANSWER")
	if err != nil {
		return nil, err
	}
	s, err := a.resume(session, challengeSelect)
	if err != nil {
		return nil, err
	}
	parameters := map[string]string{
		"USERNAME": s.Username, "PASSWORD": responses["PASSWORD"], "SRP_A": responses["SRP_A"], "SECRET_HASH": responses["SECRET_HASH"],
	}
	switch answer {
	case choicePassword:
		return a.withPassword(parameters)
	case choiceSRP:
		return a.challengeSRP(parameters)
	}
	return nil, invalidParameter("Challenge %s is not available.", answer)
}

type respondInput struct {
	ChallengeName      string
	ChallengeResponses map[string]string
	ClientId           string
	Session            string
}

func (in *respondInput) check(v *violations) {
	v.among("challengeName", in.ChallengeName, challengeNames...)
	v.need("clientId", in.ClientId)
}

type adminRespondInput struct {
	respondInput
	UserPoolId string
}

func (in *adminRespondInput) check(v *violations) {
	v.need("userPoolId", in.UserPoolId)
	in.respondInput.check(v)
}

// respondToAuthChallenge is RespondToAuthChallenge.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
func (c *call) respondToAuthChallenge(in *respondInput) (any, error) {
	pool, client, err := c.clientPool(in.ClientId)
	if err != nil {
		return nil, err
	}
	return (&attempt{call: c, pool: pool, client: client}).respond(in)
}

// adminRespondToAuthChallenge is AdminRespondToAuthChallenge.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html
func (c *call) adminRespondToAuthChallenge(in *adminRespondInput) (any, error) {
	a, err := c.adminAttempt(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return a.respond(&in.respondInput)
}

func (a *attempt) respond(in *respondInput) (any, error) {
	switch in.ChallengeName {
	case challengePassword:
		return a.answerSRP(in.ChallengeResponses)
	case challengeNewPassword:
		return a.answerNewPassword(in.Session, in.ChallengeResponses)
	case challengeSelect:
		return a.answerSelect(in.Session, in.ChallengeResponses)
	}
	return nil, notEmulated("The emulator has no %s challenge: it knows passwords alone.", in.ChallengeName)
}

type refreshInput struct {
	RefreshToken string
	ClientId     string
	ClientSecret string
}

func (in *refreshInput) check(v *violations) {
	v.need("refreshToken", in.RefreshToken)
	v.need("clientId", in.ClientId)
}

// getTokensFromRefreshToken is GetTokensFromRefreshToken.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
func (c *call) getTokensFromRefreshToken(in *refreshInput) (any, error) {
	pool, client, err := c.clientPool(in.ClientId)
	if err != nil {
		return nil, err
	}
	if client.Secret != "" && !hmac.Equal([]byte(client.Secret), []byte(in.ClientSecret)) {
		return nil, notAuthorized("Unable to verify secret for client %s", client.ID)
	}
	// The secret itself has been checked, and no hash of it comes.
	open := *client
	open.Secret = ""
	answer, err := (&attempt{call: c, pool: pool, client: &open}).refresh(in.RefreshToken, "")
	if err != nil {
		return nil, err
	}
	return struct{ AuthenticationResult *authenticationResult }{answer.(authAnswer).AuthenticationResult}, nil
}

type revokeInput struct {
	Token        string
	ClientId     string
	ClientSecret string
}

func (in *revokeInput) check(v *violations) {
	v.need("token", in.Token)
	v.need("clientId", in.ClientId)
}

// revokeToken is RevokeToken.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
func (c *call) revokeToken(in *revokeInput) (any, error) {
	pool, client, err := c.clientPool(in.ClientId)
	if err != nil {
		return nil, err
	}
	if client.Secret != "" && !hmac.Equal([]byte(client.Secret), []byte(in.ClientSecret)) {
		return nil, &failure{"UnauthorizedException", "Unable to verify secret for client " + client.ID}
	}
	k, err := c.keyring.get()
	if err != nil {
		return nil, err
	}
	var g grant
	if !decryptToken(k.refresh, in.Token, &g) {
		return nil, errTokenType
	}
	if g.Pool != pool.ID || g.ClientID != client.ID {
		return nil, &failure{"UnauthorizedException", "Unauthorized"}
	}
	return nothing{}, c.update(pool, func(d *data) error {
		for id, until := range d.Revoked {
			if until <= c.now.Unix() {
				delete(d.Revoked, id)
			}
		}
		if g.Expires > c.now.Unix() {
			d.Revoked[g.OriginJTI] = g.Expires
		}
		return nil
	})
}
