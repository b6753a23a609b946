package atlas

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
)

var privateLinkNetworking = &Networking{Access: NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: linkID}}

var connectionBodies = map[string]struct {
	request Connection
	body    string
}{
	"Sample": {Connection{Name: "n", Type: "Sample", Region: "r"}, `{"name":"n","type":"Sample","region":"r"}`},
	"Cluster": {
		Connection{
			Name: "n", Type: "Cluster", ClusterName: "c", ClusterProjectID: project, DBRole: &DBRole{Role: "atlasAdmin", Type: "BUILT_IN"},
		},
		`{"name":"n","type":"Cluster","clusterName":"c","clusterGroupId":"` + project + `","dbRoleToExecute":{"role":"atlasAdmin","type":"BUILT_IN"}}`,
	},
	"Kafka": {
		Connection{
			Name: "n", Type: "Kafka", BootstrapServers: "a:1,b:2", Config: map[string]string{"auto.offset.reset": "earliest"},
			KafkaAuthentication: &KafkaAuthentication{
				Mechanism: "PLAIN", Method: "OIDC", Username: "u", Password: NewSecret(`pä"ss<&>`), TokenEndpointURL: "https://t", ClientID: "i",
				ClientSecret: NewSecret("cs"), Scope: "s", SASLOAuthBearerExtensions: "e", SSLCertificate: "-----BEGIN\n", SSLKey: NewSecret("sk"),
				SSLKeyPassword: NewSecret("skp"), AWS: AWSConfig{RoleARN: "arn"},
			},
			KafkaSecurity: &KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificate: "pem"},
			Networking:    &Networking{Access: NetworkingAccess{Type: "TRANSIT_GATEWAY", Name: "tg", TGWRouteID: "tgr"}},
		},
		`{"name":"n","type":"Kafka","bootstrapServers":"a:1,b:2","config":{"auto.offset.reset":"earliest"},
		  "authentication":{"mechanism":"PLAIN","method":"OIDC","username":"u","password":"pä\"ss<&>","tokenEndpointUrl":"https://t","clientId":"i",
		    "clientSecret":"cs","scope":"s","saslOauthbearerExtensions":"e","sslCertificate":"-----BEGIN\n","sslKey":"sk","sslKeyPassword":"skp",
		    "aws":{"roleArn":"arn"}},
		  "security":{"protocol":"SASL_SSL","brokerPublicCertificate":"pem"},
		  "networking":{"access":{"type":"TRANSIT_GATEWAY","name":"tg","tgwRouteId":"tgr"}}}`,
	},
	"Kafka, maps cleared, nothing else": {
		Connection{Name: "n", Type: "Kafka", Config: map[string]string{}, KafkaAuthentication: &KafkaAuthentication{}, KafkaSecurity: &KafkaSecurity{}},
		`{"name":"n","type":"Kafka","config":{}}`,
	},
	"Https": {
		Connection{Name: "n", Type: "Https", URL: "https://u", Headers: map[string]Secret{"Authorization": NewSecret("Bearer x"), "Empty": {}}},
		`{"name":"n","type":"Https","url":"https://u","headers":{"Authorization":"Bearer x","Empty":""}}`,
	},
	"Https, headers cleared": {Connection{Name: "n", Type: "Https", Headers: map[string]Secret{}}, `{"name":"n","type":"Https","headers":{}}`},
	"AWSLambda": {
		Connection{Name: "n", Type: "AWSLambda", AWS: &AWSConfig{RoleARN: "arn"}, Networking: privateLinkNetworking},
		`{"name":"n","type":"AWSLambda","aws":{"roleArn":"arn"},"publicPrivateNetworking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`,
	},
	"S3": {
		Connection{Name: "n", Type: "S3", AWS: &AWSConfig{RoleARN: "arn", TestBucket: "b"}, Networking: privateLinkNetworking},
		`{"name":"n","type":"S3","aws":{"roleArn":"arn","testBucket":"b"},"networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`,
	},
	"AWSKinesisDataStreams": {
		Connection{Name: "n", Type: "AWSKinesisDataStreams", AWS: &AWSConfig{RoleARN: "arn"}, Networking: privateLinkNetworking},
		`{"name":"n","type":"AWSKinesisDataStreams","aws":{"roleArn":"arn"},"networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`,
	},
	"AzureBlobStorage": {
		Connection{
			Name: "n", Type: "AzureBlobStorage", Azure: &AzureConfig{ServicePrincipalID: "p", StorageAccountName: "a", Region: "r"},
			Networking: privateLinkNetworking,
		},
		`{"name":"n","type":"AzureBlobStorage","azure":{"servicePrincipalId":"p","storageAccountName":"a","region":"r"},
		  "publicPrivateNetworking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`,
	},
	"GCPPubSub": {
		Connection{Name: "n", Type: "GCPPubSub", GCP: &GCPConfig{ServiceAccountID: "s@x"}, Networking: privateLinkNetworking},
		`{"name":"n","type":"GCPPubSub","gcp":{"serviceAccountId":"s@x"},"publicPrivateNetworking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`,
	},
	"SchemaRegistry, PUBLIC says nothing": {
		Connection{
			Name: "n", Type: "SchemaRegistry", SchemaRegistryProvider: "CONFLUENT", SchemaRegistryURLs: []string{"https://a"},
			SchemaRegistryAuthentication: &SchemaRegistryAuthentication{Type: "USER_INFO", Username: "u", Password: NewSecret("p")},
			Networking:                   &Networking{Access: NetworkingAccess{Type: "PUBLIC"}},
		},
		`{"name":"n","type":"SchemaRegistry","provider":"CONFLUENT","schemaRegistryUrls":["https://a"],
		  "schemaRegistryAuthentication":{"type":"USER_INFO","username":"u","password":"p"}}`,
	},
}

func TestConnectionRequestBody(t *testing.T) {
	for name, tc := range connectionBodies {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, `{"name":"n"}`))
			_, err := f.client(t).CreateConnection(t.Context(), project, "w", tc.request)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(f.seen()[0].Body).To(MatchJSON(tc.body))
		})
	}
}

func TestConnectionUpdateBody(t *testing.T) {
	for name, tc := range map[string]struct {
		request Connection
		cleared []string
		body    string
	}{
		"no region": {Connection{Name: "n", Type: "Sample", Region: "r"}, nil, `{"name":"n","type":"Sample"}`},
		"the name comes from the path when it is not given": {Connection{Type: "Sample"}, nil, `{"name":"path","type":"Sample"}`},
		"cleared members": {
			Connection{Name: "n", Type: "Kafka"}, []string{"clusterGroupId", "authentication.scope", "authentication.aws.roleArn"},
			`{"name":"n","type":"Kafka","clusterGroupId":null,"authentication":{"scope":null,"aws":{"roleArn":null}}}`,
		},
		"a member with a value is not cleared": {
			Connection{
				Name: "n", Type: "Kafka", BootstrapServers: "b", KafkaAuthentication: &KafkaAuthentication{Scope: "s", Password: NewSecret("p")},
			},
			[]string{"bootstrapServers", "authentication.scope", "authentication.password", "authentication.clientId"},
			`{"name":"n","type":"Kafka","bootstrapServers":"b","authentication":{"scope":"s","password":"p","clientId":null}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, `{"name":"n"}`))
			_, err := f.client(t).UpdateConnection(t.Context(), project, "w", "path", tc.request, tc.cleared...)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(f.seen()[0].Body).To(MatchJSON(tc.body))
		})
	}
}

func TestMembersThatCannotBeCleared(t *testing.T) {
	for cleared, fault := range map[string]string{"authentication.": "names no member", "url.x": `"url" has no members`} {
		t.Run(cleared, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, `{"name":"n"}`))
			_, err := f.client(t).UpdateConnection(t.Context(), project, "w", "n", Connection{Name: "n", Type: "Kafka", URL: "u"}, cleared)
			g.Expect(err).To(MatchError(ContainSubstring(fault)))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			g.Expect(f.seen()).To(BeEmpty())
		})
	}
}

func TestConnectionRequestsThatAreNotSent(t *testing.T) {
	kafka := func(a KafkaAuthentication) Connection {
		return Connection{Name: "n", Type: "Kafka", KafkaAuthentication: &a}
	}
	for name, tc := range map[string]struct {
		request Connection
		fault   string
	}{
		"no type":                 {Connection{Name: "n"}, "needs a name and a type"},
		"networking on Https":     {Connection{Name: "n", Type: "Https", Networking: privateLinkNetworking}, `"Https" cannot use PRIVATE_LINK`},
		"password is not text":    {kafka(KafkaAuthentication{Password: NewSecret("planted\xff")}), `"authentication.password" is not UTF-8`},
		"header is not text":      {Connection{Name: "n", Type: "Https", Headers: map[string]Secret{"X-A": NewSecret("planted\xff")}}, `"headers.X-A" is not UTF-8`},
		"list item is not text":   {Connection{Name: "n", Type: "SchemaRegistry", SchemaRegistryURLs: []string{"a\xff"}}, `"schemaRegistryUrls" is not UTF-8`},
		"plain value is not text": {Connection{Name: "n", Type: "Https", URL: "a\xff"}, `"url" is not UTF-8`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, `{"name":"n"}`))
			_, err := f.client(t).UpdateConnection(t.Context(), project, "w", "n", tc.request)
			g.Expect(err).To(MatchError(ContainSubstring(tc.fault)))
			g.Expect(err.Error()).NotTo(ContainSubstring("planted"))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			g.Expect(f.seen()).To(BeEmpty())
		})
	}
	_, err := serve(t, always(200, `{}`)).client(t).CreateConnection(t.Context(), project, "w", Connection{Type: "Sample"})
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("a connection needs a name and a type")))
}

// The response has the members of the request, except for those that Atlas never returns.
func TestConnectionAnswer(t *testing.T) {
	for name, tc := range connectionBodies {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var echo map[string]any
			g.Expect(json.Unmarshal([]byte(tc.body), &echo)).To(Succeed())
			echo["id"], echo["state"], echo["future"] = "i", "READY", map[string]any{"a": 1}
			body, err := json.Marshal(echo)
			g.Expect(err).NotTo(HaveOccurred())
			f := serve(t, always(200, string(body)))

			got, err := f.client(t).GetConnection(t.Context(), project, "w", "n")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(reported(tc.request)))
		})
	}
}

func reported(r Connection) Connection {
	c := Connection{
		ID: "i", Name: r.Name, Type: r.Type, Region: r.Region, State: "READY", ClusterName: r.ClusterName, ClusterProjectID: r.ClusterProjectID,
		DBRole: r.DBRole, BootstrapServers: r.BootstrapServers, Config: r.Config, URL: r.URL, Headers: r.Headers, AWS: r.AWS, Azure: r.Azure, GCP: r.GCP,
		SchemaRegistryProvider: r.SchemaRegistryProvider, SchemaRegistryURLs: r.SchemaRegistryURLs, Networking: r.Networking,
	}
	if a := r.KafkaAuthentication; a != nil && *a != (KafkaAuthentication{}) {
		public := *a
		public.Password, public.ClientSecret, public.SSLKey, public.SSLKeyPassword = Secret{}, Secret{}, Secret{}, Secret{}
		c.KafkaAuthentication = &public
	}
	if r.KafkaSecurity != nil && *r.KafkaSecurity != (KafkaSecurity{}) {
		c.KafkaSecurity = r.KafkaSecurity
	}
	if a := r.SchemaRegistryAuthentication; a != nil {
		c.SchemaRegistryAuthentication = &SchemaRegistryAuthentication{Type: a.Type, Username: a.Username}
	}
	if networkingMember[r.Type] == "" {
		c.Networking = nil
	}
	return c
}

func TestConnectionAnswerIsReadLeniently(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"name":"n","type":"Kafka","state":null,"config":{"a":1,"b":true,"c":null,"d":"x"},"headers":{"H":7},
		"authentication":null,"networking":null,"publicPrivateNetworking":{"access":{"type":"PUBLIC","connectionId":null}}}`))
	c, err := f.client(t).GetConnection(t.Context(), project, "w", "n")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.Config).To(Equal(map[string]string{"a": "1", "b": "true", "c": "", "d": "x"}))
	g.Expect(c.Headers["H"].Reveal()).To(Equal("7"))
	g.Expect(c.KafkaAuthentication).To(BeNil())
	g.Expect(c.Networking.Access.Type).To(Equal("PUBLIC"))
	g.Expect(c.State).To(BeEmpty())
}

func TestWorkspaceAnswer(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"_id":"i","name":"w","groupId":"g","hostnames":["h"],"dataProcessRegion":{"cloudProvider":"AWS","region":"VIRGINIA_USA"},
		"streamConfig":{"tier":"SP10"}}`))
	w, err := f.client(t).GetWorkspace(t.Context(), project, "w")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w).To(Equal(Workspace{Name: "w", DataProcessRegion: DataProcessRegion{CloudProvider: "AWS", Region: "VIRGINIA_USA"}}))
}
