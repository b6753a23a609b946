package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideBlind decides what can be decided without asking Atlas: how a deletion may end without it, and whether the
// resource wants to be left alone. actLook means that Atlas has to be asked.
func decideBlind(s *situation) decision {
	if s.deleting {
		return decideBlindDeletion(s)
	}
	if s.spec.ManagementPolicy == v1alpha1.Paused {
		return decision{
			pace:   paceNever,
			synced: says(isUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: nothing is read or changed."),
		}
	}
	return decision{act: actLook}
}

// decide decides on the whole situation. It has no side effects.
func decide(s *situation) decision {
	switch {
	case s.deleting:
		return decideDeletion(s)
	case s.spec.ManagementPolicy == v1alpha1.Observe:
		return decideObserved(s)
	case s.owned():
		return decideOwned(s)
	case s.openClaim():
		return decideClaimed(s)
	default:
		return decideNew(s)
	}
}

// decideOwned: the resource has an object. Keep it as the spec says.
func decideOwned(s *situation) decision {
	switch {
	case s.impostor != nil:
		return stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"Atlas has another %s of this name (id %s) than the one of this resource (id %s): delete it in Atlas, or delete this resource with deletionPolicy Retain and create it anew.", s.kind, s.impostor.id, s.id))
	case s.mine == nil && s.gone != absenceCertain:
		return waitForSight(s)
	case s.mine == nil:
		return decideLost(s)
	case s.owner != "":
		return stall(v1alpha1.ReasonAlreadyManaged, alreadyManaged(s, s.mine.id, s.owner))
	case s.recreate == s.mine.id && !s.mine.anonymous:
		return decideReplacement(s)
	case s.mine.class() == stateDeleting:
		return fromState(s, pacePending)
	case len(s.mine.fixed()) > 0:
		return recreateRequired(s)
	case s.secretGate != nil && s.mine.class() == stateReady:
		return decideUnreadable(s)
	case len(s.mine.differences) > 0 || s.resend:
		return decideUpdate(s)
	default:
		return asAtlasSays(s)
	}
}

// waitForSight: the object ought to be there and no list shows it yet, or it is not certainly gone.
func waitForSight(s *situation) decision {
	return decision{pace: pacePending, progress: progressReconciling, sticky: true,
		ready: says(isFalse, v1alpha1.ReasonCreating, fmt.Sprintf("Waiting until Atlas shows the %s %s.", s.kind, s.id))}
}

// decideLost: the object is certainly gone, and not by us.
func decideLost(s *situation) decision {
	missing := says(isFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas no longer has the %s %s.", s.kind, s.id))
	if s.spec.DriftPolicy == v1alpha1.Report && s.recreate != s.id {
		return decision{
			ready: says(isFalse, v1alpha1.ReasonNotFound, fmt.Sprintf(
				"Atlas no longer has the %s %s. It is not created again because driftPolicy is Report: set Correct to have it created.", s.kind, s.id)),
			synced: missing,
		}
	}
	return decideFresh(s, missing)
}

// create decides to claim and POST, once nothing stands before it.
func create(s *situation, synced *saying) decision {
	if gate := firstOf(s.gate, s.secretGate); gate != nil {
		d := hindered(gate)
		d.synced = synced
		if gate == s.secretGate {
			d.synced = says(isFalse, gate.reason, gate.message)
		}
		d.sticky = false
		return d
	}
	return decision{
		act: actCreate, pace: pacePending, progress: progressReconciling, synced: synced,
		ready: says(isFalse, v1alpha1.ReasonCreating, fmt.Sprintf("The %s is being created in Atlas.", s.kind)),
	}
}

// decideReplacement: the user asked to replace this very object.
func decideReplacement(s *situation) decision {
	if !s.mayDestroy() {
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s was adopted, and the operator's default credentials do not replace what was adopted. Use credentials of your own, or remove the annotation %s.", s.kind, s.id, v1alpha1.AnnotationRecreate))
	}
	if len(s.users) > 0 {
		d := waitFor(v1alpha1.ReasonInUse, fmt.Sprintf(
			"The %s %s cannot be replaced while it is used by %s: recreate those first, or delete them.", s.kind, s.id, listed(s.users)))
		d.pace = paceSteady
		return d
	}
	if gate := firstOf(s.gate, s.secretGate); gate != nil {
		// Nothing is destroyed before its successor can be made.
		d := hindered(gate)
		d.target = s.mine
		return d
	}
	message := fmt.Sprintf("The %s %s is being deleted to be created again.", s.kind, s.id)
	if !mayDelete(s) {
		return waitFor(v1alpha1.ReasonDeleting, message)
	}
	d := waitFor(v1alpha1.ReasonDeleting, message)
	d.act, d.target, d.remove = actDelete, s.mine, s.id
	return d
}

// mayDelete reports whether a DELETE is due: Atlas is not deleting already, and our last one has had its time.
func mayDelete(s *situation) bool {
	switch s.mine.class() {
	case stateDeleting:
		return false
	case stateFailed:
		return s.now.After(s.deleteSent.Add(max(s.poll, failureDelay(s.deletes))))
	default:
		return s.settled(s.deleteSent)
	}
}

func recreateRequired(s *situation) decision {
	message := fmt.Sprintf("Atlas cannot change %s of the %s %s in place. %s To keep it, %s.",
		paths(s.mine.fixed()), s.kind, s.id, recreateAdvice(s.id, s.recreate), keepAdvice(s.mine.fixed()))
	if s.mine.anonymous {
		// Without an id of its own a new object could not be told from the old one: it would be replaced for ever.
		message = fmt.Sprintf("Atlas cannot change %s of the %s in place. Delete this resource and create it again. To keep the object, %s.", paths(s.mine.fixed()), s.kind, keepAdvice(s.mine.fixed()))
	}
	d := stall(v1alpha1.ReasonRecreateRequired, message)
	d.target = s.mine
	d.synced = says(isFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(s.mine.differences)+".")
	return d
}

// keepAdvice says how to keep an object that differs in fields that Atlas cannot change. Of these the API server lets
// only the networking of a connection be edited.
func keepAdvice(fixed []difference) string {
	for _, d := range fixed {
		if !strings.HasPrefix(d.path, "networking") {
			return "delete this resource with deletionPolicy Retain, and create it with the values that Atlas has"
		}
	}
	return "put the old value back into the spec"
}

// decideUpdate: Atlas differs in fields that can change, or secrets have to be sent.
func decideUpdate(s *situation) decision {
	d := asAtlasSays(s)
	drifted := says(isFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(s.mine.differences)+".")
	if s.mine.equal() {
		drifted = says(isFalse, v1alpha1.ReasonDrifted, "The values of Secrets that the spec names are being sent.")
	}
	d.synced = drifted
	switch {
	case s.patched && !s.resend:
		d.synced = says(isFalse, v1alpha1.ReasonDrifted, fmt.Sprintf("Atlas took a change of %s and still holds other values: it may not support changing or removing them.", paths(s.mine.differences)))
		return d
	case s.spec.DriftPolicy == v1alpha1.Report && !s.wish && !s.resend:
		return d
	case s.secretGate != nil:
		d.synced = says(isFalse, s.secretGate.reason, s.secretGate.message)
		return d
	case !s.wish && !s.resend && !s.settled(s.lastWrite):
		// Lists may lag behind our own last write: what looks like drift now may be gone in a moment.
		d.synced, d.pace = nil, pacePending
		return d
	}
	d.act, d.pace, d.progress = actUpdate, pacePending, progressReconciling
	return d
}

// decideUnreadable: a Secret or ConfigMap is missing. Atlas keeps the last good values, and Ready what Atlas said
// for this generation; a new generation is not there before its Secrets are.
func decideUnreadable(s *situation) decision {
	d := fromState(s, paceSteady)
	d.ready, d.sticky = says(isFalse, s.secretGate.reason, s.secretGate.message), true
	d.synced = says(isFalse, s.secretGate.reason, s.secretGate.message)
	d.progress = progressReconciling
	return d
}

// asAtlasSays: Ready is Atlas's state, and everything is in sync.
func asAtlasSays(s *situation) decision {
	d := fromState(s, paceSteady)
	d.synced = says(isTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if s.secretGate != nil {
		d.synced = says(isFalse, s.secretGate.reason, s.secretGate.message)
	}
	return d
}

// fromState derives Ready and progress from the state of mine.
func fromState(s *situation, whenReady pace) decision {
	return stateOf(s.mine, whenReady)
}

func stateOf(v *view, whenReady pace) decision {
	d := decision{target: v}
	switch v.class() {
	case stateReady:
		d.pace = whenReady
	case stateFailed:
		d.progress = progressStalled
	default:
		d.pace, d.progress = pacePending, progressReconciling
	}
	return d
}

// decideClaimed: a POST went out, or may have, and its outcome is unknown. Another POST comes only after lists and
// time have shown that the first made nothing.
func decideClaimed(s *situation) decision {
	ours, _ := claimedAmong(s)
	if chosen := slices.IndexFunc(ours, func(v view) bool { return v.id == s.importID }); chosen >= 0 {
		ours = ours[chosen : chosen+1]
	}
	switch {
	case len(ours) == 1:
		return decision{act: actTake, target: &ours[0], ownership: v1alpha1.OwnershipCreated, pace: pacePending, progress: progressReconciling}
	case len(ours) > 1:
		return ambiguous(ours)
	case !claimExpired(s) && s.exists != "":
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf("Atlas says that the %s exists (%s) and does not show it yet; it is looked for.", s.kind, s.exists))
	case !claimExpired(s) && s.failure != "":
		return unconfirmed(s)
	case !claimExpired(s):
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"The creation of the %s was requested and Atlas has not confirmed it. Before it is requested again, the operator reads Atlas until it is certain that nothing was made.", s.kind))
	default:
		return decideNew(s)
	}
}

// unconfirmed tells how Atlas answered a POST of unknown outcome. It is one message for as long as that goes on, with the
// claim open or, between two requests, closed: each change of a message is a write.
func unconfirmed(s *situation) decision {
	d := waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
		"The request to create the %s failed (%s), and it is not known whether Atlas carried it out. The operator reads Atlas until it is certain that nothing was made. Then the spec can be changed, and the request is repeated.", s.kind, s.failure))
	d.synced = says(isUnknown, v1alpha1.ReasonAtlasUnreachable, d.ready.message)
	return d
}

// claimedAmong parts the candidates into those that our unanswered POST may have made and the others.
func claimedAmong(s *situation) (ours, others []view) {
	for _, v := range s.candidates {
		if v.owner == "" && v.couldBeClaimed() {
			ours = append(ours, v)
		} else {
			others = append(others, v)
		}
	}
	return ours, others
}

// couldBeClaimed reports whether an unanswered POST of this resource made the object: it is equal, or it is a
// connection, which is matched by its name, and whatever differs can be mended by a PATCH.
func (v view) couldBeClaimed() bool {
	return !v.doubtful && (v.equal() || (v.named && len(v.fixed()) == 0))
}

// claimExpired: two complete lists, begun after claim and settle, did not show the object. They are at least a poll
// and settle apart, so that no hole in Atlas's reads that is shorter than settle hides the object from both.
func claimExpired(s *situation) bool {
	return s.listBegun.After(s.claim.Add(s.settle)) &&
		!s.absentSince.IsZero() && s.listBegun.Sub(s.absentSince) >= max(s.poll, s.settle)
}

// decideNew: nothing is owned and no claim is open.
func decideNew(s *situation) decision {
	if s.importID != "" {
		return decideImport(s)
	}
	return decideFresh(s, says(isFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas has no such %s yet.", s.kind)))
}

// decideFresh: match what Atlas has before anything is created, also in place of an object that was lost: what a
// lost answer hid may be there.
func decideFresh(s *situation, missing *saying) decision {
	switch {
	case s.rival != "":
		return stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf(
			"%s describes the same %s and goes first: delete one of the two resources.", s.rival, s.kind))
	case s.untried != "":
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"%s describes the same %s and is older. Its credentials are tried first.", s.untried, s.kind))
	case len(s.candidates) > 0:
		return decideMatched(s, s.candidates)
	case len(s.leaving) > 0:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"Atlas is still deleting an earlier %s (%s); a new one is created when it is gone.", s.kind, ids(s.leaving)))
	default:
		return create(s, missing)
	}
}

func decideImport(s *situation) decision {
	switch {
	case s.importMissing:
		return stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId, or remove it to have a new one created.", s.kind, s.importID))
	case s.imported == nil:
		return waitFor(v1alpha1.ReasonImportNotFound, fmt.Sprintf("Looking for the %s %s of spec.importId.", s.kind, s.importID))
	case s.imported.class() == stateDeleting:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf("The %s %s of spec.importId is being deleted in Atlas.", s.kind, s.importID))
	default:
		return decideMatched(s, []view{*s.imported})
	}
}

// decideMatched: Atlas already has what the spec describes.
func decideMatched(s *situation, candidates []view) decision {
	for _, v := range candidates {
		if v.owner != "" {
			return stall(v1alpha1.ReasonAlreadyManaged, alreadyManaged(s, v.id, v.owner))
		}
	}
	if len(candidates) > 1 {
		return ambiguous(candidates)
	}
	if gate := firstOf(s.gate, s.secretGate); gate != nil {
		d := hindered(gate)
		d.sticky = false
		return d
	}
	return decideAdoption(s, &candidates[0])
}

func decideAdoption(s *situation, found *view) decision {
	policy := s.spec.AdoptionPolicy
	adopt := decision{act: actTake, target: found, ownership: v1alpha1.OwnershipAdopted, pace: pacePending, progress: progressReconciling}
	switch {
	case found.doubtful:
		return stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Atlas does not tell whether the %s %s was made for this resource: set spec.importId to that id if it was, or delete it in Atlas.", s.kind, found.id))
	case s.borrowed && s.spec.DeletionPolicy != v1alpha1.Retain:
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists, and with the operator's default credentials it is taken over only with deletionPolicy Retain: set that, or use credentials of your own.", s.kind, found.id))
	case policy == v1alpha1.AdoptNever && s.importID == "":
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists and adoptionPolicy is Never: set IfMatches or Always to take it over, or delete it.", s.kind, found.id))
	case found.equal() || policy == v1alpha1.AdoptAlways:
		return adopt
	default:
		return stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"The %s %s already exists and differs in: %s. %s, or set adoptionPolicy Always to bring it in line.", s.kind, found.id, paths(found.differences), conflictAdvice(s, found)))
	}
}
