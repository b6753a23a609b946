// Package metrics exports the state of the operator and its resources to Prometheus.
//
// Events are counted as they happen: Metrics is the hook of the Atlas clients and the recorder of the controllers.
// State is read at scrape time: the series of resources come from the manager's cache, so that none outlives its
// resource. No label contains a credential or a value derived from one.
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

// prefix of all names.
const prefix = "atlas_streams"

// Metrics holds all metrics of the operator. It is safe for concurrent use.
type Metrics struct {
	clock   clock.PassiveClock
	calls   *calls
	changes *changes
}

// New returns unregistered metrics. WritingKinds are the names of the kinds that write to Atlas.
func New(c clock.PassiveClock, writingKinds ...string) *Metrics {
	return &Metrics{clock: c, calls: newCalls(c), changes: newChanges(writingKinds)}
}

// Sources are read at scrape time.
type Sources struct {
	// Leading is closed when this process becomes the leader. Before, it exports no series of resources, because the
	// leader does.
	Leading <-chan struct{}
	// Lists returns the statistics of the lists of Atlas.
	Lists func() []inventory.ListStats
	// Kinds are exported in this order.
	Kinds []Kind
}

// Kind is a kind of resource.
type Kind struct {
	Name string
	// List lists its resources from a cache, without copies: every scrape lists them all.
	List func(ctx context.Context) ([]v1alpha1.Managed, error)
	// CertificateExpiries returns when the certificates of a resource expire, by spec field. Nil if it has none.
	CertificateExpiries func(name types.NamespacedName, now time.Time) map[string]time.Time
}

// Register registers all metrics. The context bounds reads at scrape time and should live as long as the process.
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

// describe returns the description of a metric whose value is computed at scrape time.
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
