package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// newObservation gathers what is known without asking Atlas.
func (r *reconciliation) newObservation() *decision.Observation {
	status, annotations := r.status(), r.Object.GetAnnotations()
	o := &decision.Observation{
		Now: r.Now, Settle: r.options.settle(), Poll: r.options.PendingPollInterval,
		Kind: r.kind.Noun, ChooseAdvice: r.kind.ChooseAdvice, Spec: *r.spec(), ImportID: r.kind.importID(r.Object),
		BeingDeleted: r.Object.GetDeletionTimestamp() != nil, HasFinalizer: hasFinalizer(r.Object),
		Abandon: annotations[v1alpha1.AnnotationAbandon] == "true", Recreate: annotations[v1alpha1.AnnotationRecreate],
		ID: status.ID, Ownership: r.managed().Ownership, DeleteSent: r.tracked.object.deleteSent, Deletes: r.tracked.object.deletes,
		LastWrite: r.tracked.object.lastWrite, Exists: r.tracked.claim.exists,
	}
	if claim := r.managed().CreateRequestedAt; claim != nil {
		o.Claim = r.tracked.claim.sawClaim(claim.Time, r.Now)
		if h := r.tracked.backoff.hold; h != nil {
			o.Failure = h.failure
		}
	}
	return o
}

// observe reads Atlas, and what the spec refers to in the cluster. A blocker means that no decision is possible.
func (r *reconciliation) observe(ctx context.Context, o *decision.Observation, live bool) (*decision.Blocker, error) {
	o.FromDefaults = r.CredentialsInUse.FromDefaults
	if err := r.resolve(ctx, o, live); err != nil {
		return nil, err
	}
	seen, err := r.list(ctx, o)
	if err != nil {
		return r.unseen(ctx, o, err)
	}
	r.accepted()
	o.ListBegun, o.Candidates, o.Deleting = seen.Begun, seen.Candidates, seen.Deleting
	steps := []func(context.Context, *decision.Observation, Listing) (*decision.Blocker, error){r.findOwned, r.findImported, r.findOwners, r.findUsers}
	for _, step := range steps {
		if blocked, err := step(ctx, o, seen); err != nil || blocked != nil {
			return blocked, err
		}
	}
	r.noteAbsence(o)
	r.warnOfRecreate(o)
	if o.Owned != nil && o.Owned.Equal() {
		r.tracked.object.patched = nil
		if h := r.tracked.backoff.hold; h != nil && !o.ResendSecrets && h.fingerprint == r.fingerprint(decision.ActUpdate) {
			r.tracked.backoff.hold = nil // mended in Atlas: another difference is another request
		}
	}
	o.Patched = r.tracked.object.patchStillOpen(o, r.Object.GetGeneration())
	return nil, nil
}

// resolve resolves what the spec refers to. A deletion needs none of it.
func (r *reconciliation) resolve(ctx context.Context, o *decision.Observation, live bool) error {
	if o.BeingDeleted {
		return nil
	}
	found, err := r.remote.Resolve(ctx, live)
	if err != nil {
		return err
	}
	r.resolved = found
	o.Gate, o.SecretGate = found.Gate, found.SecretGate
	o.ResendSecrets = o.IsOwned() && found.ResendSecrets
	o.SpecChanged = r.SpecChanged()
	r.eventOnSpecWarnings(found.Warnings)
	return nil
}

// list reads the list; or, where that costs less, only the resource's own object, when nothing else matters.
func (r *reconciliation) list(ctx context.Context, o *decision.Observation) (Listing, error) {
	opts := r.freshness(o)
	if list, key := r.remote.CachedList(); list != nil && o.IsOwned() && !r.isSettled(o) && list.GetIsCheaper(key, opts) {
		if found, err := r.remote.Get(ctx, o.ID); err == nil && r.kind.owns(r.Object, found.ID) {
			return Listing{Begun: r.Now, ByID: func(string) *decision.RemoteObject { return &found }}, nil
		}
	}
	return r.remote.List(ctx, opts)
}

// isSettled: the object stays as it is until someone changes something.
func (r *reconciliation) isSettled(o *decision.Observation) bool {
	class, _ := r.kind.States.ClassOf(r.status().State)
	return !o.BeingDeleted && o.Recreate != o.ID && (class == decision.StateReady || class == decision.StateFailed)
}

// freshness says how old a list this reconciliation may rest on.
func (r *reconciliation) freshness(o *decision.Observation) inventory.ReadOptions {
	age, since := r.options.PendingPollInterval, r.tracked.object.outdated
	switch {
	case !o.IsOwned() && o.Spec.ManagementPolicy != v1alpha1.Observe: // a POST may follow
	case r.isSettled(o):
		if age = r.options.SteadyPollInterval * 9 / 10; o.SpecChanged || o.ResendSecrets {
			age = min(age, 2*time.Minute) // a PATCH may follow; what it changes may be gone since, and its name another's
		}
	default:
		age, since = r.pendingDelay()*9/10, latest(since, r.tracked.object.lastWrite) // what is waited for came after it
	}
	// An object that is not listed is read by a GET of its own before a decision rests on its absence.
	opts := inventory.ReadOptions{NotBefore: r.Now.Add(-age), Routine: o.IsOwned(), Now: r.Forced}
	if r.Forced {
		opts.NotBefore = r.Now
	}
	opts.NotBefore = latest(opts.NotBefore, since)
	return opts
}

// unseen handles a list that failed. For a deletion, a workspace that certainly is not there has no connections.
func (r *reconciliation) unseen(ctx context.Context, o *decision.Observation, err error) (*decision.Blocker, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if o.BeingDeleted && atlas.IsWorkspaceNotFound(err) {
		if _, getErr := r.remote.Get(ctx, o.ID); atlas.IsWorkspaceNotFound(getErr) {
			r.accepted()
			r.judgeAbsence(o, r.Now)
			return nil, nil
		}
	}
	return r.unreadable(err, o), nil
}

// judgeAbsence says how sure it is that the object is gone, now that a GET and a list begun later, at begun, do not
// show it.
func (r *reconciliation) judgeAbsence(o *decision.Observation, begun time.Time) {
	t := &r.tracked.object
	if t.missing != o.ID || t.missingSince.IsZero() {
		t.missing, t.missingSince = o.ID, begun
	}
	o.Gone = decision.AbsenceHinted
	if o.Settled(o.Claim) && (!o.DeleteSent.IsZero() || begun.Sub(t.missingSince) >= o.Settle) {
		o.Gone = decision.AbsenceCertain
	}
}

// unreadable classes the failure of a read. Only the refusal of a write says anything about the object itself.
func (r *reconciliation) unreadable(err error, o *decision.Observation) *decision.Blocker {
	blocked := r.classify(err, "read the "+o.Kind)
	if blocked.Effect == decision.Refused {
		blocked.Effect, blocked.Stalled = decision.Missing, false
	}
	return blocked
}

// findOwned finds the object that the status names, or makes sure that it is gone.
func (r *reconciliation) findOwned(ctx context.Context, o *decision.Observation, seen Listing) (*decision.Blocker, error) {
	if !o.IsOwned() {
		return nil, nil
	}
	if o.NameConflict = seen.NameConflict; o.NameConflict != nil {
		r.judgeAbsence(o, seen.Begun)
		return nil, nil
	}
	if o.Owned = seen.ByID(o.ID); o.Owned != nil {
		r.foundOwned(o)
		return nil, nil
	}
	found, blocked := r.get(ctx, o, o.ID)
	switch {
	case blocked != nil:
		return blocked, nil
	case found == nil:
		return r.confirmAbsence(ctx, o)
	case r.kind.owns(r.Object, found.ID):
		o.Owned = found
		r.foundOwned(o)
	default:
		o.NameConflict = found
		r.judgeAbsence(o, r.Now)
	}
	return nil, nil
}

// get reads the object of that id, which no list showed; nil when Atlas says that there is none.
func (r *reconciliation) get(ctx context.Context, o *decision.Observation, id string) (*decision.RemoteObject, *decision.Blocker) {
	found, err := r.remote.Get(ctx, id)
	switch {
	case err == nil:
		return &found, nil
	case atlas.IsNotFound(err) && !atlas.IsProjectNotFound(err):
		return nil, nil
	default:
		return nil, r.unreadable(err, o)
	}
}

// confirmAbsence reads a list that begins after the object's own GET did not find it.
func (r *reconciliation) confirmAbsence(ctx context.Context, o *decision.Observation) (*decision.Blocker, error) {
	begun := r.options.Clock.Now()
	later, err := r.remote.List(ctx, inventory.ReadOptions{NotBefore: begun, Now: r.Forced})
	switch {
	case err != nil && o.BeingDeleted && atlas.IsWorkspaceNotFound(err):
	case err != nil:
		return r.unreadable(err, o), nil
	default:
		o.ListBegun, o.Candidates, o.Deleting = later.Begun, later.Candidates, later.Deleting
		begun = later.Begun
		o.NameConflict = later.NameConflict
		if o.Owned = later.ByID(o.ID); o.Owned != nil {
			r.foundOwned(o)
			return nil, nil
		}
	}
	r.judgeAbsence(o, begun)
	return nil, nil
}

// findImported finds the object that importId names.
func (r *reconciliation) findImported(ctx context.Context, o *decision.Observation, seen Listing) (blocked *decision.Blocker, err error) {
	if o.ImportID == "" || o.IsOwned() || o.BeingDeleted {
		return nil, nil
	}
	if o.Imported = seen.ByID(o.ImportID); o.Imported == nil {
		o.Imported, blocked = r.get(ctx, o, o.ImportID)
	}
	o.ImportMissing = o.Imported == nil && blocked == nil
	return blocked, nil
}

// findUsers finds what still needs an object that is to be deleted.
func (r *reconciliation) findUsers(ctx context.Context, o *decision.Observation, _ Listing) (*decision.Blocker, error) {
	if r.kind.Users == nil || !o.BeingDeleted && o.Recreate != o.ID {
		return nil, nil
	}
	users, err := r.kind.Users(ctx, r.client, r.Object)
	o.Users = users
	return nil, err
}

// foundOwned: what a DELETE of ours, or an absence seen before, says of the object no longer counts.
func (r *reconciliation) foundOwned(o *decision.Observation) {
	r.tracked.object.missingSince = time.Time{}
	if o.Owned.Class() != decision.StateDeleting && !o.BeingDeleted && o.Recreate != o.ID {
		r.tracked.object.deleteSent, r.tracked.object.deletes = time.Time{}, 0
		o.DeleteSent, o.Deletes = time.Time{}, 0
	}
}

// noteAbsence remembers when lists first did not show an object that a POST may have made.
func (r *reconciliation) noteAbsence(o *decision.Observation) {
	if !o.OpenClaim() {
		r.tracked.claim.absentSince = time.Time{}
		return
	}
	ours, _ := decision.ClaimedAmong(o)
	switch {
	case len(ours) > 0 || !o.ListBegun.After(o.Claim.Add(o.Settle)):
		r.tracked.claim.absentSince = time.Time{}
	case r.tracked.claim.absentSince.IsZero() || !r.tracked.claim.absentSince.After(o.Claim.Add(o.Settle)):
		r.tracked.claim.absentSince = o.ListBegun
	}
	o.AbsentSince = r.tracked.claim.absentSince
}

// warnOfRecreate warns of an annotation that names another object. One that did its work may stay.
func (r *reconciliation) warnOfRecreate(o *decision.Observation) {
	if o.BeingDeleted || o.Owned == nil || o.Owned.Anonymous || o.Recreate == "" || o.Spec.ManagementPolicy != v1alpha1.Manage {
		return
	}
	if o.Recreate == o.Owned.ID {
		r.tracked.replaced = o.Recreate
	}
	if o.Recreate != r.tracked.replaced {
		r.eventOnce([]string{fmt.Sprintf("The annotation %s=%q does nothing: the id of the %s is %s. %s",
			v1alpha1.AnnotationRecreate, o.Recreate, o.Kind, o.Owned.ID, decision.RecreateAdvice(o.Owned.ID, ""))},
			r.tracked.first.generation == r.Object.GetGeneration() && o.Recreate == r.tracked.first.recreate)
	}
}

func (r *reconciliation) classify(err error, doing string) *decision.Blocker {
	blocked := classify(err, doing, r.CredentialsInUse.Source, r.options.Clock.Now())
	blocked.Message = r.redact(blocked.Message)
	switch {
	case atlas.IsUnauthorized(err):
		r.credentials.Refused(r.CredentialsInUse)
	case blocked.Effect != decision.Outage && blocked.Effect != decision.CredentialsRefused && !atlas.IsForeign(err):
		r.accepted()
	}
	r.log.V(1).Info("Atlas did not do it", "doing", doing, "reason", blocked.Reason, "class", atlas.Class(err))
	return blocked
}

// accepted notes that Atlas took the credentials, whatever else it said.
func (r *reconciliation) accepted() {
	r.access = decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonAccepted, fmt.Sprintf("Atlas accepts the credentials of %s.", r.CredentialsInUse.Source))
	if r.CredentialsInUse.Note != "" {
		r.access = decision.NewCondition(decision.StatusFalse, r.CredentialsInUse.Reason, r.CredentialsInUse.Note)
	}
}
