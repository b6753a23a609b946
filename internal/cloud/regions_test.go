package cloud

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

var providers = []string{AWS, Azure, GCP}

func TestRegionHasOneNamePerProvider(t *testing.T) {
	for _, c := range []struct{ provider, name, want string }{
		{AWS, "us-east-1", "us-east-1"},
		{AWS, "US_EAST_1", "us-east-1"},
		{AWS, "us_east_1", "us-east-1"},
		{AWS, " Us-East-1\n", "us-east-1"},
		{AWS, "VIRGINIA_USA", "us-east-1"},
		{AWS, "virginia-usa", "us-east-1"},
		{AWS, "SAOPAULO_BRA", "sa-east-1"},
		{AWS, "US_EAST_2", "us-east-2"},
		{AWS, "US_GOV_WEST_1", "us-gov-west-1"},
		{Azure, "US_EAST_2", "eastus2"},
		{Azure, "eastus2", "eastus2"},
		{Azure, "EastUS2", "eastus2"},
		{Azure, "East US 2", "eastus2"},
		{Azure, "US_EAST", "eastus"},
		{Azure, "EUROPE_WEST", "westeurope"},
		{Azure, "ASIA_SOUTH_EAST", "southeastasia"},
		{GCP, "CENTRAL_US", "us-central1"},
		{GCP, "US_CENTRAL1", "us-central1"},
		{GCP, "NORTHEASTERN_ASIA_PACIFIC", "asia-northeast1"},
		{GCP, "WESTERN_EUROPE", "europe-west1"},
		{GCP, "EUROPE_WEST_3", "europe-west3"},
		{GCP, "MIDDLE_EAST_WEST_1", "me-west1"},
		{"gcp", "CENTRAL_US", "us-central1"},
		// Unknown regions.
		{AWS, "XX_NORTH_9", "xx-north-9"},
		{AWS, "xx-north-9", "xx-north-9"},
		{Azure, " moonbase ", "moonbase"},
		{Azure, "us-east-1", "us-east-1"},
		{GCP, "VIRGINIA_USA", "virginia-usa"},
		{"OTHER", "US_EAST_1", "us-east-1"},
		{AWS, "", ""},
	} {
		t.Run(c.provider+" "+c.name, func(t *testing.T) {
			NewWithT(t).Expect(Region(c.provider, c.name)).To(Equal(c.want))
		})
	}
}

func TestNoTwoRegionsShareAName(t *testing.T) {
	g := NewWithT(t)
	for _, provider := range providers {
		g.Expect(regions[provider]).NotTo(BeEmpty())
		seen := map[string]string{}
		for _, names := range regions[provider] {
			g.Expect(names[0]).To(Equal(strings.ToLower(names[0])), "the provider's own name comes first")
			for _, name := range names {
				bare := bare(strings.ToLower(name))
				if other, taken := seen[bare]; taken {
					g.Expect(other).To(Equal(names[0]), "%s of %s", name, provider)
				}
				seen[bare] = names[0]
				g.Expect(Region(provider, name)).To(Equal(names[0]))
				g.Expect(Region(provider, strings.ReplaceAll(strings.ToUpper(name), "-", "_"))).To(Equal(names[0]))
			}
		}
	}
}

func TestRegionOfARN(t *testing.T) {
	g := NewWithT(t)
	g.Expect(RegionOfARN(" arn:aws:kafka:eu-west-1:123456789012:cluster/orders/3b1f0e5a-1")).To(Equal("eu-west-1"))
	g.Expect(RegionOfARN("arn:aws:kafka")).To(BeEmpty())
	g.Expect(RegionOfARN("")).To(BeEmpty())
}

func FuzzRegion(f *testing.F) {
	for _, seed := range []string{"us-east-1", "US_EAST_2", "East US 2", "  ", "_", "\u212aoreacentral", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		g := NewWithT(t)
		for _, provider := range providers {
			canonical := Region(provider, name)
			g.Expect(Region(provider, canonical)).To(Equal(canonical), "the canonical name of a canonical name")
			g.Expect(Region(provider, " "+name+"\t")).To(Equal(canonical), "outer blanks")
			g.Expect(Region(provider, strings.ReplaceAll(name, "_", "-"))).To(Equal(canonical), "_ and -")
		}
	})
}
