package metrics

import (
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

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
