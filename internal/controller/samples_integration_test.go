package controller_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/config/crd"
)

const (
	samplesDir    = "../../config/samples"
	kustomization = "kustomization.yaml"
	// sampleProject and sampleWorkspace are what every sample names.
	sampleProject   = "65f1c0de0000000000000001"
	sampleWorkspace = "streams"

	linkKind       = "StreamPrivateLink"
	connectionKind = "StreamConnection"
	serviceKind    = "PrivateEndpointService"
)

var _ = Describe("Samples", func() {
	It("all become Ready, or wait for their user as they say", func(ctx SpecContext) {
		t := newTenant(ctx)
		samples := readSamples()
		applySamples(ctx, t, samples)
		samplesReady(ctx, t, samples)
		Expect(sim.PrivateLinks(t.project)).To(HaveLen(len(ofKind(samples, linkKind))))
		Expect(sim.Connections(t.project, sampleWorkspace)).To(HaveLen(len(ofKind(samples, connectionKind))))
	}, SpecTimeout(60*time.Second))

	It("of types and vendors that this version does not know become Ready", func(ctx SpecContext) {
		t := newTenant(ctx)
		samples := slices.Concat(readSample("credentials.yaml"), readSample("raw/streamconnection.yaml"), readSample("raw/streamprivatelink.yaml"))
		applySamples(ctx, t, samples)
		samplesReady(ctx, t, samples)
		Expect(sim.PrivateLinks(t.project)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("clusterId", "rp-4x7y2"))))
		Expect(sim.Secrets(t.project, sampleWorkspace, "catalog")).To(HaveKeyWithValue("authentication.clientSecret", "replace-me"))
	}, SpecTimeout(60*time.Second))

	It("take the domain of a serverless cluster later, as the sample says", func(ctx SpecContext) {
		const file = "streamprivatelink-aws-confluent-serverless.yaml"
		t := newTenant(ctx)
		first := append(readSample("credentials.yaml"), readSample(file)...)
		applySamples(ctx, t, first)
		samplesReady(ctx, t, first)
		Expect(sim.PrivateLinks(t.project)).To(ConsistOf(HaveField("Fields", Not(HaveKey("dnsDomain")))))

		data, err := os.ReadFile(filepath.Join(samplesDir, file))
		Expect(err).NotTo(HaveOccurred())
		withDomain := decodeSamples(bytes.Replace(data, []byte("# dnsDomain:"), []byte("dnsDomain:"), 1), file)
		domain := text(withDomain[0], "spec.dnsDomain")
		Expect(domain).NotTo(BeEmpty(), "the sample has the domain in a comment")
		applySamples(ctx, t, withDomain)
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: withDomain[0].GetName()}}
		ready(ctx, link, "True Done")
		Expect(sim.PrivateLinks(t.project)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("dnsDomain", domain))))
	}, SpecTimeout(60*time.Second))

	It("are in the kustomization, in the current namespace, and no two are the same object", func() {
		var listed struct {
			Resources []string `json:"resources"`
		}
		data, err := os.ReadFile(filepath.Join(samplesDir, kustomization))
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.Unmarshal(data, &listed)).To(Succeed())
		Expect(listed.Resources).To(ConsistOf(sampleFiles()))

		seen := map[string]bool{}
		for _, sample := range readSamples() {
			id := sample.GetKind() + "/" + sample.GetName()
			Expect(seen).NotTo(HaveKey(id))
			seen[id] = true
			Expect(sample.GetNamespace()).To(BeEmpty(), id)
			if isOurs(sample) {
				Expect(text(sample, "spec.projectId")).To(Equal(sampleProject), id)
				Expect(text(sample, "spec.workspaceName")).To(BeElementOf("", sampleWorkspace), id)
			}
		}
	})

	// What is excepted has no sample of its own: PUBLIC is networking left out, and Atlas has no transit gateways yet.
	DescribeTable("show every", func(kind, path string, except ...string) {
		var shown []string
		for _, sample := range ofKind(readSamples(), kind) {
			shown = append(shown, text(sample, path))
		}
		for _, value := range valuesOf(kind, path) {
			if !slices.Contains(except, value) {
				Expect(shown).To(ContainElement(value), "no sample has %s %s", path, value)
			}
		}
	},
		Entry("provider", linkKind, "spec.provider"),
		Entry("vendor", linkKind, "spec.vendor"),
		Entry("connection type", connectionKind, "spec.type"),
		Entry("Kafka mechanism", connectionKind, "spec.kafka.authentication.mechanism"),
		Entry("Kafka security protocol", connectionKind, "spec.kafka.security.protocol", "SASL_PLAINTEXT"),
		Entry("what happens to secrets at a takeover", connectionKind, "spec.adoptionSecrets", "Send"),
		Entry("kind of broker certificate", connectionKind, "spec.kafka.security.brokerPublicCertificateRef.kind"),
		Entry("authentication of schema registries", connectionKind, "spec.schemaRegistry.authentication.type"),
		Entry("networking type", connectionKind, "spec.networking.type", "PUBLIC", "TRANSIT_GATEWAY"),
		Entry("provider of clusters", serviceKind, "spec.cloudProvider"),
	)

	It("show every vendor with each provider that has it", func(ctx SpecContext) {
		t := newTenant(ctx)
		shown := map[string]bool{}
		for _, sample := range ofKind(readSamples(), linkKind) {
			shown[text(sample, "spec.provider")+" "+text(sample, "spec.vendor")] = true
		}
		for _, provider := range enumOf(linkKind, "spec.provider") {
			for _, vendor := range valuesOf(linkKind, "spec.vendor") {
				if vendor != string(v1alpha1.VendorGeneric) && takesVendor(ctx, t, provider, vendor) {
					Expect(shown).To(HaveKey(provider + " " + vendor))
				}
			}
		}
	}, SpecTimeout(30*time.Second))
})

// takesVendor asks the API server whether a provider has a vendor. A link that is only observed needs no other field.
func takesVendor(ctx context.Context, t tenant, provider, vendor string) bool {
	GinkgoHelper()
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("probe"), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: t.managedSpec(), Provider: v1alpha1.LinkProvider(provider), Vendor: v1alpha1.LinkVendor(vendor),
	}}
	link.Spec.ManagementPolicy = v1alpha1.Observe
	err := kube.Create(ctx, link, client.DryRunAll)
	if err != nil {
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
	}
	return err == nil
}

// applySamples applies samples in their order, to the tenant's namespace and project.
func applySamples(ctx context.Context, t tenant, samples []*unstructured.Unstructured) {
	GinkgoHelper()
	sim.AddWorkspace(t.project, sampleWorkspace)
	for _, sample := range samples {
		sample.SetNamespace(t.namespace)
		if isOurs(sample) {
			setText(sample, t.project, "spec", "projectId")
		}
		switch {
		case sample.GetName() == "atlas-credentials":
			sim.AddServiceAccount(text(sample, "stringData.clientId"), text(sample, "stringData.clientSecret"))
		case sample.GetKind() == serviceKind:
			seedService(t, sample)
		}
		// Apply is always strict: the API server refuses fields that it does not know.
		err := kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(sample), client.FieldOwner("samples"))
		Expect(err).NotTo(HaveOccurred(), "%s %s", sample.GetKind(), sample.GetName())
	}
}

// seedService makes the private endpoint service that a sample shows. Its id is the simulator's to choose.
func seedService(t tenant, sample *unstructured.Unstructured) {
	GinkgoHelper()
	fields := map[string]any{}
	if region := text(sample, "spec.regionName"); region != "" {
		fields["regionName"] = region
	}
	id := sim.PutPrivateEndpointService(t.project, text(sample, "spec.cloudProvider"), fields, "")
	if text(sample, "spec.id") != "" {
		setText(sample, id, "spec", "id")
	}
}

// samplesReady waits until all of our resources among the samples are Ready and nothing differs from Atlas.
func samplesReady(ctx context.Context, t tenant, samples []*unstructured.Unstructured) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		var waiting []string
		for _, sample := range slices.DeleteFunc(slices.Clone(samples), func(s *unstructured.Unstructured) bool { return !isOurs(s) }) {
			found := &unstructured.Unstructured{}
			found.SetGroupVersionKind(sample.GroupVersionKind())
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: sample.GetName()}, found)).To(Succeed())
			waiting = append(waiting, unfulfilled(g, found)...)
		}
		g.Expect(waiting).To(BeEmpty(), "%s", strings.Join(waiting, "\n"))
	}).WithContext(ctx).WithTimeout(50 * time.Second).Should(Succeed()) // they are many, and machines may be busy
}

// unfulfilled are the conditions that a resource would not have that works, or that waits for its user as its sample
// says.
func unfulfilled(g Gomega, found *unstructured.Unstructured) []string {
	var status v1alpha1.ObservedStatus
	members, _, err := unstructured.NestedMap(found.Object, "status")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(members, &status)).To(Succeed())
	name := found.GetKind() + "/" + found.GetName()
	ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.ObservedGeneration != found.GetGeneration() {
		return []string{name + " has no Ready condition for its generation"}
	}
	if ready.Reason == v1alpha1.ReasonDNSDomainMissing {
		return nil // its user learns the domain now
	}
	var lines []string
	for _, c := range status.Conditions {
		wanted := metav1.ConditionTrue
		if c.Type == v1alpha1.ConditionReconciling || c.Type == v1alpha1.ConditionStalled {
			wanted = metav1.ConditionFalse
		}
		if c.Status != wanted {
			lines = append(lines, fmt.Sprintf("%s: %s=%s %s: %s", name, c.Type, c.Status, c.Reason, c.Message))
		}
	}
	return lines
}

// sampleFiles are the names of the files of config/samples, in their order. The demo has a directory of its own there.
func sampleFiles() []string {
	GinkgoHelper()
	entries, err := os.ReadDir(samplesDir)
	Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() && entry.Name() != kustomization {
			names = append(names, entry.Name())
		}
	}
	return names
}

func readSamples() []*unstructured.Unstructured {
	GinkgoHelper()
	var samples []*unstructured.Unstructured
	for _, file := range sampleFiles() {
		samples = append(samples, readSample(file)...)
	}
	Expect(samples).NotTo(BeEmpty())
	return samples
}

func readSample(file string) []*unstructured.Unstructured {
	GinkgoHelper()
	data, err := os.ReadFile(filepath.Join(samplesDir, file))
	Expect(err).NotTo(HaveOccurred())
	return decodeSamples(data, file)
}

func decodeSamples(data []byte, file string) []*unstructured.Unstructured {
	GinkgoHelper()
	var samples []*unstructured.Unstructured
	decoder := yamlutil.NewYAMLOrJSONDecoder(bytes.NewReader(data), len(data))
	for {
		sample := &unstructured.Unstructured{}
		err := decoder.Decode(sample)
		if errors.Is(err, io.EOF) {
			Expect(samples).NotTo(BeEmpty(), file)
			return samples
		}
		Expect(err).NotTo(HaveOccurred(), file)
		samples = append(samples, sample)
	}
}

func isOurs(sample *unstructured.Unstructured) bool {
	return sample.GroupVersionKind().GroupVersion() == v1alpha1.GroupVersion
}

func ofKind(samples []*unstructured.Unstructured, kind string) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(samples), func(s *unstructured.Unstructured) bool { return s.GetKind() != kind })
}

// text is a field that is a string, by its path, else "".
func text(sample *unstructured.Unstructured, path string) string {
	GinkgoHelper()
	value, _, err := unstructured.NestedString(sample.Object, strings.Split(path, ".")...)
	Expect(err).NotTo(HaveOccurred())
	return value
}

func setText(sample *unstructured.Unstructured, value string, path ...string) {
	GinkgoHelper()
	Expect(unstructured.SetNestedField(sample.Object, value, path...)).To(Succeed())
}

// valuesOf are the values of a field that this version knows.
func valuesOf(kind, path string) []string {
	GinkgoHelper()
	switch kind + " " + path {
	case linkKind + " spec.vendor":
		return []string{"MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "EVENTHUB", "AZURE_BLOB_STORAGE", "PUBSUB", "GENERIC"}
	case connectionKind + " spec.type":
		return []string{
			"Sample", "Cluster", "Kafka", "Https", "AWSLambda", "S3", "AWSKinesisDataStreams", "SchemaRegistry", "AzureBlobStorage", "GCPPubSub",
		}
	default:
		return enumOf(kind, path)
	}
}

// enumOf are the values that a kind's CustomResourceDefinition allows for a field.
func enumOf(kind, path string) []string {
	GinkgoHelper()
	definitions, err := crd.All()
	Expect(err).NotTo(HaveOccurred())
	i := slices.IndexFunc(definitions, func(d *apiextensionsv1.CustomResourceDefinition) bool { return d.Spec.Names.Kind == kind })
	Expect(i).NotTo(BeNumerically("<", 0), kind)
	schema := *definitions[i].Spec.Versions[0].Schema.OpenAPIV3Schema
	for name := range strings.SplitSeq(path, ".") {
		Expect(schema.Properties).To(HaveKey(name), path)
		schema = schema.Properties[name]
	}
	var values []string
	for _, raw := range schema.Enum {
		var value string
		Expect(json.Unmarshal(raw.Raw, &value)).To(Succeed())
		values = append(values, value)
	}
	Expect(values).NotTo(BeEmpty(), path)
	return values
}
