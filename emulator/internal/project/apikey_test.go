package project

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPIKeyOfAProjectThatNamesNone(t *testing.T) {
	for _, text := range []string{head, head + "apiKeys: []\n", head + "apiKeys:\n"} {
		api := mustLoad(t, text, nil)
		want := []APIKey{{Name: "Default", Key: "da2-fakeApiId123456", Description: "Default"}}
		if diff := cmp.Diff(want, api.APIKeys, modelOptions); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
	}
}

func TestAPIKeysAreUsedOnlyWithTheirAuthentication(t *testing.T) {
	api := mustLoad(t, "name: x\nauthentication: {type: AWS_IAM}\napiKeys: [a]\n", nil)
	if len(api.APIKeys) != 0 {
		t.Errorf("keys %v", api.APIKeys)
	}
	api = mustLoad(t, "name: x\nauthentication: {type: AWS_IAM}\nadditionalAuthentications: [{type: API_KEY}]\napiKeys: [a]\n", nil)
	if len(api.APIKeys) != 1 {
		t.Errorf("keys %v", api.APIKeys)
	}
}

func TestAPIKeySecrets(t *testing.T) {
	text := head + `apiKeys:
  - web
  - {name: ci, description: for tests, apiKeyId: abc, wafRules: []}
  - {name: own, key: da2-mine}
`
	first, second := mustLoad(t, text, nil).APIKeys, mustLoad(t, text, nil).APIKeys
	// The form of a key: AppSync's da2- and 26 lowercase letters and digits.
	form := regexp.MustCompile(`^da2-[a-z0-9]{26}$`)
	for i, key := range first[:2] {
		if !form.MatchString(key.Key) {
			t.Errorf("key %s is %q", key.Name, key.Key)
		}
		if key.Key != second[i].Key {
			t.Errorf("key %s differs between loads", key.Name)
		}
	}
	if first[0].Key == first[1].Key {
		t.Error("two keys have one secret")
	}
	if first[0].Description != "web" || first[1].Description != "for tests" {
		t.Errorf("descriptions %q, %q", first[0].Description, first[1].Description)
	}
	if first[2].Key != "da2-mine" {
		t.Errorf("the project's own key became %q", first[2].Key)
	}
}

// The expectations follow serverless-appsync-plugin 2: counted from the start
// of the hour (15:00 for testNow), a number is hours, 24 hours count as 25, and
// a year as 365 days.
func TestAPIKeyExpiry(t *testing.T) {
	hour := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	tests := []struct {
		key  string
		want time.Time
	}{
		{"web", hour.Add(365 * day)},
		{"{name: web}", hour.Add(365 * day)},
		{"{name: web, expiresAfter: 30d}", hour.Add(30 * day)},
		{"{name: web, expiresAfter: 48}", hour.Add(48 * time.Hour)},
		{"{name: web, expiresAfter: '48'}", hour.Add(48 * time.Hour)},
		{"{name: web, expiresAfter: 36.5}", hour.Add(36*time.Hour + 30*time.Minute)},
		{"{name: web, expiresAfter: 24h}", hour.Add(25 * time.Hour)},
		{"{name: web, expiresAfter: 24}", hour.Add(25 * time.Hour)},
		{"{name: web, expiresAfter: 2w}", hour.Add(14 * day)},
		{"{name: web, expiresAfter: 1M}", hour.AddDate(0, 1, 0)},
		{"{name: web, expiresAfter: 2q}", hour.AddDate(0, 6, 0)},
		{"{name: web, expiresAfter: 1y}", hour.Add(365 * day)},
		{"{name: web, expiresAfter: 2880m}", hour.Add(2 * day)},
		{"{name: web, expiresAfter: 172800s}", hour.Add(2 * day)},
		{"{name: web, expiresAfter: 172800000ms}", hour.Add(2 * day)},
		{"{name: web, expiresAt: 2026-12-31T10:20:30Z}", time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)},
		{"{name: web, expiresAt: 2026-12-31T10:20:30+02:00}", time.Date(2026, 12, 31, 8, 0, 0, 0, time.UTC)},
		{"{name: web, expiresAt: 2026-12-31}", time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"{name: web, expiresAt: 2020-01-01}", time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			api := mustLoad(t, head+"apiKeys: ["+tt.key+"]\n", nil)
			if got := api.APIKeys[0].Expires; !got.Equal(tt.want) {
				t.Errorf("expires %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAPIKeyValidityIsBounded(t *testing.T) {
	for _, duration := range []string{"0", "23", "-5", "1e300", ".nan", "8761", "13M", "5q", "2y", "999999999999999999w", "1h", "1ms"} {
		t.Run(duration, func(t *testing.T) {
			_, problems := loadText(head+"apiKeys: [{name: web, expiresAfter: "+duration+"}]\n", nil)
			if len(problems) != 1 {
				t.Errorf("problems %v, want one", problems)
			}
		})
	}
}

func TestAddMonthsKeepsTheMonth(t *testing.T) {
	got := addMonths(time.Date(2026, 1, 31, 5, 0, 0, 0, time.UTC), 1)
	if want := time.Date(2026, 2, 28, 5, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
