package builtin_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "Math helpers in $util.math"; rounding is java.lang.Math.round.
func TestMathHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"roundNum", []any{2.5}, int32(3)},
		{"roundNum", []any{-2.5}, int32(-2)},
		{"roundNum", []any{2.4999}, int32(2)},
		{"roundNum", []any{int32(7)}, int32(7)},
		{"roundNum", []any{0.49999999999999994}, int32(0)},
		{"roundNum", []any{value.Decimal("10.50")}, int32(11)},
		{"roundNum", []any{1e30}, int64(9223372036854775807)},
		{"roundNum", []any{-1e30}, int64(-9223372036854775808)},
		{"roundNum", []any{10.2}, int32(10)},
		{"roundNum", []any{nil}, nil},
		{"minVal", []any{nil, nil}, nil},
		{"randomWithinRange", []any{nil, int32(1)}, nil},
		{"randomWithinRange", []any{int32(5), int32(3)}, int32(5)},
		{"minVal", []any{1.5, int32(1)}, 1.0},
		{"maxVal", []any{1.5, int32(1)}, 1.5},
		{"maxVal", []any{nil, int32(1)}, nil},
		{"randomWithinRange", []any{int32(3), int32(4)}, int32(3)},
		{"randomWithinRange", []any{int32(3), int32(3)}, int32(3)},
	} {
		mustEqual(t, c.name, call(t, u, "math", c.name, c.args...), c.want)
	}
	for range 100 {
		if n := call(t, u, "math", "randomWithinRange", int32(-5), int32(5)).(int32); n < -5 || n >= 5 {
			t.Errorf("randomWithinRange(-5, 5) = %d", n)
		}
		if f := call(t, u, "math", "randomDouble").(float64); f < 0 || f >= 1 {
			t.Errorf("randomDouble() = %v", f)
		}
	}
}
