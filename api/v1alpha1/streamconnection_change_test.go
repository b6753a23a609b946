package v1alpha1_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The messages of rules about changes of connections.
const (
	workspaceChanged = "workspaceName cannot be changed: create a new StreamConnection for the other workspace"
	typeChanged      = "type cannot be changed: create a new StreamConnection with another name"
	regionChanged    = "region cannot be changed: create a new StreamConnection with another name"
	nameChanged      = "spec.name cannot be changed: create a new StreamConnection"
	noName           = "metadata.name is longer than a connection name may be (64): set spec.name"
)

var _ = Describe("Changing a StreamConnection", func() {
	const created = requested + ", id: 65f1c0de00000000000000cc, ownership: Created, state: READY"

	// These never change, whether Atlas has the connection or not.
	for _, status := range []string{"", created} {
		DescribeTable("is refused for", func(ctx SpecContext, fragment, field, message string) {
			Expect(change(ctx, stored(ctx, connection("Kafka"), status), fragment)).To(beRefused(cause(field, message)))
		},
			Entry("projectId", otherProject, "spec.projectId",
				projectChanged),
			Entry("workspaceName", "workspaceName: other", "spec.workspaceName",
				workspaceChanged),
			Entry("type", "{type: GCPPubSub, gcpPubSub: {serviceAccountId: a@p.iam.gserviceaccount.com}, kafka: null}", "spec.type", typeChanged),
			Entry("region", "region: VIRGINIA_USA", "spec.region", regionChanged),
			Entry("name", "name: other", "spec.name", nameChanged),
		)
	}

	It("is refused for a region that is taken away", func(ctx SpecContext) {
		object := stored(ctx, connection("Kafka", "region: VIRGINIA_USA"), "")
		Expect(change(ctx, object, "region: null")).To(beRefused(cause("spec.region", regionChanged)))
	})

	It("treats an absent name and metadata.name as the same", func(ctx SpecContext) {
		object := stored(ctx, connection("Kafka"), created)
		Expect(change(ctx, object, "name: "+object.GetName())).To(Succeed())
		edit(object, "name: "+object.GetName())
		Expect(cluster.Update(ctx, object)).To(Succeed())
		Expect(change(ctx, object, "name: null")).To(Succeed())
	})

	It("is refused for another name that is taken away", func(ctx SpecContext) {
		object := stored(ctx, connection("Kafka", "name: orders"), "")
		Expect(change(ctx, object, "name: null")).To(beRefused(cause("spec.name", nameChanged)))
	})

	DescribeTable("is accepted", func(ctx SpecContext, valid, fragment string) {
		Expect(change(ctx, stored(ctx, connection(valid), created), fragment)).To(Succeed())
	},
		Entry("for what the connection leads to", "Kafka", "kafka: {bootstrapServers: other.example.com:9092, config: {acks: all}}"),
		Entry("for what this version has no member for", "unknown type", "{raw: {catalog: horizon}, rawSecretRefs: null}"),
		Entry("for how it authenticates", "Kafka", "kafka: {authentication: {mechanism: SCRAM-512}}"),
		Entry("for credentials and policies", "Kafka", "{credentialsRef: {name: other}, managementPolicy: Observe, deletionPolicy: Retain, driftPolicy: Report, adoptionPolicy: Never}"),
		Entry("for networking, which the operator then calls RecreateRequired", "Kafka", "networking: {type: VPC}"),
		Entry("for the link it runs over", "Kafka over a link", "networking: {privateLinkRef: {name: other}}"),
		Entry("from nothing to PUBLIC, which is the same", "Kafka", "networking: {type: PUBLIC}"),
	)
})

var _ = Describe("The name of a StreamConnection", func() {
	DescribeTable("comes from metadata.name, unless that is no name for Atlas", func(ctx SpecContext, name string) {
		object := connection("Kafka")
		object.SetGenerateName("")
		object.SetName(name)
		Expect(admit(ctx, object)).To(beRefused(cause("spec.name", noName)))
		edit(object, "name: orders")
		Expect(admit(ctx, object)).To(Succeed())
	},
		Entry("because of its length", strings.Repeat("a", 65)),
	)

	It("may have dots", func(ctx SpecContext) {
		object := connection("Kafka")
		object.SetGenerateName("")
		object.SetName("orders.eu")
		Expect(admit(ctx, object)).To(Succeed())
	})

	It("may have 64 characters", func(ctx SpecContext) {
		object := connection("Kafka")
		object.SetGenerateName("")
		object.SetName(strings.Repeat("a", 64))
		Expect(admit(ctx, object)).To(Succeed())
	})
})
