package atlastest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const (
	services      = group + "/privateEndpoint"
	mediaServices = "application/vnd.atlas.2023-01-01+json"
)

func servicesOf(provider string) string { return services + "/" + provider + "/endpointService" }

func TestPrivateEndpointServicesAreAnsweredAsRecorded(t *testing.T) {
	tests := map[string]struct {
		fields, initiating object
		available          map[string]OmegaMatcher
	}{
		"AWS": {
			object{"regionName": "US_WEST_1"},
			object{"regionName": "US_WEST_1", "endpointServiceName": nil, "interfaceEndpoints": []any{}, "supportedRemoteRegions": nil},
			map[string]OmegaMatcher{"endpointServiceName": MatchRegexp(`^com\.amazonaws\.vpce\.us-west-1\.vpce-svc-[0-9a-f]{17}$`)},
		},
		"AZURE": {
			object{"regionName": "ASIA_SOUTH_EAST"},
			object{
				"regionName": "ASIA_SOUTH_EAST", "privateEndpoints": []any{},
				"privateLinkServiceName": nil, "privateLinkServiceResourceId": nil,
			},
			map[string]OmegaMatcher{
				"privateLinkServiceName":       MatchRegexp(`^pls_[0-9a-f]{24}$`),
				"privateLinkServiceResourceId": MatchRegexp(`^/subscriptions/.*/privateLinkServices/pls_[0-9a-f]{24}$`),
			},
		},
		"GCP": {
			object{"regionName": "US_EAST_4"},
			object{
				"regionName": "US_EAST_4", "endpointGroupNames": []any{}, "portMappingEnabled": false, "serviceAttachmentNames": []any{},
			},
			map[string]OmegaMatcher{"serviceAttachmentNames": And(HaveLen(6), HaveEach(MatchRegexp(`^projects/.*/serviceAttachments/sa-`)))},
		},
	}
	for provider, tt := range tests {
		t.Run(provider, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t, slow()...)
			keys := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
			g.Expect(c.get(servicesOf(provider)).text).To(Equal("[]"))

			id := s.PutPrivateEndpointService(project, provider, tt.fields, "")
			path := servicesOf(provider) + "/" + id
			res := c.get(path)
			g.Expect(res.status).To(Equal(200), res.text)
			g.Expect(res.header.Get("Content-Type")).To(Equal(mediaServices + ";charset=utf-8"))
			g.Expect(res.header.Get("RateLimit-Limit")).To(Equal("4000"))
			g.Expect(res.body).To(Equal(join(tt.initiating, object{
				"id": id, "cloudProvider": provider, "errorMessage": nil, "status": "INITIATING",
			})), "null is null, not absent")

			s.Advance(time.Minute)
			res = keys.get(path)
			g.Expect(res.body).To(HaveKeyWithValue("status", "AVAILABLE"))
			for name, matcher := range tt.available {
				g.Expect(res.body).To(HaveKeyWithValue(name, matcher))
			}
			for _, client := range []*api{c, keys} {
				list := client.get(servicesOf(provider))
				g.Expect(list.header.Get("RateLimit-Limit")).To(Equal("4000"))
				g.Expect(list.list()).To(Equal([]object{res.body}), "a bare list of the same objects")
			}
			g.Expect(c.get(servicesOf(provider) + "?envelope=true").body).To(And(
				HaveKeyWithValue("status", BeEquivalentTo(200)), HaveKeyWithValue("content", HaveLen(1))))
		})
	}
}

func TestPrivateEndpointServicesKeepProvidersApart(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	ids := map[string]string{}
	for _, provider := range []string{"AWS", "AZURE", "GCP"} {
		ids[provider] = s.PutPrivateEndpointService(project, provider, nil, "")
	}
	for provider, id := range ids {
		g.Expect(c.get(servicesOf(provider)).list()).To(ConsistOf(HaveKeyWithValue("id", id)))
	}
	res := c.get(servicesOf("GCP") + "/" + ids["AWS"])
	g.Expect(res.status).To(Equal(404))
	g.Expect(res.code()).To(Equal("PRIVATE_ENDPOINT_SERVICE_NOT_FOUND"))

	got := s.RequestsOf(atlastest.OpGetPrivateEndpointService)
	g.Expect(got).To(HaveLen(1))
	g.Expect(got[0]).To(And(HaveField("Provider", "GCP"), HaveField("Target", ids["AWS"]), HaveField("ProjectID", project)))
	g.Expect(s.Count(atlastest.OpListPrivateEndpointServices)).To(Equal(3))
}

func TestPrivateEndpointServiceFieldsFromOutside(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := s.PutPrivateEndpointService(project, "Aws", object{
		"id": "mine", "status": "mine", "regionName": "EU_WEST_1", "endpointServiceName": "given", "interfaceEndpoints": []string{"vpce-1"}, "new": "member",
	}, "")
	path := servicesOf("AWS") + "/" + id
	g.Expect(c.get(path).body).To(And(
		HaveKeyWithValue("endpointServiceName", BeNil()), HaveKeyWithValue("status", "INITIATING"),
		HaveKeyWithValue("interfaceEndpoints", ConsistOf("vpce-1")), HaveKeyWithValue("new", "member"), HaveKeyWithValue("id", id),
	))
	s.Advance(time.Minute)
	g.Expect(c.get(path).body).To(HaveKeyWithValue("endpointServiceName", "given"))

	mapped := s.PutPrivateEndpointService(project, "GCP", object{"portMappingEnabled": true}, "WAITING_FOR_USER")
	g.Expect(c.get(servicesOf("GCP") + "/" + mapped).body).To(And(
		HaveKeyWithValue("status", "WAITING_FOR_USER"), HaveKeyWithValue("serviceAttachmentNames", HaveLen(1))))

	failed := s.PutPrivateEndpointService(project, "AZURE", object{"errorMessage": "quota"}, "FAILED")
	g.Expect(c.get(servicesOf("AZURE") + "/" + failed).body).To(And(
		HaveKeyWithValue("status", "FAILED"), HaveKeyWithValue("errorMessage", "quota"), HaveKeyWithValue("privateLinkServiceName", BeNil())))

	g.Expect(func() { s.PutPrivateEndpointService(project, "IBM", nil, "") }).To(PanicWith(ContainSubstring("IBM")))
}

func TestPrivateEndpointServiceStatusFromOutside(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := s.PutPrivateEndpointService(project, "AWS", nil, "")
	path := servicesOf("AWS") + "/" + id

	g.Expect(s.SetPrivateEndpointServiceStatus(id, "FAILED", "no capacity")).To(BeTrue())
	s.Advance(time.Hour)
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("status", "FAILED"), HaveKeyWithValue("errorMessage", "no capacity")))

	s.SetPrivateEndpointServiceStatus(id, "", "")
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("status", "INITIATING"), HaveKeyWithValue("errorMessage", BeNil())))
	s.Advance(time.Minute)
	named := c.get(path).body
	g.Expect(named).To(And(HaveKeyWithValue("status", "AVAILABLE"), HaveKeyWithValue("endpointServiceName", Not(BeNil()))))

	for _, status := range []string{"WAITING_FOR_USER", "DELETING", "REJECTED"} {
		s.SetPrivateEndpointServiceStatus(id, status, "")
		g.Expect(c.get(path).body).To(Equal(join(named, object{"status": status})), "the service keeps its name")
	}

	all := s.PrivateEndpointServices(project)
	g.Expect(all).To(HaveLen(1))
	g.Expect(all[0]).To(And(HaveField("ID", id), HaveField("ProjectID", project), HaveField("Provider", "AWS"), HaveField("Status", "REJECTED")))
	g.Expect(all[0].String("endpointServiceName")).To(Equal(named["endpointServiceName"]))
	g.Expect(all[0].History).To(HaveExactElements(
		HaveField("State", "INITIATING"), HaveField("State", "FAILED"), HaveField("State", "INITIATING"), HaveField("State", "AVAILABLE"),
		HaveField("State", "WAITING_FOR_USER"), HaveField("State", "DELETING"), HaveField("State", "REJECTED"),
	))
	one, ok := s.PrivateEndpointService(id)
	g.Expect(ok).To(BeTrue())
	g.Expect(one).To(Equal(all[0]))

	g.Expect(s.DeletePrivateEndpointServiceNow(id)).To(BeTrue())
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(c.get(servicesOf("AWS")).text).To(Equal("[]"))
	g.Expect(s.PrivateEndpointServices(project)).To(BeEmpty())
	g.Expect(s.DeletePrivateEndpointServiceNow(id)).To(BeFalse())
	g.Expect(s.SetPrivateEndpointServiceStatus(id, "AVAILABLE", "")).To(BeFalse())
	_, ok = s.PrivateEndpointService(id)
	g.Expect(ok).To(BeFalse())
}

func TestPrivateEndpointServicesRetired(t *testing.T) {
	const other = "65f1c0de00000000000000aa"
	tests := map[int]string{404: "RESOURCE_NOT_FOUND", 410: "VERSION_GONE"}
	for status, code := range tests {
		t.Run(code, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t, slow()...)
			keys := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
			keys.header = plain
			s.AddProject(other)
			id := s.PutPrivateEndpointService(project, "AWS", nil, "AVAILABLE")
			s.RetirePrivateEndpointServices(project, status)
			for _, path := range []string{servicesOf("AWS"), servicesOf("GCP"), servicesOf("AWS") + "/" + id} {
				res := c.get(path)
				g.Expect(res.status).To(Equal(status))
				g.Expect(res.code()).To(Equal(code))
			}
			g.Expect(keys.get(endpointsV1).list()).To(ConsistOf(HaveKeyWithValue("id", id)), "the deprecated list still answers")
			g.Expect(c.get("/api/atlas/v2/groups/" + other + "/privateEndpoint/AWS/endpointService").status).To(Equal(200))
			s.RetirePrivateEndpointServices(project, 0)
			g.Expect(c.get(servicesOf("AWS") + "/" + id).status).To(Equal(200))
		})
	}
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	g.Expect(func() { s.RetirePrivateEndpointServices(project, 500) }).To(PanicWith(ContainSubstring("500")))
}

func TestPrivateEndpointServicesLagBehind(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithConsistency(atlastest.Consistency{
		GetLag: 10 * time.Second, ListLag: 20 * time.Second,
	}))...)
	keys := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	keys.header = plain
	id := s.PutPrivateEndpointService(project, "AWS", nil, "")
	g.Expect(c.get(servicesOf("AWS") + "/" + id).status).To(Equal(404))
	s.Advance(10 * time.Second)
	g.Expect(c.get(servicesOf("AWS") + "/" + id).status).To(Equal(200))
	g.Expect(c.get(servicesOf("AWS")).text).To(Equal("[]"))
	g.Expect(keys.get(endpointsV1).text).To(Equal("[]"))
	s.Advance(10 * time.Second)
	g.Expect(c.get(servicesOf("AWS")).list()).To(HaveLen(1))
	s.DeletePrivateEndpointServiceNow(id)
	g.Expect(c.get(servicesOf("AWS") + "/" + id).status).To(Equal(404))
	g.Expect(keys.get(endpointsV1).list()).To(HaveLen(1), "lists still show it")
	s.Advance(20 * time.Second)
	g.Expect(c.get(servicesOf("AWS")).text).To(Equal("[]"))
	g.Expect(keys.get(endpointsV1).text).To(Equal("[]"))
}
