package atlastest_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestAdminKeepsWebPagesOut(t *testing.T) {
	s := atlastest.NewServer(t, atlastest.WithAdmin(), atlastest.WithControlHosts("Simulator.test.svc"))
	const json = "application/json"
	tests := map[string]struct {
		method, host, contentType, header, value string
		status                                   int
	}{
		"a shell":                     {method: "POST", contentType: json, status: 200},
		"a shell, JSON with charset":  {method: "POST", contentType: json + "; charset=utf-8", status: 200},
		"curl -d":                     {method: "POST", contentType: "application/x-www-form-urlencoded", status: 415},
		"a plain form":                {method: "POST", contentType: "text/plain", status: 415},
		"no media type":               {method: "POST", status: 415},
		"another origin":              {method: "POST", contentType: json, header: "Origin", value: "https://evil.example", status: 403},
		"a sandboxed origin":          {method: "POST", contentType: json, header: "Origin", value: "null", status: 403},
		"its own origin":              {method: "POST", contentType: json, header: "Origin", value: s.URL, status: 403},
		"a cross-site read":           {method: "GET", header: "Sec-Fetch-Site", value: "cross-site", status: 403},
		"a same-site read":            {method: "GET", header: "Sec-Fetch-Site", value: "same-site", status: 403},
		"the address bar":             {method: "GET", header: "Sec-Fetch-Site", value: "none", status: 200},
		"a page of its own":           {method: "GET", header: "Sec-Fetch-Site", value: "same-origin", status: 200},
		"a name that leads here":      {method: "GET", host: "evil.example", status: 403},
		"one that begins like ours":   {method: "GET", host: "localhost.evil.example", status: 403},
		"a name with a port":          {method: "POST", host: "evil.example:8085", contentType: json, status: 403},
		"an address of somebody else": {method: "GET", host: "192.0.2.1", status: 403},
		"localhost":                   {method: "GET", host: "localhost:1234", status: 200},
		"port-forward":                {method: "POST", host: "127.0.0.1:9", contentType: json, status: 200},
		"IPv6":                        {method: "GET", host: "[::1]:8085", status: 200},
		"a Service":                   {method: "POST", host: "simulator.test.svc:8085", contentType: json, status: 200},
		"a Service, with a dot":       {method: "GET", host: "simulator.TEST.svc.", status: 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			path, body := "/_simulator/state", ""
			if tt.method == "POST" {
				path, body = "/_simulator/advance", `{"duration": "1s"}`
			}
			req, err := http.NewRequestWithContext(t.Context(), tt.method, s.URL+path, strings.NewReader(body))
			g.Expect(err).NotTo(HaveOccurred())
			req.Host = tt.host
			for header, value := range map[string]string{"Content-Type": tt.contentType, tt.header: tt.value} {
				if header != "" && value != "" {
					req.Header.Set(header, value)
				}
			}
			res, err := s.Client().Do(req)
			g.Expect(err).NotTo(HaveOccurred())
			defer res.Body.Close()
			g.Expect(res.StatusCode).To(Equal(tt.status))
			g.Expect(res.Header).NotTo(HaveKey("Access-Control-Allow-Origin"))
		})
	}
}

func TestAdminReadFaultsAndAdversary(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithAdmin())...)
	admin := adminAPI(t, s)
	path := links + "/" + c.link(pubSubLink)

	put := admin.post("/_simulator/readFaults", object{"projectId": project, "hideGets": true, "for": "1h"})
	g.Expect(put.status).To(Equal(200), put.text)
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(admin.get("/_simulator/readFaults").text).To(And(ContainSubstring(`"count": 1`), ContainSubstring(`"for": "1h0m0s"`)))
	g.Expect(admin.delete("/_simulator/readFaults/1").status).To(Equal(204))
	g.Expect(admin.delete("/_simulator/readFaults/1").status).To(Equal(404))
	g.Expect(admin.post("/_simulator/readFaults", object{"behind": "1m"}).status).To(Equal(200))
	g.Expect(c.get(path).status).To(Equal(200))
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(admin.delete("/_simulator/readFaults").status).To(Equal(204))
	for _, bad := range []object{{}, {"hideGets": true, "for": "soon"}, {"behind": "x"}, {"shift": "x"}, {"hide": true}} {
		g.Expect(admin.post("/_simulator/readFaults", bad).status).To(Equal(400))
	}

	g.Expect(admin.get("/_simulator/adversary").body).To(BeEmpty())
	g.Expect(admin.delete("/_simulator/adversary").status).To(Equal(204))
	started := admin.post("/_simulator/adversary", object{"rate": 1, "kinds": []string{"500"}, "for": "1h", "maxHole": "1ms", "maxDelay": "1ms"})
	g.Expect(started.body).To(HaveKeyWithValue("500", BeEquivalentTo(0)), started.text)
	g.Expect(c.get(path).status).To(Equal(500))
	g.Expect(admin.get("/_simulator/adversary").body).To(HaveKeyWithValue("500", BeEquivalentTo(1)))
	g.Expect(admin.post("/_simulator/adversary", object{"rate": 1, "kinds": []string{"429"}}).status).To(Equal(200))
	g.Expect(c.get(path).status).To(Equal(429), "there is one at a time")
	g.Expect(admin.delete("/_simulator/adversary").status).To(Equal(204))
	g.Expect(c.get(path).status).To(Equal(200))
	for _, bad := range []object{{"rate": 2}, {"kinds": []string{"x"}}, {"for": "x"}, {"maxHole": "x"}, {"maxDelay": "x"}} {
		g.Expect(admin.post("/_simulator/adversary", bad).status).To(Equal(400))
	}
	g.Expect(admin.get("/_simulator/ledger").body).To(HaveKeyWithValue("privateLinks", HaveKeyWithValue("created", BeEquivalentTo(1))))

	injected := admin.post("/_simulator/faults", object{"status": 502, "page": "nginx", "header": object{"X-Via": []string{"proxy"}}})
	g.Expect(injected.status).To(Equal(200), injected.text)
	g.Expect(c.get(path).header.Get("X-Via")).To(Equal("proxy"))
	g.Expect(admin.post("/_simulator/faults", object{"truncate": true, "cut": "x"}).status).To(Equal(400))
}
