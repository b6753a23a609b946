package atlastest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const endpointsV1 = "/api/atlas/v1.0/groups/" + atlastest.DefaultProjectID + "/privateEndpoint"

var plain = http.Header{"Accept": {"application/json"}}

func newV1(t *testing.T, opts ...atlastest.Option) (*atlastest.Server, *api) {
	t.Helper()
	s := atlastest.NewServer(t, opts...)
	c := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	c.header = plain
	return s, c
}

func TestPrivateEndpointsV1(t *testing.T) {
	g := NewWithT(t)
	s, c := newV1(t, slow()...)
	id := s.PutPrivateEndpointService(project, "AWS", object{"regionName": "EU_WEST_1", "interfaceEndpoints": []string{"vpce-1"}}, "")
	s.PutPrivateEndpointService(project, "AZURE", nil, "")
	s.PutPrivateEndpointService(project, "GCP", nil, "")

	res := c.get(endpointsV1)
	g.Expect(res.status).To(Equal(200), res.text)
	g.Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
	want := object{
		"id": id, "endpointServiceName": nil, "errorMessage": nil, "interfaceEndpoints": []any{"vpce-1"}, "status": "INITIATING",
	}
	g.Expect(res.list()).To(Equal([]object{want}), "AWS alone, and these members alone")

	s.Advance(time.Minute)
	created := c.get(endpointsV1).list()
	g.Expect(created).To(HaveLen(1))
	g.Expect(created[0]).To(And(HaveKeyWithValue("status", "WAITING_FOR_USER"),
		HaveKeyWithValue("endpointServiceName", HavePrefix("com.amazonaws.vpce.eu-west-1.vpce-svc-"))), "it does not know AVAILABLE")

	for _, status := range []string{"WAITING_FOR_USER", "FAILED", "DELETING", "INITIATING"} {
		s.SetPrivateEndpointServiceStatus(id, status, "because")
		g.Expect(c.get(endpointsV1).list()).To(ConsistOf(And(
			HaveKeyWithValue("status", status), HaveKeyWithValue("errorMessage", "because"))))
	}
	s.DeletePrivateEndpointServiceNow(id)
	g.Expect(c.get(endpointsV1).text).To(Equal("[]"), "an empty list is not null")
}

func TestPrivateEndpointsV1Pages(t *testing.T) {
	g := NewWithT(t)
	s, c := newV1(t)
	var ids []any
	for range 103 {
		ids = append(ids, s.PutPrivateEndpointService(project, "AWS", nil, "AVAILABLE"))
	}
	page := func(query string) []any {
		t.Helper()
		res := c.get(endpointsV1 + query)
		g.Expect(res.status).To(Equal(200), res.text)
		out := []any{}
		for _, o := range res.list() {
			out = append(out, o["id"])
		}
		return out
	}
	g.Expect(page("")).To(Equal(ids[:100]))
	g.Expect(page("?pageNum=2")).To(Equal(ids[100:]))
	g.Expect(page("?pageNum=3")).To(BeEmpty())
	g.Expect(page("?itemsPerPage=500&includeCount=true")).To(Equal(ids), "a bare list has no place for a count")
	g.Expect(page("?pageNum=2&itemsPerPage=3&includeCount=false")).To(Equal(ids[3:6]))

	envelope := c.get(endpointsV1 + "?envelope=true&itemsPerPage=2")
	g.Expect(envelope.body).To(And(HaveLen(2), HaveKeyWithValue("status", BeEquivalentTo(200)), HaveKeyWithValue("content", HaveLen(2))))

	for _, bad := range []string{"pageNum=0", "itemsPerPage=0", "itemsPerPage=501", "itemsPerPage=x"} {
		res := c.get(endpointsV1 + "?" + bad)
		g.Expect(res.status).To(Equal(400), bad)
		g.Expect(res.code()).To(Equal("VALIDATION_ERROR"), bad)
	}
	g.Expect(s.Count(atlastest.OpListPrivateEndpointsV1)).To(Equal(10))
}

func TestV1IsForAPIKeys(t *testing.T) {
	g := NewWithT(t)
	s, keys := newV1(t)
	for _, path := range []string{endpointsV1, "/api/atlas/v1.0/groups/" + project + "/nothing"} {
		c := bearer(t, s, defaultToken(t, s))
		c.header.Set("Accept", "application/json")
		res := c.get(path)
		g.Expect(res.status).To(Equal(401), path)
		g.Expect(res.header.Get("WWW-Authenticate")).To(HavePrefix("Digest "), path)
	}
	g.Expect(s.RequestsOf(atlastest.OpListPrivateEndpointsV1)).To(BeEmpty())
	g.Expect(keys.get(endpointsV1).status).To(Equal(200))
	g.Expect(keys.get("/api/atlas/v1.0/groups/" + project + "/nothing").status).To(Equal(404))

	s.UpdateCredential(atlastest.DefaultPublicKey, atlastest.OffAccessList(true))
	g.Expect(keys.get(endpointsV1).code()).To(Equal("IP_ADDRESS_NOT_ON_ACCESS_LIST"))
}

func TestV1HasNoVersionedMedia(t *testing.T) {
	tests := map[string]int{
		"application/json":                      200,
		"*/*":                                   200,
		"text/html, application/json;q=0.5":     200,
		"application/*":                         200,
		"application/vnd.atlas.2023-01-01+json": 406,
		"text/html":                             406,
		"application/vnd.atlas.2025-03-12+json, ;": 406,
	}
	_, c := newV1(t)
	for accept, status := range tests {
		t.Run(accept, func(t *testing.T) {
			mine := *c
			mine.header = http.Header{"Accept": {accept}}
			NewWithT(t).Expect(mine.get(endpointsV1).status).To(Equal(status))
		})
	}
	mine := *c
	mine.header = http.Header{"Accept": nil}
	NewWithT(t).Expect(mine.get(endpointsV1).status).To(Equal(200), "nothing asked for")
}

func TestPrivateEndpointsRefusals(t *testing.T) {
	g := NewWithT(t)
	s, c := newV1(t)
	for path, code := range map[string]string{
		"/api/atlas/v1.0/groups/65f1c0de00000000000000ff/privateEndpoint": "GROUP_NOT_FOUND",
		"/api/atlas/v1.0/groups/x/privateEndpoint":                        "INVALID_GROUP_ID",
		endpointsV1 + "?page=1":                                           "INVALID_QUERY_PARAMETER",
		endpointsV1 + "/AWS":                                              "RESOURCE_NOT_FOUND",
	} {
		g.Expect(c.get(path).code()).To(Equal(code), path)
	}
	s.Inject(atlastest.Fault{Operation: atlastest.OpListPrivateEndpointsV1, Status: 503, Times: 1})
	g.Expect(c.get(endpointsV1).status).To(Equal(503), "faults reach it as they do all others")
	g.Expect(c.get(endpointsV1).status).To(Equal(200))
}

func TestRateLimitsAreSharedByAnEndpointSetOfAProject(t *testing.T) {
	g := NewWithT(t)
	s, v1 := newV1(t, atlastest.WithManualClock(start), atlastest.WithRateLimit(1, 2))
	c := oauthAPI(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	for i, res := range []answer{c.get(servicesOf("AWS")), v1.get(endpointsV1)} {
		g.Expect(res.status).To(Equal(200))
		g.Expect(res.header.Get("RateLimit-Limit")).To(Equal("2"))
		g.Expect(res.header.Get("RateLimit-Remaining")).To(Equal(fmt.Sprint(1 - i)))
	}
	g.Expect(v1.get(endpointsV1).status).To(Equal(429))
	g.Expect(c.get(links).header.Get("RateLimit-Remaining")).To(Equal("1"), "streams have a bucket of their own")
}
