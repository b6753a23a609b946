package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// report writes the decision to the status. Nothing else does.
func (r *reconciliation) report(d decision.Decision) {
	switch {
	case d.Target != nil:
		r.remote.Publish(d.Target)
	case r.managed().Owned() || r.managed().OpenClaim():
	case d.Nothing || r.spec().ManagementPolicy == v1alpha1.Manage:
		// What was only observed is no longer there, or no longer what counts; an id that stayed would lock the spec.
		r.status().ID = ""
		r.remote.Publish(nil)
	}
	if r.kind.ShowUsers != nil {
		r.kind.ShowUsers(r.Object, d.Users)
	}
	c, status := r.conditions(), r.status()
	status.ObservedGeneration = r.Object.GetGeneration()
	if r.Forced {
		status.LastHandledReconcileAt = r.Object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	}
	c.put(v1alpha1.ConditionCredentialsReady, r.access)
	c.put(v1alpha1.ConditionDependenciesReady, r.resolved.Dependencies)
	wasReady, wasReason := c.isTrue(v1alpha1.ConditionReady), ReasonOf(c.get(v1alpha1.ConditionReady))
	message := r.reportReady(c, d)
	c.put(v1alpha1.ConditionSynced, d.Synced)
	r.reportProgress(c, d, message)
	r.remote.ExtraConditions(c)
	r.eventOnTransition(c, wasReady, wasReason)
}

// reportReady writes Ready and returns its message.
func (r *reconciliation) reportReady(c Conditions, d decision.Decision) string {
	switch {
	case d.Ready != nil:
		// What only blocks our looking or syncing does not undo what Atlas said.
		if !d.KeepReady || !c.IsReady() {
			c.put(v1alpha1.ConditionReady, d.Ready)
		}
		return d.Ready.Message
	case d.Target != nil:
		return r.reportState(c, *d.Target)
	case c.get(v1alpha1.ConditionReady) == nil && r.spec().ManagementPolicy == v1alpha1.Paused:
		c.Set(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: nothing is read or changed.")
	}
	return ""
}

// reportState derives Ready from what Atlas says of the object.
func (r *reconciliation) reportState(c Conditions, v decision.RemoteObject) string {
	class, reason := v.States.ClassOf(v.State)
	if reason == v1alpha1.ReasonUnknownState && ReasonOf(c.get(v1alpha1.ConditionReady)) != reason {
		r.log.Info("Atlas reports a state that this version does not know, taken as pending", "state", v.State)
	}
	status := metav1.ConditionFalse
	if class == decision.StateReady {
		status = metav1.ConditionTrue
	}
	message := stateMessage(v)
	switch {
	case v.DNSDomainMissing:
		reason, message = v1alpha1.ReasonDNSDomainMissing, message+" "+decision.DNSDomainAdvice
	case class == decision.StatePending:
		message += r.overdue(c)
	case class == decision.StateFailed && r.managed().Owned() && !v.Anonymous && r.spec().ManagementPolicy == v1alpha1.Manage:
		message = strings.TrimSuffix(message, ".") + ". " + decision.RecreateAdvice(v.ID, r.Object.GetAnnotations()[v1alpha1.AnnotationRecreate])
	}
	c.Set(v1alpha1.ConditionReady, status, reason, message)
	return message
}

// longPending is how long an object may be pending before that is reported: links take up to 35 minutes.
const longPending = time.Hour

// overdue is a line about an object that is pending for long, with a point in time: a duration would change from
// reconciliation to reconciliation, and each change of a message is a write. It goes by the status, so that a restart
// changes nothing.
func (r *reconciliation) overdue(c Conditions) string {
	var since time.Time
	if claim := r.managed().CreateRequestedAt; claim != nil {
		since = claim.Time
	}
	ready := c.get(v1alpha1.ConditionReady)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return ""
	}
	if changed := ready.LastTransitionTime.Time; changed.Before(r.Now) {
		since = latest(since, changed)
	}
	if since.IsZero() || r.Now.Sub(since) < longPending {
		return ""
	}
	line := fmt.Sprintf(" Pending since %s, longer than an hour. The operator keeps waiting.", since.UTC().Format(time.RFC3339))
	if !strings.HasSuffix(ready.Message, line) {
		r.event(corev1.EventTypeWarning, v1alpha1.EventStillPending, "Observe", fmt.Sprintf("The %s is still pending.%s", r.kind.Noun, line))
	}
	return line
}

func (r *reconciliation) reportProgress(c Conditions, d decision.Decision, message string) {
	switch {
	case d.KeepReady && c.IsReady(), d.Progress == decision.ProgressSteady:
		// What blocks our syncing does not make an object that works look as if it were in progress.
		c.steady()
	case d.Progress == decision.ProgressReconciling:
		c.reconciling(message)
	default:
		if d.Ready == nil && d.Target != nil {
			message = cmp.Or(d.Target.ErrorMessage, "Atlas reports FAILED without a reason.")
		}
		c.Stalled(ReasonOf(c.get(v1alpha1.ConditionReady)), message)
	}
}

// stateMessage is what Atlas says, in the parts that exist.
func stateMessage(v decision.RemoteObject) string {
	message := "state=" + v.State
	if v.State == "" {
		message = "Atlas has not reported a state yet."
	}
	if v.Endpoint != "" {
		message += " interfaceEndpointId=" + v.Endpoint
	}
	if v.ErrorMessage != "" {
		message += " " + v.ErrorMessage
	}
	return message
}

// ReasonOf is the reason of a condition; empty without one.
func ReasonOf(c *metav1.Condition) string {
	if c == nil {
		return ""
	}
	return c.Reason
}

// eventOnTransition records an event when the object becomes ready or fails.
func (r *reconciliation) eventOnTransition(c Conditions, wasReady bool, wasReason string) {
	ready := c.get(v1alpha1.ConditionReady)
	switch {
	case ready == nil || r.spec().ManagementPolicy == v1alpha1.Paused:
	case c.isTrue(v1alpha1.ConditionReady) && !wasReady:
		r.event(corev1.EventTypeNormal, v1alpha1.EventReady, "Observe", ready.Message)
	case ready.Reason == v1alpha1.ReasonFailed && wasReason != v1alpha1.ReasonFailed:
		r.event(corev1.EventTypeWarning, v1alpha1.EventFailed, "Observe", ready.Message)
	}
}

// save writes the status when it changed, with an optimistic lock: a status that rests on an older object than the
// API server has is never written.
func (r *reconciliation) save(ctx context.Context) error {
	if equality.Semantic.DeepEqual(r.saved, r.Object) {
		r.recordEvents(ctx)
		return nil
	}
	patch := client.MergeFromWithOptions(r.saved, client.MergeFromWithOptimisticLock{})
	wanted := r.Object.DeepCopyObject().(Managed)
	if err := r.patch(wanted, func() error { return r.client.Status().Patch(context.WithoutCancel(ctx), wanted, patch) }); err != nil {
		refusal, answered := errors.AsType[*apierrors.StatusError](err)
		r.tracked.claim.unsure = r.tracked.claim.unsure || !answered || refusal.ErrStatus.Code >= http.StatusInternalServerError
		return fmt.Errorf("write the status: %w", err)
	}
	r.tracked.claim.unsure = false
	r.tracked.claim.keep(wanted.GetManagedStatus())
	r.record(r.saved, wanted)
	r.setObject(wanted)
	r.recordEvents(ctx)
	return nil
}

// patch runs a write of the resource and remembers the version that it made. What another writer wrote right after it
// wakes the resource.
func (r *reconciliation) patch(object Managed, write func() error) error {
	r.tracked.version.begin()
	err := write()
	made := ""
	if err == nil {
		made = object.GetResourceVersion()
	}
	if foreign := r.tracked.version.end(made, r.options.Clock.Now()); foreign {
		r.enqueue(NameOf(object), true)
	}
	return err
}

// setObject goes on with the object as the API server now has it.
func (r *reconciliation) setObject(object Managed) {
	r.Object, r.saved = object, object.DeepCopyObject().(Managed)
}

// saveWithRetry saves a status that must not be lost, because it says what became of the claim of this reconciliation.
// The status has no other writer, so it may go over a newer object that still has the same open claim.
func (r *reconciliation) saveWithRetry(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	backoff := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 8, Cap: 2 * time.Second}
	var last error
	_ = wait.ExponentialBackoffWithContext(ctx, backoff, func(ctx context.Context) (bool, error) {
		if last = r.save(ctx); last == nil {
			return true, nil
		}
		if apierrors.IsConflict(last) {
			if err := r.rebase(ctx); err != nil {
				last = err
				return apierrors.IsNotFound(err), nil
			}
		}
		return false, nil
	})
	return last
}

// rebase puts the status of this reconciliation onto the newest object, if that still is at the claim of this
// reconciliation.
func (r *reconciliation) rebase(ctx context.Context) error {
	newest, err := r.readLive(ctx, r.Object)
	if err != nil {
		return err
	}
	if theirs := newest.GetManagedStatus(); !theirs.OpenClaim() || !theirs.CreateRequestedAt.Time.Equal(r.tracked.claim.at) {
		return fmt.Errorf("the status moved on: %w", errSuperseded)
	}
	r.saved = newest.DeepCopyObject().(Managed)
	statusOf(newest).Set(statusOf(r.Object))
	r.Object = newest
	return nil
}

func hasFinalizer(object client.Object) bool {
	return controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer)
}

// setFinalizer writes the finalizer alone and leaves unsaved status changes as they are.
func (r *reconciliation) setFinalizer(ctx context.Context, change func(client.Object, string) bool) error {
	updated := r.saved.DeepCopyObject().(Managed)
	if !change(updated, v1alpha1.Finalizer) {
		return nil
	}
	patch := client.MergeFromWithOptions(r.saved, client.MergeFromWithOptimisticLock{})
	if err := r.patch(updated, func() error { return r.client.Patch(context.WithoutCancel(ctx), updated, patch) }); err != nil {
		return fmt.Errorf("write the finalizer: %w", err)
	}
	for _, object := range []Managed{r.Object, r.saved} {
		object.SetResourceVersion(updated.GetResourceVersion())
		object.SetFinalizers(updated.GetFinalizers())
	}
	return nil
}

// statusOf is the status of a resource of any kind.
func statusOf(object client.Object) reflect.Value {
	return reflect.ValueOf(object).Elem().FieldByName("Status")
}
