package emulator

// Subscriptions is how many subscriptions an emulator has registered.
func Subscriptions(e *Emulator) int { return e.api.subscriptions.Len() }
