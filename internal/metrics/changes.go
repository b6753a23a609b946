package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/atlasstreams/operator/internal/atlas"
)

// changes counts writes, drift and the time until Ready.
type changes struct {
	writes                    *prometheus.CounterVec
	driftFound, driftRepaired *prometheus.CounterVec
	timeToReady               *prometheus.HistogramVec
}

// newChanges initializes the series of the kinds that write to Atlas to zero.
func newChanges(kinds []string) *changes {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: prefix, Name: name, Help: help}, labels)
	}
	c := &changes{
		writes: counter("atlas_writes_total",
			"Requests to Atlas to `create`, `update` or `delete` an object. The outcome is `taken`, `refused`, or `unknown` when Atlas did not say.",
			"kind", "operation", "outcome"),
		driftFound: counter("drift_found_total",
			"Times that Atlas turned out to hold something else than the spec, or no longer the object.", "kind"),
		driftRepaired: counter("drift_repaired_total",
			"Times that such a difference was gone after a write to Atlas.", "kind"),
		timeToReady: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: prefix, Name: "time_to_ready_seconds",
			Help:    "How long a resource that became Ready had not been it: since it was first seen, or since Ready was last True.",
			Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 2400, 3600, 7200},
		}, []string{"kind"}),
	}
	for _, kind := range kinds {
		c.driftFound.WithLabelValues(kind)
		c.driftRepaired.WithLabelValues(kind)
		for _, operation := range []string{"create", "update", "delete"} {
			for _, outcome := range []string{outcomeTaken, outcomeRefused, outcomeUnknown} {
				c.writes.WithLabelValues(kind, operation, outcome)
			}
		}
	}
	return c
}

func (c *changes) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.writes, c.driftFound, c.driftRepaired, c.timeToReady}
}

const (
	outcomeTaken   = "taken"
	outcomeRefused = "refused"
	outcomeUnknown = "unknown"
)

// Wrote counts a write to Atlas. The operation is "create", "update" or "delete"; failure is nil on success.
func (m *Metrics) Wrote(kind, operation string, failure error) {
	outcome := outcomeTaken
	switch {
	case failure == nil:
	case atlas.IsOutcomeUnknown(failure):
		outcome = outcomeUnknown
	default:
		outcome = outcomeRefused
	}
	m.changes.writes.WithLabelValues(kind, operation, outcome).Inc()
}

// BecameReady records how long a resource was not Ready.
func (m *Metrics) BecameReady(kind string, after time.Duration) {
	m.changes.timeToReady.WithLabelValues(kind).Observe(after.Seconds())
}

// DriftFound counts a difference between Atlas and a spec.
func (m *Metrics) DriftFound(kind string) { m.changes.driftFound.WithLabelValues(kind).Inc() }

// DriftRepaired counts a difference that a write removed.
func (m *Metrics) DriftRepaired(kind string) { m.changes.driftRepaired.WithLabelValues(kind).Inc() }
