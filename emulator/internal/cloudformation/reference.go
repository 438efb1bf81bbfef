package cloudformation

import (
	"fmt"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Types of resources that are understood.
const (
	kindAPI      = "AWS::AppSync::GraphQLApi"
	kindSchema   = "AWS::AppSync::GraphQLSchema"
	kindKey      = "AWS::AppSync::ApiKey"
	kindSource   = "AWS::AppSync::DataSource"
	kindResolver = "AWS::AppSync::Resolver"
	kindFunction = "AWS::AppSync::FunctionConfiguration"
	kindCache    = "AWS::AppSync::ApiCache"

	kindTable       = "AWS::DynamoDB::Table"
	kindGlobalTable = "AWS::DynamoDB::GlobalTable"

	kindLambda        = "AWS::Lambda::Function"
	kindLambdaAlias   = "AWS::Lambda::Alias"
	kindLambdaVersion = "AWS::Lambda::Version"

	kindUserPool       = "AWS::Cognito::UserPool"
	kindUserPoolClient = "AWS::Cognito::UserPoolClient"
)

// Custom resources of Amplify that are tables.
const (
	amplifyTable         = "Custom::AmplifyDynamoDBTable"
	amplifyImportedTable = "Custom::ImportedAmplifyDynamoDBTable"
)

func isTable(kind string) bool {
	switch kind {
	case kindTable, kindGlobalTable, amplifyTable, amplifyImportedTable:
		return true
	}
	return false
}

// nameProperties are the properties that hold the name which Ref gives.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html
var nameProperties = map[string]string{
	kindTable:                        "TableName",
	kindGlobalTable:                  "TableName",
	amplifyTable:                     "TableName",
	amplifyImportedTable:             "TableName",
	kindLambda:                       "FunctionName",
	"AWS::IAM::Role":                 "RoleName",
	"AWS::S3::Bucket":                "BucketName",
	"AWS::SSM::Parameter":            "Name",
	"AWS::Logs::LogGroup":            "LogGroupName",
	"AWS::Events::EventBus":          "Name",
	"AWS::Kinesis::Stream":           "Name",
	"AWS::OpenSearchService::Domain": "DomainName",
	"AWS::Elasticsearch::Domain":     "DomainName",
}

// reference returns what Ref gives for a resource; n asks for it.
func (r *resource) reference(n *project.Node) *project.Node {
	if r.ref != nil {
		return r.ref
	}
	s := r.stack
	if !s.enter("resource", r.id, n) {
		return s.app.bad
	}
	defer s.leave()
	r.ref = r.makeReference()
	return r.ref
}

func (r *resource) makeReference() *project.Node {
	s := r.stack
	switch r.kind {
	case kindAPI:
		return r.derived(func(id string) string { return s.arn("appsync", "apis/"+id) }, r.apiID())
	case kindSchema:
		return r.derived(func(id string) string { return id + "GraphQLSchema" }, r.value("ApiId"))
	case kindSource:
		return r.ofAPI("datasources/", r.value("Name"))
	case kindFunction:
		return r.ofAPI("functions/", s.replaced(r.node, r.functionID()))
	case kindKey:
		return r.ofAPI("apikeys/", r.key())
	case kindResolver:
		return r.ofAPI("types/", r.derived(func(t string) string { return t + "/resolvers/" }, r.value("TypeName")), r.value("FieldName"))
	case kindLambdaAlias:
		return r.qualified(r.value("Name"))
	case kindLambdaVersion:
		return r.qualified(s.replaced(r.node, "1"))
	case kindUserPool:
		return s.replaced(r.node, r.userPoolID())
	case kindUserPoolClient:
		return s.replaced(r.node, project.StableID("client/"+s.seed()+"/"+r.id, 26))
	case nestedStack:
		if child := s.children[r.id]; child != nil {
			return s.replaced(r.node, child.stackID())
		}
	case "AWS::SNS::Topic":
		return s.replaced(r.node, s.arn("sns", r.id))
	case "AWS::SecretsManager::Secret":
		return s.replaced(r.node, s.arn("secretsmanager", "secret:"+r.id))
	case "AWS::SQS::Queue":
		return s.replaced(r.node, "https://sqs."+s.region()+".amazonaws.com/"+s.account()+"/"+r.id)
	}
	return r.name()
}

// name is the physical name of a resource: the one that it has, or its logical id.
func (r *resource) name() *project.Node {
	if r.physical == nil {
		r.physical = r.makeName()
	}
	return r.physical
}

func (r *resource) makeName() *project.Node {
	if property, named := nameProperties[r.kind]; named {
		if e := r.property(property); e != nil {
			if v := r.stack.eval(e.Value()); v != nil && v.Kind() != project.NodeNull {
				if !r.stack.app.isBad(v) && !isScalar(v) {
					return r.stack.fail(e.Value(), "resource %s: `%s` must be a string, not %s", r.path(), property, v.Kind())
				}
				return v
			}
		}
	}
	return r.stack.replaced(r.node, r.ownName())
}

// ownName is the name of a resource that has none: its logical id, with those of
// the stacks around it where another has that already.
func (r *resource) ownName() string {
	s := r.stack
	if !isTable(r.kind) && r.kind != kindLambda {
		return r.id
	}
	for _, other := range s.app.stacks {
		if o := other.resources[r.id]; o != nil && o != r && (isTable(o.kind) || o.kind == kindLambda) {
			return s.stackName() + "-" + r.id
		}
	}
	if isTable(r.kind) && !project.IsTableName(r.id) { // too short
		return s.stackName() + "-" + r.id
	}
	return r.id
}

// value evaluates a property that is a text; a text that stands for it when there
// is none.
func (r *resource) value(property string) *project.Node {
	if e := r.property(property); e != nil {
		if v := r.stack.text(e.Value()); v != nil {
			return v
		}
		return r.stack.app.bad
	}
	return r.stack.replaced(r.node, r.id)
}

// derived returns what make makes of a value.
func (r *resource) derived(make func(text string) string, v *project.Node) *project.Node {
	if r.stack.app.isBad(v) {
		return v
	}
	return r.stack.replaced(r.node, make(v.Text()), v)
}

// ofAPI returns the ARN of a part of an API.
func (r *resource) ofAPI(kind string, names ...*project.Node) *project.Node {
	id := r.value("ApiId")
	if r.stack.app.isBad(id) {
		return id
	}
	text := "apis/" + id.Text() + "/" + kind
	for _, n := range names {
		if r.stack.app.isBad(n) {
			return n
		}
		text += n.Text()
	}
	return r.stack.replaced(r.node, r.stack.arn("appsync", text), append(names, id)...)
}

// qualified returns the ARN of a version or alias of a Lambda function.
func (r *resource) qualified(qualifier *project.Node) *project.Node {
	s := r.stack
	function := r.value("FunctionName")
	if s.app.isBad(function) || s.app.isBad(qualifier) {
		return s.app.bad
	}
	arn := function.Text()
	if !strings.HasPrefix(arn, "arn:") {
		arn = s.arn("lambda", "function:"+arn)
	}
	return s.replaced(r.node, arn+":"+qualifier.Text(), function, qualifier)
}

// apiID is the identifier of an API, which follows from its name; where several
// stacks have an API of the name, from the stack's, too.
func (r *resource) apiID() *project.Node {
	name := r.value("Name")
	if r.stack.app.isBad(name) {
		return name
	}
	seed := name.Text()
	if len(r.stack.app.stacksWith(seed)) > 1 {
		seed = r.stack.root().name + "/" + seed
	}
	return r.stack.replaced(r.node, project.APIID(seed))
}

func (r *resource) functionID() string {
	return project.StableID("function/"+r.stack.seed()+"/"+r.id, 26)
}

// key is an API key. Templates never hold one: it is AppSync that makes it.
func (r *resource) key() *project.Node {
	s := r.stack
	if e := r.property("ApiKeyId"); e != nil {
		if v := s.eval(e.Value()); v != nil && !s.app.isBad(v) && strings.HasPrefix(v.Text(), "da2-") {
			return v
		}
	}
	return r.derived(func(id string) string {
		return "da2-" + project.StableID("apikey/"+id+"/"+r.path(), 26)
	}, r.value("ApiId"))
}

// userPoolID has the form of Cognito's: the region and nine letters and digits.
func (r *resource) userPoolID() string {
	return r.stack.region() + "_" + project.StableID("userpool/"+r.stack.seed()+"/"+r.id, 9)
}

// attribute returns what Fn::GetAtt gives for a resource.
func (r *resource) attribute(n *project.Node, name string) *project.Node {
	s := r.stack
	if r.kind == nestedStack {
		output, ok := strings.CutPrefix(name, "Outputs.")
		if !ok {
			return s.fail(n, "nested stack %s has outputs alone, not `%s`", r.path(), shorten(name))
		}
		child := s.children[r.id]
		if child == nil {
			return s.app.bad // why has been reported
		}
		return child.output(output, n)
	}
	if !s.enter("resource", r.id+"."+name, n) {
		return s.app.bad
	}
	defer s.leave()
	return r.makeAttribute(name)
}

// makeAttribute returns an attribute. Of resources that are not understood it is a
// text of the form that such attributes have.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
func (r *resource) makeAttribute(name string) *project.Node {
	s := r.stack
	switch r.kind {
	case kindAPI:
		if v := r.apiAttribute(name); v != nil {
			return v
		}
	case kindSource:
		switch name {
		case "Name":
			return r.value("Name")
		case "DataSourceArn":
			return r.makeReference()
		}
	case kindFunction:
		switch name {
		case "FunctionId":
			return s.replaced(r.node, r.functionID())
		case "FunctionArn":
			return r.makeReference()
		case "Name", "DataSourceName":
			return r.value(name)
		}
	case kindResolver:
		switch name {
		case "ResolverArn":
			return r.makeReference()
		case "TypeName", "FieldName":
			return r.value(name)
		}
	case kindKey:
		switch name {
		case "ApiKey", "ApiKeyId":
			return r.key()
		case "Arn":
			return r.makeReference()
		}
	case kindTable, kindGlobalTable, amplifyTable, amplifyImportedTable:
		return r.tableAttribute(name)
	case kindLambda:
		if name == "Arn" {
			return r.derived(func(function string) string { return s.arn("lambda", "function:"+function) }, r.name())
		}
	case kindLambdaAlias, kindLambdaVersion:
		switch name {
		case "AliasArn", "FunctionArn":
			return r.makeReference()
		case "Version":
			return s.replaced(r.node, "1")
		}
	case kindUserPool:
		switch name {
		case "Arn":
			return s.replaced(r.node, s.arn("cognito-idp", "userpool/"+r.userPoolID()))
		case "ProviderName":
			return s.replaced(r.node, "cognito-idp."+s.region()+".amazonaws.com/"+r.userPoolID())
		case "ProviderURL":
			return s.replaced(r.node, project.CognitoIssuer(s.region(), r.userPoolID()))
		case "UserPoolId":
			return s.replaced(r.node, r.userPoolID())
		}
	case kindUserPoolClient:
		if name == "ClientId" {
			return r.makeReference()
		}
	}
	if name == "Arn" {
		return r.derived(func(physical string) string {
			service := strings.ToLower(r.kind)
			if parts := strings.Split(service, "::"); len(parts) == 3 {
				service = parts[1]
			}
			return s.arn(service, physical)
		}, r.name())
	}
	v := r.derived(func(physical string) string { return physical + "." + name }, r.name())
	if !s.app.isBad(v) {
		s.app.doubts[v] = doubt{why: fmt.Sprintf("%s of resource %s (%s) is known once it is deployed, and a text stands for it", shorten(name), r.path(), r.kind)}
	}
	return v
}

// apiAttribute returns nil for an attribute that APIs have not.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-graphqlapi.html
func (r *resource) apiAttribute(name string) *project.Node {
	s := r.stack
	host := ".appsync-api." + s.region() + ".amazonaws.com"
	realtime := ".appsync-realtime-api." + s.region() + ".amazonaws.com"
	forms := map[string]func(id string) string{
		"ApiId":              func(id string) string { return id },
		"Arn":                func(id string) string { return s.arn("appsync", "apis/"+id) },
		"GraphQLEndpointArn": func(id string) string { return s.arn("appsync", "endpoints/graphql-api/"+id) },
		"GraphQLUrl":         func(id string) string { return "https://" + id + host + "/graphql" },
		"GraphQLDns":         func(id string) string { return id + host },
		"RealtimeUrl":        func(id string) string { return "wss://" + id + realtime + "/graphql" },
		"RealtimeDns":        func(id string) string { return id + realtime },
	}
	form := forms[name]
	if form == nil {
		return nil
	}
	return r.derived(form, r.apiID())
}

func (r *resource) tableAttribute(name string) *project.Node {
	s := r.stack
	return r.derived(func(table string) string {
		arn := s.arn("dynamodb", "table/"+table)
		switch name {
		case "Arn", "TableArn":
			return arn
		case "StreamArn", "TableStreamArn":
			return arn + "/stream/2020-01-01T00:00:00.000"
		case "TableName":
			return table
		case "TableId":
			return project.StableID("table/"+table, 26)
		}
		return table + "." + name
	}, r.name())
}
