// Package apierror holds the errors that AppSync answers: their recorded JSON
// forms, type names and paths. Every part of a request that can refuse builds
// its refusal here.
package apierror
