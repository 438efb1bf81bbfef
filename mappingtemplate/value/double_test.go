package value_test

import (
	"math"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// TestFormatDouble has what Double.toString prints in OpenJDK 17, digits that
// are not needed included.
func TestFormatDouble(t *testing.T) {
	for _, test := range []struct {
		number float64
		want   string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{math.NaN(), "NaN"},
		{math.Inf(-1), "-Infinity"},
		{1.5, "1.5"},
		{19.99, "19.99"},
		{0.30000000000000004, "0.30000000000000004"},
		{100, "100.0"},
		{1e7, "1.0E7"},
		{9999999.999999998, "9999999.999999998"},
		{0.001, "0.001"},
		{0.002, "0.002"},
		{9.99e-4, "9.99E-4"},
		{1e23, "9.999999999999999E22"},
		{76755269798667865, "7.6755269798667872E16"},
		{93608214087202672, "9.3608214087202672E16"},
		{math.SmallestNonzeroFloat64, "4.9E-324"},
		{math.MaxFloat64, "1.7976931348623157E308"},
		{2.2250738585072014e-308, "2.2250738585072014E-308"},
		{math.Float64frombits(0x453327063aa7e41c), "2.3153877772571896E25"},
	} {
		if got := value.FormatDouble(test.number); got != test.want {
			t.Errorf("FormatDouble(%b) = %s, want %s", test.number, got, test.want)
		}
	}
}
