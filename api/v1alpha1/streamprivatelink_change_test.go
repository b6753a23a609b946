package v1alpha1_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const requested = "createRequestedAt: '2026-01-02T03:04:05.000006Z'"

// frozenField is a field of a link that cannot change once Atlas was asked for the link.
type frozenField struct {
	name, of string
	// edit is a change that leaves the spec valid.
	edit string
}

var frozenFields = []frozenField{
	{"provider", "GENERIC", "{provider: GCP, region: us-central1}"},
	{"vendor", "GENERIC", "vendor: EVENTHUB"},
	{"vendor", "GENERIC", "{vendor: AZURE_BLOB_STORAGE, serviceEndpointId: " + storageAccount + "}"},
	{"region", "AWS KINESIS", "{region: us-east-2, serviceEndpointId: null}"},
	{"arn", "AWS MSK", "arn: arn:aws:kafka:us-east-1:123456789012:cluster/bills/0"},
	{"serviceEndpointId", "AWS S3", "{region: us-east-2, serviceEndpointId: com.amazonaws.us-east-2.s3}"},
	{"dnsSubDomain", "AWS CONFLUENT", "dnsSubDomain: []"},
	{"dnsSubDomain", "GENERIC", "dnsSubDomain: [a.orders.servicebus.windows.net]"},
	{"dnsSubDomain", "GENERIC", "dnsSubDomain: []"},
	{"authenticationScheme", "AWS MSK", "authenticationScheme: TLS"},
	{"authenticationScheme", "AWS MSK", "authenticationScheme: null"},
	{"azureResourceIds", "AZURE CONFLUENT", "azureResourceIds: [/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateLinkServices/other]"},
	{"raw", "unknown vendor", "raw: {clusterId: rp-2}"},
	{"raw", "unknown vendor", "raw: {options: {retries: 4}}"},
	{"vendor", "unknown vendor", "vendor: WARPSTREAM"},
	{"gcpServiceAttachmentUris", "GCP CONFLUENT", "gcpServiceAttachmentUris: [projects/p/regions/us-central1/serviceAttachments/other]"},
}

// The messages of rules about changes of links.
const (
	frozenMessage    = " cannot change after the private link was requested from Atlas: create a new StreamPrivateLink"
	dnsDomainChanged = "spec.dnsDomain cannot change once Atlas has one (see status.dnsDomain): create a new StreamPrivateLink"
	importIDChanged  = "spec.importId cannot name another object once this resource has one (see status.id): create a new StreamPrivateLink"
	projectChanged   = "projectId cannot be changed: delete this resource (deletionPolicy Retain keeps the object in Atlas) and create a new one for the other project"
)

// The statuses under which a link's fields are frozen, and those under which they are not.
var (
	frozenStatuses = map[string]string{
		"the claim is open":    requested,
		"it was created":       requested + ", id: " + linkID + ", ownership: Created",
		"it was adopted":       "id: " + linkID + ", ownership: Adopted",
		"Atlas says it failed": requested + ", id: " + linkID + ", ownership: Created, state: FAILED",
	}
	openStatuses = map[string]string{
		"the operator has not looked":  "",
		"its creation was refused":     "observedGeneration: 1, conditions: []",
		"it still waits for something": "observedGeneration: 1, state: ''",
	}
)

var _ = Describe("Changing a StreamPrivateLink", func() {
	for _, field := range frozenFields {
		Describe(field.name+" by "+field.edit, func() {
			for _, when := range sorted(frozenStatuses) {
				status := frozenStatuses[when]
				It("is refused when "+when, func(ctx SpecContext) {
					object := stored(ctx, link(field.of), status)
					Expect(change(ctx, object, field.edit)).To(beRefusedAlso(cause("spec."+field.name, "spec."+field.name+frozenMessage)))
				})
			}
			for _, when := range sorted(openStatuses) {
				status := openStatuses[when]
				It("is accepted when "+when, func(ctx SpecContext) {
					Expect(change(ctx, stored(ctx, link(field.of), status), field.edit)).To(Succeed())
				})
			}
			It("is accepted when the link was only observed", func(ctx SpecContext) {
				object := stored(ctx, link(field.of, "managementPolicy: Observe"), "id: "+linkID+", state: DONE")
				Expect(change(ctx, object, field.edit)).To(Succeed())
			})
			It("is refused when an owned link is only observed for a while", func(ctx SpecContext) {
				object := stored(ctx, link(field.of, "managementPolicy: Observe"), "id: "+linkID+", ownership: Adopted")
				Expect(change(ctx, object, field.edit)).To(beRefusedAlso(cause("spec."+field.name, "spec."+field.name+frozenMessage)))
			})
		})
	}

	It("treats an absent vendor and GENERIC as the same", func(ctx SpecContext) {
		object := stored(ctx, link("GENERIC"), frozenStatuses["it was created"])
		Expect(change(ctx, object, "vendor: GENERIC")).To(Succeed())
		object = stored(ctx, link("GENERIC", "vendor: GENERIC"), frozenStatuses["it was created"])
		Expect(change(ctx, object, "vendor: null")).To(Succeed())
	})

	It("lets labels change whatever spec and status say", func(ctx SpecContext) {
		object := stored(ctx, link("AWS CONFLUENT", "importId: "+otherID), frozenStatuses["it was created"]+", dnsDomain: other.example.com, vendor: KINESIS")
		object.SetLabels(map[string]string{"touched": "yes"})
		Expect(cluster.Update(ctx, object)).To(Succeed())
	})

	It("leaves credentials and policies free", func(ctx SpecContext) {
		object := stored(ctx, link("AWS S3"), frozenStatuses["it was created"])
		Expect(change(ctx, object, "credentialsRef: {name: other}", "managementPolicy: Paused", "deletionPolicy: Retain",
			"driftPolicy: Report", "adoptionPolicy: Always")).To(Succeed())
	})

	It("never lets projectId change", func(ctx SpecContext) {
		Expect(change(ctx, stored(ctx, link("AWS S3"), ""), otherProject)).To(beRefused(cause("spec.projectId",
			projectChanged)))
	})
})

var _ = Describe("Changing dnsDomain of a StreamPrivateLink", func() {
	const (
		created = requested + ", id: " + linkID + ", ownership: Created"
		none    = "dnsDomain: null"
		one     = "dnsDomain: abc123.us-east-1.aws.confluent.cloud"
		other   = "dnsDomain: def456.us-east-1.aws.confluent.cloud"
	)

	DescribeTable("is accepted", func(ctx SpecContext, before, status, after string) {
		Expect(change(ctx, stored(ctx, link("AWS CONFLUENT serverless", before), status), after)).To(Succeed())
	},
		Entry("for the first time", none, created, one),
		Entry("while Atlas has none", one, created, other),
		Entry("while what Atlas has is empty", one, created+", dnsDomain: ''", other),
		Entry("to what it is already", one, created+", "+one, one),
		Entry("of a link that was not requested", one, "", none),
		Entry("of a link that is only observed", "{managementPolicy: Observe, "+one+"}", "id: "+linkID+", "+one, other),
	)

	DescribeTable("is refused once Atlas has one", func(ctx SpecContext, before, after string) {
		object := stored(ctx, link("AWS CONFLUENT serverless", before), created+", "+one)
		Expect(change(ctx, object, after)).To(beRefused(cause("spec.dnsDomain", dnsDomainChanged)))
	},
		Entry("to another", one, other),
		Entry("to none", one, none),
		Entry("from none", none, other),
	)
})

var _ = Describe("Changing importId of a StreamPrivateLink", func() {
	const owned = "id: " + linkID + ", ownership: Adopted"

	DescribeTable("is accepted", func(ctx SpecContext, before, status, after string) {
		Expect(change(ctx, stored(ctx, link("AWS S3", before), status), after)).To(Succeed())
	},
		Entry("while there is no id", "importId: "+otherID, "", "importId: "+linkID),
		Entry("while a claim is open", "", requested, "importId: "+linkID),
		Entry("to the id that it has", "", owned, "importId: "+linkID),
		Entry("to none", "importId: "+linkID, owned, "importId: null"),
		Entry("while the link is only observed", "{managementPolicy: Observe, importId: "+linkID+"}", "id: "+linkID, "importId: "+otherID),
	)

	DescribeTable("is refused once there is an id", func(ctx SpecContext, before, status, after string) {
		Expect(change(ctx, stored(ctx, link("AWS S3", before), status), after)).To(beRefused(cause("spec.importId",
			importIDChanged)))
	},
		Entry("to another", "importId: "+linkID, owned, "importId: "+otherID),
		Entry("from none", "", owned, "importId: "+otherID),
		Entry("of an owned link that is only observed for a while", "managementPolicy: Observe", owned, "importId: "+otherID),
	)
})
