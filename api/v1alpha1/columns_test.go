package v1alpha1_test

import (
	"slices"
	"strings"

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
		Entry("links", "streamprivatelinks", func() *unstructured.Unstructured {
			return link("GENERIC", "{vendor: EVENTHUB, deletionPolicy: Retain}")
		}, "interfaceEndpointId: vpce-1",
			[]string{"Name", "Ready", "State", "Provider", "Vendor", "Atlas ID", "Age"}, []string{"Reason", "Endpoint", "Deletion Policy", "Message"},
			map[string]any{
				"Deletion Policy": "Retain", "Ready": "False", "State": "WORKING", "Provider": "AZURE", "Vendor": "EVENTHUB", "Atlas ID": linkID,
				"Reason": "Working", "Endpoint": "vpce-1", "Message": "state=WORKING",
			}),
		Entry("connections", "streamconnections", func() *unstructured.Unstructured { return connection("Kafka over a link") }, "privateLinkId: "+otherID,
			[]string{"Name", "Ready", "State", "Type", "Atlas ID", "Age"}, []string{"Workspace", "Reason", "Endpoint", "Deletion Policy", "Message"},
			map[string]any{
				"Deletion Policy": "Delete",
				"Ready":           "False", "State": "WORKING", "Type": "Kafka", "Atlas ID": linkID, "Workspace": "streams",
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

	DescribeTable("selects by project", func(ctx SpecContext, short string, build func() *unstructured.Unstructured) {
		object := stored(ctx, build(), "")
		list := func(project string) string {
			output, err := kubectl(ctx, nil, "get", short, "-n", object.GetNamespace(), "-o", "name", "--field-selector", "spec.projectId="+project)
			Expect(err).NotTo(HaveOccurred(), output)
			return output
		}
		Expect(list("65f1c0de0000000000000001")).To(ContainSubstring(object.GetName()))
		Expect(list("65f1c0de0000000000000002")).NotTo(ContainSubstring(object.GetName()))
	},
		Entry("links", "spl", func() *unstructured.Unstructured { return link("AWS S3") }),
		Entry("connections", "sconn", func() *unstructured.Unstructured { return connection("Kafka") }),
		Entry("private endpoint services", "pes", func() *unstructured.Unstructured { return service("by region") }),
	)

	DescribeTable("explains what a field is for", func(ctx SpecContext, field, text string) {
		output, err := kubectl(ctx, nil, "explain", field)
		Expect(err).NotTo(HaveOccurred(), output)
		Expect(strings.Join(strings.Fields(output), " ")).To(ContainSubstring(text))
	},
		Entry(nil, "streamprivatelink.spec.dnsSubDomain", "that is not the same as leaving it out"),
		Entry(nil, "streamconnection.spec.kafka.bootstrapServers", "comma-separated list"),
		Entry(nil, "pes", "never creates, changes or deletes anything in Atlas"),
		Entry(nil, "pes.spec.regionName", "`us-east-1` and `US_EAST_1`, `eastus2` and `US_EAST_2`"),
		Entry(nil, "pes.spec.credentialsRef", "Project Read Only"),
		Entry(nil, "pes.status.serviceAttachmentNames", "Atlas's service attachments (GCP)"),
	)
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
