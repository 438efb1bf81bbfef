package idp_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
)

// sealingKey is what the refresh tokens of the tests are encrypted with.
func sealingKey(t *testing.T) cipher.AEAD {
	t.Helper()
	for rest := sharedKeys(); ; {
		block, after := pem.Decode(rest)
		if block == nil {
			t.Fatal("there is no secret key")
		}
		if rest = after; block.Type != "SECRET KEY" {
			continue
		}
		c, err := aes.NewCipher(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(c)
		if err != nil {
			t.Fatal(err)
		}
		return aead
	}
}

// Refresh tokens are encrypted as RFC 7516, section 5.1, and RFC 7518, sections 4.5
// and 5.3, say, so that those of before are read on.
func TestRefreshTokensAreEncrypted(t *testing.T) {
	p := newPools(t)
	_, _, refresh := p.signIn("ada", "Lovelace-1815")
	same(t, header(t, refresh), object{"alg": "dir", "cty": "JWT", "enc": "A256GCM"})
	parts := strings.Split(refresh, ".")
	if len(parts) != 5 || parts[1] != "" {
		t.Fatalf("the refresh token is %q", refresh)
	}
	decode := func(text string) []byte {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	key := sealingKey(t)
	nonce, sealed := decode(parts[2]), append(decode(parts[3]), decode(parts[4])...)
	plain, err := key.Open(nil, nonce, sealed, []byte(parts[0]))
	if err != nil {
		t.Fatal(err)
	}
	var grant object
	if err := json.Unmarshal(plain, &grant); err != nil || grant["username"] != "ada" {
		t.Errorf("the refresh token holds %s, %v", plain, err)
	}

	encode := base64.RawURLEncoding.EncodeToString
	before := encode([]byte(`{"cty":"JWT","enc":"A256GCM","alg":"dir"}`))
	again := key.Seal(nil, nonce, plain, []byte(before))
	end := len(again) - key.Overhead()
	p.must("GetTokensFromRefreshToken", object{
		"ClientId": client, "RefreshToken": before + ".." + parts[2] + "." + encode(again[:end]) + "." + encode(again[end:]),
	})
}

// Attacks on tokens: RFC 7516, section 11, and RFC 8725.
func TestRefreshTokensThatAreNone(t *testing.T) {
	p := newPools(t)
	access, _, refresh := p.signIn("ada", "Lovelace-1815")
	parts := strings.Split(refresh, ".")
	with := func(part int, text string) string {
		changed := append([]string{}, parts...)
		changed[part] = text
		return strings.Join(changed, ".")
	}
	named := func(text string) string { return with(0, base64.RawURLEncoding.EncodeToString([]byte(text))) }
	form, err := json.Marshal(object{"protected": parts[0], "iv": parts[2], "ciphertext": parts[3], "tag": parts[4], "aad..": ""})
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"an access token": access, "four parts": strings.Join(parts[:4], "."), "six parts": refresh + ".", "no parts": "....",
		"an encrypted key": with(1, "AAAA"), "another nonce": with(2, "AAAAAAAAAAAAAAAA"), "no nonce": with(2, ""),
		"another text": with(3, "AAAA"), "no text": with(3, ""), "another tag": with(4, "AAAAAAAAAAAAAAAAAAAAAA"),
		"a short tag": with(4, parts[4][:8]), "no tag": with(4, ""),
		"no encryption":      named(`{"alg":"dir","enc":"none"}`),
		"another encryption": named(`{"alg":"dir","enc":"A128CBC-HS256"}`),
		"a password":         named(`{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2147483647,"p2s":"AAAA"}`),
		"compressed":         named(`{"alg":"dir","enc":"A256GCM","zip":"DEF"}`),
		"critical":           named(`{"alg":"dir","enc":"A256GCM","crit":["x"],"x":1}`),
		"a padded tag":       refresh + "==", "a line break": "\n" + refresh, "JSON": string(form),
		"endless": strings.Repeat("a.", 1<<17),
	} {
		t.Run(name, func(t *testing.T) {
			p.refused("GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": token}, notAuthorized, "Invalid Refresh Token")
		})
	}
}
