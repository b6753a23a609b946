package metrics

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// readTimeout bounds the look at the cache.
const readTimeout = 10 * time.Second

// resources shows every resource as its status has it at the moment of the scrape.
type resources struct {
	ctx     context.Context //nolint:containedctx // a Collector is given none
	reader  client.Reader
	leading <-chan struct{}

	info, since, credentials, synced, deleted *prometheus.Desc
}

func newResources(ctx context.Context, sources Sources) *resources {
	of := func(name, help string, labels ...string) *prometheus.Desc {
		return describe("resource_"+name, help, append([]string{"kind", "namespace", "name"}, labels...)...)
	}
	return &resources{
		ctx: ctx, reader: sources.Resources, leading: sources.Leading,
		info: of("info", "Always 1, for each resource: whether it is Ready (`True`, `False`, `Unknown`) and why, the state that Atlas reports, and whether it is Stalled.",
			"ready", "reason", "state", "stalled"),
		since: of("ready_transition_timestamp_seconds",
			"Unix time at which Ready last changed between `True`, `False` and `Unknown`; when the resource was created where it never did."),
		credentials: of("credentials_info", "Always 1, for each resource whose credentials were looked for: status and reason of CredentialsReady.",
			"status", "reason"),
		synced: of("synced_info", "Always 1, for each resource that was compared with Atlas: status and reason of Synced.", "status", "reason"),
		deleted: of("deletion_timestamp_seconds",
			"Unix time at which the deletion of a resource that is still there was asked for, and the reason that it waits for.", "reason"),
	}
}

// Describe is part of prometheus.Collector.
func (r *resources) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{r.info, r.since, r.credentials, r.synced, r.deleted} {
		descriptions <- d
	}
}

// Collect is part of prometheus.Collector.
func (r *resources) Collect(metrics chan<- prometheus.Metric) {
	if !isLeading(r.leading) {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, readTimeout)
	defer cancel()
	links, connections, services := &v1alpha1.StreamPrivateLinkList{}, &v1alpha1.StreamConnectionList{}, &v1alpha1.PrivateEndpointServiceList{}
	for _, list := range []client.ObjectList{links, connections, services} {
		// Nothing is changed, so that thousands of resources need not be copied at every scrape.
		if err := r.reader.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			ctrl.Log.WithName("metrics").Info("Could not read the resources for a scrape", "failure", err.Error())
			return
		}
	}
	for i := range links.Items {
		r.show(metrics, "StreamPrivateLink", &links.Items[i])
	}
	for i := range connections.Items {
		r.show(metrics, "StreamConnection", &connections.Items[i])
	}
	for i := range services.Items {
		r.show(metrics, "PrivateEndpointService", &services.Items[i])
	}
}

func (r *resources) show(metrics chan<- prometheus.Metric, kind string, resource v1alpha1.Managed) {
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- gauge(d, value, append([]string{kind, resource.GetNamespace(), resource.GetName()}, labels...)...)
	}
	status := resource.GetObservedStatus()
	condition := func(kind string) *metav1.Condition { return meta.FindStatusCondition(status.Conditions, kind) }

	ready := metav1.Condition{Status: metav1.ConditionUnknown, LastTransitionTime: resource.GetCreationTimestamp()}
	if found := condition(v1alpha1.ConditionReady); found != nil {
		ready = *found
	}
	stalled := meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled)
	send(r.info, 1, string(ready.Status), ready.Reason, strings.ToValidUTF8(status.State, "?"), strconv.FormatBool(stalled))
	send(r.since, unixSeconds(ready.LastTransitionTime.Time))
	if found := condition(v1alpha1.ConditionCredentialsReady); found != nil {
		send(r.credentials, 1, string(found.Status), found.Reason)
	}
	if found := condition(v1alpha1.ConditionSynced); found != nil {
		send(r.synced, 1, string(found.Status), found.Reason)
	}
	if at := resource.GetDeletionTimestamp(); at != nil {
		send(r.deleted, unixSeconds(at.Time), ready.Reason)
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
