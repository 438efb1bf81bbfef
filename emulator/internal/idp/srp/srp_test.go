package srp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/idp/srp"
)

// The expected values were computed by aws-amplify's own AuthenticationHelper
// (@aws-amplify/auth 6.21.1) with a = 0102...20, for pool name abcDEF123, user
// ada and password Lovelace-1815, from the salt below and the B of the proof. A
// password proof holds only when all of k, x, u, S and the key agree, so that a B
// of our own does not weaken it.
const (
	poolName  = "abcDEF123"
	username  = "ada"
	password  = "Lovelace-1815"
	wantKey   = "1dacf948dfb3cb354ab86e8b1d55ac76"
	wantSig   = "/2b0rk12LNF+UkwLyF5iqfUnEjTPfY3GBvua4Y3SrQ4="
	publicA   = "708862b0cffa71fe166cc12799c8f990817c8bac6984bc27964320f740f0f4c0eb9d72a62b2b27d191ff6b21f9afd12b8003c232c5ad30d106fff0d87bdb806b7d2df476b395259c0297af4da6cbebfd4f4a3c42c710e8ada5b1cbdc06a877a83299787d35b7cd57978e60b2ef73ccf3d7369079715181f3cbde33d94970d315398681d1a36e5f6ceec78660f1f8eb1500eb805dffc38ff8811ba7611b95eb7053660d3cef6b5aee38d16cfbfd678626cd81fb187f3314eb8c9b4332a4a0aec18d9e2f228f773def0a05f2a615912166242ab9ac86b4f6f6244dac5ddb93b656cd9df19c3d82eef7a3c0fcbf8f105b9a9257875ce5b48b460bd771e208793a093db63492f01b0a40c4580abe41fda00e758f1a0b07cb945281a083824bf44e84d1a64652bf372b34d17460ff698bf8bebef274902ce1b91f7ea2193b7bdcbe8913e27fab4160748bf5d499fc2ffb99326980ef5856e1eea957c42b724ad53467de7038e0ade707435611b35ac34e5cec3fb2feabe8a8ca4fdba666377c3803dc"
	timestamp = "Fri Jan 2 03:04:05 UTC 2026"
)

// A salt whose first bit is set is padded, which clients and servers have got
// wrong in many places.
var salt = []byte{0x9f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

func proof(t *testing.T) *srp.Proof {
	t.Helper()
	return srp.NewProof(srp.NewVerifier(salt, poolName, username, password), bytes.Repeat([]byte{0x42}, 32))
}

func TestKeyIsThatOfAmplify(t *testing.T) {
	a, err := srp.ParsePublic(publicA)
	if err != nil {
		t.Fatal(err)
	}
	key, err := proof(t).Key(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(key); got != wantKey {
		t.Errorf("key = %s, want %s", got, wantKey)
	}
	got := base64.StdEncoding.EncodeToString(srp.Signature(key, poolName, username, []byte("secret block"), timestamp))
	if got != wantSig {
		t.Errorf("signature = %s, want %s", got, wantSig)
	}
}

func TestVerifierMatchesItsPasswordAlone(t *testing.T) {
	v := srp.NewVerifier(salt, poolName, username, password)
	for _, tt := range []struct {
		pool, user, password string
		want                 bool
	}{
		{poolName, username, password, true},
		{poolName, username, password + "x", false},
		{poolName, username, "", false},
		{poolName, "Ada", password, false},
		{"other", username, password, false},
	} {
		if got := v.Matches(tt.pool, tt.user, tt.password); got != tt.want {
			t.Errorf("Matches(%q, %q, %q) = %v, want %v", tt.pool, tt.user, tt.password, got, tt.want)
		}
	}
	if (srp.Verifier{}).Matches(poolName, username, "") {
		t.Error("a user without a password has matched the empty one")
	}
}

func TestSaltIsANumber(t *testing.T) {
	v := srp.NewVerifier([]byte{0, 0x0a, 0xff}, poolName, username, password)
	if got := v.SaltHex(); got != "aff" {
		t.Errorf("SaltHex() = %q, want %q", got, "aff")
	}
}

// RFC 5054, 2.5.4: the server must abort if A mod N is zero.
func TestPublicValuesThatAreRefused(t *testing.T) {
	const n = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74" +
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437" +
		"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05" +
		"98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB" +
		"9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
		"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718" +
		"3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33" +
		"A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
		"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864" +
		"D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2" +
		"08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
	for _, text := range []string{"", "0", "00", n, strings.ToLower(n), "-1", "+1", "0x10", "1_0", "g", " 1", n + "0", "\x00"} {
		if _, err := srp.ParsePublic(text); !errors.Is(err, srp.ErrPublicValue) {
			t.Errorf("ParsePublic(%.20q) = %v, want ErrPublicValue", text, err)
		}
	}
}

func FuzzParsePublic(f *testing.F) {
	f.Add("1f")
	f.Add("")
	f.Add("-0")
	p := srp.NewProof(srp.NewVerifier(salt, poolName, username, password), []byte{1})
	f.Fuzz(func(t *testing.T, text string) {
		a, err := srp.ParsePublic(text)
		if err != nil {
			return
		}
		if a.Sign() <= 0 {
			t.Fatalf("ParsePublic(%q) = %v", text, a)
		}
		if key, err := p.Key(a); err == nil && len(key) != 16 {
			t.Fatalf("the key has %d bytes", len(key))
		}
	})
}
