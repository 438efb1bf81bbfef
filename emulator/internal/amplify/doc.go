// Package amplify reads Amplify projects: the folders that the Amplify CLI (Gen 1)
// compiles an API into, the copy of what is deployed that it keeps in
// #current-cloud-backend, and the cloud assembly of a Gen 2 sandbox.
//
// Of Gen 1 the folder build of an API is read: its root template, with the values
// of parameters.json, and the stacks, templates and schema beside it, which
// locations in S3 name by the path below the deployment's root. What `amplify
// push` would add of other categories, such as roles and user pools, is made up.
//
// See: https://docs.amplify.aws/gen1/
package amplify
