// Package project is the neutral model of an AppSync project: what appsync.yml
// (and later other formats) say, as plain data with the positions of the text
// that said it. Loaders fill an API; everything else only reads it.
package project
