// Package sam expands the resources of the Serverless Application Model into those
// of CloudFormation, as the macro AWS::Serverless-2016-10-31 does when a template
// is deployed: AWS::Serverless::GraphQLApi whole, functions and tables as far as an
// API asks them. All others stay as they are.
//
// Local paths stay paths: package cloudformation reads them beside the template.
// Nodes keep the places where the template has them.
//
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
package sam
