// Package cdk reads cloud assemblies: the folder cdk.out that `cdk synth` writes,
// and that an Amplify Gen 2 sandbox leaves in .amplify.
//
// The manifest names the stacks, the stages (assemblies in folders below) and the
// asset manifests, which tell where in the folder the files are that templates
// name by the bucket and key that they will be uploaded to. The templates are
// package cloudformation's.
//
// See: https://github.com/aws/aws-cdk/tree/main/packages/@aws-cdk/cloud-assembly-schema
package cdk
