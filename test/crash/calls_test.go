package crash_test

import (
	"net/http"
	"path"
	"strings"
)

// call is what a request asks for, in the words of the points' names.
type call struct {
	name string
	// write: it changes something that matters. Between two writes all calls of one name are alike: what the manager
	// would lose is the same.
	write bool
	// aside: it changes something, at a time of its own, that nothing else depends on.
	aside bool
}

// pattern describes calls by method and path, as path.Match understands it.
type pattern struct {
	method, path string
	call         call
}

const streams = "/api/atlas/v2/groups/*/streams/"

// atlasCalls are all calls to Atlas that the manager makes for links and connections. The first that fits counts.
var atlasCalls = []pattern{
	{http.MethodPost, "/api/oauth/token", call{name: "POST token"}},
	{http.MethodPost, "/api/oauth/revoke", call{name: "POST revoke"}},
	{http.MethodGet, streams + "accountDetails", call{name: "GET account details"}},
	{http.MethodGet, streams + "privateLinkConnections", call{name: "GET links"}},
	{http.MethodPost, streams + "privateLinkConnections", call{name: "POST link", write: true}},
	{http.MethodGet, streams + "privateLinkConnections/*", call{name: "GET link"}},
	{http.MethodPatch, streams + "privateLinkConnections/*", call{name: "PATCH link", write: true}},
	{http.MethodDelete, streams + "privateLinkConnections/*", call{name: "DELETE link", write: true}},
	{http.MethodGet, streams + "*/connections", call{name: "GET connections"}},
	{http.MethodPost, streams + "*/connections", call{name: "POST connection", write: true}},
	{http.MethodGet, streams + "*/connections/*", call{name: "GET connection"}},
	{http.MethodPatch, streams + "*/connections/*", call{name: "PATCH connection", write: true}},
	{http.MethodDelete, streams + "*/connections/*", call{name: "DELETE connection", write: true}},
	{http.MethodGet, streams + "*", call{name: "GET workspace"}},
}

const resources = "/apis/atlasstreams.io/v1alpha1/namespaces/*/"

// kubeCalls are the writes to the API server. Whatever else the manager writes shows under its method and path.
var kubeCalls = []pattern{
	{http.MethodPatch, resources + "streamprivatelinks/*", call{name: "PATCH link finalizer", write: true}},
	{http.MethodPatch, resources + "streamprivatelinks/*/status", call{name: "PATCH link status", write: true}},
	{http.MethodPatch, resources + "streamconnections/*", call{name: "PATCH connection finalizer", write: true}},
	{http.MethodPatch, resources + "streamconnections/*/status", call{name: "PATCH connection status", write: true}},
	{http.MethodPost, "/apis/events.k8s.io/v1/namespaces/*/events", call{name: "POST event", aside: true}},
	{http.MethodPatch, "/apis/events.k8s.io/v1/namespaces/*/events/*", call{name: "PATCH event", aside: true}},
}

// atlasCall names a call to Atlas.
func atlasCall(r *http.Request) (call, bool) {
	if found, ok := match(atlasCalls, r); ok {
		return found, true
	}
	return call{name: r.Method + " " + r.URL.Path, write: r.Method != http.MethodGet}, true
}

// kubeCall names a write to the API server. Reads and leases are not of interest.
func kubeCall(r *http.Request) (call, bool) {
	if r.Method == http.MethodGet || strings.Contains(r.URL.Path, "/leases") {
		return call{}, false
	}
	if found, ok := match(kubeCalls, r); ok {
		return found, true
	}
	return call{name: r.Method + " " + r.URL.Path, aside: true}, true
}

func match(patterns []pattern, r *http.Request) (call, bool) {
	for _, p := range patterns {
		if ok, _ := path.Match(p.path, r.URL.Path); ok && p.method == r.Method {
			return p.call, true
		}
	}
	return call{}, false
}
