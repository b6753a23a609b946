package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// update PATCHes the object and reads it back.
func (r *reconciliation) update(ctx context.Context, o *decision.Observation, d decision.Decision) (time.Duration, error) {
	if !o.SpecChanged && !o.ResendSecrets && !r.isRetry(decision.ActUpdate) {
		// The status shows drift before it is corrected.
		shown := ReasonOf(r.conditions().get(v1alpha1.ConditionSynced)) == d.Synced.Reason
		if r.report(d); !shown {
			return immediately, nil
		}
	}
	fresh, err := r.remote.Resolve(ctx, true)
	if err != nil {
		return 0, err
	}
	// A refusal is held by what is known of the request before the values are read.
	if fresh.Fingerprint, r.resolved = r.resolved.Fingerprint, fresh; fresh.SecretGate != nil {
		return r.reportBlocked(fresh.SecretGate), nil
	}
	failure, err := r.send(ctx, decision.ActUpdate, func(ctx context.Context) error { return r.remote.Update(ctx, *o.Owned) })
	if atlas.IsNotFound(failure) && r.tracked.object.outdated.IsZero() {
		r.tracked.object.outdated = r.options.Clock.Now() // a list that begins now shows whether it is gone
		return immediately, nil
	}
	if err != nil || failure != nil {
		return r.reportBlocked(r.refusal(decision.ActUpdate, failure, "change the "+o.Kind)), err
	}
	r.tracked.backoff.hold = nil
	r.tracked.object.patched = &patched{paths: decision.Paths(o.Owned.Differences), generation: r.Object.GetGeneration(), at: r.tracked.object.lastWrite}
	r.remote.Sent(SentUpdate)
	what := "secret values"
	if !o.Owned.Equal() {
		what = decision.Paths(o.Owned.Differences)
	}
	r.log.Info("Changed in Atlas", "operation", "update", "atlasID", o.ID, "fields", what, "requestID", r.requestID)
	r.event(corev1.EventTypeNormal, v1alpha1.EventUpdated, "Update", fmt.Sprintf("Changed the %s %s in Atlas: %s%s.", o.Kind, o.ID, what, r.request()))
	return r.readBack(ctx, o)
}

// readBack shows the result of a PATCH, which its own answer does not contain.
func (r *reconciliation) readBack(ctx context.Context, o *decision.Observation) (time.Duration, error) {
	found, err := r.remote.Get(ctx, o.ID)
	if err != nil {
		// The change is in Atlas; the next reconciliation shows how it looks there.
		r.log.V(1).Info("Atlas took the change, and the read after it failed", "class", atlas.Class(err))
		r.report(decision.Decision{Synced: decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonSynced, "Atlas took the change."), Progress: decision.ProgressReconciling, KeepReady: true,
			Ready: decision.NewCondition(decision.StatusFalse, v1alpha1.ReasonPending, "Atlas took the change and has not reported a state since.")})
		return time.Second, nil
	}
	r.tracked.object.outdated = time.Time{}
	d := decision.StateOf(&found)
	d.Synced = decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if found.Equal() {
		r.tracked.object.patched = nil // the next such difference is a new one
	} else {
		d.Synced = decision.NewCondition(decision.StatusFalse, v1alpha1.ReasonDrifted, "Atlas took the change and still differs from the spec in: "+decision.Paths(found.Differences)+".")
		d.Pace = decision.PacePending
	}
	r.report(d)
	return r.pause(ctx, d), nil
}

// ErrNameConflict: another object now has the name of the resource's object. Nothing was sent.
var ErrNameConflict = errors.New("another object has this name")

// delete sends the DELETE. Atlas deletes later; the object is polled until it is gone.
func (r *reconciliation) delete(ctx context.Context, d decision.Decision) (time.Duration, error) {
	id := d.Remove
	failure, err := r.send(ctx, decision.ActDelete, func(ctx context.Context) error { return r.remote.Delete(ctx, id) })
	switch {
	case err != nil:
		return 0, err
	case failure == nil:
		r.log.Info("Deletion requested from Atlas", "operation", "delete", "atlasID", id, "requestID", r.requestID)
		reason, purpose := v1alpha1.EventDeleteRequested, ""
		if r.Object.GetDeletionTimestamp() == nil {
			reason, purpose = v1alpha1.EventRecreating, ", to create it again"
		}
		r.event(corev1.EventTypeNormal, reason, "Delete",
			fmt.Sprintf("Requested the deletion of the %s %s%s%s.", r.kind.Noun, id, purpose, r.request()))
	case errors.Is(failure, ErrNameConflict):
		r.tracked.object.outdated = r.options.Clock.Now()
		return time.Second, nil
	case atlas.IsNotFound(failure) && !atlas.IsProjectNotFound(failure):
		r.log.Info("Atlas no longer has the object", "operation", "delete", "atlasID", id)
	default:
		return r.reportBlocked(r.refusal(decision.ActDelete, failure, "delete the "+r.kind.Noun)), nil
	}
	r.tracked.object.deleteSent, r.tracked.object.deletes = r.options.Clock.Now(), r.tracked.object.deletes+1
	r.tracked.object.outdated, r.tracked.backoff.hold = r.tracked.object.deleteSent, nil
	r.report(d)
	return jitter(pendingDelay(0, r.options.PendingPollInterval, 0)), nil
}

// request names Atlas's id of the last write, where it gave one, for support requests to Atlas.
func (r *reconciliation) request() string {
	if r.requestID == "" {
		return ""
	}
	return " (request " + r.requestID + ")"
}

// send runs one PATCH or DELETE under the lock of its workspace or project. A graceful stop lets it end. Failure is
// Atlas's; err means that the call was not made.
func (r *reconciliation) send(ctx context.Context, act decision.Action, call func(context.Context) error) (failure, err error) {
	release, err := r.locks.acquire(ctx, r.keys().Lock, 1)
	if err != nil {
		return nil, err
	}
	defer release()
	failure = r.write(ctx, act, r.options.Atlas.Timeout, call)
	if failure == nil || atlas.IsOutcomeUnknown(failure) {
		r.tracked.object.outdated = r.tracked.object.lastWrite
	}
	return failure, nil
}

// write runs one write to Atlas.
func (r *reconciliation) write(ctx context.Context, act decision.Action, timeout time.Duration, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	ctx, requestID := atlas.WithRequestID(ctx)
	failure := call(ctx)
	r.requestID = *requestID
	r.options.Recorder.Wrote(r.kind.Name, act.String(), failure)
	if failure == nil || atlas.IsOutcomeUnknown(failure) {
		r.tracked.object.lastWrite = r.options.Clock.Now()
	}
	return failure
}

// refusal says why a write failed and keeps it from being repeated before its time.
func (r *reconciliation) refusal(act decision.Action, failure error, doing string) *decision.Blocker {
	if failure == nil {
		return nil
	}
	blocked := r.classify(failure, doing)
	if blocked.Reason == v1alpha1.ReasonInUse {
		blocked.Message += r.kind.InUseHint
	}
	return r.holdBack(act, blocked)
}

// finish takes the finalizer off: there is nothing of ours in Atlas any more, or it stays there on purpose.
func (r *reconciliation) finish(ctx context.Context, d decision.Decision) error {
	if err := r.setFinalizer(ctx, controllerutil.RemoveFinalizer); err != nil {
		return err
	}
	r.owners.releaseAll(NameOf(r.Object))
	if d.Event != "" {
		r.log.Info("Deletion finished", "operation", "finish", "outcome", d.Event, "atlasID", r.status().ID)
		r.event(corev1.EventTypeNormal, d.Event, "Delete", d.Note)
		r.recordEvents(ctx)
	}
	return nil
}

// fingerprint identifies a request: as long as it is the same, a refusal stands.
func (r *reconciliation) fingerprint(act decision.Action) string {
	return fmt.Sprintf("%v of generation %d with %s as %s", act, r.Object.GetGeneration(), r.resolved.Fingerprint, r.CredentialsInUse.Credentials.Key())
}
