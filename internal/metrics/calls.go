package metrics

import (
	"net/http"
	"strconv"

	"github.com/atlasstreams/operator/internal/atlas"
)

// endpointSets are the separately rate-limited sets, as named in atlas.CallInfo.
var endpointSets = []string{"streams", "privateEndpoints", "tokens"}

// Observe records one exchange. Use it as the hook of atlas.Options.
func (m *Metrics) Observe(call atlas.CallInfo) {
	m.requests.WithLabelValues(call.Operation, code(call.StatusCode)).Inc()
	m.durations.WithLabelValues(call.Operation).Observe(call.Duration.Seconds())
	m.waits.WithLabelValues(call.EndpointSet).Observe(call.Waited.Seconds())
	if call.StatusCode == http.StatusTooManyRequests {
		m.limited.WithLabelValues(call.EndpointSet).Inc()
	}
	m.rates.record(call.EndpointSet, call.RateLimitLimit, call.RateLimitRemaining)
}

func code(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status)
}
