// Package input finds out what kind of project a path is and loads it: an
// appsync.yml, a serverless.yml, a CloudFormation or SAM template, a CDK cloud
// assembly, an Amplify folder, a Terraform plan. Whatever it is, the result is
// package project's neutral model, and nothing above knows the difference.
//
// loaders is the table of kinds, in the order in which a folder is searched; a
// new kind is one entry there.
package input
