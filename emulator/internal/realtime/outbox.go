package realtime

import "sync"

// message is one text message to the client: head alone, or head, body and a
// closing brace. The body is shared with other connections.
type message struct {
	head []byte
	body []byte
}

func (m *message) size() int {
	if m.body == nil {
		return len(m.head)
	}
	return len(m.head) + len(m.body) + 1
}

// closing says how a connection ends. Code 0 ends it without a close frame.
type closing struct {
	code   int
	reason string
}

// outbox is the bounded queue between publishers and the writer of one
// connection. Nothing in it ever waits.
type outbox struct {
	maxMessages int
	maxBytes    int
	// wake holds one token while there may be something to write.
	wake chan struct{}

	mu    sync.Mutex // guards the rest
	queue []message  // from head on
	head  int
	bytes int
	// pong is the answer to the latest ping; earlier ones need none (RFC 6455,
	// 5.5.3).
	pong   []byte
	ending *closing
}

func newOutbox(maxMessages, maxBytes int) *outbox {
	return &outbox{maxMessages: maxMessages, maxBytes: maxBytes, wake: make(chan struct{}, 1)}
}

// send queues a message. It reports false when the queue is full; nothing is
// queued then, nor after close.
func (o *outbox) send(m message) (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending != nil {
		return true
	}
	waiting := len(o.queue) - o.head
	size := m.size()
	// A single message always fits, however small the limits.
	if waiting >= o.maxMessages || waiting > 0 && o.bytes+size > o.maxBytes {
		return false
	}
	if len(o.queue) == cap(o.queue) && o.head > waiting {
		n := copy(o.queue, o.queue[o.head:])
		clear(o.queue[n:])
		o.queue, o.head = o.queue[:n], 0
	}
	o.queue = append(o.queue, m)
	o.bytes += size
	o.signal()
	return true
}

// sendPong queues the answer to a ping before all messages.
func (o *outbox) sendPong(data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending == nil {
		o.pong = data
		o.signal()
	}
}

// close ends the queue, after what waits in it or, with discard, at once. Only
// the first call counts; it reports whether this one was it.
func (o *outbox) close(c closing, discard bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending != nil {
		return false
	}
	o.ending = &c
	if discard {
		o.queue, o.head, o.bytes = nil, 0, 0
	}
	o.signal()
	return true
}

func (o *outbox) closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ending != nil
}

// take moves messages out, up to about max bytes. A non-nil ending means that
// nothing follows this batch.
func (o *outbox) take(batch []message, max int) (_ []message, pong []byte, ending *closing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	pong, o.pong = o.pong, nil
	for size := 0; o.head < len(o.queue) && size < max; o.head++ {
		m := o.queue[o.head]
		o.queue[o.head] = message{}
		batch = append(batch, m)
		size += m.size()
		o.bytes -= m.size()
	}
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
		if cap(o.queue) > idleQueue {
			o.queue = nil
		}
		ending = o.ending
	}
	return batch, pong, ending
}

// idleQueue is the room that an empty queue keeps.
const idleQueue = 64

// signal must be called with mu held.
func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
