package attribute_test

import (
	"strings"
	"testing"

	"appsync-emulator/storage/attribute"
)

// The rules are those of "DynamoDB item sizes and formats" in the developer
// guide. How digits pair up in numbers follows mhart/dynalite, whose tests probe
// DynamoDB's item size limit (test/putItem.js).
func TestSizeFollowsTheDeveloperGuide(t *testing.T) {
	for _, test := range []struct {
		value string
		want  int
	}{
		{`{"S":""}`, 0},
		{`{"S":"abc"}`, 3},
		{`{"S":"é"}`, 2},
		{`{"B":"AAEC"}`, 3},
		{`{"BOOL":false}`, 1},
		{`{"NULL":true}`, 1},
		{`{"N":"0"}`, 1},
		{`{"N":"1"}`, 2},
		{`{"N":"-1"}`, 3},
		{`{"N":"12"}`, 2},
		{`{"N":"123"}`, 3},
		{`{"N":"1200"}`, 2},
		{`{"N":"1.2"}`, 3},
		{`{"N":"0.01"}`, 2},
		{`{"N":"12345678901234567890123456789012345678"}`, 20},
		{`{"SS":["a","bcd"]}`, 4},
		{`{"NS":["1","12"]}`, 4},
		{`{"BS":["AA=="]}`, 1},
		{`{"L":[]}`, 3},
		{`{"L":[{"S":"a"},{"BOOL":true}]}`, 3 + (1 + 1) + (1 + 1)},
		{`{"M":{}}`, 3},
		{`{"M":{"k":{"S":"abc"}}}`, 3 + 1 + 1 + 3},
	} {
		if got := mustValue(t, test.value).Size(); got != test.want {
			t.Errorf("%s: %d bytes, want %d", test.value, got, test.want)
		}
	}
}

func TestItemSizeCountsNames(t *testing.T) {
	item, err := attribute.ParseItemJSON([]byte(`{"id":{"S":"x"},"näme":{"NULL":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := item.Size(), (2+1)+(5+1); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	if (*attribute.Item)(nil).Size() != 0 {
		t.Error("no item has a size")
	}
}

func nested(levels int) string {
	return strings.Repeat(`{"L":[`, levels) + `{"S":"x"}` + strings.Repeat(`]}`, levels)
}

// See "Nested attribute depth" under the service quotas; that 31 levels around a
// scalar pass and 32 do not is nubo-db/dynoxide#110, captured on DynamoDB.
func TestNestingIsLimited(t *testing.T) {
	v := mustValue(t, nested(31))
	if err := attribute.CheckNesting(v, 0); err != nil {
		t.Error(err)
	}
	const want = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
	if err := attribute.CheckNesting(v, 1); err == nil || err.Error() != want {
		t.Errorf("one level below another: %v", err)
	}
	if _, err := attribute.ParseValueJSON([]byte(nested(32))); err == nil || err.Error() != want {
		t.Errorf("32 levels: %v", err)
	}
	if _, err := attribute.ParseValueJSON([]byte(strings.Repeat(`{"L":[`, 1_000_000))); err == nil || err.Error() != want {
		t.Errorf("a million levels: %v", err)
	}
}
