package connection

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// optional makes a member that may be absent.
func optional[T any](c *choices, of func(*choices) T) *T {
	if !c.Maybe() {
		return nil
	}
	return new(of(c))
}

// randomTexts is absent, empty, or holds some.
func randomTexts[V ~string](c *choices) map[string]V {
	list := c.Texts()
	if list == nil {
		return nil
	}
	m := map[string]V{}
	for _, key := range list {
		m[key] = V(c.Text())
	}
	return m
}

func randomLocal(c *choices) v1alpha1.LocalReference {
	return v1alpha1.LocalReference{Name: c.Text()}
}

func randomKey(c *choices) v1alpha1.SecretKeyReference {
	return v1alpha1.SecretKeyReference{Name: c.Text(), Key: c.Text()}
}

func randomKafka(c *choices) v1alpha1.KafkaConnection {
	return v1alpha1.KafkaConnection{
		BootstrapServers: c.Text(), Config: randomTexts[v1alpha1.KafkaConfigValue](c),
		Authentication: optional(c, func(c *choices) v1alpha1.KafkaAuthentication {
			return v1alpha1.KafkaAuthentication{
				Mechanism: random.Pick(&c.Choices, "PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER", "SSL", "AWS_MSK_IAM"), Method: c.Text(), Username: c.Text(),
				PasswordSecretRef: optional(c, randomKey), TokenEndpointURL: c.Text(), ClientID: c.Text(), ClientSecretRef: optional(c, randomKey), Scope: c.Text(),
				SASLOAuthBearerExtensions: c.Text(), SSLCertificate: c.Text(), SSLKeySecretRef: optional(c, randomKey),
				SSLKeyPasswordSecretRef: optional(c, randomKey), TLSSecretRef: optional(c, randomLocal), AWSRoleARN: c.Text(),
			}
		}),
		Security: optional(c, func(c *choices) v1alpha1.KafkaSecurity {
			return v1alpha1.KafkaSecurity{
				Protocol: c.Text(), BrokerPublicCertificate: c.Text(),
				BrokerPublicCertificateRef: optional(c, func(c *choices) v1alpha1.CertificateReference {
					return v1alpha1.CertificateReference{Kind: random.Pick(&c.Choices, credentials.KindSecret, credentials.KindConfigMap), Name: c.Text(), Key: c.Text()}
				}),
			}
		}),
	}
}

func randomNetworking(c *choices) v1alpha1.ConnectionNetworking {
	return v1alpha1.ConnectionNetworking{
		Type:           random.Pick(&c.Choices, "", v1alpha1.NetworkingPublic, v1alpha1.NetworkingVPC, v1alpha1.NetworkingPrivateLink, v1alpha1.NetworkingTransitGateway),
		PrivateLinkRef: optional(c, randomLocal), ConnectionID: c.Text(), TGWRouteID: c.Text(),
	}
}

// randomMember makes the member of the type, which only Observe may leave out.
func randomMember(c *choices, spec *v1alpha1.StreamConnectionSpec) {
	role := func(c *choices) v1alpha1.AWSRoleConnection {
		return v1alpha1.AWSRoleConnection{RoleARN: c.Text()}
	}
	switch spec.Type {
	case v1alpha1.TypeCluster:
		spec.Cluster = &v1alpha1.ClusterConnection{
			ClusterName: c.Text(), ClusterProjectID: c.Text(), DBRoleToExecute: v1alpha1.DBRoleToExecute{Role: c.Text(), Type: c.Text()},
		}
	case v1alpha1.TypeKafka:
		spec.Kafka = new(randomKafka(c))
	case v1alpha1.TypeHTTPS:
		spec.HTTPS = &v1alpha1.HTTPSConnection{URL: c.Text(), Headers: randomTexts[v1alpha1.HeaderValue](c), HeadersSecretRef: optional(c, randomLocal)}
	case v1alpha1.TypeAWSLambda:
		spec.AWSLambda = new(role(c))
	case v1alpha1.TypeS3:
		spec.S3 = &v1alpha1.S3Connection{RoleARN: c.Text(), TestBucket: c.Text()}
	case v1alpha1.TypeAWSKinesisDataStreams:
		spec.AWSKinesisDataStreams = new(role(c))
	case v1alpha1.TypeSchemaRegistry:
		spec.SchemaRegistry = &v1alpha1.SchemaRegistryConnection{
			Provider: random.Pick(&c.Choices, "CONFLUENT", ""), URLs: c.Texts(), Authentication: v1alpha1.SchemaRegistryAuthentication{
				Type: random.Pick(&c.Choices, "USER_INFO", "SASL_INHERIT"), Username: c.Text(), PasswordSecretRef: optional(c, randomKey),
			},
		}
	case v1alpha1.TypeAzureBlobStorage:
		spec.AzureBlobStorage = &v1alpha1.AzureBlobStorageConnection{ServicePrincipalID: c.Text(), StorageAccountName: c.Text()}
	case v1alpha1.TypeGCPPubSub:
		spec.GCPPubSub = &v1alpha1.GCPPubSubConnection{ServiceAccountID: c.Text()}
	case v1alpha1.TypeSample: // has none
	}
}

func randomConnection(c *choices) (connection *v1alpha1.StreamConnection, whole bool) {
	connection = &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}}
	connection.Spec.ManagedSpec = randomManaged(c)
	connection.Spec.Type = random.Pick(&c.Choices, v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeKafka, v1alpha1.TypeHTTPS, v1alpha1.TypeAWSLambda, v1alpha1.TypeS3,
		v1alpha1.TypeAWSKinesisDataStreams, v1alpha1.TypeSchemaRegistry, v1alpha1.TypeAzureBlobStorage, v1alpha1.TypeGCPPubSub)
	connection.Spec.WorkspaceName, connection.Spec.Name, connection.Spec.Region = "w", random.Pick(&c.Choices, "", "n"), c.Text()
	connection.Spec.Networking = optional(c, randomNetworking)
	whole = connection.Spec.ManagementPolicy != v1alpha1.Observe || c.Maybe()
	if whole {
		randomMember(c, &connection.Spec)
	}
	return connection, whole
}

// randomValues are the Secrets and ConfigMaps that a spec refers to.
func randomValues(c *choices, spec *v1alpha1.StreamConnectionSpec) referred {
	values := referred{loaded: true, values: map[string]map[string]string{}}
	for _, u := range usesOf(spec) {
		data := map[string][]byte{}
		for _, r := range u {
			if r.field == "https.headersSecretRef" {
				data["X-Header"] = []byte(c.Raw())
			} else {
				data[r.key] = []byte(c.Text())
			}
		}
		texts, blocked := u.take(data, lifecycle.NameOf(&metav1.ObjectMeta{Namespace: "shop", Name: u[0].name}))
		if blocked != nil { // it would not be sent
			texts = map[string]string{}
		}
		u.digested(texts)
		values.values[u[0].id()] = texts
	}
	return values
}

func FuzzConnectionRequest(f *testing.F) {
	addChoices(f)
	f.Fuzz(checkConnectionRequest)
}

// What the fuzzer finds by and by, a first look finds without it.
func TestRandomSpecsAreNoDifferenceFromTheirRequests(t *testing.T) {
	checkRandomly(t, checkConnectionRequest)
}

// checkConnectionRequest: what Atlas echoes of a request is what the spec means. A spec without the member of its type is compared only.
func checkConnectionRequest(t *testing.T, data []byte) {
	g := NewWithT(t)
	from := &choices{Choices: random.Choices{Bytes: data}}
	c, whole := randomConnection(from)
	values, linkID := randomValues(from, &c.Spec), from.Text()
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
	_, client := wired(t)
	found, err := send(t.Context(), client, request)
	if err != nil {
		g.Expect(unsendable(c)).To(BeTrue(), "%v", err)
		return
	}
	for _, v := range []referred{values, {}} {
		g.Expect(connectionDifferences(c, linkID, v, found)).To(BeEmpty(), "%+v", c.Spec)
		connectionDifferences(other, linkID, v, found)
	}
}

func send(ctx context.Context, client *atlas.Client, request atlas.Connection) (atlas.Connection, error) {
	return client.CreateConnection(ctx, testProject, "w", request)
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
