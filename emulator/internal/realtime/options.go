package realtime

import (
	"log/slog"
	"time"
)

// Options tunes a Handler. A zero field means the value that AppSync has, or a
// sensible one where AppSync says nothing.
type Options struct {
	// Log receives what goes wrong. Nil logs nothing.
	Log *slog.Logger

	// Faults disturbs connections, for tests; nil disturbs none.
	Faults Faults

	// ConnectionTimeout is announced in connection_ack: a client that hears
	// nothing for so long reconnects. One that is not heard for so long is gone.
	// 5 minutes.
	ConnectionTimeout time.Duration
	// KeepAlive is the time between ka messages, with each of which goes a ping.
	// 1 minute.
	KeepAlive time.Duration
	// FirstKeepAlive is when the first ka goes to a client that sends no
	// connection_init. 1 second.
	FirstKeepAlive time.Duration
	// MaxAge is how long a connection lives. 24 hours.
	MaxAge time.Duration

	// MaxSubscriptions is per connection. 100.
	MaxSubscriptions int
	// MaxPayload bounds one event, in bytes; a larger one is dropped and logged.
	// 240 KB.
	MaxPayload int
	// ReadLimit bounds a message of the client, in bytes. 1 MB.
	ReadLimit int64

	// QueueMessages and QueueBytes bound what waits for a slow client before it
	// is disconnected. 10,000 messages, 16 MB.
	QueueMessages int
	QueueBytes    int
	// WriteTimeout is how long one write may wait for the client. 10 seconds.
	WriteTimeout time.Duration
	// CloseTimeout is how long the client may take to answer a close. 1 second.
	CloseTimeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.ConnectionTimeout, 5*time.Minute)
	setDefault(&o.KeepAlive, time.Minute)
	setDefault(&o.FirstKeepAlive, time.Second)
	setDefault(&o.MaxAge, 24*time.Hour)
	setDefault(&o.MaxSubscriptions, 100)
	setDefault(&o.MaxPayload, 240<<10)
	setDefault(&o.ReadLimit, 1<<20)
	setDefault(&o.QueueMessages, 10_000)
	setDefault(&o.QueueBytes, 16<<20)
	setDefault(&o.WriteTimeout, 10*time.Second)
	setDefault(&o.CloseTimeout, time.Second)
	return o
}

func setDefault[T int | int64 | time.Duration](field *T, v T) {
	if *field == 0 {
		*field = v
	}
}
