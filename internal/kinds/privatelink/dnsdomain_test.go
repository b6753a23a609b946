package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

func TestWhichLinksWaitForTheirDNSDomain(t *testing.T) {
	waiting := atlas.PrivateLink{State: "WORKING", InterfaceEndpointID: "vpce-1"}
	spec := confluentSpec()
	spec.DNSDomain = ""
	for name, c := range map[string]struct {
		spec  func(*v1alpha1.StreamPrivateLinkSpec)
		found func(*atlas.PrivateLink)
		want  bool
	}{
		"an endpoint and no domain":      {nil, nil, true},
		"IDLE":                           {nil, func(l *atlas.PrivateLink) { l.State = "IDLE" }, true},
		"no endpoint yet":                {nil, func(l *atlas.PrivateLink) { l.InterfaceEndpointID = "" }, false},
		"the domain is on its way":       {func(s *v1alpha1.StreamPrivateLinkSpec) { s.DNSDomain = "a.example" }, nil, false},
		"Atlas has the domain":           {nil, func(l *atlas.PrivateLink) { l.DNSDomain = "a.example" }, false},
		"DONE needs none":                {nil, func(l *atlas.PrivateLink) { l.State = "DONE" }, false},
		"FAILED is told as such":         {nil, func(l *atlas.PrivateLink) { l.State = "FAILED" }, false},
		"being deleted":                  {nil, func(l *atlas.PrivateLink) { l.State = "DELETING" }, false},
		"another vendor":                 {func(s *v1alpha1.StreamPrivateLinkSpec) { s.Vendor = v1alpha1.VendorLambda }, nil, false},
		"Confluent needs it before else": {func(s *v1alpha1.StreamPrivateLinkSpec) { s.Provider = v1alpha1.ProviderGCP }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := spec, waiting
			if c.spec != nil {
				c.spec(&s)
			}
			if c.found != nil {
				c.found(&l)
			}
			NewWithT(t).Expect(waitsForDNSDomain(&s, &l)).To(Equal(c.want))
		})
	}
}
