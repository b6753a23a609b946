package v1alpha1_test

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
)

// demandOf is what a provider and vendor ask of one field.
type demandOf byte

const (
	// required fields are refused when they are missing, except under Observe.
	required demandOf = 'R'
	// optional fields are fields that Atlas knows for the vendor and does not need.
	optional demandOf = 'O'
	// forbidden fields are refused whatever they say, under Observe as well.
	forbidden demandOf = 'X'
	// unknown is what nobody has documented: Atlas decides.
	unknown demandOf = '?'
)

// matrixFields are the columns of the matrix, with a value of the right form for each.
var matrixFields = []struct{ name, value string }{
	{"region", "us-east-1"},
	{"serviceEndpointId", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"},
	{"dnsDomain", "orders.example.com"},
	{"dnsSubDomain", "[a.orders.example.com]"},
	{"arn", "arn:aws:kafka:us-east-1:123456789012:cluster/orders/3b1f0e5a-0000-0000-0000-000000000000-1"},
	{"authenticationScheme", "TLS"},
	{"azureResourceIds", "[/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateLinkServices/a]"},
	{"gcpServiceAttachmentUris", "[projects/p/regions/us-central1/serviceAttachments/a]"},
}

// matrix says what each kind of link needs and takes: a demand for each of matrixFields. GENERIC is documented by one
// example only, so of it nothing is forbidden.
var matrix = []struct{ of, demands, more string }{
	{"AWS CONFLUENT", "RRRRXXXX", ""},
	{"AWS CONFLUENT serverless", "RRORXXXX", ""},
	{"AWS MSK", "XXXXROXX", ""},
	{"AWS KINESIS", "ROXXXXXX", ""},
	{"AWS S3", "RRXXXXXX", ""},
	{"AWS LAMBDA", "RRXXXXXX", ""},
	{"AZURE EVENTHUB", "RRRXXXXX", ""},
	{"AZURE CONFLUENT", "RXROXXRX", ""},
	{"AZURE AZURE_BLOB_STORAGE", "RRRXXXXX", ""},
	{"GCP CONFLUENT", "RXROXXXR", ""},
	{"GCP PUBSUB", "RXXXXXXX", ""},
	{"unknown vendor", "OOOXOXXX", ""},
	{"GENERIC", "RR??????", ""},
	{"GENERIC", "RR??????", "vendor: GENERIC"},
	{"GENERIC", "RR??????", "{provider: AWS, region: us-east-1}"},
	{"GENERIC", "RR??????", "{provider: GCP, vendor: GENERIC, region: us-central1}"},
}

var _ = Describe("What a StreamPrivateLink needs and takes", func() {
	for _, row := range matrix {
		Describe(strings.TrimSpace(row.of+" "+row.more), func() {
			for i, field := range matrixFields {
				describeDemand(row.of, row.more, demandOf(row.demands[i]), field.name, field.value)
			}
		})
	}

	It("covers every link and every field of the tables", func() {
		var rows []string
		for _, row := range matrix {
			Expect(row.demands).To(HaveLen(len(matrixFields)), row.of)
			rows = append(rows, row.of)
		}
		slices.Sort(rows)
		Expect(slices.Compact(rows)).To(Equal(sorted(validLinks)))
	})
})

// describeDemand makes the specs of one cell of the matrix.
func describeDemand(of, more string, demand demandOf, field, value string) {
	judges := func(what, fragment string, verdict gomegatypes.GomegaMatcher) {
		It(fmt.Sprintf("%s %s", field, what), func(ctx SpecContext) {
			Expect(admit(ctx, link(of, more, fragment))).To(verdict)
		})
	}
	absent, present := field+": null", field+": "+value
	switch demand {
	case required:
		judges("is required", absent, beRefused(missing(field)))
		judges("is required while paused", "managementPolicy: Paused\n"+absent, beRefused(missing(field)))
		judges("is required to take a link over", "importId: "+linkID+"\n"+absent, beRefused(missing(field)))
		judges("is not required under Observe", observe+absent, Succeed())
	case forbidden:
		judges("is forbidden", present, beRefused(surplus(field)))
		judges("is forbidden under Observe", observe+present, beRefused(surplus(field)))
	case optional, unknown:
		judges("can be absent", absent, Succeed())
		judges("can be there", present, Succeed())
	}
}

// missing matches what is said of a required field: that it is needed.
func missing(field string) gomegatypes.GomegaMatcher {
	return MatchRegexp(`^spec\.%[1]s: Invalid value: .*(needs? %[1]s|%[1]s is required)\b.*: \w+`, field)
}

// surplus matches what is said of a forbidden field: that it has to go. Older API servers name the type of the value before.
func surplus(field string) gomegatypes.GomegaMatcher {
	return MatchRegexp(`^spec\.%s: Invalid value: ("object": )?[^:]+: remove (it|%s)\b`, field, field)
}

var _ = Describe("Provider and vendor of a StreamPrivateLink", func() {
	vendors := map[string][]string{
		"AWS":   {"MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "GENERIC"},
		"AZURE": {"EVENTHUB", "CONFLUENT", "AZURE_BLOB_STORAGE", "GENERIC"},
		"GCP":   {"CONFLUENT", "PUBSUB", "GENERIC"},
	}
	every := []string{"MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "EVENTHUB", "AZURE_BLOB_STORAGE", "PUBSUB", "GENERIC"}
	for _, provider := range sorted(vendors) {
		for _, vendor := range every {
			pair := fmt.Sprintf("{provider: %s, vendor: %s}", provider, vendor)
			refusal := cause("spec.vendor", "choose one of them, or another provider")
			if !slices.Contains(vendors[provider], vendor) {
				It("refuses "+pair, func(ctx SpecContext) {
					Expect(admit(ctx, link("GENERIC", pair))).To(beRefusedAlso(refusal))
				})
				It("refuses to observe "+pair, func(ctx SpecContext) {
					Expect(admit(ctx, manifest("StreamPrivateLink", project, observe, pair))).To(beRefused(refusal))
				})
				continue
			}
			It("can observe "+pair+" and know no more", func(ctx SpecContext) {
				Expect(admit(ctx, manifest("StreamPrivateLink", project, observe, pair))).To(Succeed())
			})
		}
	}

	DescribeTable("leaves the spelling of a region to Atlas", func(ctx SpecContext, region string) {
		for _, of := range []string{"AWS KINESIS", "AZURE EVENTHUB", "GCP PUBSUB", "GENERIC"} {
			object := link(of, "region: "+region)
			if of == "AWS KINESIS" {
				edit(object, "serviceEndpointId: null") // it would name a region too
			}
			Expect(admit(ctx, object)).To(Succeed(), of)
		}
	},
		Entry(nil, "us-east-1"), Entry(nil, "US_EAST_1"), Entry(nil, "us_east_1"), Entry(nil, "VIRGINIA_USA"), Entry(nil, "eastus2"),
		Entry(nil, "EASTUS2"), Entry(nil, "US_EAST_2"), Entry(nil, "US_CENTRAL1"), Entry(nil, "us-central1"), Entry(nil, "CENTRAL_US"),
		Entry(nil, "East US 2"),
	)

	It("wants what Observe did without once the link is to be managed", func(ctx SpecContext) {
		object := stored(ctx, manifest("StreamPrivateLink", project, observe, "{provider: AWS, vendor: CONFLUENT, importId: "+linkID+"}"), "")
		Expect(change(ctx, object, "managementPolicy: Manage")).To(beRefused(
			missing("region"), missing("serviceEndpointId"), missing("dnsSubDomain")))
	})
})

var _ = Describe("The form of what names a service", func() {
	DescribeTable("is accepted", func(ctx SpecContext, of, fragment string) {
		Expect(admit(ctx, link(of, fragment))).To(Succeed())
	}, forms(map[string][]string{
		"AWS MSK": {"arn: arn:aws:kafka:eu-west-1:123456789012:cluster/orders-serverless/3b1f0e5a-0000-0000-0000-000000000000-s1"},
		"AWS S3":  {"{region: ap-southeast-2, serviceEndpointId: com.amazonaws.ap-southeast-2.s3}", "{region: US_GOV_WEST_1, serviceEndpointId: com.amazonaws.us-gov-west-1.s3}"},
		"AWS KINESIS": {
			"serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "serviceEndpointId: anything",
		},
		"AWS CONFLUENT":            {"serviceEndpointId: anything"},
		"AWS LAMBDA":               {"{region: eu-central-1, serviceEndpointId: com.amazonaws.eu-central-1.lambda}"},
		"AZURE EVENTHUB":           {"dnsDomain: ORDERS.servicebus.windows.net.", "dnsDomain: orders.servicebus.usgovcloudapi.net"},
		"AZURE AZURE_BLOB_STORAGE": {"serviceEndpointId: /SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/orders"},
		"GCP CONFLUENT": {
			attachments(serviceAttachment+"a", serviceAttachment+"b", serviceAttachment+"c"),
		},
		"GENERIC": {"serviceEndpointId: anything", "arn: anything", "dnsDomain: localhost", "dnsDomain: a_b.example.com"},
	}))

	DescribeTable("is refused", func(ctx SpecContext, of, fragment string) {
		field, _, _ := strings.Cut(fragment, ":")
		Expect(admit(ctx, link(of, fragment))).To(beRefused(MatchRegexp(`^spec\.%s(\[\d\])?: (Invalid value|Too many): [^:]+: \w`, field)))
	}, forms(map[string][]string{
		"AWS MSK": {"arn: orders", "arn: arn:aws:lambda:us-east-1:123456789012:function:orders", "arn: arn:aws-cn:kafka:cn-north-1:1:cluster/a/b"},
		"AWS S3": {
			"serviceEndpointId: arn:aws:s3:::orders", "serviceEndpointId: com.amazonaws.us-east-1.s3.", "serviceEndpointId: com.amazonaws.s3",
			"serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "serviceEndpointId: us-east-1",
		},
		"AWS LAMBDA": {
			"serviceEndpointId: arn:aws:lambda:us-east-1:123456789012:function:orders", "serviceEndpointId: com.amazonaws.us-east-1.lambdas",
			"serviceEndpointId: xcom.amazonaws.us-east-1.lambda",
		},
		"AZURE EVENTHUB": {
			"serviceEndpointId: orders.servicebus.windows.net", "serviceEndpointId: subscriptions/s", "dnsDomain: orders.servicebus.windows.net:9093",
			"dnsDomain: sb://orders.servicebus.windows.net", "dnsDomain: orders.servicebus.windows.net/", "dnsDomain: .servicebus.windows.net",
			"dnsDomain: -orders.servicebus.windows.net", "dnsDomain: orders.servicebus.windows.net..", "dnsDomain: orders windows.net", "dnsDomain: '.'",
		},
		"AZURE AZURE_BLOB_STORAGE": {"serviceEndpointId: orders", "dnsDomain: https://orders.blob.core.windows.net"},
		"AZURE CONFLUENT":          {"azureResourceIds: [s-1-privatelink]"},
		"AWS CONFLUENT serverless": {"dnsDomain: abc123.us-east-1.aws.confluent.cloud:9092"},
	}))

	It("refuses a fourth service attachment", func(ctx SpecContext) {
		Expect(admit(ctx, link("GCP CONFLUENT", "gcpServiceAttachmentUris: [a, b, c, d]"))).To(
			beRefusedAlso(cause("spec.gcpServiceAttachmentUris", "must have at most 3 items")))
	})
})

// forms makes a table entry of each fragment of each link.
func forms(of map[string][]string) []TableEntry {
	var entries []TableEntry
	for _, valid := range sorted(of) {
		for _, fragment := range of[valid] {
			entries = append(entries, Entry(valid+" with "+fragment, valid, fragment))
		}
	}
	return entries
}
