package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideBlind decides what can be decided without asking Atlas: how a deletion may end without it, and whether the
// resource wants to be left alone. actLook means that Atlas has to be asked.
func decideBlind(o *observation) decision {
	if o.beingDeleted {
		return decideBlindDeletion(o)
	}
	if o.spec.ManagementPolicy == v1alpha1.Paused {
		return decision{
			pace:   paceNever,
			synced: newCondition(statusUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: nothing is read or changed."),
		}
	}
	return decision{act: actObserve}
}

// decide decides on the whole observation. It has no side effects.
func decide(o *observation) decision {
	switch {
	case o.beingDeleted:
		return decideDeletion(o)
	case o.spec.ManagementPolicy == v1alpha1.Observe:
		return decideObserved(o)
	case o.isOwned():
		return decideOwned(o)
	case o.openClaim():
		return decideClaimed(o)
	default:
		return decideNew(o)
	}
}

// decideOwned: the resource has an object. Keep it as the spec says.
func decideOwned(o *observation) decision {
	switch {
	case o.nameConflict != nil:
		return stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"Atlas has another %s of this name (id %s) than the one of this resource (id %s): delete it in Atlas, or delete this resource with deletionPolicy Retain and create it anew.", o.kind, o.nameConflict.id, o.id))
	case o.owned == nil && o.gone != absenceCertain:
		return waitUntilShown(o)
	case o.owned == nil:
		return decideLost(o)
	case o.owner != "":
		return stall(v1alpha1.ReasonAlreadyManaged, alreadyManaged(o, o.owned.id, o.owner))
	case o.recreate == o.owned.id && !o.owned.anonymous:
		return decideReplacement(o)
	case o.owned.class() == stateDeleting:
		return fromState(o, pacePending)
	case len(o.owned.fixed()) > 0:
		return recreateRequired(o)
	case o.secretGate != nil && o.owned.class() == stateReady:
		return decideUnreadable(o)
	case len(o.owned.differences) > 0 || o.resendSecrets:
		return decideUpdate(o)
	default:
		return decideFromAtlas(o)
	}
}

// waitForSight: the object ought to be there and no list shows it yet, or it is not certainly gone.
func waitUntilShown(o *observation) decision {
	return decision{pace: pacePending, progress: progressReconciling, keepReady: true,
		ready: newCondition(statusFalse, v1alpha1.ReasonCreating, fmt.Sprintf("Waiting until Atlas shows the %s %s.", o.kind, o.id))}
}

// decideLost: the object is certainly gone, and not by us.
func decideLost(o *observation) decision {
	missing := newCondition(statusFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas no longer has the %s %s.", o.kind, o.id))
	if o.spec.DriftPolicy == v1alpha1.Report && o.recreate != o.id {
		return decision{
			ready: newCondition(statusFalse, v1alpha1.ReasonNotFound, fmt.Sprintf(
				"Atlas no longer has the %s %s. It is not created again because driftPolicy is Report: set Correct to have it created.", o.kind, o.id)),
			synced: missing,
		}
	}
	return decideFresh(o, missing)
}

// create decides to claim and POST, once nothing stands before it.
func decideCreate(o *observation, synced *condition) decision {
	if gate := firstOf(o.gate, o.secretGate); gate != nil {
		d := waitForBlocker(gate)
		d.synced = synced
		if gate == o.secretGate {
			d.synced = newCondition(statusFalse, gate.reason, gate.message)
		}
		d.keepReady = false
		return d
	}
	return decision{
		act: actCreate, pace: pacePending, progress: progressReconciling, synced: synced,
		ready: newCondition(statusFalse, v1alpha1.ReasonCreating, fmt.Sprintf("The %s is being created in Atlas.", o.kind)),
	}
}

// decideReplacement: the user asked to replace this very object.
func decideReplacement(o *observation) decision {
	if !o.mayDestroy() {
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s was adopted, and the operator's default credentials do not replace what was adopted. Use credentials of your own, or remove the annotation %s.", o.kind, o.id, v1alpha1.AnnotationRecreate))
	}
	if len(o.users) > 0 {
		d := waitFor(v1alpha1.ReasonInUse, fmt.Sprintf(
			"The %s %s cannot be replaced while it is used by %s: recreate those first, or delete them.", o.kind, o.id, listed(o.users)))
		d.pace = paceSteady
		return d
	}
	if gate := firstOf(o.gate, o.secretGate); gate != nil {
		// Nothing is destroyed before its successor can be made.
		d := waitForBlocker(gate)
		d.target = o.owned
		return d
	}
	message := fmt.Sprintf("The %s %s is being deleted to be created again.", o.kind, o.id)
	if !mayDelete(o) {
		return waitFor(v1alpha1.ReasonDeleting, message)
	}
	d := waitFor(v1alpha1.ReasonDeleting, message)
	d.act, d.target, d.remove = actDelete, o.owned, o.id
	return d
}

// mayDelete reports whether a DELETE is due: Atlas is not deleting already, and our last one has had its time.
func mayDelete(o *observation) bool {
	switch o.owned.class() {
	case stateDeleting:
		return false
	case stateFailed:
		return o.now.After(o.deleteSent.Add(max(o.poll, failureDelay(o.deletes))))
	default:
		return o.settled(o.deleteSent)
	}
}

func recreateRequired(o *observation) decision {
	message := fmt.Sprintf("Atlas cannot change %s of the %s %s in place. %s To keep it, %s.",
		paths(o.owned.fixed()), o.kind, o.id, recreateAdvice(o.id, o.recreate), keepAdvice(o.owned.fixed()))
	if o.owned.anonymous {
		// Without an id of its own a new object could not be told from the old one: it would be replaced for ever.
		message = fmt.Sprintf("Atlas cannot change %s of the %s in place. Delete this resource and create it again. To keep the object, %s.", paths(o.owned.fixed()), o.kind, keepAdvice(o.owned.fixed()))
	}
	d := stall(v1alpha1.ReasonRecreateRequired, message)
	d.target = o.owned
	d.synced = newCondition(statusFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(o.owned.differences)+".")
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
func decideUpdate(o *observation) decision {
	d := decideFromAtlas(o)
	drifted := newCondition(statusFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(o.owned.differences)+".")
	if o.owned.equal() {
		drifted = newCondition(statusFalse, v1alpha1.ReasonDrifted, "The values of Secrets that the spec names are being sent.")
	}
	d.synced = drifted
	switch {
	case o.patched && !o.resendSecrets:
		d.synced = newCondition(statusFalse, v1alpha1.ReasonDrifted, fmt.Sprintf("Atlas took a change of %s and still holds other values: it may not support changing or removing them.", paths(o.owned.differences)))
		return d
	case o.spec.DriftPolicy == v1alpha1.Report && !o.specChanged && !o.resendSecrets:
		return d
	case o.secretGate != nil:
		d.synced = newCondition(statusFalse, o.secretGate.reason, o.secretGate.message)
		return d
	case !o.specChanged && !o.resendSecrets && !o.settled(o.lastWrite):
		// Lists may lag behind our own last write: what looks like drift now may be gone in a moment.
		d.synced, d.pace = nil, pacePending
		return d
	}
	d.act, d.pace, d.progress = actUpdate, pacePending, progressReconciling
	return d
}

// decideUnreadable: a Secret or ConfigMap is missing. Atlas keeps the last good values, and Ready what Atlas said
// for this generation; a new generation is not there before its Secrets are.
func decideUnreadable(o *observation) decision {
	d := fromState(o, paceSteady)
	d.ready, d.keepReady = newCondition(statusFalse, o.secretGate.reason, o.secretGate.message), true
	d.synced = newCondition(statusFalse, o.secretGate.reason, o.secretGate.message)
	d.progress = progressReconciling
	return d
}

// asAtlasSays: Ready is Atlas's state, and everything is in sync.
func decideFromAtlas(o *observation) decision {
	d := fromState(o, paceSteady)
	d.synced = newCondition(statusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if o.secretGate != nil {
		d.synced = newCondition(statusFalse, o.secretGate.reason, o.secretGate.message)
	}
	return d
}

// fromState derives Ready and progress from the state of mine.
func fromState(o *observation, whenReady pace) decision {
	return stateOf(o.owned, whenReady)
}

func stateOf(v *remoteObject, whenReady pace) decision {
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
func decideClaimed(o *observation) decision {
	ours, _ := claimedAmong(o)
	if chosen := slices.IndexFunc(ours, func(v remoteObject) bool { return v.id == o.importID }); chosen >= 0 {
		ours = ours[chosen : chosen+1]
	}
	switch {
	case len(ours) == 1:
		return decision{act: actAdopt, target: &ours[0], ownership: v1alpha1.OwnershipCreated, pace: pacePending, progress: progressReconciling}
	case len(ours) > 1:
		return ambiguous(ours)
	case !claimExpired(o) && o.exists != "":
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf("Atlas says that the %s exists (%s) and does not show it yet; it is looked for.", o.kind, o.exists))
	case !claimExpired(o) && o.failure != "":
		return unconfirmed(o)
	case !claimExpired(o):
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"The creation of the %s was requested and Atlas has not confirmed it. Before it is requested again, the operator reads Atlas until it is certain that nothing was made.", o.kind))
	default:
		return decideNew(o)
	}
}

// unconfirmed tells how Atlas answered a POST of unknown outcome. It is one message for as long as that goes on, with
// the claim open or, between two requests, closed: each change of a message is a write.
func unconfirmed(o *observation) decision {
	d := waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
		"The request to create the %s failed (%s), and it is not known whether Atlas carried it out. The operator reads Atlas until it is certain that nothing was made. Then the spec can be changed, and the request is repeated.", o.kind, o.failure))
	d.synced = newCondition(statusUnknown, v1alpha1.ReasonAtlasUnreachable, d.ready.message)
	return d
}

// claimedAmong parts the candidates into those that our unanswered POST may have made and the others.
func claimedAmong(o *observation) (ours, others []remoteObject) {
	for _, v := range o.candidates {
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
func (v remoteObject) couldBeClaimed() bool {
	return !v.doubtful && (v.equal() || (v.named && len(v.fixed()) == 0))
}

// claimExpired: two complete lists, begun after claim and settle, did not show the object. They are at least a poll
// and settle apart, so that no hole in Atlas's reads that is shorter than settle hides the object from both.
func claimExpired(o *observation) bool {
	return o.listBegun.After(o.claim.Add(o.settle)) &&
		!o.absentSince.IsZero() && o.listBegun.Sub(o.absentSince) >= max(o.poll, o.settle)
}

// decideNew: nothing is owned and no claim is open.
func decideNew(o *observation) decision {
	if o.importID != "" {
		return decideImport(o)
	}
	return decideFresh(o, newCondition(statusFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas has no such %s yet.", o.kind)))
}

// decideFresh: match what Atlas has before anything is created, also in place of an object that was lost: what a
// lost answer hid may be there.
func decideFresh(o *observation, missing *condition) decision {
	switch {
	case o.preceding != "":
		return stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf(
			"%s describes the same %s and takes precedence. Delete one of the two resources.", o.preceding, o.kind))
	case o.untried != "":
		return waitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"%s describes the same %s and is older. Its credentials are tried first.", o.untried, o.kind))
	case len(o.candidates) > 0:
		return decideMatched(o, o.candidates)
	case len(o.deleting) > 0:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"Atlas is still deleting an earlier %s (%s); a new one is created when it is gone.", o.kind, ids(o.deleting)))
	default:
		return decideCreate(o, missing)
	}
}

func decideImport(o *observation) decision {
	switch {
	case o.importMissing:
		return stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId, or remove it to have a new one created.", o.kind, o.importID))
	case o.imported == nil:
		return waitFor(v1alpha1.ReasonImportNotFound, fmt.Sprintf("Looking for the %s %s of spec.importId.", o.kind, o.importID))
	case o.imported.class() == stateDeleting:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf("The %s %s of spec.importId is being deleted in Atlas.", o.kind, o.importID))
	default:
		return decideMatched(o, []remoteObject{*o.imported})
	}
}

// decideMatched: Atlas already has what the spec describes.
func decideMatched(o *observation, candidates []remoteObject) decision {
	for _, v := range candidates {
		if v.owner != "" {
			return stall(v1alpha1.ReasonAlreadyManaged, alreadyManaged(o, v.id, v.owner))
		}
	}
	if len(candidates) > 1 {
		return ambiguous(candidates)
	}
	if gate := firstOf(o.gate, o.secretGate); gate != nil {
		d := waitForBlocker(gate)
		d.keepReady = false
		return d
	}
	return decideAdoption(o, &candidates[0])
}

func decideAdoption(o *observation, found *remoteObject) decision {
	policy := o.spec.AdoptionPolicy
	adopt := decision{act: actAdopt, target: found, ownership: v1alpha1.OwnershipAdopted, pace: pacePending, progress: progressReconciling}
	switch {
	case found.doubtful:
		return stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Atlas does not tell whether the %s %s was made for this resource: set spec.importId to that id if it was, or delete it in Atlas.", o.kind, found.id))
	case o.fromDefaults && o.spec.DeletionPolicy != v1alpha1.Retain:
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists, and with the operator's default credentials it is taken over only with deletionPolicy Retain: set that, or use credentials of your own.", o.kind, found.id))
	case policy == v1alpha1.AdoptNever && o.importID == "":
		return stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists and adoptionPolicy is Never: set IfMatches or Always to take it over, or delete it.", o.kind, found.id))
	case found.equal() || policy == v1alpha1.AdoptAlways:
		return adopt
	default:
		return stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"The %s %s already exists and differs in: %s. %s, or set adoptionPolicy Always to bring it in line.", o.kind, found.id, paths(found.differences), conflictAdvice(o, found)))
	}
}
