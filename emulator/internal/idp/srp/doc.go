// Package srp is the server's half of Cognito's password proof: SRP-6a in the
// 3072-bit group of RFC 5054 with SHA-256, whose shared secret becomes a 16-byte
// key that signs the sign-in. The server keeps a verifier and never the password.
//
//	Proof: Verifier + client's A ── B, sent with the salt
//	       client's signature   ── Key(A), Signature: equal or not
//
// The details that SRP leaves open (how numbers are padded, what is hashed, the
// label of the key) are those of Amplify's clients. The arithmetic does not take
// constant time: this is for a developer's own machine.
//
// See: https://datatracker.ietf.org/doc/html/rfc5054,
// https://github.com/aws-amplify/amplify-js/tree/main/packages/auth/src/providers/cognito/utils/srp
package srp
