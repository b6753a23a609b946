package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// errSuperseded: another writer moved the status on.
var errSuperseded = errors.New("another pass got there first")

// create claims and POSTs, exactly once per claim. The finalizer comes first; the lock keeps others from matching
// and creating the same object at the same moment; what was decided is decided again under it. The lock goes when Atlas
// has answered and others in this process can see what it said; the id is saved while the next one is being created.
func (p *pass) create(ctx context.Context) (time.Duration, error) {
	if err := p.setFinalizer(ctx, controllerutil.AddFinalizer); err != nil {
		return 0, err
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	defer func() { p.unlock() }()
	// The time of a POST counts from its claim, so what the rate limit makes it wait comes before.
	permit, err := p.grant.client.Permit(ctx, p.spec().ProjectID)
	if err != nil {
		return p.obstructed(p.classify(err, "create the "+p.external.kind())), ctx.Err()
	}
	defer permit.Release()
	c, err := p.prepareCreation(ctx)
	if c.claimed && p.external.queueKey() != "" {
		c, err = p.advance(ctx, c)
		leave()
	}
	if !c.claimed {
		p.owners.release(p.external.claimKey(), nameOf(p.object))
		return c.pause, err
	}
	return p.post(atlas.WithPermit(ctx, permit), c.renewed)
}

// claimsAhead is how many creations of a place may have their claim while they wait for the lock. More than one, so that
// an API server that takes longer for a status than Atlas for a POST does not set the pace.
const claimsAhead = 3

// enter waits for the lock; or, where creations queue, for one of the first places, where they claim while those before
// them are being answered.
func (p *pass) enter(ctx context.Context) (leave func(), err error) {
	if queue := p.external.queueKey(); queue != "" {
		p.unlock = func() {}
		return p.locks.acquireOne(ctx, queue, claimsAhead)
	}
	p.unlock, err = p.locks.acquire(ctx, p.external.lockKey())
	return p.unlock, err
}

// advance waits for the lock with a claim in hand. A claim that became old meanwhile is withdrawn, as nothing was sent
// for it, and everything is decided anew: what it rests on is old too.
func (p *pass) advance(ctx context.Context, c creation) (creation, error) {
	unlock, err := p.locks.acquire(ctx, p.external.lockKey())
	if err != nil {
		p.withdraw()
		return creation{}, errors.Join(err, p.insist(ctx))
	}
	p.unlock = unlock
	if p.options.Clock.Since(p.memory.claimSeen) <= p.options.Atlas.Timeout/10 {
		return c, nil
	}
	p.withdraw()
	again, err := p.prepareCreation(ctx)
	again.renewed = again.renewed || c.renewed
	return again, err
}

// creation is how far a creation came before its POST.
type creation struct {
	// claimed: the POST may go out. If not, pause is the time until the next pass.
	claimed bool
	pause   time.Duration
	// renewed: a POST before this one may have made the object.
	renewed bool
}

// prepareCreation decides again, now that nobody else creates the same, and claims.
func (p *pass) prepareCreation(ctx context.Context) (creation, error) {
	p.now = p.options.Clock.Now()
	s := p.situation()
	blocked, err := p.look(ctx, s, true)
	if err != nil || blocked != nil {
		return creation{pause: p.obstructed(blocked)}, err
	}
	d := decide(s)
	if d.act != actCreate {
		return creation{pause: 100 * time.Millisecond}, nil // the next pass does what this one did not come for
	}
	if owner := p.owners.take(p.external.claimKey(), nameOf(p.object)); owner != nameOf(p.object) {
		p.report(stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("%s describes the same %s and goes first: delete one of the two resources.", owner, s.kind)))
		return creation{pause: jitter(p.options.SteadyPollInterval)}, nil
	}
	renewed := s.openClaim()
	if err := p.claim(ctx, d); err != nil {
		return creation{}, err
	}
	return creation{claimed: true, renewed: renewed}, nil
}

// claim writes down that a POST is about to go out. In the same write it lets go of an object that is gone.
func (p *pass) claim(ctx context.Context, d decision) error {
	status := p.managed()
	asked := p.options.Clock.Now()
	now := metav1.NewMicroTime(asked.Truncate(time.Microsecond))
	status.CreateRequestedAt, status.ID, status.Ownership = &now, "", ""
	p.external.forget()
	p.external.requested()
	p.claimed = now.Time
	m := p.memory
	m.made, m.absentSince, m.deleteSent, m.deletes = nil, time.Time{}, time.Time{}, 0
	m.sawThere()
	m.claim, m.claimSeen = now.Time, asked
	if !p.isRetry(actCreate) {
		p.report(d)
	}
	if err := p.save(ctx); err != nil {
		p.adopt(p.saved) // a claim that is saved later would wait for a POST that never went out
		return err
	}
	m.closed = time.Time{}
	return nil
}

// withdraw takes back a claim for which nothing was made.
func (p *pass) withdraw() {
	p.memory.closed = p.claimed
	p.managed().CreateRequestedAt = nil
	p.external.forget()
}

// shortestPause is the least time in which the spec can be edited between two requests.
const shortestPause = 10 * time.Second

// closeClaim closes the claim of a POST that failed without a definite answer, once lists and time have shown that it
// made nothing: until the request is repeated the spec can be edited again.
func (p *pass) closeClaim(s *situation) time.Duration {
	h := &p.memory.hold
	h.until = p.now.Add(max(jitter(failureDelay(h.rejections)), shortestPause))
	p.owners.release(p.external.claimKey(), nameOf(p.object))
	p.claimed = p.managed().CreateRequestedAt.Time
	p.withdraw()
	p.report(unconfirmed(s))
	return h.until.Sub(p.now)
}

// post asks Atlas for the object. It is not cancelled by a graceful stop: its answer is worth waiting for.
func (p *pass) post(ctx context.Context, renewed bool) (time.Duration, error) {
	claimed := p.claimed
	postCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Atlas.Timeout-p.options.Clock.Since(p.memory.claimSeen))
	defer cancel()
	postCtx, requestID := atlas.WithRequestID(postCtx)
	answer, err := p.external.create(postCtx)
	p.requestID = *requestID
	p.options.recorder().Wrote(kindOf(p.object), actCreate.String(), err)
	switch {
	case err == nil:
		return p.created(ctx, answer, claimed)
	case atlas.IsOutcomeUnknown(err):
		p.log.Info("Atlas was asked to create the object and did not say whether it did", "class", atlas.Class(err))
		p.memory.lastWrite = p.options.Clock.Now()
		blocked := p.holdBack(actCreate, p.classify(err, "create the "+p.external.kind()))
		p.memory.hold.failure = cmp.Or(p.memory.hold.failure, p.external.redact(said(err)))
		return p.obstructed(blocked), nil
	case atlas.IsConflict(err) && renewed:
		// The POST before this one did make the object. The claim stays open; matching finds it.
		p.log.Info("The object exists already, made by an earlier request of ours")
		p.memory.exists = said(err)
		p.memory.outdated = p.options.Clock.Now()
		return time.Second, nil
	}
	return p.notCreated(ctx, err)
}

// created keeps the id, whatever happens to the write of it.
func (p *pass) created(ctx context.Context, answer view, claimed time.Time) (time.Duration, error) {
	p.memory.made = &made{claim: claimed, id: answer.id}
	p.memory.lastWrite = p.options.Clock.Now()
	p.memory.hold, p.memory.exists = hold{}, ""
	p.owners.take(p.external.objectKey(answer.id), nameOf(p.object))
	p.owners.release(p.external.claimKey(), nameOf(p.object))
	p.unlock()
	p.log.Info("Created in Atlas", "operation", "create", "atlasID", answer.id, "requestID", p.requestID)
	status := p.managed()
	status.ID, status.Ownership = answer.id, v1alpha1.OwnershipCreated
	p.external.sent(true)
	p.tell(corev1.EventTypeNormal, v1alpha1.EventCreated, "Create", fmt.Sprintf("Created the %s %s in Atlas%s.", p.external.kind(), answer.id, p.request()))
	d := stateOf(&answer, paceSteady)
	d.synced = says(isTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	p.report(d)
	if err := p.insist(ctx); err != nil {
		return 0, fmt.Errorf("keep the id %s of the %s that was just created: %w", answer.id, p.external.kind(), err)
	}
	return p.pause(ctx, d), nil
}

// notCreated closes the claim after a definite refusal: nothing was made, and the spec can be edited again. An open
// claim that stayed behind would make somebody else's object look like ours.
func (p *pass) notCreated(ctx context.Context, err error) (time.Duration, error) {
	p.owners.release(p.external.claimKey(), nameOf(p.object))
	p.unlock()
	p.withdraw()
	blocked := p.holdBack(actCreate, p.classify(err, "create the "+p.external.kind()))
	if atlas.IsConflict(err) && p.memory.hold.rejections == 1 {
		// Somebody else's object is in the way. Matching starts again at once with a new list, which most often shows
		// it; if not, the refusal is told and held.
		p.memory.outdated = p.options.Clock.Now()
		return time.Second, p.insist(ctx)
	}
	pause := p.obstructed(blocked)
	return pause, p.insist(ctx)
}

// take makes an existing object ours: one that our own POST made, or one that is adopted.
func (p *pass) take(ctx context.Context, d decision) (time.Duration, error) {
	key, me := p.external.objectKey(d.target.id), nameOf(p.object)
	if id := p.managed().ID; id != "" && id != d.target.id {
		p.owners.release(p.external.objectKey(id), me)
	}
	if owner := p.owners.take(key, me); owner != me {
		p.report(stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("The %s %s in Atlas belongs to %s: delete one of the two resources.", p.external.kind(), d.target.id, owner)))
		return jitter(p.options.SteadyPollInterval), nil
	}
	status := p.managed()
	if p.object.GetDeletionTimestamp() == nil {
		if err := p.setFinalizer(ctx, controllerutil.AddFinalizer); err != nil {
			return 0, err
		}
	} else if claim := status.CreateRequestedAt; claim != nil {
		// The deletion goes on even where the status cannot be written.
		p.memory.made = &made{claim: claim.Time, id: d.target.id}
	}
	if status.ID != d.target.id {
		p.memory.deleteSent, p.memory.deletes = time.Time{}, 0
		p.memory.sawThere()
	}
	status.ID, status.Ownership = d.target.id, d.ownership
	reason, note := v1alpha1.EventCreated, "Found the %s %s in Atlas that an earlier request of ours made."
	if d.ownership == v1alpha1.OwnershipAdopted {
		reason, note = v1alpha1.EventAdopted, "The %s %s that already existed in Atlas now belongs to this resource."
	}
	if d.ownership == v1alpha1.OwnershipAdopted && trustsSecrets(p.object) {
		p.external.sent(false)
	}
	p.owners.release(p.external.claimKey(), me)
	p.memory.exists = ""
	p.tell(corev1.EventTypeNormal, reason, "Adopt", fmt.Sprintf(note, p.external.kind(), d.target.id))
	p.log.Info("Took an object of Atlas", "operation", "take", "atlasID", d.target.id, "ownership", d.ownership)
	p.external.publish(*d.target)
	if err := p.save(ctx); err != nil {
		return 0, err
	}
	return p.run(ctx)
}
