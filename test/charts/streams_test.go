package charts_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// sectionOf is where resources of a kind stand in the values.
var sectionOf = map[string]string{
	"StreamPrivateLink": "links", "StreamConnection": "connections", "PrivateEndpointService": "privateEndpointServices",
}

// Each sample can be written as values, and comes out as it is.
func TestEverySampleAsValues(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	files, err := filepath.Glob("config/samples/*.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	samples := map[string]*unstructured.Unstructured{}
	values := map[string]map[string]any{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		for _, sample := range decode(t, string(data)) {
			section, ours := sectionOf[sample.GetKind()]
			if !ours {
				continue
			}
			if values[section] == nil {
				values[section] = map[string]any{}
			}
			values[section][sample.GetName()] = sample.Object["spec"]
			samples[sample.GetKind()+"/"+sample.GetName()] = sample
		}
	}
	g.Expect(len(samples)).To(BeNumerically(">", 30))
	data, err := yaml.Marshal(values)
	g.Expect(err).NotTo(HaveOccurred())
	file := valuesFile(t, string(data))

	world.mustHelm(t, "lint", "--strict", streamsChart, "--values", file)
	rendered := template(t, "samples", streamsChart, "default", "--values", file)

	g.Expect(rendered.names()).To(HaveLen(len(samples)))
	for _, object := range rendered {
		sample := samples[object.GetKind()+"/"+object.GetName()]
		g.Expect(sample).NotTo(BeNil(), object.GetName())
		g.Expect(object.Object["spec"]).To(Equal(sample.Object["spec"]), object.GetName())
		g.Expect(world.kube.Create(t.Context(), object, client.DryRunAll)).To(Succeed(), object.GetName())
	}
}

// What teams have in common stands in one file, what differs in another; entries win over defaults.
func TestValuesFilesMerge(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	base := valuesFile(t, `
defaults: {projectId: 65f1c0de0000000000000001, workspaceName: streams, credentialsRef: {name: atlas}, deletionPolicy: Retain}
commonLabels: {team: shop}
commonAnnotations: {example.com/owner: shop}
links:
  way: {provider: AWS, vendor: CONFLUENT, region: us-east-1, serviceEndpointId: vpce-svc-1, dnsSubDomain: []}
  test: {provider: GCP, vendor: PUBSUB, region: us-central1}
  old: {provider: GCP, vendor: PUBSUB, region: us-central1}
connections:
  hook: {type: Https, https: {url: https://example.com, headers: {a: b}}, annotations: {example.com/owner: hooks}}
privateEndpointServices:
  clusters: {cloudProvider: AWS, regionName: US_EAST_1}
`)
	stage := valuesFile(t, `
links:
  way: {region: eu-west-1, deletionPolicy: Delete, labels: {tier: gold}}
  test: {enabled: false}
  old: null
connections:
  hook: {credentialsRef: null, workspaceName: other, https: {headers: null}}
  sample: {type: Sample, name: sample_stream_solar, credentialsRef: {}}
`)
	rendered := template(t, "shop", streamsChart, "shop", "--values", base, "--values", stage)
	g.Expect(rendered.names()).To(ConsistOf("shop/StreamPrivateLink/way", "shop/StreamConnection/hook",
		"shop/StreamConnection/sample", "shop/PrivateEndpointService/clusters"))
	specs := map[string]any{}
	for _, object := range rendered {
		specs[object.GetName()] = object.Object["spec"]
		g.Expect(object.GetLabels()).To(And(HaveKeyWithValue("team", "shop"), HaveKeyWithValue("app.kubernetes.io/instance", "shop")))
	}
	common := map[string]any{"projectId": project, "credentialsRef": map[string]any{"name": "atlas"}}
	with := func(more map[string]any) map[string]any {
		all := maps.Clone(common)
		maps.Copy(all, more)
		return all
	}
	g.Expect(specs["way"]).To(Equal(with(map[string]any{
		"provider": "AWS", "vendor": "CONFLUENT", "region": "eu-west-1", "serviceEndpointId": "vpce-svc-1",
		"dnsSubDomain": []any{}, "deletionPolicy": "Delete",
	})), "an empty list is not left out")
	g.Expect(specs["hook"]).To(Equal(with(map[string]any{
		"workspaceName": "other", "type": "Https", "https": map[string]any{"url": "https://example.com", "headers": nil}, "deletionPolicy": "Retain",
	})))
	g.Expect(specs["sample"]).NotTo(HaveKey("credentialsRef"), "{} asks for the operator's default credentials")
	g.Expect(specs["clusters"]).To(Equal(with(map[string]any{"cloudProvider": "AWS", "regionName": "US_EAST_1"})))
	way := rendered.ofKind("StreamPrivateLink")[0]
	g.Expect(way.GetLabels()).To(HaveKeyWithValue("tier", "gold"))
	hook := rendered[slices.Index(rendered.names(), "shop/StreamConnection/hook")]
	g.Expect(hook.GetAnnotations()).To(Equal(map[string]string{"example.com/owner": "hooks"}))
}

const (
	capitalName = `
defaults: {projectId: 65f1c0de0000000000000022, credentialsRef: {name: atlas}, workspaceName: streams}
links:
  Confluent.Prod:
    provider: AWS
    vendor: CONFLUENT
    region: us-east-1
    serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0
    dnsDomain: a.us-east-1.aws.confluent.cloud
    dnsSubDomain: null
`
	orders = `connections:
  orders:
    type: Kafka
    kafka:
      bootstrapServers: b1.example.com:9092
      authentication: {mechanism: PLAIN, username: "$ConnectionString", passwordSecretRef: {name: pw, key: password}}
      security: {protocol: SASL_SSL}
`
)

// A value that is missing or wrong is named by its path.
func TestStreamsValuesRefused(t *testing.T) {
	t.Parallel()
	const defaults = "defaults: {projectId: 65f1c0de0000000000000001, workspaceName: streams}\n"
	for name, c := range map[string]struct{ values, message string }{
		"no project":   {`links: {way: {provider: AWS}}`, "links.way.projectId is required"},
		"no provider":  {defaults + `links: {way: {region: us-east-1}}`, "links.way.provider is required"},
		"no workspace": {`connections: {a: {projectId: 65f1c0de0000000000000001, type: Sample}}`, "connections.a.workspaceName is required"},
		"no type":      {defaults + `connections: {a: {region: x}}`, "connections.a.type is required: one of AWSKinesisDataStreams"},
		"no member":    {defaults + `connections: {a: {type: Kafka}}`, "connections.a.kafka is required: type Kafka"},
		"link switched off": {defaults + `links: {way: {enabled: false}}
connections: {a: {type: S3, s3: {roleArn: r}, networking: {type: PRIVATE_LINK, privateLinkRef: {name: way}}}}`, "links.way.enabled is false"},
		// A schema's propertyNames name any place of the values as that of the error.
		"a name that Kubernetes does not take": {defaults + `links: {Confluent_Prod: {provider: AWS}}`,
			"links.Confluent_Prod: the name of a resource has lower-case letters, digits, - and . only, and at most 253 of them"},
		"such a name of a connection": {defaults + `connections: {Orders: {type: Sample}}`, "connections.Orders: the name of a resource has lower-case letters"},
		"such a name of a service":    {defaults + `privateEndpointServices: {-a: {cloudProvider: AWS, regionName: x}}`, "privateEndpointServices.-a: the name of a resource"},
		"a number in config": {defaults + `connections: {orders: {type: Kafka, kafka: {bootstrapServers: "a:1", config: {acks: 1}}}}`,
			"/connections/orders/kafka/config/acks': got number, want string"},
		"no cloud":            {defaults + `privateEndpointServices: {a: {regionName: x}}`, "privateEndpointServices.a.cloudProvider is required"},
		"no service":          {defaults + `privateEndpointServices: {a: {cloudProvider: AWS}}`, "privateEndpointServices.a: exactly one of id and regionName"},
		"typing error":        {defaults + `links: {way: {provider: AWS, regoin: us-east-1}}`, "regoin"},
		"nested typing error": {defaults + `connections: {a: {type: S3, s3: {roleARN: r}}}`, "roleARN"},
		"wrong vendor":        {defaults + `links: {way: {provider: AWS, vendor: MY-KAFKA}}`, "links/way/vendor"},
		"wrong project":       {`defaults: {projectId: shop}`, "defaults/projectId"},
		"a secret":            {defaults + `connections: {a: {type: Kafka, kafka: {authentication: {mechanism: PLAIN, password: x}}}}`, "password"},
		"wrong name":          {defaults + `connections: {Way_1: {type: Sample}}`, `connections.Way_1: the name of a resource has lower-case letters`},
		"long name":           {defaults + `links: {` + strings.Repeat("a", 254) + `: {provider: AWS}}`, "at most 253 of them"},
		"numbers in config":   {capitalName + orders + "      config: {max.poll.records: 500, enable.auto.commit: true}\n", "at '/connections/orders/kafka/config/max.poll.records': got number, want string"},
		"name with capitals":  {capitalName + orders, `links.Confluent.Prod: the name of a resource has lower-case letters`},
		"wrong section":       {defaults + `link: {way: {provider: AWS}}`, "link"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := world.helm(t.Context(), "template", "x", streamsChart, "--values", valuesFile(t, c.values))
			g.Expect(err).To(MatchError(ContainSubstring(c.message)))
		})
	}
}

// linkOf and connectionOf are resources to be read.
func linkOf(s *stage, name string) *v1alpha1.StreamPrivateLink {
	link := &v1alpha1.StreamPrivateLink{}
	link.Namespace, link.Name = s.namespace, name
	return link
}

func connectionOf(s *stage, name string) *v1alpha1.StreamConnection {
	connection := &v1alpha1.StreamConnection{}
	connection.Namespace, connection.Name = s.namespace, name
	return connection
}
