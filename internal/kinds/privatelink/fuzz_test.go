package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/kindtest"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

func randomLink(c *kindtest.Choices) v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: kindtest.RandomManaged(c), Provider: random.Pick(&c.Choices, v1alpha1.ProviderAWS, v1alpha1.ProviderAzure, v1alpha1.ProviderGCP),
		Vendor: random.Pick(&c.Choices, "", v1alpha1.VendorGeneric, v1alpha1.VendorMSK, v1alpha1.VendorConfluent, v1alpha1.VendorKinesis, v1alpha1.VendorS3,
			v1alpha1.VendorLambda, v1alpha1.VendorEventHub, v1alpha1.VendorAzureBlobStorage, v1alpha1.VendorPubSub),
		Region: c.Text(), ARN: c.Text(), ServiceEndpointID: c.Text(), DNSDomain: c.Text(), DNSSubDomain: c.Texts(),
		AuthenticationScheme: random.Pick[v1alpha1.AuthenticationScheme](&c.Choices, "", "TLS", "SASL_SCRAM", "IAM"),
		AzureResourceIDs:     c.Texts(), GCPServiceAttachmentURIs: c.Texts(), ImportID: c.Text(),
	}
}

func FuzzLinkRequest(f *testing.F) {
	kindtest.AddChoices(f)
	f.Fuzz(checkLinkRequest)
}

// What the fuzzer finds by and by, a first look finds without it.
func TestRandomSpecsAreNoDifferenceFromTheirRequests(t *testing.T) {
	kindtest.CheckRandomly(t, checkLinkRequest)
}

// checkLinkRequest: what Atlas echoes of a request is what the spec means.
func checkLinkRequest(t *testing.T, data []byte) {
	g := NewWithT(t)
	from := &kindtest.Choices{Choices: random.Choices{Bytes: data}}
	spec, other := randomLink(from), randomLink(from)
	_, client := kindtest.Wired(t)
	found, err := client.CreatePrivateLink(t.Context(), kindtest.Project, linkRequest(&spec))
	g.Expect(err).NotTo(HaveOccurred())
	for _, partial := range []bool{false, true} {
		g.Expect(linkDifferences(&spec, found, partial)).To(BeEmpty())
		linkDifferences(&other, found, partial)
	}
	g.Expect(wantedLinkOf(&spec).same(found)).To(BeTrue())
	g.Expect(wantedLinkOf(&spec).couldBe(found)).To(BeTrue())
	// Two specs mean the same link, or not, whichever of them one starts from.
	otherFound, err := client.CreatePrivateLink(t.Context(), kindtest.Project, linkRequest(&other))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(wantedLinkOf(&spec).same(otherFound)).To(Equal(wantedLinkOf(&other).same(found)))
	linkDifferences(&spec, atlas.PrivateLink{}, false)
}
