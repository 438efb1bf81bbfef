package idp_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
)

func TestUsersAndTokensOutliveARestart(t *testing.T) {
	p := newPools(t)
	p.must("SignUp", signUp("alan", "email", "alan@example.com"))
	code := p.code("alan")
	access, _, refresh := p.signIn("ada", "Lovelace-1815")
	p.must("AdminAddUserToGroup", object{"UserPoolId": poolID, "Username": "alan", "GroupName": "Admins"})

	p = p.reopen()
	p.must("ConfirmSignUp", object{"ClientId": client, "Username": "alan", "ConfirmationCode": code})
	mine, _, _ := p.signIn("alan", goodEnough)
	same(t, payload(t, mine)["cognito:groups"], any([]any{"Admins"}))
	p.must("GetUser", object{"AccessToken": access})
	p.must("GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": refresh})
}

func TestUsersOfTheProjectAreAsTheProjectSaysAtEachStart(t *testing.T) {
	p := newPools(t)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	p.must("ChangePassword", object{"AccessToken": access, "PreviousPassword": "Lovelace-1815", "ProposedPassword": goodEnough})
	p.must("SignUp", signUp("alan"))
	p.opt.Pools[0].Users = append(p.opt.Pools[0].Users, project.UserPoolUser{
		Username: "grace", Password: "Hopper-1906", Status: project.UserConfirmed})
	p = p.reopen()
	p.signIn("ada", "Lovelace-1815")
	p.signIn("grace", "Hopper-1906")
	p.must("AdminGetUser", named("alan"))

	p.opt.Pools[0].Users = p.opt.Pools[0].Users[:1]
	p.opt.Pools[0].Groups = nil
	p = p.reopen()
	p.refused("AdminGetUser", named("grace"), "UserNotFoundException", "User does not exist.")
	p.must("AdminGetUser", named("alan"))
	p.refused("GetGroup", object{"UserPoolId": poolID, "GroupName": "Admins"}, "ResourceNotFoundException", "Group not found.")
}

func TestResetBringsBackTheUsersOfTheProject(t *testing.T) {
	p := newPools(t)
	p.must("SignUp", signUp("alan"))
	p.must("AdminDeleteUser", named("ada"))
	if err := p.Reset(); err != nil {
		t.Fatal(err)
	}
	p.signIn("ada", "Lovelace-1815")
	p.refused("AdminGetUser", named("alan"), "UserNotFoundException", "User does not exist.")
	same(t, p.get("/_emulator/idp/messages"), object{"messages": []any{}})
	p.reopen().refused("AdminGetUser", named("alan"), "UserNotFoundException", "User does not exist.")
}

// The sub of a user of the project may be in a seed, so that it has to stay.
func TestSubsFollowFromNames(t *testing.T) {
	with := func(c *project.UserPool) { c.Users[0].Sub = "" }
	sub := func(p *pools) any {
		return p.must("AdminGetUser", named("ada"))["UserAttributes"].([]any)[0].(object)["Value"]
	}
	first := sub(newPools(t, with))
	same(t, sub(newPools(t, with)), first)
	same(t, len(first.(string)), 36)
}

// secretBlock is the secret key of a key file.
var secretBlock = regexp.MustCompile(`(-----BEGIN SECRET KEY-----)\n[^-]*\n`)

func TestDamagedFilesAreNamed(t *testing.T) {
	for _, tt := range []struct{ file, text, want string }{
		{"users.json", "{", "is damaged"},
		{"users.json", `{"version":99}`, "is of version 99"},
		{"keys.pem", "x", "the file is damaged"},
		{"keys.pem", string(sharedKeys()[:2000]), "the file is damaged"},
		{"keys.pem", secretBlock.ReplaceAllString(string(sharedKeys()), "$1\nAAAAAAAAAAAAAAAAAAAAAA==\n"), "the file is damaged"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, tt.file)
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := idp.New(idp.Options{Dir: dir, Pools: []*project.UserPool{newPool()}})
		if err == nil {
			_, err = p.Mint(idp.Token{Username: "ada"})
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s %.20q: %v", tt.file, tt.text, err)
		}
	}
}

func TestAnEditedFileIsReadAsFarAsItGoes(t *testing.T) {
	dir := t.TempDir()
	text := `{"version":1,"pools":{"` + poolID + `":{"users":{"x":null,"y":{"username":"z"}},"groups":{"g":null}},"us-east-1_gone":null}}`
	if err := os.WriteFile(filepath.Join(dir, "users.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openPools(t, dir, newPool())
	p.refused("AdminGetUser", named("y"), "UserNotFoundException", "User does not exist.")
	p.must("ListGroups", object{"UserPoolId": poolID})
	p.signIn("ada", "Lovelace-1815")
}

func TestWhatCannotBeStoredHasNotHappened(t *testing.T) {
	p := newPools(t)
	p.must("AdminGetUser", named("ada"))
	// Nobody, not even root, can put a file in the place of a folder.
	if err := os.MkdirAll(filepath.Join(p.opt.Dir, "users.json", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	status, out := p.call("SignUp", signUp("alan"))
	same(t, status, 500)
	same(t, out["__type"], any("InternalErrorException"))
	p.refused("AdminGetUser", named("alan"), "UserNotFoundException", "User does not exist.")
	if !strings.Contains(p.log.String(), "a request to a user pool failed") {
		t.Errorf("the log does not tell: %s", p.log)
	}
	same(t, p.get("/_emulator/idp/messages"), object{"messages": []any{}})
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data.identity")
	p, err := idp.New(idp.Options{Dir: dir, Pools: []*project.UserPool{newPool()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a provider that nobody has used has made a folder: %v", err)
	}
	if _, err := p.Mint(idp.Token{Username: "ada"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Reset(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"keys.pem", "users.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
			t.Errorf("%s has the mode %o", name, mode)
		}
	}
}

func TestSecretsAreNeitherLoggedNorStored(t *testing.T) {
	p := newPools(t)
	c := newSRPClient()
	challenge := p.must("InitiateAuth", c.auth("ada"))
	p.must("RespondToAuthChallenge", answer("PASSWORD_VERIFIER", c.respond(t, challenge, "Lovelace-1815"), nil))
	p.call("RespondToAuthChallenge", answer("PASSWORD_VERIFIER", c.respond(t, challenge, "Mistake-1815"), nil))
	p.call("InitiateAuth", passwordAuth("ada", "Mistake-1815"))
	access, id, refresh := p.signIn("ada", "Lovelace-1815")
	p.must("ChangePassword", object{"AccessToken": access, "PreviousPassword": "Lovelace-1815", "ProposedPassword": goodEnough})
	p.must("AdminCreateUser", named("new"))
	p.must("SignUp", signUp("alan"))
	stored, err := os.ReadFile(filepath.Join(p.opt.Dir, "users.json"))
	if err != nil {
		t.Fatal(err)
	}
	invited := p.message("new")["temporaryPassword"].(string)
	for _, secret := range []string{"Lovelace-1815", "Mistake-1815", goodEnough, invited, access, id, refresh} {
		if strings.Contains(string(stored), secret) {
			t.Errorf("the file has %.20s...", secret)
		}
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log has %.20s...", secret)
		}
	}
	if code := p.code("alan"); !strings.Contains(p.log.String(), code) {
		t.Error("the log has no code, which developers look for there")
	}
}

func TestASeedMakesCodesAndSubsReproducible(t *testing.T) {
	run := func() (string, any) {
		p := newPools(t)
		p.opt.Random = rand.NewPCG(7, 0)
		p = p.reopen()
		sub := p.must("SignUp", signUp("alan"))["UserSub"]
		return p.code("alan"), sub
	}
	code, sub := run()
	again, other := run()
	same(t, again, code)
	same(t, other, sub)
}

func TestConcurrentRequests(t *testing.T) {
	p := newPools(t)
	access, _, _ := p.signIn("ada", "Lovelace-1815")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := fmt.Sprintf("user%d", i)
			p.must("SignUp", signUp(name, "email", name+"@example.com"))
			p.must("ConfirmSignUp", object{"ClientId": client, "Username": name, "ConfirmationCode": p.code(name)})
			p.signIn(name, goodEnough)
			p.must("UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("custom:"+name, "x")})
			p.must("ListUsers", object{"UserPoolId": poolID})
			p.clock.advance(1)
		})
	}
	wg.Wait()
	same(t, len(p.must("ListUsers", object{"UserPoolId": poolID})["Users"].([]any)), 9)
	same(t, len(p.must("GetUser", object{"AccessToken": access})["UserAttributes"].([]any)), 11)
}

// Only one of those who sign up with a name at the same time gets it.
func TestANameIsGivenOnce(t *testing.T) {
	p := newPools(t)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex // guards given
		given int
	)
	for range 8 {
		wg.Go(func() {
			if status, _ := p.call("SignUp", signUp("alan")); status == 200 {
				mu.Lock()
				given++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	same(t, given, 1)
}
