package v1alpha1_test

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

var _ = Describe("kubectl get", func() {
	const conditions = "conditions: [{type: Ready, status: 'False', reason: Working, message: state=WORKING, lastTransitionTime: '2026-01-02T03:04:05Z'}]"

	DescribeTable("shows", func(ctx SpecContext, resource string, build func() *unstructured.Unstructured, status string, narrow, wide []string, cells map[string]any) {
		object := build()
		stored(ctx, object, "id: "+linkID+", state: WORKING, "+status+", "+conditions)
		table := tableOf(ctx, resource, object.GetNamespace())
		var shown, more []string
		row := map[string]any{}
		Expect(table.Rows).To(HaveLen(1))
		for i, column := range table.ColumnDefinitions {
			row[column.Name] = table.Rows[0].Cells[i]
			if column.Priority == 0 {
				shown = append(shown, column.Name)
			} else {
				more = append(more, column.Name)
			}
		}
		Expect(shown).To(Equal(narrow))
		Expect(more).To(Equal(wide))
		for name, value := range cells {
			Expect(row).To(HaveKeyWithValue(name, value))
		}
	},
		Entry("links", "streamprivatelinks", func() *unstructured.Unstructured { return link("GENERIC", "vendor: EVENTHUB") }, "interfaceEndpointId: vpce-1",
			[]string{"Name", "Ready", "State", "Provider", "Vendor", "Atlas ID", "Age"}, []string{"Reason", "Endpoint", "Message"},
			map[string]any{
				"Ready": "False", "State": "WORKING", "Provider": "AZURE", "Vendor": "EVENTHUB", "Atlas ID": linkID,
				"Reason": "Working", "Endpoint": "vpce-1", "Message": "state=WORKING",
			}),
		Entry("connections", "streamconnections", func() *unstructured.Unstructured { return connection("Kafka over a link") }, "privateLinkId: "+otherID,
			[]string{"Name", "Ready", "State", "Type", "Atlas ID", "Age"}, []string{"Workspace", "Reason", "Endpoint", "Message"},
			map[string]any{
				"Ready": "False", "State": "WORKING", "Type": "Kafka", "Atlas ID": linkID, "Workspace": "streams",
				"Reason": "Working", "Endpoint": otherID, "Message": "state=WORKING",
			}),
		Entry("private endpoint services", "privateendpointservices", func() *unstructured.Unstructured { return service("by region") }, "regionName: US_EAST_1, endpointServiceName: vpce-svc-1",
			[]string{"Name", "Ready", "State", "Provider", "Region", "Atlas ID", "Age"}, []string{"Reason", "Endpoint", "Message"},
			map[string]any{
				"Ready": "False", "State": "WORKING", "Provider": "AWS", "Region": "US_EAST_1", "Atlas ID": linkID,
				"Reason": "Working", "Endpoint": "vpce-svc-1", "Message": "state=WORKING",
			}),
	)

	DescribeTable("knows", func(ctx SpecContext, resource, short string) {
		client, err := discovery.NewDiscoveryClientForConfig(restConfig)
		Expect(err).NotTo(HaveOccurred())
		found, err := client.ServerResourcesForGroupVersionWithContext(ctx, v1alpha1.GroupVersion.String())
		Expect(err).NotTo(HaveOccurred())
		i := slices.IndexFunc(found.APIResources, func(r metav1.APIResource) bool { return r.Name == resource })
		Expect(i).To(BeNumerically(">=", 0), "the resource is served")
		Expect(found.APIResources[i].ShortNames).To(ConsistOf(short))
		Expect(found.APIResources[i].Categories).To(ConsistOf("atlas-streams"))
		Expect(found.APIResources[i].Namespaced).To(BeTrue())
	},
		Entry("spl", "streamprivatelinks", "spl"),
		Entry("sconn", "streamconnections", "sconn"),
		Entry("pes", "privateendpointservices", "pes"),
	)

	It("selects by project", func(ctx SpecContext) {
		object := stored(ctx, link("AWS S3"), "")
		output, err := kubectl(ctx, nil, "get", "spl", "-n", object.GetNamespace(), "-o", "name", "--field-selector", "spec.projectId=65f1c0de0000000000000001")
		Expect(err).NotTo(HaveOccurred(), output)
		Expect(output).To(ContainSubstring(object.GetName()))
		output, err = kubectl(ctx, nil, "get", "spl", "-n", object.GetNamespace(), "-o", "name", "--field-selector", "spec.projectId=65f1c0de0000000000000002")
		Expect(err).NotTo(HaveOccurred(), output)
		Expect(output).NotTo(ContainSubstring(object.GetName()))
	})

	It("explains what a field is for", func(ctx SpecContext) {
		output, err := kubectl(ctx, nil, "explain", "streamconnection.spec.kafka.bootstrapServers")
		Expect(err).NotTo(HaveOccurred(), output)
		Expect(output).To(ContainSubstring("comma-separated list"))
	})
})

// tableOf asks for what kubectl get prints.
func tableOf(ctx SpecContext, resource, namespace string) *metav1.Table {
	GinkgoHelper()
	config := rest.CopyConfig(restConfig)
	config.GroupVersion, config.APIPath = &v1alpha1.GroupVersion, "/apis"
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(config)
	Expect(err).NotTo(HaveOccurred())
	table := &metav1.Table{}
	Expect(client.Get().Namespace(namespace).Resource(resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		Do(ctx).Into(table)).To(Succeed())
	return table
}
