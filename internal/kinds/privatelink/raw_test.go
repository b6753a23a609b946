package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/raw"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func rawJSON(text string) *runtime.RawExtension { return &runtime.RawExtension{Raw: []byte(text)} }

// membersOf are the members as the Atlas client reads them.
func membersOf(text string) map[string]any { return raw.Of(rawJSON(text), nil) }

func redpandaSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, Vendor: "REDPANDA", Region: "us-east-1", Raw: rawJSON(`{"cluster":"a","zones":[1,2]}`)}
}

func TestLinkOfAnUnknownVendorMatchesByAllOfRaw(t *testing.T) {
	for name, c := range map[string]struct {
		have           string
		edit           func(*atlas.PrivateLink)
		same, possible bool
	}{
		"the same":                    {have: `{"cluster":"a","zones":[1,2],"more":1}`, same: true, possible: true},
		"another member":              {have: `{"cluster":"b","zones":[1,2]}`},
		"a member that is not told":   {have: `{"zones":[1,2]}`, possible: true},
		"nothing that is told":        {have: `{}`, possible: true},
		"another region":              {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.Region = "us-east-2" }},
		"another vendor":              {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.Vendor = "WARPSTREAM" }},
		"an endpoint of its own":      {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.ServiceEndpointID = "x" }},
		"an ARN of its own":           {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.ARN = "x" }},
		"the region in other letters": {have: `{"cluster":"a","zones":[1.0,2]}`, edit: func(l *atlas.PrivateLink) { l.Region = "US_EAST_1" }, same: true, possible: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			spec := redpandaSpec()
			found := atlas.PrivateLink{Provider: "AWS", Vendor: "REDPANDA", Region: "us-east-1", Raw: membersOf(c.have)}
			if c.edit != nil {
				c.edit(&found)
			}
			g.Expect(same(&spec, found)).To(Equal(c.same))
			g.Expect(maybeClaimed(&spec, found)).To(Equal(c.possible))
		})
	}
}

func TestRawOfALink(t *testing.T) {
	g := NewWithT(t)
	spec, other := redpandaSpec(), redpandaSpec()
	g.Expect(linkRequest(&spec).Raw).To(Equal(membersOf(`{"cluster":"a","zones":[1,2]}`)))
	other.Raw = rawJSON(`{"region":"a field","zones":[1,2.0],"cluster":"a"}`)
	g.Expect(wantedLinkOf(&other).identity()).To(Equal(wantedLinkOf(&spec).identity()), "order, spelling of numbers and members that are fields make no difference")
	other.Raw = rawJSON(`{"cluster":"a"}`)
	g.Expect(wantedLinkOf(&other).identity()).NotTo(Equal(wantedLinkOf(&spec).identity()))
	found := atlas.PrivateLink{Provider: "AWS", Vendor: "REDPANDA", Region: "us-east-1", Raw: membersOf(`{"cluster":"b","state":"DONE"}`)}
	g.Expect(differences(&spec, found, false)).To(Equal([]decision.Difference{{Path: "raw.cluster", Fixed: true}}), "what Atlas leaves out is unknown")
}
