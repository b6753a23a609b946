package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Another spelling", func() {
	DescribeTable("of a region finds the service of clusters", func(ctx SpecContext, provider v1alpha1.LinkProvider, ours, theirs string) {
		t := newTenant(ctx)
		id := sim.PutPrivateEndpointService(t.project, string(provider), map[string]any{"regionName": theirs}, atlastest.StateAvailable)
		service := t.service("clusters", ours)
		service.Spec.CloudProvider = provider
		create(ctx, service)
		serviceReady(ctx, service, "True Available")
		Expect(service.Status.ID).To(Equal(id))
	},
		Entry(nil, v1alpha1.ProviderAzure, "eastus2", "US_EAST_2", SpecTimeout(30*time.Second)),
		Entry(nil, v1alpha1.ProviderGCP, "us-central1", "CENTRAL_US", SpecTimeout(30*time.Second)),
		Entry(nil, v1alpha1.ProviderGCP, "asia-northeast1", "NORTHEASTERN_ASIA_PACIFIC", SpecTimeout(30*time.Second)),
		Entry(nil, v1alpha1.ProviderGCP, "europe-west3", "EUROPE_WEST_3", SpecTimeout(30*time.Second)),
	)

	It("of region and resource id adopts the link that another tool made", func(ctx SpecContext) {
		t := newTenant(ctx)
		const id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/adopt"
		made := sim.PutPrivateLink(t.project, map[string]any{
			"provider": "AZURE", "vendor": "EVENTHUB", "region": "US_EAST_2", "serviceEndpointId": id, "dnsDomain": "adopt.servicebus.windows.net",
		}, atlastest.StateDone)
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("adopt"), Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: t.managedSpec(), Provider: v1alpha1.ProviderAzure, Vendor: v1alpha1.VendorEventHub, Region: "eastus2",
			ServiceEndpointID: id + "/", DNSDomain: "adopt.servicebus.windows.net",
		}}
		create(ctx, link)
		ready(ctx, link, "True Done")
		Expect(fresh(ctx, link).Status.ID).To(Equal(made))
		Expect(link.Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
		Expect(writes(t)).To(BeEmpty())
	}, SpecTimeout(30*time.Second))
})
