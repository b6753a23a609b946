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

// situation gathers what is known without asking Atlas.
func (p *pass) situation() *situation {
	status, annotations := p.status(), p.object.GetAnnotations()
	s := &situation{
		now: p.now, settle: p.options.settle(), poll: p.options.PendingPollInterval,
		kind: p.external.kind(), spec: *p.spec(), importID: p.external.importID(),
		deleting: p.object.GetDeletionTimestamp() != nil, hasFinalizer: hasFinalizer(p.object),
		abandon: annotations[v1alpha1.AnnotationAbandon] == "true", recreate: annotations[v1alpha1.AnnotationRecreate],
		id:         status.ID,
		deleteSent: p.memory.deleteSent, deletes: p.memory.deletes, lastWrite: p.memory.lastWrite,
		exists: p.memory.exists,
	}
	if managed := p.managed(); managed != nil {
		s.ownership = managed.Ownership
		if managed.CreateRequestedAt != nil {
			s.claim = p.memory.sawClaim(managed.CreateRequestedAt.Time, p.now)
			s.failure = p.memory.hold.failure
		}
	}
	return s
}

// look asks Atlas, and the cluster for what the spec refers to. An obstacle means that no decision is possible.
func (p *pass) look(ctx context.Context, s *situation, live bool) (*obstacle, error) {
	s.borrowed = p.grant.borrowed
	if err := p.prepare(ctx, s, live); err != nil {
		return nil, err
	}
	seen, err := p.sight(ctx, s)
	if err != nil {
		return p.unseen(ctx, s, err)
	}
	p.accepted()
	s.listBegun, s.candidates, s.leaving = seen.begun, seen.candidates, seen.leaving
	steps := []func(context.Context, *situation, sight) (*obstacle, error){p.findMine, p.findImported, p.findOwners, p.findUsers}
	for _, step := range steps {
		if blocked, err := step(ctx, s, seen); err != nil || blocked != nil {
			return blocked, err
		}
	}
	p.noteAbsence(s)
	p.warnOfRecreate(s)
	if s.mine != nil && s.mine.equal() {
		p.memory.patched = patched{}
	}
	s.patched = p.memory.patchStillOpen(s, p.object.GetGeneration())
	return nil, nil
}

// prepare resolves what the spec refers to. A deletion needs none of it.
func (p *pass) prepare(ctx context.Context, s *situation, live bool) error {
	if s.deleting {
		return nil
	}
	prepared, err := p.external.prepare(ctx, live)
	if err != nil {
		return err
	}
	p.preparation = prepared
	s.gate, s.secretGate = prepared.gate, prepared.secretGate
	s.resend = s.owned() && prepared.resend
	s.wish = p.isWish()
	p.external.warn()
	return nil
}

// sight reads the list; or, where that costs less, only the resource's own object, when nothing else matters.
func (p *pass) sight(ctx context.Context, s *situation) (sight, error) {
	opts := p.freshness(s)
	if s.owned() && !p.isSettled(s) && p.external.getIsCheaper(opts) {
		if found, err := p.external.get(ctx, s.id); err == nil && p.external.isMine(found.id) {
			return sight{begun: p.now, byID: func(string) *view { return &found }}, nil
		}
	}
	return p.external.read(ctx, opts)
}

// isSettled: the object is what it will be until somebody changes something.
func (p *pass) isSettled(s *situation) bool {
	class, _ := p.external.states().classOf(p.status().State)
	return !s.deleting && s.recreate != s.id && (class == stateReady || class == stateFailed)
}

// freshness says how old a list this pass may rest on.
func (p *pass) freshness(s *situation) inventory.ReadOptions {
	age, since := p.options.PendingPollInterval, p.memory.outdated
	switch {
	case !s.owned() && s.spec.ManagementPolicy != v1alpha1.Observe:
	case p.isSettled(s):
		age = p.options.SteadyPollInterval * 9 / 10
	default:
		age, since = p.pendingDelay()*9/10, latest(since, p.memory.lastWrite) // what is waited for came after it
	}
	// An object that is not listed is asked for by itself before anything rests on its absence.
	opts := inventory.ReadOptions{NotBefore: p.now.Add(-age), Routine: s.owned(), Now: p.forced}
	if p.forced {
		opts.NotBefore = p.now
	}
	opts.NotBefore = latest(opts.NotBefore, since)
	return opts
}

// unseen handles a list that failed. For a deletion, a workspace that certainly is not there has no connections.
func (p *pass) unseen(ctx context.Context, s *situation, err error) (*obstacle, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.deleting && atlas.IsWorkspaceNotFound(err) {
		if _, getErr := p.external.get(ctx, s.id); !atlas.IsWorkspaceNotFound(getErr) {
			return p.unreadable(err, s), nil
		}
		p.accepted()
		p.judgeAbsence(s, p.now)
		return nil, nil
	}
	return p.unreadable(err, s), nil
}

// judgeAbsence says how sure it is that the object is gone, now that a GET and a list begun later, at begun, do not
// show it.
func (p *pass) judgeAbsence(s *situation, begun time.Time) {
	since := p.memory.sawMissing(s.id, begun)
	s.gone = absenceHinted
	if s.settled(s.claim) && (!s.deleteSent.IsZero() || begun.Sub(since) >= s.settle) {
		s.gone = absenceCertain
	}
}

// unreadable classes the failure of a read. Only the refusal of a write says anything about the object itself.
func (p *pass) unreadable(err error, s *situation) *obstacle {
	blocked := p.classify(err, "read the "+s.kind)
	if blocked.effect == refused {
		blocked.effect, blocked.stalled = missing, false
	}
	return blocked
}

// findMine finds the object that the status names, or makes sure that it is gone.
func (p *pass) findMine(ctx context.Context, s *situation, seen sight) (*obstacle, error) {
	if !s.owned() {
		return nil, nil
	}
	if s.impostor = seen.impostor; s.impostor != nil {
		p.judgeAbsence(s, seen.begun)
		return nil, nil
	}
	if s.mine = seen.byID(s.id); s.mine != nil {
		p.foundMine(s)
		return nil, nil
	}
	found, err := p.external.get(ctx, s.id)
	switch {
	case err == nil && p.external.isMine(found.id):
		s.mine = &found
		p.foundMine(s)
		return nil, nil
	case err == nil:
		s.impostor = &found
		p.judgeAbsence(s, p.now)
		return nil, nil
	case !atlas.IsNotFound(err) || atlas.IsProjectNotFound(err):
		return p.unreadable(err, s), nil
	}
	return p.confirmAbsence(ctx, s)
}

// confirmAbsence asks for a list that begins after the object's own GET said that it is not there.
func (p *pass) confirmAbsence(ctx context.Context, s *situation) (*obstacle, error) {
	begun := p.options.Clock.Now()
	later, err := p.external.read(ctx, inventory.ReadOptions{NotBefore: begun, Now: p.forced})
	switch {
	case err != nil && s.deleting && atlas.IsWorkspaceNotFound(err):
	case err != nil:
		return p.unreadable(err, s), nil
	default:
		s.listBegun, s.candidates, s.leaving = later.begun, later.candidates, later.leaving
		begun = later.begun
		s.impostor = later.impostor
		if s.mine = later.byID(s.id); s.mine != nil {
			p.foundMine(s)
			return nil, nil
		}
	}
	p.judgeAbsence(s, begun)
	return nil, nil
}

// foundMine: what a DELETE of ours, or an absence seen before, says of the object no longer counts.
func (p *pass) foundMine(s *situation) {
	p.memory.sawThere()
	if s.mine.class() != stateDeleting && !s.deleting && s.recreate != s.id {
		p.memory.deleteSent, p.memory.deletes = time.Time{}, 0
		s.deleteSent, s.deletes = time.Time{}, 0
	}
}

// findImported finds the object that importId names.
func (p *pass) findImported(ctx context.Context, s *situation, seen sight) (*obstacle, error) {
	if s.importID == "" || s.owned() || s.deleting {
		return nil, nil
	}
	if s.imported = seen.byID(s.importID); s.imported != nil {
		return nil, nil
	}
	found, err := p.external.get(ctx, s.importID)
	switch {
	case err == nil:
		s.imported = &found
	case atlas.IsNotFound(err) && !atlas.IsProjectNotFound(err):
		s.importMissing = true
	default:
		return p.unreadable(err, s), nil
	}
	return nil, nil
}

// findOwners finds out whether other resources own, or go first for, what this one means. Observers do not care.
func (p *pass) findOwners(ctx context.Context, s *situation, _ sight) (*obstacle, error) {
	if s.spec.ManagementPolicy == v1alpha1.Observe && !s.deleting {
		return nil, nil
	}
	views := []*view{s.imported}
	for i := range s.candidates {
		views = append(views, &s.candidates[i])
	}
	for _, v := range views {
		if v == nil {
			continue
		}
		owner, err := p.external.owner(ctx, v.id)
		if err != nil {
			return nil, err
		}
		v.owner = owner
	}
	if s.owned() {
		owner, err := p.external.owner(ctx, s.id)
		if err != nil {
			return nil, err
		}
		s.owner = owner
	}
	s.candidates = slices.DeleteFunc(s.candidates, func(v view) bool { return v.doubtful && v.owner != "" })
	if s.deleting || (s.owned() && s.gone != absenceCertain) {
		return nil, nil
	}
	same, err := p.external.same(ctx)
	s.rival, s.untried = p.firstRival(same), p.untriedRival(same)
	return nil, err
}

// findUsers finds what still needs an object that is to be deleted.
func (p *pass) findUsers(ctx context.Context, s *situation, _ sight) (*obstacle, error) {
	if !s.deleting && s.recreate != s.id {
		return nil, nil
	}
	users, err := p.external.users(ctx)
	s.users = users
	return nil, err
}

// noteAbsence remembers when lists first did not show an object that a POST may have made.
func (p *pass) noteAbsence(s *situation) {
	if !s.openClaim() {
		p.memory.absentSince = time.Time{}
		return
	}
	ours, _ := claimedAmong(s)
	switch {
	case len(ours) > 0 || !s.listBegun.After(s.claim.Add(s.settle)):
		p.memory.absentSince = time.Time{}
	case p.memory.absentSince.IsZero() || !p.memory.absentSince.After(s.claim.Add(s.settle)):
		p.memory.absentSince = s.listBegun
	}
	s.absentSince = p.memory.absentSince
}

// warnOfRecreate tells of an annotation that names another object. One that did its work may stay.
func (p *pass) warnOfRecreate(s *situation) {
	if s.deleting || s.mine == nil || s.mine.anonymous || s.recreate == "" || s.spec.ManagementPolicy != v1alpha1.Manage {
		return
	}
	if s.recreate == s.mine.id {
		p.memory.replaced = s.recreate
	}
	if s.recreate != p.memory.replaced {
		p.warn([]string{fmt.Sprintf("The annotation %s=%q does nothing: the id of the %s is %s. %s",
			v1alpha1.AnnotationRecreate, s.recreate, s.kind, s.mine.id, recreateAdvice(s.mine.id, ""))})
	}
}

func (p *pass) classify(err error, doing string) *obstacle {
	blocked := classify(err, doing, p.grant.source, p.options.Clock.Now())
	blocked.message = p.external.redact(blocked.message)
	switch {
	case atlas.IsUnauthorized(err):
		p.credentials.refused(p.grant)
	case blocked.effect != outage && blocked.effect != credentialsRefused && !atlas.IsForeign(err):
		p.accepted()
	}
	p.log.V(1).Info("Atlas did not do it", "doing", doing, "reason", blocked.reason, "class", atlas.Class(err))
	return blocked
}

// accepted notes that Atlas took the credentials, whatever else it said.
func (p *pass) accepted() {
	p.access = says(isTrue, v1alpha1.ReasonAccepted, fmt.Sprintf("Atlas accepts the credentials of %s.", p.grant.source))
	if p.grant.note != "" {
		p.access = says(isFalse, p.grant.reason, p.grant.note)
	}
}
