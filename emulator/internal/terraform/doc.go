// Package terraform reads AppSync APIs out of what `terraform show -json` writes of
// a plan or a state.
//
// HCL itself is not read: it takes Terraform to know its values. The resources of
// the AWS provider become those of a CloudFormation template, by their addresses,
// with functions such as Ref where a plan knows only after apply what a value is:
// there the configuration in the plan says to which resource it refers. Package
// cloudformation makes APIs of the template, so that those of either are one and the
// same; package input puts the two together.
package terraform
