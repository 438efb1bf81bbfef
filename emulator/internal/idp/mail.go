package idp

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxMessages bounds the mailbox: the oldest messages go first.
const maxMessages = 200

// Message is what Cognito would have sent to a user.
type Message struct {
	Pool     string `json:"userPoolId"`
	Username string `json:"username"`
	// Trigger is Cognito's name of the occasion, such as CustomMessage_SignUp.
	Trigger string `json:"trigger"`
	// To is the address, empty when the user has none.
	To   string `json:"to,omitempty"`
	Code string `json:"code,omitempty"`
	// TemporaryPassword is set in invitations.
	TemporaryPassword string    `json:"temporaryPassword,omitempty"`
	Time              time.Time `json:"time"`
}

// The occasions of messages.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
const (
	triggerSignUp    = "CustomMessage_SignUp"
	triggerResend    = "CustomMessage_ResendCode"
	triggerPassword  = "CustomMessage_ForgotPassword"
	triggerAttribute = "CustomMessage_UpdateUserAttribute"
	triggerVerify    = "CustomMessage_VerifyUserAttribute"
	triggerInvite    = "CustomMessage_AdminCreateUser"
)

// mailbox keeps the messages of a provider. The zero value is empty.
type mailbox struct {
	mu       sync.Mutex // guards messages
	messages []Message
}

func (b *mailbox) add(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
	if n := len(b.messages) - maxMessages; n > 0 {
		b.messages = append([]Message(nil), b.messages[n:]...)
	}
}

func (b *mailbox) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = nil
}

// list returns the messages to a user, or to all when username is empty, the
// latest first.
func (b *mailbox) list(username string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Message{}
	for i := len(b.messages) - 1; i >= 0; i-- {
		if m := b.messages[i]; username == "" || equalName(m.Username, username) || equalName(m.To, username) {
			out = append(out, m)
		}
	}
	return out
}

// send keeps a message and logs its code. An invitation's password is in the
// mailbox alone.
func (p *Provider) send(pool *pool, username, trigger, to, code, password string) {
	p.mail.add(Message{
		Pool: pool.ID, Username: username, Trigger: trigger, To: to, Code: code, TemporaryPassword: password,
		Time: p.now().UTC().Truncate(time.Millisecond),
	})
	if code != "" {
		p.log.Info("a code for a user, which Cognito would send", "user", username, "to", to, "for", trigger, "code", code)
		return
	}
	p.log.Info("an invitation for a user, which Cognito would send; GET /_emulator/idp/messages shows it", "user", username, "to", to)
}

// The purposes of codes and how long they are valid.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
const (
	purposeSignUp    = "SignUp"
	purposePassword  = "ForgotPassword"
	purposeAttribute = "Attribute:" // followed by its name

	signUpValidity    = 24 * time.Hour
	passwordValidity  = time.Hour
	attributeValidity = 24 * time.Hour
)

// issue gives a user, who is a clone, a new code.
func (p *Provider) issue(pool *pool, u *user, purpose string, validity time.Duration) string {
	text := pool.ConfirmationCode
	if text == "" {
		text = fmt.Sprintf("%06d", new(big.Int).Mod(new(big.Int).SetBytes(p.random(16)), big.NewInt(1_000_000)))
	}
	u.Codes[purpose] = code{Text: text, Expires: p.now().Add(validity)}
	return text
}

// use takes a code from a user, who is a clone.
func (p *Provider) use(u *user, purpose, text string) error {
	c, sent := u.Codes[purpose]
	switch {
	case !sent || !p.now().Before(c.Expires):
		return errCodeExpired
	case c.Text != text:
		return errCode
	}
	delete(u.Codes, purpose)
	return nil
}

// delivery tells where a message goes, with the address made unrecognizable.
type delivery struct {
	AttributeName  string
	DeliveryMedium string
	Destination    string
}

// deliver returns where the pool sends a code to a user, and the address; nil when
// there is none. Codes that verify an address go to those that the pool verifies,
// others to addresses that are verified. A telephone goes before a mailbox.
//
// See: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html
func (p *pool) deliver(u *user, verified bool) (*delivery, string) {
	for _, attribute := range []string{"phone_number", "email"} {
		to := u.attribute(attribute)
		if to != "" && (verified && u.verified(attribute) || !verified && slices.Contains(p.AutoVerifiedAttributes, attribute)) {
			return deliveryOf(attribute, to), to
		}
	}
	return nil, ""
}

func deliveryOf(attribute, to string) *delivery {
	if attribute == "phone_number" {
		return &delivery{attribute, "SMS", maskPhone(to)}
	}
	return &delivery{attribute, "EMAIL", maskEmail(to)}
}

// maskEmail is a***@e***, as in the examples of Cognito's API.
//
// See: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CodeDeliveryDetailsType.html
func maskEmail(address string) string {
	name, host, _ := strings.Cut(address, "@")
	first := func(s string) string {
		for _, r := range s {
			return string(r)
		}
		return ""
	}
	return first(name) + "***@" + first(host) + "***"
}

// maskPhone is +*******1234.
func maskPhone(number string) string {
	digits := strings.TrimPrefix(number, "+")
	shown := digits[max(0, len(digits)-4):]
	return "+" + strings.Repeat("*", len(digits)-len(shown)) + shown
}
