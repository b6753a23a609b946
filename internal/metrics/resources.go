package metrics

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// readTimeout limits the read of the cache.
const readTimeout = 10 * time.Second

// resources collects the status of every resource at scrape time.
type resources struct {
	ctx     context.Context //nolint:containedctx // Collect has no context parameter
	clock   clock.PassiveClock
	leading <-chan struct{}
	kinds   []Kind

	info, since, credentials, synced, deleted, certificate *prometheus.Desc
}

func newResources(ctx context.Context, c clock.PassiveClock, sources Sources) *resources {
	of := func(name, help string, labels ...string) *prometheus.Desc {
		return describe("resource_"+name, help, append([]string{"kind", "namespace", "name"}, labels...)...)
	}
	return &resources{
		ctx: ctx, clock: c, leading: sources.Leading, kinds: sources.Kinds,
		info: of("info", "Always 1, for each resource: whether it is Ready (`True`, `False`, `Unknown`) and why, the state that Atlas reports, and whether it is Stalled.",
			"ready", "reason", "state", "stalled"),
		since: of("ready_transition_timestamp_seconds",
			"Unix time at which Ready last changed between `True`, `False` and `Unknown`; when the resource was created where it never did."),
		credentials: of("credentials_info", "Always 1, for each resource whose credentials were looked for: status and reason of CredentialsReady.",
			"status", "reason"),
		synced: of("synced_info", "Always 1, for each resource that was compared with Atlas: status and reason of Synced.", "status", "reason"),
		deleted: of("deletion_timestamp_seconds",
			"Unix time at which the deletion of a resource that still exists was requested, and the reason that it waits for.", "reason"),
		certificate: of("certificate_expiry_timestamp_seconds",
			"Unix time at which the first certificate of that field of a StreamConnection's spec expires.", "field"),
	}
}

// Describe implements prometheus.Collector.
func (r *resources) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{r.info, r.since, r.credentials, r.synced, r.deleted, r.certificate} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector.
func (r *resources) Collect(metrics chan<- prometheus.Metric) {
	if !isLeading(r.leading) {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, readTimeout)
	defer cancel()
	scrape := &scrape{resources: r, metrics: metrics, labels: labels{}}
	for _, kind := range r.kinds {
		found, err := kind.List(ctx)
		if err != nil {
			ctrl.Log.WithName("metrics").Info("Could not read the resources for a scrape", "failure", err.Error())
			return
		}
		for _, resource := range found {
			scrape.show(kind.Name, resource)
			if kind.CertificateExpiries != nil {
				scrape.showCertificates(kind, resource)
			}
		}
	}
}

// scrape is one collection of all resources.
type scrape struct {
	*resources
	metrics chan<- prometheus.Metric
	labels  labels
}

func (s *scrape) show(kind string, resource v1alpha1.Managed) {
	identity := []*dto.LabelPair{
		s.labels.of("kind", kind), newLabel("name", resource.GetName()), s.labels.of("namespace", resource.GetNamespace()),
	}
	// further labels follow the identity, sorted by name.
	send := func(d *prometheus.Desc, value *dto.Gauge, further ...*dto.LabelPair) {
		s.metrics <- &series{description: d, value: value, labels: slices.Concat(identity, further)}
	}
	status := resource.GetObservedStatus()
	condition := func(kind string) *metav1.Condition { return meta.FindStatusCondition(status.Conditions, kind) }

	ready := metav1.Condition{Status: metav1.ConditionUnknown, LastTransitionTime: resource.GetCreationTimestamp()}
	if found := condition(v1alpha1.ConditionReady); found != nil {
		ready = *found
	}
	reason := s.labels.of("reason", ready.Reason)
	send(s.info, always, s.labels.of("ready", string(ready.Status)), reason,
		s.labels.of("stalled", strconv.FormatBool(meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled))),
		s.labels.of("state", strings.ToValidUTF8(status.State, "?")))
	send(s.since, newValue(unixSeconds(ready.LastTransitionTime.Time)))
	if found := condition(v1alpha1.ConditionCredentialsReady); found != nil {
		send(s.credentials, always, s.labels.of("reason", found.Reason), s.labels.of("status", string(found.Status)))
	}
	if found := condition(v1alpha1.ConditionSynced); found != nil {
		send(s.synced, always, s.labels.of("reason", found.Reason), s.labels.of("status", string(found.Status)))
	}
	if at := resource.GetDeletionTimestamp(); at != nil {
		send(s.deleted, newValue(unixSeconds(at.Time)), reason)
	}
}

func (s *scrape) showCertificates(kind Kind, resource v1alpha1.Managed) {
	for field, at := range kind.CertificateExpiries(types.NamespacedName{Namespace: resource.GetNamespace(), Name: resource.GetName()}, s.clock.Now()) {
		s.metrics <- &series{description: s.certificate, value: newValue(unixSeconds(at)), labels: []*dto.LabelPair{
			s.labels.of("field", field), s.labels.of("kind", kind.Name),
			newLabel("name", resource.GetName()), s.labels.of("namespace", resource.GetNamespace()),
		}}
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
