package controller

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
)

// observation gathers what is known without asking Atlas.
func (r *reconciliation) newObservation() *observation {
	status, annotations := r.status(), r.object.GetAnnotations()
	o := &observation{
		now: r.now, settle: r.options.settle(), poll: r.options.PendingPollInterval,
		kind: r.remote.kind(), spec: *r.spec(), importID: r.remote.importID(),
		beingDeleted: r.object.GetDeletionTimestamp() != nil, hasFinalizer: hasFinalizer(r.object),
		abandon: annotations[v1alpha1.AnnotationAbandon] == "true", recreate: annotations[v1alpha1.AnnotationRecreate],
		id:         status.ID,
		deleteSent: r.memory.deleteSent, deletes: r.memory.deletes, lastWrite: r.memory.lastWrite,
		exists: r.memory.exists,
	}
	if managed := r.managed(); managed != nil {
		o.ownership = managed.Ownership
		if managed.CreateRequestedAt != nil {
			o.claim = r.memory.sawClaim(managed.CreateRequestedAt.Time, r.now)
			o.failure = r.memory.hold.failure
		}
	}
	return o
}

// observe asks Atlas, and the cluster for what the spec refers to. A blocker means that no decision is possible.
func (r *reconciliation) observe(ctx context.Context, o *observation, live bool) (*blocker, error) {
	o.fromDefaults = r.credentialsInUse.fromDefaults
	if err := r.prepare(ctx, o, live); err != nil {
		return nil, err
	}
	seen, err := r.list(ctx, o)
	if err != nil {
		return r.unseen(ctx, o, err)
	}
	r.accepted()
	o.listBegun, o.candidates, o.deleting = seen.begun, seen.candidates, seen.deleting
	steps := []func(context.Context, *observation, listing) (*blocker, error){r.findOwned, r.findImported, r.findOwners, r.findUsers}
	for _, step := range steps {
		if blocked, err := step(ctx, o, seen); err != nil || blocked != nil {
			return blocked, err
		}
	}
	r.noteAbsence(o)
	r.warnOfRecreate(o)
	if o.owned != nil && o.owned.equal() {
		r.memory.patched = patched{}
	}
	o.patched = r.memory.patchStillOpen(o, r.object.GetGeneration())
	return nil, nil
}

// prepare resolves what the spec refers to. A deletion needs none of it.
func (r *reconciliation) prepare(ctx context.Context, o *observation, live bool) error {
	if o.beingDeleted {
		return nil
	}
	prepared, err := r.remote.prepare(ctx, live)
	if err != nil {
		return err
	}
	r.preparation = prepared
	o.gate, o.secretGate = prepared.gate, prepared.secretGate
	o.resendSecrets = o.isOwned() && prepared.resendSecrets
	o.specChanged = r.specChanged()
	r.remote.warn()
	return nil
}

// list reads the list; or, where that costs less, only the resource's own object, when nothing else matters.
func (r *reconciliation) list(ctx context.Context, o *observation) (listing, error) {
	opts := r.freshness(o)
	if o.isOwned() && !r.isSettled(o) && r.remote.getIsCheaper(opts) {
		if found, err := r.remote.get(ctx, o.id); err == nil && r.remote.isOwned(found.id) {
			return listing{begun: r.now, byID: func(string) *remoteObject { return &found }}, nil
		}
	}
	return r.remote.read(ctx, opts)
}

// isSettled: the object is what it will be until somebody changes something.
func (r *reconciliation) isSettled(o *observation) bool {
	class, _ := r.remote.states().classOf(r.status().State)
	return !o.beingDeleted && o.recreate != o.id && (class == stateReady || class == stateFailed)
}

// freshness says how old a list this reconciliation may rest on.
func (r *reconciliation) freshness(o *observation) inventory.ReadOptions {
	age, since := r.options.PendingPollInterval, r.memory.outdated
	switch {
	case !o.isOwned() && o.spec.ManagementPolicy != v1alpha1.Observe:
	case r.isSettled(o):
		age = r.options.SteadyPollInterval * 9 / 10
	default:
		age, since = r.pendingDelay()*9/10, latest(since, r.memory.lastWrite) // what is waited for came after it
	}
	// An object that is not listed is asked for by itself before anything rests on its absence.
	opts := inventory.ReadOptions{NotBefore: r.now.Add(-age), Routine: o.isOwned(), Now: r.forced}
	if r.forced {
		opts.NotBefore = r.now
	}
	opts.NotBefore = latest(opts.NotBefore, since)
	return opts
}

// unseen handles a list that failed. For a deletion, a workspace that certainly is not there has no connections.
func (r *reconciliation) unseen(ctx context.Context, o *observation, err error) (*blocker, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if o.beingDeleted && atlas.IsWorkspaceNotFound(err) {
		if _, getErr := r.remote.get(ctx, o.id); !atlas.IsWorkspaceNotFound(getErr) {
			return r.unreadable(err, o), nil
		}
		r.accepted()
		r.judgeAbsence(o, r.now)
		return nil, nil
	}
	return r.unreadable(err, o), nil
}

// judgeAbsence says how sure it is that the object is gone, now that a GET and a list begun later, at begun, do not
// show it.
func (r *reconciliation) judgeAbsence(o *observation, begun time.Time) {
	since := r.memory.sawMissing(o.id, begun)
	o.gone = absenceHinted
	if o.settled(o.claim) && (!o.deleteSent.IsZero() || begun.Sub(since) >= o.settle) {
		o.gone = absenceCertain
	}
}

// unreadable classes the failure of a read. Only the refusal of a write says anything about the object itself.
func (r *reconciliation) unreadable(err error, o *observation) *blocker {
	blocked := r.classify(err, "read the "+o.kind)
	if blocked.effect == refused {
		blocked.effect, blocked.stalled = missing, false
	}
	return blocked
}

// findMine finds the object that the status names, or makes sure that it is gone.
func (r *reconciliation) findOwned(ctx context.Context, o *observation, seen listing) (*blocker, error) {
	if !o.isOwned() {
		return nil, nil
	}
	if o.nameConflict = seen.nameConflict; o.nameConflict != nil {
		r.judgeAbsence(o, seen.begun)
		return nil, nil
	}
	if o.owned = seen.byID(o.id); o.owned != nil {
		r.foundMine(o)
		return nil, nil
	}
	found, err := r.remote.get(ctx, o.id)
	switch {
	case err == nil && r.remote.isOwned(found.id):
		o.owned = &found
		r.foundMine(o)
		return nil, nil
	case err == nil:
		o.nameConflict = &found
		r.judgeAbsence(o, r.now)
		return nil, nil
	case !atlas.IsNotFound(err) || atlas.IsProjectNotFound(err):
		return r.unreadable(err, o), nil
	}
	return r.confirmAbsence(ctx, o)
}

// confirmAbsence asks for a list that begins after the object's own GET said that it is not there.
func (r *reconciliation) confirmAbsence(ctx context.Context, o *observation) (*blocker, error) {
	begun := r.options.Clock.Now()
	later, err := r.remote.read(ctx, inventory.ReadOptions{NotBefore: begun, Now: r.forced})
	switch {
	case err != nil && o.beingDeleted && atlas.IsWorkspaceNotFound(err):
	case err != nil:
		return r.unreadable(err, o), nil
	default:
		o.listBegun, o.candidates, o.deleting = later.begun, later.candidates, later.deleting
		begun = later.begun
		o.nameConflict = later.nameConflict
		if o.owned = later.byID(o.id); o.owned != nil {
			r.foundMine(o)
			return nil, nil
		}
	}
	r.judgeAbsence(o, begun)
	return nil, nil
}

// foundMine: what a DELETE of ours, or an absence seen before, says of the object no longer counts.
func (r *reconciliation) foundMine(o *observation) {
	r.memory.sawThere()
	if o.owned.class() != stateDeleting && !o.beingDeleted && o.recreate != o.id {
		r.memory.deleteSent, r.memory.deletes = time.Time{}, 0
		o.deleteSent, o.deletes = time.Time{}, 0
	}
}

// findImported finds the object that importId names.
func (r *reconciliation) findImported(ctx context.Context, o *observation, seen listing) (*blocker, error) {
	if o.importID == "" || o.isOwned() || o.beingDeleted {
		return nil, nil
	}
	if o.imported = seen.byID(o.importID); o.imported != nil {
		return nil, nil
	}
	found, err := r.remote.get(ctx, o.importID)
	switch {
	case err == nil:
		o.imported = &found
	case atlas.IsNotFound(err) && !atlas.IsProjectNotFound(err):
		o.importMissing = true
	default:
		return r.unreadable(err, o), nil
	}
	return nil, nil
}

// findOwners finds out whether other resources own, or take precedence for, what this one describes. Observers do not
// care.
func (r *reconciliation) findOwners(ctx context.Context, o *observation, _ listing) (*blocker, error) {
	if o.spec.ManagementPolicy == v1alpha1.Observe && !o.beingDeleted {
		return nil, nil
	}
	views := []*remoteObject{o.imported}
	for i := range o.candidates {
		views = append(views, &o.candidates[i])
	}
	for _, v := range views {
		if v == nil {
			continue
		}
		owner, err := r.remote.owner(ctx, v.id)
		if err != nil {
			return nil, err
		}
		v.owner = owner
	}
	if o.isOwned() {
		owner, err := r.remote.owner(ctx, o.id)
		if err != nil {
			return nil, err
		}
		o.owner = owner
	}
	o.candidates = slices.DeleteFunc(o.candidates, func(v remoteObject) bool { return v.doubtful && v.owner != "" })
	if o.beingDeleted || (o.isOwned() && o.gone != absenceCertain) {
		return nil, nil
	}
	same, err := r.remote.same(ctx)
	o.preceding, o.untried = r.precedingResource(same), r.untriedPredecessor(same)
	return nil, err
}

// findUsers finds what still needs an object that is to be deleted.
func (r *reconciliation) findUsers(ctx context.Context, o *observation, _ listing) (*blocker, error) {
	if !o.beingDeleted && o.recreate != o.id {
		return nil, nil
	}
	users, err := r.remote.users(ctx)
	o.users = users
	return nil, err
}

// noteAbsence remembers when lists first did not show an object that a POST may have made.
func (r *reconciliation) noteAbsence(o *observation) {
	if !o.openClaim() {
		r.memory.absentSince = time.Time{}
		return
	}
	ours, _ := claimedAmong(o)
	switch {
	case len(ours) > 0 || !o.listBegun.After(o.claim.Add(o.settle)):
		r.memory.absentSince = time.Time{}
	case r.memory.absentSince.IsZero() || !r.memory.absentSince.After(o.claim.Add(o.settle)):
		r.memory.absentSince = o.listBegun
	}
	o.absentSince = r.memory.absentSince
}

// warnOfRecreate tells of an annotation that names another object. One that did its work may stay.
func (r *reconciliation) warnOfRecreate(o *observation) {
	if o.beingDeleted || o.owned == nil || o.owned.anonymous || o.recreate == "" || o.spec.ManagementPolicy != v1alpha1.Manage {
		return
	}
	if o.recreate == o.owned.id {
		r.memory.replaced = o.recreate
	}
	if o.recreate != r.memory.replaced {
		r.eventOnce([]string{fmt.Sprintf("The annotation %s=%q does nothing: the id of the %s is %s. %s",
			v1alpha1.AnnotationRecreate, o.recreate, o.kind, o.owned.id, recreateAdvice(o.owned.id, ""))})
	}
}

func (r *reconciliation) classify(err error, doing string) *blocker {
	blocked := classify(err, doing, r.credentialsInUse.source, r.options.Clock.Now())
	blocked.message = r.remote.redact(blocked.message)
	switch {
	case atlas.IsUnauthorized(err):
		r.credentials.refused(r.credentialsInUse)
	case blocked.effect != outage && blocked.effect != credentialsRefused && !atlas.IsForeign(err):
		r.accepted()
	}
	r.log.V(1).Info("Atlas did not do it", "doing", doing, "reason", blocked.reason, "class", atlas.Class(err))
	return blocked
}

// accepted notes that Atlas took the credentials, whatever else it said.
func (r *reconciliation) accepted() {
	r.access = newCondition(statusTrue, v1alpha1.ReasonAccepted, fmt.Sprintf("Atlas accepts the credentials of %s.", r.credentialsInUse.source))
	if r.credentialsInUse.note != "" {
		r.access = newCondition(statusFalse, r.credentialsInUse.reason, r.credentialsInUse.note)
	}
}
