package metrics

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// Gauges that are computed at scrape time. Labels for projects and credentials would have too many values and are
// confidential.
var (
	leader    = describe("leader", "1 while this process works, 0 while it waits to be the leader.")
	remaining = describe("atlas_rate_limit_remaining",
		"The least number of requests that an answer of the last one to two minutes said to be left, over all credentials; absent when none said.", "endpoint_set")

	listsKept    = describe("lists", "Lists of Atlas that are kept, one for each project or workspace and credential.", "list")
	listsFailing = describe("lists_failing", "Lists whose last request failed; they are retried after a pause of at most a minute.", "list")
	oldestList   = describe("list_oldest_timestamp_seconds",
		"Unix time of the request of the oldest of the lists that are polled; absent when none is polled.", "list")

	info = ofResource("info", "Always 1, for each resource: whether it is Ready (`True`, `False`, `Unknown`) and why, the state that Atlas reports, and whether it is Stalled.",
		"ready", "reason", "state", "stalled")
	since = ofResource("ready_transition_timestamp_seconds",
		"Unix time at which Ready last changed between `True`, `False` and `Unknown`; when the resource was created where it never did.")
	credentials = ofResource("credentials_info", "Always 1, for each resource whose credentials were looked for: status and reason of CredentialsReady.",
		"status", "reason")
	synced  = ofResource("synced_info", "Always 1, for each resource that was compared with Atlas: status and reason of Synced.", "status", "reason")
	deleted = ofResource("deletion_timestamp_seconds",
		"Unix time at which the deletion of a resource that still exists was requested, and the reason that it waits for.", "reason")
	certificate = ofResource("certificate_expiry_timestamp_seconds",
		"Unix time at which the first certificate of that field of a StreamConnection's spec expires.", "field")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+"_"+name, help, labels, nil)
}

func ofResource(name, help string, labels ...string) *prometheus.Desc {
	return describe("resource_"+name, help, append([]string{"kind", "namespace", "name"}, labels...)...)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// collector sends what is computed at scrape time.
type collector func(chan<- prometheus.Metric)

// Describe implements prometheus.Collector. What is not described in advance is checked when it is collected.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) { c(out) }

// rateWindow is how long a reported rate limit counts: at least one window, at most two.
const rateWindow = time.Minute

// minimum is the least that any credential had left in any project, by endpoint set, so that no label for these is needed.
type minimum struct {
	mu     sync.Mutex
	window time.Time
	// shown counts from the window before this one, next from this one.
	shown, next map[string]int
}

func (m *minimum) record(now time.Time, set string, remaining int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	for _, least := range []map[string]int{m.shown, m.next} {
		if known, ok := least[set]; !ok || remaining < known {
			least[set] = remaining
		}
	}
}

func (m *minimum) scrape(now time.Time, out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	for set, least := range m.shown {
		out <- gauge(remaining, float64(least), set)
	}
}

// turn advances to the window of now. The first one is further away than two.
func (m *minimum) turn(now time.Time) {
	window := now.Truncate(rateWindow)
	for range min(window.Sub(m.window)/rateWindow, 2) {
		m.shown, m.next = m.next, map[string]int{}
	}
	m.window = window
}

func scrapeLists(lists []inventory.ListStats, out chan<- prometheus.Metric) {
	for _, list := range lists {
		out <- gauge(listsKept, float64(list.Kept), list.Kind)
		out <- gauge(listsFailing, float64(list.Failing), list.Kind)
		if !list.Oldest.IsZero() {
			out <- gauge(oldestList, unixSeconds(list.Oldest), list.Kind)
		}
	}
}

func (m *Metrics) scrapeResources(
	leading <-chan struct{}, read func(*lifecycle.Kind) ([]lifecycle.Managed, error), out chan<- prometheus.Metric,
) {
	select {
	case <-leading:
		out <- gauge(leader, 1)
	default:
		out <- gauge(leader, 0)
		return
	}
	labels := labels{}
	for _, kind := range m.kinds {
		resources, err := read(kind)
		if err != nil {
			ctrl.Log.WithName("metrics").Info("Could not read the resources for a scrape", "failure", err.Error())
			return
		}
		for _, resource := range resources {
			show(kind.Name, resource, labels, out)
			if kind.CertificateExpiries == nil {
				continue
			}
			for field, at := range kind.CertificateExpiries(client.ObjectKeyFromObject(resource), m.clock.Now()) {
				out <- gauge(certificate, unixSeconds(at), kind.Name, resource.GetNamespace(), resource.GetName(), field)
			}
		}
	}
}

// show sends the status of a resource.
func show(kind string, resource lifecycle.Managed, labels labels, out chan<- prometheus.Metric) {
	identity := []*dto.LabelPair{
		labels.of("kind", kind), newLabel("name", resource.GetName()), labels.of("namespace", resource.GetNamespace()),
	}
	// further labels follow the identity, sorted by name.
	send := func(d *prometheus.Desc, value *dto.Gauge, further ...*dto.LabelPair) {
		out <- &series{description: d, value: value, labels: slices.Concat(identity, further)}
	}
	status := resource.GetObservedStatus()
	ready := metav1.Condition{Status: metav1.ConditionUnknown, LastTransitionTime: resource.GetCreationTimestamp()}
	if found := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady); found != nil {
		ready = *found
	}
	send(info, always, labels.of("ready", string(ready.Status)), labels.of("reason", ready.Reason),
		labels.of("stalled", strconv.FormatBool(meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled))),
		labels.of("state", strings.ToValidUTF8(status.State, "?")))
	send(since, &dto.Gauge{Value: new(unixSeconds(ready.LastTransitionTime.Time))})
	sendCondition := func(d *prometheus.Desc, name string) {
		if found := meta.FindStatusCondition(status.Conditions, name); found != nil {
			send(d, always, labels.of("reason", found.Reason), labels.of("status", string(found.Status)))
		}
	}
	sendCondition(credentials, v1alpha1.ConditionCredentialsReady)
	sendCondition(synced, v1alpha1.ConditionSynced)
	if at := resource.GetDeletionTimestamp(); at != nil {
		out <- gauge(deleted, unixSeconds(at.Time), kind, resource.GetNamespace(), resource.GetName(), ready.Reason)
	}
}

// series is a gauge that shares its labels, and possibly its value, with others. Ten thousand resources have forty
// thousand series, created anew at every scrape. With separate labels, a scrape would use as much memory as the
// resources themselves.
type series struct {
	description *prometheus.Desc
	value       *dto.Gauge
	labels      []*dto.LabelPair // sorted by name
}

// always is the value of series that carry information only in their labels.
var always = &dto.Gauge{Value: new(1.0)}

// Desc implements prometheus.Metric.
func (s *series) Desc() *prometheus.Desc { return s.description }

// Write implements prometheus.Metric.
func (s *series) Write(out *dto.Metric) error {
	out.Label, out.Gauge = s.labels, s.value
	return nil
}

// labels caches one label per name and value.
type labels map[[2]string]*dto.LabelPair

func (l labels) of(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	if l[key] == nil {
		l[key] = newLabel(name, value)
	}
	return l[key]
}

func newLabel(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
