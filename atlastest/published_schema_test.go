package atlastest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// published is the part of JSON schema that Atlas's published schemas need. Unlisted members are not allowed;
// write-only members are not listed.
type published struct {
	Ref        string               `json:"$ref"`
	AllOf      []string             `json:"allOf"`
	OneOf      string               `json:"oneOf"` // the discriminating member
	Cases      map[string]string    `json:"cases"`
	Type       any                  `json:"type"`
	Required   []string             `json:"required"`
	Properties map[string]published `json:"properties"`
	Values     *published           `json:"values"` // of every member of a map
	Items      *published           `json:"items"`
	MaxItems   int                  `json:"maxItems"`
	Enum       []string             `json:"enum"`
	Pattern    string               `json:"pattern"`
}

type publishedSchemas map[string]published

func loadSchemas(t *testing.T) publishedSchemas {
	t.Helper()
	g := NewWithT(t)
	data, err := os.ReadFile("testdata/schemas.json")
	g.Expect(err).NotTo(HaveOccurred())
	schemas := publishedSchemas{}
	g.Expect(json.Unmarshal(data, &schemas)).To(Succeed())
	return schemas
}

// check returns the deviations of a value from a schema.
func (s publishedSchemas) check(path string, schema published, value any) []string {
	switch {
	case schema.Ref != "":
		return s.check(path, s.named(schema.Ref), value)
	case schema.OneOf != "":
		members, _ := value.(object)
		decides, _ := members[schema.OneOf].(string)
		name, known := schema.Cases[decides]
		if !known {
			return []string{fmt.Sprintf("%s: %s is %q", path, schema.OneOf, decides)}
		}
		return s.check(path, s.named(name), value)
	}
	if !isOfType(schema.Type, value) {
		return []string{fmt.Sprintf("%s: %v is no %v", path, value, schema.Type)}
	}
	switch v := value.(type) {
	case object:
		return s.checkObject(path, schema, v)
	case []any:
		return s.checkList(path, schema, v)
	case string:
		if len(schema.Enum) > 0 && !slices.Contains(schema.Enum, v) || schema.Pattern != "" && !regexp.MustCompile(schema.Pattern).MatchString(v) {
			return []string{fmt.Sprintf("%s: %q", path, v)}
		}
	}
	return nil
}

// named merges a schema with those that it includes.
func (s publishedSchemas) named(name string) published {
	schema, ok := s[name]
	if !ok {
		panic("there is no schema " + name)
	}
	for _, base := range schema.AllOf {
		schema.Type = "object"
		schema.Required = slices.Concat(s[base].Required, schema.Required)
		properties := maps.Clone(s[base].Properties)
		maps.Copy(properties, schema.Properties)
		schema.Properties = properties
	}
	return schema
}

func isOfType(types, value any) bool {
	if list, ok := types.([]any); ok {
		return slices.ContainsFunc(list, func(t any) bool { return isOfType(t, value) })
	}
	switch v := value.(type) {
	case object:
		return types == "object"
	case []any:
		return types == "array"
	case string:
		return types == "string"
	case bool:
		return types == "boolean"
	case float64:
		return types == "number" || types == "integer" && v == math.Trunc(v)
	}
	return value == nil && types == "null"
}

func (s publishedSchemas) checkObject(path string, schema published, value object) (wrong []string) {
	for _, name := range schema.Required {
		if _, ok := value[name]; !ok {
			wrong = append(wrong, path+"."+name+": missing")
		}
	}
	for name, member := range value {
		known, ok := schema.Properties[name]
		switch {
		case ok:
			wrong = append(wrong, s.check(path+"."+name, known, member)...)
		case schema.Values != nil:
			wrong = append(wrong, s.check(path+"."+name, *schema.Values, member)...)
		default:
			wrong = append(wrong, path+"."+name+": not published")
		}
	}
	return wrong
}

func (s publishedSchemas) checkList(path string, schema published, value []any) (wrong []string) {
	if schema.MaxItems > 0 && len(value) > schema.MaxItems {
		wrong = append(wrong, fmt.Sprintf("%s: %d items", path, len(value)))
	}
	for i, item := range value {
		if schema.Items != nil {
			wrong = append(wrong, s.check(fmt.Sprintf("%s[%d]", path, i), *schema.Items, item)...)
		}
	}
	return wrong
}

var everyLink = []object{
	mskLink, s3Link, lambdaLink, kinesisLink, confluentLink, serverlessLink, eventHubLink, azureConfluentLink, blobLink,
	gcpConfluentLink, pubSubLink, genericLink,
}

func everyConnection(linkID string) []object {
	over := object{"access": object{"type": "PRIVATE_LINK", "connectionId": linkID}}
	return []object{
		{"type": "Sample", "name": "sample_stream_solar"},
		{"type": "Cluster", "name": "c", "clusterName": "c0", "clusterGroupId": project, "dbRoleToExecute": object{"role": "atlasAdmin", "type": "BUILT_IN"}},
		with(kafka("k"), object{"networking": over, "config": object{"acks": "all"}, "authentication": object{
			"mechanism": "PLAIN", "username": "u", "password": "planted", "clientId": "c", "clientSecret": "planted", "sslKey": "planted",
			"sslKeyPassword": "planted", "sslCertificate": "cert", "aws": object{"roleArn": role},
		}}),
		https("h"),
		{"type": "AWSLambda", "name": "l", "aws": object{"roleArn": role}, "publicPrivateNetworking": over},
		{"type": "S3", "name": "s", "aws": object{"roleArn": role, "testBucket": "b"}},
		{"type": "AWSKinesisDataStreams", "name": "d", "aws": object{"roleArn": role}},
		{
			"type": "SchemaRegistry", "name": "r", "provider": "CONFLUENT", "schemaRegistryUrls": []any{"https://sr"},
			"schemaRegistryAuthentication": object{"type": "USER_INFO", "username": "u", "password": "planted"},
		},
		{"type": "AzureBlobStorage", "name": "b", "azure": object{"servicePrincipalId": "p", "storageAccountName": "acct"}},
		{"type": "GCPPubSub", "name": "g", "gcp": object{"serviceAccountId": "a@b"}},
	}
}

// conformity collects the deviations from the published schemas.
type conformity struct {
	schemas publishedSchemas
	wrong   []string
	checked int
}

func (c *conformity) see(what, schema string, res answer) {
	var value any
	if err := json.Unmarshal([]byte(res.text), &value); err != nil {
		c.wrong = append(c.wrong, what+": "+err.Error())
		return
	}
	if res.status >= 400 {
		schema = "Error"
	}
	c.value(what, schema, value)
}

func (c *conformity) value(what, schema string, value any) {
	c.checked++
	c.wrong = append(c.wrong, c.schemas.check(what, c.schemas.named(schema), value)...)
}

// page checks a page and each object on it.
func (c *conformity) page(what, schema string, res answer) {
	c.see(what, "Page", res)
	for i, r := range res.results() {
		c.value(fmt.Sprintf("%s[%d]", what, i), schema, r)
	}
}

func TestAnswersAreAsPublished(t *testing.T) {
	g := NewWithT(t)
	s, api := newAPI(t, slow()...)
	c := &conformity{schemas: loadSchemas(t)}
	c.see("token", "Token", token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret))

	var ids []string
	for _, body := range everyLink {
		created := api.post(links, body)
		g.Expect(created.status).To(Equal(200), created.text)
		c.see("POST of a link", "PrivateLink", created)
		ids = append(ids, created.body["_id"].(string))
	}
	for _, body := range everyConnection(ids[0]) {
		created := api.post(connections, body)
		g.Expect(created.status).To(Equal(200), created.text)
		c.see(fmt.Sprint("POST of ", body["type"]), "Connection", created)
	}
	for range 4 { // IDLE, WORKING, DONE
		c.page("links", "PrivateLink", api.get(links))
		c.page("connections", "Connection", api.get(connections))
		for _, id := range ids {
			c.see("GET of a link", "PrivateLink", api.get(links+"/"+id))
		}
		s.Advance(61e9)
	}
	s.SetPrivateLinkState(ids[0], "FAILED", "quota")
	c.see("a failed link", "PrivateLink", api.get(links+"/"+ids[0]))
	c.see("PATCH of a link", "PrivateLink", api.patch(links+"/"+ids[5], object{"dnsDomain": "a.example"}))
	for _, body := range everyConnection(ids[0]) {
		c.see(fmt.Sprint("PATCH of ", body["type"]), "Connection", api.patch(connections+"/"+body["name"].(string), body))
	}
	c.see("workspace", "Workspace", api.get(group+"/streams/"+atlastest.DefaultWorkspace+"?includeConnections=true"))
	c.see("POST of a workspace", "Workspace", api.post(workspaces, newWorkspace))
	c.see("PATCH of a workspace", "Workspace", api.patch(workspaces+"/orders", object{"streamConfig": object{"tier": "SP30"}}))
	c.page("workspaces", "Workspace", api.get(workspaces))
	for _, gone := range []string{workspaces + "/orders", links + "/" + ids[1], connections + "/h"} {
		c.see("DELETE", "Empty", api.delete(gone))
	}
	c.surroundings(s, api)
	g.Expect(c.wrong).To(BeEmpty())
	g.Expect(c.checked).To(BeNumerically(">", 150))
}

// surroundings checks the read-only operations.
func (c *conformity) surroundings(s *atlastest.Server, api *api) {
	for _, provider := range []string{"AWS", "AZURE", "GCP"} {
		c.see("account details", "Account", api.get(account+"?regionName=US_EAST_1&cloudProvider="+provider))
		id := s.PutPrivateEndpointService(project, provider, nil, "")
		for range 2 {
			c.see("service of "+provider, "Service", api.get(servicesOf(provider)+"/"+id))
			for _, listed := range api.get(servicesOf(provider)).list() {
				c.value("services of "+provider, "Service", listed)
			}
			s.Advance(61e9)
		}
	}
	c.page("projects", "Project", api.get("/api/atlas/v2/groups"))
	c.see("project", "Project", api.get("/api/atlas/v2/groups/"+project))

	for _, path := range []string{
		links + "/nope", connections + "/nope", group + "/streams/nope/connections", group + "/nothing", links + "?page=1",
		"/api/atlas/v2/groups/65f1c0de00000000000000ff/streams/privateLinkConnections",
	} {
		c.see("GET "+path, "Error", api.get(path))
	}
	c.see("a refused link", "Error", api.post(links, object{}))
	c.see("a refused connection", "Error", api.post(connections, kafka("k")))
	c.see("a challenge", "Error", anonymous(s, api).get(links))
}

func anonymous(s *atlastest.Server, known *api) *api {
	mine := *known
	mine.client = s.Client()
	return &mine
}

func TestTheSchemasCatchDeviations(t *testing.T) {
	schemas := loadSchemas(t)
	for want, value := range map[string]object{
		"x.authentication.password: not published": {"type": "Kafka", "name": "k", "authentication": object{"password": "planted"}},
		"x.name: missing":                          {"type": "Sample"},
		`x.state: "DONE"`:                          {"type": "Sample", "name": "s", "state": "DONE"},
		`x: type is "New"`:                         {"type": "New", "name": "s"},
		"x.url: 1 is no string":                    {"type": "Https", "name": "h", "url": 1.0},
		`x.id: "x"`:                                {"type": "Https", "name": "h", "id": "x"},
	} {
		NewWithT(t).Expect(schemas.check("x", schemas.named("Connection"), value)).To(Equal([]string{want}))
	}
}
