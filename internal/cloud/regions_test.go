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

// Regions whose names follow from each other need no row in the table.
func TestRegionsOfTheShapeOfTheProvider(t *testing.T) {
	for provider, names := range map[string]string{
		AWS: `us-west-1 ca-west-1 mx-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 il-central-1 me-central-1 me-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 cn-north-1 cn-northwest-1`,
		GCP: `us-east4 us-east5 us-south1 us-west2 us-west3 us-west4 northamerica-northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1 europe-central2 europe-north1 europe-southwest1 europe-west2 europe-west3
			europe-west4 europe-west6 europe-west8 europe-west9 europe-west10 europe-west12 africa-south1 asia-east2 asia-northeast2
			asia-northeast3 asia-south1 asia-south2 asia-southeast2 australia-southeast1 australia-southeast2`,
	} {
		for name := range strings.FieldsSeq(names) {
			g := NewWithT(t)
			capitals := strings.ReplaceAll(strings.ToUpper(name), "-", "_")
			for _, spelling := range []string{name, capitals, bare(name), strings.ReplaceAll(name, "-", " ")} {
				g.Expect(Region(provider, spelling)).To(Equal(name))
			}
		}
	}
	for atlas, want := range map[string]string{
		"US_EAST_4":                 "us-east4",
		"US_EAST_5":                 "us-east5",
		"US_SOUTH_1":                "us-south1",
		"US_WEST_2":                 "us-west2",
		"US_WEST_3":                 "us-west3",
		"US_WEST_4":                 "us-west4",
		"NORTH_AMERICA_NORTHEAST_1": "northamerica-northeast1",
		"NORTH_AMERICA_NORTHEAST_2": "northamerica-northeast2",
		"NORTH_AMERICA_SOUTH_1":     "northamerica-south1",
		"SOUTH_AMERICA_EAST_1":      "southamerica-east1",
		"SOUTH_AMERICA_WEST_1":      "southamerica-west1",
		"EUROPE_CENTRAL_2":          "europe-central2",
		"EUROPE_NORTH_1":            "europe-north1",
		"EUROPE_SOUTHWEST_1":        "europe-southwest1",
		"EUROPE_WEST_2":             "europe-west2",
		"EUROPE_WEST_3":             "europe-west3",
		"EUROPE_WEST_4":             "europe-west4",
		"EUROPE_WEST_6":             "europe-west6",
		"EUROPE_WEST_8":             "europe-west8",
		"EUROPE_WEST_9":             "europe-west9",
		"EUROPE_WEST_10":            "europe-west10",
		"EUROPE_WEST_12":            "europe-west12",
		"AFRICA_SOUTH_1":            "africa-south1",
		"ASIA_EAST_2":               "asia-east2",
		"ASIA_NORTHEAST_2":          "asia-northeast2",
		"ASIA_NORTHEAST_3":          "asia-northeast3",
		"ASIA_SOUTH_1":              "asia-south1",
		"ASIA_SOUTH_2":              "asia-south2",
		"ASIA_SOUTHEAST_2":          "asia-southeast2",
		"AUSTRALIA_SOUTHEAST_1":     "australia-southeast1",
		"AUSTRALIA_SOUTHEAST_2":     "australia-southeast2",
	} {
		NewWithT(t).Expect(Region(GCP, atlas)).To(Equal(want))
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
