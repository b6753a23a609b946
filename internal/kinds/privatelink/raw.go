package privatelink

import (
	"encoding/json"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/raw"
)

// linkMembers are the members of raw that are fields of the spec, or that Atlas assigns: they are neither sent nor
// compared.
var linkMembers = []string{"_id", "state", "errorMessage", "provider", "vendor", "region", "arn", "serviceEndpointId", "dnsDomain"}

// rawIdentity is raw in one spelling: two resources with the same members mean the same link.
func rawIdentity(spec *v1alpha1.StreamPrivateLinkSpec) string {
	if spec.Raw == nil {
		return ""
	}
	text, err := json.Marshal(raw.Canonical(raw.Of(spec.Raw, linkMembers)))
	if err != nil {
		return "" // what was decoded can be encoded
	}
	return string(text)
}

// rawDifferences are the paths of raw at which a link differs.
func rawDifferences(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink, absentIsEqual bool) []string {
	c := &raw.Comparison{AbsentIsEqual: absentIsEqual}
	c.Members("raw", raw.Of(spec.Raw, linkMembers), found.Raw)
	return c.Paths
}
