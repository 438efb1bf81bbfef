package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"appsync-emulator/emulator"
)

func token(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("token", "token [PROJECT] --user NAME [--data FILE | --url URL] [flags]",
		"Prints a token that the served API accepts, signed with the key that lies beside\nthe data file: an access token of the project's user pool, for the Authorization\nheader. With --url the emulator that serves there makes it.")
	var t emulator.Token
	fs.StringVar(&t.Username, "user", "", "`NAME` of the user, who need not be in the pool")
	groups := fs.StringArray("group", nil, "a `GROUP` of the user, in place of those in the pool; may be repeated")
	fs.StringVar(&t.Pool, "pool", "", "`ID` of the user pool, or issuer of the OpenID Connect provider (default: the first of the project)")
	fs.StringVar(&t.ClientID, "client", "", "`ID` of the app client (default: the one that the project names)")
	claims := fs.StringArray("claim", nil, "a `NAME=VALUE` more in the token, the value as JSON or text; may be repeated")
	expires := fs.String("expires", "", "`DURATION` that the token is valid, such as 5m or 30d (default: what the client says, or 1h)")
	fs.BoolVar(&t.ID, "id", false, "print an ID token")
	access := fs.Bool("access", false, "print an access token, which is the default")
	data := fs.String("data", "", "data `FILE` that is served (default: the project's)")
	address := fs.String("url", "", "`URL` of an emulator that is serving, such as http://"+emulator.DefaultListen)
	configDir := fs.String("config-dir", "", "folder of the data files (default: the user's configuration folder)")
	from := fs.projectFlags()
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	err := func() (err error) {
		switch {
		case t.Username == "":
			return errors.New("--user is missing")
		case t.ID && *access:
			return errors.New("--id and --access exclude each other")
		case *data != "" && *address != "":
			return errors.New("--data and --url exclude each other")
		case *address != "" && fs.NArg() > 0:
			return errors.New("PROJECT goes without --url")
		}
		if len(*groups) > 0 {
			t.Groups = *groups
		}
		if t.Claims, err = tokenClaims(*claims); err != nil {
			return err
		}
		t.Validity, err = tokenValidity(*expires)
		return err
	}()
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator token:", err)
		return exitUsage
	}
	var text string
	if *address != "" {
		text, err = servedToken(ctx, *address, &t)
	} else {
		text, err = projectToken(from, *data, *configDir, &t, stderr)
	}
	if err != nil {
		if !errors.Is(err, errPrinted) {
			fmt.Fprintln(stderr, "appsync-emulator token:", err)
		}
		return exitFailure
	}
	fmt.Fprintln(stdout, text)
	return exitOK
}

// tokenClaims reads the values of --claim, NAME=VALUE.
func tokenClaims(values []string) (map[string]any, error) {
	out := map[string]any{}
	for _, v := range values {
		name, text, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %s: want NAME=VALUE, such as tenant=acme or roles=[\"reader\"]", v)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("--claim: %s is given twice", name)
		}
		out[name] = text
		if json.Valid([]byte(text)) {
			out[name] = json.RawMessage(text)
		}
	}
	return out, nil
}

// tokenValidity reads the value of --expires.
func tokenValidity(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	days, inDays := strings.CutSuffix(text, "d")
	if inDays {
		text = days + "h"
	}
	d, err := time.ParseDuration(text)
	const longest = 10 * 365 * 24 * time.Hour
	if err == nil && inDays && d.Abs() <= longest {
		d *= 24
	}
	if err != nil || d == 0 || d.Abs() > longest {
		return 0, errors.New("--expires: want a duration such as 5m, 1h or 30d")
	}
	return d, nil
}

// projectToken makes a token with the key beside a data file.
func projectToken(from *projectFlags, file, configDir string, t *emulator.Token, stderr io.Writer) (string, error) {
	project, ok := from.load(stderr)
	if !ok {
		return "", errPrinted
	}
	if file == "" {
		var err error
		if file, err = project.DataFile(configDir); err != nil {
			return "", err
		}
	}
	return project.Token(file, *t)
}

// servedToken has a token made by an emulator that serves.
func servedToken(ctx context.Context, address string, t *emulator.Token) (string, error) {
	s, err := newServed(address)
	if err != nil {
		return "", err
	}
	defer s.Close()
	wanted := map[string]any{"username": t.Username, "claims": t.Claims}
	if t.Groups != nil {
		wanted["groups"] = t.Groups
	}
	if t.Pool != "" {
		wanted["userPoolId"] = t.Pool
	}
	if t.ClientID != "" {
		wanted["clientId"] = t.ClientID
	}
	if t.ID {
		wanted["use"] = "id"
	}
	if t.Validity != 0 {
		wanted["expires"] = t.Validity.String()
	}
	body, err := json.Marshal(wanted)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/idp/token", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string
		Error struct{ Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Token == "" && answer.Error.Message == "" {
		return "", fmt.Errorf("%s answers %s; is it an appsync-emulator?", address, resp.Status)
	}
	if answer.Error.Message != "" {
		return "", errors.New(answer.Error.Message)
	}
	return answer.Token, nil
}
