// Package sigv4 checks AWS Signature Version 4: who signed a request, with which
// of the keys that the caller of this package knows, and that nobody has changed
// the request or kept it for too long. It also signs, for those who send.
//
// A Request is what is signed, which need not have come over HTTP: AppSync's
// clients sign the start of a subscription as if it were posted. DynamoDB's
// protocol and the AWS_IAM mode of an API verify with it. The checks, their order
// and their words are AWS's.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package sigv4
