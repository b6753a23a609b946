package main

import (
	"testing"

	. "github.com/onsi/gomega"
)

const apiServerMetrics = `# HELP apiserver_request_total [STABLE] Counter of apiserver requests.
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamconnections",scope="resource",subresource="status",verb="PATCH",version="v1alpha1"} 1.2e+01
apiserver_request_total{code="409",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamconnections",scope="resource",subresource="status",verb="PATCH",version="v1alpha1"} 1
apiserver_request_total{code="200",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamprivatelinks",scope="resource",subresource="",verb="PATCH",version="v1alpha1"} 3
apiserver_request_total{code="201",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamprivatelinks",scope="resource",subresource="",verb="POST",version="v1alpha1"} 3
apiserver_request_total{code="200",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamprivatelinks",scope="resource",subresource="",verb="PUT",version="v1alpha1"} 1
apiserver_request_total{code="0",component="apiserver",dry_run="",group="atlasstreams.io",resource="streamprivatelinks",scope="cluster",subresource="",verb="WATCH",version="v1alpha1"} 2
apiserver_request_total{code="201",component="apiserver",dry_run="",group="events.k8s.io",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 4
apiserver_request_total{code="201",component="apiserver",dry_run="",group="",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 1
apiserver_request_total{code="200",component="apiserver",dry_run="",group="coordination.k8s.io",resource="leases",scope="resource",subresource="",verb="PUT",version="v1"} 99
apiserver_request_total{code="201",component="apiserver",dry_run="",group="authorization.k8s.io",resource="subjectaccessreviews",scope="resource",subresource="",verb="POST",version="v1"} 5
# TYPE apiserver_request_total_of_something_else counter
apiserver_request_total_of_something_else{verb="PATCH"} 1000
# TYPE apiserver_request_duration_seconds histogram
apiserver_request_duration_seconds_bucket{le="+Inf"} 7
`

func TestParseMetric(t *testing.T) {
	g := NewWithT(t)
	samples, err := parseMetric([]byte("# TYPE a counter\na{x=\"1\",y=\"b c\"} 2\na{x=\"2\"} 3.5\nab{x=\"1\"} 7\n"), "a")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(samples).To(ConsistOf(
		sample{map[string]string{"x": "1", "y": "b c"}, 2}, sample{map[string]string{"x": "2"}, 3.5}))
	samples, err = parseMetric([]byte("b 1\n"), "a")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(samples).To(BeEmpty())
	_, err = parseMetric([]byte("a{x=} 1\n"), "a")
	g.Expect(err).To(MatchError(ContainSubstring("read the metric a")))
	g.Expect(sumMetric([]byte("a{x=\"1\"} 2\na 3\n"), "a")).To(Equal(5.0))
}

func TestAPICalls(t *testing.T) {
	g := NewWithT(t)
	calls, err := parseAPICalls([]byte(apiServerMetrics))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(calls.count(apiCall.isStatus)).To(Equal(13), "refused ones too")
	g.Expect(calls.count(apiCall.isFinalizer)).To(Equal(3))
	g.Expect(calls.count(apiCall.isEvent)).To(Equal(4))
	g.Expect(calls.count(apiCall.isManagers)).To(Equal(20), "neither our own, nor Leases, nor questions, nor what the election tells")
	g.Expect(calls.describe()).To(Equal(
		"13 PATCH streamconnections/status, 4 POST events.events.k8s.io, 3 PATCH streamprivatelinks"))
}

func TestAPICallsSince(t *testing.T) {
	g := NewWithT(t)
	patch, event := apiCall{verb: "PATCH", resource: "x"}, apiCall{verb: "POST", resource: "y"}
	g.Expect(apiCalls{patch: 5, event: 2}.since(apiCalls{patch: 3, event: 2})).To(Equal(apiCalls{patch: 2}))
	g.Expect(apiCalls{patch: 5}.since(nil)).To(Equal(apiCalls{patch: 5}))
}

func TestActivity(t *testing.T) {
	g := NewWithT(t)
	g.Expect(parseActivity([]byte(`controller_runtime_reconcile_total{controller="a",result="success"} 10
controller_runtime_reconcile_total{controller="a",result="requeue_after"} 2
controller_runtime_reconcile_total{controller="b",result="error"} 1
workqueue_depth{controller="a",name="a",priority="0"} 3
workqueue_depth{controller="b",name="b",priority="-100"} 1
controller_runtime_active_workers{controller="a"} 2
controller_runtime_max_concurrent_reconciles{controller="a"} 10
`))).To(Equal(activity{reconciles: 13, busy: 6}))
}
