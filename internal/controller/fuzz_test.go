package controller

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// specChoices make specs.
type specChoices struct{ random.Choices }

// text is one that means something to the code, or any other. The API server passes on nothing that is not text.
func (c *specChoices) text() string { return strings.ToValidUTF8(c.raw(), "?") }

// raw is what a Secret may hold.
func (c *specChoices) raw() string {
	known := []string{
		"", "us-east-1", "US_EAST_1", "a.example.com.", "A.example.com", "arn:aws:kafka:eu-west-1:1:cluster/c/1", "arn:", "a,b , A", " \r\n",
		contractProject, contractLink,
	}
	n := c.Of(64)
	if n < len(known) {
		return known[n]
	}
	n = min(n%16, len(c.Bytes))
	s := string(c.Bytes[:n])
	c.Bytes = c.Bytes[n:]
	return s
}

// texts is absent, empty, or holds some.
func (c *specChoices) texts() []string {
	n := c.Of(5)
	if n == 0 {
		return nil
	}
	list := []string{}
	for range n - 1 {
		list = append(list, c.text())
	}
	return list
}

// optional makes a member that may be absent.
func optional[T any](c *specChoices, of func(*specChoices) T) *T {
	if !c.Maybe() {
		return nil
	}
	return new(of(c))
}

func randomTexts[V ~string](c *specChoices) map[string]V {
	list := c.texts()
	if list == nil {
		return nil
	}
	m := map[string]V{}
	for _, key := range list {
		m[key] = V(c.text())
	}
	return m
}

func randomManaged(c *specChoices) v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: contractProject, ManagementPolicy: random.Pick(&c.Choices, v1alpha1.Manage, v1alpha1.Observe)}
}

func randomLink(c *specChoices) v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: randomManaged(c), Provider: random.Pick(&c.Choices, v1alpha1.ProviderAWS, v1alpha1.ProviderAzure, v1alpha1.ProviderGCP),
		Vendor: random.Pick(&c.Choices, "", v1alpha1.VendorGeneric, v1alpha1.VendorMSK, v1alpha1.VendorConfluent, v1alpha1.VendorKinesis, v1alpha1.VendorS3,
			v1alpha1.VendorLambda, v1alpha1.VendorEventHub, v1alpha1.VendorAzureBlobStorage, v1alpha1.VendorPubSub),
		Region: c.text(), ARN: c.text(), ServiceEndpointID: c.text(), DNSDomain: c.text(), DNSSubDomain: c.texts(),
		AuthenticationScheme: random.Pick[v1alpha1.AuthenticationScheme](&c.Choices, "", "TLS", "SASL_SCRAM", "IAM"),
		AzureResourceIDs:     c.texts(), GCPServiceAttachmentURIs: c.texts(), ImportID: c.text(),
	}
}

func randomLocal(c *specChoices) v1alpha1.LocalReference {
	return v1alpha1.LocalReference{Name: c.text()}
}

func randomKey(c *specChoices) v1alpha1.SecretKeyReference {
	return v1alpha1.SecretKeyReference{Name: c.text(), Key: c.text()}
}

func randomKafka(c *specChoices) v1alpha1.KafkaConnection {
	return v1alpha1.KafkaConnection{
		BootstrapServers: c.text(), Config: randomTexts[v1alpha1.KafkaConfigValue](c),
		Authentication: optional(c, func(c *specChoices) v1alpha1.KafkaAuthentication {
			return v1alpha1.KafkaAuthentication{
				Mechanism: random.Pick(&c.Choices, "PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER", "SSL", "AWS_MSK_IAM"), Method: c.text(), Username: c.text(),
				PasswordSecretRef: optional(c, randomKey), TokenEndpointURL: c.text(), ClientID: c.text(), ClientSecretRef: optional(c, randomKey), Scope: c.text(),
				SASLOAuthBearerExtensions: c.text(), SSLCertificate: c.text(), SSLKeySecretRef: optional(c, randomKey),
				SSLKeyPasswordSecretRef: optional(c, randomKey), TLSSecretRef: optional(c, randomLocal), AWSRoleARN: c.text(),
			}
		}),
		Security: optional(c, func(c *specChoices) v1alpha1.KafkaSecurity {
			return v1alpha1.KafkaSecurity{
				Protocol: c.text(), BrokerPublicCertificate: c.text(),
				BrokerPublicCertificateRef: optional(c, func(c *specChoices) v1alpha1.CertificateReference {
					return v1alpha1.CertificateReference{Kind: random.Pick(&c.Choices, credentials.KindSecret, credentials.KindConfigMap), Name: c.text(), Key: c.text()}
				}),
			}
		}),
	}
}

func randomNetworking(c *specChoices) v1alpha1.ConnectionNetworking {
	return v1alpha1.ConnectionNetworking{
		Type:           random.Pick(&c.Choices, "", v1alpha1.NetworkingPublic, v1alpha1.NetworkingVPC, v1alpha1.NetworkingPrivateLink, v1alpha1.NetworkingTransitGateway),
		PrivateLinkRef: optional(c, randomLocal), ConnectionID: c.text(), TGWRouteID: c.text(),
	}
}

// randomMember makes the member of the type, which only Observe may leave out.
func randomMember(c *specChoices, spec *v1alpha1.StreamConnectionSpec) {
	role := func(c *specChoices) v1alpha1.AWSRoleConnection { return v1alpha1.AWSRoleConnection{RoleARN: c.text()} }
	switch spec.Type {
	case v1alpha1.TypeCluster:
		spec.Cluster = &v1alpha1.ClusterConnection{
			ClusterName: c.text(), ClusterProjectID: c.text(), DBRoleToExecute: v1alpha1.DBRoleToExecute{Role: c.text(), Type: c.text()},
		}
	case v1alpha1.TypeKafka:
		spec.Kafka = new(randomKafka(c))
	case v1alpha1.TypeHTTPS:
		spec.HTTPS = &v1alpha1.HTTPSConnection{URL: c.text(), Headers: randomTexts[v1alpha1.HeaderValue](c), HeadersSecretRef: optional(c, randomLocal)}
	case v1alpha1.TypeAWSLambda:
		spec.AWSLambda = new(role(c))
	case v1alpha1.TypeS3:
		spec.S3 = &v1alpha1.S3Connection{RoleARN: c.text(), TestBucket: c.text()}
	case v1alpha1.TypeAWSKinesisDataStreams:
		spec.AWSKinesisDataStreams = new(role(c))
	case v1alpha1.TypeSchemaRegistry:
		spec.SchemaRegistry = &v1alpha1.SchemaRegistryConnection{
			Provider: random.Pick(&c.Choices, "CONFLUENT", ""), URLs: c.texts(), Authentication: v1alpha1.SchemaRegistryAuthentication{
				Type: random.Pick(&c.Choices, "USER_INFO", "SASL_INHERIT"), Username: c.text(), PasswordSecretRef: optional(c, randomKey),
			},
		}
	case v1alpha1.TypeAzureBlobStorage:
		spec.AzureBlobStorage = &v1alpha1.AzureBlobStorageConnection{ServicePrincipalID: c.text(), StorageAccountName: c.text()}
	case v1alpha1.TypeGCPPubSub:
		spec.GCPPubSub = &v1alpha1.GCPPubSubConnection{ServiceAccountID: c.text()}
	case v1alpha1.TypeSample: // has none
	}
}

func randomConnection(c *specChoices) (connection *v1alpha1.StreamConnection, whole bool) {
	connection = &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}}
	connection.Spec.ManagedSpec = randomManaged(c)
	connection.Spec.Type = random.Pick(&c.Choices, v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeKafka, v1alpha1.TypeHTTPS, v1alpha1.TypeAWSLambda, v1alpha1.TypeS3,
		v1alpha1.TypeAWSKinesisDataStreams, v1alpha1.TypeSchemaRegistry, v1alpha1.TypeAzureBlobStorage, v1alpha1.TypeGCPPubSub)
	connection.Spec.WorkspaceName, connection.Spec.Name, connection.Spec.Region = "w", random.Pick(&c.Choices, "", "n"), c.text()
	connection.Spec.Networking = optional(c, randomNetworking)
	whole = connection.Spec.ManagementPolicy != v1alpha1.Observe || c.Maybe()
	if whole {
		randomMember(c, &connection.Spec)
	}
	return connection, whole
}

// randomValues are the Secrets and ConfigMaps that a spec refers to.
func randomValues(c *specChoices, spec *v1alpha1.StreamConnectionSpec) referred {
	values := referred{loaded: true, values: map[string]map[string]string{}}
	for _, u := range usesOf(spec) {
		data := map[string][]byte{}
		for _, k := range u.keys {
			data[k.key] = []byte(c.text())
		}
		if u.all {
			data["X-Header"] = []byte(c.raw())
		}
		texts, blocked := u.take(data, nameOf(&metav1.ObjectMeta{Namespace: "shop", Name: u.name}))
		if blocked != nil { // it would not be sent
			texts = map[string]string{}
		}
		u.digested(texts)
		values.values[u.kind+"/"+u.name] = texts
	}
	return values
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// echoing is a client to whom every request is answered with what was sent, and an id.
func echoing(t *testing.T) *atlas.Client {
	t.Helper()
	client, err := atlas.New(atlas.Credentials{ClientID: "i", ClientSecret: atlas.NewSecret("client-secret")}, atlas.Options{
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			answer := `{"access_token":"t","expires_in":3600}`
			if r.URL.Path != "/api/oauth/token" {
				sent := map[string]json.RawMessage{}
				if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
					return nil, err
				}
				sent["_id"] = json.RawMessage(`"` + contractLink + `"`)
				body, err := json.Marshal(sent)
				if err != nil {
					return nil, err
				}
				answer = string(body)
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
		}),
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return client
}

// addChoices adds few choices, and many that reach far into a spec.
func addChoices(f *testing.F) {
	f.Add([]byte{})
	for first := range 12 {
		f.Add([]byte{0, byte(first)})
		for _, fill := range []byte{1, 3, 7, 11, 0x25, 0xff} {
			long := make([]byte, 80)
			for i := range long {
				long[i] = fill + byte(i%3)*2
			}
			long[0], long[1] = byte(first/6), byte(first)
			f.Add(long)
		}
	}
}

func FuzzLinkRequest(f *testing.F) {
	addChoices(f)
	f.Fuzz(checkLinkRequest)
}

func FuzzConnectionRequest(f *testing.F) {
	addChoices(f)
	f.Fuzz(checkConnectionRequest)
}

// What the fuzzer finds by and by, a first look finds without it.
func TestRandomSpecsAreNoDifferenceFromTheirRequests(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkLinkRequest(t, data)
		checkConnectionRequest(t, data)
	}
}

// checkLinkRequest: what Atlas echoes of a request is what the spec means.
func checkLinkRequest(t *testing.T, data []byte) {
	g := NewWithT(t)
	from := &specChoices{random.Choices{Bytes: data}}
	spec, other := randomLink(from), randomLink(from)
	found, err := echoing(t).CreatePrivateLink(t.Context(), contractProject, linkRequest(&spec))
	g.Expect(err).NotTo(HaveOccurred())
	for _, partial := range []bool{false, true} {
		g.Expect(linkDifferences(&spec, found, partial)).To(BeEmpty())
		linkDifferences(&other, found, partial)
	}
	g.Expect(sameLink(&spec, found)).To(BeTrue())
	g.Expect(couldBeLink(&spec, found)).To(BeTrue())
	// Two specs mean the same link, or not, whichever of them one starts from.
	otherFound, err := echoing(t).CreatePrivateLink(t.Context(), contractProject, linkRequest(&other))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(sameLink(&spec, otherFound)).To(Equal(sameLink(&other, found)))
	linkDifferences(&spec, atlas.PrivateLink{}, false)
}

// checkConnectionRequest is the same for connections. A spec without the member of its type is compared only.
func checkConnectionRequest(t *testing.T, data []byte) {
	g := NewWithT(t)
	from := &specChoices{random.Choices{Bytes: data}}
	c, whole := randomConnection(from)
	values, linkID := randomValues(from, &c.Spec), from.text()
	other, _ := randomConnection(from)
	connectionKey(c)
	usedNames(&c.Spec, credentials.KindSecret)
	for _, v := range []referred{values, {}} {
		connectionDifferences(c, linkID, v, atlas.Connection{})
	}
	request := connectionRequest(c, linkID, values)
	if !whole {
		return // Observe sends nothing
	}
	found, err := send(t.Context(), echoing(t), request)
	if err != nil {
		g.Expect(unsendable(c)).To(BeTrue(), "%v", err)
		return
	}
	for _, v := range []referred{values, {}} {
		g.Expect(connectionDifferences(c, linkID, v, found)).To(BeEmpty(), "%+v", c.Spec)
		connectionDifferences(other, linkID, v, found)
	}
}

func send(ctx context.Context, client *atlas.Client, request atlas.ConnectionRequest) (atlas.Connection, error) {
	return client.CreateConnection(ctx, contractProject, "w", request)
}

// unsendable says that a request cannot be sent: the type has no networking.
func unsendable(c *v1alpha1.StreamConnection) bool {
	switch c.Spec.Type {
	case v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeHTTPS, v1alpha1.TypeSchemaRegistry:
		return c.Spec.Networking != nil
	default:
		return false
	}
}
