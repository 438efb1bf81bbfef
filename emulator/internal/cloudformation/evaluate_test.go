package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// described writes a value without functions on one line.
func described(n *project.Node) string {
	if n == nil {
		return "no value"
	}
	switch n.Kind() {
	case project.NodeList:
		var items []string
		for _, i := range n.Items() {
			items = append(items, described(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case project.NodeMap:
		var entries []string
		for i := range n.Entries() {
			e := &n.Entries()[i]
			entries = append(entries, e.Key()+": "+described(e.Value()))
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case project.NodeNull:
		return "null"
	}
	return n.Text()
}

// The values follow from the pages of the functions below
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html,
// those marked "page" are its examples.
func TestFunctions(t *testing.T) {
	const template = `
Parameters:
  Stage: {Type: String, Default: prod}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
  Number: {Type: Number, Default: 5}
Mappings:
  RegionMap:
    us-east-1: {HVM64: ami-0ff8a91507f77f867}
    us-west-1: {HVM64: ami-0bdb828fd58c52235, list: [x, y]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: {"Fn::Equals": [{Ref: Stage}, test]}
  Neither: !Not [!Or [!Condition IsProd, !Condition IsTest]]
  Both: {"Fn::And": [{Condition: IsProd}, !Not [{Condition: IsTest}]]}
  FiveIsText: !Equals [!Ref Number, "5"]
Resources:
  Table: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Sub "orders-${Stage}"}}
  Plain: {Type: "AWS::DynamoDB::Table"}
  Amplify: {Type: "Custom::AmplifyDynamoDBTable", Properties: {tableName: Amp}}
  Fn: {Type: "AWS::Lambda::Function"}
  Live: {Type: "AWS::Lambda::Alias", Properties: {FunctionName: !Ref Fn, Name: live}}
  Version: {Type: "AWS::Lambda::Version", Properties: {FunctionName: !GetAtt Fn.Arn}}
  Pool: {Type: "AWS::Cognito::UserPool"}
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: notes}}
  Source: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: ds}}
  Bucket: {Type: "AWS::S3::Bucket"}
`
	id := project.APIID("notes")
	tests := []struct {
		name, value, want string
	}{
		{"a plain value", "{a: [1, true, x]}", "{a: [1, true, x]}"},
		{"Ref of a parameter", "!Ref Stage", "prod"},
		{"Ref of a list parameter", "!Ref Zones", "[a, b, c]"},
		{"Ref in its long form", "{Ref: Stage}", "prod"},
		{"Ref of a table", "!Ref Table", "orders-prod"},
		{"Ref of a table without a name", "!Ref Plain", "Plain"},
		{"Ref of a custom table", "!Ref Amplify", "Amp"},
		{"Ref of an API is its ARN", "!Ref Api", "arn:aws:appsync:us-east-1:123456789012:apis/" + id},
		{"Ref of a data source is its ARN", "!Ref Source", "arn:aws:appsync:us-east-1:123456789012:apis/" + id + "/datasources/ds"},
		{"Ref of an alias is its ARN", "!Ref Live", "arn:aws:lambda:us-east-1:123456789012:function:Fn:live"},
		{"Ref of a version is its ARN", "!Ref Version", "arn:aws:lambda:us-east-1:123456789012:function:Fn:1"},
		{"Ref of another resource", "!Ref Bucket", "Bucket"},
		{"GetAtt of a table", "!GetAtt Table.Arn", "arn:aws:dynamodb:us-east-1:123456789012:table/orders-prod"},
		{"GetAtt as a list", `{"Fn::GetAtt": [Amplify, TableArn]}`, "arn:aws:dynamodb:us-east-1:123456789012:table/Amp"},
		{"GetAtt of a function", "!GetAtt Fn.Arn", "arn:aws:lambda:us-east-1:123456789012:function:Fn"},
		{"GetAtt of an API", "!GetAtt Api.ApiId", id},
		{"GetAtt of its URL", "!GetAtt Api.GraphQLUrl", "https://" + id + ".appsync-api.us-east-1.amazonaws.com/graphql"},
		{"GetAtt of a data source", "!GetAtt Source.Name", "ds"},
		{"GetAtt of what is not understood", "!GetAtt Bucket.DomainName", "Bucket.DomainName"},
		{"Amplify takes the name of a table out of its ARN",
			`{"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": [Amplify, TableArn]}]}]}]}]}`, "Amp"},
		{"Sub", `!Sub "${Stage}/${Table.Arn}/${AWS::Region}"`, "prod/arn:aws:dynamodb:us-east-1:123456789012:table/orders-prod/us-east-1"},
		{"Sub with variables", `!Sub ["www.${Domain}-${Stage}", {Domain: !Ref Table}]`, "www.orders-prod-prod"},
		{"Sub of a literal", `!Sub "${!Literal}${Stage}$x{"`, "${Literal}prod$x{"},
		{"Sub in its long form", `{"Fn::Sub": "${ Stage }"}`, "prod"},
		{"Join, page", `!Join [":", [a, b, c]]`, "a:b:c"},
		{"Join leaves out NoValue", `!Join ["-", [a, !Ref "AWS::NoValue", c]]`, "a-c"},
		{"Join of a list parameter", `!Join ["", !Ref Zones]`, "abc"},
		{"Select, page", `!Select ["1", [apples, grapes, oranges, mangoes]]`, "grapes"},
		{"Split, page", `!Split ["|", "a|b||c|"]`, "[a, b, , c, ]"},
		{"If", "!If [IsProd, yes, !Ref Nothing]", "yes"},
		{"If with NoValue", `{a: !If [IsTest, 1, !Ref "AWS::NoValue"], b: 2}`, "{b: 2}"},
		{"NoValue in a list", `[1, !Ref "AWS::NoValue", 3]`, "[1, 3]"},
		{"NoValue alone", `!Ref "AWS::NoValue"`, "no value"},
		{"conditions of conditions", "[!If [Neither, 1, 0], !If [Both, 1, 0], !If [FiveIsText, 1, 0]]", "[0, 1, 1]"},
		{"FindInMap, page", `!FindInMap [RegionMap, !Ref "AWS::Region", HVM64]`, "ami-0ff8a91507f77f867"},
		{"FindInMap of a list", `!FindInMap [RegionMap, us-west-1, list]`, "[x, y]"},
		{"FindInMap with a default", `!FindInMap [RegionMap, nowhere, HVM64, {DefaultValue: none}]`, "none"},
		{"Base64", `{"Fn::Base64": "AWS CloudFormation"}`, "QVdTIENsb3VkRm9ybWF0aW9u"},
		{"GetAZs", `!GetAZs ""`, "[us-east-1a, us-east-1b, us-east-1c]"},
		{"Length", `{"Fn::Length": [1, 2, 3]}`, "3"},
		{"ToJsonString", `{"Fn::ToJsonString": {a: !Ref Stage, b: [1, true, null]}}`, `{"a":"prod","b":[1,true,null]}`},
		{"pseudo parameters", `!Join ["|", [!Ref "AWS::AccountId", !Ref "AWS::Partition", !Ref "AWS::URLSuffix", !Ref "AWS::StackName"]]`,
			"123456789012|aws|amazonaws.com|template"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := template + "Value: " + tt.value + "\n"
			a, stacks := app(t, files{"template.yml": text}, cloudformation.Options{}, "template.yml")
			root := project.ParseFile(project.NewFile("template.yml", text), func(p project.Problem) { t.Fatal(p) })
			got := described(stacks[0].Resolve(root.Find("Value").Value()))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			equal(t, "problems", lines(a.Problems()), []string(nil))
		})
	}
}

func TestMistakesInFunctions(t *testing.T) {
	const template = `
Parameters:
  A: {Type: String}
Mappings: {M: {a: {b: 1}}}
Conditions:
  Never: !Equals [1, 2]
  Round: !Not [!Condition Round]
Resources:
  Gone: {Type: "AWS::DynamoDB::Table", Condition: Never}
  Me: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Sub "${You}"}}
  You: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Ref Me}}
`
	tests := []struct {
		name, value, want string
	}{
		{"an unknown function", `{"Fn::Gett": x}`, "there is no function Fn::Gett (did you mean `Fn::GetAtt`?)"},
		{"a misspelt function", `!Joim [x]`, "there is no function Fn::Joim (did you mean `Fn::Join`?)"},
		{"Cidr", `!Cidr [x, 1, 2]`, "Fn::Cidr is not supported"},
		{"Transform", `{"Fn::Transform": {Name: x}}`, "Fn::Transform is not supported"},
		{"a function that is not alone", `{"Fn::Join": ["", []], b: 1}`, "function Fn::Join must stand alone in its map"},
		{"Ref of nothing", `!Ref Me2`, "there is no resource or parameter `Me2` (did you mean `Me`?)"},
		{"Ref of a list", `!Ref [a]`, "Ref needs a name, not a list"},
		{"Ref of an unknown pseudo parameter", `!Ref "AWS::Regio"`, "there is no pseudo parameter `AWS::Regio` (did you mean `AWS::Region`?)"},
		{"a resource that does not exist", `!GetAtt Gone.Arn`, "resource Gone does not exist: its condition is false"},
		{"GetAtt without an attribute", `!GetAtt Me`, "Fn::GetAtt needs a resource and an attribute"},
		{"a circle", `!Ref Me`, "resource You: this refers to itself: resource Me -> resource You -> resource Me"},
		{"a circle of conditions", `!If [Round, 1, 2]`, "condition Round: this refers to itself: condition Round -> condition Round"},
		{"an unknown condition", `!If [Newer, 1, 2]`, "there is no condition `Newer` (did you mean `Never`?)"},
		{"If with two values", `!If [Never, 1]`, "Fn::If needs a list of 3 values"},
		{"a condition as a value", `!Equals [1, 1]`, "Fn::Equals is a condition and gives no value"},
		{"Join of a text", `!Join [",", abc]`, "Fn::Join needs a list to join, not a string"},
		{"Join of maps", `!Join [",", [{a: 1}]]`, "Fn::Join joins texts, not a map"},
		{"Select beyond the end", `!Select [3, [a]]`, "Fn::Select asks for item 3, and the list has 1"},
		{"Select by a word", `!Select [x, [a]]`, "Fn::Select needs the number of an item, not `x`"},
		{"Select below zero", `!Select [-1, [a]]`, "Fn::Select needs the number of an item, not `-1`"},
		{"Split by nothing", `!Split ["", abc]`, "Fn::Split needs a delimiter"},
		{"Sub of an unknown name", `!Sub "${Nobody.Arn}"`, "there is no resource or parameter `Nobody`"},
		{"Sub of a map", `!Sub {a: 1}`, "Fn::Sub needs a string, not a map"},
		{"FindInMap without the map", `!FindInMap [N, a, b]`, "there is no mapping `N`"},
		{"FindInMap without the key", `!FindInMap [M, a, c]`, "mapping M a has no `c`"},
		{"no value where a text must be", `!Join ["", [!Select [0, [!Ref "AWS::NoValue"]]]]`, "item 0 of Fn::Select is AWS::NoValue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := template + "Value: " + tt.value + "\n"
			a, stacks := app(t, files{"template.yml": text}, cloudformation.Options{}, "template.yml")
			root := project.ParseFile(project.NewFile("template.yml", text), func(p project.Problem) { t.Fatal(p) })
			stacks[0].Resolve(root.Find("Value").Value())
			got := lines(a.Problems())
			if len(got) == 0 {
				t.Fatalf("no mistake was found, want %s", tt.want)
			}
			if _, message, _ := strings.Cut(got[0], ": "); message != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if !strings.HasPrefix(got[0], "template.yml:") {
				t.Errorf("the place is missing: %s", got[0])
			}
		})
	}
}

// A text that doubles with each reference must not fill the memory, nor a chain of
// references the stack.
func TestTemplatesThatGrow(t *testing.T) {
	var doubling, chain strings.Builder
	doubling.WriteString("Resources:\n  T0: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: 0123456789}}\n")
	for i := 1; i < 64; i++ {
		fmt.Fprintf(&doubling, "  T%d: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Sub '${T%d}${T%d}'}}\n", i, i-1, i-1)
	}
	doubling.WriteString("Value: !Ref T63\n")
	chain.WriteString("Resources:\n  T0: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: x}}\n")
	for i := 1; i < 3000; i++ {
		fmt.Fprintf(&chain, "  T%d: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Ref T%d}}\n", i, i-1)
	}
	chain.WriteString("Value: !Ref T2999\n")
	conditions := "Conditions:\n  C0: !Equals [1, 1]\n"
	for i := 1; i < 64; i++ {
		conditions += fmt.Sprintf("  C%d: !And [!Condition C%d, !Condition C%d]\n", i, i-1, i-1)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"a text that doubles":    {doubling.String(), "the text would be longer than 4194304 bytes"},
		"a long chain":           {chain.String(), "the value depends on more than 400 others, one on the other"},
		"conditions that double": {conditions + "Resources: {}\nValue: !If [C63, yes, no]\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, stacks := app(t, files{"template.yml": tt.text}, cloudformation.Options{}, "template.yml")
			root := project.ParseFile(project.NewFile("template.yml", tt.text), func(p project.Problem) { t.Fatal(p) })
			stacks[0].Resolve(root.Find("Value").Value())
			got := strings.Join(lines(a.Problems()), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	const template = `
Parameters:
  Table: {Type: String}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /app/name}
Resources:
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: !Sub "a-${Stage}", AuthenticationType: AWS_IAM}}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, Definition: "type Query { a: Int }"}}
  Source:
    Type: AWS::AppSync::DataSource
    Properties: {ApiId: !GetAtt Api.ApiId, Name: ds, Type: AMAZON_DYNAMODB, Description: !Ref Stored, DynamoDBConfig: {TableName: !Sub "x-${Table}"}}
`
	load := func(parameters map[string]string) (string, string, []string, []string) {
		a, _ := app(t, files{"template.yml": template}, cloudformation.Options{Parameters: parameters}, "template.yml")
		loaded := a.Load(a.APIs()[0])
		return loaded.Name, loaded.DataSources[0].TableName, lines(loaded.Warnings), lines(a.Problems())
	}
	name, table, warnings, problems := load(nil)
	equal(t, "name", name, "a-dev")
	equal(t, "table", table, "x-Table")
	equal(t, "warnings", warnings, []string{
		"template.yml:11:77: resource Source: `Description` is not known: parameter Stored has its value in Parameter Store, and the name there stands for it (--parameter Stored=VALUE)",
		"template.yml:11:120: resource Source: `DynamoDBConfig`: `TableName` is not known: parameter Table has no value, and its name stands for one (--parameter Table=VALUE)",
	})
	equal(t, "problems", problems, []string(nil))

	name, table, warnings, problems = load(map[string]string{"Table": "orders", "Stage": "prod", "Stored": "n"})
	equal(t, "name", name, "a-prod")
	equal(t, "table", table, "x-orders")
	equal(t, "warnings", warnings, []string(nil))
	equal(t, "problems", problems, []string(nil))

	_, _, _, problems = load(map[string]string{"Stage": "test", "Table": "orders"})
	equal(t, "problems", problems, []string{"template.yml:4:54: parameter Stage must be one of dev, prod, not `test`"})
}
