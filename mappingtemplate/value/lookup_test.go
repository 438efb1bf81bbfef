package value_test

import (
	"math"
	"math/big"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// TestLookupAgreesWithEquals asks a Lookup that uses hashes, and one that does
// not, for values that are equal in Java and for values that only look alike.
func TestLookupAgreesWithEquals(t *testing.T) {
	list := func(items ...any) any { return value.NewList(items...) }
	ordered, reversed := value.MapOf("a", int32(1), "b", nil), value.MapOf("b", nil, "a", int32(1))
	values := []any{
		nil, "", "1", "a", true, false, int32(1), int64(1), 1.0, 0.0, math.Copysign(0, -1), math.NaN(), value.Char('a'),
		big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 80), new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 80)),
		value.Decimal("1"), value.Decimal("1.0"), value.Decimal("1.00"), value.Decimal("1E0"), value.Decimal("10E-1"),
		list(), list(nil), list(int32(1), "a"), list("a", int32(1)), list(int64(1), "a"), list(list(int32(1))), list(int32(1)),
		ordered, reversed, value.MapOf("a", int32(1)), value.MapOf("a", "1", "b", nil), value.NewMap(0),
		ordered.Keys(), reversed.Keys(), ordered.Entries(), reversed.Entries(), list("a", "b"),
	}
	hashed, plain := value.NewLookup(values, 1<<20), value.NewLookup(values, 0)
	for i, v := range values {
		others := append(append([]any(nil), values[:i]...), values[i+1:]...)
		want := false
		for _, o := range others {
			want = want || value.Equals(v, o)
		}
		if got := value.NewLookup(others, 1<<20).Has(v); got != want {
			t.Errorf("%T %v among the others: %v by hashes, want %v", v, v, got, want)
		}
		if got := value.NewLookup(others, 0).Has(v); got != want {
			t.Errorf("%T %v among the others: %v, want %v", v, v, got, want)
		}
		if !hashed.Has(v) || !plain.Has(v) {
			t.Errorf("%T %v is not among all", v, v)
		}
	}
}
