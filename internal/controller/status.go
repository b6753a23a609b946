package controller

import (
	"context"
	"fmt"
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
)

func (p *pass) conditions() conditions {
	return conditions{list: &p.status().Conditions, generation: p.object.GetGeneration()}
}

// report says in the status what was decided. It is the only place that does.
func (p *pass) report(d decision) {
	switch {
	case d.target != nil:
		p.external.publish(*d.target)
	case p.managed().Owned() || p.managed().OpenClaim():
	case d.nothing || p.spec().ManagementPolicy == v1alpha1.Manage:
		// What was only observed is no longer there, or no longer what counts; an id that stayed would lock the spec.
		p.status().ID = ""
		p.external.forget()
	}
	p.external.showUsers(d.users)
	c := p.conditions()
	p.common(c)
	before := c.get(v1alpha1.ConditionReady)
	wasReady, wasReason := before != nil && before.Status == metav1.ConditionTrue, reasonOf(before)
	message := p.reportReady(c, d)
	if d.synced != nil {
		c.set(v1alpha1.ConditionSynced, metav1.ConditionStatus(d.synced.status), d.synced.reason, d.synced.message)
	}
	p.reportProgress(c, d, message)
	p.external.extraConditions(c)
	p.announce(c, wasReady, wasReason)
}

// common writes what every status says, whatever the outcome.
func (p *pass) common(c conditions) {
	status := p.status()
	status.ObservedGeneration = p.object.GetGeneration()
	if p.forced {
		status.LastHandledReconcileAt = p.object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	}
	if p.access != nil {
		c.set(v1alpha1.ConditionCredentialsReady, metav1.ConditionStatus(p.access.status), p.access.reason, p.access.message)
	}
	if says := p.preparation.dependencies; says != nil {
		c.set(v1alpha1.ConditionDependenciesReady, metav1.ConditionStatus(says.status), says.reason, says.message)
	}
}

// reportReady writes Ready and returns its message.
func (p *pass) reportReady(c conditions, d decision) string {
	switch {
	case d.ready != nil && d.sticky:
		c.hinder(d.ready.reason, d.ready.message)
		return d.ready.message
	case d.ready != nil:
		c.set(v1alpha1.ConditionReady, metav1.ConditionStatus(d.ready.status), d.ready.reason, d.ready.message)
		return d.ready.message
	case d.target != nil:
		return p.reportState(c, *d.target)
	case c.get(v1alpha1.ConditionReady) == nil && p.spec().ManagementPolicy == v1alpha1.Paused:
		c.set(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: nothing is read or changed.")
	}
	return ""
}

// reportState derives Ready from what Atlas says of the object.
func (p *pass) reportState(c conditions, v view) string {
	class, reason := v.states.classOf(v.state)
	if reason == v1alpha1.ReasonUnknownState && reasonOf(c.get(v1alpha1.ConditionReady)) != reason {
		p.log.Info("Atlas reports a state that this version does not know, taken as pending", "state", v.state)
	}
	status := metav1.ConditionFalse
	if class == stateReady {
		status = metav1.ConditionTrue
	}
	message := stateMessage(v)
	switch {
	case v.dnsDomainMissing:
		reason, message = v1alpha1.ReasonDNSDomainMissing, message+" "+dnsDomainAdvice
	case class == statePending:
		message += p.overdue(c)
	case class == stateFailed && p.managed().Owned() && !v.anonymous && p.spec().ManagementPolicy == v1alpha1.Manage:
		message = strings.TrimSuffix(message, ".") + ". " + recreateAdvice(v.id, p.object.GetAnnotations()[v1alpha1.AnnotationRecreate])
	}
	c.set(v1alpha1.ConditionReady, status, reason, message)
	return message
}

// longPending is how long an object may be pending before that is told: links take up to 35 minutes.
const longPending = time.Hour

// overdue is a line about an object that is pending for long, with a point in time: a duration would change from pass to
// pass, and each change of a message is a write. It goes by the status, so that a restart changes nothing.
func (p *pass) overdue(c conditions) string {
	var since time.Time
	if managed := p.managed(); managed != nil && managed.CreateRequestedAt != nil {
		since = managed.CreateRequestedAt.Time
	}
	ready := c.get(v1alpha1.ConditionReady)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return ""
	}
	if changed := ready.LastTransitionTime.Time; changed.Before(p.now) {
		since = latest(since, changed)
	}
	if since.IsZero() || p.now.Sub(since) < longPending {
		return ""
	}
	line := fmt.Sprintf(" Pending since %s, longer than an hour. The operator keeps waiting.", since.UTC().Format(time.RFC3339))
	if !strings.HasSuffix(ready.Message, line) {
		p.tell(corev1.EventTypeWarning, v1alpha1.EventStillPending, "Observe", fmt.Sprintf("The %s is still pending.%s", p.external.kind(), line))
	}
	return line
}

func (p *pass) reportProgress(c conditions, d decision, message string) {
	if d.sticky && c.isReady() {
		// What hinders our syncing does not make an object that works look as if it were in progress.
		c.steady()
		return
	}
	switch d.progress {
	case progressReconciling:
		c.reconciling(message)
	case progressStalled:
		reason := reasonOf(c.get(v1alpha1.ConditionReady))
		if d.ready == nil && d.target != nil {
			message = failureMessage(*d.target)
		}
		c.stalled(reason, message)
	case progressSteady:
		c.steady()
	}
}

// stateMessage is what Atlas says, in the parts that exist.
func stateMessage(v view) string {
	message := "state=" + v.state
	if v.state == "" {
		message = "Atlas has not reported a state yet."
	}
	if v.endpoint != "" {
		message += " interfaceEndpointId=" + v.endpoint
	}
	if v.errorMessage != "" {
		message += " " + v.errorMessage
	}
	return message
}

func failureMessage(v view) string {
	if v.errorMessage != "" {
		return v.errorMessage
	}
	return "Atlas reports FAILED without a reason."
}

func reasonOf(c *metav1.Condition) string {
	if c == nil {
		return ""
	}
	return c.Reason
}

// announce tells of becoming ready or failing.
func (p *pass) announce(c conditions, wasReady bool, wasReason string) {
	ready := c.get(v1alpha1.ConditionReady)
	switch {
	case ready == nil || p.spec().ManagementPolicy == v1alpha1.Paused:
	case ready.Status == metav1.ConditionTrue && !wasReady:
		p.tell(corev1.EventTypeNormal, v1alpha1.EventReady, "Observe", ready.Message)
	case ready.Reason == v1alpha1.ReasonFailed && wasReason != v1alpha1.ReasonFailed:
		p.tell(corev1.EventTypeWarning, v1alpha1.EventFailed, "Observe", ready.Message)
	}
}

// save writes the status when it changed, with an optimistic lock: a status that rests on an older object than the
// API server has is never written.
func (p *pass) save(ctx context.Context) error {
	if equality.Semantic.DeepEqual(p.saved, p.object) {
		p.tellAll(ctx)
		return nil
	}
	patch := client.MergeFromWithOptions(p.saved, client.MergeFromWithOptimisticLock{})
	wanted := p.object.DeepCopyObject().(managed)
	if err := p.write(wanted, func() error { return p.client.Status().Patch(context.WithoutCancel(ctx), wanted, patch) }); err != nil {
		return fmt.Errorf("write the status: %w", err)
	}
	p.memory.keep(wanted.GetManagedStatus())
	p.record(p.saved, wanted)
	p.adopt(wanted)
	p.tellAll(ctx)
	return nil
}

// write runs a write of the resource and remembers the version that it made. What somebody else wrote right after it
// wakes the resource.
func (p *pass) write(object managed, patch func() error) error {
	name := nameOf(object)
	p.versions.begin(name)
	err := patch()
	made := ""
	if err == nil {
		made = object.GetResourceVersion()
	}
	if foreign := p.versions.end(name, made, p.options.Clock.Now()); foreign {
		p.alarm.ring(name, true)
	}
	return err
}

// adopt goes on with the object as the API server now has it.
func (p *pass) adopt(object managed) {
	p.object, p.saved = object, object.DeepCopyObject().(managed)
	p.external.rebind(object)
}

// insist saves a status that must not be lost, because it says what became of the claim of this pass. The status has
// no other writer, so it may go over a newer object that still has the same open claim.
func (p *pass) insist(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	backoff := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 8, Cap: 2 * time.Second}
	var last error
	_ = wait.ExponentialBackoffWithContext(ctx, backoff, func(ctx context.Context) (bool, error) {
		if last = p.save(ctx); last == nil {
			return true, nil
		}
		if apierrors.IsConflict(last) {
			if err := p.rebase(ctx); err != nil {
				last = err
				return apierrors.IsNotFound(err), nil
			}
		}
		return false, nil
	})
	return last
}

// rebase puts the status of this pass onto the newest object, if that still is at the claim of this pass.
func (p *pass) rebase(ctx context.Context) error {
	newest := p.object.DeepCopyObject().(managed)
	if err := p.live.Get(ctx, client.ObjectKeyFromObject(p.object), newest); err != nil {
		return fmt.Errorf("read the object again: %w", err)
	}
	if theirs := newest.GetManagedStatus(); !theirs.OpenClaim() || !theirs.CreateRequestedAt.Time.Equal(p.claimed) {
		return fmt.Errorf("the status moved on: %w", errSuperseded)
	}
	p.saved = newest.DeepCopyObject().(managed)
	p.external.carryStatus(newest)
	p.object = newest
	p.external.rebind(newest)
	return nil
}

func hasFinalizer(object client.Object) bool {
	return controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer)
}

// setFinalizer writes the finalizer alone and leaves unsaved status changes as they are.
func (p *pass) setFinalizer(ctx context.Context, change func(client.Object, string) bool) error {
	updated := p.saved.DeepCopyObject().(managed)
	if !change(updated, v1alpha1.Finalizer) {
		return nil
	}
	patch := client.MergeFromWithOptions(p.saved, client.MergeFromWithOptimisticLock{})
	if err := p.write(updated, func() error { return p.client.Patch(context.WithoutCancel(ctx), updated, patch) }); err != nil {
		return fmt.Errorf("write the finalizer: %w", err)
	}
	for _, object := range []managed{p.object, p.saved} {
		object.SetResourceVersion(updated.GetResourceVersion())
		object.SetFinalizers(updated.GetFinalizers())
	}
	return nil
}
