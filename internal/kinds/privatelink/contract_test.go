package privatelink

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	confluentService = "com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f"
	confluentDomain  = "abc123.us-east-1.aws.confluent.cloud"
	contractMSK      = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/3b1f0e5a-1111-2222-3333-444455556666-7"
	azureGroup       = "/subscriptions/fd01adff-b37e-4693-8497-83ecf183a145/resourceGroups/g/providers/"
	eventHub         = azureGroup + "Microsoft.EventHub/namespaces/orders"
	// genericByName is the case that names the vendor which an absent one means.
	genericByName = "generic-by-name"
)

// contractLinks has each provider and vendor. The request of a case is testdata/requests/link-NAME.json.
var contractLinks = map[string]struct {
	spec v1alpha1.StreamPrivateLinkSpec
	// found is what Atlas says of the link later on, beside the members of the request. Nil takes one away.
	found map[string]any
}{
	"aws-confluent-dedicated": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1", ServiceEndpointID: confluentService, DNSDomain: confluentDomain,
			DNSSubDomain: []string{"use1-az1." + confluentDomain, "use1-az2." + confluentDomain},
		},
		map[string]any{
			"state": "DONE", "dnsDomain": "ABC123.us-east-1.aws.confluent.cloud.", "vendor": "Confluent", "interfaceEndpointId": "vpce-1",
			"dnsSubDomain": []string{"use1-az2." + confluentDomain + ".", "use1-az1." + confluentDomain},
		},
	},
	"aws-confluent-without-subdomains": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1", ServiceEndpointID: confluentService, DNSDomain: confluentDomain,
			DNSSubDomain: []string{},
		},
		map[string]any{"state": "WORKING", "dnsSubDomain": nil},
	},
	"aws-confluent-serverless": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1", ServiceEndpointID: confluentService, DNSSubDomain: []string{},
		},
		map[string]any{"state": "IDLE", "interfaceEndpointId": "vpce-1", "dnsDomain": nil},
	},
	"aws-msk": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AWS", Vendor: "MSK", ARN: contractMSK},
		map[string]any{
			"state": "DONE", "vendor": "msk", "region": "US_EAST_1", "authenticationScheme": "SASL_SCRAM", "mskAuthType": "",
			"dnsDomain": "scram.orders.abcdef.c7.kafka.us-east-1.amazonaws.com",
		},
	},
	"aws-msk-iam": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AWS", Vendor: "MSK", ARN: contractMSK, AuthenticationScheme: "IAM"},
		map[string]any{"state": "FAILED", "errorMessage": "No such cluster.", "authenticationScheme": "iam"},
	},
	"aws-kinesis": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AWS", Vendor: "KINESIS", Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.kinesis-streams"},
		map[string]any{"state": "DONE", "dnsDomain": "kinesis.us-east-1.amazonaws.com"},
	},
	"aws-s3": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AWS", Vendor: "S3", Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.s3"},
		map[string]any{"state": "DONE", "provider": "aws"},
	},
	"aws-lambda": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AWS", Vendor: "LAMBDA", Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.lambda"},
		map[string]any{"state": "RESTING", "region": "us_east_1"},
	},
	"azure-eventhub": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AZURE", Vendor: "EVENTHUB", Region: "US_EAST_2", ServiceEndpointID: eventHub, DNSDomain: "orders.servicebus.windows.net",
		},
		map[string]any{"provider": "Azure"},
	},
	"azure-confluent": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AZURE", Vendor: "CONFLUENT", Region: "eastus2", DNSDomain: "abc123.eastus2.azure.confluent.cloud",
			AzureResourceIDs: []string{azureGroup + "Microsoft.Network/privateLinkServices/s-az1", azureGroup + "Microsoft.Network/privateLinkServices/s-az2"},
		},
		map[string]any{
			"state": "IDLE", "dnsSubDomain": []string{},
			"azureResourceIds": []string{azureGroup + "Microsoft.Network/privateLinkServices/S-AZ2", azureGroup + "Microsoft.Network/privateLinkServices/s-az1"},
		},
	},
	"azure-blob-storage": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AZURE", Vendor: "AZURE_BLOB_STORAGE", Region: "eastus2", DNSDomain: "orders.blob.core.windows.net",
			ServiceEndpointID: azureGroup + "Microsoft.Storage/storageAccounts/orders",
		},
		map[string]any{"state": "WORKING", "provider": "azure", "vendor": "azure_blob_storage"},
	},
	"gcp-confluent": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", DNSDomain: "abc123.us-central1.gcp.confluent.cloud",
			GCPServiceAttachmentURIs: []string{"projects/p/regions/us-central1/serviceAttachments/a", "projects/p/regions/us-central1/serviceAttachments/b"},
		},
		map[string]any{"state": "DONE", "gcpConnectionIds": []string{"108537654967"}, "dnsDomain": "abc123.us-central1.gcp.confluent.cloud."},
	},
	"gcp-confluent-with-subdomains": {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", DNSDomain: "abc123.us-central1.gcp.confluent.cloud",
			DNSSubDomain:             []string{"us-central1-a.abc123.us-central1.gcp.confluent.cloud"},
			GCPServiceAttachmentURIs: []string{"projects/p/regions/us-central1/serviceAttachments/a"},
		},
		map[string]any{"state": "DONE"},
	},
	"gcp-pubsub": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "GCP", Vendor: "PUBSUB", Region: "us-central1"},
		map[string]any{"state": "DONE", "dnsDomain": "pubsub.googleapis.com.", "provider": "gcp"},
	},
	"generic": {
		v1alpha1.StreamPrivateLinkSpec{Provider: "AZURE", Region: "US_EAST_2", ServiceEndpointID: eventHub, DNSDomain: "orders.servicebus.windows.net"},
		map[string]any{"state": "IDLE", "vendor": "GENERIC"},
	},
	genericByName: {
		v1alpha1.StreamPrivateLinkSpec{
			Provider: "AZURE", Vendor: "GENERIC", Region: "US_EAST_2", ServiceEndpointID: eventHub, DNSDomain: "orders.servicebus.windows.net",
		},
		map[string]any{"state": "IDLE", "vendor": "generic"},
	},
}

func TestLinkRequestsAreAsDocumented(t *testing.T) {
	for name, tc := range contractLinks {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			spec := tc.spec
			spec.ManagedSpec = managedSpec()
			spec.ImportID, spec.DeletionPolicy = testLink, v1alpha1.Retain // not for Atlas
			_, err := client.CreatePrivateLink(t.Context(), testProject, linkRequest(&spec))
			g.Expect(err).NotTo(HaveOccurred())
			if name == genericByName {
				name = "generic"
			}
			g.Expect(w.body).To(MatchJSON(golden(g, "link-"+name)))
		})
	}
}

// What Atlas makes of a request, in the answer to it and later on, is what the spec means.
func TestLinkAnswersAreNoDifference(t *testing.T) {
	for name, tc := range contractLinks {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			_, err := client.CreatePrivateLink(t.Context(), testProject, linkRequest(&tc.spec))
			g.Expect(err).NotTo(HaveOccurred())
			sent := w.body
			for _, others := range []map[string]any{nil, tc.found} {
				answer := answerOf(g, sent, others)
				w.reply = answerOf(g, []byte(answer), map[string]any{"_id": testLink, "links": []string{}})
				found, err := client.GetPrivateLink(t.Context(), testProject, testLink)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(differences(&tc.spec, found, false)).To(BeEmpty(), answer)
				g.Expect(same(&tc.spec, found)).To(BeTrue(), answer)
				g.Expect(couldBe(&tc.spec, found)).To(BeTrue(), answer)
			}
		})
	}
}

func TestLinkPatchIsAsDocumented(t *testing.T) {
	g := NewWithT(t)
	w, client := wired(t)
	link := &v1alpha1.StreamPrivateLink{Spec: contractLinks["aws-confluent-serverless"].spec}
	link.Spec.ManagedSpec = managedSpec()
	link.Spec.DNSDomain = confluentDomain
	e := &remote{Session: &lifecycle.Session{Object: link, CredentialsInUse: credentials.InUse{Client: client}}, seen: map[string]atlas.PrivateLink{}}
	g.Expect(e.Update(t.Context(), decision.RemoteObject{ID: testLink})).To(Succeed())
	g.Expect(w.sent.Method).To(Equal("PATCH"))
	g.Expect(w.sent.URL.Path).To(HaveSuffix("/streams/privateLinkConnections/" + testLink))
	g.Expect(w.sent.Header.Get("Content-Type")).To(Equal("application/vnd.atlas.2025-03-12+json"))
	g.Expect(w.body).To(MatchJSON(golden(g, "link-aws-confluent-serverless-patch")))
}

// Null clears a member, which there is only in a PATCH.
func TestEveryGoldenRequestOfALinkIsSent(t *testing.T) {
	g := NewWithT(t)
	used := []string{"testdata/requests/link-aws-confluent-serverless-patch.json"}
	for name := range contractLinks {
		if name != genericByName {
			used = append(used, "testdata/requests/link-"+name+".json")
			g.Expect(string(golden(g, "link-"+name))).NotTo(ContainSubstring("null"), name)
		}
	}
	g.Expect(filepath.Glob("testdata/requests/*.json")).To(ConsistOf(used))
}
