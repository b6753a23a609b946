package atlas

import (
	"testing"

	. "github.com/onsi/gomega"
)

// Error responses with Atlas's texts, in addition to those of TestErrorsAreClassified.
func TestRefusalContract(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		is     []string
	}{
		"no cluster in the region": {
			400, refusal(400, "VALIDATION_ERROR", "An Atlas cluster on Azure or Azure network peering must be configured."), []string{"Invalid"},
		},
		"networking cannot change": {
			400, refusal(400, "STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED", "d", "PUBLIC", "PRIVATE_LINK"), []string{"Invalid"},
		},
		"processor":                     {400, refusal(400, "STREAM_PROCESSOR_GENERIC_ERROR", "d"), []string{"Invalid"}},
		"no capacity":                   {409, refusal(409, "OUT_OF_CAPACITY", "d"), []string{"Conflict"}},
		"principal registered twice":    {409, refusal(409, "DUPLICATE_AZURE_SERVICE_PRINCIPAL", "d"), []string{"Conflict"}},
		"second service of a region":    {409, refusal(409, "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION", "d"), []string{"Conflict"}},
		"link in use, with its id":      {400, refusal(400, "STREAM_PRIVATE_LINK_IN_USE", "Private Link with connection ID ("+linkID+") is in use.", linkID), []string{"InUse"}},
		"token bucket":                  {429, refusal(429, "RATE_LIMITED_TOKEN_BUCKET", "d", "/p", 3, 1200, 60, 60), []string{"RateLimited"}},
		"service unavailable":           {503, refusal(503, "SERVICE_UNAVAILABLE", "d"), []string{"Unavailable", "OutcomeUnknown"}},
		"processor timeout":             {504, refusal(504, "STREAM_PROCESSOR_TIMEOUT", "d"), []string{"Unavailable", "OutcomeUnknown"}},
		"a code in other than capitals": {404, refusal(404, "group_not_found", "d"), []string{"NotFound"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := serve(t, always(tc.status, tc.body)).client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(judge(err)).To(ConsistOf(tc.is))
		})
	}
}
