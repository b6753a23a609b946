package privatelink

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// randomText means something to the code, or is any text.
func randomText(c *random.Choices) string {
	if c.Maybe() {
		return random.Pick(c, "", "us-east-1", "US_EAST_1", "a.example.com.", "A.example.com", "arn:aws:kafka:eu-west-1:1:cluster/c/1", "arn:", "a,b , A", " \r\n", testLink)
	}
	n := min(c.Of(16), len(c.Bytes))
	text := strings.ToValidUTF8(string(c.Bytes[:n]), "?")
	c.Bytes = c.Bytes[n:]
	return text
}

// randomTexts is absent, empty, or holds some.
func randomTexts(c *random.Choices) []string {
	return random.Pick(c, nil, []string{}, []string{randomText(c)}, []string{randomText(c), randomText(c)})
}

func randomLink(c *random.Choices) v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: managedSpec(), Provider: random.Pick(c, v1alpha1.ProviderAWS, v1alpha1.ProviderAzure, v1alpha1.ProviderGCP),
		Vendor: random.Pick(c, "", v1alpha1.VendorGeneric, v1alpha1.VendorMSK, v1alpha1.VendorConfluent, v1alpha1.VendorKinesis, v1alpha1.VendorS3,
			v1alpha1.VendorLambda, v1alpha1.VendorEventHub, v1alpha1.VendorAzureBlobStorage, v1alpha1.VendorPubSub),
		Region: randomText(c), ARN: randomText(c), ServiceEndpointID: randomText(c), DNSDomain: randomText(c), DNSSubDomain: randomTexts(c),
		AuthenticationScheme: random.Pick[v1alpha1.AuthenticationScheme](c, "", "TLS", "SASL_SCRAM", "IAM"),
		AzureResourceIDs:     randomTexts(c), GCPServiceAttachmentURIs: randomTexts(c), ImportID: randomText(c),
	}
}

func FuzzLinkRequest(f *testing.F) {
	for first := range 256 {
		f.Add(bytes.Repeat([]byte{byte(first), byte(first / 7), byte(first / 3)}, 30))
	}
	f.Fuzz(checkLinkRequest)
}

// What the fuzzer finds by and by, a first look finds without it.
func TestRandomSpecsAreNoDifferenceFromTheirRequests(t *testing.T) {
	source := rand.New(rand.NewPCG(random.Seed(t), 0))
	for range 2000 {
		data := make([]byte, 0, 200)
		for len(data) < cap(data) {
			data = append(data, byte(source.Uint32()))
		}
		checkLinkRequest(t, data)
	}
}

// checkLinkRequest: what Atlas echoes of a request is what the spec means.
func checkLinkRequest(t *testing.T, data []byte) {
	g := NewWithT(t)
	from := &random.Choices{Bytes: data}
	spec, other := randomLink(from), randomLink(from)
	_, client := wired(t)
	found, err := client.CreatePrivateLink(t.Context(), testProject, linkRequest(&spec))
	g.Expect(err).NotTo(HaveOccurred())
	for _, partial := range []bool{false, true} {
		g.Expect(differences(&spec, found, partial)).To(BeEmpty())
		differences(&other, found, partial)
	}
	g.Expect(same(&spec, found)).To(BeTrue())
	g.Expect(couldBe(&spec, found)).To(BeTrue())
	// Two specs mean the same link, or not, whichever of them one starts from.
	otherFound, err := client.CreatePrivateLink(t.Context(), testProject, linkRequest(&other))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(same(&spec, otherFound)).To(Equal(same(&other, found)))
	differences(&spec, atlas.PrivateLink{}, false)
}
