package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	eventHubID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders"
	attachment = "projects/p/regions/us-central1/serviceAttachments/a"
)

func kinesisSpec(endpoint string) v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorKinesis, Region: "us-east-1", ServiceEndpointID: endpoint,
	}
}

// spelled are pairs of a spec and what Atlas holds for it, written in another way.
func spelled() map[string]struct {
	spec  v1alpha1.StreamPrivateLinkSpec
	found atlas.PrivateLink
} {
	type pair = struct {
		spec  v1alpha1.StreamPrivateLinkSpec
		found atlas.PrivateLink
	}
	eventHubs := func(region, id string) pair {
		return pair{
			v1alpha1.StreamPrivateLinkSpec{Provider: "AZURE", Vendor: "EVENTHUB", Region: region, ServiceEndpointID: id, DNSDomain: "orders.servicebus.windows.net"},
			atlas.PrivateLink{Provider: "AZURE", Vendor: "EVENTHUB", Region: "US_EAST_2", ServiceEndpointID: eventHubID, DNSDomain: "orders.servicebus.windows.net"},
		}
	}
	confluent := func(uri string) pair {
		return pair{
			v1alpha1.StreamPrivateLinkSpec{Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", DNSDomain: "a.b", GCPServiceAttachmentURIs: []string{uri}},
			atlas.PrivateLink{Provider: "GCP", Vendor: "CONFLUENT", Region: "CENTRAL_US", DNSDomain: "a.b", GCPServiceAttachmentURIs: []string{attachment}},
		}
	}
	zones := pair{azureSpec(), azureFound()}
	zones.spec.AzureResourceIDs = []string{zones.spec.AzureResourceIDs[0] + "/", " " + zones.spec.AzureResourceIDs[1]}
	msk := pair{mskSpec(), mskFound()}
	msk.spec.ARN, msk.found.Region = msk.spec.ARN+" ", "VIRGINIA_USA"
	generic := pair{genericSpec(), genericFound()}
	generic.spec.Region, generic.spec.ServiceEndpointID = "eastus2", generic.spec.ServiceEndpointID+"/"
	return map[string]pair{
		"the region of Azure":           eventHubs("eastus2", eventHubID),
		"the display name of Azure":     eventHubs("East US 2", eventHubID),
		"a trailing slash":              eventHubs("US_EAST_2", eventHubID+"/"),
		"blanks":                        eventHubs(" us_east_2", " "+eventHubID+" "),
		"an attachment's self link":     confluent("https://www.googleapis.com/compute/v1/" + attachment),
		"an attachment's full name":     confluent("//compute.googleapis.com/" + attachment),
		"an attachment's leading slash": confluent("/" + attachment),
		"zones of Azure":                zones,
		"an ARN, and its region":        msk,
		"no vendor":                     generic,
	}
}

func TestSpellingsOfOneLink(t *testing.T) {
	for name, c := range spelled() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(same(&c.spec, c.found)).To(BeTrue())
			g.Expect(couldBe(&c.spec, c.found)).To(BeTrue())
			g.Expect(decision.Paths(differences(&c.spec, c.found, false))).To(BeEmpty())
			asAtlas := v1alpha1.StreamPrivateLinkSpec{
				Provider: v1alpha1.LinkProvider(c.found.Provider), Vendor: v1alpha1.LinkVendor(c.found.Vendor), Region: c.found.Region, ARN: c.found.ARN,
				ServiceEndpointID: c.found.ServiceEndpointID, AzureResourceIDs: c.found.AzureResourceIDs, GCPServiceAttachmentURIs: c.found.GCPServiceAttachmentURIs,
			}
			g.Expect(wantedLinkOf(&asAtlas).identity()).To(Equal(wantedLinkOf(&c.spec).identity()), "two resources in two spellings mean one link")
			g.Expect(linkRequest(&c.spec).Region).To(Equal(c.spec.Region), "what is sent is what the spec says")
			g.Expect(linkRequest(&c.spec).ServiceEndpointID).To(Equal(c.spec.ServiceEndpointID))
			g.Expect(linkRequest(&c.spec).GCPServiceAttachmentURIs).To(Equal(c.spec.GCPServiceAttachmentURIs))
		})
	}
}

func TestOneTextThatMeansTwoRegions(t *testing.T) {
	g := NewWithT(t)
	aws, azure := genericSpec(), genericSpec()
	aws.Provider, aws.Region = v1alpha1.ProviderAWS, "us-east-2"
	g.Expect(same(&aws, atlas.PrivateLink{Provider: "AWS", Region: "US_EAST_2", ServiceEndpointID: aws.ServiceEndpointID})).To(BeTrue())
	g.Expect(same(&aws, atlas.PrivateLink{Provider: "AWS", Region: "eastus2", ServiceEndpointID: aws.ServiceEndpointID})).To(BeFalse())
	azure.Region = "us-east-2"
	g.Expect(same(&azure, atlas.PrivateLink{Provider: "AZURE", Region: "eastus2", ServiceEndpointID: azure.ServiceEndpointID})).To(BeTrue())
}

func sameSpecs(a, b *v1alpha1.StreamPrivateLinkSpec) bool {
	return Kind().SameObject(&v1alpha1.StreamPrivateLink{Spec: *a}, &v1alpha1.StreamPrivateLink{Spec: *b})
}

func TestResourcesOfKinesisLinksOfOneRegion(t *testing.T) {
	g := NewWithT(t)
	without, streams, firehose := kinesisSpec(""), kinesisSpec("com.amazonaws.us-east-1.kinesis-streams"), kinesisSpec("com.amazonaws.us-east-1.kinesis-firehose")
	g.Expect(wantedLinkOf(&without).identity()).To(Equal(wantedLinkOf(&streams).identity()), "they may be one link, so one of them takes precedence")
	g.Expect(sameSpecs(&without, &streams)).To(BeTrue())
	g.Expect(sameSpecs(&firehose, &streams)).To(BeFalse(), "two endpoints are two links")
}

func TestKinesisDiffersByItsEndpointOnlyWhereBothHaveOne(t *testing.T) {
	for name, c := range map[string]struct {
		spec, found string
		want        bool
	}{
		"neither":         {"", "", true},
		"only Atlas":      {"", "com.amazonaws.us-east-1.kinesis-streams", true},
		"only the spec":   {"com.amazonaws.us-east-1.kinesis-streams", "", true},
		"the same":        {"com.amazonaws.us-east-1.kinesis-streams", "COM.amazonaws.us-east-1.kinesis-streams ", true},
		"another service": {"com.amazonaws.us-east-1.kinesis-streams", "com.amazonaws.us-east-1.kinesis-firehose", false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			spec := kinesisSpec(c.spec)
			found := atlas.PrivateLink{Provider: "AWS", Vendor: "KINESIS", Region: "US_EAST_1", ServiceEndpointID: c.found}
			g.Expect(same(&spec, found)).To(Equal(c.want))
			g.Expect(maybeClaimed(&spec, found)).To(Equal(c.want))
			if c.want {
				g.Expect(decision.Paths(differences(&spec, found, false))).To(BeEmpty())
			}
			found.Region = "us-east-2"
			g.Expect(same(&spec, found)).To(BeFalse(), "another region")
		})
	}
}
