package atlas

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const (
	awsService = `{"id":"a1","cloudProvider":"AWS","regionName":"US_EAST_1","status":"AVAILABLE","errorMessage":null,
		"endpointServiceName":"com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f","interfaceEndpoints":["vpce-0d4f5d0d4f5d0d4f5"],
		"supportedRemoteRegions":["us-west-2"]}`
	azureService = `{"id":"z1","cloudProvider":"AZURE","regionName":"US_EAST_2","status":"WAITING_FOR_USER","privateEndpoints":["pe-1"],
		"privateLinkServiceName":"pls_1","privateLinkServiceResourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateLinkServices/pls_1"}`
	gcpService = `{"id":"g1","cloudProvider":"GCP","regionName":"CENTRAL_US","status":"FAILED","errorMessage":"No quota.","endpointGroupNames":["eg"],
		"portMappingEnabled":true,"serviceAttachmentNames":["projects/p/regions/us-central1/serviceAttachments/sa"]}`
)

func TestPrivateEndpointServicesAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		provider string
		status   int
		body     string
		want     []PrivateEndpointService
	}{
		"none": {"AWS", 200, `[]`, nil},
		"AWS": {"AWS", 200, `[` + awsService + `]`, []PrivateEndpointService{{
			ID: "a1", RegionName: "US_EAST_1", Status: "AVAILABLE",
			EndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0705499aa25eecd1f",
			InterfaceEndpoints:  []string{"vpce-0d4f5d0d4f5d0d4f5"}, SupportedRemoteRegions: []string{"us-west-2"},
		}}},
		"AZURE": {"azure", 200, `[` + azureService + `]`, []PrivateEndpointService{{
			ID: "z1", RegionName: "US_EAST_2", Status: "WAITING_FOR_USER", PrivateEndpoints: []string{"pe-1"},
			PrivateLinkServiceName:       "pls_1",
			PrivateLinkServiceResourceID: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateLinkServices/pls_1",
		}}},
		"GCP": {"GCP", 200, `[` + gcpService + `]`, []PrivateEndpointService{{
			ID: "g1", RegionName: "CENTRAL_US", Status: "FAILED", ErrorMessage: "No quota.", EndpointGroupNames: []string{"eg"},
			PortMappingEnabled: true, ServiceAttachmentNames: []string{"projects/p/regions/us-central1/serviceAttachments/sa"},
		}}},
		"being created, without its provider": {"aws", 200, "\n [ {\"id\":\"a\",\"regionName\":\"US_EAST_1\",\"status\":\"INITIATING\",\"endpointServiceName\":null,\"interfaceEndpoints\":[]} ]",
			[]PrivateEndpointService{{ID: "a", RegionName: "US_EAST_1", Status: "INITIATING", InterfaceEndpoints: []string{}}}},
		"null and unknown members, a state nobody knows": {"GCP", 200,
			`[{"id":"a","cloudProvider":null,"regionName":null,"status":"RESTING","errorMessage":null,"endpointGroupNames":null,"portMappingEnabled":null,"future":{"a":[1]}}]`,
			[]PrivateEndpointService{{ID: "a", Status: "RESTING"}}},
		"without status, in other letters": {"AWS", 200, `[{"id":"a","cloudProvider":"Aws"}]`, []PrivateEndpointService{{ID: "a"}}},
		"another success status":           {"AWS", 203, `[{"id":"a"}]`, []PrivateEndpointService{{ID: "a"}}},
		"in an envelope":                   {"AWS", 200, `{"links":[],"results":[{"id":"a"},{"id":"b"}],"totalCount":2}`, []PrivateEndpointService{{ID: "a"}, {ID: "b"}}},
		"in an envelope without a count":   {"AWS", 200, `{"results":[{"id":"a"}]}`, []PrivateEndpointService{{ID: "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(tc.status, tc.body))
			got, err := collect(f.client(t).ListPrivateEndpointServices(t.Context(), project, tc.provider))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tc.want))
			g.Expect(f.seen()).To(HaveLen(1))
			g.Expect(f.seen()[0].URI).To(Equal(group + "/privateEndpoint/" + strings.ToUpper(tc.provider) + "/endpointService"))
		})
	}
}

// A list without pages is complete, regardless of its length.
func TestPrivateEndpointServicesAreNotPaged(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, servicesPage(0, PageSize+1)))
	got, err := collect(f.client(t).ListPrivateEndpointServices(t.Context(), project, "AWS"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(HaveLen(PageSize + 1))
	g.Expect(f.seen()).To(HaveLen(1))
}

func servicesPage(from, to int) string {
	var items []string
	for i := from; i < to; i++ {
		items = append(items, fmt.Sprintf(`{"id":"%d"}`, i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func TestUnusablePrivateEndpointServices(t *testing.T) {
	for name, tc := range map[string]struct {
		body, class string
		whole       bool // only without pages
	}{
		"null":                    {`null`, "unexpected JSON", false},
		"an object":               {`{}`, "unexpected JSON", false},
		"an envelope of null":     {`{"results":null}`, "unexpected JSON", false},
		"a page of a longer list": {`{"results":[{"id":"a"}],"totalCount":2}`, "unexpected JSON", true},
		"one without id":          {`[{"id":"a"},{"status":"AVAILABLE"}]`, "unexpected JSON", false},
		"one that is null":        {`[null]`, "unexpected JSON", false},
		"one that is a name":      {`["a"]`, "unexpected JSON", false},
		"cut":                     {`[{"id":"a"},`, "not JSON", false},
		"a page for people":       {`<html>`, "not JSON", false},
		"nothing":                 {``, "not JSON", false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, tc.body))
			got, err := collect(f.client(t).ListPrivateEndpointServices(t.Context(), project, "AWS"))
			g.Expect(Class(err)).To(Equal(tc.class))
			g.Expect(got).To(BeEmpty())
			if tc.whole {
				return
			}
			got, err = collect(f.client(t).ListPrivateEndpointsV1(t.Context(), project))
			g.Expect(Class(err)).To(Equal(tc.class))
			g.Expect(got).To(BeEmpty())
		})
	}
}

func TestPrivateEndpointServicesNeedAProvider(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `[]`))
	_, err := collect(f.client(t).ListPrivateEndpointServices(t.Context(), project, ""))
	g.Expect(err).To(MatchError(ContainSubstring("cannot be a cloud provider")))
	g.Expect(f.seen()).To(BeEmpty())
}

func TestPrivateEndpointsV1Answer(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `[
		{"id":"a","endpointServiceName":null,"errorMessage":null,"interfaceEndpoints":[],"status":"INITIATING"},
		{"id":"b","endpointServiceName":"com.amazonaws.vpce.us-east-1.vpce-svc-1","errorMessage":null,"interfaceEndpoints":["vpce-1"],"status":"WAITING_FOR_USER"},
		{"id":"c","endpointServiceName":null,"errorMessage":"No room.","interfaceEndpoints":null,"status":"FAILED","regionName":"US_EAST_1"}]`))
	got, err := collect(f.client(t).ListPrivateEndpointsV1(t.Context(), project))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(Equal([]PrivateEndpointService{
		{ID: "a", Status: "INITIATING", InterfaceEndpoints: []string{}},
		{ID: "b", Status: "WAITING_FOR_USER", EndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-1", InterfaceEndpoints: []string{"vpce-1"}},
		{ID: "c", Status: "FAILED", ErrorMessage: "No room.", RegionName: "US_EAST_1"},
	}))
}

func TestPrivateEndpointsV1ArePaged(t *testing.T) {
	for n, pages := range map[int]int{0: 1, 499: 1, 500: 2, 1003: 3} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
				answer(w, 200, servicesPage(min((number-1)*PageSize, n), min(number*PageSize, n)))
			})
			got, err := collect(f.client(t).ListPrivateEndpointsV1(t.Context(), project))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(HaveLen(n))
			readings := min(pages, 2) // an array has no count that tells whether it changed between its pages
			g.Expect(f.seen()).To(HaveLen(readings * pages))
			g.Expect(f.seen()[pages-1].URI).To(HaveSuffix(fmt.Sprintf("?itemsPerPage=500&pageNum=%d", pages)))
		})
	}
}

func TestPrivateEndpointsV1WithDigest(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	s.reply = `[{"id":"a"}]`
	got, err := collect(s.client(t, apiKey).ListPrivateEndpointsV1(t.Context(), project))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(HaveLen(1))
}

// These predicates trigger the fallback to version 1.0.
func TestMissingPrivateEndpointServices(t *testing.T) {
	for status, predicate := range map[int]func(error) bool{404: IsNotFound, 410: IsGone} {
		g := NewWithT(t)
		f := serve(t, always(status, refusal(status, "RESOURCE_NOT_FOUND", "no such resource")))
		_, err := collect(f.client(t).ListPrivateEndpointServices(t.Context(), project, "AWS"))
		g.Expect(predicate(err)).To(BeTrue())
		g.Expect(IsUnavailable(err)).To(BeFalse())
	}
}
