package main

import (
	"bytes"
	"fmt"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// sample is one line of a metrics endpoint.
type sample struct {
	labels map[string]string
	value  float64
}

// parseMetric returns the samples of one counter or gauge. Other metrics are passed over unread: the API server has
// megabytes of them.
func parseMetric(text []byte, name string) ([]sample, error) {
	var lines bytes.Buffer
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte(name))
		if ok && len(rest) > 0 && (rest[0] == '{' || rest[0] == ' ') {
			lines.Write(line)
		}
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&lines)
	if err != nil {
		return nil, fmt.Errorf("read the metric %s: %w", name, err)
	}
	var samples []sample
	for _, metric := range families[name].GetMetric() {
		s := sample{labels: map[string]string{}, value: metric.GetUntyped().GetValue()}
		for _, label := range metric.GetLabel() {
			s.labels[label.GetName()] = label.GetValue()
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// sumMetric adds up all samples of a metric.
func sumMetric(text []byte, name string) (sum float64, err error) {
	samples, err := parseMetric(text, name)
	for _, s := range samples {
		sum += s.value
	}
	return sum, err
}
