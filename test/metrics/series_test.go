package metrics_test

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// database holds what was scraped, as Prometheus would.
type database struct {
	series map[string]*promql.Series
	last   time.Time
}

// interval is how much later each scrape counts than the one before.
const interval = 30 * time.Second

func newDatabase() *database {
	return &database{series: map[string]*promql.Series{}, last: time.Now()}
}

// ingest takes in one scrape.
func (d *database) ingest(page []byte) error {
	d.last = d.last.Add(interval)
	parser := textparse.NewPromParser(page, labels.NewSymbolTable(), false)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var scraped labels.Labels
		parser.Labels(&scraped)
		target := labels.NewBuilder(scraped).Set("job", "operator").Set("instance", "manager")
		_, _, value := parser.Series()
		d.append(target.Labels(), value)
	}
}

func (d *database) append(of labels.Labels, value float64) {
	key := of.String()
	if d.series[key] == nil {
		d.series[key] = &promql.Series{Metric: of}
	}
	d.series[key].Floats = append(d.series[key].Floats, promql.FPoint{T: d.last.UnixMilli(), F: value})
}

// labelNames are the labels of the series of a metric; nil when there is none.
func (d *database) labelNames(metric string) []string {
	var names []string
	for _, series := range d.series {
		if series.Metric.Get(model.MetricNameLabel) == metric {
			series.Metric.Range(func(l labels.Label) { names = append(names, l.Name) })
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Querier is part of storage.Queryable.
func (d *database) Querier(_, _ int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: d.find}, nil
}

func (d *database) find(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	found := &seriesSet{}
	for _, series := range d.series {
		mismatch := func(m *labels.Matcher) bool { return !m.Matches(series.Metric.Get(m.Name)) }
		if !slices.ContainsFunc(matchers, mismatch) {
			found.rest = append(found.rest, series)
		}
	}
	slices.SortFunc(found.rest, func(a, b *promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	return found
}

// seriesSet is a storage.SeriesSet.
type seriesSet struct {
	current *promql.Series
	rest    []*promql.Series
}

func (s *seriesSet) Next() bool {
	if len(s.rest) == 0 {
		return false
	}
	s.current, s.rest = s.rest[0], s.rest[1:]
	return true
}

func (s *seriesSet) At() storage.Series                { return promql.NewStorageSeries(*s.current) }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }
