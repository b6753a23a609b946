// Package metrics exports the state of the operator and its resources to Prometheus.
//
// Events are counted as they happen: Metrics is the hook of the Atlas clients and the recorder of the controllers.
// State is read at scrape time: the series of resources come from the manager's cache, so that none outlives its
// resource. No label contains a credential or a value derived from one.
package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/inventory"
)

// prefix of all names.
const prefix = "atlas_streams"

// Metrics holds all metrics of the operator. It is safe for concurrent use.
type Metrics struct {
	clock clock.PassiveClock

	requests, limited                 *prometheus.CounterVec
	durations, waits                  *prometheus.HistogramVec
	rates                             *rates
	writes, driftFound, driftRepaired *prometheus.CounterVec
	timeToReady                       *prometheus.HistogramVec
}

// New returns unregistered metrics. WritingKinds are the names of the kinds that write to Atlas.
func New(c clock.PassiveClock, writingKinds ...string) *Metrics {
	m := &Metrics{
		clock: c, rates: newRates(c),
		requests: counter("atlas_requests_total",
			"HTTP requests to Atlas by operation and status code; `none` when no answer came. A list makes one per page.", "operation", "code"),
		durations: histogram("atlas_request_duration_seconds",
			"How long a request to Atlas took, without what the rate limit made it wait before.", "operation",
			0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
		limited: counter("atlas_rate_limited_total",
			"Requests that Atlas refused because there were too many (429), by the set of endpoints that it limits as one.", "endpoint_set"),
		waits: histogram("atlas_rate_limit_wait_seconds",
			"How long a request was held back to stay within Atlas's rate limit.", "endpoint_set",
			0.01, 0.1, 0.5, 1, 5, 15, 60, 300),
		writes: counter("atlas_writes_total",
			"Requests to Atlas to `create`, `update` or `delete` an object. The outcome is `taken`, `refused`, or `unknown` when Atlas did not say.",
			"kind", "operation", "outcome"),
		driftFound: counter("drift_found_total",
			"Times that Atlas turned out to hold something else than the spec, or no longer the object.", "kind"),
		driftRepaired: counter("drift_repaired_total",
			"Times that such a difference was gone after a write to Atlas.", "kind"),
		timeToReady: histogram("time_to_ready_seconds",
			"How long a resource that became Ready had not been it: since it was first seen, or since Ready was last True.", "kind",
			1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 2400, 3600, 7200),
	}
	m.startAtZero(writingKinds)
	return m
}

// startAtZero creates the series that are known in advance, so that their first increment shows as a rate.
func (m *Metrics) startAtZero(writingKinds []string) {
	for _, set := range []string{"streams", "privateEndpoints", "tokens"} { // as in atlas.CallInfo
		m.limited.WithLabelValues(set)
	}
	for _, kind := range writingKinds {
		m.driftFound.WithLabelValues(kind)
		m.driftRepaired.WithLabelValues(kind)
		for _, operation := range []string{"create", "update", "delete"} {
			for _, outcome := range []string{outcomeTaken, outcomeRefused, outcomeUnknown} {
				m.writes.WithLabelValues(kind, operation, outcome)
			}
		}
	}
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: prefix, Name: name, Help: help}, labels)
}

func histogram(name, help, label string, buckets ...float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: prefix, Name: name, Help: help, Buckets: buckets}, []string{label})
}

// Sources are read at scrape time.
type Sources struct {
	// Leading is closed when this process becomes the leader. Before, it exports no series of resources, because the
	// leader does.
	Leading <-chan struct{}
	// Lists returns the statistics of the lists of Atlas.
	Lists func() []inventory.ListStats
	// Kinds are exported in this order.
	Kinds []Kind
}

// Kind is a kind of resource.
type Kind struct {
	Name string
	// List lists its resources from a cache, without copies: every scrape lists them all.
	List func(ctx context.Context) ([]v1alpha1.Managed, error)
	// CertificateExpiries returns when the certificates of a resource expire, by spec field. Nil if it has none.
	CertificateExpiries func(name types.NamespacedName, now time.Time) map[string]time.Time
}

// Register registers all metrics. The context bounds reads at scrape time and should live as long as the process.
func (m *Metrics) Register(ctx context.Context, registry prometheus.Registerer, sources Sources) error {
	for _, collector := range []prometheus.Collector{
		m.requests, m.durations, m.limited, m.waits, m.rates, m.writes, m.driftFound, m.driftRepaired, m.timeToReady,
		newLeader(sources.Leading), newLists(sources.Lists), newResources(ctx, m.clock, sources),
	} {
		if err := registry.Register(collector); err != nil {
			return fmt.Errorf("register a metric: %w", err)
		}
	}
	return nil
}

// describe returns the description of a metric whose value is computed at scrape time.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+"_"+name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func newLeader(leading <-chan struct{}) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: prefix, Name: "leader", Help: "1 while this process works, 0 while it waits to be the leader.",
	}, func() float64 {
		if isLeading(leading) {
			return 1
		}
		return 0
	})
}

func isLeading(leading <-chan struct{}) bool {
	select {
	case <-leading:
		return true
	default:
		return false
	}
}
