package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/atlasstreams/operator/internal/inventory"
)

// lists collects the lists of Atlas by kind of object. Labels for projects and credentials would have too many values
// and are confidential.
type lists struct {
	read                  func() []inventory.ListStats
	kept, failing, oldest *prometheus.Desc
}

func newLists(read func() []inventory.ListStats) *lists {
	return &lists{
		read: read,
		kept: describe("lists", "Lists of Atlas that are kept, one for each project or workspace and credential.", "list"),
		failing: describe("lists_failing",
			"Lists whose last request failed; they are retried after a pause of at most a minute.", "list"),
		oldest: describe("list_oldest_timestamp_seconds",
			"Unix time of the request of the oldest of the lists that are polled; absent when none is polled.", "list"),
	}
}

// Describe implements prometheus.Collector.
func (l *lists) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- l.kept
	descriptions <- l.failing
	descriptions <- l.oldest
}

// Collect implements prometheus.Collector.
func (l *lists) Collect(metrics chan<- prometheus.Metric) {
	for _, stats := range l.read() {
		metrics <- gauge(l.kept, float64(stats.Kept), stats.Kind)
		metrics <- gauge(l.failing, float64(stats.Failing), stats.Kind)
		if !stats.Oldest.IsZero() {
			metrics <- gauge(l.oldest, unixSeconds(stats.Oldest), stats.Kind)
		}
	}
}
