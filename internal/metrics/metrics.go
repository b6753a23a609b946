// Package metrics tells Prometheus how the operator and its resources are.
//
// What happens is counted where it happens: Metrics is the hook of the Atlas clients and the recorder of the
// controllers. How things are is read when somebody scrapes: the series of resources come from the manager's cache, so
// that none outlives its resource. No label ever holds a credential, or anything that was made from one.
package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/inventory"
)

// prefix of every name.
const prefix = "atlas_streams"

// Metrics are all metrics of the operator's own. It is safe for concurrent use.
type Metrics struct {
	clock   clock.PassiveClock
	calls   *calls
	changes *changes
}

// New returns metrics that are not registered yet. WritingKinds are the names of the kinds that write to Atlas.
func New(c clock.PassiveClock, writingKinds ...string) *Metrics {
	return &Metrics{clock: c, calls: newCalls(c), changes: newChanges(writingKinds)}
}

// Sources are what is looked at when somebody scrapes.
type Sources struct {
	// Leading is closed when this process begins to work. Before that it says nothing of resources: another process
	// does.
	Leading <-chan struct{}
	// Lists are the lists of Atlas that the process keeps.
	Lists func() []inventory.ListStats
	// Kinds are shown one after the other.
	Kinds []Kind
}

// Kind is a kind of resource.
type Kind struct {
	Name string
	// List lists its resources, for every scrape: from a cache, and without copies.
	List func(ctx context.Context) ([]v1alpha1.Managed, error)
	// CertificateExpiries are when the certificates of a resource expire, by the fields of its spec. Nil: it has none.
	CertificateExpiries func(name types.NamespacedName, now time.Time) map[string]time.Time
}

// Register offers all metrics for scraping. The context bounds what is read then, so it should be the process's.
func (m *Metrics) Register(ctx context.Context, registry prometheus.Registerer, sources Sources) error {
	collectors := m.calls.collectors()
	collectors = append(collectors, m.changes.collectors()...)
	collectors = append(collectors, newLeader(sources.Leading), newLists(sources.Lists), newResources(ctx, m.clock, sources))
	for _, collector := range collectors {
		if err := registry.Register(collector); err != nil {
			return fmt.Errorf("register a metric: %w", err)
		}
	}
	return nil
}

// describe makes the description of a metric whose value is found when it is scraped.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+"_"+name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func newLeader(leading <-chan struct{}) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: prefix, Name: "leader", Help: "1 while this process works, 0 while it waits to be the leader.",
	}, func() float64 {
		if isLeading(leading) {
			return 1
		}
		return 0
	})
}

func isLeading(leading <-chan struct{}) bool {
	select {
	case <-leading:
		return true
	default:
		return false
	}
}
