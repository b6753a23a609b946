package metrics

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// endpointSets are the separately rate-limited sets, as named in atlas.CallInfo.
var endpointSets = []string{"streams", "privateEndpoints", "tokens"}

// calls counts the HTTP exchanges with Atlas.
type calls struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	limited   *prometheus.CounterVec
	waits     *prometheus.HistogramVec
	rates     *rates
}

func newCalls(c clock.PassiveClock) *calls {
	made := &calls{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: prefix, Name: "atlas_requests_total",
			Help: "HTTP requests to Atlas by operation and status code; `none` when no answer came. A list makes one per page.",
		}, []string{"operation", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: prefix, Name: "atlas_request_duration_seconds",
			Help:    "How long a request to Atlas took, without what the rate limit made it wait before.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: prefix, Name: "atlas_rate_limited_total",
			Help: "Requests that Atlas refused because there were too many (429), by the set of endpoints that it limits as one.",
		}, []string{"endpoint_set"}),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: prefix, Name: "atlas_rate_limit_wait_seconds",
			Help:    "How long a request was held back to stay within Atlas's rate limit.",
			Buckets: []float64{0.01, 0.1, 0.5, 1, 5, 15, 60, 300},
		}, []string{"endpoint_set"}),
		rates: newRates(c),
	}
	for _, set := range endpointSets {
		made.limited.WithLabelValues(set)
	}
	return made
}

func (c *calls) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.requests, c.durations, c.limited, c.waits, c.rates}
}

// Observe records one exchange. Use it as the hook of atlas.Options.
func (m *Metrics) Observe(call atlas.CallInfo) {
	c := m.calls
	c.requests.WithLabelValues(call.Operation, code(call.StatusCode)).Inc()
	c.durations.WithLabelValues(call.Operation).Observe(call.Duration.Seconds())
	c.waits.WithLabelValues(call.EndpointSet).Observe(call.Waited.Seconds())
	if call.StatusCode == http.StatusTooManyRequests {
		c.limited.WithLabelValues(call.EndpointSet).Inc()
	}
	c.rates.record(call.EndpointSet, call.RateLimitLimit, call.RateLimitRemaining)
}

func code(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status)
}
