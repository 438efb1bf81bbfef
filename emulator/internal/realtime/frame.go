package realtime

import "encoding/binary"

// Final frames by opcode (RFC 6455, 5.2). A server does not mask.
const (
	textFrame  = 0x81
	closeFrame = 0x88
	pingFrame  = 0x89
	pongFrame  = 0x8A
)

func appendFrameHeader(dst []byte, first byte, size int) []byte {
	switch {
	case size < 126:
		return append(dst, first, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(size))
	}
}

// append appends the frames of the batch: control frames first, a close frame
// last.
func (b *batch) append(dst []byte) []byte {
	if b.pong != nil {
		dst = append(appendFrameHeader(dst, pongFrame, len(b.pong)), b.pong...)
	}
	if b.ping {
		dst = appendFrameHeader(dst, pingFrame, 0)
	}
	for i := range b.messages {
		dst = appendMessage(dst, &b.messages[i])
	}
	if b.ending != nil && b.ending.code != 0 {
		dst = appendClose(dst, b.ending)
	}
	return dst
}

func appendMessage(dst []byte, m *message) []byte {
	dst = appendFrameHeader(dst, textFrame, m.size())
	dst = append(dst, m.head...)
	if m.body != nil {
		dst = append(dst, m.body...)
		dst = append(dst, '}')
	}
	return dst
}

// maxReason keeps a close frame within the 125 bytes of a control frame.
const maxReason = 123

func appendClose(dst []byte, c *closing) []byte {
	reason := c.reason
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	if c.code == noStatus {
		return appendFrameHeader(dst, closeFrame, 0)
	}
	dst = appendFrameHeader(dst, closeFrame, 2+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(c.code))
	return append(dst, reason...)
}

// noStatus stands for a close frame without a code; it is never sent.
const noStatus = 1005
