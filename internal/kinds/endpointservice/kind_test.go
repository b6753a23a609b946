package endpointservice

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

func TestServiceIsFoundInAnySpelling(t *testing.T) {
	for _, c := range []struct {
		provider    v1alpha1.LinkProvider
		spec, found string
		want        bool
	}{
		{v1alpha1.ProviderAzure, "eastus2", "US_EAST_2", true},
		{v1alpha1.ProviderAzure, "US_EAST_2", "eastus2", true},
		{v1alpha1.ProviderGCP, "us-central1", "CENTRAL_US", true},
		{v1alpha1.ProviderGCP, "asia-northeast1", "NORTHEASTERN_ASIA_PACIFIC", true},
		{v1alpha1.ProviderGCP, "europe-west3", "EUROPE_WEST_3", true},
		{v1alpha1.ProviderAWS, "us-east-1", "US_EAST_1", true},
		{v1alpha1.ProviderAWS, "VIRGINIA_USA", "US_EAST_1", true},
		{v1alpha1.ProviderAWS, "us east 1", "US_EAST_1", true},
		{v1alpha1.ProviderGCP, "europe-west1", "EUROPE_WEST_3", false},
		{v1alpha1.ProviderAzure, "eastus", "US_EAST_2", false},
	} {
		t.Run(string(c.provider)+" "+c.spec+" "+c.found, func(t *testing.T) {
			spec := &v1alpha1.PrivateEndpointServiceSpec{CloudProvider: c.provider, RegionName: c.spec}
			NewWithT(t).Expect(isService(spec, atlas.PrivateEndpointService{RegionName: c.found})).To(Equal(c.want))
		})
	}
	spec := &v1alpha1.PrivateEndpointServiceSpec{CloudProvider: v1alpha1.ProviderAWS, RegionName: "US_EAST_1"}
	found := atlas.PrivateEndpointService{EndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"}
	NewWithT(t).Expect(isService(spec, found)).To(BeTrue(), "the region in the name of the service")
}
