package lifecycle

import (
	"context"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

const (
	// reportingController is who events come from.
	reportingController = "atlas-streams-operator"
	// eventTimeout bounds the write of an event: nothing depends on it.
	eventTimeout = 5 * time.Second
	// eventsAtOnce is how many events are written beside the reconciliations at the same time.
	eventsAtOnce = 32
)

// pendingEvent is an event to be recorded once the status is saved.
type pendingEvent struct{ kind, reason, action, note string }

// event keeps an event until the status that it belongs to is saved.
func (r *reconciliation) event(kind, reason, action, note string) {
	r.pendingEvents = append(r.pendingEvents, pendingEvent{kind, reason, action, note})
}

// eventOnSpecWarnings records each warning once per generation. After a restart those of a generation that the status
// shows as seen count as recorded.
func (r *reconciliation) eventOnSpecWarnings(warnings []string) {
	r.tracked.first.looked = true
	r.eventOnce(warnings, r.resumed)
}

// eventOnce records each warning that was not recorded for this generation.
func (r *reconciliation) eventOnce(warnings []string, recordedBefore bool) {
	generation := r.Object.GetGeneration()
	for _, text := range warnings {
		if r.tracked.warned[text] != generation && !recordedBefore {
			r.event(corev1.EventTypeWarning, v1alpha1.EventSpecWarning, "Validate", text)
		}
		r.tracked.warned[text] = generation
	}
}

// recordEvents records the events of this reconciliation.
func (r *reconciliation) recordEvents(ctx context.Context) {
	for _, n := range r.pendingEvents {
		r.events.record(ctx, n.about(r.kind.Name, r.Object, r.options.Clock.Now()))
	}
	r.pendingEvents = nil
}

// about is the event as the API server takes it.
func (n pendingEvent) about(kind string, object Managed, now time.Time) *eventsv1.Event {
	host, _ := os.Hostname() // without one the instance is just less telling
	return &eventsv1.Event{
		// Older API servers, among them 1.31, refuse any other end than a dash.
		ObjectMeta: metav1.ObjectMeta{Namespace: object.GetNamespace(), GenerateName: object.GetName() + "-"},
		EventTime:  metav1.NewMicroTime(now),
		Type:       n.kind, Reason: n.reason, Action: n.action, Note: truncate(n.note, longestNote),
		ReportingController: reportingController, ReportingInstance: reportingController + "-" + host,
		Regarding: corev1.ObjectReference{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: kind,
			Namespace: object.GetNamespace(), Name: object.GetName(), UID: object.GetUID(), ResourceVersion: object.GetResourceVersion(),
		},
	}
}

// eventWriter writes events beside the reconciliations. client-go's recorder does not serve: it keeps every event for
// minutes to count repetitions, which after thousands of creations takes as much memory as the resources.
type eventWriter struct {
	client client.Writer
	// slots has one entry per write under way; nil has all events written at once.
	slots chan struct{}
}

// record writes the event beside the reconciliation, or now where no slot is free. A graceful stop does not cancel it.
func (w *eventWriter) record(ctx context.Context, event *eventsv1.Event) {
	ctx = context.WithoutCancel(ctx)
	select {
	case w.slots <- struct{}{}:
		go func() {
			defer func() { <-w.slots }()
			w.write(ctx, event)
		}()
	default:
		w.write(ctx, event)
	}
}

// run waits, once ctx has ended, for the writes that are under way. It keeps their slots: what comes later is written now.
func (w *eventWriter) run(ctx context.Context) error {
	<-ctx.Done()
	for range cap(w.slots) {
		w.slots <- struct{}{}
	}
	return nil
}

func (w *eventWriter) write(ctx context.Context, event *eventsv1.Event) {
	ctx, cancel := context.WithTimeout(ctx, eventTimeout)
	defer cancel()
	if err := w.client.Create(ctx, event); err != nil { // as in a namespace that is being deleted
		ctrl.Log.WithName("events").Info("Could not write an event", "namespace", event.Namespace, "name", event.Regarding.Name,
			"reason", event.Reason, "failure", err.Error())
	}
}

// MetricsRecorder receives what happens to resources. Many goroutines call it.
type MetricsRecorder interface {
	// Wrote: a "create", "update" or "delete" of an object was sent to Atlas. Failure is nil when Atlas accepted it.
	Wrote(kind, operation string, failure error)
	// BecameReady: a resource turned Ready, after it had not been it for that long.
	BecameReady(kind string, after time.Duration)
	// DriftFound: Atlas holds something else than the spec, or no longer the object.
	DriftFound(kind string)
	// DriftRepaired: such a difference is gone after a write of ours.
	DriftRepaired(kind string)
}

// record passes on what changed between two statuses.
func (r *reconciliation) record(before, after Managed) {
	recorder, kind := r.options.Recorder, r.kind.Name
	if took, became := becameReady(before, after); became {
		recorder.BecameReady(kind, took)
	}
	switch {
	case r.tracked.driftedAt.IsZero() && foundDrift(before, after):
		r.tracked.driftedAt = r.options.Clock.Now()
		recorder.DriftFound(kind)
	case !r.tracked.driftedAt.IsZero() && ConditionsOf(after).isTrue(v1alpha1.ConditionSynced):
		if !r.tracked.object.lastWrite.Before(r.tracked.driftedAt) {
			recorder.DriftRepaired(kind)
		}
		r.tracked.driftedAt = time.Time{}
	}
}

// becameReady is how long a resource that turned Ready had not been it. One that was paused or never observed counts
// only when it is new.
func becameReady(before, after Managed) (time.Duration, bool) {
	was, is := ConditionsOf(before).get(v1alpha1.ConditionReady), ConditionsOf(after).get(v1alpha1.ConditionReady)
	if is == nil || is.Status != metav1.ConditionTrue || was != nil && was.Status != metav1.ConditionFalse {
		return 0, false
	}
	since := after.GetCreationTimestamp()
	if was != nil {
		since = was.LastTransitionTime
	}
	return max(is.LastTransitionTime.Sub(since.Time), 0), true
}

// foundDrift reports whether Synced begins to show a difference. What is not there yet, or was to be replaced, is
// none.
func foundDrift(before, after Managed) bool {
	was := ReasonOf(ConditionsOf(before).get(v1alpha1.ConditionSynced))
	is := ReasonOf(ConditionsOf(after).get(v1alpha1.ConditionSynced))
	owned := before.GetManagedStatus()
	isGone := is == v1alpha1.ReasonMissing && owned.Owned() && after.GetAnnotations()[v1alpha1.AnnotationRecreate] != owned.ID
	return is != was && (is == v1alpha1.ReasonDrifted || isGone)
}
