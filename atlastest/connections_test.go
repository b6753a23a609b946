package atlastest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const role = "arn:aws:iam::123456789012:role/streams"

func kafka(name string) object {
	return object{
		"name": name, "type": "Kafka", "bootstrapServers": "a:9092,b:9092",
		"authentication": object{"mechanism": "PLAIN", "username": "u", "password": "p4ss"},
		"security":       object{"protocol": "SASL_SSL"},
		"config":         object{"auto.offset.reset": "earliest"},
	}
}

func overLink(body object, id string) object {
	return with(body, object{"networking": object{"access": object{"type": "PRIVATE_LINK", "connectionId": id}}})
}

func https(name string) object {
	return object{"name": name, "type": "Https", "url": "https://example.org", "headers": object{"Authorization": "Bearer t0ken"}}
}

func TestConnectionTypes(t *testing.T) {
	public := object{"access": object{"type": "PUBLIC"}}
	tests := map[string]struct {
		body   object
		hidden []string // top-level members that must be absent
		added  object
	}{
		"Sample":  {body: object{"type": "Sample", "name": "sample_stream_solar"}},
		"Cluster": {body: object{"type": "Cluster", "name": "c", "clusterName": "c0", "dbRoleToExecute": object{"role": "atlasAdmin", "type": "BUILT_IN"}}},
		"Kafka": {
			body:  with(kafka("k"), object{"authentication": object{"mechanism": "PLAIN", "username": "u"}}),
			added: object{"networking": public},
		},
		"Https":                 {body: https("h")},
		"AWSLambda":             {body: object{"type": "AWSLambda", "name": "l", "aws": object{"roleArn": role}}, added: object{"publicPrivateNetworking": public}},
		"S3":                    {body: object{"type": "S3", "name": "s", "aws": object{"roleArn": role}}, added: object{"networking": public}},
		"AWSKinesisDataStreams": {body: object{"type": "AWSKinesisDataStreams", "name": "d", "aws": object{"roleArn": role}}, added: object{"networking": public}},
		"SchemaRegistry": {body: object{
			"type": "SchemaRegistry", "name": "r", "provider": "CONFLUENT", "schemaRegistryUrls": []any{"https://sr"},
			"schemaRegistryAuthentication": object{"type": "SASL_INHERIT"},
		}},
		"AzureBlobStorage": {
			body:  object{"type": "AzureBlobStorage", "name": "b", "azure": object{"servicePrincipalId": "p", "storageAccountName": "acct"}},
			added: object{"publicPrivateNetworking": public},
		},
		"GCPPubSub": {body: object{"type": "GCPPubSub", "name": "g", "gcp": object{"serviceAccountId": "a@b"}}, added: object{"publicPrivateNetworking": public}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, c := newAPI(t)
			created := c.post(connections, tt.body)
			g.Expect(created.status).To(Equal(200), created.text)
			want := with(with(tt.body, tt.added), object{"id": created.body["id"], "region": "VIRGINIA_USA", "state": "READY"})
			g.Expect(created.body["id"]).To(MatchRegexp(`^[a-f0-9]{24}$`))
			g.Expect(created.body).To(Equal(want))
			g.Expect(c.get(connections + "/" + tt.body["name"].(string)).body).To(Equal(want))
			g.Expect(c.get(connections).results()).To(ConsistOf(want))
		})
	}
}

func TestConnectionValidation(t *testing.T) {
	s3 := object{"type": "S3", "name": "s", "aws": object{"roleArn": role}}
	tests := map[string]struct {
		body object
		bad  []string
	}{
		"type in another case":      {object{"type": "kafka", "name": "k"}, []string{"type"}},
		"no type":                   {object{"name": "k"}, []string{"type"}},
		"no name":                   {with(kafka(""), nil), []string{"name"}},
		"member of another type":    {with(kafka("k"), object{"url": "https://x"}), []string{"url"}},
		"unknown nested member":     {with(kafka("k"), object{"authentication": object{"passwort": "x"}}), []string{"authentication.passwort"}},
		"missing member":            {object{"type": "Kafka", "name": "k"}, []string{"bootstrapServers"}},
		"missing nested member":     {object{"type": "Cluster", "name": "c", "clusterName": "x"}, []string{"dbRoleToExecute.role", "dbRoleToExecute.type"}},
		"wrong type of a value":     {with(kafka("k"), object{"config": object{"a": 1}}), []string{"config.a"}},
		"the other networking key":  {with(s3, object{"publicPrivateNetworking": object{}}), []string{"publicPrivateNetworking"}},
		"networking without type":   {with(s3, object{"networking": object{"access": object{"connectionId": "65f1c0de0000000000000009"}}}), []string{"networking.access.type"}},
		"link without connectionId": {with(s3, object{"networking": object{"access": object{"type": "PRIVATE_LINK"}}}), []string{"networking.access.connectionId"}},
		"link that is none":         {overLink(s3, "65f1c0de0000000000000009"), []string{"networking.access.connectionId"}},
		"endpoint id for a link":    {overLink(s3, "vpce-0123"), []string{"networking.access.connectionId"}},
		"VPC where there is none": {object{
			"type": "AWSLambda", "name": "l", "aws": object{"roleArn": role},
			"publicPrivateNetworking": object{"access": object{"type": "VPC"}},
		}, []string{"publicPrivateNetworking.access.type"}},
		"no registry URL": {object{
			"type": "SchemaRegistry", "name": "r", "provider": "CONFLUENT", "schemaRegistryUrls": []any{},
			"schemaRegistryAuthentication": object{"type": "USER_INFO"},
		}, []string{"schemaRegistryUrls"}},
		"bad storage account": {object{
			"type": "AzureBlobStorage", "name": "b", "azure": object{"servicePrincipalId": "p", "storageAccountName": "Upper"},
		}, []string{"azure.storageAccountName"}},
	}
	_, c := newAPI(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.post(connections, tt.body)
			g.Expect(res.status).To(Equal(400), res.text)
			g.Expect(res.code()).To(Equal("VALIDATION_ERROR"))
			g.Expect(res.fields()).To(Equal(tt.bad))
		})
	}
}

func TestConnectionSecretsAreKeptAndNeverAnswered(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	body := with(kafka("k"), object{"authentication": object{
		"mechanism": "SSL", "password": "planted-1", "clientSecret": "planted-2", "sslKey": "planted-3",
		"sslKeyPassword": "planted-4", "sslCertificate": "cert", "clientId": "seen",
	}})
	answers := []answer{
		c.post(connections, body), c.get(connections + "/k"), c.get(connections),
		c.patch(connections+"/k", object{"name": "k", "type": "Kafka", "config": object{}}),
	}
	for _, a := range answers {
		g.Expect(a.status).To(Equal(200))
		g.Expect(a.text).NotTo(ContainSubstring("planted"))
		g.Expect(a.text).To(ContainSubstring("seen"))
	}
	g.Expect(s.Secrets(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "k")).To(Equal(map[string]string{
		"authentication.password": "planted-1", "authentication.clientSecret": "planted-2",
		"authentication.sslKey": "planted-3", "authentication.sslKeyPassword": "planted-4",
	}))

	g.Expect(c.post(connections, https("h")).text).To(ContainSubstring("Bearer t0ken"), "headers come back in clear")
	g.Expect(s.Secrets(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "h")).To(Equal(map[string]string{
		"headers.Authorization": "Bearer t0ken",
	}))
}

func TestConnectionOverALinkWaitsForIt(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := c.link(mskLink)
	created := c.post(connections, overLink(kafka("k"), id))
	g.Expect(created.body).To(HaveKeyWithValue("state", "PENDING"))
	s.Advance(90 * time.Second) // its own time is over, the link is WORKING
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "PENDING"))
	s.SetPrivateLinkState(id, "FAILED", "no")
	s.Advance(30 * time.Minute)
	g.Expect(c.get(connections+"/k").body).To(HaveKeyWithValue("state", "PENDING"), "for as long as the link is not DONE")
	s.SetPrivateLinkState(id, "DONE", "")
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "READY"))
	s.SetPrivateLinkState(id, "WORKING", "")
	g.Expect(c.get(connections+"/k").body).To(HaveKeyWithValue("state", "READY"), "READY stays")

	conn, ok := s.Connection(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "k")
	g.Expect(ok).To(BeTrue())
	g.Expect(conn.PrivateLinkID).To(Equal(id))
	g.Expect(conn.History).To(HaveLen(2))
}

func TestConnectionOverAReadyLinkTakesItsTime(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := s.PutPrivateLink(project, mskLink, atlastest.StateDone)
	c.post(connections, overLink(kafka("k"), id))
	s.Advance(59 * time.Second)
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "PENDING"))
	s.Advance(time.Second)
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "READY"))
}

func TestConnectionOverVPCIsPending(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	c.post(connections, with(kafka("k"), object{"networking": object{"access": object{"type": "VPC"}}}))
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "PENDING"))
	busy := c.delete(connections + "/k")
	g.Expect(busy.status).To(Equal(409))
	g.Expect(busy.code()).To(Equal("STREAM_KAFKA_CONNECTION_IS_DEPLOYING"))
	s.Advance(time.Minute)
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "READY"))
	g.Expect(c.delete(connections + "/k").status).To(Equal(202))

	_, lax := newAPI(t, append(slow(), atlastest.WithDeletablePending())...)
	lax.post(connections, with(kafka("k"), object{"networking": object{"access": object{"type": "VPC"}}}))
	g.Expect(lax.delete(connections + "/k").status).To(Equal(202))
}

func TestConnectionDeletionIsAsynchronous(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	first := c.post(connections, https("h")).body["id"]
	taken := c.post(connections, https("h"))
	g.Expect(taken.status).To(Equal(409))
	g.Expect(taken.code()).To(Equal("STREAM_CONNECTION_NAME_ALREADY_EXISTS"))

	res := c.delete(connections + "/h")
	g.Expect(res.status).To(Equal(202))
	g.Expect(res.text).To(Equal("{}"))
	g.Expect(c.get(connections + "/h").body).To(HaveKeyWithValue("state", "DELETING"))
	g.Expect(c.post(connections, https("h")).status).To(Equal(409), "the name is taken until it is gone")
	g.Expect(c.patch(connections+"/h", https("h")).status).To(Equal(400))
	s.Advance(time.Minute)
	gone := c.get(connections + "/h")
	g.Expect(gone.status).To(Equal(404))
	g.Expect(gone.code()).To(Equal("STREAM_CONNECTION_NOT_FOUND_FOR_NAME"))
	g.Expect(c.post(connections, https("h")).body["id"]).NotTo(Equal(first))
}

func TestConnectionUsedByProcessors(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.post(connections, https("h"))
	s.AddProcessor(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "h")
	for _, res := range []answer{c.delete(connections + "/h"), c.patch(connections+"/h", https("h"))} {
		g.Expect(res.status).To(Equal(403))
		g.Expect(res.code()).To(Equal("STREAM_CONNECTION_HAS_STREAM_PROCESSORS"))
		g.Expect(res.body["parameters"]).To(Equal([]any{"h", atlastest.DefaultWorkspace}))
	}
	s.RemoveProcessor(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "h")
	g.Expect(c.delete(connections + "/h").status).To(Equal(202))
}

func TestConnectionChangedWithoutRequest(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	project, ws := atlastest.DefaultProjectID, atlastest.DefaultWorkspace
	id := s.PutConnection(project, ws, kafka("k"))
	g.Expect(c.get(connections + "/k").body).To(And(HaveKeyWithValue("id", id), HaveKeyWithValue("state", "READY")))
	g.Expect(s.PutConnection(project, ws, kafka("k"))).NotTo(Equal(id), "somebody made it anew")
	g.Expect(s.Connections(project, ws)).To(HaveLen(1))

	s.EditConnection(project, ws, "k", func(f map[string]any) { f["bootstrapServers"] = "c:9092" })
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("bootstrapServers", "c:9092"))
	s.SetConnectionState(project, ws, "k", "FAILED")
	g.Expect(c.get(connections + "/k").body).To(HaveKeyWithValue("state", "FAILED"))
	g.Expect(s.DeleteConnectionNow(project, ws, "k")).To(BeTrue())
	g.Expect(c.get(connections + "/k").status).To(Equal(404))
	g.Expect(s.DeleteConnectionNow(project, ws, "k")).To(BeFalse())
}
