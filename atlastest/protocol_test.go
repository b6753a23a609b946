package atlastest_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestInvalidRequestsAreRejected(t *testing.T) {
	other := strings.ReplaceAll(links, atlastest.DefaultProjectID, "65f1c0de00000000000000ff")
	accept := func(v ...string) http.Header { return http.Header{"Accept": v} }
	tests := map[string]struct {
		method, path string
		body         any
		header       http.Header
		status       int
		code         string
	}{
		"unknown path":           {method: "GET", path: group + "/streams/x/processors", status: 404, code: "RESOURCE_NOT_FOUND"},
		"static resource":        {method: "GET", path: group + "/streams/vpcPeeringConnections", status: 404, code: "RESOURCE_NOT_FOUND"},
		"path traversal":         {method: "GET", path: group + "/streams/x/../privateLinkConnections", status: 404, code: "RESOURCE_NOT_FOUND"},
		"unknown method":         {method: "PUT", path: links, body: object{}, status: 405, code: "METHOD_NOT_ALLOWED"},
		"no version":             {method: "GET", path: links, header: accept("application/json"), status: 406, code: "INVALID_VERSION_DATE"},
		"anything":               {method: "GET", path: links, header: accept("*/*"), status: 406, code: "INVALID_VERSION_DATE"},
		"version before ours":    {method: "GET", path: links, header: accept("application/vnd.atlas.2023-01-01+json"), status: 406, code: "INVALID_VERSION_DATE"},
		"PATCH of a link, old":   {method: "PATCH", path: links + "/x", body: object{}, header: accept(media), status: 406, code: "INVALID_VERSION_DATE"},
		"one of several":         {method: "GET", path: links, header: accept("text/html, " + media + ";q=0.5"), status: 200},
		"form as a body":         {method: "POST", path: links, body: "a=b", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
		"plain JSON":             {method: "POST", path: links, body: pubSubLink, header: http.Header{"Content-Type": {"application/json"}}, status: 200},
		"half a body":            {method: "POST", path: links, body: `{"provider":`, status: 400, code: "MALFORMED_JSON"},
		"two bodies":             {method: "POST", path: links, body: `{}{}`, status: 400, code: "MALFORMED_JSON"},
		"a list":                 {method: "POST", path: links, body: `[]`, status: 400, code: "MALFORMED_JSON"},
		"too large a body":       {method: "POST", path: links, body: `{"provider":"` + strings.Repeat("x", 2000) + `"}`, status: 413, code: "REQUEST_TOO_LARGE"},
		"unknown parameter":      {method: "GET", path: links + "?page=1", status: 400, code: "INVALID_QUERY_PARAMETER"},
		"page zero":              {method: "GET", path: links + "?pageNum=0", status: 400, code: "VALIDATION_ERROR"},
		"page too large":         {method: "GET", path: links + "?itemsPerPage=501", status: 400, code: "VALIDATION_ERROR"},
		"page that is no number": {method: "GET", path: links + "?itemsPerPage=x", status: 400, code: "VALIDATION_ERROR"},
		"project id":             {method: "GET", path: "/api/atlas/v2/groups/x/streams/privateLinkConnections", status: 400, code: "INVALID_GROUP_ID"},
		"unknown project":        {method: "GET", path: other, status: 404, code: "GROUP_NOT_FOUND"},
		"unknown workspace":      {method: "GET", path: group + "/streams/x/connections", status: 404, code: "STREAM_TENANT_NOT_FOUND_FOR_NAME"},
		"unknown workspace, get": {method: "GET", path: group + "/streams/x", status: 404, code: "STREAM_TENANT_NOT_FOUND_FOR_NAME"},
		"unknown connection":     {method: "DELETE", path: connections + "/x", status: 404, code: "STREAM_CONNECTION_NOT_FOUND_FOR_NAME"},
		"unknown link":           {method: "DELETE", path: links + "/x", status: 404, code: "STREAM_PRIVATE_LINK_NOT_FOUND"},
		"account details, old":   {method: "GET", path: account + "?cloudProvider=aws&regionName=x", header: accept(media), status: 406, code: "INVALID_VERSION_DATE"},
		"POST account details":   {method: "POST", path: account, body: object{}, status: 405, code: "METHOD_NOT_ALLOWED"},
		"services, no version":   {method: "GET", path: services + "/AWS/endpointService", header: accept("application/json"), status: 406, code: "INVALID_VERSION_DATE"},
		"services, pages":        {method: "GET", path: services + "/AWS/endpointService?pageNum=1", status: 400, code: "INVALID_QUERY_PARAMETER"},
		"services of nobody":     {method: "GET", path: services + "/IBM/endpointService", status: 400, code: "PATH_PARAM_PARSE_ERROR"},
		"services, small":        {method: "GET", path: services + "/aws/endpointService", status: 400, code: "PATH_PARAM_PARSE_ERROR"},
		"service id":             {method: "GET", path: services + "/AWS/endpointService/x", status: 400, code: "PATH_PARAM_PARSE_ERROR"},
		"unknown service":        {method: "GET", path: services + "/AWS/endpointService/" + project, status: 404, code: "PRIVATE_ENDPOINT_SERVICE_NOT_FOUND"},
		"service creation":       {method: "POST", path: services + "/AWS/endpointService", body: object{}, status: 405, code: "METHOD_NOT_ALLOWED"},
	}
	_, c := newAPI(t, atlastest.WithBodyLimit(1000))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			mine := *c
			mine.header = tt.header
			res := mine.do(tt.method, tt.path, tt.body)
			g.Expect(res.status).To(Equal(tt.status), res.text)
			g.Expect(res.code()).To(Equal(tt.code))
			if tt.status >= 400 {
				g.Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
				g.Expect(res.body).To(And(
					HaveKeyWithValue("error", BeEquivalentTo(tt.status)), HaveKeyWithValue("reason", http.StatusText(tt.status)),
					HaveKeyWithValue("detail", Not(BeEmpty())), HaveKey("parameters"),
				))
			}
		})
	}
}

func TestAnonymousRequests(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	c := &api{t: t, base: s.URL, client: s.Client()}
	g.Expect(c.get(links).status).To(Equal(401))
	g.Expect(c.get(group+"/nothing").status).To(Equal(401), "who is not known learns nothing")
	g.Expect(c.get("/").status).To(Equal(404))
	g.Expect(c.get("/_simulator/state").status).To(Equal(404), "the administration has to be asked for")
}

func TestAnswerHeaders(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t)
	res := c.get(links)
	g.Expect(res.header.Get("Content-Type")).To(Equal(media+";charset=utf-8"), "the version that was served, not the one asked for")
	g.Expect(res.header.Get("X-Java-Method")).To(Equal("ApiStreamsResource::getPrivateLinkConnections"))
	g.Expect(res.header.Get("RateLimit-Limit")).To(Equal("1200"))
	g.Expect(res.header.Get("RateLimit-Remaining")).NotTo(BeEmpty())
	g.Expect(res.header.Get("X-Request-Id")).NotTo(BeEmpty())
	g.Expect(c.do("PUT", links, nil).header.Get("Allow")).To(Equal("GET, POST"))
}

func TestPaging(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	for i := range 7 {
		s.PutConnection(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, https(fmt.Sprint("h", i)))
	}
	var names []any
	for page := 1; page <= 4; page++ {
		res := c.get(fmt.Sprintf("%s?pageNum=%d&itemsPerPage=3", connections, page))
		g.Expect(res.body).To(HaveKeyWithValue("totalCount", BeEquivalentTo(7)))
		g.Expect(res.body["results"]).NotTo(BeNil())
		for _, r := range res.results() {
			names = append(names, r["name"])
		}
	}
	g.Expect(names).To(Equal([]any{"h0", "h1", "h2", "h3", "h4", "h5", "h6"}))
	g.Expect(c.get(connections + "?includeCount=false").body).NotTo(HaveKey("totalCount"))
	g.Expect(c.get(connections + "?pretty=true").text).To(ContainSubstring("\n  "))
	g.Expect(c.get(connections + "?envelope=true").body).To(And(HaveKeyWithValue("status", BeEquivalentTo(200)), HaveKey("results"), Not(HaveKey("content"))))
	g.Expect(c.get(connections + "/h0?envelope=true").body).To(And(HaveKeyWithValue("status", BeEquivalentTo(200)), HaveKey("content")))
}

func TestNamesAreUnescapedPerSegment(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	name := "a/b ?"
	s.PutConnection(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, https(name))
	g.Expect(c.get(connections + "/" + url.PathEscape(name)).body).To(HaveKeyWithValue("name", name))
}

func TestWorkspace(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t)
	c.post(connections, https("h"))
	path := group + "/streams/" + atlastest.DefaultWorkspace
	res := c.get(path)
	g.Expect(res.body).To(And(
		HaveKeyWithValue("name", atlastest.DefaultWorkspace), HaveKeyWithValue("groupId", atlastest.DefaultProjectID),
		HaveKey("_id"), HaveKey("hostnames"), HaveKey("dataProcessRegion"), Not(HaveKey("connections")),
	))
	g.Expect(c.get(path + "?includeConnections=true").body["connections"]).To(ConsistOf(HaveKeyWithValue("name", "h")))
}

func TestAutoCreate(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithAutoCreate())
	const project = "65f1c0de00000000000000aa"
	g.Expect(c.get("/api/atlas/v2/groups/" + project + "/streams/new/connections").status).To(Equal(200))
	g.Expect(s.Workspaces(project)).To(Equal([]string{"new"}))
	g.Expect(c.get("/api/atlas/v2/groups/nonsense/streams/new/connections").status).To(Equal(400))
}

func TestRemovedParents(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.post(connections, https("h"))
	s.RemoveWorkspace(atlastest.DefaultProjectID, atlastest.DefaultWorkspace)
	g.Expect(c.get(connections + "/h").code()).To(Equal("STREAM_TENANT_NOT_FOUND_FOR_NAME"))
	s.AddWorkspace(atlastest.DefaultProjectID, atlastest.DefaultWorkspace)
	g.Expect(c.get(connections + "/h").code()).To(Equal("STREAM_CONNECTION_NOT_FOUND_FOR_NAME"))
	s.RemoveProject(atlastest.DefaultProjectID)
	g.Expect(c.get(links).code()).To(Equal("GROUP_NOT_FOUND"))
}

func TestReadsLagBehindWrites(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithConsistency(atlastest.Consistency{
		GetLag: 10 * time.Second, ListLag: 20 * time.Second,
	}))...)
	path := links + "/" + c.link(pubSubLink)
	c.post(connections, https("h"))
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(c.get(connections + "/h").status).To(Equal(404))
	s.Advance(10 * time.Second)
	g.Expect(c.get(path).status).To(Equal(200))
	g.Expect(c.get(connections + "/h").status).To(Equal(200))
	g.Expect(c.get(links).results()).To(BeEmpty())
	g.Expect(c.get(connections).results()).To(BeEmpty())
	s.Advance(10 * time.Second)
	g.Expect(c.get(links).results()).To(HaveLen(1))
	g.Expect(c.get(connections).results()).To(HaveLen(1))

	s.DeletePrivateLinkNow(s.PrivateLinks(atlastest.DefaultProjectID)[0].ID)
	s.DeleteConnectionNow(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "h")
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(c.get(links).results()).To(ConsistOf(HaveKeyWithValue("state", "IDLE")), "the list still shows it")
	g.Expect(c.get(connections).results()).To(HaveLen(1))
	s.Advance(20 * time.Second)
	g.Expect(c.get(links).results()).To(BeEmpty())
	g.Expect(c.get(connections).results()).To(BeEmpty())
}

func TestTLSAndLifecycle(t *testing.T) {
	g := NewWithT(t)
	cert := httptest.NewTLSServer(http.NotFoundHandler())
	defer cert.Close()
	s, err := atlastest.Start(atlastest.WithTLS(&tls.Config{Certificates: cert.TLS.Certificates, MinVersion: tls.VersionTLS12}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.URL).To(HavePrefix("https://"))
	g.Expect((&api{t: t, base: s.URL, client: s.Client()}).get(links).status).To(Equal(401))

	_, err = atlastest.Start(atlastest.WithAddress(strings.TrimPrefix(s.URL, "https://")))
	g.Expect(err).To(MatchError(ContainSubstring("in use")))
	g.Expect(s.Shutdown(t.Context())).To(Succeed())
	s.Close()
	g.Expect(s.Done()).To(BeClosed())
	_, err = (&api{t: t, base: s.URL, client: s.Client()}).try("GET", links, nil)
	g.Expect(err).To(HaveOccurred())
}
