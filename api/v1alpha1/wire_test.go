package v1alpha1_test

import (
	"bytes"
	"os/exec"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv"
)

// Absent and empty say different things to Atlas, and every tool has its own way to lose the difference.
var _ = Describe("An empty dnsSubDomain", func() {
	spec := func(subDomains []string) v1alpha1.StreamPrivateLinkSpec {
		return v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: v1alpha1.ManagedSpec{ProjectID: "65f1c0de0000000000000001"},
			Provider:    v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorGeneric, Region: "us-east-1",
			ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", DNSSubDomain: subDomains,
		}
	}
	// asManifest is what the typed client sends.
	asManifest := func(namespace string, subDomains []string) *unstructured.Unstructured {
		object := &v1alpha1.StreamPrivateLink{Spec: spec(subDomains)}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("StreamPrivateLink"))
		object.Name, object.Namespace = "broker", namespace
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		Expect(err).NotTo(HaveOccurred())
		delete(content, "status")
		return &unstructured.Unstructured{Object: content}
	}
	ways := map[string]func(ctx SpecContext, namespace string, subDomains []string){
		"the typed client": func(ctx SpecContext, namespace string, subDomains []string) {
			Expect(cluster.Create(ctx, &v1alpha1.StreamPrivateLink{
				ObjectMeta: metav1.ObjectMeta{Name: "broker", Namespace: namespace}, Spec: spec(subDomains),
			})).To(Succeed())
		},
		"server-side apply": func(ctx SpecContext, namespace string, subDomains []string) {
			Expect(cluster.Apply(ctx, client.ApplyConfigurationFromUnstructured(asManifest(namespace, subDomains)),
				client.FieldOwner("test"))).To(Succeed())
		},
		"kubectl apply": func(ctx SpecContext, namespace string, subDomains []string) {
			kubectlApply(ctx, asManifest(namespace, subDomains))
		},
		"kubectl apply --server-side": func(ctx SpecContext, namespace string, subDomains []string) {
			kubectlApply(ctx, asManifest(namespace, subDomains), "--server-side")
		},
	}
	for _, way := range sorted(ways) {
		write := ways[way]
		It("is told from an absent one by "+way, func(ctx SpecContext) {
			namespace := newNamespace(ctx)
			key := client.ObjectKey{Namespace: namespace, Name: "broker"}
			raw := &unstructured.Unstructured{}
			raw.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("StreamPrivateLink"))
			typed := &v1alpha1.StreamPrivateLink{}

			write(ctx, namespace, []string{})
			Expect(cluster.Get(ctx, key, raw)).To(Succeed())
			Expect(raw.Object).To(HaveKeyWithValue("spec", HaveKeyWithValue("dnsSubDomain", BeEmpty())))
			Expect(cluster.Get(ctx, key, typed)).To(Succeed())
			Expect(typed.Spec.DNSSubDomain).To(And(BeEmpty(), Not(BeNil())))

			// A typed client that reads and writes the whole object does not lose it either.
			typed.Labels = map[string]string{"touched": "yes"}
			Expect(cluster.Update(ctx, typed)).To(Succeed())
			Expect(cluster.Get(ctx, key, raw)).To(Succeed())
			Expect(raw.Object).To(HaveKeyWithValue("spec", HaveKeyWithValue("dnsSubDomain", BeEmpty())))

			Expect(cluster.Delete(ctx, raw)).To(Succeed())
			write(ctx, namespace, nil)
			Expect(cluster.Get(ctx, key, raw)).To(Succeed())
			Expect(raw.Object).To(HaveKeyWithValue("spec", Not(HaveKey("dnsSubDomain"))))
			typed = &v1alpha1.StreamPrivateLink{}
			Expect(cluster.Get(ctx, key, typed)).To(Succeed())
			Expect(typed.Spec.DNSSubDomain).To(BeNil())
		})
	}
})

func kubectlApply(ctx SpecContext, object *unstructured.Unstructured, flags ...string) {
	GinkgoHelper()
	manifest, err := yaml.Marshal(object.Object)
	Expect(err).NotTo(HaveOccurred())
	output, err := kubectl(ctx, manifest, append([]string{"apply", "-f", "-"}, flags...)...)
	Expect(err).NotTo(HaveOccurred(), output)
}

// kubectl runs the real one and returns what it printed.
func kubectl(ctx SpecContext, input []byte, arguments ...string) (string, error) {
	GinkgoHelper()
	path, err := testenv.Binary("kubectl")
	Expect(err).NotTo(HaveOccurred())
	command := exec.CommandContext(ctx, path, append([]string{"--kubeconfig", kubeconfig}, arguments...)...)
	command.Stdin = bytes.NewReader(input)
	output, err := command.CombinedOutput()
	return string(output), err
}
