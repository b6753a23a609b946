package cloud

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestSpellingsOfOneResource(t *testing.T) {
	for want, c := range map[string]struct {
		provider  string
		spellings []string
	}{
		"/subscriptions/s/resourcegroups/g/providers/microsoft.eventhub/namespaces/orders": {Azure, []string{
			"/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders",
			"/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.eventhub/namespaces/ORDERS",
			"/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders/",
			" /subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders// \n",
		}},
		"projects/p/regions/us-central1/serviceattachments/a": {GCP, []string{
			"projects/p/regions/us-central1/serviceAttachments/a",
			"/projects/p/regions/us-central1/serviceAttachments/a",
			"https://www.googleapis.com/compute/v1/projects/p/regions/us-central1/serviceAttachments/a",
			"https://compute.googleapis.com/compute/v1/projects/p/regions/us-central1/serviceAttachments/a",
			"//compute.googleapis.com/projects/p/regions/us-central1/serviceAttachments/a",
			" projects/p/regions/us-central1/serviceAttachments/a/ ",
		}},
		"com.amazonaws.vpce.us-east-1.vpce-svc-0123": {AWS, []string{
			"com.amazonaws.vpce.us-east-1.vpce-svc-0123", " com.amazonaws.vpce.us-east-1.VPCE-SVC-0123 ",
		}},
	} {
		for _, spelling := range c.spellings {
			t.Run(spelling, func(t *testing.T) {
				NewWithT(t).Expect(ResourceID(c.provider, spelling)).To(Equal(want))
			})
		}
	}
}

func TestDifferentResourcesStayDistinct(t *testing.T) {
	g := NewWithT(t)
	for provider, pair := range map[string][2]string{
		Azure: {"/subscriptions/s/a", "/subscriptions/s/b"},
		GCP:   {"projects/p/regions/r/serviceAttachments/a", "projects/q/regions/r/serviceAttachments/a"},
		AWS:   {"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-2.s3"},
	} {
		g.Expect(ResourceID(provider, pair[0])).NotTo(Equal(ResourceID(provider, pair[1])))
	}
	g.Expect(ResourceID(GCP, "projects/projects/regions/projects/serviceAttachments/a")).
		To(Equal("projects/projects/regions/projects/serviceattachments/a"))
}

func FuzzResourceID(f *testing.F) {
	for _, seed := range []string{"/subscriptions/s/", "https://h/v1/projects/p/a", "projects/", "/projects/", " / / ", "\u0130\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		g := NewWithT(t)
		for _, provider := range providers {
			canonical := ResourceID(provider, id)
			g.Expect(ResourceID(provider, canonical)).To(Equal(canonical))
			g.Expect(canonical).NotTo(MatchRegexp(`^\s|\s$`))
		}
	})
}
