package realtime

import "testing"

// Type and id are read from what this package writes, whatever the texts in it.
func TestKindOfMessages(t *testing.T) {
	quoted := `"x\",\"type\":\"data"`
	for _, tt := range []struct {
		head     []byte
		kind, id string
	}{
		{keepAliveMessage, "ka", ""},
		{ackMessage(1), "connection_ack", ""},
		{idMessage(`"1"`, "start_ack"), "start_ack", `"1"`},
		{idMessage(`7`, "complete"), "complete", `7`},
		{dataHead(`"1"`), "data", `"1"`},
		{dataHead(quoted), "data", quoted},
		{idMessage(quoted, "complete"), "complete", quoted},
		{errorMessage(quoted, &Error{Type: "type", Message: `","type":"ka"`}), "error", quoted},
		{errorMessage("", &Error{Message: `{"id":"1","type":"ka"}`}), "error", ""},
		{connectionError(&Error{Type: `"type":"ka"`, Message: `{"type":"data"}`, Code: 400}), "connection_error", ""},
		{nil, "", ""},
	} {
		m := message{head: tt.head}
		if kind, id := m.kind(); kind != tt.kind || id != tt.id {
			t.Errorf("%s: %q of %q, want %q of %q", tt.head, kind, id, tt.kind, tt.id)
		}
	}
}

func TestCloseCodes(t *testing.T) {
	// RFC 6455, 7.4.1 and 7.4.2; 1012 to 1014 are registered with IANA.
	for code, valid := range map[int]bool{
		999: false, 1000: true, 1001: true, 1003: true, 1004: false, 1005: false, 1006: false, 1007: true, 1014: true,
		1015: false, 2999: false, 3000: true, 4999: true, 5000: false,
	} {
		if ValidCloseCode(code) != valid {
			t.Errorf("%d: want %v", code, valid)
		}
	}
}
