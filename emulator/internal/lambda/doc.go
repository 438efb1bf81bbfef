// Package lambda invokes Lambda functions that run elsewhere on the developer's
// machine: under AWS SAM (sam local start-lambda), LocalStack or the runtime
// interface emulator of Lambda's container images, all of which speak Lambda's
// Invoke API over HTTP. The emulator runs no function itself.
//
// An Invoker is what the rest of the emulator knows: handlers of failed
// conditions and of conflicts, and whatever else AppSync asks functions for. A
// Client is the Invoker over HTTP. Requests are not signed: what answers them is
// local, and no key leaves the emulator or reaches its log.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
package lambda
