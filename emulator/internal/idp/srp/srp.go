package srp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"math/big"
	"strings"
)

// prime is N of the 3072-bit group.
//
// See: https://datatracker.ietf.org/doc/html/rfc3526#section-4
const prime = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74" +
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

// group holds the numbers that both sides know. They are not changed.
var group = newGroup()

type parameters struct{ n, g, k *big.Int }

func newGroup() parameters {
	n, _ := new(big.Int).SetString(prime, 16)
	g := big.NewInt(2)
	return parameters{n: n, g: g, k: hash(padded(n), padded(g))}
}

// hash is SHA-256 of the parts in a row, as a number.
func hash(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// padded writes a number that is not negative as Java's BigInteger.toByteArray
// does: with a zero byte in front where its first bit is set.
func padded(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}

// SaltLength is that of Cognito's salts, in bytes.
const SaltLength = 16

// Verifier is what the server keeps of a password.
type Verifier struct {
	Salt  []byte `json:"salt"`
	Value []byte `json:"value"`
}

// NewVerifier makes the verifier of a user's password. The pool's name is what
// follows the underscore in its id.
func NewVerifier(salt []byte, poolName, username, password string) Verifier {
	x := hash(padded(new(big.Int).SetBytes(salt)), secretHash(poolName, username, password))
	return Verifier{Salt: salt, Value: new(big.Int).Exp(group.g, x, group.n).Bytes()}
}

func secretHash(poolName, username, password string) []byte {
	sum := sha256.Sum256([]byte(poolName + username + ":" + password))
	return sum[:]
}

// Matches reports whether the verifier is that of a password.
func (v Verifier) Matches(poolName, username, password string) bool {
	if len(v.Value) == 0 {
		return false // a user without a password
	}
	other := NewVerifier(v.Salt, poolName, username, password)
	return subtle.ConstantTimeCompare(v.Value, other.Value) == 1
}

// SaltHex is the salt as clients read it: as a number in base 16.
func (v Verifier) SaltHex() string { return new(big.Int).SetBytes(v.Salt).Text(16) }

// ErrPublicValue is returned for an A that no honest client sends.
var ErrPublicValue = errors.New("srp: the public value is not a number in base 16 that the group admits")

// ParsePublic reads the public value A of a client. Multiples of N are refused:
// with them anybody would know the shared secret.
func ParsePublic(text string) (*big.Int, error) {
	if text == "" || len(text) > len(prime) || strings.Trim(text, "0123456789abcdefABCDEF") != "" {
		return nil, ErrPublicValue
	}
	a, ok := new(big.Int).SetString(text, 16)
	if !ok || new(big.Int).Mod(a, group.n).Sign() == 0 {
		return nil, ErrPublicValue
	}
	return a, nil
}

// Proof is one attempt to sign in, on the side of the server.
type Proof struct {
	verifier *big.Int
	secret   *big.Int // b
	public   *big.Int // B
}

// NewProof begins an attempt with a secret of the server's, which should be 32
// random bytes and makes the same attempt again when it is the same.
func NewProof(v Verifier, secret []byte) *Proof {
	p := &Proof{verifier: new(big.Int).SetBytes(v.Value), secret: new(big.Int).SetBytes(secret)}
	p.public = new(big.Int).Mul(group.k, p.verifier)
	p.public.Add(p.public, new(big.Int).Exp(group.g, p.secret, group.n))
	p.public.Mod(p.public, group.n)
	return p
}

// PublicHex is the server's public value B in base 16.
func (p *Proof) PublicHex() string { return p.public.Text(16) }

// keyLabel is the context of the derived key, with HKDF's block number.
const keyLabel = "Caldera Derived Key\x01"

// Key is the key that both sides have when the password is right.
func (p *Proof) Key(a *big.Int) ([]byte, error) {
	u := hash(padded(a), padded(p.public))
	if u.Sign() == 0 || p.public.Sign() == 0 {
		return nil, ErrPublicValue
	}
	s := new(big.Int).Exp(p.verifier, u, group.n)
	s.Mul(s, a)
	s.Exp(s, p.secret, group.n)
	return authenticate(authenticate(padded(u), padded(s)), []byte(keyLabel))[:16], nil
}

// Signature is what a client that has the key says of a challenge.
func Signature(key []byte, poolName, username string, secretBlock []byte, timestamp string) []byte {
	return authenticate(key, []byte(poolName), []byte(username), secretBlock, []byte(timestamp))
}

func authenticate(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
