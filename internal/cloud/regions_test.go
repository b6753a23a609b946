package cloud

import (
	"cmp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

var providers = []string{AWS, Azure, GCP}

func TestRegionHasOneNamePerProvider(t *testing.T) {
	for _, c := range []struct{ provider, name, want string }{
		{AWS, "us-east-1", "useast1"},
		{AWS, "US_EAST_1", "useast1"},
		{AWS, "us_east_1", "useast1"},
		{AWS, " Us-East-1\n", "useast1"},
		{AWS, "VIRGINIA_USA", "useast1"},
		{AWS, "virginia-usa", "useast1"},
		{AWS, "SAOPAULO_BRA", "saeast1"},
		{AWS, "US_EAST_2", "useast2"},
		{AWS, "US_GOV_WEST_1", "usgovwest1"},
		{Azure, "US_EAST_2", "eastus2"},
		{Azure, "eastus2", "eastus2"},
		{Azure, "EastUS2", "eastus2"},
		{Azure, "East US 2", "eastus2"},
		{Azure, "US_EAST", "eastus"},
		{Azure, "EUROPE_WEST", "westeurope"},
		{Azure, "ASIA_SOUTH_EAST", "southeastasia"},
		{GCP, "CENTRAL_US", "uscentral1"},
		{GCP, "US_CENTRAL1", "uscentral1"},
		{GCP, "NORTHEASTERN_ASIA_PACIFIC", "asianortheast1"},
		{GCP, "WESTERN_EUROPE", "europewest1"},
		{GCP, "EUROPE_WEST_3", "europewest3"},
		{GCP, "MIDDLE_EAST_WEST_1", "mewest1"},
		{"gcp", "CENTRAL_US", "uscentral1"},
		// Unknown regions.
		{AWS, "XX_NORTH_9", "xxnorth9"},
		{AWS, "xx-north-9", "xxnorth9"},
		{Azure, " moonbase ", "moonbase"},
		{Azure, "us-east-1", "eastus1"},
		{GCP, "VIRGINIA_USA", "virginiausa"},
		{"OTHER", "US_EAST_1", "useast1"},
		{AWS, "", ""},
	} {
		t.Run(c.provider+" "+c.name, func(t *testing.T) {
			NewWithT(t).Expect(Region(c.provider, c.name)).To(Equal(c.want))
		})
	}
}

// regionsOf lists the provider's own names of the regions, each with the names of Atlas that have another order or other words.
var regionsOf = map[string]string{
	AWS: `us-east-1=VIRGINIA_USA us-east-2=OHIO_USA us-west-2=OREGON_USA us-gov-east-1 us-gov-west-1 ca-central-1=MONTREAL_CAN sa-east-1=SAOPAULO_BRA
		eu-central-1=FRANKFURT_DEU eu-west-1=DUBLIN_IRL eu-west-2=LONDON_GBR eu-west-3=PARIS_FRA ap-northeast-1=TOKYO_JPN ap-northeast-2=SEOUL_KOR
		ap-south-1=MUMBAI_IND ap-southeast-1=SINGAPORE_SGP ap-southeast-2=SYDNEY_AUS
		us-west-1 ca-west-1 mx-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 il-central-1 me-central-1 me-south-1 ap-east-1
		ap-east-2 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 cn-north-1 cn-northwest-1`,
	Azure: `centralus=US_CENTRAL eastus=US_EAST eastus2=US_EAST_2 northcentralus=US_NORTH_CENTRAL southcentralus=US_SOUTH_CENTRAL
		westcentralus=US_WEST_CENTRAL westus=US_WEST westus2=US_WEST_2 westus3=US_WEST_3 canadacentral=CANADA_CENTRAL canadaeast=CANADA_EAST
		mexicocentral=MEXICO_CENTRAL brazilsouth=BRAZIL_SOUTH brazilsoutheast=BRAZIL_SOUTHEAST chilecentral=CHILE_CENTRAL northeurope=EUROPE_NORTH
		westeurope=EUROPE_WEST uksouth=UK_SOUTH ukwest=UK_WEST francecentral=FRANCE_CENTRAL francesouth=FRANCE_SOUTH germanynorth=GERMANY_NORTH
		germanywestcentral=GERMANY_WEST_CENTRAL italynorth=ITALY_NORTH norwayeast=NORWAY_EAST norwaywest=NORWAY_WEST polandcentral=POLAND_CENTRAL
		spaincentral=SPAIN_CENTRAL swedencentral=SWEDEN_CENTRAL swedensouth=SWEDEN_SOUTH switzerlandnorth=SWITZERLAND_NORTH
		switzerlandwest=SWITZERLAND_WEST eastasia=ASIA_EAST southeastasia=ASIA_SOUTH_EAST australiacentral=AUSTRALIA_CENTRAL
		australiacentral2=AUSTRALIA_CENTRAL_2 australiaeast=AUSTRALIA_EAST australiasoutheast=AUSTRALIA_SOUTH_EAST centralindia=INDIA_CENTRAL
		southindia=INDIA_SOUTH westindia=INDIA_WEST indonesiacentral=INDONESIA_CENTRAL japaneast=JAPAN_EAST japanwest=JAPAN_WEST
		koreacentral=KOREA_CENTRAL koreasouth=KOREA_SOUTH malaysiawest=MALAYSIA_WEST newzealandnorth=NEW_ZEALAND_NORTH israelcentral=ISRAEL_CENTRAL
		qatarcentral=QATAR_CENTRAL uaecentral=UAE_CENTRAL uaenorth=UAE_NORTH southafricanorth=SOUTH_AFRICA_NORTH southafricawest=SOUTH_AFRICA_WEST`,
	GCP: `us-central1=CENTRAL_US us-east1=EASTERN_US us-west1=WESTERN_US europe-west1=WESTERN_EUROPE me-central1=MIDDLE_EAST_CENTRAL_1
		me-central2=MIDDLE_EAST_CENTRAL_2 me-west1=MIDDLE_EAST_WEST_1 asia-east1=EASTERN_ASIA_PACIFIC asia-northeast1=NORTHEASTERN_ASIA_PACIFIC
		asia-southeast1=SOUTHEASTERN_ASIA_PACIFIC
		us-east4=US_EAST_4 us-east5=US_EAST_5 us-south1=US_SOUTH_1 us-west2=US_WEST_2 us-west3=US_WEST_3 us-west4=US_WEST_4
		northamerica-northeast1=NORTH_AMERICA_NORTHEAST_1 northamerica-northeast2=NORTH_AMERICA_NORTHEAST_2
		northamerica-south1=NORTH_AMERICA_SOUTH_1 southamerica-east1=SOUTH_AMERICA_EAST_1 southamerica-west1=SOUTH_AMERICA_WEST_1
		europe-central2=EUROPE_CENTRAL_2 europe-north1=EUROPE_NORTH_1 europe-southwest1=EUROPE_SOUTHWEST_1 europe-west2=EUROPE_WEST_2
		europe-west3=EUROPE_WEST_3 europe-west4=EUROPE_WEST_4 europe-west6=EUROPE_WEST_6 europe-west8=EUROPE_WEST_8 europe-west9=EUROPE_WEST_9
		europe-west10=EUROPE_WEST_10 europe-west12=EUROPE_WEST_12 africa-south1=AFRICA_SOUTH_1 asia-east2=ASIA_EAST_2
		asia-northeast2=ASIA_NORTHEAST_2 asia-northeast3=ASIA_NORTHEAST_3 asia-south1=ASIA_SOUTH_1 asia-south2=ASIA_SOUTH_2
		asia-southeast2=ASIA_SOUTHEAST_2 australia-southeast1=AUSTRALIA_SOUTHEAST_1 australia-southeast2=AUSTRALIA_SOUTHEAST_2`,
}

func TestNoTwoRegionsShareAName(t *testing.T) {
	for provider, rows := range regionsOf {
		seen := map[string]string{}
		for row := range strings.FieldsSeq(rows) {
			g := NewWithT(t)
			own, atlas, _ := strings.Cut(row, "=")
			region := Region(provider, own)
			g.Expect(seen).NotTo(HaveKey(region), "%s of %s", own, provider)
			seen[region] = own
			g.Expect(region).To(Equal(strings.ReplaceAll(own, "-", "")))
			for _, name := range []string{own, cmp.Or(atlas, own)} {
				for _, spelling := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
					for _, separator := range []string{"-", "_", " ", ""} {
						g.Expect(Region(provider, strings.NewReplacer("-", separator, "_", separator).Replace(spelling))).To(Equal(region))
					}
				}
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
			g.Expect(Region(provider, canonical)).To(Equal(canonical), "what has the one spelling")
			g.Expect(Region(provider, " "+name+"\t")).To(Equal(canonical), "outer blanks")
			g.Expect(Region(provider, strings.ReplaceAll(name, "_", "-"))).To(Equal(canonical), "_ and -")
		}
	})
}
