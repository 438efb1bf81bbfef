package faults_test

import (
	"testing"
)

// What another schema has is matched from then on, and what is set stays.
func TestFieldsOfAnotherSchema(t *testing.T) {
	f := start(t)
	if _, err := f.Set(`{"id":"old","kind":"latency","delay":"1ms","match":{"field":"Query.getPost"}}`); err != nil {
		t.Fatal(err)
	}
	f.SetFields([]string{"Query.other"})
	if _, err := f.Set(`{"kind":"latency","delay":"1ms","match":{"field":"Query.other"}}`); err != nil {
		t.Error(err)
	}
	if _, err := f.Set(`{"kind":"latency","delay":"1ms","match":{"field":"Query.getPost"}}`); err == nil {
		t.Error("a field that is gone is matched")
	}
	if _, ok := f.Get("old"); !ok {
		t.Error("a fault that was set is gone")
	}
}
