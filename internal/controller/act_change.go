package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// update PATCHes the object and reads it back.
func (p *pass) update(ctx context.Context, s *situation, d decision) (time.Duration, error) {
	if !s.wish && !s.resend && !p.isRetry(actUpdate) {
		// Drift is shown before it is mended.
		p.report(d)
		if err := p.save(ctx); err != nil {
			return 0, err
		}
	}
	prepared, err := p.external.prepare(ctx, true)
	if err != nil || prepared.secretGate != nil {
		return p.obstructed(prepared.secretGate), err
	}
	failure, err := p.send(ctx, actUpdate, func(ctx context.Context) error { return p.external.update(ctx, *s.mine) })
	if err != nil || failure != nil {
		return p.obstructed(p.refusal(actUpdate, failure, "change the "+s.kind)), err
	}
	p.memory.hold = hold{}
	p.memory.patched = patched{paths: paths(s.mine.differences), generation: p.object.GetGeneration(), at: p.memory.lastWrite}
	p.external.sent(false)
	what := "secret values"
	if !s.mine.equal() {
		what = paths(s.mine.differences)
	}
	p.log.Info("Changed in Atlas", "operation", "update", "atlasID", s.id, "fields", what, "requestID", p.requestID)
	p.tell(corev1.EventTypeNormal, v1alpha1.EventUpdated, "Update", fmt.Sprintf("Changed the %s %s in Atlas: %s%s.", s.kind, s.id, what, p.request()))
	return p.readBack(ctx, s)
}

// readBack shows what Atlas made of a PATCH, whose own answer does not tell.
func (p *pass) readBack(ctx context.Context, s *situation) (time.Duration, error) {
	found, err := p.external.get(ctx, s.id)
	if err != nil {
		// The change is in Atlas; the next pass shows how it looks there.
		p.log.V(1).Info("Atlas took the change and could not be asked about it", "class", atlas.Class(err))
		p.report(decision{synced: says(isTrue, v1alpha1.ReasonSynced, "Atlas took the change."), progress: progressReconciling, sticky: true,
			ready: says(isFalse, v1alpha1.ReasonPending, "Atlas took the change and has not reported a state since.")})
		return time.Second, nil
	}
	p.memory.outdated = time.Time{}
	d := stateOf(&found, paceSteady)
	d.synced = says(isTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if found.equal() {
		p.memory.patched = patched{} // the next such difference is a new one
	} else {
		d.synced = says(isFalse, v1alpha1.ReasonDrifted, "Atlas took the change and still differs from the spec in: "+paths(found.differences)+".")
		d.pace = pacePending
	}
	p.report(d)
	return p.pause(ctx, d), nil
}

// errNameConflict: another object now has the name of the resource's object. Nothing was sent.
var errNameConflict = errors.New("another object has this name")

// delete asks Atlas to delete the object. Atlas does it later; the object is looked for until it is gone.
func (p *pass) delete(ctx context.Context, d decision) (time.Duration, error) {
	id := d.remove
	failure, err := p.send(ctx, actDelete, func(ctx context.Context) error { return p.external.delete(ctx, id) })
	switch {
	case err != nil:
		return 0, err
	case failure == nil:
		p.log.Info("Deletion requested from Atlas", "operation", "delete", "atlasID", id, "requestID", p.requestID)
		p.tellDelete(id)
	case errors.Is(failure, errNameConflict):
		p.memory.outdated = p.options.Clock.Now()
		return time.Second, nil
	case atlas.IsNotFound(failure) && !atlas.IsProjectNotFound(failure):
		p.log.Info("Atlas no longer has the object", "operation", "delete", "atlasID", id)
	default:
		return p.obstructed(p.refusal(actDelete, failure, "delete the "+p.external.kind())), nil
	}
	p.memory.deleteSent, p.memory.deletes = p.options.Clock.Now(), p.memory.deletes+1
	p.memory.outdated, p.memory.hold = p.memory.deleteSent, hold{}
	p.report(d)
	return jitter(pendingDelay(0, p.options.PendingPollInterval)), nil
}

// tellDelete tells of a DELETE that Atlas took.
func (p *pass) tellDelete(id string) {
	reason, purpose := v1alpha1.EventDeleteRequested, ""
	if p.object.GetDeletionTimestamp() == nil {
		reason, purpose = v1alpha1.EventRecreating, ", to create it again"
	}
	p.tell(corev1.EventTypeNormal, reason, "Delete", fmt.Sprintf("Asked Atlas to delete the %s %s%s%s.", p.external.kind(), id, purpose, p.request()))
}

// request names Atlas's id of the last write, where it gave one, for whoever asks Atlas's support.
func (p *pass) request() string {
	if p.requestID == "" {
		return ""
	}
	return " (request " + p.requestID + ")"
}

// send runs one PATCH or DELETE under the lock of its workspace or project. A graceful stop lets it end. Failure is
// Atlas's; err means that the call was not made.
func (p *pass) send(ctx context.Context, act action, call func(context.Context) error) (failure, err error) {
	release, err := p.locks.acquire(ctx, p.external.lockKey())
	if err != nil {
		return nil, err
	}
	defer release()
	callCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Atlas.Timeout)
	defer cancel()
	callCtx, requestID := atlas.WithRequestID(callCtx)
	failure = call(callCtx)
	p.requestID = *requestID
	p.options.recorder().Wrote(kindOf(p.object), act.String(), failure)
	if failure == nil || atlas.IsOutcomeUnknown(failure) {
		p.memory.lastWrite = p.options.Clock.Now()
		p.memory.outdated = p.memory.lastWrite
	}
	return failure, nil
}

// refusal says why a write failed and keeps it from being repeated before its time.
func (p *pass) refusal(act action, failure error, doing string) *obstacle {
	if failure == nil {
		return nil
	}
	blocked := p.classify(failure, doing)
	if blocked.reason == v1alpha1.ReasonInUse {
		blocked.message += p.external.inUseHint()
	}
	return p.holdBack(act, blocked)
}

// finish takes the finalizer off: there is nothing of ours in Atlas any more, or it stays there on purpose.
func (p *pass) finish(ctx context.Context, d decision) error {
	if err := p.setFinalizer(ctx, controllerutil.RemoveFinalizer); err != nil {
		return err
	}
	p.owners.releaseAll(nameOf(p.object))
	if d.event != "" {
		p.log.Info("Deletion finished", "operation", "finish", "outcome", d.event, "atlasID", p.status().ID)
		p.tell(corev1.EventTypeNormal, d.event, "Delete", d.note)
		p.tellAll(ctx)
	}
	return nil
}

// fingerprint identifies a request: as long as it is the same, a refusal stands.
func (p *pass) fingerprint(act action) string {
	return fmt.Sprintf("%v of generation %d with %s as %s", act, p.object.GetGeneration(), p.preparation.fingerprint, p.grant.key())
}
