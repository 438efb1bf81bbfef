package auth

import (
	"errors"
	"strings"
	"testing"
)

// modulus is that of the RSA key of RFC 7515, appendix A.2: 2048 bits.
const modulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"

func encodeSegment(text string) string { return segments.EncodeToString([]byte(text)) }

// The examples of RFC 7515, appendix A.2 (RS256), A.3 (ES256) and A.4 (ES512).
func TestSignaturesOfTheStandard(t *testing.T) {
	const claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	tests := []struct{ algorithm, key, header, payload, signature string }{
		{"RS256", `{"kty":"RSA","kid":"1","e":"AQAB","n":"` + modulus + `"}`,
			"eyJhbGciOiJSUzI1NiJ9", claims,
			"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
		{"ES256", `{"kty":"EC","kid":"1","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`,
			"eyJhbGciOiJFUzI1NiJ9", claims,
			"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
		{"ES512", `{"kty":"EC","kid":"1","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`,
			"eyJhbGciOiJFUzUxMiJ9", "UGF5bG9hZA",
			"AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"},
	}
	for _, tt := range tests {
		t.Run(tt.algorithm, func(t *testing.T) {
			keys, err := parseKeySet([]byte(`{"keys":[` + tt.key + `]}`))
			if err != nil || len(keys) != 1 {
				t.Fatal(keys, err)
			}
			token := &token{algorithm: tt.algorithm, text: tt.header + "." + tt.payload + "." + tt.signature}
			if err := token.verify(keys["1"].key); err != nil {
				t.Error(err)
			}
			token.text = tt.header + "." + "A" + tt.payload[1:] + "." + tt.signature
			if err := token.verify(keys["1"].key); !errors.Is(err, errSignature) {
				t.Errorf("a changed text: %v", err)
			}
		})
	}
}

// Keys that cannot check a signature, or would take too long to, are left out:
// RFC 7517, section 5. How short an RSA key may be: RFC 7518, section 3.3.
func TestKeySets(t *testing.T) {
	n := `"n":"` + modulus + `"`
	const x, y = `"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"`, `"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"`
	for _, tt := range []struct {
		name, key string
		want      int
	}{
		{"RSA", `{"kty":"RSA","kid":"1","e":"AQAB",` + n + `}`, 1},
		{"RSA with what else is known", `{"kty":"RSA","kid":"1","e":"AQAB",` + n + `,"use":"sig","alg":"RS256","x5c":["a"],"key_ops":["attest"]}`, 1},
		{"an encryption algorithm", `{"kty":"RSA","kid":"1","e":"AQAB",` + n + `,"alg":"RSA-OAEP"}`, 1},
		{"no kid", `{"kty":"RSA","e":"AQAB",` + n + `}`, 0},
		{"for encryption", `{"kty":"RSA","kid":"1","use":"enc","e":"AQAB",` + n + `}`, 0},
		{"an exponent of one", `{"kty":"RSA","kid":"1","e":"AQ",` + n + `}`, 0},
		{"an exponent of many bytes", `{"kty":"RSA","kid":"1","e":"` + strings.Repeat("A", 10) + strings.Repeat("_", 22) + `",` + n + `}`, 0},
		{"no modulus", `{"kty":"RSA","kid":"1","e":"AQAB"}`, 0},
		{"a huge modulus", `{"kty":"RSA","kid":"1","e":"AQAB","n":"` + strings.Repeat("_", 2732) + `"}`, 0},
		{"a modulus of 1024 bits", `{"kty":"RSA","kid":"1","e":"AQAB","n":"` + modulus[:171] + `"}`, 0},
		{"a modulus that is a number", `{"kty":"RSA","kid":"1","e":"AQAB","n":5}`, 0},
		{"padding", `{"kty":"RSA","kid":"1","e":"AQAB==",` + n + `}`, 0},
		{"EC", `{"kty":"EC","kid":"1","crv":"P-256",` + x + `,` + y + `}`, 1},
		{"a point that is not on the curve", `{"kty":"EC","kid":"1","crv":"P-256",` + x + `,"y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}`, 0},
		{"coordinates of another curve", `{"kty":"EC","kid":"1","crv":"P-384",` + x + `,` + y + `}`, 0},
		{"an unknown curve", `{"kty":"EC","kid":"1","crv":"secp256k1",` + x + `,` + y + `}`, 0},
		{"an Edwards curve", `{"kty":"OKP","kid":"1","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, 0},
		{"with what nobody should know", `{"kty":"EC","kid":"1","crv":"P-256",` + x + `,` + y + `,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`, 1},
		{"a shared secret", `{"kty":"oct","kid":"1","k":"AAAA"}`, 0},
		{"no key at all", `5`, 0},
		{"null", `null`, 0},
	} {
		keys, err := parseKeySet([]byte(`{"keys":[` + tt.key + `]}`))
		if err != nil || len(keys) != tt.want {
			t.Errorf("%s: %d keys, %v; want %d", tt.name, len(keys), err, tt.want)
		}
	}
	single := `{"kty":"RSA","kid":"1","e":"AQAB",` + n + `}`
	for _, text := range []string{"", "{}", "[]", `{"keys":5}`, `{"keys":null}`, "<html>", `{"keys":[`, single} {
		if _, err := parseKeySet([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "this is no JSON Web Key Set") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.AAAA")
	f.Add("Bearer a.b.c")
	f.Add("..")
	keys, err := parseKeySet([]byte(`{"keys":[{"kty":"EC","kid":"1","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, ok := parseToken(text)
		if !ok {
			return
		}
		if token.claims == nil || token.algorithm == "" && !strings.Contains(text, ".") {
			t.Fatalf("%+v", token)
		}
		for _, claim := range []string{"exp", "nbf", "iat", "auth_time"} {
			token.time(claim)
		}
		if token.verify(keys["1"].key) == nil {
			t.Fatal("a token that nobody signed was accepted")
		}
	})
}

func FuzzParseKeySet(f *testing.F) {
	f.Add(`{"keys":[{"kty":"RSA","kid":"1","e":"AQAB","n":"ofgW"},{"kty":"EC","kid":"2","crv":"P-521","x":"","y":""}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeySet([]byte(text))
		if err == nil {
			for kid, key := range keys {
				if kid == "" || key.key == nil {
					t.Fatalf("%q: %+v", kid, key)
				}
				for _, algorithm := range []string{"RS256", "PS512", "ES256", "ES512"} {
					text := encodeSegment(`{"alg":"`+algorithm+`"}`) + "." + encodeSegment("{}") + "." + encodeSegment(strings.Repeat("s", 64))
					if (&token{algorithm: algorithm, text: text}).verify(key.key) == nil {
						t.Fatalf("%s: a token that nobody signed was accepted", algorithm)
					}
				}
			}
		}
	})
}
