package emulator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

const samples = "internal/input/testdata"

// Everything in the samples compiles: their schemas, and every mapping template.
func TestSamplesOfOtherToolsLoad(t *testing.T) {
	for _, path := range []string{"cdk-plain", "cdk-pos-datastore", "amplify-gen1-pos", "serverless-notes/packaged-template.json"} {
		t.Run(path, func(t *testing.T) {
			p, err := emulator.Load(filepath.Join(samples, path), emulator.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind() == "" {
				t.Error("it is not told what was loaded")
			}
		})
	}
}

// dataOf sends a query and returns the answer's data.
func dataOf(t testing.TB, s *emulatortest.Server, query string, variables any) map[string]any {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := s.Post(string(body))
	var answer struct {
		Data   map[string]any
		Errors []json.RawMessage
	}
	if err := json.Unmarshal([]byte(r.Body), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("HTTP %d: %s", r.Status, r.Body)
	}
	return answer.Data
}

// The same schema deployed by the CDK construct and by Amplify Gen 1 is a DataStore
// backend: versions count, relations resolve, and Sync tells what has changed.
func TestAmplifyAPIsServeDataStore(t *testing.T) {
	for _, path := range []string{"cdk-pos-datastore", "amplify-gen1-pos"} {
		t.Run(path, func(t *testing.T) {
			s := emulatortest.Start(t, filepath.Join(samples, path))
			if !strings.HasPrefix(s.APIKey(), "da2-") || len(s.APIKey()) != len("da2-")+26 {
				t.Errorf("the API key is %q", s.APIKey())
			}
			product := dataOf(t, s, `mutation($i: CreateProductInput!) { createProduct(input: $i) { id name price _version _deleted _lastChangedAt } }`,
				map[string]any{"i": map[string]any{"name": "Espresso", "price": 2.5, "sku": "E1"}})["createProduct"].(map[string]any)
			if product["_version"] != 1.0 || product["_deleted"] != nil {
				t.Errorf("created %v", product)
			}
			dataOf(t, s, `mutation($i: UpdateProductInput!) { updateProduct(input: $i) { id _version } }`,
				map[string]any{"i": map[string]any{"id": product["id"], "price": 3.5, "_version": 1}})
			order := dataOf(t, s, `mutation { createOrder(input: {createdAt: "2026-11-20"}) { id _version } }`, nil)["createOrder"].(map[string]any)
			dataOf(t, s, `mutation($i: CreateLineItemInput!) { createLineItem(input: $i) { id } }`,
				map[string]any{"i": map[string]any{"orderLineItemsId": order["id"], "lineItemProductId": product["id"], "qty": 2}})

			all := dataOf(t, s, `{ syncProducts { items { id price _version } startedAt nextToken } }`, nil)["syncProducts"].(map[string]any)
			if got := fmt.Sprint(all["items"]); got != fmt.Sprintf("[map[_version:2 id:%s price:3.5]]", product["id"]) {
				t.Errorf("Sync answers %s", got)
			}
			read := dataOf(t, s, `query($id: ID!) { getOrder(id: $id) { lineItems { items { qty product { name } } } } }`, map[string]any{"id": order["id"]})
			if got := fmt.Sprint(read); got != "map[getOrder:map[lineItems:map[items:[map[product:map[name:Espresso] qty:2]]]]]" {
				t.Errorf("the order is %s", got)
			}
			dataOf(t, s, `mutation($i: DeleteProductInput!) { deleteProduct(input: $i) { id _deleted _version } }`,
				map[string]any{"i": map[string]any{"id": product["id"], "_version": 2}})
			changed := dataOf(t, s, `query($since: AWSTimestamp) { syncProducts(lastSync: $since) { items { id _deleted _version } } }`,
				map[string]any{"since": all["startedAt"]})["syncProducts"].(map[string]any)
			if got := fmt.Sprint(changed["items"]); got != fmt.Sprintf("[map[_deleted:true _version:3 id:%s]]", product["id"]) {
				t.Errorf("the delta is %s", got)
			}
		})
	}
}

// CDK's helpers write their mapping templates for version 2017-02-28.
func TestPlainCDKAppServes(t *testing.T) {
	s := emulatortest.Start(t, filepath.Join(samples, "cdk-plain"))
	added := dataOf(t, s, `mutation { addStation(input: {name: "Roof", owner: "ada"}) { id name owner } }`, nil)["addStation"].(map[string]any)
	if added["name"] != "Roof" || added["id"] == nil {
		t.Errorf("added %v", added)
	}
	got := dataOf(t, s, `query($id: ID!) { getStation(id: $id) { name } listStations { owner } }`, map[string]any{"id": added["id"]})
	if text := fmt.Sprint(got); text != "map[getStation:map[name:Roof] listStations:[map[owner:ada]]]" {
		t.Errorf("read %s", text)
	}
}

// BenchmarkFirstAnswerOfAssembly is the way from the files of a cloud assembly with
// 93 functions to the first answer.
func BenchmarkFirstAnswerOfAssembly(b *testing.B) {
	for range b.N {
		b.StartTimer()
		s := emulatortest.Start(b, filepath.Join(samples, "cdk-pos-datastore"))
		if r := s.Post(`{"query": "{ listProducts { items { id } } }"}`); r.Status != 200 || strings.Contains(r.Body, "errors") {
			b.Fatal(r.Body)
		}
		b.StopTimer()
	}
}

// BenchmarkLoadThousandResolvers loads a template with a thousand resolvers.
func BenchmarkLoadThousandResolvers(b *testing.B) {
	for _, name := range []string{"template.json", "template.yml"} {
		b.Run(name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), name)
			if err := os.WriteFile(file, []byte(manyResolvers(1000, name)), 0o644); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := emulator.Load(file, emulator.LoadOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manyResolvers is a template of n resolvers with mapping templates of their own.
func manyResolvers(n int, name string) string {
	var sdl strings.Builder
	sdl.WriteString("type Query {\n")
	for i := range n {
		fmt.Fprintf(&sdl, "  f%d(id: ID): String\n", i)
	}
	sdl.WriteString("}\n")
	request := "#set($id = $ctx.args.id)\n{\"version\": \"2018-05-29\", \"operation\": \"GetItem\", \"key\": {\"id\": $util.dynamodb.toDynamoDBJson($id)}} ## "
	var out strings.Builder
	if strings.HasSuffix(name, ".json") {
		out.WriteString(`{"Resources": {
  "Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "many", "AuthenticationType": "API_KEY"}},
  "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}},
  "Source": {"Type": "AWS::AppSync::DataSource", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Name": "ds", "Type": "AMAZON_DYNAMODB", "DynamoDBConfig": {"TableName": {"Ref": "Table"}}}},
`)
		for i := range n {
			fmt.Fprintf(&out, "  %q: {\"Type\": \"AWS::AppSync::Resolver\", \"Properties\": {\"ApiId\": {\"Fn::GetAtt\": [\"Api\", \"ApiId\"]}, \"TypeName\": \"Query\", \"FieldName\": \"f%d\", \"DataSourceName\": {\"Fn::GetAtt\": [\"Source\", \"Name\"]},\n    \"RequestMappingTemplate\": %q, \"ResponseMappingTemplate\": \"$util.toJson($ctx.result)\"}},\n", fmt.Sprint("R", i), i, request+fmt.Sprint(i))
		}
		fmt.Fprintf(&out, "  \"Schema\": {\"Type\": \"AWS::AppSync::GraphQLSchema\", \"Properties\": {\"ApiId\": {\"Fn::GetAtt\": [\"Api\", \"ApiId\"]}, \"Definition\": %q}}}}\n", sdl.String())
		return out.String()
	}
	out.WriteString(`Resources:
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: many, AuthenticationType: API_KEY}}
  Table: {Type: "AWS::DynamoDB::Table", Properties: {AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}
  Source: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: ds, Type: AMAZON_DYNAMODB, DynamoDBConfig: {TableName: !Ref Table}}}
`)
	for i := range n {
		fmt.Fprintf(&out, `  R%d:
    Type: AWS::AppSync::Resolver
    Properties:
      ApiId: !GetAtt Api.ApiId
      TypeName: Query
      FieldName: f%d
      DataSourceName: !GetAtt Source.Name
      RequestMappingTemplate: |
        %s
      ResponseMappingTemplate: $util.toJson($ctx.result)
`, i, i, strings.ReplaceAll(request+fmt.Sprint(i), "\n", "\n        "))
	}
	fmt.Fprintf(&out, "  Schema:\n    Type: AWS::AppSync::GraphQLSchema\n    Properties:\n      ApiId: !GetAtt Api.ApiId\n      Definition: |\n        %s\n",
		strings.ReplaceAll(strings.TrimSpace(sdl.String()), "\n", "\n        "))
	return out.String()
}
