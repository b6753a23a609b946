package atlas

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
)

const (
	eventHub = "/subscriptions/fd01adff-b37e-4693-8497-83ecf183a145/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders"
	mskARN   = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/3b1f0e5a-1111-2222-3333-444455556666-7"
)

// linkAnswers are private links as returned by Atlas in different states.
var linkAnswers = map[string]struct {
	body string
	want PrivateLink
}{
	"the answer to a creation echoes what was sent": {
		`{"_id":"` + linkID + `","provider":"Azure","region":"US_EAST_2","serviceEndpointId":"` + eventHub + `",
		  "dnsDomain":"orders.servicebus.windows.net"}`,
		PrivateLink{ID: linkID, Provider: "Azure", Region: "US_EAST_2", ServiceEndpointID: eventHub, DNSDomain: "orders.servicebus.windows.net"},
	},
	"accepted, vendor and provider as Atlas writes them": {
		`{"_id":"` + linkID + `","provider":"AZURE","vendor":"GENERIC","region":"US_EAST_2","serviceEndpointId":"` + eventHub + `",
		  "dnsDomain":"orders.servicebus.windows.net","state":"IDLE"}`,
		PrivateLink{
			ID: linkID, Provider: "AZURE", Vendor: "GENERIC", Region: "US_EAST_2", ServiceEndpointID: eventHub,
			DNSDomain: "orders.servicebus.windows.net", State: "IDLE",
		},
	},
	"AWS CONFLUENT, DONE, with a trailing dot": {
		`{"_id":"` + linkID + `","provider":"AWS","vendor":"CONFLUENT","region":"us-east-1","dnsDomain":"abc123.us-east-1.aws.confluent.cloud.",
		  "dnsSubDomain":["use1-az1.abc123.us-east-1.aws.confluent.cloud","use1-az2.abc123.us-east-1.aws.confluent.cloud."],
		  "serviceEndpointId":"com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f","interfaceEndpointId":"vpce-0d4f5d0d4f5d0d4f5",
		  "interfaceEndpointName":"vpce-0d4f5d0d4f5d0d4f5-abcdefgh","providerAccountId":"358363220050","state":"DONE"}`,
		PrivateLink{
			ID: linkID, Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1", DNSDomain: "abc123.us-east-1.aws.confluent.cloud.",
			DNSSubDomain:      []string{"use1-az1.abc123.us-east-1.aws.confluent.cloud", "use1-az2.abc123.us-east-1.aws.confluent.cloud."},
			ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f", InterfaceEndpointID: "vpce-0d4f5d0d4f5d0d4f5",
			InterfaceEndpointName: "vpce-0d4f5d0d4f5d0d4f5-abcdefgh", ProviderAccountID: "358363220050", State: "DONE",
		},
	},
	"AWS CONFLUENT serverless, its endpoint there before its domain": {
		`{"_id":"` + linkID + `","provider":"AWS","vendor":"Confluent","region":"us-east-1","dnsSubDomain":[],"dnsDomain":null,
		  "serviceEndpointId":"com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f","interfaceEndpointId":"vpce-1","state":"WORKING"}`,
		PrivateLink{
			ID: linkID, Provider: "AWS", Vendor: "Confluent", Region: "us-east-1", DNSSubDomain: []string{},
			ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f", InterfaceEndpointID: "vpce-1", State: "WORKING",
		},
	},
	"AWS MSK, region and domain from its ARN, with a member of another day": {
		`{"_id":"` + linkID + `","provider":"AWS","vendor":"msk","arn":"` + mskARN + `","region":"us-east-1","mskAuthType":"",
		  "dnsDomain":"scram.orders.abcdef.c7.kafka.us-east-1.amazonaws.com","authenticationScheme":"SASL_SCRAM","state":"DONE"}`,
		PrivateLink{
			ID: linkID, Provider: "AWS", Vendor: "msk", ARN: mskARN, Region: "us-east-1", AuthenticationScheme: "SASL_SCRAM",
			DNSDomain: "scram.orders.abcdef.c7.kafka.us-east-1.amazonaws.com", State: "DONE",
		},
	},
	"AWS S3, DONE without an interface endpoint": {
		`{"_id":"` + linkID + `","provider":"AWS","vendor":"S3","region":"us-east-1","serviceEndpointId":"com.amazonaws.us-east-1.s3",
		  "interfaceEndpointId":null,"interfaceEndpointName":null,"state":"DONE"}`,
		PrivateLink{ID: linkID, Provider: "AWS", Vendor: "S3", Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.s3", State: "DONE"},
	},
	"AZURE CONFLUENT": {
		`{"_id":"` + linkID + `","provider":"azure","vendor":"CONFLUENT","region":"eastus2","dnsDomain":"abc.eastus2.azure.confluent.cloud",
		  "azureResourceIds":["/subscriptions/a/pls-1","/subscriptions/a/pls-2"],"state":"WORKING"}`,
		PrivateLink{
			ID: linkID, Provider: "azure", Vendor: "CONFLUENT", Region: "eastus2", DNSDomain: "abc.eastus2.azure.confluent.cloud",
			AzureResourceIDs: []string{"/subscriptions/a/pls-1", "/subscriptions/a/pls-2"}, State: "WORKING",
		},
	},
	"GCP CONFLUENT, DONE": {
		`{"_id":"` + linkID + `","provider":"GCP","vendor":"CONFLUENT","region":"us-central1","dnsDomain":"abc.us-central1.gcp.confluent.cloud",
		  "gcpServiceAttachmentUris":["projects/p/regions/us-central1/serviceAttachments/a"],"gcpConnectionIds":["108537654967","108537654968"],"state":"DONE"}`,
		PrivateLink{
			ID: linkID, Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", DNSDomain: "abc.us-central1.gcp.confluent.cloud",
			GCPServiceAttachmentURIs: []string{"projects/p/regions/us-central1/serviceAttachments/a"},
			GCPConnectionIDs:         []string{"108537654967", "108537654968"}, State: "DONE",
		},
	},
	"GCP PUBSUB, its domain filled by Atlas": {
		`{"_id":"` + linkID + `","provider":"GCP","vendor":"PUBSUB","region":"us-central1","dnsDomain":"pubsub.googleapis.com.","state":"DONE"}`,
		PrivateLink{ID: linkID, Provider: "GCP", Vendor: "PUBSUB", Region: "us-central1", DNSDomain: "pubsub.googleapis.com.", State: "DONE"},
	},
	"FAILED, and why": {
		`{"_id":"` + linkID + `","provider":"AWS","vendor":"KINESIS","region":"us-east-1","serviceEndpointId":"s","state":"FAILED",
		  "errorMessage":"The service \"s\" does not exist."}`,
		PrivateLink{
			ID: linkID, Provider: "AWS", Vendor: "KINESIS", Region: "us-east-1", ServiceEndpointID: "s", State: "FAILED",
			ErrorMessage: `The service "s" does not exist.`,
		},
	},
	"being deleted": {`{"_id":"` + linkID + `","state":"DELETE_REQUESTED"}`, PrivateLink{ID: linkID, State: "DELETE_REQUESTED"}},
	"null wherever it can be": {
		`{"_id":"` + linkID + `","provider":null,"vendor":null,"region":null,"arn":null,"serviceEndpointId":null,"dnsDomain":null,"dnsSubDomain":null,
		  "azureResourceIds":null,"gcpServiceAttachmentUris":null,"gcpConnectionIds":null,"authenticationScheme":null,"interfaceEndpointId":null,
		  "interfaceEndpointName":null,"providerAccountId":null,"state":null,"errorMessage":null,"links":null}`,
		PrivateLink{ID: linkID},
	},
	"a vendor, a state and members nobody knows": {
		`{"_id":"` + linkID + `","provider":"OCI","vendor":"REDPANDA","state":"RESTING","futureList":[{"a":null}],"futureObject":{},"futureNumber":1e400}`,
		PrivateLink{ID: linkID, Provider: "OCI", Vendor: "REDPANDA", State: "RESTING", Raw: map[string]any{
			"_id": linkID, "provider": "OCI", "vendor": "REDPANDA", "state": "RESTING", "futureList": []any{map[string]any{"a": nil}},
			"futureObject": map[string]any{}, "futureNumber": json.Number("1e400"),
		}},
	},
}

func TestLinkContract(t *testing.T) {
	for name, tc := range linkAnswers {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c := serve(t, always(200, tc.body)).client(t)
			got, err := c.GetPrivateLink(t.Context(), project, linkID)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tc.want))
			created, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(created).To(Equal(tc.want))
			updated, err := c.UpdatePrivateLink(t.Context(), project, linkID, "d.example")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(updated).To(Equal(tc.want))

			c = serve(t, always(200, `{"links":[{"href":"http://localhost:8080/","rel":"self"}],"results":[`+tc.body+`],"totalCount":1}`)).client(t)
			listed, err := collect(c.ListPrivateLinks(t.Context(), project, nil))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(listed).To(Equal([]PrivateLink{tc.want}))
		})
	}
}

// Totals may be missing, estimated, or of another type: they have no effect on the result. One that is higher than what
// is listed costs a look for a second page, and a second reading.
func TestListContract(t *testing.T) {
	for name, body := range map[string]string{
		"no count":            `{"results":[{"_id":"a"}]}`,
		"no links":            `{"results":[{"_id":"a"}],"totalCount":1}`,
		"a low estimate":      `{"links":[],"results":[{"_id":"a"}],"totalCount":0}`,
		"a high estimate":     `{"links":[],"results":[{"_id":"a"}],"totalCount":700}`,
		"a null count":        `{"links":null,"results":[{"_id":"a"}],"totalCount":null}`,
		"a count in words":    `{"results":[{"_id":"a"}],"totalCount":"many"}`,
		"members nobody know": `{"results":[{"_id":"a"}],"cursor":{"next":"x"},"hasMore":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, body))
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, nil))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(links).To(Equal([]PrivateLink{{ID: "a"}}))
			calls := 1
			if name == "a high estimate" {
				calls = 2 * 2
			}
			g.Expect(f.seen()).To(HaveLen(calls))
		})
	}
}
