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

// batch is what a writer takes out of an outbox at a time.
type batch struct {
	messages []message
	// ping asks the client for a sign of life; pong answers its own ping.
	ping bool
	pong []byte
	// ending is set when nothing follows this batch.
	ending *closing
}

// outbox is the bounded queue between publishers and the writer of one
// connection. Nothing in it ever waits.
type outbox struct {
	maxMessages int
	maxBytes    int
	// wake starts a writer. It is called with mu held, once for each time that
	// there is something to write and no writer.
	wake func()
	// filter, when it is set, may take over a message that is sent: it pushes it or
	// not.
	filter func(m message) (taken bool)

	mu    sync.Mutex // guards the rest
	queue []message  // from head on
	head  int
	bytes int
	ping  bool
	// pong is the answer to the latest ping; earlier ones need none (RFC 6455,
	// 5.5.3).
	pong   []byte
	ending *closing
	// writing is set while there is a writer: until take finds nothing to write,
	// or for good once it has given out the ending.
	writing bool
}

// send queues a message. It reports false when the queue is full; nothing is
// queued then, nor after close.
func (o *outbox) send(m message) (ok bool) {
	if o.filter != nil && o.filter(m) {
		return true
	}
	return o.push(m)
}

// push queues a message past the filter.
func (o *outbox) push(m message) (ok bool) {
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
	o.start()
	return true
}

// sendPing queues a ping before all messages.
func (o *outbox) sendPing() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending == nil {
		o.ping = true
		o.start()
	}
}

// sendPong queues the answer to a ping before all messages.
func (o *outbox) sendPong(data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending == nil {
		o.pong = data
		o.start()
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
	o.start()
	return true
}

func (o *outbox) closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ending != nil
}

// take moves messages into b, up to about max bytes. It reports false when there
// is nothing to write: the writer must then end.
func (o *outbox) take(b *batch, max int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	b.messages = b.messages[:0]
	b.ping, o.ping = o.ping, false
	b.pong, o.pong = o.pong, nil
	b.ending = nil
	for size := 0; o.head < len(o.queue) && size < max; o.head++ {
		m := o.queue[o.head]
		o.queue[o.head] = message{}
		b.messages = append(b.messages, m)
		size += m.size()
		o.bytes -= m.size()
	}
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
		if cap(o.queue) > idleQueue {
			o.queue = nil
		}
		b.ending = o.ending
	}
	if len(b.messages) == 0 && !b.ping && b.pong == nil && b.ending == nil {
		o.writing = false
		return false
	}
	return true
}

// idleQueue is the room that an empty queue keeps.
const idleQueue = 16

// start must be called with mu held.
func (o *outbox) start() {
	if !o.writing {
		o.writing = true
		o.wake()
	}
}
