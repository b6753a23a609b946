package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// errSuperseded: another writer moved the status on.
var errSuperseded = errors.New("another reconciliation was first")

// create claims and POSTs, exactly once per claim. The finalizer comes first; the lock keeps others from matching
// and creating the same object at the same moment; what was decided is decided again under it. The lock goes when Atlas
// has answered and others in this process can see what it said; the id is saved while the next one is being created.
func (r *reconciliation) create(ctx context.Context) (time.Duration, error) {
	leave, err := r.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	defer func() { r.unlock() }()
	// The time of a POST counts from its claim, so what the rate limit makes it wait comes before.
	reservation, err := r.CredentialsInUse.Client.Reserve(ctx, r.spec().ProjectID)
	if err != nil {
		return r.reportBlocked(r.classify(err, "create the "+r.kind.Noun)), ctx.Err()
	}
	defer reservation.Release()
	claimed, pause, err := r.prepareCreation(ctx)
	if claimed && r.queueKey() != "" {
		claimed, pause, err = r.advance(ctx)
		leave()
	}
	if !claimed {
		r.owners.release(r.keys().Claim, NameOf(r.Object))
		return pause, err
	}
	return r.post(atlas.WithReservation(ctx, reservation))
}

// claimsAhead is how many creations of a place may have their claim while they wait for the lock. More than one, so
// that an API server that takes longer for a status than Atlas for a POST does not set the pace.
const claimsAhead = 3

// enter waits for the lock; or, where creations queue, for one of the first places, where they claim while those before
// them are being answered.
func (r *reconciliation) enter(ctx context.Context) (leave func(), err error) {
	if queue := r.queueKey(); queue != "" {
		r.unlock = func() {}
		return r.locks.acquire(ctx, queue, claimsAhead)
	}
	r.unlock, err = r.locks.acquire(ctx, r.keys().Lock, 1)
	return r.unlock, err
}

// advance waits for the lock with a claim in hand. A claim that became old meanwhile is withdrawn, as nothing was sent
// for it, and everything is decided anew: what it rests on is old too.
func (r *reconciliation) advance(ctx context.Context) (claimed bool, pause time.Duration, err error) {
	unlock, err := r.locks.acquire(ctx, r.keys().Lock, 1)
	if err != nil {
		r.withdraw()
		return false, 0, errors.Join(err, r.saveWithRetry(ctx))
	}
	r.unlock = unlock
	if r.options.Clock.Since(r.tracked.claim.seenAt) <= r.options.Atlas.Timeout/10 {
		return true, 0, nil
	}
	r.withdraw()
	return r.prepareCreation(ctx)
}

// prepareCreation decides again, now that no other resource creates the same, and claims. Where it did not claim, pause
// is the time until the next reconciliation.
func (r *reconciliation) prepareCreation(ctx context.Context) (claimed bool, pause time.Duration, err error) {
	r.Now = r.options.Clock.Now()
	o := r.newObservation()
	blocked, err := r.observe(ctx, o, true)
	if err != nil || blocked != nil {
		return false, r.reportBlocked(blocked), err
	}
	d := decision.Decide(o)
	if d.Act != decision.ActCreate {
		return false, 100 * time.Millisecond, nil // the next reconciliation does what this one did not come for
	}
	if owner := r.take(r.keys().Claim); owner != NameOf(r.Object) {
		r.report(decision.Preceded(o, owner.String()))
		return false, jitter(r.options.SteadyPollInterval), nil
	}
	r.renewed = r.renewed || o.OpenClaim()
	err = r.claim(ctx, d)
	return err == nil, 0, err
}

// claim writes down that a POST is about to go out. In the same write it lets go of an object that is gone.
func (r *reconciliation) claim(ctx context.Context, d decision.Decision) error {
	status := r.managed()
	asked := r.options.Clock.Now()
	now := metav1.NewMicroTime(asked.Truncate(time.Microsecond))
	status.CreateRequestedAt, status.ID, status.Ownership = &now, "", ""
	r.remote.Publish(nil)
	r.remote.Sent(SentClaim)
	r.tracked.object.forget()
	// Whatever is known of an earlier claim no longer counts.
	r.tracked.claim.made, r.tracked.claim.absentSince = nil, time.Time{}
	r.tracked.claim.at, r.tracked.claim.seenAt = now.Time, asked
	if !r.isRetry(decision.ActCreate) {
		r.report(d)
	}
	if err := r.save(ctx); err != nil {
		r.setObject(r.saved) // a claim that is saved later would wait for a POST that never went out
		return err
	}
	r.tracked.claim.closed = time.Time{}
	return nil
}

// withdraw takes back a claim for which nothing was made.
func (r *reconciliation) withdraw() {
	r.tracked.claim.closed = r.tracked.claim.at
	r.managed().CreateRequestedAt = nil
	r.remote.Publish(nil)
}

// shortestPause is the least time in which the spec can be edited between two requests.
const shortestPause = 10 * time.Second

// closeClaim closes the claim of a POST that failed without a definite answer, once lists and time have shown that it
// made nothing: until the request is repeated the spec can be edited again.
func (r *reconciliation) closeClaim(o *decision.Observation) time.Duration {
	h := r.tracked.backoff.hold
	h.until = r.Now.Add(max(jitter(decision.FailureDelay(h.rejections)), shortestPause))
	r.owners.release(r.keys().Claim, NameOf(r.Object))
	r.withdraw()
	r.report(decision.Unconfirmed(o))
	return h.until.Sub(r.Now)
}

// post sends the POST. A graceful stop does not cancel it.
func (r *reconciliation) post(ctx context.Context) (time.Duration, error) {
	var answer decision.RemoteObject
	err := r.write(ctx, decision.ActCreate, r.options.Atlas.Timeout-r.options.Clock.Since(r.tracked.claim.seenAt), func(ctx context.Context) (err error) {
		answer, err = r.remote.Create(ctx)
		return err
	})
	switch {
	case err == nil:
		return r.created(ctx, answer)
	case atlas.IsOutcomeUnknown(err):
		r.log.Info("The outcome of the creation is unknown", "class", atlas.Class(err))
		blocked := r.holdBack(decision.ActCreate, r.classify(err, "create the "+r.kind.Noun))
		r.tracked.backoff.hold.failure = cmp.Or(r.tracked.backoff.hold.failure, r.redact(said(err)))
		return r.reportBlocked(blocked), nil
	case atlas.IsConflict(err) && r.renewed:
		// The POST before this one did make the object. The claim stays open; matching finds it.
		r.log.Info("The object exists already, made by an earlier request of ours")
		r.tracked.claim.exists = said(err)
		r.tracked.object.outdated = r.options.Clock.Now()
		return time.Second, nil
	}
	return r.notCreated(ctx, err)
}

// created keeps the id, whatever happens to the write of it.
func (r *reconciliation) created(ctx context.Context, answer decision.RemoteObject) (time.Duration, error) {
	r.tracked.claim.made = &made{claim: r.tracked.claim.at, id: answer.ID}
	r.tracked.backoff.hold, r.tracked.claim.exists = nil, ""
	r.take(r.kind.ObjectKey(r.Object, answer.ID))
	r.owners.release(r.keys().Claim, NameOf(r.Object))
	r.unlock()
	r.log.Info("Created in Atlas", "operation", "create", "atlasID", answer.ID, "requestID", r.requestID)
	status := r.managed()
	status.ID, status.Ownership = answer.ID, v1alpha1.OwnershipCreated
	r.remote.Sent(SentCreate)
	r.event(corev1.EventTypeNormal, v1alpha1.EventCreated, "Create", fmt.Sprintf("Created the %s %s in Atlas%s.", r.kind.Noun, answer.ID, r.request()))
	d := decision.StateOf(&answer)
	d.Synced = decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	r.report(d)
	if err := r.saveWithRetry(ctx); err != nil {
		return 0, fmt.Errorf("keep the id %s of the %s that was just created: %w", answer.ID, r.kind.Noun, err)
	}
	return r.pause(ctx, d), nil
}

// notCreated closes the claim after a definite refusal: nothing was made, and the spec can be edited again. An open
// claim that stayed behind would make an object of others look like ours.
func (r *reconciliation) notCreated(ctx context.Context, err error) (time.Duration, error) {
	r.owners.release(r.keys().Claim, NameOf(r.Object))
	r.unlock()
	r.withdraw()
	blocked := r.holdBack(decision.ActCreate, r.classify(err, "create the "+r.kind.Noun))
	if atlas.IsConflict(err) && r.tracked.backoff.hold.rejections == 1 {
		// Somebody else's object is in the way. Matching starts again at once with a new list, which most often shows
		// it; if not, the refusal is reported and held.
		r.tracked.object.outdated = r.options.Clock.Now()
		return time.Second, r.saveWithRetry(ctx)
	}
	pause := r.reportBlocked(blocked)
	return pause, r.saveWithRetry(ctx)
}

// adopt makes an existing object ours: one that our own POST made, or one that is adopted.
func (r *reconciliation) adopt(o *decision.Observation, d decision.Decision) (time.Duration, error) {
	if owner := r.take(r.kind.ObjectKey(r.Object, d.Target.ID)); owner != NameOf(r.Object) {
		r.report(decision.AlreadyManaged(o, d.Target.ID, owner.String()))
		return jitter(r.options.SteadyPollInterval), nil
	}
	status := r.managed()
	if claim := status.CreateRequestedAt; claim != nil && o.BeingDeleted {
		// The deletion goes on even where the status cannot be written.
		r.tracked.claim.made = &made{claim: claim.Time, id: d.Target.ID}
	}
	if status.ID != d.Target.ID {
		r.tracked.object.forget()
	}
	status.ID, status.Ownership = d.Target.ID, d.Ownership
	reason, note := v1alpha1.EventCreated, "Found the %s %s in Atlas that an earlier request of ours made."
	if d.Ownership == v1alpha1.OwnershipAdopted {
		reason, note = v1alpha1.EventAdopted, "The %s %s that already existed in Atlas now belongs to this resource."
		r.remote.Sent(SentAdoption)
	}
	r.tracked.claim.exists = ""
	r.event(corev1.EventTypeNormal, reason, "Adopt", fmt.Sprintf(note, r.kind.Noun, d.Target.ID))
	r.log.Info("Took an object of Atlas", "operation", "take", "atlasID", d.Target.ID, "ownership", d.Ownership)
	r.remote.Publish(d.Target)
	// Nothing is sent before the status names the object. What differs is no drift, and neither Ready nor Synced before it is sent.
	o.ID, o.Ownership, o.Owned, o.ResendSecrets = d.Target.ID, d.Ownership, d.Target, r.resolved.ResendSecrets
	next := decision.Decide(o)
	if next.Act == decision.ActUpdate {
		next = decision.WaitFor(v1alpha1.ReasonPending, fmt.Sprintf("The %s %s belongs to this resource and is being changed to what the spec says.", r.kind.Noun, o.ID))
		r.conditions().remove(v1alpha1.ConditionSynced)
	}
	r.report(next)
	return immediately, nil
}
