// Package cloudformation reads AppSync APIs out of CloudFormation templates: what
// CDK, Amplify, SAM and the Serverless Framework all deploy.
//
// An App is a set of stacks, with the stacks nested in them. Its expressions are
// evaluated when somebody asks for their value and not in the order of the file,
// for stacks refer to each other's outputs; whoever comes back to himself is
// told so. Only what an API is made of is evaluated: a mistake in a policy is
// none here. APIs lists the APIs of the app, Load turns one into the neutral
// model of package project, with the positions of the text that said it.
//
// Values are project.Nodes, so that a template that Fn::Join puts together still
// knows the line of each of its parts.
package cloudformation
