package metrics_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
)

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// bench is metrics with all their sources.
type bench struct {
	*WithT
	clock    *clocktesting.FakeClock
	metrics  *metrics.Metrics
	registry *prometheus.Registry
	leading  chan struct{}
	lists    []inventory.ListStats
	// certificates may outlive the resource.
	certificates map[types.NamespacedName]map[string]time.Time
}

func newBench(t *testing.T, resources ...client.Object) *bench {
	t.Helper()
	b := &bench{WithT: NewWithT(t), clock: clocktesting.NewFakeClock(start), registry: prometheus.NewRegistry(), leading: make(chan struct{})}
	scheme := runtime.NewScheme()
	b.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	kinds := []*lifecycle.Kind{
		{Name: "StreamPrivateLink", NewList: func() client.ObjectList { return &v1alpha1.StreamPrivateLinkList{} }},
		{
			Name: "StreamConnection", NewList: func() client.ObjectList { return &v1alpha1.StreamConnectionList{} },
			CertificateExpiries: func(connection types.NamespacedName, _ time.Time) map[string]time.Time {
				return b.certificates[connection]
			},
		},
		{Name: "PrivateEndpointService", ReadOnly: true, NewList: func() client.ObjectList { return &v1alpha1.PrivateEndpointServiceList{} }},
	}
	b.metrics = metrics.New(b.clock, kinds)
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(resources...).Build()
	lists := func() []inventory.ListStats { return b.lists }
	b.Expect(b.metrics.Register(b.registry, b.leading, lists, func(kind *lifecycle.Kind) ([]lifecycle.Managed, error) {
		return lifecycle.List(t.Context(), reader, kind.NewList())
	})).To(Succeed())
	return b
}

// series are the samples of one metric as "label=value,...": value; for a histogram, its count.
func (b *bench) series(name string) map[string]float64 {
	found := map[string]float64{}
	families, err := b.registry.Gather()
	b.Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		if family.GetName() != "atlas_streams_"+name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			found[strings.Join(labels, ",")] = value
		}
	}
	return found
}

func link(name string, change func(*v1alpha1.StreamPrivateLink)) *v1alpha1.StreamPrivateLink {
	l := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, CreationTimestamp: metav1.NewTime(start),
	}}
	change(l)
	return l
}

func condition(kind string, status metav1.ConditionStatus, reason string, at time.Time) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, LastTransitionTime: metav1.NewTime(at)}
}

// everything creates a sample of every metric.
func everything(t *testing.T) *bench {
	t.Helper()
	at := start.Add(time.Minute)
	b := newBench(t,
		link("way", func(l *v1alpha1.StreamPrivateLink) {
			l.Status.State = "WORKING"
			l.Status.Conditions = []metav1.Condition{
				condition(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonWorking, at),
				condition(v1alpha1.ConditionCredentialsReady, metav1.ConditionTrue, v1alpha1.ReasonAccepted, at),
				condition(v1alpha1.ConditionSynced, metav1.ConditionTrue, v1alpha1.ReasonSynced, at),
			}
		}),
		link("leaving", func(l *v1alpha1.StreamPrivateLink) {
			l.DeletionTimestamp, l.Finalizers = new(metav1.NewTime(at)), []string{v1alpha1.Finalizer}
			l.Status.Conditions = []metav1.Condition{
				condition(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonInUse, at),
				condition(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInUse, at),
			}
		}),
		&v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "new", CreationTimestamp: metav1.NewTime(start)}},
	)
	close(b.leading)
	b.lists = []inventory.ListStats{{Kind: "connections", Kept: 3, Failing: 1, Oldest: start}, {Kind: "privateLinks"}}
	b.certificates = map[types.NamespacedName]map[string]time.Time{
		{Namespace: "shop", Name: "new"}: {"kafka.authentication.tlsSecretRef": at}, {Namespace: "shop", Name: "gone"}: {"x": at},
	}
	b.metrics.Observe(atlas.CallInfo{
		Operation: "ListConnections", StatusCode: 429, Duration: time.Second, EndpointSet: "streams", Waited: time.Second,
		RateLimitLimit: 100, RateLimitRemaining: 7,
	})
	b.metrics.BecameReady("StreamPrivateLink", time.Minute)
	return b
}

// The documented table and the exported metrics agree in names, types, labels and meaning.
func TestDocumentation(t *testing.T) {
	b := everything(t)
	families, err := b.registry.Gather()
	b.Expect(err).NotTo(HaveOccurred())
	var served []string
	for _, family := range families {
		labels := make([]string, 0, len(family.GetMetric()[0].GetLabel()))
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+label.GetName()+"`")
		}
		served = append(served, fmt.Sprintf("| `%s` | %s | %s | %s |",
			family.GetName(), strings.ToLower(family.GetType().String()), strings.Join(labels, " "), family.GetHelp()))
	}
	page, err := os.ReadFile("../../docs/metrics.md")
	b.Expect(err).NotTo(HaveOccurred())
	var documented []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `atlas_streams_") {
			documented = append(documented, strings.TrimSpace(line))
		}
	}
	b.Expect(documented).To(ConsistOf(served), "the tables of docs/metrics.md")
}

func TestResources(t *testing.T) {
	b := everything(t)
	b.Expect(b.series("resource_info")).To(Equal(map[string]float64{
		"kind=StreamPrivateLink,name=way,namespace=shop,ready=False,reason=Working,stalled=false,state=WORKING": 1,
		"kind=StreamPrivateLink,name=leaving,namespace=shop,ready=False,reason=InUse,stalled=true,state=":       1,
		"kind=StreamConnection,name=new,namespace=shop,ready=Unknown,reason=,stalled=false,state=":              1,
	}))
	later, created := float64(start.Add(time.Minute).Unix()), float64(start.Unix())
	b.Expect(b.series("resource_ready_transition_timestamp_seconds")).To(Equal(map[string]float64{
		"kind=StreamPrivateLink,name=way,namespace=shop":     later,
		"kind=StreamPrivateLink,name=leaving,namespace=shop": later,
		"kind=StreamConnection,name=new,namespace=shop":      created,
	}))
	b.Expect(b.series("resource_deletion_timestamp_seconds")).To(Equal(map[string]float64{
		"kind=StreamPrivateLink,name=leaving,namespace=shop,reason=InUse": later,
	}))
	b.Expect(b.series("resource_credentials_info")).To(Equal(map[string]float64{
		"kind=StreamPrivateLink,name=way,namespace=shop,reason=Accepted,status=True": 1,
	}))
	b.Expect(b.series("resource_certificate_expiry_timestamp_seconds")).To(Equal(map[string]float64{
		"field=kafka.authentication.tlsSecretRef,kind=StreamConnection,name=new,namespace=shop": later,
	}))
	b.Expect(b.series("resource_synced_info")).To(Equal(map[string]float64{
		"kind=StreamPrivateLink,name=way,namespace=shop,reason=Synced,status=True": 1,
	}))
}

// Every replica is scraped, and only one exports resources. Otherwise sums would double.
func TestOnlyTheLeaderShowsResources(t *testing.T) {
	b := newBench(t, link("way", func(*v1alpha1.StreamPrivateLink) {}))
	b.Expect(b.series("resource_info")).To(BeEmpty())
	b.Expect(b.series("leader")).To(HaveKeyWithValue("", 0.0))
	close(b.leading)
	b.Expect(b.series("resource_info")).To(HaveLen(1))
	b.Expect(b.series("leader")).To(HaveKeyWithValue("", 1.0))
}

func TestCalls(t *testing.T) {
	b := newBench(t)
	for _, status := range []int{200, 200, 404, 429, 0} {
		b.metrics.Observe(atlas.CallInfo{Operation: "GetPrivateLink", StatusCode: status, EndpointSet: "streams", RateLimitLimit: -1, RateLimitRemaining: -1})
	}
	b.Expect(b.series("atlas_requests_total")).To(Equal(map[string]float64{
		"code=200,operation=GetPrivateLink": 2, "code=404,operation=GetPrivateLink": 1,
		"code=429,operation=GetPrivateLink": 1, "code=none,operation=GetPrivateLink": 1,
	}))
	b.Expect(b.series("atlas_request_duration_seconds")).To(Equal(map[string]float64{"operation=GetPrivateLink": 5}))
	b.Expect(b.series("atlas_rate_limit_wait_seconds")).To(Equal(map[string]float64{"endpoint_set=streams": 5}))
	b.Expect(b.series("atlas_rate_limited_total")).To(Equal(map[string]float64{
		"endpoint_set=streams": 1, "endpoint_set=privateEndpoints": 0, "endpoint_set=tokens": 0,
	}))
	b.Expect(b.series("atlas_rate_limit_remaining")).To(BeEmpty(), "no answer spoke of it")
}

// The minimum of all credentials counts, and old values expire.
func TestRateLimitRemaining(t *testing.T) {
	b := newBench(t)
	record := func(remaining int) {
		b.metrics.Observe(atlas.CallInfo{Operation: "GetConnection", StatusCode: 200, EndpointSet: "streams", RateLimitLimit: 100, RateLimitRemaining: remaining})
	}
	remaining := func() map[string]float64 { return b.series("atlas_rate_limit_remaining") }
	record(5)
	record(80)
	b.Expect(remaining()).To(HaveKeyWithValue("endpoint_set=streams", 5.0))
	b.clock.Step(59 * time.Second)
	b.Expect(remaining()).To(HaveKeyWithValue("endpoint_set=streams", 5.0))
	record(60)
	b.clock.Step(time.Minute)
	record(70)
	b.Expect(remaining()).To(HaveKeyWithValue("endpoint_set=streams", 5.0), "two minutes ago less a second")
	b.clock.Step(time.Minute)
	b.Expect(remaining()).To(HaveKeyWithValue("endpoint_set=streams", 70.0))
	b.clock.Step(2 * time.Minute)
	b.Expect(remaining()).To(BeEmpty())
	b.Expect(b.series("atlas_rate_limit_capacity")).To(HaveKeyWithValue("endpoint_set=streams", 100.0))
}

func TestChanges(t *testing.T) {
	b := newBench(t)
	b.metrics.Wrote("StreamConnection", "create", nil)
	b.metrics.Wrote("StreamConnection", "create", nil)
	b.metrics.Wrote("StreamConnection", "update", &atlas.Error{StatusCode: 400, AtlasBody: true})
	b.metrics.Wrote("StreamConnection", "create", &atlas.Error{StatusCode: 503})
	b.Expect(b.series("atlas_writes_total")).To(And(
		HaveLen(2*3*3),
		HaveKeyWithValue("kind=StreamConnection,operation=create,outcome=taken", 2.0),
		HaveKeyWithValue("kind=StreamConnection,operation=update,outcome=refused", 1.0),
		HaveKeyWithValue("kind=StreamConnection,operation=create,outcome=unknown", 1.0),
		HaveKeyWithValue("kind=StreamPrivateLink,operation=delete,outcome=taken", 0.0),
	))
	b.metrics.DriftFound("StreamPrivateLink")
	b.metrics.DriftFound("StreamPrivateLink")
	b.metrics.DriftRepaired("StreamPrivateLink")
	b.Expect(b.series("drift_found_total")).To(HaveKeyWithValue("kind=StreamPrivateLink", 2.0))
	b.Expect(b.series("drift_repaired_total")).To(HaveKeyWithValue("kind=StreamPrivateLink", 1.0))
}

func TestLists(t *testing.T) {
	b := everything(t)
	b.Expect(b.series("lists")).To(Equal(map[string]float64{"list=connections": 3, "list=privateLinks": 0}))
	b.Expect(b.series("lists_failing")).To(Equal(map[string]float64{"list=connections": 1, "list=privateLinks": 0}))
	b.Expect(b.series("list_oldest_timestamp_seconds")).To(Equal(map[string]float64{"list=connections": float64(start.Unix())}))
}

func TestRegisteringTwiceFails(t *testing.T) {
	b := newBench(t)
	err := metrics.New(b.clock, nil).Register(b.registry, b.leading, nil, nil)
	var already prometheus.AlreadyRegisteredError
	b.Expect(errors.As(err, &already)).To(BeTrue(), "%v", err)
}
