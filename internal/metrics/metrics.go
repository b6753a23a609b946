// Package metrics exports the state of the operator and its resources to Prometheus.
//
// Events are counted as they happen: Metrics is the hook of the Atlas clients and the recorder of the controllers.
// State is read at scrape time: the series of resources come from the manager's cache, so that none outlives its
// resource. No label contains a credential or a value derived from one.
package metrics

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// prefix of all names.
const prefix = "atlas_streams"

// Metrics holds all metrics of the operator. It is safe for concurrent use.
type Metrics struct {
	clock clock.PassiveClock
	kinds []*lifecycle.Kind

	requests, limited                 *prometheus.CounterVec
	durations, waits                  *prometheus.HistogramVec
	capacity                          *prometheus.GaugeVec
	remaining                         minimum
	writes, driftFound, driftRepaired *prometheus.CounterVec
	timeToReady                       *prometheus.HistogramVec
}

// New returns unregistered metrics of the kinds, which are exported in this order.
func New(c clock.PassiveClock, kinds []*lifecycle.Kind) *Metrics {
	m := &Metrics{
		clock: c, kinds: kinds,
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
		capacity: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: prefix, Name: "atlas_rate_limit_capacity", Help: "Requests that Atlas allows at once, as the answer said that came last.",
		}, []string{"endpoint_set"}),
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
	// The series that are known in advance start at zero, so that their first increment shows as a rate.
	for _, set := range []string{"streams", "privateEndpoints", "tokens"} { // as in atlas.CallInfo
		m.limited.WithLabelValues(set)
	}
	for _, kind := range kinds {
		if kind.ReadOnly {
			continue
		}
		m.driftFound.WithLabelValues(kind.Name)
		m.driftRepaired.WithLabelValues(kind.Name)
		for _, operation := range []string{"create", "update", "delete"} {
			for _, outcome := range []string{outcomeTaken, outcomeRefused, outcomeUnknown} {
				m.writes.WithLabelValues(kind.Name, operation, outcome)
			}
		}
	}
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: prefix, Name: name, Help: help}, labels)
}

func histogram(name, help, label string, buckets ...float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: prefix, Name: name, Help: help, Buckets: buckets}, []string{label})
}

// Register registers all metrics. Some are read at scrape time: the statistics of the lists of Atlas, and once leading is
// closed the resources of each kind, from a cache and without copies. Before that another process exports them.
func (m *Metrics) Register(
	registry prometheus.Registerer, leading <-chan struct{},
	lists func() []inventory.ListStats, resources func(*lifecycle.Kind) ([]lifecycle.Managed, error),
) error {
	state := collector(func(out chan<- prometheus.Metric) {
		m.remaining.scrape(m.clock.Now(), out)
		scrapeLists(lists(), out)
		m.scrapeResources(leading, resources, out)
	})
	for _, collector := range []prometheus.Collector{
		m.requests, m.durations, m.limited, m.waits, m.capacity, m.writes, m.driftFound, m.driftRepaired, m.timeToReady, state,
	} {
		if err := registry.Register(collector); err != nil {
			return fmt.Errorf("register a metric: %w", err)
		}
	}
	return nil
}

// Observe records one exchange. Use it as the hook of atlas.Options.
func (m *Metrics) Observe(call atlas.CallInfo) {
	code := "none"
	if call.StatusCode != 0 {
		code = strconv.Itoa(call.StatusCode)
	}
	m.requests.WithLabelValues(call.Operation, code).Inc()
	m.durations.WithLabelValues(call.Operation).Observe(call.Duration.Seconds())
	m.waits.WithLabelValues(call.EndpointSet).Observe(call.Waited.Seconds())
	if call.StatusCode == http.StatusTooManyRequests {
		m.limited.WithLabelValues(call.EndpointSet).Inc()
	}
	if call.RateLimitLimit >= 0 && call.RateLimitRemaining >= 0 { // -1 means absent
		m.capacity.WithLabelValues(call.EndpointSet).Set(float64(call.RateLimitLimit))
		m.remaining.record(m.clock.Now(), call.EndpointSet, call.RateLimitRemaining)
	}
}

const (
	outcomeTaken   = "taken"
	outcomeRefused = "refused"
	outcomeUnknown = "unknown"
)

// Wrote counts a write to Atlas. The operation is "create", "update" or "delete"; failure is nil on success.
func (m *Metrics) Wrote(kind, operation string, failure error) {
	outcome := outcomeTaken
	if atlas.IsOutcomeUnknown(failure) {
		outcome = outcomeUnknown
	} else if failure != nil {
		outcome = outcomeRefused
	}
	m.writes.WithLabelValues(kind, operation, outcome).Inc()
}

// BecameReady records how long a resource was not Ready.
func (m *Metrics) BecameReady(kind string, after time.Duration) {
	m.timeToReady.WithLabelValues(kind).Observe(after.Seconds())
}

// DriftFound counts a difference between Atlas and a spec.
func (m *Metrics) DriftFound(kind string) { m.driftFound.WithLabelValues(kind).Inc() }

// DriftRepaired counts a difference that a write removed.
func (m *Metrics) DriftRepaired(kind string) { m.driftRepaired.WithLabelValues(kind).Inc() }
