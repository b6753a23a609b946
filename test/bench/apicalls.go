package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// apiCall is a kind of request to the API server, as it counts them itself.
type apiCall struct{ verb, group, resource, subresource string }

// apiCalls are how many requests there were of each kind, refused ones included.
type apiCalls map[apiCall]int

const requestMetric = "apiserver_request_total"

// parseAPICalls reads the metrics of an API server.
func parseAPICalls(text []byte) (apiCalls, error) {
	samples, err := parseMetric(text, requestMetric)
	if err != nil {
		return nil, err
	}
	calls := apiCalls{}
	for _, s := range samples {
		calls[apiCall{s.labels["verb"], s.labels["group"], s.labels["resource"], s.labels["subresource"]}] += int(s.value)
	}
	return calls, nil
}

// since returns the calls that came after earlier ones.
func (c apiCalls) since(earlier apiCalls) apiCalls {
	later := apiCalls{}
	for call, n := range c {
		if n > earlier[call] {
			later[call] = n - earlier[call]
		}
	}
	return later
}

// writeVerbs as the metric spells them. APPLY is a PATCH with field ownership.
var writeVerbs = []string{"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"}

// isWrite leaves out the Leases of leaders and of the API server itself, and questions that are asked by POST.
func (c apiCall) isWrite() bool {
	switch c.group {
	case "coordination.k8s.io", "authentication.k8s.io", "authorization.k8s.io":
		return false
	}
	return slices.Contains(writeVerbs, c.verb) && !c.isElection()
}

// isElection is the event of a leader that takes or leaves its Lease. The election alone tells its events by the old
// API, of the group without a name.
func (c apiCall) isElection() bool { return c.group == "" && c.resource == "events" }

// isOwn reports whether only the benchmark itself does this: it creates resources and replaces them, which the manager
// never does.
func (c apiCall) isOwn() bool {
	return c.group == v1alpha1.GroupVersion.Group && c.subresource == "" && (c.verb == "POST" || c.verb == "PUT" || c.verb == "DELETE")
}

// isStatus is a write of the status of one of our resources.
func (c apiCall) isStatus() bool {
	return c.isWrite() && c.group == v1alpha1.GroupVersion.Group && c.subresource == "status"
}

// isFinalizer is any other write of the manager to one of our resources, of which there is none but the finalizer.
func (c apiCall) isFinalizer() bool {
	return c.isWrite() && !c.isOwn() && c.group == v1alpha1.GroupVersion.Group && c.subresource == ""
}

func (c apiCall) isEvent() bool { return c.isWrite() && c.resource == "events" }

// isManagers is a write of the manager, of whatever kind.
func (c apiCall) isManagers() bool { return c.isWrite() && !c.isOwn() }

func (c apiCalls) count(is func(apiCall) bool) (n int) {
	for call, times := range c {
		if is(call) {
			n += times
		}
	}
	return n
}

// describe names the writes of the manager, the most frequent first.
func (c apiCalls) describe() string {
	calls := slices.DeleteFunc(slices.Collect(maps.Keys(c)), func(call apiCall) bool { return !call.isManagers() })
	slices.SortFunc(calls, func(a, b apiCall) int {
		if c[a] != c[b] {
			return c[b] - c[a]
		}
		return strings.Compare(a.String(), b.String())
	})
	parts := make([]string, len(calls))
	for i, call := range calls {
		parts[i] = fmt.Sprintf("%d %s", c[call], call)
	}
	return strings.Join(parts, ", ")
}

func (c apiCall) String() string {
	name := c.verb + " " + c.resource
	if c.group != v1alpha1.GroupVersion.Group && c.group != "" {
		name += "." + c.group
	}
	if c.subresource != "" {
		name += "/" + c.subresource
	}
	return name
}
