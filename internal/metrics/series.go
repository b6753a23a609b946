package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// series is a gauge that shares its labels, and possibly its value, with others. Ten thousand resources have forty
// thousand series, created anew at every scrape. With separate labels, a scrape would use as much memory as the
// resources themselves.
type series struct {
	description *prometheus.Desc
	value       *dto.Gauge
	labels      []*dto.LabelPair // sorted by name
}

// always is the value of series that carry information only in their labels.
var always = newValue(1)

func newValue(value float64) *dto.Gauge { return &dto.Gauge{Value: &value} }

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
