package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

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
	m.rates.record(call.EndpointSet, call.RateLimitLimit, call.RateLimitRemaining)
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
